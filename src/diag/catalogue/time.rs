//! DL3xx: time, windows, quiet hours, caps.
use super::rows;

rows! {}
