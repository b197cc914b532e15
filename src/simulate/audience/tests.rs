use super::{
    Ask, Deed, Does, Entry, Invented, Numbers, People, Population,
    chance::{Chance, WHOLE},
    conduct::share,
    drive::{self, Manner},
    simulate,
};
use crate::{
    calendar::{Instant, Span, Zone},
    compile::Settings,
    id::SequenceName,
    plan::{Cap, CapThen, Plan},
    project,
    record::Purpose,
    simulate::What,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

fn start() -> Instant {
    Instant::parse_rfc3339("2027-03-26T10:00:00Z").unwrap()
}

fn plan(example: &str) -> Arc<Plan> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    let settings = Settings { env: None, version: env!("CARGO_PKG_VERSION"), year: 2027, now: start() };
    project::load(&root, &settings).plan.unwrap()
}

fn does(reply: &str, book: &str, opt_out: &str) -> Vec<Does> {
    [(Deed::Reply, reply), (Deed::Book, book), (Deed::OptOut, opt_out)]
        .into_iter()
        .map(|(deed, text)| Does::parse(deed, text).unwrap())
        .collect()
}

fn ask(plan: &Plan, sequence: &str, count: usize) -> Ask {
    let zones = [("America/Jamaica", 600_000), ("Europe/Berlin", 400_000)];
    let zones = zones.into_iter().map(|(name, share)| (Zone::parse(name).unwrap(), share)).collect();
    Ask {
        people: People::Invented(Invented { count, zones, ..Invented::default() }),
        enrolled: vec![SequenceName::new(sequence)],
        launched: Vec::new(),
        entry: Entry::Enrolled,
        start: start(),
        until: start().plus_ms(100 * 24 * 3_600_000),
        over: Span::ZERO,
        does: does("0.1", "0.1", "0.02"),
        seed: 7,
        render: false,
        zone: plan.zone.clone(),
        limits: BTreeMap::new(),
    }
}

fn run(plan: &Arc<Plan>, ask: &Ask) -> Numbers {
    simulate(plan, ask, &mut |_| {}).unwrap()
}

/// Whatever is counted twice has to agree.
#[track_caller]
fn adds_up(of: &Numbers) {
    assert!(of.totals.add_up(), "{:?}", of.totals);
    let by_day: u64 = of.days.iter().map(|day| day.all).sum();
    let by_hour: u64 = of.week.iter().flatten().sum();
    let by_person: u64 = of.pressure.in_all.iter().map(|(messages, people)| messages * people).sum();
    assert_eq!((by_day, by_hour, by_person), (of.messages, of.messages, of.messages));
    let everybody: u64 = of.pressure.in_all.iter().map(|(_, people)| people).sum();
    assert_eq!(everybody, of.about.people as u64);
    let closed: u64 = of.steps.iter().map(|step| step.due).sum();
    assert_eq!(closed + of.totals.waiting + of.totals.held, of.totals.due);
    for ends in &of.sequences {
        let stopped: u64 = ends.stopped.iter().map(|reason| reason.count).sum();
        assert_eq!(ends.entered, ends.completed + ends.converted + stopped + ends.inside, "{}", ends.sequence);
    }
}

#[test]
fn the_same_seed_gives_the_same_numbers_and_another_one_others() {
    let plan = plan("clinic");
    let ask = ask(&plan, "monthly_drip", 300);
    let first = run(&plan, &ask);
    adds_up(&first);
    assert_eq!(first, run(&plan, &ask));
    let other = run(&plan, &Ask { seed: 8, ..ask });
    adds_up(&other);
    assert_ne!(first.did, other.did);
}

#[test]
fn pages_of_people_come_to_the_same_as_everybody_at_once() {
    let plan = plan("clinic");
    for (sequence, event) in [("monthly_drip", None), ("no_show_recovery", Some("booking.no_show"))] {
        let mut ask = ask(&plan, sequence, 60);
        ask.over = Span::days(3);
        if let Some(event) = event {
            ask.enrolled.clear();
            let event = crate::id::EventKind::new(event);
            ask.entry = Entry::Event(What { event, data: BTreeMap::new(), after: Span::ZERO });
        }
        let all = drive::all(&plan, &ask, Manner { page: 1_000, at_once: true }, &mut |_| {}).unwrap();
        assert!(all.closed() > 60, "{sequence}: {}", all.closed());
        let by_page = |page| drive::all(&plan, &ask, Manner { page, at_once: true }, &mut |_| {}).unwrap();
        for page in [1, 7, 59] {
            assert_eq!(all, by_page(page), "{sequence} by {page}");
        }
    }
}

#[test]
fn answers_within_the_turn_come_to_the_same_as_answers_in_turns_of_their_own() {
    for example in ["clinic", "coach", "practice", "therapy"] {
        let mut plan = Plan::clone(&plan(example));
        // what stands in between is taken away: such plans have turns of their own for answers
        let standing: BTreeSet<_> = plan.standing().iter().map(|standing| standing.trigger.name.clone()).collect();
        plan.triggers.retain(|name, _| !standing.contains(name));
        plan.sequences.retain(|_, sequence| sequence.campaign.is_none());
        let plan = Arc::new(plan.indexed());
        assert!(!plan.has_campaigns() && plan.standing().is_empty(), "{example}");
        let names: Vec<SequenceName> = plan.sequences.keys().cloned().collect();
        let apart = names.iter().map(|name| vec![name.clone()]);
        for (enrolled, render) in apart.map(|one| (one, false)).chain([(names.clone(), true)]) {
            let mut ask = ask(&plan, "of the example", 40);
            (ask.enrolled, ask.render, ask.over) = (enrolled, render, Span::days(1));
            let all = |at_once| drive::all(&plan, &ask, Manner { page: 13, at_once }, &mut |_| {}).unwrap();
            let (at_once, in_turns) = (all(true), all(false));
            assert_eq!(at_once, in_turns, "{example}: {:?}", ask.enrolled);
        }
    }
}

#[test]
fn writing_the_messages_changes_no_number() {
    let plan = plan("clinic");
    let ask = ask(&plan, "monthly_drip", 40);
    let counted = run(&plan, &ask);
    let mut written = run(&plan, &Ask { render: true, ..ask });
    assert!(written.about.rendered && written.messages > 40);
    written.about.rendered = false;
    assert_eq!(counted, written);
}

#[test]
fn a_cap_bites_and_is_seen_to() {
    let free = plan("clinic");
    let mut capped = Plan::clone(&free);
    let cap = |then| Cap { at_most: 1, per: Span::days(60), purposes: BTreeSet::from([Purpose::Marketing]), then };
    capped.policies.caps = vec![cap(CapThen::Skip)];
    let capped = Arc::new(capped.indexed());
    let ask = Ask { does: Vec::new(), ..ask(&free, "monthly_drip", 50) };
    let (before, after) = (run(&free, &ask), run(&capped, &ask));
    let bitten = |of: &Numbers| {
        let rule = of.rules.iter().find(|rule| &*rule.rule == "cap of 1 in 60d");
        rule.map_or((0, 0), |rule| (rule.moved, rule.skipped))
    };
    assert_eq!(bitten(&before), (0, 0));
    let (_, skipped) = bitten(&after);
    let of_steps: u64 = after.steps.iter().flat_map(|step| &step.skipped).map(|reason| reason.count).sum();
    assert!(skipped >= 50, "{:?}", after.rules);
    assert_eq!((skipped, after.totals.skipped), (of_steps, skipped));
    assert_eq!(before.messages, after.messages + skipped);
    adds_up(&after);
}

#[test]
fn windows_that_move_a_message_are_seen() {
    let plan = plan("clinic");
    let ask = Ask { does: Vec::new(), ..ask(&plan, "monthly_drip", 30) };
    let numbers = run(&plan, &ask);
    // the first message falls due on a Sunday, on which the window is shut
    let moved = numbers.rules.iter().find(|rule| &*rule.rule == "window daytime").map_or(0, |rule| rule.moved);
    assert!(moved >= 30, "{:?}", numbers.rules);
    assert_eq!(numbers.week[6].iter().sum::<u64>(), 0);
}

#[test]
fn people_bound_by_a_pace_share_it_however_many_they_are() {
    let mut paced = Plan::clone(&plan("clinic"));
    paced.policies.blast_radius.messages_per_hour = Some(20);
    let paced = Arc::new(paced.indexed());
    let ask = Ask {
        does: Vec::new(),
        people: People::Invented(Invented { count: 90, ..Invented::default() }),
        ..ask(&paced, "monthly_drip", 0)
    };
    let numbers = run(&paced, &ask);
    adds_up(&numbers);
    assert_eq!(numbers.peak.as_ref().unwrap().messages, 20, "{:?}", numbers.peak);
    let rule = numbers.rules.iter().find(|rule| rule.rule.starts_with("blast radius")).unwrap();
    assert!(rule.moved >= 70, "{rule:?}");
    // pages would have a pace each
    let together = drive::all(&paced, &ask, Manner::default(), &mut |_| {}).unwrap();
    assert_eq!(together, drive::all(&paced, &ask, Manner { page: 7, at_once: false }, &mut |_| {}).unwrap());
}

#[test]
fn limits_of_a_channel_are_told_as_a_queue() {
    let plan = plan("clinic");
    let mut ask = Ask { does: Vec::new(), ..ask(&plan, "monthly_drip", 100) };
    ask.people = People::Invented(Invented { count: 100, ..Invented::default() });
    let limits = super::ChannelLimits { per_second: Some(2), per_day: Some(40), warm_up: None };
    ask.limits = [(crate::id::ChannelName::new("email"), limits)].into();
    let numbers = run(&plan, &ask);
    let line = &numbers.limits[0];
    // a hundred at one moment, two a second: the last one waits for 49 others
    assert_eq!((line.busiest_second, line.longest_wait_seconds), (100, 49));
    let (day, most) = line.busiest_day.unwrap();
    assert_eq!(most, 100);
    assert!(line.days_over >= 1);
    // forty a day: the third day after takes the rest
    let last = numbers.days.iter().rev().find(|day| day.all > 0).unwrap().date;
    assert_eq!(line.caught_up.unwrap(), last.plus(Span::days(2)), "{line:?}, {day:?}");
}

#[test]
fn chance_is_even_and_the_same_everywhere() {
    let chance = Chance::of(1);
    assert_eq!((chance.below(1_000_000), chance.name("a").number(2).share()), (368_189, 236_649));
    let shares = (0..10_000).map(|n| chance.number(n).share());
    let low = shares.filter(|share| *share < WHOLE / 4).count();
    assert!((2_350..2_650).contains(&low), "{low}");
    for n in 0..1_000 {
        let delay = chance.number(n).between(300_000, 86_400_000);
        assert!((300_000..=86_400_000).contains(&delay), "{delay}");
    }
    assert_eq!((chance.between(5, 5), chance.between(0, 0), chance.below(0)), (5, 0, 0));
}

#[test]
fn shares_and_times_are_read() {
    assert_eq!(
        ["0.05", "5%", "0.5 %", "1", "0", ".25"].map(share),
        [50_000, 50_000, 5_000, WHOLE, 0, 250_000].map(Some)
    );
    assert_eq!(["1.1", "101%", "-0.1", "", "a", "0,5"].map(share), [None; 6]);
    assert!(Does::parse(Deed::Book, "0.1 after 3d..1h").is_err());
    let does = Does::parse(Deed::parse("message.clicked"), "0.2 after 1m..2h").unwrap();
    assert_eq!(does.to_string(), "20 % message.clicked, 1m to 2h after a message");
}

#[test]
fn invented_people_are_as_declared_and_nobody_twice() {
    let plan = plan("practice");
    let json = serde_json::json!({
        "people": 90_000,
        "zones": { "America/New_York": 0.5, "Europe/London": 0.5 },
        "has": { "phone": 0.5 },
        "fields": { "stage": { "new": 0.25, "maintenance": 0.75 }, "score": { "between": [10, 19] } },
    });
    let people = Population::read(&plan, &json).unwrap().people;
    let people = People::Invented(people);
    let (mut phones, mut new, mut scores) = (BTreeSet::new(), 0, BTreeSet::new());
    for number in 1..=90_000 {
        let (person, kept) = people.person(&plan, crate::id::ContactId(number), Chance::of(3), start());
        phones.extend(person.contact.phone.clone());
        new += usize::from(person.contact.field("stage").as_text() == Some("new"));
        scores.insert(person.contact.score);
        assert_eq!(kept.identities.len(), 2 + 1 + usize::from(person.contact.phone.is_some()));
    }
    assert!((44_000..46_000).contains(&phones.len()), "{}", phones.len());
    assert!((21_500..23_500).contains(&new), "{new}");
    assert_eq!(scores, (10..=19).collect());
}
