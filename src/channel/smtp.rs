//! E-mail over SMTP. What counts is to know, for every way in which it can fail, whether the mail may have gone out.
//!
//! Everything before the final dot is known not to have been sent; an answer after it is an answer; the dot written and no
//! answer is unknown. SMTP has no key that a server recognises, so the class is `Blind`.
//! Texts of errors are words and codes of ours: servers repeat addresses in their answers.
use super::{
    Channel, Class, DEADLINE, Later,
    mime::{self, Mail},
    server::{Server, Tls},
};
use crate::{
    content::Message,
    engine::{Permit, Receipt},
};
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail as MailFrom, Rcpt, Rset},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
};
use std::{
    error::Error as _,
    fmt, iter,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// A little less than what the shell grants, so that the channel itself says what is known.
const PATIENCE: Duration = Duration::from_secs(DEADLINE.as_secs() - 2);
const CONNECT: Duration = Duration::from_secs(15);
/// Servers hang up on silent clients; a connection this old is not tried again.
const IDLE: Duration = Duration::from_mins(1);
/// Some servers count mails per connection.
const MAILS_PER_CONNECTION: u16 = 100;

pub(crate) struct Smtp {
    server: Server,
    from: Option<String>,
    slots: u16,
    /// Trusted roots are read once, when the first encrypted connection is made.
    tls: OnceLock<Option<TlsParameters>>,
    idle: Mutex<Vec<Session>>,
}

/// An open connection that has been greeted and logged in.
struct Session {
    line: AsyncSmtpConnection,
    mails: u16,
    used: Instant,
}

/// Why an attempt is known to have failed, in words of ours.
struct Failed {
    why: Arc<str>,
    permanent: bool,
    /// The connection is gone: nothing was refused.
    lost: bool,
}

impl Smtp {
    pub(crate) fn new(url: &str, from: Option<String>, slots: u16) -> Result<Self, String> {
        let server = Server::parse(url)?;
        Ok(Self { server, from, slots: slots.max(1), tls: OnceLock::new(), idle: Mutex::new(Vec::new()) })
    }

    /// One attempt, given up when `end` comes first.
    pub(super) async fn send_until(&self, permit: Permit, message: &Message, end: impl Future<Output = ()>) -> Receipt {
        let dotted = AtomicBool::new(false);
        tokio::select! {
            receipt = self.deliver(&permit, message, &dotted) => receipt,
            () = end => if dotted.load(Ordering::SeqCst) {
                Receipt::Unknown
            } else {
                Failed::session("no answer in time").into()
            },
        }
    }

    async fn deliver(&self, permit: &Permit, message: &Message, dotted: &AtomicBool) -> Receipt {
        let mail = match mime::mail(permit, message, self.from.as_deref()) {
            Ok(mail) => mail,
            Err(why) => return Receipt::NotSent { retry_after_ms: None, permanent: true, why: Arc::from(why) },
        };
        let mut session = match self.begin(&mail).await {
            Ok(session) => session,
            Err(failed) => return failed.into(),
        };
        let receipt = body(&mut session, &mail.bytes, dotted).await;
        if receipt.is_answer {
            session.mails += 1;
            self.put_back(session);
        }
        receipt.receipt
    }

    /// A connection on which the server waits for the body. One that slept may have died: then a new one is made, which is
    /// safe because no body was written.
    async fn begin(&self, mail: &Mail) -> Result<Session, Failed> {
        while let Some(mut session) = self.take() {
            match envelope(&mut session, mail).await {
                Ok(()) => return Ok(session),
                Err(failed) if failed.lost => {}
                Err(failed) => return Err(self.refused(session, failed).await),
            }
        }
        let mut session = self.connect().await?;
        match envelope(&mut session, mail).await {
            Ok(()) => Ok(session),
            Err(failed) => Err(self.refused(session, failed).await),
        }
    }

    /// The server said no to this mail; it will take the next one.
    async fn refused(&self, mut session: Session, failed: Failed) -> Failed {
        if !failed.lost && session.line.command(Rset).await.is_ok() {
            self.put_back(session);
        }
        failed
    }

    /// A greeted connection, encrypted and logged in as the settings say. A refusal here is about us, not about one mail:
    /// it is never permanent, so that a wrong password does not use up the messages of a day.
    async fn connect(&self) -> Result<Session, Failed> {
        let hello = ClientId::default();
        let wrap = if self.server.tls == Tls::Wrapped { Some(self.tls()?) } else { None };
        let to = (self.server.host.as_str(), self.server.port);
        let line = AsyncSmtpConnection::connect_tokio1(to, Some(CONNECT), &hello, wrap, None).await;
        let mut line = line.map_err(|error| Failed::before("connect", &error))?;
        let upgrade = match self.server.tls {
            Tls::Required if !line.can_starttls() => {
                return Err(Failed::session("STARTTLS: the server does not offer it"));
            }
            Tls::Required => true,
            Tls::Offered => line.can_starttls(),
            Tls::Wrapped | Tls::None => false,
        };
        if upgrade {
            line.starttls(self.tls()?, &hello).await.map_err(|error| Failed::before("STARTTLS", &error))?;
        }
        if let Some((user, password)) = &self.server.login {
            let login = Credentials::new(user.clone(), password.0.clone());
            line.auth(DEFAULT_MECHANISMS, &login).await.map_err(|error| Failed::before("AUTH", &error))?;
        }
        Ok(Session { line, mails: 0, used: Instant::now() })
    }

    fn tls(&self) -> Result<TlsParameters, Failed> {
        let made = self.tls.get_or_init(|| TlsParameters::new(self.server.host.clone()).ok());
        made.clone().ok_or_else(|| Failed::session("TLS: this machine's settings do not allow it"))
    }

    fn take(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|session| session.used.elapsed() < IDLE);
        idle.pop()
    }

    fn put_back(&self, mut session: Session) {
        session.used = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < usize::from(self.slots) && session.mails < MAILS_PER_CONNECTION && !session.line.has_broken() {
            idle.push(session);
        }
    }
}

impl Channel for Smtp {
    fn class(&self) -> Class {
        Class::Blind
    }

    fn slots(&self) -> u16 {
        self.slots
    }

    fn send<'a>(&'a self, permit: Permit, message: &'a Message) -> Later<'a, Receipt> {
        Box::pin(self.send_until(permit, message, tokio::time::sleep(PATIENCE)))
    }
}

/// MAIL, RCPT and DATA: up to where the server waits for the body.
async fn envelope(session: &mut Session, mail: &Mail) -> Result<(), Failed> {
    let line = &mut session.line;
    let mut options = Vec::new();
    let mut addresses = mail.envelope.from().into_iter().chain(mail.envelope.to());
    if addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !line.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(Failed::refusal("MAIL: the server takes no addresses beyond ASCII"));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !mail.bytes.is_ascii() {
        if !line.server_info().supports_feature(Extension::EightBitMime) {
            return Err(Failed::refusal("MAIL: the server takes no text beyond ASCII"));
        }
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = MailFrom::new(mail.envelope.from().cloned(), options);
    line.command(from).await.map_err(|error| Failed::at("MAIL", &error))?;
    for to in mail.envelope.to() {
        line.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|error| Failed::at("RCPT", &error))?;
    }
    let answer = line.command(Data).await.map_err(|error| Failed::at("DATA", &error))?;
    if answer.has_code(354) { Ok(()) } else { Err(Failed { lost: true, ..Failed::session("DATA: an odd answer") }) }
}

struct Answer {
    receipt: Receipt,
    /// The server answered, so the connection can be used again.
    is_answer: bool,
}

/// The body and the final dot.
async fn body(session: &mut Session, bytes: &[u8], dotted: &AtomicBool) -> Answer {
    // asked for the next part only when the one before is written: the moment after which the dot leaves
    let before_the_dot = || dotted.store(true, Ordering::SeqCst);
    let parts = iter::once(bytes).chain(iter::from_fn(|| {
        before_the_dot();
        None
    }));
    match session.line.message_iter(parts).await {
        Ok(answer) if answer.code().to_string().starts_with('2') => {
            let provider_id = Arc::from(queue_id(answer.first_line().unwrap_or_default()));
            Answer { receipt: Receipt::Accepted { provider_id }, is_answer: true }
        }
        Err(error) if error.status().is_some() && dotted.load(Ordering::SeqCst) => {
            let failed = Failed::at("end of data", &error);
            Answer { is_answer: !failed.lost, receipt: failed.into() }
        }
        Err(error) if !dotted.load(Ordering::SeqCst) => {
            Answer { receipt: Failed::at("body", &error).into(), is_answer: false }
        }
        Ok(_) | Err(_) => Answer { receipt: Receipt::Unknown, is_answer: false },
    }
}

/// The server's own name for the mail, from `2.0.0 Ok: queued as 4F9D195432C`; nothing that could be an address.
fn queue_id(line: &str) -> String {
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['<', '>', '.', ',', ';', '"']));
    let is_id = |word: &&str| {
        word.len() >= 6
            && word.len() <= 80
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    words.rfind(is_id).unwrap_or_default().to_owned()
}

impl Failed {
    /// About the connection as a whole: comes right by itself or by the operator.
    fn session(why: impl AsRef<str>) -> Self {
        Self { why: Arc::from(why.as_ref()), permanent: false, lost: false }
    }

    /// About this mail, for good.
    fn refusal(why: &str) -> Self {
        Self { permanent: true, ..Self::session(why) }
    }

    fn before(stage: &str, error: &Error) -> Self {
        Self { permanent: false, ..Self::at(stage, error) }
    }

    fn at(stage: &str, error: &Error) -> Self {
        let why = format!("{stage}: {}", words(error));
        // 421 closes the connection, whatever was said before
        let closing = error.status().is_some_and(|code| code.to_string() == "421");
        let lost = error.status().is_none() || closing;
        Self { why: Arc::from(why), permanent: error.is_permanent(), lost }
    }
}

impl From<Failed> for Receipt {
    fn from(failed: Failed) -> Self {
        Self::NotSent { retry_after_ms: None, permanent: failed.permanent, why: failed.why }
    }
}

/// What went wrong without the server's own text: it may hold an address.
fn words(error: &Error) -> String {
    if let Some(code) = error.status() {
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        return match enhanced(&said) {
            Some(enhanced) => format!("{code} {enhanced}"),
            None => code.to_string(),
        };
    }
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_tls() {
        "the certificate or the encryption was refused"
    } else if error.is_client() {
        "the server does not offer what is needed"
    } else if error.is_response() {
        "the answer was cut off or not understood"
    } else {
        "no connection"
    };
    what.to_owned()
}

/// `5.1.1` at the start of a server's text.
fn enhanced(text: &str) -> Option<&str> {
    let first = text.split_whitespace().next()?;
    let mut parts = first.split('.');
    let class = parts.next().is_some_and(|class| matches!(class, "2" | "4" | "5"));
    let number = |part: Option<&str>| {
        part.is_some_and(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    (class && number(parts.next()) && number(parts.next()) && parts.next().is_none()).then_some(first)
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("server", &self.server).field("slots", &self.slots).finish_non_exhaustive()
    }
}
