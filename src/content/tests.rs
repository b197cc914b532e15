//! Checks, rendering, and what hostile values can do: nothing.
use super::render::Rendered;
use super::words::{amount, time};
use super::*;
use crate::calendar::{CivilDate, Instant, Zone};
use crate::expr::{FaultKind, Vocabulary};
use crate::id::{ChannelName, TemplateName};
use crate::value::{Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn map(parts: &[(&str, Value)]) -> Value {
    Value::Map(parts.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect())
}

fn roots(parts: &[(&str, Value)]) -> Values {
    Values::new(parts.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect())
}

fn values() -> Values {
    roots(&[
        (
            "contact",
            map(&[
                ("id", Value::text("con_1")),
                ("first_name", Value::text("Ana")),
                ("name", Value::text("Ana Brown")),
                ("score", Value::Int(5)),
                ("ratio", Value::Num(2.5)),
                ("warm", Value::Bool(true)),
                ("tags", Value::List(vec![Value::text("vip"), Value::text("<b>")])),
                ("hostile", Value::text("<script>alert(1)</script>{{ contact.id }}{% if 1 %}x{% endif %}")),
                ("lines", Value::text("one\r\nBcc: all@example.com\u{0}")),
                ("link", Value::text("javascript:alert(1)")),
                ("long", Value::text("x".repeat(10_000))),
            ]),
        ),
        (
            "booking",
            map(&[
                ("start", Value::Time(Instant::parse_rfc3339("2026-12-03T13:00:00Z").unwrap())),
                ("day", Value::Date(CivilDate::parse("2026-12-03").unwrap())),
                ("price", Value::Money(125_050, Arc::from("EUR"))),
                ("host", Value::Missing),
            ]),
        ),
        ("booking_link", Value::text("https://cal.example.com/a?b=1&c=2")),
        ("unsubscribe_link", Value::text("https://drip.example.com/u/1")),
    ])
}

fn reader(locale: &str) -> Reader {
    Reader { locale: locale.to_owned(), zone: Zone::parse("Europe/Berlin").unwrap() }
}

fn template(name: &str, form: Form, body: &str) -> TemplateText {
    TemplateText {
        name: TemplateName::new(name),
        channel: None,
        locale: None,
        form,
        subject: (form != Form::Text).then(|| "Hello {{ contact.first_name }}".to_owned()),
        preheader: None,
        layout: None,
        body: body.to_owned(),
    }
}

fn texts(templates: Vec<TemplateText>) -> TemplateTexts {
    TemplateTexts { locale: "en".to_owned(), templates, layouts: Vec::new(), partials: Vec::new() }
}

fn loaded(texts: &TemplateTexts) -> Templates {
    let (templates, faults) = Templates::load(texts);
    assert_eq!(faults, []);
    templates
}

fn render(form: Form, body: &str) -> Result<Rendered, RenderFault> {
    let templates = loaded(&texts(vec![template("t", form, body)]));
    templates.render(&TemplateName::new("t"), &ChannelName::new("email"), Shape::Mail, &reader("en"), &values())
}

fn text(body: &str) -> String {
    render(Form::Text, body).unwrap_or_else(|fault| panic!("{body}: {fault}")).text
}

fn html(form: Form, body: &str) -> String {
    let html = render(form, body).unwrap_or_else(|fault| panic!("{body}: {fault}")).html.unwrap();
    match html.split_once("role=\"article\"") {
        Some((_, tail)) => tail.split_once('>').unwrap().1.split("</div>").next().unwrap().trim().to_owned(),
        None => html,
    }
}

#[test]
fn values_are_shown_as_people_write_them() {
    let templates = Templates::load(&texts(Vec::new())).0;
    let line = |locale: &str, source: &str| templates.line(source, &reader(locale), &values()).unwrap();
    for (locale, source, shown) in [
        ("de", "{{ booking.start | datetime }}", "Donnerstag, 3. Dezember, 14:00 Uhr"),
        ("de-AT", "{{ booking.start | date }}", "Donnerstag, 3. Dezember"),
        ("en", "{{ booking.start | datetime }}", "Thursday, 3 December, 2:00 pm"),
        ("en-GB", "{{ booking.start | time }}", "2:00 pm"),
        ("fr", "{{ booking.start | datetime }}", "Thursday, 3 December, 14:00"),
        ("en", "{{ booking.start }}", "Thursday, 3 December, 2:00 pm"),
        ("en", "{{ booking.day | date }}", "Thursday, 3 December"),
        ("en", "{{ booking.price | money }}", "€1,250.50"),
        ("de", "{{ booking.price | money }}", "1.250,50 €"),
        ("en", "{{ contact.name | first_word }}", "Ana"),
        ("en", "{{ contact.nick | default('you') }}", "you"),
        ("en", "{{ booking.host.email | default('us') }}", "us"),
        ("en", "{{ contact.score }} {{ contact.ratio }}", "5 2.5"),
        ("de", "{{ contact.ratio }}", "2,5"),
        ("en", "{{ contact.tags | join(', ') }} {{ contact.tags | length }}", "vip, <b> 2"),
        ("en", "{% for tag in contact.tags %}{{ loop.index }}{{ tag }}{% endfor %}", "1vip2<b>"),
        ("en", "{% for tag in contact.none %}x{% else %}y{% endfor %}", "y"),
        ("en", "{% if contact.nick %}x{% endif %}{% if booking.host.email %}y{% endif %}z", "z"),
        ("en", "{% if contact.nick is defined %}x{% elif contact.nick is none %}y{% endif %}", "y"),
        ("en", "{% if contact.nick == 'a' %}x{% else %}y{% endif %}", "y"),
        ("en", "{{ 'in' if 'vip' in contact.tags else 'out' }}", "in"),
        ("en", "{{ contact.name | upper | lower | capitalize | trim }}", "Ana brown"),
        ("en", "{{ contact.name | urlencode }}", "Ana%20Brown"),
        ("en", "{% set x %}{{ contact.name }}!{% endset %}{{ x }}{{ x }}", "Ana Brown!Ana Brown!"),
        ("en", "{{ locale }}", "en"),
    ] {
        assert_eq!(line(locale, source), shown, "{locale} {source}");
    }
    assert_eq!(amount(4_900, "EUR", "en"), "€49");
    assert_eq!(amount(-4_905, "CHF", "de"), "-49,05 CHF");
    assert_eq!(time(Instant::parse_rfc3339("2026-12-03T23:05:00Z").unwrap(), &Zone::UTC, "en"), "11:05 pm");
    assert_eq!(time(Instant::parse_rfc3339("2026-12-03T00:05:00Z").unwrap(), &Zone::UTC, "en"), "12:05 am");
}

#[test]
fn missing_values_and_dumps_never_reach_a_text() {
    let fault = |body: &str| render(Form::Text, body).unwrap_err();
    let missing = |path: &str| RenderFault::Missing { path: path.to_owned() };
    assert_eq!(fault("Hi {{ contact.nick }}"), missing("contact.nick"));
    assert_eq!(fault("Hi {{ booking.host.email }}"), missing("booking.host.email"));
    assert_eq!(fault("Hi {{ contact.nick | upper }}"), missing("contact.nick"));
    assert_eq!(fault("{{ booking.host | datetime }}"), missing("booking.host"));
    assert_eq!(fault("{{ contact.nick | join }}"), missing("contact.nick"));
    assert_eq!(fault("{{ contact.nick | length }}"), missing("contact.nick"));
    assert!(matches!(fault("{{ nobody }}"), RenderFault::Missing { .. }));
    assert!(matches!(fault("{{ none }}"), RenderFault::Missing { .. }));
    for body in
        ["{{ contact.warm }}", "{{ contact.tags }}", "{{ contact }}", "{{ true }}", "{{ contact.score | date }}"]
    {
        assert!(matches!(fault(body), RenderFault::NotPrintable { .. }), "{body}");
    }
    assert_eq!(fault(" \n {% if contact.nick %}x{% endif %}"), RenderFault::Empty);
}

#[test]
fn markdown_becomes_html_and_text() {
    let body = "# Hi {{ contact.first_name }}\n\nBook **now**: [your time]({{ booking_link }}).\n\n{% if contact.warm %}\nSee you!\n\
                {% endif %}\n\n- one\n- two\n\n{{ unsubscribe_link }}\n";
    let rendered = render(Form::Markdown, body).unwrap();
    assert_eq!(rendered.subject.as_deref(), Some("Hello Ana"));
    assert_eq!(
        rendered.text,
        "Hi Ana\n\nBook now: your time (https://cal.example.com/a?b=1&c=2).\n\nSee you!\n\n- one\n- two\n\n\
         https://drip.example.com/u/1"
    );
    let html = rendered.html.unwrap();
    assert!(html.contains("<title>Hello Ana</title>"), "{html}");
    assert!(html.contains("<html lang=\"en\""), "{html}");
    assert!(html.contains("href=\"https://cal.example.com/a?b=1&amp;c=2\""), "{html}");
    assert!(html.contains("href=\"https://drip.example.com/u/1\""), "a placeholder alone is a link: {html}");
    assert!(html.contains("<h1 style=\"font-size: 24px"), "styles are on the elements: {html}");
    assert!(!html.contains("qz") && !html.contains("{{") && !html.contains("<p></p>"), "{html}");
}

#[test]
fn statements_stand_where_markup_allows_them() {
    let table = "<table>{% for tag in contact.tags %}<tr><td>{{ tag }}</td></tr>{% endfor %}</table>";
    let found = html(Form::Html, table);
    assert!(found.contains("<tr><td>vip</td></tr><tr><td>&lt;b&gt;</td></tr>"), "{found}");
    let list = "{% for tag in contact.tags %}\n- {{ tag }}\n{% endfor %}";
    assert_eq!(html(Form::Markdown, list).matches("<li").count(), 2);
    let inline = "Dear {% if contact.warm %}friend{% else %}all{% endif %},";
    assert!(html(Form::Markdown, inline).contains("Dear friend,"));
    let link = "[x](https://e.example.com/?n={{ contact.name | urlencode }}) <{{ booking_link }}>";
    let found = html(Form::Markdown, link);
    assert!(found.contains("href=\"https://e.example.com/?n=Ana%20Brown\""), "{found}");
    assert!(found.contains("href=\"https://cal.example.com/a?b=1&amp;c=2\""), "{found}");
    let class = "<p class=\"{% if contact.warm %}a{% endif %}\">x</p>";
    assert!(html(Form::Html, class).contains("class=\"a\""));
    let raw = "{% raw %}{{ contact.id }}{% endraw %} *x*";
    assert!(html(Form::Markdown, raw).contains("{{ contact.id }} <em"), "{}", html(Form::Markdown, raw));
    assert_eq!(text("a\n{% if contact.warm %}\nb\n{% endif %}\nc"), "a\nb\nc");
    assert_eq!(text("a{% if contact.warm %}\nb{% endif %}\nc"), "a\nb\nc");
}

#[test]
fn hostile_values_stay_values() {
    let shown = "&lt;script&gt;alert(1)&lt;/script&gt;{{ contact.id }}{% if 1 %}x{% endif %}";
    for body in [
        "{{ contact.hostile }}",
        "{{ contact.hostile | default('x') }}",
        "{% set x %}{{ contact.hostile }}{% endset %}{{ x }}",
        "{{ contact.hostile ~ '' }}",
        "*{{ contact.hostile }}*",
    ] {
        for form in [Form::Markdown, Form::Html] {
            let html = html(form, body);
            assert!(html.contains(shown) && !html.contains("<script"), "{body}: {html}");
        }
    }
    let attribute = html(Form::Html, "<a title=\"{{ contact.hostile }}\" href=\"{{ booking_link }}\">x</a>");
    assert!(attribute.contains("title=\"&lt;script&gt;"), "{attribute}");
    assert_eq!(render(Form::Markdown, "[x]({{ contact.link }})"), Err(RenderFault::UnsafeLink));
    assert_eq!(render(Form::Html, "<a href=\"{{ contact.link | default('y') }}\">x</a>"), Err(RenderFault::UnsafeLink));

    let mut lines = template("t", Form::Text, "x {{ contact.lines }}");
    lines.subject = Some("{{ contact.lines }}".to_owned());
    let templates = loaded(&texts(vec![lines]));
    let rendered = templates
        .render(&TemplateName::new("t"), &ChannelName::new("email"), Shape::Mail, &reader("en"), &values())
        .unwrap();
    assert_eq!(rendered.subject.as_deref(), Some("one Bcc: all@example.com"), "one line, so no header");
    assert_eq!(rendered.text, "x one\nBcc: all@example.com");
}

#[test]
fn size_and_time_are_bounded() {
    let many = "{% for a in contact.tags %}".repeat(16) + "{{ contact.score }}" + &"{% endfor %}".repeat(16);
    assert_eq!(render(Form::Text, &many), Err(RenderFault::TooSlow));
    assert_eq!(render(Form::Text, &"{{ contact.long }}".repeat(30)), Err(RenderFault::TooLong));
    let doubled = (0..40).fold("{% set x %}{{ contact.long }}{% endset %}".to_owned(), |done, _| {
        done + "{% set x %}{{ x }}{{ x }}{% endset %}"
    });
    assert_eq!(render(Form::Text, &(doubled + "y")), Err(RenderFault::TooLong), "captured blocks count too");
    let deep = texts(vec![template("t", Form::Text, &"{% if 1 %}".repeat(5_000))]);
    assert_eq!(Templates::load(&deep).1.len(), 1);
    let nots = texts(vec![template("t", Form::Text, &format!("{{{{ {} 1 }}}}", "not ".repeat(9_000)))]);
    assert_eq!(Templates::load(&nots).1.len(), 1);
    let looped = TemplateTexts {
        partials: vec![PartialText { name: "a".into(), form: Form::Text, body: "{% include 'a' %}".into() }],
        ..texts(vec![template("t", Form::Text, "{% include 'a' %}")])
    };
    let found = loaded(&looped).render(
        &TemplateName::new("t"),
        &ChannelName::new("sms"),
        Shape::Plain,
        &reader("en"),
        &values(),
    );
    assert!(found.is_err());
}

#[test]
fn the_most_specific_variant_wins_and_language_beats_channel() {
    let variant = |channel: Option<&str>, locale: Option<&str>, body: &str| TemplateText {
        channel: channel.map(ChannelName::new),
        locale: locale.map(str::to_owned),
        ..template("sorry", Form::Text, body)
    };
    let templates = loaded(&texts(vec![
        variant(None, None, "any"),
        variant(Some("sms"), None, "any sms"),
        variant(Some("email"), None, "any email"),
        variant(None, Some("de"), "de"),
        variant(Some("email"), Some("de"), "de email"),
        variant(Some("email"), Some("de-AT"), "at email"),
    ]));
    let shown = |channel: &str, locale: &str| {
        let (name, channel) = (TemplateName::new("sorry"), ChannelName::new(channel));
        templates.render(&name, &channel, Shape::Plain, &reader(locale), &values()).unwrap().text
    };
    assert_eq!(shown("email", "de-AT"), "at email");
    assert_eq!(shown("email", "de_at"), "at email");
    assert_eq!(shown("email", "de-CH"), "de email");
    assert_eq!(shown("sms", "de-AT"), "de", "language beats channel");
    assert_eq!(shown("sms", "en"), "any sms");
    assert_eq!(shown("whatsapp", "fr"), "any");
    assert!(!templates.has(&TemplateName::new("other"), &ChannelName::new("sms"), "en"));

    let only_german = loaded(&texts(vec![variant(None, Some("de"), "de")]));
    assert!(!only_german.has(&TemplateName::new("sorry"), &ChannelName::new("sms"), "en"));
    assert!(only_german.has(&TemplateName::new("sorry"), &ChannelName::new("sms"), "de"));
    let project = loaded(&TemplateTexts { locale: "de".into(), ..texts(vec![variant(None, Some("de"), "de")]) });
    assert!(project.has(&TemplateName::new("sorry"), &ChannelName::new("sms"), "fr"), "the project's language is left");
}

#[test]
fn layouts_and_partials_are_applied_once() {
    let texts = TemplateTexts {
        layouts: vec![
            LayoutText {
                name: "brand".into(),
                body: "<html><head><style>.b{color:red}</style></head><body class=\"b\"><i>{{ preheader }}</i>\
                       {{ content }}{% include 'foot' %}</body></html>"
                    .into(),
            },
            LayoutText { name: "hollow".into(), body: "<p>nothing</p>".into() },
        ],
        partials: vec![PartialText {
            name: "foot".into(),
            form: Form::Markdown,
            body: "*{{ contact.hostile }}* [out]({{ unsubscribe_link }})".into(),
        }],
        ..texts(vec![
            TemplateText {
                layout: Some("brand".into()),
                preheader: Some("<{{ contact.first_name }}>".into()),
                ..template("t", Form::Markdown, "Hi\n\n{% include 'foot' %}")
            },
            TemplateText { layout: Some("hollow".into()), ..template("u", Form::Markdown, "Hi") },
            TemplateText { layout: Some("gone".into()), ..template("v", Form::Markdown, "Hi") },
        ])
    };
    let (templates, faults) = Templates::load(&texts);
    let details: Vec<_> = faults.iter().map(|fault| fault.detail.as_str()).collect();
    assert_eq!(details, ["there is no layout `gone`"]);
    let hollow =
        templates.render(&TemplateName::new("u"), &ChannelName::new("email"), Shape::Mail, &reader("en"), &values());
    assert_eq!(hollow, Err(RenderFault::Broken { detail: "the layout has no `{{ content }}`".to_owned() }));
    let name = TemplateName::new("t");
    let rendered = templates.render(&name, &ChannelName::new("email"), Shape::Mail, &reader("en"), &values()).unwrap();
    let html = rendered.html.unwrap();
    assert!(html.contains("style=\"color: red") && html.contains("<i>&lt;Ana&gt;</i>"), "{html}");
    assert_eq!(html.matches("<em>&lt;script").count(), 2, "{html}");
    assert!(rendered.text.ends_with("(https://drip.example.com/u/1)"), "{}", rendered.text);
    let plain = templates.render(&name, &ChannelName::new("sms"), Shape::Plain, &reader("en"), &values()).unwrap();
    assert_eq!((plain.subject, plain.html), (None, None));
}

fn scope() -> Vocabulary {
    let record = |parts: &[(&str, Type)]| {
        Type::Record(parts.iter().map(|(name, kind)| (Arc::from(*name), kind.clone())).collect())
    };
    let contact = record(&[
        ("id", Type::Text),
        ("first_name", Type::Text),
        ("name", Type::Text),
        ("score", Type::Integer),
        ("warm", Type::Bool),
        ("stage", Type::Choice(vec![Arc::from("lead"), Arc::from("booked")])),
        ("tags", Type::List(Box::new(Type::Text))),
    ]);
    let slots = Type::List(Box::new(record(&[("start", Type::Time), ("url", Type::Text)])));
    let booking = record(&[("start", Type::Time), ("price", Type::Money), ("host", Type::Person), ("slots", slots)]);
    let roots = [("contact", contact), ("booking", booking), ("booking_link", Type::Text)];
    Vocabulary {
        roots: roots.into_iter().map(|(name, kind)| (Arc::from(name), kind)).collect(),
        certain: ["contact.id", "contact.score", "booking.start", "booking_link"].map(str::to_owned).into(),
        ..Vocabulary::default()
    }
}

fn faults(source: &str) -> Vec<(String, String)> {
    let partials = BTreeSet::from(["footer".to_owned()]);
    let checked = check(source, &scope(), &partials);
    checked.faults.iter().map(|fault| (source[fault.at.clone()].to_owned(), fault.kind.message())).collect()
}

#[test]
fn texts_that_are_right_have_no_faults() {
    for source in [
        "Hi {{ contact.first_name | default('there') }}, {{ booking.start | datetime }} {{ booking_link }}",
        "{% if contact.name %}{{ contact.name | first_word }}{% endif %}",
        "{% if contact.name is defined and contact.warm %}{{ contact.name }}{% endif %}",
        "{% if contact.name is none %}x{% else %}{{ contact.name }}{% endif %}",
        "{% if not contact.name %}x{% else %}{{ contact.name }}{% endif %}",
        "{% if contact.stage == 'lead' %}{{ contact.stage }}{% endif %}",
        "{{ contact.name if contact.name else 'you' }}",
        "{% for tag in contact.tags %}{{ loop.index }} {{ tag }}{% endfor %}",
        "{% for slot in booking.slots %}{% if slot.start %}{{ slot.start | time }}{% endif %}{% endfor %}",
        "{% for slot in booking.slots if slot.url %}{{ slot.url }}{% endfor %}",
        "{% set name = contact.name | default('you') %}{{ name }}",
        "{% with first = contact.id %}{{ first }}{% endwith %}",
        "{% include 'footer' %}{# a comment #}",
        "{% if booking.price is defined %}{{ booking.price | money }}{% endif %}",
        "{% if contact.score > 3 %}x{% endif %}{{ contact.tags | default([]) | join(', ') }}",
        "{{ contact.score + 1 }} {{ contact.id ~ 'x' }}",
    ] {
        assert_eq!(faults(source), [], "{source}");
    }
    let found = check(
        "{{ contact.id }}{% for t in contact.tags %}{{ t }}{% endfor %}{% if booking.host.email %}{% endif %}",
        &scope(),
        &BTreeSet::new(),
    );
    let paths: Vec<_> = found.paths.iter().map(String::as_str).collect();
    assert_eq!(paths, ["booking.host.email", "contact.id", "contact.tags"]);
}

#[test]
fn faults_of_texts_point_at_their_place() {
    for (source, place, message) in [
        ("ä {{ contact.nam }}", "nam", "`contact` has no field `nam`"),
        ("{{ contct.name }}", "contct", "`contct` is not known here"),
        ("{{ contact.name }}", "contact.name", "`contact.name` may be missing"),
        ("{{ contact.name | upper }}", "contact.name", "`contact.name` may be missing"),
        (
            "{% if contact.warm or contact.name %}{{ contact.name }}{% endif %}",
            "contact.name",
            "`contact.name` may be missing",
        ),
        ("{% if contact.name %}x{% endif %}{{ contact.name }}", "contact.name", "`contact.name` may be missing"),
        (
            "{{ contact.name if contact.name }}",
            "contact.name if contact.name",
            "`contact.name if contact.name` may be missing",
        ),
        ("{% for s in booking.slots %}{{ s.url }}{% endfor %}", "s.url", "`s.url` may be missing"),
        ("{% for s in booking.slots %}{{ s.ur | default('') }}{% endfor %}", "ur", "`s` has no field `ur`"),
        ("{% for s in contact.tags %}{% endfor %}{{ s }}", "s", "`s` is not known here"),
        ("{{ contact.id | uper }}", "uper", "unknown filter `uper`"),
        ("{{ contact.id | date }}", "contact.id | date", "`contact.id | date` is a text and cannot be put into a text"),
        (
            "{{ contact.score | money }}",
            "contact.score | money",
            "`contact.score | money` is an integer and cannot be put into a text",
        ),
        ("{{ contact.id | join(1, 2) }}", "contact.id | join(1, 2)", "`join`: takes one argument without a name"),
        (
            "{{ contact.tags | default([]) }}",
            "contact.tags | default([])",
            "`contact.tags | default([])` is a list (text) and cannot be put into a text",
        ),
        (
            "{% if contact.warm %}{{ contact.warm }}{% endif %}",
            "contact.warm",
            "`contact.warm` is a yes or no and cannot be put into a text",
        ),
        ("{% if contact.stage == 'leed' %}x{% endif %}", "'leed'", "`contact.stage` is never 'leed'"),
        ("{% if contact.score > '3' %}x{% endif %}", "contact.score > '3'", "`>` between an integer and a text"),
        ("{% if contact.name is odd %}x{% endif %}", "odd", "unknown test `is odd`"),
        (
            "{% if booking.start > '2026-01-01' %}x{% endif %}",
            "booking.start > '2026-01-01'",
            "templates cannot use a comparison of a time, date or amount with a quoted text; decide it in the step's `if`",
        ),
        ("{% include 'fotter' %}", "'fotter'", "there is no partial `fotter`"),
        ("{% include contact.id %}", "contact.id", "templates cannot use `include` with a computed name"),
        ("{% import 'x' as y %}", "import 'x' as y", "templates cannot use import"),
        ("{% set x = namespace() %}", "namespace()", "templates cannot use functions"),
        ("{{ contact.id * 9 }}", "contact.id * 9", "templates cannot use `*`"),
        (
            "{% set x = contact.id ~ contact.id %}",
            "contact.id ~ contact.id",
            "templates cannot use `~` inside `set`; write `{% set x %}…{% endset %}`",
        ),
        ("{% filter upper %}x{% endfilter %}", "upper", "templates cannot use `filter` blocks"),
        ("{% macro a() %}{% endmacro %}", "macro a() %}{% endmacro", "templates cannot use macro"),
        ("{{ contact.id", "id", "cannot read this expression: unexpected end of input, expected end of variable block"),
        ("{{ contact.name[0] }}", "contact.name[0]", "an index like x[0] is not part of this language"),
    ] {
        let found = faults(source);
        assert!(found.contains(&(place.to_owned(), message.to_owned())), "{source}: {found:?}");
    }
    let both = check("{{ contact.nam }} {{ contact.scor }}", &scope(), &BTreeSet::new()).faults;
    assert_eq!(both.len(), 2, "all of them, not only the first");
    assert!(matches!(both[1].kind, FaultKind::UnknownField { .. }));
}

proptest::proptest! {
    #[test]
    fn arbitrary_templates_never_panic(words in proptest::collection::vec(proptest::sample::select(vec![
        "{{", "}}", "{%", "%}", "{#", "#}", "contact", ".", "id", "name", "|", "default('x')", "if", "endif", "for", "in", "endfor",
        "set", "=", "<", ">", "<p>", "</p>", "<a href=\"", "\"", "# ", "\n", "\n\n", "- ", "*", "[x](", ")", "ä", "raw", "endraw",
        "qz0x", "<!--", "-->", "include", "'footer'", "{%-", "-}}", "&", "`",
    ]), 0..30)) {
        let source = words.join(" ");
        let checked = check(&source, &scope(), &BTreeSet::new());
        for fault in &checked.faults {
            proptest::prop_assert!(source.get(fault.at.clone()).is_some());
        }
        for form in [Form::Markdown, Form::Html, Form::Text] {
            let (templates, faults) = Templates::load(&texts(vec![template("t", form, &source)]));
            let channel = ChannelName::new("email");
            let rendered = templates.render(&TemplateName::new("t"), &channel, Shape::Mail, &reader("en"), &values());
            proptest::prop_assert!(faults.is_empty() || rendered.is_err());
        }
    }

    #[test]
    fn no_value_becomes_markup(value in "\\PC{0,40}") {
        let values = roots(&[("contact", map(&[("name", Value::text(format!("<b>{value}\"'")))]))]);
        let body = "**{{ contact.name }}** <i title=\"{{ contact.name }}\">x</i>";
        let templates = loaded(&texts(vec![TemplateText { subject: None, ..template("t", Form::Markdown, body) }]));
        let name = TemplateName::new("t");
        let html = templates.render(&name, &ChannelName::new("email"), Shape::Mail, &reader("en"), &values).unwrap().html.unwrap();
        proptest::prop_assert!(!html.contains("<b>"));
        proptest::prop_assert!(html.matches("<i title=\"&lt;b&gt;").count() == 1);
    }
}

#[test]
fn a_message_survives_being_stored() {
    let message = Message {
        to: "ana@example.com".into(),
        subject: Some("Hi".into()),
        text: "Hello".into(),
        headers: BTreeMap::from([("List-Unsubscribe".into(), "<https://drip.example.com/u/1>".into())]),
        ..Message::default()
    };
    assert_eq!(serde_json::from_str::<Message>(&serde_json::to_string(&message).unwrap()).unwrap(), message);
}

#[test]
fn a_text_says_what_it_reads() {
    let reads = |sources: &[&str]| super::Reads::of(sources.iter().copied());
    let some = reads(&[
        "{{ contact.first_name | default('there') }} {% if event.source == 'ad' %}{{ booking_link }}{% endif %}",
        "{% for tag in contact.tags %}{{ tag }}{% endfor %}",
    ]);
    for (root, part) in [("contact", "first_name"), ("contact", "tags"), ("event", "source"), ("booking_link", "any")] {
        assert!(some.wants(root, None) && some.wants(root, Some(part)), "{root}.{part}");
    }
    assert!(!some.wants("contact", Some("last_name")) && !some.wants("offer", None) && !some.wants("tag", None));
    // a whole value, one by a worked out name, and whatever gives names or takes texts in
    let texts = ["{{ contact | length }}", "{{ contact['last_' ~ 'name'] }}", "{% set c = contact %}{{ c.last_name }}"];
    for text in texts.into_iter().chain(["{% include 'foot' %}", "{%- raw %}{{ x }}{% endraw %}", "{{ broken"]) {
        assert!(reads(&["{{ contact.first_name }}", text]).wants("contact", Some("last_name")), "{text}");
    }
}
