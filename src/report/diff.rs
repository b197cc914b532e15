//! Two texts as a unified diff. Knows only lines.
use annotate_snippets::renderer::{AnsiColor, Style};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;

/// Beyond this many pairs of differing lines the whole stretch is shown as replaced.
const MAX_PAIRS: usize = 4_000_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    Same,
    Gone,
    New,
}

/// Unified diff of a file, with colours; empty when the texts are equal.
pub(crate) fn unified(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let lines = marked(&old, &new);
    let bold = Style::new().bold();
    let mut text = format!("{bold}--- {path}{bold:#}\n{bold}+++ {path}{bold:#}\n");
    for (from, to) in hunks(&lines) {
        hunk(&lines, from, to, &mut text);
    }
    text
}

/// Lines that differ, with what stands around them: ` `, `-` or `+`, and the line. Stretches left out are `…`.
pub(crate) fn changed(before: &str, after: &str) -> Vec<(char, String)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let lines = marked(&old, &new);
    let mut told = Vec::new();
    for (from, to) in hunks(&lines) {
        if from > 0 {
            told.push((' ', "…".to_owned()));
        }
        told.extend(lines[from..to].iter().map(|(mark, line)| {
            let sign = match mark {
                Mark::Same => ' ',
                Mark::Gone => '-',
                Mark::New => '+',
            };
            (sign, (*line).to_owned())
        }));
    }
    told
}

/// Every line of both texts in order.
fn marked<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Mark, &'a str)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_middle, old_tail) = old_rest.split_at(old_rest.len() - tail);
    let new_middle = &new_rest[..new_rest.len() - tail];
    let same = |lines: &[&'a str]| lines.iter().map(|line| (Mark::Same, *line)).collect::<Vec<_>>();
    let mut lines = same(&old[..head]);
    lines.extend(middle(old_middle, new_middle));
    lines.extend(same(old_tail));
    lines
}

/// The longest common subsequence decides what stayed.
fn middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Mark, &'a str)> {
    let gone = |lines: &[&'a str]| lines.iter().map(|line| (Mark::Gone, *line)).collect::<Vec<_>>();
    let added = |lines: &[&'a str]| lines.iter().map(|line| (Mark::New, *line)).collect::<Vec<_>>();
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return [gone(old), added(new)].concat();
    }
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            longest[at * width + to] = if old[at] == new[to] {
                longest[(at + 1) * width + to + 1] + 1
            } else {
                longest[(at + 1) * width + to].max(longest[at * width + to + 1])
            };
        }
    }
    let (mut at, mut to, mut lines) = (0, 0, Vec::new());
    while at < old.len() && to < new.len() {
        if old[at] == new[to] {
            lines.push((Mark::Same, old[at]));
            (at, to) = (at + 1, to + 1);
        } else if longest[(at + 1) * width + to] >= longest[at * width + to + 1] {
            lines.push((Mark::Gone, old[at]));
            at += 1;
        } else {
            lines.push((Mark::New, new[to]));
            to += 1;
        }
    }
    lines.extend(gone(&old[at..]));
    lines.extend(added(&new[to..]));
    lines
}

/// Stretches of lines to show: changes with what stands around them; near ones are one stretch.
fn hunks(lines: &[(Mark, &str)]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for (at, _) in lines.iter().enumerate().filter(|(_, (mark, _))| *mark != Mark::Same) {
        let (from, to) = (at.saturating_sub(CONTEXT), (at + 1 + CONTEXT).min(lines.len()));
        match hunks.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => hunks.push((from, to)),
        }
    }
    hunks
}

fn hunk(lines: &[(Mark, &str)], from: usize, to: usize, text: &mut String) {
    let count = |lines: &[(Mark, &str)], without: Mark| lines.iter().filter(|(mark, _)| *mark != without).count();
    let range = |without: Mark| {
        let (before, length) = (count(&lines[..from], without), count(&lines[from..to], without));
        // Of an empty stretch a diff names the line before it.
        let start = if length == 0 { before } else { before + 1 };
        if length == 1 { start.to_string() } else { format!("{start},{length}") }
    };
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    let cyan = color(AnsiColor::Cyan);
    text.push_str(&format!("{cyan}@@ -{} +{} @@{cyan:#}\n", range(Mark::New), range(Mark::Gone)));
    for (mark, line) in &lines[from..to] {
        let (sign, style) = match mark {
            Mark::Same => (' ', Style::new()),
            Mark::Gone => ('-', color(AnsiColor::Red)),
            Mark::New => ('+', color(AnsiColor::Green)),
        };
        text.push_str(&format!("{style}{sign}{}{style:#}\n", line.trim_end_matches('\n')));
        if !line.ends_with('\n') {
            text.push_str("\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
