//! Erasure: nothing follows it, nothing comes back by it.
use super::{build::*, stage::*};
use crate::{
    id::{EventKind, FieldName},
    journey::{Order, Receipt},
    plan::Plan,
    record::{ConsentState, News, Purpose, Who},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

fn erase() -> Order {
    Order::Erase { actor: Arc::from("ana of the desk") }
}

/// Exits, triggers and rules that would all have something to do.
fn busy() -> Arc<Plan> {
    let first = seq("first")
        .exits(|exits| exits.stopped.enroll = Some(crate::id::SequenceName::new("second")))
        .step(say("one").via(&["email"]))
        .step(say("two").wait("1d"));
    // needs nobody's consent
    let second = seq("second").purpose(Purpose::Transactional).step(task("call").wait("1d"));
    plan()
        .with(first)
        .with(second)
        .on(on("sequence.stopped", "second"))
        .on(on("contact.opted_out", "second"))
        .on(on("lead.created", "second"))
        .ready()
}

#[test]
fn nothing_follows_an_erasure() {
    let mut stage = Stage::new(busy(), "2027-06-01 12:00");
    stage.enrol("first");
    let left = stage.left.len();
    stage.order(erase());
    assert!(stage.runs().iter().all(|run| run.contains("stopped(erased)")), "{:?}", stage.runs());
    for order in [Order::Enrol("second".into()), Order::Advance("first".into()), erase()] {
        stage.order(order);
    }
    // a link of a message that they still have
    let click = News { who: Some(Who { known: Some(ANA), ..Who::default() }), ..lead(&stage, "message.clicked", &[]) };
    stage.news(click);
    assert!(stage.store.events(ANA).is_empty());
    stage.happens("lead.created");
    stage.until("2027-06-20 12:00");
    assert_eq!(stage.left.iter().skip(left).filter(|left| left.contact == ANA).count(), 0);
    assert_eq!(stage.store.runs().iter().filter(|run| run.contact == ANA).count(), 1, "nobody was enrolled after it");
    assert!(stage.look(ANA).contact.erased_at.is_some());
}

fn lead(stage: &Stage, kind: &str, data: &[(&str, Value)]) -> News {
    News {
        kind: EventKind::new(kind),
        at: stage.now,
        who: Some(who("ana")),
        booking: None,
        data: data.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect(),
        contact: BTreeMap::from([(FieldName::new("source"), Value::text("list"))]),
    }
}

/// A list that is read in again makes a new person, who gets nothing but what their own appointments need, until they agree
/// anew.
#[test]
fn an_address_that_was_erased_does_not_come_back_open() {
    let marketing = seq("news").reentry(crate::plan::Reentry::Always).step(say("offer").via(&["email"]));
    let plan = plan().with(marketing).on(on("lead.created", "news")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.order(erase());
    stage.until("2027-06-02 12:00");
    let news = lead(&stage, "lead.created", &[]);
    stage.delivered("list-1", news);
    stage.until("2027-06-03 12:00");
    let new = crate::id::ContactId(ANA.0 + 1);
    let permits = stage.look(new).touch.permits.clone();
    let email = crate::id::ChannelName::new("email");
    assert_eq!(permits.now(&email, Purpose::Marketing), Some(ConsentState::OptedOut));
    assert_eq!(permits.now(&email, Purpose::Service), Some(ConsentState::OptedOut));
    assert_eq!(permits.now(&email, Purpose::Transactional), None);
    assert!(stage.left.is_empty(), "{:?}", stage.ledger());
    let news = lead(&stage, "contact.opted_in", &[("purpose", Value::text("marketing"))]);
    stage.delivered("form", news);
    let news = lead(&stage, "lead.created", &[]);
    stage.delivered("form-2", news);
    stage.until("2027-06-04 12:00");
    assert_eq!(stage.left.len(), 1, "{:?}", stage.ledger());
}

/// Its answer is recorded, but for its words, and leads to nothing.
#[test]
fn an_answer_that_comes_after_the_erasure_ends_the_send() {
    for (answer, ends) in [
        (Receipt::Accepted { provider_id: Arc::from("p-1") }, "sent"),
        (Receipt::NotSent { retry_after_ms: None, permanent: false, why: Arc::from("550 ana@example.test") }, "erased"),
        (Receipt::Unknown, "unknown"),
    ] {
        let mut stage = Stage::new(busy(), "2027-06-01 12:00");
        stage.script.extend([Answer::Silence]);
        stage.enrol("first");
        let left = stage.left[0].clone();
        stage.order(erase());
        stage.answered(&left, answer);
        stage.until("2027-06-20 12:00");
        let told = format!("{:?}", stage.ledger());
        assert!(told.contains(ends) && !told.contains("550"), "{told}");
        assert_eq!(stage.left.len(), 1, "no other attempt");
    }
}
