//! The offsets of a zone in the years that simulations and sends lie in, written out: asked for at every gate, and the rules
//! themselves take long to work through. Other years ask the rules.
use super::{CivilTime, Instant};
use jiff::tz::{Offset, TimeZone};

/// From 2020 to 2045.
const FIRST: Instant = Instant(1_577_836_800_000);
const LAST: Instant = Instant(2_366_841_600_000);
/// No offset is larger, so civil times within this of the border belong to the rules.
const MARGIN_MS: i64 = 2 * 24 * 3_600_000;

/// Stretches of time with one offset each, in their order and without a gap.
pub(super) struct Offsets(Vec<Stretch>);

#[derive(Clone, Copy)]
struct Stretch {
    /// The first moment behind it.
    end: i64,
    /// What a clock would show then if it were not changed, as if that were UTC.
    civil_end: i64,
    offset: Offset,
}

impl Offsets {
    pub(super) fn of(rules: &TimeZone) -> Self {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut put = |end: i64, offset: Offset| match stretches.last_mut() {
            Some(last) if last.offset == offset => *last = Stretch::new(end, offset),
            _ => stretches.push(Stretch::new(end, offset)),
        };
        let mut offset = rules.to_offset(FIRST.timestamp());
        for change in rules.following(FIRST.timestamp()) {
            let at = change.timestamp().as_millisecond();
            if at >= LAST.0 {
                break;
            }
            put(at, offset);
            offset = change.offset();
        }
        put(LAST.0, offset);
        Self(stretches)
    }

    pub(super) fn at(&self, at: Instant) -> Option<Offset> {
        if at < FIRST || at >= LAST {
            return None;
        }
        let place = self.0.partition_point(|stretch| stretch.end <= at.0);
        self.0.get(place).map(|stretch| stretch.offset)
    }

    /// What the clock shows.
    pub(super) fn civil(&self, at: Instant) -> Option<CivilTime> {
        Some(self.at(at)?.to_datetime(at.timestamp()))
    }

    /// The first moment at which the clock shows it; one that it leaves out is as long behind the change as it would be
    /// behind the time of the change.
    pub(super) fn instant(&self, civil: CivilTime) -> Option<Instant> {
        let shown = Offset::UTC.to_timestamp(civil).ok()?.as_millisecond();
        if !(FIRST.0 + MARGIN_MS..LAST.0 - MARGIN_MS).contains(&shown) {
            return None;
        }
        let place = self.0.partition_point(|stretch| stretch.civil_end <= shown);
        let here = self.0.get(place)?;
        let before = place.checked_sub(1).and_then(|before| self.0.get(before));
        // before the clock of this stretch begins to run: the change leaves it out
        let left_out = before.filter(|before| shown < before.end + milliseconds(here.offset));
        Some(Instant(shown - milliseconds(left_out.unwrap_or(here).offset)))
    }
}

impl Stretch {
    fn new(end: i64, offset: Offset) -> Self {
        Self { end, civil_end: end + milliseconds(offset), offset }
    }
}

fn milliseconds(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000
}
