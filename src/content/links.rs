//! Links of a finished message that lead over our own address first, so that it is known which of them were opened.
//!
//! Works on text and HTML as they go out, so that both parts and every placeholder are treated alike. Must not know what the
//! new address is made of or who asks for it.

/// Addresses beyond this stay as they are: nobody writes so many, and each of them is kept.
const MOST: usize = 200;

/// The addresses of one message: the same one, wherever it stands, gets the same number.
pub(crate) struct Links<'a> {
    /// Is this one left as it is?
    stays: &'a dyn Fn(&str) -> bool,
    /// What stands instead of the address of this number.
    instead: &'a dyn Fn(u16) -> String,
    found: Vec<String>,
}

impl<'a> Links<'a> {
    pub(crate) fn new(stays: &'a dyn Fn(&str) -> bool, instead: &'a dyn Fn(u16) -> String) -> Self {
        Self { stays, instead, found: Vec::new() }
    }

    /// What was replaced, in the order of its numbers.
    pub(crate) fn into_found(self) -> Vec<String> {
        self.found
    }

    fn replaced(&mut self, address: String) -> Option<String> {
        if (self.stays)(&address) {
            return None;
        }
        let known = self.found.iter().position(|known| *known == address);
        if known.is_none() && self.found.len() >= MOST {
            return None;
        }
        let number = known.unwrap_or_else(|| {
            self.found.push(address);
            self.found.len() - 1
        });
        Some((self.instead)(u16::try_from(number).ok()?))
    }

    /// Every web address of a plain text.
    pub(crate) fn text(&mut self, text: &str) -> String {
        self.scan(text, str::to_owned)
    }

    /// Where anchors of a page lead, and addresses that its reader sees. Pictures, styles and comments are loaded or hidden,
    /// not opened.
    pub(crate) fn html(&mut self, html: &str) -> String {
        let mut out = String::with_capacity(html.len() + html.len() / 8);
        let mut rest = html;
        while let Some(open) = rest.find('<') {
            let seen = self.scan(&rest[..open], decoded);
            out.push_str(&seen);
            let tag = &rest[open..];
            let end = end_of_tag(tag);
            let name = name_of(tag);
            // what stands inside of these is no text
            let end = match ["style", "script", "title"].into_iter().find(|raw| *raw == name) {
                Some(raw) => {
                    let close = format!("</{raw}");
                    tag[end..].to_ascii_lowercase().find(&close).map_or(tag.len(), |inside| end + inside)
                }
                None => end,
            };
            if name == "a" || name == "area" {
                out.push_str(&self.anchor(&tag[..end]));
            } else {
                out.push_str(&tag[..end]);
            }
            rest = &tag[end..];
        }
        let seen = self.scan(rest, decoded);
        out.push_str(&seen);
        out
    }

    fn anchor(&mut self, tag: &str) -> String {
        let Some((start, end)) = value_of(tag, "href") else { return tag.to_owned() };
        let address = decoded(tag[start..end].trim());
        match is_web(&address).then(|| self.replaced(address)).flatten() {
            Some(instead) => format!("{}{instead}{}", &tag[..start], &tag[end..]),
            None => tag.to_owned(),
        }
    }

    fn scan(&mut self, text: &str, read: fn(&str) -> String) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = next_address(rest) {
            let length = length_of(&rest[at..]);
            let written = &rest[at..at + length];
            out.push_str(&rest[..at]);
            let address = read(written);
            match is_web(&address).then(|| self.replaced(address)).flatten() {
                Some(instead) => out.push_str(&instead),
                None => out.push_str(written),
            }
            rest = &rest[at + length..];
        }
        out.push_str(rest);
        out
    }
}

/// The host of a web address as written, in small letters.
pub(crate) fn host_of(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// An address that a browser follows, and that is one line.
fn is_web(address: &str) -> bool {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| starts_with(address, scheme));
    scheme.is_some_and(|scheme| address.len() > scheme.len())
        && host_of(address).is_some()
        && !address.chars().any(|letter| letter.is_control() || letter.is_whitespace())
}

fn starts_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Where the next address begins: not in the middle of a word.
fn next_address(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|at| from + at) {
        let scheme = ["https", "http"].into_iter().find(|scheme| {
            let start = at.checked_sub(scheme.len());
            start.and_then(|start| text.get(start..at)).is_some_and(|found| found.eq_ignore_ascii_case(scheme))
        });
        if let Some(start) = scheme.map(|scheme| at - scheme.len())
            && !text[..start].ends_with(|letter: char| letter.is_alphanumeric())
        {
            return Some(start);
        }
        from = at + 3;
    }
    None
}

/// How far an address reaches: to the next blank or bracket, without the signs of the sentence around it.
fn length_of(text: &str) -> usize {
    let ends = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '<' | '>' | '"' | '`');
    let mut length = text.find(ends).unwrap_or(text.len());
    for entity in ["&quot;", "&#39;", "&lt;", "&gt;", "&nbsp;"] {
        length = length.min(text[..length].find(entity).unwrap_or(length));
    }
    while let Some(last) = text[..length].chars().next_back() {
        let address = &text[..length];
        let loose = match last {
            ')' => address.matches('(').count() < address.matches(')').count(),
            ']' => address.matches('[').count() < address.matches(']').count(),
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '’' | '“' | '”' | '»' | '…' => true,
            _ => false,
        };
        if !loose {
            break;
        }
        length -= last.len_utf8();
    }
    length
}

/// One past the `>` of a tag or the end of a comment.
fn end_of_tag(tag: &str) -> usize {
    if tag.starts_with("<!--") {
        return tag.find("-->").map_or(tag.len(), |end| end + 3);
    }
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '>') => return at + 1,
            _ => {}
        }
    }
    // a lone `<`, or a quote that never ends
    tag.find('>').map_or(tag.len(), |end| end + 1)
}

fn name_of(tag: &str) -> String {
    tag[1..].chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Where the quoted value of an attribute stands in its tag.
fn value_of(tag: &str, wanted: &str) -> Option<(usize, usize)> {
    let mut from = 1 + name_of(tag).len();
    loop {
        let equals = from + tag[from..].find('=')?;
        let name = tag[from..equals].split_whitespace().next_back().unwrap_or_default();
        let value = equals + 1 + tag[equals + 1..].find(|letter: char| !letter.is_whitespace())?;
        let quote = tag[value..].chars().next()?;
        let (start, end, next) = if matches!(quote, '"' | '\'') {
            let end = value + 1 + tag[value + 1..].find(quote)?;
            (value + 1, end, end + 1)
        } else {
            let ends = |letter: char| letter.is_whitespace() || letter == '>';
            let end = value + tag[value..].find(ends)?;
            (value, end, end)
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some((start, end));
        }
        from = next;
    }
}

/// What the entities of an address stand for.
fn decoded(text: &str) -> String {
    let plain = [("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&#x2f;", "/"), ("&#x2F;", "/"), ("&amp;", "&")];
    plain.iter().fold(text.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}
