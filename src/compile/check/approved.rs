//! Approved WhatsApp templates against the committed list of them: names, parameters, category, who may get them
//! (R02 to R07).
use super::{Seen, SequencePair, reach::candidates};
use crate::{
    compile::{found::approved as found, interval},
    diag::{FileId, Sink, nearest},
    document::{
        self, Step, Text,
        registry::{REGISTRY, Registered, Registry, kindred_language, same_language},
        step::WhatsappTemplate,
    },
    expr::{Node, NodeKind, Stmt, template},
    id::ChannelName,
    plan::{self, Act, Medium, MessageSpec, To, Via},
    record::{Purpose, Region},
};
use std::collections::BTreeSet;

/// Longest text of a template with its parameters.
const LONGEST: usize = 1024;
const DAY: i64 = 86_400_000;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        for (_, written, runs) in pair.steps() {
            let (Some(template), Act::Message(spec)) = (&written.whatsapp_template, &runs.act) else { continue };
            let known = registered(seen, template, sink);
            for param in &template.params {
                parameter(seen, param, sink);
            }
            if let Some(known) = known {
                filled(template, known, sink);
            }
            blocked(seen, written, runs, spec, known, sink);
        }
        too_close(seen, pair, sink);
    }
    if let Some(registry) = seen.registry {
        for template in registry.templates.iter().filter(|template| template.is("UTILITY")) {
            if let Some((body, marker)) = template.body.as_ref().and_then(|body| Some((body, promotes(body)?))) {
                sink.push(found::utility_promotes(&body.inside(marker.clone()), &template.name, &body[marker]));
            }
        }
    }
}

/// The entry of the list that the step means, or the first of them when its readers have several languages (R02).
fn registered<'s>(seen: &'s Seen<'_>, template: &WhatsappTemplate, sink: &mut Sink) -> Option<&'s Registered> {
    let name = template.name.as_ref()?;
    let Some(registry) = seen.registry else {
        sink.push(found::no_registry(name, template.language.as_ref().map(Text::as_str), template.params.len()));
        return None;
    };
    let named: Vec<&Registered> = registry.templates.iter().filter(|entry| *entry.name == *name.as_str()).collect();
    if named.is_empty() {
        if registry.whole {
            let near = nearest(name, registry.templates.iter().map(|entry| entry.name.as_str()));
            sink.push(found::not_registered(name, near));
        }
        return None;
    }
    let mut first = None;
    for (wanted, exact) in wanted(seen, template) {
        let fits = |entry: &&&Registered| {
            if exact { same_language(&entry.language, &wanted) } else { kindred_language(&entry.language, &wanted) }
        };
        let all: Vec<&Registered> = named.iter().filter(fits).copied().collect();
        let place = template.language.as_ref().map_or(&name.place, |language| &language.place);
        match all.iter().find(|entry| entry.is_approved()).or(all.first()) {
            None => sink.push(found::no_language(place, name, &wanted, &languages(&named))),
            Some(entry) => {
                if !entry.is_approved() {
                    sink.push(found::not_approved(&name.place, name, entry));
                }
                first = first.or(Some(*entry));
            }
        }
    }
    first
}

/// Languages that the step needs, and whether exactly these.
fn wanted(seen: &Seen<'_>, template: &WhatsappTemplate) -> Vec<(String, bool)> {
    match &template.language {
        Some(language) => vec![(language.to_string(), true)],
        None => seen.plan.locales.iter().map(|locale| (locale.to_string(), false)).collect(),
    }
}

fn languages(entries: &[&Registered]) -> Vec<String> {
    entries.iter().map(|entry| entry.language.to_string()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// As many parameters as placeholders, and no longer than allowed (R03, R04).
fn filled(template: &WhatsappTemplate, known: &Registered, sink: &mut Sink) {
    let (given, takes) = (template.params.len(), known.parameters());
    if given != takes {
        sink.push(found::parameters(&template.place, &known.name, given, takes));
    }
    let fixed: usize = template.params.iter().map(|param| fixed_length(param)).sum();
    let body = known.body.as_ref().map_or(0, |body| fixed_length(body));
    if given == takes && body + fixed > LONGEST && template.params.iter().all(|param| fixed_length(param) <= LONGEST) {
        sink.push(found::too_long(&template.place, &format!("`{}` with its parameters", known.name), body + fixed));
    }
}

/// Letters that are there whatever the values are.
fn fixed_length(text: &str) -> usize {
    crate::expr::pieces(text).into_iter().filter(|(_, region)| !region).map(|(at, _)| text[at].chars().count()).sum()
}

/// One parameter: never empty, one line, not too long (R04).
fn parameter(seen: &Seen<'_>, param: &Text, sink: &mut Sink) {
    // a text that cannot be read was reported
    let Ok(body) = template(param) else { return };
    if !surely_says(param, &body) {
        sink.push(found::may_be_empty(param));
        return;
    }
    let long = fixed_length(param);
    if long > LONGEST {
        sink.push(found::too_long(&param.place, "this parameter", long));
    }
    for (at, _) in crate::expr::pieces(param).into_iter().filter(|(_, region)| !region) {
        let text = &param[at.clone()];
        let bad = [("\n", "a line break"), ("\t", "a tab"), ("    ", "four spaces in a row")];
        if let Some((what, word)) = bad.iter().find_map(|(bad, word)| Some((text.find(bad)?, *word))) {
            sink.push(found::not_one_line(&param.inside(at.start + what..at.end), word));
            return;
        }
    }
    let mut names = BTreeSet::new();
    reads(&body, &mut names);
    let address =
        seen.plan.clinics.iter().any(|clinic| clinic.address.as_ref().is_some_and(|text| text.contains('\n')));
    for name in names {
        let lines = match name.as_str() {
            "event.text" | "event.answers" => true,
            "clinic.address" | "postal_address" => address,
            _ => false,
        };
        if lines {
            sink.push(found::not_one_line(&param.place, &format!("`{name}`, which can have several lines")));
        }
    }
}

/// Whether something is left of the text whatever the values are.
fn surely_says(source: &str, body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Raw(at) => source.get(at.clone()).is_some_and(|text| !text.trim().is_empty()),
        Stmt::Emit(node) => surely_prints(node),
        Stmt::If { then, otherwise, .. } => surely_says(source, then) && surely_says(source, otherwise),
        Stmt::With { body, .. } => surely_says(source, body),
        _ => false,
    })
}

fn surely_prints(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Text(text) => !text.trim().is_empty(),
        NodeKind::Filter { name, args, .. } if name == "default" => args.iter().all(|arg| surely_prints(&arg.value)),
        NodeKind::Filter { of: Some(of), .. } => surely_prints(of),
        NodeKind::None => false,
        // what may be missing needs a `default`, which is checked with all texts
        _ => true,
    }
}

fn reads(body: &[Stmt], names: &mut BTreeSet<String>) {
    for stmt in body {
        match stmt {
            Stmt::Emit(node) => {
                names.extend(printed(node));
            }
            Stmt::If { then, otherwise, .. } => {
                reads(then, names);
                reads(otherwise, names);
            }
            Stmt::With { body, .. } => reads(body, names),
            _ => {}
        }
    }
}

/// The name that is printed as it is; a filter that shortens it makes one line of it.
fn printed(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Name(name) => Some(name.clone()),
        NodeKind::Part(of, part) => Some(format!("{}.{part}", printed(of)?)),
        NodeKind::Filter { name, of: Some(of), .. } if name != "first_word" => printed(of),
        _ => None,
    }
}

/// Marketing templates do not reach numbers of the United States (R05).
fn blocked(
    seen: &Seen<'_>,
    written: &Step,
    runs: &plan::Step,
    spec: &MessageSpec,
    known: Option<&Registered>,
    sink: &mut Sink,
) {
    let marketing = known.map_or(runs.purpose == Purpose::Marketing, |known| known.is("MARKETING"));
    let whatsapp = |name: &ChannelName| Medium::of(name.as_str()) == Medium::Whatsapp;
    let names = candidates(spec, &seen.plan.policies);
    let alone = !names.is_empty() && names.iter().all(|name| whatsapp(name)) && !spec.via.contains(&Via::Reply);
    let Some(place) = written.whatsapp_template.as_ref().map(|template| &template.place) else { return };
    if marketing
        && alone
        && spec.to == To::Contact
        && let Some(declared) = reaches_america(seen)
    {
        sink.push(found::blocked_in_america(place, declared));
    }
}

/// Whether people may have numbers of the United States: `true` when the project says so, `false` when only its zone does.
fn reaches_america(seen: &Seen<'_>) -> Option<bool> {
    let project = &seen.project;
    let said: Vec<&Text> =
        project.countries.iter().chain(project.clinics.iter().flat_map(|clinic| &clinic.countries)).collect();
    if !said.is_empty() {
        return said.iter().any(|country| country.eq_ignore_ascii_case("US")).then_some(true);
    }
    let mut zones = seen.plan.clinics.iter().filter_map(|clinic| clinic.zone.as_ref()).chain([&seen.plan.zone]);
    let america = Region::parse("US");
    zones.any(|zone| Region::of_zone(zone) == america).then_some(false)
}

/// Two marketing templates within a day: the second is withheld (R07).
fn too_close(seen: &Seen<'_>, pair: &SequencePair<'_>, sink: &mut Sink) {
    let sends = |step: &plan::Step| match &step.act {
        Act::Message(spec) => {
            let names = candidates(spec, &seen.plan.policies);
            let whatsapp = names.iter().any(|name| Medium::of(name.as_str()) == Medium::Whatsapp);
            step.purpose == Purpose::Marketing
                && spec.to == To::Contact
                && spec.whatsapp_template.is_some()
                && (whatsapp || spec.via.contains(&Via::Reply))
        }
        _ => false,
    };
    let steps: Vec<(usize, &document::Step)> =
        pair.steps().filter(|(_, _, runs)| sends(runs)).map(|(at, written, _)| (at, written)).collect();
    for two in steps.windows(2) {
        let [(first, above), (second, below)] = two else { continue };
        let apart = interval::apart(&pair.runs, *first, *second);
        if let (Some(apart), Some(place)) = (apart.filter(|apart| *apart < DAY), &below.whatsapp_template) {
            let names = (step_name(above), step_name(below));
            sink.push(found::too_close(&place.place, names, &above.place, apart.max(0)));
        }
    }
}

fn step_name(step: &Step) -> &str {
    step.id.as_ref().map_or("", Text::as_str)
}

/// Words of advertising in a text, with their place in it.
fn promotes(text: &str) -> Option<std::ops::Range<usize>> {
    const WORDS: &[&str] = &[
        "% off",
        "percent off",
        "discount",
        "special offer",
        "promo",
        "voucher",
        "coupon",
        "free gift",
        "save ",
        "rabatt",
        "gutschein",
        "angebot",
        "prozent",
    ];
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    let found = WORDS.iter().filter_map(|word| Some((lower.find(word)?, word.trim_end().len())));
    found.min().map(|(at, length)| at..at + length)
}

/// The list, as far as it was written; nothing when the project has none.
pub(in crate::compile) fn registry(sources: &crate::diag::SourceMap, sink: &mut Sink) -> Option<Registry> {
    sources.text(&FileId::from(REGISTRY)).map(|text| Registry::read(text, sink))
}
