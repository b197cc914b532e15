//! DL8xx: style.
use super::rows;

rows! {}
