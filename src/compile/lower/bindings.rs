//! Sources and channels of the project, with the bindings of an environment laid over them.
use super::{Lowering, arc};
use crate::{
    calendar::Span,
    compile::{
        found::{self, bindings as told},
        names::Sort,
    },
    diag::nearest,
    document::{
        Project, Text,
        bindings::{self as doc, ChannelProvider as Provider, SourceProvider as From},
        project::Environment,
    },
    id::{ChannelName, ClinicName, FieldName, SourceName},
    plan::{Channel, ChannelProvider, Link, MapTo, Medium, Price, Secret, Setting, Source, SourceProvider},
};
use std::{collections::BTreeMap, sync::Arc};

const SLOTS_MAILBOX: u16 = 64;
const SLOTS_SMTP: u16 = 4;
/// How long Twilio is to keep an SMS: it would keep one for ten hours by itself.
const VALIDITY_TWILIO: Span = Span::exact(3_600_000);
/// What a source needs through which messages are written.
const LINK: &[(&str, &str)] = &[("url", "\"https://chat.example.com\""), ("token", "CHATWOOT_TOKEN"), ("account", "1")];

impl Lowering<'_> {
    /// The environment that is asked for, if any.
    fn environment<'p>(&mut self, project: &'p Project, env: Option<&str>) -> Option<&'p Environment> {
        let env = env?;
        let found = project.environments.iter().find(|environment| environment.id == env);
        if found.is_none() && !self.names.open {
            let names: Vec<&str> = project.environments.iter().map(|environment| environment.id.as_str()).collect();
            self.sink.push(found::unknown_environment(env, nearest(env, names.iter().copied()), &names));
        }
        found
    }

    // ---- sources ----

    pub(super) fn sources(&mut self, project: &Project, env: Option<&str>) -> BTreeMap<SourceName, Source> {
        for binding in project.environments.iter().flat_map(|environment| &environment.sources) {
            self.known(Sort::Source, &binding.id);
            self.settings_of_source(binding);
        }
        let environment = project.environments.iter().find(|environment| env.is_some_and(|env| environment.id == *env));
        let mut sources = BTreeMap::new();
        for source in &project.sources {
            self.settings_of_source(source);
            let binding = environment
                .and_then(|environment| environment.sources.iter().find(|binding| *binding.id == *source.id.as_str()));
            let bound = binding.map(|binding| bound(source, binding));
            if let Some(lowered) = self.source(bound.as_ref().unwrap_or(source)) {
                sources.insert(SourceName::new(source.id.as_str()), lowered);
            }
        }
        sources
    }

    fn settings_of_source(&mut self, source: &doc::Source) {
        let Some(provider) = source.provider.as_ref().filter(|provider| provider.value != From::Chatwoot) else {
            return;
        };
        for (key, value) in source.settings() {
            if let Some(value) = value {
                self.sink.push(told::not_read(&value.place, key, provider.value.word(), "chatwoot"));
            }
        }
    }

    fn source(&mut self, source: &doc::Source) -> Option<Source> {
        let mut map = BTreeMap::new();
        for (ours, path) in &source.map {
            if let Some(to) = self.map_to(ours) {
                map.insert(to, arc(path));
            }
        }
        let kinds = source.kinds.iter().flat_map(|(kind, of)| of.iter().map(|event_type| (arc(event_type), arc(kind))));
        let clinic = source.clinic.as_ref().filter(|clinic| self.known(Sort::Clinic, clinic));
        let provider = source.provider.as_ref()?;
        let (link, provider) = match provider.value {
            From::Calcom => (None, SourceProvider::Calcom),
            From::Events => (None, SourceProvider::Events),
            From::Chatwoot => (Some(self.link(source)?), SourceProvider::Chatwoot),
        };
        Some(Source {
            provider,
            secret: secret(source.secret.as_ref()?)?,
            kinds: kinds.collect(),
            map,
            clinic: clinic.map(|clinic| ClinicName::new(clinic.as_str())),
            link,
        })
    }

    /// How Chatwoot is asked; without it nothing could be written through it.
    fn link(&mut self, source: &doc::Source) -> Option<Link> {
        let provider = source.provider.as_ref()?;
        let needs: Vec<(&str, &str)> = LINK.iter().filter(|(key, _)| !source.said.contains(key)).copied().collect();
        if !needs.is_empty() {
            self.sink.push(told::needs("a source", &provider.place, "chatwoot", &needs));
        }
        Some(Link {
            url: setting(source.url.as_ref()?),
            token: secret(source.token.as_ref()?)?,
            account: arc(source.account.as_ref()?),
        })
    }

    /// `booking.…` may be any name, and declares it; a field of the contact has to exist.
    fn map_to(&mut self, ours: &Text) -> Option<MapTo> {
        match ours.split_once('.') {
            Some(("booking", field)) if !field.contains('.') => Some(MapTo::Booking(FieldName::new(field))),
            Some(("contact", field)) if self.base.contact.contains_key(field) => {
                Some(MapTo::Contact(FieldName::new(field)))
            }
            _ => {
                if !self.names.open {
                    let names: Vec<String> = self.base.contact.keys().map(|name| format!("contact.{name}")).collect();
                    let near = nearest(ours, names.iter().map(String::as_str));
                    self.sink.push(found::unmappable(ours, near));
                }
                None
            }
        }
    }

    // ---- channels ----

    /// The channels with the bindings of the environment: `"*"` first, then those by name.
    pub(super) fn channels(&mut self, project: &Project, env: Option<&str>) -> BTreeMap<ChannelName, Channel> {
        let environment = self.environment(project, env);
        // bindings that are not in use are checked all the same
        for binding in project.environments.iter().flat_map(|environment| &environment.channels) {
            if *binding.id != *"*" {
                self.known(Sort::Channel, &binding.id);
                self.medium(binding);
            }
            self.provider(binding, project);
        }
        let mut channels = BTreeMap::new();
        for channel in &project.channels {
            if matches!(channel.id.as_str(), "task" | "webhook") {
                self.sink.push(crate::compile::found::outward::reserved_channel(&channel.id));
            }
            self.medium(channel);
            let mut provider = self.provider(channel, project);
            let mut from = channel.from.as_ref().map(arc);
            let mut cost = channel.cost.as_ref();
            // another provider in a trial environment keeps to the same hours
            let kept = matches!(provider, Some(ChannelProvider::Twilio { .. })).then_some(VALIDITY_TWILIO);
            let mut validity = channel.validity.as_ref();
            for binding in bound_to(environment, &channel.id) {
                provider = self.provider(binding, project).or(provider);
                validity = binding.validity.as_ref().or(validity);
                from = binding.from.as_ref().map(arc).or(from);
                cost = binding.cost.as_ref().or(cost);
            }
            let Some(provider) = provider else { continue };
            let name = ChannelName::new(channel.id.as_str());
            let slots = if provider == ChannelProvider::Mailbox { SLOTS_MAILBOX } else { SLOTS_SMTP };
            let cost = cost.and_then(|cost| Price::parse(cost));
            let medium = Medium::of(&channel.id);
            let validity = validity.map_or(kept, |validity| self.span(validity)).filter(|_| medium == Medium::Sms);
            let lowered = Channel { name: name.clone(), medium, provider, from, slots, cost, validity };
            channels.insert(name, lowered);
        }
        channels
    }

    /// Whether the provider carries that kind of message at all, and whether its keys are about it.
    fn medium(&mut self, channel: &doc::Channel) {
        let medium = Medium::of(&channel.id);
        if let Some(validity) = channel.validity.as_ref().filter(|_| medium != Medium::Sms) {
            self.sink.push(told::only_sms(validity, &channel.id));
        }
        let Some(provider) = &channel.provider else { return };
        let carries: &[Medium] = match provider.value {
            Provider::Mailbox | Provider::Http => return,
            Provider::Smtp => &[Medium::Email],
            Provider::Chatwoot => &[Medium::Whatsapp, Medium::Instagram, Medium::Sms, Medium::Chat],
            Provider::Twilio => &[Medium::Sms, Medium::Whatsapp],
            Provider::Folder => &[Medium::Letter],
        };
        if !carries.contains(&medium) {
            let words: Vec<&str> = carries.iter().map(|medium| medium.word()).collect();
            self.sink.push(told::wrong_medium(&provider.place, provider.value.word(), &channel.id, &words));
        }
    }

    /// What the provider needs; keys that it does not read are reported.
    fn provider(&mut self, channel: &doc::Channel, project: &Project) -> Option<ChannelProvider> {
        let provider = channel.provider.as_ref()?;
        let (needs, may): (&[(&str, &str)], &[&str]) = match provider.value {
            Provider::Mailbox => (&[], &[]),
            Provider::Smtp => (&[("url", "SMTP_URL")], &[]),
            Provider::Chatwoot => (&[("source", "chatwoot"), ("inbox", "3")], &[]),
            Provider::Twilio => {
                (&[("account", "TWILIO_SID"), ("token", "TWILIO_TOKEN"), ("from", "\"+18765550111\"")], &[])
            }
            Provider::Folder => (&[("folder", "letters")], &[]),
            Provider::Http => (&[("url", "\"https://print.example.com/letters\"")], &["token"]),
        };
        let word = provider.value.word();
        for (key, value) in channel.settings() {
            let reads = needs.iter().any(|(name, _)| *name == key) || may.contains(&key);
            if let Some(value) = value.filter(|_| !reads) {
                self.sink.push(told::not_read(&value.place, key, word, readers(key)));
            }
        }
        let lacks: Vec<(&str, &str)> = needs.iter().filter(|(key, _)| !channel.said.contains(key)).copied().collect();
        match lacks.as_slice() {
            [] => {}
            _ if provider.value == Provider::Smtp => self.sink.push(found::smtp_without_url(&provider.place)),
            lacks => self.sink.push(told::needs("a channel", &provider.place, word, lacks)),
        }
        self.provider_of(channel, provider.value, project)
    }

    fn provider_of(&mut self, channel: &doc::Channel, of: Provider, project: &Project) -> Option<ChannelProvider> {
        Some(match of {
            Provider::Mailbox => ChannelProvider::Mailbox,
            Provider::Smtp => {
                let url = channel.url.as_ref()?;
                let secret = secret(url);
                if secret.is_none() {
                    self.sink.push(found::literal_address(url));
                }
                if let Some(from) = channel.from.as_ref().filter(|from| !has_address(from)) {
                    self.sink.push(found::no_address(from));
                }
                ChannelProvider::Smtp { url: secret? }
            }
            Provider::Chatwoot => {
                let name = channel.source.as_ref()?;
                if self.known(Sort::Source, name) {
                    let source = project.sources.iter().find(|source| *source.id == *name.as_str());
                    let other = source.and_then(|source| source.provider.as_ref());
                    if let Some(other) = other.filter(|other| other.value != From::Chatwoot) {
                        self.sink.push(told::no_chats(name, other.value.word()));
                    }
                }
                let inbox = arc(channel.inbox.as_ref()?);
                ChannelProvider::Chatwoot { source: SourceName::new(name.as_str()), inbox }
            }
            Provider::Twilio => {
                let account = setting(channel.account.as_ref()?);
                ChannelProvider::Twilio { account, token: secret(channel.token.as_ref()?)? }
            }
            Provider::Folder => {
                let folder = channel.folder.as_ref()?;
                if !is_inside(folder) {
                    self.sink.push(told::outside(folder));
                    return None;
                }
                ChannelProvider::Folder { folder: arc(folder) }
            }
            Provider::Http => {
                let url = channel.url.as_ref()?;
                if secret(url).is_none() && !url.starts_with("https://") {
                    self.sink.push(told::not_https(url));
                }
                ChannelProvider::Http { url: setting(url), token: channel.token.as_ref().and_then(secret) }
            }
        })
    }
}

/// What the environment says of a channel: of every one first, then of this one.
pub(in crate::compile) fn bound_to<'p>(
    environment: Option<&'p Environment>,
    channel: &str,
) -> impl Iterator<Item = &'p doc::Channel> {
    let bindings = environment.into_iter().flat_map(|environment| &environment.channels);
    let own = bindings.clone().filter(move |binding| *binding.id == *channel);
    bindings.filter(|binding| *binding.id == *"*").chain(own)
}

/// The source with what the environment says of it.
fn bound(source: &doc::Source, binding: &doc::Source) -> doc::Source {
    let or = |new: &Option<Text>, old: &Option<Text>| new.as_ref().or(old.as_ref()).cloned();
    // what another provider would not read stays behind
    let same =
        binding.provider.as_ref().is_none_or(|new| source.provider.as_ref().is_some_and(|old| old.value == new.value));
    let old = |text: &Option<Text>| text.as_ref().filter(|_| same).cloned();
    doc::Source {
        provider: binding.provider.clone().or_else(|| source.provider.clone()),
        secret: or(&binding.secret, &source.secret),
        url: or(&binding.url, &old(&source.url)),
        token: or(&binding.token, &old(&source.token)),
        account: or(&binding.account, &old(&source.account)),
        said: source.said.iter().filter(|_| same).chain(&binding.said).copied().collect(),
        ..source.clone()
    }
}

/// The providers that read a key.
fn readers(key: &str) -> &'static str {
    match key {
        "source" | "inbox" => "chatwoot",
        "account" => "twilio",
        "token" => "twilio and http",
        "folder" => "folder",
        _ => "smtp and http",
    }
}

/// A folder below the project.
fn is_inside(path: &str) -> bool {
    !path.starts_with(['/', '\\', '~']) && !path.contains(':') && path.split(['/', '\\']).all(|part| part != "..")
}

/// `NAME` of a variable, or `file:/…`.
pub(super) fn secret(text: &Text) -> Option<Secret> {
    if let Some(path) = text.strip_prefix("file:").filter(|path| path.starts_with('/')) {
        return Some(Secret::File(Arc::from(path)));
    }
    let name = text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    name.then(|| Secret::Variable(arc(text)))
}

/// A name in capitals stands for a variable, anything else for itself.
fn setting(text: &Text) -> Setting {
    secret(text).map_or_else(|| Setting::Plain(arc(text)), Setting::Kept)
}

/// `hello@example.com`, or a name with the address in angle brackets.
fn has_address(from: &str) -> bool {
    let address = from.rsplit_once('<').map_or(from, |(_, rest)| rest.trim_end().trim_end_matches('>'));
    let parts = address.trim().split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !address.contains(char::is_whitespace))
}
