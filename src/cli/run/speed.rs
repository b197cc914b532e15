//! `--speed 1d=10s`: how much time passes in how much real time.
use crate::calendar::Span;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Speed(f64);

impl Speed {
    /// Times faster than real time.
    pub(super) fn factor(&self) -> f64 {
        self.0
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "write it like 1d=10s: a day passes in ten seconds".to_owned();
        let (passes, takes) = text.split_once('=').ok_or_else(wrong)?;
        let span = |text: &str| Span::parse(text.trim()).ok().map(Span::nominal_ms).filter(|ms| *ms > 0);
        let (passes, takes) = (span(passes).ok_or_else(wrong)?, span(takes).ok_or_else(wrong)?);
        Ok(Self(passes as f64 / takes as f64))
    }
}
