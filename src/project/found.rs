//! The findings of this module. Decides nothing.
use crate::diag::{FileId, Finding, Place, catalogue::project as rows};

pub(super) fn unreadable(path: &str, why: &str) -> Finding {
    let place = Place::of_file(FileId::from(path));
    Finding::new(&rows::UNREADABLE, &place, format!("`{path}` cannot be read: {why}"))
}
pub(super) fn too_many_files(most: usize) -> Finding {
    let place = Place::of_file(FileId::from("dripline.yaml"));
    Finding::new(&rows::TOO_MANY_FILES, &place, format!("the project has more than {most} files"))
        .help("move what is no part of the project out of its folders")
}
