//! An appointment as a calendar file (RFC 5545, RFC 5546). Must not know whose appointment it is or where it comes from.
use super::Attachment;
use crate::calendar::Instant;

/// Octets of one line, by RFC 5545.
const LINE: usize = 75;

pub(crate) struct Invitation<'a> {
    /// The same for as long as the appointment lives, also when it moves.
    pub(crate) uid: &'a str,
    /// Grows with every change, so that an old file does not undo a newer one.
    pub(crate) sequence: u64,
    /// The appointment is off.
    pub(crate) cancelled: bool,
    pub(crate) written: Instant,
    pub(crate) start: Instant,
    pub(crate) end: Option<Instant>,
    /// What everybody sees who looks at the screen: says nothing of what it is about.
    pub(crate) summary: &'a str,
    pub(crate) location: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    /// Name and address.
    pub(crate) organizer: (&'a str, &'a str),
    pub(crate) attendee: (&'a str, &'a str),
}

impl Invitation<'_> {
    pub(crate) fn attachment(&self) -> Attachment {
        let method = if self.cancelled { "CANCEL" } else { "REQUEST" };
        Attachment {
            name: if self.cancelled { "cancel.ics" } else { "invite.ics" }.to_owned(),
            media_type: format!("text/calendar; charset=utf-8; method={method}"),
            body: self.text(method),
        }
    }

    fn text(&self, method: &str) -> String {
        let mut file = String::new();
        let mut line = |name: &str, value: &str| fold(&mut file, &format!("{name}:{value}"));
        line("BEGIN", "VCALENDAR");
        line("VERSION", "2.0");
        line("PRODID", "-//dripline//EN");
        line("METHOD", method);
        line("BEGIN", "VEVENT");
        line("UID", &plain(self.uid));
        line("SEQUENCE", &self.sequence.to_string());
        line("DTSTAMP", &stamp(self.written));
        line("DTSTART", &stamp(self.start));
        if let Some(end) = self.end.filter(|end| *end > self.start) {
            line("DTEND", &stamp(end));
        }
        line("SUMMARY", &plain(self.summary));
        if let Some(location) = self.location {
            line("LOCATION", &plain(location));
        }
        if let Some(url) = self.url.filter(|url| !url.contains(char::is_control)) {
            line("URL", url);
        }
        line("STATUS", if self.cancelled { "CANCELLED" } else { "CONFIRMED" });
        person(&mut line, "ORGANIZER", self.organizer);
        person(&mut line, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE", self.attendee);
        line("END", "VEVENT");
        line("END", "VCALENDAR");
        file
    }
}

fn person(line: &mut impl FnMut(&str, &str), role: &str, (name, address): (&str, &str)) {
    // a quoted value cannot hold a quotation mark
    let name: String = name.chars().filter(|sign| !sign.is_control() && *sign != '"').collect();
    let address: String = address.chars().filter(|sign| !sign.is_control() && !sign.is_whitespace()).collect();
    line(&format!("{role};CN=\"{name}\""), &format!("mailto:{address}"));
}

/// A value of text: its signs cannot end the line or begin another property.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.trim().chars() {
        match sign {
            '\\' | ';' | ',' => safe.extend(['\\', sign]),
            '\n' => safe.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => safe.push(sign),
        }
    }
    safe
}

/// In UTC, to the second.
fn stamp(at: Instant) -> String {
    let text = at.timestamp().strftime("%Y%m%dT%H%M%SZ");
    text.to_string()
}

/// One line of the file, broken where it is too long; never inside a sign.
fn fold(file: &mut String, line: &str) {
    let mut room = LINE;
    for sign in line.chars() {
        if sign.len_utf8() > room {
            file.push_str("\r\n ");
            room = LINE - 1;
        }
        file.push(sign);
        room -= sign.len_utf8();
    }
    file.push_str("\r\n");
}
