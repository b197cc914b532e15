//! The one expression language: parse, check, evaluate. Knows no SQL and no plan: names come through a scope.
use crate::{
    calendar::Span,
    id::{BookingId, SequenceName},
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Cond;
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Formula;
