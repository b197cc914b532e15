//! Campaigns as somebody ordered them, codes that were given out, and offers that were used.
use super::{
    SqliteStore, SqliteTurn,
    code::{to_json, unreadable},
    names::Names,
};
use crate::{
    calendar::Instant,
    engine::{CampaignRow, Changes, Did},
    id::{ContactId, OfferName, SequenceName},
    journey::{Person, Standing},
};
use rusqlite::{Connection, Row, params};
use std::{collections::BTreeMap, sync::Arc};

fn standing(of: &Standing) -> i64 {
    match of {
        Standing::Launched => 0,
        Standing::Paused => 1,
        Standing::Cancelled(_) => 2,
    }
}

fn to_standing(code: i64, actor: &Arc<str>) -> Did<Standing> {
    match code {
        0 => Ok(Standing::Launched),
        1 => Ok(Standing::Paused),
        2 => Ok(Standing::Cancelled(actor.clone())),
        other => Err(unreadable("standing of a campaign", other)),
    }
}

/// A line of `campaign_all`.
pub(super) fn row(row: &Row<'_>, db: &Connection, names: &mut Names) -> Did<(SequenceName, CampaignRow)> {
    let actor: Arc<str> = Arc::from(row.get_ref(4)?.as_str()?);
    let found = CampaignRow {
        standing: to_standing(row.get(1)?, &actor)?,
        launched_at: Instant(row.get(2)?),
        changed_at: Instant(row.get(3)?),
        actor,
        next_at: super::load::time(row, 5)?,
        swept_to: row.get::<_, Option<i64>>(6)?.map(ContactId),
        taken_at: super::load::time(row, 7)?,
    };
    Ok((SequenceName::from(names.text(db, row.get(0)?)?), found))
}

impl SqliteTurn<'_> {
    pub(super) fn all_campaigns(&mut self) -> Did<BTreeMap<SequenceName, CampaignRow>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("campaign_all"))?;
        let mut rows = statement.query([])?;
        let mut found = BTreeMap::new();
        while let Some(next) = rows.next()? {
            found.extend([row(next, db, names)?]);
        }
        Ok(found)
    }

    pub(super) fn put_campaign(&mut self, name: &SequenceName, row: &CampaignRow, what: Option<&str>) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let id = names.id(db, name.as_str())?;
        let at = row.changed_at.0;
        db.prepare_cached(sql!("campaign_put"))?.execute(params![
            id,
            standing(&row.standing),
            row.launched_at.0,
            at,
            &*row.actor,
            row.next_at.map(|at| at.0),
            row.swept_to.map(|who| who.0),
            row.taken_at.map(|at| at.0),
        ])?;
        let Some(what) = what else { return Ok(()) };
        db.prepare_cached(sql!("campaign_order_put"))?.execute(params![id, what, at, &*row.actor])?;
        db.prepare_cached(sql!("enrolment_recall"))?.execute(params![id, at])?;
        Ok(())
    }

    pub(super) fn totals(&mut self) -> Did<BTreeMap<OfferName, u64>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("redemption_totals"))?;
        let mut rows = statement.query([])?;
        let mut totals = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let count: i64 = row.get(1)?;
            let offer = OfferName::from(names.text(db, row.get(0)?)?);
            totals.insert(offer, u64::try_from(count).unwrap_or(0));
        }
        Ok(totals)
    }

    /// False when somebody else has that code.
    pub(super) fn put_code(&mut self, who: ContactId, offer: &OfferName, code: &str, now: Instant) -> Did<bool> {
        let SqliteStore { db, names, key, .. } = &mut *self.store;
        let spent = key.spent_code(offer.as_str(), code);
        let offer = names.id(db, offer.as_str())?;
        if db.prepare_cached(sql!("offer_code_spent"))?.query_row(params![offer, spent], |row| row.get(0))? {
            return Ok(false);
        }
        Ok(db.prepare_cached(sql!("offer_code_put"))?.execute(params![who.0, offer, code, now.0])? == 1)
    }

    pub(super) fn load_offers(&mut self, person: &mut Person) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let who = person.contact.id.0;
        let mut statement = db.prepare_cached(sql!("offer_code_load"))?;
        let mut rows = statement.query(params![who])?;
        while let Some(row) = rows.next()? {
            let offer = OfferName::from(names.text(db, row.get(0)?)?);
            person.codes.insert(offer, Arc::from(row.get_ref(1)?.as_str()?));
        }
        let mut statement = db.prepare_cached(sql!("redemption_load"))?;
        let mut rows = statement.query(params![who])?;
        while let Some(row) = rows.next()? {
            let offer = OfferName::from(names.text(db, row.get(0)?)?);
            person.redeemed.insert(offer, row.get(1)?);
        }
        Ok(())
    }

    pub(super) fn write_redemptions(&mut self, changes: &Changes<'_>) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        for used in &changes.kept.redemptions {
            let offer = names.id(db, used.offer.as_str())?;
            let value = (!used.value.is_missing()).then(|| to_json(&used.value)).transpose()?;
            let who = changes.person.contact.id.0;
            let row = params![used.event.0, who, offer, &*used.code, used.at.0, value];
            db.prepare_cached(sql!("redemption_put"))?.execute(row)?;
            db.prepare_cached(sql!("redemption_count"))?.execute(params![offer])?;
        }
        Ok(())
    }

    pub(super) fn last_entry(&mut self, who: ContactId, sequences: &[SequenceName]) -> Did<Option<i64>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut last = None;
        for sequence in sequences {
            let Some(id) = names.known(db, sequence.as_str())? else { continue };
            let mut statement = db.prepare_cached(sql!("enrolment_last_entry"))?;
            let at: Option<i64> = statement.query_row(params![who.0, id], |row| row.get(0))?;
            last = last.max(at);
        }
        Ok(last)
    }
}
