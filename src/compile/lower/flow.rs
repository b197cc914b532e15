//! Steps below steps into the plan, and what a file says about steps that it no longer has.
use super::{Lowering, arc};
use crate::{
    calendar::Span,
    compile::scope::View,
    document::{
        self, Text,
        changed::{self as doc_changed, Then},
        flow as doc,
        sequence::OnChange,
    },
    id::StepName,
    plan::{Act, Branch, Case, CatchUp, Changed, Node, Removed, Share, StepIx, WaitFor},
};

/// Filled in when all steps stand in a row.
const LATER: StepIx = StepIx(0);

impl<'a> Lowering<'a> {
    /// The steps of one list, each with those of its ways.
    pub(super) fn nodes(
        &mut self,
        id: &Text,
        sequence: &document::Sequence,
        steps: &doc::Steps,
        view: &View<'a>,
    ) -> Vec<Node> {
        let node = |step: &document::Step| {
            let lowered = self.step(id, sequence, step, view);
            let arms = step.arms().into_iter().map(|arm| self.nodes(id, sequence, arm, view)).collect();
            Node { step: lowered, arms }
        };
        steps.0.iter().map(node).collect()
    }

    pub(super) fn branch(&mut self, branch: &doc::Branch, view: &View<'a>) -> Act {
        let cases = branch.cases.iter().filter_map(|case| {
            let cond = self.cond(case.if_.as_ref()?, view)?;
            Some(Case { cond, entry: LATER })
        });
        Act::Branch(Branch { cases: cases.collect(), otherwise: LATER })
    }

    pub(super) fn split(split: &doc::Split) -> Act {
        let weight = |arm: &doc::Arm| arm.weight.as_ref().and_then(|weight| u32::try_from(weight.value).ok());
        let share = |arm: &doc::Arm| Share { name: arc(&arm.name), weight: weight(arm).unwrap_or(0), entry: LATER };
        Act::Split(split.arms.iter().map(share).collect())
    }

    pub(super) fn wait_for(&mut self, wait: &doc::WaitFor, view: &View<'a>) -> Act {
        // beside an event the condition is about that event
        let seen = match &wait.event {
            Some(event) => self.judging(Some(event), view),
            None => view.clone(),
        };
        let cond = wait.if_.as_ref().and_then(|text| self.cond(text, &seen));
        Act::WaitFor(Box::new(WaitFor {
            event: wait.event.as_ref().map(|event| self.event(event)),
            cond,
            up_to: wait.up_to.as_ref().and_then(|span| self.span(span)).unwrap_or(Span::ZERO),
            then: LATER,
            otherwise: LATER,
        }))
    }

    pub(super) fn changed(&mut self, sequence: &document::Sequence) -> Changed {
        let name = |text: &Text| StepName::new(text.as_str());
        let moved =
            sequence.moved.iter().filter_map(|moved| Some((name(moved.from.as_ref()?), name(moved.to.as_ref()?))));
        let removed = sequence.removed.iter().filter_map(|removed| {
            let then = match removed.then.as_ref()? {
                Then::Next => Removed::Next,
                Then::Stop => Removed::Stop,
                Then::Jump(to) => Removed::Jump(name(to)),
            };
            Some((name(removed.id.as_ref()?), then))
        });
        Changed {
            moved: moved.collect(),
            removed: removed.collect(),
            catch_up: sequence.catch_up.as_ref().and_then(|catch_up| self.catch_up(catch_up)),
            pin: sequence.on_change.as_ref().is_some_and(|on_change| on_change.value == OnChange::Pin),
        }
    }

    fn catch_up(&mut self, catch_up: &doc_changed::CatchUp) -> Option<CatchUp> {
        Some(match catch_up {
            doc_changed::CatchUp::Spread(span) => CatchUp::Spread(self.span(span)?),
            doc_changed::CatchUp::Now => CatchUp::Now,
            doc_changed::CatchUp::Skip => CatchUp::Skip,
            doc_changed::CatchUp::Keep => CatchUp::Keep,
        })
    }
}
