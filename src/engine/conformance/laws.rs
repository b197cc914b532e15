//! The laws, each a small story with its expectation.
use super::{
    Home, change, closed_send, look, record,
    sample::{DAY, HOUR, START, booking, bytes, event, plan, reminders, run, send, waits, way, welcome},
};
use crate::{
    calendar::{Instant, Span, Zone},
    engine::{Changes, InFlight, Kept, RunPhase, SendKind, Task, Turn},
    expr::{Ask, Word},
    id::{
        BookingId, ChannelName, ClinicName, ContactId, DedupeKey, Epoch, EventKind, FieldName, SendId, SequenceName,
        SourceName, StepName, TriggerName,
    },
    journey::{
        Attempt, Because, Cancel, Cursor, End, Fail, Gate, Hold, Ids, Outcome, Person, Phase, Rank, Refusal,
        RefusedWhy, Sending, Skip, StartedBy, StopReason, Wait, Watch,
    },
    plan::{Plan, StepIx},
    record::{
        Booking, ConsentEntry, ConsentState, Counted, Delivery, Identity, IdentityKind, Parsed, Permits, Purpose,
    },
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

fn email(text: &str) -> Identity {
    Identity::new(IdentityKind::Email, text)
}

pub(super) fn load<H: Home>(home: &mut H, plan: &Plan, who: i64) -> Person {
    let mut turn = home.turn(plan).unwrap();
    turn.people(&BTreeSet::from([ContactId(who)])).unwrap().remove(&ContactId(who)).unwrap()
}

fn answer<H: Home>(home: &mut H, ask: &Ask, since: Option<i64>) -> Value {
    let plan = plan(0);
    home.turn(&plan).unwrap().answer(ContactId(1), ask, since.map(Instant)).unwrap()
}

pub(super) fn due<H: Home>(home: &mut H, now: i64, limit: usize) -> Vec<i64> {
    let plan = plan(0);
    home.turn(&plan).unwrap().due(Instant(now), limit).unwrap().into_iter().map(|who| who.0).collect()
}

fn nobody(_: &mut Person, _: &mut Kept, _: &mut Ids) {}

/// A person with one run at its first step.
pub(super) fn enrolled<H: Home>(home: &mut H, who: i64, at: i64) {
    let plan = plan(0);
    let mut turn = home.turn(&plan).unwrap();
    super::enrolled(&mut turn, &plan, who, at);
    turn.commit().unwrap();
}

fn full(person: &mut Person, kept: &mut Kept) {
    let contact = &mut person.contact;
    contact.clinic = Some(ClinicName::new("north"));
    contact.zone = Zone::parse("America/Jamaica");
    contact.locale = Some(Arc::from("de-AT"));
    contact.email = Some(Arc::from("zoë@example.com"));
    contact.phone = Some(Arc::from("+18765550123"));
    (contact.score, contact.warm, contact.is_test) = (-7, true, true);
    contact.tags = BTreeSet::from([Arc::from("vip"), Arc::from("née")]);
    contact.last_visit_at = Some(Instant(START - DAY));
    contact.next_booking_at = Some(Instant(START + DAY));
    contact.fields = BTreeMap::from([
        (FieldName::new("first_name"), Value::text("Zoë")),
        (FieldName::new("since"), Value::Date(crate::calendar::CivilDate::parse("2024-02-29").unwrap())),
        (FieldName::new("every"), Value::Duration(Span::days(14))),
    ]);
    person.identities = vec![email("zoë@example.com"), Identity::phone("+18765550123").unwrap()].into();
    kept.identities.clone_from(&person.identities);
    let mut permits = Permits::default();
    let consent = ConsentEntry {
        channel: Some(ChannelName::new("mail")),
        purpose: None,
        state: ConsentState::Confirmed,
        basis: Arc::from("link"),
        text_version: Some(Arc::from("v2")),
        source: Some(SourceName::new("site")),
        actor: Arc::from("person"),
        at: Instant(START - 3),
    };
    let everywhere = ConsentEntry {
        channel: None,
        purpose: Some(Purpose::Marketing),
        state: ConsentState::OptedOut,
        text_version: None,
        source: None,
        ..consent.clone()
    };
    permits.fold(&consent);
    permits.fold(&everywhere);
    kept.consents = vec![consent, everywhere];
    let touch = &mut person.touch;
    touch.permits = permits;
    (touch.last_in, touch.last_out, touch.last_agent) = (Some(Instant(1)), Some(Instant(2)), Some(Instant(3)));
    touch.windows = BTreeMap::from([(ChannelName::new("whatsapp"), Instant(START))]);
    let counted = |send, sequence| Counted {
        send: SendId(send),
        at: Instant(START - send),
        purpose: Purpose::Marketing,
        channel: ChannelName::new("sms"),
        sequence,
    };
    touch.recent = vec![counted(9, Some(welcome())), counted(8, None)];
}

/// Runs in every kind of wait, with distinct keys: the sequence about appointments takes any.
fn runs_of_every_kind(plan: &Plan, person: &mut Person, kept: &mut Kept, ids: &mut Ids) {
    for (at, wait) in waits().into_iter().enumerate() {
        let mut run = run(plan, ids, &reminders(), Some(BookingId(10 + at as i64)), START);
        run.phase = Phase::Active(Cursor {
            step: StepIx(u16::from(wait == Wait::Settling)),
            since: Instant(START - 5),
            occurrence: 2,
            recheck: at == 1,
            wait,
        });
        (run.acted, run.converted, run.exited) = (at == 0, at == 1, at == 2);
        if at > 1 {
            run.arms =
                BTreeMap::from([(StepName::new("one"), Arc::from("calm")), (StepName::new("two"), Arc::from("b"))]);
        }
        run.taken = (0..at).map(way).collect();
        run.worth = (at == 1).then_some(Value::Int(120));
        kept.new_runs.insert(run.id);
        person.runs.push(run);
    }
}

/// Open sends in every state, and one that belongs to no step.
fn sends_of_every_kind(plan: &Plan, person: &mut Person, kept: &mut Kept, ids: &mut Ids) {
    let own = run(plan, ids, &welcome(), None, START);
    let states = [
        Sending::Waiting(Instant(START + HOUR)),
        Sending::Preparing,
        Sending::Ready,
        Sending::InFlight(Attempt { number: 2, epoch: Epoch(3) }),
        Sending::Held(Hold::Breaker),
    ];
    for (at, state) in states.into_iter().enumerate() {
        let mut send = send(person, ids, Some(&own), if at == 0 { "three" } else { "one" }, START);
        send.occurrence = at as u16;
        send.attempts = if at == 3 { 2 } else { 0 };
        send.authorised_at = (at == 3).then_some(Instant(START));
        (send.approved_template, send.prepared, send.tainted) = (at == 1, at == 2, at == 4);
        send.state = state;
        kept.new_sends.insert(send.id);
        person.sends.push(send);
    }
    let aside = send(person, ids, None, "trigger.late.task", START);
    kept.new_sends.insert(aside.id);
    kept.contents.insert(aside.id, bytes(aside.id));
    let mut exit = send(person, ids, None, "exit.completed.task.1", START);
    (exit.run, exit.sequence) = (Some(own.id), Some(welcome()));
    kept.new_sends.insert(exit.id);
    person.sends.extend([aside, exit]);
    kept.new_runs.insert(own.id);
    person.runs.push(own);
}

fn watch(trigger: &str, booking: Option<BookingId>, due: i64) -> Watch {
    let kind = EventKind::new("lead.created");
    let opening = StartedBy { id: None, kind, at: Instant(START), booking, data: BTreeMap::new() };
    Watch {
        trigger: TriggerName::new(trigger),
        booking,
        armed: Instant(START),
        due: Instant(due),
        opening: Arc::new(opening),
    }
}

fn everything_else(person: &mut Person, kept: &mut Kept, ids: &mut Ids) {
    let appointment = booking(1, 1, "uid-1", START);
    person.bookings.insert(appointment.id, appointment);
    kept.bookings.insert(BookingId(1));
    for (trigger, subject) in [("quiet", Some(BookingId(1))), ("alone", None), ("quiet", None)] {
        person.watches.push(watch(trigger, subject, START + DAY));
        kept.watches.insert((TriggerName::new(trigger), subject));
    }
    kept.events.push(event(ids, "form.submitted", START, "a"));
    kept.refusals.push(Refusal {
        trigger: Some(TriggerName::new("new")),
        sequence: Some(welcome()),
        why: RefusedWhy::Group,
        because: Some(Because::new(Gate::Group).with("group", "leads").with("priority", 50)),
    });
    kept.tasks.push(Task {
        send: SendId(6),
        title: "Call Zoë".to_owned(),
        notes: None,
        assign: Some(Arc::from("desk")),
        due: Some(Instant(START + DAY)),
    });
    kept.attempts.push((SendId(4), 1, Arc::from("not_sent"), Arc::from("try later")));
}

/// Something of theirs in every place.
pub(crate) fn somebody_whole(plan: &Plan, person: &mut Person, kept: &mut Kept, ids: &mut Ids) {
    full(person, kept);
    runs_of_every_kind(plan, person, kept, ids);
    sends_of_every_kind(plan, person, kept, ids);
    everything_else(person, kept, ids);
}

pub(crate) fn every_part_of_a_person_comes_back<H: Home>(home: &mut H) {
    let plan = plan(0);
    home.publish(&plan, "test", Instant(START)).unwrap();
    let mut told = None;
    change(home, &plan, 1, START, |person, kept, ids| {
        somebody_whole(&plan, person, kept, ids);
        told = Some((person.clone(), kept.clone(), *ids));
    });
    let (mut person, kept, ids) = told.unwrap();
    let loaded = load(home, &plan, 1);
    assert!(loaded.runs.iter().all(|run| run.object.is_some()), "a run has the revision of its sequence");
    let objects: BTreeMap<SequenceName, _> =
        loaded.runs.iter().map(|run| (run.sequence.name.clone(), run.object)).collect();
    person.runs.iter_mut().for_each(|run| run.object = objects[&run.sequence.name]);
    for send in person.sends.iter_mut() {
        send.object = send.sequence.as_ref().and_then(|name| objects[name]);
    }
    crate::engine::sort_watches(&mut person.watches);
    assert_eq!(loaded, person);

    assert_eq!(home.events(ContactId(1)), kept.events);
    assert_eq!(home.consents(ContactId(1)), kept.consents);
    assert_eq!(home.refusals()[0].refusal, kept.refusals[0]);
    assert_eq!(home.tasks()[0].task, kept.tasks[0]);
    let attempt = &home.attempts()[0];
    assert_eq!((attempt.send, attempt.number, &*attempt.result), (SendId(4), 1, "not_sent"));
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.ids().unwrap(), ids);
    assert_eq!(turn.content(SendId(6)).unwrap(), Some(bytes(SendId(6))));
    drop(turn);
    let kinds: Vec<SendKind> = home.ledger().iter().map(|row| row.what).collect();
    assert_eq!([kinds[0], kinds[1], kinds[5]], [SendKind::Task, SendKind::Message, SendKind::Task]);
}

pub(crate) fn a_dropped_turn_leaves_nothing<H: Home>(home: &mut H) {
    let plan = plan(0);
    enrolled(home, 1, START);
    let before = look(home, &plan);
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.new_contact().unwrap(), ContactId(2));
    record(&mut turn, 1, START + 1, |person, kept, ids| {
        full(person, kept);
        (kept.contact, kept.touch) = (true, true);
        person.runs[0].phase = Phase::Ended { at: Instant(START), end: End::Completed };
        kept.runs.insert(person.runs[0].id);
        let new = send(person, ids, None, "a name that only this turn knows", START);
        kept.new_sends.insert(new.id);
        kept.contents.insert(new.id, bytes(new.id));
        person.sends.push(new);
        person.bookings.insert(BookingId(1), booking(1, 1, "uid-9", START));
        kept.bookings.insert(BookingId(1));
        kept.events.push(event(ids, "form.submitted", START, "a"));
    });
    record(&mut turn, 2, START + 1, nobody);
    let delivery = delivery("cal", "one", Parsed::Ignored("ping"));
    assert!(turn.accept(&delivery).unwrap().is_some());
    drop(turn);
    assert_eq!(look(home, &plan), before);

    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.new_contact().unwrap(), ContactId(2), "its numbers are free again");
    assert!(turn.find_contact(&email("zoë@example.com")).unwrap().is_none());
    assert!(turn.find_booking(&SourceName::new("cal"), "uid-9").unwrap().is_none());
    assert!(turn.accept(&delivery).unwrap().is_some(), "the delivery was not seen");
    drop(turn);
    // names that the dropped turn gave numbers to get theirs anew
    change(home, &plan, 1, START, |person, kept, ids| {
        for name in ["another name", "a name that only this turn knows"] {
            let new = send(person, ids, None, name, START);
            kept.new_sends.insert(new.id);
            person.sends.push(new);
        }
    });
    let steps: Vec<String> = load(home, &plan, 1).sends.iter().map(|send| send.step.to_string()).collect();
    assert_eq!(steps, ["another name", "a name that only this turn knows"]);
}

pub(crate) fn one_turn_may_record_a_person_often<H: Home>(home: &mut H) {
    let plan = plan(0);
    let mut turn = home.turn(&plan).unwrap();
    record(&mut turn, 1, START, |person, kept, ids| {
        let new = run(&plan, ids, &welcome(), None, START);
        let begun = send(person, ids, Some(&new), "one", START);
        kept.new_runs.insert(new.id);
        kept.new_sends.insert(begun.id);
        kept.contents.insert(begun.id, bytes(begun.id));
        person.runs.push(new);
        person.sends.push(begun);
    });
    record(&mut turn, 1, START, |person, kept, _| {
        person.sends[0].state = Sending::Closed(Outcome::Sent);
        person.sends[0].channel = Some(ChannelName::new("mail"));
        kept.sends.insert(person.sends[0].id);
        kept.mailbox.insert(person.sends[0].id);
        person.runs[0].phase = Phase::Ended { at: Instant(START), end: End::Stopped(StopReason::Late) };
        kept.runs.insert(person.runs[0].id);
    });
    turn.commit().unwrap();
    let ledger = home.ledger();
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].outcome(), Some(&Outcome::Sent));
    assert_eq!(home.mailbox()[0].message, bytes(SendId(1)), "bytes that were stored before are what is delivered");
    assert_eq!(home.mailbox()[0].channel, ChannelName::new("mail"));
    assert!(matches!(&home.runs()[0].phase, RunPhase::Ended { end: End::Stopped(StopReason::Late), .. }));
    assert!(load(home, &plan, 1).sends.is_empty());
}

pub(crate) fn the_most_pressing_are_due_first<H: Home>(home: &mut H) {
    let plan = plan(0);
    for (who, at) in [(1, START + 10), (2, START), (3, START + 5), (4, START - 99)] {
        change(home, &plan, who, at, nobody);
    }
    // a watch that is long due, a service step, a reminder that became due last, and a step of tomorrow
    change(home, &plan, 4, START, |person, kept, _| {
        let quiet = watch("quiet", None, START - DAY);
        kept.watches.insert((quiet.trigger.clone(), None));
        person.watches.push(quiet);
    });
    for (who, name, at) in [(1, reminders(), START + 10), (2, welcome(), START), (3, welcome(), START + DAY)] {
        change(home, &plan, who, START, |person, kept, ids| {
            let run = run(&plan, ids, &name, None, at);
            kept.new_runs.insert(run.id);
            person.runs.push(run);
        });
    }
    assert_eq!(due(home, START + 10, 9), [1, 2, 4]);
    assert_eq!(due(home, START + 10, 2), [1, 2]);
    assert_eq!(due(home, START + 9, 9), [2, 4], "to the millisecond");
    assert_eq!(due(home, START + DAY, 9), [1, 2, 3, 4]);
    // a retry of the second person, marketing, does not put them ahead of the first
    change(home, &plan, 2, START, |person, kept, ids| {
        let mut retry = send(person, ids, None, "aside", START);
        (retry.rank, retry.state) = (Rank(3), Sending::Waiting(Instant(START - DAY)));
        kept.new_sends.insert(retry.id);
        person.sends.push(retry);
        person.runs[0].phase = Phase::Ended { at: Instant(START), end: End::Completed };
        kept.runs.insert(person.runs[0].id);
    });
    assert_eq!(due(home, START + 10, 9), [1, 2, 4]);
    assert_eq!(due(home, START - DAY, 9), [2, 4], "marketing is still before a watch");
}

fn delivery(source: &str, key: &str, parsed: Parsed) -> Delivery {
    Delivery {
        source: SourceName::new(source),
        dedupe: DedupeKey::new(key),
        received_at: Instant(START),
        raw: Arc::from(&b"{\"a\":\xff}"[..]),
        parsed,
        remarks: vec!["`phone` is no number".to_owned()],
    }
}

pub(crate) fn a_delivery_counts_once<H: Home>(home: &mut H) {
    let plan = plan(0);
    let news = || Parsed::News(Vec::new());
    let mut turn = home.turn(&plan).unwrap();
    let first = turn.accept(&delivery("cal", "k", news())).unwrap();
    assert!(first.is_some());
    assert_eq!(turn.accept(&delivery("cal", "k", news())).unwrap(), None, "in the same turn");
    assert!(turn.accept(&delivery("other", "k", news())).unwrap().is_some(), "another source");
    let bad = turn.accept(&delivery("cal", "bad", Parsed::Quarantined("no JSON".to_owned()))).unwrap().unwrap();
    turn.quarantine(first.unwrap(), "about nobody").unwrap();
    turn.quarantine(first.unwrap(), "said again").unwrap();
    turn.commit().unwrap();
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.accept(&delivery("cal", "k", news())).unwrap(), None, "in a later turn");
    drop(turn);
    let listed: Vec<_> = home.quarantine().into_iter().map(|row| (row.delivery, row.why)).collect();
    assert_eq!(listed, [(first.unwrap(), "about nobody".to_owned()), (bad, "no JSON".to_owned())]);
}

pub(crate) fn people_and_bookings_are_found<H: Home>(home: &mut H) {
    let plan = plan(0);
    change(home, &plan, 1, START, |person, kept, _| {
        kept.identities.push(email("ana@example.com"));
        person.identities = kept.identities.clone().into();
        for (id, uid) in [(1, "old"), (2, "new")] {
            person.bookings.insert(BookingId(id), booking(id, 1, uid, START));
            kept.bookings.insert(BookingId(id));
        }
    });
    let cal = SourceName::new("cal");
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.find_contact(&email("ana@example.com")).unwrap(), Some(ContactId(1)));
    let phone = Identity::new(IdentityKind::Phone, "ana@example.com");
    assert_eq!(turn.find_contact(&phone).unwrap(), None, "the kind counts");
    assert_eq!(turn.find_booking(&cal, "new").unwrap().unwrap().id, BookingId(2));
    assert_eq!(turn.find_booking(&SourceName::new("other"), "new").unwrap(), None, "the source counts");
    assert_eq!(turn.new_booking().unwrap(), BookingId(3), "numbers that were used are taken");
    drop(turn);
    change(home, &plan, 1, START, |person, kept, _| {
        let gone = person.bookings.remove(&BookingId(2)).unwrap();
        let stays: &mut Booking = person.bookings.get_mut(&BookingId(1)).unwrap();
        stays.absorb(&gone);
        kept.bookings.insert(BookingId(1));
        kept.merged.push((BookingId(2), BookingId(1)));
    });
    let person = load(home, &plan, 1);
    assert_eq!(person.bookings.keys().collect::<Vec<_>>(), [&BookingId(1)]);
    let mut turn = home.turn(&plan).unwrap();
    for uid in ["old", "new"] {
        assert_eq!(turn.find_booking(&cal, uid).unwrap().unwrap(), person.bookings[&BookingId(1)], "{uid}");
    }
}

pub(crate) fn history_answers<H: Home>(home: &mut H) {
    let plan = plan(0);
    change(home, &plan, 1, START, |_, kept, ids| {
        for (at, form) in [(START, "a"), (START + HOUR, "a"), (START + DAY, "b")] {
            kept.events.push(event(ids, "form.submitted", at, form));
        }
        kept.events.push(event(ids, "form.abandoned", START, "a"));
    });
    change(home, &plan, 2, START, |_, kept, ids| kept.events.push(event(ids, "form.submitted", START, "a")));
    let kind = || EventKind::new("form.submitted");
    let form = |word| vec![(Arc::from("form"), word)];
    let text = |form: &str| Word::Text(Arc::from(form));
    let count = |fields| Ask::Count { event: kind(), within: None, fields };
    let last = |fields| Ask::Last { event: kind(), fields };
    assert_eq!(answer(home, &count(Vec::new()), None), Value::Int(3));
    assert_eq!(answer(home, &count(Vec::new()), Some(START + HOUR)), Value::Int(2), "the start itself counts");
    assert_eq!(answer(home, &count(form(text("a"))), None), Value::Int(2));
    assert_eq!(answer(home, &count(form(text("a"))), Some(START + HOUR)), Value::Int(1));
    assert_eq!(answer(home, &count(form(Word::Bool(true))), None), Value::Int(0));
    assert_eq!(answer(home, &last(Vec::new()), None), Value::Time(Instant(START + DAY)));
    assert_eq!(answer(home, &last(form(text("a"))), None), Value::Time(Instant(START + HOUR)));
    assert_eq!(answer(home, &last(form(text("c"))), None), Value::Missing);
    let never = Ask::Last { event: EventKind::new("task.done"), fields: Vec::new() };
    assert_eq!(answer(home, &never, None), Value::Missing);
    assert_eq!(answer(home, &Ask::InSegment { segment: Arc::from("all") }, None), Value::Bool(false));
    sent_messages_are_known(home);
    ends_are_known(home);
}

fn sent_messages_are_known<H: Home>(home: &mut H) {
    let plan = plan(0);
    let sent = |what: &str| Ask::WasSent { what: Arc::from(what), within: None };
    change(home, &plan, 1, START, |person, kept, ids| {
        let run = run(&plan, ids, &welcome(), None, START);
        let mut task = send(person, ids, Some(&run), "three", START);
        task.state = Sending::Closed(Outcome::Sent);
        let mut held = send(person, ids, Some(&run), "one", START);
        held.state = Sending::Held(Hold::Breaker);
        kept.new_runs.insert(run.id);
        kept.new_sends.extend([task.id, held.id]);
        person.runs.push(run);
        person.sends.extend([task, held]);
    });
    assert_eq!(answer(home, &sent("welcome"), None), Value::Bool(false), "a task is no message, a held one not sent");
    change(home, &plan, 1, START, |person, kept, _| {
        let send = &mut person.sends[0];
        send.authorised_at = Some(Instant(START + DAY));
        send.attempts = 1;
        send.state = Sending::InFlight(Attempt { number: 1, epoch: Epoch(1) });
        kept.sends.insert(send.id);
    });
    assert_eq!(answer(home, &sent("welcome"), None), Value::Bool(true), "under way");
    assert_eq!(answer(home, &sent("reminders"), None), Value::Bool(false));
    for (outcome, went) in [(Outcome::Unknown, true), (Outcome::Sent, true)] {
        change(home, &plan, 1, START, |person, kept, ids| {
            if let Some(send) = person.sends.first_mut() {
                send.state = Sending::Closed(outcome.clone());
                kept.sends.insert(send.id);
            }
            ids.event();
        });
        assert_eq!(answer(home, &sent("welcome"), None), Value::Bool(went), "{outcome:?}");
    }
    let within = Ask::WasSent { what: Arc::from("welcome"), within: Some(Span::days(1)) };
    assert_eq!(answer(home, &within, Some(START + DAY)), Value::Bool(true));
    assert_eq!(answer(home, &within, Some(START + DAY + 1)), Value::Bool(false));
    let run = load(home, &plan, 1).runs[0].id;
    let done = Value::List(vec![Value::text("three#0"), Value::text("one#0")]);
    assert_eq!(answer(home, &Ask::Done { run }, None), done, "every line of the ledger, by its number");
}

fn ends_are_known<H: Home>(home: &mut H) {
    let plan = plan(0);
    let ended = |sequence: SequenceName, booking| Ask::LastEnd { sequence, booking };
    change(home, &plan, 1, START, |person, kept, ids| {
        let ends = [(Some(BookingId(5)), true, 1), (Some(BookingId(5)), true, 3), (Some(BookingId(5)), false, 9)];
        for (booking, acted, days) in ends.into_iter().chain([(None, true, 7)]) {
            let mut run = run(&plan, ids, &reminders(), booking, START);
            run.acted = acted;
            run.phase = Phase::Ended { at: Instant(START + days * DAY), end: End::Completed };
            kept.new_runs.insert(run.id);
            person.runs.push(run);
        }
    });
    let five = ended(reminders(), Some(BookingId(5)));
    assert_eq!(answer(home, &five, None), Value::Time(Instant(START + 3 * DAY)), "one that did nothing does not count");
    assert_eq!(answer(home, &ended(reminders(), None), None), Value::Time(Instant(START + 7 * DAY)));
    assert_eq!(answer(home, &ended(reminders(), Some(BookingId(6))), None), Value::Missing);
    assert_eq!(answer(home, &ended(welcome(), None), None), Value::Missing, "an active run has not ended");
}

pub(crate) fn an_active_run_is_alone<H: Home>(home: &mut H) {
    let plan = plan(0);
    enrolled(home, 1, START);
    let second = |home: &mut H, name: &SequenceName, booking: Option<i64>, end_first: bool| {
        let mut turn = home.turn(&plan).unwrap();
        let mut person = turn.people(&BTreeSet::from([ContactId(1)])).unwrap().remove(&ContactId(1)).unwrap();
        let mut ids = turn.ids().unwrap();
        let mut kept = Kept::default();
        if end_first {
            let first = person.runs.iter_mut().find(|run| run.sequence.name == *name && run.is_active()).unwrap();
            first.phase = Phase::Ended { at: Instant(START), end: End::Converted(None) };
            kept.runs.insert(first.id);
        }
        let run = run(&plan, &mut ids, name, booking.map(BookingId), START);
        kept.new_runs.insert(run.id);
        person.runs.push(run);
        let done = turn.record(&Changes { person: &person, kept: &kept, ids, now: Instant(START) });
        done.and_then(|()| turn.commit())
    };
    assert!(second(home, &welcome(), None, false).is_err());
    assert_eq!(home.runs().len(), 1, "nothing of the turn stayed");
    assert!(second(home, &reminders(), Some(1), false).is_ok());
    assert!(second(home, &reminders(), Some(2), false).is_ok(), "another appointment is another key");
    assert!(second(home, &reminders(), Some(2), false).is_err());
    assert!(second(home, &welcome(), None, true).is_ok(), "a run that ends in the same turn makes room");
    assert_eq!(home.runs().len(), 4);
}

pub(crate) fn ended_runs_are_let_go<H: Home>(home: &mut H) {
    let plan = plan(0);
    enrolled(home, 1, START);
    change(home, &plan, 1, START + HOUR, |person, kept, ids| {
        let begun = send(person, ids, Some(&person.runs[0].clone()), "one", START);
        kept.new_sends.insert(begun.id);
        person.sends.push(begun);
        let run = &mut person.runs[0];
        run.phase = Phase::Ended { at: Instant(START + HOUR), end: End::Stopped(StopReason::Rule(Arc::from("no"))) };
        kept.runs.insert(run.id);
    });
    assert_eq!(load(home, &plan, 1).runs.len(), 1, "its goal may still count");
    let touch = |home: &mut H, now: i64| {
        change(home, &plan, 1, now, |_, kept, _| kept.touch = true);
        load(home, &plan, 1).runs.len()
    };
    assert_eq!(touch(home, START + 9 * DAY), 1);
    assert_eq!(touch(home, START + 11 * DAY), 1, "a send of it is open");
    change(home, &plan, 1, START + 11 * DAY, |person, kept, _| {
        person.sends[0].state = Sending::Closed(Outcome::Cancelled(Cancel::Ended(Arc::from("no"))));
        kept.sends.insert(person.sends[0].id);
    });
    assert_eq!(load(home, &plan, 1).runs.len(), 0);
    let row = &home.runs()[0];
    assert!(!row.open && !row.acted);
}

pub(crate) fn lost_answers_are_found<H: Home>(home: &mut H) {
    let plan = plan(0);
    let first = home.begin_epoch().unwrap();
    let begin = |home: &mut H, epoch: Epoch, number: u16| {
        change(home, &plan, 1, START, |person, kept, ids| {
            let mut begun = send(person, ids, None, "aside", START);
            begun.attempts = number;
            begun.state = Sending::InFlight(Attempt { number, epoch });
            kept.new_sends.insert(begun.id);
            person.sends.push(begun);
        });
    };
    begin(home, first, 2);
    assert_eq!(home.in_flight(first).unwrap(), [], "of this life");
    let second = home.begin_epoch().unwrap();
    assert!(second > first);
    begin(home, second, 1);
    let lost = InFlight { contact: ContactId(1), send: SendId(1), attempt: Attempt { number: 2, epoch: first } };
    assert_eq!(home.in_flight(second).unwrap(), [lost]);
    change(home, &plan, 1, START, |person, kept, _| {
        person.sends[0].state = Sending::Closed(Outcome::Unknown);
        kept.sends.insert(SendId(1));
    });
    assert_eq!(home.in_flight(second).unwrap(), []);
}

pub(crate) fn an_outcome_is_final<H: Home>(home: &mut H) {
    let plan = plan(0);
    let outcomes = [
        Outcome::Sent,
        Outcome::Skipped(Skip::Cap),
        Outcome::Failed(Fail::Lookup(Arc::from("nothing found"))),
        Outcome::Failed(Fail::Permanent(Arc::from("no such user"))),
        Outcome::Failed(Fail::Attempts(Arc::from("busy"))),
        Outcome::Failed(Fail::Render(Arc::from("no name"))),
        Outcome::Cancelled(Cancel::Moved),
        Outcome::Cancelled(Cancel::Ended(Arc::from("booked"))),
        Outcome::Unknown,
    ];
    for (at, outcome) in outcomes.iter().enumerate() {
        let closed = closed_send(home, 1, outcome.clone());
        for other in &outcomes {
            change(home, &plan, 1, START + 1, |person, kept, _| {
                person.sends.push(crate::journey::Send { state: Sending::Closed(other.clone()), ..closed.clone() });
                kept.sends.insert(closed.id);
            });
            let now = home.ledger()[at].outcome().cloned();
            // by proof, and from then on
            let proven = *outcome == Outcome::Unknown;
            assert_eq!(now.as_ref(), Some(if proven { &Outcome::Sent } else { outcome }), "{outcome:?} → {other:?}");
        }
    }
}

pub(crate) fn the_clock_knows_the_next_moment<H: Home>(home: &mut H) {
    let plan = plan(0);
    assert_eq!(home.next_wake().unwrap(), None);
    enrolled(home, 1, START + DAY);
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START + DAY)));
    change(home, &plan, 2, START, |person, kept, ids| {
        let mut retry = send(person, ids, None, "aside", START);
        (retry.rank, retry.state) = (Rank(3), Sending::Waiting(Instant(START + HOUR)));
        kept.new_sends.insert(retry.id);
        person.sends.push(retry);
    });
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START + HOUR)));
    change(home, &plan, 2, START, |person, kept, _| {
        person.sends[0].state = Sending::Ready;
        kept.sends.insert(person.sends[0].id);
    });
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START + DAY)), "ready waits for a slot, not for the clock");
}

pub(crate) fn old_messages_are_not_counted_for_ever<H: Home>(home: &mut H) {
    let plan = plan(0);
    change(home, &plan, 1, START, |person, _, _| {
        let counted = |days: i64| Counted {
            send: SendId(100 - days),
            at: Instant(START - days * DAY),
            purpose: Purpose::Service,
            channel: ChannelName::new("sms"),
            sequence: None,
        };
        person.touch.recent = vec![counted(40), counted(8), counted(6), counted(0)];
    });
    let days: Vec<i64> = load(home, &plan, 1).touch.recent.iter().map(|counted| 100 - counted.send.0).collect();
    assert_eq!(days, [6, 0]);
}

pub(crate) fn ready_sends_wait_for_their_channel<H: Home>(home: &mut H) {
    let plan = plan(0);
    for (who, channel, rank, at) in
        [(1, "sms", 3, START), (2, "sms", 0, START + 9), (3, "mail", 0, START), (4, "sms", 3, START - 1)]
    {
        change(home, &plan, who, START, |person, kept, ids| {
            let mut ready = send(person, ids, None, "aside", at);
            (ready.rank, ready.state, ready.channel) = (Rank(rank), Sending::Ready, Some(ChannelName::new(channel)));
            kept.new_sends.insert(ready.id);
            person.sends.push(ready);
        });
    }
    let mut turn = home.turn(&plan).unwrap();
    let mut ready = |limit| -> Vec<i64> {
        turn.ready(&ChannelName::new("sms"), limit).unwrap().into_iter().map(|(who, _)| who.0).collect()
    };
    assert_eq!(ready(9), [2, 4, 1]);
    assert_eq!(ready(1), [2]);
}

pub(crate) fn what_belongs_to_nobody_is_refused<H: Home>(home: &mut H) {
    let plan = plan(0);
    change(home, &plan, 1, START, |person, kept, _| {
        person.identities = vec![email("ana@example.com")].into();
        kept.identities.clone_from(&person.identities);
    });
    let mut turn = home.turn(&plan).unwrap();
    let stranger = Person::new(crate::record::Contact::new(ContactId(3), Instant(START)));
    let ids = turn.ids().unwrap();
    let mut kept = Kept { touch: true, ..Kept::default() };
    let changes = Changes { person: &stranger, kept: &kept, ids, now: Instant(START) };
    assert!(turn.record(&changes).is_err(), "a known contact has to be there");
    drop(turn);
    let mut turn = home.turn(&plan).unwrap();
    kept = Kept {
        is_new: true,
        contact: true,
        touch: true,
        identities: vec![email("ana@example.com")],
        ..Kept::default()
    };
    let changes = Changes { person: &stranger, kept: &kept, ids, now: Instant(START) };
    assert!(turn.record(&changes).is_err(), "an identifier belongs to one contact");
    drop(turn);
    let row = home.turn(&plan).unwrap().people(&BTreeSet::from([ContactId(3)])).unwrap();
    assert!(row.is_empty());
}

pub(crate) fn what_a_send_was_moved_to_is_kept_and_what_a_move_cancelled_was_not_done<H: Home>(home: &mut H) {
    let plan = plan(0);
    enrolled(home, 1, START);
    change(home, &plan, 1, START, |person, kept, ids| {
        let mut open = send(person, ids, Some(&person.runs[0]), "one", START);
        open.state = Sending::Waiting(Instant(START + HOUR));
        kept.new_sends.insert(open.id);
        person.sends.push(open);
    });
    change(home, &plan, 1, START, |person, kept, _| {
        let open = &mut person.sends[0];
        (open.planned, open.state) = (Instant(START + DAY), Sending::Waiting(Instant(START + DAY)));
        kept.sends.insert(open.id);
    });
    let known = load(home, &plan, 1);
    assert_eq!(known.sends[0].planned, Instant(START + DAY));
    change(home, &plan, 1, START, |person, kept, _| {
        person.sends[0].state = Sending::Closed(Outcome::Cancelled(Cancel::Moved));
        kept.sends.insert(person.sends[0].id);
    });
    assert_eq!(home.ledger()[0].planned, Instant(START + DAY));
    assert_eq!(answer(home, &Ask::Done { run: known.runs[0].id }, None), Value::List(Vec::new()));
}
