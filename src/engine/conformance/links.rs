//! Where counted links lead: kept as long as somebody may open them.
use super::{
    Home, change,
    sample::{START, bytes, plan, send},
};
use crate::{
    engine::Turn,
    id::{ChannelName, ContactId, SendId},
    journey::{Fail, Outcome, Sending},
};
use std::sync::Arc;

/// A send whose text was written with two links; it is the second of the store.
fn written<H: Home>(home: &mut H) {
    change(home, &plan(0), 1, START, |person, kept, ids| {
        let other = send(person, ids, None, "other", START);
        let mut made = send(person, ids, None, "told", START);
        (made.state, made.prepared, made.tainted) = (Sending::Ready, true, false);
        assert_eq!(bytes(made.id).links.len(), 2);
        kept.contents.insert(made.id, bytes(made.id));
        kept.new_sends.extend([other.id, made.id]);
        person.sends.extend([other, made]);
    });
}

fn closed<H: Home>(home: &mut H, outcome: Outcome, tainted: bool) {
    change(home, &plan(0), 1, START, |person, kept, _| {
        let made = person.sends.iter_mut().find(|send| send.id == SendId(2)).unwrap();
        (made.state, made.tainted) = (Sending::Closed(outcome), tainted);
        made.channel = Some(ChannelName::new("mail"));
        kept.sends.insert(SendId(2));
    });
}

pub(crate) fn links_stay_when_the_bytes_are_gone<H: Home>(home: &mut H) {
    written(home);
    let row = home.link(SendId(2), 1).unwrap();
    assert_eq!((row.contact, row.send, row.number), (ContactId(1), SendId(2), 1));
    assert_eq!((&*row.url, row.step.as_str()), ("https://example.com/2/1?a=ü", "told"));
    assert_eq!(row.channel.unwrap().as_str(), "sms", "the channel of the open send");
    assert_eq!(home.link(SendId(2), 2), None);
    assert_eq!(home.link(SendId(1), 0), None);
    // written anew, with fewer links
    change(home, &plan(0), 1, START, |_, kept, _| {
        let mut again = bytes(SendId(2));
        again.links = vec!["https://example.com/new".to_owned()];
        kept.contents.insert(SendId(2), again);
    });
    assert_eq!(&*home.link(SendId(2), 0).unwrap().url, "https://example.com/new");
    assert_eq!(home.link(SendId(2), 1), None);
    closed(home, Outcome::Sent, false);
    let plan = plan(0);
    assert_eq!(home.turn(&plan).unwrap().content(SendId(2)).unwrap(), None);
    let row = home.link(SendId(2), 0).unwrap();
    assert_eq!((&*row.url, row.channel.unwrap().as_str()), ("https://example.com/new", "mail"));
}

pub(crate) fn links_of_what_did_not_go_out_are_let_go<H: Home>(home: &mut H) {
    written(home);
    closed(home, Outcome::Failed(Fail::Render(Arc::from("no"))), false);
    assert_eq!(home.link(SendId(2), 0), None);
    assert_eq!(home.link(SendId(2), 1), None);
}

pub(crate) fn links_of_what_may_have_gone_out_stay<H: Home>(home: &mut H) {
    written(home);
    closed(home, Outcome::Failed(Fail::Render(Arc::from("no"))), true);
    assert!(home.link(SendId(2), 0).is_some(), "an earlier attempt may have gone out");
}
