//! DL6xx: changing a live plan.
use super::rows;

rows! {}
