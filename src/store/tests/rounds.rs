//! Rounds over everybody on a real file: how many people they load, and what is left of them when the process ends.
use super::{OnDisk, SqliteStore};
use crate::{
    calendar::Instant,
    engine::{
        Changes, Did, Done, Kept, Limits, Loaded, Store, Turn, Work, World,
        conformance::{Home, record},
        to_backfill, turn,
    },
    id::{ContactId, SegmentName, TriggerName},
    journey::{Sweep, tests::build::*},
    plan::{Border, Origin, Plan, Segment, Trigger, TriggerSource},
};
use std::{collections::BTreeMap, sync::Arc};

const START: i64 = 1_811_000_000_000;
const HOUR: i64 = 3_600_000;
const HALF: i64 = HOUR / 2;

/// Between ninety days and three hours more: time alone brings people in, and out again.
fn crossing(backfill: bool) -> Arc<Plan> {
    let text = "hours_since(contact.last_visit_at) >= 2160 and hours_since(contact.last_visit_at) < 2163";
    let name = SegmentName::new("quiet");
    let segment = Segment { name: name.clone(), title: None, cond: cond(text), origin: Origin::default() };
    let trigger = |id: &str, on_: Border, to: &str| {
        let source = TriggerSource::Segment { segment: name.clone(), on: on_ };
        Trigger { name: id.into(), source, backfill, ..on("nothing", to) }
    };
    let mut plan = plan().with(seq("a").step(say("hello"))).with(seq("b").step(say("bye")));
    plan.segments.insert(name.clone(), Arc::new(segment));
    let plan = plan.on(trigger("comes", Border::Entry, "a")).on(trigger("goes", Border::Exit, "b"));
    plan.local("email").ready()
}

/// Everybody visited that long before the start.
fn crowd(disk: &mut OnDisk, plan: &Plan, people: i64, visited: impl Fn(i64) -> i64) {
    let mut turn = disk.store.turn(plan).unwrap();
    for who in 1..=people {
        record(&mut turn, who, START, |person, _, _| {
            person.contact.last_visit_at = Some(Instant(START - visited(who)));
            person.contact.email = Some(Arc::from(format!("p{who}@example.test")));
        });
    }
    turn.commit().unwrap();
}

fn tick(disk: &mut OnDisk, plan: &Arc<Plan>, people: usize, now: i64) -> Did<Done> {
    let loaded = Loaded::new(plan.clone(), disk.key());
    let world = World { epoch: disk.begin_epoch()?, ..World::default() };
    let mut done = turn(&mut disk.store, &loaded, &world, vec![Work::Tick], Limits { people }, Instant(now))?;
    Ok(done.done.pop().unwrap())
}

/// Ticks until nothing is due. How many there were.
fn until_done(disk: &mut OnDisk, plan: &Arc<Plan>, people: usize, now: i64) -> usize {
    let mut ticks = 0;
    while disk.next_wake().unwrap().is_some_and(|wake| wake <= Instant(now)) {
        tick(disk, plan, people, now).unwrap();
        ticks += 1;
        assert!(ticks < 200, "the round does not end");
    }
    ticks
}

fn loads(disk: &mut OnDisk) -> usize {
    std::mem::take(&mut disk.store.loads)
}

/// Who was enrolled in a sequence, and how often.
fn enrolled(disk: &OnDisk, sequence: &str) -> BTreeMap<i64, usize> {
    let mut who = BTreeMap::new();
    for run in disk.runs().into_iter().filter(|run| run.sequence.as_str() == sequence) {
        *who.entry(run.contact.0).or_default() += 1;
    }
    who
}

fn once(who: impl IntoIterator<Item = i64>) -> BTreeMap<i64, usize> {
    who.into_iter().map(|who| (who, 1)).collect()
}

#[test]
fn a_round_loads_those_only_who_cross() {
    const CROSS: [i64; 5] = [7, 777, 5_000, 7_777, 10_000];
    let plan = crossing(false);
    let mut disk = OnDisk::new();
    crowd(&mut disk, &plan, 10_000, |who| match who {
        // crosses in the first hour, was inside for long, visited lately
        who if CROSS.contains(&who) => 2160 * HOUR - HALF,
        100..=119 => 2160 * HOUR + 2 * HOUR + HALF,
        _ => 240 * HOUR,
    });
    disk.publish(&plan, "test", Instant(START)).unwrap();
    let written: i64 = disk.store.db.query_row("SELECT count(*) FROM watch", [], |row| row.get(0)).unwrap();
    assert_eq!(written, 0, "publishing writes nothing for each person");
    loads(&mut disk);
    until_done(&mut disk, &plan, 500, START);
    assert_eq!(
        (loads(&mut disk), disk.runs().len()),
        (40, 0),
        "those who are inside, for each trigger: they are no news"
    );
    let mut seen = Vec::new();
    for hour in 1..=5 {
        until_done(&mut disk, &plan, 500, START + hour * HOUR);
        seen.push((loads(&mut disk), enrolled(&disk, "a").len(), enrolled(&disk, "b").len()));
    }
    assert_eq!(seen, [(25, 5, 20), (0, 5, 20), (0, 5, 20), (5, 5, 25), (0, 5, 25)]);
    assert_eq!(enrolled(&disk, "a"), once(CROSS));
}

/// The process ends between two pages, in the middle of writing one, and with one written and not committed.
#[test]
fn a_round_survives_every_end_of_the_process() {
    const PEOPLE: i64 = 60;
    const PAGE: usize = 7;
    for backfill in [false, true] {
        let plan = crossing(backfill);
        let mut disk = OnDisk::new();
        // with `backfill` all are inside when it is published, else they come in the hour after
        let visited = if backfill { 2160 * HOUR } else { 2160 * HOUR - HALF };
        crowd(&mut disk, &plan, PEOPLE, |_| visited);
        disk.publish(&plan, "test", Instant(START)).unwrap();
        let mut now = START;
        let mut turn = disk.store.turn(&plan).unwrap();
        let counted = if backfill { vec![(TriggerName::new("comes"), 60)] } else { Vec::new() };
        assert_eq!(to_backfill(&mut turn, &plan, Instant(now)).unwrap(), counted, "said before anybody is taken in");
        drop(turn);
        if !backfill {
            until_done(&mut disk, &plan, PAGE, now);
            now += HOUR;
        }
        for _ in 0..2 {
            tick(&mut disk, &plan, PAGE, now).unwrap();
        }
        assert_eq!(enrolled(&disk, "a"), once(1..=14));
        let mut disk = again(disk, &plan, now);
        let crash = "CREATE TEMP TRIGGER crash BEFORE INSERT ON enrolment WHEN NEW.contact_id = 18
            BEGIN SELECT RAISE(ABORT, 'no power'); END";
        disk.store.db.execute_batch(crash).unwrap();
        assert!(tick(&mut disk, &plan, PAGE, now).is_err());
        let disk = again(disk, &plan, now);
        assert_eq!(enrolled(&disk, "a"), once(1..=14), "nothing of the page is there");
        let mut disk = cut_off(disk, &plan, now);
        assert_eq!(enrolled(&disk, "a"), once(1..=14));
        tick(&mut disk, &plan, PAGE, now + HALF / 2).unwrap();
        assert_eq!(enrolled(&disk, "a"), once(1..=21), "it goes on where it stood");
        let ticks = until_done(&mut disk, &plan, PAGE, now + HALF / 2);
        assert!(ticks >= 6, "{ticks} pages");
        assert_eq!(enrolled(&disk, "a"), once(1..=PEOPLE), "nobody twice and nobody missed");
        until_done(&mut disk, &plan, PAGE, now + 5 * HOUR);
        assert_eq!(enrolled(&disk, "b"), once(1..=PEOPLE));
    }
}

/// Ends the process in order and starts it again, which publishes the plan as it is.
fn again(disk: OnDisk, plan: &Plan, now: i64) -> OnDisk {
    let OnDisk { store, path, _folder: folder } = disk;
    drop(store);
    let store = SqliteStore::open(&path, [7; 32], Instant(now)).unwrap();
    let mut disk = OnDisk { store, path, _folder: folder };
    disk.publish(plan, "test", Instant(now)).unwrap();
    disk
}

/// Ends the process with a page that was written and not committed: what is on the disk then is copied and opened.
fn cut_off(mut disk: OnDisk, plan: &Plan, now: i64) -> OnDisk {
    let mut turn = disk.store.turn(plan).unwrap();
    let name = TriggerName::new("comes");
    let sweep = turn.sweeps().unwrap()[&name];
    let page = turn.contacts(sweep.after, 7).unwrap();
    for mut person in turn.people(&page.iter().copied().collect()).unwrap().into_values() {
        person.contact.score = 1;
        let (kept, ids) = (Kept { contact: true, ..Kept::default() }, turn.ids().unwrap());
        turn.record(&Changes { person: &person, kept: &kept, ids, now: Instant(now) }).unwrap();
    }
    turn.keep_sweep(&name, Sweep { after: page.last().copied(), ..sweep }).unwrap();
    std::mem::forget(turn);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("dripline.db");
    for ending in ["", "-wal"] {
        let name = |path: &std::path::Path| format!("{}{ending}", path.display());
        if std::path::Path::new(&name(&disk.path)).exists() {
            std::fs::copy(name(&disk.path), name(&copy)).unwrap();
        }
    }
    let store = SqliteStore::open(&copy, [7; 32], Instant(now)).unwrap();
    assert_eq!(sweep.after, Some(ContactId(14)));
    OnDisk { store, path: copy, _folder: folder }
}
