use super::*;
use catalogue::yaml;

fn place(file: &str, start: usize, end: usize) -> Place {
    Place::new(&FileId::from(file), start..end)
}

#[test]
fn columns_count_characters_for_people_and_utf16_units_for_editors() {
    let mut map = SourceMap::default();
    map.insert("a.yaml", "x: 1\nna\u{ef}ve \u{1f600}b: 2\r\nlast");
    let at = "x: 1\nna\u{ef}ve \u{1f600}b".len() - 1;
    let here = place("a.yaml", at, at + 1);
    assert_eq!(map.slice(&here), Some("b"));
    assert_eq!(map.start(&here), Some(Position { line: 2, column: 8 }));
    assert_eq!(map.end(&here), Some(Position { line: 2, column: 9 }));
    assert_eq!(map.utf16(&here).map(|(start, _)| start.column), Some(9));
    assert_eq!(map.start(&place("a.yaml", 9_999, 9_999)), Some(Position { line: 3, column: 5 }), "past the end");
    assert_eq!(map.start(&place("b.yaml", 0, 0)), None, "an unknown file");
}

#[test]
fn a_sink_keeps_one_root_cause_per_place_whatever_the_order() {
    let here = place("a.yaml", 3, 5);
    let error = || Finding::new(&yaml::SYNTAX, &here, "first");
    let warning = || Finding::new(&yaml::YAML_1_1, &here, "a warning");
    for findings in [vec![error(), warning()], vec![warning(), error()]] {
        let mut sink = Sink::new();
        sink.extend(findings);
        let kept = sink.into_findings();
        assert_eq!(kept.iter().map(|finding| finding.code.0).collect::<Vec<_>>(), ["DL002"]);
    }
    let mut sink = Sink::new();
    sink.extend([error(), Finding::new(&yaml::SYNTAX, &here, "again"), Finding::new(&yaml::TAB, &here, "another")]);
    let kept: Vec<String> = sink.into_findings().into_iter().map(|finding| finding.message).collect();
    assert_eq!(kept, ["first", "another"]);
}

#[test]
fn findings_about_a_whole_file_do_not_hide_each_other() {
    let file = Place::of_file("a.yaml");
    let mut sink = Sink::new();
    for message in ["one", "two", "one"] {
        sink.push(Finding::new(&yaml::SYNTAX, &file, message));
    }
    assert_eq!(sink.into_findings().len(), 2);
}

#[test]
fn findings_come_out_by_path_offset_code() {
    let mut sink = Sink::new();
    sink.push(Finding::new(&yaml::TAB, &place("b.yaml", 1, 2), "3"));
    sink.push(Finding::new(&yaml::TAB, &place("a.yaml", 7, 8), "2"));
    sink.push(Finding::new(&yaml::TAB, &place("a.yaml", 4, 9), "1"));
    sink.push(Finding::new(&yaml::SYNTAX, &place("a.yaml", 4, 5), "0"));
    let order: Vec<String> = sink.into_findings().into_iter().map(|finding| finding.message).collect();
    assert_eq!(order, ["0", "1", "2", "3"]);
}

#[test]
fn the_nearest_name_is_near() {
    let names = ["subject", "steps", "stop_on", "reentry"];
    assert_eq!(nearest("subjcet", names), Some("subject"));
    assert_eq!(nearest("Stop-On", names), Some("stop_on"));
    assert_eq!(nearest("colour", names), None);
    assert_eq!(nearest("steps", names), None, "a name is not its own correction");
    assert_eq!(nearest("ab", ["cd"]), None);
    assert_eq!(nearest("", names), None);
    assert_eq!(quoted_list(["a", "b", "c"], 2), "`a`, `b` and 1 more");
}

#[test]
fn codes_and_names_of_the_catalogue_are_unique_and_in_their_range() {
    let rows = catalogue::all();
    for pair in rows.windows(2) {
        assert!(pair[0].code < pair[1].code, "{} stands twice", pair[1].code);
    }
    let mut names: Vec<&str> = rows.iter().map(|row| row.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len(), "two rows share a name");
    for row in &rows {
        assert!(row.code.len() == 5 && row.code.starts_with("DL"), "{}", row.code);
        assert!(row.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", row.name);
        assert!(row.summary.ends_with('.') && row.why.ends_with('.'), "{}: sentences end with a full stop", row.code);
        assert!(row.good.is_empty() || !row.bad.is_empty(), "{}: a good example needs its bad one", row.code);
    }
    assert_eq!(catalogue::find("dl002").map(|row| row.name), Some("syntax"));
    assert_eq!(catalogue::find("duplicate-key").map(|row| row.code), Some("DL006"));
}

#[test]
fn the_base_of_the_cases_is_the_base_of_the_catalogue() {
    let stored = [
        ("dripline.yaml", include_str!("../../tests/cases/base/dripline.yaml")),
        ("sequences/welcome.yaml", include_str!("../../tests/cases/base/sequences/welcome.yaml")),
        ("triggers/welcome.yaml", include_str!("../../tests/cases/base/triggers/welcome.yaml")),
        ("templates/welcome.md", include_str!("../../tests/cases/base/templates/welcome.md")),
    ];
    assert_eq!(catalogue::BASE, stored);
}
