//! What every store has to do, written once and run over each of them. A store's own tests say how to make one and how
//! to read it; the laws are here.
mod laws;
mod random;
mod sample;

pub(crate) use laws::*;
pub(crate) use random::{Op, play};

use super::{
    AttemptRow, Changes, InFlight, Kept, LedgerRow, MailboxRow, QuarantineRow, RefusalRow, RunRow, Store, TaskRow, Turn,
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

/// One test per law.
macro_rules! conforms {
    ($make:expr) => {
        $crate::engine::conformance::conforms!($make;
            every_part_of_a_person_comes_back, a_dropped_turn_leaves_nothing, one_turn_may_record_a_person_often,
            the_most_pressing_are_due_first, a_delivery_counts_once, people_and_bookings_are_found, history_answers,
            an_active_run_is_alone, ended_runs_are_let_go, a_publication_marks_what_changed,
            a_removed_sequence_keeps_its_people, lost_answers_are_found, an_outcome_is_final,
            the_clock_knows_the_next_moment, old_messages_are_not_counted_for_ever, ready_sends_wait_for_their_channel,
            what_belongs_to_nobody_is_refused);
    };
    ($make:expr; $($law:ident),+) => {
        $(#[test]
        fn $law() {
            $crate::engine::conformance::$law(&mut $make);
        })+
    };
}
pub(crate) use conforms;
