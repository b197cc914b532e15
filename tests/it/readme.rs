//! The README is executed: files are written, commands run, and what they print is compared. `DRIPLINE_UPDATE=1` writes what
//! they print into the README.
use crate::project::put;
use crate::source;
use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

struct Block {
    language: String,
    settings: BTreeMap<String, String>,
    lines: Vec<String>,
}

fn blocks(readme: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default().to_owned();
        let settings =
            words.filter_map(|word| word.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let lines = lines.by_ref().take_while(|line| *line != "```").map(str::to_owned).collect();
        blocks.push(Block { language, settings, lines });
    }
    blocks
}

/// Splits a command as a shell would, for words and double quotes.
fn words(command: &str) -> Vec<String> {
    let quoted = command.split('"').enumerate();
    quoted
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

fn printed(folder: &Path, command: &str) -> String {
    let args =
        words(command.strip_prefix("dripline ").expect("only dripline's own commands are shown with their output"));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = dripline::run_in_process(&args, folder, &BTreeMap::new(), SystemTime::UNIX_EPOCH);
    assert_eq!(done.code, 0, "{command}: {}{}", done.out, done.err);
    done.out
}

#[test]
fn every_block_of_the_readme_does_what_it_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks(&readme);
    for block in blocks.iter().filter(|block| block.settings.contains_key("file")) {
        let others = block.settings.get("also").map(String::as_str).unwrap_or_default();
        for file in
            std::iter::once(block.settings["file"].as_str()).chain(others.split(',').filter(|file| !file.is_empty()))
        {
            put(folder.path(), file, &(block.lines.join("\n") + "\n"));
        }
    }
    let (mut updated, mut shown) = (readme.clone(), 0);
    for block in blocks.iter().filter(|block| block.language == "console") {
        let command = block.lines[0].strip_prefix("$ ").expect("a console block starts with its command");
        let real = printed(folder.path(), command);
        let before = format!("```console\n{}\n```", block.lines.join("\n"));
        let after = format!("```console\n$ {command}\n{real}```");
        updated = updated.replace(&before, &after);
        shown += 1;
    }
    assert!(shown >= 2, "the README shows a preview and a check");
    if std::env::var("DRIPLINE_UPDATE").is_ok() {
        fs::write(&path, &updated).unwrap();
    } else {
        assert_eq!(readme, updated);
    }
}

#[test]
fn shell_blocks_name_commands_that_exist() {
    let readme = source::file("README.md");
    let ci = source::file(".ci/run");
    let help = dripline::run_in_process(&["--help"], Path::new("."), &BTreeMap::new(), SystemTime::UNIX_EPOCH).out;
    for block in blocks(&readme).iter().filter(|block| block.language == "sh") {
        for line in &block.lines {
            let command = line.split(" #").next().unwrap().trim();
            match command.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["cargo", ..] => assert!(ci.contains(command), "CI runs `{command}`"),
                ["dripline", verb, ..] => assert!(help.contains(&format!("  {verb} ")), "`dripline {verb}` exists"),
                ["export", ..] => {}
                other => panic!("unknown command in the README: {other:?}"),
            }
        }
    }
}

#[test]
fn links_of_the_readme_lead_somewhere() {
    let readme = source::file("README.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|to| !to.contains("{{")) {
        assert!(target.starts_with("http") || root.join(target).exists(), "{target}");
    }
}
