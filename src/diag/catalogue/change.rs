//! DL6xx: changing a live plan.
use super::rows;

rows! {
    STEP_GONE: "DL601" "step-gone" Error,
        "A step was removed or renamed while people wait at it.",
        "Their position is the id of the step: nobody could say what they get next.",
        bad &[], good &[];
    SEQUENCE_GONE: "DL602" "sequence-gone" Error,
        "A sequence was removed or renamed while people are inside.",
        "They would be held at their step without an end.",
        bad &[], good &[];
}
