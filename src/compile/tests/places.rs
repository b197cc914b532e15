//! Where findings stand: exact columns inside scalars, whatever their style, and what comments allow.
use super::*;

/// The text that the only finding of that code points at.
fn pointed<'s>(code: &str, findings: &[Finding], sources: &'s SourceMap) -> &'s str {
    let here: Vec<&Finding> = findings.iter().filter(|finding| finding.code.0 == code).collect();
    assert_eq!(here.len(), 1, "{}", listed(findings, sources));
    sources.slice(&here[0].primary).unwrap()
}

fn trigger_if(cond: &str) -> String {
    format!("trigger: more\nevent: form.submitted\n{cond}\nenroll: welcome\n")
}

#[test]
fn faults_of_expressions_have_their_exact_place_in_every_style_of_scalar() {
    let styles = [
        "if: contact.warm and contact.scor > 5",
        "if: \"contact.warm and contact.scor > 5\"",
        "if: 'has_tag(''a'') and contact.scor > 5'",
        "if: >-\n  contact.warm and\n  contact.scor > 5",
        "if: |\n  contact.warm and\n  contact.scor > 5",
        "if: contact.warm\n  and contact.scor > 5",
    ];
    for style in styles {
        let text = trigger_if(style);
        let (_, findings, sources) = over(&[("triggers/more.yaml", &text)]);
        assert_eq!(pointed("DL402", &findings, &sources), "scor", "{style}");
    }
}

#[test]
fn a_misspelt_name_comes_with_the_nearest_one_and_an_edit() {
    let text = trigger_if("if: contact.scor > 5");
    let (_, findings, sources) = over(&[("triggers/more.yaml", &text)]);
    assert_eq!(findings[0].help.as_deref(), Some("did you mean `score`?"));
    assert_eq!(sources.slice(&findings[0].edits[0].place), Some("scor"));
    assert_eq!(findings[0].edits[0].text, "score");
}

#[test]
fn faults_of_texts_stand_in_the_template_and_name_the_step() {
    let template = "---\nsubject: \"Hi {{ contact.first_nme }}\"\n---\nZoë, {{ contact.last_name }} {{ unsubscribe_link }} {{ postal_address }}\n";
    let (_, findings, sources) = over(&[("templates/welcome.md", template)]);
    assert_eq!(pointed("DL402", &findings, &sources), "first_nme");
    assert_eq!(pointed("DL410", &findings, &sources), "contact.last_name");
    let labels: Vec<&str> =
        findings.iter().flat_map(|finding| &finding.labels).map(|(_, text)| text.as_str()).collect();
    assert_eq!(labels, ["`hello` of `welcome` uses this text"; 2]);
}

#[test]
fn a_value_behind_a_prefix_is_pointed_at_without_the_prefix() {
    let text = "trigger: more\nevent: form.submitted\ndo:\n  - notify: { to: \"role:desk\", text: Hello }\n";
    let (_, findings, sources) = over(&[("triggers/more.yaml", text)]);
    assert_eq!(pointed("DL207", &findings, &sources), "desk");
}

const SUSPICIOUS: &str = "trigger: welcome\nevent: lead.created\nif: contact.score > 5 or true\nenroll: welcome\n";

#[test]
fn comments_allow_suspicions_and_mistakes_that_can_run() {
    let allowed = format!("# dripline: allow always because the form is new\n{SUSPICIOUS}");
    let (plan, findings, sources) = over(&[("triggers/welcome.yaml", &allowed)]);
    // the comment speaks of the line below it, and the condition stands further down
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(codes, ["DL801", "DL409"], "{}", listed(&findings, &sources));
    assert!(plan.is_some(), "warnings do not keep the plan back");

    let allowed = SUSPICIOUS.replace("if:", "# dripline: allow always because the form is new\nif:");
    let (_, findings, sources) = over(&[("triggers/welcome.yaml", &allowed)]);
    assert!(findings.is_empty(), "{}", listed(&findings, &sources));

    let order = "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: a\n    day: 4\n    email: welcome\n  - id: b\n    day: 2   # dripline: allow DL302 because it is a test\n    email: welcome\n";
    let (plan, findings, sources) = over(&[("sequences/welcome.yaml", order)]);
    assert!(findings.is_empty() && plan.is_some(), "{}", listed(&findings, &sources));
}

#[test]
fn what_leaves_a_hole_in_the_plan_cannot_be_allowed() {
    let text =
        "trigger: welcome\nevent: lead.created\n# dripline: allow DL202 because we are in a hurry\nenroll: welcom\n";
    let (plan, findings, sources) = over(&[("triggers/welcome.yaml", text)]);
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.0).collect();
    assert!(plan.is_none());
    assert_eq!(codes, ["DL803", "DL202"], "{}", listed(&findings, &sources));
}
