use super::*;
use crate::calendar::Instant;
use std::{
    io::{self, Write},
    path::PathBuf,
};

/// A reader that has gone away.
struct Closed;
impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk that is full.
struct Full;
impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written_to(out: &mut (dyn Write + Send), args: &[&str]) -> (u8, String) {
    let mut err = Vec::new();
    let code = run(
        std::iter::once("dripline").chain(args.iter().copied()).map(OsString::from),
        &mut Io {
            out,
            err: &mut err,
            out_is_terminal: false,
            err_is_terminal: false,
            now: Instant(0),
            env: &|_| None,
            cwd: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
        },
    );
    (code, String::from_utf8(err).unwrap())
}

#[test]
fn the_definition_is_consistent() {
    definition().debug_assert();
}

#[test]
fn a_reader_may_go_away_and_a_full_disk_is_an_error() {
    assert_eq!(written_to(&mut Closed, &["explain", "codes"]), (0, String::new()));
    let (code, told) = written_to(&mut Full, &["explain", "codes"]);
    assert_eq!(code, 3);
    assert!(told.starts_with("error: the output could not be written\n  because: "), "{told}");
}

#[test]
fn colours_follow_the_flag_then_the_variables_then_the_terminal() {
    use session::{Color, color_asked, colored};
    let asked = |words: &[&str]| color_asked(&words.iter().map(OsString::from).collect::<Vec<_>>());
    assert_eq!(asked(&["dripline", "check"]), Color::Auto);
    assert_eq!(asked(&["dripline", "check", "--color", "never"]), Color::Never);
    assert_eq!(asked(&["dripline", "--color=always", "check"]), Color::Always);
    assert_eq!(asked(&["dripline", "explain", "--", "--color=always"]), Color::Auto);
    assert_eq!(asked(&["dripline", "--color"]), Color::Auto);

    let none = |_: &str| None;
    let no_color = |name: &str| (name == "NO_COLOR").then(|| "1".to_owned());
    let empty = |name: &str| (name == "NO_COLOR").then(String::new);
    let dumb = |name: &str| (name == "TERM").then(|| "dumb".to_owned());
    assert!(colored(Color::Auto, true, &none) && !colored(Color::Auto, false, &none));
    assert!(!colored(Color::Auto, true, &no_color) && colored(Color::Auto, true, &empty));
    assert!(!colored(Color::Auto, true, &dumb));
    assert!(colored(Color::Always, false, &no_color) && !colored(Color::Never, true, &none));
}

#[test]
fn exit_codes_are_frozen_and_printed() {
    let all = [
        (Exit::Fine, 0),
        (Exit::Findings, 1),
        (Exit::Changes, 2),
        (Exit::CouldNotRun, 3),
        (Exit::Blocked, 4),
        (Exit::StalePlan, 5),
        (Exit::Environment, 6),
        (Exit::Interrupted, 130),
    ];
    for (exit, code) in all {
        assert_eq!(exit.code(), code);
        assert!(exit::TABLE.lines().any(|line| line.trim_start().starts_with(&format!("{code}  "))), "{code}");
    }
}

#[test]
fn causes_are_short_unless_more_is_asked_for() {
    let cause = anyhow::anyhow!("the root").context("the middle");
    let error = CliError::environment("the database does not answer").because(cause).help("start it");
    let told = |verbose: bool| {
        let mut err = Vec::new();
        let exit = error.tell(&mut Painted::new(&mut err, false), verbose);
        assert_eq!(exit, Exit::Environment);
        String::from_utf8(err).unwrap()
    };
    assert_eq!(told(false), "error: the database does not answer\n  because: the middle\nhelp: start it\n");
    assert!(told(true).contains("because: the middle\n  because: the root\n"));
}

#[test]
fn chosen_paths_are_whole_parts_of_a_path() {
    let chosen = |file: &str, paths: &[&str]| {
        files::is_chosen(file, &paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>())
    };
    assert!(chosen("sequences/a.yaml", &[]));
    assert!(chosen("sequences/a.yaml", &[""]), "the project's folder itself");
    assert!(chosen("sequences/a.yaml", &["triggers", "sequences"]));
    assert!(chosen("sequences/a.yaml", &["sequences/a.yaml"]));
    assert!(!chosen("sequences/a.yaml", &["seq", "sequences/a"]));
}

#[test]
fn help_is_not_broken_by_the_width_of_a_page() {
    for command in definition().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines() {
            assert!(line.chars().count() <= WIDTH, "{}: {line}", command.get_name());
        }
    }
}
