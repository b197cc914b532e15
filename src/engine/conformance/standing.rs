//! A sweep: everybody who is there is looked at for a trigger without an event that is published, a page at a time.
use super::{Home, change};
use crate::{
    calendar::{Instant, Span},
    engine::{Broken, Did, Done, Limits, Loaded, Store, Turn, Work, turn},
    id::{ContactId, FieldName, TriggerName},
    journey::{Pace, Sweep, World, tests::build::*},
    plan::{Moment, Plan, Trigger, TriggerSource},
    value::Value,
};
use std::sync::Arc;

const PEOPLE: i64 = 23;
const PAGE: Limits = Limits { people: 4 };
const START: i64 = 1_811_000_000_000;

fn recall(backfill: bool) -> Arc<Plan> {
    let source = TriggerSource::Moment {
        field: Moment::Contact(FieldName::new("recall_on")),
        before: false,
        span: Span::days(180),
        at: None,
        yearly: false,
    };
    let trigger = Trigger { name: "recall".into(), source, backfill, ..on("nothing", "a") };
    plan().with(seq("a").step(say("hello"))).on(trigger).local("email").ready()
}

/// People whose moment was over long ago, and a tenth person whose moment comes.
fn crowd<H: Home>(home: &mut H) {
    let empty = plan().with(seq("a").step(say("hello"))).local("email").ready();
    home.publish(&empty, "test", Instant(START)).unwrap();
    for who in 1..=PEOPLE {
        change(home, &empty, who, START, |person, _, _| {
            let at = if who == 10 { START } else { START - 400 * 86_400_000 };
            person.contact.fields.insert(FieldName::new("recall_on"), Value::Time(Instant(at)));
            person.contact.email = Some(Arc::from(format!("p{who}@example.test")));
        });
    }
}

fn tick<S: Store>(home: &mut S, loaded: &Loaded, now: i64) -> Did<Done> {
    let world = World { epoch: home.begin_epoch()?, ..World::default() };
    let mut done = turn(home, loaded, &world, vec![Work::Tick], PAGE, Instant(now))?;
    done.done.pop().ok_or_else(|| Broken::new("a tick is answered"))
}

fn who_is_in<H: Home>(home: &H) -> Vec<i64> {
    let mut who: Vec<i64> = home.runs().iter().map(|run| run.contact.0).collect();
    who.sort_unstable();
    who
}

/// Publishing again in the middle, as a start does, changes nothing: the sweep goes on where it stood.
pub(crate) fn a_sweep_takes_everybody_once<H: Home>(home: &mut H) {
    crowd(home);
    let plan = recall(true);
    home.publish(&plan, "test", Instant(START)).unwrap();
    let loaded = Loaded::new(plan.clone(), home.key());
    for page in 1..=2 {
        tick(home, &loaded, START).unwrap();
        assert_eq!(who_is_in(home), (1..=page * 4).collect::<Vec<i64>>(), "a page, in the order of contacts");
    }
    home.publish(&plan, "test", Instant(START + 1)).unwrap();
    let mut rounds = 0;
    while home.next_wake().unwrap().is_some_and(|wake| wake <= Instant(START + 1)) {
        tick(home, &loaded, START + 1).unwrap();
        rounds += 1;
        assert!(rounds < 20, "the sweep does not end");
    }
    let all_but_ten: Vec<i64> = (1..=PEOPLE).filter(|who| *who != 10).collect();
    assert_eq!(who_is_in(home), all_but_ten);
    let comes = home.next_wake().unwrap().unwrap();
    assert_eq!(comes, plan.zone.add(Instant(START), Span::days(180)));
    tick(home, &loaded, comes.0).unwrap();
    assert_eq!(who_is_in(home), (1..=PEOPLE).collect::<Vec<i64>>());
    assert_eq!(home.next_wake().unwrap(), None, "nothing is left to look at");
}

/// A page whose turn is not committed has not been taken, and nobody of it is missed.
pub(crate) fn a_page_that_fails_is_taken_again<H: Home>(home: &mut H) {
    crowd(home);
    let plan = recall(false);
    home.publish(&plan, "test", Instant(START)).unwrap();
    let name = TriggerName::new("recall");
    let mut turn = home.turn(&plan).unwrap();
    let before = turn.sweeps().unwrap()[&name];
    assert!(before.first && before.after.is_none());
    assert_eq!(turn.contacts(before.after, 4).unwrap(), [1, 2, 3, 4].map(ContactId));
    turn.keep_sweep(&name, Sweep { after: Some(ContactId(4)), ..before }).unwrap();
    drop(turn);
    assert_eq!(home.turn(&plan).unwrap().sweeps().unwrap()[&name], before);
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START)));
}

pub(crate) fn what_a_trigger_enrolled_is_counted_with_the_turn<H: Home>(home: &mut H) {
    let plan = recall(false);
    let pace = |people: u32| Pace { since: Instant(START), people };
    let name = TriggerName::new("recall");
    let mut turn = home.turn(&plan).unwrap();
    assert!(turn.paces().unwrap().is_empty());
    turn.keep_pace(&name, pace(3)).unwrap();
    turn.commit().unwrap();
    let mut turn = home.turn(&plan).unwrap();
    turn.keep_pace(&name, pace(4)).unwrap();
    drop(turn);
    assert_eq!(home.turn(&plan).unwrap().paces().unwrap()[&name], pace(3));
}
