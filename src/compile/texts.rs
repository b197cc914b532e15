//! Texts with `{{ … }}`: the one door to their checks, and their form in the plan. Knows no step.
use crate::{
    diag::SourceMap,
    document::{Body, Document, Template, template::Format},
    expr::{Fault, Scope},
    id::{ChannelName, TemplateName},
    plan::{TemplateText, TextForm},
};
use std::{collections::BTreeSet, sync::Arc};

/// What a text was found to be.
#[derive(Clone, Debug, Default)]
pub(super) struct Checked {
    pub(super) faults: Vec<Fault>,
    /// Dotted names that it reads.
    pub(super) paths: BTreeSet<String>,
    pub(super) partials: BTreeSet<String>,
}

impl Checked {
    pub(super) fn reads(&self, root: &str) -> bool {
        self.paths.iter().any(|path| path.split('.').next() == Some(root))
    }
}

pub(super) fn check(source: &str, _scope: &dyn Scope, _partials: &BTreeSet<String>) -> Checked {
    let faults = crate::expr::template(source).err().into_iter().collect();
    let words = ["event", "unsubscribe_link", "preferences_link", "postal_address", "opt_out"];
    let paths = words.into_iter().filter(|word| source.contains(word)).map(str::to_owned).collect();
    Checked { faults, paths, partials: BTreeSet::new() }
}

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
