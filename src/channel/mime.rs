//! A message as the bytes of an e-mail. The same message and the same key give the same bytes, but for the date.
//!
//! Headers are typed, and whatever would break out of one is refused: a name with a line break in it must not become a
//! header. What is refused is said without the text itself, because it may be personal.
use crate::{
    content::{Attachment, Message},
    engine::Permit,
};
use lettre::{
    Address,
    address::Envelope,
    message::{
        Attachment as Attached, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

/// Bytes ready for DATA.
pub(super) struct Mail {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

/// Longest line that we write unfolded; servers must take 998.
const LONGEST: usize = 900;

/// Headers that are made here and nowhere else.
const OWN: [&str; 13] = [
    "from",
    "to",
    "cc",
    "bcc",
    "sender",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "x-dripline-send",
    "return-path",
    "received",
    "reply-to",
];

/// Writes the mail. The error says in words of ours why it can never be sent.
pub(super) fn mail(permit: &Permit, message: &Message, usual_from: Option<&str>) -> Result<Mail, &'static str> {
    let from =
        message.from.as_deref().or(usual_from).ok_or("no sender: neither the message nor the channel has `from`")?;
    let from = mailbox(from).ok_or("the sender is no e-mail address")?;
    let to = address(&message.to).ok_or("the recipient is no e-mail address")?;
    let key = &permit.key.0;
    let mut builder = lettre::Message::builder()
        .message_id(Some(format!("<{key}@{}>", from.email.domain())))
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(one_line(message.subject.as_deref().unwrap_or_default()).ok_or("the subject has a line break")?)
        .raw_header(raw("X-Dripline-Send", key).ok_or("the send key is no header")?);
    if let Some(reply_to) = reply_to(message) {
        builder = builder.reply_to(mailbox(reply_to).ok_or("the reply address is no e-mail address")?);
    }
    for (name, value) in &message.headers {
        let lower = name.to_ascii_lowercase();
        if lower == "reply-to" {
            continue;
        }
        if OWN.contains(&lower.as_str()) || lower.starts_with("content-") {
            return Err("a header that only the channel may set");
        }
        builder = builder.raw_header(raw(name, value).ok_or("a header with a line break or an impossible name")?);
    }
    let envelope = Envelope::new(Some(from.email), vec![to]).map_err(|_| "no recipient")?;
    let mail = write(builder.envelope(envelope.clone()), message, key)?;
    Ok(Mail { envelope, bytes: mail.formatted() })
}

/// A field of its own, or the header: engines of today write the header.
fn reply_to(message: &Message) -> Option<&str> {
    let header = message.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("reply-to"));
    message.reply_to.as_deref().or(header.map(|(_, value)| value.as_str()))
}

fn write(builder: MessageBuilder, message: &Message, key: &str) -> Result<lettre::Message, &'static str> {
    let text = SinglePart::plain(message.text.clone());
    let html = message.html.clone().map(SinglePart::html);
    // boundaries hang on the key, which nobody can guess, so that a repeated attempt has the same bytes
    let both = |html| MultiPart::alternative().boundary(format!("alt-{key}")).singlepart(text.clone()).singlepart(html);
    let made = if message.attachments.is_empty() {
        match html {
            Some(html) => builder.multipart(both(html)),
            None => builder.singlepart(text),
        }
    } else {
        let mixed = MultiPart::mixed().boundary(format!("mix-{key}"));
        let mut mixed = match html {
            Some(html) => mixed.multipart(both(html)),
            None => mixed.singlepart(text),
        };
        for attachment in &message.attachments {
            mixed = mixed.singlepart(attached(attachment)?);
        }
        builder.multipart(mixed)
    };
    made.map_err(|_| "the mail could not be put together")
}

fn attached(attachment: &Attachment) -> Result<SinglePart, &'static str> {
    let name = one_line(&attachment.name).ok_or("the name of an attachment has a line break")?;
    let kind = one_line(&attachment.media_type).and_then(|kind| ContentType::parse(&kind).ok());
    let kind = kind.ok_or("the media type of an attachment is none")?;
    Ok(Attached::new(name).body(attachment.body.clone(), kind))
}

/// `name@example.com`, and nothing around it.
fn address(text: &str) -> Option<Address> {
    text.trim().parse().ok().filter(|_| one_line(text).is_some())
}

/// `Name <name@example.com>`, or the address alone.
fn mailbox(text: &str) -> Option<Mailbox> {
    let text = one_line(text)?;
    let Some((name, rest)) = text.rsplit_once('<') else { return Some(Mailbox::new(None, address(&text)?)) };
    let name = name.trim().trim_matches('"').trim();
    let email = address(rest.trim().strip_suffix('>')?)?;
    Some(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), email))
}

fn one_line(text: &str) -> Option<String> {
    (!text.chars().any(char::is_control)).then(|| text.to_owned())
}

fn raw(name: &str, value: &str) -> Option<HeaderValue> {
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let name = HeaderName::new_from_ascii(name.to_owned()).ok().filter(|_| plain)?;
    let value = one_line(value)?;
    // addresses in `List-Unsubscribe` must stay as they are: no folding, no encoded words
    if value.is_ascii() && value.len() <= LONGEST {
        return Some(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value));
    }
    Some(HeaderValue::new(name, value))
}
