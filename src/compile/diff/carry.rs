//! Sequences whose files are gone and that `retired` names: they go on in the plan until everybody inside is out.
//! Knows nobody who is inside.
use crate::plan::{Act, CatchUp, Changed, Due, Plan, Retire, Sequence, Step};
use std::sync::Arc;

/// The plan with the sequences that it retires, as the plan before had them: whole for those who finish, and with nothing
/// but an end for those who stop.
pub(crate) fn carry(plan: Arc<Plan>, before: Option<&Plan>) -> Arc<Plan> {
    let Some(before) = before.filter(|_| !plan.retired.is_empty()) else { return plan };
    let mut whole = (*plan).clone();
    for (name, how) in &plan.retired {
        let (Some(old), None) = (before.sequences.get(name), plan.sequences.get(name)) else { continue };
        let kept = match how {
            Retire::Finish => {
                let missing =
                    before.templates.iter().filter(|text| !whole.templates.iter().any(|one| one.name == text.name));
                let missing: Vec<_> = missing.cloned().collect();
                whole.templates.extend(missing);
                old.clone()
            }
            Retire::Stop => Arc::new(ended(old)),
        };
        whole.sequences.insert(name.clone(), kept);
    }
    Arc::new(whole.indexed())
}

/// Whoever stands at any step leaves at once.
fn ended(old: &Sequence) -> Sequence {
    let end = |step: &Step| Step {
        active: true,
        // whatever was still to be waited for
        due: Due::Together,
        cond: None,
        act: Act::Stop(Arc::from("retired")),
        ..step.clone()
    };
    let changed = Changed { catch_up: Some(CatchUp::Now), pin: false, ..old.changed.clone() };
    Sequence { active: true, steps: old.steps.iter().map(end).collect(), changed, ..old.clone() }
}
