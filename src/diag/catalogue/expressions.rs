//! DL4xx: expressions and templates.
use super::rows;

rows! {}
