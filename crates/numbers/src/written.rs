//! The digits of a value as written, where it is written plainly.

/// Values of more digits are no numbers, and not read here.
pub(crate) const LONGEST: usize = 31;
/// libphonenumber takes no longer text.
pub(crate) const LONGEST_TEXT_BYTES: usize = 250;

/// Digits of a value, and what else libphonenumber looks at.
pub(crate) struct Written {
    digits: [u8; LONGEST + 1],
    len: usize,
    /// True after a `+`.
    pub(crate) international: bool,
    /// True where libphonenumber takes the value for a number at all.
    pub(crate) viable: bool,
}

/// What a byte is; each has a bit of its own.
mod class {
    pub(super) const DIGIT: u8 = 1;
    pub(super) const SEPARATOR: u8 = 2;
    pub(super) const PLUS: u8 = 4;
    pub(super) const HASH: u8 = 8;
    pub(super) const OTHER: u8 = 16;
}

const CLASSES: [u8; 256] = {
    let mut classes = [class::OTHER; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        classes[digit as usize] = class::DIGIT;
        digit += 1;
    }
    let separators = b" -.()[]/*";
    let mut at = 0;
    while at < separators.len() {
        classes[separators[at] as usize] = class::SEPARATOR;
        at += 1;
    }
    classes[b'+' as usize] = class::PLUS;
    classes[b'#' as usize] = class::HASH;
    classes
};

impl Written {
    /// Scans a value of digits and plain punctuation, with a `+` thought before it if so asked.
    /// None: it holds something else, or could end in an extension.
    #[inline]
    pub(crate) fn scan(text: &[u8], plus_before: bool) -> Option<Self> {
        // Without branches on what comes next: that could not be foreseen.
        let mut digits = [0; LONGEST + 1];
        let mut len = 0;
        let mut pluses = 0;
        let mut seen = 0;
        for &byte in text {
            let class = CLASSES[usize::from(byte)];
            digits[len % digits.len()] = byte & 0xf;
            len += usize::from(class & class::DIGIT);
            pluses += usize::from(class & class::PLUS);
            seen |= class;
        }
        if seen & class::OTHER != 0 || text.len() >= LONGEST_TEXT_BYTES {
            return None;
        }
        if len > LONGEST {
            // Prefixes and a calling code have up to ten digits of these, and no country has
            // numbers of as many as are left.
            return (seen & class::HASH == 0).then_some(Self {
                digits,
                len: LONGEST,
                international: false,
                viable: false,
            });
        }
        let plus_first = text.first() == Some(&b'+');
        let simple = seen & class::HASH == 0
            && len >= 3
            && !plus_before
            && pluses == usize::from(plus_first) * usize::from(class::PLUS);
        let (international, viable) = if simple {
            (plus_first, true)
        } else {
            Self::scan_signs(text, plus_before)?
        };
        Some(Self {
            digits,
            len,
            international,
            viable,
        })
    }

    /// Tells whether a plain value is international, and whether it is viable.
    fn scan_signs(text: &[u8], plus_before: bool) -> Option<(bool, bool)> {
        let mut len = 0;
        let mut international = plus_before;
        let mut only_plus = true;
        let mut late_plus = false;
        let mut broken = false;
        let mut apart = false;
        let mut hash_at = None;
        for &byte in text {
            match CLASSES[usize::from(byte)] {
                class::DIGIT => {
                    len += 1;
                    broken |= late_plus;
                }
                class::SEPARATOR => {
                    only_plus = only_plus && !international;
                    apart |= len == 1;
                }
                // What stands before the first digit or plus is skipped; a plus further on makes
                // a value no number, unless nothing comes after it.
                class::PLUS => {
                    late_plus |= len > 0 || (international && !only_plus);
                    international |= len == 0;
                }
                _ => {
                    if len > 0 || international {
                        hash_at = hash_at.or(Some(len));
                    }
                }
            }
        }
        if let Some(before) = hash_at {
            // Up to nine digits after it may be an extension; more are nothing.
            if len - before < 10 {
                return None;
            }
            broken = true;
        }
        let viable = !broken && (len >= 3 || (len == 2 && !international && !apart));
        Some((international, viable))
    }

    /// Returns the digits as bytes 0 to 9.
    #[inline]
    pub(crate) fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }
}

/// Returns what stands before a plainly written extension: `x12`, `ext. 12`, `;ext=12`, `,12`.
///
/// None: there is no such thing, or what it is libphonenumber may see otherwise.
pub(crate) fn before_extension(text: &[u8]) -> Option<&[u8]> {
    let label_at = text
        .iter()
        .position(|b| matches!(b, b'x' | b'X' | b'e' | b'E' | b';' | b','))?;
    let (before, rest) = text.split_at_checked(label_at)?;
    // Before `x`, a slash would start a second number; a plus at the end counts here.
    let first_digit = before.iter().position(u8::is_ascii_digit)?;
    let (start, digits) = before.split_at_checked(first_digit)?;
    if start.contains(&b'/')
        || digits.iter().any(|b| matches!(b, b'/' | b'+' | b'#'))
        || digits.iter().filter(|b| b.is_ascii_digit()).count() < 3
    {
        return None;
    }
    let label = [&b";ext="[..], b"ext.", b"ext", b"x", b","]
        .into_iter()
        .find(|label| {
            rest.get(..label.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(label))
        })?;
    let number = rest.get(label.len()..)?;
    let number = match label {
        b";ext=" => number,
        _ => number.strip_prefix(b" ").unwrap_or(number),
    };
    ((1..=6).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)).then_some(before)
}
