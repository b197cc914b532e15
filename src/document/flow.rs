//! Steps below steps, as written: `branch`, `split`, `wait_for`. Knows no name and decides nothing.
use super::{
    fields::Fields,
    leaf::{DURATION, EVENT, ID},
    shape::{Group, Key, Named, Shape, Type, What},
    step::{Action, STEP, Step},
    text::{Spanned, Text},
};
use crate::diag::Place;

/// Steps one after the other.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Steps(pub(crate) Vec<Step>);

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Branch {
    pub(crate) cases: Vec<Case>,
    pub(crate) otherwise: Steps,
}

/// One way of a branch.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Case {
    pub(crate) place: Place,
    pub(crate) if_: Option<Text>,
    pub(crate) steps: Steps,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Split {
    pub(crate) place: Place,
    pub(crate) arms: Vec<Arm>,
}

/// One share of a split.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Arm {
    pub(crate) name: Text,
    pub(crate) weight: Option<Spanned<i64>>,
    pub(crate) steps: Steps,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct WaitFor {
    pub(crate) place: Place,
    pub(crate) event: Option<Text>,
    pub(crate) if_: Option<Text>,
    pub(crate) up_to: Option<Text>,
    pub(crate) then: Steps,
    pub(crate) otherwise: Steps,
}

// ---- descriptions ----

// steps stand below steps: these descriptions name each other, which only statics can
static STEP_TYPE: Type = Type::Object(&STEP);

const fn steps() -> Type {
    Type::ListOrNone(&STEP_TYPE)
}

static CASE: Shape = Shape::new(
    "a way of a branch",
    "Steps for those for whom a condition holds.",
    &[
        Key::new("if", Type::EXPRESSION, "Who goes this way. The first way that holds is taken.", "contact.warm")
            .required(),
        Key::new("steps", steps(), "The steps of this way; an empty list leads on at once.", EXAMPLE).required(),
    ],
);
static CASES: Type = Type::Object(&CASE);
const EXAMPLE: &str = "[ { id: call_them, task: { title: Call them } } ]";

static ARM: Shape = Shape::new(
    "a share of a split",
    "Steps for a share of the people.",
    &[
        Key::new("weight", Type::integer(0, 100), "How many of a hundred people go this way.", "50").required(),
        Key::new("steps", steps(), "The steps of this share; an empty list gets nothing, to compare with.", EXAMPLE)
            .required(),
    ],
);
static ARMS: Named = Named { key: &ID, value: Type::Object(&ARM), single: false };

static WAIT_FOR: Shape = Shape::new(
    "a wait for something",
    "Waits for an event, or until a condition holds.",
    &[
        Key::new("event", Type::form(&EVENT), "The event that is waited for: the next one.", "booking.created"),
        Key::new(
            "if",
            Type::EXPRESSION,
            "Only events for which this holds; without an event the condition itself is waited for.",
            "has_booking()",
        ),
        Key::new("up_to", Type::form(&DURATION), "How long is waited at most.", "3d").required(),
    ],
)
.groups(&[Group { keys: &["event", "if"], what: What::Awaited, needed: true }]);

pub(crate) const fn branch_key() -> Key {
    Key::new(
        "branch",
        Type::List(&CASES),
        "Goes different ways by conditions; otherwise beside it is the way when none holds.",
        "[ { if: contact.warm, steps: [ { id: call_them, task: { title: Call them } } ] } ]",
    )
}
pub(crate) const fn split_key() -> Key {
    Key::new(
        "split",
        Type::Map(&ARMS),
        "Sends shares of the people different ways; the same person goes the same way each time.",
        "{ call: { weight: 50, steps: [ { id: call_them, task: { title: Call them } } ] }, nothing: { weight: 50, steps: [] } }",
    )
}
pub(crate) const fn wait_for_key() -> Key {
    Key::new(
        "wait_for",
        Type::Object(&WAIT_FOR),
        "Waits for an event or a condition; then and otherwise beside it are the steps that follow.",
        "{ event: booking.created, up_to: 3d }",
    )
}
pub(crate) const fn then_key() -> Key {
    Key::new("then", steps(), "Steps when what was waited for came.", EXAMPLE).with(&["wait_for"])
}
pub(crate) const fn otherwise_key() -> Key {
    Key::new("otherwise", steps(), "Steps when no condition of the branch holds, or nothing came in time.", EXAMPLE)
        .with(&["branch", "wait_for"])
}

// ---- reading ----

impl Steps {
    pub(crate) fn read(fields: &Fields<'_>, key: &str) -> Self {
        Self(fields.objects(key).into_iter().map(|(step, place)| Step::read(step.map, &place)).collect())
    }

    /// Every step below, each before the steps of its ways: the order in which a plan has them.
    pub(crate) fn all(&self) -> Vec<&Step> {
        let mut all = Vec::new();
        self.put_into(&mut all);
        all
    }

    fn put_into<'a>(&'a self, all: &mut Vec<&'a Step>) {
        for step in &self.0 {
            all.push(step);
            step.arms().into_iter().for_each(|arm| arm.put_into(all));
        }
    }
}

/// The steps of the list itself, without those below.
impl std::ops::Deref for Steps {
    type Target = [Step];
    fn deref(&self) -> &[Step] {
        &self.0
    }
}

impl Step {
    /// The ways that lead on from it: of a branch the cases and `otherwise`, of a wait `then` and `otherwise`.
    pub(crate) fn arms(&self) -> Vec<&Steps> {
        match self.action.as_ref().map(|action| &action.value) {
            Some(Action::Branch(branch)) => {
                branch.cases.iter().map(|case| &case.steps).chain([&branch.otherwise]).collect()
            }
            Some(Action::Split(split)) => split.arms.iter().map(|arm| &arm.steps).collect(),
            Some(Action::WaitFor(wait)) => vec![&wait.then, &wait.otherwise],
            _ => Vec::new(),
        }
    }
}

pub(crate) fn branch(fields: &Fields<'_>) -> Branch {
    let cases = fields.objects("branch").into_iter().map(|(case, place)| Case {
        place,
        if_: case.text("if"),
        steps: Steps::read(&case, "steps"),
    });
    Branch { cases: cases.collect(), otherwise: Steps::read(fields, "otherwise") }
}

pub(crate) fn split(fields: &Fields<'_>) -> Option<Split> {
    let arms = fields.named_objects("split").into_iter().map(|(name, arm)| Arm {
        name,
        weight: arm.integer("weight"),
        steps: Steps::read(&arm, "steps"),
    });
    Some(Split { place: fields.key("split")?, arms: arms.collect() })
}

pub(crate) fn wait_for(fields: &Fields<'_>) -> Option<WaitFor> {
    let wait = fields.object("wait_for")?;
    Some(WaitFor {
        place: fields.key("wait_for")?,
        event: wait.text("event"),
        if_: wait.text("if"),
        up_to: wait.text("up_to"),
        then: Steps::read(fields, "then"),
        otherwise: Steps::read(fields, "otherwise"),
    })
}
