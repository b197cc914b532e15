//! The laws of campaigns and offers: what somebody ordered, where taking people in stands, codes and their use.
use super::{
    Home, change, record,
    sample::{DAY, HOUR, START, plan, run, send, welcome},
};
use crate::{
    calendar::Instant,
    engine::{CampaignRow, Kept, Turn},
    expr::Ask,
    id::{ChannelName, ContactId, EventId, OfferName, SequenceName},
    journey::{Outcome, Person, Redemption, Sending, Standing},
    record::Purpose,
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

fn gift() -> OfferName {
    OfferName::new("gift")
}

fn load<H: Home>(home: &mut H, who: i64) -> Person {
    let plan = plan(0);
    let mut turn = home.turn(&plan).unwrap();
    turn.people(&BTreeSet::from([ContactId(who)])).unwrap().remove(&ContactId(who)).unwrap()
}

fn launched(at: i64) -> CampaignRow {
    CampaignRow {
        standing: Standing::Launched,
        launched_at: Instant(at),
        changed_at: Instant(at),
        actor: Arc::from("ana"),
        next_at: Some(Instant(at + DAY)),
        swept_to: Some(ContactId(2)),
        taken_at: None,
    }
}

/// Orders come back as they were given; who is inside is looked at when one is given, and not when a page was taken.
pub(crate) fn campaigns_stand_as_somebody_ordered<H: Home>(home: &mut H) {
    let plan = plan(0);
    home.publish(&plan, "test", Instant(START)).unwrap();
    let mut turn = home.turn(&plan).unwrap();
    super::enrolled(&mut turn, &plan, 1, START);
    turn.commit().unwrap();
    let wake = home.next_wake().unwrap();
    let set = |home: &mut H, row: &CampaignRow, what: Option<&str>| {
        let mut turn = home.turn(&plan).unwrap();
        turn.set_campaign(&welcome(), row, what).unwrap();
        turn.commit().unwrap();
    };
    let row = CampaignRow { next_at: Some(Instant(START - HOUR)), ..launched(START - DAY) };
    set(home, &row, None);
    assert_eq!(home.turn(&plan).unwrap().campaigns().unwrap(), BTreeMap::from([(welcome(), row.clone())]));
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START - HOUR)), "the next page is due");
    let paused = CampaignRow { standing: Standing::Paused, ..row };
    set(home, &paused, None);
    assert_eq!(home.next_wake().unwrap(), wake, "a page is not looked at anew, and a pause takes nobody in");
    set(home, &CampaignRow { changed_at: Instant(START - DAY), ..paused.clone() }, Some("pause"));
    assert_eq!(home.next_wake().unwrap(), Some(Instant(START - DAY)));
    assert!(load(home, 1).runs[0].stale, "who is inside is judged anew");
    let mut turn = home.turn(&plan).unwrap();
    turn.set_campaign(&SequenceName::new("other"), &launched(START), Some("launch")).unwrap();
    drop(turn);
    assert_eq!(home.turn(&plan).unwrap().campaigns().unwrap().len(), 1, "what was dropped did not happen");
    let off = CampaignRow { standing: Standing::Cancelled(Arc::from("ana")), ..paused };
    set(home, &off, Some("cancel"));
    assert_eq!(home.turn(&plan).unwrap().campaigns().unwrap()[&welcome()], off);
}

/// A code belongs to one person, and everybody has one; what was dropped was not given.
pub(crate) fn a_code_is_given_once<H: Home>(home: &mut H) {
    let plan = plan(0);
    for who in 1..=2 {
        change(home, &plan, who, START, |_, _, _| {});
    }
    let give = |turn: &mut H::Turn<'_>, who: i64, code: &str| {
        let given = turn.issue(ContactId(who), &gift(), code, Instant(START)).unwrap();
        if given {
            record(turn, who, START, |person, kept, _| {
                person.codes.insert(gift(), Arc::from(code));
                kept.codes = true;
            });
        }
        given
    };
    let mut turn = home.turn(&plan).unwrap();
    assert!(give(&mut turn, 1, "W-1"));
    drop(turn);
    assert_eq!(load(home, 1).codes, BTreeMap::new());
    let mut turn = home.turn(&plan).unwrap();
    assert!(give(&mut turn, 2, "W-1"), "nobody has it after all");
    assert!(!give(&mut turn, 1, "W-1"));
    assert!(give(&mut turn, 1, "W-2"));
    assert!(!give(&mut turn, 1, "W-3"));
    turn.commit().unwrap();
    assert_eq!(load(home, 1).codes, BTreeMap::from([(gift(), Arc::from("W-2"))]));
    assert_eq!(load(home, 2).codes, BTreeMap::from([(gift(), Arc::from("W-1"))]));
}

/// Uses of an offer are counted by person and in all.
pub(crate) fn uses_of_offers_are_counted<H: Home>(home: &mut H) {
    let plan = plan(0);
    let mut number = 0;
    let mut used = |kept: &mut Kept, person: &mut Person| {
        number += 1;
        *person.redeemed.entry(gift()).or_default() += 1;
        kept.redemptions.push(Redemption {
            offer: gift(),
            event: EventId(number),
            code: Arc::from("W-1"),
            at: Instant(START),
            value: Value::Money(1200, Arc::from("EUR")),
        });
    };
    change(home, &plan, 1, START, |person, kept, _| used(kept, person));
    change(home, &plan, 1, START, |person, kept, _| used(kept, person));
    change(home, &plan, 2, START, |person, kept, _| used(kept, person));
    let mut turn = home.turn(&plan).unwrap();
    record(&mut turn, 2, START, |person, kept, _| used(kept, person));
    drop(turn);
    assert_eq!(home.turn(&plan).unwrap().redeemed().unwrap(), BTreeMap::from([(gift(), 3)]));
    assert_eq!(load(home, 1).redeemed, BTreeMap::from([(gift(), 2)]));
    assert_eq!(load(home, 2).redeemed, BTreeMap::from([(gift(), 1)]));
}

/// When somebody was written to last, by marketing or service, and when they last entered one of several sequences.
pub(crate) fn history_knows_the_last_contact_and_entry<H: Home>(home: &mut H) {
    let plan = plan(0);
    let ask = |home: &mut H, ask: &Ask| home.turn(&plan).unwrap().answer(ContactId(1), ask, None).unwrap();
    let entry = |names: &[&str]| Ask::LastEntry { sequences: names.iter().map(SequenceName::new).collect() };
    change(home, &plan, 1, START, |_, _, _| {});
    assert_eq!(ask(home, &Ask::LastContact), Value::Missing);
    assert_eq!(ask(home, &entry(&["welcome"])), Value::Missing);
    for (purpose, at) in [(Purpose::Service, START), (Purpose::Transactional, START + HOUR)] {
        change(home, &plan, 1, at, |person, kept, ids| {
            let run = match person.runs.first() {
                Some(run) => run.clone(),
                None => {
                    let run = run(&plan, ids, &welcome(), None, at);
                    kept.new_runs.insert(run.id);
                    person.runs.push(run.clone());
                    run
                }
            };
            let step = if purpose == Purpose::Service { "one" } else { "two" };
            let mut send = send(person, ids, Some(&run), step, at);
            send.purpose = purpose;
            send.channel = Some(ChannelName::new("mail"));
            send.state = Sending::Closed(Outcome::Sent);
            (send.attempts, send.authorised_at) = (1, Some(Instant(at)));
            kept.new_sends.insert(send.id);
            person.sends.push(send);
        });
    }
    assert_eq!(ask(home, &Ask::LastContact), Value::Time(Instant(START)), "what had to be sent does not count");
    assert_eq!(ask(home, &entry(&["reminders"])), Value::Missing);
    assert_eq!(ask(home, &entry(&["reminders", "welcome"])), Value::Time(Instant(START)));
}
