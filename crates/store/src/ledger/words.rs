//! What people and gateways write, before it may stand in a ledger.

use super::LedgerError;

/// The longest code or message id that is kept, in bytes.
const CODE_BYTES: usize = 64;
const ID_BYTES: usize = 512;
/// The longest reason, in bytes.
const REASON_BYTES: usize = 1000;
/// So many digits in a row may be a telephone number (ITU-T E.164: at most 15). Instants in microseconds are
/// longer.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// Refuses a name that is no name.
pub(super) fn name(what: &'static str, text: &str) -> Result<(), LedgerError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if text.is_empty() || text.len() > 60 || !text.bytes().all(plain) {
        let why = "it may hold a-z, 0-9, - and _, at most 60 of them";
        return Err(LedgerError::Words { what, why });
    }
    no_number(what, text)
}

/// Refuses what people wrote where it is too long, holds control characters or what looks like a number.
pub(super) fn reason(what: &'static str, text: &str) -> Result<(), LedgerError> {
    let refused = |why| Err(LedgerError::Words { what, why });
    if text.trim().is_empty() || text.len() > REASON_BYTES {
        return refused("it is empty or longer than 1,000 bytes");
    }
    if text.chars().any(char::is_control) {
        return refused("it holds control characters");
    }
    no_number(what, text)
}

fn no_number(what: &'static str, text: &str) -> Result<(), LedgerError> {
    if looks_like_number(text) {
        let why = "it holds what looks like a telephone number";
        return Err(LedgerError::Words { what, why });
    }
    Ok(())
}

/// Whether nine digits or more stand together, however a person parts them. Hexadecimal hashes hold letters
/// between them often enough, and dates such as `2022-11-24` and times are passed over.
fn looks_like_number(text: &str) -> bool {
    // Each word on its own, then words of digits together.
    let mut run = 0;
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+');
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_parted = word
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.()/\u{2010}\u{2011}\u{2013}\u{a0}".contains(c));
        if has_run(word) {
            return true;
        }
        if is_parted && digits > 0 && !is_date(word) {
            run += digits;
            if NUMBER_DIGITS.contains(&run) {
                return true;
            }
        } else {
            run = 0;
        }
    }
    false
}

fn has_run(text: &str) -> bool {
    let is_hash = text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let mut runs = text.split(|c: char| !c.is_ascii_digit()).map(str::len);
    !is_hash && runs.any(|run| NUMBER_DIGITS.contains(&run))
}

/// `2022-11-24`.
fn is_date(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [4, 2, 2]
}

/// Makes a gateway's code fit: at most 64 bytes of printable ASCII, and no long run of digits.
pub(super) fn code(text: &str) -> String {
    let mut made: String = text
        .chars()
        .take(CODE_BYTES)
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .collect();
    if looks_like_number(&made) {
        made = made
            .chars()
            .map(|c| if c.is_ascii_digit() { '#' } else { c })
            .collect();
    }
    made
}

/// Makes a gateway's message id fit. One that cannot be is left out: its receipts are then matched by number.
pub(super) fn message_id(text: &str) -> &str {
    if text.len() <= ID_BYTES && text.bytes().all(|b| b.is_ascii_graphic()) {
        text
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_do_not_get_in() {
        for bad in [
            "rang +447700900123",
            "07700 900 123 had it",
            "(020) 7946-0123.",
            "447700900123",
            "at 2022-11-24 she on 07700 900123 said yes",
            "07700900123x",
        ] {
            assert!(reason("reason", bad).is_err(), "{bad}");
        }
        for good in [
            "asked the operator on 2022-11-24 at 09:30, ticket 51123",
            "seen in the operator's list of 24/11/2022",
            "list e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ] {
            assert!(reason("reason", good).is_ok(), "{good}");
        }
        assert!(reason("reason", " ").is_err());
        assert!(reason("reason", "a\nb").is_err());
        assert_eq!(code("ESME_RINVDSTADR"), "ESME_RINVDSTADR");
        assert_eq!(code("bad 447700900123\n"), "bad ############?");
        assert_eq!(code("0x00000400"), "0x00000400");
        assert_eq!(message_id("a,b"), "a,b");
        assert_eq!(message_id("a b"), "");
        assert!(name("campaign", "warning-1").is_ok());
        assert!(name("campaign", "Warning 1").is_err());
        assert!(name("campaign", "c447700900123").is_err());
    }
}
