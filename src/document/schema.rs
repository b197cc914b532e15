//! The published schemas.
pub(crate) const PUBLISHED: &[&str] = &[];
pub(crate) fn reference() {}
pub(crate) fn schema() {}
