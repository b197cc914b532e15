//! Whom an audience consists of: people who are known, or invented ones by declared shares. Decides nothing about them.
use super::chance::{Chance, WHOLE};
use crate::{
    calendar::{Instant, Zone},
    engine::Kept,
    id::{ChannelName, ContactId, FieldName, SendId},
    journey::Person,
    plan::Plan,
    record::{ConsentEntry, ConsentState, Contact, Identity, IdentityKind, Purpose, Touch},
    value::Value,
};
use std::sync::Arc;

const DAY_MS: i64 = 24 * 3_600_000;
/// Invented people were met so long before the start.
const KNOWN_FOR_DAYS: i64 = 90;

/// An audience.
#[derive(Clone, Debug)]
pub(crate) enum People {
    Known(Vec<Known>),
    Invented(Invented),
}

/// Somebody as a file or a database has them.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) contact: Contact,
    pub(crate) identities: Vec<Identity>,
    pub(crate) consents: Vec<ConsentEntry>,
    /// What was said and sent before, where that is known.
    pub(crate) touch: Touch,
}

impl Known {
    /// Somebody of a database: nothing of what was sent before may be taken for something that is sent now.
    pub(crate) fn stored(contact: Contact, identities: Vec<Identity>, mut touch: Touch) -> Self {
        for sent in &mut touch.recent {
            sent.send = SendId(-sent.send.0);
        }
        Self { contact, identities, consents: Vec::new(), touch }
    }

    /// As a store takes them in, under this number.
    pub(crate) fn person(self, id: ContactId) -> (Person, Kept) {
        let Self { contact, identities, consents, touch } = self;
        let mut person = Person { touch: touch.into(), ..Person::new(Contact { id, ..contact }) };
        for entry in &consents {
            person.touch.permits.fold(entry);
        }
        person.identities = identities.clone().into();
        (person, Kept { is_new: true, contact: true, touch: true, identities, consents, ..Kept::default() })
    }
}

/// People by shares: the number and the seed say who they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invented {
    pub(crate) count: usize,
    pub(crate) zones: Vec<(Zone, u32)>,
    /// Who agreed to everything, in millionths; the others said nothing.
    pub(crate) consent: Option<u32>,
    /// Who has such an address, in millionths; everybody where nothing is said.
    pub(crate) has: Vec<(Reach, u32)>,
    pub(crate) fields: Vec<(FieldName, Trait)>,
}

/// Ways to reach somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    Email,
    Phone,
    Instagram,
    Chatwoot,
    Address,
}

/// What a field of invented people holds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Trait {
    Always(Value),
    OneOf(Vec<(Value, u32)>),
    /// Whole numbers, both included.
    Between(i64, i64),
    /// A moment, or a date, so many days before the start.
    DaysAgo {
        from: i64,
        to: i64,
        date: bool,
    },
}

impl Reach {
    pub(crate) const ALL: [Self; 5] = [Self::Email, Self::Phone, Self::Instagram, Self::Chatwoot, Self::Address];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Instagram => "instagram",
            Self::Chatwoot => "chatwoot",
            Self::Address => "address",
        }
    }
}

impl People {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Known(known) => known.len(),
            Self::Invented(invented) => invented.count,
        }
    }

    /// The person of this number, from 1, before the story begins.
    pub(super) fn person(&self, plan: &Plan, id: ContactId, chance: Chance, start: Instant) -> (Person, Kept) {
        let at = usize::try_from(id.0).unwrap_or(0).saturating_sub(1);
        let known = match self {
            Self::Known(known) => known.get(at).cloned(),
            Self::Invented(invented) => Some(invented.person(plan, id, chance.number(id.0 as u64), start)),
        };
        match known {
            Some(known) => known.person(id),
            None => (Person::new(Contact::new(id, start)), Kept { is_new: true, contact: true, ..Kept::default() }),
        }
    }
}

impl Invented {
    fn person(&self, plan: &Plan, id: ContactId, chance: Chance, start: Instant) -> Known {
        let known_since = start.plus_ms(-KNOWN_FOR_DAYS * DAY_MS);
        let mut contact = Contact::new(id, known_since);
        let mut set = |name: &str, value: Value| contact.set(&FieldName::new(name), value);
        let zone = chance.name("zone").pick(&self.zones);
        if let Some(zone) = zone {
            set("zone", Value::text(zone.name()));
        }
        let american = zone.unwrap_or(&plan.zone).name().starts_with("America/");
        let has = |reach: Reach| {
            let share = self.has.iter().find(|(known, _)| *known == reach).map_or(WHOLE, |(_, share)| *share);
            chance.name(reach.name()).share() < share
        };
        set("first_name", Value::text("Ana"));
        set("last_name", Value::text(format!("Example {id}")));
        if has(Reach::Email) {
            set("email", Value::text(format!("person{id}@example.com")));
        }
        if has(Reach::Phone) {
            set("phone", Value::text(phone(id, american)));
        }
        if has(Reach::Address) {
            set("address", Value::text(format!("{id} Example Street")));
        }
        for (field, of) in &self.fields {
            set(field.as_str(), of.value(chance.name("field").name(field.as_str()), start, &plan.zone));
        }
        let mut identities: Vec<Identity> = contact.email.as_deref().and_then(Identity::email).into_iter().collect();
        identities.extend(contact.phone.as_deref().and_then(Identity::phone));
        for (reach, kind) in [(Reach::Instagram, IdentityKind::Instagram), (Reach::Chatwoot, IdentityKind::Chatwoot)] {
            if has(reach) {
                identities.push(Identity::new(kind, format!("person-{id}")));
            }
        }
        let agreed = chance.name("consent").share() < self.consent.unwrap_or(WHOLE);
        let consents = if agreed { everything(known_since) } else { Vec::new() };
        Known { contact, identities, consents, touch: Touch::default() }
    }
}

/// Somebody who agreed to everything on every channel.
pub(super) fn everything(at: Instant) -> Vec<ConsentEntry> {
    let purposes = [Purpose::Marketing, Purpose::Service];
    purposes.into_iter().map(|purpose| consent(None, Some(purpose), ConsentState::Confirmed, at)).collect()
}

pub(super) fn consent(
    channel: Option<ChannelName>,
    purpose: Option<Purpose>,
    state: ConsentState,
    at: Instant,
) -> ConsentEntry {
    ConsentEntry {
        channel,
        purpose,
        state,
        basis: Arc::from("import"),
        text_version: None,
        source: None,
        actor: Arc::from("simulation"),
        at,
    }
}

/// Of the numbers that stand for nobody: 555-01xx in North America, a made-up block elsewhere. No two people share one.
fn phone(id: ContactId, american: bool) -> String {
    let number = id.0.max(0);
    if american {
        let (area, line, more) = (201 + number / 100 % 790, number % 100, number / 79_000 % 98);
        format!("+1{area}555{:04}", 100 + line + more * 100)
    } else {
        format!("+491555{:07}", number % 10_000_000)
    }
}

impl Trait {
    fn value(&self, chance: Chance, start: Instant, zone: &Zone) -> Value {
        match self {
            Self::Always(value) => value.clone(),
            Self::OneOf(values) => chance.pick(values).cloned().unwrap_or_default(),
            Self::Between(from, to) => Value::Int(from + chance.below((to - from).max(0) as u64 + 1) as i64),
            Self::DaysAgo { from, to, date } => {
                let span = (to - from).max(0).saturating_mul(DAY_MS) as u64 + 1;
                let at = start.plus_ms(-(from * DAY_MS) - chance.below(span) as i64);
                if *date { Value::Date(zone.date(at)) } else { Value::Time(at) }
            }
        }
    }
}
