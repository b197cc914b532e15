//! One finding: what is wrong, where, and how it can be put right. Knows nothing of how it is shown.
use super::{Place, catalogue::Row};
use std::fmt;

/// `DL203`: frozen name of a kind of finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Code(pub(crate) &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Higher is worse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Severity {
    /// Suspicious: unused, ambiguous, against the style.
    Warning,
    /// Would do the wrong thing, break a law, or cannot run.
    Error,
}

impl Severity {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Replaces the text at `place`. A safe edit keeps the meaning that the author surely had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Edit {
    pub(crate) place: Place,
    pub(crate) text: String,
    pub(crate) safe: bool,
}

/// A label on the primary place itself is a label whose place equals `primary`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) primary: Place,
    pub(crate) labels: Vec<(Place, String)>,
    pub(crate) help: Option<String>,
    pub(crate) edits: Vec<Edit>,
}

impl Finding {
    pub(crate) fn new(row: &Row, primary: &Place, message: impl Into<String>) -> Self {
        Self {
            code: Code(row.code),
            severity: row.severity,
            message: message.into(),
            primary: primary.clone(),
            labels: Vec::new(),
            help: None,
            edits: Vec::new(),
        }
    }
    /// Words at the primary place.
    pub(crate) fn here(self, text: impl Into<String>) -> Self {
        let primary = self.primary.clone();
        self.label(&primary, text)
    }
    /// Words at a further place.
    pub(crate) fn label(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.labels.push((place.clone(), text.into()));
        self
    }
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
    /// An edit that `--fix` may apply unasked.
    pub(crate) fn fix(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.edits.push(Edit { place: place.clone(), text: text.into(), safe: true });
        self
    }
    /// An edit to look at first.
    pub(crate) fn suggest(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.edits.push(Edit { place: place.clone(), text: text.into(), safe: false });
        self
    }
    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
