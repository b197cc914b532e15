//! A timeline at a glance: a column for each day, a dot for each message at its hour.
use crate::{
    calendar::{CivilDate, Instant, Span, Zone},
    report::timeline as words,
    simulate::{Detail, Entry, Kind, Timeline, Word},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// More days than fit: then only those on which something is.
const MOST: usize = 31;
/// Hours that are always seen.
const FROM: i8 = 7;
const PAST: i8 = 20;
/// Of the drawing, in the units of the page: room for the hours, the top and the bottom of the days.
const LEFT: f64 = 9.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 178.0;
/// Room for the number below a dot.
const BELOW: f64 = 20.0;

#[derive(Serialize)]
pub(super) struct Glance {
    title: String,
    /// First and last day.
    from_to: String,
    said: String,
    days: Vec<Column>,
    hours: Vec<(String, f64)>,
    dots: Vec<Dot>,
    /// From where to where something was moved.
    moves: Vec<[f64; 4]>,
    entry: (f64, f64),
    /// Class and word.
    legend: Vec<(&'static str, &'static str)>,
    hollow: bool,
}

#[derive(Serialize)]
struct Column {
    x: f64,
    width: f64,
    middle: f64,
    weekday: String,
    day: String,
    /// Something is on it.
    busy: bool,
}

#[derive(Serialize)]
struct Dot {
    x: f64,
    y: f64,
    class: &'static str,
    /// Numbers of all that stand there.
    label: String,
    /// Skipped, or not the moment at which it goes.
    hollow: bool,
    said: String,
}

/// Numbers of the entries that are steps, in their order; the page shows them beside the names, too.
pub(super) fn numbers(of: &Timeline) -> Vec<Option<usize>> {
    let mut last = 0;
    let number = |entry: &Entry| {
        entry.step.as_ref().map(|_| {
            last += 1;
            last
        })
    };
    of.entries.iter().map(number).collect()
}

/// Nothing where no step is.
pub(super) fn of(timeline: &Timeline) -> Option<Glance> {
    let zone = &timeline.zone;
    let steps: Vec<(usize, &Entry, &Detail)> = numbers(timeline)
        .into_iter()
        .zip(timeline.entries.iter().zip(&timeline.details))
        .filter_map(|(number, (entry, detail))| Some((number?, entry, detail)))
        .collect();
    let last = steps.iter().map(|(_, entry, _)| entry.at).max()?;
    let moments = || {
        let moved = steps.iter().flat_map(|(_, _, detail)| detail.moved.iter().map(|moved| moved.from));
        steps.iter().map(|(_, entry, _)| entry.at).chain(moved).chain([timeline.start])
    };
    let grid = Grid::over(zone, timeline.start, last, moments());
    let mut dots = Vec::new();
    let mut moves = Vec::new();
    let mut media: BTreeSet<(&'static str, &'static str)> = BTreeSet::new();
    for (number, entry, detail) in &steps {
        let (class, word) = medium(detail);
        let goes = entry.word == Word::Sent;
        if goes {
            media.insert((class, word));
        }
        let (x, y) = grid.at(entry.at);
        for moved in &detail.moved {
            let (from_x, from_y) = grid.at(moved.from);
            let said = format!("{number} was planned for {}", words::day(zone, moved.from));
            dots.push(Dot { x: from_x, y: from_y, class: "k-card", label: String::new(), hollow: true, said });
            moves.push([from_x, from_y, x, y]);
        }
        let name = entry.step.as_deref().unwrap_or_default();
        let said =
            format!("{number} {} {} {}", words::plain(name), words::day(zone, entry.at), zone.time_of_day(entry.at));
        let class = if goes { class } else { "k-card" };
        // of several at one moment the first stands for all
        match dots.iter_mut().find(|dot: &&mut Dot| (dot.x, dot.y) == (x, y) && !dot.label.is_empty()) {
            Some(dot) => {
                dot.label.push_str(&format!(", {number}"));
                dot.said.push_str(&format!("; {said}"));
            }
            None => dots.push(Dot { x, y, class, label: number.to_string(), hollow: !goes, said }),
        }
    }
    let busy: BTreeSet<CivilDate> = steps.iter().map(|(_, entry, _)| zone.date(entry.at)).collect();
    let hollow = dots.iter().any(|dot| dot.hollow);
    Some(Glance {
        title: grid.title(),
        from_to: format!("{} to {}", words::day(zone, timeline.start), words::day(zone, last)),
        said: dots.iter().map(|dot| dot.said.clone()).collect::<Vec<_>>().join("; "),
        days: grid.columns(&busy),
        hours: grid.hours(),
        dots,
        moves,
        entry: grid.at(timeline.start),
        legend: media.into_iter().collect(),
        hollow,
    })
}

/// Colour and word of what a step sends.
fn medium(detail: &Detail) -> (&'static str, &'static str) {
    match detail.message.as_ref().map(|message| message.kind) {
        Some(Kind::Email) => ("k-email", "e-mail"),
        Some(Kind::Sms) => ("k-sms", "SMS"),
        Some(Kind::Whatsapp) => ("k-whatsapp", "WhatsApp"),
        Some(Kind::Instagram) => ("k-instagram", "Instagram"),
        Some(Kind::Letter) => ("k-letter", "letter"),
        Some(Kind::Chat) => ("k-link", "chat"),
        Some(Kind::Task | Kind::Notice | Kind::Webhook) | None => ("k-base2", "no message to the person"),
    }
}

/// Days beside each other, hours below each other.
struct Grid<'a> {
    zone: &'a Zone,
    days: Vec<CivilDate>,
    /// All days from the first to the last.
    whole: bool,
    from: i8,
    past: i8,
}

impl<'a> Grid<'a> {
    fn over(zone: &'a Zone, start: Instant, last: Instant, moments: impl Iterator<Item = Instant>) -> Self {
        let moments: Vec<Instant> = moments.collect();
        let first = moments.iter().map(|at| zone.date(*at)).min().unwrap_or_else(|| zone.date(start));
        let end = zone.date(last);
        let span = first.0.until(end.0).map_or(0, |span| span.get_days());
        let whole = usize::try_from(span).is_ok_and(|span| span < MOST);
        let days: Vec<CivilDate> = if whole {
            (0..=span).map(|day| first.plus(Span::days(day.unsigned_abs()))).collect()
        } else {
            moments.iter().map(|at| zone.date(*at)).collect::<BTreeSet<_>>().into_iter().take(MOST).collect()
        };
        let hour = |at: &Instant| zone.civil(*at).hour();
        let from = moments.iter().map(hour).min().unwrap_or(FROM).min(FROM);
        let past = moments.iter().map(|at| hour(at) + 1).max().unwrap_or(PAST).max(PAST);
        Self { zone, days, whole, from, past }
    }

    fn width(&self) -> f64 {
        (100.0 - LEFT) / count(self.days.len())
    }

    fn middle(&self, day: usize) -> f64 {
        rounded(LEFT + (count(day) + 0.5) * self.width())
    }

    fn height(&self, hours: f64) -> f64 {
        let (from, past) = (f64::from(self.from), f64::from(self.past));
        rounded(TOP + 8.0 + (hours - from) / (past - from) * (BOTTOM - BELOW - TOP - 8.0))
    }

    fn at(&self, at: Instant) -> (f64, f64) {
        let date = self.zone.date(at);
        let day = self.days.iter().position(|day| *day >= date).unwrap_or(self.days.len().saturating_sub(1));
        let civil = self.zone.civil(at);
        (self.middle(day), self.height(f64::from(civil.hour()) + f64::from(civil.minute()) / 60.0))
    }

    fn columns(&self, busy: &BTreeSet<CivilDate>) -> Vec<Column> {
        let column = |(at, date): (usize, &CivilDate)| Column {
            x: rounded(LEFT + count(at) * self.width() + 0.12),
            width: rounded(self.width() - 0.24),
            middle: self.middle(at),
            weekday: date.0.strftime("%a").to_string().chars().take(1).collect(),
            // days that do not follow each other need their months
            day: date.0.strftime(if self.whole { "%-d" } else { "%-d/%-m" }).to_string(),
            busy: busy.contains(date),
        };
        self.days.iter().enumerate().map(column).collect()
    }

    fn hours(&self) -> Vec<(String, f64)> {
        let shown = |hour: &i8| *hour >= self.from && *hour <= self.past;
        [0, 4, 9, 14, 19, 23]
            .into_iter()
            .filter(shown)
            .map(|hour| (format!("{hour:02}:00"), self.height(f64::from(hour))))
            .collect()
    }

    fn title(&self) -> String {
        match (self.days.len(), self.whole) {
            (1, _) => "The day at a glance".to_owned(),
            (days, true) => format!("{days} days at a glance"),
            (days, false) => format!("At a glance: the {days} days on which something is"),
        }
    }
}

fn count(number: usize) -> f64 {
    f64::from(u16::try_from(number).unwrap_or(u16::MAX))
}

/// Two places are enough for a page.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
