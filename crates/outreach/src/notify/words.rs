//! Notify's words in receipts, read.

use zeroize::Zeroizing;

use crate::sender::ReceiptState;

/// Reads Notify's words for a state.
pub(super) fn state_of(status: &str) -> Option<(ReceiptState, String)> {
    let state = match status {
        "delivered" => ReceiptState::Delivered,
        // The networks gave up: the phone was off, or full, for too long.
        "temporary-failure" => ReceiptState::Expired,
        "permanent-failure" | "technical-failure" | "failed" => ReceiptState::Undelivered,
        "created" | "sending" | "sent" | "pending" => ReceiptState::Underway,
        _ => return None,
    };
    let code = match state {
        ReceiptState::Delivered => String::new(),
        ReceiptState::Underway | ReceiptState::Undelivered | ReceiptState::Expired => {
            status.to_owned()
        }
    };
    Some((state, code))
}

/// Reads a number in a receipt: as we wrote it, or as Notify formats British ones.
pub(super) fn international(to: &str) -> Option<Zeroizing<String>> {
    let digits: String = to.chars().filter(char::is_ascii_digit).collect();
    let digits = Zeroizing::new(digits);
    if to.starts_with('+') || digits.starts_with("447") {
        return Some(digits);
    }
    digits
        .strip_prefix("07")
        .map(|rest| Zeroizing::new(format!("447{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_receipts_are_read_where_they_are_clear() {
        for (to, read) in [
            ("+447700900123", Some("447700900123")),
            ("07700 900123", Some("447700900123")),
            ("447700900123", Some("447700900123")),
            ("+1 202 555 0123", Some("12025550123")),
            ("2025550123", None),
        ] {
            assert_eq!(
                international(to).as_deref().map(String::as_str),
                read,
                "{to}"
            );
        }
    }
}
