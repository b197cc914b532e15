//! Changes as a comment on a pull request: folded by object, dangerous first, and never longer than a comment may be.
use super::{
    Told, ahead_of, busiest, costs, example, foreseen, groups, headline, messages, place, shift_line, timeline,
};
use crate::compile::diff::{Change, Gate};
use std::fmt::Write;

/// A comment may have one character less than this.
const LIMIT: usize = 65_536;
/// Kept free for what ends the comment: characters may count twice where they are counted otherwise.
const ROOM: usize = 2_048;
/// A single change is cut at that.
const LONGEST: usize = 8_192;

pub(crate) fn markdown(told: &Told<'_>) -> String {
    let mut text = format!("### {}\n\n{}\n\n", told.answer(), plain(&told.about()));
    if told.changes.is_empty() {
        return text;
    }
    let _ = writeln!(text, "**{}**\n", told.counts());
    // the end is known first, so that the middle can be cut to fit
    let end = end(told);
    let mut objects: Vec<(&Change, Vec<&Change>)> = Vec::new();
    for change in &told.changes.changes {
        let same = |of: &&mut (&Change, Vec<&Change>)| (of.0.kind, &of.0.object) == (change.kind, &change.object);
        match objects.iter_mut().find(same) {
            Some((_, list)) => list.push(change),
            None => objects.push((change, vec![change])),
        }
    }
    let mut shown = 0;
    for (first, list) in &objects {
        let block = object(told, first, list);
        if length(&text) + length(&block) + length(&end) + ROOM > LIMIT {
            break;
        }
        text.push_str(&block);
        shown += list.len();
    }
    let more = told.changes.changes.len() - shown;
    if more > 0 {
        let _ = writeln!(text, "**and {more} more**: `{}` shows them all\n", told.command);
    }
    text + &end
}

/// As the longest count goes: in units of UTF-16.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn object(told: &Told<'_>, first: &Change, list: &[&Change]) -> String {
    let worst = list.iter().map(|change| change.gate).max().unwrap_or(Gate::Note);
    let open = if worst > Gate::Note { " open" } else { "" };
    let (kind, object) = (first.kind.word(), html(&first.object));
    let word = if list.len() == 1 { "change" } else { "changes" };
    let mut text = String::new();
    let sign = sign(worst);
    let _ = writeln!(text, "<details{open}><summary>{sign} <b>{kind} {object}</b>: {} {word}</summary>\n", list.len());
    let end = "</details>\n\n";
    for (at, change) in list.iter().enumerate() {
        let block = one(told, change);
        if length(&text) + length(&block) > LONGEST {
            let _ = writeln!(text, "and {} more of this {kind}\n", list.len() - at);
            break;
        }
        text.push_str(&block);
    }
    text + end
}

fn sign(gate: Gate) -> &'static str {
    match gate {
        Gate::Block => "⛔",
        Gate::Ask | Gate::Choice => "⚠️",
        Gate::Note => "ℹ️",
    }
}

fn one(told: &Told<'_>, change: &Change) -> String {
    let mut text = String::new();
    let place = place(change);
    let place = if place.is_empty() { String::new() } else { format!(" · {}", code(&place)) };
    let _ = writeln!(text, "**{}** `{}` {}{place}\n", change.gate.word(), change.code, plain(&headline(change)));
    if !change.was.is_empty() || !change.is.is_empty() {
        let was = change.was.iter().map(|line| format!("- {line}\n"));
        let lines: String = was.chain(change.is.iter().map(|line| format!("+ {line}\n"))).collect();
        text.push_str(&fenced("diff", &lines));
    }
    let groups = groups(change);
    if !groups.is_empty() {
        text.push_str("| before | at | past |\n|---|---|---|\n|");
        for (_, people, what) in groups {
            let _ = write!(text, " **{people}** {} |", plain(&what));
        }
        text.push_str("\n\n");
    }
    if let Some(shift) = change.shift.as_ref().and_then(|shift| shift_line(told, shift)) {
        let _ = writeln!(text, "Due times: {}\n", plain(&shift));
    }
    for (word, line) in foreseen(change) {
        let _ = writeln!(text, "{}: {}\n", plain(word), plain(&line));
    }
    if let Some(decision) = &change.decision {
        let _ = writeln!(text, "{}.\n", plain(&decision.demand));
        for answer in &decision.answers {
            let lines = format!("# {}: {}\n{}", answer.file, answer.effect, answer.yaml);
            text.push_str(&fenced("yaml", &lines));
        }
    }
    if matches!(change.gate, Gate::Ask | Gate::Choice) {
        let _ = writeln!(text, "Let it pass with `--allow {}`.\n", change.code);
    }
    text
}

fn end(told: &Told<'_>) -> String {
    let volumes = &told.changes.volumes;
    let mut text = String::new();
    if told.changes.counted {
        let days = volumes.days;
        let _ = writeln!(text, "| next {days} days, {} | before → after |\n|---|---|", ahead_of(told.changes));
        let _ = writeln!(text, "| messages | {} |", messages(volumes));
        if let Some(busiest) = busiest(told) {
            let _ = writeln!(text, "| busiest hour | {busiest} |");
        }
        if let Some(costs) = costs(volumes) {
            let _ = writeln!(text, "| cost | {costs} |");
        }
        let other = volumes.lines.iter().filter(|line| line.messages.before != line.messages.after);
        for line in other.take(20) {
            let (before, after) = (line.messages.before, line.messages.after);
            let _ = writeln!(
                text,
                "| {} by {}{} | {before} → {after} |",
                plain(line.sequence.as_str()),
                plain(line.channel.as_str()),
                if line.about { ", or another way" } else { "" }
            );
        }
        text.push('\n');
    }
    if !told.changes.samples.is_empty() {
        text.push_str(
            "<details><summary>Examples, without anybody's data</summary>\n\n| who | before | after |\n|---|---|---|\n",
        );
        for sample in &told.changes.samples {
            let after = match sample.verdict {
                Some(verdict) if sample.after.is_empty() => verdict.to_owned(),
                _ if sample.spread => format!("from {}", timeline(told, &sample.after)),
                _ => timeline(told, &sample.after),
            };
            let cells = [example(told, sample), timeline(told, &sample.before), after];
            let _ = writeln!(text, "| {} |", cells.map(|cell| plain(&cell)).join(" | "));
        }
        text.push_str("\n</details>\n\n");
    }
    let unchanged = told.unchanged();
    if !unchanged.is_empty() {
        let _ = writeln!(text, "Not changed: {unchanged}.");
    }
    text
}

/// Text of others that must not become a heading, a link, a mention or HTML.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => plain.push(' '),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '@' => plain.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                plain.push('\\');
                plain.push(letter);
            }
            other => plain.push(other),
        }
    }
    plain
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// A fence that is longer than every run of its sign inside.
fn fenced(language: &str, lines: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for letter in lines.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n\n", lines.trim_end_matches('\n'))
}
