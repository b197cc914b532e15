//! The census of a database: who is where, in numbers that name nobody. Reads only.
use super::{names::Names, reader::Reader, status::count};
use crate::{
    calendar::Instant,
    engine::Did,
    id::{ChannelName, SequenceName, StepName},
    plan::{CENSUS_FORMAT, Census, Group, Open, Waits},
};
use rusqlite::{Connection, Row, params};

const HOUR_MS: i64 = 3_600_000;

impl Reader {
    /// Everybody inside, all of the same moment.
    pub(crate) fn census(&mut self, now: Instant) -> Did<Census> {
        self.db.execute_batch("BEGIN")?;
        let census = self.take(now);
        self.db.execute_batch("COMMIT")?;
        census
    }

    fn take(&mut self, now: Instant) -> Did<Census> {
        let plan = self.all(sql!("plan_latest"), params![], |row, _, _| Ok(row.get::<_, u32>(0)?))?.pop().unwrap_or(0);
        let people = self.people()?;
        let mut inside = self.all(sql!("read_census_hours"), params![], group)?;
        inside.sort();
        let mut open = self.all(sql!("read_census_open"), params![], |row, db, names| {
            Ok(Open {
                sequence: SequenceName::new(names.text(db, row.get(0)?)?),
                step: StepName::new(names.text(db, row.get(1)?)?),
                channel: names.opt_text(db, row.get(2)?)?.map(ChannelName::new),
                prepared: row.get(3)?,
                messages: count(row, 4)?,
            })
        })?;
        open.sort();
        Ok(Census { format_version: CENSUS_FORMAT, taken_at: now, plan, people, inside, open })
    }
}

fn group(row: &Row<'_>, db: &Connection, names: &mut Names) -> Did<Group> {
    let past: bool = row.get(2)?;
    let wait: i64 = row.get(3)?;
    let hour = |at: i64| Instant(at.saturating_mul(HOUR_MS));
    Ok(Group {
        sequence: SequenceName::new(names.text(db, row.get(0)?)?),
        step: names.opt_text(db, row.get(1)?)?.filter(|_| !past).map(StepName::new),
        waits: usize::try_from(wait).ok().and_then(|at| Waits::ALL.get(at)).copied().unwrap_or(Waits::Held),
        revision: row.get(4)?,
        due: row.get::<_, Option<i64>>(5)?.map(hour),
        since: hour(row.get(6)?),
        entered: hour(row.get(7)?),
        people: count(row, 8)?,
    })
}
