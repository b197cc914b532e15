//! Conditions in memory and as SQL: whoever fits in one fits in the other, whatever the condition and whoever the person.
use super::OnDisk;
use crate::{
    calendar::{CivilDate, Instant, Span},
    engine::{
        MemoryStore, Store,
        conformance::{
            change,
            segments::{NOW, Row, cond, plan, put, scope},
        },
    },
    expr::{Cond, parse_and_check},
    id::ContactId,
    store::segment::{Reach, statement},
    value::Value,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::sync::Arc;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "Zoë",
    "ZOË",
    "ß",
    "ẞ",
    "İstanbul",
    "lead",
    "completed",
    "10",
    "vip",
    " a ",
    "a%b",
    "日本",
    "é",
    "e\u{301}",
];

/// Distances from now: on the edges of hours, days, changes of clocks, and far away.
fn offset() -> impl Strategy<Value = i64> {
    let days = select(vec![0, 1, 2, 3, 5, 30, 31, 89, 90, 91, 365]).prop_flat_map(|days| {
        let hours = select(vec![0, 1, 2, 10, 12, 13, 14, 22, 23]);
        (Just(days), hours, select(vec![0, 1, -1, 30 * 60_000]), any::<bool>())
    });
    days.prop_map(|(days, hours, ms, back)| {
        let at = days * DAY + hours * HOUR + ms;
        if back { -at } else { at }
    })
}

fn value() -> impl Strategy<Value = Value> {
    let date = select(vec!["2027-03-27", "2027-03-28", "2027-03-29", "2026-12-31", "2024-02-29", "1999-01-01"]);
    prop_oneof![
        3 => select(TEXTS).prop_map(Value::text),
        2 => (-2_i64..6).prop_map(Value::Int),
        1 => select(vec![i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1]).prop_map(Value::Int),
        2 => select(vec![0.0, -0.0, 2.0, 2.5, 3.0, 9_007_199_254_740_992.0]).prop_map(Value::Num),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => offset().prop_map(|at| Value::Time(Instant(NOW + at))),
        2 => date.prop_map(|date| Value::Date(CivilDate::parse(date).unwrap())),
        1 => (0_u32..4).prop_map(|days| Value::Duration(Span::days(days))),
        1 => (0_i64..3, select(vec!["EUR", "USD"])).prop_map(|(minor, unit)| Value::Money(minor * 2_500, Arc::from(unit))),
        1 => vec(select(TEXTS).prop_map(Value::text), 0..3).prop_map(Value::List),
        1 => vec((0_i64..3).prop_map(Value::Int), 0..3).prop_map(Value::List),
        1 => Just(Value::Map([(Arc::from("email"), Value::text("ida@example.com"))].into())),
    ]
}

/// A value of the declared type, mostly.
fn fitting(name: &'static str) -> BoxedStrategy<Value> {
    let date = select(vec!["2027-03-27", "2027-03-28", "2027-03-29", "2026-12-31"]);
    let own = match name {
        "visits" | "calls" => (-1_i64..6).prop_map(Value::Int).boxed(),
        "ratio" => select(vec![0.0, 2.0, 2.5, 3.0]).prop_map(Value::Num).boxed(),
        "insured" => any::<bool>().prop_map(Value::Bool).boxed(),
        "met_at" => offset().prop_map(|at| Value::Time(Instant(NOW + at))).boxed(),
        "birthday" => date.prop_map(|date| Value::Date(CivilDate::parse(date).unwrap())).boxed(),
        "patience" => (0_u32..4).prop_map(|days| Value::Duration(Span::days(days))).boxed(),
        "budget" => {
            let unit = select(vec!["EUR", "USD"]);
            (0_i64..3, unit).prop_map(|(minor, unit)| Value::Money(minor * 2_500, Arc::from(unit))).boxed()
        }
        "interests" => vec(select(TEXTS).prop_map(Value::text), 0..3).prop_map(Value::List).boxed(),
        _ => select(TEXTS).prop_map(Value::text).boxed(),
    };
    prop_oneof![9 => own, 1 => value()].boxed()
}

fn fields() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let names = vec![
        "note",
        "remark",
        "stage",
        "visits",
        "calls",
        "ratio",
        "insured",
        "met_at",
        "birthday",
        "patience",
        "budget",
        "interests",
        "city",
        "first_name",
        "last_name",
        "source",
        "address",
    ];
    vec(select(names).prop_flat_map(|name| (Just(name), fitting(name))), 0..12)
}

fn row() -> impl Strategy<Value = Row> {
    let zones = vec![
        "Europe/Berlin",
        "Pacific/Kiritimati",
        "Pacific/Niue",
        "America/Jamaica",
        "Asia/Kathmandu",
        "Pacific/Apia",
    ];
    let booking = (
        offset(),
        option::of(select(vec!["intro", "consultation"])),
        option::of(select(vec!["ida@example.com", "ben@example.com"])),
        option::of(select(vec!["practice", "north"])),
        0_u8..6,
    );
    let who = (
        fields(),
        vec(select(vec!["vip", "née", "new"]), 0..3),
        option::of(select(zones)),
        option::of(select(vec!["practice", "north", "gone"])),
        option::of(select(vec!["+4915550000001", "+18765550101", "+15550101234"])),
    );
    let what = (
        (-2_i64..8, any::<bool>()),
        [option::of(offset()), option::of(offset()), option::of(offset())],
        vec((offset(), select(vec!["a", "b"])), 0..3),
        vec(booking, 0..3),
        (any::<bool>(), option::of(offset())),
    );
    (who, what).prop_map(|((fields, tags, zone, clinic, phone), (own, moments, forms, bookings, runs))| Row {
        fields,
        tags,
        zone,
        clinic,
        phone,
        score: own.0,
        warm: own.1,
        moments,
        forms,
        bookings,
        enrolled: runs.0,
        sent: runs.1,
    })
}

fn one(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    select(texts).prop_map(str::to_owned).boxed()
}

fn time() -> BoxedStrategy<String> {
    let plain = one(&[
        "contact.met_at",
        "contact.created_at",
        "contact.last_visit_at",
        "contact.next_booking_at",
        "contact.last_inbound_at",
        "contact.last_outbound_at",
        "now()",
        "last('form.submitted')",
        "last('form.submitted', form='a')",
    ]);
    let span = one(&["'2d'", "'5h'", "'1mo'", "'1d 3h'", "'90m'"]);
    let moved = (plain.clone(), one(&["+", "-"]), span).prop_map(|(of, sign, span)| format!("({of} {sign} {span})"));
    prop_oneof![3 => plain, 1 => moved].boxed()
}

fn moment() -> BoxedStrategy<String> {
    prop_oneof![3 => time(), 1 => one(&["contact.birthday", "date(now())", "date(contact.met_at)", "date(contact.last_visit_at)"])].boxed()
}

fn text() -> BoxedStrategy<String> {
    let plain = one(&[
        "contact.note",
        "contact.remark",
        "contact.city",
        "contact.first_name",
        "contact.name",
        "contact.email",
        "contact.phone",
        "contact.locale",
        "contact.zone",
        "contact.clinic",
        "clinic.id",
        "clinic.name",
        "contact.source",
        "(contact.note | default(contact.remark))",
        "(contact.address | default('a'))",
    ]);
    let changed = (plain.clone(), one(&["lower(_)", "(_ | trim)", "(_ | upper)", "(_ ~ 'x')"]))
        .prop_map(|(of, form)| form.replace('_', &of));
    let literal = select(TEXTS).prop_map(|text| format!("'{text}'"));
    prop_oneof![4 => plain, 2 => changed, 2 => literal, 1 => moment().prop_map(|at| format!("weekday({at})"))].boxed()
}

fn number() -> BoxedStrategy<String> {
    let plain = one(&[
        "contact.score",
        "contact.visits",
        "contact.calls",
        "contact.ratio",
        "vars.few",
        "0",
        "2",
        "2.5",
        "-1",
        "90",
        "9007199254740993",
        "count('form.submitted')",
        "count('form.submitted', within='2d')",
        "count('form.submitted', within='30h', form='a')",
        "count('form.submitted', form='b')",
        "count('form.submitted', within='1mo')",
        "length(contact.tags)",
        "length(contact.interests)",
        "(contact.calls | default(1))",
        "(contact.calls | default(contact.visits))",
        "(contact.score % 2)",
        "(contact.calls + contact.visits)",
        "(contact.ratio * 2)",
    ]);
    let of_time = (moment(), one(&["days_since", "days_until", "hours_since", "hour"]))
        .prop_map(|(at, function)| format!("{function}({at})"));
    prop_oneof![3 => plain, 3 => of_time, 1 => text().prop_map(|text| format!("length({text})"))].boxed()
}

fn atom() -> BoxedStrategy<String> {
    let sign = || one(&["==", "!=", "<", "<=", ">", ">="]);
    let same = || one(&["==", "!="]);
    let two = |of: BoxedStrategy<String>| (of.clone(), sign(), of).prop_map(|(l, sign, r)| format!("{l} {sign} {r}"));
    let civil = one(&["'2027-03-28 02:30'", "'2027-03-28'", "'2027-03-27T23:00:00Z'"]);
    let near =
        (moment(), one(&["days_since", "days_until", "hours_since"]), sign(), one(&["0", "1", "2", "24", "90", "-1"]))
            .prop_map(|(at, function, sign, number)| format!("{function}({at}) {sign} {number}"));
    let booking = {
        let arguments = vec![
            "kind='intro'",
            "host='ida@example.com'",
            "clinic='north'",
            "from=now()",
            "to=now()",
            "from=now() - '2d'",
            "to='2027-03-29'",
            "status='cancelled'",
            "status=['accepted', 'requested']",
            "status=[]",
            "kind=contact.note",
            "host=contact.remark",
            "from=contact.met_at",
            "to=contact.birthday",
        ];
        proptest::sample::subsequence(arguments, 0..3).prop_map(|given| format!("has_booking({})", given.join(", ")))
    };
    prop_oneof![
        3 => two(number()),
        3 => two(text()),
        2 => two(time()),
        3 => near,
        1 => (time(), sign(), civil).prop_map(|(l, sign, r)| format!("{l} {sign} {r}")),
        1 => (sign(), one(&["'2027-03-28'", "date(now())", "date(contact.met_at)"])).prop_map(|(sign, day)| format!("contact.birthday {sign} {day}")),
        1 => (sign(), one(&["'1d'", "'24h'", "'2d'", "contact.patience"])).prop_map(|(sign, span)| format!("contact.patience {sign} {span}")),
        1 => (sign(), one(&["'25 EUR'", "'50 USD'", "contact.budget"])).prop_map(|(sign, money)| format!("contact.budget {sign} {money}")),
        1 => (same(), one(&["'lead'", "'completed'", "contact.note"])).prop_map(|(sign, stage)| format!("contact.stage {sign} {stage}")),
        1 => one(&["contact.warm", "contact.insured", "contact.insured == contact.warm", "contact.insured != true", "contact.is_test"]),
        1 => one(&["has_tag('vip')", "has_tag('née')", "in_sequence('welcome')", "in_sequence('reminders')", "in_segment('loyal')", "in_segment('busy')"]),
        1 => one(&["was_sent('welcome')", "was_sent('welcome', within='2d')", "was_sent('welcome', within='30h')", "was_sent('reminders')"]),
        2 => booking,
        1 => (text(), one(&["contact.interests", "contact.tags", "['a', 'lead', contact.remark]", "['a', 'b']"])).prop_map(|(item, list)| format!("{item} in {list}")),
        1 => (text(), text()).prop_map(|(part, of)| format!("{part} in {of}")),
        1 => (number(), Just("in [0, 1, contact.visits]")).prop_map(|(number, list)| format!("{number} {list}")),
        1 => (prop_oneof![text(), number(), moment(), one(&["contact.tags", "contact.interests", "contact.budget", "contact.stage"])],
              one(&["is defined", "is none"])).prop_map(|(of, test)| format!("{of} {test}")),
    ]
    .boxed()
}

fn condition() -> impl Strategy<Value = String> {
    atom().prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            2 => inner.clone().prop_map(|of| format!("not ({of})")),
            2 => vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" and "))),
            2 => vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" or "))),
            1 => inner.prop_map(|of| format!("({of}) == contact.insured")),
        ]
    })
}

/// Functions that every engine has, and `lower`, which is made to know Unicode where an engine's own does not.
const FUNCTIONS: &[&str] = &[
    "coalesce", "count", "max", "lower", "length", "replace", "CAST", "EXISTS", "IN", "AND", "OR", "NOT", "THEN",
    "WHEN",
];

/// What is not portable, or could carry a text of somebody's into the statement.
fn lint(text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('?') {
        assert!(rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()), "a placeholder without a number: {text}");
        rest = &rest[at + 1..];
    }
    let bare = text.replace("= ''", "").replace(", '')", ")");
    assert!(!bare.contains(['\'', '"', ';', '$', '@', '`', '[', '|']) && !bare.contains("--"), "{text}");
    for (at, _) in text.match_indices('(') {
        let word: String = text[..at].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let word: String = word.chars().rev().collect();
        assert!(word.is_empty() || FUNCTIONS.contains(&word.as_str()), "`{word}` in {text}");
    }
}

fn members<S: Store>(store: &mut S, cond: &Cond, after: Option<i64>, limit: usize) -> Vec<i64> {
    let found = store.members(&plan(), cond, Instant(NOW), after.map(ContactId), limit).unwrap();
    found.into_iter().map(|who| who.0).collect()
}

fn agree(rows: &[Row], texts: &[String]) {
    let plan = plan();
    let (mut memory, mut disk) = (MemoryStore::new(), OnDisk::new());
    for (who, row) in (1..).zip(rows) {
        put(&mut memory, &plan, who, row);
        put(&mut disk, &plan, who, row);
    }
    for text in texts {
        // what has no type is refused by the compiler
        let (Some(cond), _) = parse_and_check(text, &scope()) else { continue };
        let sql = statement(&plan, &cond, Instant(NOW));
        lint(&sql.text);
        let expected = members(&mut memory, &cond, None, usize::MAX);
        let found = members(&mut disk, &cond, None, usize::MAX);
        assert_eq!(found, expected, "{text}\n{}\n{:?}", sql.text, sql.values);
        let page = members(&mut disk, &cond, Some(2), 2);
        assert_eq!(page, members(&mut memory, &cond, Some(2), 2), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_sql_agree_on_every_row(rows in vec(row(), 1..8), texts in vec(condition(), 24)) {
        agree(&rows, &texts);
    }
}

#[test]
fn what_hangs_on_no_zone_is_told_exactly() {
    let reach = |text: &str| statement(&plan(), &cond(text), Instant(NOW)).reach;
    for text in [
        "contact.score >= 3 and contact.stage in ['lead', 'completed'] and not has_tag('vip')",
        "contact.note == 'x' or contact.note is none or lower(contact.note) == 'zoë'",
        "contact.visits > vars.few and contact.budget >= '50 EUR' and contact.birthday < '2000-01-01'",
        "'filler' in contact.interests and length(contact.interests) > 1",
        "hours_since(contact.last_inbound_at) < 24 and contact.met_at < now() - '36h'",
        "has_booking(kind='intro', host='ida@example.com', from=now()) and not has_booking(status='no_show')",
        "in_sequence('welcome') or was_sent('welcome', within='72h')",
        "count('form.submitted', within='24h') >= 2 and last('form.submitted') < now()",
        "in_segment('loyal') and clinic.id == 'practice'",
    ] {
        assert_eq!(reach(text), Reach::Exact, "{text}");
    }
    for text in [
        "days_since(contact.last_visit_at) >= 90",
        "weekday(contact.met_at) == 'sat'",
        "contact.met_at > '2027-03-28 02:30'",
        "count('form.submitted', form='a') > 1",
        "contact.note | trim == 'x'",
        "not (contact.score > 3 and hour(now()) < 12)",
    ] {
        assert_eq!(reach(text), Reach::Superset, "{text}");
    }
}

#[test]
fn only_who_stands_near_the_limit_is_looked_at() {
    let plan = plan();
    let mut disk = OnDisk::new();
    let ago = [10, 89, 90, 91, 200, 400];
    for (who, days) in (1..).zip(ago) {
        change(&mut disk, &plan, who, NOW, |person, kept, _| {
            person.contact.last_visit_at = Some(Instant(NOW - days * DAY));
            kept.contact = true;
        });
    }
    change(&mut disk, &plan, 7, NOW, |_, _, _| {});
    let cond = cond("days_since(contact.last_visit_at) >= 90 and not has_booking(from=now())");
    let asked = statement(&plan, &cond, Instant(NOW));
    let found = disk.store.turn(&plan).unwrap().candidates(&asked, 0, 99).unwrap();
    let found: Vec<(i64, bool)> = found.into_iter().map(|(who, sure)| (who.0, sure)).collect();
    assert_eq!(found, [(2, false), (3, false), (4, false), (5, true), (6, true)]);
    assert_eq!(members(&mut disk, &cond, None, 9), [3, 4, 5, 6]);
}

/// Names and texts of people are bound, whatever stands in them.
#[test]
fn no_text_becomes_part_of_the_statement() {
    let plan = plan();
    let mut disk = OnDisk::new();
    change(&mut disk, &plan, 1, NOW, |person, kept, _| {
        person.contact.tags.insert(Arc::from("'); DROP TABLE contact; --"));
        kept.contact = true;
    });
    let cond = cond("has_tag(\"'); DROP TABLE contact; --\") and contact.note != \"?1 ' or 1=1\"");
    lint(&statement(&plan, &cond, Instant(NOW)).text);
    assert_eq!(members(&mut disk, &cond, None, 9), [1]);
}

/// A file of before these rows were kept gets them when it is opened.
#[test]
fn an_older_file_catches_up() {
    let plan = plan();
    let mut disk = OnDisk::new();
    let row = Row {
        fields: vec![("note", Value::text("x")), ("interests", Value::List(vec![Value::text("filler")]))],
        tags: vec!["vip"],
        zone: None,
        clinic: None,
        phone: None,
        score: 1,
        warm: false,
        moments: [None; 3],
        forms: Vec::new(),
        bookings: vec![(DAY, Some("intro"), Some("ida@example.com"), None, 9)],
        enrolled: false,
        sent: None,
    };
    put(&mut disk, &plan, 1, &row);
    let fits = cond(
        "has_tag('vip') and contact.note == 'x' and 'filler' in contact.interests and has_booking(kind='intro', host='ida@example.com')",
    );
    assert_eq!(members(&mut disk, &fits, None, 9), [1]);
    let older =
        "DELETE FROM contact_value; UPDATE booking SET kind = NULL, host = NULL; DELETE FROM meta WHERE key = 'values'";
    disk.store.db.execute_batch(older).unwrap();
    assert_eq!(members(&mut disk, &fits, None, 9), [0; 0]);
    let OnDisk { store, path, _folder } = disk;
    drop(store);
    let mut store = crate::store::SqliteStore::open(&path, [7; 32], Instant(0)).unwrap();
    assert_eq!(members(&mut store, &fits, None, 9), [1]);
}
