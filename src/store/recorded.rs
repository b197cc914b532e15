//! What a database recorded of the past, to be played again: deliveries as they came, clicks, who opted out by a link, orders
//! to campaigns. Reads only, and decides nothing about it.
use super::{load, reader::Reader};
use crate::{
    calendar::Instant,
    engine::Did,
    id::{ContactId, SequenceName, SourceName},
    value::Value,
};
use rusqlite::params;
use std::{collections::BTreeMap, sync::Arc};

/// Where opened links come in.
const LINKS: &str = "@links";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct RecordedDelivery {
    pub(crate) source: SourceName,
    pub(crate) received_at: Instant,
    /// `None` when it is gone: somebody whom it was about was erased.
    pub(crate) body: Option<Arc<[u8]>>,
    /// The first of those whom it was about.
    pub(crate) contact: Option<ContactId>,
}

/// The first opening of a counted link: there never was a body.
#[derive(Clone, Debug)]
pub(crate) struct RecordedClick {
    pub(crate) contact: ContactId,
    pub(crate) at: Instant,
    pub(crate) data: BTreeMap<Arc<str>, Value>,
}

/// What somebody decided about a campaign, in the word of the order.
#[derive(Clone, Debug)]
pub(crate) struct RecordedOrder {
    pub(crate) campaign: SequenceName,
    pub(crate) what: Arc<str>,
    pub(crate) at: Instant,
    pub(crate) actor: Arc<str>,
}

impl RecordedDelivery {
    /// Nobody sent it: it came by opening a link of ours.
    pub(crate) fn is_click(&self) -> bool {
        self.source.as_str() == LINKS
    }
}

impl Reader {
    /// Every request, in the order in which they came.
    pub(crate) fn recorded_deliveries(&mut self) -> Did<Vec<RecordedDelivery>> {
        self.all(sql!("recorded_deliveries"), params![], |row, db, names| {
            let body = row.get_ref(3)?.as_blob_or_null()?.map(Arc::from);
            Ok(RecordedDelivery {
                source: SourceName::new(names.text(db, row.get(1)?)?),
                received_at: Instant(row.get(2)?),
                body,
                contact: row.get::<_, Option<i64>>(4)?.map(ContactId),
            })
        })
    }

    pub(crate) fn recorded_clicks(&mut self) -> Did<Vec<RecordedClick>> {
        self.all(sql!("recorded_clicks"), params![], |row, _, _| {
            Ok(RecordedClick {
                contact: ContactId(row.get(0)?),
                at: Instant(row.get(1)?),
                data: load::json(row, 2)?.unwrap_or_default(),
            })
        })
    }

    pub(crate) fn recorded_orders(&mut self) -> Did<Vec<RecordedOrder>> {
        self.all(sql!("recorded_campaigns"), params![], |row, db, names| {
            Ok(RecordedOrder {
                campaign: SequenceName::new(names.text(db, row.get(0)?)?),
                what: Arc::from(row.get_ref(1)?.as_str()?),
                at: Instant(row.get(2)?),
                actor: Arc::from(row.get_ref(3)?.as_str()?),
            })
        })
    }
}
