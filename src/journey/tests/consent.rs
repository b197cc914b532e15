//! Who may be written to, and where.
use super::{build::*, stage::*};
use crate::{
    id::ChannelName,
    plan::{Plan, To},
    record::{ConsentLevel, ConsentState, Purpose},
    value::Value,
};

fn one(purpose: Purpose, step: S) -> Plan {
    plan().with(seq("a").purpose(purpose).step(step)).on(on("lead.created", "a"))
}

#[test]
fn the_verdict_hangs_on_what_the_project_demands_and_what_the_person_said() {
    use ConsentLevel as L;
    use ConsentState as C;
    for (level, said, wrote, expected) in [
        (L::None, None, false, "sent"),
        (L::None, Some(C::OptedOut), true, "-"),
        (L::Soft, None, false, "skipped(no_consent)"),
        (L::Soft, None, true, "sent"),
        (L::OptIn, None, true, "skipped(no_consent)"),
        (L::OptIn, Some(C::OptedIn), false, "sent"),
        (L::DoubleOptIn, Some(C::OptedIn), true, "skipped(no_consent)"),
        (L::DoubleOptIn, Some(C::Confirmed), false, "sent"),
    ] {
        let mut plan = one(Purpose::Marketing, say("one"));
        plan.policies.consent.insert(Purpose::Marketing, level);
        let mut stage = Stage::empty(plan.ready(), "2027-06-01 12:00");
        let at = stage.now;
        stage.person(ANA, "ana", |_, consents| consents.extend(said.map(|said| agreed(Purpose::Marketing, said, at))));
        if wrote {
            stage.writes("email");
        }
        stage.happens("lead.created");
        let ended = stage.ledger().first().cloned().unwrap_or_else(|| "-".to_owned());
        assert!(ended.ends_with(expected), "{level:?} {said:?} {wrote}: {ended}");
        if expected == "-" {
            assert_eq!(stage.refused(), ["a no_consent"]);
        }
    }
}

#[test]
fn an_opt_out_ends_the_runs_whose_purpose_is_closed_everywhere_in_the_same_turn() {
    let plan = plan()
        .with(seq("marketing").step(say("one").wait("1d")))
        .with(seq("service").purpose(Purpose::Service).step(say("one").wait("1d")))
        .with(seq("bookings").purpose(Purpose::Transactional).step(say("one").wait("1d")))
        .with(seq("inside").step(tag("one", "x").wait("1d")))
        .on(on("lead.created", "marketing"))
        .on(on("lead.created", "service"))
        .on(on("lead.created", "bookings"))
        .on(on("lead.created", "inside"))
        .ready();
    let all = ["bookings", "inside", "marketing", "service"];
    for (channel, purpose, basis, ended) in [
        (None, None, "link", vec!["marketing", "service"]),
        (None, Some(Purpose::Marketing), "link", vec!["marketing"]),
        (Some("email"), None, "link", vec![]),
        (Some("email"), None, "reply", vec!["marketing", "service"]),
        (Some("sms"), None, "provider", vec!["marketing", "service"]),
    ] {
        let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.opts_out(channel, purpose, basis);
        let expected: Vec<String> = all
            .iter()
            .map(
                |name| {
                    if ended.contains(name) { format!("{name} stopped(opted_out)") } else { format!("{name} active") }
                },
            )
            .collect();
        assert_eq!(
            {
                let mut runs = stage.runs();
                runs.sort();
                runs
            },
            expected,
            "{channel:?} {purpose:?} {basis}"
        );
    }
}

#[test]
fn an_opt_out_of_one_channel_stays_on_that_channel_also_when_somebody_listens() {
    let plan = one(Purpose::Marketing, say("one").wait("1d").via(&["email", "sms"])).on(on("contact.opted_out", ""));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.opts_out(Some("email"), Some(Purpose::Marketing), "link");
    assert_eq!(stage.store.consents(ANA).len(), 1);
    assert_eq!(stage.store.events(ANA).len(), 2);
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.left[0].channel.as_str(), "sms");
    // and what was passed over is said
    assert_eq!(stage.gates("one"), [crate::journey::Gate::Channel]);
}

#[test]
fn an_opt_out_after_the_text_was_written_holds_at_authorisation() {
    let mut stage = Stage::new(one(Purpose::Transactional, say("one")).ready(), "2027-06-01 12:00");
    let slots = std::mem::take(&mut stage.world.slots);
    stage.happens("lead.created");
    stage.opts_out(Some("email"), Some(Purpose::Transactional), "link");
    stage.world.slots = slots;
    stage.wake();
    assert!(stage.ledger()[0].ends_with("skipped(no_consent)"), "{:?}", stage.ledger());
    assert!(stage.left.is_empty());
}

#[test]
fn the_event_of_an_opt_out_closes_what_it_names() {
    let mut stage = Stage::new(one(Purpose::Marketing, say("one").wait("1d")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.happens_with("contact.opted_out", &[("channel", Value::text("sms"))]);
    assert_eq!(stage.runs(), ["a active"]);
    stage.happens("contact.opted_out");
    assert_eq!(stage.runs(), ["a stopped(opted_out)"]);
}

#[test]
fn a_stop_word_closes_its_channel_and_marketing_and_service_everywhere() {
    let plan = one(Purpose::Marketing, say("one").wait("1d").via(&["email", "sms"]));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    let sms = |text: &str| [("channel", Value::text("sms")), ("text", Value::text(text))];
    stage.happens_with("message.received", &sms("Please do not stop, I like it"));
    stage.happens_with("message.received", &sms("Cancel"));
    assert_eq!(stage.runs(), ["a active"]);
    assert_eq!(stage.store.consents(ANA).len(), 0);
    stage.happens_with("message.received", &sms(" Stop. "));
    assert_eq!(stage.runs(), ["a stopped(opted_out)"]);
    // the channel for every purpose, and two purposes everywhere
    assert_eq!(stage.store.consents(ANA).len(), 3);
    stage.until("2027-06-10 12:00");
    assert!(stage.left.is_empty());
}

#[test]
fn messages_to_staff_need_no_consent_and_count_for_no_cap() {
    let step = say("one").to(To::Address("desk@example.test".into()));
    let mut plan = one(Purpose::Service, step).with(seq("b").step(say("one"))).on(on("lead.created", "b"));
    plan.policies.consent.insert(Purpose::Service, ConsentLevel::DoubleOptIn);
    plan = plan.cap(1, "1d", crate::plan::CapThen::Skip);
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert!(stage.ledger().iter().all(|row| row.ends_with("sent")), "{:?}", stage.ledger());
    assert_eq!(stage.look(ANA).touch.recent.len(), 1);
}

#[test]
fn test_people_and_test_bookings_reach_only_the_recipients_named_for_tests() {
    for (pattern, person, booking, expected) in [
        (None, true, false, "skipped(test_guard)"),
        (None, false, true, "skipped(test_guard)"),
        (None, false, false, "sent"),
        (Some("*@EXAMPLE.test"), true, true, "sent"),
        (Some("ana@example.test"), true, false, "sent"),
        (Some("*@example.org"), true, false, "skipped(test_guard)"),
    ] {
        let mut plan =
            plan().with(seq("a").about_booking().step(say("one")).step(notify("two"))).on(on("booking.created", "a"));
        plan.policies.test_recipients = pattern.into_iter().map(std::sync::Arc::from).collect();
        let mut stage = Stage::empty(plan.ready(), "2027-06-01 12:00");
        stage.person(ANA, "ana", |ana, _| ana.contact.is_test = person);
        let mut told = booked(crate::record::NewsKind::Created, "u1", stage.now, Some(stage.now.plus_ms(1_000)));
        told.is_test = booking.then_some(true);
        stage.news(of_booking(told));
        assert!(stage.ledger()[0].ends_with(expected), "{pattern:?} {person} {booking}: {:?}", stage.ledger());
        let desk = if pattern == Some("ana@example.test") { "skipped(test_guard)" } else { expected };
        assert!(stage.ledger()[1].ends_with(desk), "{pattern:?} {person} {booking}: {:?}", stage.ledger());
    }
}

#[test]
fn whatsapp_outside_24_hours_needs_an_approved_template_and_instagram_the_next_channel() {
    for (step, wrote, expected) in [
        (say("one").via(&["whatsapp"]), Some("2027-06-01 13:00"), "whatsapp sent"),
        (say("one").via(&["whatsapp"]), Some("2027-06-01 12:00"), "- skipped(channel_law)"),
        (say("one").via(&["whatsapp"]), None, "- skipped(channel_law)"),
        (say("one").via(&["whatsapp"]).approved(), None, "whatsapp sent"),
        (say("one").via(&["instagram", "email"]), Some("2027-06-01 13:00"), "instagram sent"),
        (say("one").via(&["instagram", "email"]).approved(), None, "email sent"),
    ] {
        let mut stage = Stage::new(one(Purpose::Service, step).ready(), "2027-06-01 12:00");
        if let Some(at) = wrote {
            stage.sleep_until(at);
            stage.writes("whatsapp");
            stage.writes("instagram");
        }
        stage.sleep_until("2027-06-02 12:00");
        stage.happens("lead.created");
        let channel = stage.left.first().map_or("-", |left| left.channel.as_str());
        let ended = format!("{channel} {}", stage.ledger()[0].rsplit(' ').next().unwrap());
        assert_eq!(ended, expected, "{wrote:?}");
    }
}

#[test]
fn the_first_channels_reason_is_said_when_none_passes() {
    let mut stage =
        Stage::empty(one(Purpose::Service, say("one").via(&["email", "whatsapp"])).ready(), "2027-06-01 12:00");
    stage.person(ANA, "ana", |ana, _| {
        ana.touch.permits.fold(&crate::record::ConsentEntry {
            channel: Some(ChannelName::new("email")),
            ..agreed(Purpose::Service, ConsentState::OptedOut, crate::calendar::Instant(0))
        });
    });
    stage.happens("lead.created");
    assert!(stage.ledger()[0].ends_with("skipped(no_consent)"), "{:?}", stage.ledger());
}

#[test]
fn reply_and_preferred_channels_come_in_their_order() {
    use crate::plan::Via;
    let step = say("one").spec(|spec| spec.via = vec![Via::Reply, Via::Preferred]);
    let plan = plan().with(seq("a").purpose(Purpose::Service).step(step)).on(on("message.received", "a")).ready();
    let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
    stage.writes("instagram");
    assert_eq!(stage.left[0].channel.as_str(), "instagram");
    let mut stage = Stage::empty(plan, "2027-06-01 12:00");
    stage.person(ANA, "ana", |ana, _| {
        ana.contact.set(&"preferred_channel".into(), Value::text("sms"));
    });
    stage.enrol("a");
    assert_eq!(stage.left[0].channel.as_str(), "sms");
}

#[test]
fn an_address_of_somebody_else_stays_theirs() {
    use crate::{
        id::ContactId,
        record::{Identity, News, Who},
    };
    let ben = ContactId(2);
    let plan = one(Purpose::Marketing, say("one").wait("1d").via(&["sms"])).ready();
    let mut stage = Stage::empty(plan, "2027-06-01 12:00");
    stage.person(ANA, "ana", |person, _| {
        person.contact.set(&crate::id::FieldName::new("phone"), crate::value::Value::Missing);
    });
    stage.person(ben, "ben", |person, _| {
        person.contact.set(&crate::id::FieldName::new("email"), crate::value::Value::Missing);
    });
    let theirs = stage.look(ben).contact.phone.clone().unwrap();
    // one form names Ana's mail and Ben's number: an address that became his would reach her past her own opt-out
    let both = [Identity::email("ana@example.test"), Identity::phone(&theirs)];
    stage.news(News {
        kind: crate::id::EventKind::new("lead.created"),
        at: stage.now,
        who: Some(Who { identities: both.into_iter().flatten().collect(), ..Who::default() }),
        booking: None,
        data: std::collections::BTreeMap::new(),
        contact: std::collections::BTreeMap::new(),
    });
    // by strength the phone decides who it is about: Ben keeps his number and does not get Ana's mail
    assert_eq!(stage.look(ANA).contact.phone, None);
    assert_eq!(stage.look(ben).contact.phone, Some(theirs));
    assert_eq!(stage.look(ben).contact.email, None);
    let said = |note: &crate::engine::Note| matches!(note.told, crate::engine::Told::HeldByAnother { holder, .. } if holder == ANA);
    assert_eq!(stage.notes.iter().filter(|note| said(note)).count(), 1);
    assert!(!stage.look(ben).identities.iter().any(|identity| &*identity.value == "ana@example.test"));
}
