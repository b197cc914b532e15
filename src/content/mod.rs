//! Templates, rendering, messages. Knows no channel and no run.
