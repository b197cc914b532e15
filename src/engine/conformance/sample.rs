//! Invented people, plans and moments for the laws of stores.
use crate::{
    calendar::{Instant, Span, Zone},
    content::Message,
    expr::{Ask, Word},
    id::{BookingId, ChannelName, ContactId, EventKind, FieldName, RunId, SendId, SequenceName, SourceName, StepName},
    journey::{
        Because, Cursor, Gate, Happening, Hold, Ids, Person, Phase, Rank, Run, Send, Sending, Spec, StartedBy, Taken,
        Wait,
    },
    plan::{
        About, Act, Body, Changed, Due, Exits, Fits, Goal, MessageSpec, Node, OnUnknown, Origin, Plan, Reentry,
        Retries, Sequence, Step, StepIx, TaskSpec, To, Via, in_a_row,
    },
    record::{Booking, BookingNews, Host, NewsKind, Purpose},
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) const PEOPLE: i64 = 4;
pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 24 * HOUR;
/// 2027-03-01 09:00 UTC.
pub(crate) const START: i64 = 1_803_891_600_000;
pub(super) const MOMENTS: [i64; 4] = [START - DAY, START, START + DAY, START + 400 * DAY];

pub(super) fn welcome() -> SequenceName {
    SequenceName::new("welcome")
}

pub(super) fn reminders() -> SequenceName {
    SequenceName::new("reminders")
}

fn step(name: &str, purpose: Purpose, due: Due, act: Act) -> Step {
    Step {
        name: StepName::new(name),
        title: None,
        active: true,
        due,
        cond: None,
        with: std::collections::BTreeMap::new(),
        act,
        late: None,
        window: None,
        purpose,
        once: false,
        retries: Retries { max: 3, delay: Span::exact(60_000) },
        on_unknown: OnUnknown::Hold,
        offers: false,
        next: StepIx(0),
        above: None,
        origin: Origin::default(),
    }
}

pub(super) fn message(to: To) -> Act {
    Act::Message(Arc::new(MessageSpec {
        to,
        via: vec![Via::Channel(ChannelName::new("mail"))],
        body: Body::Inline(crate::id::TemplateName::new("hello")),
        whatsapp_template: None,
        reply_to: None,
        ics: false,
        appointment: None,
        track: false,
    }))
}

pub(super) fn task() -> Arc<TaskSpec> {
    Arc::new(TaskSpec { title: Arc::from("Call back"), notes: Some(Arc::from("Soon")), assign: None, due: None })
}

fn sequence(name: SequenceName, about: About, purpose: Purpose, steps: Vec<Step>) -> Arc<Sequence> {
    Arc::new(Sequence {
        name,
        title: None,
        category: Arc::from("lead"),
        purpose,
        about,
        reentry: Reentry::Always,
        group: None,
        priority: 50,
        active: true,
        fits: Fits::default(),
        funnels: Vec::new(),
        clinics: Vec::new(),
        goal: Some(Goal {
            event: EventKind::new("booking.created"),
            cond: None,
            within: Some(Span::days(10)),
            value: None,
            stop: true,
        }),
        stops: Vec::new(),
        exits: Exits::default(),
        steps: in_a_row(steps.into_iter().map(|step| Node { step, arms: Vec::new() }).collect()),
        changed: Changed::default(),
        uses_event: true,
        heard: BTreeSet::new(),
        offer: None,
        campaign: None,
        texts: Vec::new(),
        origin: Origin::default(),
    })
}

/// Revision 0 has the steps one, two, three; 1 puts a step before the second; 2 is without the first sequence.
pub(super) fn plan(revision: u8) -> Plan {
    let wait = || Due::Wait { span: Span::days(1), at: None };
    let service = Purpose::Service;
    let mut steps = vec![
        step("one", service, Due::Together, message(To::Contact)),
        step("two", Purpose::Marketing, wait(), message(To::Contact)),
        step("three", service, wait(), Act::Task(task())),
    ];
    if revision == 1 {
        steps.insert(1, step("between", service, wait(), Act::Nothing));
    }
    let bound = Due::Bound {
        moment: crate::plan::Moment::Booking(FieldName::new("start")),
        before: true,
        span: Span::days(1),
        at: None,
    };
    let mut plan = Plan::bare("practice", Zone::parse("Europe/Berlin").unwrap());
    if revision != 2 {
        plan.sequences.insert(welcome(), sequence(welcome(), About::Contact, service, steps));
    }
    let remind = vec![step("remind", Purpose::Transactional, bound, message(To::Contact))];
    plan.sequences.insert(reminders(), sequence(reminders(), About::Booking, Purpose::Transactional, remind));
    plan.indexed()
}

pub(super) fn run(plan: &Plan, ids: &mut Ids, name: &SequenceName, booking: Option<BookingId>, at: i64) -> Run {
    let started = StartedBy {
        id: Some(crate::id::EventId(7)),
        kind: EventKind::new("lead.created"),
        at: Instant(at),
        booking,
        data: BTreeMap::from([(Arc::from("funnel"), Value::text("skin")), (Arc::from("n"), Value::Int(3))]),
    };
    Run {
        id: ids.run(),
        sequence: plan.sequences[name].clone(),
        object: None,
        booking,
        entered: Instant(at),
        phase: Phase::Active(Cursor {
            step: StepIx(0),
            since: Instant(at),
            occurrence: 0,
            recheck: false,
            wait: Wait::Until(Instant(at)),
        }),
        started_by: Some(Arc::new(started)),
        acted: false,
        converted: false,
        exited: false,
        arms: BTreeMap::new(),
        stale: false,
        taken: Vec::new(),
        worth: None,
        removed: false,
        before: None,
    }
}

pub(super) fn send(person: &Person, ids: &mut Ids, run: Option<&Run>, step: &str, at: i64) -> Send {
    let spec = match run {
        Some(run) => {
            run.sequence.steps.iter().find(|known| known.name.as_str() == step).and_then(|step| match &step.act {
                Act::Message(spec) => Some(Spec::Message(spec.clone())),
                Act::Task(spec) => Some(Spec::Task(spec.clone())),
                _ => None,
            })
        }
        None => Some(Spec::Task(task())),
    };
    Send {
        id: ids.send(),
        run: run.map(|run| run.id),
        sequence: run.map(|run| run.sequence.name.clone()),
        step: StepName::new(step),
        occurrence: 0,
        object: None,
        planned: Instant(at),
        purpose: Purpose::Service,
        rank: Rank(2),
        priority: 50,
        channel: Some(ChannelName::new("sms")),
        address: person.contact.phone.clone().or(Some(Arc::from("+12025550143"))),
        spec,
        state: Sending::Preparing,
        attempts: 0,
        approved_template: false,
        prepared: false,
        authorised_at: None,
        tainted: false,
        because: Some(Because::new(Gate::QuietHours).with("until", at)),
        at: Instant(at),
        provider_id: None,
    }
}

pub(super) fn bytes(send: SendId) -> Message {
    Message {
        to: "+12025550143".to_owned(),
        subject: Some(format!("Number {send}")),
        text: "Grüße – 你好 \u{0} end".to_owned(),
        links: (0..send.0 % 3).map(|number| format!("https://example.com/{send}/{number}?a=ü")).collect(),
        headers: BTreeMap::from([("List-Unsubscribe".to_owned(), "<https://example.org/u/1>".to_owned())]),
        ..Message::default()
    }
}

pub(super) fn event(ids: &mut Ids, kind: &str, at: i64, form: &str) -> Happening {
    Happening {
        id: ids.event(),
        kind: EventKind::new(kind),
        at: Instant(at),
        booking: None,
        data: BTreeMap::from([
            (Arc::from("form"), Value::text(form)),
            (Arc::from("answers"), Value::List(vec![Value::Bool(true), Value::Num(0.5), Value::Missing])),
            (Arc::from("cost"), Value::Money(1250, Arc::from("EUR"))),
        ]),
        delivery: None,
        by_run: None,
    }
}

pub(super) fn news(uid: &str, previous: Option<&str>, at: i64) -> BookingNews {
    BookingNews {
        kind: if previous.is_some() { NewsKind::Rescheduled } else { NewsKind::Created },
        at: Instant(at),
        uid: Arc::from(uid),
        previous_uid: previous.map(Arc::from),
        previous_start: None,
        booked_at: None,
        start: Some(Instant(at + DAY)),
        end: Some(Instant(at + DAY + HOUR)),
        booking_kind: Some(Arc::from("consultation")),
        title: None,
        zone: Zone::parse("Europe/Berlin"),
        host: Some(Host { name: Some(Arc::from("Dr. Ida Example")), ..Host::default() }),
        location: None,
        video_url: None,
        price: Some((9900, Arc::from("EUR"))),
        reschedule_url: None,
        cancel_url: None,
        is_test: None,
        fields: BTreeMap::from([(FieldName::new("procedure"), Value::text("peel"))]),
    }
}

pub(super) fn booking(id: i64, contact: i64, uid: &str, at: i64) -> Booking {
    let told = news(uid, None, at);
    Booking::from_news(BookingId(id), ContactId(contact), SourceName::new("cal"), &told).0
}

/// Questions that touch every way of asking.
pub(super) fn asks(person: &Person) -> Vec<(Ask, Option<Instant>)> {
    let event = || EventKind::new("form.submitted");
    let form = |word: Word| vec![(Arc::from("form"), word)];
    let mut asks = vec![
        (Ask::Count { event: event(), within: None, fields: Vec::new() }, None),
        (Ask::Count { event: event(), within: Some(Span::days(1)), fields: Vec::new() }, Some(Instant(START))),
        (
            Ask::Count { event: event(), within: Some(Span::days(1)), fields: form(Word::Text(Arc::from("a"))) },
            Some(Instant(START)),
        ),
        (Ask::Count { event: EventKind::new("never.was"), within: None, fields: Vec::new() }, None),
        (Ask::Last { event: event(), fields: Vec::new() }, None),
        (Ask::Last { event: event(), fields: form(Word::Text(Arc::from("b"))) }, None),
        (Ask::Last { event: event(), fields: form(Word::Int(1)) }, None),
        (Ask::WasSent { what: Arc::from("welcome"), within: None }, None),
        (Ask::WasSent { what: Arc::from("welcome"), within: Some(Span::days(1)) }, Some(Instant(START + DAY))),
        (Ask::WasSent { what: Arc::from("nothing"), within: None }, None),
        (Ask::InSegment { segment: Arc::from("all") }, None),
        (Ask::LastEnd { sequence: welcome(), booking: None }, None),
        (Ask::LastEnd { sequence: reminders(), booking: Some(BookingId(1)) }, None),
        (Ask::Done { run: RunId(999) }, None),
    ];
    asks.extend(person.runs.iter().map(|run| (Ask::Done { run: run.id }, None)));
    asks
}

/// Every kind of wait.
pub(super) fn waits() -> [Wait; 6] {
    [
        Wait::Until(Instant(START + HOUR)),
        Wait::ForOutcome(SendId(4)),
        Wait::Settling,
        Wait::Held(Hold::CatchUp),
        Wait::Quiet,
        Wait::Awaiting(Instant(START + 2 * HOUR)),
    ]
}

/// A way that a run took.
pub(super) fn way(at: usize) -> Taken {
    let first = at.is_multiple_of(2).then(|| StepName::new("two"));
    Taken { step: StepName::new(format!("which_{at}")), arm: Arc::from("otherwise"), first }
}
