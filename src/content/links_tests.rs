//! Where addresses begin and end, in texts and pages as people write them.
use super::{Links, host_of};

const OWN: &str = "https://drip.example.com/u/";

fn done(work: impl FnOnce(&mut Links<'_>) -> String) -> (String, Vec<String>) {
    let stays = |address: &str| address.starts_with(OWN);
    let instead = |number: u16| format!("https://drip.example.com/c/{number}");
    let mut links = Links::new(&stays, &instead);
    let text = work(&mut links);
    (text, links.into_found())
}

fn text(text: &str) -> (String, Vec<String>) {
    done(|links| links.text(text))
}

fn html(html: &str) -> (String, Vec<String>) {
    done(|links| links.html(html))
}

#[test]
fn an_address_ends_where_a_reader_would_end_it() {
    for (written, address) in [
        ("See https://example.com.", "https://example.com"),
        ("(https://example.com/a_(b)/c)", "https://example.com/a_(b)/c"),
        ("Book: HTTPS://Example.com/x?a=1&b=2#c, or call", "HTTPS://Example.com/x?a=1&b=2#c"),
        ("<https://example.com/x>", "https://example.com/x"),
        ("\u{201e}http://example.com/gr\u{fc}\u{df}e\u{201c}", "http://example.com/gr\u{fc}\u{df}e"),
        ("https://example.com/a/?", "https://example.com/a/"),
        ("*https://example.com/x*", "https://example.com/x"),
    ] {
        let (out, found) = text(written);
        assert_eq!(found, [address], "{written}");
        assert_eq!(out, written.replace(address, "https://drip.example.com/c/0"));
    }
}

#[test]
fn what_is_no_web_address_stays() {
    for written in [
        "https://",
        "http:// x",
        "xhttps://example.com",
        "ftp://example.com",
        "mailto:ana@example.com",
        "example.com/x",
        "https://drip.example.com/u/1-abc",
        "://",
        "https:///path",
    ] {
        assert_eq!(text(written), (written.to_owned(), Vec::new()), "{written}");
        let anchor = format!("<a href=\"{written}\">x</a>");
        assert_eq!(html(&anchor), (anchor.clone(), Vec::new()), "{written}");
    }
}

#[test]
fn the_same_address_has_one_number_in_text_and_html() {
    let (out, found) = done(|links| {
        let text =
            links.text("A https://example.com/?a=1&b=2 and https://example.com/b and https://example.com/?a=1&b=2");
        let html = links.html(
            "<p>Go <a class='x' HREF = \"https://example.com/?a=1&amp;b=2\">https://example.com/?a=1&amp;b=2</a>, \
             <a data-href=\"https://example.com/z\" href='https://example.com/c'>here</a>.</p>",
        );
        format!("{text}\n{html}")
    });
    let [a, b, c] = [0, 1, 2].map(|number| format!("https://drip.example.com/c/{number}"));
    assert_eq!(
        out,
        format!(
            "A {a} and {b} and {a}\n<p>Go <a class='x' HREF = \"{a}\">{a}</a>, \
             <a data-href=\"https://example.com/z\" href='{c}'>here</a>.</p>"
        )
    );
    assert_eq!(found, ["https://example.com/?a=1&b=2", "https://example.com/b", "https://example.com/c"]);
}

#[test]
fn what_is_loaded_or_hidden_stays() {
    let page = "<!DOCTYPE html PUBLIC \"http://www.w3.org/TR/html4\"><html xmlns=\"http://www.w3.org/1999/xhtml\"><head>\
        <title>https://example.com/t</title><style>a { background: url(https://example.com/s) }</style></head><body>\
        <!-- https://example.com/c --><img src=\"https://example.com/i.png\" alt=\"a > b\"><link \
        href=\"https://example.com/l.css\"></body></html>";
    assert_eq!(html(page), (page.to_owned(), Vec::new()));
    // broken pages are led through unharmed
    for page in
        ["<", "<a", "<a href", "<a href=", "<a href=\"https://example.com", "a < b", "<style>", "<!--", "<a href='x"]
    {
        assert_eq!(html(page).0, page);
    }
}

#[test]
fn hosts_are_read_as_browsers_do() {
    assert_eq!(host_of("https://user:pw@Example.com:8080/x").as_deref(), Some("example.com"));
    assert_eq!(host_of("https://example.com\\@evil.example").as_deref(), Some("example.com"));
    assert_eq!(host_of("https:///x"), None);
}
