//! Markdown and HTML mails, made once when a plan is loaded: only values are filled in per message.
//!
//! The regions of the template (`{{ … }}`, `{% … %}`) are replaced by opaque words before Markdown, layout and CSS are
//! applied, and put back after it. Authors may write HTML; values never become markup, because they are escaped when filled.
//! Must not know variants, locales or values.
use super::filters;
use crate::expr::pieces;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A layout that shows on every client, with room for nothing but the text.
pub(super) const PLAIN_LAYOUT: &str = include_str!("layout.html");

/// Placeholders that become links when they stand alone in a Markdown text.
const LINKS: [&str; 3] = ["booking_link", "unsubscribe_link", "preferences_link"];

/// The regions taken out of a text, by the number in their word.
pub(super) struct Shield {
    mark: String,
    regions: Vec<String>,
}

impl Shield {
    /// A shield whose words stand in none of the texts.
    pub(super) fn new(texts: &[&str]) -> Self {
        let mut mark = "qz".to_owned();
        while texts.iter().any(|text| text.contains(&mark)) {
            mark.push('q');
        }
        Self { mark, regions: Vec::new() }
    }

    fn word(&mut self, region: &str) -> String {
        self.regions.push(region.to_owned());
        format!("{}{}x", self.mark, self.regions.len() - 1)
    }

    /// The text with words instead of regions; each region is handed to `place` for how its word stands there.
    fn cover(&mut self, source: &str, place: impl Fn(&Covered<'_>) -> String) -> String {
        let mut out = String::with_capacity(source.len());
        for (range, is_region) in pieces(source) {
            if is_region {
                let region = &source[range.clone()];
                let word = self.word(region);
                let covered = Covered { word: &word, region, before: &out, after: &source[range.end..] };
                let placed = place(&covered);
                out.push_str(&placed);
            } else {
                out.push_str(&source[range]);
            }
        }
        out
    }

    /// For Markdown: statements alone on a line stand outside of paragraphs, links become links.
    pub(super) fn markdown(&mut self, source: &str) -> String {
        self.cover(source, |covered| {
            let Covered { word, before, after, .. } = covered;
            let line_start = before.rsplit('\n').next().unwrap_or("").trim().is_empty();
            let line_end = after.split('\n').next().unwrap_or("").trim().is_empty();
            if covered.is_statement() {
                return if line_start && line_end { format!("\n\n<!--{word}-->\n\n") } else { (*word).to_owned() };
            }
            if before.ends_with('<') && after.starts_with('>') {
                // `<{{ link }}>` would be read as a tag: the brackets become part of a link
                return format!("a href=\"{word}\">{word}</a");
            }
            let inside = before.ends_with(['(', '"', '=', '[', '\'']) || in_tag(before);
            if !inside && covered.placeholder().is_some_and(|name| LINKS.contains(&name)) {
                return format!("[{word}]({word})");
            }
            (*word).to_owned()
        })
    }

    /// For HTML: statements between tags become comments, which may stand anywhere, also inside tables.
    pub(super) fn html(&mut self, source: &str) -> String {
        self.cover(source, |covered| {
            if covered.is_statement() && !in_tag(covered.before) {
                format!("<!--{}-->", covered.word)
            } else {
                covered.word.to_owned()
            }
        })
    }

    /// For plain text the word alone.
    pub(super) fn bare(&mut self, source: &str) -> String {
        self.cover(source, |covered| covered.word.to_owned())
    }

    /// Puts the regions back; values that say where a link leads are checked when they are filled.
    pub(super) fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        let mut rest = text;
        while let Some(at) = rest.find(&self.mark) {
            let (before, from) = rest.split_at(at);
            let tail = &from[self.mark.len()..];
            let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
            let region = tail[..digits].parse::<usize>().ok().and_then(|number| self.regions.get(number));
            let Some(region) = region.filter(|_| tail[digits..].starts_with('x')) else {
                out.push_str(before);
                out.push_str(&self.mark);
                rest = tail;
                continue;
            };
            rest = &tail[digits + 1..];
            let opened = ["<!--", "&lt;!--"].into_iter().find_map(|open| before.strip_suffix(open));
            let closed = ["-->", "--&gt;"].into_iter().find_map(|close| rest.strip_prefix(close));
            match (opened, closed) {
                (Some(before), Some(after)) => {
                    out.push_str(before);
                    out.push_str(region);
                    rest = after;
                }
                _ => {
                    out.push_str(before);
                    let leads =
                        ["href=\"", "src=\"", "action=\""].into_iter().any(|attribute| before.ends_with(attribute));
                    out.push_str(&if leads { link(region) } else { region.clone() });
                }
            }
        }
        out.push_str(rest);
        out
    }
}

struct Covered<'a> {
    word: &'a str,
    region: &'a str,
    before: &'a str,
    after: &'a str,
}

impl Covered<'_> {
    /// Only `{% … %}` and comments: nothing of it is printed.
    fn is_statement(&self) -> bool {
        !self.region.contains("{{")
    }

    fn placeholder(&self) -> Option<&str> {
        let inner = self.region.trim().strip_prefix("{{")?.strip_suffix("}}")?;
        Some(inner.trim_matches(['-', ' ']))
    }
}

/// Between `<` and its `>`.
fn in_tag(before: &str) -> bool {
    match before.rfind('<') {
        Some(open) => {
            let tag = &before[open + 1..];
            !tag.contains('>') && tag.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/')
        }
        None => false,
    }
}

/// `{{ x }}` at the start of a link gets the filter that refuses what is no link.
fn link(region: &str) -> String {
    let inner = region.trim().strip_prefix("{{").and_then(|inner| inner.strip_suffix("}}"));
    match inner {
        Some(inner) if !inner.contains("{{") && !inner.contains("}}") => {
            let inner = inner.trim_start_matches('-').trim_end_matches('-').trim();
            format!("{{{{ ({inner}) | {} }}}}", filters::LINK)
        }
        _ => region.to_owned(),
    }
}

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

/// Markdown with words as HTML.
pub(super) fn to_html(markdown: &str) -> String {
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, Parser::new_ext(markdown, OPTIONS));
    out
}

/// Markdown with words as plain text: links with their address, lists with dashes.
pub(super) fn to_text(markdown: &str) -> String {
    let mut writer = TextWriter::default();
    for event in Parser::new_ext(markdown, OPTIONS) {
        writer.event(event);
    }
    let mut text = String::new();
    for line in writer.out.trim().lines() {
        // at most one empty line
        if !(line.trim().is_empty() && text.ends_with("\n\n")) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text.trim_end().to_owned()
}

#[derive(Default)]
struct TextWriter {
    out: String,
    /// Number of the next item, for each open list.
    lists: Vec<Option<u64>>,
    /// Address and start of the text of each open link or image.
    links: Vec<(String, usize)>,
}

impl TextWriter {
    fn gap(&mut self) {
        let tight = !self.lists.is_empty();
        let breaks = if tight { 1 } else { 2 };
        while !self.out.is_empty() && self.out.bytes().rev().take_while(|byte| *byte == b'\n').count() < breaks {
            self.out.push('\n');
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.out.push('\n'),
            Event::Rule => {
                self.gap();
                self.out.push_str("---");
                self.gap();
            }
            // tags say nothing in plain text, but words inside comments are statements
            Event::Html(html) | Event::InlineHtml(html) => {
                if html.trim_start().starts_with("<!--") {
                    self.out.push_str(&html);
                }
            }
            Event::TaskListMarker(done) => self.out.push_str(if done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::Table(_) => self.gap(),
            Tag::List(first) => {
                self.gap();
                self.lists.push(first);
            }
            Tag::Item => {
                self.gap();
                self.out.push_str(&"  ".repeat(self.lists.len().saturating_sub(1)));
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        self.out.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => self.out.push_str("- "),
                }
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((dest_url.to_string(), self.out.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link => {
                let Some((address, start)) = self.links.pop() else { return };
                let label = self.out[start..].trim();
                if label.is_empty() {
                    self.out.push_str(&address);
                } else if label != address && address.strip_prefix("mailto:") != Some(label) {
                    self.out.push_str(&format!(" ({address})"));
                }
            }
            // its description stands in the text; its address helps nobody
            TagEnd::Image => drop(self.links.pop()),
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap();
            }
            TagEnd::TableCell => self.out.push_str("  "),
            TagEnd::TableRow | TagEnd::TableHead => self.out.push('\n'),
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::BlockQuote(_) | TagEnd::CodeBlock | TagEnd::Table => {
                self.gap();
            }
            _ => {}
        }
    }
}

/// HTML with words as plain text: for mails whose author wrote HTML only.
pub(super) fn html_to_text(html: &str) -> String {
    let mut out = String::new();
    let visible = without(&without(html, "<style", "</style>"), "<head", "</head>");
    let mut rest = visible.as_str();
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open].split_whitespace().collect::<Vec<_>>().join(" "));
        if rest[..open].ends_with(char::is_whitespace) {
            out.push(' ');
        }
        let tag = &rest[open..];
        if tag.starts_with("<!--") {
            let end = tag.find("-->").map_or(tag.len(), |end| end + 3);
            out.push_str(&tag[..end]);
            rest = &tag[end..];
            continue;
        }
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let name: String = tag[1..]
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase();
        if ["p", "div", "br", "tr", "li", "table", "ul", "ol", "h1", "h2", "h3", "h4"].contains(&name.as_str()) {
            out.push('\n');
        }
        if name == "a"
            && !tag.starts_with("</")
            && let Some(address) = tag[..end].split("href=\"").nth(1).and_then(|tail| tail.split('"').next())
        {
            out.push_str(&format!("{address} "));
        }
        rest = &tag[end..];
    }
    out.push_str(rest);
    for (entity, letter) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        out = out.replace(entity, letter);
    }
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    let mut text = String::new();
    for line in lines {
        if !(line.is_empty() && (text.is_empty() || text.ends_with("\n\n"))) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.trim_end().to_owned()
}

fn without(html: &str, open: &str, close: &str) -> String {
    let mut out = html.to_owned();
    while let Some(start) = out.find(open) {
        let end = out[start..].find(close).map_or(out.len(), |end| start + end + close.len());
        out.replace_range(start..end, "");
    }
    out
}

/// Style sheets copied to their elements; media queries stay.
pub(super) fn inlined(html: &str) -> Result<String, String> {
    css_inline::CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_at_rules(true)
        .build()
        .inline(&with_table_bodies(html))
        .map_err(|error| error.to_string())
}

/// Rows right inside a table get the `<tbody>` that a reader of HTML would add, but around the comments of a loop over them.
fn with_table_bodies(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 64);
    let mut added = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let name = tag[1..end].to_ascii_lowercase();
        let is =
            |wanted: &str| name.strip_prefix(wanted).is_some_and(|tail| tail.starts_with(['>', ' ', '\n', '\t', '\r']));
        if is("/table") && added.pop() == Some(true) {
            out.push_str("</tbody>");
        }
        out.push_str(&tag[..end]);
        rest = &tag[end..];
        if is("table") {
            added.push(false);
        }
        if (is("table") || is("/thead"))
            && first_tag(rest).starts_with("<tr")
            && let Some(last @ false) = added.last_mut()
        {
            *last = true;
            out.push_str("<tbody>");
        }
    }
    out.push_str(rest);
    out
}

/// What follows blanks and comments.
fn first_tag(html: &str) -> &str {
    let mut rest = html.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = comment.find("-->").map_or("", |end| &comment[end + 3..]).trim_start();
    }
    rest
}

/// The text between tags or inside an attribute, without meaning as markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

impl Shield {
    /// A body (already covered by this shield) inside its layout, styles inlined, regions back in place.
    pub(super) fn page(
        mut self,
        layout: &str,
        body: &str,
        subject: Option<&str>,
        preheader: Option<&str>,
    ) -> Result<String, String> {
        let first = self.regions.len();
        let page = self.html(layout);
        let last = self.regions.len();
        let mut content = None;
        for number in first..last {
            let region = self.regions[number].clone();
            let covered = Covered { word: "", region: &region, before: "", after: "" };
            let text = match covered.placeholder() {
                Some("content") => {
                    content = Some(number);
                    continue;
                }
                Some("subject") => subject,
                Some("preheader") => preheader,
                _ => continue,
            };
            let bare = self.bare(text.unwrap_or(""));
            self.regions[number] = self.restore(&escaped(&bare));
        }
        let number = content.ok_or("the layout has no `{{ content }}`")?;
        let page = page.replace(&format!("{}{number}x", self.mark), body);
        Ok(self.restore(&inlined(&page)?))
    }

    /// Lines of statements only leave no empty line behind.
    pub(super) fn tight(&self, covered: &str) -> String {
        let mut out = String::with_capacity(covered.len());
        for line in covered.split_inclusive('\n') {
            if self.only_statements(line) {
                out.push_str(line.trim());
            } else {
                out.push_str(line);
            }
        }
        out
    }

    fn only_statements(&self, line: &str) -> bool {
        let mut rest = line.trim();
        let mut any = false;
        while let Some(tail) = rest.strip_prefix("<!--").unwrap_or(rest).strip_prefix(&self.mark) {
            let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
            let region = tail[..digits].parse::<usize>().ok().and_then(|number| self.regions.get(number));
            let Some(after) = tail[digits..].strip_prefix('x') else { return false };
            if region.is_none_or(|region| region.contains("{{")) {
                return false;
            }
            any = true;
            rest = after.strip_prefix("-->").unwrap_or(after).trim_start();
        }
        any && rest.is_empty()
    }
}
