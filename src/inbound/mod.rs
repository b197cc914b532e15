//! Provider bytes to verified, normalised deliveries; one file per provider. Knows no store.
