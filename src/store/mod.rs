//! SQLite: migrations, statements, and the engine's port over them. The only module that knows SQL.
