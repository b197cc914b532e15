//! Where mails are handed over: an `smtp://` or `smtps://` address taken apart.
//!
//! The address is the operator's own setting, so hosts of the own network and private addresses are welcome here.
use super::Hidden;

/// A mail server as the settings name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) login: Option<(String, Hidden)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tls {
    /// Encrypted from the first byte.
    Wrapped,
    /// STARTTLS, or nothing is sent.
    Required,
    /// STARTTLS where the server offers it.
    Offered,
    None,
}

impl Server {
    /// What is wrong is said without repeating the address, because it holds a password.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let url = reqwest::Url::parse(url).map_err(|error| format!("the address of the mail server: {error}"))?;
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err("the address of the mail server names no host".to_owned());
        }
        let login = login(&url)?;
        // a password never crosses a network unencrypted unless the operator writes `tls=none`
        let usual = if login.is_some() && !is_loopback(&host) { Tls::Required } else { Tls::Offered };
        let wished = tls(&url)?;
        let (tls, port) = match (url.scheme(), wished) {
            ("smtps", None | Some(Tls::Required)) => (Tls::Wrapped, 465),
            ("smtps", Some(_)) => return Err("`smtps` is encrypted from the start: leave `tls=` out".to_owned()),
            ("smtp", wished) => (wished.unwrap_or(usual), if login.is_some() { 587 } else { 25 }),
            (other, _) => return Err(format!("`{other}` is no way to a mail server: write `smtp://` or `smtps://`")),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), tls, login })
    }
}

fn login(url: &reqwest::Url) -> Result<Option<(String, Hidden)>, String> {
    let plain = |text: &str| decode(text).ok_or_else(|| "user or password: `%` needs two hex digits".to_owned());
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => Ok(Some((plain(user)?, Hidden(plain(password)?)))),
        _ => Err("the address of the mail server needs both user and password, or none".to_owned()),
    }
}

fn tls(url: &reqwest::Url) -> Result<Option<Tls>, String> {
    let mut wished = None;
    for (key, value) in url.query_pairs() {
        wished = match (&*key, &*value) {
            ("tls", "required") => Some(Tls::Required),
            ("tls", "opportunistic") => Some(Tls::Offered),
            ("tls", "none") => Some(Tls::None),
            ("tls", other) => return Err(format!("`tls={other}`: write `required`, `opportunistic` or `none`")),
            (other, _) => return Err(format!("the address of the mail server knows no `{other}`, only `tls`")),
        };
    }
    Ok(wished)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Percent-encoding as addresses use it.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}
