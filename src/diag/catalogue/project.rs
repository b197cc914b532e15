//! DL9xx: the project folder and its environment.
use super::rows;

rows! {}
