//! Many broken files at once: every root cause in one run, and nothing that only follows from another.
use super::*;

/// Path, text, and the codes that are expected in that file, in the order of their places. A trigger that cannot be read may
/// start any sequence, so nothing is said about what starts them.
const FILES: &[(&str, &str, &[&str])] = &[
    ("sequences/a_tab.yaml", "sequence: a_tab\npurpose: service\nreentry: never\nsteps:\n\t- id: x\n", &["DL003"]),
    ("sequences/b_syntax.yaml", "sequence: b_syntax\ntitle: \"open\npurpose: service\n", &["DL002"]),
    (
        "sequences/c_purpose.yaml",
        "sequence: c_purpose\npurpose: advertising\nreentry: never\nsteps:\n  - id: x\n    email: welcome\n",
        &["DL104"],
    ),
    (
        "sequences/d_key.yaml",
        "sequence: d_key\npurpose: marketing\nreentry: never\nsteps:\n  - id: x\n    delay: 3d\n    email: welcome\n",
        &["DL115"],
    ),
    (
        "sequences/e_number.yaml",
        "sequence: e_number\npurpose: marketing\nreentry: never\nsteps:\n  - id: x\n    wait: 3\n    email: welcome\n",
        &["DL107"],
    ),
    (
        "sequences/f_names.yaml",
        "sequence: f_names\npurpose: marketing\nreentry: never\ngroup: nobody\nwindow: nowhere\nsteps:\n  - id: x\n    email: nothing\n  - id: z\n    sms: welcome\n",
        &["DL204", "DL205", "DL209", "DL206"],
    ),
    (
        "sequences/g_condition.yaml",
        "sequence: g_condition\npurpose: marketing\nreentry: never\nsteps:\n  - id: x\n    if: contact.scor > 5 and contact.warm == 'yes'\n    email: welcome\n",
        &["DL402", "DL406"],
    ),
    (
        "sequences/h_twice.yaml",
        "sequence: h_twice\npurpose: marketing\nreentry: never\nsteps:\n  - id: x\n    email: welcome\n  - id: x\n    wait: 1d\n    email: welcome\n",
        &["DL203"],
    ),
    (
        "sequences/i_order.yaml",
        "sequence: i_order\npurpose: marketing\nreentry: never\nsteps:\n  - id: x\n    day: 5\n    email: welcome\n  - id: z\n    day: 3\n    email: welcome\n",
        &["DL302"],
    ),
    (
        "sequences/j_missing.yaml",
        "sequence: j_missing\npurpose: marketing\nsteps:\n  - id: x\n    email: welcome\n",
        &["DL103"],
    ),
    (
        "sequences/k_moment.yaml",
        "sequence: k_moment\npurpose: marketing\nreentry: never\nsteps:\n  - id: x\n    before: { booking.start: 1d }\n    email: welcome\n",
        &["DL303", "DL509"],
    ),
    (
        "sequences/l_same.yaml",
        "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: x\n    email: welcome\n",
        &[],
    ),
    ("sequences/welcome.yaml", catalogue::BASE_SEQUENCE, &["DL203"]),
    ("triggers/m_event.yaml", "trigger: m_event\nevent: lead.creatd\nenroll: welcome\n", &["DL208"]),
    ("triggers/n_target.yaml", "trigger: n_target\nevent: form.submitted\nenroll: welcom\n", &["DL202"]),
    (
        "triggers/o_role.yaml",
        "trigger: o_role\nevent: form.submitted\ndo:\n  - notify: { to: \"role:nobody\", text: Hello }\n",
        &["DL207"],
    ),
    ("triggers/p_field.yaml", "trigger: p_field\nevent: form.submitted\ndo:\n  - set: { colour: red }\n", &["DL210"]),
    ("triggers/q_nothing.yaml", "trigger: q_nothing\nevent: form.submitted\n", &["DL122"]),
    ("triggers/r_broken.yaml", "trigger: r_broken\nevent: [lead.created\nenroll: a_tab\n", &["DL002"]),
    (
        "triggers/s_to_broken.yaml",
        "trigger: s_to_broken\nevent: form.submitted\nif: not in_sequence('b_syntax')\nenroll: b_syntax\n",
        &[],
    ),
    (
        "templates/t_body.md",
        "---\nsubject: Hi {{ contact.first_nam | default('x') }}\n---\n{% if %}\n",
        &["DL402", "DL401"],
    ),
    ("templates/u_head.md", "---\nsubject: [a]\n---\nHello\n", &["DL102"]),
    ("nonsense.txt", "not of the project", &[]),
];

#[test]
fn twenty_broken_files_give_all_their_findings_and_no_others() {
    let files: Vec<(&str, &str)> = FILES.iter().map(|(path, text, _)| (*path, *text)).collect();
    let (plan, findings, sources) = over(&files);
    assert!(plan.is_none());
    let mut wrong = Vec::new();
    for (path, _, expected) in FILES {
        let here = findings.iter().filter(|finding| finding.primary.file.as_str() == *path);
        let codes: Vec<&str> = here.map(|finding| finding.code.0).collect();
        if codes != *expected {
            wrong.push(format!("{path}: expected {expected:?}, got {codes:?}"));
        }
    }
    let elsewhere =
        findings.iter().filter(|finding| !FILES.iter().any(|(path, ..)| finding.primary.file.as_str() == *path));
    wrong.extend(elsewhere.map(|finding| format!("{}: {}", finding.primary.file, finding.code)));
    assert!(wrong.is_empty(), "{}\n\n{}", wrong.join("\n"), listed(&findings, &sources));
}

#[test]
fn what_a_broken_text_or_time_lacks_is_said_when_it_is_repaired() {
    let codes = |files: &[(&str, &str)]| -> Vec<String> {
        over(files).1.into_iter().map(|finding| finding.code.0.to_owned()).collect()
    };
    assert_eq!(codes(&[("templates/welcome.md", "---\nsubject: Hi\n---\n{{ unsubscibe_link }}\n")]), ["DL402"]);
    assert_eq!(codes(&[("templates/welcome.md", "---\nsubject: Hi\n---\n{% if x\n")]), ["DL401"]);
    let around = "sequence: more\npurpose: service\nreentry: always\nexits: { completed: { enroll: more } }\nsteps:\n  - { id: a, tag: { add: x }, wait: 3 }\n";
    let trigger = ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: more\n");
    assert_eq!(codes(&[("sequences/more.yaml", around), trigger]), ["DL107"]);
    let missed = "sequence: more\npurpose: marketing\nreentry: never\ngoal: { event: booking.creatd }\nstop_on:\n  - { event: booking.no_show, if: not event.no_sho, reason: unmarked }\nsteps:\n  - { id: a, email: welcome }\n";
    let trigger = ("triggers/more.yaml", "trigger: more\nevent: booking.no_show\nif: event.no_shw\nenroll: more\n");
    assert_eq!(codes(&[("sequences/more.yaml", missed), trigger]), ["DL208", "DL402", "DL402"]);
}

#[test]
fn a_broken_project_file_does_not_drown_the_others() {
    let (plan, findings, sources) = over(&[
        (
            "dripline.yaml",
            "project: example\nzone: Europe/Berlin\nchannels:\n  email: { provider: mailbox }\nvars:\n  name: \"open\n",
        ),
        (
            "sequences/more.yaml",
            "sequence: more\npurpose: marketing\nreentry: never\ngroup: anything\nwindow: whatever\nsteps:\n  - id: x\n    if: contact.own_field == 'a' and vars.x > 3\n    sms: welcome\n  - id: z\n    email: nothing\n",
        ),
        ("triggers/more.yaml", "trigger: more\nevent: own.event\nif: event.anything == 'x'\nenroll: more\n"),
    ]);
    assert!(plan.is_none());
    let places: Vec<(&str, &str)> =
        findings.iter().map(|finding| (finding.primary.file.as_str(), finding.code.0)).collect();
    assert_eq!(
        places,
        [("dripline.yaml", "DL002"), ("sequences/more.yaml", "DL209")],
        "{}",
        listed(&findings, &sources)
    );
}

#[test]
fn a_folder_without_a_project_says_so_once() {
    let mut sources = SourceMap::default();
    sources.insert("triggers/a.yaml", "trigger: a\nevent: own.event\nenroll: nobody\n");
    let mut sink = Sink::new();
    let documents = read_all(&sources, &mut sink);
    let Compiled { plan, findings, .. } = compile(&documents, &sources, &Fixtures::new(), &SETTINGS, sink);
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.0).collect();
    assert!(plan.is_none());
    assert_eq!(codes, ["DL903", "DL202"]);
}

/// Files with most keys of the language.
const RICH: &[(&str, &str)] = &[
    (
        "sequences/rich.yaml",
        "sequence: rich\npurpose: marketing\nreentry: after 30d\ngoal: { event: booking.created, within: 30d, value: event.booking.price }\nstop_on:\n  - { event: message.received, if: event.channel == 'email', reason: replied }\nretries: { max: 2, delay: 1m }\nlate: 4h\nexits:\n  completed: { tag: { add: [a] }, enroll: welcome }\nsteps:\n  - id: a\n    day: 1\n    at: \"10:00\"\n    if: count('form.submitted', within='7d') > 0\n    send: { subject: Hi, text: \"{{ contact.first_name | default('x') }} {{ unsubscribe_link }} {{ postal_address }}\" }\n    via: [reply, email]\n  - id: b\n    set: { stage: new, last_visit_at: { value: now() } }\n  - id: c\n    after: { contact.last_visit_at: 3d }\n    task: { title: Call, assign: a@example.com, due: 4h }\n",
    ),
    (
        "triggers/rich.yaml",
        "trigger: rich\nevent: [form.submitted, task.done]\nwithout: { event: booking.created, within: 1d }\nenroll:\n  first_of:\n    - { if: contact.warm, sequence: rich }\n  otherwise: rich\n",
    ),
];

/// Compiles and holds what is always true.
fn sound(files: &[(&str, &str)]) {
    let (plan, findings, _) = over(files);
    assert_eq!(plan.is_some(), !findings.iter().any(Finding::is_error));
}

#[test]
fn files_cut_anywhere_give_findings_and_no_panic() {
    sound(RICH);
    for (path, text) in RICH.iter().chain(catalogue::BASE) {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            sound(&[RICH[0], RICH[1], (path, &text[..end])]);
        }
    }
}

#[test]
fn files_without_one_of_their_lines_give_findings_and_no_panic() {
    for (path, text) in RICH.iter().chain(catalogue::BASE) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for without in 0..lines.len() {
            let rest: String =
                lines.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, line)| *line).collect();
            sound(&[RICH[0], RICH[1], (path, &rest)]);
        }
    }
}
