use super::*;
use crate::runner::{
    Refused,
    inbox::{Batch, Errand, Pause},
    writer::{GROUP, RETRY, SAFETY_LOOK},
};

struct Desk {
    core: FakeCore,
    hands: Hands,
    clock: Arc<StillClock>,
    inbox: Arc<Inbox>,
    shared: Arc<Shared>,
    writer: Writer<FakeCore, Hands>,
    commits: Arc<Mutex<usize>>,
}

fn desk(slots: u16, prepare: impl FnOnce(&mut Backdoor)) -> Desk {
    let core = FakeCore::default();
    prepare(&mut core.open());
    let (hands, clock, inbox) = (Hands::default(), StillClock::at(0), Arc::new(Inbox::default()));
    let (shared, commits) = (Arc::new(Shared::new()), Arc::new(Mutex::new(0)));
    let counted = commits.clone();
    let parts = Parts {
        core: core.clone(),
        carry: hands.clone(),
        clock: clock.clone(),
        inbox: inbox.clone(),
        shared: shared.clone(),
        loaded: loaded(),
        limits: Limits { people: 10 },
        on_commit: Box::new(move || *counted.lock().unwrap() += 1),
    };
    let writer = Writer::open(parts, "ana").unwrap();
    inbox.run(Errand::Connect(registry(slots, |_| Box::pin(async { accepted() }))));
    Desk { core, hands, clock, inbox, shared, writer, commits }
}

type Answer = oneshot::Receiver<Result<Done, Refused>>;

impl Desk {
    fn ask(&self, work: Work) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.inbox.ask(Asked { work, reply, room: None });
        answer
    }

    fn order(&self, number: i64) -> Answer {
        self.ask(Work::Ordered(ContactId(number), enrol()))
    }

    fn land(&self, number: i64, receipt: Receipt) {
        let lost = lost(number);
        let landed =
            Landed { channel: Some(email()), contact: lost.contact, send: lost.send, attempt: lost.attempt, receipt };
        self.inbox.land(landed);
    }

    /// What is there is worked off, without waiting.
    fn cycle(&mut self) -> Pause {
        let batch = self.inbox.wait(Pause::No, GROUP);
        self.writer.cycle(batch)
    }

    /// Nothing came until the wait was over.
    fn silence(&mut self) -> Pause {
        self.writer.cycle(Batch { silent: true, ..Batch::default() })
    }

    /// Until there is nothing to do at once; a writer that never rests fails here.
    fn rest(&mut self) -> Pause {
        for _ in 0..100 {
            match self.cycle() {
                Pause::No => {}
                pause if self.inbox.queued() == 0 => return pause,
                _ => {}
            }
        }
        panic!("the writer does not come to rest");
    }

    fn flown(&self) -> Vec<i64> {
        self.hands.0.lock().unwrap().iter().map(|permit| permit.send.0).collect()
    }

    fn turns(&self) -> Vec<Vec<Work>> {
        self.core.open().turns.iter().map(|(work, _)| work.clone()).collect()
    }

    fn counter(&self, name: &str) -> u64 {
        self.shared.counters.read().into_iter().find(|(known, _)| *known == name).unwrap().1
    }
}

fn is_tick(work: &Work) -> bool {
    matches!(work, Work::Tick)
}

#[test]
fn orders_come_first_then_answers_then_the_clock_and_each_is_told_what_became_of_it() {
    let mut desk = desk(2, |_| {});
    desk.rest();
    desk.core.open().turns.clear();
    desk.land(5, accepted());
    let answers = [desk.ask(Work::Delivered(delivery())), desk.order(1)];
    desk.cycle();
    desk.cycle();
    let turns = desk.turns();
    assert!(matches!(turns[0][..], [Work::Delivered(_), Work::Ordered(..), Work::Received { .. }]), "{turns:?}");
    assert!(turns[1..].iter().flatten().all(is_tick), "{turns:?}");
    assert_eq!(answers.map(|mut answer| answer.try_recv().unwrap().unwrap()), [Done::Ignored, Done::Carried]);
    let counted = ["deliveries", "orders", "receipts"].map(|name| desk.counter(name));
    assert_eq!(counted, [1, 1, 1]);
}

#[test]
fn a_group_has_a_thousand_items_and_one_commit() {
    let mut desk = desk(0, |_| {});
    desk.rest();
    let before = *desk.commits.lock().unwrap();
    let answers: Vec<Answer> = (1..=2_500).map(|number| desk.order(number)).collect();
    desk.rest();
    let sizes: Vec<usize> = desk.turns().iter().map(|work| work.iter().filter(|work| !is_tick(work)).count()).collect();
    let sizes: Vec<usize> = sizes.into_iter().filter(|size| *size > 0).collect();
    assert_eq!(sizes, [1_000, 1_000, 500]);
    assert_eq!(*desk.commits.lock().unwrap() - before, 3);
    assert!(answers.into_iter().all(|mut answer| answer.try_recv().unwrap().is_ok()));
}

#[test]
fn due_work_gets_its_turn_also_under_a_stream_of_orders() {
    let mut desk = desk(100, |door| door.shelf.due.extend((1..=95).map(|number| (ContactId(number), Instant(0)))));
    for number in 1_000..1_020 {
        drop(desk.order(number));
        desk.cycle();
    }
    let ticks = desk.turns().iter().filter(|work| work.iter().any(is_tick)).count();
    assert_eq!((ticks, desk.core.open().shelf.due.len()), (10, 0), "every second turn has a page of due work");
}

#[test]
fn slots_are_never_exceeded_and_filled_again_by_answers() {
    let mut desk = desk(3, |door| door.shelf.due.extend((1..=25).map(|number| (ContactId(number), Instant(0)))));
    desk.rest();
    assert_eq!(desk.flown(), [1, 2, 3]);
    let mut answered = 0;
    while answered < 25 {
        let flying = desk.flown()[answered..].to_vec();
        assert!(!flying.is_empty() && flying.len() <= 3, "{flying:?}");
        for number in flying {
            desk.land(number, accepted());
            answered += 1;
        }
        desk.rest();
    }
    let door = desk.core.open();
    assert_eq!((door.shelf.recorded.len(), door.shelf.most), (25, 3));
}

#[test]
fn an_answer_and_the_next_attempts_ride_in_one_commit() {
    let mut desk = desk(1, |door| door.shelf.due.extend((1..=2).map(|number| (ContactId(number), Instant(0)))));
    desk.rest();
    let before = *desk.commits.lock().unwrap();
    desk.land(1, accepted());
    desk.cycle();
    assert_eq!((desk.flown(), *desk.commits.lock().unwrap() - before), (vec![1, 2], 1));
}

#[test]
fn a_poisoned_order_fails_alone() {
    let mut desk = desk(9, |door| door.poison.extend([ContactId(2)]));
    desk.rest();
    let answers = [1, 2, 3].map(|number| desk.order(number));
    desk.rest();
    let answers = answers.map(|mut answer| answer.try_recv().unwrap());
    assert_eq!(answers[0], Ok(Done::Carried));
    assert_eq!(answers[1], Err(Refused::Failed("contact 2 is broken".into())));
    assert_eq!(answers[2], Ok(Done::Carried));
    assert_eq!(desk.flown(), [1, 3]);
    assert_eq!([desk.counter("rollbacks"), desk.counter("poisoned")], [1, 1]);
}

#[test]
fn a_person_at_whom_ticks_fail_does_not_stop_the_others_and_gets_another_chance() {
    let mut desk = desk(9, |door| {
        door.shelf.due.extend((1..=4).map(|number| (ContactId(number), Instant(0))));
        door.poison.insert(ContactId(2));
    });
    assert_eq!(desk.rest(), Pause::For(RETRY));
    assert_eq!(desk.flown(), [1, 3, 4]);
    assert_eq!(desk.shared.gauges().poisoned_people, 1);
    // others fall due meanwhile
    desk.core.open().shelf.due.insert(ContactId(7), Instant(0));
    desk.silence();
    assert_eq!(desk.flown(), [1, 3, 4, 7]);
    desk.core.open().poison.clear();
    for _ in 0..40 {
        desk.silence();
    }
    assert_eq!(desk.flown(), [1, 3, 4, 7, 2]);
    assert_eq!(desk.shared.gauges().poisoned_people, 0);
}

#[test]
fn an_answer_that_cannot_be_recorded_is_kept_until_it_can() {
    let mut desk = desk(1, |door| door.shelf.due.extend([(ContactId(1), Instant(0))]));
    desk.rest();
    desk.core.open().poison.insert(ContactId(1));
    desk.land(1, accepted());
    desk.rest();
    assert_eq!((desk.core.open().shelf.recorded.len(), desk.shared.gauges().unrecorded), (0, 1));
    desk.core.open().poison.clear();
    desk.silence();
    assert_eq!(desk.core.open().shelf.recorded, [(SendId(1), accepted())]);
    assert_eq!(desk.shared.gauges().unrecorded, 0);
}

#[test]
fn a_store_that_takes_no_writes_stops_authorising_and_resumes_by_itself() {
    let mut desk = desk(9, |door| door.shelf.due.extend((1..=5).map(|number| (ContactId(number), Instant(100)))));
    desk.rest();
    desk.core.open().broken = true;
    desk.clock.set(100);
    let mut refused = desk.order(9);
    assert_eq!(desk.rest(), Pause::For(RETRY));
    assert_eq!(refused.try_recv().unwrap(), Err(Refused::Failed("disk full".into())));
    assert!(desk.shared.gauges().store_broken && desk.shared.gauges().poisoned_people == 0);
    desk.core.open().turns.clear();
    desk.silence();
    assert!(desk.core.open().turns.iter().all(|(_, slots)| slots.is_empty()), "nothing could have been authorised");
    let (reply, mut idle) = oneshot::channel();
    desk.inbox.run(Errand::Idle(reply));
    desk.cycle();
    assert!(idle.try_recv().unwrap().is_err(), "whoever waits for rest is told");
    desk.core.open().broken = false;
    desk.silence();
    desk.rest();
    assert_eq!(desk.flown(), [1, 2, 3, 4, 5]);
    assert!(!desk.shared.gauges().store_broken);
}

#[test]
fn a_channel_that_keeps_failing_is_left_alone_and_tried_again_by_one() {
    let mut desk = desk(2, |door| door.shelf.due.extend((1..=9).map(|number| (ContactId(number), Instant(0)))));
    desk.rest();
    for number in 1..=9 {
        if desk.flown().contains(&number) {
            desk.land(number, retryable());
            desk.rest();
        }
    }
    assert_eq!(desk.flown(), [1, 2, 3, 4, 5, 6], "the sixth was under way when the fifth failed");
    assert_eq!(desk.rest(), Pause::For(Duration::from_secs(30)));
    assert_eq!(desk.shared.gauges().breakers_open, [email()]);
    desk.clock.set(30_000);
    desk.silence();
    assert_eq!(desk.flown().len(), 7, "one attempt finds out");
    desk.land(7, accepted());
    desk.rest();
    assert_eq!(desk.flown().len(), 9);
}

#[test]
fn attempts_of_an_earlier_life_become_unknown_before_anything_else() {
    let mut desk = desk(5, |door| {
        door.shelf.lost = vec![lost(3), lost(4)];
        door.shelf.due.insert(ContactId(1), Instant(0));
    });
    assert_eq!(desk.core.open().shelf.recorded, [3, 4].map(|number| (SendId(number), Receipt::Unknown)));
    let (first, slots) = desk.core.open().turns[0].clone();
    assert!(first.iter().all(|work| matches!(work, Work::Received { receipt: Receipt::Unknown, .. })));
    assert!(slots.is_empty() && desk.flown().is_empty());
    desk.rest();
    assert_eq!(desk.flown(), [1]);
    assert_eq!(
        (desk.core.open().shelf.published.clone(), desk.shared.gauges().epoch),
        (vec!["ana".to_owned()], Some(Epoch(1)))
    );
}

#[test]
fn an_idle_database_is_left_alone_until_something_falls_due() {
    let mut desk = desk(1, |door| door.shelf.due.extend([(ContactId(1), Instant(5_000))]));
    assert_eq!(desk.rest(), Pause::For(Duration::from_secs(5)));
    desk.core.open().turns.clear();
    desk.clock.set(4_999);
    assert_eq!(desk.silence(), Pause::For(Duration::from_millis(1)));
    assert!(desk.core.open().turns.is_empty(), "no turn before its time");
    desk.clock.set(5_000);
    desk.silence();
    assert_eq!(desk.flown(), [1]);
    desk.land(1, accepted());
    assert_eq!(desk.rest(), Pause::For(SAFETY_LOOK));
}

#[test]
fn what_stays_due_does_not_spin() {
    let mut desk = desk(1, |door| {
        door.shelf.due.insert(ContactId(1), Instant(0));
        door.stuck.insert(ContactId(1));
    });
    assert_eq!(desk.rest(), Pause::For(RETRY));
    assert!(desk.turns().len() <= 3);
    let (reply, mut idle) = oneshot::channel();
    desk.inbox.run(Errand::Idle(reply));
    desk.cycle();
    assert_eq!(idle.try_recv().unwrap(), Ok(()), "it is not waited for either");
}

#[test]
fn rest_is_told_when_nothing_is_due_under_way_or_waiting() {
    let mut desk = desk(1, |door| {
        door.shelf.due.insert(ContactId(1), Instant(0));
        door.shelf.due.insert(ContactId(2), Instant(60_000));
    });
    let (reply, mut idle) = oneshot::channel();
    desk.inbox.run(Errand::Idle(reply));
    desk.rest();
    assert!(idle.try_recv().is_err(), "an attempt is under way");
    desk.land(1, accepted());
    desk.rest();
    assert_eq!(idle.try_recv().unwrap(), Ok(()), "what is due later is not waited for");
}

#[test]
fn stopping_takes_nothing_more_authorises_nothing_and_records_what_lands() {
    let mut desk = desk(2, |door| door.shelf.due.extend((1..=5).map(|number| (ContactId(number), Instant(0)))));
    desk.rest();
    let mut before = desk.order(8);
    let (reply, mut stopped) = oneshot::channel();
    desk.inbox.run(Errand::Stop(reply));
    assert_ne!(desk.cycle(), Pause::Ended, "two attempts are under way");
    assert_eq!(before.try_recv().unwrap(), Ok(Done::Carried), "what was taken is done");
    let mut after = desk.order(9);
    assert!(after.try_recv().is_err());
    desk.land(1, accepted());
    assert_ne!(desk.cycle(), Pause::Ended);
    desk.land(2, Receipt::Unknown);
    assert_eq!(desk.cycle(), Pause::Ended);
    assert_eq!(desk.flown(), [1, 2], "nothing was authorised after the stop");
    assert_eq!(desk.core.open().shelf.recorded.len(), 2);
    assert!(stopped.try_recv().is_err(), "told by the thread, once the store is closed");
    assert_eq!(desk.writer.live().len(), 1);
}

#[test]
fn a_plan_is_exchanged_between_turns_or_not_at_all() {
    let mut desk = desk(1, |_| {});
    let swap = |desk: &Desk| {
        let (reply, answer) = oneshot::channel();
        desk.inbox.run(Errand::Swap { loaded: loaded(), actor: "bea".into(), reply });
        answer
    };
    let mut answer = swap(&desk);
    desk.rest();
    assert_eq!(answer.try_recv().unwrap(), Ok(2));
    desk.core.open().broken = true;
    let mut answer = swap(&desk);
    desk.cycle();
    assert_eq!(answer.try_recv().unwrap(), Err(Refused::Failed("disk full".into())));
    assert_eq!(desk.shared.gauges().plan_version, 2);
}
