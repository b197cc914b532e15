//! Times of day that a change to summer time leaves out (S05).
use super::Seen;
use crate::{
    calendar::{CivilDate, CivilTime, Instant, TimeOfDay, Zone},
    compile::found::time,
    diag::Sink,
    document::Body,
    plan::TriggerSource,
};

/// One change of clocks: the times from `from` to `to` of that zone do not exist.
struct Gap<'a> {
    zone: &'a Zone,
    from: CivilTime,
    to: CivilTime,
}

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let mut zones: Vec<&Zone> = vec![&seen.plan.zone];
    zones.extend(seen.plan.clinics.iter().filter_map(|clinic| clinic.zone.as_ref()));
    zones.dedup();
    let gaps: Vec<Gap<'_>> = zones.into_iter().flat_map(|zone| gaps(zone, seen.settings.year)).collect();
    if gaps.is_empty() {
        return;
    }
    for trigger in &seen.triggers {
        let (Some(every), TriggerSource::Every { schedule, .. }) = (&trigger.written.every, &trigger.runs.source)
        else {
            continue;
        };
        let minutes = |gap: &Gap<'_>| {
            let mut at = gap.from;
            let to = gap.to;
            std::iter::from_fn(move || {
                let here = at;
                at = here.checked_add(std::time::Duration::from_mins(1)).ok()?;
                (here < to).then_some(here)
            })
            .find(|civil| schedule.meets(*civil))
        };
        if let Some((gap, civil)) = gaps.iter().find_map(|gap| Some((gap, minutes(gap)?))) {
            let shown = gap.zone.time_of_day(gap.zone.instant(civil)).to_string();
            let wanted = TimeOfDay::of(civil).to_string();
            let day = CivilDate(civil.date()).to_string();
            sink.push(time::left_out_by(&every.place, &wanted, &day, gap.zone.name(), &shown));
        }
    }
    let of_triggers = seen.triggers.iter().filter_map(|trigger| trigger.written.at.as_ref());
    let of_steps = seen.sequences.iter().flat_map(|sequence| sequence.written.steps.all());
    let of_campaigns = seen.documents.iter().flat_map(|document| match &document.body {
        Body::Campaign(campaign) => campaign.schedule.send_times.as_slice(),
        _ => &[],
    });
    for at in of_steps.filter_map(|step| step.timing.at.as_ref()).chain(of_triggers).chain(of_campaigns) {
        {
            let Some(wanted) = TimeOfDay::parse(at) else { continue };
            let missing = |gap: &&Gap<'_>| {
                let civil = wanted.on(CivilDate(gap.from.date()));
                gap.from <= civil && civil < gap.to
            };
            if let Some(gap) = gaps.iter().find(missing) {
                let shown = gap.zone.time_of_day(gap.zone.instant(wanted.on(CivilDate(gap.from.date()))));
                sink.push(time::left_out(
                    at,
                    &CivilDate(gap.from.date()).to_string(),
                    gap.zone.name(),
                    &shown.to_string(),
                ));
            }
        }
    }
}

fn gaps(zone: &Zone, year: i16) -> Vec<Gap<'_>> {
    let day = |year: i16| CivilDate::parse(&format!("{year:04}-01-01")).map(|date| zone.start_of(date));
    let (Some(mut at), Some(end)) = (day(year), day(year + 1)) else { return Vec::new() };
    let mut gaps = Vec::new();
    while let Some(change) = zone.next_change(at).filter(|change| *change < end) {
        let jump = zone.offset_seconds(change) - zone.offset_seconds(Instant(change.0 - 1));
        if jump > 0 {
            let to = zone.civil(change);
            let from = to.checked_sub(std::time::Duration::from_secs(u64::from(jump.unsigned_abs()))).unwrap_or(to);
            gaps.push(Gap { zone, from, to });
        }
        at = change;
    }
    gaps
}
