//! The store port, the memory store and the turn: work in, one transaction, effects out. No IO of its own.
