//! Campaigns and offers: slots, exclusions, the end, orders of people, codes that run out.
use super::{build::*, stage::*};
use crate::{
    calendar::{CivilDate, Instant, Slots, Weekday, Zone},
    engine::{CampaignOrder, Limits, Store, Turn, Work, turn},
    id::{CampaignName, ContactId, OfferName, SequenceName, TriggerName},
    journey::{Gate, Run},
    plan::{Campaign, CapThen, Cost, Offer, OfferCode, Origin, Plan, Reentry, Trigger, TriggerSource},
    record::Purpose,
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

fn times(times: &[&str], days: &[Weekday]) -> Slots {
    Slots { times: times.iter().map(|at| time(at)).collect(), days: days.iter().copied().collect() }
}

fn winter(with: impl FnOnce(&mut Campaign)) -> Seq {
    let mut campaign = Campaign {
        start: None,
        end: None,
        slots: times(&["09:30", "17:00"], &[]),
        daily: false,
        contacted_within: None,
        other_within: None,
        responses: BTreeMap::new(),
        cost: Cost::default(),
        clinics: Vec::new(),
    };
    with(&mut campaign);
    let mut sequence = seq("winter").reentry(Reentry::Never);
    sequence.0.campaign = Some(Arc::new(campaign));
    sequence
}

fn at(text: &str) -> Instant {
    civil(&Zone::parse("Europe/Berlin").unwrap(), text)
}

fn decide(stage: &mut Stage, order: CampaignOrder) {
    let name = SequenceName::new("winter");
    stage.work(vec![Work::Campaign { name, order, actor: Arc::from("ana") }]);
}

fn stage(plan: Plan, start: &str) -> Stage {
    Stage::new(plan.ready(), start)
}

// --- slots ---------------------------------------------------------------------------------------------------------------

#[test]
fn each_message_goes_at_the_first_slot_that_is_not_before_its_wait() {
    let plan = plan().with(winter(|_| {}).step(say("one")).step(say("two").wait("5d")).step(say("three").wait("8h")));
    let mut stage = stage(plan, "2027-06-01 12:00");
    stage.enrol("winter");
    stage.until("2027-06-30 12:00");
    let expected =
        ["winter.one 2027-06-01 17:00 sent", "winter.two 2027-06-06 17:00 sent", "winter.three 2027-06-07 09:30 sent"];
    assert_eq!(stage.ledger(), expected);
    assert_eq!(stage.runs(), ["winter completed"]);
}

#[test]
fn days_and_quiet_hours_leave_slots_out() {
    let days = [Weekday::Mon, Weekday::Tue];
    let late = winter(|of| of.slots = times(&["09:30", "21:00"], &days)).step(say("one")).step(say("two").wait("1d"));
    // Tuesday at noon: 21:00 is quiet, the next day that counts is Monday
    let mut stage = stage(plan().with(late).quiet("20:00", "08:00"), "2027-06-01 12:00");
    stage.enrol("winter");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["winter.one 2027-06-07 09:30 sent", "winter.two 2027-06-08 09:30 sent"]);
}

#[test]
fn what_a_cap_moves_takes_the_next_slot_and_a_retry_does_not() {
    let with = || {
        let first = seq("a").step(say("one"));
        plan().with(first).with(winter(|_| {}).step(say("one"))).on(on("lead.created", "a")).cap(1, "1d", CapThen::Wait)
    };
    let mut moved = stage(with(), "2027-06-01 12:00");
    moved.happens("lead.created");
    moved.enrol("winter");
    moved.until("2027-06-30 12:00");
    assert_eq!(moved.ledger()[1], "winter.one 2027-06-02 09:30 sent", "midnight is free, half past nine is a slot");
    assert_eq!(moved.gates("one"), [Gate::Cap]);
    let mut retried = stage(with(), "2027-06-01 12:00");
    retried.script.extend([Answer::RefuseFor(600_000)]);
    retried.enrol("winter");
    retried.until("2027-06-30 12:00");
    assert_eq!(retried.ledger().len(), 1);
    assert!(retried.ledger()[0].starts_with("winter.one 2027-06-01 17:1"), "{:?}", retried.ledger());
}

#[test]
fn a_slot_that_comes_days_later_is_not_late() {
    let monday = winter(|of| of.slots = times(&["09:30"], &[Weekday::Mon])).step(say("one"));
    let first = seq("a").step(say("one").wait("2h"));
    // Monday morning is taken by another message, and marketing may be a day late at most
    let plan = plan().with(first).with(monday).on(on("lead.created", "a")).cap(1, "1d", CapThen::Wait);
    let mut stage = stage(plan, "2027-06-07 06:00");
    stage.happens("lead.created");
    stage.enrol("winter");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger()[1], "winter.one 2027-06-14 09:30 sent");
}

#[test]
fn slots_are_by_the_clock_of_the_person_also_when_it_changes() {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let slots = times(&["02:30"], &[]);
    let day = |text: &str| zone.start_of(CivilDate::parse(text).unwrap());
    // the gap of an hour moves it on, the hour that comes twice is taken the first time
    let show = |at: Instant| zone.civil(at).to_string();
    assert_eq!(show(slots.next(day("2027-03-28"), &zone).unwrap()), "2027-03-28T03:30:00");
    assert_eq!(slots.next(day("2027-10-31"), &zone).unwrap(), day("2027-10-31").plus_ms(9_000_000));
    let nine = times(&["09:30"], &[Weekday::Sun]);
    assert_eq!(show(nine.next(day("2027-03-22"), &zone).unwrap()), "2027-03-28T09:30:00");
}

// --- who enters ----------------------------------------------------------------------------------------------------------

fn exclusion(purpose: Purpose, days: &str) -> Stage {
    let shut = winter(|of| of.contacted_within = Some(span("30d"))).step(say("one"));
    let plan = plan().with(seq("a").purpose(purpose).step(say("one"))).with(shut).on(on("lead.created", "a"));
    let mut stage = stage(plan, "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until(days);
    stage.enrol("winter");
    stage
}

#[test]
fn who_was_written_to_lately_does_not_enter() {
    for purpose in [Purpose::Marketing, Purpose::Service] {
        let stage = exclusion(purpose, "2027-06-30 12:00");
        assert_eq!(stage.refused(), ["winter condition"]);
        let because = stage.store.refusals()[0].refusal.because.clone().unwrap();
        assert_eq!(&*because.read[0].1, "contacted_within");
    }
    assert_eq!(exclusion(Purpose::Transactional, "2027-06-30 12:00").refused(), Vec::<String>::new());
    assert_eq!(exclusion(Purpose::Marketing, "2027-07-01 12:00").refused(), Vec::<String>::new());
}

#[test]
fn who_entered_another_campaign_lately_does_not_enter() {
    let mut other = seq("spring").step(say("one"));
    other.0.campaign = winter(|_| {}).0.campaign;
    let shut = winter(|of| of.other_within = Some(span("30d"))).step(say("one"));
    let mut stage = stage(plan().with(other).with(shut), "2027-06-01 12:00");
    stage.enrol("spring");
    stage.until("2027-06-20 12:00");
    stage.enrol("winter");
    assert_eq!(stage.refused(), ["winter condition"]);
    stage.until("2027-07-01 12:01");
    stage.enrol("winter");
    assert_eq!(stage.runs(), ["spring completed", "winter active"]);
}

// --- the end -------------------------------------------------------------------------------------------------------------

#[test]
fn at_its_end_runs_end_and_what_is_open_is_cancelled() {
    let until = |of: &mut Campaign| of.end = Some(at("2027-06-05 12:00"));
    let campaign = || winter(until).step(say("one")).step(say("two").wait("6d"));
    let mut ended = stage(plan().with(campaign()), "2027-06-01 12:00");
    ended.enrol("winter");
    ended.until("2027-06-30 12:00");
    assert_eq!(ended.ledger(), ["winter.one 2027-06-01 17:00 sent"]);
    assert_eq!(ended.runs(), ["winter stopped(campaign_ended)"]);
    // a message that a cap keeps back at the end is cancelled with it
    let first = seq("a").step(say("one")).step(say("two").wait("1d"));
    let one = winter(until).step(say("one").wait("3d"));
    let plan = plan().with(first).with(one).on(on("lead.created", "a")).cap(1, "7d", CapThen::Wait);
    let mut kept = stage(plan, "2027-06-01 12:00");
    kept.happens("lead.created");
    kept.enrol("winter");
    kept.until("2027-06-05 12:01");
    assert!(
        kept.ledger().contains(&"winter.one 2027-06-05 12:00 cancelled(campaign_ended)".to_owned()),
        "{:?}",
        kept.ledger()
    );
    kept.enrol("winter");
    assert_eq!(kept.refused(), ["winter condition"], "nobody enters what is over");
}

#[test]
fn a_pause_holds_everything_and_going_on_sends_at_the_next_slot() {
    let mut stage = stage(plan().with(winter(|_| {}).step(say("one")).step(say("two").wait("1d"))), "2027-06-01 12:00");
    decide(&mut stage, CampaignOrder::Launch);
    stage.enrol("winter");
    stage.until("2027-06-02 12:00");
    decide(&mut stage, CampaignOrder::Pause);
    stage.until("2027-06-05 12:00");
    assert_eq!(stage.ledger(), ["winter.one 2027-06-01 17:00 sent"]);
    decide(&mut stage, CampaignOrder::Resume);
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger()[1..], ["winter.two 2027-06-05 17:00 sent"]);
    assert_eq!(stage.runs(), ["winter completed"]);
}

#[test]
fn calling_it_off_ends_it_for_everybody_and_nobody_enters() {
    let mut stage = stage(plan().with(winter(|_| {}).step(say("one"))), "2027-06-01 12:00");
    stage.person(ContactId(2), "ben", |_, _| {});
    decide(&mut stage, CampaignOrder::Launch);
    stage.enrol("winter");
    decide(&mut stage, CampaignOrder::Cancel);
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), Vec::<String>::new());
    assert_eq!(stage.runs(), ["winter stopped(operator)"]);
    stage.enrol("winter");
    assert_eq!(stage.refused(), ["winter inactive"]);
    // what may not follow does nothing
    decide(&mut stage, CampaignOrder::Resume);
    stage.enrol("winter");
    assert_eq!(stage.runs().len(), 1);
}

// --- offers --------------------------------------------------------------------------------------------------------------

fn offered(code: OfferCode, with: impl FnOnce(&mut Offer)) -> Plan {
    let mut offer = Offer {
        name: OfferName::new("gift"),
        title: Arc::from("A gift"),
        details: None,
        code,
        value: None,
        valid_from: None,
        valid_until: None,
        per_contact: None,
        total: None,
        clinics: Vec::new(),
        origin: Origin::default(),
    };
    with(&mut offer);
    let mut sequence = seq("a").step(say("one")).step(say("two").wait("2d"));
    sequence.0.offer = Some(offer.name.clone());
    for step in &mut sequence.0.steps {
        step.offers = true;
    }
    let mut plan = plan().with(sequence).on(on("lead.created", "a"));
    for template in &mut plan.templates {
        template.body = Arc::from("{{ offer.code }}");
    }
    plan.offers.insert(offer.name.clone(), Arc::new(offer));
    plan
}

fn codes(stage: &Stage) -> Vec<String> {
    stage.left.iter().map(|left| left.text.trim().to_owned()).collect()
}

#[test]
fn everybody_has_a_code_of_their_own_and_keeps_it_over_retries_and_restarts() {
    let mut stage = stage(offered(OfferCode::Generated(Arc::from("W-??????")), |_| {}), "2027-06-01 12:00");
    stage.script.extend([Answer::Refuse]);
    stage.happens("lead.created");
    stage.until("2027-06-02 12:00");
    stage.restart();
    stage.until("2027-06-30 12:00");
    let codes = codes(&stage);
    assert_eq!(codes.len(), 3, "two tries of the first message, one of the second");
    assert!(codes.iter().all(|code| *code == codes[0] && code.len() == 8 && code.starts_with("W-")), "{codes:?}");
    // the same life gives the same code
    assert_eq!(stage.look(ANA).codes.len(), 1);
    stage.person(ContactId(2), "ben", |_, _| {});
    let mut turn = stage.store.turn(&stage.loaded.plan).unwrap();
    let (gift, now) = (OfferName::new("gift"), stage.now);
    assert!(!turn.issue(ContactId(2), &gift, &codes[0], now).unwrap(), "a code is given once");
    assert!(turn.issue(ContactId(2), &gift, "W-OTHER2", now).unwrap());
    assert!(!turn.issue(ContactId(2), &gift, "W-OTHER3", now).unwrap(), "and one to each");
}

#[test]
fn a_pattern_without_codes_left_fails_the_message() {
    let mut stage = stage(offered(OfferCode::Generated(Arc::from("W")), |_| {}), "2027-06-01 12:00");
    stage.person(ContactId(2), "ben", |_, _| {});
    let mut turn = stage.store.turn(&stage.loaded.plan).unwrap();
    assert!(turn.issue(ContactId(2), &OfferName::new("gift"), "W", Instant(0)).unwrap());
    turn.commit().unwrap();
    stage.happens("lead.created");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 failed(render)"]);
}

#[test]
fn an_offer_that_ran_out_is_not_offered() {
    let until = |offer: &mut Offer| offer.valid_until = Some(at("2027-06-02 23:59"));
    let mut over = stage(offered(OfferCode::Fixed(Arc::from("GIFT")), until), "2027-06-01 12:00");
    over.happens("lead.created");
    over.until("2027-06-30 12:00");
    assert_eq!(over.ledger(), ["a.one 2027-06-01 12:00 sent", "a.two 2027-06-03 12:00 skipped(condition)"]);
    assert_eq!(over.gates("two"), [Gate::Offer]);
}

#[test]
fn an_offer_that_was_used_up_is_not_offered() {
    type Limit = fn(&mut Offer);
    let limits: [(Limit, &str); 2] =
        [(|offer| offer.total = Some(1), "total"), (|offer| offer.per_contact = Some(1), "per_contact")];
    for (limit, word) in limits {
        let mut used = stage(offered(OfferCode::Fixed(Arc::from("GIFT")), limit), "2027-06-01 12:00");
        used.happens("lead.created");
        used.happens_with("offer.redeemed", &[("code", Value::text("other"))]);
        used.happens_with("offer.redeemed", &[("code", Value::text(" gift "))]);
        used.until("2027-06-30 12:00");
        assert_eq!(used.ledger()[1], "a.two 2027-06-03 12:00 skipped(condition)", "{word}");
        let because = used.store.ledger()[1].because.clone().unwrap();
        assert!(because.read.iter().any(|(name, _)| **name == *word), "{because:?}");
    }
}

#[test]
fn runs_of_a_campaign_wake_at_its_end_whatever_they_wait_for() {
    let mut stage =
        stage(plan().with(winter(|of| of.end = Some(at("2027-06-05 12:00"))).step(say("one"))), "2027-06-01 12:00");
    stage.enrol("winter");
    let run: Run = stage.look(ANA).runs[0].clone();
    assert!(run.wake().is_some_and(|wake| wake <= at("2027-06-05 12:00")));
}

// --- the audience --------------------------------------------------------------------------------------------------------

fn with_audience(campaign: Seq, condition: &str) -> Plan {
    let begin = Trigger {
        name: TriggerName::new("campaign.winter"),
        source: TriggerSource::Campaign { campaign: CampaignName::new("winter") },
        cond: Some(cond(condition)),
        ..on("nothing", "winter")
    };
    plan().with(campaign).on(begin)
}

/// Ana and six more, of whom some have a score.
fn seven(plan: Plan) -> Stage {
    let mut stage = stage(plan, "2027-06-01 12:00");
    for id in 2..=7 {
        stage.person(ContactId(id), &format!("p{id}"), |person, _| person.contact.score = id);
    }
    stage
}

#[test]
fn the_audience_is_taken_once_at_the_start_or_the_launch() {
    let start = |of: &mut Campaign| of.start = Some(at("2027-06-03 00:00"));
    let mut stage = seven(with_audience(winter(start).step(say("one")), "contact.score >= 3"));
    stage.until("2027-06-04 12:00");
    assert_eq!(stage.runs(), Vec::<String>::new(), "nobody launched it");
    decide(&mut stage, CampaignOrder::Launch);
    stage.until("2027-06-04 12:01");
    assert_eq!(stage.runs().len(), 5);
    stage.person(ContactId(8), "p8", |person, _| person.contact.score = 9);
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.runs(), vec!["winter completed"; 5], "who comes later stays out");
    assert!(stage.store.ledger().iter().all(|row| stage.show(row.planned) == "2027-06-04 17:00"));
}

#[test]
fn before_its_start_nobody_enters() {
    let start = |of: &mut Campaign| of.start = Some(at("2027-06-03 00:00"));
    let mut stage = seven(with_audience(winter(start).step(say("one")), "contact.score >= 3"));
    decide(&mut stage, CampaignOrder::Launch);
    stage.until("2027-06-02 23:59");
    assert_eq!(stage.runs(), Vec::<String>::new());
    stage.until("2027-06-03 12:00");
    assert_eq!(stage.ledger(), vec!["winter.one 2027-06-03 09:30 sent"; 5]);
}

#[test]
fn a_daily_audience_takes_in_who_comes_to_fit() {
    let mut stage = seven(with_audience(winter(|of| of.daily = true).step(say("one")), "contact.score >= 7"));
    decide(&mut stage, CampaignOrder::Launch);
    stage.until("2027-06-02 12:00");
    stage.person(ContactId(8), "p8", |person, _| person.contact.score = 9);
    stage.until("2027-06-04 12:00");
    assert_eq!(stage.ledger(), ["winter.one 2027-06-01 17:00 sent", "winter.one 2027-06-03 09:30 sent"]);
}

#[test]
fn taking_in_goes_on_where_it_stood_and_nobody_enters_twice() {
    let mut stage = seven(with_audience(winter(|_| {}).step(say("one")), "contact.score >= 3"));
    decide(&mut stage, CampaignOrder::Launch);
    let tick = |stage: &mut Stage| {
        let two = Limits { people: 2 };
        turn(&mut stage.store, &stage.loaded, &stage.world, vec![Work::Tick], two, stage.now).unwrap();
    };
    tick(&mut stage);
    assert_eq!(stage.runs().len(), 2);
    decide(&mut stage, CampaignOrder::Pause);
    tick(&mut stage);
    assert_eq!(stage.runs().len(), 2, "a pause holds the rest back");
    decide(&mut stage, CampaignOrder::Resume);
    stage.restart();
    tick(&mut stage);
    assert_eq!(stage.runs().len(), 4);
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.runs(), vec!["winter completed"; 5]);
    assert_eq!(stage.refused(), Vec::<String>::new());
}
