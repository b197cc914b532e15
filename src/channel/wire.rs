//! One exchange with another program over HTTP: the address is judged after it was looked up, and the connection goes to
//! the very address that was judged. TLS, a deadline, a limit of size, no redirects. Must not know what is said.
use crate::content::{is_public, is_public_host};
use axum::body::{Body, to_bytes};
use hyper::{Method, Request, Response, body::Incoming, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

/// Answers longer than this are no answers.
const LONGEST_ANSWER: usize = 1 << 20;

/// Which addresses may be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    Public,
    /// Also this machine, and there without TLS: for tests and development.
    Loopback,
}

/// A way to other programs.
#[derive(Clone)]
pub(crate) struct Wire {
    tls: TlsConnector,
    reach: Reach,
}

pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

pub(super) struct Reply {
    pub(super) status: u16,
    /// What the other side asks us to wait.
    pub(super) retry_after_ms: Option<u64>,
    #[expect(dead_code, reason = "what a webhook answers beside its status says nothing")]
    pub(super) body: Vec<u8>,
}

/// Why there is no answer. The texts name no address: it may carry a secret.
#[derive(Debug)]
pub(super) enum Lost {
    /// The address may never be called, or is none.
    Refused(&'static str),
    /// Nothing was handed over.
    NotSent(String),
    /// It may have been taken.
    Unknown(String),
}

impl Wire {
    pub(crate) fn new(reach: Reach) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        Self::trusting(roots, reach)
    }

    fn trusting(roots: RootCertStore, reach: Reach) -> Result<Self, String> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), reach })
    }

    /// Calls and reads the whole answer, all within that time.
    pub(super) async fn call(&self, call: Call, within: Duration) -> Result<Reply, Lost> {
        let url = reqwest::Url::parse(&call.url).map_err(|_| Lost::Refused("the address is none"))?;
        let host = url.host_str().ok_or(Lost::Refused("the address names no host"))?.to_owned();
        self.judge(&url, &host)?;
        let port = url.port_or_known_default().ok_or(Lost::Refused("the address has no port"))?;
        let until = tokio::time::Instant::now() + within;
        let late = |_| Lost::NotSent("no connection in time".to_owned());
        let stream = tokio::time::timeout_at(until, self.connect(&host, port)).await.map_err(late)??;
        if url.scheme() == "http" {
            return exchange(stream, call, &url, until).await;
        }
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|_| Lost::Refused("the host has no name for TLS"))?;
        let shaken = tokio::time::timeout_at(until, self.tls.connect(name, stream)).await.map_err(late)?;
        let stream = shaken.map_err(|error| Lost::NotSent(format!("no TLS: {error}")))?;
        exchange(stream, call, &url, until).await
    }

    /// The address as written: TLS, and no name or number of our own network.
    fn judge(&self, url: &reqwest::Url, host: &str) -> Result<(), Lost> {
        let number = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().ok();
        let here = host == "localhost" || number.is_some_and(|ip| ip.is_loopback());
        if here && self.reach == Reach::Loopback {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Lost::Refused("only https addresses are called"));
        }
        if number.map_or_else(|| is_public_host(host), is_public) {
            return Ok(());
        }
        Err(Lost::Refused("the address is in a private network"))
    }

    /// Connects to what the name leads to, if all of it is public: a name with both kinds is a trick.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Lost> {
        let named = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
        let found: Vec<SocketAddr> = named.map_err(|_| Lost::NotSent("the host is not known".to_owned()))?.collect();
        let allowed = |address: &SocketAddr| {
            is_public(address.ip()) || (self.reach == Reach::Loopback && address.ip().is_loopback())
        };
        if found.is_empty() || !found.iter().all(allowed) {
            return Err(Lost::Refused("the host leads into a private network"));
        }
        let mut why = String::new();
        for address in found {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => why = format!("no connection: {}", error.kind()),
            }
        }
        Err(Lost::NotSent(why))
    }
}

async fn exchange<S>(stream: S, call: Call, url: &reqwest::Url, until: tokio::time::Instant) -> Result<Reply, Lost>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let request = request(call, url)?;
    let not_sent = |error: hyper::Error| Lost::NotSent(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(not_sent)?;
    // ends with the sender
    let carried = tokio::spawn(connection);
    let answered = tokio::time::timeout_at(until, async {
        let response = sender.send_request(request).await.map_err(|error| Lost::Unknown(error.to_string()))?;
        read(response).await
    });
    let answered = answered.await;
    carried.abort();
    answered.map_err(|_| Lost::Unknown("no answer in time".to_owned()))?
}

fn request(call: Call, url: &reqwest::Url) -> Result<Request<Body>, Lost> {
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    let target = format!("{}{query}", url.path());
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let host = format!("{}{port}", url.host_str().unwrap_or_default());
    let version = concat!("dripline/", env!("CARGO_PKG_VERSION"));
    let mut request = Request::builder()
        .method(call.method)
        .uri(target)
        .header(header::HOST, host)
        .header(header::USER_AGENT, version)
        .header(header::ACCEPT, "application/json");
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    request
        .body(Body::from(call.body))
        .map_err(|_| Lost::Refused("a header or the address has signs that none can have"))
}

async fn read(response: Response<Incoming>) -> Result<Reply, Lost> {
    let status = response.status().as_u16();
    let after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after_ms = after.and_then(|seconds| seconds.trim().parse::<u64>().ok()).map(|s| s.saturating_mul(1000));
    let body = to_bytes(Body::new(response.into_body()), LONGEST_ANSWER).await;
    let body = body.map_err(|_| Lost::Unknown("the answer broke off or is too long".to_owned()))?;
    Ok(Reply { status, retry_after_ms, body: body.to_vec() })
}
