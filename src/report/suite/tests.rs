use super::{examples_tests as made, *};
use crate::{
    plan::{Plan, suite::Timing},
    simulate::suite::{Line, LineWord, Seen, Spot, SpotKind, Verdict, WhyNot},
};

fn report(ran: &[Ran]) -> Report<'_> {
    let coverage = Asked { table: true, least: None };
    Report { ran, trace: false, each: false, coverage, prefix: "" }
}

fn shown(report: &Report<'_>) -> String {
    text::plain(&text(report))
}

fn page(report: &Report<'_>) -> String {
    let plan = Plan::empty("example", made::berlin(), Vec::new(), |_| ());
    html(report, &plan, "dripline test --format html".to_owned(), "Thu 3 Dec 2026 14:02 Europe/Berlin".to_owned())
        .unwrap()
}

#[test]
fn a_failing_suite_as_text() {
    let all = [made::failing()];
    insta::assert_snapshot!(shown(&report(&all)), @r#"
    no_show  tests/no_show.yaml  2 ok, 1 failed
      FAIL  three touches, nobody answers
      ok    booking ends it
      ok    summer time, every hour of the week, 3 cases

    FAIL  three touches, nobody answers
          tests/no_show.yaml:18
          from Fri 26 Mar 2027 18:30 Europe/Berlin (UTC+1, from Sun 28 Mar UTC+2)

      this must always hold and does not: no_sends: { between: ["20:00", "08:00"] }:
        Fri 2 Apr 18:30 sent last_call, via email, “Shall we close your file?”
        tests/no_show.yaml:9

        expected                               got
      ✓ Sat 27 Mar 10:00  sent                 Sat 27 Mar 10:00  sent
          sorry_we_missed_you                    sorry_we_missed_you
            via email, subject has “missed”        via email, “We missed you
                                                   yesterday”
      ✗ day 4, Tue 30 Mar  sent new_time_mail  Tue 30 Mar 18:30  skipped
                                                 new_time_mail
                                                   because cap
      ✗ never  sent last_call                  Fri 2 Apr 18:30  sent last_call
                                                   via email, “Shall we close your
                                                   file?”
      ✓ day 7, Fri 2 Apr  completed            Fri 2 Apr 18:30  completed
          no_show_recovery                       no_show_recovery
      ✗                                        Fri 2 Apr 19:00  sent goodbye
                                                   via email, “Goodbye”

      sent new_time_mail: it never came
        tests/no_show.yaml:22
        why not: Tue 30 Mar 18:30 skipped new_time_mail, because cap
          gate cap, at_most: 1 in 1d, spring_news: Tue 30 Mar 2027 09:00
          sequences/no_show_recovery.yaml:14

      sent last_call: it came once, and never should
        tests/no_show.yaml:23
        from: sequences/no_show_recovery.yaml:14

      sent goodbye: nothing expected it
        from: sequences/no_show_recovery.yaml:14

      run only this: dripline test tests/no_show.yaml --run "three touches, nobody answers" --trace

    coverage  71 %
      no_show_recovery
        steps          2 of 3    missing:
          last_call  sequences/no_show_recovery.yaml:20
        arms           2 of 2
        exits          1 of 2    missing:
          displaced  sequences/no_show_recovery.yaml:1
      skip reasons     1 of 3
          never: late, no_consent
    "#);
    assert_eq!(summary(&report(&all)), "1 of 3 scenarios fails (5 cases), seed 1");
}

#[test]
fn what_never_came_says_what_stood_in_the_way() {
    let told = |why_not: Option<WhyNot>| {
        let mut all = [made::failing()];
        all[0].cases[0].rows[1].why_not = why_not;
        let text = shown(&report(&all));
        let from = text.find("sent new_time_mail: ").unwrap();
        text[from..].split("\n\n").next().unwrap().lines().skip(2).map(str::trim).collect::<Vec<_>>().join(" | ")
    };
    let until = made::at("2027-03-31T09:00");
    let because = made::because(crate::journey::Gate::Window, &[("window", "daytime")]);
    let place = "sequences/no_show_recovery.yaml:14";
    let expected = [
        (None, String::new()),
        (
            Some(WhyNot::Moved { until, because }),
            format!("why not: moved to Wed 31 Mar 09:00, still to come then | gate window, window: daytime | {place}"),
        ),
        (
            Some(WhyNot::RunOver(5)),
            "why not: the run was over before: Fri 2 Apr 18:30 completed no_show_recovery".to_owned(),
        ),
        (
            Some(WhyNot::NeverEntered(None)),
            format!("why not: the person was never inside, and nothing tried to enrol them | {place}"),
        ),
        (
            Some(WhyNot::StandsAt { step: "new_time_mail".into(), until: Some(until) }),
            format!("why not: when the story ends the run stands at new_time_mail until Wed 31 | Mar 09:00 | {place}"),
        ),
        (Some(WhyNot::Nothing), "why not: there is nobody of whom it could be true".to_owned()),
    ];
    for (why_not, words) in expected {
        assert_eq!(told(why_not), words);
    }
}

#[test]
fn no_line_is_wider_than_eighty_columns_but_the_command() {
    for all in [[made::failing()], [made::hostile()]] {
        let text = shown(&Report { trace: true, ..report(&all) });
        let wide = text.lines().filter(|line| line.chars().count() > 80 && !line.starts_with("  run only this: "));
        assert_eq!(wide.count(), 0, "{text}");
        assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    }
}

#[test]
fn nothing_of_a_project_takes_effect_in_any_form() {
    let all = [made::hostile()];
    let report = Report { trace: true, ..report(&all) };
    let coloured = text(&report);
    assert!(!coloured.contains("\u{1b}[31mred") && !coloured.contains('\u{202e}'), "{coloured}");
    // what is left without our own colours holds no sequence for a terminal
    assert!(!text::plain(&coloured).contains('\u{1b}'));

    let page = page(&report);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));

    let annotations = github(&report);
    assert!(
        annotations.lines().all(|line| line.starts_with("::error file=tests/no_show.yaml,line=5,title=")),
        "{annotations}"
    );
    assert_eq!(annotations.lines().count(), 1);

    let xml = junit(&report);
    assert!(!xml.contains("<script") && !xml.contains("]]>") && !xml.contains('\u{1b}'), "{xml}");
    let summary = summary_page(&report);
    assert_eq!(summary.matches("````").count(), 2, "the fence is longer than any run of backticks: {summary}");
    assert!(summary.len() < 20_000, "{}", summary.len());
}

#[test]
fn ten_annotations_and_the_rest_counted() {
    let failing = |count: usize| {
        let one = made::failing();
        let mut suite = (*one.suite).clone();
        suite.scenarios = (0..count).map(|at| made::scenario(&format!("s{at}"), 5, Vec::new())).collect();
        let case = |index| {
            let mut case = made::case(index, Vec::new(), Vec::new());
            case.breaches.push(crate::simulate::suite::Breach::Broken("x".into()));
            // a sweep of one scenario takes one place in the list
            [case.clone(), case]
        };
        github(&report(&[made::ran(suite, (0..count).flat_map(case).collect())]))
    };
    assert_eq!(failing(10).matches("::error").count(), 10);
    assert!(!failing(10).contains("::notice"));
    assert!(failing(11).contains("::notice title=dripline::and one more failing scenario:"));
    assert_eq!(failing(14).matches("::error").count(), 10);
    assert!(failing(14).contains("::notice title=dripline::and 4 more failing scenarios:"));
    assert!(failing(1).contains(
        "line=5,title=s0::something went wrong inside dripline: x%0A2 cases of this scenario fail%0A%0AFAIL"
    ));
}

#[test]
fn junit_has_a_case_for_each_and_json_has_everything() {
    let all = [made::failing()];
    let xml = junit(&Report { prefix: "app/", ..report(&all) });
    assert_eq!((xml.matches("<testcase ").count(), xml.matches("<failure ").count()), (5, 1), "{xml}");
    assert!(xml.contains("<testsuites name=\"dripline\" tests=\"5\" failures=\"1\">"), "{xml}");
    assert!(xml.contains("name=\"summer time, every hour of the week [start Sat 27 Mar 01:30]\" file=\"app/tests/no_show.yaml\" line=\"40\"/>"), "{xml}");

    let told = json(&report(&all));
    let case = &told["suites"][0]["cases"][0];
    assert_eq!(case["rows"][1]["why_not"]["place"]["line"], 14);
    assert_eq!(case["rows"][1]["why_not"]["read"][1]["name"], "spring_news");
    assert_eq!((&case["rows"][2]["wanted"], &case["rows"][2]["count"]), (&0.into(), &1.into()));
    assert_eq!(case["lines"].as_array().unwrap().len(), 7);
    assert!(told["suites"][0]["cases"][1].get("lines").is_none(), "stories of what passed only with --trace");
    assert_eq!(told["coverage"]["percent"], 71);
    assert_eq!((&told["summary"]["failed"], &told["summary"]["passed"]), (&1.into(), &false.into()));
}

#[test]
fn a_page_has_the_answer_the_evidence_and_the_coverage() {
    let all = [made::failing()];
    let page = page(&report(&all));
    for part in [
        "<h1>1 of 3 scenarios fails</h1>",
        "<tr class=\"bad\">",
        "aria-label=\"it came once, and never should\"",
        "<b>Why not:</b> Tue 30 Mar 18:30 skipped new_time_mail, because cap, by the gate <b>cap</b>",
        "<code>displaced</code> <span class=\"mono xs\">sequences&#x2f;no_show_recovery.yaml:1</span>",
        "broken in 1",
        "--run &quot;three touches, nobody answers&quot; --trace",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains(" style=") && !page.contains("<script"), "{page}");
}

#[test]
fn many_scenarios_are_counted_and_a_sweep_is_told_once() {
    let then = vec![made::then(5, Timing::default(), made::sent("a"))];
    let scenarios = (0..40).map(|at| made::scenario(&format!("number {at}"), 5, then.clone())).collect();
    let case = |scenario: usize, hour: usize, verdict: Verdict| Case {
        variation: Some(format!("start {hour}:00").into()),
        ..made::case(scenario, vec![made::row(Some(0), &[], verdict)], Vec::new())
    };
    let mut cases: Vec<Case> = (0..39).map(|scenario| case(scenario, 0, Verdict::Same)).collect();
    cases.extend((0..8).map(|hour| case(39, hour, Verdict::Missing)));
    let all = [made::ran(made::suite(scenarios), cases)];
    let few = shown(&report(&all));
    assert!(!few.contains("number 3\n") && few.contains("39 ok, 1 failed"), "{few}");
    assert!(few.contains("  FAIL  number 39, 8 of 8 cases\n"), "{few}");
    assert!(few.contains("  7 more cases fail: start 1:00; start 2:00; start 3:00; start 4:00 …"), "{few}");
    assert!(shown(&Report { each: true, ..report(&all) }).contains("  ok    number 3\n"));
}

#[test]
fn the_command_for_one_scenario_finds_it_alone() {
    let rerun_of = |names: &[&str]| {
        let scenarios = names.iter().map(|name| made::scenario(name, 5, Vec::new())).collect();
        rerun(&made::ran(made::suite(scenarios), Vec::new()), &made::case(0, Vec::new(), Vec::new()))
    };
    let run = |what: &str| format!("dripline test tests/no_show.yaml --run {what}");
    assert_eq!(rerun_of(&["plain"]), run("plain"));
    assert_eq!(rerun_of(&["two words", "three words"]), run("\"two words\""));
    assert_eq!(rerun_of(&["ends", "ends twice"]), run("'^ends$'"));
    assert_eq!(rerun_of(&["it's (a) $x"]), run(r"'it'\''s \(a\) \$x'"));
    assert_eq!(rerun_of(&["a\u{1b}b"]), run("a.b"));
}

#[test]
fn coverage_counts_steps_arms_and_exits_and_rounds_down() {
    let mut coverage = made::coverage();
    assert_eq!(percent(&coverage), Some(71));
    assert_eq!(percent(&Coverage::default()), None);
    let enough = |least: u8, ran: &Ran| {
        let all = [ran.clone()];
        !Report { coverage: Asked { table: true, least: Some(least) }, ..report(&all) }.covers_too_little()
    };
    let ran = made::failing();
    assert!(enough(71, &ran) && !enough(72, &ran));
    assert!(enough(100, &made::ran(made::suite(Vec::new()), Vec::new())), "nothing to see is no failure");
    coverage.spots.values_mut().for_each(|seen| seen.times = 1);
    assert_eq!(percent(&coverage), Some(100), "reasons for skips do not count");
}

// --- accept ---------------------------------------------------------------------------------------------------------------

fn accepted(ran: &Ran, index: usize) -> Vec<String> {
    let item = |item: accept::Item| match item {
        accept::Item::Keep(index) => format!("keep {index}"),
        accept::Item::New(text) => text,
    };
    accept::accepted(ran, index).unwrap().unwrap().into_iter().map(item).collect()
}

#[test]
fn accepting_keeps_what_holds_and_writes_what_came() {
    let mut ran = made::failing();
    assert!(matches!(accept::accepted(&ran, 0), Some(Err(accept::Refusal::Breach(_)))), "never over a broken rule");
    assert_eq!(accept::accepted(&ran, 1), None, "it passes");
    ran.cases[0].breaches.clear();
    let expected = [
        "keep 0",
        "{ at: \"2027-03-30 18:30\", skipped: new_time_mail, because: cap }",
        "{ at: \"2027-04-02 18:30\", sent: last_call, via: email }",
        "keep 3",
        "{ at: \"2027-04-02 19:00\", sent: goodbye, via: email }",
    ];
    assert_eq!(accepted(&ran, 0), expected);
}

#[test]
fn a_scenario_that_expects_nothing_gets_all_of_what_is_under_test() {
    let scenarios = vec![made::scenario("new", 5, Vec::new())];
    let other = |line: Line| Line { sequence: Some("other".into()), ..line };
    let lines = vec![
        made::line("2027-03-26T18:30", None, LineWord::Entered { by: None }),
        made::line("2027-03-27T10:00", Some("a"), LineWord::Deferred(made::at("2027-03-27T12:00"))),
        made::sent_line("2027-03-28T03:30", "a", "email", "x"),
        other(made::sent_line("2027-03-29T10:00", "b", "email", "x")),
        made::line("2027-03-30T10:00", None, LineWord::Stopped("replied".into())),
    ];
    let case = made::case(0, Vec::new(), lines);
    let mut ran = made::ran(made::suite(scenarios), vec![case.clone()]);
    let expected = [
        "{ at: \"2027-03-26 18:30\", entered: no_show_recovery }",
        "{ at: \"2027-03-28 03:30\", sent: a, via: email }",
        "{ at: \"2027-03-30 10:00\", stopped: no_show_recovery, because: replied }",
    ];
    assert_eq!(accepted(&ran, 0), expected);
    // a sweep has no dates that fit all of it, so days, and none where even those differ
    ran.cases.push(case.clone());
    assert_eq!(accepted(&ran, 0)[1], "{ at: day 2, sent: a, via: email }");
    ran.cases[1].lines[2].at = made::at("2027-03-29T03:30");
    assert_eq!(accepted(&ran, 0)[1], "{ sent: a, via: email }");
    ran.cases[1].lines[2].channel = Some("sms".into());
    assert_eq!(accept::accepted(&ran, 0), Some(Err(accept::Refusal::CasesDiffer)));
}

#[test]
fn a_step_whose_id_several_have_is_told_with_its_sequence() {
    let mut ran = made::failing();
    ran.cases[0].breaches.clear();
    let spot = |sequence: &str, name: &str| {
        let spot = Spot { sequence: sequence.into(), kind: SpotKind::Step, name: name.into() };
        (spot, Seen { times: 0, origin: made::origin(made::SUITE, 1) })
    };
    ran.coverage.spots.extend([spot("no_show_recovery", "goodbye"), spot("other", "goodbye")]);
    // `last_call` is a step of one only
    assert!(shown(&report(&[ran.clone()])).contains("\n  ✗ never  sent last_call  "));
    let last = "{ at: \"2027-04-02 19:00\", sent: \"no_show_recovery.goodbye\", via: email }";
    assert_eq!(accepted(&ran, 0).last().unwrap(), last);
    ran.coverage.spots.extend([spot("other", "last_call")]);
    let mut suite = (*ran.suite).clone();
    suite.scenarios[0].then[2].sequence = Some("other".into());
    ran.suite = suite.into();
    assert!(shown(&report(&[ran])).contains("\n  ✗ never  sent other.last_call  "));
}

#[test]
fn times_in_the_hour_that_comes_twice_are_told_from_the_start() {
    let mut ran = made::ran(made::suite(vec![made::scenario("autumn", 5, Vec::new())]), Vec::new());
    let twice = made::at("2027-10-31T02:30");
    let sent = |at| Line { at, ..made::sent_line("2027-10-31T02:30", "a", "email", "x") };
    let mut case = made::case(0, Vec::new(), vec![sent(twice), sent(twice.plus_ms(3_600_000))]);
    case.start = made::at("2027-10-31T01:00");
    ran.cases.push(case);
    let expected = ["{ at: \"2027-10-31 02:30\", sent: a, via: email }", "{ at: 150m, sent: a, via: email }"];
    assert_eq!(accepted(&ran, 0), expected);
}
