//! The shell around the real turn: a compiled project, the memory store, and channels that answer as told.
use super::*;
use crate::{
    compile::{self, Settings},
    diag::{Sink, SourceMap},
    engine::{MemoryStore, Note, Store, Told, turn},
    id::EventKind,
    journey::{Fail, Outcome},
    record::{Identity, IdentityKind, News, Who},
    runner::{RunnerHandle, Setup, start},
};
use tokio::sync::broadcast::Receiver;

const PROJECT: &str = r#"
project: practice
zone: Europe/Berlin
locales: [en]
clinics:
  main: { name: Example Practice, address: "1 Example Street, Berlin" }
contact: { merge_by: [email] }
events:
  lead.created: { fields: { page: text } }
sources:
  own: { provider: events, secret: EVENTS_SECRET }
channels:
  email: { provider: smtp, url: SMTP_URL, from: "Practice <hello@example.org>" }
policies:
  preferred: [email]
"#;

const WELCOME: &str = r#"
sequence: welcome
title: A first hello
category: custom
purpose: transactional
reentry: always
steps:
  - id: hello
    send: { subject: "Hello {{ contact.first_name | default('there') }}", text: "We are here." }
"#;

const TRIGGER: &str = "trigger: new_lead\nevent: lead.created\nenroll: welcome\n";

fn plan() -> Plan {
    let (mut sources, mut sink) = (SourceMap::default(), Sink::new());
    sources.insert("dripline.yaml", PROJECT);
    sources.insert("sequences/welcome.yaml", WELCOME);
    sources.insert("triggers/new_lead.yaml", TRIGGER);
    let documents = compile::read_all(&sources, &mut sink);
    let settings =
        Settings { env: None, version: "0.1.0", year: 2027, now: crate::calendar::Instant(1_790_000_000_000) };
    let made = compile::compile(&documents, &sources, &compile::Fixtures::new(), &settings, sink);
    made.plan.unwrap_or_else(|| panic!("{:#?}", made.findings))
}

/// Saturday, 14 November 2026, noon in UTC.
const NOON: i64 = 1_794_657_600_000;

fn lead(number: usize) -> Delivery {
    let email = Identity::new(IdentityKind::Email, format!("lead{number}@example.com"));
    let who = Who { identities: vec![email], ..Who::default() };
    let (kind, at) = (EventKind::new("lead.created"), Instant(NOON));
    let (data, contact) = (BTreeMap::new(), BTreeMap::new());
    let news = News { kind, at, who: Some(who), booking: None, data, contact };
    let dedupe = DedupeKey::new(format!("lead-{number}"));
    Delivery { source: SourceName::new("own"), dedupe, parsed: Parsed::News(vec![news]), ..delivery() }
}

fn run(store: MemoryStore, channels: Registry) -> (RunnerHandle, Arc<StillClock>) {
    let clock = StillClock::at(NOON);
    let loaded = Arc::new(Loaded::new(Arc::new(plan()), store.key()));
    let (limits, actor) = (Limits { people: 10 }, "ana".to_owned());
    let setup = Setup { store, loaded, channels, clock: clock.clone(), limits, actor, checkpoint: None };
    (start(setup).unwrap(), clock)
}

fn outcomes(notes: &mut Receiver<Note>) -> Vec<Outcome> {
    let mut found = Vec::new();
    while let Ok(note) = notes.try_recv() {
        if let Told::Outcome { outcome, .. } = note.told {
            found.push(outcome);
        }
    }
    found
}

#[tokio::test]
async fn a_delivery_becomes_a_mail_and_its_outcome_is_recorded() {
    let (runner, _) = run(MemoryStore::new(), registry(2, |_| Box::pin(async { accepted() })));
    let mut notes = runner.subscribe();
    for number in 0..25 {
        assert!(matches!(runner.deliver(lead(number)).await, Ok(Done::Accepted(who)) if who.len() == 1));
    }
    assert_eq!(runner.deliver(lead(3)).await, Ok(Done::Seen));
    runner.until_idle().await.unwrap();
    assert_eq!(outcomes(&mut notes), vec![Outcome::Sent; 25]);
    assert!(runner.stats().gauges.in_flight.values().all(|flying| *flying == 0));
    runner.stop().await;
}

#[tokio::test]
async fn failures_are_tried_again_at_their_time_until_there_were_enough() {
    let (runner, clock) = run(MemoryStore::new(), registry(1, |_| Box::pin(async { retryable() })));
    let mut notes = runner.subscribe();
    runner.deliver(lead(1)).await.unwrap();
    runner.until_idle().await.unwrap();
    assert_eq!(outcomes(&mut notes), []);
    while let Some(wake) = runner.stats().gauges.next_wake {
        assert!(wake > clock.now(), "not before its time");
        clock.set(wake.0);
        runner.wake();
        runner.until_idle().await.unwrap();
    }
    let ended = outcomes(&mut notes);
    assert!(matches!(&ended[..], [Outcome::Failed(Fail::Attempts(_))]), "{ended:?}");
    runner.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_listed_as_unknown_and_never_repeated() {
    let (runner, clock) = run(MemoryStore::new(), registry(1, |_| Box::pin(async { Receipt::Unknown })));
    let mut notes = runner.subscribe();
    runner.deliver(lead(1)).await.unwrap();
    runner.until_idle().await.unwrap();
    assert_eq!(outcomes(&mut notes), [Outcome::Unknown]);
    clock.set(NOON + 86_400_000);
    runner.wake();
    runner.until_idle().await.unwrap();
    assert_eq!(runner.counters().attempts.load(std::sync::atomic::Ordering::SeqCst), 1);
    runner.stop().await;
}

#[tokio::test]
async fn what_was_under_way_when_the_process_died_is_unknown_at_once_and_not_sent_again() {
    let mut store = MemoryStore::new();
    let loaded = Loaded::new(Arc::new(plan()), store.key());
    let world = World { epoch: store.begin_epoch().unwrap(), slots: [(email(), 2)].into(), ..World::default() };
    let work = (0..3).map(|number| Work::Delivered(lead(number))).collect();
    let effects = turn(&mut store, &loaded, &world, work, Limits::default(), Instant(NOON)).unwrap();
    assert_eq!(effects.effects.len(), 2, "the third waits for a slot");
    // the process dies here, after the commit: nobody knows whether the two mails left
    drop(effects);

    let (runner, _) = run(store, registry(2, |_| Box::pin(async { accepted() })));
    let counter = |name| runner.stats().counters.into_iter().find(|(known, _)| *known == name).unwrap().1;
    assert_eq!(counter("unknown"), 2, "known before anything is sent");
    runner.until_idle().await.unwrap();
    assert_eq!(["unknown", "attempts", "accepted"].map(counter), [2, 1, 1]);
    runner.stop().await;
}
