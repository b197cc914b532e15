//! A mail server inside the test: it takes every mail, remembers what arrived, and sometimes keeps its answer back for a
//! moment. It outlives the daemons that talk to it. Must not know what is sent or why.
use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, atomic::AtomicUsize, atomic::Ordering},
    thread,
    time::Duration,
};

/// For so long an answer is kept back, or until the other side is gone.
const KEPT_BACK: Duration = Duration::from_millis(60);

/// A mail whose final dot arrived.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) message_id: String,
    pub(crate) send_key: String,
    pub(crate) subject: String,
}

/// What the sink tells as it happens.
pub(crate) enum Seen {
    /// A mail is announced; nothing of its text has come.
    Begun,
    /// Its final dot is here, and nothing is answered yet.
    Arrived(Mail),
}

/// Listens for ever; whether an answer is kept back is decided by the number of the mail.
pub(crate) fn open(keeps_back: fn(usize) -> bool, tell: impl Fn(Seen) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tell = Arc::new(tell);
    let mails = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (tell, mails) = (tell.clone(), mails.clone());
            // a connection that breaks is the daemon's end, and nothing of ours
            thread::spawn(move || drop(talk(stream, keeps_back, &mails, &*tell)));
        }
    });
    address
}

fn talk(
    mut stream: TcpStream,
    keeps_back: fn(usize) -> bool,
    mails: &AtomicUsize,
    tell: &(impl Fn(Seen) + ?Sized),
) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 sink.example.org\r\n")?;
    let mut to = String::new();
    while let Some(line) = read_line(&mut lines)? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink.example.org\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut to);
                "250 2.1.5 Ok".to_owned()
            }
            "DATA" => {
                tell(Seen::Begun);
                stream.write_all(b"354 go on\r\n")?;
                let Some(mail) = mail(&mut lines, &to)? else { return Ok(()) };
                let number = mails.fetch_add(1, Ordering::SeqCst);
                tell(Seen::Arrived(mail));
                if keeps_back(number) {
                    keep_back(&stream)?;
                }
                format!("250 2.0.0 Ok: queued as {number:08}")
            }
            "QUIT" => "221 2.0.0 Bye".to_owned(),
            _ => "250 2.0.0 Ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

/// Waits for data that do not come: until the time is over, or the other side is gone.
fn keep_back(stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(KEPT_BACK))?;
    let waited = stream.peek(&mut [0]);
    stream.set_read_timeout(None)?;
    match waited {
        Err(error) if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Err(error),
        _ => Ok(()),
    }
}

/// The text of a mail up to its final dot; `None` when the connection ends before it.
fn mail(lines: &mut impl BufRead, to: &str) -> io::Result<Option<Mail>> {
    let mut mail = Mail { to: to.to_owned(), ..Mail::default() };
    let mut in_head = true;
    while let Some(line) = read_line(lines)? {
        if line == "." {
            return Ok(Some(mail));
        }
        in_head &= !line.is_empty();
        let header = line.split_once(':').filter(|_| in_head);
        match header.map(|(name, text)| (name.to_ascii_lowercase(), text.trim().to_owned())) {
            Some((name, text)) if name == "message-id" => mail.message_id = text,
            Some((name, text)) if name == "x-dripline-send" => mail.send_key = text,
            Some((name, text)) if name == "subject" => mail.subject = text,
            _ => {}
        }
    }
    Ok(None)
}

/// A whole line without its end.
fn read_line(lines: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    Ok(line.strip_suffix("\r\n").map(str::to_owned))
}
