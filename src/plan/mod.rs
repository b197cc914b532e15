//! What is executed: resolved, defaulted, hashed, versioned. Knows no YAML.
