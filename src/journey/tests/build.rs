//! Plans for tests, from struct literals.
use crate::{
    calendar::{Quiet, Span, TimeOfDay, Weekday, Window, Zone},
    expr::{Cond, Vocabulary, parse_and_check},
    id::{ChannelName, EventKind, FieldName, GroupName, SequenceName, StepName, TemplateName, TriggerName, WindowName},
    plan::{
        About, Act, Body, Branch, Cap, CapThen, Case, Channel, ChannelProvider, Due, Enrol, Fits, Goal, Late, LateThen,
        Local, Medium, MessageSpec, Moment, Node, NotifySpec, OnUnknown, Origin, Plan, QuietHours, Reentry, Retries,
        Secret, Sequence, SetTo, Share, Step, StepIx, Stop, TaskSpec, TemplateText, TextForm, To, Trigger,
        TriggerSource, Via, WaitFor, WhatsappTemplate, Without, in_a_row,
    },
    record::{CONTACT_FIELDS, ConsentLevel, Purpose},
    value::{Type, Value},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(crate) fn span(text: &str) -> Span {
    Span::parse(text).unwrap()
}

pub(crate) fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

pub(crate) fn cond(text: &str) -> Cond {
    let (cond, faults) = parse_and_check(text, &scope());
    assert!(faults.is_empty(), "{text}: {faults:?}");
    cond.unwrap()
}

/// A text with `{{ … }}` as the expression that it becomes.
pub(crate) fn filled(text: &str) -> SetTo {
    let (formula, faults) = crate::expr::parse_text(text, &scope());
    assert!(faults.is_empty(), "{text}: {faults:?}");
    SetTo::Formula(formula.unwrap())
}

fn scope() -> Vocabulary {
    let mut scope = Vocabulary::default();
    let contact = CONTACT_FIELDS.iter().map(|(name, of, _)| (Arc::from(*name), of.to_type())).collect();
    scope.roots.insert(Arc::from("contact"), Type::Record(contact));
    let booking = ["uid", "status", "kind"].map(|name| (Arc::from(name), Type::Text));
    let booking = Type::Record(booking.into_iter().collect());
    scope.roots.insert(Arc::from("booking"), booking.clone());
    let event = BTreeMap::from([
        (Arc::from("no_show"), Type::Bool),
        (Arc::from("text"), Type::Text),
        (Arc::from("wanted"), Type::Text),
        (Arc::from("booking"), booking),
    ]);
    scope.roots.insert(Arc::from("event"), Type::Record(event));
    scope
}

/// Berlin; email, sms, whatsapp and instagram over SMTP, so that each attempt has an answer; anything may be sent.
pub(crate) fn plan() -> Plan {
    let mut plan = Plan::bare("practice", Zone::parse("Europe/Berlin").unwrap());
    let names = ["email", "sms", "whatsapp", "instagram"];
    for name in names {
        let provider = ChannelProvider::Smtp { url: Secret::Variable(Arc::from("SMTP_URL")) };
        let channel = Channel {
            name: ChannelName::new(name),
            medium: Medium::of(name),
            provider,
            from: None,
            slots: 2,
            cost: None,
            validity: None,
        };
        plan.channels.insert(channel.name.clone(), channel);
    }
    plan.policies.preferred = names.map(ChannelName::new).to_vec();
    for purpose in Purpose::ALL {
        plan.policies.consent.insert(purpose, ConsentLevel::None);
    }
    plan.templates.push(TemplateText {
        name: TemplateName::new("hello"),
        channel: None,
        locale: None,
        form: TextForm::Markdown,
        subject: Some(Arc::from("Hello")),
        preheader: None,
        layout: None,
        body: Arc::from("Hello, this is step {{ run.step }}."),
        file: Arc::from("templates/hello.md"),
    });
    plan
}

pub(crate) trait PlanWith: Sized {
    fn with(self, sequence: Seq) -> Self;
    fn on(self, trigger: Trigger) -> Self;
    fn local(self, channel: &str) -> Self;
    fn quiet(self, from: &str, to: &str) -> Self;
    fn cap(self, at_most: u32, per: &str, then: CapThen) -> Self;
    fn window(self, name: &str, days: &[Weekday], from: &str, to: &str) -> Self;
    fn ready(self) -> Arc<Plan>;
}

impl PlanWith for Plan {
    fn with(mut self, Seq(sequence, _): Seq) -> Self {
        self.sequences.insert(sequence.name.clone(), Arc::new(sequence));
        self
    }

    fn on(mut self, trigger: Trigger) -> Self {
        self.triggers.insert(trigger.name.clone(), Arc::new(trigger));
        self
    }

    fn local(mut self, channel: &str) -> Self {
        self.channels.get_mut(channel).unwrap().provider = ChannelProvider::Mailbox;
        self
    }

    fn quiet(mut self, from: &str, to: &str) -> Self {
        let hours = Quiet { from: time(from), to: time(to) };
        let purposes = BTreeSet::from([Purpose::Marketing, Purpose::Service]);
        self.policies.quiet_hours = Some(QuietHours { hours, purposes, then: CapThen::Wait });
        self
    }

    fn cap(mut self, at_most: u32, per: &str, then: CapThen) -> Self {
        self.policies.caps.push(Cap { at_most, per: span(per), purposes: BTreeSet::from([Purpose::Marketing]), then });
        self
    }

    fn window(mut self, name: &str, days: &[Weekday], from: &str, to: &str) -> Self {
        let window = Window { days: days.iter().copied().collect(), from: time(from), to: time(to) };
        self.policies.windows.insert(WindowName::new(name), window);
        self
    }

    fn ready(self) -> Arc<Plan> {
        Arc::new(self.indexed())
    }
}

/// A sequence and the tree that its steps are made of.
#[derive(Clone)]
pub(crate) struct Seq(pub(crate) Sequence, Vec<Node>);

/// A marketing sequence about contacts that may be entered again at any time.
pub(crate) fn seq(name: &str) -> Seq {
    Seq(
        Sequence {
            name: SequenceName::new(name),
            title: None,
            category: Arc::from("custom"),
            purpose: Purpose::Marketing,
            about: About::Contact,
            reentry: Reentry::Always,
            group: None,
            priority: 50,
            active: true,
            fits: Fits::default(),
            funnels: Vec::new(),
            clinics: Vec::new(),
            goal: None,
            stops: Vec::new(),
            exits: crate::plan::Exits::default(),
            steps: Vec::new(),
            changed: crate::plan::Changed::default(),
            uses_event: false,
            heard: BTreeSet::new(),
            offer: None,
            campaign: None,
            texts: Vec::new(),
            origin: Origin::default(),
        },
        Vec::new(),
    )
}

impl Seq {
    pub(crate) fn purpose(mut self, purpose: Purpose) -> Self {
        self.0.purpose = purpose;
        self
    }
    pub(crate) fn about_booking(mut self) -> Self {
        self.0.about = About::Booking;
        self
    }
    pub(crate) fn reentry(mut self, reentry: Reentry) -> Self {
        self.0.reentry = reentry;
        self
    }
    pub(crate) fn group(mut self, group: &str, priority: i32) -> Self {
        self.0.group = Some(GroupName::new(group));
        self.priority(priority)
    }
    pub(crate) fn priority(mut self, priority: i32) -> Self {
        self.0.priority = priority;
        self
    }
    pub(crate) fn goal(mut self, event: &str, within: Option<&str>, stop: bool) -> Self {
        self.0.goal =
            Some(Goal { event: EventKind::new(event), cond: None, within: within.map(span), value: None, stop });
        self
    }
    pub(crate) fn stop_on(mut self, event: &str, when: Option<&str>, reason: &str) -> Self {
        let stop = Stop { event: EventKind::new(event), cond: when.map(cond), reason: Arc::from(reason) };
        self.0.stops.push(stop);
        self
    }
    pub(crate) fn off(mut self) -> Self {
        self.0.active = false;
        self
    }
    pub(crate) fn exits(mut self, with: impl FnOnce(&mut crate::plan::Exits)) -> Self {
        with(&mut self.0.exits);
        self
    }
    pub(crate) fn step(mut self, step: S) -> Self {
        let node = step.into_node(self.0.purpose);
        self.1.push(node);
        self.0.steps = in_a_row(self.1.clone());
        self
    }
    pub(crate) fn changed(mut self, with: impl FnOnce(&mut crate::plan::Changed)) -> Self {
        with(&mut self.0.changed);
        self
    }
}

/// A step and the steps of its ways.
#[derive(Clone)]
pub(crate) struct S(pub(crate) Step, Vec<Vec<S>>);

fn any(name: &str, act: Act) -> S {
    S(
        Step {
            name: StepName::new(name),
            title: None,
            active: true,
            due: Due::Together,
            cond: None,
            with: std::collections::BTreeMap::new(),
            act,
            late: None,
            window: None,
            purpose: Purpose::Transactional,
            once: false,
            retries: Retries { max: 3, delay: span("5m") },
            on_unknown: OnUnknown::Hold,
            offers: false,
            next: StepIx(0),
            above: None,
            origin: Origin::default(),
        },
        Vec::new(),
    )
}

pub(crate) fn message(via: &[&str]) -> MessageSpec {
    MessageSpec {
        to: To::Contact,
        via: via.iter().map(|name| Via::Channel(ChannelName::new(name))).collect(),
        body: Body::Template(TemplateName::new("hello")),
        whatsapp_template: None,
        reply_to: None,
        ics: false,
        appointment: None,
        track: false,
    }
}

/// A mail to the person.
pub(crate) fn say(name: &str) -> S {
    any(name, Act::Message(Arc::new(message(&["email"]))))
}

pub(crate) fn tag(name: &str, tag: &str) -> S {
    any(name, Act::Local(vec![add_tag(tag)]))
}

pub(crate) fn task(name: &str) -> S {
    let title = Arc::from("Call them");
    any(name, Act::Task(Arc::new(TaskSpec { title, notes: None, assign: None, due: None })))
}

pub(crate) fn notify(name: &str) -> S {
    any(name, Act::Notify(Arc::new(notice())))
}

pub(crate) fn notice() -> NotifySpec {
    NotifySpec {
        to: To::Address(Arc::from("desk@example.test")),
        text: Arc::from("Look at {{ contact.email }}"),
        via: Some(ChannelName::new("email")),
    }
}

pub(crate) fn enroll(name: &str, next: &str) -> S {
    any(name, Act::Enroll(SequenceName::new(next)))
}

pub(crate) fn stop(name: &str, reason: &str) -> S {
    any(name, Act::Stop(Arc::from(reason)))
}

/// Ways with their conditions, and the one when none holds.
pub(crate) fn branch(name: &str, ways: Vec<(&str, Vec<S>)>, otherwise: Vec<S>) -> S {
    let cases = ways.iter().map(|(text, _)| Case { cond: cond(text), entry: StepIx(0) }).collect();
    let mut made = any(name, Act::Branch(Branch { cases, otherwise: StepIx(0) }));
    made.1 = ways.into_iter().map(|(_, steps)| steps).chain([otherwise]).collect();
    made
}

pub(crate) fn split(name: &str, ways: Vec<(&str, u32, Vec<S>)>) -> S {
    let share =
        |(name, weight, _): &(&str, u32, Vec<S>)| Share { name: Arc::from(*name), weight: *weight, entry: StepIx(0) };
    let mut made = any(name, Act::Split(ways.iter().map(share).collect()));
    made.1 = ways.into_iter().map(|(.., steps)| steps).collect();
    made
}

pub(crate) fn wait_for(
    name: &str,
    event: Option<&str>,
    when: Option<&str>,
    up_to: &str,
    then: Vec<S>,
    otherwise: Vec<S>,
) -> S {
    let (event, cond) = (event.map(EventKind::new), when.map(cond));
    let wait = WaitFor { event, cond, up_to: span(up_to), then: StepIx(0), otherwise: StepIx(0) };
    let mut made = any(name, Act::WaitFor(Box::new(wait)));
    made.1 = vec![then, otherwise];
    made
}

pub(crate) fn add_tag(tag: &str) -> Local {
    Local::Tag { add: vec![Arc::from(tag)], remove: Vec::new() }
}

pub(crate) fn emit(event: &str) -> Local {
    Local::Emit { event: EventKind::new(event), data: BTreeMap::new() }
}

pub(crate) fn set(field: &str, value: Value) -> Local {
    Local::Set(FieldName::new(field), SetTo::Value(value))
}

fn moment(text: &str) -> Moment {
    match text.split_once('.').unwrap() {
        ("booking", field) => Moment::Booking(FieldName::new(field)),
        ("contact", field) => Moment::Contact(FieldName::new(field)),
        ("event", field) => Moment::Event(Arc::from(field)),
        _ => Moment::RunEntered,
    }
}

impl S {
    /// A step without a purpose of its own has the sequence's.
    fn into_node(self, purpose: Purpose) -> Node {
        let Self(mut step, ways) = self;
        if step.purpose == Purpose::Transactional && step.title.is_none() {
            step.purpose = purpose;
        }
        let list = |steps: Vec<Self>| steps.into_iter().map(|step| step.into_node(purpose)).collect();
        Node { step, arms: ways.into_iter().map(list).collect() }
    }
    pub(crate) fn wait(mut self, text: &str) -> Self {
        self.0.due = Due::Wait { span: span(text), at: None };
        self
    }
    pub(crate) fn day(mut self, day: u32) -> Self {
        self.0.due = Due::Day { day, at: None };
        self
    }
    pub(crate) fn before(mut self, what: &str, by: &str) -> Self {
        self.0.due = Due::Bound { moment: moment(what), before: true, span: span(by), at: None };
        self
    }
    pub(crate) fn after(mut self, what: &str, by: &str) -> Self {
        self.0.due = Due::Bound { moment: moment(what), before: false, span: span(by), at: None };
        self
    }
    pub(crate) fn at(mut self, text: &str) -> Self {
        match &mut self.0.due {
            Due::Wait { at, .. } | Due::Day { at, .. } | Due::Bound { at, .. } => *at = Some(time(text)),
            Due::Together => panic!("at goes with day, wait, before, after"),
        }
        self
    }
    pub(crate) fn asks(mut self, alias: &str, lookup: &str) -> Self {
        self.0.with.insert(Arc::from(alias), Arc::from(lookup));
        self
    }
    pub(crate) fn when(mut self, text: &str) -> Self {
        self.0.cond = Some(cond(text));
        self
    }
    pub(crate) fn late(mut self, up_to: &str, then: LateThen) -> Self {
        self.0.late = Some(Late { up_to: Ok(span(up_to)), then });
        self
    }
    pub(crate) fn late_until(mut self, what: &str) -> Self {
        self.0.late = Some(Late { up_to: Err(moment(what)), then: LateThen::Skip });
        self
    }
    pub(crate) fn window(mut self, name: &str) -> Self {
        self.0.window = Some(WindowName::new(name));
        self
    }
    pub(crate) fn once(mut self) -> Self {
        self.0.once = true;
        self
    }
    pub(crate) fn off(mut self) -> Self {
        self.0.active = false;
        self
    }
    pub(crate) fn resend(mut self) -> Self {
        self.0.on_unknown = OnUnknown::Resend;
        self
    }
    pub(crate) fn retries(mut self, max: u16, delay: &str) -> Self {
        self.0.retries = Retries { max, delay: span(delay) };
        self
    }
    pub(crate) fn purpose(mut self, purpose: Purpose) -> Self {
        self.0.purpose = purpose;
        self.0.title = Some(Arc::from("a purpose of its own"));
        self
    }
    pub(crate) fn via(self, names: &[&str]) -> Self {
        self.spec(|spec| spec.via = names.iter().map(|name| Via::Channel(ChannelName::new(name))).collect())
    }
    pub(crate) fn approved(self) -> Self {
        self.spec(|spec| {
            let name = Arc::from("approved");
            spec.whatsapp_template =
                Some(WhatsappTemplate { name, language: Some(Arc::from("en")), params: Vec::new() });
        })
    }
    pub(crate) fn to(self, to: To) -> Self {
        self.spec(|spec| spec.to = to)
    }
    pub(crate) fn spec(mut self, with: impl FnOnce(&mut MessageSpec)) -> Self {
        if let Act::Message(spec) = &mut self.0.act {
            with(Arc::make_mut(spec));
        }
        self
    }
}

/// A trigger of its own name, that enrols into a sequence.
pub(crate) fn on(event: &str, sequence: &str) -> Trigger {
    Trigger {
        name: TriggerName::new(format!("{}_{sequence}", event.replace('.', "_"))),
        active: true,
        source: TriggerSource::Events { events: vec![EventKind::new(event)], without: None },
        cond: None,
        clinics: Vec::new(),
        backfill: false,
        limit: None,
        acts: Vec::new(),
        tasks: Vec::new(),
        notices: Vec::new(),
        enrol: (!sequence.is_empty()).then(|| Enrol::One(SequenceName::new(sequence))),
        heard: BTreeSet::new(),
        origin: Origin::default(),
    }
}

pub(crate) fn without(mut trigger: Trigger, event: &str, within: &str) -> Trigger {
    if let TriggerSource::Events { without, .. } = &mut trigger.source {
        *without = Some(Without { event: EventKind::new(event), cond: None, within: span(within) });
    }
    trigger
}

pub(crate) fn only_if(mut trigger: Trigger, text: &str) -> Trigger {
    trigger.cond = Some(cond(text));
    trigger
}

pub(crate) fn doing(mut trigger: Trigger, acts: Vec<Local>) -> Trigger {
    trigger.acts = acts;
    trigger
}
