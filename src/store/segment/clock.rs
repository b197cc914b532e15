//! Civil time for people in any zone, within limits that hold in all of them.
//!
//! No zone is further than 26 hours from UTC, so a civil day is known to within two and the length of a span of days to
//! within 52 hours. Whoever stands between the limits is looked at one by one, in their own zone.
use super::{
    Asking,
    read::{Kind, Operand},
    sql::{TRUE, Val},
};
use crate::{
    calendar::{CivilTime, Instant, Span, Zone},
    expr::{Arith, Expr},
    value::Value,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Two offsets differ by no more.
const MARGIN_MS: i64 = 52 * HOUR_MS;

/// A month back from two days that are three apart: the days that came of it are nine apart at most.
const MONTH_MARGIN_MS: i64 = MARGIN_MS + 7 * DAY_MS;

/// Spans of more than these are not added to moments in SQL.
const LONGEST_MS: i64 = 100 * 366 * DAY_MS;

impl Asking<'_> {
    /// A moment given as civil time.
    pub(super) fn civil(&mut self, civil: CivilTime) -> Val {
        self.about(Zone::UTC.instant(civil), MARGIN_MS)
    }

    /// The moment that lies that long before now, from the earliest to the latest that it can be for anybody.
    pub(super) fn since(&self, span: Span) -> (Instant, Instant) {
        let at = Zone::UTC.sub(self.now, span);
        let margin = margin(span);
        (at.plus_ms(-margin), at.plus_ms(margin))
    }

    fn about(&mut self, at: Instant, margin: i64) -> Val {
        let (low, high) = (self.binds.whole(at.plus_ms(-margin).0), self.binds.whole(at.plus_ms(margin).0));
        if margin == 0 { Val::Is(low) } else { Val::Between(low, high) }
    }

    /// A moment and a span: the only arithmetic that is worth it.
    pub(super) fn moved(&mut self, sign: Arith, left: &Expr, right: &Expr) -> Operand {
        let vague = Operand::Vague(TRUE.to_owned());
        let Some(Value::Duration(span)) = right.fixed(self.now) else { return vague };
        if span.nominal_ms() > LONGEST_MS || !matches!(sign, Arith::Add | Arith::Sub) {
            return vague;
        }
        let back = sign == Arith::Sub;
        if let Some(Value::Time(at)) = left.fixed(self.now) {
            let at = if back { Zone::UTC.sub(at, span) } else { Zone::UTC.add(at, span) };
            return Operand::Typed(Kind::Time, self.about(at, margin(span)));
        }
        let of = self.operand(left);
        if of.kinds() != [Kind::Time] {
            return vague;
        }
        let sign = if back { "-" } else { "+" };
        let rest = i64::try_from(span.ms).unwrap_or(LONGEST_MS) + i64::from(span.days) * DAY_MS;
        let (least, most) = (rest + i64::from(span.months) * 28 * DAY_MS, rest + i64::from(span.months) * 31 * DAY_MS);
        let (least, most) = if back { (most, least) } else { (least, most) };
        let margin = if span.days > 0 || span.months > 0 { MARGIN_MS } else { 0 };
        let by = |amount: String, slack: i64| move |text: &str| format!("({text} {sign} {amount}{})", slackened(slack));
        let (least, most) = (self.binds.whole(least), self.binds.whole(most));
        let value = self.read(&of, Kind::Time);
        if margin == 0 {
            return Operand::Typed(Kind::Time, value.map(false, by(least, 0)));
        }
        Operand::Typed(Kind::Time, limits(&value, false, by(least, -margin), by(most, margin)))
    }

    /// The moment of a time, or of the start of a day.
    pub(super) fn moment(&mut self, of: &Operand) -> Val {
        let day = self.read(of, Kind::Date);
        let start = |slack: i64| move |text: &str| format!("({text} * {DAY_MS}{})", slackened(slack));
        self.read(of, Kind::Time).or(limits(&day, false, start(-MARGIN_MS), start(MARGIN_MS)))
    }

    /// The civil day of a moment, as days since 1970.
    pub(super) fn day(&mut self, of: &Operand) -> Val {
        let at = self.read(of, Kind::Time);
        let date = |slack: i64| move |text: &str| format!("({text} / {DAY_MS}{})", slackened(slack));
        limits(&at, false, date(-3), date(3)).or(self.read(of, Kind::Date))
    }

    /// Civil days from a moment to today, or from today to it.
    pub(super) fn days(&mut self, of: &Operand, since: bool) -> Val {
        let now = self.binds.whole(self.now.0);
        let today = self.now.0.div_euclid(DAY_MS);
        let time = self.read(of, Kind::Time);
        let apart = |slack: i64| {
            let now = now.clone();
            move |text: &str| {
                let apart = if since { format!("{now} - {text}") } else { format!("{text} - {now}") };
                format!("(({apart}) / {DAY_MS}{})", slackened(slack))
            }
        };
        let of_time = limits(&time, since, apart(-4), apart(4));
        let date = self.read(of, Kind::Date);
        let today = self.binds.whole(today);
        let apart = |slack: i64| {
            let today = today.clone();
            move |text: &str| {
                let apart = if since { format!("{today} - {text}") } else { format!("{text} - {today}") };
                format!("({apart}{})", slackened(slack))
            }
        };
        let of_date = limits(&date, since, apart(-2), apart(2));
        of_time.or(of_date)
    }

    /// Whole hours since a moment.
    pub(super) fn hours(&mut self, of: &Operand) -> Val {
        let now = self.binds.whole(self.now.0);
        self.moment(of).map(true, |text| {
            let ms = format!("({now} - {text})");
            // division that rounds down, also below zero
            format!("(({ms} - (({ms} % {HOUR_MS}) + {HOUR_MS}) % {HOUR_MS}) / {HOUR_MS})")
        })
    }
}

fn margin(span: Span) -> i64 {
    match (span.months, span.days) {
        (0, 0) => 0,
        (0, _) => MARGIN_MS,
        _ => MONTH_MARGIN_MS,
    }
}

fn slackened(slack: i64) -> String {
    match slack {
        0 => String::new(),
        slack if slack < 0 => format!(" - {}", -slack),
        slack => format!(" + {slack}"),
    }
}

/// Between the low change and the high one; `falls` where more makes less.
fn limits(value: &Val, falls: bool, low: impl Fn(&str) -> String, high: impl Fn(&str) -> String) -> Val {
    if *value == Val::missing() {
        return Val::missing();
    }
    let (low, high) = (value.map(falls, low), value.map(falls, high));
    match (low.ends(), high.ends()) {
        (Some((low, _)), Some((_, high))) => Val::Between(low.to_owned(), high.to_owned()),
        _ => value.clone(),
    }
}
