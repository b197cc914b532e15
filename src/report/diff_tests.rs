use super::*;
use anstream::adapter::strip_str;

fn plain(before: &str, after: &str) -> String {
    strip_str(&unified("a.yaml", before, after)).to_string()
}

#[test]
fn equal_texts_have_no_diff() {
    assert_eq!(plain("a\nb\n", "a\nb\n"), "");
}

#[test]
fn a_change_stands_between_three_lines_of_context() {
    let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
    let expected = "--- a.yaml\n+++ a.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
    assert_eq!(plain(before, after), expected);
}

#[test]
fn near_changes_are_one_hunk_and_far_ones_two() {
    let lines = |changed: &[usize]| -> String {
        let line = |n: usize| if changed.contains(&n) { format!("new {n}") } else { n.to_string() };
        (1..=20).map(line).collect::<Vec<_>>().join("\n")
    };
    let hunks = |changed: &[usize]| plain(&lines(&[]), &lines(changed)).matches("@@ -").count();
    assert_eq!(hunks(&[5, 11]), 1);
    assert_eq!(hunks(&[5, 13]), 2);
}

#[test]
fn additions_removals_and_missing_line_ends_are_told() {
    assert_eq!(plain("", "a\n"), "--- a.yaml\n+++ a.yaml\n@@ -0,0 +1 @@\n+a\n");
    assert_eq!(plain("a\nb\n", "a\n"), "--- a.yaml\n+++ a.yaml\n@@ -1,2 +1 @@\n a\n-b\n");
    let expected = "--- a.yaml\n+++ a.yaml\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n";
    assert_eq!(plain("a", "a\n"), expected);
}

#[test]
fn a_diff_applied_gives_the_new_text() {
    let words = ["a\n", "b\n", "c\n"];
    let text = |mut number: usize| -> String {
        let mut text = String::new();
        while number > 0 {
            text.push_str(words[number % 3]);
            number /= 3;
        }
        text
    };
    for before in 0..81 {
        for after in 0..81 {
            let (before, after) = (text(before), text(after));
            let old: Vec<&str> = before.split_inclusive('\n').collect();
            let new: Vec<&str> = after.split_inclusive('\n').collect();
            let lines = marked(&old, &new);
            let without =
                |mark: Mark| -> String { lines.iter().filter(|(of, _)| *of != mark).map(|(_, line)| *line).collect() };
            assert_eq!((without(Mark::New), without(Mark::Gone)), (before.clone(), after.clone()));
        }
    }
}

#[test]
fn very_different_long_texts_are_shown_as_replaced() {
    let before = "old\n".repeat(3_000);
    let after = "new\n".repeat(3_000);
    let text = plain(&before, &after);
    assert_eq!(text.lines().filter(|line| line.starts_with("-old")).count(), 3_000);
    assert_eq!(text.lines().filter(|line| line.starts_with("+new")).count(), 3_000);
}
