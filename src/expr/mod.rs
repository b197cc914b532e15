//! The one expression language: parse, check, evaluate. Knows no SQL and no plan: names come through a scope.
