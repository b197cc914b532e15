//! `dripline.yaml` into the settings of the plan.
use super::{Lowering, arc, purpose};
use crate::{
    calendar::{Quiet, TimeOfDay, Weekday, Window, Zone},
    compile::{
        found::{self, bindings as told},
        scope::{plain_value, type_of},
        values,
    },
    diag::nearest,
    document::{
        Literal, Project, Spanned, Text,
        project::{self as doc, ConsentRule, Then},
    },
    id::{ChannelName, ClinicName, EventKind, FieldName, GroupName, RoleName, WindowName},
    plan::{
        BlastRadius, Cap, CapThen, Channel, Clinic, EventDecl, FieldDecl, Medium, Plan, Policies, QuietHours, Role,
    },
    record::{BuiltInType, CONTACT_FIELDS, ConsentLevel, IdentityKind, Purpose, Region, country_of},
    value::{Type, Value},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Everything but sequences, triggers and texts. `env` names an environment of the project.
pub(in crate::compile) fn project(work: &mut Lowering<'_>, id: &str, project: &Project, env: Option<&str>) -> Plan {
    let zone = project.zone.as_ref().and_then(|zone| work.zone(zone)).unwrap_or(Zone::UTC);
    let locales: Vec<Arc<str>> = project.locales.iter().map(arc).collect();
    let locales = if locales.is_empty() { vec![Arc::from("en")] } else { locales };
    let channels = work.channels(project, env);
    if let Some(model) = &project.model {
        work.model_sees = model.may_see.iter().map(ToString::to_string).collect();
    }
    let of_environment = |environment: &&doc::Environment| env.is_some_and(|env| *environment.id == *env);
    let own = project.environments.iter().find(of_environment).and_then(|environment| environment.model.as_ref());
    let models: Vec<_> = project.environments.iter().filter_map(|environment| environment.model.as_ref()).collect();
    for other in models.into_iter().filter(|other| own.is_none_or(|own| own.place != other.place)) {
        work.model(other);
    }
    let model = own.or(project.model.as_ref()).and_then(|model| work.model(model));
    Plan::empty(id, zone.clone(), locales.clone(), |plan| {
        plan.public_url = project.public_url.as_ref().map(arc);
        plan.vars = project.vars.iter().map(|(name, value)| (arc(name), plain_value(value))).collect();
        plan.clinics = work.clinics(id, project, &zone, &locales[0]);
        plan.merge_by = work.merge_by(&project.merge_by);
        plan.fields = project.fields.iter().filter_map(|field| work.field(field)).collect();
        plan.events = project.events.iter().map(|event| work.event_decl(event)).collect();
        plan.sources = work.sources(project, env);
        plan.policies = work.policies(&project.policies);
        if plan.policies.preferred.is_empty() {
            plan.policies.preferred = project.channels.iter().map(|channel| channel.id.as_str().into()).collect();
        }
        plan.funnels = project.funnels.iter().map(arc).collect();
        plan.groups = project.groups.iter().map(|group| GroupName::new(group.as_str())).collect();
        plan.roles = project.roles.iter().map(|role| role_of(role, &channels)).collect();
        plan.keeps_webhooks = super::outward::keeps_webhooks(project, env);
        plan.lookups = work.lookups(project);
        plan.polled = work.polled(project);
        plan.intents = super::outward::intents(project);
        work.upkeep(plan, project, &channels);
        for country in project.countries.iter().chain(project.clinics.iter().flat_map(|clinic| &clinic.countries)) {
            if Region::parse(country).is_none() {
                work.sink.push(told::unknown_country(country));
            }
        }
        plan.countries = countries(&project.countries, &zone);
        plan.channels = channels;
        plan.model = model;
    })
}

fn number(written: Option<&Spanned<i64>>) -> Option<u32> {
    u32::try_from(written?.value).ok()
}

impl Lowering<'_> {
    fn zone(&mut self, name: &Text) -> Option<Zone> {
        let zone = Zone::parse(name);
        if zone.is_none() {
            let names = Zone::names();
            // abbreviations are zones too, but hardly ever the ones that are meant
            let cities = names.iter().map(String::as_str).filter(|name| name.contains('/'));
            self.sink.push(found::unknown_zone(name, nearest(name, cities)));
        }
        zone
    }

    fn clinics(&mut self, id: &str, project: &Project, zone: &Zone, locale: &Arc<str>) -> Vec<Clinic> {
        let lowered: Vec<Clinic> = project
            .clinics
            .iter()
            .map(|clinic| Clinic {
                id: ClinicName::new(clinic.id.as_str()),
                name: clinic.name.as_ref().map_or_else(|| arc(&clinic.id), arc),
                zone: Some(clinic.zone.as_ref().and_then(|zone| self.zone(zone)).unwrap_or_else(|| zone.clone())),
                locale: Some(clinic.locale.as_ref().map_or_else(|| locale.clone(), arc)),
                address: clinic.address.as_ref().map(arc),
                phone: clinic.phone.as_ref().map(arc),
                booking_url: clinic.booking_url.as_ref().map(arc),
                from: clinic.from.as_ref().map(arc),
                countries: clinic.countries.iter().map(arc).collect(),
                fields: clinic.extra.iter().map(|(name, value)| (arc(name), plain_value(value))).collect(),
            })
            .collect();
        if !lowered.is_empty() {
            return lowered;
        }
        // the project itself is the one clinic
        vec![Clinic {
            id: ClinicName::new(id),
            name: Arc::from(id),
            zone: Some(zone.clone()),
            locale: Some(locale.clone()),
            address: None,
            phone: None,
            booking_url: None,
            from: None,
            countries: Vec::new(),
            fields: BTreeMap::new(),
        }]
    }

    fn merge_by(&mut self, words: &[Text]) -> Vec<IdentityKind> {
        let mut kinds = Vec::new();
        for word in words {
            match IdentityKind::parse(word) {
                Some(kind) => kinds.push(kind),
                None => {
                    let names: Vec<&str> = IdentityKind::ALL.iter().map(|kind| kind.name()).collect();
                    self.sink.push(found::unknown_identifier(word, nearest(word, names.iter().copied()), &names));
                }
            }
        }
        if kinds.is_empty() { IdentityKind::ALL.to_vec() } else { kinds }
    }

    fn field(&mut self, field: &doc::Field) -> Option<(FieldName, FieldDecl)> {
        let built_in = CONTACT_FIELDS.iter().find(|(name, ..)| *name == field.name.as_str()).map(|(_, of, _)| *of);
        let of = self.field_type(field, built_in)?;
        let default = field.default.as_ref().and_then(|default| self.fitting(default, &of, &field.name));
        let decl = FieldDecl {
            of,
            default,
            label: field.label.as_ref().map(arc),
            sensitive: field.sensitive.as_ref().map(|sensitive| Arc::from(sensitive.value.word())),
        };
        Some((FieldName::new(field.name.as_str()), decl))
    }

    fn field_type(&mut self, field: &doc::Field, built_in: Option<BuiltInType>) -> Option<Type> {
        let Some(of) = type_of(field) else {
            match (&field.ty, built_in) {
                (Some(ty), _) => self.sink.push(found::choice_without_words(&ty.place, &field.name)),
                (None, Some(built_in)) => return Some(built_in.to_type()),
                (None, None) => self.sink.push(found::field_without_type(&field.name)),
            }
            return None;
        };
        if let Some(built_in) = built_in {
            let before = built_in.to_type();
            let narrower = before == of || (before == Type::Text && matches!(of, Type::Choice(_)));
            if !narrower {
                let place = field.ty.as_ref().map_or(&field.name.place, |ty| &ty.place);
                self.sink.push(found::changed_built_in(place, &field.name, &before, &of));
                return None;
            }
        }
        Some(of)
    }

    /// The literal as a value of that type; a finding when it is none.
    pub(super) fn fitting(&mut self, literal: &Literal, of: &Type, field: &str) -> Option<Value> {
        match values::fit(literal, of) {
            Ok(value) => Some(value),
            Err(misfit) => {
                self.sink.push(found::misfit(literal, field, of, &misfit));
                None
            }
        }
    }

    fn event_decl(&mut self, event: &doc::EventDecl) -> (EventKind, EventDecl) {
        let fields = event.fields.iter().filter_map(|field| {
            let of = self.field_type(field, None)?;
            if let Some(default) = &field.default {
                self.fitting(default, &of, &field.name);
            }
            Some((arc(&field.name), of))
        });
        let fields = fields.collect();
        (EventKind::new(event.name.as_str()), EventDecl { fields })
    }

    fn policies(&mut self, policies: &doc::Policies) -> Policies {
        for channel in &policies.preferred {
            self.known(crate::compile::names::Sort::Channel, channel);
        }
        let windows = policies
            .windows
            .iter()
            .filter_map(|window| Some((WindowName::new(window.id.as_str()), window_of(window)?)));
        Policies {
            preferred: policies.preferred.iter().map(|channel| ChannelName::new(channel.as_str())).collect(),
            windows: windows.collect(),
            quiet_hours: policies.quiet_hours.as_ref().and_then(quiet_hours),
            caps: policies.caps.iter().filter_map(|cap| self.cap(cap)).collect(),
            consent: policies.consent.iter().map(|(of, rule)| (purpose(of.value), consent(rule.value))).collect(),
            late: policies.late.iter().filter_map(|(of, late)| Some((purpose(of.value), self.span(late)?))).collect(),
            hands_off: policies.hands_off.as_ref().and_then(|span| self.span(span)),
            test_recipients: policies.test_recipients.iter().map(arc).collect(),
            blast_radius: policies.blast_radius.as_ref().map_or_else(BlastRadius::default, |radius| BlastRadius {
                people: number(radius.people.as_ref()),
                messages_per_hour: number(radius.messages_per_hour.as_ref()),
            }),
        }
    }

    fn cap(&mut self, cap: &doc::Cap) -> Option<Cap> {
        let per = self.span(cap.per.as_ref()?)?;
        let purposes: BTreeSet<Purpose> = cap.for_.iter().map(|of| purpose(of.value)).collect();
        Some(Cap {
            at_most: u32::try_from(cap.at_most.as_ref()?.value).unwrap_or(u32::MAX),
            per,
            purposes: if purposes.is_empty() { [Purpose::Marketing].into() } else { purposes },
            then: then(cap.then.as_ref().map(|then| then.value)),
        })
    }
}

/// As said, else the country of the zone.
fn countries(said: &[Text], zone: &Zone) -> Vec<Arc<str>> {
    if said.is_empty() {
        return country_of(zone).map(Arc::from).into_iter().collect();
    }
    said.iter().map(arc).collect()
}

fn window_of(window: &doc::Window) -> Option<Window> {
    let days: BTreeSet<Weekday> = window.days.iter().filter_map(|day| Weekday::parse(day.value.word())).collect();
    Some(Window {
        days: if days.is_empty() { Weekday::ALL.into() } else { days },
        from: TimeOfDay::parse(window.from.as_ref()?)?,
        to: TimeOfDay::parse(window.to.as_ref()?)?,
    })
}

fn quiet_hours(quiet: &doc::QuietHours) -> Option<QuietHours> {
    let purposes: BTreeSet<Purpose> = quiet.for_.iter().map(|of| purpose(of.value)).collect();
    Some(QuietHours {
        hours: Quiet { from: TimeOfDay::parse(quiet.from.as_ref()?)?, to: TimeOfDay::parse(quiet.to.as_ref()?)? },
        purposes: if purposes.is_empty() { [Purpose::Marketing, Purpose::Service].into() } else { purposes },
        then: then(quiet.then.as_ref().map(|then| then.value)),
    })
}

fn then(then: Option<Then>) -> CapThen {
    match then {
        Some(Then::Skip) => CapThen::Skip,
        Some(Then::Wait) | None => CapThen::Wait,
    }
}

fn consent(rule: ConsentRule) -> ConsentLevel {
    match rule {
        ConsentRule::DoubleOptIn => ConsentLevel::DoubleOptIn,
        ConsentRule::OptIn => ConsentLevel::OptIn,
        ConsentRule::Soft => ConsentLevel::Soft,
        ConsentRule::Nothing => ConsentLevel::None,
    }
}

/// Addresses of a role on the channels that can use them.
fn role_of(role: &doc::Role, channels: &BTreeMap<ChannelName, Channel>) -> (RoleName, Role) {
    let address = |channel: &Channel| match channel.medium {
        Medium::Email => role.email.as_ref(),
        Medium::Sms | Medium::Whatsapp => role.phone.as_ref(),
        Medium::Instagram | Medium::Letter | Medium::Chat => None,
    };
    let addresses =
        channels.values().filter_map(|channel| Some((channel.name.clone(), arc(address(channel)?)))).collect();
    (RoleName::new(role.id.as_str()), Role { addresses, zone: None, locale: None })
}
