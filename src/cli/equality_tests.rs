//! What a preview shows is what a real database holds after the same story: times, channels, outcomes, reasons, texts.
#![expect(clippy::disallowed_methods, reason = "the examples and a database lie in files")]
use crate::{
    calendar::{Instant, TimeOfDay, Zone},
    compile::Settings,
    engine::{DueWhat, LedgerRow, MemoryStore, RunPhase, RunRow, Store},
    id::{ContactId, SequenceName},
    journey::{End, Outcome},
    plan::{Act, Plan, Sequence},
    project,
    simulate::{Entry, Example, Preview, What, Word, play, preview},
    store::{Reader, SqliteStore},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What happens on the way, besides the event that begins it; nothing after the series has led into the next one.
const STORIES: [&[&str]; 5] = [
    &[],
    &["booking.created at +2d"],
    &["message.received at +5d"],
    &["contact.opted_out at +3d"],
    &["booking.cancelled at +1d", "booking.created at +4d"],
];

fn examples() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<PathBuf> = fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn plan(root: &Path) -> Arc<Plan> {
    let settings = Settings {
        env: None,
        version: env!("CARGO_PKG_VERSION"),
        year: 2027,
        now: crate::calendar::Instant(1_790_000_000_000),
    };
    project::load(root, &settings).plan.unwrap()
}

/// The same story twice: as a preview tells it, and as the files on disk have it.
fn both(plan: &Arc<Plan>, ask: &Preview) -> (Vec<Entry>, Vec<Entry>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dripline.db");
    // links in the texts hang on the secret of the store
    let store = SqliteStore::open(&path, MemoryStore::new().key().0, ask.start).unwrap();
    let played = play(store, plan, ask).unwrap();
    let executed = executed(&mut Reader::open(&path).unwrap(), played.contact, &ask.sequence);
    (preview(plan, ask).unwrap().entries, executed)
}

/// The lines of a timeline, read off the tables.
fn executed(reader: &mut Reader, who: ContactId, sequence: &SequenceName) -> Vec<Entry> {
    let mut entries = Vec::new();
    for row in reader.ledger(who).unwrap() {
        if row.sequence.as_ref() == Some(sequence) && row.outcome().is_some() {
            entries.push(line(reader, row, sequence));
        }
    }
    let runs = reader.runs(who).unwrap();
    for run in runs.iter().filter(|run| run.sequence == *sequence) {
        let RunPhase::Ended { at, end } = &run.phase else { continue };
        entries.push(bare(*at, sequence, ended(end)));
        let next = runs.iter().filter(|next| next.sequence != *sequence && next.id > run.id && next.entered == *at);
        for next in next {
            let word = Word::Enters { sequence: next.sequence.clone(), first: first(reader, next) };
            entries.push(bare(next.entered, sequence, word));
        }
    }
    // at one moment: what became of the steps, then the end, then where it leads
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn ended(end: &End) -> Word {
    match end {
        End::Completed => Word::Completed,
        End::Converted(_) => Word::Converted,
        End::Stopped(reason) => Word::Stopped(reason.name()),
    }
}

fn first(reader: &mut Reader, of: &RunRow) -> Option<Instant> {
    let due = reader.next_due(of.contact).unwrap();
    due.into_iter().find(|row| matches!(&row.what, DueWhat::Run { run, .. } if *run == of.id)).map(|row| row.at)
}

fn line(reader: &mut Reader, row: LedgerRow, sequence: &SequenceName) -> Entry {
    let outcome = row.outcome().unwrap();
    let reason = outcome.reason().unwrap_or_else(|| Arc::from(""));
    let word = match outcome {
        Outcome::Sent => Word::Sent,
        Outcome::Skipped(_) => Word::Skipped(reason),
        Outcome::Failed(_) => Word::Failed(reason),
        Outcome::Cancelled(_) => Word::Cancelled(reason),
        Outcome::Unknown => Word::Unknown,
    };
    let message = reader.message(row.send).unwrap().map(|kept| kept.message);
    let task = reader.tasks_of(row.contact).unwrap().into_iter().find(|task| task.task.send == row.send);
    let words = task.map(|row| {
        let notes = row.task.notes.unwrap_or_default();
        (Some(row.task.title), notes)
    });
    let words = words.or_else(|| message.as_ref().map(|message| (message.subject.clone(), message.text.clone())));
    let (subject, text) = words.map_or((None, None), |(subject, text)| (subject, Some(text)));
    Entry {
        planned: row.planned,
        step: Some(Arc::from(row.step.as_str())),
        channel: row.channel.as_ref().map(|channel| Arc::from(channel.as_str())),
        subject,
        text,
        provider_template: message.and_then(|message| message.provider_template.map(|template| template.name)),
        because: row.because.clone(),
        ..bare(row.at, sequence, word)
    }
}

fn bare(at: Instant, sequence: &SequenceName, word: Word) -> Entry {
    Entry {
        at,
        planned: at,
        sequence: sequence.clone(),
        step: None,
        word,
        channel: None,
        subject: None,
        text: None,
        provider_template: None,
        because: None,
        notes: Vec::new(),
    }
}

fn ask(sequence: &SequenceName, start: &str, what_if: &[&str]) -> Preview {
    Preview {
        sequence: sequence.clone(),
        contact: Example::default(),
        event: None,
        what_if: what_if.iter().map(|what| What::parse(what).unwrap()).collect(),
        lookups: Vec::new(),
        start: Instant::parse_rfc3339(start).unwrap(),
    }
}

/// The same with links as they are written: a preview shows those, and says that they are counted.
fn uncounted(plan: &Arc<Plan>) -> Arc<Plan> {
    let mut plan = Plan::clone(plan);
    for sequence in plan.sequences.values_mut() {
        for step in &mut Arc::make_mut(sequence).steps {
            if let Act::Message(spec) = &mut step.act {
                Arc::make_mut(spec).track = false;
            }
        }
    }
    Arc::new(plan)
}

#[track_caller]
fn assert_same(told: &str, (previewed, executed): (Vec<Entry>, Vec<Entry>)) -> usize {
    for (previewed, executed) in previewed.iter().zip(&executed) {
        // what a preview had to suppose, nothing that runs says
        let previewed = Entry { notes: Vec::new(), ..previewed.clone() };
        assert_eq!(&previewed, executed, "{told}");
    }
    assert_eq!(previewed.len(), executed.len(), "{told}: {previewed:#?}\n{executed:#?}");
    previewed.iter().filter(|entry| entry.text.is_some()).count()
}

#[test]
fn a_preview_is_what_the_database_then_holds() {
    let mut messages = 0;
    for example in examples() {
        let plan = uncounted(&plan(&example));
        // previews suppose the answers of look-ups, and a daemon has to ask for them
        let asks = |sequence: &&Arc<Sequence>| sequence.steps.iter().any(|step| !step.with.is_empty());
        for sequence in plan.sequences.values().filter(|sequence| !asks(sequence)).map(|sequence| &sequence.name) {
            for story in STORIES {
                let told = format!("{} {sequence} {story:?}", example.display());
                messages += assert_same(&told, both(&plan, &ask(sequence, "2026-12-01T18:30:00-05:00", story)));
            }
        }
    }
    assert!(messages > 50, "only {messages} messages");
}

#[test]
fn ten_in_the_morning_stays_ten_in_the_database_when_clocks_change() {
    let plan = plan(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic"));
    let berlin = Zone::parse("Europe/Berlin").unwrap();
    let sequence = SequenceName::new("no_show_recovery");
    // the changes are on 28 March and 31 October
    for (start, hours) in [("2027-03-26T18:30:00+01:00", [9, 8, 8]), ("2027-10-29T18:30:00+02:00", [8, 9, 9])] {
        let mut ask = ask(&sequence, start, &[]);
        ask.contact.fields.insert("zone".to_owned(), "Europe/Berlin".into());
        let (previewed, executed) = both(&plan, &ask);
        let sent: Vec<Instant> =
            executed.iter().filter(|entry| entry.word == Word::Sent).map(|entry| entry.planned).collect();
        let utc = |at: &Instant| (at.0 / 3_600_000) % 24;
        assert_eq!(sent.iter().map(utc).collect::<Vec<_>>(), hours, "{start}");
        assert!(sent.iter().all(|at| berlin.time_of_day(*at) == TimeOfDay::new(10, 0).unwrap()), "{start}");
        assert_same(start, (previewed, executed));
    }
}
