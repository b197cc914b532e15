//! What a publication does to the people inside: who is looked at anew, who waits, who finishes what they entered.
use super::{
    Home, change,
    laws::{due, enrolled, load},
    look,
    sample::{DAY, START, plan, reminders, run, send, welcome},
};
use crate::{
    calendar::Instant,
    engine::{Replan, Turn},
    id::{BookingId, ContactId, StepName},
    journey::{Phase, Wait},
    plan::StepIx,
};
use std::collections::BTreeMap;

pub(crate) fn a_publication_marks_what_changed<H: Home>(home: &mut H) {
    let (old, new) = (plan(0), plan(1));
    assert_eq!(home.publish(&old, "ana", Instant(START)).unwrap(), 1);
    assert_eq!(home.publish(&old, "ben", Instant(START)).unwrap(), 1, "an equal plan is the same version");
    change(home, &old, 1, START, |person, kept, ids| {
        for (name, booking) in [(welcome(), None), (reminders(), Some(BookingId(1)))] {
            let mut run = run(&old, ids, &name, booking, START);
            if let Phase::Active(cursor) = &mut run.phase {
                cursor.wait = Wait::Until(Instant(START + 5 * DAY));
                cursor.step = StepIx(u16::from(booking.is_none()));
            }
            kept.new_runs.insert(run.id);
            person.runs.push(run);
        }
    });
    let before = load(home, &old, 1);
    assert!(before.runs.iter().all(|run| !run.stale && run.object.is_some()));
    assert_eq!(home.publish(&new, "ana", Instant(START + DAY)).unwrap(), 2);
    assert_eq!(due(home, START + DAY, 9), Vec::<i64>::new(), "nobody is due by it");
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START + DAY)), "but a round over them is");
    let mut turn = home.turn(&new).unwrap();
    let replan = Replan { since: Instant(START + DAY), after: None, all: false };
    assert_eq!(turn.replans().unwrap(), BTreeMap::from([(welcome(), replan)]), "of the one that changed");
    assert_eq!(turn.inside(&welcome(), false, None, 9).unwrap(), [ContactId(1)]);
    assert_eq!(turn.inside(&welcome(), false, Some(ContactId(1)), 9).unwrap(), []);
    assert_eq!(turn.inside(&reminders(), false, None, 9).unwrap(), [], "its revision is the same");
    assert_eq!(turn.inside(&reminders(), true, None, 9).unwrap(), [ContactId(1)]);
    turn.keep_replan(&welcome(), None).unwrap();
    drop(turn);
    assert_eq!(home.turn(&new).unwrap().replans().unwrap().len(), 1, "taken back with its turn");
    let stale = load(home, &new, 1);
    let [changed, same] = &stale.runs[..] else { panic!("both runs are there") };
    assert!(changed.stale && !same.stale);
    assert_eq!(changed.before.as_ref(), old.sequences.get(&welcome()), "with what it stood on");
    let cursor = changed.cursor().unwrap();
    assert_eq!(changed.sequence.step(cursor.step).unwrap().name, StepName::new("two"), "found by its name");
    assert_eq!(cursor.wait, Wait::Until(Instant(START + 5 * DAY)), "its own moment is kept");
    assert!(cursor.recheck, "steps that it has done are passed over");

    // something else happens before the run was looked at: it stays due and stale
    change(home, &new, 1, START + DAY, |person, kept, _| {
        person.runs[0].acted = true;
        kept.runs.insert(person.runs[0].id);
    });
    assert!(load(home, &new, 1).runs[0].stale);
    assert_eq!(due(home, START + DAY, 9), [1]);
    change(home, &new, 1, START + DAY, |person, kept, _| {
        person.runs[0].stale = false;
        kept.runs.insert(person.runs[0].id);
    });
    assert_eq!(due(home, START + DAY, 9), Vec::<i64>::new());
    let looked = load(home, &new, 1);
    assert!(!looked.runs[0].stale && looked.runs[0].object != before.runs[0].object);
    // back to the first: a new version, the old revision
    assert_eq!(home.publish(&old, "ana", Instant(START + DAY)).unwrap(), 3);
    assert!(load(home, &old, 1).runs[0].stale);
    assert_eq!(home.publish(&new, "ana", Instant(START + DAY)).unwrap(), 4);
    assert_eq!(load(home, &new, 1), looked, "back and forth before anybody looked changes nothing");
    assert_eq!(due(home, START + DAY, 9), Vec::<i64>::new());
}

pub(crate) fn a_removed_sequence_keeps_its_people<H: Home>(home: &mut H) {
    let (whole, without) = (plan(0), plan(2));
    home.publish(&whole, "ana", Instant(START)).unwrap();
    enrolled(home, 1, START);
    change(home, &whole, 2, START, |person, kept, ids| {
        let mut waiting = run(&whole, ids, &welcome(), None, START);
        let begun = send(person, ids, Some(&waiting), "one", START);
        if let Phase::Active(cursor) = &mut waiting.phase {
            cursor.wait = Wait::ForOutcome(begun.id);
        }
        kept.new_runs.insert(waiting.id);
        kept.new_sends.insert(begun.id);
        person.sends.push(begun);
        person.runs.push(waiting);
    });
    let before = look(home, &whole);
    home.publish(&without, "ana", Instant(START)).unwrap();
    assert!(load(home, &without, 1).runs.is_empty(), "nobody decides about it");
    assert!(home.runs().iter().all(|row| row.orphaned && row.open), "it is not lost");
    assert_eq!(due(home, START + DAY, 9), Vec::<i64>::new(), "and is not due");
    assert_eq!(load(home, &without, 2).sends[0].spec, None, "what its send carries is gone with it");
    change(home, &without, 1, START, |_, kept, _| kept.touch = true);
    home.publish(&whole, "ana", Instant(START)).unwrap();
    assert_eq!(look(home, &whole), before, "back in the plan it goes on");
}
