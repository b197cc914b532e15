//! Suites as text of eighty columns: a line for each scenario, failures as two columns with the reason below, then what was
//! not seen. Judges nothing.
use super::{
    Report, coverage, rerun, title,
    words::{self, Told, clean, counted, place},
};
use crate::simulate::suite::{Case, Coverage, Ran, Row, Verdict, WhyNot};
use annotate_snippets::renderer::{AnsiColor, Style};
use std::fmt::Write as _;

/// All of it.
const WIDTH: usize = 80;
/// One of the two columns.
const CELL: usize = (WIDTH - 4 - 2) / 2;
/// Beyond this number of scenarios only counts of suites are shown.
const MANY: usize = 30;
/// Failing cases of one scenario that are told in full: those of a sweep are alike.
pub(super) const ALIKE: usize = 1;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn color(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(color.into()))
}
fn red() -> Style {
    color(AnsiColor::Red)
}
fn green() -> Style {
    color(AnsiColor::Green)
}
fn painted(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

/// For places without colours.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Everything but the last line, which is [`summary`].
pub(crate) fn text(report: &Report<'_>) -> String {
    let mut out = String::new();
    let many = report.count().scenarios > MANY && !report.each && !report.trace;
    for ran in report.ran {
        suite(&mut out, report, ran, many);
    }
    for (ran, _, cases) in report.scenarios() {
        let failing: Vec<&Case> = cases.into_iter().filter(|case| !case.passed()).collect();
        let full = if report.trace { failing.len() } else { ALIKE };
        for case in failing.iter().take(full) {
            out.push('\n');
            out.push_str(&failure(report, ran, case));
        }
        if let Some(others) = failing.get(full..).filter(|others| !others.is_empty()) {
            let names: Vec<String> =
                others.iter().take(4).filter_map(|case| case.variation.as_deref()).map(clean).collect();
            let more = if others.len() > names.len() { " …" } else { "" };
            let fail = if others.len() == 1 {
                "1 more case fails".to_owned()
            } else {
                format!("{} more cases fail", others.len())
            };
            wrapped(&mut out, &format!("{fail}: {}{more}", names.join("; ")), 2, 4);
        }
    }
    if report.coverage.table {
        out.push('\n');
        out.push_str(&table(&report.coverage(), report));
    } else if let Some(line) = coverage::line(&report.coverage()) {
        let _ = writeln!(out, "\ncoverage: {line}");
    }
    out
}

/// `2 of 14 scenarios fail`.
pub(crate) fn summary(report: &Report<'_>) -> String {
    let count = report.count();
    let scenarios = counted(count.scenarios, "scenario", "scenarios");
    let cases = if count.cases > count.scenarios { format!(" ({} cases)", count.cases) } else { String::new() };
    let seed = report.ran.first().map_or_else(String::new, |ran| format!(", seed {}", ran.seed));
    let told = match count.failed {
        0 if count.scenarios == 1 => format!("{scenarios} passes{cases}"),
        0 => format!("{scenarios} pass{cases}"),
        failed => {
            let fail = if failed == 1 { "fails" } else { "fail" };
            format!("{failed} of {scenarios} {fail}{cases}")
        }
    };
    let least = report.coverage.least.filter(|_| report.covers_too_little());
    let seen = least.and_then(|least| Some((least, coverage::percent(&report.coverage())?)));
    let too_little = seen.map(|(least, seen)| format!("; coverage is {seen} %, and {least} % were asked for"));
    format!("{told}{seed}{}", too_little.unwrap_or_default())
}

fn suite(out: &mut String, report: &Report<'_>, ran: &Ran, many: bool) {
    let of = report.scenarios().filter(|(of, _, _)| std::ptr::eq(*of, ran));
    let scenarios: Vec<(usize, Vec<&Case>)> = of.map(|(_, index, cases)| (index, cases)).collect();
    let failed = scenarios.iter().filter(|(_, cases)| cases.iter().any(|case| !case.passed())).count();
    let name = painted(BOLD, &clean(&ran.suite.name));
    let told = if failed == 0 {
        painted(green(), &format!("{} ok", scenarios.len()))
    } else {
        format!("{} ok, {}", scenarios.len() - failed, painted(red(), &format!("{failed} failed")))
    };
    wrapped(out, &format!("{name}  {}  {told}", painted(DIM, &clean(&ran.suite.origin.file))), 0, 4);
    for (index, cases) in scenarios {
        let failed = cases.iter().filter(|case| !case.passed()).count();
        if many && failed == 0 {
            continue;
        }
        let name = ran.suite.scenarios.get(index).map_or_else(String::new, |scenario| clean(&scenario.name));
        let mark = if failed == 0 { painted(green(), "ok  ") } else { painted(red(), "FAIL") };
        let mut line = name;
        if cases.len() > 1 {
            let _ = match failed {
                0 => write!(line, ", {} cases", cases.len()),
                failed => write!(line, ", {failed} of {} cases", cases.len()),
            };
        }
        for (number, part) in wrap(&line, WIDTH - 8, 0).iter().enumerate() {
            let _ = if number == 0 { writeln!(out, "  {mark}  {part}") } else { writeln!(out, "        {part}") };
        }
        if report.trace {
            for case in cases.iter().filter(|case| case.passed()) {
                story(out, ran, case);
            }
        }
    }
}

// --- one failing case -----------------------------------------------------------------------------------------------------

/// The line of the two columns that says most: what is missing or other before what is too much.
pub(super) fn worst(case: &Case) -> Option<&Row> {
    let wrong = || case.rows.iter().filter(|row| row.verdict != Verdict::Same);
    wrong().find(|row| row.expected.is_some()).or_else(|| wrong().next())
}

/// What is wrong, in a line.
pub(super) fn headline(ran: &Ran, case: &Case) -> String {
    if let Some(breach) = case.breaches.first() {
        return words::breach(breach, ran, case).0;
    }
    let Some(row) = worst(case) else { return "it passed".to_owned() };
    let (expected, got) = cells(row, ran, case);
    let of = expected.first().or(got.first()).cloned().unwrap_or_default();
    let when = if of.when.is_empty() { String::new() } else { format!("{} ", of.when) };
    format!("{when}{}: {}", of.what, words::verdict(row))
}

/// Both columns of a line.
pub(super) fn cells(row: &Row, ran: &Ran, case: &Case) -> (Vec<Told>, Vec<Told>) {
    let then = row.expected.and_then(|index| ran.suite.scenarios.get(case.scenario)?.then.get(index));
    let expected = then.map(|then| words::expected(then, ran, case));
    // what became of it instead is what came
    let instead = match &row.why_not {
        Some(WhyNot::Ended(index)) if row.got.is_empty() => Some(index),
        _ => None,
    };
    let got = row.got.iter().chain(instead).filter_map(|index| case.lines.get(*index));
    let got = got.map(|line| words::got(line, ran, case)).chain(words::read(row));
    (expected.into_iter().collect(), got.collect())
}

pub(super) fn failure(report: &Report<'_>, ran: &Ran, case: &Case) -> String {
    let mut out = String::new();
    let name = wrap(&title(ran, case), WIDTH - 6, 0);
    for (number, part) in name.iter().enumerate() {
        let mark = if number == 0 { painted(red(), "FAIL") } else { "    ".to_owned() };
        let _ = writeln!(out, "{mark}  {}", painted(BOLD, part));
    }
    if let Some(scenario) = ran.suite.scenarios.get(case.scenario) {
        wrapped(&mut out, &place(&scenario.origin), 6, 6);
    }
    wrapped(&mut out, &format!("from {}", words::start(case)), 6, 6);
    for breach in &case.breaches {
        out.push('\n');
        let (words, origin) = words::breach(breach, ran, case);
        wrapped(&mut out, &words, 2, 4);
        if let Some(origin) = origin {
            wrapped(&mut out, &place(&origin), 4, 4);
        }
    }
    if !case.rows.is_empty() {
        out.push('\n');
        let _ = writeln!(out, "    {}", painted(DIM, &format!("{:<CELL$}  got", "expected")));
        for row in &case.rows {
            line(&mut out, row, ran, case);
        }
    }
    for row in case.rows.iter().filter(|row| row.verdict != Verdict::Same) {
        reason(&mut out, row, ran, case);
    }
    if report.trace {
        out.push('\n');
        story(&mut out, ran, case);
    }
    let trace = if report.trace { "" } else { " --trace" };
    let _ = writeln!(out, "\n  run only this: {}{trace}", rerun(ran, case));
    out
}

fn line(out: &mut String, row: &Row, ran: &Ran, case: &Case) {
    let same = row.verdict == Verdict::Same;
    let (expected, got) = cells(row, ran, case);
    let left: Vec<String> = expected.iter().flat_map(cell).collect();
    let mut right: Vec<String> = got.iter().flat_map(cell).collect();
    if right.is_empty() {
        // what never came, and should not have, is as it should be
        right.push(if same { "–".to_owned() } else { "nothing".to_owned() });
    }
    for number in 0..left.len().max(right.len()) {
        let of = |cell: &[String]| cell.get(number).cloned().unwrap_or_default();
        let (left, right) = (of(&left), of(&right));
        let mark = match (number, same) {
            (0, true) => painted(green(), "✓"),
            (0, false) => painted(red(), "✗"),
            _ => " ".to_owned(),
        };
        let left = if right.is_empty() { left } else { format!("{left:<CELL$}") };
        let (left, right) = if same { (left, right) } else { (painted(BOLD, &left), painted(red(), &right)) };
        let between = if right.is_empty() { "" } else { "  " };
        let _ = writeln!(out, "  {mark} {left}{between}{right}");
    }
}

/// The lines of one cell.
fn cell(told: &Told) -> Vec<String> {
    let first = if told.when.is_empty() { told.what.clone() } else { format!("{}  {}", told.when, told.what) };
    let mut lines = wrap(&first, CELL, 2);
    if !told.more.is_empty() {
        lines.extend(wrap(&told.more, CELL - 4, 0).into_iter().map(|part| format!("    {part}")));
    }
    lines
}

/// What differs, and which gate moved, skipped or stopped it.
fn reason(out: &mut String, row: &Row, ran: &Ran, case: &Case) {
    out.push('\n');
    let then = row.expected.and_then(|index| ran.suite.scenarios.get(case.scenario)?.then.get(index));
    let (expected, got) = cells(row, ran, case);
    let of = expected.first().or(got.first()).map_or("", |told| &told.what);
    wrapped(out, &format!("{of}: {}", words::verdict(row)), 2, 4);
    if let Some(then) = then {
        wrapped(out, &place(&then.origin), 4, 4);
    }
    if let Some(why) = words::why(row, ran, case) {
        let told = [
            Some(why.words.clone()).filter(|words| !words.is_empty()),
            words::gate_line(&why).map(|gate| format!("gate {gate}")),
        ];
        let place = why.place.as_ref().map(place);
        let told: Vec<String> = told.into_iter().flatten().chain(place).collect();
        for (number, part) in told.iter().enumerate() {
            match number {
                0 => wrapped(out, &format!("{} {part}", painted(BOLD, &format!("{}:", why.asked))), 4, 6),
                _ => wrapped(out, part, 6, 8),
            }
        }
    }
}

/// Every line of a story.
fn story(out: &mut String, ran: &Ran, case: &Case) {
    if let Some(variation) = &case.variation {
        wrapped(out, &clean(variation), 4, 4);
    }
    for line in words::story(ran, case) {
        let Told { when, what, more } = words::got(line, ran, case);
        let more = if more.is_empty() { more } else { format!("  {more}") };
        wrapped(out, &format!("{when}  {what}{more}"), 4, 8);
        if let Some(because) = &line.because {
            wrapped(out, &clean(&format!("[{}]", crate::report::reason(because, &line.zone))), 8, 8);
        }
    }
}

// --- coverage -------------------------------------------------------------------------------------------------------------

fn table(coverage: &Coverage, report: &Report<'_>) -> String {
    let mut out = String::new();
    let percent = coverage::percent(coverage).map_or_else(|| "nothing to see".to_owned(), |seen| format!("{seen} %"));
    let style = if report.covers_too_little() { red() } else { Style::new() };
    let _ = writeln!(out, "{}  {}", painted(BOLD, "coverage"), painted(style, &percent));
    for sequence in coverage::sequences(coverage) {
        let _ = writeln!(out, "  {}", clean(sequence.as_str()));
        for kind in coverage::kinds(coverage, sequence) {
            let missing = if kind.missing.is_empty() { "" } else { "  missing:" };
            let line = format!("    {:<12} {:>3} of {:<3}{missing}", kind.name, kind.seen, kind.all);
            let _ = writeln!(out, "{}", line.trim_end());
            let wide =
                kind.missing.iter().map(|(spot, _)| clean(&spot.name).chars().count()).max().unwrap_or(0).min(36);
            for (spot, seen) in kind.missing {
                let name = clean(&spot.name);
                wrapped(
                    &mut out,
                    &format!("{}  {}", painted(red(), &format!("{name:<wide$}")), place(&seen.origin)),
                    6,
                    8,
                );
            }
        }
    }
    let (seen, never) = coverage::reasons(coverage);
    if !coverage.skips.is_empty() {
        let _ = writeln!(out, "  {:<14} {seen:>3} of {}", "skip reasons", coverage.skips.len());
        if !never.is_empty() {
            wrapped(&mut out, &format!("never: {}", never.join(", ")), 6, 8);
        }
    }
    out
}

// --- lines ----------------------------------------------------------------------------------------------------------------

fn wrapped(out: &mut String, text: &str, first: usize, rest: usize) {
    for part in wrap(text, WIDTH - first, rest - first) {
        let _ = writeln!(out, "{}{part}", " ".repeat(first));
    }
}

/// Breaks between words, and inside those that are longer than a line. Further lines are indented by `hang`.
fn wrap(text: &str, width: usize, hang: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for (number, word) in text.split(' ').enumerate() {
        let long = shown(word);
        let gap = usize::from(number > 0);
        if used + gap + long <= width {
            if gap > 0 {
                push(&mut lines, " ");
            }
            push(&mut lines, word);
            used += gap + long;
            continue;
        }
        if used > hang {
            lines.push(" ".repeat(hang));
            used = hang;
        }
        let mut rest = word;
        while used + shown(rest) > width {
            let at = rest.char_indices().nth(width - used).map_or(rest.len(), |(at, _)| at);
            push(&mut lines, &rest[..at]);
            rest = &rest[at..];
            lines.push(" ".repeat(hang));
            used = hang;
        }
        push(&mut lines, rest);
        used += shown(rest);
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

fn push(lines: &mut [String], part: &str) {
    if let Some(last) = lines.last_mut() {
        last.push_str(part);
    }
}

/// Columns that a word takes; colours take none.
fn shown(word: &str) -> usize {
    if word.contains('\u{1b}') { plain(word).chars().count() } else { word.chars().count() }
}
