//! YAML as written: spanned tree, one file per kind, schemas, formatting. Knows nothing of what a document means.
