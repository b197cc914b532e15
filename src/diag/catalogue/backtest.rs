//! Recorded events that cannot be played, of DL7xx.
use super::rows;

rows! {
    UNREADABLE_EVENT: "DL740" "unreadable-event" Error,
        "A recorded event of which nothing can be made.",
        "It would be missing from what is compared, and the difference would look smaller than it is.",
        bad &[],
        good &[];
    EVENT_OF_ONE_VERSION: "DL741" "event-of-one-version" Warning,
        "A recorded event that only one of two versions understands.",
        "What follows from it differs because of the event, not because of the sequences.",
        bad &[],
        good &[];
}
