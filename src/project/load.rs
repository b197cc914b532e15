//! From a folder to its plan and findings.
use super::{
    Files,
    git::{self, GitError},
};
use crate::{
    compile::{self, Settings},
    diag::{Finding, Sink, SourceMap},
    document,
    plan::{Plan, Suite},
};
use std::{path::Path, sync::Arc};

/// A project as it was at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) sources: SourceMap,
    /// Only when no finding is an error, but for those of suites.
    pub(crate) plan: Option<Arc<Plan>>,
    /// Those without an error, in the order of their files; none without a plan.
    pub(crate) suites: Vec<Arc<Suite>>,
    /// Sorted by path and place.
    pub(crate) findings: Vec<Finding>,
}

/// Reads and compiles the project in `root`.
pub(crate) fn load(root: &Path, settings: &Settings<'_>) -> Loaded {
    let mut sink = Sink::new();
    let files = Files::read(root, &mut sink);
    compiled(files, settings, sink)
}

/// Another version of the project in `root`, as `deploy` of a suite names it: a folder below `tests/`, or a commit, branch or
/// tag.
pub(crate) fn version(root: &Path, named: &str, settings: &Settings<'_>) -> Result<Loaded, GitError> {
    let folder = root.join("tests").join(named);
    if named.starts_with("fixtures/") && folder.join("dripline.yaml").is_file() {
        return Ok(load(&folder, settings));
    }
    Ok(compiled(git::at(root, named)?.files, settings, Sink::new()))
}

/// The same for files that were read already, such as those of a commit; `sink` brings findings along.
pub(crate) fn compiled(files: Files, settings: &Settings<'_>, mut sink: Sink) -> Loaded {
    let mut sources = SourceMap::default();
    for (file, bytes) in files.files {
        if let Some(text) = document::decode(&file, bytes, &mut sink) {
            sources.insert(file, text);
        }
    }
    let documents = compile::read_all(&sources, &mut sink);
    let made = compile::compile(&documents, &sources, &files.fixtures, settings, sink);
    let with_files = |mut plan: Plan| {
        // suites change nothing that runs, and read fixtures that are not kept
        let runs = sources.files().filter(|(file, _)| !file.as_str().starts_with("tests/"));
        plan.files = runs.map(|(file, text)| (Arc::from(file.as_str()), Arc::from(text))).collect();
        Arc::new(plan)
    };
    let plan = made.plan.map(with_files);
    Loaded { sources, plan, suites: made.suites, findings: made.findings }
}
