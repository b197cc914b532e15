//! A campaign into the plan: its messages as a sequence, its audience as one condition.
use super::{
    Lowering, arc,
    offer::{Edge, zone_of},
    sequence,
};
use crate::{
    calendar::{Slots, Span, TimeOfDay, Weekday},
    compile::{found::campaign as found, names::Sort, scope::View},
    document::{self, Text, campaign as doc},
    expr::Cond,
    id::{CampaignName, TriggerName},
    plan::{Campaign, Cost, Enrol, Plan, Sequence, Trigger, TriggerSource},
    value::Type,
};
use std::{collections::BTreeSet, sync::Arc};

/// Nobody is written to more often than that unless the file says so.
const APART: Span = Span::days(30);
/// Stages of people who broke a treatment off, unless the project says which.
const DROPPED_OUT: &str = "dropped_out";

/// The sequence that its messages are, and the trigger that takes its audience in.
pub(in crate::compile) fn campaign(
    work: &mut Lowering<'_>,
    id: &Text,
    campaign: &document::Campaign,
    project: &document::Project,
    plan: &Plan,
) -> (Sequence, Trigger) {
    let mut runs = sequence(work, id, &campaign.sequence);
    let clinics = work.clinic_names(&campaign.clinic);
    let zone = zone_of(&clinics, plan);
    let view = work.base.view();
    let audience =
        campaign.audience.as_ref().and_then(|audience| work.audience(audience, campaign, project, plan, &view));
    let heard = std::mem::take(&mut work.reads).heard;
    let exclude = &campaign.exclude;
    let default = |span: Option<&Text>, work: &mut Lowering<'_>| span.map_or(Some(APART), |span| work.span(span));
    let schedule = &campaign.schedule;
    runs.campaign = Some(Arc::new(Campaign {
        start: schedule.start.as_ref().and_then(|text| work.when(text, &zone, Edge::First)),
        end: schedule.end.as_ref().and_then(|text| work.when(text, &zone, Edge::Last)),
        slots: slots(schedule),
        daily: campaign.audience.as_ref().is_some_and(|audience| audience.refresh.is_some()),
        contacted_within: if exclude.nobody || exclude.contacted_off {
            None
        } else {
            default(exclude.contacted_within.as_ref(), work)
        },
        other_within: default(exclude.other_campaign_within.as_ref(), work),
        responses: campaign
            .responses
            .iter()
            .map(|(outcome, intents)| (arc(outcome), intents.iter().map(arc).collect()))
            .collect(),
        cost: work.cost(&campaign.cost),
        clinics,
    }));
    let trigger = Trigger {
        // names that files give have no dot
        name: TriggerName::from(format!("campaign.{id}")),
        active: true,
        source: TriggerSource::Campaign { campaign: CampaignName::new(id.as_str()) },
        cond: audience,
        acts: Vec::new(),
        tasks: Vec::new(),
        notices: Vec::new(),
        clinics: Vec::new(),
        backfill: false,
        limit: None,
        enrol: Some(Enrol::One(runs.name.clone())),
        heard,
        origin: runs.origin.clone(),
    };
    (runs, trigger)
}

fn slots(schedule: &doc::Schedule) -> Slots {
    Slots {
        times: schedule.send_times.iter().filter_map(|time| TimeOfDay::parse(time)).collect(),
        days: schedule.days.iter().filter_map(|day| Weekday::parse(day.value.word())).collect(),
    }
}

impl<'a> Lowering<'a> {
    /// All parts of an audience in one condition, so that everybody can be asked at once.
    fn audience(
        &mut self,
        audience: &doc::Audience,
        campaign: &document::Campaign,
        project: &document::Project,
        plan: &Plan,
        view: &View<'a>,
    ) -> Option<Cond> {
        let mut parts = Vec::new();
        let place = &audience.place;
        let mut ours = |work: &mut Self, text: &str| {
            parts.extend(work.cond(&Text::made(text, document::Style::Plain, place), view));
        };
        if let Some(days) = &audience.inactive_days {
            ours(self, &format!("days_since(contact.last_visit_at) >= {}", days.value));
            ours(self, "not has_booking(from=now())");
        }
        if audience.no_shows.as_ref().is_some_and(|include| !include.value) {
            let missed = "has_booking(status='no_show', from=contact.last_visit_at)";
            let never_came = "contact.last_visit_at is none and has_booking(status='no_show')";
            ours(self, &format!("not ({missed} or ({never_came}))"));
        }
        if !audience.stages.is_empty() {
            self.stages(&audience.stages, view);
            let words = audience.stages.iter().map(Text::as_str);
            parts.push(Cond::one_of(&["contact", "stage"], words));
        }
        if audience.dropouts.as_ref().is_some_and(|include| !include.value) {
            let stated = project.dropout_stages.iter().map(Text::as_str);
            let words: Vec<&str> = if project.dropout_stages.is_empty() { vec![DROPPED_OUT] } else { stated.collect() };
            parts.push(Cond::one_of(&["contact", "stage"], words).not());
        }
        if let Some(segment) = &audience.segment
            && self.known(Sort::Segment, segment)
        {
            parts.push(Cond::in_segment(segment));
        }
        parts.extend(audience.where_.as_ref().and_then(|text| self.cond(text, view)));
        if !campaign.clinic.is_empty() {
            let words = campaign.clinic.iter().map(Text::as_str);
            let theirs = Cond::one_of(&["contact", "clinic"], words);
            // who names no clinic belongs to the default one
            let default = plan.clinics.first().map(|clinic| clinic.id.as_str());
            let with_default = campaign.clinic.iter().any(|clinic| Some(clinic.as_str()) == default);
            parts.push(if with_default { theirs.or_missing(&["contact", "clinic"]) } else { theirs });
        }
        Some(Cond::all(parts))
    }

    /// Words that the project's stages do not have.
    fn stages(&mut self, stages: &[Text], view: &View<'a>) {
        let Some(Type::Choice(words)) = super::type_at(view, "contact.stage") else { return };
        let words: BTreeSet<&str> = words.iter().map(|word| &**word).collect();
        for stage in stages.iter().filter(|stage| !words.contains(stage.as_str())) {
            let near = crate::diag::nearest(stage, words.iter().copied());
            self.sink.push(found::unknown_stage(stage, near));
        }
    }

    /// Amounts of one currency in millionths.
    fn cost(&mut self, written: &[(Text, Text)]) -> Cost {
        let mut cost = Cost::default();
        for (what, amount) in written {
            let end = amount.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(0);
            let (number, currency) = (&amount[..end], amount[end..].trim());
            if cost.currency.as_deref().is_some_and(|known| known != currency) {
                self.sink.push(found::two_currencies(amount, cost.currency.as_deref().unwrap_or_default()));
                continue;
            }
            cost.currency = Some(Arc::from(currency));
            let Some(millionths) = millionths(number) else {
                self.sink.push(found::too_fine(amount));
                continue;
            };
            if what.as_str() == "fixed" {
                cost.fixed = millionths;
            } else if self.known(Sort::Channel, what) {
                cost.each.insert(arc(what), millionths);
            }
        }
        cost
    }
}

fn millionths(number: &str) -> Option<i64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if part.len() > 6 {
        return None;
    }
    let part = format!("{part:0<6}").parse::<i64>().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(part)
}
