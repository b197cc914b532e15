//! Where `now` comes from, and how long to wait for a moment in real time.
#![expect(clippy::disallowed_methods, reason = "the shell reads the clock, nobody else does")]
use crate::calendar::Instant;
use std::time::Duration;

pub(crate) trait Clock: Send + Sync {
    fn now(&self) -> Instant;

    /// Real time until that moment; nothing when it has come.
    fn real_delay(&self, until: Instant) -> Duration;
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallClock;

/// Time that runs so many times faster than real time, from a moment on: a day of the plan in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FastClock {
    from: Instant,
    started: std::time::Instant,
    factor: f64,
}

impl FastClock {
    /// `factor` 8640 makes a day of ten seconds.
    pub(crate) fn new(from: Instant, factor: f64) -> Self {
        Self { from, started: std::time::Instant::now(), factor: factor.max(f64::MIN_POSITIVE) }
    }
}

impl Clock for WallClock {
    fn now(&self) -> Instant {
        Instant(jiff::Timestamp::now().as_millisecond())
    }

    fn real_delay(&self, until: Instant) -> Duration {
        Duration::from_millis(u64::try_from(until.since(self.now())).unwrap_or(0))
    }
}

impl Clock for FastClock {
    fn now(&self) -> Instant {
        let passed = self.started.elapsed().as_secs_f64() * 1_000.0 * self.factor;
        self.from.plus_ms(passed as i64)
    }

    fn real_delay(&self, until: Instant) -> Duration {
        let ms = until.since(self.now()).max(0) as f64 / self.factor;
        // rounded up: a wait that ends a moment early would have to be repeated
        Duration::from_millis((ms.ceil() as u64).saturating_add(u64::from(ms > 0.0)))
    }
}
