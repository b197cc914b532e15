//! The virtual-time driver over the engine: preview and, later, audiences and suites. Knows no clock.
