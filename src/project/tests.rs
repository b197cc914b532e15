use super::*;
use crate::compile::Settings;
use std::{fs, path::Path};

pub(crate) const SETTINGS: Settings<'static> =
    Settings { env: None, version: "0.1.0", year: 2027, now: crate::calendar::Instant(1_790_000_000_000) };

fn listed(loaded: &Loaded) -> Vec<String> {
    let line = |finding: &crate::diag::Finding| {
        let at = loaded.sources.start(&finding.primary);
        let (line, column) = at.map_or((0, 0), |at| (at.line, at.column));
        format!("{}:{line}:{column}: {} {}", finding.primary.file, finding.code, finding.message)
    };
    loaded.findings.iter().map(line).collect()
}

#[test]
fn the_clinic_example_has_no_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic");
    for env in [None, Some("dev")] {
        let loaded = load(&root, &Settings { env, ..SETTINGS });
        assert!(loaded.findings.is_empty(), "\n{}\n", listed(&loaded).join("\n"));
        let plan = loaded.plan.expect("a plan");
        assert_eq!(plan.sequences.len(), 6);
        assert!(plan.sequences["no_show_recovery"].steps.len() == 3);
    }
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

const PROJECT: &[u8] = b"project: example\nzone: Europe/Berlin\nchannels:\n  email: { provider: mailbox }\n";
const SEQUENCE: &[u8] =
    b"sequence: hello\npurpose: service\nreentry: never\nsteps:\n  - id: a\n    email: { subject: Hi, text: Hello }\n";
const TRIGGER: &[u8] = b"trigger: hello\nevent: lead.created\nenroll: hello\n";

#[test]
fn the_root_is_found_from_any_folder_inside() {
    let folder = folder(&[("dripline.yaml", PROJECT), ("templates/a/b/x.md", b"x")]);
    let root = fs::canonicalize(folder.path()).unwrap();
    assert_eq!(find_root(&folder.path().join("templates/a/b")), Some(root));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(find_root(empty.path()), None);
    assert_eq!(find_root(&empty.path().join("nowhere")), None);
}

#[test]
fn only_files_of_the_project_are_read_in_the_order_of_their_paths() {
    let folder = folder(&[
        ("dripline.yaml", PROJECT),
        ("sequences/b/x.yaml", SEQUENCE),
        ("sequences/.x.yaml.swp", b"\xff"),
        ("sequences/notes.txt", b"\xff"),
        ("triggers/x.yml", TRIGGER),
        ("templates/a.md", b"A"),
        ("templates/a.png", b"\xff"),
        ("tests/fixtures/payload.yaml", b"{"),
        ("other/x.yaml", b"{"),
        ("target/x.yaml", b"{"),
    ]);
    let mut sink = crate::diag::Sink::new();
    let files = Files::read(folder.path(), &mut sink);
    let paths: Vec<&str> = files.files.keys().map(crate::diag::FileId::as_str).collect();
    assert_eq!(paths, ["dripline.yaml", "sequences/b/x.yaml", "templates/a.md", "triggers/x.yml"]);
    let fixtures: Vec<&str> = files.fixtures.keys().map(crate::diag::FileId::as_str).collect();
    assert_eq!(fixtures, ["tests/fixtures/payload.yaml"]);
    assert!(sink.is_empty());
}

const SUITE: &[u8] = b"suite: hello\nstart: 2027-03-26 18:30\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, webhook: fixtures/deep/lead.bin } ]\n    then: [ { at: 0m, sent: a } ]\n";

#[test]
fn suites_come_with_the_bytes_of_their_files_whatever_they_are() {
    let project = [PROJECT, b"sources:\n  own: { provider: events, secret: EVENTS_SECRET }\n"].concat();
    let folder = folder(&[
        ("dripline.yaml", &project),
        ("sequences/x.yaml", SEQUENCE),
        ("triggers/x.yaml", TRIGGER),
        ("tests/hello.yaml", SUITE),
        ("tests/fixtures/deep/lead.bin", b"\xff\x00\xfe"),
    ]);
    let loaded = load(folder.path(), &SETTINGS);
    assert!(!loaded.findings.iter().any(crate::diag::Finding::is_error), "{:?}", listed(&loaded));
    let crate::plan::suite::What::Webhook { bytes, .. } = &loaded.suites[0].scenarios[0].when[0].what else {
        panic!("a payload");
    };
    assert_eq!(&**bytes, b"\xff\x00\xfe");

    fs::write(folder.path().join("tests/fixtures/deep/lead.bin"), vec![b'x'; (1 << 20) + 1]).unwrap();
    let loaded = load(folder.path(), &SETTINGS);
    assert!(loaded.suites.is_empty() && loaded.plan.is_some());
    let errors = loaded.findings.iter().filter(|finding| finding.is_error());
    assert_eq!(errors.map(|finding| finding.code.0).collect::<Vec<_>>(), ["DL010", "DL721"]);
}

#[test]
fn another_version_is_a_folder_of_the_fixtures_or_a_commit() {
    let renamed = String::from_utf8(SEQUENCE.to_vec()).unwrap().replacen("id: a", "id: b", 1).into_bytes();
    let folder = folder(&[
        ("dripline.yaml", PROJECT),
        ("sequences/x.yaml", SEQUENCE),
        ("triggers/x.yaml", TRIGGER),
        ("tests/fixtures/next/dripline.yaml", PROJECT),
        ("tests/fixtures/next/sequences/x.yaml", &renamed),
        ("tests/fixtures/next/triggers/x.yaml", TRIGGER),
    ]);
    let first = |loaded: Loaded| loaded.plan.expect("a plan").sequences["hello"].steps[0].name.to_string();
    assert_eq!(first(load(folder.path(), &SETTINGS)), "a");
    assert_eq!(first(version(folder.path(), "fixtures/next", &SETTINGS).unwrap()), "b");
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git").arg("-C").arg(folder.path()).args(args).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "first"]);
    fs::write(folder.path().join("sequences/x.yaml"), &renamed).unwrap();
    assert_eq!(first(load(folder.path(), &SETTINGS)), "b");
    assert_eq!(first(version(folder.path(), "HEAD", &SETTINGS).unwrap()), "a");
    assert!(matches!(version(folder.path(), "fixtures/gone", &SETTINGS), Err(GitError::UnknownCommit(_))));
}

#[cfg(unix)]
#[test]
fn links_in_circles_end_and_links_to_nowhere_are_findings() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("dripline.yaml", PROJECT), ("sequences/x.yaml", SEQUENCE), ("triggers/x.yaml", TRIGGER)]);
    let root = folder.path();
    symlink(root.join("sequences"), root.join("sequences/again")).unwrap();
    symlink(root, root.join("triggers/up")).unwrap();
    symlink(root.join("gone.yaml"), root.join("sequences/gone.yaml")).unwrap();
    let loaded = load(root, &SETTINGS);
    let unreadable: Vec<String> = listed(&loaded).into_iter().filter(|line| line.contains("DL901")).collect();
    assert_eq!(unreadable, ["sequences/gone.yaml:0:0: DL901 `sequences/gone.yaml` cannot be read: it does not exist"]);
    assert!(loaded.plan.is_none());
}

#[test]
fn files_that_are_too_big_or_no_text_are_findings_and_the_others_are_read() {
    let big = [b"sequence: big\n# ".to_vec(), vec![b'x'; 1 << 20]].concat();
    let folder = folder(&[
        ("dripline.yaml", PROJECT),
        ("sequences/x.yaml", SEQUENCE),
        ("triggers/x.yaml", TRIGGER),
        ("sequences/big.yaml", &big),
        ("sequences/latin.yaml", b"sequence: latin\ntitle: Zo\xeb\n"),
    ]);
    let loaded = load(folder.path(), &SETTINGS);
    let codes: Vec<(&str, &str)> =
        loaded.findings.iter().map(|finding| (finding.primary.file.as_str(), finding.code.0)).collect();
    assert_eq!(codes, [("sequences/big.yaml", "DL010"), ("sequences/latin.yaml", "DL001")], "{:?}", listed(&loaded));
}
