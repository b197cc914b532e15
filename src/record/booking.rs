//! An appointment as one record, whatever order its news arrive in.
//!
//! A record *is* the set of news that named it; everything else is read off that set. So every permutation and
//! repetition of the same deliveries ends in the same record, by construction. Must not know a provider's payload.
use crate::{
    calendar::{Instant, Zone},
    id::{BookingId, ClinicName, ContactId, EventKind, FieldName, SourceName},
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

/// Fields in which sources keep what calendars call the appointment.
pub(crate) const ICAL_UID: &str = "ical_uid";
pub(crate) const ICAL_SEQUENCE: &str = "ical_sequence";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BookingStatus {
    Requested,
    Accepted,
    Cancelled,
    Rejected,
    NoShow,
    Ended,
}

/// Who gives the appointment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Host {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<Zone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) booking_url: Option<Arc<str>>,
}

/// What a delivery says happened to a booking.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewsKind {
    Requested,
    Created,
    Rescheduled,
    Cancelled,
    Rejected,
    PaymentInitiated,
    Paid,
    NoShow(bool),
    HostNoShow,
    Started,
    Ended,
}

/// A delivery's statement about one booking. `None` means that the delivery does not say.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct BookingNews {
    pub(crate) kind: NewsKind,
    /// The provider's time of the news; orders deliveries.
    pub(crate) at: Instant,
    pub(crate) uid: Arc<str>,
    /// The uid this booking had before it was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous_uid: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous_start: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<Instant>,
    /// When the appointment was made, where the delivery says it apart from its own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) booked_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) booking_kind: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<Zone>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<Host>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) video_url: Option<Arc<str>>,
    /// Minor units and ISO code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<(i64, Arc<str>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reschedule_url: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cancel_url: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) is_test: Option<bool>,
    /// Fields that the source maps: `procedure` and the project's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) fields: BTreeMap<FieldName, Value>,
}

/// One appointment. Every uid it ever had points to it, so a reschedule keeps the record.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(crate) struct Booking {
    pub(crate) id: BookingId,
    pub(crate) contact: ContactId,
    pub(crate) source: SourceName,
    pub(crate) clinic: Option<ClinicName>,
    /// All that was said about it, oldest first, without repetitions. What follows is read off it.
    news: Vec<BookingNews>,
    /// Every uid it had, oldest first; never empty.
    pub(crate) uids: Vec<Arc<str>>,
    /// Moves so far: a step bound to the booking is due anew for each.
    pub(crate) generation: u16,
    /// Requested, accepted, cancelled or rejected, where news of the newest uid say so.
    base: Option<BookingStatus>,
    /// The mark of the newest uid and schedule.
    pub(crate) no_show: Option<bool>,
    /// Its beginning was told, for the time that it has now.
    begun: bool,
    /// Its end was told.
    over: bool,
    pub(crate) paid: bool,
    pub(crate) kind: Option<Arc<str>>,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) start: Option<Instant>,
    pub(crate) end: Option<Instant>,
    pub(crate) zone: Option<Zone>,
    pub(crate) created_at: Instant,
    pub(crate) host: Host,
    pub(crate) location: Option<Arc<str>>,
    pub(crate) video_url: Option<Arc<str>>,
    pub(crate) price: Option<(i64, Arc<str>)>,
    pub(crate) reschedule_url: Option<Arc<str>>,
    pub(crate) cancel_url: Option<Arc<str>>,
    pub(crate) is_test: bool,
    pub(crate) fields: BTreeMap<FieldName, Value>,
}

/// What is written down of a booking; the rest is read off the news again.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: BookingId,
    contact: ContactId,
    source: SourceName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clinic: Option<ClinicName>,
    news: Vec<BookingNews>,
}

/// What taking a piece of news in did.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Folded {
    /// The record knew it, or knew something newer: no event follows.
    Stale,
    /// An event of this kind follows.
    Happened(EventKind),
}

impl BookingStatus {
    pub(crate) const ALL: [Self; 6] =
        [Self::Requested, Self::Accepted, Self::Cancelled, Self::Rejected, Self::NoShow, Self::Ended];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Accepted => "accepted",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::NoShow => "no_show",
            Self::Ended => "ended",
        }
    }
}

impl NewsKind {
    pub(crate) fn event(self) -> EventKind {
        EventKind::new(self.event_name())
    }

    fn event_name(self) -> &'static str {
        match self {
            Self::Requested => "booking.requested",
            Self::Created => "booking.created",
            Self::Rescheduled => "booking.rescheduled",
            Self::Cancelled => "booking.cancelled",
            Self::Rejected => "booking.rejected",
            Self::PaymentInitiated => "booking.payment_initiated",
            Self::Paid => "booking.paid",
            Self::NoShow(_) => "booking.no_show",
            Self::HostNoShow => "booking.host_no_show",
            Self::Started => "booking.started",
            Self::Ended => "booking.ended",
        }
    }

    /// The kind that an event speaks of; `no_show` is the mark that it carries.
    pub(crate) fn of_event(name: &str, no_show: bool) -> Option<Self> {
        [
            Self::Requested,
            Self::Created,
            Self::Rescheduled,
            Self::Cancelled,
            Self::Rejected,
            Self::PaymentInitiated,
            Self::Paid,
            Self::NoShow(no_show),
            Self::HostNoShow,
            Self::Started,
            Self::Ended,
        ]
        .into_iter()
        .find(|kind| kind.event_name() == name)
    }

    /// The status that this news gives, where it gives one.
    fn base(self) -> Option<BookingStatus> {
        Some(match self {
            Self::Requested => BookingStatus::Requested,
            Self::Created | Self::Rescheduled => BookingStatus::Accepted,
            Self::Rejected => BookingStatus::Rejected,
            Self::Cancelled => BookingStatus::Cancelled,
            _ => return None,
        })
    }

    /// Which of two news of the same moment wins.
    fn rank(self) -> u8 {
        match self {
            Self::Requested => 0,
            Self::PaymentInitiated => 1,
            Self::Created => 2,
            Self::Rescheduled => 3,
            Self::Paid => 4,
            Self::Started => 5,
            Self::Ended => 6,
            Self::HostNoShow => 7,
            Self::NoShow(false) => 8,
            Self::NoShow(true) => 9,
            Self::Rejected => 10,
            Self::Cancelled => 11,
        }
    }

    /// How far its description is to be trusted: news that make or move an appointment carry all of it, those of its
    /// beginning and end were written long before they are sent.
    fn weight(self) -> u8 {
        match self {
            Self::Requested | Self::Created | Self::Rescheduled => 2,
            Self::Started | Self::Ended => 0,
            _ => 1,
        }
    }
}

impl BookingNews {
    /// News that say nothing but what happened to which booking when.
    pub(crate) fn bare(kind: NewsKind, uid: Arc<str>, at: Instant) -> Self {
        Self {
            kind,
            at,
            uid,
            previous_uid: None,
            previous_start: None,
            start: None,
            end: None,
            booked_at: None,
            booking_kind: None,
            title: None,
            zone: None,
            host: None,
            location: None,
            video_url: None,
            price: None,
            reschedule_url: None,
            cancel_url: None,
            is_test: None,
            fields: BTreeMap::new(),
        }
    }

    /// Total order by time: equal only where nothing differs.
    fn order(&self, other: &Self) -> Ordering {
        let key = |news: &Self| (news.at, news.kind.rank());
        let text = |news: &Self| serde_json::to_string(news).unwrap_or_default();
        key(self)
            .cmp(&key(other))
            .then_with(|| self.uid.cmp(&other.uid))
            .then_with(|| if self == other { Ordering::Equal } else { text(self).cmp(&text(other)) })
    }

    /// A move that keeps the uid.
    fn moves_in_place(&self) -> bool {
        self.kind == NewsKind::Rescheduled && self.previous_uid.as_ref().is_none_or(|previous| *previous == self.uid)
    }
}

impl Booking {
    /// A record made from the first news that names it, whatever that news is, and what follows from them.
    pub(crate) fn from_news(
        id: BookingId,
        contact: ContactId,
        source: SourceName,
        news: &BookingNews,
    ) -> (Self, Folded) {
        let mut booking = Self::empty(id, contact, source, None);
        let folded = booking.fold(news);
        (booking, folded)
    }

    fn empty(id: BookingId, contact: ContactId, source: SourceName, clinic: Option<ClinicName>) -> Self {
        Self {
            id,
            contact,
            source,
            clinic,
            news: Vec::new(),
            uids: Vec::new(),
            generation: 0,
            base: None,
            no_show: None,
            begun: false,
            over: false,
            paid: false,
            kind: None,
            title: None,
            start: None,
            end: None,
            zone: None,
            created_at: Instant(i64::MAX),
            host: Host::default(),
            location: None,
            video_url: None,
            price: None,
            reschedule_url: None,
            cancel_url: None,
            is_test: false,
            fields: BTreeMap::new(),
        }
    }

    /// When the provider says that it got its present time.
    pub(crate) fn moved_at(&self) -> Option<Instant> {
        let moves = self.news.iter().filter(|news| matches!(news.kind, NewsKind::Created | NewsKind::Rescheduled));
        moves.map(|news| news.at).max()
    }

    /// The uid of the newest schedule.
    pub(crate) fn uid(&self) -> Arc<str> {
        self.uids.last().cloned().unwrap_or_default()
    }

    /// Is this one of the uids it ever had?
    #[cfg(test)]
    pub(crate) fn has_uid(&self, uid: &str) -> bool {
        self.uids.iter().any(|known| &**known == uid)
    }

    pub(crate) fn status(&self) -> BookingStatus {
        match self.base.unwrap_or_else(|| self.assumed()) {
            gone @ (BookingStatus::Cancelled | BookingStatus::Rejected) => gone,
            _ if self.no_show == Some(true) => BookingStatus::NoShow,
            _ if self.over => BookingStatus::Ended,
            base => base,
        }
    }

    /// Status of a booking whose making was never told: an unfinished payment is no appointment yet.
    fn assumed(&self) -> BookingStatus {
        let unfinished = self.news.iter().all(|news| news.kind == NewsKind::PaymentInitiated);
        if unfinished { BookingStatus::Requested } else { BookingStatus::Accepted }
    }

    /// Cancelled or rejected: bound steps end with it.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.base, Some(BookingStatus::Cancelled | BookingStatus::Rejected))
    }

    /// When an accepted appointment begins or ends by the record, as long as nothing has told that it did.
    pub(crate) fn comes(&self, kind: NewsKind) -> Option<Instant> {
        let accepted = self.base.unwrap_or_else(|| self.assumed()) == BookingStatus::Accepted;
        match kind {
            NewsKind::Started => self.start.filter(|_| accepted && !self.begun && !self.over),
            NewsKind::Ended => self.end.filter(|_| accepted && !self.over),
            _ => None,
        }
    }

    /// Takes news in.
    pub(crate) fn fold(&mut self, news: &BookingNews) -> Folded {
        let place = match self.news.binary_search_by(|known| known.order(news)) {
            Ok(_) => return Folded::Stale,
            Err(place) => place,
        };
        let before = self.clone();
        self.news.insert(place, news.clone());
        self.read_off();
        if self.follows(&before, news) { Folded::Happened(news.kind.event()) } else { Folded::Stale }
    }

    /// Does an event follow from this news, which made `before` what the record is now?
    fn follows(&self, before: &Self, news: &BookingNews) -> bool {
        let current = news.uid == self.uid();
        let scheduled = news.start.is_none() || news.start == self.start;
        let first = |same_start: bool| {
            !before.news.iter().any(|known| {
                known.kind == news.kind && known.uid == news.uid && (!same_start || known.start == news.start)
            })
        };
        match news.kind {
            NewsKind::Created => first(false),
            NewsKind::Rescheduled => current && scheduled && first(true),
            NewsKind::Requested | NewsKind::Cancelled | NewsKind::Rejected => {
                let told = self.base == news.kind.base();
                current && told && (before.base != self.base || before.uid() != self.uid())
            }
            NewsKind::NoShow(absent) => {
                let marked = |booking: &Self| booking.no_show == Some(true);
                marked(self) == absent && marked(before) != absent
            }
            NewsKind::Ended => self.over && !before.over && !self.is_gone(),
            NewsKind::Started => self.begun && !before.begun && !self.is_gone(),
            NewsKind::HostNoShow => current && first(false),
            NewsKind::Paid => !before.paid,
            NewsKind::PaymentInitiated => !self.paid && first(false),
        }
    }

    /// Joins another record of the same appointment: a move that arrived before its origin.
    pub(crate) fn absorb(&mut self, other: &Self) {
        for news in &other.news {
            if let Err(place) = self.news.binary_search_by(|known| known.order(news)) {
                self.news.insert(place, news.clone());
            }
        }
        self.clinic = self.clinic.take().or_else(|| other.clinic.clone());
        self.read_off();
    }

    /// Reads everything off the news.
    fn read_off(&mut self) {
        let clinic = self.clinic.take();
        let mut fresh = Self::empty(self.id, self.contact, self.source.clone(), clinic);
        fresh.news = std::mem::take(&mut self.news);
        fresh.read_uids();
        let mut order: Vec<usize> = (0..fresh.news.len()).collect();
        // stable: within one weight the news keep their order by time
        order.sort_by_key(|ix| (fresh.age_of(&fresh.news[*ix].uid), fresh.news[*ix].kind.weight()));
        for ix in order {
            let news = fresh.news[ix].clone();
            fresh.describe(&news);
        }
        fresh.read_state();
        *self = fresh;
    }

    /// Position of a uid among those the booking had.
    fn age_of(&self, uid: &Arc<str>) -> usize {
        self.uids.iter().position(|known| known == uid).unwrap_or(0)
    }

    fn read_uids(&mut self) {
        let mut since: BTreeMap<&Arc<str>, Instant> = BTreeMap::new();
        let mut name = |uid, at: Instant| {
            since.entry(uid).and_modify(|known| *known = at.min(*known)).or_insert(at);
        };
        for news in &self.news {
            name(&news.uid, news.at);
            if let Some(previous) = &news.previous_uid {
                // the old name is older than the move that replaced it
                name(previous, news.at.plus_ms(-1));
            }
        }
        let mut uids: Vec<_> = since.into_iter().map(|(uid, at)| (at, uid.clone())).collect();
        uids.sort();
        self.uids = uids.into_iter().map(|(_, uid)| uid).collect();
        let mut in_place: Vec<_> =
            self.news.iter().filter(|news| news.moves_in_place()).map(|news| (&news.uid, news.start)).collect();
        in_place.sort();
        in_place.dedup();
        let moves = self.uids.len().saturating_sub(1) + in_place.len();
        self.generation = u16::try_from(moves).unwrap_or(u16::MAX);
    }

    fn read_state(&mut self) {
        let uid = self.uid();
        let current = || self.news.iter().filter(|news| news.uid == uid);
        let base = current().filter_map(|news| news.kind.base()).next_back();
        let moved = current().filter(|news| news.kind.weight() == 2).map(|news| news.at).max();
        let marks = current().filter(|news| moved.is_none_or(|moved| news.at >= moved));
        let mark = marks.filter_map(|news| match news.kind {
            NewsKind::NoShow(absent) => Some(absent),
            _ => None,
        });
        let no_show = { mark }.next_back();
        // without a time of its own it tells of the newest schedule when it is younger
        let of_this = |told: Option<Instant>, own: Option<Instant>, at: Instant| match (told, own) {
            (Some(told), Some(own)) => told == own,
            (Some(_), None) => true,
            (None, _) => moved.is_none_or(|moved| at >= moved),
        };
        let begun = current()
            .filter(|news| news.kind == NewsKind::Started)
            .any(|news| of_this(news.start, self.start, news.at));
        // one that is over early ended after it began
        let from = self.start.or(self.end);
        let early = |news: &BookingNews| news.end.is_none() && from.is_some_and(|from| news.at >= from);
        let over = current()
            .filter(|news| news.kind == NewsKind::Ended)
            .any(|news| early(news) || self.end.is_none_or(|end| news.end.unwrap_or(news.at) >= end));
        (self.base, self.no_show, self.begun, self.over) = (base, no_show, begun, over);
        self.paid = self.news.iter().any(|news| news.kind == NewsKind::Paid);
        let made = self.news.iter().map(|news| news.booked_at.unwrap_or(news.at).min(news.at));
        self.created_at = made.min().unwrap_or(Instant(0));
    }

    /// Takes descriptive parts over; what the news does not say stays.
    fn describe(&mut self, news: &BookingNews) {
        take(&mut self.kind, news.booking_kind.as_ref());
        take(&mut self.title, news.title.as_ref());
        take(&mut self.start, news.start.as_ref());
        take(&mut self.end, news.end.as_ref());
        take(&mut self.zone, news.zone.as_ref());
        take(&mut self.location, news.location.as_ref());
        take(&mut self.video_url, news.video_url.as_ref());
        take(&mut self.price, news.price.as_ref());
        take(&mut self.reschedule_url, news.reschedule_url.as_ref());
        take(&mut self.cancel_url, news.cancel_url.as_ref());
        if let Some(host) = &news.host {
            self.host.describe(host);
        }
        self.is_test |= news.is_test.unwrap_or(false);
        self.fields.extend(news.fields.clone());
    }

    /// A part of the booking as expressions and texts read it.
    pub(crate) fn field(&self, name: &str) -> Value {
        let text = |slot: &Option<Arc<str>>| slot.as_ref().map_or(Value::Missing, |text| Value::Text(text.clone()));
        let time = |slot: Option<Instant>| slot.map_or(Value::Missing, Value::Time);
        match name {
            "uid" => Value::Text(self.uid()),
            "kind" => text(&self.kind),
            "title" => text(&self.title),
            "status" => Value::text(self.status().name()),
            "start" => time(self.start),
            "end" => time(self.end),
            "created_at" => Value::Time(self.created_at),
            "zone" => self.zone.as_ref().map_or(Value::Missing, |zone| Value::text(zone.name())),
            "host" => self.host.to_value(),
            "location" => text(&self.location),
            "video_url" => text(&self.video_url),
            "price" => self.price.as_ref().map_or(Value::Missing, |(minor, code)| Value::Money(*minor, code.clone())),
            "reschedule_url" => text(&self.reschedule_url),
            "cancel_url" => text(&self.cancel_url),
            "clinic" => self.clinic.as_ref().map_or(Value::Missing, |clinic| Value::text(clinic.as_str())),
            "is_test" => Value::Bool(self.is_test),
            other => self.fields.get(other).cloned().unwrap_or_default(),
        }
    }
}

fn take<T: Clone>(slot: &mut Option<T>, news: Option<&T>) {
    if let Some(value) = news {
        *slot = Some(value.clone());
    }
}

impl From<Booking> for Stored {
    fn from(booking: Booking) -> Self {
        let Booking { id, contact, source, clinic, news, .. } = booking;
        Self { id, contact, source, clinic, news }
    }
}

impl From<Stored> for Booking {
    fn from(stored: Stored) -> Self {
        let mut booking = Self::empty(stored.id, stored.contact, stored.source, stored.clinic);
        booking.news = stored.news;
        booking.news.sort_by(BookingNews::order);
        booking.read_off();
        booking
    }
}

impl Host {
    /// Part by part: a delivery that names the host only by e-mail does not wipe the name.
    fn describe(&mut self, news: &Self) {
        take(&mut self.name, news.name.as_ref());
        take(&mut self.email, news.email.as_ref());
        take(&mut self.phone, news.phone.as_ref());
        take(&mut self.zone, news.zone.as_ref());
        take(&mut self.locale, news.locale.as_ref());
        take(&mut self.booking_url, news.booking_url.as_ref());
    }

    fn to_value(&self) -> Value {
        let parts = [
            ("name", &self.name),
            ("email", &self.email),
            ("phone", &self.phone),
            ("locale", &self.locale),
            ("booking_url", &self.booking_url),
        ];
        let mut map: BTreeMap<Arc<str>, Value> =
            parts.into_iter().filter_map(|(name, part)| Some((Arc::from(name), Value::Text(part.clone()?)))).collect();
        if let Some(zone) = &self.zone {
            map.insert(Arc::from("zone"), Value::text(zone.name()));
        }
        Value::Map(map)
    }
}
