//! Intake: a verified delivery becomes a stored body, a person, a booking and events, in the same transaction as what
//! follows from them.
use super::{Did, Kept, Told, Turn, desk::Desk};
use crate::{
    id::{ClinicName, ContactId, DeliveryId, FieldName},
    journey::{Event, Happening, Order, Person, understand},
    record::{Booking, BookingNews, Contact, Delivery, Folded, Identity, News, Parsed, Who},
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What became of a delivery.
pub(super) enum Intake {
    Accepted(Vec<ContactId>),
    Seen,
    Ignored,
    Quarantined,
}

impl<T: Turn> Desk<'_, T> {
    pub(super) fn take_in(&mut self, delivery: &Delivery) -> Did<Intake> {
        let Some(id) = self.turn.accept(delivery)? else { return Ok(Intake::Seen) };
        let news = match &delivery.parsed {
            Parsed::News(news) => news,
            Parsed::Ignored(_) => return Ok(Intake::Ignored),
            Parsed::Quarantined(why) => {
                self.turn.quarantine(id, why)?;
                return Ok(Intake::Quarantined);
            }
        };
        let mut concerned = BTreeSet::new();
        for item in news {
            match self.take_news(delivery, id, item)? {
                Some(contact) => {
                    concerned.insert(contact);
                }
                None => self.turn.quarantine(id, "nobody could be identified: no known booking, e-mail or phone")?,
            }
        }
        Ok(if concerned.is_empty() { Intake::Quarantined } else { Intake::Accepted(concerned.into_iter().collect()) })
    }

    /// One thing that happened: whom it concerns, what it means for their records, and what is decided about it.
    fn take_news(&mut self, delivery: &Delivery, id: DeliveryId, news: &News) -> Did<Option<ContactId>> {
        let clinic = self.clinic_of(delivery, news);
        let mut who = news.who.clone().unwrap_or_default();
        for identity in &mut who.identities {
            identity.clinic.clone_from(&clinic);
        }
        let booking = match &news.booking {
            Some(told) => self.known_booking(delivery, told)?,
            None => None,
        };
        let found = match &booking {
            Some(booking) => Some(booking.contact),
            None => self.identify(&who)?,
        };
        let Some((contact, learned)) = self.seat(found, news, who, clinic)? else { return Ok(None) };
        let folded = match &news.booking {
            Some(told) => Some(self.fold_booking(contact, delivery, told, booking)?),
            None => None,
        };
        let changed = |booking| Event::Changed { fields: learned.clone(), booking };
        let (booking, kind) = match folded {
            Some((booking, Folded::Happened(kind))) => (Some(booking), kind),
            // known already, or overtaken by newer news: recorded, and only what hangs on the record may move
            Some((booking, Folded::Stale)) => {
                self.decide(contact, changed(Some(booking)))?;
                return Ok(Some(contact));
            }
            None => (None, news.kind.clone()),
        };
        if !learned.is_empty() {
            self.decide(contact, changed(None))?;
        }
        let event = Happening {
            id: self.ids.event(),
            kind,
            at: news.at,
            booking,
            data: self.understood(news),
            delivery: Some(id),
            by_run: None,
        };
        self.told(contact, Told::Happened { kind: event.kind.clone(), at: event.at });
        self.person(contact)?.1.events.push(event.clone());
        self.decide(contact, Event::Happened(event))?;
        Ok(Some(contact))
    }

    /// What was told, and what the words of a message say that it is about.
    fn understood(&self, news: &News) -> BTreeMap<Arc<str>, Value> {
        let mut data = news.data.clone();
        let text = data.get("text").and_then(Value::as_text).filter(|_| news.kind.as_str() == "message.received");
        let meant = text.and_then(|text| understand(&self.loaded.plan.intents, text));
        if let Some(meant) = meant.filter(|_| !data.contains_key("intent")) {
            data.insert(Arc::from("intent"), Value::Text(meant.intent));
        }
        data
    }

    /// Whose people the identifiers name, where every clinic has people of its own: the clinic that the news says the
    /// person is of, else that of the source.
    fn clinic_of(&self, delivery: &Delivery, news: &News) -> Option<ClinicName> {
        let plan = &self.loaded.plan;
        if !plan.per_clinic {
            return None;
        }
        let said = news.contact.get("clinic").and_then(Value::as_text);
        let said = plan.clinics.iter().map(|clinic| &clinic.id).find(|clinic| Some(clinic.as_str()) == said);
        said.or(plan.sources.get(&delivery.source)?.clinic.as_ref()).cloned()
    }

    /// The contact that is named, or whom the strongest known identifier names.
    fn identify(&mut self, who: &Who) -> Did<Option<ContactId>> {
        if let Some(known) = who.known {
            return Ok(self.knows(known)?.then_some(known));
        }
        for kind in self.loaded.plan.merge_by.clone() {
            if let Some(identity) = who.identities.iter().find(|identity| identity.kind == kind)
                && let Some(contact) = self.turn.find_contact(identity)?
            {
                return Ok(Some(contact));
            }
        }
        Ok(None)
    }

    /// Brings the person in, made new where nobody is known, and writes down what the delivery says about them: the fields
    /// of a known person that changed by it.
    fn seat(
        &mut self,
        found: Option<ContactId>,
        news: &News,
        mut who: Who,
        clinic: Option<ClinicName>,
    ) -> Did<Option<(ContactId, Vec<FieldName>)>> {
        let id = match found {
            Some(id) => id,
            None if who.identities.is_empty() => return Ok(None),
            None => {
                let id = self.turn.new_contact()?;
                let person = Person::new(Contact { clinic, ..Contact::new(id, self.now) });
                let kept = Kept { is_new: true, contact: true, touch: true, ..Kept::default() };
                self.seat_new(person, kept);
                self.told(id, Told::NewContact);
                id
            }
        };
        let fresh = self.claim(id, &mut who)?;
        // people of a clinic stay its own: what names another clinic is about somebody else
        let fixed = self.loaded.plan.per_clinic;
        let (person, kept) = self.person(id)?;
        let mut changed = person.contact.learn(&who);
        for (field, value) in news.contact.iter().filter(|(field, _)| !(fixed && field.as_str() == "clinic")) {
            if person.contact.set(field, value.clone()) {
                changed.push(field.clone());
            }
        }
        kept.contact |= !changed.is_empty();
        for identity in fresh.clone() {
            if !person.identities.contains(&identity) {
                person.identities.push(identity.clone());
                kept.identities.push(identity);
            }
        }
        let is_new = kept.is_new;
        // the next delivery of this turn has to find them
        if is_new || !kept.identities.is_empty() {
            self.write(id)?;
        }
        self.suppress(id, &changed, fresh)?;
        if is_new {
            self.created(id)?;
            changed.clear();
        }
        Ok(Some((id, changed)))
    }

    /// An address of somebody who was erased does not come back with what was agreed to before.
    fn suppress(&mut self, id: ContactId, changed: &[FieldName], mut addresses: Vec<Identity>) -> Did<()> {
        let fixed = self.loaded.plan.per_clinic;
        let contact = &self.person(id)?.0.contact;
        let changed = |name: &str| changed.iter().any(|field| field.as_str() == name);
        let email = contact.email.as_deref().filter(|_| changed("email")).and_then(Identity::email);
        let phone = contact.phone.as_deref().filter(|_| changed("phone")).and_then(Identity::phone);
        let clinic = contact.clinic.clone().filter(|_| fixed);
        let told = [email, phone].into_iter().flatten();
        addresses.extend(told.map(|told| Identity { clinic: clinic.clone(), ..told }));
        let mut since = None;
        for address in &addresses {
            since = since.max(self.turn.suppressed(address)?);
        }
        match since {
            Some(since) => self.decide(id, Event::Ordered(Order::Suppressed { since })),
            None => Ok(()),
        }
    }

    /// The identifiers that nobody has yet. One that somebody else has stays theirs, and is said: taken over as an address it
    /// would reach them past their own opt-out.
    fn claim(&mut self, id: ContactId, who: &mut Who) -> Did<Vec<Identity>> {
        let mut fresh = Vec::new();
        let mut own = Vec::new();
        for identity in std::mem::take(&mut who.identities) {
            match self.turn.find_contact(&identity)? {
                Some(holder) if holder != id => self.told(id, Told::HeldByAnother { kind: identity.kind, holder }),
                Some(_) => own.push(identity),
                None => {
                    fresh.push(identity.clone());
                    own.push(identity);
                }
            }
        }
        who.identities = own;
        Ok(fresh)
    }

    fn created(&mut self, contact: ContactId) -> Did<()> {
        let kind = crate::id::EventKind::new("contact.created");
        if !self.loaded.plan.hears(kind.as_str()) {
            return Ok(());
        }
        let event = Happening {
            id: self.ids.event(),
            kind,
            at: self.now,
            booking: None,
            data: std::collections::BTreeMap::new(),
            delivery: None,
            by_run: None,
        };
        self.person(contact)?.1.events.push(event.clone());
        self.decide(contact, Event::Happened(event))
    }

    // --- bookings -----------------------------------------------------------------------------------------------------

    /// The record that this news is about: by its uid, or by the uid it had before. Two records that turn out to be one
    /// are joined: the older stays.
    fn known_booking(&mut self, delivery: &Delivery, told: &BookingNews) -> Did<Option<Booking>> {
        let by_uid = self.turn.find_booking(&delivery.source, &told.uid)?;
        let by_previous = match &told.previous_uid {
            Some(previous) => self.turn.find_booking(&delivery.source, previous)?,
            None => None,
        };
        match (by_uid, by_previous) {
            (Some(one), Some(other)) if one.id != other.id => {
                let (mut kept, gone) = if one.id < other.id { (one, other) } else { (other, one) };
                kept.absorb(&gone);
                self.join_bookings(&kept, &gone)?;
                Ok(Some(kept))
            }
            (by_uid, by_previous) => Ok(by_uid.or(by_previous)),
        }
    }

    fn join_bookings(&mut self, kept: &Booking, gone: &Booking) -> Did<()> {
        let contact = kept.contact;
        let (person, changes) = self.person(contact)?;
        person.bookings.insert(kept.id, kept.clone());
        person.bookings.remove(&gone.id);
        changes.bookings.insert(kept.id);
        changes.merged.push((gone.id, kept.id));
        self.write(contact)?;
        let order = crate::journey::Order::BookingMerged { gone: gone.id, kept: kept.id };
        if gone.contact != contact {
            self.person(gone.contact)?.0.bookings.remove(&gone.id);
        }
        for who in BTreeSet::from([contact, gone.contact]) {
            self.decide(who, Event::Ordered(order.clone()))?;
        }
        Ok(())
    }

    fn fold_booking(
        &mut self,
        contact: ContactId,
        delivery: &Delivery,
        told: &BookingNews,
        known: Option<Booking>,
    ) -> Did<(crate::id::BookingId, Folded)> {
        let (booking, folded) = match known {
            Some(mut booking) => {
                let folded = booking.fold(told);
                (booking, folded)
            }
            None => {
                let id = self.turn.new_booking()?;
                let (mut booking, folded) = Booking::from_news(id, contact, delivery.source.clone(), told);
                let of_source = self.loaded.plan.sources.get(&delivery.source).and_then(|source| source.clinic.clone());
                let fixed = self.loaded.plan.per_clinic;
                let of_person = self.person(contact)?.0.contact.clinic.clone().filter(|_| fixed);
                booking.clinic = of_person.or(of_source);
                (booking, folded)
            }
        };
        let id = booking.id;
        let (person, kept) = self.person(contact)?;
        person.bookings.insert(id, booking);
        kept.bookings.insert(id);
        // the next delivery of this turn has to find it
        self.write(contact)?;
        Ok((id, folded))
    }
}
