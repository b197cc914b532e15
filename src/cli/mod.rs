//! Arguments to settings to one file per command; wires clock, store and channels.
