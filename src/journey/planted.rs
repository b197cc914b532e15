//! Bugs that tests plant on purpose, to see that the oracle catches them. Outside tests every one of them is off at
//! compile time. Must not know what a bug does: that stands where it is planted.

/// Is this bug planted? Always no outside tests.
macro_rules! planted {
    ($name:ident) => {{
        #[cfg(test)]
        let is = $crate::journey::planted::is($crate::journey::planted::Bug::$name);
        #[cfg(not(test))]
        let is = false;
        is
    }};
}
pub(super) use planted;

#[cfg(test)]
macro_rules! bugs {
    ($($name:ident)*; $($change:ident)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Bug { $($name,)* $($change),* }
        impl Bug {
            /// Those that stories have to show.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Those that the table of changes has to show.
            pub(crate) const OF_CHANGES: &'static [Self] = &[$(Self::$change),*];
        }
    };
}

#[cfg(test)]
bugs! {
    CapNotReserved
    OptOutIgnoredAtAuthorisation
    OptOutLeavesRuns
    StepBegunTwice
    MovedForgotten
    CompletedTooEarly
    RetryAfterUnknown
    WatchNotDisarmed
    GroupNotChecked
    LatenessIgnoredAtRetry
    GoalIgnored
    StopIgnored
    OpenSendsSurviveTheRun
    ReentryNotJudged
    QuietHoursIgnored
    RetriesWithoutEnd
    SlotsNotCounted
    FailureRecordedAsSent
    OutcomeLost
    ReminderAfterItsMoment
    LateReceiptTaken
    WindowOfReplyIgnored
    SecondRunOfOneKey
    UnknownForgottenByCaps
    BarrierIgnoresSends;
    OverdueByTheChangeIsLate
    EverybodyAtOnce
    LaterThanBefore
    SpreadIntoTheNight
    NewRulesNotJudged
    OldRulesJudgedAgain
    OpenSendsForgotten
    PurposeStays
    DoneStepsRepeat
    HoursNotRecomputed
}

#[cfg(test)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
pub(crate) fn is(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Runs `test` in this thread with one bug planted, or with none.
#[cfg(test)]
pub(crate) fn with<T>(bug: Option<Bug>, test: impl FnOnce() -> T) -> T {
    struct Until;
    impl Drop for Until {
        fn drop(&mut self) {
            PLANTED.set(None);
        }
    }
    PLANTED.set(bug);
    let _until = Until;
    test()
}
