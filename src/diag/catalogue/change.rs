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
    RENAMED: "DL603" "step-renamed" Error,
        "The id of a step changed while people wait at it.",
        "Their position is the id of the step. `moved` says that it is the same step under another name.",
        bad &[], good &[];
    EARLIER: "DL604" "step-earlier" Warning,
        "A step is due earlier, and is overdue at once for people inside.",
        "Many messages at once look like a mistake, and providers treat them as one: `catch_up` says how they are caught up.",
        bad &[], good &[];
    LATER: "DL605" "step-later" Warning,
        "A step is due later, or its moment is computed in another way.",
        "People inside get it at the new time, counted from where they came from.",
        bad &[], good &[];
    STEP_ADDED: "DL606" "step-added" Warning,
        "A step was added.",
        "People before it get it; people who are behind it never do.",
        bad &[], good &[];
    STEP_REMOVED: "DL607" "step-removed" Warning,
        "A step was removed, and nobody waits at it or the file says what they do.",
        "People before it pass over it.",
        bad &[], good &[];
    ORDER_CHANGED: "DL608" "order-changed" Warning,
        "The steps of a sequence stand in another order.",
        "People go forward only: what they got does not repeat, what now stands behind them is left out.",
        bad &[], good &[];
    CONDITION_CHANGED: "DL609" "condition-changed" Warning,
        "A condition, a goal or a `stop_on` changed for people inside.",
        "They entered under other conditions: some may now leave, or pass over steps.",
        bad &[], good &[];
    TEXT_CHANGED: "DL610" "text-changed" Warning,
        "What a step says or does changed.",
        "Nobody gets it twice; what is prepared already goes out as it is.",
        bad &[], good &[];
    ENTRIES_CHANGED: "DL611" "entries-changed" Warning,
        "Who enters a sequence changed: a trigger, a segment, or a rule of entry.",
        "A condition that is too wide writes to many people, and nothing that was sent can be taken back.",
        bad &[], good &[];
    TIMES_CHANGED: "DL612" "times-changed" Warning,
        "Windows, quiet hours or caps changed.",
        "Due times are moved to moments that the new ones allow.",
        bad &[], good &[];
    REACH_CHANGED: "DL613" "reach-changed" Warning,
        "A purpose, a ground of consent or a channel changed for messages that are still to come.",
        "They may go out another way, to people who did not agree to it, or not at all.",
        bad &[], good &[];
    SHARES_CHANGED: "DL614" "shares-changed" Warning,
        "The shares of an experiment changed.",
        "Who is in an arm stays in it; the new shares hold for those who come to it.",
        bad &[], good &[];
    SEQUENCE_ADDED: "DL615" "sequence-added" Warning,
        "A sequence was added.",
        "Nobody is inside yet.",
        bad &[], good &[];
    SEQUENCE_RETIRED: "DL616" "sequence-retired" Warning,
        "A sequence was removed, and nobody is inside or `retired` says what they do.",
        "They get the rest, or leave, as it says.",
        bad &[], good &[];
    OFFER_CHANGED: "DL617" "offer-changed" Warning,
        "An offer changed.",
        "Messages that are still to come name the new one; codes that were given stay given.",
        bad &[], good &[];
    SETTING_CHANGED: "DL618" "setting-changed" Warning,
        "A setting changed that moves nobody inside.",
        "It holds from the next decision on.",
        bad &[], good &[];
    SWITCHED: "DL619" "switched" Warning,
        "A sequence was switched off or on.",
        "Off, nothing falls due and stops still work; on again, passed times become the first allowed moment.",
        bad &[], good &[];
}
