//! What stands in a text and is no text: placeholders of other tools, pictures that say nothing. Knows no project.
use std::ops::Range;

/// A placeholder of another tool, and what this language has for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Foreign {
    pub(super) at: Range<usize>,
    pub(super) ours: Option<&'static str>,
}

/// Marks of other tools. Names between stars and bars are placeholders whatever they say; the others stand in ordinary texts
/// too and count only with a name that is known.
const MARKS: &[(&str, &str)] =
    &[("*|", "|*"), ("<<", ">>"), ("${", "}"), ("{$", "}"), ("[", "]"), ("{", "}"), ("%", "%")];
/// Longest name between two marks.
const LONGEST: usize = 40;

/// Names as other tools write them, without blanks, lines and capitals.
const NAMES: &[(&[&str], &str)] = &[
    (&["fname", "firstname", "givenname", "vorname"], "{{ contact.first_name | default('there') }}"),
    (&["lname", "lastname", "surname", "nachname"], "{{ contact.last_name | default('') }}"),
    (&["fullname", "yourname"], "{{ contact.name | default('there') }}"),
    (&["email", "emailaddress"], "{{ contact.email | default('') }}"),
    (&["phone", "phonenumber", "mobile"], "{{ contact.phone | default('') }}"),
    (&["company", "companyname", "clinic", "clinicname", "businessname"], "{{ clinic.name }}"),
    (&["unsub", "unsubscribe", "unsubscribelink", "unsubscribeurl", "optout"], "{{ unsubscribe_link }}"),
    (&["companyaddress", "listaddress", "postaladdress"], "{{ postal_address }}"),
    (&["bookinglink", "bookingurl", "calendarlink"], "{{ booking_link }}"),
];
const OWNERS: &[&str] = &["contact", "subscriber", "customer", "recipient", "user", "person", "lead"];

/// Every placeholder of another tool in a text, outside of `{{ … }}` and `{% … %}`.
pub(super) fn placeholders(text: &str) -> Vec<Foreign> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(['*', '<', '$', '[', '{', '%']) {
        let start = at + next;
        let rest = &text[start..];
        if let Some(length) = region(rest) {
            at = start + length;
            continue;
        }
        match MARKS.iter().find_map(|(open, close)| between(rest, open, close)) {
            Some((length, ours)) => {
                found.push(Foreign { at: start..start + length, ours });
                at = start + length;
            }
            None => at = start + rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// Length of a construct of our own.
fn region(text: &str) -> Option<usize> {
    let (_, close) = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")].into_iter().find(|(open, _)| text.starts_with(open))?;
    Some(text.find(close).map_or(text.len(), |at| at + close.len()))
}

fn between(text: &str, open: &str, close: &str) -> Option<(usize, Option<&'static str>)> {
    let inner = text.strip_prefix(open)?;
    let end = inner.find(close).filter(|end| *end > 0 && *end <= LONGEST)?;
    let (name, after) = (&inner[..end], &inner[end + close.len()..]);
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '-' | '.' | ':');
    if !name.chars().all(fits) {
        return None;
    }
    // a link of Markdown
    if open == "[" && after.starts_with(['(', '[', ':']) {
        return None;
    }
    let ours = meant(name);
    (ours.is_some() || open == "*|").then_some((open.len() + end + close.len(), ours))
}

fn meant(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let bare = OWNERS.iter().find_map(|owner| plain.strip_prefix(owner)).unwrap_or(&plain);
    NAMES.iter().find(|(names, _)| names.contains(&bare) || names.contains(&plain.as_str())).map(|(_, ours)| *ours)
}

/// Pictures without a word for those who do not see them.
pub(super) fn pictures_without_words(text: &str) -> Vec<Range<usize>> {
    let bare = text.match_indices("![](").map(|(at, mark)| at..at + mark.len());
    let tags = text.match_indices("<img").filter_map(|(at, _)| {
        let end = at + text[at..].find('>')?;
        (!text[at..end].to_ascii_lowercase().contains("alt=")).then_some(at..end + 1)
    });
    bare.chain(tags).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(&str, Option<&'static str>)> {
        placeholders(text).into_iter().map(|found| (&text[found.at], found.ours)).collect()
    }

    #[test]
    fn placeholders_of_other_tools_are_recognised() {
        let first = Some("{{ contact.first_name | default('there') }}");
        for text in [
            "*|FNAME|*",
            "%FIRSTNAME%",
            "[First Name]",
            "{first_name}",
            "<<First Name>>",
            "${firstName}",
            "%CONTACT.FIRSTNAME%",
        ] {
            assert_eq!(told(&format!("Hé {text},")), [(text, first)]);
        }
        assert_eq!(told("*|LIST:DESCRIPTION|*"), [("*|LIST:DESCRIPTION|*", None)]);
        assert_eq!(told("[unsubscribe] {{ x }} *|UNSUB|*").len(), 2);
    }

    #[test]
    fn ordinary_texts_are_left_alone() {
        for text in [
            "100 % of people, 50% off and 20%",
            "[First name](https://example.com) and [company][1]\n\n[email]: https://example.com",
            "{{ contact.first_name }} {% if x %}{first_name{% endif %}",
            "a { color: red } b {} [] [ ] %% *||* 5 * 3 | 2 < 3 << 4",
            "* [x] buy milk",
            "{",
            "ends with {{",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }

    #[test]
    fn pictures_need_words() {
        assert_eq!(pictures_without_words("![](a.png) ![words](b.png) <img src=a> <img alt=\"\" src=b> <img").len(), 2);
    }
}
