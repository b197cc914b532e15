use super::{accepted, email, retryable};
use crate::{
    calendar::Instant,
    engine::Receipt,
    runner::slots::{FAILURES, FALL_BACK_AFTER, Slots},
};
use std::collections::BTreeMap;

const SECOND: i64 = 1_000;

fn slots(capacity: u16) -> Slots {
    let mut slots = Slots::default();
    slots.connect(&BTreeMap::from([(email(), capacity)]));
    slots
}

fn free(slots: &Slots, at: i64) -> u16 {
    slots.free(Instant(at)).get(&email()).copied().unwrap_or(0)
}

fn fail(slots: &mut Slots, times: u16, at: i64) -> bool {
    (0..times).fold(false, |opened, _| {
        slots.took(&email());
        slots.landed(&email(), &retryable(), Instant(at)) || opened
    })
}

#[test]
fn what_is_under_way_is_not_free() {
    let mut slots = slots(3);
    assert_eq!(free(&slots, 0), 3);
    slots.took(&email());
    slots.took(&email());
    assert_eq!(free(&slots, 0), 1);
    slots.landed(&email(), &accepted(), Instant(0));
    assert_eq!(free(&slots, 0), 2);
    slots.connect(&BTreeMap::new());
    assert_eq!(free(&slots, 0), 0, "a channel that is gone takes nothing");
    assert!(slots.is_flying(), "but its attempts are still counted");
    slots.landed(&email(), &accepted(), Instant(0));
    assert!(!slots.is_flying());
}

#[test]
fn failures_in_a_row_open_the_breaker_and_one_probe_closes_it() {
    let mut slots = slots(4);
    assert!(!fail(&mut slots, FAILURES - 1, 0));
    slots.took(&email());
    slots.landed(&email(), &accepted(), Instant(0));
    assert!(!fail(&mut slots, FAILURES - 1, 0), "an accepted one in between begins anew");
    assert!(fail(&mut slots, 1, 0));
    assert_eq!((free(&slots, 0), slots.next_offer()), (0, Some(Instant(30 * SECOND))));
    assert!(!slots.offer(Instant(29 * SECOND)));
    assert!(slots.offer(Instant(30 * SECOND)) && !slots.offer(Instant(31 * SECOND)), "offered once");
    assert_eq!(free(&slots, 30 * SECOND), 1, "one attempt finds out");
    slots.took(&email());
    assert_eq!(free(&slots, 30 * SECOND), 0, "and no second beside it");
    slots.landed(&email(), &accepted(), Instant(31 * SECOND));
    assert_eq!((free(&slots, 31 * SECOND), slots.open().len()), (4, 0));
}

#[test]
fn rests_grow_and_answers_of_older_attempts_do_not_lengthen_them() {
    let mut slots = slots(8);
    assert!(fail(&mut slots, FAILURES, 0));
    fail(&mut slots, 2, SECOND);
    assert_eq!(slots.next_offer(), Some(Instant(30 * SECOND)));
    let mut now = 30 * SECOND;
    let mut rests = Vec::new();
    for _ in 0..7 {
        assert!(slots.offer(Instant(now)));
        fail(&mut slots, 1, now);
        let next = slots.next_offer().unwrap().0;
        rests.push((next - now) / SECOND);
        now = next;
    }
    assert_eq!(rests, [60, 120, 240, 480, 900, 900, 900]);
}

#[test]
fn only_a_long_outage_sends_messages_to_other_channels() {
    let mut slots = slots(2);
    fail(&mut slots, FAILURES, 0);
    let mut now = Instant(0);
    assert!(slots.broken(now).is_empty());
    let long = i64::try_from(FALL_BACK_AFTER.as_millis()).unwrap();
    while now.0 <= long {
        now = slots.next_offer().unwrap();
        slots.offer(now);
        assert!(slots.broken(now).is_empty(), "while it is tried it is not given up");
        fail(&mut slots, 1, now.0);
    }
    assert!(slots.broken(now.plus_ms(1)).contains(&email()));
}

#[test]
fn a_refusal_for_good_is_a_sign_of_life_and_a_lost_answer_is_not() {
    let refused = Receipt::NotSent { retry_after_ms: None, permanent: true, why: "RCPT: 550".into() };
    for (receipt, opens) in [(refused, false), (Receipt::Unknown, true)] {
        let mut slots = slots(1);
        for _ in 0..FAILURES {
            slots.took(&email());
            slots.landed(&email(), &receipt, Instant(0));
        }
        assert_eq!(!slots.open().is_empty(), opens, "{receipt:?}");
    }
}
