//! Trees, faults and truth of expressions.
use super::*;
use crate::calendar::{CivilDate, Instant, Zone};
use crate::value::{Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::{cell::RefCell, sync::Arc};

fn record(parts: &[(&str, Type)]) -> Type {
    Type::Record(parts.iter().map(|(name, kind)| (Arc::from(*name), kind.clone())).collect())
}

fn choice(names: &[&str]) -> Type {
    Type::Choice(names.iter().map(|name| Arc::from(*name)).collect())
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(ToString::to_string).collect()
}

pub(super) fn vocabulary() -> Vocabulary {
    let contact = record(&[
        ("id", Type::Text),
        ("name", Type::Text),
        ("phone", Type::Text),
        ("score", Type::Integer),
        ("ratio", Type::Number),
        ("stage", choice(&["lead", "booked", "completed"])),
        ("source", Type::Text),
        ("warm", Type::Bool),
        ("tags", Type::List(Box::new(Type::Text))),
        ("interests", Type::List(Box::new(choice(&["botox", "filler"])))),
        ("birthday", Type::Date),
        ("created_at", Type::Time),
        ("last_visit_at", Type::Time),
        ("budget", Type::Money),
        ("patience", Type::Duration),
    ]);
    let booking = record(&[
        ("uid", Type::Text),
        ("kind", choice(&["intro", "full_session"])),
        ("start", Type::Time),
        ("price", Type::Money),
        ("host", Type::Person),
    ]);
    let event = record(&[("no_show", Type::Bool), ("booking", booking.clone()), ("answers", Type::Any)]);
    let roots =
        [("contact", contact), ("booking", booking), ("event", event), ("vars", record(&[("x", Type::Integer)]))];
    let no_show: BTreeMap<Arc<str>, Type> =
        [("no_show", Type::Bool), ("by", choice(&["attendee", "host"])), ("n", Type::Integer)]
            .into_iter()
            .map(|(name, kind)| (Arc::from(name), kind))
            .collect();
    Vocabulary {
        roots: roots.into_iter().map(|(name, kind)| (Arc::from(name), kind)).collect(),
        certain: names(&["contact.id"]),
        names: BTreeMap::from([
            (NameKind::Sequence, names(&["no_show_recovery", "welcome"])),
            (NameKind::Campaign, names(&["winter_comeback"])),
            (NameKind::Event, names(&["booking.no_show", "message.sent"])),
            (NameKind::BookingKind, names(&["intro", "full_session"])),
            (NameKind::BookingStatus, names(&["accepted", "ended", "cancelled"])),
            (NameKind::Clinic, names(&["kingston"])),
            (NameKind::Segment, names(&["sleepy"])),
        ]),
        events: BTreeMap::from([("booking.no_show".to_owned(), no_show)]),
    }
}

/// Tree and faults of one text, with the columns underlined.
fn shown(text: &str, value: bool) -> String {
    let scope = vocabulary();
    let (tree, faults) = if value {
        let (formula, faults) = parse_value(text, None, &scope);
        (formula.map(|formula| format!("{}  : {}", formula.tree(), formula.gives())), faults)
    } else {
        let (cond, faults) = parse_and_check(text, &scope);
        (cond.map(|cond| cond.tree().to_string()), faults)
    };
    let mut out = format!("{text}\n");
    for fault in &faults {
        let width = text[fault.at.clone()].chars().count().max(1);
        let pad = text[..fault.at.start].chars().count();
        out.push_str(&format!("{}{} {}\n", " ".repeat(pad), "^".repeat(width), fault.kind.message()));
        if let Some(help) = fault.kind.help() {
            out.push_str(&format!("{}  = {help}\n", " ".repeat(pad)));
        }
    }
    if let Some(tree) = tree {
        out.push_str(&format!("  → {tree}\n"));
    }
    out
}

fn golden(name: &str, cases: &str, value: bool) {
    let text: Vec<String> =
        cases.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| shown(line, value)).collect();
    insta::with_settings!({ snapshot_path => "../../tests/cases/expr", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name.trim_end_matches(".snap"), text.join("\n"));
    });
}

#[test]
fn conditions_become_typed_trees() {
    golden("trees.snap", include_str!("../../tests/cases/expr/trees.txt"), false);
}

#[test]
fn values_have_types() {
    golden("values.snap", include_str!("../../tests/cases/expr/values.txt"), true);
}

#[test]
fn faults_point_at_their_columns() {
    golden("faults.snap", include_str!("../../tests/cases/expr/faults.txt"), false);
}

#[test]
fn empty_and_hostile_texts_are_faults() {
    let scope = vocabulary();
    let fault = |text: &str| parse_and_check(text, &scope).1.first().map(|fault| fault.kind.clone());
    assert_eq!(fault("  "), Some(FaultKind::Empty));
    for text in [
        "not ".repeat(1_000),
        "-".repeat(4_000),
        "(".repeat(4_000),
        "[".repeat(4_000),
        format!("1{}", "+1".repeat(900)),
        format!("contact{}", ".x".repeat(900)),
        format!("1{}", " if 1 else 1".repeat(300)),
        format!("contact.name{}", "|lower".repeat(400)),
        "x".repeat(5_000),
        (0..40).fold("1".to_owned(), |inner, _| format!("1 < ({inner}) < 2")),
    ] {
        assert!(fault(&text).is_some(), "{}", &text[..20]);
    }
    let long = vec!["contact.warm"; 200].join(" or ");
    assert!(parse_and_check(&long, &scope).0.is_some(), "long chains of `or` are flat");
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,80}") {
        let (_, faults) = parse_and_check(&text, &vocabulary());
        for fault in faults {
            proptest::prop_assert!(text.get(fault.at).is_some());
        }
    }

    #[test]
    fn arbitrary_tokens_never_panic(words in proptest::collection::vec(proptest::sample::select(vec![
        "contact", ".", "score", "name", "tags", "(", ")", "[", "]", "'", "'a'", "1", "2.5", "and", "or", "not", "in", "is",
        "defined", "none", "==", "<", "=", ",", "|", "lower", "default", "count", "has_booking", "now", "+", "-", "~", "*",
        "%", "{", "}", "}}", "{{", "if", "else", "ä", "\n", "true",
    ]), 0..24)) {
        let text = words.join(" ");
        let scope = vocabulary();
        let (cond, faults) = parse_and_check(&text, &scope);
        proptest::prop_assert!(cond.is_some() || !faults.is_empty());
        for fault in &faults {
            proptest::prop_assert!(text.get(fault.at.clone()).is_some());
            proptest::prop_assert!(!fault.kind.message().is_empty());
        }
        if let Some(cond) = cond {
            proptest::prop_assert!(cond.eval(&Person::default()).is_ok() || !cond.asks().is_empty());
        }
        let _ = template(&format!("{{{{ {text} }}}}"));
    }
}

#[derive(Default)]
struct Person {
    values: BTreeMap<String, Value>,
    tags: BTreeSet<String>,
    sequences: BTreeSet<String>,
    answers: BTreeMap<Ask, Value>,
    asked: RefCell<Vec<BookingQuery>>,
    booked: bool,
    zone: Option<Zone>,
}

const NOW: &str = "2027-03-28T10:00:00Z";

fn at(text: &str) -> Value {
    Value::Time(Instant::parse_rfc3339(text).unwrap())
}

impl Facts for Person {
    fn now(&self) -> Instant {
        Instant::parse_rfc3339(NOW).unwrap()
    }
    fn zone(&self) -> &Zone {
        const UTC: &Zone = &Zone::UTC;
        self.zone.as_ref().unwrap_or(UTC)
    }
    fn get(&self, path: &[Arc<str>]) -> Value {
        self.values.get(&path.join(".")).cloned().unwrap_or_default()
    }
    fn has_tag(&self, tag: &str) -> bool {
        self.tags.contains(tag)
    }
    fn in_sequence(&self, sequence: &str) -> bool {
        self.sequences.contains(sequence)
    }
    fn has_booking(&self, query: &BookingQuery) -> bool {
        self.asked.borrow_mut().push(query.clone());
        self.booked
    }
    fn answer(&self, ask: &Ask) -> Option<Value> {
        self.answers.get(ask).cloned()
    }
}

fn cond(text: &str) -> Cond {
    let (cond, faults) = parse_and_check(text, &vocabulary());
    cond.unwrap_or_else(|| panic!("{text}: {faults:?}"))
}

fn ana() -> Person {
    let values = [
        ("contact.name", Value::text(" Ána ")),
        ("contact.score", Value::Int(5)),
        ("contact.ratio", Value::Num(5.0)),
        ("contact.stage", Value::text("lead")),
        ("contact.tags", Value::List(vec![Value::text("vip")])),
        ("contact.created_at", at("2027-03-26T23:30:00Z")),
        ("contact.birthday", Value::Date(CivilDate::parse("2027-03-28").unwrap())),
        ("contact.budget", Value::Money(5_000, Arc::from("EUR"))),
        ("booking.start", at("2027-03-30T08:00:00Z")),
        ("booking.host", Value::Map(BTreeMap::from([(Arc::from("email"), Value::text("ben@example.com"))]))),
    ];
    Person {
        values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        tags: names(&["vip"]),
        sequences: names(&["welcome"]),
        zone: Zone::parse("Europe/Berlin"),
        ..Person::default()
    }
}

#[test]
fn conditions_hold_or_not() {
    let ana = ana();
    for (text, holds) in [
        ("contact.score == 5", true),
        ("contact.score == 5.0", true),
        ("contact.ratio == contact.score", true),
        ("contact.score < 5.5", true),
        ("contact.score > 4.5", true),
        ("contact.name | trim | lower == 'ána'", true),
        ("contact.name | length == 5", true),
        ("'án' in contact.name", false),
        ("'Án' in contact.name", true),
        ("'vip' in contact.tags", true),
        ("'x' not in contact.tags", true),
        ("contact.stage in ['lead', 'booked']", true),
        ("has_tag('vip') and in_sequence('welcome')", true),
        ("contact.budget >= '50 EUR'", true),
        ("contact.budget >= '50 USD'", false),
        ("contact.budget != '50 USD'", true),
        ("contact.budget * 2 == '100 EUR'", true),
        // 23:30 UTC is the 27th in Berlin, so one calendar day ago; 34 hours have passed
        ("days_since(contact.created_at) == 1", true),
        ("hours_since(contact.created_at) == 34", true),
        ("days_until(booking.start) == 2", true),
        ("contact.birthday == date(now())", true),
        ("weekday(now()) == 'sun'", true),
        // summer time began that night
        ("hour(now()) == 12", true),
        ("contact.created_at >= '2027-03-27 00:30'", true),
        ("contact.created_at > '2027-03-27 00:30'", false),
        ("contact.created_at == '2027-03-27T00:30:00+01:00'", true),
        ("booking.start < now() + '2d'", true),
        ("contact.birthday + '1mo' == '2027-04-28'", true),
        ("-contact.score == -5", true),
        ("contact.score % 2 == 1 and contact.score / 2 == 2.5", true),
        ("(contact.score / 0) is none", true),
        ("contact.name ~ contact.stage == ' Ána lead'", true),
        ("1 < contact.score < 5", false),
    ] {
        assert_eq!(cond(text).eval(&ana), Ok(holds), "{text}");
    }
}

#[test]
fn missing_values_are_never_equal_and_never_ordered() {
    let nobody = Person::default();
    for (text, holds) in [
        ("contact.score == 5", false),
        ("contact.score != 5", true),
        ("contact.score < 5", false),
        ("contact.score <= 5", false),
        ("contact.score > 5", false),
        ("contact.score >= 5", false),
        ("not contact.score < 5", true),
        ("contact.score == contact.ratio", false),
        ("contact.score != contact.ratio", true),
        ("contact.warm", false),
        ("not contact.warm", true),
        ("contact.warm == false", false),
        ("contact.score is defined", false),
        ("contact.score is none", true),
        ("contact.score is not none", false),
        ("contact.stage in ['lead']", false),
        ("contact.stage not in ['lead']", true),
        ("'vip' in contact.tags", false),
        ("'vip' not in contact.tags", true),
        ("'a' in contact.name", false),
        ("contact.name in ''", false),
        ("length(contact.tags) == 0", false),
        ("contact.score | default(0) == 0", true),
        ("contact.warm | default(true)", true),
        ("days_since(contact.created_at) > 3", false),
        ("contact.score + 1 > 0", false),
        ("(contact.name ~ 'x') is none", true),
        ("lower(contact.name) != 'x'", true),
        ("event.answers.deep.down == 1", false),
        ("has_booking(host=booking.host)", false),
        ("contact.score > 3 and contact.score < 9 or contact.score is none", true),
    ] {
        assert_eq!(cond(text).eval(&Person { booked: true, ..Person::default() }), Ok(holds), "{text}");
    }
    assert_eq!(cond("has_booking()").eval(&nobody), Ok(false));
}

#[test]
fn integers_and_decimals_compare_exactly() {
    let big = i64::MAX;
    let order = |left, right| super::eval::compare(&left, &right);
    assert_eq!(order(Value::Int(big), Value::Num(9_223_372_036_854_775_807.0)), Some(std::cmp::Ordering::Less));
    assert_eq!(order(Value::Num(-1.5), Value::Int(-1)), Some(std::cmp::Ordering::Less));
    assert_eq!(order(Value::Int(-1), Value::Num(-1.5)), Some(std::cmp::Ordering::Greater));
    assert_eq!(
        order(Value::Int(9_007_199_254_740_993), Value::Num(9_007_199_254_740_992.0)),
        Some(std::cmp::Ordering::Greater)
    );
    assert_eq!(order(Value::text("Z"), Value::text("a")), Some(std::cmp::Ordering::Less));
    assert_eq!(order(Value::text("1"), Value::Int(1)), None);
}

#[test]
fn questions_to_history_are_collected_and_answered() {
    let cond =
        cond("count('booking.no_show', within='7d', by='host') >= 2 and was_sent('welcome') and contact.score > 3");
    let asks: Vec<String> = cond.asks().iter().map(ToString::to_string).collect();
    assert_eq!(asks, ["count('booking.no_show', within='7d', by='host')", "was_sent('welcome')"]);

    let mut ana = ana();
    assert_eq!(cond.eval(&ana), Err(Missing(cond.asks().clone())), "both are named at once");
    ana.values.insert("contact.score".into(), Value::Int(1));
    assert_eq!(cond.eval(&ana), Ok(false), "a term that decides needs no answers");

    ana.values.insert("contact.score".into(), Value::Int(5));
    for ask in cond.asks() {
        let answer = if matches!(ask, Ask::Count { .. }) { Value::Int(2) } else { Value::Bool(true) };
        ana.answers.insert(ask.clone(), answer);
    }
    assert_eq!(cond.eval(&ana), Ok(true));
}

#[test]
fn bookings_are_asked_with_defaults() {
    let mut ana = ana();
    ana.booked = true;
    assert_eq!(cond("has_booking(host=booking.host, from='2027-04-01', kind='intro')").eval(&ana), Ok(true));
    let asked = ana.asked.borrow()[0].clone();
    assert_eq!(asked.host.as_deref(), Some("ben@example.com"));
    assert_eq!(asked.kind.as_deref(), Some("intro"));
    assert_eq!(asked.from.map(|at| at.to_string()).as_deref(), Some("2027-03-31T22:00:00Z"), "midnight in Berlin");
    assert_eq!(asked.status.iter().map(|status| &**status).collect::<Vec<_>>(), ["accepted", "ended"]);
}

#[test]
fn conditions_survive_being_written_down() {
    for text in [
        "contact.score >= 30 and contact.source in ['Web Form']",
        "count('booking.no_show', within='1mo 3d', n=3) >= 2 or not has_booking(from=now(), status=['ended'])",
        "contact.created_at >= '2026-01-01 09:30' and contact.birthday == '2026-12-01' and contact.ratio > 2.5",
        "booking.price > '50 EUR' and contact.patience < '3d'",
    ] {
        let cond = cond(text);
        let json = serde_json::to_string(&cond).unwrap();
        let back: Cond = serde_json::from_str(&json).unwrap();
        assert_eq!(back, cond);
        assert_eq!(back.asks(), cond.asks());
        assert_eq!(back.paths(), cond.paths());
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
    }
    let json = serde_json::to_string(&cond("contact.score >= 30")).unwrap();
    assert_eq!(
        json,
        r#"{"text":"contact.score >= 30","tree":{"compare":[">=",{"path":"contact.score"},{"const":{"int":30}}]}}"#
    );
    let (formula, _) = parse_value("now() + '3d'", Some(&Type::Time), &vocabulary());
    let formula = formula.unwrap();
    let back: Formula = serde_json::from_str(&serde_json::to_string(&formula).unwrap()).unwrap();
    assert_eq!(back, formula);
    assert_eq!(back.eval(&ana()), Ok(at("2027-03-31T10:00:00Z")));
}

#[test]
fn values_have_to_fit_their_field() {
    let scope = vocabulary();
    let wrong = |text: &str, wanted: Type| parse_value(text, Some(&wanted), &scope).1.first().map(|f| f.kind.message());
    assert_eq!(wrong("now()", Type::Time), None);
    assert_eq!(wrong("'2026-12-01'", Type::Date), None);
    assert_eq!(wrong("none", Type::Date), None);
    assert_eq!(wrong("contact.score", Type::Number), None);
    assert_eq!(wrong("now()", Type::Text).as_deref(), Some("a text is needed here, this is a time"));
    assert_eq!(wrong("'soon'", Type::Date).as_deref(), Some("'soon' is not a date"));
    assert_eq!(wrong("'x'", choice(&["a"])).as_deref(), Some("`this field` is never 'x'"));
}

#[test]
fn segments_are_asked_once_they_exist() {
    let scope = vocabulary();
    let (cond, faults) = parse_and_check("in_segment('sleepy')", &scope);
    assert!(faults.is_empty());
    assert_eq!(cond.unwrap().asks().len(), 1);
    let (_, faults) = parse_and_check("in_segment('sleppy')", &scope);
    assert_eq!(faults[0].kind.help().as_deref(), Some("did you mean `sleepy`?"));
}

#[test]
fn every_example_of_the_reference_is_legal() {
    for row in FUNCTIONS {
        let scope = Open;
        let (cond, faults) = parse_and_check(row.example, &scope);
        assert!(cond.is_some() && faults.is_empty(), "{}: {faults:?}", row.example);
    }
}

#[test]
fn a_text_with_braces_is_its_pieces_joined() {
    let filled = |text: &str| {
        let (formula, faults) = parse_text(text, &vocabulary());
        formula.unwrap_or_else(|| panic!("{text}: {faults:?}")).eval(&ana()).unwrap()
    };
    for (text, wanted) in [
        (
            "{{ contact.name | trim | upper }}: {{ contact.score }} of 9, {{ contact.source | default('?') }}",
            "ÁNA: 5 of 9, ?",
        ),
        ("{{ contact.score }}", "5"),
        ("{# said nowhere #}a  {{- contact.stage -}}  b", "aleadb"),
        ("{# nothing #}", ""),
    ] {
        assert_eq!(filled(text), Value::text(wanted), "{text}");
    }
    assert_eq!(filled("from {{ contact.source }}"), Value::Missing);
    // a long text is no deep tree: it can be stored and read again
    let long = "{{ contact.score }}-".repeat(500);
    let (formula, _) = parse_text(&long, &vocabulary());
    let written = serde_json::to_string(&formula.unwrap()).unwrap();
    let read: Formula = serde_json::from_str(&written).unwrap();
    assert_eq!(read.eval(&ana()).unwrap(), Value::text("5-".repeat(500)));
}

#[test]
fn what_only_people_read_is_refused_in_a_joined_text() {
    for (text, at) in [
        ("{{ booking.start }}", "booking.start"),
        ("{{ contact.budget }}", "contact.budget"),
        ("x {{ contact.name | capitalize }}", "capitalize"),
        ("{{ contact.name }}{% if contact.warm %}x{% endif %}", "{% if contact.warm %}"),
        ("{% for tag in contact.tags %}{{ tag }}{% endfor %}", "{% for tag in contact.tags %}"),
    ] {
        let (formula, faults) = parse_text(text, &vocabulary());
        let [fault] = &faults[..] else { panic!("{text}: {faults:?}") };
        assert!(formula.is_none() && matches!(fault.kind, FaultKind::ForPeople { .. }), "{text}: {fault:?}");
        assert_eq!(&text[fault.at.clone()], at, "{text}");
    }
    let faults = parse_text("{{ contact.tags }} {{ contact.nme }}", &vocabulary()).1;
    assert!(matches!(faults[0].kind, FaultKind::NotPrintable { .. }), "{faults:?}");
    assert!(matches!(faults[1].kind, FaultKind::UnknownField { .. }), "{faults:?}");
}

/// Accepts every name; types by what the examples need.
struct Open;

impl Scope for Open {
    fn resolve(&self, path: &[&str]) -> Result<Type, Unknown> {
        Ok(match path.last().copied().unwrap_or("") {
            last if last.ends_with("_at") || last == "start" => Type::Time,
            "tags" => Type::List(Box::new(Type::Text)),
            "score" => Type::Integer,
            _ => Type::Text,
        })
    }
    fn nullable(&self, _: &[&str]) -> bool {
        true
    }
    fn names(&self, _: NameKind) -> Option<Vec<String>> {
        None
    }
    fn event_fields(&self, _: &str) -> Option<BTreeMap<Arc<str>, Type>> {
        None
    }
}
