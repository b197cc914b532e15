use super::*;
use crate::{
    compile::{Settings, compile, read_all},
    diag::{Sink, SourceMap, catalogue::BASE},
    id::StepName,
    plan::{CENSUS_FORMAT, Group, Open, Waits, hour_of},
};
use std::{collections::BTreeMap, sync::Arc};

const ROWS: &str = include_str!("../../../tests/cases/changes/rows.txt");

/// Monday 21 September 2026, in the afternoon in Berlin.
const NOW: Instant = Instant(1_790_000_000_000);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

const SEQUENCE: &str = r#"sequence: welcome
category: warm_lead
purpose: marketing
reentry: never
goal: { event: booking.created }
steps:
  - id: hello
    wait: 1d
    email: welcome
  - id: second
    wait: 3d
    email: second
  - id: third
    wait: 3d
    email: { subject: Third, text: "Hello. {{ unsubscribe_link }} {{ postal_address }}" }
  - id: nobody
    wait: 1d
    tag: { add: seen }
"#;

const TEXT: &str = "---\nsubject: Second\n---\nHello again.\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n";

type Project = BTreeMap<String, String>;

fn project() -> Project {
    let mut files: Project = BASE.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.insert("sequences/welcome.yaml".to_owned(), SEQUENCE.to_owned());
    files.insert("templates/second.md".to_owned(), TEXT.to_owned());
    files
}

fn plan(files: &Project) -> Result<Arc<Plan>, String> {
    let settings = Settings { env: None, version: "0.1.0", year: 2026, now: NOW };
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.insert(path.as_str(), text.as_str());
    }
    let mut sink = Sink::new();
    let documents = read_all(&sources, &mut sink);
    let crate::compile::Compiled { plan, findings, .. } =
        compile(&documents, &sources, &BTreeMap::new(), &settings, sink);
    let errors: Vec<&str> =
        findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.message.as_str()).collect();
    plan.map(Arc::new).ok_or_else(|| format!("{errors:?}"))
}

fn group(step: Option<&str>, since: i64, due: Option<i64>, people: u64) -> Group {
    Group {
        sequence: SequenceName::new("welcome"),
        step: step.map(StepName::new),
        waits: if due.is_some() { Waits::Time } else { Waits::Settling },
        revision: Some(1),
        due: due.map(|due| hour_of(NOW.plus_ms(due))),
        since: hour_of(NOW.plus_ms(since)),
        entered: hour_of(NOW.plus_ms(since)),
        people,
    }
}

fn census() -> Census {
    let inside = vec![
        group(Some("hello"), -12 * HOUR, Some(12 * HOUR), 4),
        group(Some("second"), -2 * DAY, Some(DAY), 5),
        group(Some("third"), -DAY, Some(2 * DAY), 3),
        group(None, -9 * DAY, None, 2),
    ];
    Census { format_version: CENSUS_FORMAT, taken_at: NOW, plan: 1, people: 20, inside, open: Vec::new() }
}

/// Two projects by what is replaced in their files; `""` for a whole file.
struct Case {
    base: Vec<(&'static str, &'static str, &'static str)>,
    edit: Vec<(&'static str, &'static str, &'static str)>,
    /// The entry that is meant among those of the change.
    about: (&'static str, Option<&'static str>),
    /// What the new plan has beside its files.
    also: fn(&mut crate::plan::Changed),
}

const S: &str = "sequences/welcome.yaml";
const P: &str = "dripline.yaml";

fn edited(mut files: Project, edits: &[(&str, &str, &str)]) -> Result<Project, String> {
    for (path, from, to) in edits {
        match (from.is_empty(), to.is_empty()) {
            (true, true) => drop(files.remove(*path)),
            (true, false) => drop(files.insert((*path).to_owned(), (*to).to_owned())),
            _ => {
                let text = files.get_mut(*path).unwrap();
                if !text.contains(from) {
                    return Err(format!("{path} has no {from}"));
                }
                *text = text.replacen(from, to, 1);
            }
        }
    }
    Ok(files)
}

fn case(about: (&'static str, Option<&'static str>), edit: &[(&'static str, &'static str, &'static str)]) -> Case {
    Case { base: Vec::new(), edit: edit.to_vec(), about, also: |_| {} }
}

fn over(mut case: Case, base: &[(&'static str, &'static str, &'static str)]) -> Case {
    case.base = base.to_vec();
    case
}

const SECOND: &str = "  - id: second\n    wait: 3d\n    email: second\n";
const THIRD: &str = "  - id: third\n    wait: 3d\n    email: { subject: Third, text: \"Hello. {{ unsubscribe_link }} {{ postal_address }}\" }\n";
const NOBODY: &str = "  - id: nobody\n    wait: 1d\n    tag: { add: seen }\n";
const SHORTER: (&str, &str, &str) = (S, "wait: 3d\n    email: second", "wait: 1d\n    email: second");
const RADIUS: (&str, &str, &str) = (P, "  preferred: [email]", "  preferred: [email]\n  blast_radius: { people: 4 }");
const CHAT: (&str, &str, &str) =
    (P, "  email: { provider: mailbox }", "  email: { provider: mailbox }\n  chat: { provider: mailbox }");

fn texts(name: &str) -> Option<Case> {
    let welcome = |step| ("welcome", step);
    Some(match name {
        "text, subject, template" => case(("second", None), &[("templates/second.md", "Hello again.", "Good day.")]),
        "text written in the step" => case(welcome(Some("third")), &[(S, "text: \"Hello.", "text: \"Good day.")]),
        "another message" => case(welcome(Some("second")), &[(S, "email: second", "email: welcome")]),
        "wait longer" => {
            case(welcome(Some("second")), &[(S, "wait: 3d\n    email: second", "wait: 5d\n    email: second")])
        }
        "wait shorter" => case(welcome(Some("second")), &[SHORTER]),
        "wait shorter, beyond the blast radius" => over(case(welcome(Some("second")), &[SHORTER]), &[RADIUS]),
        "wait shorter, beyond the blast radius, with catch_up" => {
            let case = over(case(welcome(Some("second")), &[SHORTER]), &[RADIUS]);
            Case { also: |changed| changed.catch_up = Some(crate::plan::CatchUp::Skip), ..case }
        }
        _ => return None,
    })
}

fn steps(name: &str) -> Option<Case> {
    let of = |step| ("welcome", Some(step));
    Some(match name {
        "step added ahead" => case(
            of("new"),
            &[(
                S,
                NOBODY,
                "  - id: new\n    tag: { add: new }\n  - id: nobody\n    wait: 1d\n    tag: { add: seen }\n",
            )],
        ),
        "step added behind" => case(
            of("new"),
            &[(S, SECOND, "  - id: new\n    tag: { add: new }\n  - id: second\n    wait: 3d\n    email: second\n")],
        ),
        "step removed, nobody there" => over(
            case(of("early"), &[(S, "  - id: early\n    tag: { add: early }\n", "")]),
            &[(S, "  - id: hello", "  - id: early\n    tag: { add: early }\n  - id: hello")],
        ),
        "step removed, people there" => case(of("second"), &[(S, SECOND, "")]),
        "step removed, people there, removed says next" => {
            case(of("second"), &[(S, SECOND, ""), (S, "steps:", "removed: [{ id: second, then: next }]\nsteps:")])
        }
        "step removed, people there, removed says stop" => {
            case(of("second"), &[(S, SECOND, ""), (S, "steps:", "removed: [{ id: second, then: stop }]\nsteps:")])
        }
        "step removed, people there, removed says jump" => case(
            of("second"),
            &[(S, SECOND, ""), (S, "steps:", "removed: [{ id: second, then: { jump: nobody } }]\nsteps:")],
        ),
        "id changed, people there" => case(of("second"), &[(S, "id: second", "id: again")]),
        "id changed, people there, moved" => case(
            of("again"),
            &[(S, "id: second", "id: again"), (S, "steps:", "moved: [{ from: second, to: again }]\nsteps:")],
        ),
        "id changed, nobody there" => over(
            case(of("early"), &[(S, "id: early", "id: first")]),
            &[(S, "  - id: hello", "  - id: early\n    tag: { add: early }\n  - id: hello")],
        ),
        "order changed" => case(
            ("welcome", None),
            &[
                (S, SECOND, ""),
                (
                    S,
                    NOBODY,
                    "  - id: nobody\n    wait: 1d\n    tag: { add: seen }\n  - id: second\n    wait: 3d\n    email: second\n",
                ),
            ],
        ),
        "order changed, into an arm" => over(
            case(
                ("welcome", None),
                &[(
                    S,
                    "      - if: contact.warm\n        steps: []\n    otherwise: []\n  - id: tagged\n    tag: { add: x }\n",
                    "      - if: contact.warm\n        steps:\n          - id: tagged\n            tag: { add: x }\n    otherwise: []\n",
                )],
            ),
            &[(
                S,
                NOBODY,
                "  - id: nobody\n    branch:\n      - if: contact.warm\n        steps: []\n    otherwise: []\n  - id: tagged\n    tag: { add: x }\n",
            )],
        ),
        "pinned: step removed, people there" => {
            Case { also: |changed| changed.pin = true, ..case(of("second"), &[(S, SECOND, "")]) }
        }
        _ => return None,
    })
}

fn conditions(name: &str) -> Option<Case> {
    let of = |step| ("welcome", step);
    Some(match name {
        "condition" => case(of(Some("second")), &[(S, "email: second", "if: contact.warm\n    email: second")]),
        "condition, nobody before or at it" => over(
            case(of(Some("early")), &[(S, "    tag: { add: early }", "    if: contact.warm\n    tag: { add: early }")]),
            &[(S, "  - id: hello", "  - id: early\n    tag: { add: early }\n  - id: hello")],
        ),
        "condition of a branch" => over(
            case(of(Some("second")), &[(S, "- if: contact.warm", "- if: contact.score > 10")]),
            &[(S, "    email: second", "    branch:\n      - if: contact.warm\n        steps: []\n    otherwise: []")],
        ),
        "step switched off" => case(of(Some("second")), &[(S, "email: second", "active: false\n    email: second")]),
        "stop_on" => {
            case(of(None), &[(S, "steps:", "stop_on: [{ event: message.received, reason: replied }]\nsteps:")])
        }
        "goal" => {
            case(of(None), &[(S, "goal: { event: booking.created }", "goal: { event: booking.created, within: 30d }")])
        }
        "trigger changed" => case(
            ("welcome", None),
            &[("triggers/welcome.yaml", "enroll: welcome", "if: contact.warm\nenroll: welcome")],
        ),
        "trigger added" => case(
            ("other", None),
            &[("triggers/other.yaml", "", "trigger: other\nevent: message.received\nenroll: welcome\n")],
        ),
        "segment" => over(
            case(("warm", None), &[("segments/warm.yaml", "contact.warm", "contact.score > 10")]),
            &[
                ("segments/warm.yaml", "", "segment: warm\nwhere: contact.warm\n"),
                ("triggers/warm.yaml", "", "trigger: warm\nsegment: warm\non_entry: true\nenroll: welcome\n"),
            ],
        ),
        "rule of entry" => case(of(None), &[(S, "reentry: never", "reentry: after 90d")]),
        _ => return None,
    })
}

fn rules(name: &str) -> Option<Case> {
    const WINDOW: (&str, &str, &str) = (
        P,
        "  preferred: [email]",
        "  preferred: [email]\n  windows: { office: { days: [mon, tue, wed, thu, fri], from: \"09:00\", to: \"17:00\" } }",
    );
    const QUIET: (&str, &str, &str) = (
        P,
        "  preferred: [email]",
        "  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"08:00\", for: [marketing], then: wait }",
    );
    Some(match name {
        "windows" => over(
            case(("windows.office", None), &[(P, "to: \"17:00\"", "to: \"12:00\"")]),
            &[WINDOW, (S, "    email: second", "    window: office\n    email: second")],
        ),
        "quiet hours" => case(("quiet_hours", None), &[QUIET]),
        "caps" => case(
            ("caps", None),
            &[(
                P,
                "  preferred: [email]",
                "  preferred: [email]\n  caps: [{ at_most: 1, per: 1d, for: [marketing], then: wait }]",
            )],
        ),
        "purpose of a sequence" => case(("welcome", None), &[(S, "purpose: marketing", "purpose: service")]),
        "purpose of a step" => {
            case(("welcome", Some("second")), &[(S, "    email: second", "    purpose: service\n    email: second")])
        }
        "consent" => case(
            ("consent.marketing", None),
            &[(P, "  preferred: [email]", "  preferred: [email]\n  consent: { marketing: double_opt_in }")],
        ),
        _ => return None,
    })
}

fn ways(name: &str) -> Option<Case> {
    const VARIANTS: &str = "    email:\n      variants: { a: second, b: welcome }";
    Some(match name {
        "channel off" => over(
            case(
                ("chat", None),
                &[
                    (P, "\n  chat: { provider: mailbox }", ""),
                    (S, "    send: second\n    via: [chat, email]", "    email: second"),
                ],
            ),
            &[CHAT, (S, "    email: second", "    send: second\n    via: [chat, email]")],
        ),
        "channel off, nobody is to get it" => {
            over(case(("chat", None), &[(P, "\n  chat: { provider: mailbox }", "")]), &[CHAT])
        }
        "channel goes live" => case(
            ("email", None),
            &[(
                P,
                "email: { provider: mailbox }",
                "email: { provider: smtp, url: SMTP_URL, from: \"hello@example.com\" }",
            )],
        ),
        "order of channels" => over(
            case(("preferred", None), &[(P, "preferred: [email, chat]", "preferred: [chat, email]")]),
            &[
                CHAT,
                (P, "preferred: [email]", "preferred: [email, chat]"),
                (S, THIRD, "  - id: third\n    wait: 3d\n    send: second\n"),
                (S, SECOND, "  - id: second\n    wait: 3d\n    tag: { add: y }\n"),
                (S, "    email: welcome", "    tag: { add: z }"),
            ],
        ),
        "experiment shares" => over(
            case(("welcome", Some("second")), &[(S, "{ a: second, b: welcome }", "{ a: second, c: welcome }")]),
            &[(S, "    email: second", VARIANTS)],
        ),
        "shares of a split" => over(
            case(
                ("welcome", Some("second")),
                &[
                    (S, "weight: 50, steps: [{ id: one", "weight: 70, steps: [{ id: one"),
                    (S, "weight: 50, steps: [{ id: two", "weight: 30, steps: [{ id: two"),
                ],
            ),
            &[(
                S,
                "    email: second",
                "    split:\n      a: { weight: 50, steps: [{ id: one, tag: { add: a } }] }\n      b: { weight: 50, steps: [{ id: two, tag: { add: b } }] }",
            )],
        ),
        _ => return None,
    })
}

fn wholes(name: &str) -> Option<Case> {
    const OTHER: &str = "sequence: other\ncategory: custom\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: tagged\n    tag: { add: x }\n";
    const BACK: (&str, &str, &str) = ("triggers/welcome.yaml", "enroll: welcome", "enroll: other");
    let gone = |retired: &'static str| {
        let mut edits = vec![(S, "", ""), BACK];
        if !retired.is_empty() {
            edits.push((P, "policies:", retired));
        }
        over(
            case(("welcome", None), &edits),
            &[
                ("sequences/other.yaml", "", OTHER),
                ("triggers/other.yaml", "", "trigger: other\nevent: message.received\nenroll: other\n"),
            ],
        )
    };
    Some(match name {
        "sequence deleted, people inside" | "sequence deleted, nobody inside" => gone(""),
        "sequence deleted, retired says finish" => gone("retired: { welcome: finish }\npolicies:"),
        "sequence deleted, retired says stop" => gone("retired: { welcome: stop }\npolicies:"),
        "sequence added" => case(
            ("other", None),
            &[
                ("sequences/other.yaml", "", OTHER),
                ("triggers/other.yaml", "", "trigger: other\nevent: message.received\nenroll: other\n"),
            ],
        ),
        "sequence switched off" => case(("welcome", None), &[(S, "steps:", "active: false\nsteps:")]),
        "offer" => over(
            case(("winter", None), &[("offers/winter.yaml", "code: A", "code: B")]),
            &[("offers/winter.yaml", "", "offer: winter\ntitle: Winter\ncode: A20\nvalid: { until: 2027-01-15 }\n")],
        ),
        "setting" => case(("example", None), &[(P, "locales: [en]", "locales: [en, de]")]),
        _ => return None,
    })
}

fn found(name: &str) -> Case {
    texts(name)
        .or_else(|| steps(name))
        .or_else(|| conditions(name))
        .or_else(|| rules(name))
        .or_else(|| ways(name))
        .or_else(|| wholes(name))
        .unwrap_or_else(|| panic!("no case makes the row `{name}`"))
}

fn both(case: &Case) -> Result<(Arc<Plan>, Arc<Plan>), String> {
    let base = edited(project(), &case.base)?;
    let old = plan(&base)?;
    let mut new = plan(&edited(base, &case.edit)?)?;
    for sequence in Arc::make_mut(&mut new).sequences.values_mut() {
        (case.also)(&mut Arc::make_mut(sequence).changed);
    }
    let new = carry(new, Some(&old));
    Ok((old, new))
}

fn changes(case: &Case, census: &Census) -> Result<Changes, String> {
    let (old, new) = both(case)?;
    Ok(diff(&old, &new, Some(census), None, NOW))
}

fn rows() -> Vec<Vec<&'static str>> {
    let lines = ROWS.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(" | ").collect()).collect()
}

#[test]
fn every_row_of_the_table_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    for row in rows() {
        let [name, code, gate, people] = row[..] else { panic!("{row:?}") };
        let case = found(name);
        let mut census = census();
        if name == "sequence deleted, nobody inside" {
            census.inside.clear();
        }
        let changes = match changes(&case, &census) {
            Ok(changes) => changes,
            Err(why) => {
                wrong.push(format!("{name}: {why}"));
                continue;
            }
        };
        let meant = |change: &&Change| {
            let (object, step) = case.about;
            change.object == object && change.step.as_deref() == step && change.code == code
        };
        let said = |change: &Change| {
            let three = change.people.as_ref().map_or("-".to_owned(), |three| {
                format!("{} {} {}", three.before.people, three.at.people, three.past.people)
            });
            format!("{} | {} | {three}", change.code, change.gate.word())
        };
        let got = changes.changes.iter().find(meant).map(said);
        if got.as_deref() != Some(format!("{code} | {gate} | {people}").as_str()) {
            let all: Vec<String> =
                changes.changes.iter().map(|change| format!("    {}: {}", change.sentence(), said(change))).collect();
            wrong.push(format!("{name}: wanted {code} | {gate} | {people}, got {got:?} among\n{}", all.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_kind_of_row_and_every_code_is_among_the_rows() {
    let mut seen = std::collections::BTreeSet::new();
    for row in rows() {
        for change in changes(&found(row[0]), &census()).unwrap().changes {
            seen.insert((change.row, change.code));
        }
    }
    let kinds: std::collections::BTreeSet<Row> = seen.iter().map(|(row, _)| *row).collect();
    assert_eq!(kinds.len(), Row::ALL.len(), "{kinds:?}");
    let codes: std::collections::BTreeSet<&str> = seen.iter().map(|(_, code)| *code).collect();
    let known = catalogue::all().into_iter().map(|row| row.code).filter(|code| ("DL601".."DL640").contains(code));
    let unseen: Vec<&str> = known.filter(|code| !codes.contains(code)).collect();
    // DL616 stands for the sequence that nobody is inside any more
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[track_caller]
fn of(name: &str) -> Changes {
    changes(&found(name), &census()).unwrap()
}

#[track_caller]
fn one<'c>(changes: &'c Changes, code: &str) -> &'c Change {
    changes.changes.iter().find(|change| change.code == code).unwrap_or_else(|| panic!("{changes:#?}"))
}

#[test]
fn equal_plans_have_no_changes_and_touch_nobody() {
    let plan = plan(&project()).unwrap();
    let changes = diff(&plan, &plan, Some(&census()), None, NOW);
    assert_eq!(changes.changes, []);
    assert_eq!((changes.unchanged.sequences, changes.unchanged.triggers), (1, 1));
    assert_eq!(changes.volumes.messages.before, changes.volumes.messages.after);
    assert!(changes.samples.is_empty());
}

#[test]
fn a_moved_line_and_a_comment_are_no_change() {
    let old = plan(&project()).unwrap();
    let new = plan(&edited(project(), &[(S, "steps:", "# why\n\nsteps:")]).unwrap()).unwrap();
    assert_eq!(diff(&old, &new, Some(&census()), None, NOW).changes, []);
}

#[test]
fn a_longer_wait_moves_those_at_it_by_what_was_added() {
    let changes = of("wait longer");
    let shift = one(&changes, "DL605").shift.clone().unwrap();
    assert_eq!(shift.hours, BTreeMap::from([(48, 5)]));
    assert_eq!((shift.overdue, shift.unknown), (0, 0));
    // nine are before or at it; those at hello have a day more to go than the week is long
    assert!(changes.volumes.messages.after < changes.volumes.messages.before, "{:?}", changes.volumes.messages);
}

#[test]
fn a_shorter_wait_makes_overdue_who_waited_longer_already() {
    let changes = of("wait shorter");
    let shift = one(&changes, "DL604").shift.clone().unwrap();
    assert_eq!((shift.hours.len(), shift.overdue, shift.spread), (0, 5, 5));
    // a day from now, and no later than without the change
    assert_eq!(shift.until, Some(NOW.plus_ms(DAY)));
    let beyond = of("wait shorter, beyond the blast radius");
    let decision = one(&beyond, "DL604").decision.clone().unwrap();
    assert!(
        decision.demand.starts_with("5 would be due at once, and the blast radius is 4 people"),
        "{}",
        decision.demand
    );
    let yaml: Vec<&str> = decision.answers.iter().map(|answer| answer.yaml.trim()).collect();
    assert_eq!(yaml, ["catch_up: { spread: 24h }", "catch_up: now", "catch_up: skip", "catch_up: keep"]);
}

#[test]
fn what_is_overdue_by_several_changes_is_counted_together() {
    let mut census = census();
    census.inside[2] = group(Some("third"), -2 * DAY, Some(DAY), 3);
    let edit = [SHORTER, (S, "wait: 3d\n    email: { subject", "wait: 1d\n    email: { subject")];
    let radius = (P, RADIUS.1, "  preferred: [email]\n  blast_radius: { people: 7 }");
    let changes = changes(&over(case(("welcome", None), &edit), &[radius]), &census).unwrap();
    let choices: Vec<_> = changes.changes.iter().filter(|change| change.gate == Gate::Choice).collect();
    assert_eq!(choices.len(), 2, "5 and 3 are each within 7, together they are not: {:#?}", changes.changes);
}

#[test]
fn messages_of_the_next_days_add_up() {
    let changes = of("step removed, people there, removed says stop");
    let messages = changes.volumes.messages;
    // hello: 4, second for 4 and 5, third for 5, 3, and of the four one day too late for the week
    assert_eq!(messages.before, 4 + 4 + 5 + 5 + 3 + 4 - 4 * u64::from(12 + 72 + 72 > 7 * 24));
    // without second: hello 4, third for 4 three days later, 3
    assert_eq!(messages.after, 4 + 4 + 3);
    let lines: Vec<_> = changes.volumes.lines.iter().map(|line| line.channel.as_str()).collect();
    assert_eq!(lines, ["email"]);
    assert_eq!(changes.volumes.hours.values().map(|hour| hour.before).sum::<u64>(), messages.before);
    assert_eq!(changes.volumes.busiest_after.as_ref().map(|hour| hour.messages), Some(4));
}

#[test]
fn a_step_that_is_gone_demands_an_answer_that_the_compiler_takes() {
    let case = found("step removed, people there");
    let changes = changes(&case, &census()).unwrap();
    let decision = one(&changes, "DL601").decision.clone().unwrap();
    assert_eq!(decision.answers.len(), 3, "{decision:?}");
    for answer in &decision.answers {
        let mut files = edited(project(), &case.edit).unwrap();
        files.get_mut(answer.file.as_str()).unwrap().push_str(&answer.yaml);
        let old = plan(&project()).unwrap();
        let decided = diff(&old, &plan(&files).unwrap(), Some(&census()), None, NOW);
        assert_eq!(decided.count(Gate::Block), 0, "{}: {:#?}", answer.yaml, decided.changes);
    }
}

#[test]
fn a_step_with_another_name_is_known_again_by_what_it_says() {
    let case = found("id changed, people there");
    let changes = changes(&case, &census()).unwrap();
    let change = one(&changes, "DL603");
    assert!(!changes.changes.iter().any(|change| change.code == "DL606"), "the same step is not added as well");
    let moved = &change.decision.as_ref().unwrap().answers[0];
    assert_eq!(moved.yaml, "moved:\n  - { from: second, to: again }\n");
    let mut files = edited(project(), &case.edit).unwrap();
    files.get_mut(S).unwrap().push_str(&moved.yaml);
    let old = plan(&project()).unwrap();
    let decided = diff(&old, &plan(&files).unwrap(), Some(&census()), None, NOW);
    assert_eq!(decided.count(Gate::Block), 0, "{:#?}", decided.changes);
    assert_eq!(decided.volumes.messages.before, decided.volumes.messages.after, "at the same times");
}

#[test]
fn two_names_may_be_exchanged_without_an_end() {
    let edit = [
        (S, SECOND, "  - id: third\n    wait: 3d\n    email: second\n"),
        (S, THIRD, "  - id: second\n    wait: 3d\n    email: welcome\n"),
    ];
    let changes = changes(&case(("welcome", None), &edit), &census()).unwrap();
    assert_eq!(changes.count(Gate::Block), 0, "{:#?}", changes.changes);
    assert!(changes.changes.iter().any(|change| change.row == Row::OrderChanged), "{:#?}", changes.changes);
}

#[test]
fn people_of_a_revision_that_is_no_more_are_not_overlooked() {
    let mut census = census();
    census.inside.push(group(Some("ancient"), -2 * DAY, Some(DAY), 2));
    let changes = changes(&found("wait longer"), &census).unwrap();
    let change = one(&changes, "DL601");
    assert_eq!((change.step.as_deref(), change.gate), (Some("ancient"), Gate::Block));
    let mut census = self::census();
    let stranger = SequenceName::new("nowhere");
    census.inside.push(Group { sequence: stranger, ..group(Some("x"), -DAY, Some(DAY), 2) });
    let plan = plan(&project()).unwrap();
    let changes = diff(&plan, &plan, Some(&census), None, NOW);
    assert_eq!(one(&changes, "DL602").gate, Gate::Block);
}

#[test]
fn without_a_census_nothing_is_counted_and_what_may_concern_somebody_is_a_gate() {
    let (old, new) = both(&found("step removed, people there")).unwrap();
    let changes = diff(&old, &new, None, None, NOW);
    let change = one(&changes, "DL601");
    assert_eq!((change.gate, &change.people), (Gate::Ask, &None));
    assert!(!changes.counted && changes.samples.is_empty());
}

#[test]
fn where_nobody_is_known_entries_are_no_gate() {
    let census = Census { people: 0, inside: Vec::new(), ..census() };
    let changes = changes(&found("trigger changed"), &census).unwrap();
    assert_eq!(one(&changes, "DL611").gate, Gate::Note);
}

#[test]
fn what_is_prepared_is_said_to_go_out_as_it_is() {
    let mut census = census();
    let open = |prepared| Open {
        sequence: SequenceName::new("welcome"),
        step: StepName::new("second"),
        channel: None,
        prepared,
        messages: 2,
    };
    census.open = vec![open(true), open(false)];
    let changes = changes(&found("text, subject, template"), &census).unwrap();
    let past = &one(&changes, "DL610").people.as_ref().unwrap().past.what;
    assert_eq!(past, "never resent; 2 prepared already go out as they are");
}

#[test]
fn examples_name_nobody_and_begin_with_those_who_lose_most() {
    let changes = of("step removed, people there");
    assert!(changes.samples.len() <= 5 && changes.samples.len() >= 3, "{:#?}", changes.samples);
    let first = &changes.samples[0];
    assert_eq!((first.step.as_deref(), first.verdict), (Some("second"), Some("undecided: their step is gone")));
    assert!(first.after.is_empty() && !first.before.is_empty());
}

#[test]
fn waiting_lists_what_is_not_allowed_yet() {
    let changes = of("trigger changed");
    assert_eq!(changes.waiting(&[]).count(), 1);
    assert_eq!(changes.waiting(&["dl611".to_owned()]).count(), 0);
    let changes = of("step removed, people there");
    assert_eq!(changes.waiting(&["DL601".to_owned()]).count(), 1, "what blocks cannot be allowed");
}

#[test]
fn people_without_a_place_have_what_follows_before_them() {
    let third = (S, "text: \"Hello.", "text: \"Good day.");
    let changes = changes(&case(("welcome", Some("third")), &[(S, SECOND, ""), third]), &census()).unwrap();
    let of = |name: &str| {
        let found =
            changes.changes.iter().find(|change| change.step.as_ref().is_some_and(|step| step.as_str() == name));
        let people = found.and_then(|change| change.people.as_ref()).unwrap();
        (people.before.people, people.before.at_most, people.at.people, people.past.people)
    };
    assert_eq!(of("second"), (4, false, 5, 5));
    // those who wait for the second may be sent elsewhere
    assert_eq!(of("third"), (9, true, 3, 2));
}

#[test]
fn what_is_to_be_written_fits_in_a_line() {
    for (written, line) in [
        ("removed:\n  - id: what_to_expect\n    then: next\n", "removed: [{ id: what_to_expect, then: next }]"),
        ("removed:\n  - { id: a, then: next }\n", "removed: [{ id: a, then: next }]"),
        ("moved:\n  - { from: a, to: b }\n  - from: c\n    to: d\n", "moved: [{ from: a, to: b }, { from: c, to: d }]"),
        ("retired: finish\n", "retired: finish"),
    ] {
        assert_eq!(super::in_a_line(written), line);
    }
}
