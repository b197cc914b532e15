//! What mail and text messages look like to those who filter them: links (R13), the sender (R14), answers and subjects (R15).
use super::{Seen, reach::candidates};
use crate::{
    compile::found::senders as found,
    diag::{Place, Sink},
    document::{Step, Text, step::Action},
    id::ChannelName,
    plan::{Act, ChannelProvider, Medium, MessageSpec, Via},
};
use std::{collections::BTreeSet, net::IpAddr};

/// Public services that shorten links: carriers drop text messages with them.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "bitly.com",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "short.io",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "v.gd",
];
/// Mail domains that belong to whoever signs up: nobody else's mail can be signed for them.
const FREE_MAIL: &[&str] = &[
    "aol.com",
    "gmail.com",
    "gmx.at",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "outlook.de",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yahoo.de",
    "yandex.com",
];
const NOBODY: &[&str] = &["noreply", "donotreply", "nichtantworten", "nepasrepondre", "noresponder"];
const ANSWERS: &[&str] = &["re:", "fw:", "fwd:", "aw:", "wg:"];

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    links(seen, sink);
    domains(seen, sink);
    for pair in &seen.sequences {
        for (_, written, runs) in pair.steps() {
            let Act::Message(spec) = &runs.act else { continue };
            if goes_on(seen, spec, Medium::Email) {
                silent_sender(seen, written, spec, sink);
            }
        }
    }
    subjects(seen, sink);
}

fn goes_on(seen: &Seen<'_>, spec: &MessageSpec, medium: Medium) -> bool {
    let is = |name: &ChannelName| Medium::of(name.as_str()) == medium;
    let reply = spec.via.contains(&Via::Reply) && seen.plan.channels.keys().any(is);
    reply || candidates(spec, &seen.plan.policies).into_iter().any(is)
}

// ---- links ----

/// Links in text messages, written or filled in (R13).
fn links(seen: &Seen<'_>, sink: &mut Sink) {
    let mut filled: BTreeSet<&str> = BTreeSet::new();
    for message in seen.messages {
        for channel in message.channels.iter().filter(|channel| Medium::of(channel.as_str()) == Medium::Sms) {
            for text in seen.texts.bodies(message, channel) {
                for (at, host) in hosts(text) {
                    if let Some(why) = filtered(&host) {
                        sink.push(found::filtered_link(&text.inside(at), &host, why, &message.place));
                    }
                }
            }
            for text in seen.texts.sent(message, channel) {
                filled.extend(["booking_link", "clinic.booking_url"].iter().filter(|path| text.reads_any(&[path])));
            }
        }
    }
    if filled.is_empty() {
        return;
    }
    for url in seen.project.clinics.iter().filter_map(|clinic| clinic.booking_url.as_ref()) {
        for (at, host) in hosts(url) {
            if let Some(why) = filtered(&host) {
                sink.push(found::filtered_link(&url.inside(at), &host, why, &url.place));
            }
        }
    }
}

fn filtered(host: &str) -> Option<&'static str> {
    let bare = host.strip_prefix("www.").unwrap_or(host);
    if SHORTENERS.contains(&bare) {
        return Some("is a public link shortener");
    }
    let number = bare.trim_start_matches('[').trim_end_matches(']');
    number.parse::<IpAddr>().is_ok().then_some("is a bare IP address")
}

/// Hosts in a text with their places: behind `http://` or `https://`, and shorteners also without.
fn hosts(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '<' | '>' | '\'')) {
        let lower = word.to_ascii_lowercase();
        let start = ["https://", "http://"].iter().find_map(|scheme| Some(lower.find(scheme)? + scheme.len()));
        let from = start.unwrap_or(0);
        let rest = lower.get(from..).unwrap_or("");
        let end = match rest.strip_prefix('[').and_then(|inside| inside.find(']')) {
            Some(end) => end + 2,
            None => rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(rest.len()),
        };
        let host = rest.get(..end).unwrap_or("").trim_end_matches('.').to_owned();
        let bare = start.is_none()
            && SHORTENERS.contains(&host.as_str())
            && rest.get(end..).is_some_and(|rest| rest.starts_with('/'));
        if start.is_some() || bare {
            found.push((at + from..at + from + host.len(), host));
        }
        at += word.len();
    }
    found
}

// ---- the sender ----

/// `"Oshun <hello@oshun.example>"`: the address's parts, in small letters.
fn address(from: &str) -> Option<(String, String)> {
    let inside = from.rsplit_once('<').map_or(from, |(_, rest)| rest.trim_end().trim_end_matches('>'));
    let (local, domain) = inside.trim().rsplit_once('@')?;
    Some((local.to_lowercase(), domain.to_lowercase()))
}

/// From of a real mail channel: a domain of one's own, signed (R14).
fn domains(seen: &Seen<'_>, sink: &mut Sink) {
    for channel in &seen.project.channels {
        let real = seen
            .plan
            .channels
            .get(channel.id.as_str())
            .is_some_and(|lowered| lowered.medium == Medium::Email && lowered.provider != ChannelProvider::Mailbox);
        if !real {
            continue;
        }
        let clinics = seen.project.clinics.iter().filter_map(|clinic| clinic.from.as_ref());
        for from in channel.from.iter().chain(clinics) {
            let Some((_, domain)) = address(from) else { continue };
            let under = |verified: &Text| {
                let verified = verified.to_lowercase();
                domain == verified || domain.ends_with(&format!(".{verified}"))
            };
            if FREE_MAIL.contains(&domain.as_str()) {
                sink.push(found::free_mail(from, &domain));
            } else if channel.verified.is_empty() {
                sink.push(found::nothing_verified(from, &channel.id, &domain));
            } else if !channel.verified.iter().any(under) {
                sink.push(found::not_verified(from, &domain, &channel.verified[0].place));
            }
        }
    }
}

/// Answers to nobody (R15).
fn silent_sender(seen: &Seen<'_>, step: &Step, spec: &MessageSpec, sink: &mut Sink) {
    let mails = |channel: &&crate::document::bindings::Channel| Medium::of(&channel.id) == Medium::Email;
    let channels = seen.project.channels.iter().filter(mails).filter_map(|channel| channel.from.as_ref());
    let clinics = seen.project.clinics.iter().filter_map(|clinic| clinic.from.as_ref());
    let nobody = |from: &&Text| {
        let local = address(from).map(|(local, _)| local.replace(['-', '_', '.'], ""));
        local.is_some_and(|local| NOBODY.iter().any(|word| local.starts_with(word)))
    };
    let place: Option<&Place> = step.action.as_ref().map(|action| &action.place);
    if let (Some(from), Some(place), true) = (channels.chain(clinics).find(nobody), place, spec.reply_to.is_none()) {
        sink.push(found::nobody_answers(from, place));
    }
}

/// Subjects that pretend to answer (R15).
fn subjects(seen: &Seen<'_>, sink: &mut Sink) {
    let mut all: Vec<(&Text, &Place)> = Vec::new();
    for message in seen.messages {
        for channel in message.channels.iter().filter(|channel| Medium::of(channel.as_str()) == Medium::Email) {
            all.extend(seen.texts.subjects(message, channel).into_iter().map(|text| (text, &message.place)));
        }
    }
    for pair in &seen.sequences {
        for (_, written, _) in pair.steps() {
            if let Some(Action::Message { message, .. }) = written.action.as_ref().map(|action| &action.value)
                && let Some(subject) = &message.subject
            {
                all.push((subject, &written.place));
            }
        }
    }
    for (subject, step) in all {
        let start = subject.trim_start().to_lowercase();
        if let Some(word) = ANSWERS.iter().find(|word| start.starts_with(**word)) {
            let from = subject.len() - subject.trim_start().len();
            sink.push(found::pretends(
                &subject.inside(from..from + word.len()),
                &subject[from..from + word.len()],
                step,
            ));
        }
    }
}
