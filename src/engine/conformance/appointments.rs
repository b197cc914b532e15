//! What an appointment learns by itself: its watch, its record and its event stand or fall with the turn that tells it.
use super::{Home, START, load};
use crate::{
    calendar::Instant,
    engine::{Done, Loaded, Turn, Work, turn},
    id::{BookingId, ContactId, SourceName},
    journey::{
        Watch, World,
        tests::{build::*, stage::booked, stage::of_booking},
    },
    plan::Plan,
    record::{BookingStatus, Delivery, NewsKind, Parsed},
};
use std::sync::Arc;

const HOUR: i64 = 3_600_000;

fn hears() -> Arc<Plan> {
    plan().with(seq("a").step(say("thanks"))).on(on("booking.ended", "a")).local("email").ready()
}

fn work<H: Home>(home: &mut H, plan: &Arc<Plan>, work: Work, now: i64) -> Done {
    let loaded = Loaded::new(plan.clone(), home.key());
    let world = World { epoch: home.begin_epoch().unwrap(), ..World::default() };
    let limits = crate::engine::Limits::default();
    turn(home, &loaded, &world, vec![work], limits, Instant(now)).unwrap().done.remove(0)
}

fn told(dedupe: &str, kind: NewsKind, at: i64, start: i64) -> Work {
    let mut news = of_booking(booked(kind, "uid-1", Instant(at), Some(Instant(start))));
    news.at = Instant(at);
    Work::Delivered(Delivery {
        source: SourceName::new("cal"),
        dedupe: dedupe.into(),
        received_at: Instant(at),
        raw: Arc::from(&b"{}"[..]),
        parsed: Parsed::News(vec![news]),
        remarks: Vec::new(),
    })
}

pub(crate) fn an_appointment_ends_by_itself_and_once<H: Home>(home: &mut H) {
    let plan = hears();
    home.publish(&plan, "test", Instant(START)).unwrap();
    work(home, &plan, told("1", NewsKind::Created, START, START + 5 * HOUR), START);
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START + 6 * HOUR)));
    work(home, &plan, told("2", NewsKind::Rescheduled, START + 1, START + 7 * HOUR), START + 1);
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START + 8 * HOUR)), "it follows the move");
    let watches = load(home, &plan, 1).watches;
    assert_eq!(watches.len(), 1);
    assert!(Watch::appointment(&watches[0].trigger) == Some(NewsKind::Ended) && watches[0].mark().is_none());
    let mut turn = home.turn(&plan).unwrap();
    assert_eq!(turn.due(Instant(START + 8 * HOUR), 9).unwrap(), [ContactId(1)]);
    drop(turn);

    work(home, &plan, Work::Tick, START + 9 * HOUR);
    let person = load(home, &plan, 1);
    assert_eq!(person.bookings[&BookingId(1)].status(), BookingStatus::Ended);
    assert!(person.watches.is_empty());
    let ended = |home: &H| {
        let events = home.events(ContactId(1)).into_iter();
        let ended = events.filter(|event| event.kind.as_str() == "booking.ended");
        ended.map(|event| (event.at, event.booking)).collect::<Vec<_>>()
    };
    let once = [(Instant(START + 8 * HOUR), Some(BookingId(1)))];
    assert_eq!(ended(home), once);
    let found = home.turn(&plan).unwrap().find_booking(&SourceName::new("cal"), "uid-1").unwrap().unwrap();
    assert_eq!(found.status(), BookingStatus::Ended, "and who looks it up by its uid sees it too");
    work(home, &plan, told("3", NewsKind::Ended, START + 8 * HOUR, START + 7 * HOUR), START + 9 * HOUR);
    work(home, &plan, Work::Tick, START + 10 * HOUR);
    assert_eq!(ended(home), once);
    assert_eq!(home.runs().len(), 1);
}
