//! Caps, quiet hours, hands-off.
use super::{build::*, stage::*};
use crate::{
    calendar::Weekday,
    plan::{CapThen, LateThen, Plan},
    record::{Purpose, Touch},
    value::Value,
};

fn two(plan: Plan, wait: &str) -> Plan {
    plan.with(seq("a").step(say("one")).step(say("two").wait(wait))).on(on("lead.created", "a"))
}

#[track_caller]
fn second(plan: Plan, answers: &[Answer], expected: &str) -> Stage {
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.script.extend(answers.iter().copied());
    stage.happens("lead.created");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger()[1], expected);
    stage
}

#[test]
fn a_day_is_a_civil_day_and_24_hours_roll() {
    let stage = second(two(plan().cap(1, "1d", CapThen::Wait), "2h"), &[], "a.two 2027-06-02 00:00 sent");
    assert_eq!(stage.gates("two"), [crate::journey::Gate::Cap]);
    second(two(plan().cap(1, "24h", CapThen::Wait), "2h"), &[], "a.two 2027-06-02 12:00 sent");
    second(two(plan().cap(2, "1d", CapThen::Wait), "2h"), &[], "a.two 2027-06-01 14:00 sent");
}

#[test]
fn a_cap_may_skip() {
    second(two(plan().cap(1, "7d", CapThen::Skip), "6d"), &[], "a.two 2027-06-07 12:00 skipped(cap)");
    // today and the six days before
    second(two(plan().cap(1, "7d", CapThen::Skip), "7d"), &[], "a.two 2027-06-08 12:00 sent");
    second(two(plan().cap(0, "1d", CapThen::Wait), "7d"), &[], "a.two 2027-06-08 12:00 skipped(cap)");
}

#[test]
fn unknown_counts_and_known_not_sent_does_not() {
    let with = || two(plan().cap(1, "1d", CapThen::Wait), "2h");
    second(with(), &[Answer::Lost], "a.two 2027-06-02 00:00 sent");
    second(with(), &[Answer::Never], "a.two 2027-06-01 14:00 sent");
}

#[test]
fn caps_hold_over_all_sequences_of_a_person_and_stop_only_their_purposes() {
    let plan = plan()
        .with(seq("a").step(say("one")))
        .with(seq("b").step(say("one")))
        .with(seq("c").purpose(Purpose::Transactional).step(say("one")))
        .cap(1, "1d", CapThen::Wait)
        .on(on("lead.created", "a"))
        .on(on("lead.created", "b"))
        .on(on("lead.created", "c"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-30 12:00");
    let mut ledger = stage.ledger();
    ledger.sort();
    assert_eq!(ledger, ["a.one 2027-06-01 12:00 sent", "b.one 2027-06-02 00:00 sent", "c.one 2027-06-01 12:00 sent"]);
}

#[test]
fn window_quiet_hours_and_caps_are_repeated_until_one_moment_satisfies_all() {
    // the cap frees at midnight, quiet hours end at eight, and lateness is one day
    let plan = two(plan().cap(1, "1d", CapThen::Wait).quiet("20:00", "08:00"), "2h");
    second(plan, &[], "a.two 2027-06-02 08:00 sent");
}

#[test]
fn a_cap_that_frees_too_late_skips_as_late_at_once() {
    second(two(plan().cap(1, "7d", CapThen::Wait), "2h"), &[], "a.two 2027-06-01 14:00 skipped(late)");
}

#[test]
fn quiet_hours_may_skip_instead() {
    let mut plan = two(plan().quiet("20:00", "08:00"), "9h");
    plan.policies.quiet_hours.as_mut().unwrap().then = CapThen::Skip;
    second(plan, &[], "a.two 2027-06-01 21:00 skipped(no_moment)");
}

/// SMS of a provider that may keep one for two hours; quiet hours begin at eight.
fn kept(step: S) -> Plan {
    let mut plan = plan().with(seq("a").purpose(Purpose::Service).step(step.via(&["sms"]))).on(on("lead.created", "a"));
    plan = plan.quiet("20:00", "08:00");
    plan.channels.get_mut("sms").unwrap().validity = Some(span("2h"));
    plan
}

#[track_caller]
fn kept_goes(plan: Plan, expected: &str) -> Stage {
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger(), [expected]);
    stage
}

#[test]
fn an_sms_goes_only_while_it_leaves_the_queue_before_its_hours_end() {
    // at six it is out of the queue by eight; a minute later it waits for the morning, and is not late there
    kept_goes(kept(say("one").wait("6h")), "a.one 2027-06-01 18:00 sent");
    let stage = kept_goes(kept(say("one").wait("6h 1m")), "a.one 2027-06-02 08:00 sent");
    assert_eq!(stage.gates("one"), [crate::journey::Gate::QuietHours]);
    // what nobody keeps goes at once, and what quiet hours do not hold may come at any time
    let mut direct = kept(say("one").wait("7h"));
    direct.channels.get_mut("sms").unwrap().validity = None;
    kept_goes(direct, "a.one 2027-06-01 19:00 sent");
    let transactional = say("one").wait("7h").purpose(Purpose::Transactional);
    kept_goes(kept(transactional), "a.one 2027-06-01 19:00 sent");
}

#[test]
fn what_may_be_kept_waits_skips_or_is_too_late_as_its_hours_and_the_step_say() {
    let mut skips = kept(say("one").wait("7h"));
    skips.policies.quiet_hours.as_mut().unwrap().then = CapThen::Skip;
    kept_goes(skips, "a.one 2027-06-01 19:00 skipped(no_moment)");
    kept_goes(kept(say("one").wait("7h").late("1h", LateThen::Skip)), "a.one 2027-06-01 19:00 skipped(late)");
    // the window is a border too, and one that is never open for long enough lets nothing through
    let daytime = |to: &str| kept(say("one").wait("3h").window("day")).window("day", &Weekday::ALL, "09:00", to);
    let stage = kept_goes(daytime("16:59"), "a.one 2027-06-02 09:00 sent");
    assert_eq!(stage.gates("one"), [crate::journey::Gate::Window]);
    kept_goes(daytime("10:30"), "a.one 2027-06-02 09:00 skipped(no_moment)");
}

#[test]
fn a_reminder_that_may_be_kept_does_not_wait_beyond_its_moment() {
    for (start, expected) in [("20:00", "18:00 sent"), ("20:30", "18:30 skipped(late)")] {
        let step = say("one").before("booking.start", "2h").via(&["sms"]);
        let sequence = seq("a").about_booking().purpose(Purpose::Service).step(step);
        let mut plan = plan().with(sequence).on(on("booking.created", "a")).quiet("20:00", "08:00");
        plan.channels.get_mut("sms").unwrap().validity = Some(span("2h"));
        let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
        stage.books("u1", &format!("2027-06-03 {start}"));
        stage.until("2027-06-10 12:00");
        assert_eq!(stage.ledger(), [format!("a.one 2027-06-03 {expected}")]);
    }
}

#[test]
fn an_answer_within_half_an_hour_of_the_persons_own_message_skips_quiet_hours() {
    let plan =
        |step: S| plan().with(seq("a").step(step)).on(on("message.received", "a")).quiet("20:00", "08:00").ready();
    for (step, expected) in [
        (say("one").wait("30m"), "a.one 2027-06-01 23:30 sent"),
        (say("one").wait("31m"), "a.one 2027-06-02 08:00 sent"),
    ] {
        // it is due when the night is over; what the half hour changes is judged when it falls due
        let mut stage = Stage::new(plan(step), "2027-06-01 23:00");
        stage.writes("email");
        stage.until("2027-06-10 12:00");
        assert_eq!(stage.ledger(), [expected]);
    }
}

#[test]
fn after_a_person_of_the_practice_wrote_marketing_and_service_wait() {
    for (purpose, expected) in [
        (Purpose::Marketing, "a.one 2027-06-02 12:00 sent"),
        (Purpose::Service, "a.one 2027-06-02 12:00 sent"),
        (Purpose::Transactional, "a.one 2027-06-01 14:00 sent"),
    ] {
        let mut plan = plan().with(seq("a").purpose(purpose).step(say("one").wait("2h"))).on(on("lead.created", "a"));
        plan.policies.hands_off = Some(span("24h"));
        plan.policies.late.insert(Purpose::Service, span("3d"));
        let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.happens_with("message.sent", &[("channel", Value::text("email")), ("by", Value::text("person"))]);
        stage.until("2027-06-10 12:00");
        assert_eq!(stage.ledger(), [expected]);
        assert!(stage.look(ANA).touch.last_out.is_some());
    }
}

#[test]
fn what_no_cap_counts_any_more_is_forgotten() {
    let mut plan = plan().cap(5, "1d", CapThen::Wait);
    let steps = (0..20).map(|day| say(&format!("s{day}")).day(day * 7));
    plan = plan.with(steps.fold(seq("a"), Seq::step)).on(on("lead.created", "a"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-12-30 12:00");
    let Touch { recent, .. } = Touch::clone(&stage.look(ANA).touch);
    assert_eq!(stage.left.len(), 20);
    assert!(recent.len() <= 5, "{}", recent.len());
}

#[test]
fn beyond_the_messages_of_an_hour_the_others_wait_and_reminders_go_on() {
    let mut plan = plan()
        .with(seq("a").step(say("one")))
        .with(seq("b").step(say("one")))
        .with(seq("c").purpose(Purpose::Transactional).step(say("one")))
        .on(on("lead.created", "a"))
        .on(on("lead.created", "b"))
        .on(on("lead.created", "c"));
    plan.policies.blast_radius.messages_per_hour = Some(1);
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-30 12:00");
    let mut ledger = stage.ledger();
    ledger.sort();
    let expected = ["a.one 2027-06-01 12:00 sent", "b.one 2027-06-01 13:00 sent", "c.one 2027-06-01 12:00 sent"];
    assert_eq!(ledger, expected);
}

#[test]
fn what_counts_for_a_cap_is_the_same_without_the_calendar() {
    use crate::{
        calendar::{Instant, Span},
        journey::gates,
    };
    let spans = ["1h", "1d", "2d", "36h", "7d", "1mo", "31d", "3mo"].map(|text| Span::parse(text).unwrap());
    let mut counted = [0; 2];
    for zone in ["Europe/Berlin", "America/Jamaica", "Pacific/Apia", "Africa/Casablanca", "Australia/Lord_Howe"] {
        let zone = crate::calendar::Zone::parse(zone).unwrap();
        // over a year with both changes of clocks, and over the day that Apia left out
        for start in ["2011-11-27T09:30:00Z", "2027-02-20T23:10:00Z"] {
            let start = Instant::parse_rfc3339(start).unwrap();
            for sent in (0..300).map(|n| start.plus_ms(n * 31 * 3_600_000)) {
                for (per, hours) in spans.iter().flat_map(|per| (-3..2_300).step_by(37).map(move |hours| (*per, hours)))
                {
                    let at = sent.plus_ms(hours * 3_600_000);
                    let counts = gates::leaves(&zone, per, sent) > at;
                    assert_eq!(gates::counts(&zone, per, sent, at), counts, "{per} from {sent} at {at} in {zone}");
                    counted[usize::from(counts)] += 1;
                }
            }
        }
    }
    assert!(counted.iter().all(|count| *count > 10_000), "{counted:?}");
}
