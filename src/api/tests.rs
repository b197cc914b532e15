//! Requests over a real socket against a door that writes down what passes through it.
mod clicks;
mod hooks;
mod unsubscribe;

use super::{Api, Busy, Door, Figure, FigureKind, Later, Opened, Reachable, Served, serve};
use crate::{
    calendar::Instant,
    engine::{Done, Key},
    id::{ContactId, DedupeKey, SourceName},
    inbound::tests::fixtures,
    journey::Order,
    record::{Delivery, Parsed},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// What passed, in words.
#[derive(Default)]
pub(super) struct Passed {
    known: BTreeSet<(SourceName, DedupeKey)>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) orders: Vec<(ContactId, Order)>,
}

pub(super) struct TestDoor {
    now: Instant,
    locale: &'static str,
    broken: bool,
    passed: Arc<Mutex<Passed>>,
}

fn key() -> Key {
    Key([7; 32])
}

impl Door for TestDoor {
    fn now(&self) -> Instant {
        self.now
    }

    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<Done, Busy>> {
        Box::pin(async move {
            if self.broken {
                return Err(Busy("the disk is full".to_owned()));
            }
            let mut passed = self.passed.lock().unwrap();
            if !passed.known.insert((delivery.source.clone(), delivery.dedupe.clone())) {
                return Ok(Done::Seen);
            }
            let done = match delivery.parsed {
                Parsed::News(_) => Done::Accepted(vec![ContactId(1)]),
                Parsed::Ignored(_) => Done::Ignored,
                Parsed::Quarantined(_) => Done::Quarantined,
            };
            passed.deliveries.push(delivery);
            Ok(done)
        })
    }

    fn order(&self, contact: ContactId, order: Order) -> Later<'_, Result<(), Busy>> {
        Box::pin(async move {
            if self.broken {
                return Err(Busy("the disk is full".to_owned()));
            }
            self.passed.lock().unwrap().orders.push((contact, order));
            Ok(())
        })
    }

    fn open_link<'a>(&'a self, token: &'a str) -> Later<'a, Result<Option<Reachable>, Busy>> {
        let contact = key().open_unsubscribe(token);
        let locale = Some(Arc::from(self.locale));
        Box::pin(async move { Ok(contact.map(|contact| Reachable { contact, locale, clinic: None })) })
    }

    fn open_click<'a>(&'a self, token: &'a str) -> Later<'a, Result<Option<Opened>, Busy>> {
        let opened = key().open_click(token).map(|(send, number)| Opened {
            contact: ContactId(42),
            name: format!("{send}-{number}"),
            url: Arc::from(clicks::URL),
            channel: Some("email".into()),
            sequence: Some("welcome".into()),
            step: "hello".into(),
        });
        Box::pin(async move { Ok(opened) })
    }

    fn ready(&self) -> Result<(), String> {
        if self.broken { Err("the disk is full".to_owned()) } else { Ok(()) }
    }

    fn figures(&self) -> Vec<Figure> {
        let rows = vec![(vec![("channel", "e\"mail\\\n".to_owned())], 3.0)];
        vec![Figure { name: "sends_total", help: "Sends.", kind: FigureKind::Counter, rows }]
    }
}

/// A daemon's outside on a free port.
pub(super) struct Outside {
    pub(super) url: String,
    pub(super) passed: Arc<Mutex<Passed>>,
    pub(super) api: Api,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

pub(super) struct Setting {
    pub(super) locale: &'static str,
    pub(super) broken: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self { locale: "en", broken: false }
    }
}

pub(super) async fn open(setting: Setting) -> Outside {
    let passed = Arc::<Mutex<Passed>>::default();
    let now = fixtures::at("2026-11-27T09:00:00Z");
    let door = TestDoor { now, locale: setting.locale, broken: setting.broken, passed: passed.clone() };
    let secrets = BTreeMap::from([
        (SourceName::new("cal"), vec![fixtures::SECRET.to_owned()]),
        (SourceName::new("own"), vec![fixtures::EVENTS_SECRET.to_owned()]),
    ]);
    let api = Api::new(Arc::new(door), Served { plan: Arc::new(fixtures::plan()), secrets });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = api.clone();
    let served = tokio::spawn(async move {
        serve(serving, listener, async {
            let _ = stopped.await;
        })
        .await;
    });
    Outside { url, passed, api, stop, served }
}

/// Whatever proxy the machine has: the daemon is on this one.
pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Outside {
    /// Stops, and waits until everything that was begun has ended.
    pub(super) async fn close(self) {
        let _ = self.stop.send(());
        self.served.await.unwrap();
    }

    pub(super) async fn get(&self, path: &str) -> (u16, String) {
        let answer = client().get(format!("{}{path}", self.url)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub(super) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> (u16, String) {
        let mut request = client().post(format!("{}{path}", self.url)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}
