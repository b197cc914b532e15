use super::{Change, Past, Played, Sent, Somebody, compare, compare::pairs, read};
use crate::{
    calendar::Instant,
    id::{ChannelName, ContactId, SequenceName, StepName},
    record::Identity,
};
use std::{collections::BTreeMap, sync::Arc};

fn sent(step: &str, hour: i64, channel: &str, text: &str) -> Sent {
    Sent {
        at: Instant(hour * 3_600_000),
        sequence: Some(SequenceName::new("welcome")),
        step: StepName::new(step),
        channel: ChannelName::new(channel),
        staff: false,
        subject: None,
        text: Arc::from(text),
    }
}

fn played(people: &[(i64, &str, Vec<Sent>)]) -> Played {
    let somebody = |(id, mail, sent): &(i64, &str, Vec<Sent>)| {
        let identities: Vec<Identity> = Identity::email(mail).into_iter().collect();
        (ContactId(*id), Somebody { name: None, identities, sent: sent.clone() })
    };
    Played { people: people.iter().map(somebody).collect(), ..Played::begun(Instant(0)) }
}

/// Step, hours before and after, what differs.
type Line = (String, Option<i64>, Option<i64>, Vec<Change>);

fn told(before: Vec<Sent>, after: Vec<Sent>) -> Vec<Line> {
    let hour = |sent: &Option<Sent>| sent.as_ref().map(|sent| sent.at.0 / 3_600_000);
    let pairs = pairs(before, after).into_iter();
    pairs
        .map(|pair| {
            let step = pair.after.as_ref().or(pair.before.as_ref()).unwrap().step.to_string();
            (step, hour(&pair.before), hour(&pair.after), pair.changes)
        })
        .collect()
}

#[test]
fn each_way_in_which_a_message_can_differ_has_its_word() {
    let before = vec![
        sent("same", 1, "email", "a"),
        sent("moved", 2, "email", "a"),
        sent("gone", 3, "email", "a"),
        sent("channel", 4, "email", "a"),
        sent("text", 5, "email", "a"),
        sent("all", 6, "email", "a"),
    ];
    let after = vec![
        sent("same", 1, "email", "a"),
        sent("channel", 4, "sms", "a"),
        sent("text", 5, "email", "b"),
        sent("new", 7, "email", "a"),
        sent("all", 8, "sms", "b"),
        sent("moved", 9, "email", "a"),
    ];
    let line = |step: &str, before, after, changes: &[Change]| (step.to_owned(), before, after, changes.to_vec());
    assert_eq!(
        told(before, after),
        [
            line("same", Some(1), Some(1), &[]),
            line("gone", Some(3), None, &[Change::OnlyBefore]),
            line("channel", Some(4), Some(4), &[Change::Channel]),
            line("text", Some(5), Some(5), &[Change::Text]),
            line("new", None, Some(7), &[Change::OnlyAfter]),
            line("all", Some(6), Some(8), &[Change::Moved, Change::Channel, Change::Text]),
            line("moved", Some(2), Some(9), &[Change::Moved]),
        ]
    );
}

#[test]
fn of_repeated_steps_those_of_the_same_moment_belong_together() {
    let again = |hours: &[i64]| hours.iter().map(|hour| sent("again", *hour, "email", "a")).collect::<Vec<_>>();
    let line = |before, after, changes: &[Change]| ("again".to_owned(), before, after, changes.to_vec());
    let only_before = &[Change::OnlyBefore];
    assert_eq!(
        told(again(&[1, 5, 9]), again(&[5, 9])),
        [line(Some(1), None, only_before), line(Some(5), Some(5), &[]), line(Some(9), Some(9), &[])],
        "the first is gone, and none of the others moved"
    );
    assert_eq!(
        told(again(&[1, 5, 9]), again(&[2, 5, 10, 20])),
        [
            line(Some(1), Some(2), &[Change::Moved]),
            line(Some(5), Some(5), &[]),
            line(Some(9), Some(10), &[Change::Moved]),
            line(None, Some(20), &[Change::OnlyAfter]),
        ]
    );
    // of two at one moment, the one by the same channel
    let both = vec![sent("again", 1, "sms", "a"), sent("again", 1, "email", "a")];
    let turned = both.iter().rev().cloned().collect();
    assert!(told(both, turned).iter().all(|(.., changes)| changes.is_empty()));
}

#[test]
fn what_goes_to_the_practice_is_no_message_to_the_person() {
    let mut notice = sent("hello", 1, "email", "a");
    notice.staff = true;
    let changes: Vec<Change> =
        told(vec![notice.clone()], vec![sent("hello", 1, "email", "a")]).into_iter().flat_map(|(.., it)| it).collect();
    assert_eq!(changes.len(), 2, "{changes:?}");
    let (before, after) = (played(&[(1, "a@example.com", vec![notice])]), played(&[]));
    let difference = compare(&before, &after);
    assert!(difference.totals[0].staff);
    assert_eq!((difference.totals[0].before, difference.totals[0].after), (1, 0));
}

#[test]
fn people_are_known_again_by_what_identifies_them() {
    let hello = || vec![sent("hello", 1, "email", "a")];
    let before = played(&[
        (1, "ana@example.com", hello()),
        (2, "ben@example.com", hello()),
        (3, "cy@example.com", hello()),
        (5, "quiet@example.com", Vec::new()),
    ]);
    let after = played(&[
        (2, "ana@example.com", hello()),
        (3, "ben@example.com", hello()),
        (4, "dora@example.com", hello()),
        (5, "quiet@example.com", Vec::new()),
    ]);
    let difference = compare(&before, &after);
    assert_eq!((difference.everybody, difference.reached, difference.same), (5, 4, 2));
    let who: Vec<(&str, Change)> =
        difference.people.iter().map(|moved| (&*moved.identities[0].value, moved.pairs[0].changes[0])).collect();
    assert_eq!(who, [("cy@example.com", Change::OnlyBefore), ("dora@example.com", Change::OnlyAfter)]);
    assert_eq!(difference.messages(), (3, 3));
    assert_eq!(difference.changes, BTreeMap::from([(Change::OnlyBefore, 1), (Change::OnlyAfter, 1)]));
    assert!(compare(&before, &before).is_empty());
}

#[test]
fn lines_are_events_requests_or_faults_with_their_place() {
    let event = |at: &str| format!("{{\"specversion\":\"1.0\",\"time\":\"{at}\"}}");
    let text = format!(
        "\u{feff}{}\r\n\n  {}\n{{\"source\":\"cal\",\"received_at\":\"2027-03-01T09:00:00Z\",\"body\":{{\"a\":1}}}}\n\
         {{\"source\":\"cal\",\"received_at\":\"2027-03-01T08:00:00Z\",\"body\":\" raw \"}}\nno\n{{\"time\":\"noon\"}}\n\
         {{\"body\":{{}},\"received_at\":\"2027-03-01T08:00:00Z\"}}\n{{\"received_at\":\"2027-03-01T08:00:00Z\",\
         \"source\":\"cal\",\"body\":7}}\n{{",
        event("2027-03-01T12:00:00+01:00"),
        event("2027-03-01T10:00:00Z"),
    );
    let lines = read(&text);
    let found: Vec<(Option<usize>, i64)> =
        lines.recorded.iter().map(|recorded| (recorded.line, recorded.at.0 / 3_600_000 % 24)).collect();
    assert_eq!(found, [(Some(5), 8), (Some(4), 9), (Some(3), 10), (Some(1), 11)], "by their time");
    let Past::Request { source: Some(source), body } = &lines.recorded[0].what else { panic!("a request") };
    assert_eq!((source.as_str(), &**body), ("cal", &b" raw "[..]), "a text stays as it came");
    let faults: Vec<(&str, &str)> =
        lines.faults.iter().map(|fault| (&text[fault.place.clone()], fault.why.split(':').next().unwrap())).collect();
    assert_eq!(
        faults,
        [
            ("no", "this is no JSON, from column 2 on"),
            ("{\"time\":\"noon\"}", "time"),
            ("{\"body\":{},\"received_at\":\"2027-03-01T08:00:00Z\"}", "source"),
            ("{\"received_at\":\"2027-03-01T08:00:00Z\",\"source\":\"cal\",\"body\":7}", "body"),
            ("{", "this is no JSON"),
        ]
    );
    assert!(read("").recorded.is_empty());
}
