//! An offer into the plan.
use super::{Lowering, arc};
use crate::{
    calendar::{CivilDate, Instant, TimeOfDay, Zone},
    compile::{found::campaign as found, names::Sort},
    document::{self, Text, offer::worth},
    id::{ClinicName, OfferName},
    plan::{Offer, OfferCode, Plan, Worth},
};

/// Which moment of a day a date without a time means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Its 00:00.
    First,
    /// The end of its last minute.
    Last,
}

pub(in crate::compile) fn offer(work: &mut Lowering<'_>, id: &Text, offer: &document::Offer, plan: &Plan) -> Offer {
    let clinics = work.clinic_names(&offer.clinic);
    let zone = zone_of(&clinics, plan);
    let code = match (&offer.code, &offer.generate) {
        (Some(code), _) => OfferCode::Fixed(arc(code)),
        (None, Some(pattern)) => OfferCode::Generated(arc(pattern)),
        (None, None) => OfferCode::Fixed(arc(id)),
    };
    let limit = |limit: Option<&document::Spanned<i64>>| limit.and_then(|limit| u32::try_from(limit.value).ok());
    Offer {
        name: OfferName::new(id.as_str()),
        title: offer.title.as_ref().map_or_else(|| arc(id), arc),
        details: offer.details.as_ref().map(arc),
        code,
        value: offer.value.as_ref().and_then(|value| worth_of(value)),
        valid_from: offer.from.as_ref().and_then(|text| work.when(text, &zone, Edge::First)),
        valid_until: offer.until.as_ref().and_then(|text| work.when(text, &zone, Edge::Last)),
        per_contact: limit(offer.per_contact.as_ref()),
        total: limit(offer.total.as_ref()),
        clinics,
        origin: work.origin(&id.place),
    }
}

/// Hundredths of a percent, or minor units with their currency.
fn worth_of(text: &str) -> Option<Worth> {
    let (number, unit) = worth(text)?;
    let (whole, cents) = number.split_once('.').unwrap_or((number, "0"));
    let tenfold = if cents.len() == 1 { 10 } else { 1 };
    let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents.parse::<i64>().ok()? * tenfold)?;
    match unit {
        "%" => u32::try_from(minor).ok().map(Worth::Share),
        currency => Some(Worth::Amount(minor, currency.into())),
    }
}

/// The clock that dates are by: that of the first clinic named, else of the default one.
pub(super) fn zone_of(clinics: &[ClinicName], plan: &Plan) -> Zone {
    let named = clinics.first().and_then(|id| plan.clinics.iter().find(|clinic| clinic.id == *id));
    let clinic = named.or(plan.clinics.first());
    clinic.and_then(|clinic| clinic.zone.clone()).unwrap_or_else(|| plan.zone.clone())
}

impl Lowering<'_> {
    pub(super) fn clinic_names(&mut self, clinics: &[Text]) -> Vec<ClinicName> {
        let known = |work: &mut Self, clinic: &Text| work.known(Sort::Clinic, clinic);
        clinics.iter().filter(|clinic| known(self, clinic)).map(|clinic| ClinicName::new(clinic.as_str())).collect()
    }

    /// The instant that a date or a civil time means there. Its form was checked when it was read.
    pub(super) fn when(&mut self, text: &Text, zone: &Zone, edge: Edge) -> Option<Instant> {
        let found = match text.get(10..) {
            None | Some("") => CivilDate::parse(text).map(|date| match edge {
                Edge::First => zone.start_of(date),
                Edge::Last => zone.start_of(date.plus(crate::calendar::Span::days(1))).plus_ms(-1),
            }),
            Some(rest) => Instant::parse_rfc3339(text).or_else(|| {
                let date = CivilDate::parse(text.get(..10)?)?;
                Some(zone.on(date, TimeOfDay::parse(rest.get(1..6)?)?))
            }),
        };
        if found.is_none() {
            self.sink.push(found::no_such_date(text));
        }
        found
    }
}
