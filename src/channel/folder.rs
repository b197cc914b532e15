//! Letters in a folder: one HTML file each, named by its send key, so that a repeated attempt finds what the first one wrote.
#![expect(clippy::disallowed_methods, reason = "letters are files")]
use super::{Channel, Class, Later};
use crate::{
    content::Message,
    engine::{Permit, Receipt},
};
use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

/// Files written at once.
const SLOTS: u16 = 4;

pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The name of the file. A file of that name is the same letter: its bytes were fixed before the first attempt.
    fn write(&self, key: &str, letter: &str) -> io::Result<String> {
        fs::create_dir_all(&self.path)?;
        let name = format!("letter-{key}.html");
        let whole = self.path.join(&name);
        if whole.exists() {
            return Ok(name);
        }
        // somebody who prints everything in the folder must not find half a letter
        let part = self.path.join(format!(".{name}.part"));
        fs::write(&part, letter)?;
        fs::File::open(&part)?.sync_all()?;
        fs::rename(&part, &whole)?;
        Ok(name)
    }
}

impl Channel for Folder {
    fn class(&self) -> Class {
        Class::Key(Duration::MAX)
    }

    fn slots(&self) -> u16 {
        SLOTS
    }

    fn send<'a>(&'a self, permit: Permit, message: &'a Message) -> Later<'a, Receipt> {
        Box::pin(async move {
            match self.write(&permit.key.0, &sheet(message)) {
                Ok(name) => Receipt::Accepted { provider_id: Arc::from(name) },
                Err(error) => Receipt::NotSent {
                    retry_after_ms: None,
                    permanent: false,
                    why: Arc::from(format!("the folder cannot be written: {}", error.kind())),
                },
            }
        })
    }
}

/// A page for the printer: the address where a window envelope shows it, then the letter.
fn sheet(message: &Message) -> String {
    let address = lines(&message.to);
    let from = message.from.as_deref().map_or(String::new(), |from| format!("<p class=\"from\">{}</p>\n", lines(from)));
    let subject = message.subject.as_deref().unwrap_or_default();
    let body = message.html.clone().unwrap_or_else(|| format!("<p>{}</p>", lines(&message.text)));
    let title = escaped(subject);
    let heading = if subject.is_empty() { String::new() } else { format!("<h1>{title}</h1>\n") };
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>\n@page {{ size: A4; margin: 25mm 20mm }}\n\
         body {{ font: 11pt/1.45 serif }}\n.to {{ position: absolute; top: 20mm; white-space: pre-line }}\n\
         .from {{ font-size: 8pt }}\nmain {{ margin-top: 75mm }}\nh1 {{ font-size: 12pt }}\n</style>\n\
         {from}<p class=\"to\">{address}</p>\n<main>\n{heading}{body}\n</main>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn lines(text: &str) -> String {
    escaped(text.trim()).replace('\n', "<br>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ContactId, SendId};

    fn letter() -> Message {
        Message {
            to: "Ana Example\n12 Hope Road".to_owned(),
            subject: Some("Winter & you".to_owned()),
            text: "Hello <Ana>".to_owned(),
            ..Message::default()
        }
    }

    fn send(folder: &Folder, number: u16) -> Receipt {
        let message = letter();
        let sending = folder.send(Permit::for_test(SendId(7), ContactId(1), number), &message);
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(sending)
    }

    #[test]
    fn a_letter_is_written_once_however_often_it_is_tried() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path().join("out/letters"));
        let first = send(&folder, 1);
        let Receipt::Accepted { provider_id } = &first else { panic!("{first:?}") };
        let file = dir.path().join("out/letters").join(&**provider_id);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("Ana Example<br>\n12 Hope Road") && text.contains("Winter &amp; you"), "{text}");
        assert!(text.contains("Hello &lt;Ana&gt;"), "{text}");
        fs::write(&file, "printed").unwrap();
        assert_eq!(send(&folder, 2), first, "the second attempt is told of the same letter");
        assert_eq!(fs::read_to_string(&file).unwrap(), "printed", "and does not write it again");
        assert_eq!(fs::read_dir(dir.path().join("out/letters")).unwrap().count(), 1, "nothing half-written is left");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_failure_that_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("letters"), "a file").unwrap();
        let receipt = send(&Folder::new(dir.path().join("letters")), 1);
        assert!(matches!(receipt, Receipt::NotSent { permanent: false, .. }), "{receipt:?}");
    }
}
