//! One transaction over SQLite: the engine's verbs. Reading people is `load`, answering for history is `history`,
//! writing what changed is `record`.
use super::{Numbers, SqliteStore, code, stat::Stats};
use crate::{
    calendar::Instant,
    content::Message,
    engine::{CampaignRow, Changes, Did, Erased, Replan, Turn, WATCH_RANK},
    expr::{Ask, Cond},
    id::{
        BookingId, ChannelName, ContactId, DeliveryId, OfferName, RunId, SendId, SequenceName, SourceName, TriggerName,
    },
    journey::{Ids, Mark, Pace, Person, Sweep},
    plan::Plan,
    record::{Booking, Delivery, Identity, Parsed, Purpose},
    value::Value,
};
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

/// Ranks of runs and sends: 0 to 3, and watches after them.
pub(super) const RANKS: u8 = WATCH_RANK;

/// Open from `BEGIN IMMEDIATE` on, where the store may write; dropped without commit, it rolls back.
#[derive(Debug)]
pub(crate) struct SqliteTurn<'s> {
    pub(super) store: &'s mut SqliteStore,
    pub(super) plan: &'s Plan,
    /// What stands in the database about people of this turn, so that only changes are written.
    pub(super) seen: Seen,
    pub(super) stats: Stats,
    /// Somebody was erased in it.
    pub(super) erased: bool,
    before: Numbers,
    committed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    /// `touch.has` as it stands.
    pub(super) has: BTreeMap<ContactId, i64>,
    /// Runs that stand as ended.
    pub(super) ended: BTreeSet<RunId>,
    /// Runs that stand as active, and what they are about.
    pub(super) active: BTreeMap<RunId, i64>,
    /// Purposes of open sends.
    pub(super) purposes: BTreeMap<SendId, Purpose>,
}

impl<'s> SqliteTurn<'s> {
    pub(super) fn begin(store: &'s mut SqliteStore, plan: &'s Plan) -> Did<Self> {
        let begin = if store.lock.is_some() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        store.db.prepare_cached(begin)?.execute([])?;
        let before = store.numbers;
        Ok(Self {
            store,
            plan,
            seen: Seen::default(),
            stats: Stats::default(),
            erased: false,
            before,
            committed: false,
        })
    }
}

impl Turn for SqliteTurn<'_> {
    fn ids(&mut self) -> Did<Ids> {
        Ok(self.store.numbers.ids)
    }

    fn new_contact(&mut self) -> Did<ContactId> {
        self.store.numbers.contact += 1;
        Ok(ContactId(self.store.numbers.contact))
    }

    fn new_booking(&mut self) -> Did<BookingId> {
        self.store.numbers.booking += 1;
        Ok(BookingId(self.store.numbers.booking))
    }

    fn accept(&mut self, delivery: &Delivery) -> Did<Option<DeliveryId>> {
        let SqliteStore { db, names, numbers, .. } = &mut *self.store;
        let source = names.id(db, delivery.source.as_str())?;
        let dedupe = code::short_hash(&[delivery.source.as_str(), delivery.dedupe.as_str()]);
        let (state, why) = match &delivery.parsed {
            Parsed::News(_) => (0, None),
            Parsed::Ignored(why) => (1, Some(*why)),
            Parsed::Quarantined(why) => (2, Some(why.as_str())),
        };
        let remarks = (!delivery.remarks.is_empty()).then(|| code::to_json(&delivery.remarks)).transpose()?;
        let id = DeliveryId(numbers.delivery + 1);
        let raw = &*delivery.raw;
        let added = db.prepare_cached(sql!("delivery_put"))?.execute(params![
            id.0,
            source,
            dedupe,
            delivery.received_at.0,
            state,
            why,
            remarks,
            raw
        ])?;
        if added == 0 {
            return Ok(None);
        }
        numbers.delivery = id.0;
        Ok(Some(id))
    }

    fn quarantine(&mut self, delivery: DeliveryId, why: &str) -> Did<()> {
        let changed = self.store.db.prepare_cached(sql!("delivery_quarantine"))?.execute(params![delivery.0, why])?;
        if changed == 0 {
            return Err(crate::engine::Broken::new(format!("delivery {delivery} is not in the store")));
        }
        Ok(())
    }

    fn find_contact(&mut self, identity: &Identity) -> Did<Option<ContactId>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let clinic = match &identity.clinic {
            // one that was never written down has nobody
            Some(clinic) => names.known(db, clinic.as_str())?.unwrap_or(-1),
            None => 0,
        };
        let mut statement = db.prepare_cached(sql!("identity_find"))?;
        let key = params![code::identity(identity.kind), &*identity.value, clinic];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?.map(ContactId))
    }

    fn find_booking(&mut self, source: &SourceName, uid: &str) -> Did<Option<Booking>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let Some(source) = names.known(db, source.as_str())? else { return Ok(None) };
        let mut statement = db.prepare_cached(sql!("booking_find"))?;
        let body: Option<String> = statement.query_row(params![uid, source], |row| row.get(0)).optional()?;
        body.map(|body| code::from_json(&body)).transpose()
    }

    fn people(&mut self, who: &BTreeSet<ContactId>) -> Did<BTreeMap<ContactId, Person>> {
        let mut people = BTreeMap::new();
        for id in who {
            if let Some(person) = self.load(*id)? {
                people.insert(*id, person);
            }
        }
        Ok(people)
    }

    fn answer(&mut self, who: ContactId, ask: &Ask, since: Option<Instant>) -> Did<Value> {
        self.ask_history(who, ask, since)
    }

    fn due(&mut self, now: Instant, limit: usize) -> Did<Vec<ContactId>> {
        let mut due = Vec::new();
        let mut seen = BTreeSet::new();
        for rank in 0..=WATCH_RANK {
            let mut items: BTreeSet<(i64, i64)> = BTreeSet::new();
            if rank == WATCH_RANK {
                self.first_due(sql!("watch_due"), params![now.0], limit, &seen, &mut items)?;
            } else {
                self.first_due(sql!("enrolment_due"), params![rank, now.0], limit, &seen, &mut items)?;
                self.first_due(sql!("send_due"), params![rank, now.0], limit, &seen, &mut items)?;
            }
            for (_, who) in items {
                if due.len() >= limit {
                    return Ok(due);
                }
                if seen.insert(who) {
                    due.push(ContactId(who));
                }
            }
        }
        Ok(due)
    }

    fn ready(&mut self, channel: &ChannelName, limit: usize) -> Did<Vec<(ContactId, SendId)>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let Some(channel) = names.known(db, channel.as_str())? else { return Ok(Vec::new()) };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = db.prepare_cached(sql!("send_ready"))?;
        let rows =
            statement.query_map(params![channel, limit], |row| Ok((ContactId(row.get(0)?), SendId(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn members(&mut self, cond: &Cond, now: Instant, after: Option<ContactId>, limit: usize) -> Did<Vec<ContactId>> {
        self.who_fits(cond, now, after, limit)
    }

    fn contacts(&mut self, after: Option<ContactId>, limit: usize) -> Did<Vec<ContactId>> {
        self.people_behind(after, limit)
    }

    fn marks(&mut self, trigger: &TriggerName, after: Option<ContactId>, limit: usize) -> Did<Vec<(ContactId, Mark)>> {
        self.marks_of(trigger, after, limit)
    }

    fn sweeps(&mut self) -> Did<BTreeMap<TriggerName, Sweep>> {
        super::sweep::all(&self.store.db)
    }

    fn keep_sweep(&mut self, trigger: &TriggerName, sweep: Sweep) -> Did<()> {
        self.put_sweep(trigger, sweep)
    }

    fn replans(&mut self) -> Did<BTreeMap<SequenceName, Replan>> {
        self.all_replans()
    }

    fn keep_replan(&mut self, sequence: &SequenceName, replan: Option<Replan>) -> Did<()> {
        self.put_replan(sequence, replan)
    }

    fn inside(
        &mut self,
        sequence: &SequenceName,
        all: bool,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<ContactId>> {
        self.people_inside(sequence, all, after, limit)
    }

    fn content(&mut self, send: SendId) -> Did<Option<Message>> {
        let mut statement = self.store.db.prepare_cached(sql!("send_content"))?;
        let mut rows = statement.query(params![send.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let body = row.get_ref(0)?.as_bytes_or_null()?;
        body.map(|body| serde_json::from_slice(body).map_err(crate::engine::Broken::new)).transpose()
    }

    fn paces(&mut self) -> Did<BTreeMap<TriggerName, Pace>> {
        let mut statement = self.store.db.prepare_cached(sql!("meta_paces"))?;
        let mut rows = statement.query([])?;
        let mut paces = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (key, value) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
            let trigger = key.strip_prefix("pace:").unwrap_or(key);
            paces.insert(TriggerName::new(trigger), code::from_json(value)?);
        }
        Ok(paces)
    }

    fn keep_pace(&mut self, trigger: &TriggerName, pace: Pace) -> Did<()> {
        let key = format!("pace:{trigger}");
        self.store.db.prepare_cached(sql!("meta_set"))?.execute(params![key, code::to_json(&pace)?])?;
        Ok(())
    }

    fn campaigns(&mut self) -> Did<BTreeMap<SequenceName, CampaignRow>> {
        self.all_campaigns()
    }

    fn set_campaign(&mut self, name: &SequenceName, row: &CampaignRow, what: Option<&str>) -> Did<()> {
        self.put_campaign(name, row, what)
    }

    fn redeemed(&mut self) -> Did<BTreeMap<OfferName, u64>> {
        self.totals()
    }

    fn issue(&mut self, who: ContactId, offer: &OfferName, code: &str, now: Instant) -> Did<bool> {
        self.put_code(who, offer, code, now)
    }

    fn erase(&mut self, who: ContactId, now: Instant) -> Did<Erased> {
        self.erased = true;
        self.forget(who, now)
    }

    fn suppressed(&mut self, identity: &Identity) -> Did<Option<Instant>> {
        let mut since = None;
        for hash in self.store.key.suppressed_as(identity) {
            let mut statement = self.store.db.prepare_cached(sql!("suppression_get"))?;
            since = since.max(statement.query_row(params![hash], |row| row.get(0)).optional()?.map(Instant));
        }
        Ok(since)
    }

    fn record(&mut self, changes: &Changes<'_>) -> Did<()> {
        self.write(changes)
    }

    fn commit(mut self) -> Did<()> {
        let stats = std::mem::take(&mut self.stats);
        stats.save(&self.store.db)?;
        if self.store.numbers != self.before {
            self.store.numbers.save(&self.store.db)?;
        }
        self.store.db.prepare_cached("COMMIT")?.execute([])?;
        self.committed = true;
        self.store.names.committed();
        if self.erased || self.store.log_holds_erased {
            self.store.empty_log(self.erased);
        }
        Ok(())
    }
}

impl SqliteTurn<'_> {
    /// The first people of one queue, as many as are asked for and not seen yet, with their moments.
    fn first_due(
        &self,
        text: &str,
        params: &[&dyn rusqlite::ToSql],
        limit: usize,
        seen: &BTreeSet<i64>,
        items: &mut BTreeSet<(i64, i64)>,
    ) -> Did<()> {
        let mut statement = self.store.db.prepare_cached(text)?;
        let mut rows = statement.query(params)?;
        let mut fresh = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let (at, who): (i64, i64) = (row.get(0)?, row.get(1)?);
            if !seen.contains(&who) && fresh.insert(who) {
                items.insert((at, who));
                if fresh.len() >= limit {
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Drop for SqliteTurn<'_> {
    fn drop(&mut self) {
        if !self.committed {
            let before = self.before;
            self.store.undo(before);
        }
    }
}
