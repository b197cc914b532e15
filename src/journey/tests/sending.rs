//! One send: retries, lost answers, slots, permits.
use super::{build::*, stage::*};
use crate::{
    journey::{Hold, Receipt},
    plan::{LateThen, Plan},
    record::Purpose,
};
use std::sync::Arc;

fn one(step: S) -> Arc<Plan> {
    let sequence = seq("a").purpose(Purpose::Transactional).step(step).stop_on("message.received", None, "replied");
    plan().with(sequence).on(on("lead.created", "a")).ready()
}

#[track_caller]
fn story(step: S, answers: &[Answer], until: &str, expected: &str) -> Stage {
    let mut stage = Stage::new(one(step), "2027-06-01 12:00");
    stage.script.extend(answers.iter().copied());
    stage.happens("lead.created");
    stage.until(until);
    let ledger = stage.ledger();
    assert!(ledger[0].ends_with(expected), "{ledger:?}");
    stage
}

#[test]
fn known_failures_are_retried_up_to_max_with_doubling_and_the_same_bytes() {
    use Answer::Refuse;
    let stage = story(say("one"), &[Refuse, Refuse, Refuse, Refuse], "2027-06-02 12:00", "failed(attempts)");
    let minutes: Vec<i64> = stage.left.iter().map(|left| left.at.since(stage.left[0].at) / 60_000).collect();
    assert_eq!(minutes.len(), 3);
    assert!((5..=5).contains(&minutes[1]) && (15..=16).contains(&minutes[2]), "{minutes:?}");
    assert!(stage.left.iter().all(|left| left.key == stage.left[0].key && left.text == stage.left[0].text));
    let numbers: Vec<u16> = stage.left.iter().map(|left| left.attempt.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    story(say("one"), &[Refuse, Refuse], "2027-06-02 12:00", "sent");
}

#[test]
fn retries_are_the_same_in_every_replay_and_never_over_six_hours_apart() {
    let run = || {
        let step = say("one").retries(9, "2h").late("30d", LateThen::Skip);
        let stage = story(step, &[Answer::Refuse; 9], "2027-07-02 12:00", "failed(attempts)");
        stage.left.iter().map(|left| left.at).collect::<Vec<_>>()
    };
    let times = run();
    assert_eq!(times, run());
    assert!(times.windows(2).all(|pair| pair[1].since(pair[0]) <= 6 * 3_600_000));
}

#[test]
fn the_providers_wish_to_wait_is_honoured() {
    let stage = story(say("one"), &[Answer::RefuseFor(3_600_000)], "2027-06-02 12:00", "sent");
    assert_eq!(stage.left[1].at.since(stage.left[0].at), 3_600_000);
}

#[test]
fn permanent_failures_are_not_retried() {
    assert_eq!(story(say("one"), &[Answer::Never], "2027-06-02 12:00", "failed(permanent)").left.len(), 1);
}

#[test]
fn lateness_is_judged_again_at_each_retry() {
    let step = say("one").retries(9, "20m").late("30m", LateThen::Skip);
    assert_eq!(story(step, &[Answer::Refuse; 9], "2027-06-02 12:00", "skipped(late)").left.len(), 2);
}

#[test]
fn a_lost_answer_is_not_repeated_and_closes_as_unknown() {
    let stage = story(say("one"), &[Answer::Lost], "2027-06-10 12:00", "unknown");
    assert_eq!((stage.left.len(), stage.runs()), (1, vec!["a completed".to_owned()]));
}

#[test]
fn a_lost_answer_is_sent_again_where_the_author_says_so_up_to_max() {
    let lost = [Answer::Lost; 5];
    assert_eq!(story(say("one").resend(), &lost[..1], "2027-06-10 12:00", "sent").left.len(), 2);
    assert_eq!(story(say("one").resend(), &lost, "2027-06-10 12:00", "unknown").left.len(), 3);
}

#[test]
fn what_may_have_gone_out_can_only_end_sent_or_unknown() {
    use Answer::{Lost, Never, Refuse};
    story(say("one").resend(), &[Lost, Never], "2027-06-10 12:00", "unknown");
    story(say("one").resend(), &[Lost, Refuse, Refuse], "2027-06-10 12:00", "unknown");
    let late = say("one").resend().retries(9, "20m").late("30m", LateThen::Skip);
    story(late, &[Lost, Refuse, Refuse], "2027-06-10 12:00", "unknown");
    // the run ends while the second attempt waits: no further one
    let mut stage = Stage::new(one(say("one").resend()), "2027-06-01 12:00");
    stage.script.push_back(Lost);
    stage.happens("lead.created");
    stage.writes("email");
    stage.until("2027-06-02 12:00");
    assert!(stage.ledger()[0].ends_with("unknown"), "{:?}", stage.ledger());
    assert_eq!((stage.left.len(), stage.runs()), (1, vec!["a stopped(replied)".to_owned()]));
}

#[test]
fn a_run_that_ends_cancels_what_waits_and_lets_an_attempt_under_way_complete() {
    for (answer, receipt, expected) in [
        (Answer::Refuse, None, "cancelled(replied)"),
        (Answer::Silence, Some(Answer::Accept), "sent"),
        (Answer::Silence, Some(Answer::Refuse), "cancelled(replied)"),
        (Answer::Silence, Some(Answer::Never), "failed(permanent)"),
        (Answer::Silence, Some(Answer::Lost), "unknown"),
    ] {
        let mut stage = Stage::new(one(say("one").resend()), "2027-06-01 12:00");
        stage.script.push_back(answer);
        stage.happens("lead.created");
        stage.writes("email");
        assert_eq!(stage.runs(), ["a stopped(replied)"]);
        if let Some(later) = receipt {
            let left = stage.left[0].clone();
            stage.answered(&left, super::stage::receipt(later, "x").unwrap());
        }
        stage.until("2027-06-05 12:00");
        assert!(stage.ledger()[0].ends_with(expected), "{answer:?} {receipt:?}: {:?}", stage.ledger());
        assert_eq!(stage.left.len(), 1);
    }
}

#[test]
fn an_answer_counts_once_and_only_for_its_own_attempt() {
    let mut stage = Stage::new(one(say("one")), "2027-06-01 12:00");
    stage.script.extend([Answer::Silence, Answer::Silence]);
    stage.happens("lead.created");
    let first = stage.left[0].clone();
    stage.answered(&first, receipt(Answer::Refuse, "").unwrap());
    stage.until("2027-06-01 13:00");
    assert_eq!(stage.left.len(), 2);
    // the first attempt's answer again, and late: the second one is under way
    stage.answered(&first, receipt(Answer::Accept, "x").unwrap());
    assert!(stage.ledger()[0].ends_with("in flight"));
    let second = stage.left[1].clone();
    stage.answered(&second, receipt(Answer::Accept, "y").unwrap());
    stage.answered(&second, receipt(Answer::Never, "").unwrap());
    assert!(stage.ledger()[0].ends_with("sent"));
    assert_eq!(stage.store.attempts().len(), 1);
}

#[test]
fn after_a_restart_what_was_under_way_is_unknown() {
    let mut stage = Stage::new(one(say("one")), "2027-06-01 12:00");
    stage.script.push_back(Answer::Silence);
    stage.happens("lead.created");
    stage.restart();
    assert!(stage.ledger()[0].ends_with("unknown"));
    assert_eq!(stage.runs(), ["a completed"]);
    let left = stage.left[0].clone();
    stage.answered(&left, Receipt::NotSent { retry_after_ms: None, permanent: true, why: "late".into() });
    assert!(stage.ledger()[0].ends_with("unknown"));
}

#[test]
fn no_more_attempts_than_free_slots() {
    let sequence = seq("a").step(say("one")).step(say("two")).step(say("three"));
    let mut stage = Stage::new(plan().with(sequence).on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    stage.world.slots.insert(crate::id::ChannelName::new("email"), 1);
    stage.script.push_back(Answer::Silence);
    stage.happens("lead.created");
    assert_eq!(stage.left.len(), 1);
    stage.world.slots.insert(crate::id::ChannelName::new("email"), 2);
    stage.wake();
    assert_eq!(stage.left.len(), 3);
}

#[test]
fn nothing_goes_out_while_everything_is_held_and_local_messages_follow_too() {
    let mut stage = Stage::new(
        plan().with(seq("a").step(say("one"))).on(on("lead.created", "a")).local("email").ready(),
        "2027-06-01 12:00",
    );
    stage.world.held = Some(Hold::Restore);
    stage.happens("lead.created");
    stage.wake();
    assert!(stage.ledger()[0].ends_with("ready"), "{:?}", stage.ledger());
    stage.world.held = None;
    stage.wake();
    assert!(stage.ledger()[0].ends_with("sent"));
    assert_eq!(stage.store.mailbox().len(), 1);
}

#[test]
fn a_broken_channel_gives_way_to_the_next_or_holds_until_it_is_too_late() {
    let email = crate::id::ChannelName::new("email");
    let mut stage = Stage::new(one(say("one").via(&["email", "sms"])), "2027-06-01 12:00");
    stage.world.broken.insert(email.clone());
    stage.happens("lead.created");
    assert_eq!(stage.left[0].channel.as_str(), "sms");
    let mut stage = Stage::new(one(say("one").late("2h", LateThen::Skip)), "2027-06-01 12:00");
    stage.world.broken.insert(email.clone());
    stage.happens("lead.created");
    stage.until("2027-06-01 13:00");
    assert!(stage.ledger()[0].contains("waits for"));
    stage.world.broken.clear();
    stage.until("2027-06-01 13:10");
    assert!(stage.ledger()[0].ends_with("sent"));
    let mut stage = Stage::new(one(say("one").late("2h", LateThen::Skip)), "2027-06-01 12:00");
    stage.world.broken.insert(email);
    stage.happens("lead.created");
    stage.until("2027-06-02 12:00");
    assert!(stage.ledger()[0].ends_with("skipped(held)"), "{:?}", stage.ledger());
}

#[test]
fn a_retry_stays_on_its_channel() {
    let mut stage = Stage::new(one(say("one").via(&["email", "sms"])), "2027-06-01 12:00");
    stage.script.push_back(Answer::Refuse);
    stage.happens("lead.created");
    stage.opts_out(Some("email"), None, "link");
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.left.len(), 1);
    assert!(stage.ledger()[0].ends_with("skipped(no_consent)"), "{:?}", stage.ledger());
}

#[test]
fn a_text_names_its_own_step_and_follows_a_new_address() {
    let sequence = seq("a").step(say("one")).step(say("two").wait("1d"));
    let mut stage = Stage::new(plan().with(sequence).on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert!(stage.left[0].text.contains("step one"), "{}", stage.left[0].text);
}

#[test]
fn a_text_that_cannot_be_written_fails_and_the_run_goes_on() {
    let mut plan = plan().with(
        seq("a").step(say("one").spec(|spec| spec.body = crate::plan::Body::Template("gone".into()))).step(say("two")),
    );
    plan = plan.on(on("lead.created", "a"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 failed(render)", "a.two 2027-06-01 12:00 sent"]);
}
