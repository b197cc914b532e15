//! Branches, splits and waits: which way a run takes, when, and what stays of it.
use super::{build::*, stage::*};
use crate::{
    id::{ContactId, StepName},
    journey::Gate,
    plan::{LateThen, Plan, Removed, StepIx, Supposed},
    record::{NewsKind, Purpose},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

fn with(sequence: Seq) -> Arc<Plan> {
    let warm = doing(on("form.submitted", ""), vec![set("warm", Value::Bool(true))]);
    plan().with(sequence).on(on("lead.created", "a")).on(warm).ready()
}

fn on_the_first(sequence: Seq) -> Stage {
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage
}

fn which() -> S {
    branch(
        "which",
        vec![("contact.warm", vec![say("warm"), say("warm_2").wait("1d")]), ("contact.score > 5", vec![])],
        vec![say("cold").wait("2d")],
    )
}

#[test]
fn a_branch_takes_the_first_way_that_holds_and_goes_on_behind_it() {
    let sequence = || seq("a").step(say("one")).step(which().wait("1d")).step(say("last").wait("1d"));
    let mut stage = on_the_first(sequence());
    stage.until("2027-06-30 12:00");
    let cold = ["a.one 2027-06-01 12:00 sent", "a.which 2027-06-02 12:00 sent", "a.cold 2027-06-04 12:00 sent"];
    assert_eq!(stage.ledger()[..3], cold);
    assert_eq!(stage.ledger()[3..], ["a.last 2027-06-05 12:00 sent"]);
    let mut stage = on_the_first(sequence());
    stage.happens("form.submitted");
    stage.until("2027-06-30 12:00");
    let warm = ["a.warm 2027-06-02 12:00 sent", "a.warm_2 2027-06-03 12:00 sent", "a.last 2027-06-04 12:00 sent"];
    assert_eq!(stage.ledger()[2..], warm);
    assert_eq!(stage.runs(), ["a completed"]);
}

#[test]
fn the_ledger_and_the_run_say_which_way_and_why() {
    let mut stage = on_the_first(seq("a").step(which()));
    stage.until("2027-06-30 12:00");
    let row = &stage.store.ledger()[0];
    let because = row.because.as_ref().unwrap();
    let read: Vec<String> = because.read.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let wanted = ["arm=otherwise", "if=contact.warm", "contact.warm=false", "if=contact.score > 5", "contact.score=0"];
    assert_eq!((because.gate, read), (Gate::Branch, wanted.map(str::to_owned).to_vec()));
    let taken = &stage.store.runs()[0].taken[0];
    let first = taken.first.as_ref().map(StepName::as_str);
    assert_eq!((taken.step.as_str(), &*taken.arm, first), ("which", "otherwise", Some("cold")));
}

#[test]
fn a_barrier_is_decided_when_nothing_of_the_run_is_open_and_a_wait_counts_from_there() {
    let sequence = seq("a").step(say("one").retries(3, "3h")).step(which()).step(say("last").wait("1h"));
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.script.push_back(Answer::Refuse);
    stage.happens("lead.created");
    stage.until("2027-06-01 13:00");
    assert_eq!(stage.ledger().len(), 1, "the branch waits for the message above it");
    // what is known by then decides
    stage.happens("form.submitted");
    stage.until("2027-06-30 12:00");
    let minutes: Vec<String> = stage.ledger().iter().map(|row| row.replace(":00.001", ":00")).collect();
    assert!(minutes[0].starts_with("a.one 2027-06-01 15:"), "{minutes:?}");
    assert!(minutes[1].starts_with("a.which 2027-06-01 15:"), "{minutes:?}");
    assert!(minutes[2].starts_with("a.warm 2027-06-01 15:") && minutes[2].ends_with("sent"), "{minutes:?}");
    assert!(minutes[3].starts_with("a.warm_2 2027-06-02 15:"), "{minutes:?}");
    assert!(minutes[4].starts_with("a.last 2027-06-02 16:"), "{minutes:?}");
}

#[test]
fn a_step_behind_an_empty_way_counts_from_the_decision() {
    let sequence = seq("a").step(branch("which", vec![("contact.warm", vec![])], vec![]).wait("3h"));
    let mut stage = on_the_first(sequence.step(say("last").wait("1h")));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.which 2027-06-01 15:00 sent", "a.last 2027-06-01 16:00 sent"]);
}

#[test]
fn a_barrier_that_is_skipped_skips_its_ways() {
    let off = [which().off(), which().when("contact.warm")];
    for (step, why) in off.into_iter().zip(["skipped(inactive)", "skipped(condition)"]) {
        let mut stage = on_the_first(seq("a").step(step).step(say("last")));
        stage.until("2027-06-30 12:00");
        assert_eq!(stage.ledger(), [format!("a.which 2027-06-01 12:00 {why}"), "a.last 2027-06-01 12:00 sent".into()]);
    }
}

#[test]
fn a_stop_in_a_way_ends_the_run() {
    let sequence = seq("a").step(branch("which", vec![("contact.warm", vec![])], vec![stop("enough", "cold")]));
    let mut stage = on_the_first(sequence.step(say("last")));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.runs(), ["a stopped(cold)"]);
    assert_eq!(stage.ledger().len(), 2);
}

#[test]
fn ways_below_ways_lead_back_to_every_list() {
    let inner = branch("inner", vec![("contact.warm", vec![say("x")])], vec![say("y")]);
    let outer = branch("outer", vec![("contact.score > 5", vec![])], vec![inner, say("after_inner")]);
    let mut stage = on_the_first(seq("a").step(outer).step(say("last")));
    stage.until("2027-06-30 12:00");
    let names: Vec<String> = stage.ledger().iter().map(|row| row[..row.find(' ').unwrap()].to_owned()).collect();
    assert_eq!(names, ["a.outer", "a.inner", "a.y", "a.after_inner", "a.last"]);
}

// --- the row of steps ------------------------------------------------------------------------------------------------

#[test]
fn steps_stand_in_a_row_and_know_what_comes_after_them() {
    let inner = branch("inner", vec![("contact.warm", vec![say("x")])], vec![]);
    let outer = split("outer", vec![("a", 50, vec![say("one"), inner]), ("b", 50, vec![])]);
    let sequence = seq("s").step(say("first")).step(outer).step(say("last")).0;
    let names: Vec<(&str, u16)> = sequence.steps.iter().map(|step| (step.name.as_str(), step.next.0)).collect();
    assert_eq!(names, [("first", 1), ("outer", 5), ("one", 3), ("inner", 5), ("x", 5), ("last", 6)]);
    let arms = |at: usize| sequence.steps[at].act.arms().iter().map(|(_, entry)| entry.0).collect::<Vec<_>>();
    assert_eq!((arms(1), arms(3)), (vec![2, 5], vec![4, 5]));
    assert_eq!(sequence.outer().map(|at| at.0).collect::<Vec<_>>(), [0, 1, 5]);
    let x = StepName::new("x");
    assert_eq!(sequence.arm(StepIx(1), "gone", Some(&x)), StepIx(2), "x stands in the first arm");
    assert_eq!(sequence.arm(StepIx(1), "b", None), StepIx(5));
    assert_eq!(sequence.arm(StepIx(1), "a", Some(&StepName::new("gone"))), StepIx(2));
}

#[test]
fn what_goes_together_with_a_bound_step_is_bound_also_in_an_arm_and_not_after_a_wait() {
    let inside = branch("which", vec![("contact.warm", vec![say("warm")])], vec![say("cold"), say("wait").wait("1h")])
        .before("booking.start", "1d");
    let wait = wait_for("reply", Some("message.received"), None, "1d", vec![say("then")], vec![]);
    let sequence = seq("s").step(say("first")).step(inside).step(say("with")).step(wait).step(say("after")).0;
    let bound: Vec<&str> = (0..sequence.steps.len())
        .filter(|at| sequence.bound(StepIx(u16::try_from(*at).unwrap())).is_some())
        .map(|at| sequence.steps[at].name.as_str())
        .collect();
    assert_eq!(bound, ["which", "warm", "cold", "with", "reply"]);
}

// --- split ----------------------------------------------------------------------------------------------------------------

fn shares(stage: &Stage) -> BTreeMap<ContactId, Arc<str>> {
    stage.store.runs().iter().map(|run| (run.contact, run.taken[0].arm.clone())).collect()
}

fn half(weight: u32) -> Arc<Plan> {
    let ways = vec![("a", weight, vec![say("x")]), ("b", 100 - weight, vec![])];
    with(seq("a").step(split("share", ways)).step(say("last").wait("5d")))
}

#[test]
fn a_split_sends_about_its_shares_and_the_same_person_the_same_way() {
    let run = |weight| {
        let mut stage = Stage::empty(half(weight), "2027-06-01 12:00");
        for id in 1..=200 {
            stage.person(ContactId(id), &format!("p{id}"), |_, _| {});
            let order = crate::journey::Order::Enrol("a".into());
            stage.work(vec![crate::engine::Work::Ordered(ContactId(id), order)]);
        }
        shares(&stage)
    };
    let of_a = |ways: &BTreeMap<ContactId, Arc<str>>| ways.values().filter(|arm| &***arm == "a").count();
    let ways = run(50);
    assert_eq!(ways, run(50));
    assert!((80..=120).contains(&of_a(&ways)), "{} of 200", of_a(&ways));
    assert!((25..=60).contains(&of_a(&run(20))));
    assert_eq!((of_a(&run(0)), of_a(&run(100))), (0, 200));
}

#[test]
fn changed_weights_move_nobody_who_was_assigned() {
    let mut stage = Stage::new(half(100), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.publish(half(0));
    stage.until("2027-06-30 12:00");
    assert_eq!(&*stage.store.runs()[0].taken[0].arm, "a");
    let rows = stage.ledger();
    assert_eq!(rows, ["a.share 2027-06-01 12:00 sent", "a.x 2027-06-01 12:00 sent", "a.last 2027-06-06 12:00 sent"]);
}

// --- wait_for -------------------------------------------------------------------------------------------------------------

fn reply(event: Option<&str>, when: Option<&str>) -> Seq {
    let wait = wait_for("reply", event, when, "3d", vec![say("came").wait("1d")], vec![say("nothing").wait("1d")]);
    seq("a").step(say("one")).step(wait).step(say("last").wait("1h"))
}

#[test]
fn a_wait_goes_on_at_the_event_or_when_its_time_is_over() {
    let mut stage = on_the_first(reply(Some("message.received"), None));
    stage.until("2027-06-03 09:30");
    stage.writes("email");
    stage.until("2027-06-30 12:00");
    assert_eq!(
        stage.ledger()[1..],
        ["a.reply 2027-06-03 09:30 sent", "a.came 2027-06-04 09:30 sent", "a.last 2027-06-04 10:30 sent"]
    );
    let mut stage = on_the_first(reply(Some("message.received"), None));
    stage.until("2027-06-30 12:00");
    assert_eq!(
        stage.ledger()[1..],
        ["a.reply 2027-06-04 12:00 sent", "a.nothing 2027-06-05 12:00 sent", "a.last 2027-06-05 13:00 sent"]
    );
    assert_eq!(stage.gates("reply"), [Gate::Branch]);
}

#[test]
fn only_an_event_for_which_its_condition_holds_is_the_one() {
    let mut stage = on_the_first(reply(Some("form.submitted"), Some("event.wanted == 'price'")));
    stage.happens_with("form.submitted", &[("wanted", Value::text("place"))]);
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.ledger().len(), 1);
    stage.happens_with("form.submitted", &[("wanted", Value::text("price"))]);
    assert_eq!(stage.ledger()[1], "a.reply 2027-06-02 12:00 sent");
}

#[test]
fn an_event_of_another_time_is_not_waited_for() {
    // before the wait began, and after its time was over while nobody was awake
    let mut stage = on_the_first(
        seq("a").step(wait_for("reply", Some("lead.called"), None, "3d", vec![], vec![stop("no", "no")]).wait("1d")),
    );
    stage.happens("lead.called");
    stage.until("2027-06-02 13:00");
    stage.sleep_until("2027-06-20 12:00");
    stage.happens("lead.called");
    assert_eq!(stage.runs(), ["a stopped(no)"]);
}

#[test]
fn an_event_that_comes_when_the_wait_is_due_and_nobody_was_awake_counts() {
    let wait = wait_for("reply", Some("lead.called"), None, "3d", vec![stop("yes", "yes")], vec![]).wait("1d");
    let mut stage = on_the_first(seq("a").step(wait));
    stage.sleep_until("2027-06-03 12:00");
    stage.happens("lead.called");
    assert_eq!(stage.runs(), ["a stopped(yes)"]);
}

#[test]
fn a_condition_alone_passes_at_once_or_as_soon_as_it_holds() {
    let mut stage = on_the_first(reply(None, Some("not contact.warm")));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger()[1..3], ["a.reply 2027-06-01 12:00 sent", "a.came 2027-06-02 12:00 sent"]);
    let mut stage = on_the_first(reply(None, Some("contact.warm")));
    stage.until("2027-06-02 18:00");
    stage.happens("form.submitted");
    assert_eq!(stage.ledger()[1], "a.reply 2027-06-02 18:00 sent");
}

#[test]
fn a_goal_comes_before_the_wait_and_the_wait_before_a_stop_rule() {
    let mut stage = on_the_first(reply(Some("message.received"), None).goal("message.received", None, true));
    stage.writes("email");
    assert_eq!(stage.runs(), ["a converted"]);
    let sequence = reply(Some("message.received"), None).stop_on("message.received", None, "replied");
    let mut stage = on_the_first(sequence);
    stage.writes("email");
    assert_eq!(stage.runs(), ["a active"], "what was waited for does not end the run");
    stage.writes("email");
    assert_eq!(stage.runs(), ["a stopped(replied)"], "the next one does");
}

#[test]
fn in_booking_runs_a_wait_is_for_the_own_booking() {
    let wait = wait_for("gone", Some("booking.no_show"), None, "30d", vec![stop("yes", "missed")], vec![]);
    let mut stage = Stage::new(
        plan().with(seq("a").about_booking().step(wait)).on(on("booking.created", "a")).ready(),
        "2027-06-01 12:00",
    );
    stage.books("u1", "2027-06-03 18:00");
    stage.books("u2", "2027-06-04 18:00");
    stage.until("2027-06-05 12:00");
    stage.about_booking(NewsKind::NoShow(true), "u2");
    assert_eq!(stage.runs(), ["a active", "a stopped(missed)"]);
}

#[test]
fn an_order_to_advance_ends_a_wait() {
    let mut stage = on_the_first(reply(Some("message.received"), None));
    stage.order(crate::journey::Order::Advance("a".into()));
    assert_eq!(stage.ledger()[1], "a.reply 2027-06-01 12:00 sent");
    assert_eq!(&*stage.store.runs()[0].taken[0].arm, "otherwise");
}

#[test]
fn an_opt_out_ends_a_run_in_a_way_and_in_a_wait() {
    for sequence in [reply(Some("message.received"), None), seq("a").step(which())] {
        let mut stage = on_the_first(sequence);
        stage.opts_out(None, None, "link");
        stage.until("2027-06-30 12:00");
        assert_eq!(stage.runs(), ["a stopped(opted_out)"]);
        assert!(stage.ledger().len() <= 1);
    }
}

// --- bookings that move -----------------------------------------------------------------------------------------------------

fn around() -> Arc<Plan> {
    let inside = vec![
        say("thanks"),
        say("day_before").before("booking.start", "24h").late("1h", LateThen::Skip),
        say("with_it"),
        say("hour_before").before("booking.start", "1h"),
    ];
    let sequence = seq("a")
        .about_booking()
        .purpose(Purpose::Transactional)
        .step(branch("which", vec![("contact.warm", vec![say("warm").before("booking.start", "2h")])], inside))
        .step(say("after").after("booking.end", "1h"));
    plan()
        .with(sequence)
        .on(on("booking.created", "a"))
        .on(doing(on("form.submitted", ""), vec![set("warm", Value::Bool(true))]))
        .ready()
}

#[test]
fn a_move_makes_bound_steps_of_the_way_that_was_taken_due_again() {
    for (at, done) in [("2027-06-02 20:00", 4), ("2027-06-03 17:30", 5), ("2027-06-04 12:00", 6)] {
        let mut stage = Stage::new(around(), "2027-06-01 12:00");
        stage.books("u1", "2027-06-03 18:00");
        stage.until(at);
        assert_eq!(stage.ledger().len(), done);
        // by now the other way would hold
        stage.happens("form.submitted");
        stage.moves("u1", "u2", "2027-06-07 18:00");
        stage.until("2027-06-20 12:00");
        assert_eq!(
            stage.ledger()[done..],
            [
                "a.day_before#1 2027-06-06 18:00 sent",
                "a.with_it#1 2027-06-06 18:00 sent",
                "a.hour_before#1 2027-06-07 17:00 sent",
                "a.after#1 2027-06-07 20:00 sent",
            ],
            "{at}"
        );
        assert_eq!(stage.runs(), ["a completed"]);
    }
}

#[test]
fn a_move_leaves_a_wait_where_it_is() {
    let wait = wait_for("reply", Some("message.received"), None, "10d", vec![say("came")], vec![]);
    let sequence =
        seq("a").about_booking().step(say("one")).step(wait).step(say("day_before").before("booking.start", "24h"));
    let mut stage = Stage::new(plan().with(sequence).on(on("booking.created", "a")).ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-20 18:00");
    stage.until("2027-06-05 12:00");
    stage.moves("u1", "u2", "2027-06-25 18:00");
    stage.until("2027-06-06 12:00");
    stage.writes("email");
    stage.until("2027-06-30 12:00");
    assert_eq!(
        stage.ledger()[1..],
        ["a.reply 2027-06-06 12:00 sent", "a.came 2027-06-06 12:00 sent", "a.day_before#1 2027-06-24 18:00 sent"]
    );
}

// --- the plan changes ---------------------------------------------------------------------------------------------------------

#[test]
fn a_pause_and_a_longer_wait_leave_a_wait_waiting() {
    let longer = |up_to| {
        seq("a").step(wait_for(
            "reply",
            Some("lead.called"),
            None,
            up_to,
            vec![stop("yes", "yes")],
            vec![stop("no", "no")],
        ))
    };
    let mut stage = on_the_first(longer("3d"));
    stage.publish(with(longer("3d").off()));
    stage.until("2027-06-02 12:00");
    stage.publish(with(longer("10d")));
    stage.until("2027-06-09 12:00");
    assert_eq!(stage.runs(), ["a active"], "counted from when the wait began");
    stage.happens("lead.called");
    assert_eq!(stage.runs(), ["a stopped(yes)"]);
}

#[test]
fn who_stands_in_a_way_stays_in_it_when_the_ways_change_places() {
    let ways = |first: &str, second: &str| {
        let warm = vec![say("warm"), say("warm_2").wait("3d")];
        let cold = vec![say("cold"), say("cold_2").wait("3d")];
        let (one, two) = if first == "contact.warm" { (warm, cold) } else { (cold, warm) };
        with(seq("a").step(branch("which", vec![(first, one), (second, two)], vec![])).step(say("last")))
    };
    let mut stage = Stage::new(ways("contact.warm", "not contact.warm"), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.publish(ways("not contact.warm", "contact.warm"));
    stage.until("2027-06-30 12:00");
    assert_eq!(
        stage.ledger()[1..],
        ["a.cold 2027-06-01 12:00 sent", "a.cold_2 2027-06-04 12:00 sent", "a.last 2027-06-04 12:00 sent"]
    );
}

#[test]
fn people_of_a_removed_step_go_where_the_file_says() {
    let before = || {
        seq("a")
            .step(say("zero"))
            .step(say("one").wait("1d"))
            .step(say("two").wait("3d"))
            .step(say("three").wait("3d"))
            .step(say("four").wait("3d"))
    };
    let after = || seq("a").step(say("one").wait("1d")).step(say("three").wait("3d")).step(say("four").wait("3d"));
    for (then, expected) in [
        (Removed::Next, vec!["a.three 2027-06-05 12:00 sent", "a.four 2027-06-08 12:00 sent"]),
        (Removed::Jump("four".into()), vec!["a.four 2027-06-05 12:00 sent"]),
        (Removed::Stop, vec![]),
    ] {
        let mut stage = on_the_first(before());
        stage.until("2027-06-03 12:00");
        let stops = then == Removed::Stop;
        stage.publish(with(after().changed(|changed| changed.removed = vec![("two".into(), then)])));
        stage.until("2027-06-30 12:00");
        assert_eq!(stage.ledger()[2..], expected);
        assert_eq!(stage.runs(), [if stops { "a stopped(removed)" } else { "a completed" }]);
    }
}

#[test]
fn people_of_a_renamed_step_stand_at_the_new_one_and_nothing_repeats() {
    let steps = |names: [&str; 2]| seq("a").step(say(names[0])).step(say(names[1]).wait("3d"));
    let mut stage = on_the_first(steps(["one", "two"]));
    let moved = vec![("one".into(), "first".into()), ("two".into(), "second".into())];
    stage.publish(with(steps(["first", "second"]).changed(|changed| changed.moved = moved)));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 sent", "a.second 2027-06-04 12:00 sent"]);
}

#[test]
fn an_open_send_of_a_renamed_step_still_goes_out() {
    let steps = |name| seq("a").step(say(name).retries(3, "3h"));
    let mut stage = Stage::new(with(steps("one")), "2027-06-01 12:00");
    stage.script.push_back(Answer::Refuse);
    stage.happens("lead.created");
    stage.publish(with(steps("first").changed(|changed| changed.moved = vec![("one".into(), "first".into())])));
    stage.until("2027-06-30 12:00");
    assert!(stage.ledger()[0].ends_with("sent") && stage.ledger().len() == 1, "{:?}", stage.ledger());
}

#[test]
fn a_lookup_that_nobody_answers_is_a_failure_and_nothing_found_is_none() {
    let asks = || seq("a").step(say("one").asks("slot", "next_free_slot").when("contact.warm"));
    for (answer, outcome) in [
        (None, "failed(lookup)"),
        (Some(Supposed::Failure), "failed(lookup)"),
        (Some(Supposed::Nothing), "skipped(condition)"),
    ] {
        let mut plan = (*with(asks())).clone();
        plan.supposed.extend(answer.map(|answer| (Arc::from("next_free_slot"), answer)));
        let mut stage = Stage::new(Arc::new(plan), "2027-06-01 12:00");
        stage.happens("lead.created");
        assert_eq!(stage.ledger(), [format!("a.one 2027-06-01 12:00 {outcome}")]);
    }
}
