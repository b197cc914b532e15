//! What a finding is: code, severity, place, help; the catalogue of codes and the source map. Knows no document, plan or output format.
