//! What names mean at one place of the project: the compiler's answer to [`expr::Scope`](crate::expr::Scope).
//!
//! [`Base`] holds what is the same everywhere and is made once; a [`View`] adds what one place can see. Reports nothing.
use super::names::{Names, Sort};
use crate::{
    document::{
        Literal, Project, Text,
        lookup::{Lookup, Returned},
        project::{Field, FieldType},
    },
    expr::{NameKind, Scope, Unknown, part_of},
    record::{self, BookingStatus, Guarantee},
    value::{Type, Value},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Type of a part, and whether it always has a value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Slot {
    pub(crate) of: Type,
    pub(crate) always: bool,
}

pub(crate) type Slots = BTreeMap<Arc<str>, Slot>;

fn slot(of: Type, always: bool) -> Slot {
    Slot { of, always }
}

/// Whether something can be named at a place, and whether it is there each time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Presence {
    No,
    Maybe,
    Always,
}

/// What is the same at every place.
#[derive(Debug)]
pub(crate) struct Base<'a> {
    pub(crate) names: &'a Names,
    pub(crate) contact: Slots,
    pub(crate) booking: Slots,
    clinic: Slots,
    run: Slots,
    vars: Slots,
    /// Placeholders of texts.
    placeholders: Slots,
    events: BTreeMap<String, Slots>,
    /// What look-ups answer, and the address that they ask.
    pub(crate) lookups: BTreeMap<String, (Type, Option<Text>)>,
    /// Fields of contacts that not every program may see.
    pub(crate) sensitive: BTreeSet<String>,
    /// What `offer` has, for each offer.
    pub(crate) offers: BTreeMap<String, Arc<Slots>>,
    /// Kinds of bookings that the sources name.
    pub(crate) kinds: BTreeSet<Arc<str>>,
}

/// The events that `event` can be at one place, merged.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct EventView {
    pub(crate) fields: Slots,
    pub(crate) booking: Presence,
    /// Events that could not be read may be among them.
    pub(crate) open: bool,
}

/// What can be named at one place.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    pub(crate) base: &'a Base<'a>,
    pub(crate) event: Option<Arc<EventView>>,
    pub(crate) booking: Presence,
    pub(crate) run: bool,
    /// `event` is the one that started the run, which has to be kept with it.
    pub(crate) starter: bool,
    /// The offer that is bound here.
    pub(crate) offer: Option<Arc<Slots>>,
    /// A text for people, with its placeholders.
    pub(crate) text: bool,
    /// Answers of look-ups, by their names here.
    pub(crate) aliases: Arc<BTreeMap<Arc<str>, Type>>,
}

impl<'a> Base<'a> {
    pub(super) fn new(project: &Project, names: &'a Names) -> Self {
        let kinds: BTreeSet<Arc<str>> =
            project.sources.iter().flat_map(|source| &source.kinds).map(|(kind, _)| Arc::from(kind.as_str())).collect();
        let contact = contact(project);
        let booking = booking(project, &contact, &kinds);
        Self {
            names,
            lookups: project.lookups.iter().map(lookup).collect(),
            sensitive: project
                .fields
                .iter()
                .filter(|field| field.sensitive.is_some())
                .map(|field| field.name.to_string())
                .collect(),
            booking,
            clinic: clinic(project),
            run: run(),
            vars: vars(project),
            placeholders: placeholders(project),
            events: events(project),
            offers: BTreeMap::new(),
            kinds,
            contact,
        }
    }

    /// Every text has a value of that name.
    pub(crate) fn is_placeholder(&self, name: &str) -> bool {
        self.placeholders.contains_key(name)
    }

    pub(crate) fn event(&self, name: &str) -> Option<&Slots> {
        self.events.get(name)
    }

    /// What `event` is where any of these events can be it: known when one of them has it, certain when all have.
    pub(crate) fn events<'e>(&self, names: impl IntoIterator<Item = &'e str>, open: bool) -> EventView {
        let mut merged: Option<EventView> = None;
        for name in names {
            let fields = self.events.get(name).cloned().unwrap_or_default();
            let booking = match name {
                name if record::carries_booking(name) => Presence::Always,
                // a run about a booking hands it on
                name if name.starts_with("sequence.") => Presence::Maybe,
                _ => Presence::No,
            };
            let open = open || !self.events.contains_key(name);
            merged = Some(match merged {
                None => EventView { fields, booking, open },
                Some(before) => before.or(fields, booking, open),
            });
        }
        merged.unwrap_or(EventView { fields: Slots::new(), booking: Presence::No, open })
    }

    /// What `event` is in runs that these events can have begun, or nothing did: then it has no parts, and a booking only
    /// where the trigger counts from one.
    pub(crate) fn begun<'e>(
        &self,
        names: impl IntoIterator<Item = &'e str>,
        bare: bool,
        bare_booking: bool,
        open: bool,
    ) -> EventView {
        let mut names = names.into_iter().peekable();
        let none = names.peek().is_none();
        let view = self.events(names, open);
        let mut all = Vec::new();
        if bare {
            all.push(Presence::No);
        }
        if bare_booking {
            all.push(Presence::Always);
        }
        if none && !all.is_empty() {
            let booking = all.iter().copied().reduce(|a, b| if a == b { a } else { Presence::Maybe });
            return EventView { booking: booking.unwrap_or(Presence::No), ..view };
        }
        all.into_iter().fold(view, |view, booking| view.or(Slots::new(), booking, open))
    }

    /// A place that knows a contact and nothing else.
    pub(crate) fn view(&'a self) -> View<'a> {
        View {
            base: self,
            event: None,
            booking: Presence::No,
            run: false,
            starter: false,
            offer: None,
            text: false,
            aliases: Arc::default(),
        }
    }
}

impl EventView {
    fn or(mut self, other: Slots, booking: Presence, open: bool) -> Self {
        for (name, mine) in &mut self.fields {
            match other.get(name) {
                Some(theirs) => {
                    mine.always &= theirs.always;
                    if mine.of != theirs.of {
                        mine.of = Type::Any;
                    }
                }
                None => mine.always = false,
            }
        }
        for (name, theirs) in other {
            self.fields.entry(name).or_insert(Slot { always: false, ..theirs });
        }
        self.booking = match (self.booking, booking) {
            (Presence::Always, Presence::Always) => Presence::Always,
            (Presence::No, Presence::No) => Presence::No,
            _ => Presence::Maybe,
        };
        self.open |= open;
        self
    }
}

impl View<'_> {
    pub(crate) fn with_event(mut self, event: &Arc<EventView>) -> Self {
        self.event = Some(event.clone());
        self
    }
    pub(crate) fn as_text(&self) -> Self {
        Self { text: true, ..self.clone() }
    }

    /// What a text can name beside fields.
    pub(crate) fn placeholder_names(&self) -> Vec<String> {
        self.base.placeholders.keys().map(ToString::to_string).collect()
    }

    fn roots(&self) -> Vec<String> {
        let mut roots = vec!["contact", "clinic", "vars"];
        if self.event.is_some() {
            roots.push("event");
        }
        if self.booking != Presence::No {
            roots.push("booking");
        }
        if self.run {
            roots.push("run");
        }
        if self.offer.is_some() {
            roots.push("offer");
        }
        let mut roots: Vec<String> = roots.into_iter().map(str::to_owned).collect();
        roots.extend(self.aliases.keys().map(ToString::to_string));
        if self.text {
            roots.extend(self.base.placeholders.keys().map(ToString::to_string));
        }
        roots
    }

    /// The parts of a root, where it is known here.
    fn parts(&self, root: &str) -> Option<&Slots> {
        match root {
            "contact" => Some(&self.base.contact),
            "clinic" => Some(&self.base.clinic),
            "vars" => Some(&self.base.vars),
            "run" if self.run => Some(&self.base.run),
            "offer" => self.offer.as_deref(),
            "booking" if self.booking != Presence::No => Some(&self.base.booking),
            "event" => self.event.as_ref().map(|event| &event.fields),
            _ => None,
        }
    }

    /// Parts that this place cannot know of may exist all the same.
    fn is_open(&self, root: &str) -> bool {
        match root {
            "event" => self.event.as_ref().is_some_and(|event| event.open),
            "contact" | "booking" | "vars" | "clinic" => self.base.names.open,
            _ => false,
        }
    }

    /// Whether it depends on the project alone what is there.
    fn is_of_project(&self, root: &str) -> bool {
        matches!(root, "clinic" | "vars") || (self.text && self.base.placeholders.contains_key(root))
    }

    fn has_event_booking(&self) -> Presence {
        self.event.as_ref().map_or(Presence::No, |event| event.booking)
    }
}

impl Scope for View<'_> {
    fn resolve(&self, path: &[&str]) -> Result<Type, Unknown> {
        let Some((root, rest)) = path.split_first() else {
            return Err(Unknown { at: 0, candidates: self.roots(), no_parts: None });
        };
        if let (true, Some(placeholder)) = (self.text, self.base.placeholders.get(*root)) {
            return part_of(&placeholder.of, path, 1);
        }
        if let Some(answer) = self.aliases.get(*root) {
            return part_of(answer, path, 1);
        }
        let Some(parts) = self.parts(root) else {
            if *root == "booking" && self.event.as_ref().is_some_and(|event| event.open) {
                return Ok(Type::Any);
            }
            return Err(Unknown { at: 0, candidates: self.roots(), no_parts: None });
        };
        let Some(first) = rest.first() else {
            return Ok(Type::Record(parts.iter().map(|(name, slot)| (name.clone(), slot.of.clone())).collect()));
        };
        if *root == "event" && *first == "booking" && self.has_event_booking() != Presence::No {
            return within(&self.base.booking, path, 2, self.base.names.open);
        }
        within(parts, path, 1, self.is_open(root)).map_err(|mut unknown| {
            if *root == "event" && unknown.at == 1 && self.has_event_booking() != Presence::No {
                unknown.candidates.push("booking".to_owned());
            }
            unknown
        })
    }

    fn nullable(&self, path: &[&str]) -> bool {
        let always = |slots: &Slots, rest: &[&str]| match rest {
            [] => true,
            [name] => slots.get(*name).is_some_and(|slot| slot.always),
            _ => false,
        };
        if self.base.names.open && path.first().is_some_and(|root| self.is_of_project(root)) {
            return false;
        }
        match path {
            [] => true,
            // a list of nothing is empty; everything else may be missing
            [root, rest @ ..] if self.aliases.contains_key(*root) => {
                let answer = self.aliases.get(*root).map_or(Err(()), |answer| part_of(answer, path, 1).map_err(drop));
                !(rest.is_empty() || matches!(answer, Ok(Type::List(_))))
            }
            [root, rest @ ..] if self.text && self.base.placeholders.contains_key(*root) => {
                !(rest.is_empty() && always(&self.base.placeholders, &[root]))
            }
            ["event", "booking", rest @ ..] if self.has_event_booking() != Presence::No => {
                !(self.has_event_booking() == Presence::Always && always(&self.base.booking, rest))
            }
            ["booking", rest @ ..] => !(self.booking == Presence::Always && always(&self.base.booking, rest)),
            [root, rest @ ..] => self.parts(root).is_none_or(|parts| !always(parts, rest)),
        }
    }

    fn names(&self, kind: NameKind) -> Option<Vec<String>> {
        let names = self.base.names;
        let all = |sort: Sort| Some(names.all(sort).map(str::to_owned).collect());
        match kind {
            NameKind::Sequence => all(Sort::Sequence),
            NameKind::Campaign => all(Sort::Campaign),
            NameKind::Segment => all(Sort::Segment),
            NameKind::Event if !names.open => all(Sort::Event),
            NameKind::Clinic if !names.open && names.all(Sort::Clinic).next().is_some() => all(Sort::Clinic),
            NameKind::BookingKind if !names.open && !self.base.kinds.is_empty() => {
                Some(self.base.kinds.iter().map(ToString::to_string).collect())
            }
            NameKind::BookingStatus => Some(STATUSES.iter().map(|status| status.name().to_owned()).collect()),
            _ => None,
        }
    }

    fn knows(&self, kind: NameKind, name: &str) -> Option<bool> {
        let names = self.base.names;
        match kind {
            NameKind::Sequence => Some(names.has(Sort::Sequence, name)),
            NameKind::Campaign => Some(names.has(Sort::Campaign, name)),
            NameKind::Segment => Some(names.has(Sort::Segment, name)),
            NameKind::Event if !names.open => Some(names.has(Sort::Event, name)),
            _ => self.names(kind).map(|names| names.iter().any(|known| known == name)),
        }
    }

    fn event_fields(&self, event: &str) -> Option<BTreeMap<Arc<str>, Type>> {
        if self.base.names.open {
            return None;
        }
        let fields = self.base.events.get(event)?;
        Some(fields.iter().map(|(name, slot)| (name.clone(), slot.of.clone())).collect())
    }
}

/// Type of `path[at..]` inside `parts`.
fn within(parts: &Slots, path: &[&str], at: usize, open: bool) -> Result<Type, Unknown> {
    let Some(name) = path.get(at) else {
        return Ok(Type::Record(parts.iter().map(|(name, slot)| (name.clone(), slot.of.clone())).collect()));
    };
    match parts.get(*name) {
        Some(slot) => part_of(&slot.of, path, at + 1),
        None if open => Ok(Type::Any),
        None => {
            let candidates = parts.keys().map(ToString::to_string).collect();
            Err(Unknown { at, candidates, no_parts: None })
        }
    }
}

// ---- tables ----

/// What `offer` has. A code that everybody has of their own is made when it is first written to them, so that texts have
/// it always and conditions perhaps.
pub(super) fn offer(offer: Option<&crate::document::Offer>) -> Slots {
    let has = |part: fn(&crate::document::Offer) -> bool| offer.is_none_or(part);
    [
        ("code", slot(Type::Text, true)),
        ("title", slot(Type::Text, true)),
        ("details", slot(Type::Text, has(|offer| offer.details.is_some()))),
        ("valid_until", slot(Type::Time, has(|offer| offer.until.is_some()))),
    ]
    .into_iter()
    .map(|(name, slot)| (Arc::from(name), slot))
    .collect()
}

const STATUSES: [BookingStatus; 6] = [
    BookingStatus::Requested,
    BookingStatus::Accepted,
    BookingStatus::Cancelled,
    BookingStatus::Rejected,
    BookingStatus::NoShow,
    BookingStatus::Ended,
];

/// What a look-up answers.
fn lookup(lookup: &Lookup) -> (String, (Type, Option<Text>)) {
    let one = |of: Option<FieldType>| of.and_then(simple).unwrap_or(Type::Any);
    let field = |returned: &Returned| match returned {
        Returned::One(of) => one(*of),
        Returned::List(parts) => {
            let parts = parts.iter().map(|(name, of)| (Arc::from(name.as_str()), one(*of)));
            Type::List(Box::new(Type::Record(parts.collect())))
        }
    };
    let answer = lookup.returns.iter().map(|(name, of)| (Arc::from(name.as_str()), field(of)));
    (lookup.name.to_string(), (Type::Record(answer.collect()), lookup.get.clone()))
}

/// The type that a declaration states; `None` when it states none.
pub(crate) fn type_of(field: &Field) -> Option<Type> {
    if !field.one_of.is_empty() {
        return Some(Type::Choice(field.one_of.iter().map(|word| Arc::from(word.as_str())).collect()));
    }
    simple(field.ty.as_ref()?.value)
}

fn simple(of: FieldType) -> Option<Type> {
    Some(match of {
        FieldType::Text => Type::Text,
        FieldType::Number => Type::Number,
        FieldType::Integer => Type::Integer,
        FieldType::Bool => Type::Bool,
        FieldType::Time => Type::Time,
        FieldType::Date => Type::Date,
        FieldType::Duration => Type::Duration,
        FieldType::Money => Type::Money,
        FieldType::List => Type::List(Box::new(Type::Text)),
        FieldType::Choice => return None,
        FieldType::Person => Type::Person,
    })
}

fn contact(project: &Project) -> Slots {
    let built_in =
        record::CONTACT_FIELDS.iter().map(|(name, of, always)| (Arc::from(*name), slot(of.to_type(), *always)));
    let mut slots: Slots = built_in.collect();
    for field in &project.fields {
        let before = slots.get(field.name.as_str());
        let of = type_of(field).or_else(|| before.map(|slot| slot.of.clone())).unwrap_or(Type::Any);
        let always = field.default.is_some() || before.is_some_and(|slot| slot.always);
        slots.insert(Arc::from(field.name.as_str()), slot(of, always));
    }
    slots
}

fn booking(project: &Project, contact: &Slots, kinds: &BTreeSet<Arc<str>>) -> Slots {
    let text = || slot(Type::Text, false);
    let kind = if kinds.is_empty() { Type::Text } else { Type::Choice(kinds.iter().cloned().collect()) };
    let statuses = STATUSES.iter().map(|status| Arc::from(status.name())).collect();
    let mut slots: Slots = [
        ("uid", slot(Type::Text, true)),
        ("kind", slot(kind, false)),
        ("title", text()),
        ("status", slot(Type::Choice(statuses), true)),
        ("start", slot(Type::Time, true)),
        ("end", slot(Type::Time, true)),
        ("created_at", slot(Type::Time, true)),
        ("zone", text()),
        ("host", slot(Type::Person, false)),
        ("location", text()),
        ("video_url", text()),
        ("price", slot(Type::Money, false)),
        ("reschedule_url", text()),
        ("cancel_url", text()),
        ("clinic", text()),
        ("is_test", slot(Type::Bool, true)),
    ]
    .into_iter()
    .map(|(name, slot)| (Arc::from(name), slot))
    .collect();
    // a field of the contact that is known for bookings too has the same words
    let procedure = contact.get("procedure").map_or(Type::Text, |slot| slot.of.clone());
    slots.insert(Arc::from("procedure"), slot(procedure, false));
    for (ours, _) in project.sources.iter().flat_map(|source| &source.map) {
        if let Some(name) = ours.strip_prefix("booking.") {
            let of = contact.get(name).map_or(Type::Text, |slot| slot.of.clone());
            slots.entry(Arc::from(name)).or_insert(slot(of, false));
        }
    }
    slots
}

fn clinic(project: &Project) -> Slots {
    let clinics = &project.clinics;
    // without clinics one is made from the project, with its name and zone and nothing else
    let all = |has: fn(&crate::document::project::Clinic) -> bool| !clinics.is_empty() && clinics.iter().all(has);
    let mut slots: Slots = [
        ("id", true),
        ("name", true),
        ("zone", true),
        ("locale", true),
        ("address", all(|clinic| clinic.address.is_some())),
        ("phone", all(|clinic| clinic.phone.is_some())),
        ("booking_url", all(|clinic| clinic.booking_url.is_some())),
        ("from", all(|clinic| clinic.from.is_some())),
    ]
    .into_iter()
    .map(|(name, always)| (Arc::from(name), slot(Type::Text, always)))
    .collect();
    for (name, value) in clinics.iter().flat_map(|clinic| &clinic.extra) {
        let of = type_of_literal(value);
        let always = clinics.iter().all(|clinic| clinic.extra.iter().any(|(other, _)| **other == **name));
        slots.entry(Arc::from(name.as_str())).or_insert(slot(of, always));
    }
    slots
}

fn run() -> Slots {
    let text = || slot(Type::Text, true);
    [
        ("id", text()),
        ("sequence", text()),
        ("step", text()),
        ("entered_at", slot(Type::Time, true)),
        ("day", slot(Type::Integer, true)),
    ]
    .into_iter()
    .map(|(name, slot)| (Arc::from(name), slot))
    .collect()
}

fn vars(project: &Project) -> Slots {
    project.vars.iter().map(|(name, value)| (Arc::from(name.as_str()), slot(type_of_literal(value), true))).collect()
}

fn placeholders(project: &Project) -> Slots {
    let all = |has: fn(&crate::document::project::Clinic) -> bool| {
        !project.clinics.is_empty() && project.clinics.iter().all(has)
    };
    [
        ("booking_link", all(|clinic| clinic.booking_url.is_some())),
        ("unsubscribe_link", true),
        ("preferences_link", true),
        ("postal_address", all(|clinic| clinic.address.is_some())),
        ("opt_out", true),
    ]
    .into_iter()
    .map(|(name, always)| (Arc::from(name), slot(Type::Text, always)))
    .collect()
}

fn events(project: &Project) -> BTreeMap<String, Slots> {
    let mut events: BTreeMap<String, Slots> = BTreeMap::new();
    for event in record::EVENTS {
        let fields = event.fields.iter();
        let fields =
            fields.map(|field| (Arc::from(field.name), slot(field.of.to_type(), field.there == Guarantee::Always)));
        events.insert(event.name.to_owned(), fields.collect());
    }
    for event in &project.events {
        let fields = events.entry(event.name.to_string()).or_default();
        for field in &event.fields {
            let always = field.default.is_some();
            let of = type_of(field).or_else(|| fields.get(field.name.as_str()).map(|slot| slot.of.clone()));
            fields.insert(Arc::from(field.name.as_str()), slot(of.unwrap_or(Type::Any), always));
        }
    }
    let intents: Vec<Arc<str>> = project.intents.iter().map(|intent| Arc::from(intent.name.as_str())).collect();
    for name in ["contact.intent", "message.received"].into_iter().filter(|_| !intents.is_empty()) {
        let meant = events.get_mut(name).and_then(|fields| fields.get_mut("intent"));
        if let Some(meant) = meant.filter(|meant| meant.of == Type::Text) {
            meant.of = Type::Choice(intents.clone());
        }
    }
    events
}

pub(crate) fn type_of_literal(literal: &Literal) -> Type {
    match literal {
        Literal::Text(_) => Type::Text,
        Literal::Integer(_) => Type::Integer,
        Literal::Number(_) => Type::Number,
        Literal::Bool(_) => Type::Bool,
        Literal::List(items, _) => Type::List(Box::new(items.first().map_or(Type::Text, type_of_literal))),
    }
}

/// The value as written, without a declared type.
pub(crate) fn plain_value(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) => Value::text(text.as_str()),
        Literal::Integer(number) => Value::Int(number.value),
        Literal::Number(number) => Value::Num(number.value),
        Literal::Bool(yes) => Value::Bool(yes.value),
        Literal::List(items, _) => Value::List(items.iter().map(plain_value).collect()),
    }
}
