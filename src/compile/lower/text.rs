//! What a message says: a template, a text in place, several templates on shares of people, or a request to a model.
use super::{Lowering, arc};
use crate::{
    calendar::Span,
    compile::{found::message as found, names::Sort, scope::View, texts},
    diag::Place,
    document::{
        Text,
        action::Message,
        step as doc,
        written::{self, Write},
    },
    expr::Scope,
    id::{ChannelName, TemplateName},
    plan::{
        Approve, Body, Medium, Model, ModelProvider, TemplateText, Test, TestBy, TestMethod, TextForm, Variants,
        WriteSpec,
    },
    value::{Type, Value},
};
use std::{collections::BTreeSet, sync::Arc};

/// What every model is told of, without `may_see`: nothing of it says more about a person than an envelope does.
const HARMLESS: &[&str] = &["contact.first_name", "contact.locale", "prefers", "run.day", "run.step", "run.sequence"];
/// Roots of which nothing is about a person.
const OURS: &[&str] = &["clinic", "vars", "offer"];
/// Fields of a contact that no contact writes.
const KEPT: &[&str] = &["contact.id", "contact.locale", "contact.zone", "contact.preferred_channel"];

impl<'a> Lowering<'a> {
    pub(super) fn body(
        &mut self,
        id: &Text,
        step: &doc::Step,
        message: &Message,
        channels: &BTreeSet<ChannelName>,
        view: &View<'a>,
    ) -> Option<Body> {
        if let Some(template) = &message.template {
            self.known(Sort::Template, template);
            return Some(Body::Template(TemplateName::new(template.as_str())));
        }
        if let Some(variants) = &message.variants {
            return self.variants(variants);
        }
        if let Some(write) = &message.write {
            return self.write(message, write, view);
        }
        let text = message.text.as_ref()?;
        let name = TemplateName::new(format!("@{id}/{}", step.id.as_ref()?));
        let make = |channel: Option<ChannelName>, form: TextForm, body: &Text| TemplateText {
            name: name.clone(),
            channel,
            locale: None,
            form,
            subject: message.subject.as_ref().map(arc),
            preheader: None,
            layout: None,
            body: arc(body),
            file: Arc::from(id.place.file.as_str()),
        };
        self.inline.push(make(None, TextForm::Text, text));
        if let Some(html) = &message.html {
            let mail = channels.iter().filter(|channel| Medium::of(channel.as_str()) == Medium::Email);
            self.inline.extend(mail.map(|channel| make(Some(channel.clone()), TextForm::Html, html)));
        }
        Some(Body::Inline(name))
    }

    /// Every template that a message may be made of, with the place that names it.
    pub(super) fn templates_of(message: &Message) -> Vec<(Place, Option<Text>)> {
        let named = |text: &Text| (text.place.clone(), Some(text.clone()));
        match (&message.variants, &message.write) {
            (Some(variants), _) => variants.arms.iter().map(|(_, template)| named(template)).collect(),
            (None, Some(write)) => write.fallback.iter().map(named).collect(),
            (None, None) => {
                let place = message.template.as_ref().or(message.text.as_ref());
                let place = place.map_or(&message.place, |text| &text.place);
                vec![(place.clone(), message.template.clone())]
            }
        }
    }

    fn variants(&mut self, variants: &written::Variants) -> Option<Body> {
        for (_, template) in &variants.arms {
            self.known(Sort::Template, template);
        }
        let test = variants.test.as_ref().and_then(|test| {
            Some(Test {
                by: match test.by.as_ref()?.value {
                    written::TestBy::Goal => TestBy::Goal,
                    written::TestBy::Reply => TestBy::Reply,
                    written::TestBy::Click => TestBy::Click,
                },
                method: match test.method.as_ref()?.value {
                    written::TestMethod::Fixed => TestMethod::Fixed,
                    written::TestMethod::AlwaysValid => TestMethod::AlwaysValid,
                },
                per_arm: test.per_arm.as_ref().and_then(|count| u32::try_from(count.value).ok()),
            })
        });
        let arms: Vec<_> =
            variants.arms.iter().map(|(arm, template)| (arc(arm), TemplateName::new(template.as_str()))).collect();
        (!arms.is_empty()).then_some(Body::Variants(Variants { arms, test }))
    }

    // ---- texts by a model ----

    fn write(&mut self, message: &Message, write: &Write, view: &View<'a>) -> Option<Body> {
        if !write.lacks.is_empty() {
            self.sink.push(found::write_incomplete(&write.place, &write.lacks));
        }
        if let Some(fallback) = &write.fallback {
            self.known(Sort::Template, fallback);
        }
        for fact in &write.facts {
            self.fact(fact, view);
        }
        if write.must_include.is_empty() {
            self.sink.push(found::nothing_to_include(&write.place));
        }
        for placeholder in &write.must_include {
            self.placeholder(placeholder, view);
        }
        self.instructions(&write.instructions, view);
        Some(Body::Write(Arc::new(WriteSpec {
            instructions: arc(&write.instructions),
            subject: message.subject.as_ref().map(|subject| self.markup(subject, view)),
            objective: write.objective.as_ref().map(|objective| Arc::from(objective.value.word())),
            facts: write.facts.iter().map(arc).collect(),
            must_include: write.must_include.iter().map(arc).collect(),
            never: write.never.iter().map(arc).collect(),
            max_chars: u32::try_from(write.max_chars.as_ref()?.value).unwrap_or(u32::MAX),
            approve: approve(write.approve.as_ref()?)?,
            fallback: TemplateName::new(write.fallback.as_ref()?.as_str()),
        })))
    }

    /// A field that the model is told: it has to exist, and may be told.
    fn fact(&mut self, fact: &Text, view: &View<'a>) {
        if self.fact_type(fact, view) && !self.may_see(fact) {
            self.sink.push(found::unseen_fact(fact, fact, false));
        }
    }

    /// Whether there is such a fact here; reports it otherwise.
    pub(super) fn fact_type(&mut self, fact: &Text, view: &View<'a>) -> bool {
        let parts: Vec<&str> = fact.split('.').collect();
        if let ["conversation", "last_5"] | ["prefers"] | ["prefers", _] | ["prefers", _, _] = parts.as_slice() {
            return true;
        }
        match view.resolve(&parts) {
            Ok(_) => true,
            Err(unknown) => {
                let wrong = parts.get(unknown.at).copied().unwrap_or_default();
                let near = crate::diag::nearest(wrong, unknown.candidates.iter().map(String::as_str));
                let near = near.map(|near| {
                    let mut parts = parts.clone();
                    parts[unknown.at] = near;
                    parts.join(".")
                });
                if !self.names.open {
                    self.sink.push(found::unknown_fact(fact, near.as_deref()));
                }
                false
            }
        }
    }

    fn may_see(&self, path: &str) -> bool {
        let root = path.split('.').next().unwrap_or_default();
        let listed =
            |allowed: &str| path == allowed || path.strip_prefix(allowed).is_some_and(|rest| rest.starts_with('.'));
        self.names.open || OURS.contains(&root) || HARMLESS.iter().any(|path| listed(path)) || {
            self.model_sees.iter().any(|path| listed(path))
        }
    }

    fn placeholder(&mut self, name: &Text, view: &View<'a>) {
        let view = view.as_text();
        let known = view.placeholder_names();
        if !known.contains(&name.to_string()) {
            let near = crate::diag::nearest(name, known.iter().map(String::as_str));
            self.sink.push(found::unknown_placeholder(name, near, &known));
        }
    }

    /// Instructions are orders to the model: words that a person typed would be orders too.
    fn instructions(&mut self, text: &Text, view: &View<'a>) {
        self.markup(text, view);
        let checked = texts::check(text, &view.as_text(), self.partials);
        for path in &checked.paths {
            let parts: Vec<&str> = path.split('.').collect();
            let theirs = ["contact", "event", "booking", "conversation"].contains(&parts[0]);
            let typed = matches!(view.resolve(&parts), Ok(Type::Text | Type::List(_) | Type::Record(_) | Type::Any));
            if theirs && typed && !KEPT.contains(&path.as_str()) {
                self.sink.push(found::words_of_contact(text, path));
            } else if theirs && !self.may_see(path) {
                self.sink.push(found::unseen_fact(text, path, true));
            }
        }
    }

    /// The model of the project, or of an environment.
    pub(super) fn model(&mut self, model: &written::Model) -> Option<Model> {
        let view = View { booking: crate::compile::scope::Presence::Always, run: true, ..self.base.view() };
        for path in &model.may_see {
            // fields of events and bookings are known where a text stands
            if path.starts_with("contact.") {
                self.fact_type(path, &view);
            }
        }
        let at_most = model.at_most.as_ref().and_then(|text| match Value::parse_money(text) {
            Some(Value::Money(amount, currency)) => Some((amount, currency)),
            _ => {
                self.sink.push(found::no_money(text));
                None
            }
        });
        let timeout = model.timeout.as_ref().and_then(|span| self.span(span));
        let per = model.per.as_ref().and_then(|span| self.span(span)).unwrap_or(Span::days(1));
        Some(Model {
            provider: match model.provider.as_ref()?.value {
                written::ModelProvider::Openai => ModelProvider::Openai,
                written::ModelProvider::Anthropic => ModelProvider::Anthropic,
                written::ModelProvider::Ollama => ModelProvider::Ollama,
            },
            url: model.url.as_ref().map(arc),
            key: model.key.as_ref().map(arc),
            name: arc(model.name.as_ref()?),
            timeout: timeout?,
            may_see: model.may_see.iter().map(arc).collect(),
            at_most: at_most?,
            per,
        })
    }
}

fn approve(text: &Text) -> Option<Approve> {
    Some(match text.as_str() {
        "always" => Approve::Always,
        "never" => Approve::Never,
        "risky" => Approve::Risky,
        first => Approve::First(first.strip_prefix("first ")?.parse().ok()?),
    })
}
