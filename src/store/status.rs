//! Finding people, and the numbers of the whole: who is where, what is due, what became of what fell due.
use super::{code, load, names::Names, reader::Reader, stat::Count, turn::RANKS};
use crate::{
    calendar::Instant,
    engine::{CampaignRow, Did, DueRow, DueWhat, Place, parse_public, public_text},
    id::{ClinicName, ContactId, RunId, SendId, SequenceName, StepName},
    journey::Rank,
    record::{Identity, IdentityKind},
};
use rusqlite::{Connection, Row, params};
use std::{collections::BTreeMap, sync::Arc};

/// Names of `enrolment.wait` and `send.state`.
const WAITS: [&str; 6] = ["time", "outcome", "settling", "held", "open", "event"];
const STATES: [&str; 5] = ["waiting", "preparing", "ready", "in_flight", "held"];

/// A person as lists show them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Card {
    pub(crate) id: ContactId,
    /// `con_…`
    pub(crate) public: String,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) email: Option<Arc<str>>,
    pub(crate) phone: Option<Arc<str>>,
    pub(crate) clinic: Option<ClinicName>,
    pub(crate) is_test: bool,
    pub(crate) created_at: Instant,
}

/// People inside a sequence at one step; `None` when all steps have fallen due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CensusRow {
    pub(crate) sequence: SequenceName,
    pub(crate) step: Option<StepName>,
    /// `time`, `outcome`, `settling` or `held`.
    pub(crate) waits: &'static str,
    /// The sequence is not in the published plan.
    pub(crate) orphaned: bool,
    pub(crate) people: u64,
}

/// The whole in numbers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Status {
    pub(crate) contacts: u64,
    pub(crate) active_runs: u64,
    /// Active runs whose sequence is not in the published plan: held until it comes back.
    pub(crate) orphaned: u64,
    pub(crate) census: Vec<CensusRow>,
    /// Steps, sends and watches that fall due within 24 hours, what is overdue included.
    pub(crate) due_in_a_day: u64,
    /// By state: `waiting`, `preparing`, `ready`, `in_flight`, `held`.
    pub(crate) open_sends: BTreeMap<&'static str, u64>,
    pub(crate) totals: BTreeMap<Count, i64>,
    /// The moment of what has been due the longest.
    pub(crate) oldest_overdue: Option<Instant>,
    pub(crate) unknown: u64,
    pub(crate) quarantined: u64,
}

impl Status {
    pub(crate) fn total(&self, what: Count) -> i64 {
        self.totals.get(&what).copied().unwrap_or(0)
    }
}

impl Reader {
    /// Every campaign that somebody launched.
    pub(crate) fn campaigns(&mut self) -> Did<BTreeMap<SequenceName, CampaignRow>> {
        let found = self.all(sql!("campaign_all"), &[], super::campaign::row)?;
        Ok(found.into_iter().collect())
    }

    /// Nobody is inside.
    pub(crate) fn is_empty(&mut self, name: &SequenceName) -> Did<bool> {
        let found = self.all(sql!("read_nobody_inside"), params![name.as_str()], |row, _, _| Ok(row.get(0)?))?;
        Ok(found.into_iter().next().unwrap_or(false))
    }

    /// How many people are known.
    pub(crate) fn people(&mut self) -> Did<u64> {
        let found = self.all(sql!("read_contact_count"), &[], |row, _, _| Ok(row.get::<_, i64>(0)?))?;
        Ok(found.into_iter().next().and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// People by public id, number, e-mail address, phone number or a part of their name; at most `limit`.
    pub(crate) fn find(&mut self, text: &str, limit: u32) -> Did<Vec<Card>> {
        let text = text.trim();
        if let Some(public) = parse_public(text) {
            return self.all(sql!("read_card_public"), params![public], card);
        }
        if let Some(found) = self.by_identity(text)? {
            return Ok(found);
        }
        if let Ok(id) = text.parse::<i64>() {
            return self.all(sql!("read_card"), params![id], card);
        }
        if text.is_empty() {
            return Ok(Vec::new());
        }
        self.all(sql!("read_cards_named"), params![text, limit], card)
    }

    fn by_identity(&mut self, text: &str) -> Did<Option<Vec<Card>>> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '/')).collect();
        let Some(identity) = Identity::email(text).or_else(|| Identity::phone(&plain)) else { return Ok(None) };
        let mut who: Vec<i64> = self.contact_of(&identity)?;
        if who.is_empty() && identity.kind == IdentityKind::Email {
            who = self.contact_of(&Identity::new(IdentityKind::Own, text))?;
        }
        let mut found = Vec::new();
        for id in who {
            found.extend(self.all(sql!("read_card"), params![id], card)?);
        }
        Ok(Some(found))
    }

    fn contact_of(&mut self, identity: &Identity) -> Did<Vec<i64>> {
        let key = params![code::identity(identity.kind), &*identity.value];
        self.all(sql!("read_identity"), key, |row, _, _| Ok(row.get(0)?))
    }

    /// What of one person falls due next, soonest first: steps, sends that wait, watches.
    pub(crate) fn next_due(&mut self, who: ContactId) -> Did<Vec<DueRow>> {
        let mut due = self.all(sql!("read_next_runs"), params![who.0], |row, db, names| {
            let past = row.get::<_, i64>(6)? & code::run::PAST != 0;
            let step = names.opt_text(db, row.get(5)?)?.map(StepName::new);
            let sequence = SequenceName::new(names.text(db, row.get(4)?)?);
            let what = DueWhat::Run { run: RunId(row.get(3)?), sequence, step: Place { step, past, index: 0 }.next() };
            Ok(DueRow { contact: who, at: Instant(row.get(1)?), rank: Rank(row.get(2)?), what })
        })?;
        due.extend(self.all(sql!("read_next_sends"), params![who.0], |row, _, _| {
            let what = DueWhat::Send { send: SendId(row.get(3)?) };
            Ok(DueRow { contact: who, at: Instant(row.get(1)?), rank: Rank(row.get(2)?), what })
        })?);
        let watches = self.watches(who)?.into_iter().filter(|watch| watch.due != crate::journey::Watch::NEVER);
        due.extend(watches.map(|watch| DueRow {
            contact: who,
            at: watch.due,
            rank: Rank(RANKS),
            what: DueWhat::Watch { trigger: watch.trigger, booking: watch.booking },
        }));
        due.sort_by_key(|row| (row.at, row.rank));
        Ok(due)
    }

    /// Who is where: counts by sequence, step and kind of wait.
    pub(super) fn standing(&mut self) -> Did<Vec<CensusRow>> {
        let known = self.published()?;
        let mut rows = self.all(sql!("read_census"), params![], |row, db, names| {
            let sequence: i64 = row.get(0)?;
            let past: bool = row.get(2)?;
            let wait: i64 = row.get(3)?;
            Ok(CensusRow {
                sequence: SequenceName::new(names.text(db, sequence)?),
                step: names.opt_text(db, row.get(1)?)?.filter(|_| !past).map(StepName::new),
                waits: usize::try_from(wait).ok().and_then(|at| WAITS.get(at)).unwrap_or(&"held"),
                orphaned: known.as_ref().is_some_and(|known| !known.contains(&sequence)),
                people: count(row, 4)?,
            })
        })?;
        rows.sort_by(|a, b| (&a.sequence, &a.step, a.waits).cmp(&(&b.sequence, &b.step, b.waits)));
        Ok(rows)
    }

    /// The whole in numbers, all of the same moment.
    pub(crate) fn status(&mut self, now: Instant) -> Did<Status> {
        self.db.execute_batch("BEGIN")?;
        let status = self.count(now);
        self.db.execute_batch("COMMIT")?;
        status
    }

    fn count(&mut self, now: Instant) -> Did<Status> {
        let census = self.standing()?;
        let people = |rows: &mut dyn Iterator<Item = &CensusRow>| rows.map(|row| row.people).sum();
        let mut status = Status {
            contacts: self.number(sql!("read_contact_count"), params![])?,
            active_runs: people(&mut census.iter()),
            orphaned: people(&mut census.iter().filter(|row| row.orphaned)),
            census,
            unknown: self.number(sql!("read_unknown_count"), params![])?,
            quarantined: self.number(sql!("read_quarantine_count"), params![])?,
            ..Status::default()
        };
        let until = now.plus_ms(86_400_000).0;
        let mut oldest: Vec<i64> = Vec::new();
        for rank in 0..RANKS {
            status.due_in_a_day += self.number(sql!("read_due_within"), params![rank, until])?;
            status.due_in_a_day += self.number(sql!("read_sends_due_within"), params![rank, until])?;
            for text in [sql!("enrolment_next"), sql!("send_next")] {
                oldest.extend(
                    self.all(text, params![rank], |row, _, _| Ok(row.get::<_, Option<i64>>(0)?))?.into_iter().flatten(),
                );
            }
        }
        status.due_in_a_day += self.number(sql!("read_watches_due_within"), params![until])?;
        let watch = self.all(sql!("watch_next"), params![], |row, _, _| Ok(row.get::<_, Option<i64>>(0)?))?;
        oldest.extend(watch.into_iter().flatten());
        status.oldest_overdue = oldest.into_iter().min().map(Instant).filter(|at| *at <= now);
        for (state, count) in
            self.all(sql!("read_open_sends"), params![], |row, _, _| Ok((row.get::<_, i64>(0)?, count(row, 1)?)))?
        {
            let name = usize::try_from(state).ok().and_then(|at| STATES.get(at));
            let state = name.ok_or_else(|| code::unreadable("state of a send", state))?;
            status.open_sends.insert(state, count);
        }
        for (what, count) in self.all(sql!("read_totals"), params![], |row, _, _| Ok((row.get(0)?, row.get(1)?)))? {
            status.totals.insert(Count::of(what).ok_or_else(|| code::unreadable("number", what))?, count);
        }
        Ok(status)
    }

    fn number(&mut self, text: &str, params: &[&dyn rusqlite::ToSql]) -> Did<u64> {
        Ok(self.all(text, params, |row, _, _| count(row, 0))?.pop().unwrap_or(0))
    }
}

/// A count; never negative.
pub(super) fn count(row: &Row<'_>, at: usize) -> Did<u64> {
    Ok(u64::try_from(row.get::<_, i64>(at)?).unwrap_or(0))
}

pub(super) fn card(row: &Row<'_>, db: &Connection, names: &mut Names) -> Did<Card> {
    let public: [u8; 16] = row.get(1)?;
    Ok(Card {
        id: ContactId(row.get(0)?),
        public: public_text(&public),
        name: load::text(row, 2)?,
        email: load::text(row, 3)?,
        phone: load::text(row, 4)?,
        clinic: names.opt_text(db, row.get(5)?)?.map(ClinicName::new),
        is_test: row.get(6)?,
        created_at: Instant(row.get(7)?),
    })
}
