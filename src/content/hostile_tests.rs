//! Whatever a person calls themselves: through every filter, into subject, text and page, nothing breaks and nothing gets out.
use super::filters::{FILTERS, Takes};
use super::*;
use crate::{
    calendar::Zone,
    id::{ChannelName, TemplateName},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Names that have broken programs: control letters, headers, markup, template code, broken pairs of marks, other scripts.
const ODD: &[&str] = &[
    "",
    " ",
    "\t",
    "null",
    "None",
    "undefined",
    "NaN",
    "true",
    "0",
    "-1",
    "1e309",
    "0x0",
    "NIL; DROP TABLE contact;--",
    "' OR 1=1 -- ",
    "Ana\r\nBcc: all@example.com",
    "Ana\nSubject: other",
    "Ana\u{b}\u{c}\u{85}\u{2028}\u{2029}Bcc: all@example.com",
    "Ana\0zero",
    "\u{1b}[31mred\u{7}",
    "\u{feff}mark",
    "\u{202e}rtl \u{202d}override\u{202c}",
    "\u{2066}isolate\u{2069}",
    "\u{200b}\u{200d}\u{200f}",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "'><a href=javascript:alert(1)>x</a>",
    "</title></head><body>",
    "<!-- comment -->",
    "<![CDATA[x]]>",
    "&lt;b&gt; &amp; &#60;",
    "javascript:alert(1)",
    "data:text/html,<b>x",
    "{{ 7 * 7 }}",
    "{{ contact }}",
    "{% for x in range(100000000) %}{% endfor %}",
    "{# comment",
    "{{",
    "}}",
    "{%",
    "%}",
    "${jndi:ldap://example.com/a}",
    "%s%s%n %d",
    "__proto__",
    "../../etc/passwd",
    "C:\\con\\aux",
    "*|FNAME|*",
    "[link](javascript:alert(1))",
    "![x](https://example.com/x.png)",
    "**bold** _x_ `code` # title",
    "---\nsubject: other\n---",
    "مريم عبد الله",
    "שלום",
    "Zoë Ångström-Ñandú",
    "李小龙",
    "Ω≈ç√∫˜µ≤≥÷",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦 🏳\u{fe0f}\u{200d}🌈",
    "Z\u{334}\u{35d}a\u{489}l\u{34e}g\u{31b}o\u{362}",
    "ﷺ﷽",
    "İstanbul ıI ß ﬁ",
    "\u{10ffff}\u{e000}\u{fffd}\u{fffe}",
    "=cmd|'/C calc'!A0",
    "O'Hara \"Bob\" \\ / | & ;",
];

fn names() -> Vec<String> {
    let mut names: Vec<String> = ODD.iter().map(|name| (*name).to_owned()).collect();
    names.push("n".repeat(80));
    names.push("👩".repeat(2_000));
    names.push("<".repeat(5_000));
    names
}

fn text(form: Form, subject: &str, body: &str) -> TemplateText {
    TemplateText {
        name: TemplateName::new("t"),
        channel: None,
        locale: None,
        form,
        subject: Some(subject.to_owned()),
        preheader: Some(subject.to_owned()),
        layout: None,
        body: body.to_owned(),
    }
}

fn render(text: TemplateText, name: &str) -> Result<super::render::Rendered, RenderFault> {
    let texts = TemplateTexts { locale: "en".to_owned(), templates: vec![text], ..TemplateTexts::default() };
    let (templates, faults) = Templates::load(&texts);
    assert!(faults.is_empty(), "{faults:?}");
    let contact = BTreeMap::from([
        (Arc::from("first_name"), Value::text(name)),
        (Arc::from("tags"), Value::List(vec![Value::text(name), Value::text("end")])),
    ]);
    let values = Values::new(BTreeMap::from([(Arc::from("contact"), Value::Map(contact))]));
    let reader = Reader { locale: "en".to_owned(), zone: Zone::UTC };
    templates.render(&TemplateName::new("t"), &ChannelName::new("email"), Shape::Mail, &reader, &values)
}

/// Tags of our own pages and texts; what else opens came from a name.
fn foreign_markup(html: &str, without: &str) -> Option<String> {
    let tags = |html: &str| html.matches('<').count();
    (tags(html) != tags(without)).then(|| html.to_owned())
}

#[test]
fn no_name_breaks_a_filter_a_subject_or_a_page() {
    for row in FILTERS {
        let fits = matches!(row.takes, Takes::Anything | Takes::Printable | Takes::Sized | Takes::List);
        if !fits {
            continue;
        }
        let of = if row.takes == Takes::List { "contact.tags" } else { "contact.first_name" };
        let arguments = if row.name == "default" { "('there')" } else { "" };
        let value = format!("{{{{ {of} | {}{arguments} }}}}", row.name);
        for form in [Form::Markdown, Form::Html, Form::Text] {
            let body = format!("Hello x {value} y\n\nBye.");
            let usual = render(text(form, &format!("S {value}"), &body), "Ana").unwrap();
            for name in names() {
                let done = render(text(form, &format!("S {value}"), &body), &name);
                let done = match done {
                    Ok(done) => done,
                    // too long is said, never cut
                    Err(RenderFault::TooLong) => continue,
                    Err(fault) => panic!("{} of {name:?} in {form:?}: {fault}", row.name),
                };
                let subject = done.subject.unwrap();
                assert!(!subject.contains(char::is_control), "{} of {name:?}: {subject:?}", row.name);
                let bare = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
                assert!(!done.text.contains(bare), "{} of {name:?}: {:?}", row.name, done.text);
                assert!(!done.text.contains("49") || name.contains("49"), "{name:?} ran");
                if let (Some(html), Some(usual)) = (&done.html, &usual.html) {
                    assert_eq!(foreign_markup(html, usual), None, "{} of {name:?} in {form:?}", row.name);
                }
            }
        }
    }
}

#[test]
fn no_name_gets_out_of_an_attribute_or_leads_a_link_astray() {
    for body in [
        "[x](https://example.com/?n={{ contact.first_name }})",
        "<a title=\"{{ contact.first_name }}\" href=\"{{ contact.first_name }}\">x</a>",
        "[x]({{ contact.first_name }})",
    ] {
        let form = if body.starts_with('<') { Form::Html } else { Form::Markdown };
        let usual = render(text(form, "S", body), "Ana").unwrap().html.unwrap();
        for name in names() {
            match render(text(form, "S", body), &name) {
                Ok(done) => {
                    let html = done.html.unwrap();
                    assert_eq!(foreign_markup(&html, &usual), None, "{name:?}");
                    assert_eq!(html.matches('"').count(), usual.matches('"').count(), "{name:?}: {html}");
                    assert!(!html.to_lowercase().contains("href=\"javascript"), "{name:?}: {html}");
                }
                Err(RenderFault::UnsafeLink | RenderFault::TooLong) => {}
                Err(fault) => panic!("{name:?}: {fault}"),
            }
        }
    }
}
