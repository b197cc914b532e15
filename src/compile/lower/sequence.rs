//! A sequence into the plan; its steps are lowered in `step`.
use super::{Lowering, arc, purpose, run_view};
use crate::{
    compile::{
        found::{self, start},
        names::Sort,
        scope::{self, Slots, View},
    },
    diag::nearest,
    document::{self, Text, sequence as doc},
    expr::Formula,
    id::{ClinicName, GroupName, OfferName, SequenceName},
    plan::{About, Exits, Fits, Goal, Reentry, ScoreRange, Sequence, Stop},
    record::Purpose,
    value::Type,
};
use std::sync::Arc;

const PRIORITY: i32 = 50;

pub(in crate::compile) fn sequence(work: &mut Lowering<'_>, id: &Text, sequence: &document::Sequence) -> Sequence {
    let origin = work.origin(&id.place);
    let about = match sequence.about.as_ref().map(|about| about.value) {
        Some(doc::About::Booking) => About::Booking,
        Some(doc::About::Contact) | None => About::Contact,
    };
    let start = work.starts.get(id);
    let open = work.starts.open;
    let known = open || start.bare_booking || !start.events.is_empty();
    let names = start.events.iter().map(String::as_str);
    let event = known.then(|| Arc::new(work.base.begun(names, start.bare, start.bare_booking, open)));
    let offer = sequence.offer.as_ref().map(|offer| work.bound_offer(offer));
    let view = View { offer, ..run_view(work.base, event, about == About::Booking) };
    if let Some(group) = &sequence.group {
        work.known(Sort::Group, group);
    }
    if let Some(window) = &sequence.window {
        work.known(Sort::Window, window);
    }
    for clinic in &sequence.clinic {
        work.known(Sort::Clinic, clinic);
    }
    let fits = sequence.fits.as_ref().map(|fits| work.fits(fits)).unwrap_or_default();
    let funnels = sequence.funnels.iter().filter(|name| work.known(Sort::Funnel, name)).map(arc).collect();
    let goal = sequence.goal.as_ref().and_then(|goal| work.goal(goal, &view));
    let stops = sequence.stop_on.iter().filter_map(|stop| work.stop(stop, &view)).collect();
    let exits = Exits {
        completed: work.locals(&sequence.exits.completed, &view),
        converted: work.locals(&sequence.exits.converted, &view),
        stopped: work.locals(&sequence.exits.stopped, &view),
        displaced: work.locals(&sequence.exits.displaced, &view),
    };
    let steps = work.steps(id, sequence, &view);
    let changed = work.changed(sequence);
    let reads = std::mem::take(&mut work.reads);
    Sequence {
        name: SequenceName::new(id.as_str()),
        title: sequence.title.as_ref().map(arc),
        category: Arc::from(sequence.category.as_ref().map_or("custom", |category| category.value.word())),
        purpose: sequence.purpose.as_ref().map_or(Purpose::Marketing, |of| purpose(of.value)),
        about,
        reentry: sequence.reentry.as_ref().and_then(|text| work.reentry(text)).unwrap_or(Reentry::Never),
        group: sequence.group.as_ref().map(|group| GroupName::new(group.as_str())),
        priority: sequence
            .priority
            .as_ref()
            .map_or(PRIORITY, |priority| i32::try_from(priority.value).unwrap_or(PRIORITY)),
        active: sequence.active.as_ref().is_none_or(|active| active.value),
        fits,
        funnels,
        clinics: sequence.clinic.iter().map(|clinic| ClinicName::new(clinic.as_str())).collect(),
        goal,
        stops,
        exits,
        steps,
        changed,
        uses_event: reads.start,
        heard: reads.heard,
        offer: sequence.offer.as_ref().map(|offer| OfferName::new(offer.as_str())),
        campaign: None,
        texts: Vec::new(),
        origin,
    }
}

impl<'a> Lowering<'a> {
    /// Whom it fits is judged before there is a run: it sees the contact alone.
    fn fits(&mut self, fits: &doc::Fits) -> Fits {
        let view = self.base.view();
        let cond = fits.if_.as_ref().and_then(|text| self.cond(text, &view));
        let score = fits.score.as_ref().map(|score| {
            let (min, max) = (score.min.as_ref(), score.max.as_ref());
            if let (Some(low), Some(high)) = (min, max)
                && low.value > high.value
            {
                self.sink.push(start::upside_down(&score.place, low.value, high.value));
            }
            ScoreRange { min: min.map(|min| min.value), max: max.map(|max| max.value) }
        });
        Fits {
            score,
            sources: self.words("source", &fits.sources),
            statuses: self.words("status", &fits.statuses),
            temperatures: self.words("temperature", &fits.temperatures),
            cond,
        }
    }

    /// Values of a field of the contact; where the project has narrowed it they have to be among its words.
    fn words(&mut self, field: &str, words: &[Text]) -> Vec<Arc<str>> {
        let of = self.base.contact.get(field).map(|slot| slot.of.clone());
        if let Some(Type::Choice(known)) = of {
            for word in words.iter().filter(|word| !known.iter().any(|known| **known == *word.as_str())) {
                self.sink.push(start::no_such_word(word, field, nearest(word, known.iter().map(|known| &**known))));
            }
        }
        words.iter().map(arc).collect()
    }

    /// What `offer` has in the steps of a sequence that names one.
    fn bound_offer(&mut self, offer: &Text) -> Arc<Slots> {
        self.known(Sort::Offer, offer);
        let known = self.base.offers.get(offer.as_str()).cloned();
        known.unwrap_or_else(|| Arc::new(scope::offer(None)))
    }

    fn reentry(&mut self, text: &Text) -> Option<Reentry> {
        match text.as_str() {
            "never" => Some(Reentry::Never),
            "always" => Some(Reentry::Always),
            _ => self.span(&text.within("after ".len())).map(Reentry::After),
        }
    }

    /// A place that judges an event of an open run.
    pub(super) fn judging(&mut self, event: Option<&Text>, view: &View<'a>) -> View<'a> {
        let seen = self.event_view(event);
        View { starter: false, ..view.clone() }.with_event(&seen)
    }

    fn goal(&mut self, goal: &doc::Goal, view: &View<'a>) -> Option<Goal> {
        let view = self.judging(goal.event.as_ref(), view);
        let cond = goal.if_.as_ref().and_then(|text| self.cond(text, &view));
        Some(Goal {
            event: self.event(goal.event.as_ref()?),
            cond,
            within: goal.within.as_ref().and_then(|span| self.span(span)),
            value: goal.value.as_ref().and_then(|text| self.worth(text, &view)),
            stop: goal.stop.as_ref().is_none_or(|stop| stop.value),
        })
    }

    /// What a conversion is worth: money, or a number.
    fn worth(&mut self, text: &Text, view: &View<'a>) -> Option<Formula> {
        let formula = self.formula(text, None, view)?;
        if matches!(formula.gives(), Type::Money | Type::Number | Type::Integer | Type::Any) {
            return Some(formula);
        }
        self.sink.push(found::campaign::no_worth(text, formula.gives()));
        None
    }

    fn stop(&mut self, stop: &doc::StopOn, view: &View<'a>) -> Option<Stop> {
        let view = self.judging(stop.event.as_ref(), view);
        let cond = stop.if_.as_ref().and_then(|text| self.cond(text, &view));
        let event = stop.event.as_ref()?;
        Some(Stop { event: self.event(event), cond, reason: stop.reason.as_ref().map_or_else(|| arc(event), arc) })
    }
}
