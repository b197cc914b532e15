use super::{
    Channel, Hidden, Settings, Smtp, build,
    server::{Server, Tls},
};
use crate::{
    content::Message,
    engine::{Permit, Receipt},
    id::{ChannelName, ContactId, SendId},
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpSocket},
    sync::Notify,
    task::JoinHandle,
};

/// What the server does on one connection, in order.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Write this line.
    Say(&'static str),
    /// Read a line that starts with this.
    Hear(&'static str),
    /// Read up to the line with the final dot.
    HearBody,
    /// Read that many bytes of the body.
    HearSome(usize),
    /// Say that this was reached, answer nothing, and stay.
    Stall(&'static Notify),
}
use Act::*;

const GREET: [Act; 3] = [Say("220 mx.example.org ready"), Hear("EHLO "), Say("250-mx.example.org\r\n250 8BITMIME")];
const ENVELOPE: [Act; 6] = [
    Hear("MAIL FROM:<hello@example.org>"),
    Say("250 2.1.0 ok"),
    Hear("RCPT TO:<ana@example.com>"),
    Say("250 2.1.5 ok"),
    Hear("DATA"),
    Say("354 go on"),
];
const TAKEN: [Act; 2] = [HearBody, Say("250 2.0.0 Ok: queued as 4F9D195432C")];

/// Serves these connections one after the other, then ends; gives back what it heard on each.
fn serve(scripts: Vec<Vec<Act>>) -> (u16, JoinHandle<Vec<String>>) {
    let socket = TcpSocket::new_v4().unwrap();
    // a small window, so that a large body cannot be written to its end unread
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(8).unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, tokio::spawn(play(listener, scripts)))
}

async fn play(listener: TcpListener, scripts: Vec<Vec<Act>>) -> Vec<String> {
    let mut all = Vec::new();
    for script in scripts {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut heard = String::new();
        for act in script {
            match act {
                Say(line) => stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap(),
                Hear(start) => {
                    let from = heard.len();
                    stream.read_line(&mut heard).await.unwrap();
                    assert!(heard[from..].starts_with(start), "expected {start}, heard {}", &heard[from..]);
                }
                HearBody => loop {
                    let from = heard.len();
                    assert!(stream.read_line(&mut heard).await.unwrap() > 0, "the body ended without a dot");
                    if &heard[from..] == ".\r\n" {
                        break;
                    }
                },
                HearSome(bytes) => {
                    stream.read_exact(&mut vec![0; bytes]).await.unwrap();
                }
                Stall(reached) => {
                    reached.notify_one();
                    let mut rest = Vec::new();
                    drop(stream.read_to_end(&mut rest).await);
                }
            }
        }
        all.push(heard);
    }
    all
}

fn channel(port: u16, query: &str) -> Smtp {
    Smtp::new(&format!("smtp://127.0.0.1:{port}{query}"), Some("Clinic <hello@example.org>".to_owned()), 2).unwrap()
}

fn message(text: &str) -> Message {
    let (to, subject) = ("ana@example.com".to_owned(), Some("Hello".to_owned()));
    Message { to, subject, text: text.to_owned(), ..Message::default() }
}

fn permit(number: u16) -> Permit {
    Permit::for_test(SendId(7), ContactId(1), number)
}

fn script(parts: &[&[Act]]) -> Vec<Act> {
    parts.concat()
}

async fn answer_to(acts: Vec<Act>) -> Receipt {
    let (port, server) = serve(vec![acts]);
    let smtp = channel(port, "");
    let receipt = smtp.send(permit(1), &message("Hi Ana")).await;
    drop(smtp);
    server.await.unwrap();
    receipt
}

fn not_sent(permanent: bool, why: &str) -> Receipt {
    Receipt::NotSent { retry_after_ms: None, permanent, why: Arc::from(why) }
}

#[tokio::test]
async fn a_taken_mail_is_accepted_with_the_servers_id() {
    let (port, server) = serve(vec![script(&[&GREET, &ENVELOPE, &TAKEN])]);
    let smtp = channel(port, "");
    let receipt = smtp.send(permit(1), &message("Hi Ana\n.\n.. dots")).await;
    assert_eq!(receipt, Receipt::Accepted { provider_id: Arc::from("4F9D195432C") });
    drop(smtp);
    let heard = server.await.unwrap().remove(0);
    assert!(heard.contains("\r\nHi Ana\r\n..\r\n... dots\r\n"), "dots are stuffed: {heard}");
    assert!(heard.contains(&format!("Message-ID: <{:032x}@example.org>\r\n", 7)), "{heard}");
}

#[tokio::test]
async fn refusals_before_mail_are_about_us_and_never_permanent() {
    assert_eq!(answer_to(vec![Say("554 5.7.1 go away")]).await, not_sent(false, "connect: 554 5.7.1"));
    assert_eq!(answer_to(vec![Say("421 4.3.2 later")]).await, not_sent(false, "connect: 421 4.3.2"));
    assert_eq!(answer_to(vec![]).await, not_sent(false, "connect: the answer was cut off or not understood"));
    let ehlo = vec![Say("220 ready"), Hear("EHLO "), Say("550 no")];
    assert_eq!(answer_to(ehlo).await, not_sent(false, "connect: 550"));
}

#[tokio::test]
async fn nobody_listening_is_known_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let receipt = channel(port, "").send(permit(1), &message("Hi")).await;
    assert_eq!(receipt, not_sent(false, "connect: no connection"));
}

#[tokio::test]
async fn refusals_of_the_envelope_go_by_their_code_and_repeat_no_address() {
    let ends = [
        (0, "MAIL", "552 5.3.4 too big", not_sent(true, "MAIL: 552 5.3.4")),
        (0, "MAIL", "451 4.3.0 not now", not_sent(false, "MAIL: 451 4.3.0")),
        (2, "RCPT", "450 4.2.1 <ana@example.com> busy", not_sent(false, "RCPT: 450 4.2.1")),
        (2, "RCPT", "550 5.1.1 <ana@example.com> unknown", not_sent(true, "RCPT: 550 5.1.1")),
        (2, "RCPT", "550 ana@example.com unknown", not_sent(true, "RCPT: 550")),
        (4, "DATA", "554 5.5.1 no valid recipients", not_sent(true, "DATA: 554 5.5.1")),
        (4, "DATA", "452 4.3.1 disk", not_sent(false, "DATA: 452 4.3.1")),
    ];
    for (before, command, line, expected) in ends {
        let acts = script(&[&GREET, &ENVELOPE[..before], &[Hear(command), Say(line), Hear("RSET"), Say("250 ok")]]);
        assert_eq!(answer_to(acts).await, expected, "{line}");
    }
    let closed = script(&[&GREET, &ENVELOPE[..2], &[Hear("RCPT")]]);
    assert_eq!(answer_to(closed).await, not_sent(false, "RCPT: the answer was cut off or not understood"));
}

#[tokio::test]
async fn an_answer_after_the_dot_is_an_answer() {
    let end = |line| script(&[&GREET, &ENVELOPE, &[HearBody, Say(line)]]);
    assert_eq!(answer_to(end("451 4.7.1 try later")).await, not_sent(false, "end of data: 451 4.7.1"));
    assert_eq!(answer_to(end("550 5.7.1 spam")).await, not_sent(true, "end of data: 550 5.7.1"));
    assert_eq!(answer_to(end("421 4.3.2 closing")).await, not_sent(false, "end of data: 421 4.3.2"));
}

#[tokio::test]
async fn the_dot_written_and_no_answer_is_unknown() {
    assert_eq!(answer_to(script(&[&GREET, &ENVELOPE, &[HearBody]])).await, Receipt::Unknown);
    let odd = script(&[&GREET, &ENVELOPE, &[HearBody, Say("what?")]]);
    assert_eq!(answer_to(odd).await, Receipt::Unknown);
    let not_an_end = script(&[&GREET, &ENVELOPE, &[HearBody, Say("354 still going")]]);
    assert_eq!(answer_to(not_an_end).await, Receipt::Unknown);
    // the server hangs up after 354: a short body and its dot are already on their way
    assert_eq!(answer_to(script(&[&GREET, &ENVELOPE])).await, Receipt::Unknown);
}

#[tokio::test]
async fn a_body_cut_off_before_the_dot_is_known_not_sent() {
    let (port, server) = serve(vec![script(&[&GREET, &ENVELOPE, &[HearSome(1000)]])]);
    let large = "A line of a mail that is too large for every buffer on the way.\n".repeat(80_000);
    let receipt = channel(port, "").send(permit(1), &message(&large)).await;
    assert_eq!(receipt, not_sent(false, "body: no connection"));
    server.await.unwrap();
}

#[tokio::test]
async fn silence_is_judged_by_where_it_began() {
    static REACHED: Notify = Notify::const_new();
    for (acts, expected) in [
        (script(&[&GREET, &ENVELOPE[..2], &[Stall(&REACHED)]]), not_sent(false, "no answer in time")),
        (script(&[&GREET, &ENVELOPE, &[HearBody, Stall(&REACHED)]]), Receipt::Unknown),
    ] {
        let (port, server) = serve(vec![acts]);
        let smtp = channel(port, "");
        let (message, reached) = (message("Hi"), REACHED.notified());
        let receipt = smtp.send_until(permit(1), &message, reached).await;
        assert_eq!(receipt, expected);
        drop(smtp);
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_is_used_again_also_after_a_refusal() {
    let refused = [Hear("MAIL"), Say("250 ok"), Hear("RCPT"), Say("550 5.1.1 no"), Hear("RSET"), Say("250 ok")];
    let (port, server) = serve(vec![script(&[&GREET, &ENVELOPE, &TAKEN, &refused, &ENVELOPE, &TAKEN])]);
    let smtp = channel(port, "");
    let accepted = Receipt::Accepted { provider_id: Arc::from("4F9D195432C") };
    assert_eq!(smtp.send(permit(1), &message("one")).await, accepted);
    assert_eq!(smtp.send(permit(1), &message("two")).await, not_sent(true, "RCPT: 550 5.1.1"));
    assert_eq!(smtp.send(permit(1), &message("three")).await, accepted);
    drop(smtp);
    assert_eq!(server.await.unwrap().len(), 1, "one connection for all");
}

#[tokio::test]
async fn a_connection_that_died_asleep_is_replaced_and_nothing_is_sent_twice() {
    let idle = [Say("421 4.4.2 idle too long")];
    for dying in [&[][..], &idle[..]] {
        let first = script(&[&GREET, &ENVELOPE, &TAKEN, dying]);
        let (port, server) = serve(vec![first, script(&[&GREET, &ENVELOPE, &TAKEN])]);
        let smtp = channel(port, "");
        let accepted = Receipt::Accepted { provider_id: Arc::from("4F9D195432C") };
        assert_eq!(smtp.send(permit(1), &message("one")).await, accepted);
        assert_eq!(smtp.send(permit(1), &message("two")).await, accepted);
        drop(smtp);
        let heard = server.await.unwrap();
        assert_eq!(heard.iter().map(|heard| heard.matches("DATA\r\n").count()).collect::<Vec<_>>(), [1, 1]);
    }
}

#[tokio::test]
async fn a_lost_answer_on_an_old_connection_is_not_repeated_on_a_new_one() {
    let (port, server) = serve(vec![script(&[&GREET, &ENVELOPE, &TAKEN, &ENVELOPE, &[HearBody]])]);
    let smtp = channel(port, "");
    assert!(matches!(smtp.send(permit(1), &message("one")).await, Receipt::Accepted { .. }));
    assert_eq!(smtp.send(permit(1), &message("two")).await, Receipt::Unknown);
    server.await.unwrap();
}

#[tokio::test]
async fn a_password_is_not_given_away() {
    static REACHED: Notify = Notify::const_new();
    let url = |port: u16, query: &str| format!("smtp://clinic:s3cret%21@127.0.0.1:{port}{query}");
    let from = || Some("hello@example.org".to_owned());
    // required, and the server does not offer it: hangs up before AUTH
    let (port, server) = serve(vec![script(&[&GREET, &[Stall(&REACHED)]])]);
    let smtp = Smtp::new(&url(port, "?tls=required"), from(), 1).unwrap();
    let receipt = smtp.send(permit(1), &message("Hi")).await;
    assert_eq!(receipt, not_sent(false, "STARTTLS: the server does not offer it"));
    assert!(!server.await.unwrap().remove(0).contains("AUTH"));
    // a wrong one: the server's words are not repeated
    let auth = [
        Say("220 ready"),
        Hear("EHLO "),
        Say("250-mx.example.org\r\n250 AUTH PLAIN"),
        Hear("AUTH PLAIN AGNsaW5pYwBzM2NyZXQh"),
        Say("535 5.7.8 s3cret! is wrong"),
    ];
    let (port, server) = serve(vec![auth.to_vec()]);
    let smtp = Smtp::new(&url(port, ""), from(), 1).unwrap();
    assert_eq!(smtp.send(permit(1), &message("Hi")).await, not_sent(false, "AUTH: 535 5.7.8"));
    assert!(!format!("{smtp:?}").contains("s3cret"));
    server.await.unwrap();
}

#[test]
fn addresses_of_servers_say_how_to_encrypt() {
    let parsed = |url: &str| Server::parse(url).map(|server| (server.host, server.port, server.tls));
    let ok = |host: &str, port, tls| Ok((host.to_owned(), port, tls));
    assert_eq!(parsed("smtps://u:p@mail.example.org"), ok("mail.example.org", 465, Tls::Wrapped));
    assert_eq!(parsed("smtp://u:p@mail.example.org"), ok("mail.example.org", 587, Tls::Required));
    assert_eq!(parsed("smtp://u:p@mail.example.org?tls=none"), ok("mail.example.org", 587, Tls::None));
    assert_eq!(parsed("smtp://10.0.0.5:2525"), ok("10.0.0.5", 2525, Tls::Offered));
    assert_eq!(parsed("smtp://[::1]"), ok("::1", 25, Tls::Offered));
    assert_eq!(parsed("smtp://u:p@localhost"), ok("localhost", 587, Tls::Offered));
    let login = Server::parse("smtps://a%40b.example:p%3Aw%25@mail.example.org").unwrap().login;
    assert_eq!(login, Some(("a@b.example".to_owned(), Hidden("p:w%".to_owned()))));
    for wrong in [
        "mail.example.org",
        "http://u:s3cret@mail.example.org",
        "smtp://u:s3cret@",
        "smtp://u@mail.example.org",
        "smtp://u:s3cret%zz@mail.example.org",
        "smtp://u:s3cret@mail.example.org?tls=maybe",
        "smtp://u:s3cret@mail.example.org?ssl=1",
        "smtps://u:s3cret@mail.example.org?tls=none",
    ] {
        let why = Server::parse(wrong).unwrap_err();
        assert!(!why.contains("s3cret"), "{why}");
    }
}

#[test]
fn every_faulty_channel_is_named() {
    let smtp = |url: &str| Settings::Smtp { url: Hidden(url.to_owned()), from: None, slots: 3 };
    let settings = [("a", smtp("nonsense")), ("b", Settings::Mailbox), ("c", smtp("smtp://")), ("d", smtp("smtp://h"))];
    let settings: BTreeMap<ChannelName, Settings> =
        settings.into_iter().map(|(name, settings)| (ChannelName::new(name), settings)).collect();
    let (registry, faults) = build(&settings);
    assert_eq!(registry.keys().map(ChannelName::as_str).collect::<Vec<_>>(), ["b", "d"]);
    assert_eq!(faults.iter().map(|fault| fault.channel.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(registry.get("d").map(|channel| channel.slots()), Some(3));
    assert!(!format!("{settings:?}").contains("nonsense"));
}
