//! What the project asks and tells other programs, and what it understands, into the plan.
use super::{Lowering, arc, bindings::secret};
use crate::{
    compile::{
        found::outward as found,
        names::Sort,
        scope::{Presence, View, plain_value},
        texts,
    },
    content::{AddressFault, check_address},
    document::{
        self as documents, Literal, Project, Text, action::DataValue, bindings::ChannelProvider, intent::Signal,
        webhook::Webhook,
    },
    expr::Scope,
    id::{ChannelName, SourceName},
    plan::{Address, Appointment, BodyPart, Intent, Lookup, Medium, Question, WebhookSpec},
    value::Type,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) fn intents(project: &Project) -> Vec<Intent> {
    let intents = project.intents.iter();
    intents
        .map(|intent| Intent {
            name: arc(&intent.name),
            words: intent.words.iter().map(arc).collect(),
            model: intent.model.as_ref().is_some_and(|model| model.value),
            signals: intent.signals.iter().map(|(name, way)| (Arc::from(*name), *way == Signal::Up)).collect(),
        })
        .collect()
}

/// Where every channel is a mailbox nothing leaves the machine, so calls of other programs are kept as well.
pub(super) fn keeps_webhooks(project: &Project, env: Option<&str>) -> bool {
    let here = project.environments.iter().find(|environment| env.is_some_and(|env| *environment.id == *env));
    let every = here.and_then(|here| here.channels.iter().find(|channel| *channel.id == *"*"));
    let provider = every.and_then(|every| every.provider.as_ref());
    provider.is_some_and(|provider| provider.value == ChannelProvider::Mailbox)
}

/// Names that mean something everywhere.
const ROOTS: [&str; 9] = ["contact", "event", "booking", "prefers", "clinic", "offer", "run", "conversation", "vars"];
/// What a free time is made of.
const SLOT_PARTS: [&str; 2] = ["start", "url"];
const TIMEOUT_MS: u64 = 5_000;
const LONGEST_TIMEOUT_MS: u64 = 20_000;

impl<'a> Lowering<'a> {
    pub(super) fn webhook(
        &mut self,
        sequence: &Text,
        step: &documents::Step,
        webhook: &Webhook,
        view: &View<'a>,
    ) -> Option<WebhookSpec> {
        let url = webhook.url.as_ref().and_then(|url| self.address(url, false));
        let mut body = BTreeMap::new();
        for (name, value) in &webhook.body {
            if let Some(part) = self.body_part(value, &webhook.may_see, view) {
                body.insert(arc(name), part);
            }
        }
        let kind = match &webhook.kind {
            Some(kind) if is_event_type(kind) => arc(kind),
            Some(kind) => {
                self.sink.push(found::event_type(kind));
                return None;
            }
            None => Arc::from(format!("{sequence}.{}", step.id.as_ref()?)),
        };
        Some(WebhookSpec { url: url?, kind, body, secret: secret(webhook.secret.as_ref()?)? })
    }

    /// Whether mails of this step carry the appointment.
    pub(super) fn attached(
        &mut self,
        step: &documents::Step,
        channels: &BTreeSet<ChannelName>,
        view: &View<'a>,
    ) -> bool {
        let Some(ics) = step.attach.first() else { return false };
        if !channels.is_empty() && !channels.iter().any(|channel| Medium::of(channel.as_str()) == Medium::Email) {
            self.sink.push(found::attach_without_mail(&ics.place));
        }
        let open = view.event.as_ref().is_some_and(|event| event.open);
        if view.booking == Presence::No && !open {
            self.sink.push(found::attach_without_booking(&ics.place));
        }
        true
    }

    /// The time that a step offers.
    pub(super) fn offered(
        &mut self,
        offered: &documents::outward::Appointment,
        view: &View<'a>,
    ) -> Option<Appointment> {
        if let Some(host) = &offered.host {
            self.offering(host, view);
        }
        let slot = offered.slot.as_ref().filter(|slot| slot.as_str() != "first");
        if let Some(slot) = slot {
            self.free_time(slot, view);
        }
        let kind = offered.kind.as_ref()?;
        self.known_kind(kind);
        Some(Appointment { kind: arc(kind), host: offered.host.as_ref().map(arc), slot: slot.map(arc) })
    }

    /// A name may be anything; what looks like a field has to be one.
    fn offering(&mut self, host: &Text, view: &View<'a>) {
        let parts: Vec<&str> = host.split('.').collect();
        if parts.len() < 2 || !ROOTS.contains(&parts[0]) || view.resolve(&parts).is_ok() {
            return;
        }
        let open = view.event.as_ref().is_some_and(|event| event.open);
        if parts[0] == "booking" && view.booking == Presence::No {
            if !open {
                self.sink.push(crate::compile::found::no_booking_here(host, host));
            }
        } else if !self.names.open {
            self.sink.push(found::unknown_host(host));
        }
    }

    fn free_time(&mut self, slot: &Text, view: &View<'a>) {
        let parts: Vec<&str> = slot.split('.').collect();
        if !view.aliases.contains_key(parts[0]) {
            let first = crate::diag::nearest(slot, ["first"]);
            let alias = crate::diag::nearest(parts[0], view.aliases.keys().map(|alias| &**alias));
            let near = first.map(str::to_owned).or_else(|| {
                let rest = slot.split_once('.').map_or("start", |(_, rest)| rest);
                alias.map(|alias| format!("{alias}.{rest}"))
            });
            self.sink.push(found::no_free_time(slot, near.as_deref()));
            return;
        }
        self.named.insert(parts[0].to_owned());
        match view.resolve(&parts) {
            Ok(Type::Time | Type::Any) => {}
            Ok(_) | Err(_) => self.sink.push(found::not_a_free_time(slot, parts[0])),
        }
    }

    /// The look-ups of a step, and what can be named beside their answers.
    pub(super) fn answers(
        &mut self,
        step: &documents::Step,
        view: &View<'a>,
    ) -> (BTreeMap<Arc<str>, Arc<str>>, View<'a>) {
        let base = self.base;
        let mut with = BTreeMap::new();
        let mut aliases = (*view.aliases).clone();
        for (alias, name) in &step.with {
            if ROOTS.contains(&alias.as_str()) || base.is_placeholder(alias) {
                self.sink.push(found::alias_taken(alias));
                continue;
            }
            if !self.known(Sort::Lookup, name) {
                aliases.insert(arc(alias), Type::Any);
                continue;
            }
            let Some((answer, url)) = base.lookups.get(name.as_str()) else { continue };
            if let Some(url) = url.as_ref().filter(|url| secret(url).is_none()) {
                let read = texts::check(url, &view.as_text(), self.partials).paths;
                self.tells(url, read.into_iter(), &[]);
                self.markup(url, view);
            }
            aliases.insert(arc(alias), answer.clone());
            with.insert(arc(alias), arc(name));
        }
        (with, View { aliases: Arc::new(aliases), ..view.clone() })
    }

    pub(super) fn lookups(&mut self, project: &Project) -> BTreeMap<Arc<str>, Lookup> {
        let mut lookups = BTreeMap::new();
        for lookup in &project.lookups {
            let known = self.base.lookups.get(lookup.name.as_str());
            let Some(Type::Record(returns)) = known.map(|(answer, _)| answer.clone()) else { continue };
            let ms = |text: &Text, work: &mut Self| u64::try_from(work.span(text)?.nominal_ms()).ok();
            let timeout_ms = lookup.timeout.as_ref().and_then(|text| ms(text, self)).unwrap_or(TIMEOUT_MS);
            if let Some(timeout) = lookup.timeout.as_ref().filter(|_| timeout_ms > LONGEST_TIMEOUT_MS) {
                self.sink.push(found::long_timeout(timeout));
            }
            let cache_ms = lookup.cache.as_ref().and_then(|text| ms(text, self)).unwrap_or(0);
            if let Some(ask) = self.question(lookup) {
                lookups.insert(arc(&lookup.name), Lookup { ask, returns, timeout_ms, cache_ms });
            }
        }
        lookups
    }

    fn question(&mut self, lookup: &documents::lookup::Lookup) -> Option<Question> {
        if let Some(url) = &lookup.get {
            let url = self.address(url, true)?;
            let headers = lookup.headers.iter().filter_map(|(name, value)| Some((arc(name), secret(value)?)));
            return Some(Question::Get { url, headers: headers.collect() });
        }
        let provider = lookup.provider.as_ref()?;
        for (name, _) in &lookup.returns {
            if !SLOT_PARTS.contains(&name.as_str()) {
                self.sink.push(found::not_a_slot(name));
            }
        }
        let Some(kind) = &lookup.event_type else {
            self.sink.push(found::slot_of_what(&provider.place));
            return None;
        };
        self.known_kind(kind);
        Some(Question::Slots { kind: arc(kind), of_host: lookup.host.is_some() })
    }

    fn known_kind(&mut self, kind: &Text) {
        if !self.names.open && !self.base.kinds.contains(kind.as_str()) {
            let near = crate::diag::nearest(kind, self.base.kinds.iter().map(|kind| &**kind));
            self.sink.push(found::unknown_kind(kind, near));
        }
    }

    pub(super) fn polled(&mut self, project: &Project) -> BTreeSet<SourceName> {
        let mut polled = BTreeSet::new();
        for source in &project.sources {
            if let Some((Some(url), _)) = &source.api {
                self.address(url, false);
            }
            let Some(poll) = &source.poll else { continue };
            self.span(poll);
            if source.api.is_none() {
                self.sink.push(found::poll_without_api(poll));
            }
            polled.insert(SourceName::new(source.id.as_str()));
        }
        polled
    }

    /// An address as written, or the variable that holds it.
    pub(super) fn address(&mut self, url: &Text, templated: bool) -> Option<Address> {
        if let Some(secret) = secret(url) {
            return Some(Address::Named(secret));
        }
        match check_address(url) {
            Ok(()) if !templated && url.contains("{{") => {
                self.sink.push(found::templated_address(url));
                None
            }
            Ok(()) => Some(Address::Url(arc(url))),
            // said already: a password stands in it
            Err(AddressFault::Login) if url.splitn(3, ':').count() > 2 => None,
            Err(fault) => {
                self.sink.push(found::address(url, fault));
                None
            }
        }
    }

    fn body_part(&mut self, value: &DataValue, may_see: &[Text], view: &View<'a>) -> Option<BodyPart> {
        match value {
            DataValue::Expression(text) => {
                let formula = self.formula(text, None, view)?;
                if !formula.asks().is_empty() {
                    self.sink.push(found::history_told(text));
                }
                self.tells(text, formula.paths().iter().map(ToString::to_string), may_see);
                Some(BodyPart::Formula(formula))
            }
            DataValue::Value(Literal::Text(text)) => {
                let read = texts::check(text, &view.as_text(), self.partials).paths;
                self.tells(text, read.into_iter(), may_see);
                Some(BodyPart::Text(self.markup(text, view)))
            }
            DataValue::Value(literal) => Some(BodyPart::Value(plain_value(literal))),
        }
    }

    /// What a program is told about somebody's health has to be allowed for this very program.
    fn tells(&mut self, text: &Text, paths: impl Iterator<Item = String>, may_see: &[Text]) {
        for path in paths {
            let field = path.split_once('.').filter(|(root, _)| matches!(*root, "contact" | "booking"));
            let sensitive = field.is_some_and(|(_, name)| self.base.sensitive.contains(name));
            if sensitive && !may_see.iter().any(|allowed| *allowed.as_str() == *path) {
                self.sink.push(found::told_sensitive(text, &path));
            }
        }
    }
}

/// Dotted, of letters, digits and underscores: what Standard Webhooks allow.
fn is_event_type(kind: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_');
    kind.len() <= 128 && kind.split('.').all(plain)
}
