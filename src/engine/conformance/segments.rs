//! The laws about who fits a condition, and the project they are asked in.
use super::{
    Home, change, record,
    sample::{self, DAY, HOUR, START, booking, event, run, welcome},
};
use crate::{
    calendar::{Instant, Zone},
    engine::Turn,
    expr::{Cond, NameKind, Vocabulary, parse_and_check},
    id::{BookingId, ClinicName, ContactId, FieldName, SegmentName},
    journey::{End, Outcome, Phase, Sending},
    plan::{FieldDecl, Origin, Plan, Segment},
    record::{Booking, BookingNews, BookingStatus, CONTACT_FIELDS, Host, NewsKind},
    value::{Type, Value},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

fn choice(words: &[&str]) -> Type {
    Type::Choice(words.iter().map(|word| Arc::from(*word)).collect())
}

/// Fields of the project, of every type.
pub(crate) fn fields() -> Vec<(&'static str, Type, Option<Value>)> {
    vec![
        ("note", Type::Text, None),
        ("remark", Type::Text, None),
        ("stage", choice(&["lead", "completed", "maintenance"]), None),
        ("visits", Type::Integer, Some(Value::Int(0))),
        ("calls", Type::Integer, None),
        ("ratio", Type::Number, None),
        ("insured", Type::Bool, None),
        ("met_at", Type::Time, None),
        ("birthday", Type::Date, None),
        ("patience", Type::Duration, None),
        ("budget", Type::Money, None),
        ("interests", Type::List(Box::new(Type::Text)), None),
        ("city", Type::Text, Some(Value::text("Kingston"))),
    ]
}

/// What can be named in a condition of that project.
pub(crate) fn scope() -> Vocabulary {
    let mut scope = Vocabulary::default();
    let mut contact: BTreeMap<Arc<str>, Type> =
        CONTACT_FIELDS.iter().map(|(name, of, _)| (Arc::from(*name), of.to_type())).collect();
    contact.extend(fields().into_iter().map(|(name, of, _)| (Arc::from(name), of)));
    scope.roots.insert(Arc::from("contact"), Type::Record(contact));
    let clinic = ["id", "name", "locale"].map(|name| (Arc::from(name), Type::Text));
    scope.roots.insert(Arc::from("clinic"), Type::Record(clinic.into_iter().collect()));
    scope.roots.insert(Arc::from("vars"), Type::Record(BTreeMap::from([(Arc::from("few"), Type::Integer)])));
    let names = |list: &[&str]| list.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    scope.names.insert(NameKind::Segment, names(&["loyal", "busy"]));
    scope
}

/// A condition of that project. Suspicious ones are welcome.
pub(crate) fn cond(text: &str) -> Cond {
    let (cond, faults) = parse_and_check(text, &scope());
    cond.unwrap_or_else(|| panic!("{text}: {faults:?}"))
}

pub(crate) fn plan() -> Plan {
    let mut plan = sample::plan(0);
    for (name, of, default) in fields() {
        let decl = FieldDecl { of, default, label: None, sensitive: None };
        plan.fields.insert(FieldName::new(name), decl);
    }
    plan.vars.insert(Arc::from("few"), Value::Int(3));
    for (name, text) in [("loyal", "contact.visits >= 3"), ("busy", "in_segment('loyal') and has_booking(from=now())")]
    {
        let segment =
            Segment { name: SegmentName::new(name), title: None, cond: cond(text), origin: Origin::default() };
        plan.segments.insert(segment.name.clone(), Arc::new(segment));
    }
    plan.indexed()
}

fn members<H: Home>(home: &mut H, text: &str, after: Option<i64>, limit: usize) -> Vec<i64> {
    let members = home.members(&plan(), &cond(text), Instant(START), after.map(ContactId), limit).unwrap();
    members.into_iter().map(|who| who.0).collect()
}

fn all<H: Home>(home: &mut H, text: &str) -> Vec<i64> {
    members(home, text, None, usize::MAX)
}

pub(crate) fn members_come_in_pages<H: Home>(home: &mut H) {
    let plan = plan();
    for who in 1..=9 {
        change(home, &plan, who, START, |person, kept, _| {
            person.contact.score = who;
            kept.contact = true;
        });
    }
    assert_eq!(members(home, "contact.score % 2 == 1", None, 2), [1, 3]);
    assert_eq!(members(home, "contact.score % 2 == 1", Some(3), 2), [5, 7]);
    assert_eq!(members(home, "contact.score % 2 == 1", Some(7), 2), [9], "fewer than asked for: that was all");
    assert_eq!(members(home, "contact.score > 3", Some(1), 3), [4, 5, 6]);
    assert_eq!(members(home, "contact.score > 3", Some(9), 3), [0; 0]);
    assert_eq!(members(home, "contact.score > 3", None, 0), [0; 0]);
    // what a turn has recorded counts in it already
    let mut turn = home.turn(&plan).unwrap();
    record(&mut turn, 2, START, |person, kept, _| {
        person.contact.score = 90;
        kept.contact = true;
    });
    assert_eq!(turn.members(&cond("contact.score > 8"), Instant(START), None, 9).unwrap(), [2, 9].map(ContactId));
    drop(turn);
    assert_eq!(all(home, "contact.score > 8"), [9]);
}

pub(crate) fn members_are_told_by_everything_a_person_has<H: Home>(home: &mut H) {
    let plan = plan();
    change(home, &plan, 1, START, |person, kept, ids| {
        person.contact.tags.insert(Arc::from("vip"));
        person.contact.fields.insert(FieldName::new("visits"), Value::Int(4));
        kept.contact = true;
        person.bookings.insert(crate::id::BookingId(1), booking(1, 1, "b1", START));
        kept.bookings.insert(crate::id::BookingId(1));
        kept.events.push(event(ids, "form.submitted", START - DAY, "a"));
    });
    change(home, &plan, 2, START, |person, kept, ids| {
        let run = run(&plan, ids, &welcome(), None, START - HOUR);
        kept.new_runs.insert(run.id);
        person.runs.push(run);
        person.contact.fields.insert(FieldName::new("visits"), Value::Int(9));
        kept.contact = true;
    });
    change(home, &plan, 3, START, |_, _, _| {});
    assert_eq!(booking(1, 1, "b1", START).status(), BookingStatus::Accepted);
    for (text, expected) in [
        ("has_tag('vip')", vec![1]),
        ("not has_tag('vip')", vec![2, 3]),
        ("in_sequence('welcome')", vec![2]),
        ("has_booking()", vec![1]),
        ("in_segment('loyal')", vec![1, 2]),
        ("in_segment('busy')", vec![1]),
        ("in_segment('loyal') and not in_segment('busy')", vec![2]),
        ("count('form.submitted', within='2d') == 1", vec![1]),
        ("last('form.submitted') is none", vec![2, 3]),
        ("contact.visits == 0", vec![3]),
        ("contact.visits < vars.few", vec![3]),
        ("contact.note is defined", vec![]),
        ("contact.note != 'x'", vec![1, 2, 3]),
        ("clinic.id == 'practice'", vec![1, 2, 3]),
    ] {
        assert_eq!(all(home, text), expected, "{text}");
    }
}

/// What was said, or nothing.
pub(crate) type Said = Option<&'static str>;

/// One invented person, told by dice: what they have of everything that a condition can ask for.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) fields: Vec<(&'static str, Value)>,
    pub(crate) tags: Vec<&'static str>,
    pub(crate) zone: Option<&'static str>,
    pub(crate) clinic: Option<&'static str>,
    pub(crate) phone: Option<&'static str>,
    pub(crate) score: i64,
    pub(crate) warm: bool,
    /// Last and next visit, last message from them, in milliseconds from [`NOW`].
    pub(crate) moments: [Option<i64>; 3],
    /// When they sent a form, and which.
    pub(crate) forms: Vec<(i64, &'static str)>,
    /// Start from [`NOW`], kind, host, clinic, how it ended.
    pub(crate) bookings: Vec<(i64, Said, Said, Said, u8)>,
    pub(crate) enrolled: bool,
    /// When something was sent to them.
    pub(crate) sent: Option<i64>,
}

/// In Europe the clocks go forward half an hour later.
pub(crate) const NOW: i64 = 1_806_193_800_000;

/// Puts the person into a store.
pub(crate) fn put<H: Home>(home: &mut H, plan: &Plan, who: i64, row: &Row) {
    change(home, plan, who, NOW - 3 * DAY, |person, kept, ids| {
        let contact = &mut person.contact;
        contact.fields.extend(row.fields.iter().map(|(name, value)| (FieldName::new(name), value.clone())));
        contact.tags.extend(row.tags.iter().map(|tag| Arc::from(*tag)));
        contact.zone = row.zone.and_then(Zone::parse);
        contact.clinic = row.clinic.map(ClinicName::new);
        contact.phone = row.phone.map(Arc::from);
        (contact.score, contact.warm) = (row.score, row.warm);
        let at = |offset: Option<i64>| offset.map(|offset| Instant(NOW + offset));
        (contact.last_visit_at, contact.next_booking_at) = (at(row.moments[0]), at(row.moments[1]));
        person.touch.last_in = at(row.moments[2]);
        for (at, form) in &row.forms {
            kept.events.push(event(ids, "form.submitted", NOW + at, form));
        }
        for (number, (start, kind, host, clinic, end)) in (0..).zip(&row.bookings) {
            let id = BookingId(who * 100 + number);
            let news = BookingNews {
                start: Some(Instant(NOW + start)),
                booking_kind: kind.map(Arc::from),
                host: host.map(|host| Host { email: Some(Arc::from(host)), ..Host::default() }),
                ..sample::news(&format!("b{id}"), None, NOW - 9 * DAY)
            };
            let source = crate::id::SourceName::new("cal");
            let mut booking = Booking::from_news(id, ContactId(who), source, &news).0;
            booking.clinic = clinic.map(ClinicName::new);
            let ends = [NewsKind::Cancelled, NewsKind::Ended, NewsKind::Rejected];
            if let Some(kind) = ends.get(usize::from(*end)) {
                let uid = booking.uid();
                booking.fold(&BookingNews::bare(*kind, uid, Instant(NOW - 8 * DAY)));
            }
            person.bookings.insert(id, booking);
            kept.bookings.insert(id);
        }
        if row.enrolled || row.sent.is_some() {
            let run = run(plan, ids, &welcome(), None, NOW - 3 * DAY);
            kept.new_runs.insert(run.id);
            if let Some(at) = row.sent {
                let mut send = sample::send(person, ids, Some(&run), "one", NOW);
                send.state = Sending::Closed(Outcome::Sent);
                send.authorised_at = Some(Instant(NOW + at));
                kept.new_sends.insert(send.id);
                person.sends.push(send);
            }
            person.runs.push(run);
            if !row.enrolled {
                person.runs[0].phase = Phase::Ended { at: Instant(NOW - DAY), end: End::Completed };
            }
        }
    });
}
