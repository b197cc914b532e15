//! Previews as pages, as comments and for programs; of several people, of hostile ones, and against another version.
use crate::project::{change, git, put};
use crate::project::{copy, dripline};
use dripline::Outcome;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The style and the hash of the plan change with what no preview is about.
fn scrubbed(text: &str) -> String {
    let (head, rest) = text.split_once("<style>").unwrap_or((text, ""));
    let text = match rest.split_once("</style>") {
        Some((_, rest)) => format!("{head}<style></style>{rest}"),
        None => head.to_owned(),
    };
    match text.split_once("machine; plan ") {
        Some((head, rest)) => {
            format!("{head}machine; plan …{}", rest.trim_start_matches(|char: char| char.is_ascii_hexdigit()))
        }
        None => text,
    }
}

#[test]
fn pages_and_comments_equal_the_stored_ones() {
    let update = std::env::var("DRIPLINE_UPDATE").is_ok();
    let mut wrong = Vec::new();
    for (example, sequence) in [("clinic", "no_show_recovery"), ("practice", "winter_checkup")] {
        for (format, ending) in [("html", "html"), ("markdown", "md")] {
            let project = root().join("examples").join(example);
            let args = ["preview", sequence, "--start", "2026-12-01 18:30", "--format", format];
            let done = dripline(&project, &args);
            assert_eq!(done.code, 0, "{}", done.err);
            let path = root().join("tests/cases/previews").join(example).join(format!("{sequence}.{ending}"));
            let now = scrubbed(&done.out);
            if update {
                fs::write(&path, &now).unwrap();
            }
            let known = fs::read_to_string(&path).unwrap_or_default();
            if known != now {
                wrong.push(format!("{example}/{sequence}.{ending}\n--- stored\n{known}\n--- now\n{now}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn clinic() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/clinic"), folder.path());
    folder
}

fn preview(folder: &Path, more: &[&str]) -> Outcome {
    let args = [&["preview", "no_show_recovery", "--start", "2027-03-26 18:30", "--color", "never"], more].concat();
    dripline(folder, &args)
}

#[track_caller]
fn fine(folder: &Path, more: &[&str]) -> String {
    let done = preview(folder, more);
    assert_eq!(done.code, 0, "{}", done.err);
    done.out
}

// --- hostile texts ----------------------------------------------------------------------------------------------------

const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "a | b | c \\| d",
    "``` `code` ````` <details>",
    "`````",
    "\u{202e}evil\u{2066} \u{1b}[31mred\u{7}",
    "אנה מירושלים",
    "\"><img src=x onerror=y>{{ 7 * 7 }}</textarea></iframe>",
];

fn hostile(folder: &Path) -> Vec<String> {
    let long = "Wolfeschlegelsteinhausenbergerdorff".repeat(60);
    let names: Vec<String> = HOSTILE.iter().map(|name| (*name).to_owned()).chain([long]).collect();
    let people: Vec<Value> = names.iter().map(|name| json!({ "first_name": name, "last_name": name })).collect();
    put(folder, "people.json", &json!(people).to_string());
    names
}

#[test]
fn names_change_nothing_around_them_on_a_page() {
    let folder = clinic();
    hostile(folder.path());
    for more in [&["--contact", "people.json"][..], &["--contact", "people.json", "--event", "booking.no_show"]] {
        let page = fine(folder.path(), &[more, &["--format", "html"]].concat());
        for (odd, what) in
            [("<script", "a script"), ("<img", "a picture"), ("</textarea", "an end"), ("\u{1b}", "a sign that steers")]
        {
            assert!(!page.contains(odd), "{what} in {page}");
        }
        assert!(page.contains("&lt;script&gt;") && page.contains("אנה מירושלים"));
        assert!(page.contains("{{ 7 * 7 }}"), "a value is no template");
        assert_eq!(page.matches("<iframe").count(), page.matches("</iframe>").count());
        assert_eq!(
            page.matches("<iframe").count(),
            page.matches("<iframe sandbox=\"\" ").count(),
            "each frame is shut in"
        );
        assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
        assert_eq!(page.matches(" for Ana").count(), 0, "it is they who are shown");
    }
}

/// Pipes that end a cell.
fn cells(row: &str) -> usize {
    let bytes = row.as_bytes();
    let free = |at: &usize| {
        bytes[*at] == b'|' && bytes[..*at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
    };
    (0..bytes.len()).filter(free).count()
}

#[test]
fn names_change_nothing_around_them_in_a_comment() {
    let folder = clinic();
    let names = hostile(folder.path());
    // a name that is a line of its own could end a fence
    change(
        folder.path(),
        "templates/no_show/sorry.md",
        "Hi {{ contact.first_name | default('there') }},",
        "{{ contact.first_name | default('there') }}",
    );
    let comment = fine(folder.path(), &["--contact", "people.json", "--format", "markdown"]);
    let mut fence: Option<&str> = None;
    let mut tables = 0;
    for line in comment.lines() {
        let ticks: &str = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            // only a line of as many ticks, with nothing behind them, ends a fence
            Some(open) if ticks.len() >= open.len() && line.trim_end() == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                assert!(!line.contains("<script") && !line.contains("<img"), "{line}");
                if line.starts_with('|') {
                    tables += 1;
                    assert_eq!(cells(line), 5, "{line}");
                }
            }
        }
    }
    assert!(fence.is_none(), "a fence is open at the end: {comment}");
    assert!(tables >= names.len() * 5, "{tables}");
    assert_eq!(
        comment.matches("<details>").count(),
        comment.matches("</details>").count() + comment.matches("````` <details>").count()
    );
    assert!(comment.chars().count() < 65_536 && !comment.contains('\u{202e}') && !comment.contains('\u{1b}'));
}

#[test]
fn names_change_nothing_around_them_on_a_terminal_and_stay_themselves_for_programs() {
    let folder = clinic();
    let names = hostile(folder.path());
    let args = ["preview", "no_show_recovery", "--start", "2027-03-26 18:30", "--render", "--contact", "people.json"];
    let shown = dripline(folder.path(), &[&args[..], &["--color", "always"]].concat());
    assert_eq!(shown.code, 0, "{}", shown.err);
    for odd in ["\u{1b}[31m", "\u{202e}", "\u{2066}", "\u{7}"] {
        assert!(!shown.out.contains(odd), "{odd:?} in {}", shown.out);
    }
    let heads: Vec<&str> = shown.out.lines().filter(|line| line.starts_with("no_show_recovery for ")).collect();
    assert_eq!(heads.len(), names.len(), "{heads:#?}");
    assert!(heads.iter().all(|head| head.chars().count() < 200), "{heads:#?}");
    let told: Value =
        serde_json::from_str(&fine(folder.path(), &["--contact", "people.json", "--format", "json"])).unwrap();
    let told: Vec<&str> =
        told["timelines"].as_array().unwrap().iter().map(|one| one["person"].as_str().unwrap()).collect();
    assert_eq!(told, names);
}

// --- several people ---------------------------------------------------------------------------------------------------

#[test]
fn people_come_from_files_lists_maps_and_fixtures() {
    let folder = clinic();
    put(folder.path(), "ana.json", r#"{ "first_name": "Ana", "zone": "Europe/Berlin" }"#);
    put(
        folder.path(),
        "two.json",
        r#"{ "by_phone": { "first_name": "Ben" }, "nameless": { "phone": "+12025550148" } }"#,
    );
    put(folder.path(), "tests/fixtures/cara.json", r#"[{ "first_name": "Cara" }]"#);
    let shown = fine(folder.path(), &["--contact", "ana.json", "--contact", "two.json", "--contact", "cara"]);
    let heads: Vec<&str> = shown.lines().filter(|line| line.starts_with("no_show_recovery for ")).collect();
    let expected = [
        ("Ana", "Europe/Berlin"),
        ("by_phone", "America/Jamaica"),
        ("nameless", "America/Jamaica"),
        ("Cara", "America/Jamaica"),
    ];
    assert_eq!(heads.len(), 4, "{shown}");
    for (head, (name, zone)) in heads.iter().zip(expected) {
        assert!(head.starts_with(&format!("no_show_recovery for {name}, ")) && head.ends_with(zone), "{head}");
    }
    let page = fine(folder.path(), &["--contact", "ana.json", "--contact", "two.json", "--format", "html"]);
    assert_eq!(page.matches("<h2>Timeline</h2>").count(), 3);
    assert!(page.contains("Berlin (UTC+1, later UTC+2)"), "the clocks change on the way");
}

#[test]
fn what_is_not_there_is_named_with_what_is_near() {
    let folder = clinic();
    put(folder.path(), "field.json", r#"{ "first_nme": "Ana" }"#);
    put(folder.path(), "odd.json", "[]");
    put(folder.path(), "word.json", r#""Ana""#);
    put(folder.path(), "tests/fixtures/cara.json", "{}");
    for (more, told) in [
        (&["--contact", "field.json"][..], "did you mean \"first_name\"?"),
        (&["--contact", "carra"], "did you mean \"cara\"?"),
        (&["--contact", "gone"], "tests/fixtures/NAME.json"),
        (&["--contact", "odd.json"], "holds nobody"),
        (&["--contact", "word.json"], "is no JSON object"),
        (&["--event", "booking.no_shwo"], "booking.no_show"),
        (&["--what-if", "booking.creatd at +5d"], "booking.created"),
        (&["--what-if", "booking.created"], "for example: booking.created at +5d"),
        (&["--format", "junit"], "it knows: full, json, markdown, html"),
        (&["--report", "sarif=x"], "it knows: full, json, markdown, html"),
        (&["--against", "main"], "is in no git repository"),
    ] {
        let done = preview(folder.path(), more);
        assert_eq!(done.code, 3, "{more:?}: {}", done.out);
        assert!(done.err.contains(told), "{more:?}: {}", done.err);
    }
}

#[test]
fn reports_are_written_beside_the_text() {
    let folder = clinic();
    let shown = fine(
        folder.path(),
        &["--report", "html=out/page.html", "--report", "markdown=comment.md", "--report", "json=a.json"],
    );
    assert_eq!(shown, fine(folder.path(), &[]));
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    assert!(read("out/page.html").starts_with("<!doctype html>"));
    assert_eq!(read("comment.md"), fine(folder.path(), &["--format", "markdown"]));
    let told: Value = serde_json::from_str(&read("a.json")).unwrap();
    assert_eq!(told["format_version"], 1);
    let checked = dripline(folder.path(), &["check", "--report", "html=x"]);
    assert_eq!(checked.code, 3, "{}", checked.err);
}

// --- what stands behind a line ----------------------------------------------------------------------------------------

#[test]
fn a_moved_time_names_the_rule_and_the_gates_what_they_read() {
    let folder = clinic();
    let told = |sequence: &str, start: &str, more: &[&str]| -> Value {
        let args = [&["preview", sequence, "--start", start, "--format", "json"], more].concat();
        let done = dripline(folder.path(), &args);
        assert_eq!(done.code, 0, "{}", done.err);
        serde_json::from_str(&done.out).unwrap()
    };
    // the second month falls on a Sunday, when the window is shut
    let drip = told("monthly_drip", "2026-12-01 18:30", &[]);
    let second = &drip["entries"][1];
    assert_eq!(second["step"], "second_month");
    assert_eq!(second["moved"][0]["from"], "2027-01-31T15:00:00Z", "{second:#}");
    assert_eq!(second["moved"][0]["to"], second["at"]);
    assert_eq!(second["moved"][0]["because"]["gate"], "window");
    assert_eq!(second["moved"][0]["because"]["read"], json!([["window", "daytime"], ["open", "Mon–Sat 09:00–19:00"]]));
    assert!(drip["entries"][0].get("moved").is_none(), "{drip:#}");
    assert!(second["place"]["file"] == "sequences/monthly_drip.yaml" && second["place"]["line"].as_u64() > Some(1));
    let read = |entry: &Value, gate: &str, name: &str| -> String {
        let gates = entry["passed"].as_array().unwrap().iter().filter(|one| one["gate"] == gate);
        let values = gates.flat_map(|one| one["read"].as_array().unwrap());
        let value = values.filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap().to_owned()).next();
        value.unwrap_or_else(|| panic!("{gate} {name} in {entry:#}"))
    };
    assert_eq!(read(second, "window", "open"), "Mon–Sat 09:00–19:00");
    assert_eq!(read(second, "consent", "state"), "confirmed");
    // what was sent before counts for the cap
    let recovery = told("no_show_recovery", "2027-03-26 18:30", &[]);
    let sent = |at: usize| read(&recovery["entries"][at], "cap", "sent").parse::<u32>().unwrap();
    assert!(sent(1) <= 1 && sent(2) >= sent(1), "{recovery:#}");
    assert!(second["message"].get("html").is_none() && second["message"]["preheader"] == "Look at the light first.");
    let whole = told("monthly_drip", "2026-12-01 18:30", &["--render"]);
    assert!(whole["entries"][1]["message"]["html"].as_str().unwrap().contains("<html"));
}

// --- two versions -----------------------------------------------------------------------------------------------------

/// The clinic as it was committed, and a change of a day, a text, and a step more.
fn changed() -> TempDir {
    let folder = clinic();
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "first"]);
    let sequence = "sequences/no_show_recovery.yaml";
    change(folder.path(), sequence, "day: 4", "day: 5");
    change(
        folder.path(),
        sequence,
        "  - id: last_call",
        "  - id: one_more\n    day: 6\n    at: \"11:00\"\n    send: no_show/sorry\n  - id: last_call",
    );
    change(
        folder.path(),
        "templates/no_show/last_call.md",
        "so we will close your file for now",
        "and close your file",
    );
    folder
}

#[test]
fn two_versions_stand_side_by_side_and_only_what_differs_is_marked() {
    let folder = changed();
    let told: Value = serde_json::from_str(&fine(folder.path(), &["--against", "HEAD", "--format", "json"])).unwrap();
    let pair = &told["timelines"][0];
    let changes: Vec<(String, String)> = pair["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let at = row["after"].as_u64().unwrap() as usize;
            let step = pair["after"]["entries"][at]["step"].as_str().unwrap_or("end").to_owned();
            (
                step,
                row["changes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| one.as_str().unwrap())
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        })
        .collect();
    let expected = [
        ("sorry_we_missed_you", ""),
        ("pick_a_new_time", "time"),
        ("one_more", "new"),
        ("last_call", "text"),
        ("end", ""),
        ("end", ""),
    ];
    let expected: Vec<(String, String)> = expected.map(|(step, changes)| (step.to_owned(), changes.to_owned())).into();
    assert_eq!(changes, expected, "{told:#}");
    assert_eq!(
        pair["before"]["entries"].as_array().unwrap().len() + 1,
        pair["after"]["entries"].as_array().unwrap().len()
    );

    let text = fine(folder.path(), &["--against", "HEAD"]);
    let signs: Vec<char> = text
        .lines()
        .filter(|line| line.contains("  10:00  ") || line.contains("  11:00  "))
        .filter_map(|line| line.chars().nth(2))
        .collect();
    assert_eq!(signs, [' ', '-', '+', '+', '~', ' ', ' '], "{text}");
    assert!(text.contains("compared with HEAD: 3 of 6 lines differ"), "{text}");
    assert!(
        text.lines()
            .any(|line| line.trim_start().starts_with("- ") && line.contains("so we will close your file for now")),
        "{text}"
    );
    assert!(
        text.lines().any(|line| line.trim_start().starts_with("+ ") && line.contains("and close your file.")),
        "{text}"
    );

    let comment = fine(folder.path(), &["--against", "HEAD", "--format", "markdown"]);
    assert!(comment.contains("**3 of 6 lines differ**") && comment.contains("```diff\n"), "{comment}");
    assert!(comment.lines().filter(|line| line.starts_with('|')).all(|line| cells(line) == 6), "{comment}");
    let page = fine(folder.path(), &["--against", "HEAD", "--format", "html"]);
    assert!(page.contains("Against HEAD: 3 of 6 lines differ"), "{page}");
    assert!(
        page.contains("<del>Tue 30 Mar 2027 10:00</del>") && page.contains("<ins>Wed 31 Mar 2027 10:00</ins>"),
        "{page}"
    );
    assert_eq!(page.matches("<span class=\"mute\">same</span>").count(), 3, "{page}");
}

#[test]
fn without_a_change_nothing_differs_and_what_is_new_is_said() {
    let folder = changed();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "second"]);
    let text = fine(folder.path(), &["--against", "HEAD"]);
    assert!(text.contains("compared with HEAD: nothing differs"), "{text}");
    assert!(
        !text.lines().any(|line| line.starts_with("  + ") || line.starts_with("  - ") || line.starts_with("  ~ ")),
        "{text}"
    );
    let sequence = fs::read_to_string(folder.path().join("sequences/lapsed_patient.yaml")).unwrap();
    put(
        folder.path(),
        "sequences/lapsed_again.yaml",
        &sequence.replacen("sequence: lapsed_patient", "sequence: lapsed_again", 1),
    );
    for (format, told) in [
        ("full", "new: HEAD has no sequence lapsed_again"),
        ("markdown", "New: HEAD has no such sequence."),
        ("html", "HEAD has no such sequence"),
    ] {
        let done = dripline(folder.path(), &["preview", "lapsed_again", "--against", "HEAD", "--format", format]);
        assert!(done.code == 0 && done.out.contains(told), "{format}: {}{}", done.out, done.err);
    }
    let gone = preview(folder.path(), &["--against", "v9"]);
    assert!(gone.code == 3 && gone.err.contains("git knows no commit `v9`"), "{}", gone.err);
}
