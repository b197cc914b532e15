//! The canonical form of a file. 
pub(crate) struct Formatted;
pub(crate) fn format() {}
