//! What the daemon's books say against what a mail server really got: every breach of the promise, in words. Must not know
//! how a story is played.
use crate::{lives::Home, sink::Mail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One line of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) who: String,
    pub(crate) step: String,
    /// `sent`, `unknown`, `skipped`, …, or the state in which it still is.
    pub(crate) outcome: String,
    pub(crate) reason: String,
    /// Milliseconds since 1970.
    pub(crate) authorised_at: Option<i64>,
}

/// One enrolment and its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    pub(crate) who: String,
    /// `completed`, `converted`, …; nothing while it is active.
    pub(crate) end: Option<String>,
    pub(crate) ended_at: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Books {
    pub(crate) lines: Vec<Line>,
    pub(crate) runs: Vec<Run>,
}

/// What happened outside.
#[derive(Clone, Copy)]
pub(crate) struct Story<'a> {
    /// Everybody who was taken in.
    pub(crate) people: &'a BTreeSet<String>,
    /// Steps in their order; the subject of a mail is the name of its step.
    pub(crate) steps: &'a [&'a str],
    pub(crate) mails: &'a [Mail],
    /// Who has an appointment, and when at the latest that was written.
    pub(crate) booked: &'a BTreeMap<String, i64>,
}

impl Books {
    /// As `dripline why` tells them of everybody.
    pub(crate) fn read(home: &Home, people: &BTreeSet<String>) -> Self {
        let mut books = Self::default();
        for who in people {
            let told = home.json(&["why", who]);
            for run in list(&told["runs"]) {
                let ended = &run["phase"]["ended"];
                let (end, ended_at) = (ended["how"].as_str().map(str::to_owned), moment(&ended["at"]));
                books.runs.push(Run { who: who.clone(), end, ended_at });
                books.lines.extend(list(&run["steps"]).iter().map(|line| Line::read(who, line)));
            }
        }
        books
    }

    pub(crate) fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for line in &self.lines {
            *counts.entry(line.outcome.as_str()).or_insert(0) += 1;
        }
        counts
    }

    fn of<'a>(&'a self, who: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.who == who)
    }
}

impl Line {
    fn read(who: &str, line: &Value) -> Self {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let authorised_at = moment(&line["authorised"]);
        Self { who: who.to_owned(), step: text("step"), outcome: text("state"), reason: text("reason"), authorised_at }
    }
}

fn list(of: &Value) -> &[Value] {
    of.as_array().map_or(&[], Vec::as_slice)
}

fn moment(of: &Value) -> Option<i64> {
    of.as_str().map(|text| text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// Everything in which books and mails do not fit together, or the promise was not kept.
pub(crate) fn breaches(story: &Story<'_>, books: &Books) -> Vec<String> {
    let mut found = repeated(story.mails);
    let known: BTreeSet<(&str, &str)> =
        books.lines.iter().map(|line| (line.who.as_str(), line.step.as_str())).collect();
    if known.len() != books.lines.len() {
        found.push("a step stands in the ledger twice".to_owned());
    }
    for mail in story.mails {
        if !known.contains(&(mail.to.as_str(), mail.subject.as_str())) {
            found.push(format!("{} got {}, of which the ledger knows nothing", mail.to, mail.subject));
        }
    }
    found.extend(books.lines.iter().filter_map(|line| disagrees(story, line)));
    for who in story.people {
        let runs: Vec<&Run> = books.runs.iter().filter(|run| run.who == *who).collect();
        match runs.as_slice() {
            [run] => found.extend(of_person(story, books, run)),
            _ => found.push(format!("{who} has {} runs", runs.len())),
        }
    }
    found
}

fn repeated(mails: &[Mail]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for mail in mails {
        let keys = [
            format!("send {}", mail.send_key),
            format!("message {}", mail.message_id),
            format!("{} of {}", mail.subject, mail.to),
        ];
        if mail.send_key.is_empty() || mail.message_id.is_empty() {
            found.push(format!("a mail to {} has no key", mail.to));
        }
        found.extend(keys.into_iter().filter(|key| !seen.insert(key.clone())).map(|key| format!("{key} came twice")));
    }
    found
}

/// A line against what arrived.
fn disagrees(story: &Story<'_>, line: &Line) -> Option<String> {
    let arrived = story.mails.iter().any(|mail| mail.to == line.who && mail.subject == line.step);
    let fits = match line.outcome.as_str() {
        "sent" => arrived,
        "unknown" => true,
        "skipped" | "cancelled" => !arrived && !line.reason.is_empty(),
        _ => false,
    };
    let Line { who, step, outcome, reason, .. } = line;
    let what = if arrived { "arrived" } else { "did not arrive" };
    (!fits).then(|| format!("{step} of {who} {what} and is recorded as {outcome} {reason}"))
}

/// Every step of a person is accounted for, and nothing was authorised after the goal.
fn of_person(story: &Story<'_>, books: &Books, run: &Run) -> Vec<String> {
    let who = run.who.as_str();
    let mut found = Vec::new();
    let end = run.end.as_deref();
    let by = story.booked.get(who);
    if end != Some(if by.is_some() { "converted" } else { "completed" })
        // the appointment may have come when all mails were out
        && !(by.is_some() && end == Some("completed") && books.of(who).count() == story.steps.len())
    {
        found.push(format!("the run of {who} ended as {end:?}"));
    }
    let steps: BTreeSet<&str> = books.of(who).map(|line| line.step.as_str()).collect();
    let missing: Vec<&&str> = story.steps.iter().filter(|step| !steps.contains(**step)).collect();
    if !missing.is_empty() && end != Some("converted") {
        found.push(format!("{missing:?} of {who} never fell due"));
    }
    // the ones that fell due are the first ones
    if story.steps.iter().take(steps.len()).any(|step| !steps.contains(step)) {
        found.push(format!("{who} left a step out: {steps:?}"));
    }
    if let (Some(by), Some(ended)) = (by, run.ended_at) {
        if end == Some("converted") && ended > *by {
            found.push(format!("the run of {who} ended after the appointment was acknowledged"));
        }
        for late in books.of(who).filter(|line| line.authorised_at.is_some_and(|at| at > ended.min(*by))) {
            found.push(format!("{} of {who} was authorised after the appointment", late.step));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [&str; 2] = ["first", "second"];

    fn mail(to: &str, step: &str) -> Mail {
        let send_key = format!("{to}-{step}");
        Mail { to: to.to_owned(), message_id: format!("<{send_key}>"), send_key, subject: step.to_owned() }
    }

    fn line(who: &str, step: &str, outcome: &str) -> Line {
        let reason = if outcome == "cancelled" { "converted" } else { "" };
        let authorised_at = (outcome != "cancelled").then_some(10);
        Line { who: who.into(), step: step.into(), outcome: outcome.into(), reason: reason.into(), authorised_at }
    }

    fn run(who: &str, end: &str) -> Run {
        Run { who: who.into(), end: Some(end.into()), ended_at: Some(20) }
    }

    fn good() -> (Vec<Mail>, Books) {
        let mails = vec![mail("a", "first"), mail("a", "second"), mail("b", "first"), mail("c", "first")];
        let lines = vec![
            line("a", "first", "sent"),
            line("a", "second", "sent"),
            line("b", "first", "unknown"),
            line("b", "second", "unknown"),
            line("c", "first", "sent"),
            line("c", "second", "cancelled"),
        ];
        let runs = vec![run("a", "completed"), run("b", "completed"), run("c", "converted")];
        (mails, Books { lines, runs })
    }

    fn judge(spoil: impl FnOnce(&mut Vec<Mail>, &mut Books)) -> Vec<String> {
        let (mut mails, mut books) = good();
        spoil(&mut mails, &mut books);
        let people = ["a", "b", "c"].map(str::to_owned).into();
        let booked = [("c".to_owned(), 30)].into();
        breaches(&Story { people: &people, steps: &STEPS, mails: &mails, booked: &booked }, &books)
    }

    #[test]
    fn what_fits_is_no_breach() {
        assert_eq!(judge(|_, _| {}), Vec::<String>::new());
        assert_eq!(
            judge(|_, books| drop(books.lines.pop())),
            Vec::<String>::new(),
            "what never fell due after the goal"
        );
    }

    #[test]
    fn every_breach_is_told() {
        let one = |what: &str, found: Vec<String>| assert_eq!(found.len(), 1, "{what}: {found:?}");
        one(
            "another key for the same mail",
            judge(|mails, _| mails.push(Mail { to: "b".into(), ..mail("x", "first") })),
        );
        one("a repeated key", judge(|mails, _| mails[3].send_key = mails[0].send_key.clone()));
        one("sent and never seen", judge(|mails, _| drop(mails.remove(0))));
        one("seen and never written", judge(|mails, _| mails.push(mail("d", "first"))));
        one("seen although cancelled", judge(|mails, _| mails.push(mail("c", "second"))));
        one("still open", judge(|_, books| books.lines[2].outcome = "ready".into()));
        one("failed", judge(|_, books| books.lines[3].outcome = "failed".into()));
        one("no reason", judge(|_, books| books.lines[5].reason.clear()));
        one("authorised too late", judge(|_, books| books.lines[4].authorised_at = Some(21)));
        one("a step twice", judge(|_, books| books.lines.push(line("a", "second", "sent"))));
        one("a run twice", judge(|_, books| books.runs.push(run("a", "completed"))));
        one("no run", judge(|_, books| drop(books.runs.remove(1))));
        one("a run that did not end", judge(|_, books| books.runs[1].end = None));
        one("lost at the end", judge(|_, books| drop(books.lines.remove(3))));
        one(
            "the goal did not end it",
            judge(|_, books| (books.runs[2].end, books.lines[5].reason) = (None, "cap".into())),
        );
    }
}
