//! What a durable step costs, in processor time and bytes. Not a test that passes or fails: run it by name to see.
use super::OnDisk;
use crate::{
    calendar::Instant,
    engine::{
        Changes, Kept, MemoryStore, Store, Turn,
        conformance::{START, due_step, enrolled, sample_plan},
    },
    id::ContactId,
};
use std::fmt::Write;

/// Nanoseconds that this thread has had a processor for; 0 where the kernel does not tell.
fn cpu() -> u64 {
    let exact = || std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok();
    exact().unwrap_or(0)
}

/// Everybody is enrolled, then every message step falls due and goes out to a mailbox, a thousand a commit.
fn walk<S: Store>(store: &mut S, people: i64) -> (u64, u64) {
    let plan = sample_plan();
    store.publish(&plan, "cost", Instant(START)).unwrap();
    for first in (1..=people).step_by(1_000) {
        let mut turn = store.turn(&plan).unwrap();
        for who in first..(first + 1_000).min(people + 1) {
            enrolled(&mut turn, &plan, who, START);
        }
        turn.commit().unwrap();
    }
    let (mut steps, before) = (0, cpu());
    for now in [START, START + 86_400_000] {
        loop {
            let mut turn = store.turn(&plan).unwrap();
            let due = turn.due(Instant(now), 1_000).unwrap();
            if due.is_empty() {
                break;
            }
            let people = turn.people(&due.iter().copied().collect()).unwrap();
            for (_, mut person) in people {
                let mut kept = Kept::default();
                let mut ids = turn.ids().unwrap();
                due_step(&mut person, &mut kept, &mut ids, now);
                turn.record(&Changes { person: &person, kept: &kept, ids, now: Instant(now) }).unwrap();
                steps += 1;
            }
            turn.commit().unwrap();
        }
    }
    (steps, (cpu() - before) / steps)
}

#[test]
#[ignore = "prints numbers; has nothing to hold"]
fn a_durable_step() {
    let people = 20_000;
    let mut disk = OnDisk::new();
    let (steps, durable) = walk(&mut disk, people);
    let (_, memory) = walk(&mut MemoryStore::new(), people);
    disk.store.checkpointer().unwrap().truncate().unwrap();
    let size = std::fs::metadata(&disk.path).unwrap().len();
    let mut text =
        format!("{steps} steps of {people} people: {} µs in SQLite, {} µs in memory", durable / 1_000, memory / 1_000);
    write!(text, "; {} bytes a person", size / people as u64).unwrap();
    for table in ["contact", "touch", "enrolment", "outcome", "message", "enrolment_due", "enrolment_active"] {
        let bytes: Result<u64, _> =
            disk.store.db.query_row("SELECT sum(pgsize) FROM dbstat WHERE name = ?1", [table], |row| {
                row.get::<_, i64>(0).map(|bytes| bytes as u64)
            });
        if let Ok(bytes) = bytes {
            write!(text, "\n  {table}: {} bytes a person", bytes / people as u64).unwrap();
        }
    }
    println!("{text}");
    assert_eq!(disk.reader().ledger(ContactId(1)).unwrap().len(), 2);
}
