//! `init`, `new` and `library`: whatever they make is sound, and they take nothing away.
use crate::project::dripline;
use serde_json::Value;
use std::{fs, path::Path};

#[track_caller]
fn silent(folder: &Path, args: &[&str]) {
    let said = dripline(folder, args);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{args:?}: {said:?}");
}

#[test]
fn a_new_project_is_sound_formatted_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let made = dripline(folder.path(), &["init", "My Practice 2"]);
    assert_eq!(made.code, 0, "{made:?}");
    let project = folder.path().join("My Practice 2");
    silent(&project, &["check", "--deny", "warnings"]);
    silent(&project, &["fmt", "--check"]);
    silent(&project, &["schema", "--check"]);
    let text = fs::read_to_string(project.join("dripline.yaml")).unwrap();
    assert!(
        text.starts_with("# yaml-language-server: $schema=./schemas/project.schema.json\nproject: my_practice_2\n"),
        "{text}"
    );
    let shown = dripline(&project, &["preview", "welcome"]);
    assert!(shown.code == 0 && shown.out.contains("one_question"), "{shown:?}");
    let settings: Value =
        serde_json::from_str(&fs::read_to_string(project.join(".vscode/settings.json")).unwrap()).unwrap();
    assert_eq!(settings["yaml.schemas"]["./schemas/sequence.schema.json"], "sequences/**/*.yaml");
    // the workflow and the hook name commands that there are
    let workflow = fs::read_to_string(project.join(".github/workflows/journeys.yml")).unwrap();
    assert!(workflow.contains("dripline check --deny warnings --format github --report sarif="));
    let again = dripline(&project, &["init"]);
    assert!(again.code == 3 && again.err.contains("there is a dripline.yaml in"), "{again:?}");
}

#[test]
fn init_leaves_files_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".gitignore"), "mine\n").unwrap();
    let made = dripline(folder.path(), &["init"]);
    assert!(made.code == 0 && made.err.contains("left .gitignore as it was"), "{made:?}");
    assert_eq!(fs::read_to_string(folder.path().join(".gitignore")).unwrap(), "mine\n");
}

#[test]
fn every_example_can_be_unpacked_and_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let listed = dripline(folder.path(), &["init", "--list"]);
    let there = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap();
    let mut there: Vec<String> = there.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    assert_eq!(listed.out.lines().collect::<Vec<_>>(), there);
    for name in there {
        let made = dripline(folder.path(), &["init", &name, "--example", &name]);
        assert_eq!(made.code, 0, "{made:?}");
        silent(&folder.path().join(&name), &["check", "--deny", "warnings"]);
        silent(&folder.path().join(&name), &["fmt", "--check"]);
    }
    let unknown = dripline(folder.path(), &["init", "x", "--example", "clinik"]);
    assert!(unknown.code == 3 && unknown.err.contains("did you mean `clinic`?"), "{unknown:?}");
}

/// A new project whose own sequence begins otherwise than those of the library.
fn empty() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(dripline(folder.path(), &["init"]).code, 0);
    let trigger = folder.path().join("triggers/new_lead.yaml");
    let text = fs::read_to_string(&trigger).unwrap();
    fs::write(trigger, text.replace("lead.created", "form.submitted")).unwrap();
    folder
}

#[test]
fn every_entry_of_the_library_fits_a_new_project_under_any_name() {
    let listed = dripline(empty().path(), &["library", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let entries = listed["library"].as_array().unwrap();
    let there = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("sequences")).unwrap().count();
    assert_eq!(entries.len(), there, "{listed:#}");
    for entry in entries {
        let (id, kind) = (entry["id"].as_str().unwrap(), entry["kind"].as_str().unwrap());
        for name in [id, "quite_another"] {
            let folder = empty();
            let made = dripline(folder.path(), &["new", kind, name, "--from", id]);
            assert_eq!((made.code, made.err.as_str()), (0, ""), "{id} as {name}: {made:?}");
            silent(folder.path(), &["check"]);
            silent(folder.path(), &["fmt", "--check"]);
            let shown = dripline(folder.path(), &["preview", name]);
            assert_eq!(shown.code, 0, "{id} as {name}: {shown:?}");
        }
        let shown = dripline(empty().path(), &["library", id]);
        assert!(shown.code == 0 && shown.out.contains(&format!("{kind}: {id}")), "{shown:?}");
    }
}

#[test]
fn new_files_are_sound_and_say_what_is_left_to_do() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(dripline(folder.path(), &["init"]).code, 0);
    let made = dripline(folder.path(), &["new", "sequence", "reminders"]);
    assert!(made.code == 0 && made.err.contains("nothing leads to the sequence `reminders`"), "{made:?}");
    let made = dripline(folder.path(), &["new", "trigger", "wrote"]);
    assert_eq!(made.code, 0, "{made:?}");
    for kind in ["segment", "offer", "campaign"] {
        let made = dripline(folder.path(), &["new", kind, &format!("a_{kind}")]);
        assert_eq!(made.code, 0, "{made:?}");
    }
    let checked = dripline(folder.path(), &["check", "--format", "json"]);
    let checked: Value = serde_json::from_str(&checked.out).unwrap();
    let shape = |finding: &&Value| finding["code"].as_str().is_some_and(|code| code < "DL200");
    assert_eq!(checked["findings"].as_array().unwrap().iter().find(shape), None);
    silent(folder.path(), &["fmt", "--check"]);

    let taken = dripline(folder.path(), &["new", "sequence", "reminders"]);
    assert!(taken.code == 3 && taken.err.contains("there is a sequences/reminders.yaml already"), "{taken:?}");
    let odd = dripline(folder.path(), &["new", "sequence", "../x"]);
    assert!(odd.code == 3 && odd.err.contains("`../x` is no id"), "{odd:?}");
    let kind = dripline(folder.path(), &["new", "sequense", "x"]);
    assert!(kind.code == 3 && kind.err.contains("did you mean `sequence`?"), "{kind:?}");
    let entry = dripline(folder.path(), &["new", "sequence", "x", "--from", "warm_welcom"]);
    assert!(entry.code == 3 && entry.err.contains("did you mean `warm_welcome`?"), "{entry:?}");
}
