//! What came of suites, for people (two columns), for programs (JSON), for CI servers (JUnit, annotations) and as an HTML
//! document. Runs nothing and finds nothing itself; must not know files or arguments.
pub(crate) mod accept;
mod coverage;
mod github;
mod graph;
mod html;
mod json;
mod junit;
mod text;
mod words;

pub(crate) use coverage::percent;
pub(crate) use github::{github, summary_page};
pub(crate) use html::html;
pub(crate) use json::json;
pub(crate) use junit::junit;
pub(crate) use text::{summary, text};

use crate::simulate::suite::{Case, Coverage, Ran};

/// Version of the JSON form.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What the forms tell of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) ran: &'a [Ran],
    /// Every line of every story.
    pub(crate) trace: bool,
    /// A line for each scenario that passed, however many there are.
    pub(crate) each: bool,
    pub(crate) coverage: Asked,
    /// Path from the repository's root to the project, with `/` at its end: what shows failures beside a change knows
    /// the repository's paths only.
    pub(crate) prefix: &'a str,
}

/// What was asked about coverage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Asked {
    /// The table with everything that is missing.
    pub(crate) table: bool,
    /// Per cent that are enough.
    pub(crate) least: Option<u8>,
}

/// Scenarios and cases of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Count {
    pub(crate) scenarios: usize,
    pub(crate) failed: usize,
    pub(crate) cases: usize,
    pub(crate) failed_cases: usize,
}

impl Report<'_> {
    pub(crate) fn count(&self) -> Count {
        let mut count = Count::default();
        for (_, _, cases) in self.scenarios() {
            let failed = cases.iter().filter(|case| !case.passed()).count();
            count.scenarios += 1;
            count.failed += usize::from(failed > 0);
            count.cases += cases.len();
            count.failed_cases += failed;
        }
        count
    }

    /// Each scenario with its cases, in the order of the files.
    fn scenarios(&self) -> impl Iterator<Item = (&Ran, usize, Vec<&Case>)> {
        self.ran.iter().flat_map(|ran| {
            (0..ran.suite.scenarios.len()).filter_map(move |index| {
                let cases: Vec<&Case> = ran.cases.iter().filter(|case| case.scenario == index).collect();
                (!cases.is_empty()).then_some((ran, index, cases))
            })
        })
    }

    fn failing(&self) -> impl Iterator<Item = (&Ran, &Case)> {
        self.ran.iter().flat_map(|ran| ran.cases.iter().filter(|case| !case.passed()).map(move |case| (ran, case)))
    }

    /// What all suites together have seen.
    pub(crate) fn coverage(&self) -> Coverage {
        let mut all = Coverage::default();
        for ran in self.ran {
            all.join(&ran.coverage);
        }
        all
    }

    /// Less was seen than was asked for.
    pub(crate) fn covers_too_little(&self) -> bool {
        let seen = percent(&self.coverage());
        self.coverage.least.is_some_and(|least| seen.is_some_and(|seen| seen < u32::from(least)))
    }
}

/// Name of the scenario, and which of its cases where there are several.
pub(crate) fn title(ran: &Ran, case: &Case) -> String {
    let name = ran.suite.scenarios.get(case.scenario).map_or("", |scenario| &*scenario.name);
    match &case.variation {
        Some(variation) => format!("{} [{}]", words::clean(name), words::clean(variation)),
        None => words::clean(name),
    }
}

/// Characters of a name that a pattern needs.
const PATTERN: usize = 80;

/// The command that runs a scenario alone. It searches names by a pattern, so signs that mean something there are escaped,
/// what does not show is any sign, and it is held at both ends where another name of the suite contains this one.
fn rerun(ran: &Ran, case: &Case) -> String {
    let name = ran.suite.scenarios.get(case.scenario).map_or("", |scenario| &*scenario.name);
    let part: String = name.chars().take(PATTERN).collect();
    let mut pattern = String::new();
    for c in part.chars() {
        match c {
            c if words::hides(c) => pattern.push('.'),
            c if r"\.+*?()|[]{}^$".contains(c) => pattern.extend(['\\', c]),
            c => pattern.push(c),
        }
    }
    if ran.suite.scenarios.iter().filter(|scenario| scenario.name.contains(&part)).count() > 1 {
        pattern = format!("^{pattern}{}", if part.len() == name.len() { "$" } else { "" });
    }
    format!("dripline test {} --run {}", argument(&ran.suite.origin.file), argument(&pattern))
}

/// A word of a shell's command line, in quotes where it needs some.
pub(crate) fn argument(text: &str) -> String {
    let text: String = text.chars().map(|c| if words::hides(c) { '\u{fffd}' } else { c }).collect();
    let bare = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | ',' | ':');
    if !text.is_empty() && text.chars().all(bare) {
        return text;
    }
    if text.contains(['$', '`', '"', '\\', '!']) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    format!("\"{text}\"")
}

#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod tests;
