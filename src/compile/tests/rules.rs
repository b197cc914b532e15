//! Where the checks speak and where they keep silent.
use super::*;

/// Codes of a project with these files, sorted by place.
fn codes(files: &[(&str, &str)]) -> Vec<String> {
    let (_, findings, _) = over(files);
    findings.into_iter().map(|finding| finding.code.0.to_owned()).collect()
}

/// What is found in a run about a booking with these time keys, one step each.
fn booking_run(times: &[&str]) -> Vec<String> {
    let mut steps = String::new();
    for (at, time) in times.iter().enumerate() {
        steps.push_str(&format!("  - {{ id: s{at}, tag: {{ add: x }}, late: 1h, {time} }}\n"));
    }
    let sequence = format!("sequence: soon\npurpose: service\nabout: booking\nreentry: always\nsteps:\n{steps}");
    codes(&[
        ("sequences/soon.yaml", &sequence),
        ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n"),
    ])
}

#[test]
fn steps_that_are_always_due_before_the_one_above_are_found_and_others_are_not() {
    let always: &[&[&str]] = &[
        &["day: 3", "day: 2"],
        &["day: 3, at: \"10:00\"", "day: 3, at: \"09:59\""],
        &["wait: 3d", "day: 2"],
        &["wait: 1mo", "wait: 1d", "day: 28"],
        &["wait: 2d, at: \"12:00\"", "day: 2, at: \"11:00\""],
        &["before: { booking.start: 1h }", "before: { booking.start: 24h }"],
        &["before: { booking.start: 1h }", "tag: x", "before: { booking.start: 2h }"],
        &["after: { booking.end: 10m }", "before: { booking.start: 24h }"],
        &["after: { booking.end: 3d }", "after: { booking.end: 1d }"],
        &["before: { booking.start: 24h }", "after: { booking.start: 1h }", "before: { booking.start: 1h }"],
    ];
    for times in always {
        let times: Vec<&str> = times.iter().map(|time| if *time == "tag: x" { "active: true" } else { time }).collect();
        assert_eq!(booking_run(&times), ["DL302"], "{times:?}");
    }
    let fine: &[&[&str]] = &[
        &["day: 2", "day: 3"],
        &["day: 3", "day: 3"],
        &["day: 3", "day: 3, at: \"00:00\""],
        &["wait: 25h", "day: 1"],
        &["wait: 1mo", "day: 28"],
        &["wait: 3d", "day: 3"],
        &["before: { booking.start: 24h }", "before: { booking.start: 1h }"],
        &["before: { booking.start: 1d }, at: \"20:00\"", "before: { booking.start: 30h }"],
        &["after: { booking.start: 1h }", "after: { booking.end: 10m }"],
        &["after: { booking.start: 30m }", "before: { booking.end: 10m }"],
        &["day: 5", "before: { booking.start: 24h }"],
        &["before: { booking.start: 24h }", "wait: 1h", "day: 1"],
        &["after: { booking.end: 1mo }", "after: { booking.end: 30d }"],
    ];
    for times in fine {
        assert_eq!(booking_run(times), Vec::<String>::new(), "{times:?}");
    }
}

fn marketing(id: &str, more: &str) -> String {
    format!("sequence: {id}\npurpose: marketing\nreentry: never\n{more}steps:\n  - id: x\n    email: welcome\n")
}

#[test]
fn marketing_that_starts_together_needs_a_rank_and_other_conditions_do_not_count() {
    let more = |sequence: &str, trigger: &str| {
        let (sequence, trigger) = (marketing("more", sequence), format!("trigger: more\n{trigger}enroll: more\n"));
        codes(&[("sequences/more.yaml", &sequence), ("triggers/more.yaml", &trigger)])
    };
    assert_eq!(more("", "event: lead.created\n"), ["DL511"]);
    assert_eq!(more("", "event: [task.done, lead.created]\n"), ["DL511"]);
    assert_eq!(more("priority: 60\n", "event: lead.created\n"), Vec::<String>::new());
    assert_eq!(more("", "event: lead.created\nif: contact.warm\n"), Vec::<String>::new());
    assert_eq!(
        more("", "event: lead.created\nwithout: { event: booking.created, within: 2d }\n"),
        Vec::<String>::new()
    );
    assert_eq!(more("", "event: form.submitted\n"), Vec::<String>::new());
}

#[test]
fn circles_need_every_arrow_to_be_certain() {
    let around = |reentry: &str, step: &str, cond: &str| {
        let sequence = format!(
            "sequence: more\npurpose: service\nreentry: {reentry}\nsteps:\n  - {{ id: a, tag: {{ add: x }}{step} }}\n"
        );
        let trigger = format!("trigger: more\nevent: [form.submitted, sequence.completed]\n{cond}enroll: more\n");
        codes(&[("sequences/more.yaml", &sequence), ("triggers/more.yaml", &trigger)])
    };
    assert_eq!(around("always", "", ""), ["DL312"]);
    assert_eq!(around("after 0s", "", ""), ["DL312"]);
    assert_eq!(around("always", ", wait: 0m", ""), ["DL312"]);
    assert_eq!(around("always", ", wait: 1m", ""), Vec::<String>::new());
    assert_eq!(around("never", "", ""), ["DL312"], "a run that reached nobody does not count");
    assert_eq!(around("never", " }\n  - { id: b, task: { title: Call }", ""), Vec::<String>::new());
    assert_eq!(around("always", "", "if: event.sequence == 'welcome'\n"), Vec::<String>::new());
    let emit = "trigger: more\nevent: own.ping\ndo:\n  - emit: { event: own.pong }\n";
    let back = "trigger: back\nevent: own.pong\ndo:\n  - emit: { event: own.ping }\n";
    let project = format!("{}events: {{ own.ping: {{}}, own.pong: {{}} }}\n", catalogue::BASE_PROJECT);
    let files = [("dripline.yaml", project.as_str()), ("triggers/more.yaml", emit), ("triggers/back.yaml", back)];
    assert_eq!(codes(&files), ["DL312"]);
}

#[test]
fn bookings_of_contact_runs_come_with_their_events() {
    let sequence = "sequence: soon\npurpose: service\nreentry: never\nsteps:\n  - id: x\n    email: { subject: Hi, text: \"{{ booking.start | datetime }} {{ booking.title | default('') }}\" }\n";
    let by = |events: &str| {
        let trigger = format!("trigger: soon\nevent: {events}\nenroll: soon\n");
        codes(&[("sequences/soon.yaml", sequence), ("triggers/soon.yaml", &trigger)])
    };
    assert_eq!(by("booking.created"), Vec::<String>::new());
    assert_eq!(by("[booking.created, booking.paid]"), Vec::<String>::new());
    assert_eq!(by("[booking.created, form.submitted]"), ["DL410"], "a form has no booking");
    assert_eq!(by("form.submitted"), ["DL402", "DL402"]);
}

#[test]
fn runs_about_bookings_need_events_with_bookings() {
    let around = "sequence: around\npurpose: service\nabout: booking\nreentry: always\nsteps:\n  - id: x\n    wait: 1d\n    tag: { add: x }\n";
    let by = |event: &str| {
        let trigger = format!("trigger: around\nevent: {event}\nenroll: around\n");
        codes(&[("sequences/around.yaml", around), ("triggers/around.yaml", &trigger)])
    };
    assert_eq!(by("form.submitted"), ["DL216"]);
    assert_eq!(by("booking.ended"), Vec::<String>::new());
    assert_eq!(by("sequence.completed"), Vec::<String>::new(), "the run before may have had one");
}

#[test]
fn messages_and_notices_reach_somebody() {
    let project = format!(
        "{}  sms: {{ provider: mailbox }}\nroles:\n  desk: {{ phone: \"+4915550000001\" }}\n",
        catalogue::BASE_PROJECT
            .replace("policies:\n  preferred: [email]\n", "")
            .replace("channels:\n  email: { provider: mailbox }\n", "")
            + "channels:\n  email: { provider: mailbox }\n"
    );
    let notify = |rest: &str| {
        let trigger = format!("trigger: more\nevent: form.submitted\ndo:\n  - notify: {{ text: Hello, {rest} }}\n");
        codes(&[("dripline.yaml", &project), ("triggers/more.yaml", &trigger)])
    };
    assert_eq!(notify("to: \"role:desk\""), ["DL215"]);
    assert_eq!(notify("to: \"role:desk\", via: sms"), Vec::<String>::new());
    assert_eq!(notify("to: \"+4915550000001\""), ["DL215"]);
    assert_eq!(notify("to: contact"), ["DL215"]);
    assert_eq!(notify("to: booking.host"), ["DL216"]);
    assert_eq!(notify("to: a@example.com"), Vec::<String>::new());
}

#[test]
fn texts_are_checked_with_their_partials_and_layouts() {
    let layout = "<html><body>{{ content }} {{ contact.nope }} {% include 'foot' %}</body></html>";
    let foot = "{{ postal_address }} {{ unsubscribe_link }} {{ event.form }}";
    let files = [
        ("templates/welcome.md", "---\nsubject: Hi\nlayout: plain\n---\nHello\n"),
        ("templates/layouts/plain.html", layout),
        ("templates/partials/foot.html", foot),
    ];
    assert_eq!(codes(&files), ["DL402", "DL402"], "address and link stand in the partial of the layout");
}

#[test]
fn the_version_of_the_program_is_held_against_what_the_files_ask_for() {
    let with = |requires: &str| codes(&[("dripline.yaml", &catalogue::BASE_PROJECT.replace(">=0.1, <0.2", requires))]);
    for fine in ["0.1.0", ">0.0.9", "<=0.1", ">= 0.1, < 1", "=0.1"] {
        assert_eq!(with(fine), Vec::<String>::new(), "{fine}");
    }
    for wrong in ["<0.1", ">0.1", ">=0.1.1", "0.2", "latest", "~0.1", ">=0.1.0.0", ">="] {
        assert_eq!(with(wrong), ["DL904"], "{wrong}");
    }
}
