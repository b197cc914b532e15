//! A message text as written: its front matter, its body, and what its file name says. Does not parse the body.
use super::{
    check::check,
    fields::Fields,
    leaf::{TEMPLATE, is_locale},
    parse::parse_part,
    shape::{Key, Shape, Type},
    text::Text,
};
use crate::diag::{FileId, Place, Sink};

/// `templates/no_show/sorry.email.de.md` is template `no_show/sorry`, for e-mail, in German.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Template {
    /// `no_show/sorry`.
    pub(crate) id: String,
    pub(crate) channel: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) format: Format,
    pub(crate) subject: Option<Text>,
    pub(crate) preheader: Option<Text>,
    pub(crate) layout: Option<Text>,
    /// Everything after the front matter.
    pub(crate) body: Text,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Format {
    Markdown,
    Text,
    Html,
}

/// What the path of a template file says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TemplatePath {
    pub(crate) id: String,
    pub(crate) channel: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) format: Format,
}

impl TemplatePath {
    /// None when the path is no message text: outside `templates/`, a layout, a partial, another ending.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let inner = path.strip_prefix("templates/")?;
        if inner.starts_with("layouts/") || inner.starts_with("partials/") {
            return None;
        }
        let (folder, name) = inner.rsplit_once('/').map_or(("", inner), |(folder, name)| (folder, name));
        let mut parts = name.split('.');
        let stem = parts.next().filter(|stem| !stem.is_empty())?;
        let mut parts: Vec<&str> = parts.collect();
        let format = match parts.pop()? {
            "md" => Format::Markdown,
            "txt" => Format::Text,
            "html" => Format::Html,
            _ => return None,
        };
        let locale = parts.iter().find(|part| is_locale(part) && **part != "sms").map(|part| (*part).to_owned());
        let channel = parts.iter().find(|part| Some(**part) != locale.as_deref()).map(|part| (*part).to_owned());
        let id = if folder.is_empty() { stem.to_owned() } else { format!("{folder}/{stem}") };
        Some(Self { id, channel, locale, format })
    }
}

pub(crate) static FRONT_MATTER: Shape = Shape::new(
    "the head of a template",
    "What stands between the two lines of dashes at the top of a template.",
    &[
        Key::new("subject", Type::MARKUP, "Subject line of the e-mail.", "\"See you on {{ booking.start | date }}\""),
        Key::new(
            "preheader",
            Type::MARKUP,
            "The line that mail programs show beside the subject.",
            "Pick a new time in one click",
        ),
        Key::new("layout", Type::form(&TEMPLATE), "The layout around the text: a file in templates/layouts/.", "plain"),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
    ],
);

/// `---`, YAML, `---` at the top of a file: the range of the YAML and the start of the body.
fn front_matter(source: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = source.get(start..)?;
    let first = rest.strip_prefix("---\n").map(|_| 4).or_else(|| rest.strip_prefix("---\r\n").map(|_| 5))?;
    let inner = start + first;
    let mut at = inner;
    for line in source.get(inner..)?.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((inner..at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Reads a template file; `path` is what its path said.
pub(crate) fn read(file: &FileId, path: TemplatePath, source: &str, sink: &mut Sink) -> (Template, bool) {
    let TemplatePath { id, channel, locale, format } = path;
    let (head, body) = match front_matter(source) {
        Some((head, body)) if format != Format::Text => (Some(head), body),
        _ => (None, if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }),
    };
    let body = Text::verbatim(source.get(body..).unwrap_or(""), file, body);
    if source.len() > super::MAX_BYTES {
        sink.push(super::found::too_big(&Place::of_file(file.clone()), "is larger than 1 MiB"));
    }
    let mut template = Template { id, channel, locale, format, subject: None, preheader: None, layout: None, body };
    let Some(head) = head else { return (template, true) };
    let tree = parse_part(file, source, head.clone(), sink);
    let Some(root) = tree.root else { return (template, tree.whole) };
    let Some(map) = root.map() else {
        if !root.is_null() {
            sink.push(super::found::wrong_type(
                &root.head(),
                "the head of the template",
                "keys such as `subject`",
                "a text",
            ));
        }
        return (template, false);
    };
    check(map, &Place::new(file, head), &FRONT_MATTER, &[], sink);
    let fields = Fields::new(map, &FRONT_MATTER);
    template.subject = fields.text("subject");
    template.preheader = fields.text("preheader");
    template.layout = fields.text("layout");
    (template, tree.whole)
}
