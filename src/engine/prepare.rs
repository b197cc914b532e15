//! From a send to its bytes: which template, whose words, which links. The same for preview and the daemon.
use super::{Key, Task, is_pinned, outward};
use crate::{
    calendar::Instant,
    content::{
        Form, LayoutText, Links, Message, PartialText, ProviderTemplate, Reader, Reads, RenderFault, Shape,
        TemplateTexts, Templates, Values, host_of, opt_out,
    },
    expr::Facts,
    id::{ChannelName, OfferName, SendId, TemplateName},
    journey::{Fail, Person, RunFacts, Send, Spec},
    plan::{self, Answer, Body, Channel, Medium, MessageSpec, OfferCode, Plan, TextForm, To},
    record::Purpose,
    value::Value,
};
use std::sync::Arc;

/// What other people told us about the person.
const THEIRS: [&str; 3] = ["contact", "booking", "event"];

/// Where the daemon answers when the project names no public address.
const LOCAL_URL: &str = "http://127.0.0.1:8420";

/// A plan ready to run: templates compiled, the instance's key at hand.
pub(crate) struct Loaded {
    pub(crate) plan: Arc<Plan>,
    pub(crate) key: Key,
    pub(crate) templates: Arc<Templates>,
    /// Messages are counted and not written: they carry nothing but their address.
    pub(crate) counting: bool,
}

impl Loaded {
    /// Compiles the plan's texts. The compiler has checked each of them; one that fails all the same fails its sends.
    pub(crate) fn new(plan: Arc<Plan>, key: Key) -> Self {
        let templates = Self::texts_of(&plan);
        Self::with(plan, key, templates)
    }

    /// The same, where the plan's texts were compiled already.
    pub(crate) fn with(plan: Arc<Plan>, key: Key, templates: Arc<Templates>) -> Self {
        Self { plan, key, templates, counting: false }
    }

    pub(crate) fn texts_of(plan: &Plan) -> Arc<Templates> {
        Arc::new(Templates::load(&texts(plan, &plan.templates)).0)
    }

    /// Tasks and mailbox channels live in the same database: delivering is part of the commit.
    pub(crate) fn is_local(&self, channel: &ChannelName) -> bool {
        channel.as_str() == crate::journey::TASKS
            || (self.plan.keeps_webhooks && channel.as_str() == crate::journey::WEBHOOKS)
            || self.plan.channels.get(channel).is_some_and(Channel::is_local)
    }

    /// The offer of which the person still needs a code of their own for this text, with the look of it.
    pub(super) fn code_for(&self, person: &Person, id: SendId) -> Option<(OfferName, Arc<str>)> {
        let send = person.send(id)?;
        let run = send.run.and_then(|run| person.run(run))?;
        let step = run.sequence.step(run.sequence.position(&send.step)?)?;
        let offer = self.plan.offers.get(run.sequence.offer.as_ref().filter(|_| step.offers)?)?;
        match &offer.code {
            OfferCode::Generated(pattern) if !person.codes.contains_key(&offer.name) => {
                Some((offer.name.clone(), pattern.clone()))
            }
            _ => None,
        }
    }

    pub(super) fn prepare(&self, person: &Person, id: SendId, now: Instant) -> Result<Message, Fail> {
        let send = person.send(id).ok_or_else(|| fail("the send is gone"))?;
        if self.counting {
            let to = send.address.as_deref().unwrap_or_default().to_owned();
            return Ok(Message { to, ..Message::default() });
        }
        let facts = RunFacts::of_send(&self.plan, person, send, now);
        let own = self.texts_of_old(person, send);
        let templates = own.as_ref().unwrap_or(&self.templates);
        let mut message = match &send.spec {
            Some(Spec::Message(spec)) => self.message(person, send, spec, &facts, templates)?,
            Some(Spec::Task(spec)) => {
                let reader = self.staff_reader(&facts, None);
                let values = self.values(person, send, &facts, &self.unsubscribe_link(person), &Reads::default());
                let line = |source: &str| self.templates.line(source, &reader, &values).map_err(|fault| render(&fault));
                Message {
                    subject: Some(line(&spec.title)?),
                    text: spec.notes.as_deref().map(line).transpose()?.unwrap_or_default(),
                    ..Message::default()
                }
            }
            Some(Spec::Notify(spec)) => {
                let reader = self.staff_reader(&facts, Some(&spec.to));
                let values = self.values(person, send, &facts, &self.unsubscribe_link(person), &Reads::default());
                let text = self.templates.line(&spec.text, &reader, &values).map_err(|fault| render(&fault))?;
                Message { subject: Some(headline(&text)), text, ..Message::default() }
            }
            Some(Spec::Webhook(spec)) => {
                let values = self.values(person, send, &facts, &self.unsubscribe_link(person), &Reads::default());
                outward::call(&self.templates, spec, &self.staff_reader(&facts, None), &values, &facts)?
            }
            None => return Err(fail("the step is no longer in the plan")),
        };
        send.address.as_deref().unwrap_or_default().clone_into(&mut message.to);
        message.from = self.sender(send, &facts);
        Ok(message)
    }

    /// The texts of a run that finishes an older revision.
    fn texts_of_old(&self, person: &Person, send: &Send) -> Option<Templates> {
        let run = person.run(send.run?).filter(|run| is_pinned(&self.plan, run))?;
        let old = &run.sequence.texts;
        (!old.is_empty()).then(|| Templates::load(&texts(&self.plan, old)).0)
    }

    fn message(
        &self,
        person: &Person,
        send: &Send,
        spec: &MessageSpec,
        facts: &RunFacts<'_>,
        templates: &Templates,
    ) -> Result<Message, Fail> {
        let channel = send.channel.as_ref().and_then(|name| self.plan.channels.get(name));
        let channel = channel.ok_or_else(|| fail("the channel is no longer in the plan"))?;
        let reader = self.reader(person, facts, &spec.to);
        let unsubscribe = self.unsubscribe_link(person);
        let name = template_of(&spec.body, person, send).ok_or_else(|| fail("the message has no text"))?;
        // parameters of an approved template read what they like
        let reads = match &spec.whatsapp_template {
            Some(_) => Reads::default(),
            None => templates.reads(name, &channel.name, &reader),
        };
        let values = self.values(person, send, facts, &unsubscribe, &reads);
        let shape = if channel.medium == Medium::Email { Shape::Mail } else { Shape::Plain };
        let rendered =
            templates.render(name, &channel.name, shape, &reader, &values).map_err(|fault| render(&fault))?;
        let mut message = Message {
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            reply_to: spec.reply_to.as_deref().map(str::to_owned),
            ..Message::default()
        };
        if let (true, Some(approved)) = (send.approved_template, &spec.whatsapp_template) {
            let params: Result<Vec<String>, RenderFault> =
                approved.params.iter().map(|param| templates.line(param, &reader, &values)).collect();
            message.provider_template = Some(ProviderTemplate {
                name: approved.name.to_string(),
                language: approved.language.as_deref().unwrap_or(&reader.locale).to_owned(),
                params: params.map_err(|fault| render(&fault))?,
            });
        }
        // nobody opens a link on paper
        if spec.track && spec.to == To::Contact && channel.medium != Medium::Letter {
            self.count_links(&mut message, send.id, facts);
        }
        if spec.ics && channel.medium == Medium::Email {
            message.attachments.extend(outward::appointment(person, send, facts, &reader.locale));
        }
        // RFC 8058: marketing mails carry the one-click headers; transactional ones do not
        if channel.medium == Medium::Email && send.purpose == Purpose::Marketing && spec.to == To::Contact {
            message.headers.insert("List-Unsubscribe".to_owned(), format!("<{unsubscribe}>"));
            message.headers.insert("List-Unsubscribe-Post".to_owned(), "List-Unsubscribe=One-Click".to_owned());
        }
        Ok(message)
    }

    /// Lets the links lead over our own address. Ways out never do: whoever says no is not counted. Neither do addresses
    /// that came with the person: nobody who fills in a form gets a link of ours to wherever they like.
    fn count_links(&self, message: &mut Message, send: SendId, facts: &RunFacts<'_>) {
        let base = self.base();
        let own = [format!("{base}/u/"), format!("{base}/c/")];
        let roots = facts.roots();
        let told = |roots_of: &[&str], what: &str| {
            roots_of.iter().filter_map(|root| roots.get(*root)).any(|value| names(value, what))
        };
        let of_host = facts.booking().and_then(|booking| booking.host.booking_url.as_deref());
        let ours = |host: &str| {
            told(&["clinic", "vars"], host)
                || of_host.is_some_and(|url| url.to_lowercase().contains(host))
                || self.plan.templates.iter().any(|text| text.body.to_lowercase().contains(host))
        };
        let theirs = |address: &str| {
            told(&THEIRS, &address.to_lowercase())
                || host_of(address).is_none_or(|host| told(&THEIRS, &host) && !ours(&host))
        };
        let stays = |address: &str| own.iter().any(|own| address.starts_with(own.as_str())) || theirs(address);
        let instead = |number: u16| self.counted(send, number);
        let mut links = Links::new(&stays, &instead);
        message.text = links.text(&message.text);
        message.html = message.html.as_deref().map(|html| links.html(html));
        for param in message.provider_template.iter_mut().flat_map(|template| &mut template.params) {
            *param = links.text(param);
        }
        message.links = links.into_found();
    }

    fn counted(&self, send: SendId, number: u16) -> String {
        format!("{}/c/{}", self.base(), self.key.click(send, number))
    }

    /// The text of a message with the addresses that its counted links lead to.
    pub(crate) fn uncounted(&self, send: SendId, message: &Message) -> String {
        (0..)
            .zip(&message.links)
            .fold(message.text.clone(), |text, (number, address)| text.replace(&self.counted(send, number), address))
    }

    fn base(&self) -> &str {
        self.plan.public_url.as_deref().unwrap_or(LOCAL_URL).trim_end_matches('/')
    }

    fn sender(&self, send: &Send, facts: &RunFacts<'_>) -> Option<String> {
        let of_channel = || send.channel.as_ref().and_then(|name| self.plan.channels.get(name)?.from.clone());
        facts.clinic().from.clone().or_else(of_channel).map(|from| from.to_string())
    }

    fn unsubscribe_link(&self, person: &Person) -> String {
        format!("{}/u/{}", self.base(), self.key.unsubscribe(person.contact.id).0)
    }

    // --- who reads ----------------------------------------------------------------------------------------------------

    fn reader(&self, person: &Person, facts: &RunFacts<'_>, to: &To) -> Reader {
        if *to != To::Contact {
            return self.staff_reader(facts, Some(to));
        }
        let locale = person.contact.locale.clone().or_else(|| facts.clinic().locale.clone());
        Reader { locale: self.locale(locale), zone: facts.zone().clone() }
    }

    /// The host's own zone and language, a role's, else the clinic's.
    fn staff_reader(&self, facts: &RunFacts<'_>, to: Option<&To>) -> Reader {
        let clinic = facts.clinic();
        let (zone, locale) = match to {
            Some(To::BookingHost) => {
                let host = facts.booking().map(|booking| &booking.host);
                (host.and_then(|host| host.zone.clone()), host.and_then(|host| host.locale.clone()))
            }
            Some(To::Role(role)) => {
                let role = self.plan.roles.get(role);
                (role.and_then(|role| role.zone.clone()), role.and_then(|role| role.locale.clone()))
            }
            _ => (None, None),
        };
        Reader {
            locale: self.locale(locale.or_else(|| clinic.locale.clone())),
            zone: zone.or_else(|| clinic.zone.clone()).unwrap_or_else(|| self.plan.zone.clone()),
        }
    }

    /// What they said they read, if the project writes it at all: an English text has no German dates in it.
    fn locale(&self, said: Option<Arc<str>>) -> String {
        let language = |locale: &str| locale.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
        let written = |said: &Arc<str>| self.plan.locales.iter().any(|locale| language(locale) == language(said));
        said.filter(written).map_or_else(|| self.plan.default_locale().to_owned(), |locale| locale.to_string())
    }

    // --- what they read -----------------------------------------------------------------------------------------------

    fn values(&self, person: &Person, send: &Send, facts: &RunFacts<'_>, unsubscribe: &str, reads: &Reads) -> Values {
        let mut roots = facts.roots_among(&|root, part| reads.wants(root, part));
        let clinic = facts.clinic();
        let host_link = facts.booking().and_then(|booking| booking.host.booking_url.clone());
        let medium = send.channel.as_ref().and_then(|name| self.plan.channels.get(name)).map(|channel| channel.medium);
        let locale = self.locale(person.contact.locale.clone().or_else(|| clinic.locale.clone()));
        let opt_out = opt_out(medium, &locale, unsubscribe);
        let postal = clinic.address.as_ref().map(|address| format!("{}, {address}", clinic.name));
        let mut put = |name: &str, text: Option<String>| {
            if reads.wants(name, None) {
                roots.insert(Arc::from(name), text.map_or(Value::Missing, Value::text));
            }
        };
        put("booking_link", clinic.booking_url.clone().or(host_link).map(|url| url.to_string()));
        put("preferences_link", Some(unsubscribe.to_owned()));
        put("unsubscribe_link", Some(unsubscribe.to_owned()));
        put("postal_address", postal);
        put("opt_out", Some(opt_out));
        Values::new(roots)
    }

    pub(super) fn task(&self, person: &Person, send: &Send, message: &Message) -> Option<Task> {
        let Some(Spec::Task(spec)) = &send.spec else { return None };
        let zone = person.zone(&self.plan);
        let due = match &spec.due {
            None => None,
            Some(Answer::In(span)) => Some(zone.add(send.at, *span)),
            Some(Answer::Formula(formula)) => {
                let facts = RunFacts::of_send(&self.plan, person, send, send.at);
                match formula.eval(&facts) {
                    Ok(Value::Time(at)) => Some(at),
                    Ok(Value::Date(date)) => Some(facts.zone().start_of(date)),
                    _ => None,
                }
            }
        };
        Some(Task {
            send: send.id,
            title: message.subject.clone().unwrap_or_default(),
            notes: (!message.text.is_empty()).then(|| message.text.clone()),
            assign: spec.assign.clone(),
            due,
        })
    }
}

/// The template that a send is made of: that of its run's arm, where the message has several.
fn template_of<'s>(body: &'s Body, person: &Person, send: &Send) -> Option<&'s TemplateName> {
    match body {
        Body::Template(name) | Body::Inline(name) => Some(name),
        Body::Variants(variants) => {
            let arm = send.run.and_then(|run| person.run(run)?.arms.get(&send.step));
            arm.and_then(|arm| variants.of(arm)).or_else(|| Some(&variants.arms.first()?.1))
        }
        Body::Write(spec) => Some(&spec.fallback),
    }
}

/// Does an address or a host stand in what was told? That of a mail address is none, and the page of an appointment's host
/// is the practice's.
fn names(value: &Value, what: &str) -> bool {
    match value {
        Value::Text(text) => {
            let text = text.to_lowercase();
            text.match_indices(what).any(|(at, _)| !text[..at].ends_with('@'))
        }
        Value::List(items) => items.iter().any(|item| names(item, what)),
        Value::Map(entries) => entries.iter().any(|(name, value)| **name != *"host" && names(value, what)),
        _ => false,
    }
}

/// Longest subject of a notice.
const HEADLINE: usize = 78;

/// The first line, cut between words.
fn headline(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= HEADLINE {
        return line.to_owned();
    }
    let start: String = line.chars().take(HEADLINE - 2).collect();
    let whole = start.rsplit_once(' ').map_or(start.as_str(), |(whole, _)| whole);
    format!("{} …", whole.trim_end_matches([',', ';', ':']))
}

fn texts(plan: &Plan, all: &[plan::TemplateText]) -> TemplateTexts {
    let mut texts = TemplateTexts { locale: plan.default_locale().to_owned(), ..TemplateTexts::default() };
    for text in all {
        let (name, body) = (text.name.to_string(), text.body.to_string());
        let form = match text.form {
            TextForm::Markdown => Form::Markdown,
            TextForm::Text => Form::Text,
            TextForm::Html => Form::Html,
            TextForm::Layout => {
                texts.layouts.push(LayoutText { name, body });
                continue;
            }
            TextForm::Partial => {
                let form = if text.file.ends_with(".txt") { Form::Text } else { Form::Html };
                texts.partials.push(PartialText { name, form, body });
                continue;
            }
        };
        let owned = |part: &Option<Arc<str>>| part.as_deref().map(str::to_owned);
        texts.templates.push(crate::content::TemplateText {
            name: text.name.clone(),
            channel: text.channel.clone(),
            locale: owned(&text.locale),
            form,
            subject: owned(&text.subject),
            preheader: owned(&text.preheader),
            layout: owned(&text.layout),
            body,
        });
    }
    texts
}

pub(super) fn render(fault: &RenderFault) -> Fail {
    fail(&fault.to_string())
}

pub(super) fn fail(why: &str) -> Fail {
    Fail::Render(Arc::from(why))
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded").field("project", &self.plan.project).finish_non_exhaustive()
    }
}
