//! People of suites as written: their fields, and where they agreed to be written to.
use super::data::Data;
use crate::{
    diag::Place,
    document::{
        fields::Fields,
        leaf::{ID, NAME},
        shape::{Key, Named, Shape, Type},
        text::Text,
    },
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Person {
    pub(crate) name: Text,
    pub(crate) place: Place,
    pub(crate) fields: Vec<(Text, Data)>,
    /// Channels.
    pub(crate) consent: Vec<Text>,
}

const LITERALS: Type = Type::LITERAL;
const FIELD: Type = Type::Or(&[Type::LITERAL, Type::ListOrNone(&LITERALS)]);
const CHANNELS: Type = Type::form(&NAME);

macro_rules! field {
    ($name:literal, $about:literal, $example:literal) => {
        Key::new($name, FIELD, $about, $example)
    };
}

static PERSON: Shape = Shape::new(
    "a person of a suite",
    "Somebody as they are before it begins: any fields of the contact, and `consent`. Invent them: addresses at example.test, phone numbers from ranges that are kept free.",
    &[
        field!("first_name", "Given name.", "Ana"),
        field!("last_name", "Family name.", "Example"),
        field!("email", "Address for e-mails.", "ana@example.test"),
        field!("phone", "Number with its country, in quotes.", "\"+4915550000001\""),
        field!("locale", "Language; the project's first unless said.", "de"),
        field!("zone", "Time zone; by the phone number, else the suite's, unless said.", "Europe/Berlin"),
        field!("clinic", "Clinic that they belong to.", "main"),
        field!("source", "Where they came from.", "Web Form"),
        field!("status", "Status of the lead.", "new"),
        field!("temperature", "How warm the lead is.", "warm"),
        field!("stage", "Where they are in the treatment.", "completed"),
        field!("score", "Points of the lead.", "40"),
        field!("warm", "Whether they are a warm lead.", "true"),
        field!("tags", "Tags that they have.", "[vip]"),
        field!(
            "created_at",
            "Since when they are known: a date and time by the suite's clock, or with an offset.",
            "2027-01-10 09:00"
        ),
        field!("last_visit_at", "Their last visit.", "2026-11-02 15:00"),
        field!("is_test", "true: nobody outside test_recipients is reached.", "true"),
        Key::new(
            "consent",
            Type::Or(&[CHANNELS, Type::ListOrNone(&CHANNELS)]),
            "Channels on which they agreed to be written to, and confirmed it.",
            "[email, sms]",
        ),
    ],
)
.open(FIELD);
/// By the names that `for` uses.
pub(super) static PEOPLE: Named = Named { key: &ID, value: Type::Object(&PERSON), single: false };

/// Those of a suite or scenario.
pub(super) fn read(fields: &Fields<'_>) -> Vec<Person> {
    let person = |(name, person): (Text, Fields<'_>)| {
        let own = person.map.entries.iter().filter(|entry| *entry.key != *"consent" && !entry.key.starts_with("x-"));
        let own = own.filter_map(|entry| Some((entry.key.clone(), Data::read(&entry.value)?)));
        Person { place: name.place.clone(), name, fields: own.collect(), consent: person.texts("consent") }
    };
    fields.named_objects("people").into_iter().map(person).collect()
}
