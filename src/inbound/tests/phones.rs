//! Numbers as people write them.
use crate::{
    calendar::Zone,
    record::{Region, e164, prefixes, zone_of_phone},
};

#[test]
fn numbers_become_e164_in_the_region_of_their_writer() {
    for (written, region, number) in [
        ("+4915550100123", None, Some("+4915550100123")),
        ("0155 501 00123", Some("DE"), Some("+4915550100123")),
        ("0049 155 50100123", None, Some("+4915550100123")),
        ("(876) 555-0123", Some("JM"), Some("+18765550123")),
        ("+1 202-555-0118", Some("DE"), Some("+12025550118")),
        ("0155 501 00123", None, None),
        ("call me", Some("DE"), None),
        ("+49", None, None),
        ("12", Some("DE"), None),
        ("", Some("DE"), None),
        ("+999999999999", None, None),
    ] {
        assert_eq!(e164(written, region.and_then(Region::parse)).as_deref(), number, "{written}");
    }
}

#[test]
fn zones_tell_regions() {
    for (zone, code) in [("Europe/Berlin", "DE"), ("America/Jamaica", "JM"), ("America/New_York", "US")] {
        assert_eq!(Region::of_zone(&Zone::parse(zone).unwrap()), Region::parse(code), "{zone}");
    }
    assert_eq!(Region::of_zone(&Zone::UTC), None);
}

#[test]
fn a_number_tells_its_zone_where_its_region_has_one() {
    for (number, zone) in [
        ("+4915550100123", Some("Europe/Berlin")),
        ("+18765550123", Some("America/Jamaica")),
        ("+16585550123", Some("America/Jamaica")),
        ("+12025550118", None),
        ("+61491570156", None),
        ("18765550123", None),
        ("no number", None),
    ] {
        assert_eq!(zone_of_phone(number).as_ref().map(Zone::name), zone, "{number}");
    }
}

#[test]
fn every_zone_of_the_table_exists() {
    for zone in Region::zones() {
        let known = Zone::parse(zone).unwrap_or_else(|| panic!("{zone} does not exist"));
        assert_eq!(known.name(), zone);
        assert!(Region::of_zone(&known).is_some(), "{zone} has no region");
    }
}

#[test]
fn the_digits_of_the_table_are_those_that_the_library_knows() {
    for (code, prefix) in prefixes() {
        let region: phonenumber::country::Id = code.parse().unwrap();
        let known = phonenumber::metadata::DATABASE.by_id(code).unwrap().country_code().to_string();
        assert!(prefix.starts_with(&known), "{code} {prefix}: {region:?} has +{known}");
        // a longer one is an area code of the shared code 1
        assert!(prefix == known || (known == "1" && prefix.len() == 4), "{code} {prefix}");
    }
}
