//! `templates/whatsapp.json`: the WhatsApp templates that the provider knows, as it lists them. JSON is YAML, so the same
//! tree reads it and findings have their places. Knows no step that uses one.
use super::{
    check,
    fields::Fields,
    found,
    parse::parse,
    shape::{Key, Shape, Type},
    text::Text,
    tree::Node,
};
use crate::diag::{FileId, Place, Sink};

/// Where the list stands.
pub(crate) const REGISTRY: &str = "templates/whatsapp.json";

/// Every template of the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    pub(crate) templates: Vec<Registered>,
    /// Everything in it could be read.
    pub(crate) whole: bool,
}

/// One template in one language.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) name: Text,
    pub(crate) language: Text,
    pub(crate) category: Option<Text>,
    pub(crate) status: Option<Text>,
    /// Texts with placeholders, in the order in which parameters fill them: header, body, addresses of buttons.
    pub(crate) texts: Vec<Text>,
    pub(crate) body: Option<Text>,
}

const BUTTON_LIST: Type = Type::ListOrNone(&BUTTONS);
const BUTTONS: Type = Type::Object(&BUTTON);
static BUTTON: Shape = Shape::new(
    "a button of a WhatsApp template",
    "A button below the text.",
    &[
        Key::new("type", Type::TEXT, "What it does: URL, QUICK_REPLY, PHONE_NUMBER or COPY_CODE.", "URL"),
        Key::new("text", Type::TEXT, "What stands on it.", "Book"),
        Key::new(
            "url",
            Type::TEXT,
            "Where it leads; its placeholder is filled by a parameter.",
            "\"https://cal.example.com/{{1}}\"",
        ),
    ],
)
.open(Type::Any);
const COMPONENTS: Type = Type::Object(&COMPONENT);
static COMPONENT: Shape = Shape::new(
    "a part of a WhatsApp template",
    "Header, body, footer or buttons.",
    &[
        Key::new("type", Type::TEXT, "Which part it is: HEADER, BODY, FOOTER or BUTTONS.", "BODY").required(),
        Key::new("text", Type::TEXT, "Its text, with {{1}}, {{2}} where parameters go.", "\"Hello {{1}}\""),
        Key::new(
            "buttons",
            BUTTON_LIST,
            "The buttons.",
            "[ { type: URL, text: Book, url: \"https://cal.example.com\" } ]",
        ),
    ],
)
.open(Type::Any);
/// One entry of the list. Providers add keys of their own, which are kept out of the way.
pub(super) static REGISTERED: Shape = Shape::new(
    "a registered WhatsApp template",
    "A template as the provider lists it: copy its list here whenever one changes.",
    &[
        Key::new("name", Type::TEXT, "Its name, as steps use it.", "no_show_new_time").required(),
        Key::new("language", Type::TEXT, "Its language, as the provider writes it.", "en").required(),
        Key::new(
            "category",
            Type::TEXT,
            "How the provider counts it: MARKETING, UTILITY or AUTHENTICATION.",
            "MARKETING",
        ),
        Key::new(
            "status",
            Type::TEXT,
            "Whether it may be sent: APPROVED, PENDING, REJECTED, PAUSED or DISABLED.",
            "APPROVED",
        )
        .required(),
        Key::new(
            "body",
            Type::TEXT,
            "Its text, with {{1}}, {{2}} where parameters go; short for components.",
            "\"Hello {{1}}\"",
        ),
        Key::new(
            "components",
            Type::List(&COMPONENTS),
            "Its parts, as the provider lists them.",
            "[ { type: BODY, text: \"Hello {{1}}\" } ]",
        ),
    ],
)
.open(Type::Any);
const ENTRY: Type = Type::Object(&REGISTERED);
static LISTED: Shape = Shape::new(
    "a list of WhatsApp templates",
    "What the provider answers when it is asked for its templates.",
    &[Key::new("data", Type::ListOrNone(&ENTRY), "The templates.", "[]").required()],
)
.open(Type::Any);
/// The whole file: the list itself, or the provider's answer with the list under `data`.
pub(super) const FILE: Type = Type::Or(&[Type::ListOrNone(&ENTRY), Type::Object(&LISTED)]);

impl Registry {
    pub(crate) fn read(source: &str, sink: &mut Sink) -> Self {
        let file = FileId::from(REGISTRY);
        let before = sink.iter().count();
        let tree = parse(&file, source, sink);
        let Some(root) = &tree.root else { return Self { templates: Vec::new(), whole: false } };
        let listed = root.map().map(|map| (map, Fields::new(map, &LISTED)));
        let items: &[Node] = match (&listed, root.list()) {
            (Some((map, _)), _) => {
                check::check(map, &root.head(), &LISTED, &[], sink);
                map.get("data").and_then(Node::list).unwrap_or(&[])
            }
            (None, Some(items)) => {
                for item in items {
                    match item.map() {
                        Some(map) => check::check(map, &item.head(), &REGISTERED, &[], sink),
                        None => {
                            sink.push(found::wrong_type(
                                &item.place,
                                REGISTRY,
                                "a list of templates",
                                "a single value",
                            ));
                        }
                    }
                }
                items
            }
            (None, None) => {
                sink.push(found::wrong_type(&Place::of_file(file), REGISTRY, "a list of templates", "a single value"));
                &[]
            }
        };
        let templates = items.iter().filter_map(Registered::read).collect();
        Self { templates, whole: tree.whole && sink.iter().count() == before }
    }
}

impl Registered {
    fn read(node: &Node) -> Option<Self> {
        let fields = Fields::new(node.map()?, &REGISTERED);
        let (mut header, mut body, mut buttons) = (None, fields.text("body"), Vec::new());
        for (part, _) in fields.objects("components") {
            let kind = part.text("type").map(|kind| kind.to_uppercase());
            match kind.as_deref() {
                Some("HEADER") => header = part.text("text"),
                Some("BODY") => body = part.text("text").or(body),
                Some("BUTTONS") => {
                    buttons.extend(part.objects("buttons").into_iter().filter_map(|(button, _)| button.text("url")));
                }
                _ => {}
            }
        }
        Some(Self {
            name: fields.text("name")?,
            language: fields.text("language")?,
            category: fields.text("category"),
            status: fields.text("status"),
            texts: header.into_iter().chain(body.clone()).chain(buttons).collect(),
            body,
        })
    }

    /// How many parameters it takes: placeholders, each counted once in its text.
    pub(crate) fn parameters(&self) -> usize {
        self.texts.iter().map(|text| placeholders(text)).sum()
    }

    pub(crate) fn is(&self, category: &str) -> bool {
        self.category.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(category))
    }

    pub(crate) fn is_approved(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case("approved"))
    }
}

fn placeholders(text: &str) -> usize {
    let inside = text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim()));
    inside.collect::<std::collections::BTreeSet<_>>().len()
}

/// `en_US`, `en-us` and `EN_us` are one language.
pub(crate) fn same_language(one: &str, other: &str) -> bool {
    let plain = |language: &str| language.replace('-', "_").to_ascii_lowercase();
    plain(one) == plain(other)
}

/// Both are German, or English, whatever the country.
pub(crate) fn kindred_language(one: &str, other: &str) -> bool {
    let base = |language: &str| language.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    base(one) == base(other)
}
