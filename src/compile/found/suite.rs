//! Findings about suites. Decides nothing.
use super::meant;
use crate::{
    diag::{FileId, Finding, Place, catalogue::suites as rows, quoted_list},
    document::Text,
};

pub(in crate::compile) fn unknown_subject(subject: &Text, near: Option<&str>) -> Finding {
    let (kind, id) = subject.split_once('/').unwrap_or(("sequence", subject));
    let finding = Finding::new(&rows::UNKNOWN_SUBJECT, &subject.place, format!("there is no {kind} `{id}`"));
    match near {
        Some(_) => meant(finding, &subject.place, near),
        None => {
            finding.help("write the kind and the id of something in this project: sequence/id, campaign/id, trigger/id")
        }
    }
}
pub(in crate::compile) fn no_scenarios(place: &Place) -> Finding {
    Finding::new(&rows::NO_SCENARIOS, place, "this suite has no scenario, so it shows nothing")
        .help("add one: a `name`, what happens under `when`, and what comes of it under `then`")
}
pub(in crate::compile) fn empty_scenario(place: &Place, key: &str) -> Finding {
    let (message, help) = match key {
        "when" => ("nothing happens in this scenario", "add `when`, or `like` with the name of another scenario"),
        _ => (
            "this scenario expects nothing, so it cannot fail",
            "add `then` with what has to come of it, or let `dripline test --accept` write what came",
        ),
    };
    Finding::new(&rows::EMPTY_SCENARIO, place, message).help(help)
}
pub(in crate::compile) fn same_scenario(name: &Text, first: &Place) -> Finding {
    Finding::new(&rows::SAME_SCENARIO, &name.place, format!("two scenarios are called \"{}\"", name.as_str()))
        .here("used again here")
        .label(first, "first used here")
        .help("names are how scenarios are run one by one and how `like` finds them, so they are unique")
}
pub(in crate::compile) fn unknown_scenario(name: &Text, near: Option<&str>, all: &[&str]) -> Finding {
    let message = format!("this suite has no scenario \"{}\"", name.as_str());
    let finding = Finding::new(&rows::UNKNOWN_SCENARIO, &name.place, message);
    match near {
        Some(_) => meant(finding, &name.place, near),
        None => finding.help(format!("it has {}", quoted_list(all.iter().copied(), 8))),
    }
}
pub(in crate::compile) fn circle(like: &Text) -> Finding {
    Finding::new(&rows::CIRCLE_OF_SCENARIOS, &like.place, "following `like` leads back to this scenario")
        .help("let one of them say itself what happens, under `when`")
}
pub(in crate::compile) fn before_start(moment: &Text, start: &str) -> Finding {
    let message = format!("`{}` is before the start, {start}", moment.as_str());
    Finding::new(&rows::BEFORE_START, &moment.place, message).help("give a later moment, or an earlier `start`")
}
pub(in crate::compile) fn inherited_before_start(like: &Text, start: &str, origin: u32) -> Finding {
    let message = format!("what happens there in line {origin} is before the start here, {start}");
    Finding::new(&rows::BEFORE_START, &like.place, message)
        .help("give an earlier `start`, or write moments of the other scenario as durations from the start")
}
pub(in crate::compile) fn no_such_moment(moment: &Text) -> Finding {
    let message = format!("there is no `{}` on the calendar", moment.as_str());
    Finding::new(&rows::NO_SUCH_MOMENT, &moment.place, message)
        .help("moments are year, month, day, hour and minute: 2027-03-26 18:30")
}
pub(in crate::compile) fn in_the_gap(moment: &Text, zone: &str, stands: &str) -> Finding {
    let message = format!("clocks in {zone} skip `{}`", moment.as_str());
    Finding::new(&rows::MOMENT_IN_THE_GAP, &moment.place, message).help(format!("{stands} stands for it; write that"))
}
pub(in crate::compile) fn unknown_person(name: &Text, near: Option<&str>, all: &[&str]) -> Finding {
    let message = format!("nobody in this story is called `{}`", name.as_str());
    let finding = Finding::new(&rows::UNKNOWN_PERSON, &name.place, message);
    match near {
        Some(_) => meant(finding, &name.place, near),
        None if all.is_empty() => finding.help(format!(
            "describe them under `people`: `{name}: {{ email: {name}@example.test }}`",
            name = name.as_str()
        )),
        None => finding.help(format!("there are {}", quoted_list(all.iter().copied(), 8))),
    }
}
pub(in crate::compile) fn whose(place: &Place, all: &[&str]) -> Finding {
    let finding = |message: &str| Finding::new(&rows::WHOSE, place, message);
    match all {
        [] => finding("nobody takes part in this story, so this is about nobody")
            .help("describe somebody under `people`: `ana: { email: ana@example.test }`"),
        all => finding("several people take part, and this does not say whom it is about")
            .help(format!("add `for` with one of {}", quoted_list(all.iter().copied(), 8))),
    }
}
pub(in crate::compile) fn concerns_nobody(name: &Text, verb: &str) -> Finding {
    Finding::new(&rows::CONCERNS_NOBODY, &name.place, format!("`{verb}` is about nobody in particular"))
        .help("remove `for`")
}
pub(in crate::compile) fn fixed_in_sweep(moment: &Text) -> Finding {
    let message = format!("the starts of this scenario differ, and `{}` is always the same moment", moment.as_str());
    Finding::new(&rows::FIXED_IN_SWEEP, &moment.place, message)
        .help("write `day N`, or a duration from the start such as 2d")
}
pub(in crate::compile) fn unknown_step(step: &Text, within: &str, near: Option<&str>) -> Finding {
    let message = format!("{within} has no step `{}`", step.as_str());
    let finding = Finding::new(&rows::UNKNOWN_STEP, &step.place, message);
    match near {
        Some(_) => meant(finding, &step.place, near),
        None => finding.help("write the `id` of a step, or sequence.step"),
    }
}
pub(in crate::compile) fn ambiguous_step(step: &Text, sequences: &[&str]) -> Finding {
    let ways: Vec<String> = sequences.iter().map(|sequence| format!("{sequence}.{}", step.as_str())).collect();
    Finding::new(&rows::AMBIGUOUS_STEP, &step.place, format!("several sequences have a step `{}`", step.as_str()))
        .help(format!("say which: {}", quoted_list(ways.iter().map(String::as_str), 6)))
}
pub(in crate::compile) fn not_under_test(step: &Text, sequence: &str) -> Finding {
    let message = format!("`{}` is a step of `{sequence}`, which is not under test", step.as_str());
    Finding::new(&rows::NOT_UNDER_TEST, &step.place, message)
        .help(format!("add `sequence/{sequence}` to `under_test`, or expect it in a suite of its own"))
}
pub(in crate::compile) fn step_of_another_kind(step: &Text, what: &str, words: &str) -> Finding {
    Finding::new(&rows::STEP_OF_ANOTHER_KIND, &step.place, format!("`{}` {what}", step.as_str())).help(words)
}
pub(in crate::compile) fn unknown_reason(reason: &Text, word: &str, near: Option<&str>, all: &[&str]) -> Finding {
    let message = format!("nothing is {word} because of `{}`", reason.as_str());
    let finding = Finding::new(&rows::UNKNOWN_REASON, &reason.place, message);
    match near {
        Some(_) => meant(finding, &reason.place, near),
        None => finding.help(format!("it is one of {}", quoted_list(all.iter().copied(), 20))),
    }
}
pub(in crate::compile) fn made_event(event: &Text) -> Finding {
    let message = format!("only the program itself makes `{}` happen", event.as_str());
    Finding::new(&rows::MADE_EVENT, &event.place, message)
        .help("let happen what leads to it: an event of the person, `reply`, `set`, `launch`, `approve` or `import`")
}
pub(in crate::compile) fn missing_data(event: &Text, fields: &[&str]) -> Finding {
    let message = format!("`{}` always has {}", event.as_str(), quoted_list(fields.iter().copied(), 6));
    let parts: Vec<String> = fields.iter().map(|field| format!("{field}: …")).collect();
    Finding::new(&rows::MISSING_DATA, &event.place, message).help(format!("add `data: {{ {} }}`", parts.join(", ")))
}
pub(in crate::compile) fn unknown_booking_field(field: &Text, near: Option<&str>) -> Finding {
    let message = format!("a booking has no field `{}`", field.as_str());
    let finding = Finding::new(&rows::UNKNOWN_BOOKING_FIELD, &field.place, message);
    match near {
        Some(_) => meant(finding, &field.place, near),
        None => finding.help("bookings have `kind`, `start`, `end`, `host` and others; `map` of a source adds more"),
    }
}
pub(in crate::compile) fn status_of_booking(field: &Text) -> Finding {
    let message = format!("`{}` of a booking comes of its events", field.as_str());
    Finding::new(&rows::UNKNOWN_BOOKING_FIELD, &field.place, message)
        .help("let the event happen: booking.cancelled, booking.no_show, booking.ended")
}
pub(in crate::compile) fn no_booking(field: &Text, event: &Text) -> Finding {
    let message = format!("`{}` is about no booking", event.as_str());
    Finding::new(&rows::UNKNOWN_BOOKING_FIELD, &field.place, message)
        .help("remove `booking`, or take an event of a booking")
}
pub(in crate::compile) fn unknown_fixture(path: &Text, near: Option<&str>) -> Finding {
    let message = format!("there is no file tests/{}", path.as_str());
    let finding = Finding::new(&rows::UNKNOWN_FIXTURE, &path.place, message);
    match near {
        Some(_) => meant(finding, &path.place, near),
        None => finding.help("paths are relative to tests/: fixtures/name.json is tests/fixtures/name.json"),
    }
}
pub(in crate::compile) fn unused_fixture(file: &FileId) -> Finding {
    Finding::new(&rows::UNUSED_FIXTURE, &Place::of_file(file.clone()), format!("no suite uses `{file}`"))
        .help("use it with `webhook` or `import`, or remove it")
}
/// All that is wrong with a file, as far as it can be read in a line.
pub(in crate::compile) fn bad_import(path: &Text, faults: &[String]) -> Finding {
    const MOST: usize = 5;
    let more = faults.len().saturating_sub(MOST);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let why = faults.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join("; ");
    let message = format!("the people of `{}` cannot be read: {why}{more}", path.as_str());
    Finding::new(&rows::BAD_IMPORT, &path.place, message)
        .help("a CSV file has a line of field names first; a JSON file is a list of objects with fields")
}
pub(in crate::compile) fn which_source(place: &Place, all: &[&str]) -> Finding {
    let finding = Finding::new(&rows::WHICH_SOURCE, place, "this does not say which source sends it");
    match all {
        [] => finding.help("declare a source in dripline.yaml, under `sources`"),
        all => finding.help(format!("add `from` with one of {}", quoted_list(all.iter().copied(), 8))),
    }
}
pub(in crate::compile) fn unknown_answer(field: &Text, lookup: &str, near: Option<&str>) -> Finding {
    let message = format!("the look-up `{lookup}` returns no `{}`", field.as_str());
    let finding = Finding::new(&rows::UNKNOWN_ANSWER, &field.place, message);
    match near {
        Some(_) => meant(finding, &field.place, near),
        None => finding.help("its fields are declared in dripline.yaml, under `returns`"),
    }
}
pub(in crate::compile) fn nothing_to_fail(name: &Text, near: Option<&str>) -> Finding {
    let message = format!("`{}` is neither a channel nor a look-up", name.as_str());
    let finding = Finding::new(&rows::IMPOSSIBLE_FAULT, &name.place, message);
    match near {
        Some(_) => meant(finding, &name.place, near),
        None => finding.help("faults are told of a channel or a look-up of the project"),
    }
}
/// What the language knows, and no story can show yet: it must not look as if it had been tried.
pub(in crate::compile) fn unplayed_fault(name: &Text) -> Finding {
    let message = format!("this version plays no faults of the {}", name.as_str());
    Finding::new(&rows::IMPOSSIBLE_FAULT, &name.place, message)
        .help("take it out; faults of channels and look-ups are played")
}
pub(in crate::compile) fn impossible_fault(place: &Place, fault: &str, what: &str, can: &str) -> Finding {
    Finding::new(&rows::IMPOSSIBLE_FAULT, place, format!("`{fault}` cannot happen to {what}"))
        .help(format!("it is one of {can}"))
}
pub(in crate::compile) fn too_many_variations(place: &Place, count: Option<u64>, most: u64) -> Finding {
    let finding = |message: String| Finding::new(&rows::TOO_MANY_VARIATIONS, place, message);
    match count {
        Some(count) => finding(format!("this makes {count} variations, and {most} are the most"))
            .help("take larger steps, a shorter time or fewer zones"),
        None => finding("these starts are not apart from each other".to_owned()).help("write for example `every: 1h`"),
    }
}
pub(in crate::compile) fn impossible_time(moment: &Text, why: &str) -> Finding {
    Finding::new(&rows::IMPOSSIBLE_TIME, &moment.place, format!("`{}` {why}", moment.as_str()))
        .help("no moment meets all that is said here: remove or change one of the times")
}
pub(in crate::compile) fn out_of_order(moment: &Text, before: &Place) -> Finding {
    let message = format!("`{}` is earlier than the expectation above it", moment.as_str());
    Finding::new(&rows::OUT_OF_ORDER, &moment.place, message)
        .label(before, "the one above")
        .help("expectations stand in the order in which they come: move it up")
}
pub(in crate::compile) fn not_of_a_state(place: &Place, key: &str) -> Finding {
    let message = format!("`{key}` says nothing about `state`, which is asked for at one moment");
    Finding::new(&rows::STATE_AT_ONE_MOMENT, place, message)
        .help("say the moment with `at` or `by`, or remove it: then it is the end of the story")
}
pub(in crate::compile) fn no_campaign(name: &Text, is_sequence: bool, near: Option<&str>) -> Finding {
    let name_ = name.as_str();
    let message = if is_sequence {
        format!("`{name_}` is a sequence, and only campaigns are launched")
    } else {
        format!("there is no campaign `{name_}`")
    };
    let finding = Finding::new(&rows::NO_CAMPAIGN, &name.place, message);
    match near {
        Some(_) => meant(finding, &name.place, near),
        None if is_sequence => finding.help(format!("write `enroll: {name_}`")),
        None => finding.help(format!("write it: campaigns/{name_}.yaml")),
    }
}
pub(in crate::compile) fn strange_hours(place: &Place, why: &str) -> Finding {
    Finding::new(&rows::STRANGE_HOURS, place, why)
        .help("write two different times of day: `between: [\"20:00\", \"08:00\"]`")
}
pub(in crate::compile) fn bad_address(place: &Place, field: &str, value: &str) -> Finding {
    let help = match field {
        "phone" => "write it with its country, in quotes: \"+4915550000001\"",
        "email" => "write an invented address: ana@example.test",
        _ => "write one of the clinics of dripline.yaml",
    };
    Finding::new(&rows::BAD_ADDRESS, place, format!("`{value}` is no {field}")).help(help)
}
pub(in crate::compile) fn same_address(place: &Place, what: &str, first: &Place, name: &str) -> Finding {
    Finding::new(&rows::SAME_ADDRESS, place, format!("`{what}` is the address of `{name}` as well"))
        .label(first, "the other person")
        .help("people with the same address are one person: give each their own")
}
pub(in crate::compile) fn nothing_happens(place: &Place, verb: &str) -> Finding {
    Finding::new(&rows::NOTHING_HAPPENS, place, format!("nothing comes of this `{verb}`"))
        .help("remove it, or let something happen")
}
