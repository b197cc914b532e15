//! What is executed: resolved, defaulted, hashed, serialisable, versioned. References are names or step indexes.
//!
//! A plan is data: it can be written to JSON, stored and read back. Must not know YAML, a store or a clock.
mod campaign;
mod census;
mod flow;
mod foreseen;
mod offer;
mod outward;
mod segment;
mod sequence;
mod settings;
mod standing;
pub(crate) mod suite;
mod trigger;

pub(crate) use campaign::{Campaign, Cost};
pub(crate) use census::{CENSUS_FORMAT, Census, CensusFault, Drift, Group, Open, Waits, hour_of};
pub(crate) use flow::{Branch, Case, CatchUp, Changed, Node, OTHERWISE, Removed, Share, THEN, WaitFor, in_a_row};
pub(crate) use foreseen::{Enter, Foreseen, Leaver};
pub(crate) use offer::{Offer, OfferCode, Worth, fill};
pub(crate) use outward::{Address, Appointment, BodyPart, Intent, Lookup, Question, Supposed, WebhookSpec};
pub(crate) use segment::Segment;
pub(crate) use sequence::{
    About, Act, Answer, Approve, Body, Due, Exit, Exits, Fits, Goal, Late, LateThen, Local, MessageSpec, Moment,
    NotifySpec, OnUnknown, Origin, Reentry, Retries, ScoreChange, ScoreRange, Sequence, SetTo, Step, StepIx, Stop,
    TaskSpec, Test, TestBy, TestMethod, To, Variants, Via, WhatsappTemplate, WriteSpec,
};
pub(crate) use settings::{
    Alerts, BlastRadius, Cap, CapThen, Channel, ChannelProvider, Clinic, EventDecl, FieldDecl, Link, MapTo, Medium,
    Model, ModelProvider, Policies, Price, QuietHours, Retire, Role, Secret, Setting, Source, SourceProvider,
    TemplateText, TextForm,
};
pub(crate) use standing::{MESSAGES_WINDOW, Standing, messages_pace};
pub(crate) use suite::Suite;
pub(crate) use trigger::{Among, Border, Enrol, Limit, Trigger, TriggerSource, Without};

use crate::{
    calendar::Zone,
    id::{
        self, ChannelName, EventKind, FieldName, GroupName, OfferName, RoleName, SegmentName, SequenceName, SourceName,
        TriggerName,
    },
    record::IdentityKind,
    value::Value,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Version of the serialised form; a stored plan of another format is compiled anew from its source.
pub(crate) const FORMAT: u32 = 1;

/// A whole project, ready to run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) format: u32,
    pub(crate) project: Arc<str>,
    pub(crate) zone: Zone,
    /// The first is the default.
    pub(crate) locales: Vec<Arc<str>>,
    pub(crate) public_url: Option<Arc<str>>,
    pub(crate) vars: BTreeMap<Arc<str>, Value>,
    /// The first is the default; never empty.
    pub(crate) clinics: Vec<Clinic>,
    /// Identifiers, strongest first.
    pub(crate) merge_by: Vec<IdentityKind>,
    /// Identifiers name people of one clinic, and not of the project.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) per_clinic: bool,
    pub(crate) fields: BTreeMap<FieldName, FieldDecl>,
    pub(crate) events: BTreeMap<EventKind, EventDecl>,
    pub(crate) sources: BTreeMap<SourceName, Source>,
    pub(crate) channels: BTreeMap<ChannelName, Channel>,
    pub(crate) policies: Policies,
    pub(crate) groups: Vec<GroupName>,
    /// Ways by which people come in.
    #[serde(default)]
    pub(crate) funnels: Vec<Arc<str>>,
    pub(crate) roles: BTreeMap<RoleName, Role>,
    pub(crate) sequences: BTreeMap<SequenceName, Arc<Sequence>>,
    pub(crate) triggers: BTreeMap<TriggerName, Arc<Trigger>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) segments: BTreeMap<SegmentName, Arc<Segment>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) offers: BTreeMap<OfferName, Arc<Offer>>,
    pub(crate) templates: Vec<TemplateText>,
    /// In the order of the file.
    #[serde(default)]
    pub(crate) intents: Vec<Intent>,
    /// Who writes texts from instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<Model>,
    /// Where recipients may be, by their two letters; empty when nothing is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) countries: Vec<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alerts: Option<Alerts>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) retired: BTreeMap<SequenceName, Retire>,
    /// Whether the API may change the project's files.
    #[serde(default)]
    pub(crate) editable: bool,
    #[serde(default)]
    pub(crate) lookups: BTreeMap<Arc<str>, Lookup>,
    /// Sources whose appointments are to be looked for now and then.
    #[serde(default)]
    pub(crate) polled: BTreeSet<SourceName>,
    /// Calls of other programs are kept like messages of a mailbox: where every channel is one.
    #[serde(default)]
    pub(crate) keeps_webhooks: bool,
    /// Answers of look-ups that a preview takes for granted; empty wherever people are written to.
    #[serde(skip)]
    pub(crate) supposed: BTreeMap<Arc<str>, Supposed>,
    /// The files that it was made of, to make it anew for a later format. Not a part of what is executed.
    #[serde(skip)]
    pub(crate) files: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(skip)]
    index: Index,
}

/// What `decide` looks up at every event; made once when a plan is loaded.
#[derive(Clone, PartialEq, Debug, Default)]
struct Index {
    by_event: BTreeMap<EventKind, Vec<Arc<Trigger>>>,
    /// Triggers whose absence watch this event ends.
    awaited: BTreeMap<EventKind, Vec<Arc<Trigger>>>,
    heard: std::collections::BTreeSet<EventKind>,
    standing: Vec<Standing>,
    /// Some enrolments are counted.
    paced: bool,
    campaigns: bool,
}

impl Plan {
    /// A plan with defaults in which nothing happens; `fill` puts in what a project says.
    pub(crate) fn empty(project: &str, zone: Zone, locales: Vec<Arc<str>>, fill: impl FnOnce(&mut Self)) -> Self {
        let mut plan = Self {
            format: FORMAT,
            project: Arc::from(project),
            zone,
            locales,
            public_url: None,
            vars: BTreeMap::new(),
            clinics: Vec::new(),
            merge_by: Vec::new(),
            per_clinic: false,
            fields: BTreeMap::new(),
            events: BTreeMap::new(),
            sources: BTreeMap::new(),
            channels: BTreeMap::new(),
            policies: Policies::default(),
            groups: Vec::new(),
            funnels: Vec::new(),
            roles: BTreeMap::new(),
            sequences: BTreeMap::new(),
            triggers: BTreeMap::new(),
            segments: BTreeMap::new(),
            offers: BTreeMap::new(),
            templates: Vec::new(),
            intents: Vec::new(),
            model: None,
            countries: Vec::new(),
            alerts: None,
            retired: BTreeMap::new(),
            editable: false,
            lookups: BTreeMap::new(),
            polled: BTreeSet::new(),
            keeps_webhooks: false,
            supposed: BTreeMap::new(),
            files: BTreeMap::new(),
            index: Index::default(),
        };
        fill(&mut plan);
        plan
    }

    /// Builds what look-ups need. To be called once after a plan was made or read back.
    pub(crate) fn indexed(mut self) -> Self {
        for sequence in self.sequences.values_mut().filter(|one| one.changed.pin && one.texts.is_empty()) {
            let texts = sequence.texts_among(&self.templates);
            Arc::make_mut(sequence).texts = texts;
        }
        let mut index = Index::default();
        for trigger in self.triggers.values() {
            for event in trigger.events() {
                index.by_event.entry(event.clone()).or_default().push(trigger.clone());
                index.heard.insert(event.clone());
            }
            if let Some(without) = trigger.without() {
                index.awaited.entry(without.event.clone()).or_default().push(trigger.clone());
                index.heard.insert(without.event.clone());
            }
            index.heard.extend(trigger.heard.iter().cloned());
        }
        index.campaigns = self.sequences.values().any(|sequence| sequence.campaign.is_some());
        for sequence in self.sequences.values() {
            index.heard.extend(sequence.goal.iter().map(|goal| goal.event.clone()));
            index.heard.extend(sequence.stops.iter().map(|stop| stop.event.clone()));
            index.heard.extend(sequence.heard.iter().cloned());
            index.heard.extend(sequence.steps.iter().filter_map(|step| match &step.act {
                Act::WaitFor(wait) => wait.event.clone(),
                _ => None,
            }));
        }
        index.heard.extend(self.segments.values().flat_map(|segment| segment.heard()));
        index.standing = Standing::all(&self);
        index.paced = self.policies.blast_radius.messages_per_hour.is_some()
            || self.triggers.values().any(|trigger| self.limit_of(trigger).is_some());
        self.index = index;
        self
    }

    /// A project of one clinic in which nothing is declared yet.
    #[cfg(test)]
    pub(crate) fn bare(project: &str, zone: Zone) -> Self {
        let clinic = Clinic {
            id: crate::id::ClinicName::new(project),
            name: Arc::from(project),
            zone: None,
            locale: None,
            address: None,
            phone: None,
            booking_url: None,
            from: None,
            countries: Vec::new(),
            fields: BTreeMap::new(),
        };
        Self::empty(project, zone, vec![Arc::from("en")], |plan| {
            plan.clinics.push(clinic);
            plan.merge_by = vec![IdentityKind::Phone, IdentityKind::Email];
        })
    }

    pub(crate) fn triggers_on(&self, event: &EventKind) -> &[Arc<Trigger>] {
        self.index.by_event.get(event).map_or(&[], Vec::as_slice)
    }

    /// Triggers that wait for the absence of this event.
    pub(crate) fn watches_on(&self, event: &EventKind) -> &[Arc<Trigger>] {
        self.index.awaited.get(event).map_or(&[], Vec::as_slice)
    }

    /// Does anything in the plan name this event? Others need no row in the history.
    pub(crate) fn hears(&self, event: &str) -> bool {
        self.index.heard.contains(event)
    }

    pub(crate) fn has_campaigns(&self) -> bool {
        self.index.campaigns
    }

    pub(crate) fn default_clinic(&self) -> &Clinic {
        &self.clinics[0]
    }

    pub(crate) fn default_locale(&self) -> &str {
        self.locales.first().map_or("en", |locale| locale)
    }

    /// A print of what holds for the people of every sequence: zones, hours, caps, consent, channels.
    pub(crate) fn terms(&self) -> String {
        let zones: Vec<&Option<Zone>> = self.clinics.iter().map(|clinic| &clinic.zone).collect();
        hash_of(&(&self.zone, zones, &self.policies, &self.channels))
    }

    /// SHA-256 over the serialised plan, in hexadecimal: equal plans have equal hashes.
    pub(crate) fn hash(&self) -> String {
        hash_of(self)
    }
}

/// SHA-256 of the JSON form without places in files: a comment or a moved line changes nothing that runs. Ordered maps make it
/// independent of the order of files.
pub(crate) fn hash_of(of: &impl Serialize) -> String {
    let mut json = serde_json::to_value(of).unwrap_or_default();
    forget_places(&mut json);
    let bytes = serde_json::to_vec(&json).unwrap_or_default();
    id::hex(&Sha256::digest(&bytes))
}

fn forget_places(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(parts) => {
            parts.remove("origin");
            parts.values_mut().for_each(forget_places);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_places),
        _ => {}
    }
}
