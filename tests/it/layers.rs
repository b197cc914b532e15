//! Which module may know which: the table of the architecture against the paths that `src/` really uses.
use crate::source::{self, Sources};
use std::collections::BTreeSet;

/// Lower layers first. A row may name rows above it only, so a cycle always holds an edge that the table forbids.
const TABLE: &[(&str, &[&str])] = &[
    ("id", &[]),
    ("diag", &[]),
    ("calendar", &["id"]),
    ("value", &["calendar", "id"]),
    ("record", &["value", "calendar", "id"]),
    ("expr", &["value", "diag", "calendar", "id"]),
    ("document", &["diag"]),
    ("plan", &["value", "record", "expr", "calendar", "id"]),
    ("journey", &["plan", "record", "expr", "value", "calendar", "id"]),
    ("content", &["plan", "record", "expr", "value", "calendar", "id"]),
    ("inbound", &["plan", "record", "value", "calendar", "id"]),
    ("compile", &["document", "journey", "content", "plan", "expr", "record", "value", "diag", "calendar", "id"]),
    ("engine", &["journey", "content", "plan", "record", "expr", "value", "calendar", "id"]),
    ("simulate", &["engine", "inbound", "journey", "content", "plan", "record", "expr", "value", "calendar", "id"]),
    ("store", &["engine", "journey", "content", "plan", "record", "expr", "value", "calendar", "id"]),
    ("channel", &["engine", "content", "value", "calendar", "id"]),
    ("runner", &["engine", "channel", "inbound", "content", "plan", "record", "value", "calendar", "id"]),
    ("project", &["compile", "document", "plan", "diag", "id"]),
    ("report", &["simulate", "compile", "journey", "plan", "record", "value", "diag", "calendar", "id"]),
    (
        "api",
        &[
            "runner", "project", "store", "engine", "inbound", "report", "compile", "journey", "plan", "record",
            "value", "diag", "calendar", "id",
        ],
    ),
    (
        "cli",
        &[
            "api", "report", "project", "runner", "channel", "store", "simulate", "engine", "compile", "inbound",
            "content", "journey", "plan", "document", "expr", "record", "value", "calendar", "diag", "id",
        ],
    ),
    // the crate's root and the binary
    ("lib", &["cli"]),
    ("main", &["cli"]),
];

fn allowed(module: &str) -> Option<&'static [&'static str]> {
    TABLE.iter().find(|(name, _)| *name == module).map(|(_, may)| *may)
}

/// `src/engine/turn.rs` → `engine`, `turn`; `src/id.rs` → `id`; the last part of `mod.rs` is its folder.
fn module_path(path: &str) -> Vec<&str> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<&str> = inside.split('/').collect();
    if parts.len() > 1 && parts.last() == Some(&"mod") {
        parts.pop();
    }
    parts
}

/// First names of what stands after `crate::`: one, or one for each part of a group.
fn heads(tokens: &[(usize, String)]) -> Vec<(usize, &str)> {
    let Some((line, first)) = tokens.first() else { return Vec::new() };
    if first != "{" {
        return vec![(*line, first)];
    }
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut expected = false;
    for (line, token) in tokens {
        match token.as_str() {
            "{" => {
                depth += 1;
                expected = depth == 1;
            }
            "}" => depth -= 1,
            "," if depth == 1 => expected = true,
            name if expected => {
                heads.push((*line, name));
                expected = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

/// Every path from the crate's root that the file uses: line and first name.
fn root_paths(path: &str, text: &str) -> Vec<(usize, String)> {
    let tokens = source::tokens(text);
    let is_root = matches!(module_path(path).as_slice(), ["lib" | "main"]);
    let is = |at: usize, what: &str| tokens.get(at).is_some_and(|(_, token)| token == what);
    // how deep inside the crate a `super` stands: the file's own modules and those opened in it
    let mut braces: Vec<bool> = Vec::new();
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let depth = if is_root { 0 } else { module_path(path).len() } + braces.iter().filter(|is_mod| **is_mod).count();
        let (line, token) = &tokens[at];
        match token.as_str() {
            "{" => braces.push(at >= 2 && is(at - 2, "mod")),
            "}" => {
                braces.pop();
            }
            "crate" if is(at + 1, "::") => found.extend(heads(&tokens[at + 2..])),
            "crate" if is(at + 1, "as") => found.push((*line, "*")),
            "super" if at < 2 || !is(at - 2, "super") => {
                let mut end = at;
                while is(end + 1, "::") && is(end + 2, "super") {
                    end += 2;
                }
                if (end - at) / 2 + 1 >= depth && is(end + 1, "::") {
                    found.extend(heads(&tokens[end + 2..]));
                }
            }
            name if is_root && is(at + 1, "::") && allowed(name).is_some() && (at == 0 || !is(at - 1, "::")) => {
                found.push((*line, name));
            }
            _ => {}
        }
    }
    found.into_iter().map(|(line, name)| (line, name.to_owned())).collect()
}

/// Every breach of the table, one line each.
fn breaches(sources: &Sources) -> Vec<String> {
    let mut breaches = BTreeSet::new();
    for (path, text) in sources {
        let own = module_path(path)[0];
        let Some(may) = allowed(own) else {
            breaches.insert(format!("{path}: the table of layers has no module `{own}`"));
            continue;
        };
        if source::is_unit_test(path) {
            continue;
        }
        for (line, target) in root_paths(path, text) {
            if allowed(&target).is_none() {
                breaches
                    .insert(format!("{path}:{line}: `{own}` uses `crate::{target}`, which is no module of the table"));
            } else if target != own && !may.contains(&target.as_str()) {
                breaches.insert(format!("{path}:{line}: `{own}` must not know `{target}`"));
            }
        }
    }
    breaches.into_iter().collect()
}

#[test]
fn modules_know_lower_layers_only() {
    let sources = source::rust_files("src");
    assert!(sources.contains_key("src/lib.rs"), "the sources were not found");
    let breaches = breaches(&sources);
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn the_table_has_no_cycle_and_no_row_without_a_module() {
    let sources = source::rust_files("src");
    for (row, (name, may)) in TABLE.iter().enumerate() {
        assert!(sources.keys().any(|path| module_path(path)[0] == *name), "`{name}` is in the table, not in src/");
        for lower in *may {
            assert!(
                TABLE[..row].iter().any(|(above, _)| above == lower),
                "`{name}` names `{lower}`, which is not above"
            );
        }
    }
    let cli = allowed("cli").unwrap();
    let others = TABLE.iter().filter(|(name, _)| !["cli", "lib", "main"].contains(name)).count();
    assert_eq!(cli.len(), others, "the command line wires all modules");
}

#[test]
fn the_map_at_the_root_is_the_table() {
    let root = source::file("src/lib.rs");
    let rows = root.lines().filter(|line| line.starts_with("//! | ") && line.contains('`'));
    let cells = |row: &str| row.split('|').map(|cell| cell.trim_matches([' ', '`']).to_owned()).collect::<Vec<_>>();
    let mapped: Vec<Vec<String>> = rows.map(cells).collect();
    let modules: Vec<&str> = mapped.iter().map(|row| row[2].as_str()).collect();
    let table: Vec<&(&str, &[&str])> = TABLE.iter().filter(|(name, _)| !["lib", "main"].contains(name)).collect();
    assert_eq!(modules, table.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (row, (name, may)) in mapped.iter().zip(table) {
        let written: BTreeSet<&str> = row[4].split(", ").filter(|name| !name.is_empty()).collect();
        let meant: BTreeSet<&str> =
            if *name == "cli" { BTreeSet::from(["all"]) } else { may.iter().copied().collect() };
        assert_eq!(written, meant, "{name}");
    }
}

/// The real sources with one more file, or with `text` at the end of a file that is there.
fn planted(path: &str, text: &str) -> Vec<String> {
    let mut sources = source::rust_files("src");
    sources.entry(path.to_owned()).or_default().push_str(text);
    breaches(&sources)
}

#[test]
fn a_planted_edge_is_caught_in_every_spelling() {
    for (path, text, target) in [
        ("src/journey/planted.rs", "use crate::store::Store;", "store"),
        ("src/journey/planted.rs", "use crate::{calendar::Instant, id::{RunId, StepName}, store};", "store"),
        ("src/journey/planted.rs", "fn f() { crate :: runner :: go() }", "runner"),
        ("src/journey/planted.rs", "use super::super::api::Server;", "api"),
        ("src/journey/planted.rs", "use super::{decide}; mod inner { use super::super::super::cli; }", "cli"),
        ("src/journey/mod.rs", "\nuse super::project::Folder;", "project"),
        ("src/journey/deep/mod.rs", "use super::super::{plan, report::html};", "report"),
        ("src/runner/planted.rs", "use crate::compile::lower;", "compile"),
        ("src/channel/planted.rs", "type Run = crate::journey::Run;", "journey"),
        ("src/id.rs", "\nuse crate::calendar::Instant;", "calendar"),
        ("src/engine/planted.rs", "#[cfg(not(test))] use crate::store::sqlite;", "store"),
        ("src/lib.rs", "\nfn back_door() { engine::turn() }", "engine"),
        ("src/main.rs", "\nuse crate::runner;", "runner"),
    ] {
        let caught = planted(path, text);
        let expected = format!("must not know `{target}`");
        assert!(
            caught.iter().any(|breach| breach.starts_with(path) && breach.ends_with(&expected)),
            "{text}: {caught:?}"
        );
    }
}

#[test]
fn the_whole_root_and_unknown_modules_are_caught() {
    for (path, text) in [
        ("src/journey/planted.rs", "use crate::*;"),
        ("src/journey/planted.rs", "use crate as everything;"),
        ("src/journey/planted.rs", "fn f() { crate::main_with([]); }"),
        ("src/toolbox/mod.rs", ""),
        ("src/toolbox.rs", ""),
    ] {
        assert!(planted(path, text).iter().any(|breach| breach.starts_with(path)), "{path} {text}");
    }
}

#[test]
fn what_is_no_edge_is_not_caught() {
    let clean = breaches(&source::rust_files("src"));
    for (path, text) in [
        (
            "src/journey/planted.rs",
            "// crate::store\n/* crate::api */ const A: &str = \"crate::cli\"; /// [`crate::store`]",
        ),
        ("src/journey/planted.rs", "pub(crate) fn f() {} pub(in crate::journey) fn g() { crate::journey::g() }"),
        ("src/journey/planted.rs", "use super::gates; mod inner { use super::super::gates; use super::f; }"),
        ("src/journey/deep/leaf.rs", "use super::super::store::X;"),
        ("src/journey/tests.rs", "\nuse crate::store::Store;"),
        ("src/journey/decide_tests.rs", "use crate::store::Store;"),
        ("src/lib.rs", "\nfn start() -> u8 { cli::run() }"),
    ] {
        assert_eq!(planted(path, text), clean, "{text}");
    }
}
