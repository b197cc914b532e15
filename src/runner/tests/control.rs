#![expect(clippy::disallowed_methods, reason = "these tests look at the socket file")]
use super::*;
use crate::runner::{
    Control, Request, Response, acquire, ask,
    control::socket_path,
    handle::{Setup, start_over},
};
use std::{os::unix::fs::PermissionsExt, path::Path};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

#[tokio::test]
async fn a_command_asks_the_daemon_over_its_socket() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("clinic.db");
    let lock = acquire(&database).unwrap();
    let core = FakeCore::default();
    core.open().poison.insert(ContactId(2));
    let (clock, limits, actor) = (StillClock::at(0), Limits::default(), "ana".to_owned());
    let (store, channels) = (core.clone(), Registry::new());
    let setup = Setup { store, loaded: loaded(), channels, clock, limits, actor, checkpoint: None };
    let runner = start_over(setup).unwrap();
    let path = socket_path(&database, folder.path());
    std::fs::write(&path, "left by a process that was killed").unwrap();
    let control = Control::listen(&path, &lock, runner.clone()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let pong = ask(&path, &Request::Ping).await.unwrap();
    assert!(matches!(pong, Response::Pong { pid, plan: 1, .. } if pid == std::process::id()), "{pong:?}");
    let enrol = |number| Request::Enrol { contact: ContactId(number), sequence: SequenceName::new("welcome") };
    assert_eq!(ask(&path, &enrol(1)).await.unwrap(), Response::Done);
    let refused = Response::Refused { why: "contact 2 is broken".to_owned() };
    assert_eq!(ask(&path, &enrol(2)).await.unwrap(), refused);
    let opt_out =
        Request::OptOut { contact: ContactId(1), channel: Some(email()), purpose: None, actor: Arc::from("ana") };
    assert_eq!(ask(&path, &opt_out).await.unwrap(), Response::Done);
    let orders: Vec<Work> = core.open().turns.iter().flat_map(|(work, _)| work.clone()).collect();
    let is_opt_out = |work: &Work| matches!(work, Work::Ordered(_, Order::OptOut { channel: Some(_), purpose: None, basis, .. }) if &**basis == "operator");
    assert!(orders.iter().any(is_opt_out), "{orders:?}");

    assert_eq!(ask(&path, &Request::StopDaemon).await.unwrap(), Response::Done);
    runner.stop_asked().await;
    runner.stop().await;
    let refused = Response::Refused { why: "the daemon is stopping".to_owned() };
    assert_eq!(ask(&path, &enrol(1)).await.unwrap(), refused);
    drop(control);
    assert!(ask(&path, &Request::Ping).await.is_err() && !path.exists());
}

#[tokio::test]
async fn what_is_not_understood_is_refused_and_the_next_line_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("clinic.db");
    let lock = acquire(&database).unwrap();
    let (clock, limits, actor) = (StillClock::at(0), Limits::default(), "ana".to_owned());
    let (store, channels) = (FakeCore::default(), Registry::new());
    let setup = Setup { store, loaded: loaded(), channels, clock, limits, actor, checkpoint: None };
    let runner = start_over(setup).unwrap();
    let path = socket_path(&database, folder.path());
    let _control = Control::listen(&path, &lock, runner.clone()).unwrap();
    let mut stream = BufReader::new(tokio::net::UnixStream::connect(&path).await.unwrap());
    for (request, expected) in [
        ("{\"do\":\"dance\"}\n", "refused"),
        ("nonsense\n", "refused"),
        ("{\"do\":\"enrol\",\"contact\":1,\"sequence\":\"welcome\",\"at\":1}\n", "refused"),
        ("{\"do\":\"ping\"}\n", "pong"),
    ] {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.starts_with(&format!("{{\"is\":\"{expected}\"")), "{request} {line}");
    }
    // a line without an end is not read for ever
    let mut rest = String::new();
    drop(stream.write_all(&vec![b'x'; 100_000]).await);
    drop(stream.read_line(&mut rest).await);
    assert_eq!(rest, "");
    runner.stop().await;
}

#[test]
fn a_path_too_long_for_a_socket_becomes_a_short_one() {
    let short = Path::new("/run/user/1000");
    assert_eq!(socket_path(Path::new("/srv/clinic.db"), short), Path::new("/srv/clinic.db.sock"));
    let long = |name: &str| socket_path(&Path::new("/srv").join("d".repeat(120)).join(name), short);
    assert!(long("a.db").starts_with(short) && long("a.db").as_os_str().len() < 60);
    assert_ne!(long("a.db"), long("b.db"));
}
