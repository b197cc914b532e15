//! What campaigns and offers add to the rules of sequences: slots, exclusions, an end, a standing; codes that ran out.
use super::{Action, Because, End, Gate, Happening, RefusedWhy, Skip, StopReason, draft::Draft, schedule};
use crate::{
    calendar::{Instant, Span, next_clear},
    expr::Ask,
    id::{EventId, OfferName, RunId, SequenceName},
    plan::{Campaign, Offer, OfferCode, Sequence, Step},
    record::Purpose,
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rounds of "next slot, next allowed moment" until both agree: two weeks of a few slots a day.
const ROUNDS: usize = 64;

/// How a campaign stands by order of a person; files never say it. Without one it was not launched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    Launched,
    Paused,
    /// By whom.
    Cancelled(Arc<str>),
}

/// Somebody used an offer.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Redemption {
    pub(crate) offer: OfferName,
    pub(crate) event: EventId,
    pub(crate) code: Arc<str>,
    pub(crate) at: Instant,
    pub(crate) value: Value,
}

impl Draft<'_> {
    /// Does it run? Switched off in its file, or paused or cancelled by order, it does not.
    pub(super) fn is_on(&self, sequence: &Sequence) -> bool {
        let by_order = || match self.world.campaigns.get(&sequence.name) {
            None | Some(Standing::Launched) => true,
            Some(Standing::Paused | Standing::Cancelled(_)) => false,
        };
        // who finishes an older revision rests with those on the new one
        let active = self.plan.sequences.get(&sequence.name).is_none_or(|today| today.active);
        sequence.active && active && (sequence.campaign.is_none() || by_order())
    }

    /// Runs of campaigns that are over or were called off end, and with them what has not gone out.
    pub(super) fn end_campaigns(&mut self) {
        let over = |sequence: &Sequence| {
            let campaign = sequence.campaign.as_ref()?;
            match self.world.campaigns.get(&sequence.name) {
                Some(Standing::Cancelled(by)) => Some(StopReason::Operator(by.clone())),
                _ => campaign.is_over(self.now).then_some(StopReason::CampaignEnded),
            }
        };
        let runs = self.person.runs.iter().filter(|run| run.is_active());
        let ending: Vec<(RunId, StopReason)> = runs.filter_map(|run| Some((run.id, over(&run.sequence)?))).collect();
        for (run, reason) in ending {
            self.end_run(run, End::Stopped(reason));
        }
    }

    // --- slots --------------------------------------------------------------------------------------------------------

    /// The first moment from `at` on that slots, window and quiet hours of a message allow; `None` when there is none.
    pub(super) fn free_moment(&self, at: Instant, sequence: &Sequence, step: &Step) -> Option<Instant> {
        let rules = schedule::clear(&self.plan.policies, step);
        let Some(campaign) = slotted(sequence, step) else { return next_clear(at, &self.zone, rules) };
        let mut at = at;
        for _ in 0..ROUNDS {
            let slot = campaign.slots.next(at, &self.zone)?;
            at = next_clear(slot, &self.zone, rules)?;
            if at == slot {
                return Some(slot);
            }
        }
        None
    }

    /// A message that something moved to `at` takes the slot after it.
    pub(super) fn to_slot(&self, at: Instant, sequence: &Sequence, step: &Step) -> Instant {
        let slot = slotted(sequence, step).and_then(|campaign| campaign.slots.next(at, &self.zone));
        slot.unwrap_or(at)
    }

    // --- who enters ---------------------------------------------------------------------------------------------------

    /// A campaign leaves out who was written to lately, and who entered another one.
    pub(super) fn judge_exclusions(&mut self, sequence: &Sequence) -> Result<(), (RefusedWhy, Option<Because>)> {
        let Some(campaign) = sequence.campaign.clone() else { return Ok(()) };
        let refused = |because: Because| Err((RefusedWhy::Condition, Some(because)));
        if campaign.is_over(self.now) {
            return refused(Because::new(Gate::Run).with("campaign", "ended"));
        }
        if let Some(span) = campaign.contacted_within {
            let last = self.answer(Ask::LastContact).and_then(|last| last.as_time());
            let here = self.person.touch.recent.iter().filter(|sent| sent.purpose != Purpose::Transactional);
            let last = last.max(here.map(|sent| sent.at).max());
            if let Some(last) = last.filter(|last| self.is_within(span, *last)) {
                return refused(exclusion("contacted_within", span).with("last", last));
            }
        }
        if let Some(span) = campaign.other_within {
            let others = self.other_campaigns(&sequence.name);
            let here = self.person.runs.iter().filter(|run| others.contains(&run.sequence.name));
            let here = here.map(|run| run.entered).max();
            let last = if others.is_empty() {
                None
            } else {
                self.answer(Ask::LastEntry { sequences: others }).and_then(|last| last.as_time())
            };
            if let Some(last) = last.max(here).filter(|last| self.is_within(span, *last)) {
                return refused(exclusion("other_campaign_within", span).with("last", last));
            }
        }
        Ok(())
    }

    fn is_within(&self, span: Span, last: Instant) -> bool {
        self.zone.add(last, span) > self.now
    }

    /// Every other campaign of the plan, and those that ran once and left it.
    fn other_campaigns(&self, own: &SequenceName) -> Vec<SequenceName> {
        let planned = self.plan.sequences.values().filter(|sequence| sequence.campaign.is_some());
        let names = planned.map(|sequence| &sequence.name).chain(self.world.campaigns.keys());
        let mut names: Vec<SequenceName> = names.filter(|name| *name != own).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    // --- offers -------------------------------------------------------------------------------------------------------

    /// An offer that ran out or was used up is not offered any more.
    pub(super) fn judge_offer(&self, sequence: &Sequence, step: &Step) -> Option<(Skip, Because)> {
        if !step.offers {
            return None;
        }
        let offer = self.plan.offers.get(sequence.offer.as_ref()?)?;
        let because = || Because::new(Gate::Offer).with("offer", &offer.name);
        if let Some(until) = offer.valid_until.filter(|until| *until < self.now) {
            return Some((Skip::Condition, because().with("valid_until", until)));
        }
        let used = self.world.redeemed.get(&offer.name).copied().unwrap_or(0);
        if let Some(total) = offer.total.filter(|total| used >= u64::from(*total)) {
            return Some((Skip::Condition, because().with("redeemed", used).with("total", total)));
        }
        let mine = self.person.redeemed.get(&offer.name).copied().unwrap_or(0);
        if let Some(limit) = offer.per_contact.filter(|limit| mine >= *limit) {
            return Some((Skip::Condition, because().with("redeemed", mine).with("per_contact", limit)));
        }
        None
    }

    /// `offer.redeemed`: which offer it was is told by the code.
    pub(super) fn redeem(&mut self, event: &Happening) {
        let Some(code) = event.data.get("code").and_then(Value::as_text).map(|code| Arc::from(code.trim())) else {
            return;
        };
        let Some(offer) = self.offer_of(&code) else { return };
        let value = event.data.get("value").cloned().unwrap_or_default();
        *self.person.redeemed.entry(offer.clone()).or_default() += 1;
        let at = event.at.min(self.now);
        self.act(Action::Redeemed(Redemption { offer, event: event.id, code, at, value }));
    }

    /// The person's own code first, then codes that are the same for everybody, then the look of it.
    fn offer_of(&self, code: &str) -> Option<OfferName> {
        let own = self.person.codes.iter().find(|(_, own)| own.eq_ignore_ascii_case(code));
        let of = |fixed: bool| {
            let such =
                move |offer: &&Arc<Offer>| matches!(offer.code, OfferCode::Fixed(_)) == fixed && offer.code.fits(code);
            self.plan.offers.values().find(such).map(|offer| offer.name.clone())
        };
        own.map(|(name, _)| name.clone()).or_else(|| of(true)).or_else(|| of(false))
    }
}

fn exclusion(key: &str, span: Span) -> Because {
    Because::new(Gate::Condition).with("exclude", key).with("within", span)
}

/// The campaign whose slots the step keeps to.
fn slotted<'s>(sequence: &'s Sequence, step: &Step) -> Option<&'s Campaign> {
    let campaign = sequence.campaign.as_deref()?;
    (schedule::is_message_to_contact(step) && !campaign.slots.is_any()).then_some(campaign)
}

/// Whether a message of this step takes slots.
pub(super) fn has_slots(sequence: &Sequence, step: &Step) -> bool {
    slotted(sequence, step).is_some()
}
