//! Unsubscribe links: looking does nothing, posting acts, in one click and without a script (RFC 8058).
//!
//! Mail scanners open every link, so only a POST with the words of the standard counts; the button of the page sends the
//! same words as a mail client does.
use super::{Api, Reachable, body};
use crate::journey::Order;
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};

/// What asks for it: one field of a form.
const FIELD: &str = "List-Unsubscribe";
const VALUE: &str = "One-Click";

/// Forms are some dozen bytes.
const MAX_FORM: usize = 4 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

const STYLE: &str = "\
:root{color-scheme:light dark;--bg:light-dark(#f5f6f7,#0d1014);--card:light-dark(#fff,#151920);\
--line:light-dark(#dde1e6,#2a313c);--fg:light-dark(#15181d,#e7eaef);--mute:light-dark(#565e6b,#9ea7b5);\
--link:light-dark(#0b6479,#5cc6dc);--on:light-dark(#fff,#071318)}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--fg);\
font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif;overflow-wrap:anywhere}\
main{width:100%;max-width:34rem;padding:32px;background:var(--card);border:1px solid var(--line);border-radius:8px}\
h1{margin:0 0 12px;font-size:1.5rem;line-height:1.25;letter-spacing:-.015em}\
p{margin:0;color:var(--mute)}form{margin-top:24px}\
button{font:inherit;font-weight:600;min-height:44px;padding:8px 20px;color:var(--on);background:var(--link);\
border:1px solid var(--link);border-radius:6px;cursor:pointer}\
:focus-visible{outline:2px solid var(--link);outline-offset:2px}";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scene {
    Ask,
    Done,
    /// The form did not say what to do.
    Unclear,
    Gone,
    Busy,
}

/// Title and sentence of a scene; `{}` is who sends.
type Words = (&'static str, &'static str);

pub(super) async fn show(State(api): State<Api>, Path(token): Path<String>) -> Response {
    match open(&api, &token).await {
        Ok(Some(person)) => page(&api, Scene::Ask, Some(&person)),
        Ok(None) => page(&api, Scene::Gone, None),
        Err(()) => page(&api, Scene::Busy, None),
    }
}

pub(super) async fn act(State(api): State<Api>, Path(token): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let person = match open(&api, &token).await {
        Ok(Some(person)) => person,
        Ok(None) => {
            api.count_unsubscribe("unknown_link");
            return page(&api, Scene::Gone, None);
        }
        Err(()) => return page(&api, Scene::Busy, None),
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let asked = body::read(body, MAX_FORM).await.is_ok_and(|form| asks(kind, &form));
    if !asked {
        api.count_unsubscribe("unclear");
        return page(&api, Scene::Unclear, Some(&person));
    }
    let order = Order::OptOut {
        channel: None,
        purpose: None,
        basis: Arc::from("link"),
        source: None,
        actor: Arc::from("contact"),
    };
    match tokio::time::timeout(PATIENCE, api.0.door.order(person.contact, order)).await {
        Ok(Ok(())) => {
            api.count_unsubscribe("done");
            page(&api, Scene::Done, Some(&person))
        }
        Ok(Err(busy)) => {
            tracing::error!(why = busy.0, "an opt-out could not be written");
            page(&api, Scene::Busy, Some(&person))
        }
        Err(_) => page(&api, Scene::Busy, Some(&person)),
    }
}

async fn open(api: &Api, token: &str) -> Result<Option<Reachable>, ()> {
    api.0.door.open_link(token).await.map_err(|busy| tracing::error!(why = busy.0, "an unsubscribe link was not read"))
}

/// Does the form ask for it, as urlencoded text or as multipart?
pub(super) fn asks(content_type: &str, form: &[u8]) -> bool {
    let Ok(form) = std::str::from_utf8(form) else { return false };
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => {
            let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
            boundary.is_some_and(|boundary| asks_multipart(form, boundary.trim_matches('"')))
        }
        "application/x-www-form-urlencoded" | "" => {
            form.trim().split('&').any(|pair| pair == format!("{FIELD}={VALUE}"))
        }
        _ => false,
    }
}

fn asks_multipart(form: &str, boundary: &str) -> bool {
    let form = form.replace("\r\n", "\n");
    !boundary.is_empty()
        && form.split(&format!("--{boundary}")).filter_map(|part| part.split_once("\n\n")).any(|(head, value)| {
            let names = |line: &str| {
                line.to_ascii_lowercase().starts_with("content-disposition:")
                    && (line.contains(&format!("name=\"{FIELD}\"")) || line.contains(&format!("name={FIELD}")))
            };
            head.lines().any(names) && value.trim() == VALUE
        })
}

fn page(api: &Api, scene: Scene, person: Option<&Reachable>) -> Response {
    let served = api.served();
    let locale = person.and_then(|person| person.locale.as_deref()).unwrap_or(served.plan.default_locale());
    let german = locale.split(['-', '_']).next().is_some_and(|language| language.eq_ignore_ascii_case("de"));
    let clinic = person.and_then(|person| person.clinic.as_ref());
    let clinic = clinic.and_then(|id| served.plan.clinics.iter().find(|clinic| clinic.id == *id));
    let sender = &clinic.unwrap_or(served.plan.default_clinic()).name;
    let status = match scene {
        Scene::Ask | Scene::Done => StatusCode::OK,
        Scene::Unclear => StatusCode::BAD_REQUEST,
        Scene::Gone => StatusCode::NOT_FOUND,
        Scene::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = (status, Html(html(scene, german, sender))).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy()).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn words(scene: Scene, german: bool) -> Words {
    match (scene, german) {
        (Scene::Ask | Scene::Unclear, false) => (
            "Stop messages from {}?",
            "Offers and news from {} end at once, on every channel. Messages about your own appointments still reach \
             you: confirmations, reminders.",
        ),
        (Scene::Ask | Scene::Unclear, true) => (
            "Keine Nachrichten mehr von {}?",
            "Angebote und Hinweise von {} hören sofort auf, auf allen Wegen. Nachrichten zu Ihren eigenen Terminen \
             bekommen Sie weiterhin: Bestätigungen, Erinnerungen.",
        ),
        (Scene::Done, false) => {
            ("Done", "You get no more offers and news from {}. Messages about your own appointments still reach you.")
        }
        (Scene::Done, true) => (
            "Erledigt",
            "Sie bekommen keine Angebote und Hinweise mehr von {}. Nachrichten zu Ihren eigenen Terminen kommen \
             weiterhin.",
        ),
        (Scene::Gone, false) => (
            "This link does not work",
            "It may be incomplete. Open it again from the message, or answer the message with STOP.",
        ),
        (Scene::Gone, true) => (
            "Dieser Link funktioniert nicht",
            "Vielleicht ist er unvollständig. Öffnen Sie ihn noch einmal aus der Nachricht, oder antworten Sie auf die \
             Nachricht mit STOP.",
        ),
        (Scene::Busy, false) => ("Please try again", "We could not note this just now. Nothing has changed yet."),
        (Scene::Busy, true) => {
            ("Bitte noch einmal versuchen", "Das ließ sich gerade nicht vermerken. Noch hat sich nichts geändert.")
        }
    }
}

fn html(scene: Scene, german: bool, sender: &str) -> String {
    let (title, text) = words(scene, german);
    let sender = escaped(sender);
    let (title, text) = (title.replace("{}", &sender), text.replace("{}", &sender));
    let language = if german { "de" } else { "en" };
    let button = if german { "Nachrichten stoppen" } else { "Stop messages" };
    let form = match scene {
        Scene::Done | Scene::Gone => String::new(),
        _ => format!("\n<form method=\"post\"><button name=\"{FIELD}\" value=\"{VALUE}\">{button}</button></form>"),
    };
    let role = if scene == Scene::Done { " role=\"status\"" } else { "" };
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p{role}>{text}</p>{form}\n</main>\n\
         </body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
