//! The text of a receipt: `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…`, in any
//! order and case, with any of it missing.

/// What a receipt's text says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fields<'a> {
    /// The message's id.
    pub id: Option<&'a [u8]>,
    /// What became of it.
    pub stat: Option<&'a [u8]>,
    /// The network's code.
    pub err: Option<&'a [u8]>,
}

/// Reads a receipt's text. What stands behind `text:` is the message itself, and is looked into only
/// for what does not stand in front of it: there it could be anybody's words.
#[must_use]
pub fn fields(text: &[u8]) -> Fields<'_> {
    let own = find(text, b"text").map_or(text.len(), |(start, _)| start);
    let (front, behind) = text.split_at_checked(own).unwrap_or((text, &[]));
    let value = |name| value(front, name).or_else(|| value(behind, name));
    Fields {
        id: value(b"id"),
        stat: value(b"stat"),
        err: value(b"err"),
    }
}

/// Finds `name:` at the beginning of a word; returns where it starts and ends.
fn find(text: &[u8], name: &[u8]) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(window) = text.get(from..from + name.len()) {
        let begins = from == 0
            || text
                .get(from - 1)
                .is_some_and(|before| !before.is_ascii_alphanumeric());
        if begins && window.eq_ignore_ascii_case(name) {
            let mut end = from + name.len();
            while text.get(end) == Some(&b' ') {
                end += 1;
            }
            if text.get(end) == Some(&b':') {
                return Some((from, end + 1));
            }
        }
        from += 1;
    }
    None
}

fn value<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (_, end) = find(text, name)?;
    let rest = text.get(end..)?.trim_ascii_start();
    let is_over = |octet: &u8| octet.is_ascii_whitespace() || matches!(octet, 0 | b',' | b';');
    let value = rest.split(is_over).next()?;
    // An empty value is followed by the next name.
    (!value.is_empty() && !value.contains(&b':')).then_some(value)
}
