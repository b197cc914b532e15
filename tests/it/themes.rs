//! What the suites of the examples have to show: for each example a scenario of every theme, in which the theme really
//! happens, and for each row that an example carries a scenario with the row in its name. Knows no example but its files.
use crate::mutations::{EXAMPLES, exactly, root, run};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

const THEMES: [(&str, Holds); 9] = [
    ("summer time", crosses_a_change_of_the_clocks),
    ("month end", crosses_the_end_of_a_month),
    ("reschedule after a reminder", moves_after_a_message),
    ("repeated webhooks", repeats_webhooks),
    ("reordered webhooks", reorders_webhooks),
    ("provider timeout", waits_for_a_provider),
    ("opt-out between due and send", opts_out_while_a_message_waits),
    ("restart mid-way", |story| is_interrupted(story, "restart")),
    ("deploy mid-way", |story| is_interrupted(story, "deploy ")),
];

/// What a story lacks of its theme.
type Holds = fn(&Story) -> Result<(), String>;

/// A scenario as written and as it went.
struct Story {
    tests: PathBuf,
    /// The scenario with those that it is like, in the order in which they are played.
    parts: Vec<Value>,
    /// Sequences under test.
    tested: BTreeSet<String>,
    start: String,
    case: Value,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn at(line: &Value) -> Timestamp {
    text(&line["at"]).parse().unwrap()
}

/// Cells of the lines of a file of the tests.
fn table(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("tests").join(name)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn suite(example: &str, suite: &str) -> Value {
    let file = root().join("examples").join(example).join(format!("tests/{suite}.yaml"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Names of the scenarios of an example, of all its suites.
fn scenarios(example: &str) -> Vec<String> {
    let folder = root().join("examples").join(example).join("tests");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let suites = files.filter(|file| file.extension().is_some_and(|it| it == "yaml"));
    suites
        .flat_map(|file| {
            let suite = suite(example, file.file_stem().unwrap().to_str().unwrap());
            list(&suite["scenarios"]).map(|one| text(&one["name"]).to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

impl Story {
    /// Plays the scenario; what is wrong when there is none, or when it fails.
    fn play(example: &str, name: &str, scenario: &str) -> Result<Self, String> {
        let suite = suite(example, name);
        let mut parts = Vec::new();
        let mut next = Some(scenario.to_owned());
        while let Some(name) = next {
            let found = list(&suite["scenarios"]).find(|one| text(&one["name"]) == name);
            let found = found.ok_or_else(|| format!("there is no scenario {name:?}"))?;
            next = found["like"].as_str().map(str::to_owned);
            parts.insert(0, found.clone());
        }
        // that of the scenario itself comes before those of the scenarios it is like
        let start = parts.iter().rev().map(|part| &part["start"]).find(|start| !start.is_null());
        let start = text(start.unwrap_or(&suite["start"])).to_owned();
        let tested = list(&suite["under_test"]).filter_map(|of| of.as_str()?.split_once('/'));
        let tested = tested.filter(|(kind, _)| *kind != "trigger").map(|(_, id)| id.to_owned()).collect();
        let project = root().join("examples").join(example);
        let file = format!("tests/{name}.yaml");
        let done = run(&project, &["test", &file, "--run", &exactly(scenario), "--trace", "--format", "json"]);
        let told: Value = serde_json::from_str(&done.out).map_err(|error| format!("{error}: {}", done.err))?;
        let case = told["suites"][0]["cases"][0].clone();
        if done.code != 0 || case["passed"] != true {
            return Err(format!("it does not pass\n{}", done.err));
        }
        Ok(Self { tests: project.join("tests"), parts, tested, start, case })
    }

    fn lines(&self) -> impl Iterator<Item = &Value> {
        list(&self.case["lines"])
    }

    /// What the story itself does, such as `restart`.
    fn did<'a>(&'a self, what: &'a str) -> impl Iterator<Item = &'a Value> {
        self.lines().filter(move |line| line["word"] == "did" && text(&line["told"]).starts_with(what))
    }

    /// Lines of sequences under test with one of these words.
    fn of<'a>(&'a self, words: &'a [&str]) -> impl Iterator<Item = &'a Value> {
        let tested = |line: &Value| self.tested.contains(text(&line["sequence"]));
        self.lines().filter(move |line| words.contains(&text(&line["word"])) && tested(line))
    }

    /// Messages that an expectation with a moment of its own found.
    fn sent_at(&self) -> impl Iterator<Item = &Value> {
        let timed = |row: &&Value| text(&row["expected"]["written"]).contains("at: ") && row["verdict"] == "same";
        let found = list(&self.case["rows"]).filter(timed).flat_map(|row| list(&row["got"]));
        found.filter(|line| line["word"] == "sent")
    }

    fn expects(&self, parts: &[&str]) -> bool {
        let mut rows = list(&self.case["rows"]).map(|row| text(&row["expected"]["written"]));
        rows.any(|row| parts.iter().all(|part| row.contains(part)))
    }

    /// The fixtures that are delivered, in the order in which they are.
    fn webhooks(&self) -> Vec<(Timestamp, String)> {
        let file = |line: &Value| text(&line["told"]).split_whitespace().nth(1).unwrap().to_owned();
        self.did("webhook ").map(|line| (at(line), file(line))).collect()
    }

    /// The provider's own time of a delivery.
    fn told_at(&self, fixture: &str) -> Timestamp {
        let body: Value = serde_json::from_str(&fs::read_to_string(self.tests.join(fixture)).unwrap()).unwrap();
        let time = body.get("createdAt").or_else(|| body.get("time"));
        text(time.unwrap()).parse().unwrap()
    }
}

fn lacks(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn crosses_a_change_of_the_clocks(story: &Story) -> Result<(), String> {
    let zone = TimeZone::get(text(&story.case["zone"])).unwrap();
    let start: Timestamp = text(&story.case["start"]).parse().unwrap();
    let other = story.sent_at().any(|line| zone.to_offset(at(line)) != zone.to_offset(start));
    lacks(other, "no message is expected at a moment of its own after a change of the clocks")
}

/// Dates anywhere in what is written.
fn dates(value: &Value, found: &mut BTreeSet<Date>) {
    match value {
        Value::String(text) => found.extend(text.get(..10).and_then(|date| date.parse::<Date>().ok())),
        Value::Array(items) => items.iter().for_each(|item| dates(item, found)),
        Value::Object(entries) => entries.values().for_each(|entry| dates(entry, found)),
        _ => {}
    }
}

fn crosses_the_end_of_a_month(story: &Story) -> Result<(), String> {
    let mut written = BTreeSet::new();
    dates(&Value::from(story.start.as_str()), &mut written);
    for part in &story.parts {
        dates(&part["when"], &mut written);
        dates(&part["people"], &mut written);
    }
    let zone = TimeZone::get(text(&story.case["zone"])).unwrap();
    let last = written.into_iter().filter(|date| *date == date.last_of_month());
    let later = |last: Date| story.sent_at().any(|line| at(line).to_zoned(zone.clone()).date() > last);
    lacks({ last }.any(later), "no message is expected after something on the last day of a month")
}

fn moves_after_a_message(story: &Story) -> Result<(), String> {
    let moved = |line: &&Value| line["word"] == "happened" && text(&line["told"]).contains("booking.rescheduled");
    let after = |moved: &Value| story.of(&["sent"]).any(|line| at(line) < at(moved));
    lacks(story.lines().filter(moved).any(after), "no appointment is moved after a message")?;
    lacks(story.expects(&["never:"]) || story.sent_at().count() > 1, "nothing is expected of the move")
}

fn repeats_webhooks(story: &Story) -> Result<(), String> {
    let webhooks = story.webhooks();
    let repeated = (1..webhooks.len()).any(|at| webhooks[..at].iter().any(|(_, earlier)| *earlier == webhooks[at].1));
    lacks(repeated, "no webhook comes twice")?;
    lacks(story.expects(&["exactly: 1", "sent: "]), "nothing has to be sent exactly once")
}

fn reorders_webhooks(story: &Story) -> Result<(), String> {
    let webhooks = story.webhooks();
    let late = webhooks.windows(2).any(|pair| story.told_at(&pair[0].1) > story.told_at(&pair[1].1));
    lacks(late, "no webhook comes before an older one")
}

/// A message that waits: its line, and the moment at which it went, if it did.
fn waiting<'a>(story: &'a Story, gates: &[&str]) -> Vec<(&'a Value, Option<Timestamp>)> {
    let held =
        |line: &&Value| line["word"] == "held" || gates.is_empty() || gates.contains(&text(&line["because"]["gate"]));
    let lines = story.of(&["deferred", "held"]).filter(held);
    let went = |line: &Value| {
        let same = |sent: &&Value| sent["step"] == line["step"] && at(sent) >= at(line);
        story.of(&["sent"]).find(same).map(at)
    };
    lines.map(|line| (line, went(line))).collect()
}

fn waits_for_a_provider(story: &Story) -> Result<(), String> {
    let faults = story.parts.iter().filter_map(|part| part["faults"].as_object()).flat_map(|faults| faults.values());
    let timeout = faults.flat_map(list).any(|fault| fault == "timeout");
    lacks(timeout, "no provider fails to answer in time")?;
    let tried_again = waiting(story, &["retry"]).iter().any(|(line, went)| went.is_some_and(|went| went > at(line)));
    lacks(tried_again, "no message under test is tried again and goes out")
}

fn opts_out_while_a_message_waits(story: &Story) -> Result<(), String> {
    let out = story.did("opt-out").map(at).next().ok_or("nobody opts out")?;
    let waits = waiting(story, &[]);
    let caught = waits.iter().find(|(line, went)| at(line) < out && went.is_none());
    let step = caught.map(|(line, _)| text(&line["step"])).ok_or("no message waits when the person opts out")?;
    lacks(story.expects(&["never: ", &format!("sent: {step}")]), "it is not expected that the message never goes")
}

fn is_interrupted(story: &Story, by: &str) -> Result<(), String> {
    let within = |moment: Timestamp| {
        let before = story.of(&["entered"]).filter(|line| at(line) < moment);
        let begun: BTreeSet<&str> = before.map(|line| text(&line["sequence"])).collect();
        let mut after = story.of(&["sent"]).filter(|line| at(line) > moment);
        after.any(|line| begun.contains(text(&line["sequence"])))
    };
    let found = story.did(by).map(at).any(within);
    lacks(found, "nothing is on its way when that happens, and goes out afterwards")
}

#[test]
fn each_example_shows_every_theme() {
    let (mut shown, mut wrong) = (BTreeSet::new(), Vec::new());
    for cells in table("themes.txt") {
        let [example, theme, named] = &cells[..] else { panic!("three cells: {cells:?}") };
        let holds = THEMES.iter().find(|(name, _)| name == theme);
        let (_, holds) = holds.unwrap_or_else(|| panic!("no theme is called {theme:?}"));
        let (suite, scenario) = named.split_once(": ").unwrap();
        match Story::play(example, suite, scenario).and_then(|story| holds(&story)) {
            Ok(()) => {
                shown.insert((example.clone(), theme.clone()));
            }
            Err(why) => wrong.push(format!("{example}, {theme}, {named}: {why}")),
        }
    }
    for example in EXAMPLES {
        for (theme, _) in THEMES {
            if !shown.contains(&(example.to_owned(), theme.to_owned())) {
                wrong.push(format!("{example} shows no {theme}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rows in the parentheses at the end of a name.
fn rows_of(scenario: &str) -> Vec<String> {
    let inside = scenario.rsplit_once(" (").and_then(|(_, rows)| rows.strip_suffix(')'));
    inside.map(|rows| rows.split(", ").map(str::to_owned).collect()).unwrap_or_default()
}

#[test]
fn each_row_that_an_example_carries_is_named_by_a_scenario_of_it() {
    let mut carried: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for cells in table("rows.txt") {
        let known = match &cells[..] {
            [row, none, _, _] if none == "-" => carried.insert(row.clone(), BTreeSet::new()),
            [row, examples, _] => carried.insert(row.clone(), examples.split(", ").map(str::to_owned).collect()),
            _ => panic!("a row, the examples, what it is, and without examples why not: {cells:?}"),
        };
        assert!(known.is_none(), "twice: {cells:?}");
    }
    for example in EXAMPLES {
        let named: Vec<(String, Vec<String>)> =
            scenarios(example).into_iter().map(|name| (name.clone(), rows_of(&name))).collect();
        for (name, rows) in &named {
            if rows.is_empty() {
                wrong.push(format!("{example}: {name:?} names no row"));
            }
            for row in rows.iter().filter(|row| !carried.get(*row).is_some_and(|by| by.contains(example))) {
                wrong.push(format!("{example}: {name:?} names {row}, which {example} is not said to carry"));
            }
        }
        let of_example = carried.iter().filter(|(_, by)| by.contains(example));
        for (row, _) in of_example.filter(|(row, _)| !named.iter().any(|(_, rows)| rows.contains(row))) {
            wrong.push(format!("{example}: no scenario names {row}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn versions_that_suites_deploy_have_no_findings() {
    for example in EXAMPLES {
        let later = root().join("examples").join(example).join("tests/fixtures/later");
        let checked = run(&later, &["check"]);
        assert!(checked.code == 0 && checked.out.is_empty(), "{example}:\n{}{}", checked.out, checked.err);
    }
}
