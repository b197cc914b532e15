//! HTML documents that stand alone: one inlined stylesheet, only the icons that are used, no script, nothing loaded.
//!
//! A document is one template in `page/` that extends `base.html` and takes its pieces from `ui.html`; values are escaped
//! by the engine. Must not know what a document is about.
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, context, value::Serde};
use serde::Serialize;
use std::sync::OnceLock;

const STYLE: &str = include_str!("page/style.css");
/// One `<symbol>` a line.
const ICONS: &str = include_str!("page/icons.svg");
/// Stands where the icons go: which ones are needed is known when the rest is written.
const ICONS_HERE: &str = "<!--icons-->";
/// A new document is one file and one line.
const TEMPLATES: &[(&str, &str)] = &[
    ("base.html", include_str!("page/base.html")),
    ("backtest.html", include_str!("page/backtest.html")),
    ("preview.html", include_str!("page/preview.html")),
    ("simulate.html", include_str!("page/simulate.html")),
    ("suite.html", include_str!("page/suite.html")),
    ("plan.html", include_str!("page/plan.html")),
    ("ui.html", include_str!("page/ui.html")),
];

/// What stands in the bar and the title of every document.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Head {
    /// The answer in a few words.
    pub(crate) title: String,
    /// `preview`, `plan` …
    pub(crate) verb: &'static str,
    /// The command line that made it.
    pub(crate) command: String,
    /// When, with zone, in words.
    pub(crate) made: String,
}

fn engine() -> &'static Environment<'static> {
    static ENGINE: OnceLock<Environment<'static>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        engine.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, text) in TEMPLATES {
            // tests render every template, so one that does not parse is found there
            let _ = engine.add_template(name, text);
        }
        engine
    })
}

/// Writes a document. `template` is a file of `page/`; `about` is what it shows, under the name `of`.
pub(crate) fn document(template: &str, head: &Head, about: impl Serialize) -> Result<String, Error> {
    filled(engine().get_template(template)?, head, about)
}

fn filled(template: minijinja::Template<'_, '_>, head: &Head, about: impl Serialize) -> Result<String, Error> {
    let written = template.render(context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        icons => Value::from_safe_string(ICONS_HERE.to_owned()),
        of => Value::from(Serde(about)),
        ..Value::from(Serde(head)),
    })?;
    let used = |line: &&str| {
        let name = line.split('"').nth(1).unwrap_or_default();
        written.contains(&format!("href=\"#{name}\""))
    };
    let icons: String = ICONS.lines().filter(used).collect();
    let icons = format!("<svg width=\"0\" height=\"0\" class=\"sr\" aria-hidden=\"true\">{icons}</svg>");
    Ok(written.replacen(ICONS_HERE, &icons, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        let made = "Thu 3 Dec 2026 14:08 Europe/Berlin".to_owned();
        Head { title: "a <b>".to_owned(), verb: "plan", command: "dripline plan".to_owned(), made }
    }

    fn shown(text: &str, about: &serde_json::Value) -> String {
        let mut own = engine().clone();
        own.add_template_owned("try.html", text.to_owned()).unwrap();
        filled(own.get_template("try.html").unwrap(), &head(), about).unwrap()
    }

    #[test]
    fn a_document_stands_alone_and_escapes() {
        let text = "{% extends 'base.html' %}{% import 'ui.html' as ui %}\
                    {% block main %}{{ ui.state('held', of.words) }}{% endblock %}";
        let page = shown(text, &serde_json::json!({ "words": "<script>alert(1)</script> & <!--icons-->" }));
        assert!(page.contains("<title>a &lt;b&gt; · dripline</title>"), "{page}");
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
        assert!(
            page.contains("symbol id=\"s-held\"") && page.contains("symbol id=\"drop\""),
            "only used icons: {page}"
        );
        assert!(!page.contains("symbol id=\"s-sent\""), "{page}");
        for outside in ["src=", "http://", "https://", " style=", "onclick"] {
            assert!(!page.contains(outside), "{outside} in {page}");
        }
    }

    #[test]
    fn every_template_parses() {
        for (name, text) in TEMPLATES {
            Environment::new().add_template(name, text).unwrap();
        }
        assert!(STYLE.len() < 14_000, "the stylesheet is inlined into every document: {}", STYLE.len());
        assert!(ICONS.lines().all(|line| line.starts_with("<symbol id=\"") && line.ends_with("</symbol>")));
    }
}
