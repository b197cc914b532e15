//! What providers say: complaints close, addresses that do not exist get nothing more.
use super::{build::*, stage::*};
use crate::{
    journey::Gate,
    plan::Plan,
    record::{ConsentState, Purpose},
    value::Value,
};

fn data<'a>(channel: &str, class: Option<&str>) -> Vec<(&'a str, Value)> {
    let mut data = vec![("channel", Value::text(channel))];
    data.extend(class.map(|class| ("class", Value::text(class))));
    data
}

fn one(purpose: Purpose, via: &[&str]) -> Plan {
    plan().with(seq("a").purpose(purpose).step(say("one").wait("1d").via(via))).on(on("lead.created", "a"))
}

#[test]
fn a_complaint_closes_its_channel_for_every_purpose_and_marketing_and_service_everywhere() {
    let plan = one(Purpose::Marketing, &["email", "sms"])
        .with(seq("b").purpose(Purpose::Service).step(say("two").wait("1d").via(&["sms"])))
        .with(seq("c").purpose(Purpose::Transactional).step(say("three").wait("1d").via(&["email", "sms"])))
        .with(seq("d").purpose(Purpose::Transactional).step(say("four").wait("1d")))
        .on(on("lead.created", "b"))
        .on(on("lead.created", "c"))
        .on(on("lead.created", "d"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.happens_with("message.complained", &data("email", None));
    let mut runs = stage.runs();
    runs.sort();
    assert_eq!(runs, ["a stopped(opted_out)", "b stopped(opted_out)", "c active", "d active"]);
    let said = stage.store.consents(ANA);
    assert_eq!(said.len(), 3);
    assert!(said.iter().all(|entry| &*entry.basis == "provider" && entry.state == ConsentState::OptedOut));
    stage.until("2027-06-10 12:00");
    let left: Vec<&str> = stage.left.iter().map(|left| left.channel.as_str()).collect();
    assert_eq!(left, ["sms"], "what was asked for goes by another channel");
    assert!(stage.ledger().iter().any(|row| row.contains("four") && row.ends_with("skipped(no_consent)")));
}

#[test]
fn a_signal_stops_what_names_it() {
    for (event, class, reason) in
        [("message.complained", None, "complained"), ("message.bounced", Some("hard"), "bounced")]
    {
        let kept = seq("a").purpose(Purpose::Transactional).step(say("one").wait("1d"));
        let plan = plan().with(kept.stop_on(event, None, reason)).on(on("lead.created", "a"));
        let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.happens_with(event, &data("email", class));
        assert_eq!(stage.runs(), [format!("a stopped({reason})")]);
    }
}

#[test]
fn only_an_address_that_does_not_exist_is_suppressed_and_only_on_its_channel() {
    for (class, hard) in [
        ("hard", true),
        ("Permanent", true),
        ("HardBounce", true),
        ("5.1.1", true),
        ("soft", false),
        ("transient", false),
        ("5.2.2", false),
        ("4.1.1", false),
        ("5.7.1", false),
        ("5.11.1", false),
        ("", false),
    ] {
        for (via, without, with) in [
            (&["email", "sms"][..], "email", "sms"),
            (&["sms", "email"], "sms", "sms"),
            (&["email"], "email", "skipped(suppressed)"),
        ] {
            // for every purpose, also for what needs no consent
            let mut stage = Stage::new(one(Purpose::Transactional, via).ready(), "2027-06-01 12:00");
            stage.happens("lead.created");
            stage.happens_with("message.bounced", &data("email", Some(class)));
            assert_eq!(stage.runs(), ["a active"]);
            stage.until("2027-06-10 12:00");
            let came = match stage.left.first() {
                Some(left) => left.channel.to_string(),
                None => stage.ledger()[0].rsplit(' ').next().unwrap().to_owned(),
            };
            assert_eq!(came, if hard { with } else { without }, "{class} {via:?}");
            let said = stage.store.consents(ANA);
            assert_eq!(said.len(), usize::from(hard), "{class}");
            assert!(said.iter().all(|entry| entry.state == ConsentState::Suppressed && &*entry.basis == "bounce"));
        }
    }
}

#[test]
fn what_waits_for_a_slot_is_written_anew_for_the_next_channel() {
    let mut stage = Stage::new(one(Purpose::Service, &["email", "sms"]).ready(), "2027-06-01 12:00");
    let slots = std::mem::take(&mut stage.world.slots);
    stage.happens("lead.created");
    stage.until("2027-06-02 12:00");
    assert!(stage.left.is_empty());
    stage.happens_with("message.bounced", &data("email", Some("hard")));
    stage.world.slots = slots;
    stage.wake();
    let left: Vec<&str> = stage.left.iter().map(|left| left.channel.as_str()).collect();
    assert_eq!(left, ["sms"]);
    assert_eq!(stage.gates("one"), [Gate::Channel]);
}

#[test]
fn another_address_or_an_answer_from_this_one_opens_it_again() {
    let other = doing(on("form.submitted", ""), vec![set("email", Value::text("ana.new@example.test"))]);
    let phone = doing(on("lead.status_changed", ""), vec![set("phone", Value::text("+4915550000002"))]);
    let plan = one(Purpose::Transactional, &["email"]).on(other).on(phone).ready();
    for (then, sent) in
        [("form.submitted", true), ("message.received", true), ("task.done", false), ("lead.status_changed", false)]
    {
        let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.happens_with("message.bounced", &data("email", Some("hard")));
        // said twice is known already
        stage.happens_with("message.bounced", &data("email", Some("hard")));
        assert_eq!(stage.store.consents(ANA).len(), 1);
        stage.until("2027-06-01 13:00");
        match then {
            "message.received" => stage.writes("email"),
            then => stage.happens(then),
        }
        stage.until("2027-06-10 12:00");
        assert_eq!(stage.left.len(), usize::from(sent), "{then}");
    }
}
