//! Calls of other programs as steps: ledger row, bytes, retries.
use super::{
    build::{self, PlanWith, S, on, say, seq},
    stage::{ANA, Answer, Stage},
};
use crate::{
    plan::{Act, Address, BodyPart, OnUnknown, Secret, WebhookSpec},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

fn call(name: &str) -> S {
    let part = |name: &str, part| (Arc::<str>::from(name), part);
    let mut made = say(name);
    made.0.act = Act::Webhook(Arc::new(WebhookSpec {
        url: Address::Url(Arc::from("https://crm.example.com/hook")),
        kind: Arc::from("lead.cooled"),
        body: BTreeMap::from([
            part("who", BodyPart::Text(Arc::from("{{ contact.email }}"))),
            part("twice", BodyPart::Value(Value::Int(2))),
        ]),
        secret: Secret::Variable(Arc::from("CRM_SECRET")),
    }));
    made.0.on_unknown = OnUnknown::Resend;
    made
}

fn story(script: &[Answer]) -> Stage {
    let plan =
        build::plan().with(seq("s").step(call("tell")).step(say("after").wait("1d"))).on(on("lead.created", "s"));
    let mut stage = Stage::new(plan.ready(), "2027-03-02 10:00");
    stage.script = script.iter().copied().collect();
    stage.happens("lead.created");
    stage.until("2027-03-02 18:00");
    stage
}

#[test]
fn a_call_is_a_send_of_its_own_channel_with_the_bytes_of_its_moment() {
    let stage = story(&[]);
    let [left] = &stage.left[..] else { panic!("{:?}", stage.left) };
    assert_eq!((left.channel.as_str(), left.to.as_str()), ("webhook", "https://crm.example.com/hook"));
    let body: serde_json::Value = serde_json::from_str(&left.text).unwrap();
    assert_eq!(body["type"], "lead.cooled");
    assert_eq!(body["timestamp"], "2027-03-02T09:00:00Z");
    assert_eq!(body["data"], serde_json::json!({ "who": "ana@example.test", "twice": 2 }));
    assert!(stage.ledger()[0].contains("tell") && stage.ledger()[0].contains("sent"), "{:?}", stage.ledger());
}

#[test]
fn it_needs_nobodys_consent_and_counts_for_no_cap() {
    let mut plan = build::plan().cap(1, "1d", crate::plan::CapThen::Skip);
    plan.policies.consent = BTreeMap::new();
    let plan = plan.with(seq("s").step(call("one")).step(call("two"))).on(on("lead.created", "s"));
    let mut stage = Stage::new(plan.ready(), "2027-03-02 23:00");
    stage.happens("lead.created");
    assert_eq!(stage.left.len(), 2);
    let person = stage.look(ANA);
    assert!(person.touch.recent.is_empty() && person.touch.last_out.is_none());
}

#[test]
fn a_lost_answer_is_made_again_with_the_same_key_and_bytes() {
    let stage = story(&[Answer::Lost, Answer::Refuse]);
    let made: Vec<_> = stage.left.iter().map(|left| (left.key.clone(), left.text.clone())).collect();
    assert_eq!(made.len(), 3, "lost, refused, taken");
    assert!(made.iter().all(|attempt| *attempt == made[0]));
    assert!(stage.ledger()[0].contains("tell") && stage.ledger()[0].contains("sent"), "{:?}", stage.ledger());
}

#[test]
fn a_kept_call_stays_in_the_mailbox() {
    let mut plan = build::plan();
    plan.keeps_webhooks = true;
    let plan = plan.with(seq("s").step(call("tell"))).on(on("lead.created", "s"));
    let mut stage = Stage::new(plan.ready(), "2027-03-02 10:00");
    stage.happens("lead.created");
    assert!(stage.left.is_empty(), "nothing leaves");
    assert!(stage.store.kept_message(crate::id::SendId(1)).unwrap().text.contains("lead.cooled"));
}

/// The calendar file of each message, in order.
fn files(stage: &Stage, sends: i64) -> Vec<String> {
    let messages = (1..=sends).filter_map(|send| stage.store.kept_message(crate::id::SendId(send)));
    messages.flat_map(|message| message.attachments).map(|file| file.body.replace("\r\n ", "")).collect()
}

#[test]
fn a_calendar_file_keeps_its_name_over_moves_and_takes_the_appointment_back() {
    let mail = |name: &str| say(name).spec(|spec| spec.ics = true);
    let confirm = seq("confirm").about_booking().step(mail("confirm"));
    let sorry = seq("sorry").step(mail("sorry"));
    let plan = build::plan().local("email").with(confirm).with(sorry);
    let plan = plan.on(on("booking.created", "confirm")).on(on("booking.rescheduled", "sorry"));
    let plan = plan.on(on("booking.cancelled", "sorry")).ready();
    let mut stage = Stage::new(plan, "2027-03-02 10:00");
    stage.books("u1", "2027-03-09 14:00");
    stage.moves("u1", "u2", "2027-03-10 15:00");
    stage.about_booking(crate::record::NewsKind::Cancelled, "u2");
    let files = files(&stage, 4);
    let part = |file: &str, name: &str| {
        file.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).unwrap_or_default().to_owned()
    };
    let told: Vec<[String; 4]> =
        files.iter().map(|file| ["METHOD", "UID", "SEQUENCE", "DTSTART"].map(|name| part(file, name))).collect();
    assert_eq!(
        told,
        [
            ["REQUEST", "u1@dripline", "0", "20270309T130000Z"],
            ["REQUEST", "u1@dripline", "1", "20270310T140000Z"],
            ["CANCEL", "u1@dripline", "2", "20270310T140000Z"],
        ]
    );
    assert!(files.iter().all(|file| part(file, "SUMMARY") == "Appointment: practice"), "nothing of what it is about");
}
