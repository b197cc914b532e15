//! What becomes of documents in the plan.
use super::*;
use crate::{
    calendar::{Span, TimeOfDay},
    plan::{Act, Body as PlanBody, ChannelProvider, Due, Enrol, Moment, Reentry, TextForm, Via},
    record::Purpose,
};

fn plan(files: &[(&str, &str)]) -> Plan {
    let (plan, findings, sources) = over(files);
    assert!(findings.is_empty(), "\n{}\n", listed(&findings, &sources));
    plan.expect("a plan")
}

#[test]
fn what_a_sequence_says_is_resolved_onto_its_steps() {
    let plan = plan(&[
        (
            "dripline.yaml",
            "project: example\nzone: Europe/Berlin\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nchannels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\npolicies:\n  windows:\n    day: { from: \"09:00\", to: \"18:00\" }\n    noon: { from: \"11:00\", to: \"13:00\" }\n",
        ),
        (
            "sequences/welcome.yaml",
            "sequence: welcome\npurpose: marketing\nreentry: after 1mo 3d\nwindow: day\nlate: 4h\nretries: { max: 5 }\nsteps:\n  - id: a\n    email: welcome\n  - id: b\n    wait: 2d\n    at: \"11:30\"\n    window: noon\n    purpose: service\n    late: { up_to: 1h, then: stop }\n    retries: { delay: 15m }\n    send: { text: Hello, subject: Hi }\n    via: [reply, preferred, sms]\n",
        ),
    ]);
    let sequence = &plan.sequences["welcome"];
    assert_eq!(sequence.reentry, Reentry::After(Span { months: 1, days: 3, ms: 0 }));
    let [a, b] = &sequence.steps[..] else { panic!("two steps") };
    assert_eq!((a.window.as_ref().unwrap().as_str(), a.purpose), ("day", Purpose::Marketing));
    assert_eq!((b.window.as_ref().unwrap().as_str(), b.purpose), ("noon", Purpose::Service));
    assert_eq!(a.late.as_ref().unwrap().up_to, Ok(Span::exact(4 * 3_600_000)));
    assert_eq!((a.retries.max, b.retries.max, b.retries.delay), (5, 5, Span::exact(15 * 60_000)));
    assert_eq!(b.due, Due::Wait { span: Span::days(2), at: TimeOfDay::new(11, 30) });
    let Act::Message(message) = &b.act else { panic!("a message") };
    assert_eq!(message.via, [Via::Reply, Via::Preferred, Via::Channel("sms".into())]);
    assert_eq!(message.body, PlanBody::Inline("@welcome/b".into()));
    let inline = plan.templates.iter().find(|text| text.name.as_str() == "@welcome/b").unwrap();
    assert_eq!((inline.form, &*inline.body, inline.subject.as_deref()), (TextForm::Text, "Hello", Some("Hi")));
    assert_eq!((&*b.origin.file, b.origin.line), ("sequences/welcome.yaml", 10));
}

#[test]
fn an_environment_changes_bindings_and_nothing_else() {
    let text = "project: example\nzone: Europe/Berlin\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\npublic_url: \"https://drip.example.com\"\nchannels:\n  email: { provider: smtp, url: SMTP_URL, from: \"a@example.com\" }\n  sms: { provider: mailbox }\nenvironments:\n  dev: { channels: { \"*\": { provider: mailbox } } }\n  stage: { channels: { \"*\": { provider: mailbox }, email: { provider: smtp, url: STAGE_URL } } }\n";
    let compiled = |env: Option<&str>| {
        let mut sources = SourceMap::default();
        for (path, text) in catalogue::over_base(&[]) {
            sources.insert(path, text);
        }
        sources.insert("dripline.yaml", text);
        let mut sink = Sink::new();
        let documents = read_all(&sources, &mut sink);
        compile(&documents, &sources, &Fixtures::new(), &Settings { env, ..SETTINGS }, sink)
    };
    let provider = |env: Option<&str>| {
        let plan = compiled(env).plan.expect("a plan");
        let channel = &plan.channels["email"];
        assert_eq!(channel.from.as_deref(), Some("a@example.com"));
        match &channel.provider {
            ChannelProvider::Mailbox => "mailbox".to_owned(),
            ChannelProvider::Smtp { url } => format!("{url:?}"),
            other => other.word().to_owned(),
        }
    };
    assert_eq!(provider(None), "Variable(\"SMTP_URL\")");
    assert_eq!(provider(Some("dev")), "mailbox");
    assert_eq!(provider(Some("stage")), "Variable(\"STAGE_URL\")");
    let Compiled { plan, findings, .. } = compiled(Some("stag"));
    assert!(plan.is_none());
    assert_eq!((findings[0].code.0, findings[0].help.as_deref()), ("DL905", Some("did you mean `stage`?")));
}

#[test]
fn the_event_of_a_run_is_what_all_ways_into_it_guarantee() {
    let base: &[(&str, &str)] = &[
        ("triggers/a.yaml", "trigger: a\nevent: form.submitted\nenroll: welcome\n"),
        (
            "sequences/next.yaml",
            "sequence: next\npurpose: service\nreentry: never\nsteps:\n  - id: x\n    email: { subject: Hi, text: \"{{ event.form }}\" }\n",
        ),
    ];
    let mut files = base.to_vec();
    files.push(("sequences/welcome.yaml", "sequence: welcome\npurpose: service\nreentry: never\nexits: { completed: { enroll: next } }\nsteps:\n  - id: x\n    tag: { add: new }\n"));
    files.push(("templates/welcome.md", "---\nsubject: x\n---\nHello\n"));
    let (_, findings, sources) = over(&files);
    let missing: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.code.0 == "DL410")
        .filter_map(|finding| sources.slice(&finding.primary))
        .collect();
    assert_eq!(
        missing,
        ["event.form"],
        "a lead has no form, and it gets here through the exit\n{}",
        listed(&findings, &sources)
    );

    let only: Vec<(&str, &str)> = files
        .into_iter()
        .chain([
            ("triggers/welcome.yaml", "trigger: welcome\nevent: form.abandoned\nenroll: welcome\n"),
            (
                "sequences/mail.yaml",
                "sequence: mail\npurpose: service\nreentry: never\nsteps:\n  - id: x\n    email: welcome\n",
            ),
            ("triggers/mail.yaml", "trigger: mail\nevent: task.done\nenroll: mail\n"),
        ])
        .collect();
    let plan = plan(&only);
    assert!(plan.sequences["next"].uses_event);
    assert!(plan.sequences["welcome"].uses_event, "it hands the event on");
    assert!(!plan.sequences["mail"].uses_event);
}

#[test]
fn asks_of_conditions_are_heard() {
    let plan = plan(&[(
        "triggers/welcome.yaml",
        "trigger: welcome\nevent: lead.created\nif: count('booking.no_show', within='30d') < 2\nenroll:\n  first_of:\n    - if: contact.score > 5 and last('form.submitted') is none\n      sequence: welcome\n  otherwise: welcome\n",
    )]);
    let trigger = &plan.triggers["welcome"];
    let heard: Vec<&str> = trigger.heard.iter().map(crate::id::EventKind::as_str).collect();
    assert_eq!(heard, ["booking.no_show", "form.submitted"]);
    assert!(plan.hears("booking.no_show") && !plan.hears("booking.paid"));
    assert!(matches!(&trigger.enrol, Some(Enrol::FirstOf { options, otherwise: Some(_) }) if options.len() == 1));
}

#[test]
fn bound_steps_keep_their_moment() {
    let plan = plan(&[
        (
            "sequences/soon.yaml",
            "sequence: soon\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: a\n    before: { booking.start: 1d 2h }\n    late: { up_to: booking.start }\n    email: { subject: Hi, text: \"{{ booking.start | datetime }}\" }\n  - id: b\n    after: { event.booking.end: 2d }\n    at: \"10:00\"\n    tag: { add: seen }\n",
        ),
        ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n"),
    ]);
    let soon = &plan.sequences["soon"];
    let span = Span { months: 0, days: 1, ms: 2 * 3_600_000 };
    assert_eq!(soon.steps[0].due, Due::Bound { moment: Moment::Booking("start".into()), before: true, span, at: None });
    assert_eq!(soon.steps[0].late.as_ref().unwrap().up_to, Err(Moment::Booking("start".into())));
    assert!(soon.uses_event, "a moment of the event is fixed at entry");
}

#[test]
fn a_plan_survives_its_json_and_does_not_depend_on_the_order_of_files() {
    let plan = plan(&[]);
    let json = serde_json::to_string(&plan).unwrap();
    let back: Plan = serde_json::from_str(&json).unwrap();
    assert_eq!(back.indexed(), plan);
}

#[test]
fn a_text_in_the_data_of_an_event_becomes_an_expression() {
    let trigger = "trigger: more\nevent: form.submitted\ndo:\n  - emit: { event: own.asked, data: { note: \"{{ contact.first_name | default('?') }} asked\", plain: as it is } }\n";
    let project = "project: example\nzone: Europe/Berlin\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nchannels:\n  email: { provider: mailbox }\nevents:\n  own.asked: { fields: { note: text, plain: text } }\n";
    let plan = plan(&[("dripline.yaml", project), ("triggers/more.yaml", trigger)]);
    let [crate::plan::Local::Emit { data, .. }] = &plan.triggers["more"].acts[..] else { panic!("an event") };
    let crate::plan::SetTo::Formula(note) = &data["note"] else { panic!("an expression") };
    assert_eq!(note.tree().to_string(), "(join (join \"\" (default contact.first_name \"?\")) \" asked\")");
    assert_eq!(data["plain"], crate::plan::SetTo::Value(crate::value::Value::text("as it is")));
}
