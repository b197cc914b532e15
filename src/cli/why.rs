//! `dripline why`: everything that was decided about one person, and what has not happened yet.
mod story;
mod words;

use super::{CliError, Exit, Format, Session, desk::Place};
use story::Story;

/// Say why somebody got a message, or did not
///
/// Every sequence the person was in, every step with its planned and real time, what became of it and what the decision read;
/// what kept them out elsewhere; what they agreed to; and what comes next. With STEP only what concerns that step.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline why ana@example.com
  dripline why \"Ana Baptiste\" last_call    why did she not get it?
  dripline why +18765550142 --format json

Formats: full (default), json. Times are the person's own.")]
pub(super) struct Args {
    /// Name, e-mail, phone or id
    contact: String,
    /// Only this step
    step: Option<String>,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&[Format::Full, Format::Json])?;
    let mut desk = args.place.open(session)?;
    let story = Story::read(&mut desk, &args.contact, args.step.as_deref())?;
    let text = if format == Format::Json { format!("{:#}\n", story.json()) } else { words::full(&story) };
    session.out.write_all(text.as_bytes())?;
    Ok(Exit::Fine)
}
