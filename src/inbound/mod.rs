//! Provider bytes to verified, normalised deliveries; one file per provider. Knows no store and no clock.
//!
//! A request is verified over its raw bytes before anything reads it. What is signed but not understood is kept, never
//! thrown away; what is not signed leaves nothing.
mod calcom;
mod events;
mod payload;
mod rejected;
pub(crate) mod signature;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use rejected::Rejected;

use crate::{
    calendar::{Instant, Zone},
    id::{self, DedupeKey, SourceName},
    plan::{Plan, Source, SourceProvider},
    record::{Delivery, Parsed},
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Arc};

/// Largest body that is taken.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// Names and values of the headers that sign a body.
pub(crate) type Signed = Vec<(&'static str, String)>;

/// How the requests of one kind of source are read.
struct Provider {
    verify: fn(&[&str], &Headers, &[u8], Instant) -> bool,
    read: fn(&Given) -> Result<Delivery, Rejected>,
    /// Headers that `sign` makes for a body, with the id and moment that the scheme wants.
    sign: fn(&str, &str, Instant, &[u8]) -> Option<Signed>,
}

/// The one place that knows which providers there are.
fn provider(of: SourceProvider) -> Option<Provider> {
    match of {
        SourceProvider::Calcom => Some(Provider { verify: calcom::verify, read: calcom::read, sign: calcom::sign }),
        SourceProvider::Events => Some(Provider { verify: events::verify, read: events::read, sign: events::sign }),
        SourceProvider::Chatwoot => None,
    }
}

/// Whether this version understands requests of that kind.
pub(crate) fn understands(of: SourceProvider) -> bool {
    provider(of).is_some()
}

/// One request to a known source.
struct Given<'a> {
    plan: &'a Plan,
    name: &'a SourceName,
    source: &'a Source,
    headers: &'a Headers,
    raw: &'a [u8],
    received_at: Instant,
}

/// Headers of a request; names in any case, the first of several with one name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Headers(BTreeMap<String, String>);

impl Headers {
    pub(crate) fn new<N: AsRef<str>, V: AsRef<str>>(headers: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut map = BTreeMap::new();
        for (name, value) in headers {
            map.entry(name.as_ref().to_ascii_lowercase()).or_insert_with(|| value.as_ref().trim().to_owned());
        }
        Self(map)
    }

    /// Value of a header; the name in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// Verifies a request and says what it told. `secrets` are the texts behind the source's secret, the newest first;
/// `received_at` is now.
pub(crate) fn receive<S: AsRef<str>>(
    plan: &Plan,
    source: &SourceName,
    headers: &Headers,
    raw: &[u8],
    secrets: &[S],
    received_at: Instant,
) -> Result<Delivery, Rejected> {
    let given = given(plan, source, headers, raw, received_at)?;
    let secrets: Vec<&str> = secrets.iter().map(AsRef::as_ref).collect();
    let provider = provider(given.source.provider).ok_or(Rejected::UnknownSource)?;
    if !(provider.verify)(&secrets, headers, raw, received_at) {
        return Err(Rejected::Unauthorised);
    }
    (provider.read)(&given)
}

/// The same without a signature: for bodies that were verified before, when they were recorded.
pub(crate) fn receive_trusted(
    plan: &Plan,
    source: &SourceName,
    headers: &Headers,
    raw: &[u8],
    received_at: Instant,
) -> Result<Delivery, Rejected> {
    let given = given(plan, source, headers, raw, received_at)?;
    let provider = provider(given.source.provider).ok_or(Rejected::UnknownSource)?;
    (provider.read)(&given)
}

/// Headers with which a client signs a body for this kind of source; `None` when the secret is none for the scheme.
/// `id` is used by schemes that name each request.
pub(crate) fn sign(of: SourceProvider, secret: &str, id: &str, at: Instant, body: &[u8]) -> Option<Signed> {
    (provider(of)?.sign)(secret, id, at, body)
}

fn given<'a>(
    plan: &'a Plan,
    name: &'a SourceName,
    headers: &'a Headers,
    raw: &'a [u8],
    received_at: Instant,
) -> Result<Given<'a>, Rejected> {
    let source = plan.sources.get(name).ok_or(Rejected::UnknownSource)?;
    if raw.len() > MAX_BODY {
        return Err(Rejected::TooLarge);
    }
    Ok(Given { plan, name, source, headers, raw, received_at })
}

impl Given<'_> {
    /// Where people of this source are, unless they say otherwise: the zone of the source's clinic, else the project's.
    fn zone(&self) -> &Zone {
        let clinic = self.plan.clinics.iter().find(|clinic| Some(&clinic.id) == self.source.clinic.as_ref());
        clinic.and_then(|clinic| clinic.zone.as_ref()).unwrap_or(&self.plan.zone)
    }

    fn delivery(&self, dedupe: String, parsed: Parsed, remarks: Vec<String>) -> Delivery {
        Delivery {
            source: self.name.clone(),
            dedupe: DedupeKey::from(dedupe),
            received_at: self.received_at,
            raw: Arc::from(self.raw),
            parsed,
            remarks,
        }
    }

    /// A delivery that nothing but its own bytes identifies.
    fn opaque(&self, parsed: Parsed) -> Delivery {
        self.delivery(format!("body|{}", digest(self.raw)), parsed, Vec::new())
    }
}

/// SHA-256 in hexadecimal.
fn digest(bytes: &[u8]) -> String {
    id::hex(&Sha256::digest(bytes))
}
