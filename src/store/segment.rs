//! Who fits a condition, a page of people at a time.
use super::SqliteTurn;
use crate::{
    calendar::Instant,
    engine::{Did, PAGE, sift},
    expr::Cond,
    id::ContactId,
};
use rusqlite::params;

impl SqliteTurn<'_> {
    pub(super) fn who_fits(
        &mut self,
        cond: &Cond,
        now: Instant,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<ContactId>> {
        let (plan, mut members) = (self.plan, Vec::new());
        let mut after = after.map_or(i64::MIN, |after| after.0);
        while members.len() < limit {
            let page = self.page(after)?;
            let Some(last) = page.last() else { break };
            after = last.0;
            members.extend(sift(self, plan, cond, &page, now, limit - members.len())?);
        }
        Ok(members)
    }

    fn page(&self, after: i64) -> Did<Vec<ContactId>> {
        let page = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let mut statement = self.store.db.prepare_cached(sql!("contact_page"))?;
        let rows = statement.query_map(params![after, page], |row| Ok(ContactId(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
