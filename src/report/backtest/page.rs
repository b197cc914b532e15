//! The page of a backtest: what its template shows, ready to be written.
use super::{
    Backtested, answer, change_words, fate_rows, heard, label, lost, name, not_understood, people_words, spot,
    totals_row, unsent_rows, words,
};
use crate::{
    calendar::Instant,
    report::{
        audience::moment,
        diff,
        page::{Head, document},
        timeline,
    },
    simulate::{
        audience::grouped,
        backtest::{Change, Moved, Pair, Sent},
    },
};
use serde::Serialize;

#[derive(Serialize)]
struct View {
    heading: String,
    sentence: String,
    against: String,
    warnings: Vec<String>,
    notes: Vec<String>,
    kpis: Vec<(String, String)>,
    totals: Vec<[String; 5]>,
    sum: [String; 3],
    events: Vec<[String; 4]>,
    unsent: Vec<[String; 4]>,
    differences: String,
    people: Vec<Person>,
    hidden: usize,
}

#[derive(Serialize)]
struct Person {
    name: String,
    summary: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    /// Icon, and what it says.
    mark: &'static str,
    words: String,
    same: bool,
    before: Option<Side>,
    after: Option<Side>,
    text: Vec<(char, String)>,
}

/// Cells of one version, each with whether it differs.
#[derive(Serialize)]
struct Side {
    time: (String, bool),
    channel: (String, bool),
    name: String,
    subject: (String, bool),
}

/// # Errors
/// A template that does not fill is a fault of ours.
pub(crate) fn html(of: &Backtested<'_>, command: &str, made: Instant) -> Result<String, minijinja::Error> {
    let head = Head {
        title: format!("Backtest: {}", answer(of)),
        verb: "backtest",
        command: command.to_owned(),
        made: format!("{} {}", moment(of.zone, made), of.zone.name()),
    };
    document("backtest.html", &head, view(of))
}

fn view(of: &Backtested<'_>) -> View {
    let told = of.difference;
    let (before, after) = told.messages();
    let row = |total| {
        let (sequence, channel) = spot(total);
        let [before, after, by] = totals_row(total.before, total.after);
        [sequence, channel, before, after, by]
    };
    let lost = lost(of).into_iter().map(|line| format!("Not played: {line}."));
    let warnings = lost.chain(not_understood(of).into_iter().map(|line| sentence(&line)));
    View {
        heading: answer(of),
        sentence: format!("{}. Played on {}.", heard(of), of.until()),
        against: of.against.to_owned(),
        warnings: warnings.collect(),
        notes: of.notes.iter().map(|note| format!("{}.", sentence(note))).collect(),
        kpis: vec![
            (grouped(before), format!("messages at {}", of.against)),
            (grouped(after), "messages now".to_owned()),
            (grouped(told.people.len() as u64), "people whose messages differ".to_owned()),
            (grouped(told.reached as u64), "people who got any".to_owned()),
            (grouped(told.same), "messages the same".to_owned()),
        ],
        totals: told.totals.iter().map(row).collect(),
        sum: totals_row(before, after),
        events: fate_rows(of),
        unsent: unsent_rows(of),
        differences: format!("{}; {}", sentence(&people_words(of)), change_words(told)),
        people: of.shown().map(|moved| person(moved, of)).collect(),
        hidden: of.hidden(),
    }
}

/// With a capital letter at its start.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn person(moved: &Moved, of: &Backtested<'_>) -> Person {
    let differ = moved.pairs.iter().filter(|pair| !pair.changes.is_empty()).count();
    Person {
        name: label(moved),
        summary: format!("{differ} of {} differ", moved.pairs.len()),
        rows: moved.pairs.iter().map(|pair| row(pair, of)).collect(),
    }
}

fn row(pair: &Pair, of: &Backtested<'_>) -> Row {
    let has = |change: Change| pair.changes.contains(&change);
    let subject = |sent: &Sent| timeline::cut(&timeline::plain(sent.subject.as_ref().unwrap_or(&sent.text)), 80);
    let both = pair.before.as_ref().zip(pair.after.as_ref());
    let renamed = both.is_some_and(|(before, after)| subject(before) != subject(after));
    let side = |sent: &Sent| Side {
        time: (moment(of.zone, sent.at), has(Change::Moved) || pair.before.is_none() || pair.after.is_none()),
        channel: (sent.channel.to_string(), has(Change::Channel)),
        name: name(sent),
        subject: (subject(sent), renamed),
    };
    let mark = match pair.changes.first() {
        None => "s-sent",
        Some(Change::OnlyBefore) => "s-cancelled",
        Some(Change::OnlyAfter) => "enter",
        Some(Change::Moved) => "s-waiting",
        Some(Change::Channel | Change::Text) => "info",
    };
    let texts = both.filter(|_| has(Change::Text));
    let lines = texts.map(|(before, after)| diff::changed(&written(before), &written(after))).unwrap_or_default();
    Row {
        mark,
        words: words(pair),
        same: pair.changes.is_empty(),
        before: pair.before.as_ref().map(side),
        after: pair.after.as_ref().map(side),
        text: lines.into_iter().map(|(sign, line)| (sign, timeline::plain(&line))).collect(),
    }
}

/// Subject and text as lines, for a comparison.
fn written(sent: &Sent) -> String {
    let subject = sent.subject.iter().map(|subject| format!("Subject: {subject}\n"));
    subject.chain([sent.text.to_string()]).collect()
}
