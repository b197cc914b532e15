//! Every sequence of every example previews to its stored timeline. `DRIPLINE_UPDATE=1` stores what it prints.
use crate::project::copy;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

const START: &str = "2026-12-01 18:30";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = entries.map(stem).collect();
    names.sort();
    names
}

fn preview(project: &Path, sequence: &str) -> String {
    let args = ["preview", sequence, "--start", START, "--render", "--color", "never"];
    let done = dripline::run_in_process(&args, project, &BTreeMap::new(), SystemTime::UNIX_EPOCH);
    assert_eq!(done.code, 0, "preview of {sequence}: {}", done.err);
    done.out
}

#[test]
fn every_sequence_of_the_examples_equals_its_stored_timeline() {
    let update = std::env::var("DRIPLINE_UPDATE").is_ok();
    let mut wrong = Vec::new();
    for example in names(&root().join("examples")) {
        let project = root().join("examples").join(&example);
        let stored = root().join("tests/cases/previews").join(&example);
        let campaigns = project.join("campaigns");
        let mut sequences = names(&project.join("sequences"));
        sequences.extend(campaigns.is_dir().then(|| names(&campaigns)).into_iter().flatten());
        for sequence in &sequences {
            let (path, now) = (stored.join(format!("{sequence}.txt")), preview(&project, sequence));
            if update {
                fs::create_dir_all(&stored).unwrap();
                fs::write(&path, &now).unwrap();
            }
            let known = fs::read_to_string(&path).unwrap_or_default();
            if known != now {
                wrong.push(format!("{example}/{sequence}\n--- stored\n{known}\n--- now\n{now}"));
            }
        }
        let (files, known): (BTreeSet<_>, BTreeSet<_>) =
            (names(&stored).into_iter().collect(), sequences.into_iter().collect());
        assert_eq!(files, known, "a stored timeline for each sequence of {example}, and no other");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_changed_time_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/clinic"), folder.path());
    let path = folder.path().join("sequences/no_show_recovery.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let before = preview(folder.path(), "no_show_recovery");
    fs::write(&path, text.replace("day: 4", "day: 5")).unwrap();
    assert_ne!(before, preview(folder.path(), "no_show_recovery"));
}

#[test]
fn ten_in_the_morning_stays_ten_when_clocks_change() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/clinic"), folder.path());
    fs::write(folder.path().join("ana.json"), r#"{ "first_name": "Ana", "zone": "Europe/Berlin" }"#).unwrap();
    // 28 March 2027 and 31 October 2027 are the changes in Berlin; Jamaica has none
    for (start, zone_of) in [("2027-03-26 18:30", true), ("2027-10-29 18:30", true), ("2027-03-26 18:30", false)] {
        let mut args = vec!["preview", "no_show_recovery", "--start", start, "--color", "never"];
        if zone_of {
            args.extend(["--contact", "ana.json"]);
        }
        let done = dripline::run_in_process(&args, folder.path(), &BTreeMap::new(), SystemTime::UNIX_EPOCH);
        assert_eq!(done.code, 0, "{}", done.err);
        let zone = if zone_of { "Europe/Berlin" } else { "America/Jamaica" };
        assert!(done.out.lines().next().unwrap().ends_with(zone), "{}", done.out);
        let touches: Vec<&str> =
            done.out.lines().filter(|line| line.contains("email") || line.contains("whatsapp ")).collect();
        assert_eq!(touches.len(), 3, "{}", done.out);
        assert!(touches.iter().all(|line| line.contains("  10:00  ")), "{}", done.out);
    }
}
