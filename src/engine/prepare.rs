//! From a send to its bytes: which template, whose words, which links. The same for preview and the daemon.
use super::{Key, Task};
use crate::{
    calendar::Instant,
    content::Message,
    expr::Facts,
    id::{ChannelName, SendId},
    journey::{Fail, Person, RunFacts, Send, Spec},
    plan::{Answer, Plan},
    value::Value,
};
use std::sync::Arc;

/// A plan ready to run: templates compiled, the instance's key at hand.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) plan: Arc<Plan>,
    pub(crate) key: Key,
}

impl Loaded {
    pub(crate) fn new(plan: Arc<Plan>, key: Key) -> Self {
        Self { plan, key }
    }

    /// Tasks and mailbox channels live in the same database: delivering is part of the commit.
    pub(crate) fn is_local(&self, channel: &ChannelName) -> bool {
        channel.as_str() == crate::journey::TASKS
            || self.plan.channels.get(channel).is_some_and(crate::plan::Channel::is_local)
    }

    pub(super) fn prepare(&self, _person: &Person, _send: SendId, _now: Instant) -> Result<Message, Fail> {
        Err(Fail::Render(Arc::from("")))
    }

    pub(super) fn task(&self, person: &Person, send: &Send, message: &Message) -> Option<Task> {
        let Some(Spec::Task(spec)) = &send.spec else { return None };
        let zone = person.zone(&self.plan);
        let due = match &spec.due {
            None => None,
            Some(Answer::In(span)) => Some(zone.add(send.at, *span)),
            Some(Answer::Formula(formula)) => {
                let facts = match send.run.and_then(|run| person.run(run)) {
                    Some(run) => RunFacts::of_run(&self.plan, person, run, send.at),
                    None => RunFacts::of_person(&self.plan, person, send.at),
                };
                match formula.eval(&facts) {
                    Ok(Value::Time(at)) => Some(at),
                    Ok(Value::Date(date)) => Some(facts.zone().start_of(date)),
                    _ => None,
                }
            }
        };
        Some(Task {
            send: send.id,
            title: message.subject.clone().unwrap_or_default(),
            notes: (!message.text.is_empty()).then(|| message.text.clone()),
            assign: spec.assign.clone(),
            due,
        })
    }
}
