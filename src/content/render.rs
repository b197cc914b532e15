//! Templates made ready once, and filled per message.
//!
//! Markdown, layouts and inlined styles are worked out when a text is first needed; after that rendering only fills values. A text that needs a missing
//! value, grows too long or runs too long is a fault, never a half message. Must not know why a text is sent.
use super::filters::{self, with_budget};
use super::markdown::{self, Shield};
use super::reads::Reads;
use super::values::{Root, Values, shown};
use crate::calendar::Zone;
use crate::id::{ChannelName, TemplateName};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, io, sync::OnceLock};

/// Longest text, and most that values may add to it, in bytes.
const MAX_OUTPUT: usize = 256 * 1_024;
/// Room made at once for a text.
const USUAL: usize = 2 * 1_024;
/// Instructions of the template engine for one text.
const FUEL: u64 = 200_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    Markdown,
    Text,
    Html,
}

/// One template file, front matter apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TemplateText {
    pub(crate) name: TemplateName,
    /// Only for that channel; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<ChannelName>,
    /// Only for that language; `None` for readers of whom no other variant is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<String>,
    pub(crate) form: Form,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preheader: Option<String>,
    /// Name of a layout; `None` for the built-in one, or none for HTML that is a whole page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) layout: Option<String>,
    pub(crate) body: String,
}

/// `templates/layouts/*.html`: a page with `{{ content }}`, and where wanted `{{ subject }}` and `{{ preheader }}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct LayoutText {
    pub(crate) name: String,
    pub(crate) body: String,
}

/// `templates/partials/*`: for `{% include 'name' %}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PartialText {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) body: String,
}

/// Every text of a project.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TemplateTexts {
    /// First of the project's locales.
    pub(crate) locale: String,
    pub(crate) templates: Vec<TemplateText>,
    pub(crate) layouts: Vec<LayoutText>,
    pub(crate) partials: Vec<PartialText>,
}

/// Whose language and clock a text uses.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Reader {
    pub(crate) locale: String,
    pub(crate) zone: Zone,
}

/// What the channel can carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// Subject, text and HTML.
    Mail,
    /// Text alone.
    Plain,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Rendered {
    pub(crate) subject: Option<String>,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
}

/// Why a text could not be made for this person.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum RenderFault {
    #[error("there is no template `{name}` for this channel")]
    NoTemplate { name: String },
    #[error("`{path}` is missing and has no default")]
    Missing { path: String },
    #[error("{what} cannot be put into a text")]
    NotPrintable { what: String },
    #[error("the text is longer than 256 KiB")]
    TooLong,
    #[error("the text takes too long to make")]
    TooSlow,
    #[error("the text is empty")]
    Empty,
    #[error("the subject is empty")]
    EmptySubject,
    #[error("a link does not lead to a page, a mail or a call")]
    UnsafeLink,
    #[error("{detail}")]
    Broken { detail: String },
}

/// A text that could not be made ready; it renders as `NoTemplate` or `Broken`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LoadFault {
    pub(crate) template: String,
    pub(crate) detail: String,
}

struct Variant {
    channel: Option<ChannelName>,
    locale: Option<String>,
    text: TemplateText,
    layout: Option<String>,
    /// Markdown and style sheets are worked out when the text is first needed: a preview needs few of many.
    ready: OnceLock<Result<Ready, String>>,
}

/// A text whose forms are worked out, and what they read.
struct Ready {
    engine: Environment<'static>,
    reads: Reads,
}

/// Every text of a plan, ready to be filled. Made once per plan; rendering takes `&self`.
pub(crate) struct Templates {
    engine: Environment<'static>,
    locale: String,
    variants: BTreeMap<TemplateName, Vec<Variant>>,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("names", &self.variants.keys()).finish_non_exhaustive()
    }
}

pub(super) fn engine() -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(50);
    env.set_auto_escape_callback(|name| if name.ends_with("#html") { AutoEscape::Html } else { AutoEscape::None });
    env.set_path_join_callback(|name, parent| {
        let ending = if parent.ends_with("#html") { "html" } else { "text" };
        format!("partials/{name}#{ending}").into()
    });
    env.set_formatter(|out, state, value| {
        let html = matches!(state.auto_escape(), AutoEscape::Html);
        let text = with_budget(state, |budget| {
            let text = shown(value, &budget.reader)?;
            budget.spend(text.len())?;
            Ok(text)
        })?;
        // a captured block is markup already; everything else is a value and never becomes markup
        let written = if html && !value.is_safe() { markdown::escaped(&text) } else { text };
        out.write_str(&written).map_err(|_| Error::from(ErrorKind::WriteFailure))
    });
    filters::add_all(&mut env);
    env
}

impl Templates {
    /// Makes everything ready. What cannot be made is listed and left out.
    pub(crate) fn load(texts: &TemplateTexts) -> (Self, Vec<LoadFault>) {
        let mut faults = Vec::new();
        let mut this = Self { engine: engine(), locale: texts.locale.clone(), variants: BTreeMap::new() };
        for partial in &texts.partials {
            if let Err(detail) = add_partial(&mut this.engine, partial) {
                faults.push(LoadFault { template: format!("partials/{}", partial.name), detail });
            }
        }
        for text in &texts.templates {
            match variant(text, texts) {
                Ok(variant) => this.variants.entry(text.name.clone()).or_default().push(variant),
                Err(detail) => faults.push(LoadFault { template: text.name.to_string(), detail }),
            }
        }
        (this, faults)
    }

    /// Whether a reader of that language gets a text on that channel.
    #[cfg(test)]
    pub(crate) fn has(&self, name: &TemplateName, channel: &ChannelName, locale: &str) -> bool {
        self.choose(name, channel, locale).is_some()
    }

    /// What a reader's text may read: values that it does not need are not worth working out.
    pub(crate) fn reads(&self, name: &TemplateName, channel: &ChannelName, reader: &Reader) -> Reads {
        let ready = self.choose(name, channel, &reader.locale).map(|variant| variant.ready(&self.engine));
        ready.and_then(|ready| Some(ready.as_ref().ok()?.reads.clone())).unwrap_or_default()
    }

    fn choose(&self, name: &TemplateName, channel: &ChannelName, locale: &str) -> Option<&Variant> {
        let variants = self.variants.get(name)?;
        // the usual case needs no names of languages
        if let [only @ Variant { channel: None, locale: None, .. }] = variants.as_slice() {
            return Some(only);
        }
        best(variants, |variant| (variant.channel.as_ref(), variant.locale.as_deref()), channel, locale, &self.locale)
    }

    /// The text of a template for one reader.
    pub(crate) fn render(
        &self,
        name: &TemplateName,
        channel: &ChannelName,
        shape: Shape,
        reader: &Reader,
        values: &Values,
    ) -> Result<Rendered, RenderFault> {
        let variant = self
            .choose(name, channel, &reader.locale)
            .ok_or_else(|| RenderFault::NoTemplate { name: name.to_string() })?;
        let ready = variant.ready(&self.engine).as_ref();
        let engine = &ready.map_err(|detail| RenderFault::Broken { detail: detail.clone() })?.engine;
        let fill = |ending: &str| {
            let template = engine.get_template(ending).map_err(|error| broken(&error))?;
            run(&template, reader, values)
        };
        let text = tidy(&fill("#text")?);
        if text.is_empty() {
            return Err(RenderFault::Empty);
        }
        let mail = shape == Shape::Mail;
        let subject = if mail && variant.text.subject.is_some() { Some(one_line(&fill("#subject")?)) } else { None };
        if subject.as_deref() == Some("") {
            return Err(RenderFault::EmptySubject);
        }
        let html = if mail && variant.text.form != Form::Text { Some(fill("#html")?) } else { None };
        Ok(Rendered { subject, text, html })
    }

    /// A short text that stands in a document: the title of a task, a parameter, a web address. Plain, one fault or one text.
    pub(crate) fn line(&self, source: &str, reader: &Reader, values: &Values) -> Result<String, RenderFault> {
        crate::expr::template(source).map_err(|fault| RenderFault::Broken { detail: fault.kind.message() })?;
        let template = self.engine.template_from_named_str("line#text", source).map_err(|error| broken(&error))?;
        run(&template, reader, values)
    }
}

/// What a file is, and its layout, without working its text out.
fn variant(text: &TemplateText, texts: &TemplateTexts) -> Result<Variant, String> {
    let layout = text
        .layout
        .as_ref()
        .map(|name| {
            let found = texts.layouts.iter().find(|layout| layout.name == *name);
            found.map(|layout| layout.body.clone()).ok_or_else(|| format!("there is no layout `{name}`"))
        })
        .transpose()?;
    // the sources are read once more as they are: afterwards a mistake could hide behind a word
    for source in [Some(&text.body), text.subject.as_ref(), text.preheader.as_ref()].into_iter().flatten() {
        crate::expr::template(source).map_err(|fault| fault.kind.message())?;
    }
    Ok(Variant {
        channel: text.channel.clone(),
        locale: text.locale.as_deref().map(folded),
        text: text.clone(),
        layout,
        ready: OnceLock::new(),
    })
}

impl Variant {
    fn ready(&self, engine: &Environment<'static>) -> &Result<Ready, String> {
        self.ready.get_or_init(|| self.work_out(engine.clone()))
    }

    /// Its forms, in an engine of its own that has everything the shared one has.
    fn work_out(&self, mut engine: Environment<'static>) -> Result<Ready, String> {
        let (plain, html) = forms(&self.text, self.layout.as_deref())?;
        let forms = [("#text", Some(plain)), ("#html", html), ("#subject", self.text.subject.clone())];
        let reads = Reads::of(forms.iter().filter_map(|(_, source)| source.as_deref()));
        for (name, source) in forms {
            if let Some(source) = source {
                add(&mut engine, name.to_owned(), source)?;
            }
        }
        Ok(Ready { engine, reads })
    }
}

/// A partial in both of its forms.
pub(super) fn add_partial(engine: &mut Environment<'static>, partial: &PartialText) -> Result<(), String> {
    let (html, text) = partial_forms(partial);
    let both = [("html", html), ("text", text)];
    let added = both.map(|(ending, source)| add(engine, format!("partials/{}#{ending}", partial.name), source));
    added.into_iter().collect()
}

fn add(engine: &mut Environment<'static>, name: String, source: String) -> Result<(), String> {
    // the limits of the expression reader also bound what the engine's own parser is given
    crate::expr::template(&source).map_err(|fault| fault.kind.message())?;
    engine.add_template_owned(name, source).map_err(|error| error.to_string())
}

/// The best variant for a reader and a channel: language first (`de-AT`, `de`, the project's, any), then the channel's own.
pub(crate) fn best<'v, V>(
    variants: &'v [V],
    key: impl Fn(&'v V) -> (Option<&'v ChannelName>, Option<&'v str>),
    channel: &ChannelName,
    locale: &str,
    project: &str,
) -> Option<&'v V> {
    let (locale, project) = (folded(locale), folded(project));
    let language = |locale: &str| locale.split('-').next().unwrap_or("").to_owned();
    let wanted = [locale.clone(), language(&locale), project.clone(), language(&project)];
    let locales = wanted.iter().map(|locale| Some(locale.as_str())).chain([None]);
    for locale in locales {
        for channel in [Some(channel), None] {
            let found = variants.iter().find(|variant| {
                let (its, written) = key(variant);
                its == channel && written.map(folded).as_deref() == locale
            });
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// `de_AT` and `DE-at` are the same language.
fn folded(locale: &str) -> String {
    locale.replace('_', "-").to_ascii_lowercase()
}

/// Plain text and, where there is one, HTML.
fn forms(text: &TemplateText, layout: Option<&str>) -> Result<(String, Option<String>), String> {
    let (subject, preheader) = (text.subject.as_deref(), text.preheader.as_deref());
    let all =
        [text.body.as_str(), layout.unwrap_or(markdown::PLAIN_LAYOUT), subject.unwrap_or(""), preheader.unwrap_or("")];
    let mut shield = Shield::new(&all);
    match text.form {
        Form::Text => {
            let covered = shield.bare(&text.body);
            Ok((shield.restore(&shield.tight(&covered)), None))
        }
        Form::Markdown => {
            let covered = shield.markdown(&text.body);
            let plain = shield.restore(&shield.tight(&markdown::to_text(&covered)));
            let body = markdown::to_html(&covered);
            let html = shield.page(layout.unwrap_or(markdown::PLAIN_LAYOUT), &body, subject, preheader)?;
            Ok((plain, Some(html)))
        }
        Form::Html => {
            let covered = shield.html(&text.body);
            let plain = shield.restore(&shield.tight(&markdown::html_to_text(&covered)));
            let html = match layout {
                Some(layout) => shield.page(layout, &covered, subject, preheader)?,
                None => shield.restore(&markdown::inlined(&covered)?),
            };
            Ok((plain, Some(html)))
        }
    }
}

/// A partial as HTML and as text; it has no layout of its own.
fn partial_forms(partial: &PartialText) -> (String, String) {
    let mut shield = Shield::new(&[&partial.body]);
    match partial.form {
        Form::Text => {
            let covered = shield.bare(&partial.body);
            (shield.restore(&markdown::escaped(&covered)), shield.restore(&shield.tight(&covered)))
        }
        Form::Markdown => {
            let covered = shield.markdown(&partial.body);
            let text = shield.tight(&markdown::to_text(&covered));
            (shield.restore(&markdown::to_html(&covered)), shield.restore(&text))
        }
        Form::Html => {
            let covered = shield.html(&partial.body);
            let text = shield.tight(&markdown::html_to_text(&covered));
            (shield.restore(&covered), shield.restore(&text))
        }
    }
}

struct Capped {
    out: Vec<u8>,
}

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.out.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other("too long"));
        }
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn run(
    template: &minijinja::Template<'_, '_>,
    reader: &Reader,
    values: &Values,
) -> Result<String, RenderFault> {
    let root = Root::of(values.clone(), reader.clone(), MAX_OUTPUT);
    let mut capped = Capped { out: Vec::with_capacity(USUAL) };
    template.render_captured_to(root, &mut capped).map_err(|error| broken(&error))?;
    String::from_utf8(capped.out).map_err(|_| RenderFault::Broken { detail: "the text is no UTF-8".to_owned() })
}

/// The engine's fault as ours. Its own wording carries names of places, never values.
fn broken(error: &Error) -> RenderFault {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(fault) = current.downcast_ref::<RenderFault>() {
            return fault.clone();
        }
        match current.downcast_ref::<Error>().map(Error::kind) {
            Some(ErrorKind::OutOfFuel) => return RenderFault::TooSlow,
            Some(ErrorKind::WriteFailure) => return RenderFault::TooLong,
            Some(ErrorKind::UndefinedError) => return RenderFault::Missing { path: "a name of this text".to_owned() },
            _ => cause = current.source(),
        }
    }
    RenderFault::Broken { detail: error.to_string() }
}

/// One line without control characters: a value cannot add a header.
pub(super) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// No control characters, no trailing blanks, at most one empty line.
pub(super) fn tidy(text: &str) -> String {
    let plain = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let mut out = String::with_capacity(plain.len());
    for line in plain.trim().lines() {
        let start = out.len();
        if line.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            out.push_str(line);
        } else {
            out.extend(line.chars().filter(|letter| !letter.is_control() || *letter == '\t'));
        }
        out.truncate(start + out[start..].trim_end().len());
        if out.len() > start || !out.ends_with("\n\n") {
            out.push('\n');
        }
    }
    out.trim_end().to_owned()
}
