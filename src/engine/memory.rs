//! The memory store: the same port without a disk, for preview, simulation and tests.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore;
