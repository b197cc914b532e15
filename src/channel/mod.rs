//! Sending: one file per provider. Consumes a permit that only the engine makes; knows no run.
