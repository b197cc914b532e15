//! Calendar files: what calendars need of them, and that no text breaks out of its line.
use super::Invitation;
use crate::calendar::Instant;

fn invitation() -> Invitation<'static> {
    Invitation {
        uid: "abc@cal.example.com",
        sequence: 2,
        cancelled: false,
        written: Instant::parse_rfc3339("2027-03-01T09:00:00Z").unwrap(),
        start: Instant::parse_rfc3339("2027-03-30T10:00:00+02:00").unwrap(),
        end: Instant::parse_rfc3339("2027-03-30T11:00:00+02:00"),
        summary: "Appointment: Example Clinic",
        location: Some("Hauptstr. 1, 10115 Berlin"),
        url: None,
        organizer: ("Dr. Okoye", "okoye@example.com"),
        attendee: ("Ana", "ana@example.test"),
    }
}

/// Its lines, unfolded.
fn lines(invitation: &Invitation<'_>) -> Vec<String> {
    let body = invitation.attachment().body;
    assert!(body.ends_with("END:VCALENDAR\r\n"));
    assert!(!body.replace("\r\n", "").contains(['\r', '\n']), "every line ends with both signs");
    for line in body.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
    }
    body.replace("\r\n ", "").split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn an_invitation_has_what_calendars_need() {
    let file = invitation().attachment();
    assert_eq!((&*file.name, &*file.media_type), ("invite.ics", "text/calendar; charset=utf-8; method=REQUEST"));
    let lines = lines(&invitation());
    for line in [
        "METHOD:REQUEST",
        "UID:abc@cal.example.com",
        "SEQUENCE:2",
        "DTSTAMP:20270301T090000Z",
        "DTSTART:20270330T080000Z",
        "DTEND:20270330T090000Z",
        "SUMMARY:Appointment: Example Clinic",
        "LOCATION:Hauptstr. 1\\, 10115 Berlin",
        "STATUS:CONFIRMED",
        "ORGANIZER;CN=\"Dr. Okoye\":mailto:okoye@example.com",
    ] {
        assert!(lines.iter().any(|known| known == line), "{line} in {lines:#?}");
    }
}

#[test]
fn a_cancellation_names_the_same_appointment() {
    let lines = lines(&Invitation { cancelled: true, sequence: 3, ..invitation() });
    for line in ["METHOD:CANCEL", "STATUS:CANCELLED", "UID:abc@cal.example.com", "SEQUENCE:3"] {
        assert!(lines.iter().any(|known| known == line), "{line}");
    }
}

#[test]
fn no_text_breaks_out_of_its_line_and_long_ones_are_folded_between_signs() {
    let long = "ä".repeat(200);
    let nasty = Invitation {
        summary: &long,
        location: Some("a\r\nATTENDEE:mailto:x@example.test;b,c\\d"),
        attendee: ("Ana\"\r\nX:1", "ana@example.test\r\nX:2"),
        uid: "a\nb",
        ..invitation()
    };
    let lines = lines(&nasty);
    assert!(lines.iter().any(|line| *line == format!("SUMMARY:{long}")));
    assert!(lines.iter().any(|line| line == "LOCATION:a\\nATTENDEE:mailto:x@example.test\\;b\\,c\\\\d"), "{lines:#?}");
    assert!(lines.iter().any(|line| line == "UID:a\\nb"));
    assert_eq!(lines.iter().filter(|line| line.starts_with("ATTENDEE")).count(), 1);
    assert!(!lines.iter().any(|line| line.starts_with("X:")));
}
