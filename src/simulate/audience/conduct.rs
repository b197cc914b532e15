//! What people of an audience do with a message: answer, book, opt out, or something of the project's own, each with a
//! declared chance and so long after the message. Knows no message's text.
use super::chance::{Chance, WHOLE};
use crate::{
    calendar::{Instant, Span},
    id::{ContactId, EventKind, SequenceName, StepName},
};
use std::fmt;

/// One thing that people do.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Does {
    pub(crate) deed: Deed,
    /// After each message, in millionths.
    pub(crate) chance: u32,
    pub(crate) from: Span,
    pub(crate) to: Span,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Deed {
    Reply,
    Book,
    OptOut,
    Event(EventKind),
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum DoesFault {
    #[error("\"{0}\" is no share between 0 and 1")]
    Share(String),
    #[error("\"{0}\" is no time such as 5m..2d")]
    After(String),
    #[error("what people do after a message adds up to more than 1")]
    TooMuch,
}

const MINUTE: u64 = 60_000;

impl Deed {
    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "reply" => Self::Reply,
            "book" => Self::Book,
            "opt_out" => Self::OptOut,
            event => Self::Event(EventKind::new(event)),
        }
    }

    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Reply => "reply",
            Self::Book => "book",
            Self::OptOut => "opt_out",
            Self::Event(kind) => kind.as_str(),
        }
    }

    /// When people usually do it: an answer comes soon, an appointment takes thought.
    fn usual(&self) -> (Span, Span) {
        match self {
            Self::Reply | Self::OptOut | Self::Event(_) => (Span::exact(5 * MINUTE), Span::days(1)),
            Self::Book => (Span::exact(30 * MINUTE), Span::days(3)),
        }
    }

    /// Nobody does these twice.
    pub(super) fn is_once(&self) -> bool {
        matches!(self, Self::Book | Self::OptOut)
    }
}

impl Does {
    /// `0.05`, or `0.05 after 5m..2d`.
    pub(crate) fn parse(deed: Deed, text: &str) -> Result<Self, DoesFault> {
        let (chance, after) = match text.split_once(" after ") {
            Some((chance, after)) => (chance, Some(after)),
            None => (text, None),
        };
        let chance = share(chance).ok_or_else(|| DoesFault::Share(chance.trim().to_owned()))?;
        let (from, to) = after.map_or_else(|| Ok(deed.usual()), span)?;
        Ok(Self { deed, chance, from, to })
    }

    /// Together they are at most certain.
    pub(crate) fn check(all: &[Self]) -> Result<(), DoesFault> {
        let sum: u64 = all.iter().map(|does| u64::from(does.chance)).sum();
        if sum > u64::from(WHOLE) { Err(DoesFault::TooMuch) } else { Ok(()) }
    }
}

fn span(text: &str) -> Result<(Span, Span), DoesFault> {
    let wrong = || DoesFault::After(text.trim().to_owned());
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let read = |text: &str| Span::parse(text.trim()).map_err(|_| wrong());
    let (from, to) = (read(from)?, read(to)?);
    if from.nominal_ms() > to.nominal_ms() { Err(wrong()) } else { Ok((from, to)) }
}

/// `0.05` or `5%` in millionths.
pub(super) fn share(text: &str) -> Option<u32> {
    let text = text.trim();
    let (number, scale) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim(), 10_000_u64),
        None => (text, u64::from(WHOLE)),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if number.is_empty() || part.len() > 9 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let part: u64 = format!("{part:0<9}").parse().ok()?;
    let sum = whole.checked_mul(scale)?.checked_add(part * scale / 1_000_000_000)?;
    u32::try_from(sum).ok().filter(|share| *share <= WHOLE)
}

/// Which message is meant: the same one in every version of the project, so that versions are compared with the same luck.
pub(super) struct Message<'a> {
    pub(super) who: ContactId,
    pub(super) sequence: &'a SequenceName,
    pub(super) step: &'a StepName,
    /// Which run of the person in this sequence.
    pub(super) run: u32,
    pub(super) at: Instant,
}

/// What the person does with it, and when.
pub(super) fn after<'a>(all: &'a [Does], seed: u64, message: &Message<'_>) -> Option<(&'a Deed, Instant)> {
    if all.is_empty() {
        return None;
    }
    let chance = Chance::of(seed).number(message.who.0 as u64).name(message.sequence.as_str());
    let chance = chance.name(message.step.as_str()).number(u64::from(message.run));
    let mut at = chance.name("deed").share();
    for does in all {
        if at < does.chance {
            let delay = chance.name("delay").between(does.from.nominal_ms(), does.to.nominal_ms());
            return Some((&does.deed, message.at.plus_ms(delay)));
        }
        at -= does.chance;
    }
    None
}

impl fmt::Display for Does {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {} to {} after a message", percent(self.chance), self.deed.word(), self.from, self.to)
    }
}

/// `5 %`, `0.5 %`.
fn percent(millionths: u32) -> String {
    let text = format!("{}.{:04}", millionths / 10_000, millionths % 10_000);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
