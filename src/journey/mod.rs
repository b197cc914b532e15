//! The heart: one person, one event, one decision. Knows no clock, SQL, HTTP or YAML.
