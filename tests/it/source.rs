//! The project's own files as text, for the tests that hold its laws. Must not know which laws there are.
use std::{collections::BTreeMap, fs, path::Path};

/// Path from the project's folder with `/`, and the text.
pub(crate) type Sources = BTreeMap<String, String>;

/// The text of one file of the project; nothing when it is not there.
pub(crate) fn file(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Every Rust file below `folder`.
pub(crate) fn rust_files(folder: &str) -> Sources {
    let rust = |path: &String| Path::new(path).extension().is_some_and(|ending| ending == "rs");
    paths(folder).into_iter().filter(rust).map(|path| (path.clone(), file(&path))).collect()
}

/// Every path below `folder`, sorted; nothing when there is no such folder.
pub(crate) fn paths(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder)).into_iter().flatten().flatten() {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a file holds unit tests only: it may look anywhere and needs no description of its own.
pub(crate) fn is_unit_test(path: &str) -> bool {
    path.ends_with("_tests.rs") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Names, `::` and single marks of Rust code, each with its line; no comments, and of literals only that they are there.
pub(crate) fn tokens(text: &str) -> Vec<(usize, String)> {
    let code = blank_literals(text);
    let mut tokens: Vec<(usize, String)> = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let length = match name {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                name => name,
            };
            if !first.is_whitespace() {
                tokens.push((index + 1, rest[..length].to_owned()));
            }
            rest = &rest[length..];
        }
    }
    tokens
}

/// The code with comments and the insides of literals as spaces; lines stay where they are.
fn blank_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = literal(rest, code.chars().last());
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    code
}

/// Length in bytes of the comment or literal at the start of `rest`, else 0.
fn literal(rest: &str, before: Option<char>) -> usize {
    let until = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    if let Some(inside) = rest.strip_prefix('\'') {
        // a lifetime has no closing quote after its first letter
        let mut chars = inside.chars();
        let escaped = chars.next() == Some('\\');
        return if escaped || chars.next() == Some('\'') { quoted(rest, '\'') } else { 0 };
    }
    let in_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let raw = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r')).filter(|_| !in_name);
    match raw.map(|raw| (raw, raw.len() - raw.trim_start_matches('#').len())) {
        Some((raw, hashes)) if raw[hashes..].starts_with('"') => {
            until(&format!("\"{}", "#".repeat(hashes)), rest.len() - raw.len() + hashes + 1)
        }
        _ => 0,
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

#[test]
fn comments_and_literals_are_no_code() {
    let names = |text: &str| tokens(text).into_iter().map(|(_, token)| token).collect::<Vec<_>>().join(" ");
    assert_eq!(names("a::b // c\n/* d /* e */ f */ g"), "a :: b g");
    assert_eq!(names(r##"x("a \" b", r#"c " d"#, b"e", br"f\", 'g', '\'', '"') y"##), "x ( , , b , , , , ) y");
    assert_eq!(names("fn f<'a>(for_r: &'a str) {} \"open"), "fn f < ' a > ( for_r : & ' a str ) { }");
    assert_eq!(tokens("a\n\n\"\n\" b"), [(1, "a".to_owned()), (4, "b".to_owned())]);
}
