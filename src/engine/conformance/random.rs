//! The same random story told to two stores: whatever happens, both have to look the same.
use super::{
    Home, erasure, look, record,
    sample::{self, DAY, HOUR, PEOPLE, START, booking, bytes, event, plan, reminders, run, send, welcome},
};
use crate::{
    calendar::Instant,
    engine::{Kept, Store, Turn},
    id::{BookingId, ChannelName, DedupeKey, EventKind, RunId, SequenceName, SourceName, TriggerName},
    journey::{
        Attempt, Cancel, Cursor, End, Fail, Hold, Ids, Outcome, Person, Phase, Rank, Refusal, RefusedWhy, Sending,
        Skip, StartedBy, StopReason, Wait, Watch,
    },
    plan::{Plan, StepIx},
    record::{ConsentEntry, ConsentState, Counted, Delivery, Identity, Parsed, Purpose},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// What happens, to whom, and two dice.
pub(crate) type Op = (u8, u8, u8, u8);

/// Tells the story to both and compares them after every turn.
pub(crate) fn play<A: Home, B: Home>(one: &mut A, other: &mut B, ops: &[Op]) {
    let plans = [plan(0), plan(1), plan(2)];
    let mut current = 0;
    for turn in ops.chunks(3) {
        let now = START + i64::from(turn[0].3) * 5 * HOUR;
        let (kind, _, a, _) = turn[0];
        match kind % 16 {
            0 => {
                current = usize::from(a) % plans.len();
                let versions = [
                    one.publish(&plans[current], "story", Instant(now)).unwrap(),
                    other.publish(&plans[current], "story", Instant(now)).unwrap(),
                ];
                assert_eq!(versions[0], versions[1]);
            }
            1 => assert_eq!(one.begin_epoch().unwrap(), other.begin_epoch().unwrap()),
            _ => {
                let drops = kind % 16 == 2;
                let done =
                    [tell(one, &plans[current], now, turn, drops), tell(other, &plans[current], now, turn, drops)];
                assert_eq!(done[0], done[1], "one of them refused what the other took");
            }
        }
        let (left, right) = (look(one, &plans[current]), look(other, &plans[current]));
        left.same_as(&right);
    }
}

/// One turn. Whether every record was taken.
fn tell<S: Store>(store: &mut S, plan: &Plan, now: i64, ops: &[Op], drops: bool) -> bool {
    let mut turn = store.turn(plan).unwrap();
    for (kind, who, a, b) in ops {
        let who = 1 + i64::from(*who) % PEOPLE;
        if kind % 11 == 10 {
            let parsed =
                if a.is_multiple_of(2) { Parsed::Ignored("ping") } else { Parsed::Quarantined("odd".to_owned()) };
            let delivery = Delivery {
                source: SourceName::new("cal"),
                dedupe: DedupeKey::new(format!("k{}", a % 8)),
                received_at: Instant(now),
                raw: Arc::from(&b"x"[..]),
                parsed,
                remarks: Vec::new(),
            };
            let id = turn.accept(&delivery).unwrap();
            if let (Some(id), true) = (id, b.is_multiple_of(2)) {
                turn.quarantine(id, "about nobody").unwrap();
            }
        }
        record(&mut turn, who, now, |person, kept, ids| act(plan, person, kept, ids, now, (*kind, *a, *b)));
    }
    if ops[0].0 % 16 == 3 {
        erasure::erase(&mut turn, plan, 1 + i64::from(ops[0].1) % PEOPLE, now);
    }
    if drops {
        return true;
    }
    turn.commit().is_ok()
}

fn act(plan: &Plan, person: &mut Person, kept: &mut Kept, ids: &mut Ids, now: i64, (kind, a, b): (u8, u8, u8)) {
    match kind % 11 {
        0 | 1 => enter(plan, person, kept, ids, now, a),
        2 => move_run(person, kept, now, a, b),
        3 => begin(person, kept, ids, now, a, b),
        4 | 5 => move_send(person, kept, now, a, b),
        6 => end(person, kept, now, a, b),
        7 => touch(person, kept, now, a, b),
        8 => happen(person, kept, ids, now, a, b),
        9 => arm(person, kept, now, a, b),
        _ => appoint(person, kept, now, a, b),
    }
}

fn enter(plan: &Plan, person: &mut Person, kept: &mut Kept, ids: &mut Ids, now: i64, a: u8) {
    let (name, booking) = match a % 3 {
        0 => (welcome(), None),
        n => (reminders(), Some(BookingId(i64::from(n)))),
    };
    let taken = |run: &crate::journey::Run| run.is_active() && run.sequence.name == name && run.booking == booking;
    if person.runs.iter().any(taken) || !plan.sequences.contains_key(&name) {
        return;
    }
    let mut run = run(plan, ids, &name, booking, now);
    if a.is_multiple_of(2) {
        run.started_by = None;
    }
    kept.new_runs.insert(run.id);
    person.runs.push(run);
}

fn pick(len: usize, a: u8) -> Option<usize> {
    (len > 0).then(|| usize::from(a) % len)
}

fn move_run(person: &mut Person, kept: &mut Kept, now: i64, a: u8, b: u8) {
    let Some(at) = pick(person.runs.len(), a) else { return };
    let run = &mut person.runs[at];
    let steps = run.sequence.steps.len() as u8;
    let Phase::Active(old) = run.phase else { return };
    let wait = match b % 5 {
        0 if b.is_multiple_of(3) => Wait::Awaiting(Instant(now + i64::from(b) * HOUR)),
        1 if b.is_multiple_of(3) => Wait::Quiet,
        0 | 1 => Wait::Until(Instant(now + i64::from(b) * HOUR)),
        2 => Wait::ForOutcome(crate::id::SendId(i64::from(b))),
        3 => Wait::Settling,
        _ => Wait::Held(Hold::Paused),
    };
    let step = if b % 5 == 3 { steps } else { (b / 5) % steps };
    run.phase = Phase::Active(Cursor {
        step: StepIx(u16::from(step)),
        since: Instant(now),
        occurrence: u16::from(b % 3),
        recheck: old.recheck || b.is_multiple_of(7),
        wait,
    });
    run.acted |= b.is_multiple_of(2);
    if b.is_multiple_of(4) {
        let first = b.is_multiple_of(8).then(|| "two".into());
        run.taken.push(crate::journey::Taken { step: format!("way_{b}").into(), arm: "then".into(), first });
    }
    if b.is_multiple_of(13) {
        run.worth = Some(Value::Int(i64::from(b)));
    }
    run.converted |= b.is_multiple_of(11);
    run.stale &= b.is_multiple_of(4);
    kept.runs.insert(run.id);
}

fn begin(person: &mut Person, kept: &mut Kept, ids: &mut Ids, now: i64, a: u8, b: u8) {
    let run = pick(person.runs.len(), a).map(|at| person.runs[at].clone());
    let run = run.filter(|run| run.sequence.name == welcome() && !b.is_multiple_of(4));
    let step = ["one", "two", "three"][usize::from(b) % 3];
    let mut begun = send(person, ids, run.as_ref(), if run.is_some() { step } else { "aside" }, now);
    // the number makes the key unique in this story
    begun.occurrence = begun.id.0 as u16;
    begun.rank = Rank(b % 4);
    state(&mut begun, now, b / 4);
    if b.is_multiple_of(3) {
        kept.contents.insert(begun.id, bytes(begun.id));
    }
    if b.is_multiple_of(2) {
        kept.mailbox.insert(begun.id);
    }
    kept.new_sends.insert(begun.id);
    person.sends.push(begun);
}

fn state(send: &mut crate::journey::Send, now: i64, dice: u8) {
    send.at = Instant(now);
    send.state = match dice % 12 {
        0 => Sending::Waiting(Instant(now + i64::from(dice) * HOUR)),
        1 => Sending::Preparing,
        2 => Sending::Ready,
        3 | 4 => {
            send.attempts += 1;
            send.authorised_at = Some(Instant(now));
            Sending::InFlight(Attempt { number: send.attempts, epoch: crate::id::Epoch(i64::from(dice % 5)) })
        }
        5 => Sending::Held(Hold::Poison),
        6 => Sending::Closed(Outcome::Sent),
        7 => Sending::Closed(Outcome::Skipped(Skip::ALL[usize::from(dice) % Skip::ALL.len()])),
        8 => Sending::Closed(Outcome::Failed(Fail::Attempts(Arc::from("busy")))),
        9 => Sending::Closed(Outcome::Cancelled(Cancel::Moved)),
        10 => Sending::Closed(Outcome::Cancelled(Cancel::Ended(Arc::from("booked")))),
        _ => Sending::Closed(Outcome::Unknown),
    };
    send.prepared = dice.is_multiple_of(2);
    send.tainted |= dice.is_multiple_of(9);
    send.channel = match dice % 5 {
        0 => None,
        1 => Some(ChannelName::new("mail")),
        _ => Some(ChannelName::new("sms")),
    };
    if dice.is_multiple_of(6) {
        send.because = None;
    }
}

fn move_send(person: &mut Person, kept: &mut Kept, now: i64, a: u8, b: u8) {
    let Some(at) = pick(person.sends.len(), a) else { return };
    let send = &mut person.sends[at];
    state(send, now, b);
    if b.is_multiple_of(3) {
        kept.contents.insert(send.id, bytes(send.id));
    }
    if b % 5 == 1 {
        kept.mailbox.insert(send.id);
    }
    if b.is_multiple_of(7) {
        kept.attempts.push((send.id, send.attempts, Arc::from("not_sent"), Arc::from(format!("answer {b}"))));
    }
    kept.sends.insert(send.id);
}

fn end(person: &mut Person, kept: &mut Kept, now: i64, a: u8, b: u8) {
    let Some(at) = pick(person.runs.len(), a) else { return };
    let key = |run: &crate::journey::Run| (run.sequence.name.clone(), run.booking);
    let mine = key(&person.runs[at]);
    let others = person.runs.iter().filter(|run| run.is_active() && key(run) == mine).count();
    let run = &mut person.runs[at];
    run.phase = match (&run.phase, b % 6) {
        // a completed run is taken up again, where its place is free
        (Phase::Ended { end: End::Completed, .. }, 0) if others == 0 => Phase::Active(Cursor {
            step: StepIx(0),
            since: Instant(now),
            occurrence: 1,
            recheck: true,
            wait: Wait::Until(Instant(now)),
        }),
        (Phase::Ended { .. }, _) => return,
        (Phase::Active(_), n) => {
            let end = match n {
                0 | 1 => End::Completed,
                2 => End::Converted(Some(crate::id::EventId(i64::from(b)))),
                3 => End::Stopped(StopReason::Rule(Arc::from("said no"))),
                4 => End::Stopped(StopReason::Displaced(SequenceName::new("other"))),
                _ => End::Stopped(StopReason::OptedOut),
            };
            Phase::Ended { at: Instant(now), end }
        }
    };
    run.stale = false;
    kept.runs.insert(run.id);
}

fn touch(person: &mut Person, kept: &mut Kept, now: i64, a: u8, b: u8) {
    kept.touch = true;
    person.touch.last_in = (a.is_multiple_of(2)).then_some(Instant(now));
    person.touch.windows.insert(ChannelName::new(format!("chat{}", a % 3)), Instant(now));
    person.touch.recent.push(Counted {
        send: crate::id::SendId(i64::from(b)),
        at: Instant(now),
        purpose: Purpose::ALL[usize::from(b) % 3],
        channel: ChannelName::new("sms"),
        sequence: (b.is_multiple_of(2)).then(welcome),
    });
    let consent = ConsentEntry {
        channel: (a.is_multiple_of(3)).then(|| ChannelName::new("sms")),
        purpose: (b.is_multiple_of(2)).then_some(Purpose::Marketing),
        state: if b.is_multiple_of(3) { ConsentState::OptedOut } else { ConsentState::OptedIn },
        basis: Arc::from("reply"),
        text_version: None,
        source: None,
        actor: Arc::from("person"),
        at: Instant(now),
    };
    person.touch.permits.fold(&consent);
    kept.consents.push(consent);
    if b.is_multiple_of(4) {
        kept.contact = true;
        person.contact.score += i64::from(b);
        person.contact.tags.insert(Arc::from(format!("tag{}", a % 4)));
        person.contact.fields.insert(crate::id::FieldName::new("last_name"), Value::text(format!("Müller {a}")));
    }
    let value = format!("{}-{}@example.com", person.contact.id, b % 3);
    let identity = Identity::email(&value).unwrap();
    if !person.identities.contains(&identity) {
        person.identities.push(identity.clone());
        kept.identities.push(identity);
    }
}

fn happen(person: &mut Person, kept: &mut Kept, ids: &mut Ids, now: i64, a: u8, b: u8) {
    let kind = ["form.submitted", "form.abandoned"][usize::from(a) % 2];
    let mut event = event(ids, kind, now - i64::from(b) * HOUR, ["a", "b", "1"][usize::from(b) % 3]);
    event.booking = person.bookings.keys().next().copied();
    event.by_run = person.runs.first().map(|run| RunId(run.id.0));
    if b.is_multiple_of(5) {
        event.data.clear();
    }
    kept.events.push(event);
    let why = RefusedWhy::ALL[usize::from(a) % RefusedWhy::ALL.len()];
    kept.refusals.push(Refusal { trigger: None, sequence: (a.is_multiple_of(2)).then(reminders), why, because: None });
}

fn arm(person: &mut Person, kept: &mut Kept, now: i64, a: u8, b: u8) {
    let trigger = TriggerName::new(["quiet", "alone"][usize::from(a) % 2]);
    let booking = (b.is_multiple_of(2)).then_some(BookingId(1));
    person.watches.retain(|watch| watch.trigger != trigger || watch.booking != booking);
    if !b.is_multiple_of(3) {
        let opening = StartedBy {
            id: None,
            kind: EventKind::new("lead.created"),
            at: Instant(now),
            booking,
            data: BTreeMap::new(),
        };
        person.watches.push(Watch {
            trigger: trigger.clone(),
            booking,
            armed: Instant(now),
            due: Instant(now + i64::from(b) * DAY),
            opening: Arc::new(opening),
        });
    }
    kept.watches.insert((trigger, booking));
}

fn appoint(person: &mut Person, kept: &mut Kept, now: i64, a: u8, b: u8) {
    let contact = person.contact.id.0;
    let id = BookingId(contact * 10 + i64::from(a % 3));
    if let (Some(gone), true) = (person.bookings.keys().next_back().copied(), b.is_multiple_of(4)) {
        let stays = person.bookings.keys().next().copied().unwrap();
        if gone != stays {
            let old = person.bookings.remove(&gone).unwrap();
            person.bookings.get_mut(&stays).unwrap().absorb(&old);
            kept.merged.push((gone, stays));
            kept.bookings.insert(stays);
            return;
        }
    }
    let uid = format!("uid-{id}-{}", b % 3);
    match person.bookings.get_mut(&id) {
        Some(known) => {
            known.fold(&sample::news(&uid, Some(&format!("uid-{id}-0")), now));
        }
        None => {
            person.bookings.insert(id, booking(id.0, contact, &uid, now));
        }
    }
    kept.bookings.insert(id);
}
