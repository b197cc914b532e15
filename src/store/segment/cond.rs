//! A condition as SQL over the contact `c`: the same tree that is evaluated in memory, node by node.
use super::{
    Asking,
    read::{Kind, Operand},
    sql::{self, Order, Pred, TRUE, Val, two_valued},
};
use crate::{
    calendar::{Instant, Span},
    engine::SendKind,
    expr::{Ask, BookingAsk, Comparison, Expr},
    record::BookingStatus,
    store::{code, values},
    value::Value,
};
use std::sync::Arc;

/// Segments inside segments. The compiler has refused circles.
const DEPTH: u8 = 32;

impl Asking<'_> {
    pub(super) fn pred(&mut self, expr: &Expr) -> Pred {
        match expr {
            Expr::Not(of) => self.pred(of).not(),
            Expr::And(items) => Pred::all(items.iter().map(|item| self.pred(item)).collect()),
            Expr::Or(items) => Pred::any(items.iter().map(|item| self.pred(item)).collect()),
            Expr::Compare(sign, left, right) => {
                let (left, right) = (self.operand(left), self.operand(right));
                self.compare(*sign, &left, &right)
            }
            Expr::In(item, list) => self.is_in(item, list),
            Expr::Within(part, text) => {
                let (part, text) = (self.operand(part), self.operand(text));
                self.within(&part, &text)
            }
            Expr::Present(of) => {
                let of = self.operand(of);
                self.present(&of)
            }
            Expr::HasTag(tag) => self.has_item(&Operand::Const(Value::Text(tag.clone())), values::TAGS),
            Expr::InSequence(sequence) => self.in_sequence(sequence),
            Expr::HasBooking(ask) => self.has_booking(ask),
            Expr::Truth(of) => self.truth(of),
            Expr::Ask(Ask::InSegment { segment }) => self.in_segment(segment),
            other => self.truth(other),
        }
    }

    /// A bool value as a condition: missing counts as false.
    fn truth(&mut self, of: &Expr) -> Pred {
        if let Expr::Ask(Ask::InSegment { segment }) = of {
            return self.in_segment(segment);
        }
        let of = self.operand(of);
        self.compare(Comparison::Eq, &of, &Operand::Const(Value::Bool(true)))
    }

    fn in_segment(&mut self, segment: &Arc<str>) -> Pred {
        let plan = self.plan;
        let Some(segment) = plan.segments.get(&**segment) else { return Pred::sure(false) };
        if self.depth >= DEPTH {
            return Pred::perhaps(TRUE.to_owned());
        }
        self.depth += 1;
        let pred = self.pred(segment.cond.tree());
        self.depth -= 1;
        pred
    }

    fn compare(&mut self, sign: Comparison, left: &Operand, right: &Operand) -> Pred {
        let order = match sign {
            Comparison::Ne => return self.compare(Comparison::Eq, left, right).not(),
            Comparison::Eq => Order::Eq,
            Comparison::Lt => Order::Lt,
            Comparison::Le => Order::Le,
            Comparison::Gt => Order::Gt,
            Comparison::Ge => Order::Ge,
        };
        if matches!(left, Operand::Vague(_)) || matches!(right, Operand::Vague(_)) {
            let there = vec![self.present(left), self.present(right)];
            return Pred::perhaps(Pred::all(there).may);
        }
        let theirs = right.kinds();
        let kinds = left.kinds().into_iter().filter(|kind| theirs.contains(kind));
        let preds = kinds.map(|kind| self.compare_as(kind, order, left, right)).collect();
        Pred::any(preds)
    }

    fn compare_as(&mut self, kind: Kind, order: Order, left: &Operand, right: &Operand) -> Pred {
        let (one, other) = (self.read(left, kind), self.read(right, kind));
        let pred = sql::compared(order, &one, &other);
        if kind != Kind::Money {
            return pred;
        }
        let units = two_valued(&format!("{} = {}", self.unit(left), self.unit(right)));
        Pred::all(vec![pred, Pred::exact(units)])
    }

    // --- lists and texts ----------------------------------------------------------------------------------------------

    fn is_in(&mut self, item: &Expr, list: &Expr) -> Pred {
        let item = self.operand(item);
        if let (Expr::List(items), None) = (list, list.fixed(self.now)) {
            let preds = items.iter().map(|other| {
                let other = self.operand(other);
                self.compare(Comparison::Eq, &item, &other)
            });
            return Pred::any(preds.collect());
        }
        let list = self.operand(list);
        self.is_in_list(&item, &list)
    }

    fn is_in_list(&mut self, item: &Operand, list: &Operand) -> Pred {
        match list {
            Operand::Const(Value::List(items)) => {
                let preds =
                    items.iter().map(|other| self.compare(Comparison::Eq, item, &Operand::Const(other.clone())));
                Pred::any(preds.collect())
            }
            Operand::Tags => self.has_item(item, values::TAGS),
            Operand::Field(name) => {
                let preds = vec![self.has_item(item, name), self.within(item, list)];
                Pred::any(preds)
            }
            Operand::Either(one, other) => {
                let there = self.present(one);
                let first = Pred::all(vec![there.clone(), self.is_in_list(item, one)]);
                let second = Pred::all(vec![there.not(), self.is_in_list(item, other)]);
                Pred::any(vec![first, second])
            }
            other => self.within(item, other),
        }
    }

    /// Whether an item of a list that is kept by rows equals a value.
    fn has_item(&mut self, item: &Operand, name: &str) -> Pred {
        if matches!(item, Operand::Vague(_)) {
            return Pred::perhaps(self.present(item).may);
        }
        let preds = item.kinds().into_iter().map(|kind| {
            let Val::Is(value) = self.read(item, kind) else { return Pred::perhaps(TRUE.to_owned()) };
            let field = self.field(name);
            let (column, kinds) = kind.stored();
            let unit = if kind == Kind::Money { format!(" AND v.text = {}", self.unit(item)) } else { String::new() };
            Pred::exact(format!(
                "EXISTS (SELECT 1 FROM contact_value v WHERE {field} AND v.place > 0 AND v.kind IN ({kinds}) AND {column} = {value}{unit})"
            ))
        });
        Pred::any(preds.collect())
    }

    fn within(&mut self, part: &Operand, text: &Operand) -> Pred {
        let (part, text) = (self.read(part, Kind::Text), self.read(text, Kind::Text));
        match (&part, &text) {
            _ if part == Val::missing() || text == Val::missing() => Pred::sure(false),
            (Val::Is(part), Val::Is(text)) => Pred::exact(two_valued(&format!(
                "{text} IS NOT NULL AND ({part} = '' OR replace({text}, {part}, '') <> {text})"
            ))),
            _ => Pred::perhaps(Pred::all(vec![part.present(), text.present()]).may),
        }
    }

    // --- what happened ------------------------------------------------------------------------------------------------

    fn in_sequence(&mut self, sequence: &str) -> Pred {
        if !self.plan.sequences.contains_key(sequence) {
            return Pred::sure(false);
        }
        let name = self.name(sequence);
        Pred::exact(format!(
            "EXISTS (SELECT 1 FROM enrolment e WHERE e.contact_id = c.id AND e.open = 1 AND e.sequence_id = {name} AND e.ended_at IS NULL)"
        ))
    }

    fn name(&mut self, text: &str) -> String {
        let text = self.binds.text(text);
        format!("(SELECT n.id FROM name n WHERE n.text = {text})")
    }

    fn has_booking(&mut self, ask: &BookingAsk) -> Pred {
        let (mut may, mut must) = (Vec::new(), Vec::new());
        let mut both = |pred: Pred| {
            may.push(pred.may);
            must.push(pred.must);
        };
        for (column, given) in [("kind", &ask.kind), ("host", &ask.host), ("clinic", &ask.clinic)] {
            let Some(given) = given else { continue };
            let wanted = self.operand(given);
            both(self.named(&format!("b.{column}"), &wanted));
        }
        for (order, given) in [(Order::Ge, &ask.from), (Order::Lt, &ask.to)] {
            let Some(given) = given else { continue };
            let wanted = self.operand(given);
            let wanted = self.moment(&wanted);
            both(sql::compared(order, &Val::Is("b.starts_at".to_owned()), &wanted));
        }
        both(self.status(ask.status.as_ref()));
        let all = |texts: Vec<String>| {
            let texts: Vec<Pred> = texts.into_iter().map(Pred::exact).collect();
            Pred::all(texts).may
        };
        let exists = |texts: String| match texts.as_str() {
            sql::FALSE => sql::FALSE.to_owned(),
            texts => format!("EXISTS (SELECT 1 FROM booking b WHERE b.contact_id = c.id AND {texts})"),
        };
        Pred { may: exists(all(may)), must: exists(all(must)) }
    }

    /// Whether a column is that text. A person is asked for by their address, which rows do not have.
    fn named(&mut self, column: &str, wanted: &Operand) -> Pred {
        let name = self.read(wanted, Kind::Text);
        let named = sql::compared(Order::Eq, &Val::Is(column.to_owned()), &name);
        let person = match wanted {
            Operand::Const(Value::Map(_)) | Operand::Either(..) | Operand::Vague(_) => Pred::perhaps(TRUE.to_owned()),
            Operand::Field(name) => {
                let field = self.field(name);
                let map = values::kind::MAP;
                Pred::perhaps(format!(
                    "EXISTS (SELECT 1 FROM contact_value v WHERE {field} AND v.place = 0 AND v.kind = {map})"
                ))
            }
            Operand::Const(_) | Operand::Typed(..) | Operand::Tags | Operand::Clinic(_) => Pred::sure(false),
        };
        Pred::any(vec![named, person])
    }

    fn status(&mut self, given: Option<&Expr>) -> Pred {
        let names: Vec<Arc<str>> = match given.map(|given| given.fixed(self.now)) {
            None => vec![Arc::from("accepted"), Arc::from("ended")],
            Some(Some(Value::Text(name))) => vec![name],
            // no status at all is asked for: any will do
            Some(Some(Value::List(items))) if !items.iter().any(|item| item.as_text().is_some()) => {
                return Pred::sure(true);
            }
            Some(Some(Value::List(items))) => items.iter().filter_map(|item| item.as_text().map(Arc::from)).collect(),
            Some(Some(_)) => return Pred::sure(false),
            Some(None) => return Pred::perhaps(TRUE.to_owned()),
        };
        let known = BookingStatus::ALL.iter().filter(|status| names.iter().any(|name| **name == *status.name()));
        let codes: Vec<String> = known.map(|status| code::booking(*status).to_string()).collect();
        if codes.is_empty() {
            return Pred::sure(false);
        }
        Pred::exact(format!("b.status IN ({})", codes.join(", ")))
    }

    pub(super) fn asked(&mut self, ask: &Ask) -> Operand {
        match ask {
            Ask::Count { event, within, fields } => {
                let kind = self.name(event.as_str());
                let such = format!("SELECT count(*) FROM event e WHERE e.contact_id = c.id AND e.kind_id = {kind}");
                let (least, most) = match within {
                    None => (format!("({such})"), format!("({such})")),
                    Some(span) => {
                        let (from, to) = self.since(*span);
                        let (from, to) = (self.binds.whole(from.0), self.binds.whole(to.0));
                        (format!("({such} AND e.at >= {to})"), format!("({such} AND e.at >= {from})"))
                    }
                };
                // what an event carried is not kept by rows
                let least = if fields.is_empty() { least } else { "0".to_owned() };
                let count = if least == most { Val::Is(most) } else { Val::Between(least, most) };
                Operand::Typed(Kind::Number, count)
            }
            Ask::Last { event, fields } => {
                let kind = self.name(event.as_str());
                let last = format!("(SELECT max(e.at) FROM event e WHERE e.contact_id = c.id AND e.kind_id = {kind})");
                let last = if fields.is_empty() { Val::Is(last) } else { Val::Vague(format!("{last} IS NOT NULL")) };
                Operand::Typed(Kind::Time, last)
            }
            Ask::WasSent { what, within } => Operand::Typed(Kind::Bool, self.was_sent(what, *within).val()),
            Ask::InSegment { segment } => Operand::Typed(Kind::Bool, self.in_segment(segment).val()),
            // no expression asks these
            Ask::LastEnd { .. } | Ask::Done { .. } | Ask::Since { .. } | Ask::LastContact | Ask::LastEntry { .. } => {
                Operand::Vague(TRUE.to_owned())
            }
        }
    }

    /// As the history answers: messages by runs of that sequence that were handed over, are under way or unknown.
    fn was_sent(&mut self, what: &str, within: Option<Span>) -> Pred {
        let name = self.name(what);
        let (message, sent, unknown, under_way) =
            (code::kind(SendKind::Message), code::status::SENT, code::status::UNKNOWN, code::state::IN_FLIGHT);
        let such = |since: &str| {
            format!(
                "EXISTS (SELECT 1 FROM enrolment e JOIN outcome o ON o.enrolment_id = e.id LEFT JOIN send s ON s.id = o.id \
                 WHERE e.contact_id = c.id AND e.sequence_id = {name} AND o.kind = {message} \
                 AND (o.status IN ({sent}, {unknown}) OR s.state = {under_way}){since})"
            )
        };
        let Some(span) = within else { return Pred::exact(such("")) };
        let (from, to) = self.since(span);
        let mut since = |at: Instant| {
            such(&format!(" AND coalesce(s.authorised_at, o.authorised_at) >= {}", self.binds.whole(at.0)))
        };
        Pred { may: since(from), must: since(to) }
    }
}
