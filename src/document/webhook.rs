//! A call of another program, as written. Knows no address.
use super::{
    action::{DATA_VALUE, DataValue},
    fields::{Fields, Literal},
    leaf::{ID, PATH},
    shape::{Key, Named, Shape, Type},
    text::Text,
};
use crate::diag::Place;

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Webhook {
    pub(crate) place: Place,
    pub(crate) url: Option<Text>,
    pub(crate) kind: Option<Text>,
    /// Texts are templated.
    pub(crate) body: Vec<(Text, DataValue)>,
    pub(crate) secret: Option<Text>,
    pub(crate) may_see: Vec<Text>,
}

const FIELD: Type = Type::form(&PATH);
static BODY: Named = Named { key: &ID, value: Type::Or(&[Type::LITERAL, Type::Object(&DATA_VALUE)]), single: false };

static WEBHOOK: Shape = Shape::new(
    "a webhook",
    "Calls another program, signed as Standard Webhooks ask for it. A call that failed, or whose answer was lost, is made again with the same `webhook-id`, by which the receiver knows a repetition. In an environment where every channel is a mailbox the call is kept there.",
    &[
        Key::new(
            "url",
            Type::SETTING,
            "Where to: an https address, or the NAME of the environment variable that holds it. Addresses inside your own network are refused; for tests on one machine DRIPLINE_ALLOW_LOOPBACK=1 lets a variable name one of this machine.",
            "\"https://crm.example.com/hooks/dripline\"",
        )
        .required(),
        Key::new(
            "body",
            Type::Map(&BODY),
            "What to tell, under `data`: texts (templated), numbers, or { value: expression }.",
            "{ name: \"{{ contact.name | default('') }}\", score: { value: contact.score } }",
        ),
        Key::new(
            "secret",
            Type::SECRET,
            "Name of the environment variable with the signing secret: whsec_ and base64 of 24 to 64 bytes.",
            "CRM_HOOK_SECRET",
        )
        .required(),
        Key::new(
            "type",
            Type::TEXT,
            "The kind of event that the receiver sees: letters, digits and underscores, with dots between. Sequence and step unless said.",
            "lead.cooled_down",
        ),
        Key::new(
            "may_see",
            Type::List(&FIELD),
            "Sensitive fields that this program is allowed to be told.",
            "[contact.procedure]",
        ),
    ],
);

pub(super) const KEY: Key = Key::new(
    "webhook",
    Type::Object(&WEBHOOK),
    "Calls another program.",
    "{ url: \"https://crm.example.com/hook\", secret: CRM_HOOK_SECRET }",
);

pub(super) fn read(fields: &Fields<'_>) -> Option<Webhook> {
    let webhook = fields.object("webhook")?;
    Some(Webhook {
        place: fields.node("webhook")?.head(),
        url: webhook.text("url"),
        kind: webhook.text("type"),
        body: data(&webhook, "body"),
        secret: webhook.text("secret"),
        may_see: webhook.texts("may_see"),
    })
}

fn data(fields: &Fields<'_>, key: &str) -> Vec<(Text, DataValue)> {
    let entries = fields.named(key).into_iter().filter_map(|(name, node, ty)| {
        let value = match node.map() {
            Some(map) => DataValue::Expression(Fields::new(map, ty.shape()?).text("value")?),
            None => DataValue::Value(Literal::read(node)?),
        };
        Some((name, value))
    });
    entries.collect()
}
