//! What the daemon's books say against what a mail server really got: every breach of the promise, in words. Must not know
//! how a story is played.
use crate::{daemon::Home, sink::Mail};
use std::collections::{BTreeMap, BTreeSet};

/// One line of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) who: String,
    pub(crate) step: String,
    /// `sent`, `unknown`, `skipped`, …; `open` while it is not closed.
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
        assert_eq!(judge(|_, books| drop(books.lines.pop())), Vec::<String>::new(), "what never fell due after the goal");
    }

    #[test]
    fn every_breach_is_told() {
        let one = |what: &str, found: Vec<String>| assert_eq!(found.len(), 1, "{what}: {found:?}");
        one("another key for the same mail", judge(|mails, _| mails.push(Mail { to: "b".into(), ..mail("x", "first") })));
        one("a repeated key", judge(|mails, _| mails[3].send_key = mails[0].send_key.clone()));
        one("sent and never seen", judge(|mails, _| drop(mails.remove(0))));
        one("seen and never written", judge(|mails, _| mails.push(mail("d", "first"))));
        one("seen although cancelled", judge(|mails, _| mails.push(mail("c", "second"))));
        one("still open", judge(|_, books| books.lines[2].outcome = "open".into()));
        one("failed", judge(|_, books| books.lines[3].outcome = "failed".into()));
        one("no reason", judge(|_, books| books.lines[5].reason.clear()));
        one("authorised too late", judge(|_, books| books.lines[4].authorised_at = Some(21)));
        one("a step twice", judge(|_, books| books.lines.push(line("a", "second", "sent"))));
        one("a run twice", judge(|_, books| books.runs.push(run("a", "completed"))));
        one("no run", judge(|_, books| drop(books.runs.remove(1))));
        one("a run that did not end", judge(|_, books| books.runs[1].end = None));
        one("lost at the end", judge(|_, books| drop(books.lines.remove(3))));
        one("the goal did not end it", judge(|_, books| (books.runs[2].end, books.lines[5].reason) = (None, "cap".into())));
    }
}

impl Books {
    pub(crate) fn read(home: &Home) -> Self {
        let db = rusqlite::Connection::open(&home.database).unwrap();
        let mut lines = db.prepare("SELECT c.email, n.text, o.status, o.reason, o.authorised_at FROM outcome o JOIN enrolment e ON e.id = o.enrolment_id JOIN contact c ON c.id = e.contact_id JOIN name n ON n.id = o.step_id ORDER BY o.id").unwrap();
        let lines = lines.query_map([], |row| Ok(Line {
            who: row.get(0)?, step: row.get(1)?,
            outcome: ["open", "sent", "skipped", "failed", "cancelled", "unknown"][row.get::<_, i64>(2)? as usize].to_owned(),
            reason: format!("reason {}", row.get::<_, i64>(3)?), authorised_at: row.get(4)?,
        })).unwrap().map(Result::unwrap).collect();
        let mut runs = db.prepare("SELECT c.email, e.ended_as, e.ended_at FROM enrolment e JOIN contact c ON c.id = e.contact_id").unwrap();
        let runs = runs.query_map([], |row| Ok(Run {
            who: row.get(0)?, end: row.get::<_, Option<i64>>(1)?.map(|end| ["completed", "converted", "stopped"][end as usize].to_owned()), ended_at: row.get(2)?,
        })).unwrap().map(Result::unwrap).collect();
        Self { lines, runs }
    }
}
