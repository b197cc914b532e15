//! The speed of time.
use super::speed::Speed;

#[test]
fn a_speed_says_what_passes_in_what() {
    let factor = |text: &str| Speed::parse(text).map(|speed| speed.factor());
    assert_eq!(factor("1d=10s"), Ok(8_640.0));
    assert_eq!(factor("1h = 1h"), Ok(1.0));
    for wrong in ["", "1d", "1d=", "=1s", "1d=0s", "0d=1s", "fast=slow", "1d=1s=1s"] {
        assert!(factor(wrong).is_err(), "{wrong}");
    }
}
