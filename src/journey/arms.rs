//! Which text a person gets where a message has several: the arm of an experiment is chosen once and kept with the run.
//!
//! The choice hangs on nothing but names and the contact's number, so a replay and a preview agree. Must not know how a
//! text is made.
use super::{Action, Because, Gate, Spec, draft::Draft};
use crate::{
    id::{ContactId, SendId, SequenceName, StepName},
    plan::{Body, Variants},
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The names in a reason under which it says which text was taken.
pub(crate) const ARM: &str = "arm";
pub(crate) const WRITTEN: &str = "written";

/// Why the reviewed template goes out instead of a text made for the person.
const NO_MODEL: &str = "by the fallback: no model";

/// One of so many equal shares, the same for a contact each time.
pub(crate) fn share(sequence: &SequenceName, step: &StepName, contact: ContactId, shares: usize) -> usize {
    let digest = Sha256::new()
        .chain_update(sequence.as_str())
        .chain_update([0])
        .chain_update(step.as_str())
        .chain_update([0])
        .chain_update(contact.0.to_be_bytes())
        .finalize();
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number % (shares.max(1) as u64)).unwrap_or(0)
}

impl Draft<'_> {
    /// Says of a send that is about to be written which text it takes.
    pub(super) fn choose_text(&mut self, id: SendId) {
        let Some(Spec::Message(spec)) = self.send(id).and_then(|send| send.spec.clone()) else { return };
        match &spec.body {
            Body::Template(_) | Body::Inline(_) => {}
            Body::Variants(variants) => {
                if let Some(arm) = self.arm_of_run(id, variants) {
                    self.say(id, ARM, &arm);
                }
            }
            Body::Write(_) => self.say(id, WRITTEN, NO_MODEL),
        }
    }

    /// The run's arm at the step, chosen now if it has none that still exists.
    fn arm_of_run(&mut self, id: SendId, variants: &Variants) -> Option<Arc<str>> {
        let send = self.send(id)?;
        let (step, run) = (send.step.clone(), self.run(send.run?)?);
        if let Some(arm) = run.arms.get(&step).filter(|arm| variants.of(arm).is_some()) {
            return Some(arm.clone());
        }
        let contact = self.person.contact.id;
        let at = share(&run.sequence.name, &step, contact, variants.arms.len());
        let (run, arm) = (run.id, variants.arms.get(at)?.0.clone());
        self.run_mut(run)?.arms.insert(step, arm.clone());
        self.act(Action::Assigned(run));
        Some(arm)
    }

    /// Adds to the reason of a send, beside what a gate said.
    fn say(&mut self, id: SendId, name: &str, value: &str) {
        let Some(send) = self.send_mut(id) else { return };
        let because = send.because.get_or_insert_with(|| Because::new(Gate::Text));
        because.read.retain(|(known, _)| **known != *name);
        because.read.push((Arc::from(name), Arc::from(value)));
    }
}
