//! Offers: without an end or a limit (S15), over before the message that names them, with a code that does not tell them apart.
use super::{Seen, campaign};
use crate::{
    compile::{found::campaign as found, names::Sort},
    diag::{Place, Sink},
    document::{self, Body, Text},
    plan::Offer,
};
use std::{collections::BTreeMap, sync::Arc};

/// Fewer codes than this run out, or are found by trying.
const FEW: u64 = 1_000_000;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let mut codes: BTreeMap<String, (Place, String)> = BTreeMap::new();
    for document in seen.documents {
        let (Body::Offer(written), Some(id)) = (&document.body, document.header.as_ref().and_then(|it| it.id.as_ref()))
        else {
            continue;
        };
        let Some(runs) = seen.plan.offers.get(id.as_str()) else { continue };
        limits(id, written, document.whole, sink);
        if let (Some(pattern), Some(many)) = (&written.generate, runs.code.many())
            && many < FEW
        {
            sink.push(found::few_codes(pattern, many));
        }
        if let Some(code) = &written.code {
            let first = codes.entry(code.to_ascii_lowercase()).or_insert_with(|| (code.place.clone(), id.to_string()));
            if first.1 != id.as_str() {
                sink.push(found::same_code(code, &first.1, &first.0));
            }
        }
        times(seen, id, written, runs, sink);
    }
}

fn limits(id: &Text, written: &document::Offer, whole: bool, sink: &mut Sink) {
    if whole && !written.lacks.is_empty() {
        sink.push(found::unlimited_offer(&id.place, id, &written.lacks));
    }
}

fn times(seen: &Seen<'_>, id: &Text, written: &document::Offer, runs: &Arc<Offer>, sink: &mut Sink) {
    let Some((until, ends)) = written.until.as_ref().zip(runs.valid_until) else { return };
    if ends <= seen.settings.now {
        if seen.used.contains(&(Sort::Offer, id.to_string())) {
            sink.push(found::offer_is_over(until, id));
        }
        return;
    }
    for pair in seen.sequences.iter().filter(|pair| pair.runs.offer.as_ref() == Some(&runs.name)) {
        let Some(of) = &pair.runs.campaign else { continue };
        for goes in campaign::earliest(seen, pair, of).into_iter().filter(|goes| goes.step.offers) {
            if let Some(at) = goes.at.filter(|at| *at > ends) {
                let shown = campaign::shown(at, &goes.zone);
                sink.push(found::offer_ends_before(goes.place, goes.step.name.as_str(), &shown, until, id));
            }
        }
    }
}
