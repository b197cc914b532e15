//! From the events of a YAML parser to the tree: anchors, merge keys, duplicate keys, limits. Never recursive, never
//! unbounded: what a file can make this do is limited by [`MAX_NODES`].
use super::{
    found, syntax,
    text::{Style, Text},
    tree::{Comment, Entry, Map, Node, Scalar, Tree, Value},
};
use crate::diag::{FileId, Finding, Place, Sink};
use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};
use std::collections::BTreeMap;

pub(crate) const MAX_BYTES: usize = 1024 * 1024;
pub(crate) const MAX_DEPTH: usize = 64;
pub(crate) const MAX_NODES: usize = 20_000;

/// Reads one file. Findings go to the sink; the tree holds what was read before the first syntax error.
pub(crate) fn parse(file: &FileId, source: &str, sink: &mut Sink) -> Tree {
    let mut builder = Builder::new(file, source, sink);
    if source.len() > MAX_BYTES {
        builder.sink.push(found::too_big(&builder.place(0..0), "is larger than 1 MiB"));
        return builder.finish(false);
    }
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        max_buffered_comment_events: MAX_BYTES,
    };
    let mut whole = true;
    for next in Parser::new_from_str_with_options(source, options) {
        match next {
            Err(error) => {
                let found = syntax::explain(file, source, &error);
                // `{{ a }} b` goes wrong at `b`: one mistake, told once and as a whole.
                builder.bare.retain(|bare| bare.primary.start != found.primary.start);
                builder.sink.push(found);
                whole = false;
                break;
            }
            Ok((event, span)) => match builder.event(event, span) {
                Go::On => {}
                Go::Enough => break,
                Go::Cut => {
                    whole = false;
                    break;
                }
            },
        }
    }
    builder.finish(whole)
}

/// Reads a part of a file, with places in the whole file: what stands before is blanked out byte by byte.
pub(crate) fn parse_part(file: &FileId, source: &str, part: std::ops::Range<usize>, sink: &mut Sink) -> Tree {
    let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    let mut text: String = source.bytes().take(part.start).map(blank).collect();
    text.push_str(source.get(part).unwrap_or(""));
    parse(file, &text, sink)
}

enum Go {
    On,
    /// The first document is complete.
    Enough,
    /// A limit was reached.
    Cut,
}

enum Held {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<Text>, flow: bool },
}

struct Frame {
    held: Held,
    start: usize,
    anchor: usize,
    nodes_before: usize,
    /// Levels below, for the depth of aliases.
    height: usize,
}

struct Anchored {
    node: Node,
    nodes: usize,
    height: usize,
}

struct Builder<'a> {
    file: &'a FileId,
    source: &'a str,
    sink: &'a mut Sink,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, Anchored>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
    comments: Vec<Comment>,
    /// Findings that a syntax error right behind them replaces.
    bare: Vec<Finding>,
}

/// Where the parser stands, in bytes: within the text, and never inside a letter.
pub(super) fn boundary(source: &str, offset: Option<usize>) -> usize {
    source.floor_char_boundary(offset.unwrap_or(0))
}

impl<'a> Builder<'a> {
    fn new(file: &'a FileId, source: &'a str, sink: &'a mut Sink) -> Self {
        Self {
            file,
            source,
            sink,
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            documents: 0,
            root: None,
            comments: Vec::new(),
            bare: Vec::new(),
        }
    }

    fn place(&self, range: std::ops::Range<usize>) -> Place {
        Place::new(self.file, range)
    }

    fn range(&self, span: Span) -> std::ops::Range<usize> {
        let at = |mark: granit_parser::Marker| boundary(self.source, mark.byte_offset());
        at(span.start)..at(span.end).max(at(span.start))
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Go {
        let range = self.range(span);
        if event.tag().is_some_and(|tag| !tag.is_yaml_core_schema()) {
            let at = span.tag_span().map_or_else(|| range.clone(), |tag| self.range(tag));
            self.sink.push(found::tag(&self.place(at)));
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.sink.push(found::several_documents(&self.place(range)));
                    return Go::Enough;
                }
                Go::On
            }
            Event::Comment(text, _) => {
                let place = self.place(range);
                self.comments.push(Comment { place, text: text.into_owned() });
                Go::On
            }
            Event::Scalar(text, style, anchor, tag) => {
                let forced = tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
                let node = self.scalar(&text, style, forced, range);
                self.add(node, 1, 0, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.open(Held::List(Vec::new()), range.start, anchor),
            Event::MappingStart(style, anchor, _) => {
                let flow = style == StructureStyle::Flow;
                self.open(Held::Map { entries: Vec::new(), key: None, flow }, range.start, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end, false),
            Event::Alias(id) => self.alias(id, range),
            Event::UnresolvedAlias(name) => {
                let place = self.place(range);
                self.sink.push(found::unknown_anchor(&place, &name));
                let node = Node { place, value: Value::Broken };
                self.add(node, 1, 0, 0)
            }
            _ => Go::On,
        }
    }

    fn null(&self, range: std::ops::Range<usize>) -> Node {
        let place = self.place(range);
        let text = Text::made("", Style::Plain, &place);
        Node { place, value: Value::Scalar(Scalar { text, null: true, plain: true }) }
    }

    fn scalar(&self, value: &str, style: ScalarStyle, forced: bool, range: std::ops::Range<usize>) -> Node {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let plain = style == Style::Plain && !forced;
        if plain && (range.is_empty() || matches!(value, "" | "~" | "null" | "Null" | "NULL")) {
            let mut node = self.null(range.clone());
            if let Value::Scalar(scalar) = &mut node.value {
                scalar.text = Text::made(self.source.get(range).unwrap_or(""), style, &node.place);
            }
            return node;
        }
        let place = self.place(range);
        let text = Text::written(value, style, &place, self.source);
        Node { place, value: Value::Scalar(Scalar { text, null: false, plain }) }
    }

    fn open(&mut self, held: Held, start: usize, anchor: usize) -> Go {
        if self.stack.len() >= MAX_DEPTH {
            self.sink.push(found::too_big(&self.place(start..start), "is nested deeper than 64 levels"));
            return Go::Cut;
        }
        self.stack.push(Frame { held, start, anchor, nodes_before: self.nodes, height: 1 });
        Go::On
    }

    fn alias(&mut self, id: usize, range: std::ops::Range<usize>) -> Go {
        // An anchor is registered when its node closes, so that a node which holds itself is an unknown anchor here.
        let Some(known) = self.anchors.get(&id) else {
            let name = self.source.get(range.clone()).unwrap_or("").trim_start_matches('*').to_owned();
            let place = self.place(range);
            self.sink.push(found::anchor_in_itself(&place, &name));
            let node = Node { place, value: Value::Broken };
            return self.add(node, 1, 0, 0);
        };
        let (nodes, height) = (known.nodes, known.height);
        if self.nodes + nodes > MAX_NODES {
            self.sink
                .push(found::too_big(&self.place(range), "has more than 20,000 values once aliases are filled in"));
            return Go::Cut;
        }
        if self.stack.len() + height > MAX_DEPTH {
            self.sink.push(found::too_big(&self.place(range), "is nested deeper than 64 levels"));
            return Go::Cut;
        }
        let node = known.node.clone();
        self.add(node, nodes, height, 0)
    }

    fn add(&mut self, node: Node, nodes: usize, height: usize, anchor: usize) -> Go {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            self.sink.push(found::too_big(&node.place, "has more than 20,000 values"));
            return Go::Cut;
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, height });
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root.get_or_insert(node);
            return Go::On;
        };
        frame.height = frame.height.max(height + 1);
        match &mut frame.held {
            Held::List(items) => items.push(node),
            Held::Map { entries, key: key @ Some(_), .. } => {
                if let Some(key) = key.take() {
                    entries.push(Entry { key, value: node, merged: false });
                }
            }
            Held::Map { key, .. } => match node.value {
                Value::Scalar(scalar) => *key = Some(scalar.text),
                _ => {
                    let raw = self.source.get(node.place.range()).unwrap_or("");
                    if !self.source.get(frame.start..).unwrap_or("").starts_with("{{") {
                        self.sink.push(found::key_is_no_text(&node.place));
                    }
                    *key = Some(Text::made(raw, Style::Plain, &node.place));
                }
            },
        }
        Go::On
    }

    fn close(&mut self, end: usize, cut: bool) -> Go {
        let Some(frame) = self.stack.pop() else { return Go::On };
        let node = match frame.held {
            Held::List(items) => {
                let last = items.last().map_or(frame.start, |item| item.place.end);
                let flow = self.source.as_bytes().get(frame.start) == Some(&b'[');
                let place = self.place(frame.start..if flow && !cut { end } else { last });
                // A list that was cut short may have been going to hold something, and a bracket that is never closed may be
                // a mistake itself.
                let value = if cut && (flow || items.is_empty()) { Value::Broken } else { Value::List(items) };
                Node { place, value }
            }
            Held::Map { entries, flow, .. } => self.map(frame.start, end, entries, flow, cut),
        };
        let nodes = 1 + self.nodes - frame.nodes_before;
        self.nodes = frame.nodes_before;
        self.add(node, nodes, frame.height, frame.anchor)
    }

    fn map(&mut self, start: usize, end: usize, mut entries: Vec<Entry>, flow: bool, cut: bool) -> Node {
        if flow && !cut {
            let place = self.place(start..end);
            if self.source.get(start..end).is_some_and(|raw| raw.starts_with("{{") && raw.ends_with("}}")) {
                return self.bare_template(&place);
            }
            self.join_split_expressions(&mut entries);
            let entries = self.unique(entries);
            return Node { place, value: Value::Map(Map { entries, flow, cut }) };
        }
        let first = entries.first().map_or(start, |entry| entry.key.place.start);
        let last = entries.iter().map(|entry| entry.value.place.end.max(entry.key.place.end)).max().unwrap_or(start);
        let place = self.place(first.min(start)..last.max(first));
        let entries = self.unique(entries);
        Node { place, value: Value::Map(Map { entries, flow, cut }) }
    }

    /// `{{ name }}` without quotes: read on as the text that was meant.
    fn bare_template(&mut self, place: &Place) -> Node {
        let raw = self.source.get(place.range()).unwrap_or("");
        self.bare.push(found::bare_template(place, raw));
        let text = Text::written(raw, Style::Plain, place, self.source);
        Node { place: place.clone(), value: Value::Scalar(Scalar { text, null: false, plain: false }) }
    }

    /// `{ if: f(a, b), … }`: puts the parts of an expression that a comma cut in two together again.
    fn join_split_expressions(&mut self, entries: &mut Vec<Entry>) {
        let mut at = 0;
        while at < entries.len() {
            let open = match entries[at].value.scalar() {
                Some(scalar) if scalar.plain => unclosed(&scalar.text),
                _ => 0,
            };
            if open > 0 && at + 1 < entries.len() {
                let start = entries[at].value.place.start;
                let ends = |entry: &Entry| entry.key.place.end.max(entry.value.place.end);
                // An expression has few arguments; without a bound a hostile file could make this take long.
                let closing = (at + 1..entries.len().min(at + 16))
                    .find(|k| self.source.get(start..ends(&entries[*k])).is_some_and(|raw| unclosed(raw) <= 0));
                if let Some(k) = closing {
                    let place = self.place(start..ends(&entries[k]));
                    let raw = self.source.get(place.range()).unwrap_or("");
                    self.sink.push(found::split_expression(&place, &entries[at].key, raw));
                    let text = Text::written(raw, Style::Plain, &place, self.source);
                    entries[at].value =
                        Node { place, value: Value::Scalar(Scalar { text, null: false, plain: false }) };
                    entries.drain(at + 1..=k);
                }
            }
            at += 1;
        }
    }

    /// Resolves `<<` and reports keys that stand twice.
    fn unique(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut seen: BTreeMap<String, Place> = BTreeMap::new();
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        let mut merges: Vec<Node> = Vec::new();
        for entry in entries {
            if &*entry.key == "<<" && entry.key.style == Style::Plain {
                merges.push(entry.value);
            } else if let Some(first) = seen.get(&*entry.key) {
                self.sink.push(found::duplicate_key(&entry.key, first));
            } else {
                seen.insert(entry.key.to_string(), entry.key.place.clone());
                kept.push(entry);
            }
        }
        for merge in merges {
            let sources: Vec<Node> = match merge.value {
                Value::List(items) => items,
                value => vec![Node { place: merge.place, value }],
            };
            for source in sources {
                let map = match source.value {
                    Value::Map(map) => map,
                    Value::Broken => continue,
                    _ => {
                        self.sink.push(found::merge(&source.place));
                        continue;
                    }
                };
                for entry in map.entries {
                    if !seen.contains_key(&*entry.key) {
                        seen.insert(entry.key.to_string(), entry.key.place.clone());
                        kept.push(Entry { merged: true, ..entry });
                    }
                }
            }
        }
        kept
    }

    fn finish(mut self, whole: bool) -> Tree {
        while !self.stack.is_empty() {
            // After a limit the count no longer matters: what was read is kept.
            self.nodes = 0;
            if let Some(frame) = self.stack.last_mut() {
                frame.nodes_before = 0;
            }
            self.close(self.source.len(), true);
        }
        self.sink.extend(self.bare);
        Tree { root: self.root, comments: self.comments, whole }
    }
}

/// Parentheses and brackets left open, quoted parts not counted.
fn unclosed(text: &str) -> i32 {
    let (mut open, mut quote) = (0, None);
    for letter in text.chars() {
        match (quote, letter) {
            (Some(mark), letter) if letter == mark => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[') => open += 1,
            (None, ')' | ']') => open -= 1,
            _ => {}
        }
    }
    open
}
