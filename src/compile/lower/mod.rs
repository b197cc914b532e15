//! Documents into the plan: names resolved, defaults filled in, expressions checked. One file per kind.
//!
//! Every function gives its best result and reports what is wrong; a plan made beside errors is only good for further
//! checks. Looks at one object at a time; what concerns several is in `check`.
mod action;
mod bindings;
mod campaign;
mod flow;
mod offer;
mod outward;
mod project;
mod segment;
mod sequence;
mod step;
mod text;
mod trigger;
mod upkeep;

use super::{
    found,
    names::{Names, Sort},
    scope::{Base, EventView, Presence, View},
    starts::Starts,
    texts,
};
use crate::{
    calendar::{Span, SpanFault, TimeOfDay},
    diag::{Place, Sink, SourceMap},
    document::{self, Text},
    expr::{Ask, Cond, Formula, Scope},
    id::{ChannelName, EventKind, RoleName},
    plan::{Origin, Role, TemplateText},
    record::Purpose,
    value::Type,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) use action::KEPT;
pub(super) use bindings::bound_to;
pub(super) use campaign::campaign;
pub(super) use offer::offer;
pub(super) use project::project;
pub(super) use segment::segment;
pub(super) use sequence::sequence;
pub(super) use trigger::trigger;

/// The hand that lowers: what it may look up, and what it collects on the way.
pub(super) struct Lowering<'a> {
    pub(super) base: &'a Base<'a>,
    pub(super) names: &'a Names,
    pub(super) starts: &'a Starts,
    pub(super) sources: &'a SourceMap,
    pub(super) partials: &'a BTreeSet<String>,
    pub(super) roles: BTreeMap<RoleName, Role>,
    pub(super) sink: Sink,
    /// Names that something refers to.
    pub(super) used: BTreeSet<(Sort, String)>,
    /// Sorts of which a name was not known.
    pub(super) missed: BTreeSet<Sort>,
    /// Texts written in steps.
    pub(super) inline: Vec<TemplateText>,
    /// Every reference to a template, for the checks of texts.
    pub(super) messages: Vec<MessageUse<'a>>,
    /// Fields that a model may be told beside the harmless ones.
    pub(super) model_sees: Vec<String>,
    reads: Reads,
    /// Outermost names that conditions and texts of a step use.
    pub(super) named: BTreeSet<String>,
    pub(super) aliases: Vec<AliasUse>,
    views: BTreeMap<(BTreeSet<String>, bool), Arc<EventView>>,
}

/// What one object reads beside the contact.
#[derive(Debug, Default)]
struct Reads {
    heard: BTreeSet<EventKind>,
    /// The event that started the run.
    start: bool,
}

/// A name that a step gives to the answer of a look-up.
#[derive(Debug)]
pub(super) struct AliasUse {
    pub(super) sequence: String,
    pub(super) step: String,
    pub(super) alias: Text,
    /// By something other than a template.
    pub(super) used: bool,
}

/// A message step as the checks of texts need it.
#[derive(Debug)]
pub(super) struct MessageUse<'a> {
    pub(super) sequence: String,
    pub(super) step: String,
    /// The template's name, or the text of a message written in place.
    pub(super) place: Place,
    /// `None` when it is written in place.
    pub(super) template: Option<Text>,
    pub(super) has_subject: bool,
    pub(super) view: View<'a>,
    /// Channels that it can go out on.
    pub(super) channels: BTreeSet<ChannelName>,
    pub(super) purpose: Purpose,
    pub(super) to_contact: bool,
    /// Where it says that its links are counted.
    pub(super) track: Option<Place>,
    /// Texts of a message written in place.
    pub(super) texts: Vec<Text>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(
        base: &'a Base<'a>,
        starts: &'a Starts,
        sources: &'a SourceMap,
        partials: &'a BTreeSet<String>,
        sink: Sink,
    ) -> Self {
        Self {
            base,
            names: base.names,
            starts,
            sources,
            partials,
            roles: BTreeMap::new(),
            sink,
            used: BTreeSet::new(),
            missed: BTreeSet::new(),
            inline: Vec::new(),
            messages: Vec::new(),
            model_sees: Vec::new(),
            reads: Reads::default(),
            named: BTreeSet::new(),
            aliases: Vec::new(),
            views: BTreeMap::new(),
        }
    }

    fn origin(&self, place: &Place) -> Origin {
        let line = self.sources.start(place).map_or(1, |position| position.line);
        Origin { file: Arc::from(place.file.as_str()), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    /// Whether something of that name is declared; reports it otherwise.
    pub(super) fn known(&mut self, sort: Sort, name: &Text) -> bool {
        if self.names.has(sort, name) {
            self.used.insert((sort, name.to_string()));
            return true;
        }
        self.missed.insert(sort);
        if !self.names.is_open(sort) {
            let near = self.names.near(sort, name);
            self.sink.push(found::unknown(sort, name, near));
        }
        false
    }

    fn event(&mut self, name: &Text) -> EventKind {
        self.known(Sort::Event, name);
        EventKind::new(name.as_str())
    }

    /// `event` where any of these can be it.
    fn events_view(&mut self, events: BTreeSet<String>, open: bool) -> Arc<EventView> {
        let base = self.base;
        let key = (events, open);
        if let Some(view) = self.views.get(&key) {
            return view.clone();
        }
        let view = Arc::new(base.events(key.0.iter().map(String::as_str), open));
        self.views.insert(key, view.clone());
        view
    }

    /// `event` beside an `event:` key.
    fn event_view(&mut self, name: Option<&Text>) -> Arc<EventView> {
        let events: BTreeSet<String> = name.iter().map(ToString::to_string).collect();
        let open = events.is_empty();
        self.events_view(events, open)
    }

    // ---- time ----

    fn span(&mut self, text: &Text) -> Option<Span> {
        match Span::parse(text) {
            Ok(span) => Some(span),
            Err(SpanFault::TooLong) => {
                self.sink.push(found::too_long(text));
                None
            }
            // the form of the text was checked when it was read
            Err(_) => None,
        }
    }

    fn time(text: &Text) -> Option<TimeOfDay> {
        TimeOfDay::parse(text)
    }

    // ---- expressions ----

    fn cond(&mut self, text: &Text, view: &View<'a>) -> Option<Cond> {
        let (cond, faults) = crate::expr::parse_and_check(text, view);
        for fault in &faults {
            self.sink.push(found::fault(text, fault));
        }
        let Some(cond) = cond else {
            // whom it would have asked for cannot be told
            self.missed.insert(Sort::Segment);
            return None;
        };
        self.named.extend(cond.paths().iter().map(|path| path.root().to_owned()));
        let start = cond.paths().iter().any(|path| path.root() == "event");
        self.note(cond.asks(), start && view.starter);
        Some(cond)
    }

    fn formula(&mut self, text: &Text, wanted: Option<&Type>, view: &View<'a>) -> Option<Formula> {
        let (formula, faults) = crate::expr::parse_value(text, wanted, view);
        for fault in &faults {
            self.sink.push(found::fault(text, fault));
        }
        Some(self.reading(formula?, view))
    }

    /// A text with `{{ … }}` that is computed when its event happens, where nobody reads it yet.
    fn filled(&mut self, field: &Text, text: &Text, of: &Type, view: &View<'a>) -> Option<Formula> {
        let mut faults = texts::check(text, view, self.partials).faults;
        let (formula, more) = crate::expr::parse_text(text, view);
        if faults.is_empty() {
            faults = more;
        }
        for fault in &faults {
            self.sink.push(found::data_fault(text, fault));
        }
        if !matches!(of, Type::Text | Type::Any) {
            self.sink.push(found::text_for(text, field, of));
            return None;
        }
        let formula = formula.filter(|_| faults.is_empty())?;
        Some(self.reading(formula, view))
    }

    fn reading(&mut self, formula: Formula, view: &View<'a>) -> Formula {
        self.named.extend(formula.paths().iter().map(|path| path.root().to_owned()));
        let start = formula.paths().iter().any(|path| path.root() == "event");
        self.note(formula.asks(), start && view.starter);
        formula
    }

    fn note(&mut self, asks: &BTreeSet<Ask>, start: bool) {
        self.reads.start |= start;
        for ask in asks {
            match ask {
                Ask::Count { event, .. } | Ask::Last { event, .. } => {
                    self.reads.heard.insert(event.clone());
                }
                Ask::InSegment { segment } => {
                    self.used.insert((Sort::Segment, segment.to_string()));
                }
                Ask::WasSent { .. }
                | Ask::LastEnd { .. }
                | Ask::Done { .. }
                | Ask::Since { .. }
                | Ask::LastContact
                | Ask::LastEntry { .. } => {}
            }
        }
    }

    /// A templated text that stands in a document.
    fn markup(&mut self, text: &Text, view: &View<'a>) -> Arc<str> {
        let checked = texts::check(text, &view.as_text(), self.partials);
        for fault in &checked.faults {
            self.sink.push(found::fault(text, fault));
        }
        self.named.extend(checked.paths.iter().filter_map(|path| path.split('.').next()).map(str::to_owned));
        self.reads.start |= view.starter && texts::reads(&checked, "event");
        Arc::from(text.as_str())
    }
}

fn arc(text: &Text) -> Arc<str> {
    Arc::from(text.as_str())
}

pub(super) fn purpose(purpose: document::action::Purpose) -> Purpose {
    match purpose {
        document::action::Purpose::Transactional => Purpose::Transactional,
        document::action::Purpose::Service => Purpose::Service,
        document::action::Purpose::Marketing => Purpose::Marketing,
    }
}

/// Whether a moment can be read at a place: its type, or nothing when it is not known there.
fn type_at(view: &View<'_>, path: &str) -> Option<Type> {
    let parts: Vec<&str> = path.split('.').collect();
    view.resolve(&parts).ok()
}

/// The view of steps and texts of runs.
fn run_view<'a>(base: &'a Base<'a>, event: Option<Arc<EventView>>, about_booking: bool) -> View<'a> {
    let booking = match &event {
        _ if about_booking => Presence::Always,
        Some(event) => event.booking,
        None => Presence::No,
    };
    View { event, booking, run: true, starter: true, ..base.view() }
}
