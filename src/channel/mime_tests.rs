use super::mime::mail;
use crate::{
    content::{Attachment, Message},
    engine::Permit,
    id::{ContactId, SendId},
};
use std::collections::BTreeMap;

const FROM: Option<&str> = Some("Example Clinic, Dr. Müller <hello@clinic.example.org>");

fn permit() -> Permit {
    Permit::for_test(SendId(7), ContactId(1), 1)
}

fn message() -> Message {
    Message {
        to: "ana@example.com".to_owned(),
        subject: Some("Your visit – Thursday".to_owned()),
        text: "Hi Ana\n.\nsee you".to_owned(),
        ..Message::default()
    }
}

fn written(message: &Message) -> String {
    String::from_utf8(mail(&permit(), message, FROM).map(|mail| mail.bytes).unwrap()).unwrap()
}

fn without_date(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("Date: ")).collect()
}

#[test]
fn the_same_message_gives_the_same_bytes_at_every_attempt() {
    let mut message = message();
    message.html = Some("<p>Hi Ana</p>".to_owned());
    let later = Permit::for_test(SendId(7), ContactId(1), 2);
    let again = String::from_utf8(mail(&later, &message, FROM).map(|mail| mail.bytes).unwrap()).unwrap();
    assert_eq!(without_date(&written(&message)), without_date(&again));
    let key = format!("{:032x}", 7);
    assert!(again.contains(&format!("Message-ID: <{key}@clinic.example.org>\r\n")), "{again}");
    assert!(again.contains(&format!("X-Dripline-Send: {key}\r\n")), "{again}");
}

#[test]
fn text_and_html_are_alternatives_and_text_alone_stays_plain() {
    let mut message = message();
    let plain = written(&message);
    assert!(plain.contains("Content-Type: text/plain; charset=utf-8\r\n") && !plain.contains("multipart"), "{plain}");
    message.html = Some("<p>Hi Ana</p>".to_owned());
    let both = written(&message);
    let places = ["multipart/alternative", "text/plain", "text/html"].map(|part| both.find(part).unwrap());
    assert!(places.is_sorted(), "{both}");
    message.attachments = vec![Attachment {
        name: "visit.ics".to_owned(),
        media_type: "text/calendar; method=REQUEST".to_owned(),
        body: "BEGIN:VCALENDAR".to_owned(),
    }];
    let all = written(&message);
    let places =
        ["multipart/mixed", "multipart/alternative", "text/html", "visit.ics", "text/calendar; method=REQUEST"];
    assert!(places.map(|part| all.find(part).unwrap()).is_sorted(), "{all}");
}

#[test]
fn headers_of_the_message_stand_as_they_are() {
    let link = format!("<https://clinic.example.org/u/{}>", "a1".repeat(60));
    let mut message = message();
    message.headers = BTreeMap::from(
        [
            ("List-Unsubscribe", link.as_str()),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Reply-To", "Front desk <desk@clinic.example.org>"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let text = written(&message);
    assert!(text.contains(&format!("List-Unsubscribe: {link}\r\n")), "{text}");
    assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
    assert!(text.contains("Reply-To: \"Front desk\" <desk@clinic.example.org>\r\n"), "{text}");
    assert_eq!(text.matches("Reply-To").count(), 1);
}

#[test]
fn nothing_breaks_out_of_a_header() {
    type Change = fn(&mut Message);
    let attacks: [(&str, Change); 12] = [
        ("subject", |m| m.subject = Some("Hi\r\nBcc: mallory@example.net".to_owned())),
        ("bare line feed", |m| m.subject = Some("Hi\nBcc: mallory@example.net".to_owned())),
        ("recipient", |m| m.to = "ana@example.com>\r\nRCPT TO:<mallory@example.net".to_owned()),
        ("two recipients", |m| m.to = "ana@example.com, mallory@example.net".to_owned()),
        ("recipient with a name", |m| m.to = "Ana <ana@example.com>".to_owned()),
        ("sender", |m| m.from = Some("Clinic\r\nBcc: mallory@example.net <a@example.org>".to_owned())),
        ("reply address", |m| m.reply_to = Some("a@example.org\r\nBcc: mallory@example.net".to_owned())),
        ("value", |m| drop(m.headers.insert("X-Note".to_owned(), "a\r\nBcc: mallory@example.net".to_owned()))),
        ("name", |m| drop(m.headers.insert("X-Note: a\r\nBcc".to_owned(), "mallory@example.net".to_owned()))),
        ("own header", |m| drop(m.headers.insert("bcc".to_owned(), "mallory@example.net".to_owned()))),
        ("body's header", |m| drop(m.headers.insert("Content-Type".to_owned(), "text/html".to_owned()))),
        ("attachment", |m| {
            let (name, media_type) = ("a\r\nBcc: b".to_owned(), "text/plain".to_owned());
            m.attachments.push(Attachment { name, media_type, body: String::new() });
        }),
    ];
    for (what, change) in attacks {
        let mut message = message();
        change(&mut message);
        let why = mail(&permit(), &message, FROM).err();
        assert!(why.is_some_and(|why| !why.contains("mallory") && !why.contains('@')), "{what}: {why:?}");
    }
}

#[test]
fn the_sender_is_the_messages_own_or_the_channels() {
    let message = message();
    assert!(written(&message).contains("hello@clinic.example.org"));
    assert!(mail(&permit(), &message, None).is_err());
    let own = Message { from: Some("other@example.org".to_owned()), ..message };
    let mail = mail(&permit(), &own, FROM).map_err(|_| ()).unwrap();
    assert_eq!(mail.envelope.from().map(ToString::to_string), Some("other@example.org".to_owned()));
    assert_eq!(mail.envelope.to().len(), 1);
}
