//! Every text filled for people at the corners, before it can reach one of them: texts that come out empty or cannot be made
//! (S16), and SMS that cost more than they should (R11, R12, C06).
//!
//! A text that reads nothing of the person is the same for all of them and is not filled for corners.
use super::Seen;
use crate::{
    compile::{
        corners::{self, Corner},
        found::message as found,
        lower::MessageUse,
        texts::Chosen,
    },
    content::{Form, PartialText, RenderFault, Trial, sms},
    diag::{Place, Sink},
    document::{Text, template::Format},
    id::ChannelName,
    plan::{Medium, TextForm},
    record::Purpose,
};
use std::collections::BTreeSet;

/// Most letters that carriers put together again.
const LONGEST_SMS: usize = 1_600;
/// Parts that one SMS may have unless the channel says otherwise.
const SEGMENTS: i64 = 2;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let trial = Trial::new(&partials(seen));
    let mut tried = Tries { seen, trial, done: BTreeSet::new(), sink };
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for message in seen.messages {
        for channel in &message.channels {
            for chosen in seen.texts.chosen(message, channel) {
                tried.text(message, channel, &chosen);
            }
        }
        first_sms(seen, message, &mut named, tried.sink);
    }
}

fn partials(seen: &Seen<'_>) -> Vec<PartialText> {
    let partials = seen.plan.templates.iter().filter(|text| text.form == TextForm::Partial);
    let form = |file: &str| if file.rsplit('.').next() == Some("txt") { Form::Text } else { Form::Html };
    partials
        .map(|text| PartialText { name: text.name.to_string(), form: form(&text.file), body: text.body.to_string() })
        .collect()
}

struct Tries<'a, 's> {
    seen: &'a Seen<'a>,
    trial: Trial,
    /// Texts that were filled: the same on every channel of one kind.
    done: BTreeSet<(Place, usize, String, Medium, bool)>,
    sink: &'s mut Sink,
}

impl Tries<'_, '_> {
    fn text(&mut self, message: &MessageUse<'_>, channel: &ChannelName, chosen: &Chosen<'_>) {
        let medium = Medium::of(channel.as_str());
        let sms = medium == Medium::Sms;
        let theirs =
            chosen.paths.iter().any(|path| ["contact", "booking", "event"].iter().any(|root| path.starts_with(root)));
        if !sms && !theirs {
            return;
        }
        // what a text is does not hang on the channel; its length and way out do
        let medium = if sms { Medium::Sms } else { Medium::Email };
        let view = message.view.event.as_ref().map_or(0, |event| std::sync::Arc::as_ptr(event) as usize);
        let counted = sms && message.track.is_some();
        if !self.done.insert((chosen.body.place.clone(), view, chosen.locale.to_string(), medium, counted)) {
            return;
        }
        let form = match chosen.form {
            Format::Markdown => Form::Markdown,
            Format::Text => Form::Text,
            Format::Html => Form::Html,
        };
        let subject = chosen.subject.filter(|_| !sms).map(Text::as_str);
        let Some(ready) = self.trial.text(form, chosen.body, subject) else { return };
        let reader = corners::reader(self.seen.plan, chosen.locale);
        let typed = chosen.paths.iter().any(|path| corners::typed_by_people(path, &message.view));
        let corners = [(Corner::Bare, theirs), (Corner::Hostile, typed), (Corner::Longest, sms)];
        let mut worst: Option<(sms::Length, String)> = None;
        for (corner, _) in corners.into_iter().filter(|(_, wanted)| *wanted) {
            let values = corners::values(corner, chosen.paths, &message.view, self.seen.plan, medium, chosen.locale);
            match ready.fill(&reader, &values) {
                Ok((_, text)) if sms && corner != Corner::Hostile => {
                    let text = if counted { corners::counted(self.seen.plan, &text) } else { text };
                    let length = sms::length(&text);
                    if worst
                        .as_ref()
                        .is_none_or(|(known, _)| (length.segments, length.units) > (known.segments, known.units))
                    {
                        worst = Some((length, text));
                    }
                }
                Ok(_) => {}
                Err(fault) => {
                    self.failed(message, chosen, corner, &fault);
                    break;
                }
            }
        }
        if let Some((length, text)) = worst {
            self.sms(message, channel, chosen, length, &text);
        }
    }

    fn failed(&mut self, message: &MessageUse<'_>, chosen: &Chosen<'_>, corner: Corner, fault: &RenderFault) {
        let place = match fault {
            RenderFault::EmptySubject => chosen.subject.map_or(&chosen.body.place, |subject| &subject.place),
            _ => &chosen.body.place,
        };
        let whom = match corner {
            Corner::Bare => "somebody of whom only the guaranteed is known",
            Corner::Hostile => "somebody with an 80 letter name from right to left, with a picture and markup in it",
            Corner::Longest => "somebody with long values",
        };
        self.sink.push(found::corner(place, whom, &fault.to_string(), &message.place));
    }

    fn sms(
        &mut self,
        message: &MessageUse<'_>,
        channel: &ChannelName,
        chosen: &Chosen<'_>,
        worst: sms::Length,
        text: &str,
    ) {
        let channels = &self.seen.project.channels;
        let said =
            channels.iter().find(|known| *known.id == *channel.as_str()).and_then(|known| known.segments.as_ref());
        let most = said.map_or(SEGMENTS, |said| said.value);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let costly = sms::foreign(chosen.body).and_then(|(at, letter)| Some((at, letter, sms::instead(letter)?)));
        // what it would be with the letters of a keyboard
        let plain: String = text
            .chars()
            .map(|letter| match (sms::foreign(letter.encode_utf8(&mut [0; 4])), sms::instead(letter)) {
                (Some(_), Some(plain)) => plain.to_owned(),
                _ => letter.to_string(),
            })
            .collect();
        let plain = sms::length(&plain);
        if let Some((at, letter, instead)) = costly
            && plain.segments < worst.segments
        {
            let place = chosen.body.inside(at..at + letter.len_utf8());
            self.sink.push(found::costly_letter(&place, letter, instead, plain.segments, worst.segments));
        }
        let counted = if costly.is_some() { plain } else { worst };
        if counted.segments > most || counted.units > LONGEST_SMS {
            self.sink.push(found::long_sms(&chosen.body.place, counted, most, channel.as_str(), &message.place));
        }
    }
}

/// The first marketing SMS of a run says who writes and how to end it (C06).
fn first_sms<'m>(seen: &Seen<'_>, message: &'m MessageUse<'_>, named: &mut BTreeSet<&'m str>, sink: &mut Sink) {
    let sms: Vec<_> = message.channels.iter().filter(|channel| Medium::of(channel.as_str()) == Medium::Sms).collect();
    let marketing = message.purpose == Purpose::Marketing && message.to_contact;
    if sms.is_empty() || !marketing || !named.insert(&message.sequence) {
        return;
    }
    let mut told = BTreeSet::new();
    for chosen in sms.into_iter().flat_map(|channel| seen.texts.chosen(message, channel)) {
        let has = |paths: &[&str]| paths.iter().any(|path| chosen.paths.contains(*path));
        let folded = chosen.body.to_lowercase();
        let names = seen.plan.clinics.iter().map(|clinic| clinic.name.to_lowercase());
        let sender = has(&["clinic.name", "postal_address"]) || names.into_iter().any(|name| folded.contains(&name));
        let out = has(&["opt_out", "unsubscribe_link"])
            || ["stop", "stopp"].iter().any(|word| words(&folded).any(|known| known == *word));
        let lacks: Vec<&str> = [(sender, "who writes"), (out, "how to end it")]
            .into_iter()
            .filter_map(|(has, what)| (!has).then_some(what))
            .collect();
        if !lacks.is_empty() && told.insert(chosen.body.place.clone()) {
            sink.push(found::anonymous_sms(&chosen.body.place, &lacks, &message.place));
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric())
}
