//! The list holds what the folder holds.
#![expect(clippy::disallowed_methods, reason = "this test reads the folder")]
use super::CLINIC;
use std::{fs, path::Path};

fn list(folder: &Path, inside: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{inside}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_embedded_example_is_the_folder() {
    let mut there = Vec::new();
    list(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic"), "", &mut there);
    there.sort();
    let embedded: Vec<&str> = CLINIC.iter().map(|(path, _)| *path).collect();
    assert_eq!(embedded, there, "the list in src/cli/example.rs and examples/clinic differ");
}
