//! The findings of this module. Decides nothing.
use crate::diag::{
    FileId, Finding, Place,
    catalogue::{message, project as rows, yaml},
};

pub(super) fn unreadable(path: &str, why: &str) -> Finding {
    let place = Place::of_file(FileId::from(path));
    Finding::new(&rows::UNREADABLE, &place, format!("`{path}` cannot be read: {why}"))
}
pub(super) fn too_many_files(most: usize) -> Finding {
    let place = Place::of_file(FileId::from("dripline.yaml"));
    Finding::new(&rows::TOO_MANY_FILES, &place, format!("the project has more than {most} files"))
        .help("move what is no part of the project out of its folders")
}
pub(super) fn big_fixture(path: &str) -> Finding {
    let place = Place::of_file(FileId::from(path));
    Finding::new(&yaml::TOO_BIG, &place, "this file is larger than 1 MiB").help("cut it down to what the test needs")
}
pub(super) fn strange_text(path: &str, ending: &str) -> Finding {
    let place = Place::of_file(FileId::from(path));
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    Finding::new(&message::STRANGE_TEXT, &place, format!("`{path}` is not read: texts end in .md, .txt or .html"))
        .help(format!("rename it to {stem}.{ending}"))
}
