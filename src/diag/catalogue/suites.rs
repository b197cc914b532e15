//! DL7xx: suites.
use super::rows;

rows! {}
