//! The laws about whom an identifier names, in a project and in a clinic of it.
use super::{
    Home, change,
    sample::{START, plan},
};
use crate::{
    engine::Turn,
    id::{ClinicName, ContactId},
    record::{Identity, IdentityKind},
};

fn email(text: &str, clinic: Option<&str>) -> Identity {
    Identity { clinic: clinic.map(ClinicName::new), ..Identity::new(IdentityKind::Email, text) }
}

pub(crate) fn a_clinic_has_people_of_its_own<H: Home>(home: &mut H) {
    let plan = plan(0);
    let known = [
        (1, email("zoe@example.com", None)),
        // known to the second clinic first
        (2, email("ana@example.com", Some("north"))),
        (3, email("ana@example.com", Some("kingston"))),
        (4, email("ben@example.com", Some("kingston"))),
        (5, email("ben@example.com", None)),
    ];
    for (who, identity) in &known {
        change(home, &plan, *who, START, |person, kept, _| {
            person.identities = vec![identity.clone()].into();
            kept.identities.clone_from(&person.identities);
        });
    }
    let mut turn = home.turn(&plan).unwrap();
    let mut found =
        |text: &str, clinic: Option<&str>| turn.find_contact(&email(text, clinic)).unwrap().map(|who| who.0);
    assert_eq!(found("ana@example.com", Some("kingston")), Some(3));
    assert_eq!(found("ana@example.com", Some("north")), Some(2));
    assert_eq!(found("ana@example.com", Some("elsewhere")), None, "nobody of theirs");
    assert_eq!(found("ana@example.com", None), Some(2), "who was known first");
    for clinic in [None, Some("kingston"), Some("elsewhere")] {
        assert_eq!(found("zoe@example.com", clinic), Some(1), "the same person in every clinic: {clinic:?}");
    }
    assert_eq!(found("ben@example.com", Some("kingston")), Some(4), "their own goes first");
    assert_eq!(found("ben@example.com", Some("north")), Some(5));
    assert_eq!(found("ben@example.com", None), Some(5));
    drop(turn);
    for (who, identity) in known {
        let person = home.turn(&plan).unwrap().people(&[ContactId(who)].into()).unwrap().remove(&ContactId(who));
        assert_eq!(*person.unwrap().identities, [identity]);
    }
}
