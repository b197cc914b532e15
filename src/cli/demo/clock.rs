//! Time of a story: it stands still, is moved from moment to moment, and in the end may run on like any other.
#![expect(clippy::disallowed_methods, reason = "a clock that runs reads the machine's")]
use crate::{calendar::Instant, runner::Clock};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub(super) struct StoryClock(Mutex<Pace>);

#[derive(Clone, Copy)]
enum Pace {
    Still(Instant),
    Runs { from: Instant, since: std::time::Instant },
}

/// While time stands still nothing falls due by itself: whoever moves it wakes the runner.
const STILL: Duration = Duration::from_hours(1);

impl StoryClock {
    pub(super) fn new(at: Instant) -> Self {
        Self(Mutex::new(Pace::Still(at)))
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never goes back.
    pub(super) fn move_to(&self, at: Instant) {
        let at = at.max(self.now());
        *self.pace() = Pace::Still(at);
    }

    /// From that moment on, or from the present one if that is later, at the pace of real time.
    pub(super) fn run_from(&self, at: Instant) {
        let from = at.max(self.now());
        *self.pace() = Pace::Runs { from, since: std::time::Instant::now() };
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Instant {
        match *self.pace() {
            Pace::Still(at) => at,
            Pace::Runs { from, since } => from.plus(since.elapsed()),
        }
    }

    fn real_delay(&self, until: Instant) -> Duration {
        let ms = u64::try_from(until.since(self.now())).unwrap_or(0);
        let still = matches!(*self.pace(), Pace::Still(_));
        if ms > 0 && still { STILL } else { Duration::from_millis(ms) }
    }
}
