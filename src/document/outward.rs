//! What asks other programs or carries something of theirs, as written.
use super::shape::{Key, Leaf, Type, choices};
use super::step::MESSAGES;

choices! {
    /// Files that go along with an e-mail.
    Attach {
        Ics "ics" "The appointment as a calendar file: an invitation, and a cancellation when the appointment is off. It names the practice and nothing of what the appointment is about.",
    }
}

const ATTACHMENT: Type = Type::Leaf(Leaf::Choice(Attach::CHOICES));

pub(super) const ATTACH: Key = Key::new(
    "attach",
    Type::List(&ATTACHMENT),
    "Files that go along with the e-mail; on other channels the message goes without them.",
    "[ics]",
)
.with(MESSAGES);
