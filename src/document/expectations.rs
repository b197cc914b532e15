//! Puts other expectations into a scenario of a suite, as text: what else stands in the file stays to the byte. Knows of a
//! suite only where its scenarios and their `then` stand.
use super::{
    parse::parse,
    tree::{Map, Node},
};
use crate::diag::{Edit, FileId, Place, Sink};
use std::ops::Range;

/// One expectation of the new list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Expectation {
    /// The so-many-th of those that are there, with the comments at it.
    Keep(usize),
    New(String),
}

/// The change that gives the scenario of this name these expectations; nothing where there is no such scenario, or where it
/// is written in a way that cannot be changed by text, such as by an alias.
pub(crate) fn expect(file: &FileId, source: &str, scenario: &str, list: &[Expectation]) -> Option<Edit> {
    let mut sink = Sink::new();
    let tree = parse(file, source, &mut sink);
    let root = tree.root.as_ref().filter(|_| tree.whole && !sink.has_errors())?;
    let named = |node: &&Node| {
        let name = node.map().and_then(|map| map.get("name")).and_then(Node::scalar);
        name.is_some_and(|name| *name.text == *scenario)
    };
    let map = root.map()?.get("scenarios")?.list()?.iter().find(named)?.map()?;
    let (range, text) = match map.entry("then") {
        Some(entry) if entry.merged => return None,
        Some(entry) => {
            let old = entry.value.list().unwrap_or_default();
            if map.flow {
                (entry.value.place.range(), in_flow(source, old, list)?)
            } else {
                let end = content_end(source, &entry.value);
                let range = entry.key.place.start..end_of_line(source, end);
                // what stands behind the key or behind a list in brackets
                let head = match chunks(source, old, entry.key.place.end) {
                    Some(_) => end_of_line(source, entry.key.place.end),
                    None => range.end,
                };
                let from = if head == range.end { end } else { entry.key.place.end };
                let comment = source.get(from..head)?.trim_start_matches([':', ' ']);
                let comment = if comment.starts_with('#') { format!(" {comment}") } else { String::new() };
                let column = column(source, range.start);
                (range, in_block(source, old, list, &Head { column, comment, key_end: entry.key.place.end })?)
            }
        }
        None => added(source, map, list)?,
    };
    source.get(range.clone())?;
    Some(Edit { place: Place::new(file, range), text, safe: false })
}

/// Behind the last key of a scenario that has no expectations yet.
fn added(source: &str, map: &Map, list: &[Expectation]) -> Option<(Range<usize>, String)> {
    let last = map.entries.iter().rfind(|entry| !entry.merged)?;
    if map.flow {
        let at = content_end(source, &last.value);
        return Some((at..at, format!(", then: {}", in_flow(source, &[], list)?)));
    }
    let head = Head { column: column(source, last.key.place.start), comment: String::new(), key_end: 0 };
    let at = end_of_line(source, content_end(source, &last.value));
    Some((at..at, format!("\n{}{}", " ".repeat(head.column), in_block(source, &[], list, &head)?)))
}

/// `[ a, b ]`
fn in_flow(source: &str, old: &[Node], list: &[Expectation]) -> Option<String> {
    let item = |item: &Expectation| match item {
        Expectation::Keep(index) => Some(source.get(old.get(*index)?.place.range())?.trim().to_owned()),
        Expectation::New(text) => Some(text.clone()),
    };
    let items: Vec<String> = list.iter().map(item).collect::<Option<_>>()?;
    Some(format!("[{}]", items.join(", ")))
}

/// The line of the key.
struct Head {
    column: usize,
    comment: String,
    /// Where the key stands now.
    key_end: usize,
}

/// `then:` and one line for each, two columns further in.
fn in_block(source: &str, old: &[Node], list: &[Expectation], head: &Head) -> Option<String> {
    let chunks = chunks(source, old, head.key_end);
    let pad = " ".repeat(head.column + 2);
    let mut text = format!("then:{}", head.comment);
    for item in list {
        match item {
            Expectation::New(new) => text.push_str(&format!("\n{pad}- {new}")),
            Expectation::Keep(index) => match &chunks {
                // with its lines of comment, as it stands
                Some(chunks) => text.push_str(&format!("\n{}", source.get(chunks.get(*index)?.clone())?)),
                None => text.push_str(&format!("\n{pad}- {}", source.get(old.get(*index)?.place.range())?.trim())),
            },
        }
    }
    Some(if list.is_empty() { format!("then: []{}", head.comment) } else { text })
}

/// The whole lines of each item of a list in block style: from behind the one before to the end of its last line. Nothing
/// for a list in brackets.
fn chunks(source: &str, items: &[Node], key_end: usize) -> Option<Vec<Range<usize>>> {
    let first = items.first()?;
    let dashed = |item: &Node| source.get(line_start(source, item.place.start)..item.place.start);
    let dash = |item: &Node| dashed(item).is_some_and(|before| before.trim() == "-");
    if !items.iter().all(dash) {
        return None;
    }
    let mut from = (end_of_line(source, key_end) + 1).min(line_start(source, first.place.start));
    let mut chunks = Vec::new();
    for item in items {
        let end = end_of_line(source, content_end(source, item));
        chunks.push(from..end);
        from = (end + 1).min(source.len());
    }
    Some(chunks)
}

/// Where a node really ends: a block ends before the blank lines and comments that follow it.
fn content_end(source: &str, node: &Node) -> usize {
    let last = match node.map() {
        Some(map) if !map.flow => map.entries.iter().rfind(|entry| !entry.merged).map(|entry| &entry.value),
        _ => None,
    };
    let flow = source.get(node.place.range()).is_some_and(|text| text.trim_end().ends_with([']', '}']));
    match last.or_else(|| node.list().filter(|_| !flow).and_then(<[Node]>::last)) {
        Some(last) => content_end(source, last).max(node.place.start),
        None => {
            let text = source.get(node.place.range()).unwrap_or("");
            node.place.start + text.trim_end().len()
        }
    }
}

fn line_start(source: &str, at: usize) -> usize {
    source.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

fn end_of_line(source: &str, at: usize) -> usize {
    let end = source.get(at..).and_then(|rest| rest.find('\n')).map_or(source.len(), |length| at + length);
    if source.get(..end).is_some_and(|text| text.ends_with('\r')) && end > at { end - 1 } else { end }
}

/// Characters before it on its line; a dash counts as one.
fn column(source: &str, at: usize) -> usize {
    source.get(line_start(source, at)..at).map_or(0, |before| before.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::apply;

    const BLOCK: &str = "suite: a\nscenarios:\n  # the first\n  - name: one # its name\n    when: [{ at: 1d, reply: hi }]\n    then: # what comes\n      # at once\n      - { sent: a } # keep me\n      # then the second\n      - at: day 2\n        sent: b\n      - { sent: c }\n\n  # the second\n  - name: two\n    when:\n      - { at: 1d, reply: hi }\n\n  - { name: three, when: [{ at: 1d, reply: hi }], then: [{ sent: a }, { sent: b }] }\n  - name: four\n    when: []\n    then: [{ sent: a }, { sent: b }] # both\n# the end\n";

    fn new(text: &str) -> Expectation {
        Expectation::New(text.to_owned())
    }

    #[track_caller]
    fn after(scenario: &str, list: &[Expectation]) -> String {
        let file = FileId::from("tests/a.yaml");
        let edit = expect(&file, BLOCK, scenario, list).unwrap();
        let text = apply(BLOCK, &[edit]);
        let mut sink = Sink::new();
        assert!(parse(&file, &text, &mut sink).whole && !sink.has_errors(), "{text}");
        text
    }

    /// What of the file is another than it was.
    fn changed(text: &str) -> (String, String) {
        let head = BLOCK.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
        let tail = BLOCK.lines().rev().zip(text.lines().rev()).take_while(|(a, b)| a == b).count();
        let middle = |text: &str| {
            let lines: Vec<&str> = text.lines().collect();
            lines[head..lines.len() - tail].join("\n")
        };
        (middle(BLOCK), middle(text))
    }

    #[test]
    fn what_holds_stays_with_its_comments_and_nothing_else_moves() {
        let text = after("one", &[Expectation::Keep(0), new("{ skipped: b }"), Expectation::Keep(2)]);
        let gone = "      # then the second\n      - at: day 2\n        sent: b";
        assert_eq!(changed(&text), (gone.to_owned(), "      - { skipped: b }".to_owned()), "{text}");
        let text = after("one", &[Expectation::Keep(1), Expectation::Keep(0), new("{ sent: d }")]);
        assert!(
            text.contains(
                "then: # what comes\n      # then the second\n      - at: day 2\n        sent: b\n      # at once\n"
            ),
            "{text}"
        );
        assert!(text.contains("- { sent: a } # keep me\n      - { sent: d }\n\n  # the second\n"), "{text}");
    }

    #[test]
    fn a_scenario_that_expects_nothing_gets_a_list_and_one_in_braces_keeps_them() {
        let text = after("two", &[new("{ sent: a }")]);
        let new_lines = "    then:\n      - { sent: a }".to_owned();
        assert_eq!(changed(&text), (String::new(), new_lines), "{text}");
        let text = after("three", &[Expectation::Keep(1), new("{ sent: d }")]);
        assert!(text.contains("then: [{ sent: b }, { sent: d }] }\n"), "{text}");
        let text = after("four", &[Expectation::Keep(1), new("{ sent: d }")]);
        assert!(text.contains("    then: # both\n      - { sent: b }\n      - { sent: d }\n# the end\n"), "{text}");
        let text = after("four", &[]);
        assert!(text.contains("    then: [] # both\n# the end\n"), "{text}");
        assert_eq!(expect(&FileId::from("tests/a.yaml"), BLOCK, "five", &[]), None);
    }
}
