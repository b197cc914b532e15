//! The events API: one CloudEvent in JSON a request, signed by Standard Webhooks.
//!
//! Unlike a provider's webhook, its sender can be told what is wrong: an event that does not fit is refused with a hint.
use super::{
    Given, Headers, Rejected, Signed,
    payload::{Misfit, text, typed},
    signature,
};
use crate::{
    calendar::{Instant, Zone},
    id::{EventKind, FieldName},
    record::{
        BookingNews, BuiltIn, BuiltInType, Delivery, EVENTS, Field, Guarantee, Host, Identity, News, NewsKind, Parsed,
        Purpose, Region, Who, built_in, carries_booking, contact_field, e164, split_name,
    },
    value::{Type, Value},
};
use serde_json::{Map, Value as Json};
use std::{collections::BTreeMap, sync::Arc};

/// Longest id, source or type.
const MAX_ATTRIBUTE: usize = 512;
/// How far a clock of a sender may be ahead before the time of receipt stands for its time.
const AHEAD_MS: i64 = 300_000;

pub(super) fn verify(secrets: &[&str], headers: &Headers, raw: &[u8], now: Instant) -> bool {
    signature::verify_standard(secrets, headers, raw, now)
}

pub(super) fn sign(secret: &str, id: &str, at: Instant, body: &[u8]) -> Option<Signed> {
    signature::sign_standard(&[secret], id, at, body).map(Vec::from)
}

/// One request, verified.
pub(super) fn read(given: &Given) -> Result<Delivery, Rejected> {
    let content = given.headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    if content.starts_with("application/cloudevents-batch") {
        return Err(invalid("one event a request: send each event of the batch on its own"));
    }
    let malformed = |_| Rejected::Malformed("the body is not JSON".to_owned());
    let body: Json = serde_json::from_slice(given.raw).map_err(malformed)?;
    let Json::Object(event) = body else {
        return Err(Rejected::Malformed("the body is no JSON object: one CloudEvent is expected".to_owned()));
    };
    let mut reader = Reader { given, event: &event, remarks: Vec::new() };
    let id = reader.attribute("id")?;
    let source = reader.attribute("source")?;
    reader.check_form()?;
    let news = reader.news()?;
    // a list as JSON, so that no pair of source and id can look like another
    let key = Json::Array(vec![Json::String(source.to_owned()), Json::String(id.to_owned())]).to_string();
    Ok(given.delivery(key, Parsed::News(vec![news]), reader.remarks))
}

fn invalid(hint: impl Into<String>) -> Rejected {
    Rejected::Invalid(hint.into())
}

struct Reader<'a> {
    given: &'a Given<'a>,
    event: &'a Map<String, Json>,
    remarks: Vec<String>,
}

impl<'a> Reader<'a> {
    fn attribute(&self, name: &str) -> Result<&'a str, Rejected> {
        let value = self.event.get(name).and_then(Json::as_str).map_or("", str::trim);
        if value.is_empty() || value.len() > MAX_ATTRIBUTE {
            return Err(invalid(format!("{name}: a CloudEvent needs a text of at most {MAX_ATTRIBUTE} bytes here")));
        }
        Ok(value)
    }

    fn check_form(&self) -> Result<(), Rejected> {
        if self.attribute("specversion")? != "1.0" {
            return Err(invalid("specversion: only CloudEvents 1.0 are understood"));
        }
        if self.event.contains_key("data_base64") {
            return Err(invalid("data_base64: send data as JSON"));
        }
        let content = self.event.get("datacontenttype").and_then(Json::as_str).unwrap_or("application/json");
        let content = content.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if content != "application/json" && !content.ends_with("+json") {
            return Err(invalid("datacontenttype: only JSON is understood"));
        }
        Ok(())
    }

    fn news(&mut self) -> Result<News, Rejected> {
        let kind = self.kind()?;
        let nothing = Map::new();
        let data = match self.event.get("data") {
            None | Some(Json::Null) => &nothing,
            Some(Json::Object(data)) => data,
            Some(_) => return Err(invalid("data: an object is expected")),
        };
        let at = self.at()?;
        let (who, contact) = self.who(data)?;
        let booking = self.booking(&kind, at, data)?;
        if who.identities.is_empty() && booking.is_none() {
            return Err(invalid(
                "the event names nobody: give an e-mail, a phone in E.164 or your own id as subject, \
                 or data.email, data.phone",
            ));
        }
        let data = self.data(&kind, data, booking.as_ref())?;
        let who = (!who.identities.is_empty()).then_some(who);
        Ok(News { kind, at, who, booking, data, contact })
    }

    fn at(&mut self) -> Result<Instant, Rejected> {
        let Some(written) = self.event.get("time") else { return Ok(self.given.received_at) };
        let at = written.as_str().and_then(Instant::parse_rfc3339);
        let at =
            at.ok_or_else(|| invalid("time: RFC 3339 with an offset is expected, like 2027-03-26T18:30:00+01:00"))?;
        if at.since(self.given.received_at) > AHEAD_MS {
            self.remarks.push("time is in the future: the time of receipt stands for it".to_owned());
            return Ok(self.given.received_at);
        }
        Ok(at)
    }

    /// The longest end of `type` that names an event.
    fn kind(&self) -> Result<EventKind, Rejected> {
        let written = self.attribute("type")?;
        let ends = std::iter::successors(Some(written), |rest| rest.split_once('.').map(|(_, rest)| rest));
        let known = |name: &&str| built_in(name).is_some() || self.given.plan.events.contains_key(*name);
        let Some(name) = ends.clone().find(known) else {
            let declared = self.given.plan.events.keys().map(EventKind::as_str);
            let names =
                || EVENTS.iter().filter(|event| !event.internal).map(|event| event.name).chain(declared.clone());
            let near = ends.flat_map(|end| names().map(move |name| (strsim::jaro_winkler(end, name), name)));
            let near = near.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.85);
            let hint = near.map_or_else(String::new, |(_, name)| format!(", did you mean \"{name}\"?"));
            return Err(invalid(format!(
                "type: its end names no event that is built in or declared under `events:`{hint}"
            )));
        };
        if built_in(name).is_some_and(|event| event.internal) {
            return Err(invalid(format!("type: {name} is made by the program itself and cannot be sent")));
        }
        Ok(EventKind::from(name))
    }

    /// The person: subject, then what data says; `data.contact` may describe them.
    fn who(&mut self, data: &Map<String, Json>) -> Result<(Who, BTreeMap<FieldName, Value>), Rejected> {
        let data = Json::Object(data.clone());
        let contact = data.get("contact").filter(|contact| !contact.is_null()).cloned();
        let contact = contact.unwrap_or_else(|| Json::Object(Map::new()));
        let Some(parts) = contact.as_object() else { return Err(invalid("data.contact: an object is expected")) };
        let mut who = Who::default();
        if let Some(name) = text(&contact, &["zone"]) {
            let zone = Zone::parse(&name).ok_or_else(|| invalid("data.contact.zone: no zone of this name"))?;
            who.zone = Some(zone);
        }
        let zone = who.zone.as_ref().unwrap_or(self.given.zone());
        let region = Region::of_zone(zone).or_else(|| Region::of_zone(self.given.zone()));
        if let Some(subject) = self.event.get("subject").and_then(Json::as_str) {
            who.identities.extend(subject_identity(subject));
        }
        for (place, json) in [("data.contact", &contact), ("data", &data)] {
            self.identify(&mut who, json, region, place);
        }
        who.locale = text(&contact, &["locale"]).or_else(|| text(&data, &["locale"]));
        (who.first_name, who.last_name) = names(&contact, &data);
        who.is_test = parts.get("is_test").and_then(Json::as_bool);
        let mut fields = BTreeMap::new();
        for (name, json) in parts {
            if let Some(value) = self.contact_field(name, json)? {
                fields.insert(FieldName::new(name), value);
            }
        }
        Ok((who, fields))
    }

    fn identify(&mut self, who: &mut Who, json: &Json, region: Option<Region>, place: &str) {
        let own = json.get("id").filter(|_| place == "data.contact").and_then(Json::as_str).and_then(Identity::own);
        let found = [
            ("email", text(json, &["email"]).map(|text| Identity::email(&text))),
            ("phone", text(json, &["phone"]).map(|text| Identity::phone(&e164(&text, region)?))),
            ("id", own.map(Some)),
        ];
        for (name, identity) in found {
            match identity {
                Some(Some(identity)) if who.identity(identity.kind).is_none() => who.identities.push(identity),
                Some(None) => self.remarks.push(format!("{place}.{name} is none")),
                _ => {}
            }
        }
    }

    /// One field of `data.contact`; those that identify or describe the person are read by [`Reader::who`].
    fn contact_field(&mut self, name: &str, json: &Json) -> Result<Option<Value>, Rejected> {
        let place = format!("data.contact.{name}");
        match name {
            "email" | "phone" | "id" | "first_name" | "last_name" | "name" | "zone" | "locale" | "is_test" => {
                return Ok(None);
            }
            "created_at" | "last_inbound_at" | "last_outbound_at" | "next_booking_at" => {
                self.remarks.push(format!("{place}: worked out by the program, not taken"));
                return Ok(None);
            }
            _ => {}
        }
        let declared = self.given.plan.fields.get(name).map(|decl| decl.of.clone());
        let Some(of) = declared.or_else(|| contact_field(name).map(BuiltInType::to_type)) else {
            self.remarks.push(format!("{place}: no field of this name is declared"));
            return Ok(None);
        };
        self.fit(json, &of, &place)
    }

    /// A value as its type. A value outside `one_of` is a remark, as everywhere; any other misfit is refused.
    fn fit(&mut self, json: &Json, of: &Type, place: &str) -> Result<Option<Value>, Rejected> {
        match typed(json, of, self.given.zone()) {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_missing())),
            Err(Misfit::NotOneOf) => {
                self.remarks.push(format!("{place}: {}", Misfit::NotOneOf));
                Ok(None)
            }
            Err(misfit) => Err(invalid(format!("{place}: {misfit}"))),
        }
    }

    /// The event's own data, by the declaration; what nobody declared is kept as it came.
    fn data(
        &mut self,
        kind: &EventKind,
        data: &Map<String, Json>,
        booking: Option<&BookingNews>,
    ) -> Result<BTreeMap<Arc<str>, Value>, Rejected> {
        let (plan, known) = (self.given.plan, built_in(kind.as_str()));
        let declared = plan.events.get(kind);
        let mut values: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (name, json) in data {
            if name == "contact" || (name == "booking" && booking.is_some()) {
                continue;
            }
            let of = declared.and_then(|event| event.fields.get(name.as_str()).cloned());
            let of = of.or_else(|| known?.field(name).map(|field| field.of.to_type())).unwrap_or(Type::Any);
            if let Some(value) = self.fit(json, &of, &format!("data.{name}"))? {
                values.insert(Arc::from(name.as_str()), value);
            }
        }
        if let Some(booking) = booking {
            complete(&mut values, booking);
        }
        if matches!(kind.as_str(), "contact.opted_out" | "contact.opted_in") {
            check_consent(&values)?;
        }
        require(known, &values)?;
        Ok(values)
    }

    /// Events of bookings may come from a calendar of the sender's own, as `data.booking`.
    fn booking(
        &mut self,
        kind: &EventKind,
        at: Instant,
        data: &Map<String, Json>,
    ) -> Result<Option<BookingNews>, Rejected> {
        if !carries_booking(kind.as_str()) {
            return Ok(None);
        }
        let booking = data.get("booking").unwrap_or(&Json::Null);
        let Some(uid) = text(booking, &["uid"]) else {
            return Err(invalid(format!("data.booking.uid: {kind} needs your id of the appointment")));
        };
        let absent = data.get("no_show").and_then(Json::as_bool).unwrap_or(true);
        let Some(news_kind) = NewsKind::of_event(kind.as_str(), absent) else { return Ok(None) };
        let mut news = BookingNews::bare(news_kind, uid, at);
        let previous = || text(booking, &["previous_uid"]).or_else(|| text(data.get("previous_uid")?, &[]));
        news.previous_uid = previous().filter(|previous| *previous != news.uid);
        news.previous_start = match data.get("previous_start") {
            Some(json) => self.fit(json, &Type::Time, "data.previous_start")?.and_then(|value| value.as_time()),
            None => None,
        };
        self.describe(booking, &mut news)?;
        Ok(Some(news))
    }

    fn describe(&mut self, booking: &Json, news: &mut BookingNews) -> Result<(), Rejected> {
        for (name, json) in booking.as_object().into_iter().flatten() {
            let place = format!("data.booking.{name}");
            let mut fit = |of: &Type| self.fit(json, of, &place);
            let as_text = |value: Option<Value>| value.and_then(|value| value.as_text().map(Arc::from));
            match name.as_str() {
                "uid" | "previous_uid" | "status" | "clinic" => {}
                "start" => news.start = fit(&Type::Time)?.and_then(|value| value.as_time()),
                "end" => news.end = fit(&Type::Time)?.and_then(|value| value.as_time()),
                "created_at" => news.booked_at = fit(&Type::Time)?.and_then(|value| value.as_time()),
                "kind" => news.booking_kind = as_text(fit(&Type::Text)?),
                "title" => news.title = as_text(fit(&Type::Text)?),
                "location" => news.location = as_text(fit(&Type::Text)?),
                "video_url" => news.video_url = as_text(fit(&Type::Text)?),
                "reschedule_url" => news.reschedule_url = as_text(fit(&Type::Text)?),
                "cancel_url" => news.cancel_url = as_text(fit(&Type::Text)?),
                "is_test" => news.is_test = fit(&Type::Bool)?.and_then(|value| value.as_bool()),
                "price" => {
                    if let Some(Value::Money(minor, currency)) = fit(&Type::Money)? {
                        news.price = Some((minor, currency));
                    }
                }
                "zone" => {
                    let zone = json.as_str().and_then(Zone::parse);
                    news.zone = Some(zone.ok_or_else(|| invalid(format!("{place}: no zone of this name")))?);
                }
                "host" => news.host = Some(host(json)),
                own => {
                    let of = self.given.plan.fields.get(own).map_or(Type::Any, |decl| decl.of.clone());
                    if let Some(value) = self.fit(json, &of, &place)? {
                        news.fields.insert(FieldName::new(own), value);
                    }
                }
            }
        }
        Ok(())
    }
}

/// A subject may be an e-mail, a phone in E.164 or the sender's own id.
fn subject_identity(subject: &str) -> Option<Identity> {
    let subject = subject.trim();
    let phone = e164(subject, None).filter(|_| subject.starts_with('+')).and_then(|number| Identity::phone(&number));
    Identity::email(subject).or(phone).or_else(|| Identity::own(subject))
}

fn names(contact: &Json, data: &Json) -> (Option<Arc<str>>, Option<Arc<str>>) {
    for json in [contact, data] {
        let (first, last) = (text(json, &["first_name"]), text(json, &["last_name"]));
        if first.is_some() || last.is_some() {
            return (first, last);
        }
        if let Some(name) = text(json, &["name"]) {
            return split_name(&name);
        }
    }
    (None, None)
}

fn host(json: &Json) -> Host {
    Host {
        name: text(json, &["name"]),
        email: text(json, &["email"]).and_then(|email| Identity::email(&email)).map(|email| email.value),
        phone: text(json, &["phone"]).and_then(|phone| Identity::phone(&phone)).map(|phone| phone.value),
        zone: text(json, &["zone"]).and_then(|zone| Zone::parse(&zone)),
        locale: text(json, &["locale"]),
        booking_url: text(json, &["booking_url"]),
    }
}

/// What the catalogue promises of booking events, where the sender may leave it to us.
fn complete(values: &mut BTreeMap<Arc<str>, Value>, booking: &BookingNews) {
    let mut put = |name: &str, value: Value| {
        values.entry(Arc::from(name)).or_insert(value);
    };
    match booking.kind {
        NewsKind::NoShow(absent) => put("no_show", Value::Bool(absent)),
        NewsKind::Cancelled => put("reschedule_requested", Value::Bool(false)),
        NewsKind::Rescheduled => {
            let previous = booking.previous_uid.clone().unwrap_or_else(|| booking.uid.clone());
            put("previous_uid", Value::Text(previous));
        }
        _ => {}
    }
}

/// A word that is no purpose would close or open something else than was meant.
fn check_consent(values: &BTreeMap<Arc<str>, Value>) -> Result<(), Rejected> {
    match values.get("purpose").and_then(Value::as_text) {
        Some(purpose) if Purpose::parse(purpose).is_none() => {
            let known: Vec<&str> = Purpose::ALL.into_iter().map(Purpose::name).collect();
            Err(invalid(format!("data.purpose: one of {} is expected", known.join(", "))))
        }
        _ => Ok(()),
    }
}

fn require(known: Option<&BuiltIn>, values: &BTreeMap<Arc<str>, Value>) -> Result<(), Rejected> {
    let missing =
        |field: &&Field| field.there == Guarantee::Always && values.get(field.name).is_none_or(Value::is_missing);
    match known.into_iter().flat_map(|event| event.fields).find(missing) {
        Some(field) => Err(invalid(format!("data.{} is missing", field.name))),
        None => Ok(()),
    }
}
