//! Every permutation and repetition of the same deliveries ends in the same records.
use crate::{
    calendar::Instant,
    id::{BookingId, ContactId, SourceName},
    inbound::{
        Headers, receive_trusted,
        tests::{body, plan, received_at},
    },
    record::{Booking, BookingNews, BookingStatus, Folded, NewsKind, Parsed},
    value::Value,
};
use proptest::prelude::*;
use std::sync::Arc;

const ANA: &[&str] = &[
    "booking_created_ana",
    "booking_rescheduled_ana",
    "meeting_started_flat_ana",
    "meeting_ended_flat_ana",
    "no_show_marked_ana",
    "booking_created_ana_second",
];
const BEN: &[&str] = &["booking_created_ben", "booking_cancelled_ben"];
const DARIO: &[&str] = &["booking_requested_dario", "booking_rejected_dario"];
const ELIF: &[&str] = &["booking_payment_initiated_elif", "booking_paid_elif"];
const FYNN: &[&str] = &["booking_created_fynn", "no_show_marked_fynn", "no_show_unmarked_fynn"];
const STORIES: [&[&str]; 5] = [ANA, BEN, DARIO, ELIF, FYNN];

fn news_of(file: &str) -> BookingNews {
    let file = format!("calcom/{file}.json");
    let delivery =
        receive_trusted(&plan(), &"cal".into(), &Headers::default(), body(&file), received_at(&file)).unwrap();
    let Parsed::News(news) = delivery.parsed else { panic!("{file} is no news") };
    news[0].booking.clone().unwrap()
}

fn story(files: &[&str]) -> Vec<BookingNews> {
    files.iter().map(|file| news_of(file)).collect()
}

/// Keeps records as an engine does: found by uid or previous uid, made when unknown, joined when two turn out to be one.
#[derive(Default)]
struct Desk {
    records: Vec<Booking>,
    events: Vec<BookingNews>,
}

impl Desk {
    fn take(&mut self, news: &BookingNews) {
        let named = |record: &Booking| {
            record.has_uid(&news.uid) || news.previous_uid.as_ref().is_some_and(|uid| record.has_uid(uid))
        };
        let (mut known, others): (Vec<Booking>, Vec<Booking>) =
            std::mem::take(&mut self.records).into_iter().partition(named);
        self.records = others;
        let folded = if known.is_empty() {
            let (record, folded) = Booking::from_news(BookingId(0), ContactId(1), SourceName::new("cal"), news);
            self.records.push(record);
            folded
        } else {
            let mut record = known.remove(0);
            for other in &known {
                record.absorb(other);
            }
            let folded = record.fold(news);
            self.records.push(record);
            folded
        };
        if let Folded::Happened(event) = folded {
            assert_eq!(event, news.kind.event());
            self.events.push(news.clone());
        }
    }

    fn after<'a>(news: impl IntoIterator<Item = &'a BookingNews>) -> Self {
        let mut desk = Self::default();
        news.into_iter().for_each(|news| desk.take(news));
        desk.records.sort_by_key(Booking::uid);
        desk
    }

    fn happened(&self, kind: NewsKind) -> usize {
        self.events.iter().filter(|news| news.kind == kind).count()
    }
}

/// Every order of `0..count`.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    let put = |place: usize| {
        shorter.iter().map(move |order| {
            let mut order = order.clone();
            order.insert(place, count - 1);
            order
        })
    };
    (0..count).flat_map(put).collect()
}

/// What must be true of the events of any order, so that the same runs are active in the end.
fn check_events(desk: &Desk, news: &[BookingNews], order: &str) {
    for known in news {
        let same = |other: &&BookingNews| other.kind == known.kind && other.uid == known.uid;
        let times = desk.events.iter().filter(same).count();
        assert!(times <= 1, "{:?} happened {times} times: {order}", known.kind);
        if known.kind == NewsKind::Created {
            assert_eq!(times, 1, "an appointment is made once: {order}");
        }
    }
    for record in &desk.records {
        let marks = |news: &&BookingNews| matches!(news.kind, NewsKind::NoShow(_)) && record.has_uid(&news.uid);
        let last = desk.events.iter().rfind(marks).is_some_and(|news| news.kind == NewsKind::NoShow(true));
        assert_eq!(last, record.no_show == Some(true), "the last mark told is the one that holds: {order}");
    }
    let place = |kind: NewsKind| desk.events.iter().position(|news| news.kind == kind);
    if let (Some(paid), Some(begun)) = (place(NewsKind::Paid), place(NewsKind::PaymentInitiated)) {
        assert!(begun < paid, "a payment does not begin after it is done: {order}");
    }
}

#[test]
fn every_permutation_and_repetition_ends_in_the_same_records() {
    for files in STORIES {
        let news = story(files);
        let expected = Desk::after(&news);
        for order in permutations(news.len()) {
            let told = || order.iter().map(|ix| &news[*ix]);
            let once = Desk::after(told());
            assert_eq!(once.records, expected.records, "{files:?} {order:?}");
            check_events(&once, &news, &format!("{files:?} {order:?}"));
            let stuttered = Desk::after(told().flat_map(|news| [news, news]));
            assert_eq!(stuttered.records, expected.records, "{files:?} {order:?} stuttered");
            assert_eq!(stuttered.events, once.events, "{files:?} {order:?} stuttered");
            let again = Desk::after(told().chain(told()));
            assert_eq!(again.records, expected.records, "{files:?} {order:?} again");
            assert_eq!(again.events, once.events, "{files:?} {order:?} again");
        }
    }
}

#[test]
fn the_records_are_right() {
    let start = |text: &str| Instant::parse_rfc3339(text);
    let ana = Desk::after(&story(ANA)).records;
    let [second, first] = &ana[..] else { panic!("two appointments of Ana, not {}", ana.len()) };
    assert_eq!(first.uids.len(), 2);
    assert_eq!((first.generation, first.status()), (1, BookingStatus::NoShow));
    assert_eq!(&*first.uid(), "ywUg2u8waHcNUucN46exwA");
    assert_eq!(first.start, start("2026-11-26T13:30:00Z"));
    assert_eq!(first.created_at, start("2026-11-16T09:12:03.114Z").unwrap());
    assert_eq!((second.generation, second.status()), (0, BookingStatus::Accepted));
    assert_eq!(second.start, start("2026-12-03T10:00:00Z"));

    let one = |files: &[&str]| {
        let records = Desk::after(&story(files)).records;
        let [record] = &records[..] else { panic!("one appointment, not {}", records.len()) };
        record.clone()
    };
    let ben = one(BEN);
    assert_eq!((ben.status(), ben.generation, ben.is_gone()), (BookingStatus::Cancelled, 0, true));
    assert_eq!(ben.video_url.as_deref(), Some("https://video.example.org/room-ben"));
    assert_eq!(one(DARIO).status(), BookingStatus::Rejected);
    let elif = one(ELIF);
    assert_eq!((elif.status(), elif.paid), (BookingStatus::Accepted, true));
    assert_eq!(elif.price, Some((9500, Arc::from("EUR"))));
    assert_eq!(one(&ELIF[..1]).status(), BookingStatus::Requested, "an unfinished payment is no appointment yet");
    let fynn = one(FYNN);
    assert_eq!((fynn.status(), fynn.no_show), (BookingStatus::Accepted, Some(false)));
    assert_eq!(one(&FYNN[..2]).status(), BookingStatus::NoShow);
}

#[test]
fn events_in_the_order_of_the_story() {
    let told = |files: &[&str]| {
        let events = Desk::after(&story(files)).events;
        events.iter().map(|news| news.kind.event().as_str().replace("booking.", "")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(told(ANA), "created rescheduled started ended no_show created");
    assert_eq!(told(BEN), "created cancelled");
    assert_eq!(told(DARIO), "requested rejected");
    assert_eq!(told(ELIF), "payment_initiated paid");
    assert_eq!(told(FYNN), "created no_show no_show");
}

#[test]
fn a_record_is_written_down_as_its_news_and_read_back() {
    for files in STORIES {
        for record in Desk::after(&story(files)).records {
            let json = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<Booking>(&json).unwrap(), record);
        }
    }
}

#[test]
fn parts_are_read_by_name() {
    let record = &Desk::after(&story(ANA)).records[1];
    assert_eq!(record.field("status"), Value::text("no_show"));
    assert_eq!(record.field("host").part("name"), &Value::text("Dr. Jana Lindner"));
    assert_eq!(record.field("kind"), Value::text("intro"));
    assert_eq!(record.field("price"), Value::Missing);
    assert_eq!(record.field("nothing"), Value::Missing);
    let url = record.field("reschedule_url");
    assert!(url.as_text().unwrap().ends_with("/reschedule/ywUg2u8waHcNUucN46exwA"), "{url}");
}

/// News about made-up appointments, at minutes of one day.
fn news(kind: NewsKind, uid: &str, minute: i64) -> BookingNews {
    BookingNews::bare(kind, Arc::from(uid), Instant(minute * 60_000))
}

fn starting(mut news: BookingNews, minute: i64) -> BookingNews {
    (news.start, news.end) = (Some(Instant(minute * 60_000)), Some(Instant((minute + 30) * 60_000)));
    news
}

fn moved(uid: &str, previous: &str, minute: i64, start: i64) -> BookingNews {
    let mut news = starting(news(NewsKind::Rescheduled, uid, minute), start);
    news.previous_uid = Some(Arc::from(previous));
    news
}

#[test]
fn news_of_a_replaced_uid_change_nothing() {
    let made = starting(news(NewsKind::Created, "a", 0), 100);
    let move_on = moved("b", "a", 10, 200);
    for late in [
        news(NewsKind::Cancelled, "a", 20),
        starting(news(NewsKind::Ended, "a", 130), 100),
        starting(news(NewsKind::Started, "a", 100), 100),
        news(NewsKind::NoShow(true), "a", 120),
        news(NewsKind::HostNoShow, "a", 120),
    ] {
        let desk = Desk::after([&made, &move_on, &late]);
        assert_eq!(desk.records[0].status(), BookingStatus::Accepted, "{:?}", late.kind);
        assert_eq!(desk.happened(late.kind), 0, "{:?}", late.kind);
    }
}

#[test]
fn a_move_takes_the_no_show_back_and_revives_a_cancelled_booking() {
    let made = starting(news(NewsKind::Created, "a", 0), 100);
    let missed = news(NewsKind::NoShow(true), "a", 120);
    let later = moved("b", "a", 130, 200);
    assert_eq!(Desk::after([&made, &missed, &later]).records[0].status(), BookingStatus::Accepted);
    let gone = news(NewsKind::Cancelled, "a", 50);
    let desk = Desk::after([&made, &gone, &later]);
    assert_eq!((desk.records[0].status(), desk.records[0].generation), (BookingStatus::Accepted, 1));
}

#[test]
fn a_move_that_keeps_the_uid_counts() {
    let made = starting(news(NewsKind::Created, "a", 0), 100);
    let later = starting(news(NewsKind::Rescheduled, "a", 10), 200);
    let desk = Desk::after([&later, &made, &later]);
    let record = &desk.records[0];
    assert_eq!((record.generation, record.start), (1, Some(Instant(200 * 60_000))));
    assert_eq!((desk.happened(NewsKind::Rescheduled), desk.happened(NewsKind::Created)), (1, 1));
}

#[test]
fn a_chain_of_moves_is_one_record_also_backwards() {
    let made = starting(news(NewsKind::Created, "a", 0), 100);
    let moves = [moved("b", "a", 10, 200), moved("c", "b", 20, 300)];
    let desk = Desk::after([&moves[1], &made, &moves[0]]);
    assert_eq!(desk.records.len(), 1);
    let uids: Vec<&str> = desk.records[0].uids.iter().map(|uid| &**uid).collect();
    assert_eq!(uids, ["a", "b", "c"]);
    assert_eq!(desk.records[0].generation, 2);
    assert_eq!(desk.happened(NewsKind::Rescheduled), 1, "the older move is known to be over");
}

#[test]
fn repeated_states_are_told_once() {
    let made = starting(news(NewsKind::Created, "a", 0), 100);
    let gone = [news(NewsKind::Cancelled, "a", 10), news(NewsKind::Cancelled, "a", 11)];
    assert_eq!(Desk::after([&made, &gone[0], &gone[1]]).happened(NewsKind::Cancelled), 1);
    let missed = [news(NewsKind::NoShow(true), "a", 110), news(NewsKind::NoShow(true), "a", 120)];
    assert_eq!(Desk::after([&made, &missed[0], &missed[1]]).happened(NewsKind::NoShow(true)), 1);
    let over = starting(news(NewsKind::Ended, "a", 130), 100);
    assert_eq!(Desk::after([&made, &gone[0], &over]).happened(NewsKind::Ended), 0, "a cancelled hour does not end");
}

fn any_news() -> impl Strategy<Value = BookingNews> {
    let kind = proptest::sample::select(vec![
        NewsKind::Requested,
        NewsKind::Created,
        NewsKind::Rescheduled,
        NewsKind::Cancelled,
        NewsKind::Rejected,
        NewsKind::PaymentInitiated,
        NewsKind::Paid,
        NewsKind::NoShow(true),
        NewsKind::NoShow(false),
        NewsKind::HostNoShow,
        NewsKind::Started,
        NewsKind::Ended,
    ]);
    let uid = || proptest::sample::select(vec!["a", "b", "c"]);
    let slot = || proptest::option::of(0_i64..5);
    (kind, uid(), proptest::option::of(uid()), 0_i64..4, slot(), slot(), proptest::option::of("[xy]")).prop_map(
        |(kind, uid, previous, at, start, end, title)| {
            let mut news = news(kind, uid, at);
            news.previous_uid = previous.map(Arc::from).filter(|previous| *previous != news.uid);
            (news.start, news.end) = (start.map(Instant), end.map(Instant));
            news.title = title.map(Arc::from);
            news
        },
    )
}

proptest! {
    #[test]
    fn any_news_in_any_order_end_in_the_same_records(
        (told, shuffled) in proptest::collection::vec(any_news(), 1..7).prop_flat_map(|told| {
            let again = [told.clone(), told.clone()].concat();
            (Just(told), Just(again).prop_shuffle())
        }),
    ) {
        let (told, shuffled) = (Desk::after(&told), Desk::after(&shuffled));
        prop_assert_eq!(told.records, shuffled.records);
    }
}

#[test]
fn news_that_make_an_appointment_describe_it_better_than_later_ones() {
    let titled = |mut news: BookingNews, title: &str| {
        news.title = Some(Arc::from(title));
        news
    };
    let made = titled(starting(news(NewsKind::Created, "a", 0), 100), "made");
    let paid = titled(starting(news(NewsKind::Paid, "a", 10), 100), "paid");
    let over = titled(starting(news(NewsKind::Ended, "a", 130), 100), "frozen");
    let title = |news: &[&BookingNews]| Desk::after(news.iter().copied()).records[0].title.clone();
    assert_eq!(title(&[&over]).as_deref(), Some("frozen"));
    assert_eq!(title(&[&paid, &over]).as_deref(), Some("paid"));
    assert_eq!(title(&[&over, &paid, &made]).as_deref(), Some("made"));
}
