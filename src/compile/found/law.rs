//! Findings about consent, law and safety.
