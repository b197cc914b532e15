//! The door of the real daemon: the runner takes work in, the database says whose link a token is.
use super::{Busy, Door, Figure, FigureKind, Later, Opened, Reachable};
use crate::{
    calendar::Instant,
    engine::{Done, Key, LinkRow},
    id::{ContactId, SendId},
    journey::Order,
    record::{Contact, Delivery},
    runner::{Clock, Refused, RunnerHandle},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Reads one contact, on the thread that asks.
pub(crate) type Lookup = Arc<dyn Fn(ContactId) -> Result<Option<Contact>, String> + Send + Sync>;

/// Reads one counted link, on the thread that asks.
pub(crate) type LinkLookup = Arc<dyn Fn(SendId, u16) -> Result<Option<LinkRow>, String> + Send + Sync>;

pub(crate) struct Daemon {
    pub(crate) runner: RunnerHandle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key: Key,
    pub(crate) contact: Lookup,
    pub(crate) link: LinkLookup,
    /// The files do not compile, or need a decision: the daemon works with an older plan.
    pub(crate) outdated: Arc<AtomicBool>,
}

impl Door for Daemon {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<Done, Busy>> {
        Box::pin(async move { self.runner.deliver(delivery).await.map_err(|refused| busy(&refused)) })
    }

    fn order(&self, contact: ContactId, order: Order) -> Later<'_, Result<(), Busy>> {
        Box::pin(async move { self.runner.order(contact, order).await.map(|_| ()).map_err(|refused| busy(&refused)) })
    }

    fn open_link<'a>(&'a self, token: &'a str) -> Later<'a, Result<Option<Reachable>, Busy>> {
        Box::pin(async move {
            let Some(contact) = self.key.open_unsubscribe(token) else { return Ok(None) };
            let read = self.contact.clone();
            let found = tokio::task::spawn_blocking(move || read(contact)).await;
            let found = found.map_err(|ended| Busy(ended.to_string()))?.map_err(Busy)?;
            Ok(found.map(|person| Reachable { contact, locale: person.locale, clinic: person.clinic }))
        })
    }

    fn open_click<'a>(&'a self, token: &'a str) -> Later<'a, Result<Option<Opened>, Busy>> {
        Box::pin(async move {
            let Some((send, number)) = self.key.open_click(token) else { return Ok(None) };
            let read = self.link.clone();
            let found = tokio::task::spawn_blocking(move || read(send, number)).await;
            let found = found.map_err(|ended| Busy(ended.to_string()))?.map_err(Busy)?;
            Ok(found.map(|row| Opened {
                contact: row.contact,
                name: format!("{}-{}", row.send, row.number),
                url: row.url,
                channel: row.channel,
                sequence: row.sequence,
                step: row.step,
            }))
        })
    }

    fn ready(&self) -> Result<(), String> {
        let gauges = self.runner.stats().gauges;
        if gauges.store_broken { Err("the database takes no writes".to_owned()) } else { Ok(()) }
    }

    fn figures(&self) -> Vec<Figure> {
        let stats = self.runner.stats();
        let mut figures: Vec<Figure> =
            stats.counters.into_iter().filter_map(|(name, value)| counter(name, value)).collect();
        let now = stats.gauges;
        let labelled = |label: &'static str, rows: Vec<(String, f64)>| {
            rows.into_iter().map(|(text, value)| (vec![(label, text)], value)).collect::<Vec<_>>()
        };
        let in_flight = now.in_flight.iter().map(|(channel, count)| (channel.to_string(), f64::from(*count))).collect();
        let open = now.breakers_open.iter().map(|channel| (channel.to_string(), 1.0)).collect();
        let one = |value: f64| vec![(Vec::new(), value)];
        let flag = |set: bool| one(f64::from(u8::from(set)));
        let next = now.next_wake.map_or(Vec::new(), |at| one(at.0 as f64 / 1_000.0));
        let gauges = [
            ("plan_version", "Number of the plan that runs.", one(f64::from(now.plan_version))),
            (
                "plan_outdated",
                "1 while the files cannot become the plan that runs.",
                flag(self.outdated.load(Ordering::Relaxed)),
            ),
            ("queue_items", "Orders and answers that wait for the writer.", one(now.queued as f64)),
            ("attempts_in_flight", "Attempts under way, by channel.", labelled("channel", in_flight)),
            ("breakers_open", "Channels that are left alone because they keep failing.", labelled("channel", open)),
            ("next_due_timestamp_seconds", "When something falls due next; missing when nothing waits.", next),
            ("people_poisoned", "People left out because every turn with them fails.", one(now.poisoned_people as f64)),
            ("answers_unrecorded", "Answers of channels that could not be written yet.", one(now.unrecorded as f64)),
            ("store_broken", "1 while the database takes no writes.", flag(now.store_broken)),
        ];
        let gauges = gauges.map(|(name, help, rows)| Figure { name, help, kind: FigureKind::Gauge, rows });
        figures.extend(gauges);
        figures
    }
}

fn busy(refused: &Refused) -> Busy {
    Busy(refused.to_string())
}

/// The runner's own name for a number, and the one that the world sees.
const COUNTERS: &[(&str, &str, &str)] = &[
    ("commits", "commits_total", "Transactions that were committed."),
    ("deliveries", "deliveries_total", "Deliveries that were worked on."),
    ("orders", "orders_total", "Orders of people and links."),
    ("receipts", "receipts_total", "Answers of channels."),
    ("ticks", "ticks_total", "Looks at what is due."),
    ("people_due", "people_due_total", "People whose due work was decided."),
    ("attempts", "attempts_total", "Attempts handed to a channel."),
    ("accepted", "attempts_accepted_total", "Attempts that a provider accepted."),
    ("refused", "attempts_refused_total", "Attempts that failed for good."),
    ("retryable", "attempts_retryable_total", "Attempts that failed and are tried again."),
    ("unknown", "attempts_unknown_total", "Attempts whose answer was lost."),
    ("panics", "channel_panics_total", "Channels that failed in a way they must not."),
    ("breakers_opened", "breakers_opened_total", "Times a channel was left alone because it kept failing."),
    ("rollbacks", "rollbacks_total", "Transactions that were rolled back and replayed one by one."),
    (
        "circles",
        "circles_stopped_total",
        "Times that what followed from one event was stopped, for it went round without end.",
    ),
    ("poisoned", "poisoned_total", "Single pieces of work at which a turn failed."),
];

fn counter(name: &str, value: u64) -> Option<Figure> {
    let (_, name, help) = COUNTERS.iter().find(|(known, ..)| *known == name)?;
    Some(Figure { name, help, kind: FigureKind::Counter, rows: vec![(Vec::new(), value as f64)] })
}
