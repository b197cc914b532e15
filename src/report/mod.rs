//! Findings, timelines and statistics as text and JSON: text out, no IO.
