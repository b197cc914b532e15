//! Texts with `{{ … }}`: their checks against every run that can reach them, and which of them a step sends.
//!
//! Which variant of a template a reader gets is decided by [`content::best`]. Knows no time and no law.
use super::{
    foreign,
    found::{message, texts as found},
    lower::MessageUse,
    scope::{Base, EventView, Presence, View},
    ways::Ways,
};
use crate::{
    content,
    diag::{FileId, Place, Sink, SourceMap},
    document::{Body, Document, Template, Text, template::Format},
    expr::{Fault, FaultKind, NameKind, Scope, Unknown},
    id::{ChannelName, TemplateName},
    plan::{Medium, TemplateText, TextForm},
    value::Type,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Checks one text and says what it reads.
pub(super) fn check(source: &str, scope: &dyn Scope, partials: &BTreeSet<String>) -> content::Checked {
    content::check(source, scope, partials)
}

/// Whether one of the paths begins with that root.
pub(super) fn reads(checked: &content::Checked, root: &str) -> bool {
    checked.paths.iter().any(|path| path.split('.').next() == Some(root))
}

/// One file of a template.
struct Variant<'a> {
    file: &'a FileId,
    template: &'a Template,
    channel: Option<ChannelName>,
    /// The head could not be read, so that a subject may stand in it.
    broken: bool,
    /// Something in it is wrong; what it lacks is said when that is repaired.
    faulty: bool,
    /// Everything that it reads, its layout and partials included.
    paths: BTreeSet<String>,
}

impl Variant<'_> {
    fn is_empty(&self) -> bool {
        self.template.body.trim().is_empty()
    }
}

/// Every text that messages are made of.
pub(super) struct Texts<'a> {
    templates: BTreeMap<&'a str, Vec<Variant<'a>>>,
    layouts: BTreeMap<&'a str, Text>,
    partials: BTreeMap<&'a str, Text>,
    names: BTreeSet<String>,
    /// Languages of the project, the default first.
    locales: Vec<Arc<str>>,
    /// Messages, by sequence and step, that name the offer.
    pub(super) offering: BTreeSet<(String, String)>,
    /// What the texts of messages written in place read.
    inline: BTreeMap<Place, BTreeSet<String>>,
}

/// A text that goes out on a channel.
pub(super) struct Sent<'t> {
    pub(super) name: &'t str,
    /// Where a line could be added.
    pub(super) end: Place,
    paths: &'t BTreeSet<String>,
    /// What is written in it, without layouts and partials.
    pub(super) parts: Vec<(Part, &'t Text)>,
}

/// Where in a message a text stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Subject,
    Preheader,
    Body,
}

impl Sent<'_> {
    pub(super) fn reads(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether it reads anything of that root.
    pub(super) fn reads_root(&self, root: &str) -> bool {
        self.paths.iter().any(|path| path.split('.').next() == Some(root))
    }

    pub(super) fn reads_any(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.paths.contains(*path))
    }
}

/// A file of a template, with the channel and the language that its name says.
pub(super) struct Filed<'t> {
    pub(super) file: &'t FileId,
    pub(super) channel: Option<&'t str>,
    pub(super) locale: Option<&'t str>,
}

/// The text that readers of a language get on a channel.
pub(super) struct Chosen<'t> {
    pub(super) form: Format,
    pub(super) subject: Option<&'t Text>,
    pub(super) body: &'t Text,
    pub(super) locale: &'t str,
    /// Everything that it reads.
    pub(super) paths: &'t BTreeSet<String>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(
        documents: &'a [Document],
        sources: &'a SourceMap,
        locales: &[Arc<str>],
        broken: &BTreeSet<FileId>,
    ) -> Self {
        let mut templates: BTreeMap<&str, Vec<Variant<'_>>> = BTreeMap::new();
        for document in documents {
            let Body::Template(template) = &document.body else { continue };
            templates.entry(&template.id).or_default().push(Variant {
                file: &document.file,
                template,
                channel: template.channel.as_ref().map(ChannelName::new),
                broken: !document.whole || broken.contains(&document.file),
                faulty: false,
                paths: BTreeSet::new(),
            });
        }
        let frames = |prefix: &str| {
            let inside = sources.files().filter_map(move |(file, text)| {
                let name = file.as_str().strip_prefix(prefix)?;
                Some((name.rsplit_once('.')?.0, Text::verbatim(text, file, 0)))
            });
            inside.collect::<BTreeMap<_, _>>()
        };
        let partials = frames("templates/partials/");
        Self {
            templates,
            layouts: frames("templates/layouts/"),
            names: partials.keys().map(|name| (*name).to_owned()).collect(),
            partials,
            locales: locales.to_vec(),
            offering: BTreeSet::new(),
            inline: BTreeMap::new(),
        }
    }

    /// The variant of a template for a channel and a language.
    fn choose(&self, template: &str, channel: &ChannelName, locale: &str) -> Option<&Variant<'a>> {
        let project = self.locales.first().map_or("en", |locale| locale);
        let variants = self.templates.get(template)?;
        content::best(
            variants,
            |variant| (variant.channel.as_ref(), variant.template.locale.as_deref()),
            channel,
            locale,
            project,
        )
    }

    /// The texts that a message sends on a channel, over all languages.
    pub(super) fn sent(&self, message: &'a MessageUse<'_>, channel: &ChannelName) -> Vec<Sent<'_>> {
        let Some(template) = &message.template else {
            let Some(paths) = self.inline.get(&message.place) else { return Vec::new() };
            let part = |at: usize| if at == 0 && message.has_subject { Part::Subject } else { Part::Body };
            let parts = message.texts.iter().enumerate().map(|(at, text)| (part(at), text)).collect();
            return vec![Sent { name: &message.step, end: message.place.clone(), paths, parts }];
        };
        let mut files = BTreeSet::new();
        let mut sent = Vec::new();
        for variant in self.locales.iter().filter_map(|locale| self.choose(template, channel, locale)) {
            if !variant.broken && !variant.faulty && files.insert(variant.file) {
                sent.push(Sent {
                    name: variant.file.as_str(),
                    end: last_line(&variant.template.body),
                    paths: &variant.paths,
                    parts: parts(variant.template),
                });
            }
        }
        sent
    }

    /// The bodies of a message on a channel over all languages, as they are written.
    pub(super) fn bodies<'t>(&'t self, message: &'t MessageUse<'_>, channel: &ChannelName) -> Vec<&'t Text> {
        let Some(template) = &message.template else { return message.texts.iter().collect() };
        self.read_on(template, channel).into_iter().map(|template| &template.body).collect()
    }

    /// The subjects of a template on a channel.
    pub(super) fn subjects(&self, message: &MessageUse<'_>, channel: &ChannelName) -> Vec<&Text> {
        let Some(template) = &message.template else { return Vec::new() };
        self.read_on(template, channel).into_iter().filter_map(|template| template.subject.as_ref()).collect()
    }

    fn read_on(&self, template: &str, channel: &ChannelName) -> Vec<&Template> {
        let variants = self.locales.iter().filter_map(|locale| self.choose(template, channel, locale));
        variants.filter(|variant| !variant.broken).map(|variant| variant.template).collect()
    }
}

impl<'a> Texts<'a> {
    /// The files of each template.
    pub(super) fn files(&self) -> Vec<Vec<Filed<'a>>> {
        let filed = |variant: &Variant<'a>| Filed {
            file: variant.file,
            channel: variant.template.channel.as_deref(),
            locale: variant.template.locale.as_deref(),
        };
        self.templates.values().map(|variants| variants.iter().map(filed).collect()).collect()
    }

    /// The sound texts of a message on a channel, one for each language.
    pub(super) fn chosen<'t>(&'t self, message: &'t MessageUse<'a>, channel: &ChannelName) -> Vec<Chosen<'t>> {
        let locales = self.locales.iter().map(|locale| &**locale);
        let Some(template) = &message.template else {
            let (Some(paths), Some(body)) =
                (self.inline.get(&message.place), message.texts.get(usize::from(message.has_subject)))
            else {
                return Vec::new();
            };
            let subject = message.texts.first().filter(|_| message.has_subject);
            return locales.map(|locale| Chosen { form: Format::Text, subject, body, locale, paths }).collect();
        };
        let chosen = locales.filter_map(|locale| {
            let variant =
                self.choose(template, channel, locale).filter(|variant| !variant.broken && !variant.faulty)?;
            let template = variant.template;
            Some(Chosen {
                form: template.format,
                subject: template.subject.as_ref(),
                body: &template.body,
                locale,
                paths: &variant.paths,
            })
        });
        chosen.collect()
    }
}

fn parts(template: &Template) -> Vec<(Part, &Text)> {
    let head = [(Part::Subject, template.subject.as_ref()), (Part::Preheader, template.preheader.as_ref())];
    let head = head.into_iter().filter_map(|(part, text)| Some((part, text?)));
    head.chain([(Part::Body, &template.body)]).collect()
}

/// The last line of a text that is not empty, as a place to add another.
fn last_line(text: &Text) -> Place {
    let end = text.trim_end().len();
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    if start == end { Place::of_file(text.place.file.clone()) } else { text.inside(start..end) }
}

// ---- checking ----

/// Checks every text against every run that reaches it, and every message for what it lacks. Returns the sequences whose
/// texts read the event that started the run.
pub(super) fn check_all<'a>(
    texts: &mut Texts<'a>,
    messages: &[MessageUse<'a>],
    base: &'a Base<'a>,
    ways: &Ways<'_>,
    sink: &mut Sink,
) -> BTreeSet<String> {
    let mut reading = BTreeSet::new();
    let mut walk = Walk { done: BTreeSet::new(), frames: BTreeMap::new(), faults: 0, ways, sink };
    for message in messages {
        if walk.message(texts, message) {
            reading.insert(message.sequence.clone());
        }
    }
    walk.unused(texts, messages, base);
    subjects(texts, messages, walk.sink);
    languages(texts, messages, walk.sink);
    reading
}

/// What a place can see, as a key: the view of an event is shared by all places that have it.
type ViewKey = (usize, Presence, bool, usize);

struct Walk<'s> {
    ways: &'s Ways<'s>,
    /// Template files and views that were checked together.
    done: BTreeSet<(FileId, ViewKey)>,
    /// Layouts and partials that were checked, with what they read.
    frames: BTreeMap<(FileId, ViewKey), content::Checked>,
    /// Faults so far; those of a frame count for every text that uses it.
    faults: usize,
    sink: &'s mut Sink,
}

impl Walk<'_> {
    /// Whether the text reads the event that started the run.
    fn message<'a>(&mut self, texts: &mut Texts<'a>, message: &MessageUse<'a>) -> bool {
        let what = format!("`{}` of `{}`", message.step, message.sequence);
        let Some(template) = &message.template else { return self.inline(texts, message) };
        let (mut reads, mut offers) = (false, false);
        for at in 0..texts.templates.get(template.as_str()).map_or(0, Vec::len) {
            let variant = &texts.templates[template.as_str()][at];
            if self.done.insert((variant.file.clone(), key(&message.view))) {
                let before = self.faults;
                let by = By { place: Some(&message.place), what: &what, sequence: &message.sequence };
                let paths = self.template(texts, variant.template, &message.view, Some(by));
                if let Some(variant) = texts.templates.get_mut(template.as_str()).and_then(|all| all.get_mut(at)) {
                    variant.paths.extend(paths);
                    variant.faulty |= self.faults > before;
                }
            }
            let paths = &texts.templates[template.as_str()][at].paths;
            reads |= read(paths, "event");
            offers |= read(paths, "offer");
        }
        if offers {
            texts.offering.insert((message.sequence.clone(), message.step.clone()));
        }
        reads
    }

    fn inline<'a>(&mut self, texts: &mut Texts<'a>, message: &MessageUse<'a>) -> bool {
        let before = self.faults;
        let mut paths = BTreeSet::new();
        for text in &message.texts {
            let by = By { place: None, what: "", sequence: &message.sequence };
            paths.extend(self.text(texts, text, &message.view, Some(by)));
        }
        let reads = read(&paths, "event");
        if read(&paths, "offer") {
            texts.offering.insert((message.sequence.clone(), message.step.clone()));
        }
        if self.faults == before {
            texts.inline.insert(message.place.clone(), paths);
        }
        reads
    }

    /// Templates that no step uses are read as a step that knows everything would.
    fn unused<'a>(&mut self, texts: &mut Texts<'a>, messages: &[MessageUse<'a>], base: &'a Base<'a>) {
        let used: BTreeSet<&str> =
            messages.iter().filter_map(|message| message.template.as_ref()).map(Text::as_str).collect();
        let event = Arc::new(EventView { fields: BTreeMap::new(), booking: Presence::Always, open: true });
        let offer = Some(Arc::new(super::scope::offer(None)));
        let view = View { booking: Presence::Always, run: true, offer, text: true, ..base.view() }.with_event(&event);
        for (_, variants) in texts.templates.iter().filter(|(name, _)| !used.contains(*name)) {
            for variant in variants {
                self.template(texts, variant.template, &view, None);
            }
        }
    }

    /// One file with its head, its layout and its partials. `by` is the step that sends it.
    fn template(
        &mut self,
        texts: &Texts<'_>,
        template: &Template,
        view: &View<'_>,
        by: Option<By<'_>>,
    ) -> BTreeSet<String> {
        if template.body.trim().is_empty() {
            self.faults += 1;
            self.sink.push(message::empty_template(&template.body.place, by.and_then(|by| by.place)));
            return BTreeSet::new();
        }
        if template.format != Format::Text {
            for picture in foreign::pictures_without_words(&template.body) {
                self.sink.push(message::silent_picture(&template.body.inside(picture)));
            }
        }
        let mut paths = BTreeSet::new();
        for text in [template.subject.as_ref(), template.preheader.as_ref(), Some(&template.body)].into_iter().flatten()
        {
            paths.extend(self.text(texts, text, view, by));
        }
        if let Some(layout) = template.layout.as_ref().and_then(|name| texts.layouts.get(name.as_str())) {
            let framed = Framed { inner: view };
            let inside = self.frame(texts, layout, &framed, key(view));
            if !inside.contains("content") {
                self.sink.push(found::layout_without_content(&last_line(layout)));
            }
            paths.extend(inside);
        }
        paths
    }

    fn text(&mut self, texts: &Texts<'_>, text: &Text, view: &View<'_>, by: Option<By<'_>>) -> BTreeSet<String> {
        let checked = check(text, view, &texts.names);
        self.faults += checked.faults.len();
        for fault in &checked.faults {
            self.sink.push(of_fault(text, fault, by, self.ways));
        }
        self.foreign(text);
        let mut paths = checked.paths;
        for partial in &checked.partials {
            if let Some(partial) = texts.partials.get(partial.as_str()) {
                paths.extend(self.frame(texts, partial, view, key(view)));
            }
        }
        paths
    }

    /// What would go out as it stands, though it was not meant to.
    fn foreign(&mut self, text: &Text) {
        for found in foreign::placeholders(text) {
            self.faults += 1;
            self.sink.push(message::foreign(&text.inside(found.at.clone()), &text[found.at], found.ours));
        }
    }

    /// A layout or partial, once for each view; partials in it follow.
    fn frame(&mut self, texts: &Texts<'_>, text: &Text, scope: &dyn Scope, view: ViewKey) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        let mut waiting = vec![text];
        let mut seen = BTreeSet::new();
        while let Some(text) = waiting.pop() {
            if !seen.insert(&text.place.file) {
                continue;
            }
            let key = (text.place.file.clone(), view);
            if !self.frames.contains_key(&key) {
                let checked = check(text, scope, &texts.names);
                for fault in &checked.faults {
                    self.sink.push(of_fault(text, fault, None, self.ways));
                }
                self.frames.insert(key.clone(), checked);
            }
            let Some(checked) = self.frames.get(&key) else { continue };
            self.faults += checked.faults.len();
            paths.extend(checked.paths.iter().cloned());
            waiting.extend(checked.partials.iter().filter_map(|name| texts.partials.get(name.as_str())));
        }
        paths
    }
}

/// Whether one of the paths begins with that root.
fn read(paths: &BTreeSet<String>, root: &str) -> bool {
    paths.iter().any(|path| path.split('.').next() == Some(root))
}

/// Who sends a text; without a place where it is written in the step itself.
#[derive(Clone, Copy)]
struct By<'b> {
    place: Option<&'b Place>,
    what: &'b str,
    sequence: &'b str,
}

fn of_fault(text: &Text, fault: &Fault, by: Option<By<'_>>, ways: &Ways<'_>) -> crate::diag::Finding {
    let Some(by) = by else { return found::fault(text, fault) };
    let finding = match by.place {
        Some(place) => found::template_fault(text, fault, place, by.what),
        None => found::fault(text, fault),
    };
    let way = match &fault.kind {
        FaultKind::MaybeMissing { path } => ways.without(by.sequence, path),
        _ => None,
    };
    match way {
        Some(way) => message::on_the_way(finding, &way.words, &way.start, &way.event),
        None => finding,
    }
}

fn key(view: &View<'_>) -> ViewKey {
    let event = view.event.as_ref().map_or(0, |event| Arc::as_ptr(event) as usize);
    let offer = view.offer.as_ref().map_or(0, |offer| Arc::as_ptr(offer) as usize);
    (event, view.booking, view.run, offer)
}

/// The names that a layout has beside those of the text inside it.
struct Framed<'v, 'a> {
    inner: &'v View<'a>,
}

const FRAME: &[&str] = &["content", "subject", "preheader", "locale"];

impl Scope for Framed<'_, '_> {
    fn resolve(&self, path: &[&str]) -> Result<Type, Unknown> {
        if path.len() == 1 && FRAME.contains(&path[0]) {
            return Ok(Type::Text);
        }
        self.inner.resolve(path)
    }

    fn nullable(&self, path: &[&str]) -> bool {
        !(path.len() == 1 && FRAME.contains(&path[0])) && self.inner.nullable(path)
    }

    fn names(&self, kind: NameKind) -> Option<Vec<String>> {
        self.inner.names(kind)
    }

    fn event_fields(&self, event: &str) -> Option<BTreeMap<Arc<str>, Type>> {
        self.inner.event_fields(event)
    }
}

// ---- what a message lacks ----

fn is_mail(channel: &ChannelName) -> bool {
    Medium::of(channel.as_str()) == Medium::Email
}

fn subjects(texts: &Texts<'_>, messages: &[MessageUse<'_>], sink: &mut Sink) {
    for message in messages {
        for channel in message.channels.iter().filter(|channel| is_mail(channel)) {
            let Some(template) = &message.template else {
                if !message.has_subject {
                    sink.push(found::no_inline_subject(&message.place));
                }
                continue;
            };
            let chosen = texts.locales.iter().filter_map(|locale| texts.choose(template, channel, locale));
            for variant in
                chosen.filter(|variant| variant.template.subject.is_none() && !variant.broken && !variant.is_empty())
            {
                let text = variant.template.format == Format::Text;
                let place = Place::of_file(variant.file.clone());
                sink.push(found::no_subject(&place, variant.file.as_str(), &message.place, text));
            }
        }
    }
}

/// What is missing of a template: channel and language, and the steps that need it.
#[derive(Default)]
struct Lack<'m> {
    pairs: BTreeSet<(String, String)>,
    /// Language and the one that its readers get instead.
    untranslated: BTreeSet<(String, String)>,
    steps: Vec<String>,
    place: Option<&'m Place>,
}

fn languages(texts: &Texts<'_>, messages: &[MessageUse<'_>], sink: &mut Sink) {
    let mut lacks: BTreeMap<&str, Lack<'_>> = BTreeMap::new();
    for message in messages {
        let Some(template) = message.template.as_ref().filter(|name| texts.templates.contains_key(name.as_str()))
        else {
            continue;
        };
        let lack = lacks.entry(template.as_str()).or_default();
        let before = (lack.pairs.len(), lack.untranslated.len());
        let mut lacking = false;
        for channel in &message.channels {
            for locale in &texts.locales {
                match texts.choose(template, channel, locale) {
                    None => {
                        lacking = true;
                        lack.pairs.insert((channel.to_string(), locale.to_string()));
                    }
                    Some(variant) => {
                        if let Some(instead) = other_language(variant.template, locale, &texts.locales) {
                            lacking = true;
                            lack.untranslated.insert((locale.to_string(), instead));
                        }
                    }
                }
            }
        }
        if lacking {
            lack.steps.push(format!("`{}` of `{}`", message.step, message.sequence));
        }
        if (lack.pairs.len(), lack.untranslated.len()) != before && lack.place.is_none() {
            lack.place = Some(&message.place);
        }
    }
    for (template, lack) in lacks {
        let Some(place) = lack.place else { continue };
        let steps = listed(&lack.steps);
        if !lack.pairs.is_empty() {
            sink.push(found::no_variant(place, template, &lack.pairs, &steps));
        } else if !lack.untranslated.is_empty() {
            sink.push(found::untranslated(place, template, &lack.untranslated, &steps));
        }
    }
}

/// The language that readers of `locale` get when it is another than theirs. A file without a language is in the
/// project's first.
fn other_language(template: &Template, locale: &str, locales: &[Arc<str>]) -> Option<String> {
    let language = |locale: &str| locale.split('-').next().unwrap_or(locale).to_lowercase();
    let default = locales.first().map_or("en", |locale| locale);
    let written = template.locale.as_deref().unwrap_or(default);
    (language(written) != language(locale)).then(|| written.to_owned())
}

fn listed(steps: &[String]) -> String {
    match steps.len() {
        0..=4 => steps.join(", "),
        more => format!("{} and {} more", steps[..3].join(", "), more - 3),
    }
}

// ---- the plan's form ----

/// Every text of the project, as the plan keeps it.
pub(super) fn templates(documents: &[Document], sources: &SourceMap, inline: Vec<TemplateText>) -> Vec<TemplateText> {
    let mut all: Vec<TemplateText> = documents
        .iter()
        .filter_map(|document| match &document.body {
            Body::Template(template) => Some(of_file(document, template)),
            _ => None,
        })
        .collect();
    all.extend(inline);
    for (file, text) in sources.files() {
        all.extend(frame(file.as_str(), text));
    }
    all.sort_by(|a, b| {
        (&a.name, &a.channel, &a.locale, a.form, &a.file).cmp(&(&b.name, &b.channel, &b.locale, b.form, &b.file))
    });
    all
}

fn of_file(document: &Document, template: &Template) -> TemplateText {
    TemplateText {
        name: TemplateName::new(&template.id),
        channel: template.channel.as_ref().map(ChannelName::new),
        locale: template.locale.as_deref().map(Arc::from),
        form: match template.format {
            Format::Markdown => TextForm::Markdown,
            Format::Text => TextForm::Text,
            Format::Html => TextForm::Html,
        },
        subject: template.subject.as_ref().map(|text| Arc::from(text.as_str())),
        preheader: template.preheader.as_ref().map(|text| Arc::from(text.as_str())),
        layout: template.layout.as_ref().map(|text| Arc::from(text.as_str())),
        body: Arc::from(template.body.as_str()),
        file: Arc::from(document.file.as_str()),
    }
}

/// Layouts are named by their file (`plain`), partials by their file without its ending.
fn frame(path: &str, text: &str) -> Option<TemplateText> {
    let layout = path.strip_prefix("templates/layouts/").and_then(|name| name.strip_suffix(".html"));
    let partial = path.strip_prefix("templates/partials/").and_then(|name| Some(name.rsplit_once('.')?.0));
    let (name, form) = layout.map(|name| (name, TextForm::Layout)).or(partial.map(|name| (name, TextForm::Partial)))?;
    Some(TemplateText {
        name: TemplateName::new(name),
        channel: None,
        locale: None,
        form,
        subject: None,
        preheader: None,
        layout: None,
        body: Arc::from(text),
        file: Arc::from(path),
    })
}
