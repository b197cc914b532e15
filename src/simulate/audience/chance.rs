//! Chance that is none: numbers that follow from a seed and from names, the same on every machine. Knows no clock and no
//! generator of the system.

/// Shares are counted in millionths.
pub(crate) const WHOLE: u32 = 1_000_000;

/// A draw that is still to be made, told apart from all others by what went into it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(seed: u64) -> Self {
        Self(mix(seed))
    }

    pub(super) fn number(self, number: u64) -> Self {
        Self(mix(self.0 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    pub(super) fn name(self, name: &str) -> Self {
        let folded = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        self.number(folded)
    }

    /// A number below `end`; 0 where there is none.
    pub(super) fn below(self, end: u64) -> u64 {
        ((u128::from(mix(self.0)) * u128::from(end)) >> 64) as u64
    }

    /// A millionth of the whole.
    pub(super) fn share(self) -> u32 {
        self.below(u64::from(WHOLE)) as u32
    }

    /// A time between the two, each doubling as likely as the one before: most come early, some late.
    pub(super) fn between(self, from: i64, to: i64) -> i64 {
        let (from, to) = (from.max(0), to.max(from).max(0));
        let low = from.max(1);
        let mut doublings = 0_u32;
        while doublings < 62 && low << doublings < to {
            doublings += 1;
        }
        let at = self.name("doubling").below(u64::from(doublings.max(1))) as u32;
        let begin = if at == 0 { from } else { low << at };
        let end = (low << (at + 1).min(62)).min(to);
        begin + self.below((end - begin).max(0) as u64 + 1) as i64
    }

    /// One of several, by their weights.
    pub(super) fn pick<T>(self, of: &[(T, u32)]) -> Option<&T> {
        let all: u64 = of.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut at = self.below(all);
        for (one, weight) in of {
            if at < u64::from(*weight) {
                return Some(one);
            }
            at -= u64::from(*weight);
        }
        None
    }
}

/// The last step of splitmix64: every bit of the number hangs on every other.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
