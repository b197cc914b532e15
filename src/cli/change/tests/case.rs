//! Cases of changes as they stand in their file: which row of the table, which decision, and both projects as edits of one.
use crate::{
    calendar::Instant,
    compile::{self, Settings},
    diag::{Sink, SourceMap},
    plan::Plan,
};
use std::{collections::BTreeMap, sync::Arc};

const CASES: &str = include_str!("../../../../tests/cases/changes/decisions.txt");

pub(super) type Project = BTreeMap<String, String>;

#[derive(Clone, Debug, Default)]
pub(super) struct Case {
    pub(super) name: String,
    /// Of the table, and what was decided.
    pub(super) row: String,
    pub(super) decision: String,
    /// Steps that a change of rules concerns.
    pub(super) about: Vec<String>,
    /// `step: words`: what whoever gets it afterwards reads.
    pub(super) reads: Option<(String, String)>,
    /// Nothing is published: the files have to say more.
    pub(super) blocks: bool,
    /// People rest afterwards, and are not lost.
    pub(super) rests: bool,
    /// Nothing is open when the plan changes.
    pub(super) flows: bool,
    /// Codes that have to be allowed.
    pub(super) allow: Vec<String>,
    pub(super) base: Vec<Edit>,
    pub(super) edit: Vec<Edit>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Edit {
    file: String,
    from: String,
    to: String,
}

/// Every case of the file.
pub(super) fn cases() -> Vec<Case> {
    let blocks = CASES.split("\n== ").skip(1);
    blocks.map(case).collect()
}

fn case(block: &str) -> Case {
    let mut case = Case::default();
    let (name, rest) = block.split_once('\n').unwrap();
    case.name = name.to_owned();
    let mut is_base = false;
    for line in rest.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let edits = if is_base { &mut case.base } else { &mut case.edit };
        let words = || rest.split(' ').map(str::to_owned).collect();
        match word {
            "-" | "+" => {
                let edit = edits.last_mut().unwrap();
                let text = if word == "-" { &mut edit.from } else { &mut edit.to };
                text.push_str(rest);
                text.push('\n');
            }
            "base" | "edit" => {
                is_base = word == "base";
                let edits = if is_base { &mut case.base } else { &mut case.edit };
                edits.push(Edit { file: rest.to_owned(), ..Edit::default() });
            }
            "row" => case.row = rest.to_owned(),
            "decision" => case.decision = rest.to_owned(),
            "about" => case.about = words(),
            "reads" => case.reads = rest.split_once(": ").map(|(step, text)| (step.to_owned(), text.to_owned())),
            "blocks" => case.blocks = true,
            "rests" => case.rests = true,
            "flows" => case.flows = true,
            "allow" => case.allow = words(),
            _ => panic!("{name}: {line}"),
        }
    }
    case
}

fn edited(mut files: Project, edits: &[Edit], case: &str) -> Project {
    for Edit { file, from, to } in edits {
        match (from.is_empty(), to.is_empty()) {
            (true, true) => drop(files.remove(file)),
            (true, false) => drop(files.insert(file.clone(), to.clone())),
            _ => {
                let text = files.get_mut(file).unwrap_or_else(|| panic!("{case}: there is no {file}"));
                assert!(text.contains(from), "{case}: {file} has no\n{from}\nin\n{text}");
                *text = text.replacen(from, to, 1);
            }
        }
    }
    files
}

impl Case {
    pub(super) fn before(&self) -> Project {
        edited(project(), &self.base, &self.name)
    }

    pub(super) fn after(&self) -> Project {
        edited(self.before(), &self.edit, &self.name)
    }
}

const DRIPLINE: &str = "project: example
requires: \">=0.1, <0.2\"
zone: Europe/Berlin
locales: [en]
public_url: \"https://drip.example.com\"
clinics:
  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }
sources:
  own: { provider: events, secret: EVENTS_SECRET }
channels:
  email: { provider: smtp, url: SMTP_URL, from: \"hello@example.com\", cost: 0.01 EUR }
  chat: { provider: mailbox }
policies:
  preferred: [email, chat]
";

const CARE: &str = "sequence: care
category: care_plan
purpose: transactional
reentry: never
steps:
  - id: hello
    wait: 1d
    email: hello
  - id: second
    wait: 10d
    email: second
  - id: third
    wait: 4d
    email: third
  - id: last
    wait: 4d
    email: last
";

/// What every case begins with.
fn project() -> Project {
    let text = |name: &str| {
        format!("---\nsubject: {name}\n---\nThis is {name}.\n\n{{{{ opt_out }}}}\n\n{{{{ postal_address }}}}\n")
    };
    let templates = ["hello", "second", "third", "last", "more"];
    let templates = templates.iter().map(|name| (format!("templates/{name}.md"), text(name)));
    let files = [
        ("dripline.yaml", DRIPLINE),
        ("sequences/care.yaml", CARE),
        ("triggers/care.yaml", "trigger: care\nevent: lead.created\nenroll: care\n"),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).chain(templates).collect()
}

pub(super) fn plan(files: &Project, now: Instant, case: &str) -> Arc<Plan> {
    let settings = Settings { env: None, version: env!("CARGO_PKG_VERSION"), year: 2027, now };
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.insert(path.as_str(), text.as_str());
    }
    let mut sink = Sink::new();
    let documents = compile::read_all(&sources, &mut sink);
    let compile::Compiled { plan, findings, .. } =
        compile::compile(&documents, &sources, &compile::Fixtures::new(), &settings, sink);
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.is_error())
        .map(|finding| format!("{} {}", finding.code, finding.message))
        .collect();
    Arc::new(plan.unwrap_or_else(|| panic!("{case}: {errors:#?}")).indexed())
}
