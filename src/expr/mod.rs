//! stub
mod ask;
pub(crate) use ask::{Ask, BookingQuery, Facts, Missing, Word};
use serde::{Deserialize, Serialize};
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Cond;
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Formula;
impl Cond {
    pub(crate) fn eval(&self, _: &dyn Facts) -> Result<bool, Missing> {
        Ok(true)
    }
    pub(crate) fn source(&self) -> &str {
        ""
    }
    pub(crate) fn paths(&self) -> &[Vec<std::sync::Arc<str>>] {
        &[]
    }
}
impl Formula {
    pub(crate) fn eval(&self, _: &dyn Facts) -> Result<crate::value::Value, Missing> {
        Ok(crate::value::Value::Missing)
    }
}
