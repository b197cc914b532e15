//! Previews for a terminal.
use super::{
    Previewed, Previews,
    compare::{self, Change, Row},
};
use crate::{
    report::{diff, timeline},
    simulate::Timeline,
};
use annotate_snippets::renderer::{AnsiColor, Style};

pub(crate) fn text(previews: &Previews) -> String {
    let one = |person: &Previewed| match (&previews.against, &person.before) {
        (Some(against), Some(before)) => compared(before, &person.now, against),
        (Some(against), None) => {
            let text = timeline::text(&person.now, previews.full);
            format!("{text}  new: {against} has no sequence {}\n", person.now.sequence)
        }
        (None, _) => timeline::text(&person.now, previews.full),
    };
    previews.people.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Both versions line by line: `-` was, `+` is.
fn compared(before: &Timeline, now: &Timeline, against: &str) -> String {
    let rows = compare::rows(before, now);
    let against = timeline::plain(against);
    let mut out = format!("{}\n  compared with {against}: {}\n", timeline::head(now), compare::summary(&rows));
    for row in &rows {
        lines(row, before, now, &mut out);
    }
    let (old, new) = (timeline::stops(before), timeline::stops(now));
    if old != new {
        signed('-', old.trim(), &mut out);
        signed('+', new.trim(), &mut out);
    } else {
        out.push_str(&new.replacen("  ", "    ", 1));
    }
    out
}

fn lines(row: &Row, before: &Timeline, now: &Timeline, out: &mut String) {
    let columns = timeline::Columns::of(&[before, now]);
    let of = |timeline: &Timeline, at: usize| {
        timeline::line(&timeline.entries[at], &timeline.details[at], &timeline.zone, columns)
    };
    let (old, new) = (row.before.map(|at| of(before, at)), row.after.map(|at| of(now, at)));
    match (row.changes.is_empty(), old, new) {
        (true, _, Some(new)) => out.push_str(&format!("    {new}\n")),
        (_, old, new) if old == new => {
            // what differs lies behind the words of the line
            out.push_str(&format!("  ~ {}\n", new.unwrap_or_default()));
        }
        (_, old, new) => {
            if let Some(old) = old {
                signed('-', &old, out);
            }
            if let Some(new) = new {
                signed('+', &new, out);
            }
        }
    }
    if let (true, Some(old), Some(new)) = (row.changes.contains(&Change::Text), row.before, row.after) {
        let (old, new) = (compare::written(&before.entries[old]), compare::written(&now.entries[new]));
        for (sign, line) in diff::changed(&old, &new) {
            let line = format!("{sign} {}", timeline::plain(&line));
            let line = if line.trim().is_empty() { String::new() } else { painted(sign, line.trim_end()) };
            out.push_str(format!("        {line}").trim_end());
            out.push('\n');
        }
    }
}

fn signed(sign: char, line: &str, out: &mut String) {
    if !line.is_empty() {
        out.push_str(&format!("  {}\n", painted(sign, &format!("{sign} {line}"))));
    }
}

fn painted(sign: char, line: &str) -> String {
    let style = match sign {
        '-' => Style::new().fg_color(Some(AnsiColor::Red.into())),
        '+' => Style::new().fg_color(Some(AnsiColor::Green.into())),
        _ => Style::new(),
    };
    format!("{style}{line}{style:#}")
}
