//! Cal.com: what its webhooks say about appointments and forms.
//!
//! Nested and flat bodies, legacy rows and all trigger names end in the same news. Must not know what follows from them.
use super::{
    Given, Headers, Rejected, Signed, digest, payload,
    payload::{at_path, open, text, typed},
    signature,
};
use crate::{
    calendar::{Instant, Zone},
    id::FieldName,
    plan::MapTo,
    record::{
        BookingNews, BuiltInType, Delivery, Host, ICAL_SEQUENCE, ICAL_UID, Identity, IdentityKind, News, NewsKind,
        Parsed, Region, Who, contact_field, e164, split_name,
    },
    value::{Type, Value},
};
use serde_json::Value as Json;
use std::{collections::BTreeMap, sync::Arc};

/// What a trigger name means to us.
#[derive(Clone, Copy)]
enum Means {
    Booking(NewsKind),
    /// The mark is set or taken back; only the body tells which.
    Mark,
    Form(&'static str),
    Nothing(&'static str),
}

const TRIGGERS: &[(&str, Means)] = &[
    ("BOOKING_CREATED", Means::Booking(NewsKind::Created)),
    ("BOOKING_RESCHEDULED", Means::Booking(NewsKind::Rescheduled)),
    ("BOOKING_REQUESTED", Means::Booking(NewsKind::Requested)),
    ("BOOKING_CANCELLED", Means::Booking(NewsKind::Cancelled)),
    ("BOOKING_REJECTED", Means::Booking(NewsKind::Rejected)),
    ("BOOKING_PAYMENT_INITIATED", Means::Booking(NewsKind::PaymentInitiated)),
    ("BOOKING_PAID", Means::Booking(NewsKind::Paid)),
    ("BOOKING_NO_SHOW_UPDATED", Means::Mark),
    ("FORM_SUBMITTED", Means::Form("form.submitted")),
    ("FORM_SUBMITTED_NO_EVENT", Means::Form("form.abandoned")),
    ("MEETING_STARTED", Means::Booking(NewsKind::Started)),
    ("MEETING_ENDED", Means::Booking(NewsKind::Ended)),
    ("RECORDING_READY", Means::Nothing("a recording is ready")),
    ("RECORDING_TRANSCRIPTION_GENERATED", Means::Nothing("a transcription is ready")),
    ("INSTANT_MEETING", Means::Nothing("an instant meeting")),
    ("OOO_CREATED", Means::Nothing("a host is out of office")),
    // the samples disagree about the marks inside these two: only the name is trusted
    ("AFTER_HOSTS_CAL_VIDEO_NO_SHOW", Means::Booking(NewsKind::HostNoShow)),
    ("AFTER_GUESTS_CAL_VIDEO_NO_SHOW", Means::Booking(NewsKind::NoShow(true))),
    ("DELEGATION_CREDENTIAL_ERROR", Means::Nothing("an error of a calendar credential")),
    ("WRONG_ASSIGNMENT_REPORT", Means::Nothing("a report of a wrong assignment")),
    ("PING", Means::Nothing("a ping")),
];

/// Kinds of places that Cal.com writes where no place was given.
const NO_PLACES: &[&str] = &["inPerson", "attendeeInPerson", "phone", "userPhone", "link", "somewhereElse"];

pub(super) fn verify(secrets: &[&str], headers: &Headers, raw: &[u8], _now: Instant) -> bool {
    signature::verify_calcom(secrets, headers, raw)
}

pub(super) fn sign(secret: &str, _id: &str, _at: Instant, body: &[u8]) -> Option<Signed> {
    (!secret.is_empty()).then(|| vec![(signature::CALCOM_HEADER, signature::sign_calcom(secret, body))])
}

/// One request, verified.
pub(super) fn read(given: &Given) -> Result<Delivery, Rejected> {
    let quarantined = |why: &str| Ok(given.opaque(Parsed::Quarantined(why.to_owned())));
    let Ok(body) = serde_json::from_slice::<Json>(given.raw) else {
        return quarantined("the body is not JSON: a custom payload template may be set");
    };
    let Some(parts) = body.as_object() else {
        let broken = "the body is no object: a custom payload template broke on a value";
        return quarantined(if body == Json::Bool(false) { broken } else { "the body is no JSON object" });
    };
    let Some(trigger) = parts.get("triggerEvent").and_then(Json::as_str) else {
        if parts.is_empty() {
            return quarantined("the body is empty: no trigger name");
        }
        let kept = given.opaque(Parsed::Quarantined("custom payload template: no triggerEvent".to_owned()));
        return Err(Rejected::CustomTemplate(Box::new(kept)));
    };
    let Some((trigger, means)) = TRIGGERS.iter().find(|(name, _)| *name == trigger) else {
        return quarantined("the trigger name is unknown");
    };
    let inside = parts.get("payload").filter(|inside| inside.is_object()).unwrap_or(&body);
    let reader = Reader { given, trigger, body: &body, inside, remarks: Vec::new() };
    let is_test = text(inside, &["type"]).as_deref() == Some("Test") && reader.uid().is_none();
    Ok(match means {
        Means::Nothing(what) => given.opaque(Parsed::Ignored(what)),
        _ if is_test => given.opaque(Parsed::Ignored("a test of the webhook's settings page")),
        Means::Booking(kind) => reader.booking(*kind),
        Means::Mark => reader.mark(),
        Means::Form(event) => reader.form(event),
    })
}

struct Reader<'a> {
    given: &'a Given<'a>,
    trigger: &'static str,
    body: &'a Json,
    /// `payload`, or the whole body where it is flat.
    inside: &'a Json,
    remarks: Vec<String>,
}

impl<'a> Reader<'a> {
    fn uid(&self) -> Option<Arc<str>> {
        text(self.inside, &["uid"]).or_else(|| text(self.inside, &["bookingUid"]))
    }

    fn remark(&mut self, remark: impl Into<String>) {
        let remark = remark.into();
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    fn instant(&mut self, key: &str) -> Option<Instant> {
        let written = text(self.inside, &[key])?;
        let at = Instant::parse_rfc3339(&written);
        if at.is_none() {
            self.remark(format!("{key} is no time"));
        }
        at
    }

    /// The provider's time of the news. A meeting's beginning and end are news of their scheduled moment: the
    /// `createdAt` beside them is that of the appointment.
    fn at(&mut self, kind: NewsKind) -> Instant {
        let (key, at) = match kind {
            NewsKind::Started => ("startTime", self.instant("startTime")),
            NewsKind::Ended => ("endTime", self.instant("endTime")),
            _ => ("createdAt", text(self.body, &["createdAt"]).and_then(|at| Instant::parse_rfc3339(&at))),
        };
        at.unwrap_or_else(|| {
            self.remark(format!("{key} is missing or no time: the time of receipt stands for it"));
            self.given.received_at
        })
    }

    /// What a repetition of this delivery has in common with it; the body's digest where the provider names nothing.
    fn key(&self, about: &str, moment: Option<Arc<str>>) -> String {
        match moment {
            Some(moment) => format!("{}|{about}|{moment}", self.trigger),
            None => format!("body|{}", digest(self.given.raw)),
        }
    }

    fn quarantined(self, why: &str) -> Delivery {
        let mut delivery = self.given.opaque(Parsed::Quarantined(why.to_owned()));
        delivery.remarks = self.remarks;
        delivery
    }

    fn news(self, key: String, news: News) -> Delivery {
        self.given.delivery(key, Parsed::News(vec![news]), self.remarks)
    }

    fn booking(mut self, kind: NewsKind) -> Delivery {
        let Some(uid) = self.uid() else { return self.quarantined("the booking has no uid") };
        let moment = match kind {
            NewsKind::Started => text(self.inside, &["startTime"]),
            NewsKind::Ended => text(self.inside, &["endTime"]),
            _ => text(self.body, &["createdAt"]),
        };
        let key = self.key(&uid, moment);
        let at = self.at(kind);
        let mut who = self.who();
        let mut news = self.booking_news(kind, uid, at);
        let data = self.data(&news);
        let contact = self.mapped(&mut who, Some(&mut news));
        let who = (!who.identities.is_empty()).then_some(who);
        self.news(key, News { kind: kind.event(), at, who, booking: Some(news), data, contact })
    }

    /// `BOOKING_NO_SHOW_UPDATED` names a uid and e-mails, and nothing else.
    fn mark(mut self) -> Delivery {
        let Some(uid) = self.uid() else { return self.quarantined("the mark names no booking") };
        let attendee = self.attendee();
        let Some(absent) = attendee.and_then(|one| one.get("noShow")).and_then(Json::as_bool) else {
            return self.quarantined("the mark does not say whether it is set");
        };
        let email = attendee.and_then(|one| text(one, &["email"])).and_then(|text| Identity::email(&text));
        let whose = email.as_ref().map_or_else(String::new, |email| digest(email.value.as_bytes())[..16].to_owned());
        let key = self.key(&format!("{uid}|{whose}|{absent}"), text(self.body, &["createdAt"]));
        let kind = NewsKind::NoShow(absent);
        let at = self.at(kind);
        let who = email.map(|email| Who { identities: vec![email], ..Who::default() });
        let booking = BookingNews::bare(kind, uid, at);
        let data = self.data(&booking);
        let news = News { kind: kind.event(), at, who, booking: Some(booking), data, contact: BTreeMap::new() };
        self.news(key, news)
    }

    /// The first attendee is the one who booked; others are only counted.
    fn attendee(&mut self) -> Option<&'a Json> {
        let attendees = self.inside.get("attendees")?.as_array()?;
        if attendees.len() > 1 {
            self.remark(format!("attendees: {} beside the first are not followed", attendees.len() - 1));
        }
        attendees.first().filter(|one| one.is_object())
    }

    /// An answer of the booking form, opened; legacy rows have it bare.
    fn answer(&self, question: &str) -> Json {
        self.inside.get("responses").and_then(|all| all.get(question)).map_or(Json::Null, open)
    }

    fn answer_text(&self, question: &str) -> Option<Arc<str>> {
        self.answer(question).as_str().map(Arc::from)
    }

    fn who(&mut self) -> Who {
        let attendee = self.attendee().unwrap_or(&Json::Null);
        let mut who = Who { zone: self.zone(text(attendee, &["timeZone"]), "attendees.timeZone"), ..Who::default() };
        who.locale = text(attendee, &["language", "locale"]).or_else(|| text(attendee, &["locale"]));
        (who.first_name, who.last_name) = self.names(attendee);
        let emails =
            [text(attendee, &["email"]), self.answer_text("email"), text(self.inside, &["metadata", "bookerEmail"])];
        // a booking by phone alone gets an address made of the number, to which nobody listens
        let real = |email: &Arc<str>| !email.ends_with("@sms.cal.com");
        if let Some(email) = emails.into_iter().flatten().filter(real).find_map(|text| Identity::email(&text)) {
            who.identities.push(email);
        }
        let region = self.region(who.zone.as_ref());
        who.identities.extend(self.phone(attendee, region));
        who
    }

    fn region(&self, zone: Option<&Zone>) -> Option<Region> {
        zone.and_then(Region::of_zone).or_else(|| Region::of_zone(self.given.zone()))
    }

    fn zone(&mut self, name: Option<Arc<str>>, place: &str) -> Option<Zone> {
        let zone = name.as_ref().and_then(|name| Zone::parse(name));
        if name.is_some() && zone.is_none() {
            self.remark(format!("{place} is no zone"));
        }
        zone
    }

    fn names(&self, attendee: &Json) -> (Option<Arc<str>>, Option<Arc<str>>) {
        let parts = |json: &Json| (text(json, &["firstName"]), text(json, &["lastName"]));
        let answer = self.answer("name");
        for named in [attendee, &answer] {
            if let (Some(first), last) = parts(named) {
                return (Some(first), last);
            }
        }
        let whole = text(attendee, &["name"]).or_else(|| answer.as_str().map(Arc::from));
        whole.map_or((None, None), |whole| split_name(&whole))
    }

    fn phone(&mut self, attendee: &Json, region: Option<Region>) -> Option<Identity> {
        let called = self.inside.get("responses").and_then(|all| at_path(all, "location.value"));
        let called = called.filter(|place| place.get("value").and_then(Json::as_str) == Some("phone"));
        let written = [
            self.answer_text("attendeePhoneNumber"),
            text(self.inside, &["smsReminderNumber"]).or_else(|| self.answer_text("smsReminderNumber")),
            text(attendee, &["phoneNumber"]),
            called.and_then(|place| text(&place, &["optionValue"])),
        ];
        let written: Vec<Arc<str>> = written.into_iter().flatten().collect();
        let phone = written.iter().find_map(|text| Identity::phone(&e164(text, region)?));
        if phone.is_none() && !written.is_empty() {
            self.remark("the phone number is none");
        }
        phone
    }

    fn booking_news(&mut self, kind: NewsKind, uid: Arc<str>, at: Instant) -> BookingNews {
        let inside = self.inside;
        let mut news = BookingNews::bare(kind, uid, at);
        news.previous_uid = text(inside, &["rescheduleUid"]).filter(|previous| *previous != news.uid);
        news.previous_start = self.instant("rescheduleStartTime");
        news.start = self.instant("startTime");
        let minutes = inside.get("length").and_then(Json::as_i64).filter(|minutes| (1..=10_080).contains(minutes));
        let computed = news.start.zip(minutes).map(|(start, minutes)| start.plus_ms(minutes * 60_000));
        news.end = self.instant("endTime").or(computed);
        if matches!(kind, NewsKind::Started | NewsKind::Ended) {
            news.booked_at = self.instant("createdAt");
        }
        news.booking_kind = self.booking_kind();
        news.title = text(inside, &["title"]).or_else(|| text(inside, &["eventTitle"]));
        let attendee = self.attendee().and_then(|one| text(one, &["timeZone"]));
        news.zone = attendee.and_then(|name| Zone::parse(&name));
        news.host = self.host();
        let place = text(inside, &["location"]);
        let link = |place: &Arc<str>| place.starts_with("https://") || place.starts_with("http://");
        news.video_url = text(inside, &["metadata", "videoCallUrl"])
            .or_else(|| text(inside, &["videoCallData", "url"]))
            .or_else(|| place.clone().filter(link));
        let no_place =
            |place: &Arc<str>| link(place) || place.starts_with("integrations:") || NO_PLACES.contains(&&**place);
        news.location = place.filter(|place| !no_place(place));
        news.price = self.price();
        self.links(&mut news);
        news
    }

    /// Minor units. A price of nothing is what Cal.com writes where no price was set, with a currency of its own.
    fn price(&self) -> Option<(i64, Arc<str>)> {
        let minor = self.inside.get("price").and_then(Json::as_i64).filter(|minor| *minor > 0)?;
        let currency = text(self.inside, &["currency"]).filter(|code| payload::is_currency(code))?;
        Some((minor, Arc::from(currency.to_uppercase())))
    }

    /// Event type id or slug by the source's `kinds`, else the slug. Payments write the title where the slug belongs.
    fn booking_kind(&self) -> Option<Arc<str>> {
        let id = self.inside.get("eventTypeId").or_else(|| self.inside.get("eventType")?.get("id"));
        let id = id.and_then(Json::as_i64).map(|id| id.to_string());
        let slug = text(self.inside, &["type"]).filter(|slug| {
            slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
        });
        let kinds = &self.given.source.kinds;
        let named = id.and_then(|id| kinds.get(id.as_str())).or_else(|| kinds.get(slug.as_deref()?));
        named.cloned().or(slug)
    }

    fn host(&mut self) -> Option<Host> {
        let inside = self.inside;
        let host = inside.get("organizer").or_else(|| inside.get("user")).unwrap_or(&Json::Null);
        let page = text(inside, &["bookerUrl"]).filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        let user = text(host, &["usernameInOrg"]).or_else(|| text(host, &["username"]));
        let email = text(host, &["email"])
            .or_else(|| text(inside, &["hostEmail"]))
            .or_else(|| text(inside, &["userPrimaryEmail"]));
        let host = Host {
            name: text(host, &["name"]),
            email: email.and_then(|email| Identity::email(&email)).map(|email| email.value),
            phone: None,
            zone: self.zone(text(host, &["timeZone"]), "organizer.timeZone"),
            locale: text(host, &["language", "locale"]).or_else(|| text(host, &["locale"])),
            booking_url: page.zip(user).map(|(page, user)| Arc::from(format!("{}/{user}", page.trim_end_matches('/')))),
        };
        (host != Host::default()).then_some(host)
    }

    fn links(&self, news: &mut BookingNews) {
        let Some(page) = text(self.inside, &["bookerUrl"]) else { return };
        // the uid becomes a part of an address that people open
        let plain = news.uid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !plain || !(page.starts_with("https://") || page.starts_with("http://")) {
            return;
        }
        let page = page.trim_end_matches('/');
        let off = |key: &str| self.inside.get(key).and_then(Json::as_bool) == Some(true);
        if !off("disableRescheduling") {
            news.reschedule_url = Some(Arc::from(format!("{page}/reschedule/{}", news.uid)));
        }
        if !off("disableCancelling") {
            news.cancel_url = Some(Arc::from(format!("{page}/booking/{}?cancel=true", news.uid)));
        }
    }

    /// What the event carries beside the booking.
    fn data(&mut self, news: &BookingNews) -> BTreeMap<Arc<str>, Value> {
        let inside = self.inside;
        let mut data: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                data.insert(Arc::from(name), value);
            }
        };
        match news.kind {
            NewsKind::Rescheduled => {
                let previous = news.previous_uid.clone().unwrap_or_else(|| news.uid.clone());
                put("previous_uid", Some(Value::Text(previous)));
                put("previous_start", news.previous_start.map(Value::Time));
                put("by", self.side("rescheduledBy").map(Value::text));
            }
            NewsKind::Cancelled => {
                let asked = inside.get("requestReschedule").and_then(Json::as_bool).unwrap_or(false);
                put("by", self.side("cancelledBy").map(Value::text));
                put("reason", text(inside, &["cancellationReason"]).map(Value::Text));
                put("reschedule_requested", Some(Value::Bool(asked)));
            }
            NewsKind::Rejected => put("reason", text(inside, &["rejectionReason"]).map(Value::Text)),
            NewsKind::NoShow(absent) => put("no_show", Some(Value::Bool(absent))),
            NewsKind::Paid | NewsKind::PaymentInitiated => {
                put("payment_id", inside.get("paymentId").and_then(Json::as_i64).map(Value::Int));
            }
            _ => {}
        }
        data
    }

    /// Who did it, by the e-mail that the body names: somebody who is neither attendee nor host acted for the system.
    fn side(&self, key: &str) -> Option<&'static str> {
        let by = text(self.inside, &[key])?.to_lowercase();
        let is = |email: Option<Arc<str>>| email.is_some_and(|email| email.to_lowercase() == by);
        let attendees = self.inside.get("attendees").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        if attendees.iter().any(|one| is(text(one, &["email"]))) || is(self.answer_text("email")) {
            return Some("attendee");
        }
        let hosts = [text(self.inside, &["organizer", "email"]), text(self.inside, &["user", "email"])];
        let team = self.inside.get("team").and_then(|team| team.get("members")).and_then(Json::as_array);
        let team = team.map_or(&[][..], Vec::as_slice);
        let host = hosts.into_iter().any(is) || team.iter().any(|one| is(text(one, &["email"])));
        Some(if host { "host" } else { "system" })
    }

    /// Fields that the source maps: those of the contact are returned, those of the booking go into its news. Phone and
    /// e-mail also identify.
    fn mapped(&mut self, who: &mut Who, mut booking: Option<&mut BookingNews>) -> BTreeMap<FieldName, Value> {
        let mut contact = BTreeMap::new();
        let (given, inside) = (self.given, self.inside);
        if let Some(news) = booking.as_deref_mut() {
            keep_calendar_name(inside, news);
        }
        for (to, path) in &given.source.map {
            let found = at_path(inside, path).map_or(Json::Null, |found| open(&found));
            if found.is_null() {
                continue;
            }
            match to {
                MapTo::Contact(field) => {
                    if let Some(value) = self.contact_value(field, &found, who) {
                        contact.insert(field.clone(), value);
                    }
                }
                MapTo::Booking(field) => {
                    if let Some(news) = booking.as_deref_mut() {
                        self.booking_value(field, &found, news);
                    }
                }
            }
        }
        contact
    }

    fn contact_value(&mut self, field: &FieldName, found: &Json, who: &mut Who) -> Option<Value> {
        let region = self.region(who.zone.as_ref());
        let identity = match field.as_str() {
            "email" => Some((IdentityKind::Email, found.as_str().and_then(Identity::email))),
            "phone" => {
                let number = found.as_str().and_then(|text| e164(text, region));
                Some((IdentityKind::Phone, number.and_then(|number| Identity::phone(&number))))
            }
            _ => None,
        };
        if let Some((kind, identity)) = identity {
            let Some(identity) = identity else {
                self.remark(format!("contact.{field}: expected {}", kind.name()));
                return None;
            };
            if who.identity(kind).is_none() {
                who.identities.push(identity.clone());
            }
            return Some(Value::Text(identity.value));
        }
        let declared = self.given.plan.fields.get(field).map(|decl| decl.of.clone());
        let of = declared.or_else(|| contact_field(field.as_str()).map(BuiltInType::to_type)).unwrap_or(Type::Any);
        self.fit(found, &of, &format!("contact.{field}"))
    }

    fn booking_value(&mut self, field: &FieldName, found: &Json, news: &mut BookingNews) {
        let place = format!("booking.{field}");
        // a field of the booking has the type that the contact's field of that name was declared with
        let declared = self.given.plan.fields.get(field).map_or(Type::Any, |decl| decl.of.clone());
        let of = match field.as_str() {
            "is_test" => Type::Bool,
            "kind" | "title" | "location" => Type::Text,
            _ => declared,
        };
        let Some(value) = self.fit(found, &of, &place) else { return };
        match (field.as_str(), value) {
            ("is_test", value) => news.is_test = value.as_bool(),
            ("kind", Value::Text(text)) => news.booking_kind = Some(text),
            ("title", Value::Text(text)) => news.title = Some(text),
            ("location", Value::Text(text)) => news.location = Some(text),
            (_, value) => {
                news.fields.insert(field.clone(), value);
            }
        }
    }

    fn fit(&mut self, found: &Json, of: &Type, place: &str) -> Option<Value> {
        match typed(found, of, self.given.zone()) {
            Ok(value) => Some(value).filter(|value| !value.is_missing()),
            Err(misfit) => {
                self.remark(format!("{place}: {misfit}"));
                None
            }
        }
    }

    /// A routing form. Its answers are read where only Cal.com writes: the same names at the root are the author's.
    fn form(mut self, event: &'static str) -> Delivery {
        let inside = self.inside;
        let answers = inside.get("responses").and_then(Json::as_object);
        let answers: BTreeMap<Arc<str>, Json> =
            answers.into_iter().flatten().map(|(name, answer)| (Arc::from(name.as_str()), open(answer))).collect();
        let mut who = self.who_of_form(&answers);
        let contact = self.mapped(&mut who, None);
        if who.identities.is_empty() {
            return self.quarantined("the form names neither e-mail nor phone");
        }
        let id = text(inside, &["formId"]).unwrap_or_default();
        let whose = digest(who.identities[0].value.as_bytes())[..16].to_owned();
        let key = self.key(&format!("{id}|{whose}"), text(self.body, &["createdAt"]));
        let at = text(self.body, &["createdAt"]).and_then(|at| Instant::parse_rfc3339(&at));
        let at = at.unwrap_or(self.given.received_at);
        let form = text(inside, &["formName"]).unwrap_or(id);
        let answers = answers.iter().map(|(name, answer)| (name.clone(), Value::from_json(answer))).collect();
        let data =
            BTreeMap::from([(Arc::from("form"), Value::Text(form)), (Arc::from("answers"), Value::Map(answers))]);
        self.news(key, News { kind: event.into(), at, who: Some(who), booking: None, data, contact })
    }

    fn who_of_form(&mut self, answers: &BTreeMap<Arc<str>, Json>) -> Who {
        let named = |names: &[&str]| {
            let asked = |name: &str| {
                let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
                names.contains(&name.as_str())
            };
            answers.iter().find(|(name, _)| asked(name)).and_then(|(_, answer)| answer.as_str())
        };
        let mut who = Who::default();
        let email = named(&["email", "emailaddress", "mail", "emailadresse"]).and_then(Identity::email);
        let any = || answers.values().filter_map(Json::as_str).find_map(Identity::email);
        who.identities.extend(email.or_else(any));
        let region = self.region(None);
        if let Some(text) = named(&["phone", "phonenumber", "mobile", "telefon", "handy", "tel", "whatsapp"]) {
            match e164(text, region).and_then(|number| Identity::phone(&number)) {
                Some(phone) => who.identities.push(phone),
                None => self.remark("the phone number is none"),
            }
        }
        (who.first_name, who.last_name) = match named(&["firstname", "vorname"]) {
            Some(first) => (Some(Arc::from(first)), named(&["lastname", "nachname", "surname"]).map(Arc::from)),
            None => named(&["name", "fullname", "yourname"]).map_or((None, None), split_name),
        };
        who
    }
}

/// What calendars call the appointment: it stays when the appointment moves to another uid.
fn keep_calendar_name(inside: &Json, news: &mut BookingNews) {
    if let Some(uid) = text(inside, &["iCalUID"]).filter(|uid| !uid.is_empty()) {
        news.fields.insert(FieldName::new(ICAL_UID), Value::text(uid));
    }
    if let Some(sequence) = inside.get("iCalSequence").and_then(Json::as_i64) {
        news.fields.insert(FieldName::new(ICAL_SEQUENCE), Value::Int(sequence));
    }
}
