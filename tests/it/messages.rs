//! Messages as a person sees them in the commands: which arm, why the fallback. Knows no decision.
use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

fn project(folder: &Path) {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ok/message_variants_and_write.yaml");
    crate::cases::lay(&fs::read_to_string(case).unwrap(), folder);
}

#[test]
fn a_preview_shows_the_arm_and_its_text_and_why_a_fallback_went_out() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let args = ["preview", "welcome", "--start", "2027-06-01 12:00", "--render", "--color", "never"];
    let done = dripline::run_in_process(&args, folder.path(), &BTreeMap::new(), SystemTime::UNIX_EPOCH);
    assert_eq!(done.code, 0, "{}", done.err);
    let line = |word: &str| done.out.lines().find(|line| line.contains(word)).unwrap_or_default().to_owned();
    let (first, second) = (line(" hello "), line("why_it_works"));
    let calm = first.contains("\"Welcome\"") && first.ends_with("[arm calm]");
    let bold = first.contains("\"Hello!\"") && first.ends_with("[arm bold]");
    assert!(calm || bold, "{}", done.out);
    assert!(second.contains("\"Welcome\"") && second.ends_with("[written by the fallback: no model]"), "{}", done.out);
}

#[test]
fn the_plan_keeps_the_whole_request_to_the_model() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    for (env, provider) in [(None, "openai"), (Some("dev"), "ollama")] {
        let mut args = vec!["compile"];
        args.extend(env.iter().flat_map(|env| ["--env", env]));
        let done = dripline::run_in_process(&args, folder.path(), &BTreeMap::new(), SystemTime::UNIX_EPOCH);
        assert_eq!(done.code, 0, "{}", done.err);
        for word in ["medical_promises", "conversation.last_5", "answer the doubt", "small-1"] {
            assert!(env.is_some() && word == "small-1" || done.out.contains(word), "{word} is not in {}", done.out);
        }
        assert!(done.out.contains(&format!("\"provider\": \"{provider}\"")), "{}", done.out);
    }
}
