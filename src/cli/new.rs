//! `dripline new`: another file for the project, empty enough to be filled in, or copied from the library.
use super::{CliError, Exit, Session, files, library, scaffold};
use crate::{
    calendar::Instant,
    diag::nearest,
    document::{self, Kind},
    report::findings,
};
use std::path::{Path, PathBuf};

/// Add a sequence, trigger, segment, campaign or offer to the project
///
/// Writes only files that are not there yet. What the project still lacks for it is told as findings.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline new sequence reminders
  dripline new trigger wrote_to_us
  dripline new segment not_seen_lately
  dripline new sequence won_back --from no_show_recovery
  dripline library                            what can be copied")]
pub(super) struct Args {
    /// sequence, trigger, segment, campaign or offer
    #[arg(value_parser = kind)]
    kind: Kind,
    /// Its id: small letters, digits and underscores
    id: String,
    /// Copy this entry of the library, with its texts and triggers
    #[arg(long, value_name = "LIBRARY_ID")]
    from: Option<String>,
}

const KINDS: [Kind; 5] = [Kind::Sequence, Kind::Trigger, Kind::Segment, Kind::Campaign, Kind::Offer];

fn kind(word: &str) -> Result<Kind, String> {
    let known = Kind::of(word).filter(|kind| KINDS.contains(kind));
    known.ok_or_else(|| {
        let words: Vec<&str> = KINDS.iter().map(|kind| kind.word()).collect();
        let near = nearest(word, words.iter().copied()).map(|near| format!("did you mean `{near}`? "));
        format!("{}kinds are {}", near.unwrap_or_default(), words.join(", "))
    })
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let root = session.project_root()?;
    if !document::is_id(&args.id) {
        let help =
            "an id has small letters, digits and underscores and begins with a letter, such as `no_show_recovery`";
        return Err(CliError::usage(format!("`{}` is no id", args.id)).help(help));
    }
    let made = match &args.from {
        Some(entry) => copied(entry, args)?,
        None => blank(args.kind, &args.id, &known(&root, session), session.now()),
    };
    let taken = |(path, _): &&(String, String)| files::is_there(&root.join(path));
    if let Some((path, _)) = made.iter().find(taken) {
        return Err(CliError::usage(format!("there is a {path} already")).help("choose another id"));
    }
    for (path, text) in &made {
        files::write(&root.join(path), &scaffold::with_modeline(path, text))?;
        writeln!(session.out, "made {path}")?;
    }
    session.out.flush()?;
    tell(&root, &made, session)?;
    Ok(Exit::Fine)
}

/// What the project still lacks for the new files. They are made either way: their findings are what is to be done next.
fn tell(root: &Path, made: &[(String, String)], session: &mut Session<'_>) -> Result<(), CliError> {
    let project = session.load(root);
    let ours = |file: &str| made.iter().any(|(path, _)| path == file);
    let about: Vec<_> =
        project.findings.iter().filter(|finding| ours(finding.primary.file.as_str())).cloned().collect();
    if about.is_empty() {
        return Ok(());
    }
    session.note("\nwhat is left to do:")?;
    session.err.write_all(findings::full(&about, &project.sources).as_bytes())?;
    Ok(())
}

/// An entry of the library under another id: wherever its id stands as a word, the new one does.
fn copied(entry: &str, args: &Args) -> Result<scaffold::Files, CliError> {
    let files = scaffold::entry(entry).ok_or_else(|| library::unknown(entry))?;
    let own = format!("{}/{entry}.yaml", args.kind.folder());
    if !files.iter().any(|(path, _)| *path == own) {
        let is = KINDS
            .into_iter()
            .find(|kind| files.iter().any(|(path, _)| *path == format!("{}/{entry}.yaml", kind.folder())));
        let help = is.map(|kind| format!("write `dripline new {} {} --from {entry}`", kind.word(), args.id));
        let error = CliError::usage(format!("`{entry}` of the library is no {}", args.kind.word()));
        return Err(match help {
            Some(help) => error.help(help),
            None => error,
        });
    }
    let renamed = |text: &str| renamed(text, entry, &args.id);
    Ok(files.iter().map(|(path, text)| (renamed(path), renamed(text))).collect())
}

fn renamed(text: &str, old: &str, new: &str) -> String {
    let line = |line: &str| match line.strip_prefix("category: ") {
        // some entries are called like what they are for
        Some(_) => line.to_owned(),
        None => renamed_in(line, old, new),
    };
    text.split_inclusive('\n').map(line).collect()
}

fn renamed_in(text: &str, old: &str, new: &str) -> String {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let word = !before.ends_with(inside) && !after.starts_with(inside);
        out.push_str(before);
        out.push_str(if word { new } else { old });
        rest = after;
    }
    out + rest
}

/// What new files can refer to.
struct Known {
    sequence: Option<String>,
    offer: Option<String>,
}

fn known(root: &Path, session: &Session<'_>) -> Known {
    let project = session.load(root);
    let outlines: Vec<_> = project.sources.files().filter_map(|(file, text)| document::outline(file, text)).collect();
    let first =
        |kind: Kind| outlines.iter().filter(|outline| outline.kind == kind).map(|outline| outline.id.clone()).min();
    Known { sequence: first(Kind::Sequence), offer: first(Kind::Offer) }
}

fn blank(kind: Kind, id: &str, known: &Known, now: Instant) -> scaffold::Files {
    let file = PathBuf::from(kind.folder()).join(format!("{id}.yaml")).to_string_lossy().into_owned();
    let title = title(id);
    match kind {
        Kind::Sequence => vec![
            (
                file,
                format!(
                    "sequence: {id}\ntitle: {title}\ncategory: custom\npurpose: marketing\nreentry: never\ngoal: {{ \
                     event: booking.created, within: 30d }}\nstop_on:\n  - {{ event: message.received, reason: replied \
                     }}\nsteps:\n  - id: first\n    day: 1\n    at: \"10:00\"\n    email: {id}/first\n"
                ),
            ),
            (format!("templates/{id}/first.md"), text(&title)),
        ],
        Kind::Trigger => {
            let sequence = known.sequence.as_deref().unwrap_or("welcome");
            vec![(file, format!("trigger: {id}\ntitle: {title}\nevent: lead.created\nenroll: {sequence}\n"))]
        }
        Kind::Segment => vec![(file, format!("segment: {id}\ntitle: {title}\nwhere: has_tag('{id}')\n"))],
        Kind::Offer => {
            let until = day(now, 60);
            let code = id.to_uppercase();
            vec![(
                file,
                format!(
                    "offer: {id}\ntitle: {title}\ndetails: What people get, in one sentence.\ncode: {code}\nvalid: {{ \
                     until: {until} }}\nlimits: {{ per_contact: 1, total: 100 }}\n"
                ),
            )]
        }
        _ => campaign(id, &title, known, now, file),
    }
}

fn campaign(id: &str, title: &str, known: &Known, now: Instant, file: String) -> scaffold::Files {
    let offer = known.offer.as_ref().map(|offer| format!("offer: {offer}\n")).unwrap_or_default();
    let (start, end) = (day(now, 14), day(now, 56));
    vec![
        (
            file,
            format!(
                "campaign: {id}\ntitle: {title}\naudience:\n  inactive_days: 90\nschedule:\n  start: {start}\n  end: \
                 {end}\n  send_times: [\"10:00\"]\n  days: [mon, tue, wed, thu]\n{offer}goal: {{ event: \
                 booking.created, within: 30d }}\nmessages:\n  - id: first\n    email: {id}/first\n"
            ),
        ),
        (format!("templates/{id}/first.md"), text(title)),
    ]
}

fn text(title: &str) -> String {
    format!(
        "---\nsubject: \"{title}\"\n---\n\nHello {{{{ contact.first_name | default('there') }}}},\n\nwrite your text \
         here.\n\n[Choose a time]({{{{ booking_link }}}})\n\n---\n\nYou get this mail because you asked us to write to \
         you. [Unsubscribe]({{{{ unsubscribe_link }}}})\n\n{{{{ postal_address }}}}\n"
    )
}

/// `no_show_recovery` becomes `No show recovery`.
fn title(id: &str) -> String {
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A date that many days from now.
fn day(now: Instant, days: i64) -> String {
    let then = now.plus_ms(days * 86_400_000).timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    then.date().to_string()
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn only_whole_words_get_the_new_id() {
        let text = "sequence: win\nenroll: win\nemail: win/first # winner, my_win, win2\n";
        assert_eq!(
            renamed(text, "win", "back"),
            "sequence: back\nenroll: back\nemail: back/first # winner, my_win, win2\n"
        );
    }
}
