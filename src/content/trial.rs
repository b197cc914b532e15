//! A text tried out on people who do not exist, before it can reach one who does.
//!
//! Only what a reader would read is made, not the pages around it: a check of a project tries every text. Must not know who
//! the people are or what is done about a text that fails.
use super::{
    markdown::{self, Shield},
    render::{self, Form, PartialText, Reader, RenderFault},
    values::Values,
};
use minijinja::Environment;

/// The engine with the partials of a project.
pub(crate) struct Trial {
    engine: Environment<'static>,
}

/// One text, ready to be filled.
pub(crate) struct Tried {
    engine: Environment<'static>,
    subject: bool,
}

impl Trial {
    pub(crate) fn new(partials: &[PartialText]) -> Self {
        let mut engine = render::engine();
        for partial in partials {
            // one that cannot be read was found already
            drop(render::add_partial(&mut engine, partial));
        }
        Self { engine }
    }

    /// `None` for a text that cannot be read.
    pub(crate) fn text(&self, form: Form, body: &str, subject: Option<&str>) -> Option<Tried> {
        let mut engine = self.engine.clone();
        let mut shield = Shield::new(&[body]);
        let covered = match form {
            Form::Text => shield.bare(body),
            Form::Markdown => {
                let covered = shield.markdown(body);
                markdown::to_text(&covered)
            }
            Form::Html => {
                let covered = shield.html(body);
                markdown::html_to_text(&covered)
            }
        };
        let plain = shield.restore(&shield.tight(&covered));
        engine.add_template_owned("#text", plain).ok()?;
        if let Some(subject) = subject {
            engine.add_template_owned("#subject", subject.to_owned()).ok()?;
        }
        Some(Tried { engine, subject: subject.is_some() })
    }
}

impl Tried {
    /// Subject and text as that reader would get them.
    pub(crate) fn fill(&self, reader: &Reader, values: &Values) -> Result<(Option<String>, String), RenderFault> {
        let fill = |name: &str| {
            let template = self.engine.get_template(name);
            let template = template.map_err(|error| RenderFault::Broken { detail: error.to_string() })?;
            render::run(&template, reader, values)
        };
        let text = render::tidy(&fill("#text")?);
        if text.is_empty() {
            return Err(RenderFault::Empty);
        }
        let subject = if self.subject { Some(render::one_line(&fill("#subject")?)) } else { None };
        if subject.as_deref() == Some("") {
            return Err(RenderFault::EmptySubject);
        }
        Ok((subject, text))
    }
}
