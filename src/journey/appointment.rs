//! An appointment begins, and is over: by our own record, at its time, whether or not a provider tells.
//!
//! Where the plan hears of it, every accepted appointment that is still to begin or to end has a watch under a name that no
//! trigger can have. What stands in the record decides: news of a provider that come first take the watch away, and those
//! that come later are a repetition. Must not know how a booking is read off its news.
use super::{Action, Happening, StartedBy, Watch, draft::Draft};
use crate::{
    calendar::Instant,
    id::{BookingId, EventKind, TriggerName},
    record::{BookingNews, Folded, NewsKind},
};
use std::{collections::BTreeMap, sync::Arc};

/// What the record itself tells.
const TOLD: [NewsKind; 2] = [NewsKind::Started, NewsKind::Ended];

impl Watch {
    /// What begins or ends when a watch of this name is due; triggers have no such names.
    pub(crate) fn appointment(name: &TriggerName) -> Option<NewsKind> {
        let event = name.as_str().strip_prefix('@')?;
        TOLD.into_iter().find(|kind| kind.event().as_str() == event)
    }

    fn to_appointment(kind: NewsKind, booking: BookingId, now: Instant, due: Instant) -> Self {
        let opening =
            StartedBy { id: None, kind: kind.event(), at: now, booking: Some(booking), data: BTreeMap::new() };
        Self { trigger: name_of(&kind.event()), booking: Some(booking), armed: now, due, opening: Arc::new(opening) }
    }
}

fn name_of(event: &EventKind) -> TriggerName {
    TriggerName::new(format!("@{event}"))
}

impl Draft<'_> {
    /// Brings the watches in step with the bookings and with what the plan hears of. It is done at every look at a person,
    /// so a plan that begins to hear of it has the appointments of those who are looked at from then on.
    ///
    /// An appointment whose time is over when it becomes known gets none: appointments of last year that are brought in, or
    /// told after the fact, are no news, and nothing begins by them. What a provider tells of them counts all the same.
    pub(super) fn await_appointments(&mut self) {
        let armed: Vec<(NewsKind, Option<BookingId>, Instant)> = self
            .person
            .watches
            .iter()
            .filter_map(|watch| Some((Watch::appointment(&watch.trigger)?, watch.booking, watch.due)))
            .collect();
        if armed.is_empty() && self.person.bookings.is_empty() {
            return;
        }
        for kind in TOLD {
            let event = kind.event();
            let heard = self.plan.hears(event.as_str());
            let comes = |booking: &crate::record::Booking| Some((booking.id, booking.comes(kind)?));
            let coming: BTreeMap<BookingId, Instant> =
                self.person.bookings.values().filter(|_| heard).filter_map(comes).collect();
            let mine = armed.iter().filter(|(of, ..)| *of == kind);
            let known: BTreeMap<Option<BookingId>, Instant> = mine.map(|(_, booking, due)| (*booking, *due)).collect();
            for (booking, due) in &known {
                let at = booking.and_then(|id| coming.get(&id));
                if at != Some(due) && at.is_none_or(|at| *at <= self.now) {
                    self.disarm_one(&name_of(&event), *booking);
                }
            }
            for (booking, at) in coming {
                if at > self.now && known.get(&Some(booking)) != Some(&at) {
                    self.arm_one(Watch::to_appointment(kind, booking, self.now, at));
                }
            }
        }
    }

    /// Appointments that had begun or ended by then, before anything that happened later.
    pub(super) fn appointments_over(&mut self, by: Instant) {
        while let Some((watch, kind)) = self.next_appointment(by) {
            self.disarm_one(&watch.trigger, watch.booking);
            self.tell_appointment(&watch, kind);
        }
    }

    fn next_appointment(&self, by: Instant) -> Option<(Watch, NewsKind)> {
        let over = self.person.watches.iter().filter(|watch| watch.due <= by);
        let own = over.filter_map(|watch| Some((watch, Watch::appointment(&watch.trigger)?)));
        own.min_by_key(|(watch, kind)| (watch.due, *kind == NewsKind::Ended, watch.booking))
            .map(|(watch, kind)| (watch.clone(), kind))
    }

    /// Its time has come. The record learns of it, and who hears of it is told as if a provider had.
    pub(super) fn tell_appointment(&mut self, watch: &Watch, kind: NewsKind) {
        let event = kind.event();
        let Some(id) = watch.booking.filter(|_| self.plan.hears(event.as_str())) else { return };
        // cancelled, moved or told since
        let still = |booking: &&mut crate::record::Booking| booking.comes(kind) == Some(watch.due);
        let Some(booking) = self.person.bookings.get_mut(&id).filter(still) else { return };
        let news =
            BookingNews { start: booking.start, end: booking.end, ..BookingNews::bare(kind, booking.uid(), watch.due) };
        let folded = booking.fold(&news);
        self.act(Action::BookingChanged(id));
        if folded == Folded::Stale {
            return;
        }
        let event = Happening {
            id: self.ids.event(),
            kind: event,
            at: watch.due,
            booking: Some(id),
            data: BTreeMap::new(),
            delivery: None,
            by_run: None,
        };
        self.act(Action::Note(event.clone()));
        self.happen(&event);
    }
}
