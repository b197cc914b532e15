//! Folder to documents to plan: load, watch. Knows no store.
