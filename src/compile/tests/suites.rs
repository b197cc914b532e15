//! Suites once they are resolved: what `like` and defaults become, and what their mistakes leave alone.
use super::*;
use crate::{
    calendar::{CivilTime, Span, Zone},
    plan::{
        Supposed,
        suite::{At, Expected, Fault, Rule, What},
    },
    value::Value,
};

const HEAD: &str = "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, phone: \"+4915550000001\", consent: [email], last_visit_at: 2027-01-10 09:00 }\n";

fn suite(rest: &str) -> (Compiled, SourceMap) {
    made(&[("tests/hello.yaml", &format!("{HEAD}{rest}"))])
}

#[track_caller]
fn sound(rest: &str) -> Arc<Suite> {
    let (made, sources) = suite(rest);
    assert!(made.findings.is_empty(), "\n{}\n", listed(&made.findings, &sources));
    made.suites[0].clone()
}

fn civil(text: &str) -> CivilTime {
    text.parse().unwrap()
}

#[test]
fn a_scenario_like_another_begins_as_that_one_and_expects_its_own() {
    let suite = sound(
        "scenarios:\n  - name: later\n    like: first\n    people: { ben: { email: ben@example.test } }\n    faults: { email: refuse }\n    when:\n      - { at: 1h, reply: \"Hi\", for: ana }\n      - { at: 0m, event: lead.created, for: ben }\n    then: [ { at: 0m, sent: hello, for: ben } ]\n  - name: first\n    start: 2027-03-27 10:00\n    faults: { email: [timeout, ok] }\n    when: [ { at: 2h, event: lead.created } ]\n    then: [ { at: 2h, sent: hello } ]\n",
    );
    let (later, first) = (&suite.scenarios[0], &suite.scenarios[1]);
    assert_eq!((&*later.name, &*first.name), ("later", "first"), "in the order of the file");
    assert_eq!((first.when.len(), first.then.len()), (1, 1));
    let told: Vec<(At, Option<&str>)> = later.when.iter().map(|when| (when.at, when.who.as_deref())).collect();
    let after = |text: &str| At::After(Span::parse(text).unwrap());
    assert_eq!(told, [(after("0m"), Some("ben")), (after("1h"), Some("ana")), (after("2h"), Some("ana"))]);
    assert_eq!(later.start, Some(civil("2027-03-27T10:00")));
    assert_eq!(later.faults["email"], [Fault::Refuse], "its own in place of the other's");
    assert_eq!(later.then.len(), 1, "expectations are never merged");
    assert_eq!(&*later.then[0].written, "at: 0m, sent: hello, for: ben");
}

#[test]
fn of_two_things_at_one_moment_those_of_the_other_scenario_come_first() {
    let suite = sound(
        "scenarios:\n  - name: first\n    when: [ { at: 1d, event: lead.created }, { at: 0m, reply: \"one\" } ]\n    then: [ { at: 1d, sent: hello } ]\n  - name: second\n    like: first\n    when: [ { at: day 0, restart: true }, { at: 0m, reply: \"two\" } ]\n    then: [ { at: 1d, sent: hello } ]\n",
    );
    let what: Vec<&str> = suite.scenarios[1]
        .when
        .iter()
        .map(|when| match &when.what {
            What::Reply { text, .. } => &**text,
            What::Restart => "restart",
            What::Event { .. } => "event",
            other => panic!("{other:?}"),
        })
        .collect();
    // a day begins at its midnight, before the start
    assert_eq!(what, ["restart", "one", "two", "event"]);
}

#[test]
fn people_and_moments_are_read_by_the_clock_of_the_suite() {
    let suite = sound(
        "zone: America/New_York\nscenarios:\n  - name: a lead\n    when: [ { at: 2027-03-27 08:00, event: lead.created } ]\n    then: [ { at: day 1, sent: hello } ]\n",
    );
    let zone = Zone::parse("America/New_York").unwrap();
    assert_eq!(suite.zone, zone);
    let ana = &suite.people[0];
    assert_eq!(ana.fields["last_visit_at"], Value::Time(zone.instant(civil("2027-01-10T09:00"))));
    assert_eq!(ana.consent.len(), 1);
    assert_eq!(suite.scenarios[0].when[0].at, At::Civil(civil("2027-03-27T08:00")));
    assert_eq!(suite.scenarios[0].then[0].timing.at, Some(At::Day(1)));
    let Expected::Sent { step, .. } = &suite.scenarios[0].then[0].what else { panic!("a message is expected") };
    assert_eq!(step.as_str(), "hello");
    assert_eq!(suite.scenarios[0].then[0].sequence.as_ref().map(crate::id::SequenceName::as_str), Some("welcome"));
}

#[test]
fn the_example_of_the_reference_resolves() {
    let case = include_str!("../../../tests/cases/ok/suite_of_the_reference.yaml");
    let case: BTreeMap<String, serde_json::Value> = serde_yaml::from_str(case).unwrap();
    let base: BTreeMap<&str, &str> = catalogue::BASE.iter().copied().collect();
    let laid: Vec<(String, String)> = case
        .into_iter()
        .map(|(path, change)| {
            let text = match change {
                serde_json::Value::String(text) => text,
                serde_json::Value::Object(words) => {
                    words.iter().fold(base[path.as_str()].to_owned(), |text, (old, new)| {
                        text.replacen(old, new.as_str().unwrap(), 1)
                    })
                }
                other => panic!("{other}"),
            };
            (path, text)
        })
        .collect();
    let files: Vec<(&str, &str)> = laid.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (made, sources) = made(&files);
    assert!(made.findings.is_empty(), "\n{}\n", listed(&made.findings, &sources));
    let suite = &made.suites[0];
    let Supposed::Answer(slot) = &suite.lookups["next_free_slot"][1] else { panic!("an answer") };
    assert!(matches!(slot.part("start"), Value::Time(_)), "{slot:?}");
    assert_eq!(suite.lookups["next_free_slot"][0], Supposed::Nothing);
    let rules: Vec<&Rule> = suite.always.iter().map(|always| &always.rule).collect();
    assert!(
        matches!(rules.as_slice(), [Rule::NoSendsBetween(..), Rule::AtMost { messages: 1, .. }, Rule::NoSendsAfter(events)] if events.len() == 2)
    );
    let [first, second] = suite.scenarios.as_slice() else { panic!("two scenarios") };
    assert_eq!((first.then.len(), second.then.len()), (5, 3));
    let What::Webhook { bytes, source, .. } = &second.when[0].what else { panic!("the payload comes first") };
    assert_eq!(source.as_str(), "cal");
    assert!(bytes.starts_with(b"{"));
    assert!(matches!(&second.when[1].what, What::Event { kind, .. } if kind.as_str() == "booking.created"));
    assert!(second.then[2].never);
    assert_eq!(&*first.then[1].written, "at: day 4, sent: pick_a_new_time");
}

#[test]
fn rows_of_a_file_are_fields_of_their_types() {
    let text = format!(
        "{HEAD}scenarios:\n  - name: an import\n    when: [ {{ at: 0m, import: fixtures/people.csv }} ]\n    then: [ {{ never: {{ sent: hello }} }} ]\n"
    );
    let table = "\u{feff}first_name,email,tags,score,warm,last_visit_at\n\"Eve, the first\", eve@example.test ,a; b,5,true,2026-11-02 15:00\n\"Fay \"\"F\"\"\",fay@example.test,,,,\n";
    let (made, sources) = made(&[("tests/hello.yaml", &text), ("tests/fixtures/people.csv", table)]);
    assert!(made.findings.is_empty(), "\n{}\n", listed(&made.findings, &sources));
    let What::Import { rows, .. } = &made.suites[0].scenarios[0].when[0].what else { panic!("an import") };
    let berlin = Zone::parse("Europe/Berlin").unwrap();
    assert_eq!(rows[0]["first_name"], Value::text("Eve, the first"));
    assert_eq!(rows[0]["email"], Value::text("eve@example.test"));
    assert_eq!(rows[0]["tags"], Value::List(vec![Value::text("a"), Value::text("b")]));
    assert_eq!((&rows[0]["score"], &rows[0]["warm"]), (&Value::Int(5), &Value::Bool(true)));
    assert_eq!(rows[0]["last_visit_at"], Value::Time(berlin.instant(civil("2026-11-02T15:00"))));
    assert_eq!(rows[1]["first_name"], Value::text("Fay \"F\""));
    assert_eq!(rows[1].len(), 2, "empty cells say nothing");
}

#[test]
fn a_suite_changes_no_plan_and_a_broken_one_takes_only_itself_away() {
    let (without, _) = made(&[]);
    let hash = without.plan.unwrap().hash();
    let good = "scenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n";
    let (with, _) = suite(good);
    assert_eq!((with.plan.unwrap().hash(), with.suites.len()), (hash.clone(), 1));
    let text = format!("{HEAD}{good}").replace("suite: hello", "suite: broken").replace("sent: hello", "sent: helo");
    let (both, _) = made(&[("tests/hello.yaml", &format!("{HEAD}{good}")), ("tests/broken.yaml", &text)]);
    assert_eq!(both.findings.iter().map(|finding| finding.code.0).collect::<Vec<_>>(), ["DL712"]);
    assert_eq!(both.plan.unwrap().hash(), hash);
    assert_eq!(both.suites.iter().map(|suite| &*suite.name).collect::<Vec<_>>(), ["hello"]);
}

#[test]
fn without_a_plan_suites_still_tell_their_own_mistakes() {
    let text = format!(
        "{HEAD}scenarios:\n  - name: a lead\n    wen: []\n    when: [ {{ at: 0m, event: lead.created }} ]\n    then: [ {{ at: 0m, sent: hello }} ]\n"
    );
    let (made, _) = made(&[("triggers/welcome.yaml", "trigger: welcome\nevent: [\n"), ("tests/hello.yaml", &text)]);
    assert!(made.plan.is_none() && made.suites.is_empty());
    let of_suite: Vec<&str> = made
        .findings
        .iter()
        .filter(|finding| finding.primary.file.as_str() == "tests/hello.yaml")
        .map(|finding| finding.code.0)
        .collect();
    assert_eq!(of_suite, ["DL101"]);
}

#[test]
fn steps_of_a_sequence_that_could_not_be_read_are_not_missed() {
    let good = "scenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello }, { stopped: welcome, because: replied } ]\n";
    let (made, sources) = made(&[
        ("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: [\n"),
        ("tests/hello.yaml", &format!("{HEAD}{good}")),
    ]);
    let of_suite: Vec<&Finding> =
        made.findings.iter().filter(|finding| finding.primary.file.as_str() == "tests/hello.yaml").collect();
    assert!(of_suite.is_empty(), "\n{}\n", listed(&made.findings, &sources));
}
