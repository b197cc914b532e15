//! The moments of the story.
use super::story::Moments;
use crate::calendar::{Instant, Weekday, Zone};

#[test]
fn the_story_begins_on_a_monday_and_is_over_by_now() {
    let zone = Zone::parse("America/Jamaica").unwrap();
    let start = Instant::parse_rfc3339("2027-03-01T00:00:00Z").unwrap();
    for hour in 0..(24 * 15) {
        let now = start.plus_ms(hour * 3_600_000);
        let moments = Moments::before(now, &zone);
        assert_eq!(zone.date(moments.agreed).weekday(), Weekday::Mon, "now is {now}");
        assert!(moments.end < now, "the story ends at {} and now is {now}", moments.end);
        assert!(now.since(moments.end) < 9 * 86_400_000);
        assert_eq!(zone.time_of_day(moments.missed).to_string(), "15:40");
    }
}
