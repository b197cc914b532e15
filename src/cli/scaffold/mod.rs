//! Files that commands put into a project: the starter, settings of editors and CI, examples, the library. Only texts and
//! where they go; writes nothing.
use crate::document::{self, Draft};
use include_dir::{Dir, include_dir};
use serde_json::json;
use std::path::Path;

static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples");
static LIBRARY: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sequences");

/// Path from the project's root, and the text.
pub(crate) type Files = Vec<(String, String)>;

/// Names of the complete projects that can be unpacked.
pub(crate) fn examples() -> Vec<&'static str> {
    names(&EXAMPLES)
}

/// The files of a complete project; nothing when there is none of that name.
pub(crate) fn example(name: &str) -> Option<Files> {
    files_of(&EXAMPLES, name)
}

/// Ids of the ready sequences.
pub(crate) fn library() -> Vec<&'static str> {
    names(&LIBRARY)
}

/// The files of a ready sequence, in the folders of a project. Its id is a word of its own wherever it stands.
pub(crate) fn entry(id: &str) -> Option<Files> {
    files_of(&LIBRARY, id)
}

fn names(dir: &'static Dir<'static>) -> Vec<&'static str> {
    let mut names: Vec<&str> = dir.dirs().filter_map(|dir| dir.path().to_str()).collect();
    names.sort_unstable();
    names
}

fn files_of(dir: &'static Dir<'static>, name: &str) -> Option<Files> {
    let root = dir.get_dir(name)?;
    let mut files = Files::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        let texts = folder.files().filter_map(|file| {
            let path = file.path().strip_prefix(root.path()).ok()?.to_str()?;
            Some((path.to_owned(), file.contents_utf8()?.to_owned()))
        });
        files.extend(texts);
    }
    files.sort();
    Some(files)
}

/// The smallest project that does something.
pub(crate) fn starter(id: &str) -> Files {
    let file = |path: &str, text: &str| (path.to_owned(), text.replace("{{id}}", id));
    vec![
        file("dripline.yaml", include_str!("dripline.yaml")),
        file("sequences/welcome.yaml", include_str!("welcome.yaml")),
        file("triggers/new_lead.yaml", include_str!("new_lead.yaml")),
        file("tests/welcome.yaml", include_str!("welcome_suite.yaml")),
        file("templates/welcome/hello.md", include_str!("hello.md")),
        file("templates/welcome/one_question.md", include_str!("one_question.md")),
    ]
}

/// What stands around the journeys: schemas, settings of editors, CI, a hook.
pub(crate) fn surroundings() -> Files {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let mut files = vec![
        file(".gitignore", include_str!("gitignore")),
        file(".github/workflows/journeys.yml", include_str!("workflow.yaml")),
        file(".githooks/pre-commit", include_str!("pre-commit")),
        file(".vscode/extensions.json", include_str!("extensions.json")),
        (".vscode/settings.json".to_owned(), settings()),
    ];
    let schemas = document::PUBLISHED.into_iter().filter_map(|kind| {
        let text = format!("{:#}\n", document::schema(kind, Draft::Seven)?);
        Some((format!("schemas/{kind}.schema.json"), text))
    });
    files.extend(schemas);
    files
}

/// Which schema an editor takes for which files, also for those without a modeline.
fn settings() -> String {
    let pairs = document::PUBLISHED.into_iter().filter_map(|kind| {
        let folder = document::folder_of(kind)?;
        let files = if folder.is_empty() { "dripline.yaml".to_owned() } else { format!("{folder}/**/*.yaml") };
        Some((format!("./schemas/{kind}.schema.json"), json!(files)))
    });
    let schemas: serde_json::Map<String, serde_json::Value> = pairs.collect();
    format!("{:#}\n", json!({ "yaml.schemas": schemas, "yaml.format.enable": false }))
}

/// The text with the line that tells editors its schema, where it is a file of a kind and has none.
pub(crate) fn with_modeline(path: &str, text: &str) -> String {
    let kind = document::PUBLISHED.into_iter().find(|kind| match document::folder_of(kind) {
        Some("") => path == "dripline.yaml",
        Some(folder) => {
            let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
                && matches!(ending, Some("yaml" | "yml"))
        }
        None => false,
    });
    let Some(kind) = kind.filter(|_| !text.starts_with("# yaml-language-server:")) else { return text.to_owned() };
    let up = "../".repeat(path.matches('/').count());
    let up = if up.is_empty() { "./" } else { &up };
    format!("# yaml-language-server: $schema={up}schemas/{kind}.schema.json\n{text}")
}
