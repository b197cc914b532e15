//! A sequence as it runs: flat steps, each with when, whether and what.
use super::{
    Appointment, Campaign, TemplateText, TextForm, WebhookSpec,
    flow::{Branch, Changed, Share, WaitFor},
};
use crate::{
    calendar::{Span, TimeOfDay},
    expr::{Cond, Formula},
    id::{
        ChannelName, ClinicName, EventKind, FieldName, GroupName, OfferName, RoleName, SequenceName, StepName,
        TemplateName, WindowName,
    },
    record::Purpose,
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc};

/// Position of a step in its sequence. People's positions are step names; this is only an index into one revision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct StepIx(pub(crate) u16);

/// Place in the project's files, for `why`: path from the project's root and line, starting at 1.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) file: Arc<str>,
    pub(crate) line: u32,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Sequence {
    pub(crate) name: SequenceName,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) category: Arc<str>,
    pub(crate) purpose: Purpose,
    pub(crate) about: About,
    pub(crate) reentry: Reentry,
    pub(crate) group: Option<GroupName>,
    /// Higher wins; 50 when not said.
    pub(crate) priority: i32,
    pub(crate) active: bool,
    /// Whom it fits, for the best match.
    #[serde(default)]
    pub(crate) fits: Fits,
    /// Funnels that lead here.
    #[serde(default)]
    pub(crate) funnels: Vec<Arc<str>>,
    /// Only people of these clinics; of all when empty.
    #[serde(default)]
    pub(crate) clinics: Vec<ClinicName>,
    pub(crate) goal: Option<Goal>,
    pub(crate) stops: Vec<Stop>,
    pub(crate) exits: Exits,
    /// A barrier stands before the steps of its arms.
    pub(crate) steps: Vec<Step>,
    pub(crate) changed: Changed,
    /// Conditions, texts or bound moments read `event.*`: the event that started a run is kept with it.
    pub(crate) uses_event: bool,
    /// Events that conditions ask the history about.
    pub(crate) heard: BTreeSet<EventKind>,
    /// What `offer.*` means in its steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offer: Option<OfferName>,
    /// It is the messages of a campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) campaign: Option<Arc<Campaign>>,
    /// Texts of its messages, where those inside finish what they entered; else the plan's are used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) texts: Vec<TemplateText>,
    pub(crate) origin: Origin,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum About {
    Contact,
    Booking,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reentry {
    Never,
    Always,
    /// That long after the last counting run ended.
    After(Span),
}

/// Whom a sequence fits. Parts that are not stated fit everybody.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Fits {
    pub(crate) score: Option<ScoreRange>,
    pub(crate) sources: Vec<Arc<str>>,
    pub(crate) statuses: Vec<Arc<str>>,
    pub(crate) temperatures: Vec<Arc<str>>,
    pub(crate) cond: Option<Cond>,
}

/// From the least to the most, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct ScoreRange {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

/// Conversion.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Goal {
    pub(crate) event: EventKind,
    pub(crate) cond: Option<Cond>,
    /// From entry; later it does not count as converted.
    pub(crate) within: Option<Span>,
    /// What it is worth: money or a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Formula>,
    /// Ends the run.
    pub(crate) stop: bool,
}

/// An event that ends a run, with the reason that is recorded.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Stop {
    pub(crate) event: EventKind,
    pub(crate) cond: Option<Cond>,
    pub(crate) reason: Arc<str>,
}

/// What happens after a run ended.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Exits {
    pub(crate) completed: Exit,
    pub(crate) converted: Exit,
    pub(crate) stopped: Exit,
    /// Instead of `stopped` when a sequence of the group with higher priority took over.
    pub(crate) displaced: Exit,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Exit {
    pub(crate) acts: Vec<Local>,
    pub(crate) tasks: Vec<TaskSpec>,
    pub(crate) notices: Vec<NotifySpec>,
    pub(crate) enroll: Option<SequenceName>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) name: StepName,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) active: bool,
    pub(crate) due: Due,
    pub(crate) cond: Option<Cond>,
    pub(crate) act: Act,
    /// Look-ups to ask when it is due, by the names under which it uses their answers.
    #[serde(default)]
    pub(crate) with: BTreeMap<Arc<str>, Arc<str>>,
    /// The step's own `late`; without it `policies.late` of the purpose.
    pub(crate) late: Option<Late>,
    pub(crate) window: Option<WindowName>,
    /// The step's own, else the sequence's.
    pub(crate) purpose: Purpose,
    /// A bound step that is not due again when its moment moves.
    pub(crate) once: bool,
    pub(crate) retries: Retries,
    pub(crate) on_unknown: OnUnknown,
    /// Its text names the sequence's offer: without a valid one it does not go out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) offers: bool,
    /// What comes after it; for the last of an arm what comes after the barrier; one past the last step at the end.
    pub(crate) next: StepIx,
    /// The step before it in its list, for the first of an arm the barrier.
    pub(crate) above: Option<StepIx>,
    pub(crate) origin: Origin,
}

/// When a step falls due.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Due {
    /// At the moment of the step before; the first step at entry.
    Together,
    /// That long after the step before; the first step after entry.
    Wait { span: Span, at: Option<TimeOfDay> },
    /// Calendar day after entry in the person's zone; 0 is the day of entry.
    Day { day: u32, at: Option<TimeOfDay> },
    /// Before or after a moment, and moving with it.
    Bound { moment: Moment, before: bool, span: Span, at: Option<TimeOfDay> },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Moment {
    RunEntered,
    Contact(FieldName),
    /// `start`, `end`, `created_at` or a mapped field.
    Booking(FieldName),
    /// Fixed at entry.
    Event(Arc<str>),
}

/// How long after its planned moment a step may still go out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Late {
    pub(crate) up_to: Result<Span, Moment>,
    pub(crate) then: LateThen,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LateThen {
    Skip,
    NextWindow,
    Stop,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Retries {
    /// Known failures until the step is `failed`.
    pub(crate) max: u16,
    /// Before the first retry; doubles from there, up to six hours.
    pub(crate) delay: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnUnknown {
    #[default]
    Hold,
    /// Maybe twice, said by the author.
    Resend,
}

/// What a step does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Message(Arc<MessageSpec>),
    Task(Arc<TaskSpec>),
    Notify(Arc<NotifySpec>),
    Webhook(Arc<WebhookSpec>),
    /// Not empty.
    Local(Vec<Local>),
    Enroll(SequenceName),
    Stop(Arc<str>),
    /// A pure delay.
    Nothing,
    Branch(Branch),
    /// Not empty.
    Split(Vec<Share>),
    WaitFor(Box<WaitFor>),
}

/// Changes inside our own records, done in the same transaction.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Local {
    Tag {
        add: Vec<Arc<str>>,
        remove: Vec<Arc<str>>,
    },
    Score(ScoreChange),
    Set(FieldName, SetTo),
    Emit {
        event: EventKind,
        data: BTreeMap<Arc<str>, SetTo>,
    },
    /// Ends active runs; `None` ends all of the person's.
    StopSequences(Option<Vec<SequenceName>>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScoreChange {
    Add(i64),
    Set(i64),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SetTo {
    Value(Value),
    Formula(Formula),
    /// Items added to and removed from a list field.
    List {
        add: Vec<Value>,
        remove: Vec<Value>,
    },
}

impl SetTo {
    /// A list field with what is removed from and added to it; nothing stands in it twice.
    pub(crate) fn listed(before: Value, add: &[Value], remove: &[Value]) -> Value {
        let Value::List(mut items) = before else { return Self::listed(Value::List(Vec::new()), add, remove) };
        items.retain(|item| !remove.contains(item));
        for item in add {
            if !items.contains(item) {
                items.push(item.clone());
            }
        }
        Value::List(items)
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct MessageSpec {
    pub(crate) to: To,
    /// In order of preference; not empty.
    pub(crate) via: Vec<Via>,
    pub(crate) body: Body,
    pub(crate) whatsapp_template: Option<WhatsappTemplate>,
    pub(crate) reply_to: Option<Arc<str>>,
    /// E-mails carry the appointment as a calendar file.
    #[serde(default)]
    pub(crate) ics: bool,
    /// What the message offers to book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) appointment: Option<Appointment>,
    /// Its links lead over our own address and are counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) track: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum To {
    Contact,
    BookingHost,
    Role(RoleName),
    /// An address of the channel.
    Address(Arc<str>),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Via {
    /// The channel of the message that started the run, else of the last inbound one.
    Reply,
    /// Learned preference first, then `policies.preferred`.
    Preferred,
    Channel(ChannelName),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Body {
    Template(TemplateName),
    /// Written in the step; compiled into a template with a name of its own.
    Inline(TemplateName),
    /// Several templates on equal shares of people.
    Variants(Variants),
    /// A model writes it; the fallback goes out where it cannot.
    Write(Arc<WriteSpec>),
}

/// Arms of an experiment, in the order of the file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Variants {
    pub(crate) arms: Vec<(Arc<str>, TemplateName)>,
    pub(crate) test: Option<Test>,
}

/// How the arms are compared. It only reports: nobody is moved from one to another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Test {
    pub(crate) by: TestBy,
    pub(crate) method: TestMethod,
    pub(crate) per_arm: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TestBy {
    Goal,
    Reply,
    Click,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TestMethod {
    /// Judged once, when each arm has its number of people.
    Fixed,
    /// May be looked at any time.
    AlwaysValid,
}

/// The whole request to a model.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct WriteSpec {
    /// Templated, as are the subject's words.
    pub(crate) instructions: Arc<str>,
    pub(crate) subject: Option<Arc<str>>,
    pub(crate) objective: Option<Arc<str>>,
    /// Fields that the model is told.
    pub(crate) facts: Vec<Arc<str>>,
    pub(crate) must_include: Vec<Arc<str>>,
    pub(crate) never: Vec<Arc<str>>,
    pub(crate) max_chars: u32,
    pub(crate) approve: Approve,
    pub(crate) fallback: TemplateName,
}

/// Who looks at a written text before it goes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Approve {
    Always,
    Never,
    First(u32),
    Risky,
}

impl Variants {
    /// The template of an arm.
    pub(crate) fn of(&self, arm: &str) -> Option<&TemplateName> {
        self.arms.iter().find(|(name, _)| **name == *arm).map(|(_, template)| template)
    }
}

/// Approved WhatsApp template, for outside the 24 h window.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct WhatsappTemplate {
    pub(crate) name: Arc<str>,
    /// The reader's when it is not said.
    pub(crate) language: Option<Arc<str>>,
    /// Templated texts.
    pub(crate) params: Vec<Arc<str>>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct TaskSpec {
    /// Templated.
    pub(crate) title: Arc<str>,
    pub(crate) notes: Option<Arc<str>>,
    pub(crate) assign: Option<Arc<str>>,
    pub(crate) due: Option<Answer>,
}

/// A moment told as a span from now or by a formula.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    In(Span),
    Formula(Formula),
}

/// A notice to somebody of the practice.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct NotifySpec {
    pub(crate) to: To,
    /// Templated.
    pub(crate) text: Arc<str>,
    pub(crate) via: Option<ChannelName>,
}

impl Fits {
    /// How many parts are stated.
    pub(crate) fn stated(&self) -> usize {
        let lists = [&self.sources, &self.statuses, &self.temperatures];
        let lists = lists.iter().filter(|words| !words.is_empty()).count();
        lists + usize::from(self.score.is_some()) + usize::from(self.cond.is_some())
    }

    /// How far apart the ends of the score are; without ends as far as can be.
    pub(crate) fn width(&self) -> u64 {
        let (min, max) = self.score.map_or((None, None), |range| (range.min, range.max));
        max.unwrap_or(i64::MAX).abs_diff(min.unwrap_or(i64::MIN))
    }
}

impl Sequence {
    /// Of these texts those that its messages use, and the frames and parts that any text may use.
    pub(crate) fn texts_among(&self, all: &[TemplateText]) -> Vec<TemplateText> {
        let mut names: BTreeSet<&TemplateName> = BTreeSet::new();
        for step in &self.steps {
            let Act::Message(spec) = &step.act else { continue };
            match &spec.body {
                Body::Template(name) | Body::Inline(name) => names.extend([name]),
                Body::Variants(variants) => names.extend(variants.arms.iter().map(|(_, name)| name)),
                Body::Write(write) => names.extend([&write.fallback]),
            }
        }
        let shared = |text: &TemplateText| matches!(text.form, TextForm::Layout | TextForm::Partial);
        all.iter().filter(|text| names.contains(&text.name) || shared(text)).cloned().collect()
    }
}
