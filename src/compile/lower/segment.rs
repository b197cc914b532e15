//! A segment into the plan.
use super::{Lowering, arc};
use crate::{
    compile::{found, names::Sort},
    document::{self, Text},
    expr::parse_and_check,
    id::SegmentName,
    plan::Segment,
};

/// Nothing when its condition could not be read, which was reported.
pub(in crate::compile) fn segment(work: &mut Lowering<'_>, id: &Text, segment: &document::Segment) -> Option<Segment> {
    let origin = work.origin(&id.place);
    let view = work.base.view();
    for clinic in &segment.clinic {
        work.known(Sort::Clinic, clinic);
    }
    let written = segment.where_.as_ref()?;
    let (cond, faults) = parse_and_check(written, &view);
    for fault in &faults {
        work.sink.push(found::segment::fault(written, fault));
    }
    let Some(cond) = cond else {
        work.missed.insert(Sort::Segment);
        return None;
    };
    work.note(cond.asks(), false);
    // what it hears of, the plan reads off the condition
    work.reads = super::Reads::default();
    let cond = if segment.clinic.is_empty() {
        cond
    } else {
        let clinics: Vec<String> = segment.clinic.iter().map(|clinic| format!("'{clinic}'")).collect();
        let both = format!("clinic.id in [{}] and ({})", clinics.join(", "), written.as_str());
        parse_and_check(&both, &view).0.unwrap_or(cond)
    };
    Some(Segment { name: SegmentName::new(id.as_str()), title: segment.title.as_ref().map(arc), cond, origin })
}
