//! Triggers that no event sets off: segments, dates and schedules. What is kept of each for a person, and when it is due.
//!
//! For every such trigger a person has one watch, and one more for each booking where it counts from bookings. It says
//! what was seen last, so that nothing fires twice, and when to look again. Who was there before the trigger was
//! published is looked at by a sweep, which goes over them in pages.
use super::{
    Action, Because, Gate, Happening, Mark, Refusal, RefusedWhy, StartedBy, Watch,
    draft::{Draft, View},
    following::Maker,
};
use crate::{
    calendar::{CivilDate, CivilTime, Instant, Schedule, Span, TimeOfDay, Zone},
    expr::Facts,
    id::{BookingId, EventId, EventKind},
    plan::{Border, Limit, Moment, Standing, Trigger, TriggerSource},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// What the watch of such a trigger has instead of an event.
const KEPT: &str = "trigger.kept";

/// What conditions and runs see instead of an event.
pub(super) const STRUCK: &str = "trigger.struck";

/// A moment that was over by no more than this when its value became known still counts.
const TOLERANCE_MS: i64 = 24 * 3_600_000;

/// Years ahead in which the next day of a yearly date is looked for.
const YEARS: i16 = 9;

/// What is kept of a trigger for a person.
#[derive(Clone, PartialEq, Debug, Default)]
struct State {
    /// The trigger as it was when this was written; nothing before the sweep.
    of: Option<Arc<str>>,
    inside: Option<bool>,
    /// What the field held.
    value: Option<Value>,
    /// Fired, or passed, for that value; of a yearly one the year.
    done: Option<i64>,
    /// The year of the moment that it is due at.
    year: Option<i64>,
    /// Civil time of the last and of the next time of a schedule.
    last: Option<Arc<str>>,
    next: Option<Arc<str>>,
}

/// How a watch stands to the trigger of today.
struct Seat {
    state: State,
    due: Option<Instant>,
    /// Nothing is known: the person, or the booking, is new, or the sweep passed them over as being outside.
    new: bool,
    /// Written for this very trigger.
    known: bool,
}

impl Watch {
    /// Nothing to look at until something changes.
    pub(crate) const NEVER: Instant = Instant(i64::MAX);

    /// What a sweep leaves with a person at whom it could not look: due at once, and nothing known yet.
    pub(crate) fn to_sweep(trigger: &crate::id::TriggerName, now: Instant) -> Self {
        let opening = State::default().opening(now, None);
        Self { trigger: trigger.clone(), booking: None, armed: now, due: now, opening: Arc::new(opening) }
    }

    /// What the rounds of a sweep have to know of it.
    pub(crate) fn mark(&self) -> Option<Mark> {
        if !self.is_standing() {
            return None;
        }
        match (State::read(&self.opening).inside, self.due == Self::NEVER) {
            (Some(_), false) => Some(Mark::PutOff),
            (Some(true), true) => Some(Mark::Inside),
            _ => None,
        }
    }

    /// Kept for a trigger that no event sets off.
    pub(crate) fn is_standing(&self) -> bool {
        self.opening.kind.as_str() == KEPT
    }
}

impl StartedBy {
    /// The trigger that began it, when no event did: a moment came, or somebody crossed the border of a segment.
    pub(crate) fn trigger(&self) -> Option<&str> {
        if self.kind.as_str() != STRUCK {
            return None;
        }
        self.data.get("trigger").and_then(Value::as_text)
    }
}

impl State {
    fn read(opening: &StartedBy) -> Self {
        let int = |name: &str| match opening.data.get(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        };
        let text = |name: &str| opening.data.get(name).and_then(Value::as_text).map(Arc::from);
        Self {
            of: text("of"),
            inside: opening.data.get("inside").and_then(Value::as_bool),
            value: opening.data.get("value").cloned(),
            done: int("done"),
            year: int("year"),
            last: text("last"),
            next: text("next"),
        }
    }

    fn opening(&self, at: Instant, booking: Option<BookingId>) -> StartedBy {
        let parts = [
            ("of", self.of.clone().map(Value::Text)),
            ("inside", self.inside.map(Value::Bool)),
            ("value", self.value.clone()),
            ("done", self.done.map(Value::Int)),
            ("year", self.year.map(Value::Int)),
            ("last", self.last.clone().map(Value::Text)),
            ("next", self.next.clone().map(Value::Text)),
        ];
        let data: BTreeMap<Arc<str>, Value> =
            parts.into_iter().filter_map(|(name, value)| Some((Arc::from(name), value?))).collect();
        StartedBy { id: None, kind: EventKind::new(KEPT), at, booking, data }
    }
}

/// That long before or after something, once or every year.
#[derive(Clone, Copy)]
struct Offset {
    before: bool,
    span: Span,
    at: Option<TimeOfDay>,
}

impl Offset {
    fn of(self, base: Instant, zone: &Zone) -> Instant {
        let moved = if self.before { zone.sub(base, self.span) } else { zone.add(base, self.span) };
        self.at.map_or(moved, |at| zone.at_time(moved, at))
    }
}

impl Draft<'_> {
    /// Looks at every trigger that no event sets off. True when one fired.
    pub(super) fn stand(&mut self) -> bool {
        let mut fired = false;
        for standing in self.plan.standing().to_vec() {
            fired |= match &standing.trigger.source {
                _ if !standing.trigger.active => self.rest(&standing.trigger),
                TriggerSource::Segment { on, .. } => self.cross(&standing, *on),
                TriggerSource::Every { schedule, .. } => self.strike_at(&standing, schedule),
                TriggerSource::Moment { field, before, span, at, yearly } => {
                    let offset = Offset { before: *before, span: *span, at: *at };
                    self.count(&standing, field, offset, *yearly)
                }
                TriggerSource::Events { .. } | TriggerSource::Campaign { .. } => false,
            };
        }
        fired
    }

    /// Switched off: nothing is due, and what was seen is kept.
    fn rest(&mut self, trigger: &Trigger) -> bool {
        let due = |watch: &&Watch| watch.trigger == trigger.name && watch.due <= self.now;
        let due: Vec<Watch> = self.person.watches.iter().filter(due).cloned().collect();
        for watch in due {
            self.arm_one(Watch { due: Watch::NEVER, ..watch });
        }
        false
    }

    fn seat(&self, standing: &Standing, booking: Option<BookingId>) -> Seat {
        let watch =
            self.person.watches.iter().find(|watch| {
                watch.trigger == standing.trigger.name && watch.booking == booking && watch.is_standing()
            });
        let state = watch.map(|watch| State::read(&watch.opening)).unwrap_or_default();
        let same = state.of.as_deref() == Some(&*standing.print);
        // what a sweep left is due at the moment at which it was armed
        let left = watch.is_some_and(|watch| watch.due == watch.armed);
        let sweep = self.world.sweeps.get(&standing.trigger.name).filter(|_| booking.is_none());
        let waits = sweep.is_some_and(|sweep| {
            let seen = same && watch.is_some_and(|watch| watch.armed >= sweep.since);
            sweep.waits_for(self.person.contact.id) && !seen
        });
        if waits || left {
            return Seat { due: Some(self.now), new: false, known: false, state };
        }
        let new = watch.is_none() || (booking.is_none() && !same);
        Seat { due: watch.map(|watch| watch.due), new, known: same, state }
    }

    /// Keeps what was seen, when it is something new.
    fn keep(&mut self, standing: &Standing, booking: Option<BookingId>, seat: &Seat, state: State, due: Instant) {
        let state = State { of: Some(standing.print.clone()), ..state };
        if seat.due == Some(due) && seat.state == state {
            return;
        }
        let opening = Arc::new(state.opening(self.now, booking));
        self.arm_one(Watch { trigger: standing.trigger.name.clone(), booking, armed: self.now, due, opening });
    }

    fn is_over(&self, due: Option<Instant>) -> bool {
        due.is_some_and(|due| due <= self.now)
    }

    // --- segments -----------------------------------------------------------------------------------------------------

    fn cross(&mut self, standing: &Standing, on: Border) -> bool {
        let Some(segment) = standing.segment.clone() else { return false };
        let seat = self.seat(standing, None);
        let due = self.is_over(seat.due);
        let inside = self.holds(Some(&segment.cond), View::Person);
        let was = match (seat.new, seat.known) {
            (true, _) => false,
            (false, true) => seat.state.inside == Some(true),
            (false, false) if standing.trigger.backfill => seat.state.inside.unwrap_or(on == Border::Exit && inside),
            (false, false) => inside,
        };
        if seat.known && was == inside && !due {
            return false;
        }
        let crossed = match on {
            Border::Entry => inside && !was,
            Border::Exit => was && !inside,
        };
        if crossed && let Some(until) = self.no_room(&standing.trigger) {
            self.put_off(standing, None, &seat, State { inside: Some(was), ..State::default() }, until);
            return false;
        }
        self.keep(standing, None, &seat, State { inside: Some(inside), ..State::default() }, Watch::NEVER);
        crossed && self.strike(&standing.trigger, None)
    }

    // --- schedules ----------------------------------------------------------------------------------------------------

    fn strike_at(&mut self, standing: &Standing, schedule: &Schedule) -> bool {
        let seat = self.seat(standing, None);
        let due = self.is_over(seat.due);
        let comes = seat.known && due;
        let matches = comes
            && match &standing.segment {
                Some(segment) => self.holds(Some(&segment.clone().cond), View::Person),
                None => !standing.names_segment(),
            };
        if matches && let Some(until) = self.no_room(&standing.trigger) {
            let state = seat.state.clone();
            self.put_off(standing, None, &seat, state, until);
            return false;
        }
        let last = if comes { seat.state.next.clone() } else { seat.state.last.clone() };
        let after: Option<CivilTime> = last.as_ref().and_then(|last| last.parse().ok());
        let (next, at) = match schedule.next_in(&self.zone, self.now, after) {
            Some((civil, at)) => (Some(Arc::from(civil.to_string())), at),
            None => (None, Watch::NEVER),
        };
        // put off: it stays due for the time that was passed
        if seat.known && !due && seat.state.next.is_some() && seat.due != Some(at) && self.was_put_off(&seat) {
            return false;
        }
        self.keep(standing, None, &seat, State { last, next, ..State::default() }, at);
        matches && self.strike(&standing.trigger, None)
    }

    /// Its time has come, but there was no room.
    fn was_put_off(&self, seat: &Seat) -> bool {
        let next: Option<CivilTime> = seat.state.next.as_ref().and_then(|next| next.parse().ok());
        next.is_some_and(|next| self.zone.instant(next) <= self.now)
    }

    // --- dates --------------------------------------------------------------------------------------------------------

    fn count(&mut self, standing: &Standing, field: &Moment, offset: Offset, yearly: bool) -> bool {
        let seat = self.seat(standing, None);
        let swept = !seat.new && !seat.known;
        match field {
            Moment::Contact(name) => {
                let path = [Arc::from("contact"), Arc::from(name.as_str())];
                let value = of_moment(&self.facts(View::Person).get(&path));
                self.count_one(standing, None, value, offset, yearly, swept)
            }
            Moment::Booking(name) => {
                self.keep(standing, None, &seat, State::default(), Watch::NEVER);
                let mut fired = false;
                let bookings: Vec<(BookingId, bool)> =
                    self.person.bookings.values().map(|booking| (booking.id, booking.is_gone())).collect();
                for (id, gone) in bookings {
                    let field = self.person.bookings.get(&id).map(|booking| booking.field(name.as_str()));
                    let value = field.filter(|_| !gone).as_ref().and_then(of_moment);
                    fired |= self.count_one(standing, Some(id), value, offset, false, swept);
                }
                fired
            }
            Moment::RunEntered | Moment::Event(_) => false,
        }
    }

    /// Once per value of the field, or once a year for it.
    fn count_one(
        &mut self,
        standing: &Standing,
        booking: Option<BookingId>,
        value: Option<Value>,
        offset: Offset,
        yearly: bool,
        swept: bool,
    ) -> bool {
        let seat = self.seat(standing, booking);
        if value.is_none() && booking.is_some() && seat.new {
            return false;
        }
        let same = value.is_some() && seat.state.value == value;
        let old = if same { seat.state.clone() } else { State::default() };
        // armed for this very value: it counts however late it is looked at
        let armed = same && seat.known && !swept;
        let backfill = swept && standing.trigger.backfill;
        let counts = |over_ms: i64| armed || backfill || (!swept && over_ms <= TOLERANCE_MS);
        let next = match &value {
            None => Next { due: Watch::NEVER, fires: false, done: None, year: None },
            Some(value) if yearly => self.next_yearly(value, offset, &old, armed, counts),
            Some(value) => self.next_once(value, offset, &old, counts),
        };
        let state = State { value, done: next.done, year: next.year, ..State::default() };
        if next.fires
            && let Some(until) = self.no_room(&standing.trigger)
        {
            let before = State { done: old.done, year: next.done.filter(|_| yearly), ..state };
            self.put_off(standing, booking, &seat, before, until);
            return false;
        }
        if booking.is_some() && seat.new && next.due == Watch::NEVER && !next.fires {
            // over before anybody knew of it: nothing to remember
            return false;
        }
        self.keep(standing, booking, &seat, state, next.due);
        next.fires && self.strike(&standing.trigger, booking)
    }

    fn next_once(&self, value: &Value, offset: Offset, old: &State, counts: impl Fn(i64) -> bool) -> Next {
        let nothing = |done| Next { due: Watch::NEVER, fires: false, done, year: None };
        if old.done.is_some() {
            return nothing(old.done);
        }
        let Some(base) = base_of(value, &self.zone) else { return nothing(None) };
        let at = offset.of(base, &self.zone);
        if at > self.now {
            return Next { due: at, fires: false, done: None, year: None };
        }
        let too_late = offset.before && self.now >= base;
        Next { fires: !too_late && counts(self.now.since(at)), ..nothing(Some(1)) }
    }

    fn next_yearly(
        &self,
        value: &Value,
        offset: Offset,
        old: &State,
        armed: bool,
        counts: impl Fn(i64) -> bool,
    ) -> Next {
        let mut next = Next { due: Watch::NEVER, fires: false, done: old.done, year: None };
        let Some(base) = base_of(value, &self.zone).map(|base| self.zone.civil(base)) else { return next };
        let this = self.zone.civil(self.now).year();
        let first = (this - 1).max(base.year());
        for year in first..first + YEARS {
            if next.done.is_some_and(|done| i64::from(year) <= done) {
                continue;
            }
            let day = self.zone.instant(in_year(base, year));
            let at = offset.of(day, &self.zone);
            if at > self.now {
                return Next { due: at, year: Some(year.into()), ..next };
            }
            let meant = if armed { old.year.is_some_and(|armed| i64::from(year) >= armed) } else { true };
            let recent = armed || self.now.since(at) <= TOLERANCE_MS;
            let too_late = offset.before && self.now >= day;
            next.fires = meant && recent && !too_late && counts(self.now.since(at));
            next.done = Some(year.into());
        }
        next
    }

    // --- firing -------------------------------------------------------------------------------------------------------

    /// True when something may have changed by it.
    fn strike(&mut self, trigger: &Arc<Trigger>, booking: Option<BookingId>) -> bool {
        let event = Happening {
            id: EventId(0),
            kind: EventKind::new(STRUCK),
            at: self.now,
            booking,
            data: BTreeMap::from([(Arc::from("trigger"), Value::text(trigger.name.as_str()))]),
            delivery: None,
            by_run: None,
        };
        if !self.is_of(&trigger.clinics, View::Event(&event)) {
            return false;
        }
        if !self.may_follow(Some(Maker::Trigger(trigger.name.clone()))) {
            self.goes_round(Some(&trigger.name), None);
            return false;
        }
        if self.holds(trigger.cond.as_ref(), View::Event(&event)) {
            self.act(Action::Struck { trigger: trigger.name.clone(), booking });
            let mut entering = Vec::new();
            self.do_trigger(trigger, &event, &mut entering);
            self.enter_all(entering);
            return true;
        }
        // a schedule picks people by its condition, and those it does not pick are no news
        if !matches!(trigger.source, TriggerSource::Every { .. }) {
            self.not_matched(trigger, &event);
        }
        false
    }

    /// More people than may be enrolled at once: until when the others wait.
    fn no_room(&self, trigger: &Trigger) -> Option<Instant> {
        trigger.enrol.as_ref()?;
        let limit = self.plan.limit_of(trigger)?;
        let pace = self.world.paces.get(&trigger.name)?;
        let until = self.pace_ends(pace.since, limit);
        (pace.people >= limit.people && until > self.now).then_some(until)
    }

    fn pace_ends(&self, since: Instant, limit: Limit) -> Instant {
        self.plan.zone.add(since, limit.per)
    }

    /// Everything stays as it was, to be looked at when there is room again. Beyond the blast radius it is said.
    fn put_off(&mut self, standing: &Standing, booking: Option<BookingId>, seat: &Seat, state: State, until: Instant) {
        let trigger = &standing.trigger;
        if seat.due == Some(until) {
            // said already
            return;
        }
        if trigger.limit.is_none() {
            let sequence = match &trigger.enrol {
                Some(crate::plan::Enrol::One(name)) => Some(name.clone()),
                _ => None,
            };
            let people = self.plan.policies.blast_radius.people.unwrap_or_default();
            let because = Because::new(Gate::Run).with("blast_radius.people", people).with("again_from", until);
            self.act(Action::Refused(Refusal {
                trigger: Some(trigger.name.clone()),
                sequence,
                why: RefusedWhy::BlastRadius,
                because: Some(because),
            }));
        }
        self.keep(standing, booking, seat, state, until);
    }
}

/// What is to be done about a date.
#[derive(Clone, Copy)]
struct Next {
    due: Instant,
    fires: bool,
    done: Option<i64>,
    year: Option<i64>,
}

/// A value that is a moment or a day; a text may be one as well.
fn of_moment(value: &Value) -> Option<Value> {
    match value {
        Value::Time(_) | Value::Date(_) => Some(value.clone()),
        Value::Text(text) => {
            Instant::parse_rfc3339(text).map(Value::Time).or_else(|| CivilDate::parse(text).map(Value::Date))
        }
        _ => None,
    }
}

/// A day is its 00:00.
fn base_of(value: &Value, zone: &Zone) -> Option<Instant> {
    match value {
        Value::Time(at) => Some(*at),
        Value::Date(date) => Some(zone.start_of(*date)),
        _ => None,
    }
}

/// The same day in another year; 29 February becomes the 28th.
fn in_year(base: CivilTime, year: i16) -> CivilTime {
    let same = base.with().year(year).build();
    same.or_else(|_| base.with().year(year).day(28).build()).unwrap_or(base)
}
