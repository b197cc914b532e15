//! The table of changes over real files, and what outlives the end of a process.
use super::OnDisk;
use crate::{
    calendar::Instant,
    engine::{Limits, MemoryStore, Store, Work, conformance::Home, turn},
    id::ContactId,
    journey::tests::{build::*, inside::every_row, stage::*},
    plan::{CatchUp, Plan},
};
use std::sync::Arc;

#[test]
fn every_row_of_the_table_does_what_it_says_on_disk() {
    every_row(OnDisk::new);
}

fn says(mut plan: Plan, text: &str) -> Arc<Plan> {
    plan.templates[0].body = Arc::from(format!("{text}: step {{{{ run.step }}}}."));
    plan.ready()
}

fn old() -> Arc<Plan> {
    let steps = seq("a").step(say("one").wait("1d")).step(say("two").wait("10d")).step(say("three").wait("10d"));
    says(plan().with(steps).on(on("lead.created", "a")), "Old")
}

fn new() -> Arc<Plan> {
    let steps =
        seq("a").step(say("one").wait("1d")).step(say("other").wait("2d")).changed(|changed| changed.pin = true);
    says(plan().with(steps).on(on("lead.created", "a")), "New")
}

/// The process ends, and another one opens the file and begins with the plan of the files.
fn again(stage: Stage<OnDisk>) -> Stage<OnDisk> {
    let Stage { store, loaded, world, now, zone, notes, left, script, deliveries } = stage;
    let path = store.path.clone();
    let (store, folder) = super::files::reopen(store);
    let store = OnDisk { store, path, _folder: folder };
    let mut next = Stage::over(store, loaded.plan.clone(), "2027-06-01 12:00");
    (next.world, next.now, next.zone, next.notes) = (world, now, zone, notes);
    (next.left, next.script, next.deliveries) = (left, script, deliveries);
    next.restart();
    next
}

#[test]
fn who_finishes_what_they_entered_does_so_over_restarts_and_further_changes() {
    let mut stage = Stage::over(OnDisk::new(), old(), "2027-06-01 12:00");
    for (id, name) in [(1, "ana"), (2, "bea")] {
        stage.person(ContactId(id), name, |_, _| {});
    }
    stage.happens("lead.created");
    stage.until("2027-06-05 12:00");
    stage.publish(new());
    stage = again(stage);
    stage.happens_to("bea", "lead.created", &[]);
    stage.until("2027-06-13 12:00");
    // a third revision: ana stays on the first, bea left the second before
    let third = seq("a").step(say("last").wait("1d")).changed(|changed| changed.pin = true);
    stage.publish(says(plan().with(third).on(on("lead.created", "a")), "Third"));
    stage = again(stage);
    stage.until("2027-07-30 12:00");
    assert_eq!(
        stage.ledger(),
        [
            "a.one 2027-06-02 12:00 sent",
            "a.one 2027-06-06 12:00 sent",
            "a.other 2027-06-08 12:00 sent",
            "a.two 2027-06-12 12:00 sent",
            "a.three 2027-06-22 12:00 sent",
        ]
    );
    let texts: Vec<&str> = stage.left.iter().map(|left| left.text.split(':').next().unwrap()).collect();
    assert_eq!(texts, ["Old", "New", "New", "Old", "Old"]);
    assert_eq!(stage.runs(), ["a completed", "a completed"]);
}

#[test]
fn who_finished_an_old_revision_rests_and_follows_when_the_file_says_so() {
    let mut stage = Stage::over(OnDisk::new(), old(), "2027-06-01 12:00");
    stage.person(ANA, "ana", |_, _| {});
    stage.happens("lead.created");
    stage.until("2027-06-05 12:00");
    let edited = |with: fn(&mut crate::plan::Sequence)| {
        let mut plan = Plan::clone(&new());
        with(Arc::make_mut(plan.sequences.get_mut("a").unwrap()));
        plan.ready()
    };
    stage.publish(new());
    // switched off rests for those on older revisions too
    stage.publish(edited(|sequence| sequence.active = false));
    stage.until("2027-06-14 12:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-02 12:00 sent"]);
    stage.publish(new());
    stage.until("2027-06-14 13:00");
    assert_eq!(stage.ledger()[1..], ["a.two 2027-06-14 12:00 sent"]);
    // no longer held to it: the step she waits for is gone, and nothing follows
    stage.publish(edited(|sequence| sequence.changed.pin = false));
    stage.until("2027-07-30 12:00");
    assert_eq!((stage.ledger().len(), stage.runs()), (2, vec!["a completed".to_owned()]));
}

fn crowd(stage: &mut Stage<OnDisk>, people: i64) {
    for id in 1..=people {
        let name = format!("p{id}");
        stage.person(ContactId(id), &name, |_, _| {});
        stage.happens_to(&name, "lead.created", &[]);
    }
}

fn waiting(wait: &str, how: Option<CatchUp>) -> Arc<Plan> {
    let steps = seq("a").step(say("one").wait(wait)).step(say("two").wait("1d"));
    let plan = plan().with(steps.changed(|changed| changed.catch_up = how)).on(on("lead.created", "a"));
    plan.window("day", &crate::calendar::Weekday::ALL, "09:00", "18:00").ready()
}

#[test]
fn a_change_is_worked_in_pages_that_outlive_the_process_and_everybody_has_a_moment_of_their_own() {
    let mut stage = Stage::over(OnDisk::new(), waiting("30d", None), "2027-06-01 12:00");
    crowd(&mut stage, 60);
    stage.until("2027-06-10 12:00");
    let plan = waiting("2d", None);
    stage.store.publish(&plan, "test", stage.now).unwrap();
    stage.loaded = crate::engine::Loaded::new(plan.clone(), stage.store.key());
    let page = |stage: &mut Stage<OnDisk>| {
        stage.store.store.loads = 0;
        turn(&mut stage.store, &stage.loaded, &stage.world, vec![Work::Tick], Limits { people: 7 }, stage.now).unwrap();
        stage.store.store.loads
    };
    assert_eq!(page(&mut stage), 7, "no more than a page");
    let stale = |stage: &mut Stage<OnDisk>| {
        let people = (1..=60).map(|id| stage.look(ContactId(id)));
        people.filter(|person| person.runs[0].stale).count()
    };
    assert_eq!(stale(&mut stage), 53);
    stage = again(stage);
    assert_eq!((page(&mut stage), stale(&mut stage)), (7, 46), "goes on where it stood");
    stage.until("2027-07-30 12:00");
    let first: Vec<Instant> =
        stage.store.ledger().iter().filter(|row| row.step.as_str() == "one").map(|row| row.at).collect();
    let mut hours = [0; 24];
    for at in &first {
        hours[usize::try_from(at.since(civil(&stage.zone, "2027-06-10 12:00")) / 3_600_000).expect("not before")] += 1;
    }
    assert_eq!((first.len(), stage.runs().len()), (60, 60));
    assert!(stage.runs().iter().all(|run| run == "a completed"));
    // spread out: no hour has more than a fifth, and most have somebody
    assert!(hours.iter().max() <= Some(&12) && hours.iter().filter(|hour| **hour > 0).count() >= 16, "{hours:?}");
}

#[test]
fn both_stores_catch_up_at_the_same_moments() {
    let moments = |rows: Vec<crate::engine::LedgerRow>| rows.into_iter().map(|row| row.at).collect::<Vec<_>>();
    let mut disk = Stage::over(OnDisk::new(), waiting("30d", None), "2027-06-01 12:00");
    let mut memory = Stage::over(MemoryStore::new(), waiting("30d", None), "2027-06-01 12:00");
    for id in 1..=9 {
        let name = format!("p{id}");
        disk.person(ContactId(id), &name, |_, _| {});
        memory.person(ContactId(id), &name, |_, _| {});
        disk.happens_to(&name, "lead.created", &[]);
        memory.happens_to(&name, "lead.created", &[]);
    }
    for stage in ["2027-06-10 12:00", "2027-06-11 12:00"] {
        disk.until(stage);
        memory.until(stage);
        let plan = waiting("2d", Some(CatchUp::Spread(span("30h"))));
        disk.publish(plan.clone());
        memory.publish(plan);
    }
    disk.until("2027-07-30 12:00");
    memory.until("2027-07-30 12:00");
    assert_eq!(moments(Home::ledger(&disk.store)), moments(memory.store.ledger()));
}

#[test]
fn an_appointment_ends_after_a_restart_and_is_not_told_twice_after_another() {
    let ends = || plan().with(seq("a").step(say("thanks"))).on(on("booking.ended", "a")).ready();
    let mut stage = Stage::over(OnDisk::new(), ends(), "2027-06-01 12:00");
    stage.person(ContactId(1), "ana", |_, _| {});
    stage.books("u1", "2027-06-03 18:00");
    stage = again(stage);
    assert_eq!(stage.look(ContactId(1)).watches.len(), 1);
    stage.sleep_until("2027-06-03 22:00");
    stage.wake();
    stage = again(stage);
    let start = civil(&stage.zone, "2027-06-03 18:00");
    stage.news(of_booking(booked(crate::record::NewsKind::Ended, "u1", stage.now, Some(start))));
    stage.until("2027-06-30 12:00");
    let events = stage.store.events(ContactId(1)).into_iter();
    let ended: Vec<_> = events.filter(|event| event.kind.as_str() == "booking.ended").collect();
    assert_eq!(ended.iter().map(|event| stage.show(event.at)).collect::<Vec<_>>(), ["2027-06-03 19:00"]);
    assert_eq!(stage.ledger(), ["a.thanks 2027-06-03 22:00 sent"]);
    let bookings = stage.look(ContactId(1)).bookings;
    assert_eq!(bookings.values().next().unwrap().status(), crate::record::BookingStatus::Ended);
}
