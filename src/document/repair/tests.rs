use super::{
    super::leaf::{DURATION, LOCALE, REENTRY, TEMPLATE, TIME},
    repaired,
};

#[test]
fn what_was_meant_has_the_form_that_is_asked_for() {
    for (form, text, meant) in [
        (&TIME, "10am", Some("10:00")),
        (&TIME, "12 AM", Some("00:00")),
        (&TIME, "6:30 pm", Some("18:30")),
        (&TIME, "9:00", Some("09:00")),
        (&TIME, "“10:00”", Some("10:00")),
        (&TIME, "10:00:00", Some("10:00")),
        (&TIME, "25:00", None),
        (&TIME, "13pm", None),
        (&TIME, "noon", None),
        (&DURATION, "P3D", Some("3d")),
        (&DURATION, "PT36H", Some("36h")),
        (&DURATION, "5mins", Some("5m")),
        (&DURATION, "day", Some("1d")),
        (&DURATION, "2 Days", Some("2 days")),
        (&DURATION, "1 year", Some("12mo")),
        (&DURATION, "-3d", None),
        (&DURATION, "99999999999 years", None),
        (&REENTRY, "30d", Some("after 30d")),
        (&REENTRY, "after: 30d", Some("after 30d")),
        (&REENTRY, "Never", Some("never")),
        (&REENTRY, "sometimes", None),
        (&LOCALE, "english", Some("en")),
        (&LOCALE, "de_DE", Some("de-DE")),
        (&LOCALE, "EN", Some("en")),
        (&TEMPLATE, "templates/no_show/sorry.email.md", Some("no_show/sorry")),
        (&TEMPLATE, "", None),
    ] {
        assert_eq!(repaired(text, form.reads).as_deref(), meant, "{text}");
    }
}
