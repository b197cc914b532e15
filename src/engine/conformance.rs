//! What every store has to do, written once and run over each of them. A store's own tests say how to make one and how
//! to read it; the laws are here.
mod appointments;
mod campaigns;
mod erasure;
mod identity;
mod laws;
mod links;
mod publish;
mod random;
mod sample;
pub(crate) mod segments;
pub(crate) mod standing;

pub(crate) use appointments::*;
pub(crate) use campaigns::*;
pub(crate) use erasure::{
    addresses_of_the_erased_are_known_again, an_address_is_erased_where_the_person_was,
    an_erased_person_is_a_number_whose_runs_are_over, an_erasure_that_is_dropped_took_nothing, erase,
    runs_of_no_sequence_end_too,
};
pub(crate) use identity::a_clinic_has_people_of_its_own;
pub(crate) use laws::*;
pub(crate) use links::*;
pub(crate) use publish::*;
pub(crate) use random::{Op, play};
pub(crate) use sample::START;
pub(crate) use segments::{members_are_told_by_everything_a_person_has, members_come_in_pages};
pub(crate) use standing::{
    a_page_that_fails_is_taken_again, a_sweep_takes_everybody_once, what_a_trigger_enrolled_is_counted_with_the_turn,
};

use super::{
    AttemptRow, Changes, InFlight, Kept, LedgerRow, LinkRow, MailboxRow, QuarantineRow, RefusalRow, RunRow, Store,
    TaskRow, Turn,
};
use crate::{
    calendar::Instant,
    expr::Ask,
    id::{ChannelName, ContactId, Epoch, SendId},
    journey::{Happening, Ids, Person},
    plan::Plan,
    record::ConsentEntry,
    value::Value,
};
use std::collections::{BTreeMap, BTreeSet};

/// A store that can be read to the last row.
pub(crate) trait Home: Store {
    fn ledger(&self) -> Vec<LedgerRow>;
    fn runs(&self) -> Vec<RunRow>;
    fn mailbox(&self) -> Vec<MailboxRow>;
    fn tasks(&self) -> Vec<TaskRow>;
    fn refusals(&self) -> Vec<RefusalRow>;
    fn attempts(&self) -> Vec<AttemptRow>;
    fn quarantine(&self) -> Vec<QuarantineRow>;
    fn events(&self, who: ContactId) -> Vec<Happening>;
    fn consents(&self, who: ContactId) -> Vec<ConsentEntry>;
    fn link(&self, send: SendId, number: u16) -> Option<LinkRow>;
}

/// Everything that can be seen of a store.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Seen {
    ids: Ids,
    people: BTreeMap<ContactId, Person>,
    answers: Vec<(ContactId, Ask, Value)>,
    due: Vec<(Instant, Vec<ContactId>)>,
    ready: Vec<(ContactId, SendId)>,
    in_flight: Vec<InFlight>,
    wake: Option<Instant>,
    contents: Vec<(SendId, Option<crate::content::Message>)>,
    ledger: Vec<LedgerRow>,
    runs: Vec<RunRow>,
    mailbox: Vec<MailboxRow>,
    tasks: Vec<TaskRow>,
    refusals: Vec<RefusalRow>,
    attempts: Vec<AttemptRow>,
    quarantine: Vec<QuarantineRow>,
    events: Vec<Vec<Happening>>,
    consents: Vec<Vec<ConsentEntry>>,
    links: Vec<LinkRow>,
}

impl Seen {
    /// The first line that differs, so that a difference can be read.
    fn same_as(&self, other: &Self) {
        if self == other {
            return;
        }
        let (one, other) = (format!("{self:#?}"), format!("{other:#?}"));
        let at = one.lines().zip(other.lines()).position(|(one, other)| one != other).unwrap_or(0);
        let near = |text: &str| text.lines().skip(at.saturating_sub(12)).take(16).collect::<Vec<_>>().join("\n");
        panic!("the stores differ:\n{}\n--- and ---\n{}", near(&one), near(&other));
    }
}

/// Looks at everything. The turn that asks is dropped.
pub(crate) fn look<H: Home>(home: &mut H, plan: &Plan) -> Seen {
    let everybody: BTreeSet<ContactId> = (1..=sample::PEOPLE).map(ContactId).collect();
    let mut turn = home.turn(plan).unwrap();
    let ids = turn.ids().unwrap();
    let people = turn.people(&everybody).unwrap();
    let mut answers = Vec::new();
    for who in people.keys() {
        for (ask, since) in sample::asks(&people[who]) {
            let value = turn.answer(*who, &ask, since).unwrap();
            answers.push((*who, ask, value));
        }
    }
    let due = sample::MOMENTS.map(|at| (Instant(at), turn.due(Instant(at), 3).unwrap())).to_vec();
    let ready = ["sms", "mail", "nowhere"].map(|channel| turn.ready(&ChannelName::new(channel), 4).unwrap()).concat();
    let contents = (1..=ids.send).map(|id| (SendId(id), turn.content(SendId(id)).unwrap())).collect();
    drop(turn);
    Seen {
        ids,
        answers,
        due,
        ready,
        contents,
        in_flight: home.in_flight(Epoch(9)).unwrap(),
        wake: home.next_wake().unwrap(),
        ledger: home.ledger(),
        runs: home.runs(),
        mailbox: home.mailbox(),
        tasks: home.tasks(),
        refusals: home.refusals(),
        attempts: home.attempts(),
        quarantine: home.quarantine(),
        events: people.keys().map(|who| home.events(*who)).collect(),
        consents: people.keys().map(|who| home.consents(*who)).collect(),
        links: (1..=ids.send)
            .flat_map(|id| (0..3).map(move |number| (SendId(id), number)))
            .filter_map(|(id, number)| home.link(id, number))
            .collect(),
        people,
    }
}

/// Loads a person, changes them, records and commits.
pub(crate) fn change<H: Store>(
    home: &mut H,
    plan: &Plan,
    who: i64,
    now: i64,
    work: impl FnOnce(&mut Person, &mut Kept, &mut Ids),
) {
    let mut turn = home.turn(plan).unwrap();
    record(&mut turn, who, now, work);
    turn.commit().unwrap();
}

pub(crate) fn record<T: Turn>(turn: &mut T, who: i64, now: i64, work: impl FnOnce(&mut Person, &mut Kept, &mut Ids)) {
    let who = ContactId(who);
    let mut people = turn.people(&BTreeSet::from([who])).unwrap();
    let mut kept = Kept::default();
    let mut person = people.remove(&who).unwrap_or_else(|| {
        kept = Kept { is_new: true, contact: true, touch: true, ..Kept::default() };
        Person::new(crate::record::Contact::new(who, Instant(now)))
    });
    let mut ids = turn.ids().unwrap();
    work(&mut person, &mut kept, &mut ids);
    turn.record(&Changes { person: &person, kept: &kept, ids, now: Instant(now) }).unwrap();
}

/// A plan for tests of a store of its own.
pub(crate) fn sample_plan() -> Plan {
    sample::plan(0)
}

/// A person with one run at its first step.
pub(crate) fn enrolled<T: Turn>(turn: &mut T, plan: &Plan, who: i64, at: i64) {
    record(turn, who, at, |person, kept, ids| {
        let run = sample::run(plan, ids, &sample::welcome(), None, at);
        kept.new_runs.insert(run.id);
        person.runs.push(run);
    });
}

/// The next step of a person's run goes out to a mailbox, and the run moves on.
pub(crate) fn due_step(person: &mut Person, kept: &mut Kept, ids: &mut Ids, now: i64) {
    let run = person.runs[0].clone();
    let cursor = *run.cursor().unwrap();
    let step = run.sequence.step(cursor.step).unwrap().name.clone();
    let mut send = sample::send(person, ids, Some(&run), step.as_str(), now);
    send.channel = Some(ChannelName::new("mail"));
    send.state = crate::journey::Sending::Closed(crate::journey::Outcome::Sent);
    (send.attempts, send.authorised_at, send.because) = (1, Some(Instant(now)), None);
    kept.contents.insert(send.id, sample::bytes(send.id));
    kept.new_sends.insert(send.id);
    kept.mailbox.insert(send.id);
    person.touch.last_out = Some(Instant(now));
    person.touch.recent.push(crate::record::Counted {
        send: send.id,
        at: Instant(now),
        purpose: send.purpose,
        channel: ChannelName::new("mail"),
        sequence: send.sequence.clone(),
    });
    kept.touch = true;
    person.sends.push(send);
    let next = crate::journey::Cursor {
        step: crate::plan::StepIx(cursor.step.0 + 1),
        wait: crate::journey::Wait::Until(Instant(now + sample::DAY)),
        ..cursor
    };
    person.runs[0].phase = crate::journey::Phase::Active(next);
    person.runs[0].acted = true;
    kept.runs.insert(run.id);
}

/// A send that belongs to no step.
pub(crate) fn aside(person: &Person, ids: &mut Ids) -> crate::journey::Send {
    sample::send(person, ids, None, "aside", sample::START)
}

/// A send that has its outcome.
pub(crate) fn closed_send<H: Store>(home: &mut H, who: i64, outcome: crate::journey::Outcome) -> crate::journey::Send {
    let plan = sample::plan(0);
    let mut closed = None;
    change(home, &plan, who, sample::START, |person, kept, ids| {
        let mut send = aside(person, ids);
        send.state = crate::journey::Sending::Closed(outcome);
        send.provider_id = Some(format!("provider-{}", send.id).into());
        kept.new_sends.insert(send.id);
        closed = Some(send.clone());
        person.sends.push(send);
    });
    closed.unwrap()
}

/// One test per law.
macro_rules! conforms {
    ($make:expr) => {
        $crate::engine::conformance::conforms!($make;
            links_stay_when_the_bytes_are_gone, links_of_what_did_not_go_out_are_let_go,
            links_of_what_may_have_gone_out_stay,
            every_part_of_a_person_comes_back, a_dropped_turn_leaves_nothing, one_turn_may_record_a_person_often,
            the_most_pressing_are_due_first, a_delivery_counts_once, people_and_bookings_are_found, a_clinic_has_people_of_its_own, history_answers,
            an_active_run_is_alone, ended_runs_are_let_go, a_publication_marks_what_changed,
            a_removed_sequence_keeps_its_people, lost_answers_are_found, an_outcome_is_final,
            the_clock_knows_the_next_moment, old_messages_are_not_counted_for_ever, ready_sends_wait_for_their_channel,
            what_belongs_to_nobody_is_refused, what_a_send_was_moved_to_is_kept_and_what_a_move_cancelled_was_not_done,
            a_sweep_takes_everybody_once, a_page_that_fails_is_taken_again,
            what_a_trigger_enrolled_is_counted_with_the_turn, members_come_in_pages, members_are_told_by_everything_a_person_has,
            campaigns_stand_as_somebody_ordered, a_code_is_given_once, uses_of_offers_are_counted,
            history_knows_the_last_contact_and_entry, an_erased_person_is_a_number_whose_runs_are_over,
            addresses_of_the_erased_are_known_again, an_erasure_that_is_dropped_took_nothing, runs_of_no_sequence_end_too,
            an_address_is_erased_where_the_person_was, an_appointment_ends_by_itself_and_once);
    };
    ($make:expr; $($law:ident),+) => {
        $(#[test]
        fn $law() {
            $crate::engine::conformance::$law(&mut $make);
        })+
    };
}
pub(crate) use conforms;
