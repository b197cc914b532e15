//! Where a request may go: public hosts over TLS. A text that somebody typed must never lead into our own network.
//!
//! Judges names and numbers as written; what a name leads to is judged again when it was looked up.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AddressFault {
    NotHttps,
    NoHost,
    /// This machine, a private network, or a name that only such a network knows.
    Private,
    /// The host would come out of a template.
    Templated,
    /// A user or password before the host.
    Login,
}

/// Judges an address as written; what stands behind the host may be templated.
pub(crate) fn check_address(text: &str) -> Result<(), AddressFault> {
    let Some(rest) = text.strip_prefix("https://") else { return Err(AddressFault::NotHttps) };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.contains('{') {
        return Err(AddressFault::Templated);
    }
    if authority.contains('@') {
        return Err(AddressFault::Login);
    }
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((number, _)) => {
            return number.parse().ok().filter(|ip| is_public(*ip)).map_or(Err(AddressFault::Private), |_| Ok(()));
        }
        None => authority.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(AddressFault::NoHost);
    }
    if is_public_host(host) { Ok(()) } else { Err(AddressFault::Private) }
}

/// A name that the whole internet knows, or a public number.
pub(crate) fn is_public_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let Some((_, last)) = host.rsplit_once('.') else { return false };
    // `0x7f.1` and the like are numbers too
    if last.starts_with(|sign: char| sign.is_ascii_digit()) {
        return host.parse::<Ipv4Addr>().is_ok_and(|ip| is_public(IpAddr::V4(ip)));
    }
    const OWN: [&str; 7] = ["localhost", "local", "internal", "intranet", "lan", "home", "corp"];
    !OWN.contains(&last) && !host.ends_with(".home.arpa")
}

/// An address that anybody can reach, and that is no trick to reach another one.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let own = a == 0 || a == 10 || a == 127 || (a == 172 && (16..32).contains(&b)) || (a == 192 && b == 168);
    let shared = (a == 100 && (64..128).contains(&b)) || (a == 169 && b == 254) || (a == 198 && (b == 18 || b == 19));
    let reserved = (a == 192 && b == 0 && (c == 0 || c == 2)) || (a == 198 && b == 51 && c == 100);
    !(own || shared || reserved || (a == 203 && b == 0 && c == 113) || a >= 224)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // a number of version 4 in the clothes of version 6
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => inner(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        // only this range is handed out; of it tunnels and examples are none
        [0x2001, 0 | 0xdb8, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}
