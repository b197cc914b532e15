use super::*;
use crate::{compile::Settings, diag::SourceMap};
use std::{fs, path::Path};

pub(crate) const SETTINGS: Settings<'static> = Settings { env: None, version: "0.1.0", year: 2027 };

fn listed(loaded: &Loaded) -> Vec<String> {
    let line = |finding: &crate::diag::Finding| {
        let at = loaded.sources.start(&finding.primary);
        let (line, column) = at.map_or((0, 0), |at| (at.line, at.column));
        format!("{}:{line}:{column}: {} {}", finding.primary.file, finding.code, finding.message)
    };
    loaded.findings.iter().map(line).collect()
}

#[test]
fn the_clinic_example_has_no_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic");
    for env in [None, Some("dev")] {
        let loaded = load(&root, &Settings { env, ..SETTINGS });
        assert!(loaded.findings.is_empty(), "\n{}\n", listed(&loaded).join("\n"));
        let plan = loaded.plan.expect("a plan");
        assert_eq!(plan.sequences.len(), 6);
        assert!(plan.sequences["no_show_recovery"].steps.len() == 3);
    }
}
