//! An appointment as one record, whatever order its news arrive in.
//!
//! Each fact of the record (schedule, base status, no-show, ended) keeps the time of the news it came from and yields
//! only to newer news, so every permutation and repetition of the same deliveries ends in the same record.
use crate::{
    calendar::{Instant, Zone},
    id::{BookingId, ClinicName, ContactId, EventKind, FieldName, SourceName},
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

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
pub(crate) struct Host {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) email: Option<Arc<str>>,
    pub(crate) phone: Option<Arc<str>>,
    pub(crate) zone: Option<Zone>,
    pub(crate) locale: Option<Arc<str>>,
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
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct BookingNews {
    pub(crate) kind: NewsKind,
    /// The provider's time of the news; orders deliveries.
    pub(crate) at: Instant,
    pub(crate) uid: Arc<str>,
    /// The uid this booking had before it was moved.
    pub(crate) previous_uid: Option<Arc<str>>,
    pub(crate) previous_start: Option<Instant>,
    pub(crate) start: Option<Instant>,
    pub(crate) end: Option<Instant>,
    pub(crate) booking_kind: Option<Arc<str>>,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) zone: Option<Zone>,
    pub(crate) host: Option<Host>,
    pub(crate) location: Option<Arc<str>>,
    pub(crate) video_url: Option<Arc<str>>,
    /// Minor units and ISO code.
    pub(crate) price: Option<(i64, Arc<str>)>,
    pub(crate) reschedule_url: Option<Arc<str>>,
    pub(crate) cancel_url: Option<Arc<str>>,
    pub(crate) is_test: Option<bool>,
    /// Fields that the source maps: `procedure` and the project's own.
    pub(crate) fields: BTreeMap<FieldName, Value>,
}

/// One line of a booking's history.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct BookingChange {
    pub(crate) at: Instant,
    pub(crate) kind: NewsKind,
    pub(crate) uid: Arc<str>,
    pub(crate) start: Option<Instant>,
}

/// One appointment. Every uid it ever had points to it, so a reschedule keeps the record.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Booking {
    pub(crate) id: BookingId,
    pub(crate) contact: ContactId,
    pub(crate) source: SourceName,
    pub(crate) clinic: Option<ClinicName>,
    /// Every uid it had, with the time of the first news that named it; sorted by that time.
    pub(crate) uids: Vec<(Arc<str>, Instant)>,
    pub(crate) kind: Option<Arc<str>>,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) start: Option<Instant>,
    pub(crate) end: Option<Instant>,
    /// News that the schedule comes from.
    pub(crate) scheduled_at: Instant,
    /// Requested, accepted, cancelled or rejected, with the news it comes from.
    pub(crate) base: (Instant, BookingStatus),
    pub(crate) no_show: Option<(Instant, bool)>,
    /// The end for which the booking was reported as over.
    pub(crate) ended_for: Option<Instant>,
    pub(crate) created_news: bool,
    pub(crate) zone: Option<Zone>,
    pub(crate) created_at: Instant,
    pub(crate) host: Host,
    pub(crate) location: Option<Arc<str>>,
    pub(crate) video_url: Option<Arc<str>>,
    pub(crate) price: Option<(i64, Arc<str>)>,
    pub(crate) paid: bool,
    pub(crate) reschedule_url: Option<Arc<str>>,
    pub(crate) cancel_url: Option<Arc<str>>,
    pub(crate) is_test: bool,
    pub(crate) fields: BTreeMap<FieldName, Value>,
    /// Sorted by time, without repetitions.
    pub(crate) history: Vec<BookingChange>,
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

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl NewsKind {
    pub(crate) fn event(self) -> EventKind {
        EventKind::new(match self {
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
        })
    }

    /// The status that this news gives, where it gives one, and which of two news of the same moment wins.
    fn base(self) -> Option<(u8, BookingStatus)> {
        Some(match self {
            Self::Requested => (0, BookingStatus::Requested),
            Self::Created | Self::Rescheduled => (1, BookingStatus::Accepted),
            Self::Rejected => (2, BookingStatus::Rejected),
            Self::Cancelled => (3, BookingStatus::Cancelled),
            _ => return None,
        })
    }
}

fn rank(status: BookingStatus) -> u8 {
    match status {
        BookingStatus::Requested => 0,
        BookingStatus::Rejected => 2,
        BookingStatus::Cancelled => 3,
        _ => 1,
    }
}

impl Booking {
    /// A record made from the first news that names it, whatever that news is.
    pub(crate) fn from_news(id: BookingId, contact: ContactId, source: SourceName, news: &BookingNews) -> Self {
        let mut booking = Self {
            id,
            contact,
            source,
            clinic: None,
            uids: Vec::new(),
            kind: None,
            title: None,
            start: None,
            end: None,
            scheduled_at: Instant(i64::MIN),
            base: (Instant(i64::MIN), BookingStatus::Accepted),
            no_show: None,
            ended_for: None,
            created_news: false,
            zone: None,
            created_at: news.at,
            host: Host::default(),
            location: None,
            video_url: None,
            price: None,
            paid: false,
            reschedule_url: None,
            cancel_url: None,
            is_test: false,
            fields: BTreeMap::new(),
            history: Vec::new(),
        };
        booking.describe(news);
        booking
    }

    /// Moves so far: a step bound to the booking is due anew for each.
    pub(crate) fn generation(&self) -> u16 {
        u16::try_from(self.uids.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }

    /// The uid of the newest schedule.
    pub(crate) fn uid(&self) -> Arc<str> {
        self.uids.last().map_or_else(|| Arc::from(""), |(uid, _)| uid.clone())
    }

    pub(crate) fn status(&self) -> BookingStatus {
        let over = self.ended_for.is_some_and(|end| self.end.is_none_or(|known| end >= known));
        let absent = self.no_show.is_some_and(|(at, absent)| absent && at >= self.scheduled_at);
        match self.base.1 {
            gone @ (BookingStatus::Cancelled | BookingStatus::Rejected) => gone,
            _ if absent => BookingStatus::NoShow,
            _ if over => BookingStatus::Ended,
            base => base,
        }
    }

    /// Cancelled or rejected: bound steps end with it.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.base.1, BookingStatus::Cancelled | BookingStatus::Rejected)
    }

    /// Takes news in. Facts yield only to newer news.
    pub(crate) fn fold(&mut self, news: &BookingNews) -> Folded {
        self.remember(news);
        self.name_uid(news);
        self.created_at = self.created_at.min(news.at);
        let fresh = self.fold_facts(news);
        if fresh { Folded::Happened(news.kind.event()) } else { Folded::Stale }
    }

    fn fold_facts(&mut self, news: &BookingNews) -> bool {
        if let Some((news_rank, status)) = news.kind.base() {
            let moves = matches!(news.kind, NewsKind::Created | NewsKind::Rescheduled | NewsKind::Requested);
            let newer = (news.at, news_rank) > (self.base.0, rank(self.base.1));
            if moves && news.at > self.scheduled_at {
                self.scheduled_at = news.at;
                self.start = news.start.or(self.start);
                self.end = news.end.or(self.end);
                self.describe(news);
            }
            if newer {
                self.base = (news.at, status);
            }
            let first = news.kind == NewsKind::Created && !self.created_news;
            self.created_news |= first;
            return first || (newer && news.kind != NewsKind::Created);
        }
        match news.kind {
            NewsKind::NoShow(absent) => {
                let newer = self.no_show.is_none_or(|(at, known)| news.at > at || (news.at == at && absent && !known));
                let changes = self.no_show.map_or(absent, |(_, known)| known != absent);
                if newer {
                    self.no_show = Some((news.at, absent));
                }
                newer && changes
            }
            NewsKind::Ended => {
                let end = news.end.or(self.end).unwrap_or(news.at);
                let newer = self.ended_for.is_none_or(|known| end > known);
                self.ended_for = Some(self.ended_for.map_or(end, |known| known.max(end)));
                newer
            }
            NewsKind::Paid => !std::mem::replace(&mut self.paid, true),
            _ => self.history.iter().filter(|line| line.kind == news.kind).count() == 1,
        }
    }

    fn remember(&mut self, news: &BookingNews) {
        let line = BookingChange { at: news.at, kind: news.kind, uid: news.uid.clone(), start: news.start };
        if !self.history.contains(&line) {
            self.history.push(line);
            self.history.sort_by(|a, b| (a.at, a.kind.event(), &a.uid).cmp(&(b.at, b.kind.event(), &b.uid)));
        }
    }

    fn name_uid(&mut self, news: &BookingNews) {
        let mut name = |uid: &Arc<str>, at: Instant| match self.uids.iter_mut().find(|(known, _)| known == uid) {
            Some((_, since)) => *since = (*since).min(at),
            None => self.uids.push((uid.clone(), at)),
        };
        name(&news.uid, news.at);
        if let Some(previous) = &news.previous_uid {
            // the old name is older than the move that replaced it
            name(previous, news.at.plus_ms(-1));
        }
        self.uids.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    }

    /// Takes descriptive parts over; what the news does not say stays.
    fn describe(&mut self, news: &BookingNews) {
        fn take<T: Clone>(slot: &mut Option<T>, news: Option<&T>) {
            if let Some(value) = news {
                *slot = Some(value.clone());
            }
        }
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
            self.host = host.clone();
        }
        self.is_test |= news.is_test.unwrap_or(false);
        self.fields.extend(news.fields.clone());
    }

    /// Joins the record of a move that arrived before its origin: facts by their time, as [`Booking::fold`] would have.
    pub(crate) fn absorb(&mut self, other: &Self) {
        for (uid, at) in &other.uids {
            match self.uids.iter_mut().find(|(known, _)| known == uid) {
                Some((_, since)) => *since = (*since).min(*at),
                None => self.uids.push((uid.clone(), *at)),
            }
        }
        self.uids.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        if other.scheduled_at > self.scheduled_at {
            let (id, contact, created) = (self.id, self.contact, self.created_at);
            let (uids, history, mine) =
                (std::mem::take(&mut self.uids), std::mem::take(&mut self.history), self.clone());
            *self = other.clone();
            (self.id, self.contact, self.created_at) = (id, contact, created);
            (self.uids, self.history) = (uids, history);
            self.fold_state(&mine);
        } else {
            self.fold_state(other);
        }
        for line in &other.history {
            if !self.history.contains(line) {
                self.history.push(line.clone());
            }
        }
        self.history.sort_by(|a, b| (a.at, a.kind.event(), &a.uid).cmp(&(b.at, b.kind.event(), &b.uid)));
    }

    fn fold_state(&mut self, other: &Self) {
        if (other.base.0, rank(other.base.1)) > (self.base.0, rank(self.base.1)) {
            self.base = other.base;
        }
        self.no_show = self.no_show.max(other.no_show);
        self.ended_for = self.ended_for.max(other.ended_for);
        self.created_news |= other.created_news;
        self.paid |= other.paid;
        self.is_test |= other.is_test;
        self.created_at = self.created_at.min(other.created_at);
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

impl Host {
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
