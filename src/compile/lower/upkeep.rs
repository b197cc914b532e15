//! Alerts, sequences that are no more, and who may change the files.
use super::{Lowering, arc};
use crate::{
    compile::{found::bindings as told, names::Sort},
    document::{
        Project, Text,
        upkeep::{self as doc, Retire as How},
    },
    id::{ChannelName, RoleName, SequenceName},
    plan::{Alerts, Channel, Plan, Retire, To},
};
use std::collections::BTreeMap;

impl Lowering<'_> {
    pub(super) fn upkeep(&mut self, plan: &mut Plan, project: &Project, channels: &BTreeMap<ChannelName, Channel>) {
        let upkeep = &project.upkeep;
        plan.alerts = upkeep.alerts.as_ref().and_then(|alerts| self.alerts(alerts));
        for retired in &upkeep.retired {
            if let Some(place) = self.names.place(Sort::Sequence, &retired.sequence) {
                self.sink.push(told::not_retired(&retired.sequence, place));
            }
            if let Some(how) = retired.how {
                let how = match how {
                    How::Finish => Retire::Finish,
                    How::Stop => Retire::Stop,
                };
                plan.retired.insert(SequenceName::new(retired.sequence.as_str()), how);
            }
        }
        plan.per_clinic = upkeep.identities.as_ref().is_some_and(|of| of.value == doc::Identities::PerClinic);
        if plan.per_clinic {
            for source in project.sources.iter().filter(|source| source.clinic.is_none()) {
                self.sink.push(told::without_clinic(&source.id));
            }
        }
        let local = channels.values().all(Channel::is_local);
        plan.editable = upkeep.editable.as_ref().map_or(local, |editable| editable.value);
    }

    fn alerts(&mut self, alerts: &doc::Alerts) -> Option<Alerts> {
        let to = alerts.to.as_ref()?;
        if !alerts.says_when {
            self.sink.push(told::alerts_of_nothing(to));
        }
        Some(Alerts {
            to: self.told(to)?,
            skipped_over: alerts.skipped_over.as_ref().and_then(|part| part.trim_end_matches('%').parse().ok()),
            errors_over: alerts.errors_over.as_ref().and_then(|count| u64::try_from(count.value).ok()),
            nothing_sent: alerts.nothing_sent.as_ref().and_then(|span| self.span(span)),
        })
    }

    /// A role of the project, or an address.
    fn told(&mut self, to: &Text) -> Option<To> {
        if let Some(role) = to.strip_prefix("role:") {
            let name = to.within("role:".len());
            return self.known(Sort::Role, &name).then(|| To::Role(RoleName::new(role)));
        }
        if !to.contains('@') {
            let roles: Vec<&str> = self.names.all(Sort::Role).collect();
            self.sink.push(told::nobody(to, &roles));
            return None;
        }
        Some(To::Address(arc(to)))
    }
}
