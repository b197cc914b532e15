//! What the project asks and tells other programs, and what it understands of messages.
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What somebody may mean, and the words that show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) name: Arc<str>,
    pub(crate) words: Vec<Arc<str>>,
    /// The model may choose it when no words fit.
    pub(crate) model: bool,
}
