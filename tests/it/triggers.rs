//! Previews of sequences that begin without an event: the example person's day is made so that the trigger fires.
use crate::cases::lay;
use crate::project::dripline;

fn first_lines(sequence: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    lay(include_str!("../cases/ok/triggers_of_every_source.yaml"), folder.path());
    let done = dripline(folder.path(), &["preview", sequence, "--start", "2026-12-01 18:30", "--color", "never"]);
    assert_eq!(done.code, 0, "{}", done.err);
    done.out.lines().take(2).map(str::to_owned).collect()
}

#[test]
fn a_preview_begins_on_the_day_of_a_trigger_without_an_event() {
    let expected = [
        ("greeting", "trigger greeting", "Wed  2 Dec  10:00  note"),
        ("recall", "trigger recall", "Wed  2 Dec  10:00  note"),
        ("weekly", "trigger weekly", "Mon  7 Dec  09:00  note"),
        ("crossed", "trigger crossed", "Tue  1 Dec  18:30  note"),
        ("prepare", "trigger prepare", "Wed  2 Dec  10:00  note"),
        ("welcome", "lead.created", "hello"),
    ];
    for (sequence, opening, first) in expected {
        let lines = first_lines(sequence);
        assert!(lines[0].contains(opening), "{sequence}: {lines:?}");
        assert!(lines[1].contains(first), "{sequence}: {lines:?}");
    }
}
