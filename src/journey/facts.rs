//! What conditions and texts can read about a person at one moment: the roots `contact event booking clinic run vars`.
use super::{Happening, Person, Run, Send, StartedBy, standing::STRUCK};
use crate::{
    calendar::{Instant, Zone},
    expr::{Ask, BookingQuery, Facts, Missing},
    id::{BookingId, FieldName, StepName},
    plan::{Clinic, Plan, Supposed},
    record::Booking,
    value::Value,
};
use std::{
    cell::OnceCell,
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

/// Names of a contact's built-in fields, made once: every text gets them.
static BUILT_IN: LazyLock<Vec<Arc<str>>> =
    LazyLock::new(|| crate::record::CONTACT_FIELDS.iter().map(|(name, ..)| Arc::from(*name)).collect());

/// The event in view: the one that is judged, or the one that started the run.
#[derive(Clone, Copy)]
enum Seen<'a> {
    Nothing,
    Now(&'a Happening),
    Started(&'a StartedBy),
}

/// Facts of one person, for one run or one event.
pub(crate) struct RunFacts<'a> {
    plan: &'a Plan,
    person: &'a Person,
    run: Option<&'a Run>,
    step: Option<&'a StepName>,
    seen: Seen<'a>,
    booking: Option<&'a Booking>,
    /// Asked for by few, and worked out from a phone number where no zone is given.
    zone: OnceCell<Zone>,
    now: Instant,
}

impl<'a> RunFacts<'a> {
    /// For a step or a text of a run: `event` is what started it.
    pub(crate) fn of_run(plan: &'a Plan, person: &'a Person, run: &'a Run, now: Instant) -> Self {
        let seen = run.started_by.as_deref().map_or(Seen::Nothing, Seen::Started);
        Self::new(plan, person, now, Some(run), seen, run.subject())
    }

    /// For what a send carries. Its run may stand at a later step by now, and what a trigger does has no run.
    pub(crate) fn of_send(plan: &'a Plan, person: &'a Person, send: &'a Send, now: Instant) -> Self {
        match (send.run.and_then(|run| person.run(run)), person.openings.get(&send.id)) {
            (Some(run), _) => Self { step: Some(&send.step), ..Self::of_run(plan, person, run, now) },
            (None, Some(opening)) => Self::new(plan, person, now, None, Seen::Started(opening), opening.booking),
            (None, None) => Self::of_person(plan, person, now),
        }
    }

    /// For a trigger, or for a goal or stop rule of a run (`run`): `event` is what happens now.
    pub(crate) fn of_event(
        plan: &'a Plan,
        person: &'a Person,
        run: Option<&'a Run>,
        event: &'a Happening,
        now: Instant,
    ) -> Self {
        let booking = run.map_or(event.booking, Run::subject);
        Self::new(plan, person, now, run, Seen::Now(event), booking)
    }

    /// For what concerns nobody's run and no event.
    pub(crate) fn of_person(plan: &'a Plan, person: &'a Person, now: Instant) -> Self {
        Self::new(plan, person, now, None, Seen::Nothing, None)
    }

    fn new(
        plan: &'a Plan,
        person: &'a Person,
        now: Instant,
        run: Option<&'a Run>,
        seen: Seen<'a>,
        booking: Option<BookingId>,
    ) -> Self {
        let booking = booking.and_then(|id| person.bookings.get(&id));
        Self { plan, person, run, step: None, seen, booking, zone: OnceCell::new(), now }
    }

    pub(crate) fn booking(&self) -> Option<&'a Booking> {
        self.booking
    }

    /// The booking's clinic, else the contact's, else the default.
    pub(crate) fn clinic(&self) -> &'a Clinic {
        let named = self.booking.and_then(|b| b.clinic.as_ref()).or(self.person.contact.clinic.as_ref());
        named
            .and_then(|id| self.plan.clinics.iter().find(|clinic| clinic.id == *id))
            .unwrap_or_else(|| self.plan.default_clinic())
    }

    /// The offer that the run's sequence names, with the person's own code.
    fn offer(&self) -> Value {
        let named = self.run.and_then(|run| run.sequence.offer.as_ref());
        let offer = named.and_then(|name| self.plan.offers.get(name));
        offer.map_or(Value::Missing, |offer| offer.to_value(self.person.codes.get(&offer.name)))
    }

    fn event(&self, rest: &[Arc<str>]) -> Value {
        let nothing = BTreeMap::new();
        let (data, booking) = match self.seen {
            Seen::Nothing => return Value::Missing,
            // no event, but maybe a booking
            Seen::Now(Happening { kind, booking, .. }) | Seen::Started(StartedBy { kind, booking, .. })
                if kind.as_str() == STRUCK =>
            {
                (&nothing, *booking)
            }
            Seen::Now(event) => (&event.data, event.booking),
            Seen::Started(started) => (&started.data, started.booking),
        };
        match rest.split_first() {
            Some((first, rest)) if **first == *"booking" => booking
                .and_then(|id| self.person.bookings.get(&id))
                .map_or(Value::Missing, |found| of_booking(found, rest)),
            Some((first, rest)) => walk(data.get(first).unwrap_or(&Value::Missing), rest),
            None => Value::Map(data.clone()),
        }
    }

    fn contact(&self, rest: &[Arc<str>]) -> Value {
        let Some((first, rest)) = rest.split_first() else { return Value::Missing };
        let value = self.contact_field(first);
        if rest.is_empty() { value } else { walk(&value, rest) }
    }

    fn contact_field(&self, name: &str) -> Value {
        let time = |at: Option<Instant>| at.map_or(Value::Missing, Value::Time);
        match name {
            "last_inbound_at" => time(self.person.touch.last_in),
            "last_outbound_at" => time(self.person.touch.last_out),
            name => {
                let value = self.person.contact.field(name);
                let default = || self.plan.fields.get(name).and_then(|decl| decl.default.clone());
                if value.is_missing() { default().unwrap_or_default() } else { value }
            }
        }
    }

    fn run_part(&self, part: &str) -> Value {
        let Some(run) = self.run else { return Value::Missing };
        match part {
            "id" => Value::text(format!("run_{}", run.id)),
            "sequence" => Value::text(run.sequence.name.as_str()),
            "step" => {
                let next = || run.cursor().and_then(|cursor| run.sequence.step(cursor.step)).map(|step| &step.name);
                self.step.or_else(next).map_or(Value::Missing, |step| Value::text(step.as_str()))
            }
            "entered_at" => Value::Time(run.entered),
            "day" => {
                let (now, entered) = (self.zone().date(self.now).0, self.zone().date(run.entered).0);
                Value::Int(i64::from(now.since(entered).map_or(0, |span| span.get_days())))
            }
            _ => Value::Missing,
        }
    }

    /// The look-ups of the step, by the names under which it uses them.
    fn asks(&self) -> Option<&'a BTreeMap<Arc<str>, Arc<str>>> {
        let (run, step) = (self.run?, self.step?);
        run.sequence.steps.iter().find(|known| known.name == *step).map(|step| &step.with)
    }

    fn answered(&self, alias: &str) -> Value {
        let lookup = self.asks().and_then(|asks| asks.get(alias));
        let Some(lookup) = lookup else { return Value::Missing };
        match self.plan.supposed.get(lookup) {
            Some(Supposed::Answer(answer)) => answer.clone(),
            Some(Supposed::Example) => {
                self.plan.lookups.get(lookup).map_or(Value::Missing, |found| found.example(self.now, self.zone()))
            }
            Some(Supposed::Nothing | Supposed::Failure) | None => Value::Missing,
        }
    }

    /// Everything that texts may read, as one value per root. Texts are checked before, so what is missing here is a
    /// field that nobody filled in.
    pub(crate) fn roots(&self) -> BTreeMap<Arc<str>, Value> {
        self.roots_among(&|_, _| true)
    }

    /// Those of them that somebody wants, and of the contact the fields that somebody wants.
    pub(crate) fn roots_among(&self, wants: &dyn Fn(&str, Option<&str>) -> bool) -> BTreeMap<Arc<str>, Value> {
        let mut roots = BTreeMap::new();
        let mut put = |root: &str, value: &dyn Fn() -> Value| {
            if wants(root, None) {
                roots.insert(Arc::from(root), value());
            }
        };
        put("contact", &|| Value::Map(self.whole_contact(&|field| wants("contact", Some(field)))));
        if let Some(booking) = self.booking {
            put("booking", &|| whole_booking(booking));
        }
        put("event", &|| Value::Map(self.whole_event()));
        put("run", &|| {
            let parts = ["id", "sequence", "step", "entered_at", "day"].into_iter();
            let wanted = parts.filter(|part| wants("run", Some(part)));
            Value::Map(wanted.map(|part| (Arc::from(part), self.run_part(part))).collect())
        });
        put("offer", &|| self.offer());
        put("clinic", &|| self.clinic().to_value());
        put("vars", &|| Value::Map(self.plan.vars.clone()));
        for alias in self.asks().into_iter().flat_map(BTreeMap::keys) {
            roots.insert(alias.clone(), self.answered(alias));
        }
        roots
    }

    fn whole_contact(&self, wants: &dyn Fn(&str) -> bool) -> BTreeMap<Arc<str>, Value> {
        let wanted = BUILT_IN.iter().filter(|name| wants(name));
        let mut contact: BTreeMap<_, _> = wanted.map(|name| (name.clone(), self.contact_field(name))).collect();
        let own = self.plan.fields.keys().chain(self.person.contact.fields.keys());
        for name in own.map(FieldName::as_str).filter(|name| wants(name)) {
            if !contact.contains_key(name) {
                contact.insert(Arc::from(name), self.contact_field(name));
            }
        }
        contact
    }

    fn whole_event(&self) -> BTreeMap<Arc<str>, Value> {
        let mut event = match self.event(&[]) {
            Value::Map(data) => data,
            _ => BTreeMap::new(),
        };
        if let Some(booking) = self.booking {
            event.entry(Arc::from("booking")).or_insert_with(|| whole_booking(booking));
        }
        event
    }
}

const BOOKING_PARTS: &[&str] = &[
    "uid",
    "kind",
    "title",
    "status",
    "start",
    "end",
    "created_at",
    "zone",
    "host",
    "location",
    "video_url",
    "price",
    "reschedule_url",
    "cancel_url",
    "clinic",
    "is_test",
];

fn whole_booking(booking: &Booking) -> Value {
    let mut parts: BTreeMap<Arc<str>, Value> =
        BOOKING_PARTS.iter().map(|part| (Arc::from(*part), booking.field(part))).collect();
    parts.extend(booking.fields.iter().map(|(name, value)| (Arc::from(name.as_str()), value.clone())));
    Value::Map(parts)
}

fn of_booking(booking: &Booking, rest: &[Arc<str>]) -> Value {
    rest.split_first().map_or_else(|| whole_booking(booking), |(part, rest)| walk(&booking.field(part), rest))
}

fn walk(value: &Value, rest: &[Arc<str>]) -> Value {
    rest.iter().fold(value.clone(), |value, part| value.part(part).clone())
}

impl Facts for RunFacts<'_> {
    fn now(&self) -> Instant {
        self.now
    }

    fn zone(&self) -> &Zone {
        self.zone.get_or_init(|| self.person.zone(self.plan))
    }

    fn get(&self, path: &[Arc<str>]) -> Value {
        let Some((root, rest)) = path.split_first() else { return Value::Missing };
        match &**root {
            "contact" => self.contact(rest),
            "event" => self.event(rest),
            "booking" => self.booking.map_or(Value::Missing, |booking| of_booking(booking, rest)),
            "clinic" => rest.iter().fold(self.clinic().to_value(), |value, part| value.part(part).clone()),
            "offer" => rest.iter().fold(self.offer(), |value, part| value.part(part).clone()),
            "run" => rest.first().map_or(Value::Missing, |part| self.run_part(part)),
            "vars" => rest.first().and_then(|name| self.plan.vars.get(name)).cloned().unwrap_or_default(),
            alias => walk(&self.answered(alias), rest),
        }
    }

    fn has_tag(&self, tag: &str) -> bool {
        self.person.contact.tags.contains(tag)
    }

    fn in_sequence(&self, sequence: &str) -> bool {
        self.person.runs.iter().any(|run| run.is_active() && run.sequence.name.as_str() == sequence)
    }

    fn has_booking(&self, query: &BookingQuery) -> bool {
        let own = self.run.and_then(|run| run.booking);
        self.person.bookings.values().any(|booking| Some(booking.id) != own && fits(booking, query))
    }

    fn answer(&self, ask: &Ask) -> Option<Value> {
        self.person.answers.get(ask).cloned()
    }

    /// A segment is about the person alone: neither the run nor the event in view counts.
    fn in_segment(&self, segment: &Arc<str>) -> Result<bool, Missing> {
        let Some(segment) = self.plan.segments.get(&**segment) else { return Ok(false) };
        segment.cond.eval(&Self::of_person(self.plan, self.person, self.now))
    }
}

fn fits(booking: &Booking, query: &BookingQuery) -> bool {
    let named = |want: &Option<Arc<str>>, have: Option<&str>| want.as_ref().is_none_or(|want| have == Some(want));
    let status = booking.status().name();
    named(&query.kind, booking.kind.as_deref())
        && named(&query.host, booking.host.email.as_deref())
        && named(&query.clinic, booking.clinic.as_ref().map(crate::id::ClinicName::as_str))
        && query.from.is_none_or(|from| booking.start.is_some_and(|start| start >= from))
        && query.to.is_none_or(|to| booking.start.is_some_and(|start| start < to))
        && (query.status.is_empty() || query.status.iter().any(|want| **want == *status))
}

impl Clinic {
    pub(crate) fn to_value(&self) -> Value {
        let mut parts: BTreeMap<Arc<str>, Value> = self.fields.clone();
        let text = [
            ("id", Some(Arc::from(self.id.as_str()))),
            ("name", Some(self.name.clone())),
            ("locale", self.locale.clone()),
            ("address", self.address.clone()),
            ("phone", self.phone.clone()),
            ("booking_url", self.booking_url.clone()),
            ("from", self.from.clone()),
        ];
        for (name, value) in text {
            if let Some(value) = value {
                parts.insert(Arc::from(name), Value::Text(value));
            }
        }
        if let Some(zone) = &self.zone {
            parts.insert(Arc::from("zone"), Value::text(zone.name()));
        }
        Value::Map(parts)
    }
}
