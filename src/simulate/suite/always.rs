//! Rules that hold through a whole story, whatever is expected of it.
use super::{Breach, Line, LineWord, judge::Evidence};
use crate::{
    id::EventKind,
    plan::suite::{Always, Rule},
};

/// Of this event every later message is too late.
const OPTED_OUT: &str = "contact.opted_out";

/// Each place at which a rule does not hold.
pub(super) fn breaches(evidence: &Evidence<'_>) -> Vec<Breach> {
    let mut found = Vec::new();
    for (number, always) in evidence.suite.always.iter().enumerate() {
        let sent = |at: &usize| is_watched(evidence, always, &evidence.book.lines[*at]);
        let sent: Vec<usize> = (0..evidence.book.lines.len()).filter(sent).collect();
        let mut breach = |line, since| found.push(Breach::Always { rule: number, line, since });
        match &always.rule {
            Rule::NoSendsBetween(from, to) => {
                for at in &sent {
                    let line = &evidence.book.lines[*at];
                    let time = line.zone.time_of_day(line.at);
                    let inside = if from <= to { *from <= time && time < *to } else { *from <= time || time < *to };
                    if inside {
                        breach(*at, None);
                    }
                }
            }
            Rule::NoSendsAfter(events) => {
                for at in &sent {
                    if let Some(since) = ended_by(&evidence.book.lines[..*at], &evidence.book.lines[*at], events) {
                        breach(*at, Some(since));
                    }
                }
            }
            Rule::AtMost { messages, per } => {
                for (place, at) in sent.iter().enumerate() {
                    let line = &evidence.book.lines[*at];
                    let until = |earlier: &Line| {
                        // a day is the person's own, other spans roll
                        if per.is_whole_days() && per.ms == 0 {
                            let first = line.zone.start_of(line.zone.date(earlier.at));
                            line.zone.add(first, *per)
                        } else {
                            line.zone.add(earlier.at, *per)
                        }
                    };
                    let earlier = sent[..place].iter().filter(|before| {
                        let before = &evidence.book.lines[**before];
                        before.who == line.who && until(before) > line.at
                    });
                    let earlier: Vec<&usize> = earlier.collect();
                    if earlier.len() >= usize::try_from(*messages).unwrap_or(usize::MAX) {
                        breach(*at, earlier.first().map(|at| **at));
                    }
                }
            }
        }
    }
    found
}

/// The event after which a message must not come any more. What the person entered after it was meant to write to them;
/// somebody who opted out is not written to by anything.
fn ended_by(before: &[Line], sent: &Line, events: &[EventKind]) -> Option<usize> {
    let entered = |line: &Line| {
        matches!(line.word, LineWord::Entered { .. }) && line.who == sent.who && line.sequence == sent.sequence
    };
    let since = before.iter().rposition(entered).unwrap_or(0);
    before.iter().enumerate().position(|(at, line)| {
        let opted_out = match &line.word {
            LineWord::Happened(kind) if kind.as_str() == OPTED_OUT => events.contains(kind),
            LineWord::Consent => events.iter().any(|event| event.as_str() == OPTED_OUT),
            _ => false,
        };
        let happened = matches!(&line.word, LineWord::Happened(kind) if events.contains(kind)) && at > since;
        (opted_out || happened) && line.who == sent.who
    })
}

fn is_watched(evidence: &Evidence<'_>, always: &Always, line: &Line) -> bool {
    let purpose = || {
        let sequence = line.sequence.as_ref()?;
        let step = line.step.as_ref()?;
        evidence.purpose(sequence, step)
    };
    line.word == LineWord::Sent
        && evidence.is_tested(line)
        && (always.channel.is_none() || always.channel == line.channel)
        && (always.purpose.is_none() || always.purpose == purpose())
}
