use super::*;
use crate::runner::{
    Refused, RunnerHandle,
    handle::{Setup, start_over},
};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, Semaphore};

fn start(core: &FakeCore, channels: Registry, checkpoint: Option<(u32, Box<dyn Fn() + Send>)>) -> RunnerHandle {
    let (clock, limits, actor) = (StillClock::at(0), Limits { people: 10 }, "ana".to_owned());
    start_over(Setup { store: core.clone(), loaded: loaded(), channels, clock, limits, actor, checkpoint }).unwrap()
}

fn due(people: i64) -> FakeCore {
    let core = FakeCore::default();
    core.open().shelf.due.extend((1..=people).map(|number| (ContactId(number), Instant(0))));
    core
}

#[tokio::test]
async fn what_is_due_is_sent_and_recorded_and_then_there_is_rest() {
    let core = due(50);
    let flying = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, top) = (flying.clone(), most.clone());
    let runner = start(
        &core,
        registry(4, move |_| {
            top.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let now = now.clone();
            Box::pin(async move {
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                accepted()
            })
        }),
        None,
    );
    assert_eq!(runner.until_idle().await, Ok(()));
    assert_eq!(core.open().shelf.recorded.len(), 50);
    assert!(most.load(Ordering::SeqCst) <= 4 && core.open().shelf.most <= 4);
    assert_eq!(runner.order(ContactId(99), enrol()).await, Ok(Done::Carried));
    assert_eq!(runner.deliver(delivery()).await, Ok(Done::Ignored));
    runner.until_idle().await.unwrap();
    assert_eq!(core.open().shelf.recorded.len(), 51);
    runner.stop().await;
    assert_eq!(runner.order(ContactId(99), enrol()).await, Err(Refused::Stopping));
    assert_eq!(runner.until_idle().await, Err(Refused::Stopping));
    runner.stop().await;
}

#[tokio::test]
async fn a_panic_in_a_channel_is_an_unknown_attempt() {
    let core = due(1);
    let runner = start(&core, registry(1, |_| Box::pin(async { panic!("a defect of the channel") })), None);
    runner.until_idle().await.unwrap();
    assert_eq!(core.open().shelf.recorded, [(SendId(1), Receipt::Unknown)]);
    assert_eq!(runner.counters().panics.load(Ordering::SeqCst), 1);
    runner.stop().await;
}

#[tokio::test]
async fn a_channel_that_panics_before_it_began_is_an_unknown_attempt_too() {
    let core = due(1);
    let runner = start(&core, registry(1, |_| panic!("a defect of the channel")), None);
    runner.until_idle().await.unwrap();
    assert_eq!(core.open().shelf.recorded, [(SendId(1), Receipt::Unknown)]);
    runner.stop().await;
}

#[tokio::test]
async fn stopping_waits_for_what_is_under_way() {
    let core = due(3);
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (began, opens) = (begun.clone(), gate.clone());
    let channels = registry(1, move |_| {
        let (began, opens) = (began.clone(), opens.clone());
        Box::pin(async move {
            began.notify_one();
            drop(opens.acquire().await);
            accepted()
        })
    });
    let runner = start(&core, channels, None);
    begun.notified().await;
    let mut stopping = tokio::spawn({
        let runner = runner.clone();
        async move { runner.stop().await }
    });
    // orders are refused from the moment of the stop on, while the attempt is still under way
    while runner.order(ContactId(9), enrol()).await != Err(Refused::Stopping) {}
    assert!(!stopping.is_finished());
    gate.add_permits(1);
    (&mut stopping).await.unwrap();
    assert_eq!(core.open().shelf.recorded, [(SendId(1), accepted())]);
    assert_eq!(Arc::strong_count(&core.0), 1, "the store is closed");
}

#[tokio::test]
async fn checkpoints_come_between_commits_and_once_at_the_end() {
    let core = due(0);
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    let checkpoint: Box<dyn Fn() + Send> = Box::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let runner = start(&core, Registry::new(), Some((2, checkpoint)));
    for number in 0..20 {
        runner.order(ContactId(number), enrol()).await.unwrap();
    }
    runner.stop().await;
    let made = made.load(Ordering::SeqCst);
    assert!((2..=12).contains(&made), "{made}");
}

#[tokio::test]
async fn channels_can_be_exchanged_while_running() {
    let core = due(1);
    let runner = start(&core, Registry::new(), None);
    runner.until_idle().await.unwrap();
    assert!(core.open().shelf.recorded.is_empty(), "no channel, no slot");
    runner.connect(registry(1, |_| Box::pin(async { accepted() })));
    runner.until_idle().await.unwrap();
    assert_eq!(core.open().shelf.recorded.len(), 1);
    assert_eq!(runner.swap(loaded(), "bea").await, Ok(2));
    runner.stop().await;
}
