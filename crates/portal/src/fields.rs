//! What a form sent: `application/x-www-form-urlencoded` (WHATWG URL, §5), within limits.

use std::fmt;

use zeroize::Zeroize;

/// Pairs of a form. `Debug` shows how many.
#[derive(Default)]
pub struct Fields(Vec<(String, String)>);

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields({})", self.0.len())
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|(_, value)| value.zeroize());
    }
}

impl Fields {
    /// Reads a body of at most 100 pairs; what is no UTF-8 becomes U+FFFD.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let pairs = body
            .split(|byte| *byte == b'&')
            .take(100)
            .filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let at = pair
                        .iter()
                        .position(|byte| *byte == b'=')
                        .unwrap_or(pair.len());
                    let (name, value) = pair.split_at(at);
                    (
                        decode(name),
                        decode(value.strip_prefix(b"=").unwrap_or(value)),
                    )
                })
                .collect(),
        )
    }

    /// The first value of a field, or nothing.
    #[must_use]
    pub fn one(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or("")
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(of, _)| of == name)
            .map(|(_, value)| value.as_str())
    }

    /// All pairs, as sent.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

fn decode(text: &[u8]) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let pair = (digit(text.get(at + 1)), digit(text.get(at + 2)));
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_browsers_write_them() {
        let fields = Fields::parse("a=1+2&b=%C3%A9%&a=%zz&c&=d".as_bytes());
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1 2", "%zz"]);
        assert_eq!(
            (fields.one("b"), fields.one("c"), fields.one("")),
            ("é%", "", "d")
        );
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Fields::parse(&bytes);
        }
    }
}
