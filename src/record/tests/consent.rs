//! What a person said, folded into what is permitted.
use crate::{
    calendar::Instant,
    id::ChannelName,
    record::{ConsentEntry, ConsentLevel, ConsentState, Permits, Purpose, Verdict},
};
use ConsentLevel::{DoubleOptIn, OptIn, Soft};
use ConsentState::{Confirmed, OptedIn, OptedOut};
use proptest::prelude::*;
use std::sync::Arc;

type Said<'a> = (Option<&'a str>, Option<Purpose>, ConsentState, i64);

fn entry((channel, purpose, state, at): &Said) -> ConsentEntry {
    ConsentEntry {
        channel: channel.map(ChannelName::new),
        purpose: *purpose,
        state: *state,
        basis: Arc::from("event"),
        text_version: None,
        source: None,
        actor: Arc::from("test"),
        at: Instant(*at),
    }
}

fn permits<'a>(said: impl IntoIterator<Item = &'a Said<'a>>) -> Permits {
    let mut permits = Permits::default();
    said.into_iter().for_each(|said| permits.fold(&entry(said)));
    permits
}

fn email() -> ChannelName {
    ChannelName::new("email")
}

#[test]
fn truth_table_of_levels() {
    use Verdict::{Allowed, NotGiven, OptedOut as Out};
    let none: &[Said] = &[];
    let opted_in: &[Said] = &[(Some("email"), None, OptedIn, 1)];
    let confirmed: &[Said] = &[(Some("email"), None, Confirmed, 1)];
    let out: &[Said] = &[(Some("email"), None, OptedOut, 1)];
    // said, then the verdicts for none, soft (not engaged, engaged), opt-in, double opt-in
    for (said, verdicts) in [
        (none, [Allowed, NotGiven, Allowed, NotGiven, NotGiven]),
        (opted_in, [Allowed, Allowed, Allowed, Allowed, NotGiven]),
        (confirmed, [Allowed, Allowed, Allowed, Allowed, Allowed]),
        (out, [Out, Out, Out, Out, Out]),
    ] {
        let permits = permits(said);
        let ask = |level, engaged| permits.verdict(level, &email(), Purpose::Marketing, engaged);
        let got = [
            ask(ConsentLevel::None, false),
            ask(Soft, false),
            ask(Soft, true),
            ask(OptIn, true),
            ask(DoubleOptIn, true),
        ];
        assert_eq!(got, verdicts, "{said:?}");
    }
}

#[test]
fn the_newest_word_counts_and_the_stricter_on_ties() {
    let marketing = Some(Purpose::Marketing);
    let cases: &[(&[Said], Option<ConsentState>)] = &[
        (&[(None, None, OptedOut, 1), (None, None, OptedIn, 2)], Some(OptedIn)),
        (&[(None, None, OptedIn, 1), (None, None, OptedOut, 2)], Some(OptedOut)),
        (&[(None, None, OptedIn, 1), (None, None, OptedOut, 1)], Some(OptedOut)),
        (&[(None, None, Confirmed, 1), (None, None, OptedOut, 1)], Some(OptedOut)),
        // a confirmation holds through later forms, and ends with an opt-out
        (&[(None, None, Confirmed, 1), (None, None, OptedIn, 2)], Some(Confirmed)),
        (&[(None, None, Confirmed, 1), (None, None, OptedOut, 2), (None, None, OptedIn, 3)], Some(OptedIn)),
        // lines of one channel or purpose, and of all
        (&[(None, marketing, OptedOut, 1), (Some("email"), marketing, OptedIn, 2)], Some(OptedIn)),
        (&[(Some("email"), marketing, OptedIn, 1), (None, marketing, OptedOut, 2)], Some(OptedOut)),
        (&[(Some("email"), None, OptedOut, 2), (None, marketing, OptedIn, 2)], Some(OptedOut)),
        (&[(Some("sms"), None, OptedOut, 9)], None),
        (&[(None, Some(Purpose::Service), OptedOut, 9)], None),
    ];
    for (said, state) in cases {
        for said in [said.to_vec(), said.iter().rev().copied().collect()] {
            let permits = permits(&said);
            assert_eq!(permits.now(&email(), Purpose::Marketing), *state, "{said:?}");
            assert_eq!(permits.is_opted_out(&email(), Purpose::Marketing), *state == Some(OptedOut), "{said:?}");
        }
    }
}

#[test]
fn a_stop_on_one_channel_leaves_the_appointment_on_another() {
    // as a reply word is recorded: that channel for everything, marketing and service everywhere
    let stop: &[Said] = &[
        (Some("sms"), None, OptedOut, 5),
        (None, Some(Purpose::Marketing), OptedOut, 5),
        (None, Some(Purpose::Service), OptedOut, 5),
    ];
    let permits = permits(stop);
    let open = |channel: &str, purpose| {
        permits.verdict(ConsentLevel::None, &ChannelName::new(channel), purpose, true) == Verdict::Allowed
    };
    assert!(!Purpose::ALL.into_iter().any(|purpose| open("sms", purpose)));
    assert_eq!(Purpose::ALL.map(|purpose| open("email", purpose)), [true, false, false]);
}

fn any_said() -> impl Strategy<Value = Said<'static>> {
    (
        proptest::sample::select(vec![None, Some("email"), Some("sms")]),
        proptest::sample::select(vec![None, Some(Purpose::Marketing), Some(Purpose::Service)]),
        proptest::sample::select(vec![OptedIn, Confirmed, OptedOut]),
        0_i64..5,
    )
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        (said, shuffled) in proptest::collection::vec(any_said(), 0..8).prop_flat_map(|said| {
            let again = [said.clone(), said.clone()].concat();
            (Just(said), Just(again).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(permits(&said), permits(&shuffled));
        let json = serde_json::to_string(&permits(&said)).unwrap();
        prop_assert_eq!(serde_json::from_str::<Permits>(&json).unwrap(), permits(&said));
    }
}
