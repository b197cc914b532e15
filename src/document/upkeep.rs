//! What a project says about its own operation, as written: alerts, sequences that are no more, who may change the files,
//! how people of several clinics are told apart.
use super::{
    fields::Fields,
    leaf::{DURATION, ID, PERCENT},
    shape::{Key, Leaf, Named, Shape, Type, choices},
    text::{Spanned, Text},
};

choices! {
    /// What becomes of people inside a sequence that is no more.
    Retire {
        Finish "finish" "People inside get the rest of it; nobody enters.",
        Stop "stop" "People inside leave at once.",
    }
}
choices! {
    /// Whom an address means.
    Identities {
        Shared "shared" "An address means the same person in every clinic.",
        PerClinic "per_clinic" "Every clinic has people of its own.",
    }
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Alerts {
    pub(crate) to: Option<Text>,
    pub(crate) skipped_over: Option<Text>,
    pub(crate) errors_over: Option<Spanned<i64>>,
    pub(crate) nothing_sent: Option<Text>,
    /// Whether some threshold stands there, also one that was reported.
    pub(crate) says_when: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Retired {
    pub(crate) sequence: Text,
    pub(crate) how: Option<Retire>,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Upkeep {
    pub(crate) alerts: Option<Alerts>,
    pub(crate) retired: Vec<Retired>,
    pub(crate) editable: Option<Spanned<bool>>,
    pub(crate) identities: Option<Spanned<Identities>>,
}

static ALERTS: Shape = Shape::new(
    "the alerts",
    "Whom to tell when something looks wrong, and from when on.",
    &[
        Key::new("to", Type::TEXT, "Whom to tell: a role of the project or an address.", "\"role:front_desk\"")
            .required(),
        Key::new(
            "skipped_over",
            Type::form(&PERCENT),
            "When more than this part of a day's messages was skipped.",
            "30%",
        ),
        Key::new("errors_over", Type::integer(1, 1_000_000), "When more messages than this failed in a day.", "20"),
        Key::new(
            "nothing_sent",
            Type::form(&DURATION),
            "When messages fell due and nothing went out for so long.",
            "2h",
        ),
    ],
);
static RETIRED: Named = Named { key: &ID, value: Type::Leaf(Leaf::Choice(Retire::CHOICES)), single: false };
static API: Shape = Shape::new(
    "the API settings",
    "What programs may do over the API.",
    &[Key::new(
        "editable",
        Type::BOOL,
        "Whether the API may change these files; unless said, only where every channel is a mailbox.",
        "true",
    )],
);

pub(super) const ALERTS_KEY: Key = Key::new(
    "alerts",
    Type::Object(&ALERTS),
    "Whom to tell when something looks wrong.",
    "{ to: \"role:front_desk\", errors_over: 20 }",
);
pub(super) const RETIRED_KEY: Key = Key::new(
    "retired",
    Type::Map(&RETIRED),
    "Sequences whose files are gone, and what becomes of people still inside.",
    "{ old_welcome: stop }",
);
pub(super) const API_KEY: Key =
    Key::new("api", Type::Object(&API), "What programs may do over the API.", "{ editable: true }");
pub(super) const IDENTITIES_KEY: Key = Key::new(
    "identities",
    Type::Leaf(Leaf::Choice(Identities::CHOICES)),
    "Whether an address means the same person in every clinic; shared unless said. With per_clinic every source names its `clinic`, and what comes from it is about that clinic's people, unless the news itself names a clinic for the contact. Somebody known in two clinics has consent and messages in each: a STOP reply, a link to unsubscribe or a complaint concerns the person of that clinic alone. People known before the change stay the same person in every clinic.",
    "per_clinic",
);

impl Upkeep {
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        let alerts = fields.object("alerts").map(|alerts| Alerts {
            to: alerts.text("to"),
            skipped_over: alerts.text("skipped_over"),
            errors_over: alerts.integer("errors_over"),
            nothing_sent: alerts.text("nothing_sent"),
            says_when: ["skipped_over", "errors_over", "nothing_sent"].iter().any(|key| alerts.has(key)),
        });
        let retired = fields.named_texts("retired").into_iter();
        Self {
            alerts,
            retired: retired.map(|(sequence, how)| Retired { sequence, how: Retire::of(&how) }).collect(),
            identities: fields.choice("identities", Identities::of),
            editable: fields.object("api").and_then(|api| api.bool("editable")),
        }
    }
}
