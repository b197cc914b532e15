//! The laws of erasure: nothing of a person is left but that they were one, and their address is known again.
use super::{
    Home, change,
    laws::somebody_whole,
    look, record,
    sample::{DAY, START, plan, welcome},
};
use crate::{
    calendar::Instant,
    engine::{Changes, Kept, RunPhase, Turn},
    id::{BookingId, ClinicName, ContactId, OfferName, SendId, SourceName},
    journey::{Action, End, Event, Order, Outcome, Person, Sending, StopReason, World, decide},
    plan::Plan,
    record::{ConsentState, Contact, Identity},
};
use std::{collections::BTreeSet, sync::Arc};

/// What a turn does with the order. Whether there was anybody to erase.
pub(crate) fn erase<T: Turn>(turn: &mut T, plan: &Plan, who: i64, now: i64) -> bool {
    let (who, now) = (ContactId(who), Instant(now));
    let Some(person) = turn.people(&BTreeSet::from([who])).unwrap().remove(&who) else { return false };
    let order = Event::Ordered(Order::Erase { actor: Arc::from("ana") });
    let ids = turn.ids().unwrap();
    let decision = decide(plan, &World::default(), &person, &order, ids, now).unwrap();
    let mut kept = Kept { contact: true, touch: true, ..Kept::default() };
    for action in &decision.actions {
        match action {
            Action::Ended(run) => drop(kept.runs.insert(*run)),
            Action::Closed(send) => drop(kept.sends.insert(*send)),
            Action::Consent(entry) => kept.consents.push(entry.clone()),
            Action::Acted(_) | Action::Erased => {}
            other => panic!("an erasure leads to nothing: {other:?}"),
        }
    }
    if decision.actions.is_empty() {
        return false;
    }
    turn.erase(who, now).unwrap();
    turn.record(&Changes { person: &decision.person, kept: &kept, ids: decision.ids, now }).unwrap();
    true
}

fn load<H: Home>(home: &mut H, plan: &Plan, who: i64) -> Person {
    home.turn(plan).unwrap().people(&BTreeSet::from([ContactId(who)])).unwrap().remove(&ContactId(who)).unwrap()
}

/// Somebody with something everywhere, and somebody else.
fn people<H: Home>(home: &mut H, plan: &Plan) {
    home.publish(plan, "test", Instant(START)).unwrap();
    change(home, plan, 1, START, |person, kept, ids| somebody_whole(plan, person, kept, ids));
    change(home, plan, 2, START, |person, kept, _| {
        kept.identities.push(Identity::email("ben@example.com").unwrap());
        person.identities = kept.identities.clone().into();
    });
    let mut turn = home.turn(plan).unwrap();
    assert!(turn.issue(ContactId(1), &OfferName::new("gift"), "W-1", Instant(START)).unwrap());
    turn.commit().unwrap();
}

pub(crate) fn an_erased_person_is_a_number_whose_runs_are_over<H: Home>(home: &mut H) {
    let plan = plan(0);
    people(home, &plan);
    let (now, other) = (START + DAY, load(home, &plan, 2));
    let flying = home.in_flight(crate::id::Epoch(9)).unwrap();
    assert_eq!(flying.len(), 1);
    let mut turn = home.turn(&plan).unwrap();
    assert!(erase(&mut turn, &plan, 1, now));
    assert!(!erase(&mut turn, &plan, 1, now), "there is nobody left");
    turn.commit().unwrap();

    let person = load(home, &plan, 1);
    let blank = Contact { erased_at: Some(Instant(now)), ..Contact::new(ContactId(1), Instant(START)) };
    assert_eq!(*person.contact, blank);
    assert!(person.identities.is_empty() && person.bookings.is_empty() && person.watches.is_empty());
    assert!(person.touch.recent.is_empty() && person.touch.windows.is_empty() && person.touch.last_in.is_none());
    assert!(person.codes.is_empty());
    let over = |phase: &RunPhase| *phase == RunPhase::Ended { at: Instant(now), end: End::Stopped(StopReason::Erased) };
    assert!(home.runs().iter().all(|run| over(&run.phase) && run.started_by.is_none() && run.worth.is_none()));
    assert!(home.runs().iter().all(|run| run.taken.is_empty()) && !home.runs().is_empty());
    assert!(home.ledger().iter().all(|row| row.because.is_none()));
    let open: Vec<SendId> = home.ledger().iter().filter(|row| row.outcome().is_none()).map(|row| row.send).collect();
    assert_eq!(open, [flying[0].send], "what is under way keeps its line until its answer comes");
    assert!(person.sends.iter().all(|send| send.address.is_none()));
    assert!(home.events(ContactId(1)).is_empty() && home.refusals().is_empty() && home.tasks().is_empty());
    assert!(home.attempts().is_empty() && home.mailbox().is_empty());
    assert!((1..=9).all(|send| (0..3).all(|number| home.link(SendId(send), number).is_none())));
    let last = home.consents(ContactId(1)).pop().unwrap();
    assert_eq!((&*last.basis, &*last.actor, last.state), ("erased", "ana", ConsentState::OptedOut));
    assert!(home.consents(ContactId(1)).iter().all(|entry| entry.text_version.is_none()));
    assert_eq!(home.next_wake().unwrap(), None);
    let mut turn = home.turn(&plan).unwrap();
    assert!((1..=9).all(|send| turn.content(SendId(send)).unwrap().is_none()));
    assert_eq!(turn.contacts(None, 9).unwrap(), [ContactId(2)], "rounds pass them over");
    assert_eq!(turn.find_booking(&SourceName::new("cal"), "uid-1").unwrap(), None);
    assert!(!turn.issue(ContactId(2), &OfferName::new("gift"), "W-1", Instant(now)).unwrap(), "a code is given once");
    drop(turn);
    assert_eq!(load(home, &plan, 2), other);
}

pub(crate) fn addresses_of_the_erased_are_known_again<H: Home>(home: &mut H) {
    let plan = plan(0);
    people(home, &plan);
    let (now, hers) = (START + DAY, Identity::phone("+18765550123").unwrap());
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.suppressed(&hers).unwrap(), None);
    assert!(erase(&mut turn, &plan, 1, now));
    assert_eq!(turn.find_contact(&hers).unwrap(), None);
    assert_eq!(turn.suppressed(&hers).unwrap(), Some(Instant(now)));
    turn.commit().unwrap();
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.suppressed(&hers).unwrap(), Some(Instant(now)));
    assert_eq!(turn.suppressed(&Identity::email("ben@example.com").unwrap()).unwrap(), None);
    let of = |clinic: &str| Identity { clinic: Some(ClinicName::new(clinic)), ..hers.clone() };
    assert_eq!(turn.suppressed(&of("north")).unwrap(), Some(Instant(now)), "they were the same person everywhere");
    // the address is free: somebody new may have it
    record(&mut turn, 3, now, |person, kept, _| {
        kept.identities.push(hers.clone());
        person.identities.push(hers.clone());
    });
    turn.commit().unwrap();
}

pub(crate) fn an_erasure_that_is_dropped_took_nothing<H: Home>(home: &mut H) {
    let plan = plan(0);
    people(home, &plan);
    let before = look(home, &plan);
    let mut turn = home.turn(&plan).unwrap();
    assert!(erase(&mut turn, &plan, 1, START + DAY));
    drop(turn);
    before.same_as(&look(home, &plan));
    assert!(load(home, &plan, 1).bookings.contains_key(&BookingId(1)));
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.suppressed(&Identity::phone("+18765550123").unwrap()).unwrap(), None);
    assert!(turn.find_contact(&Identity::phone("+18765550123").unwrap()).unwrap().is_some());
}

/// Nothing is decided about a run whose sequence is in no plan: it is not even loaded.
pub(crate) fn runs_of_no_sequence_end_too<H: Home>(home: &mut H) {
    let old = plan(0);
    people(home, &old);
    let now = START + DAY;
    let new = plan(2);
    home.publish(&new, "test", Instant(now)).unwrap();
    let orphan = home.runs().into_iter().find(|run| run.sequence == welcome()).unwrap();
    assert!(orphan.orphaned);
    let mut turn = home.turn(&new).unwrap();
    assert!(erase(&mut turn, &new, 1, now));
    turn.commit().unwrap();
    let ended = home.runs().into_iter().find(|run| run.id == orphan.id).unwrap();
    assert_eq!(ended.phase, RunPhase::Ended { at: Instant(now), end: End::Stopped(StopReason::Erased) });
    let closed =
        |row: &crate::engine::LedgerRow| matches!(row.outcome(), Some(Outcome::Cancelled(_) | Outcome::Unknown));
    assert!(home.ledger().iter().all(|row| closed(row) || matches!(row.state, Sending::InFlight(_))));
    assert_eq!(home.next_wake().unwrap(), None);
}

/// Each clinic decides for itself; where they share their people one of them is enough.
pub(crate) fn an_address_is_erased_where_the_person_was<H: Home>(home: &mut H) {
    let plan = plan(0);
    home.publish(&plan, "test", Instant(START)).unwrap();
    let of = |clinic: Option<&str>| Identity {
        clinic: clinic.map(ClinicName::new),
        ..Identity::email("ana@example.com").unwrap()
    };
    change(home, &plan, 1, START, |person, kept, _| {
        kept.identities.push(of(Some("north")));
        person.identities = kept.identities.clone().into();
    });
    let mut turn = home.turn(&plan).unwrap();
    assert!(erase(&mut turn, &plan, 1, START));
    assert_eq!(turn.suppressed(&of(Some("north"))).unwrap(), Some(Instant(START)));
    assert_eq!(turn.suppressed(&of(Some("south"))).unwrap(), None);
    assert_eq!(turn.suppressed(&of(None)).unwrap(), Some(Instant(START)));
}
