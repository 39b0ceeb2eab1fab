//! Texts in several parts: one receipt of many says little.
//!
//! Each part has a receipt of its own, with its own id. The text is delivered once as many different
//! receipts as it has parts say so, and undelivered as soon as one does. Which receipt is of which
//! part does not matter, so that receipts count that come before their part's id, or where the
//! centre gave no id at all.

use std::collections::BTreeMap;

use crate::{Receipt, ReceiptState};

#[derive(Debug)]
struct Text {
    parts: u8,
    /// What was told, by the receipt's own id.
    told: BTreeMap<String, ReceiptState>,
}

/// The texts in several parts that went out.
#[derive(Default)]
pub(super) struct Texts {
    texts: BTreeMap<u64, Text>,
    by_id: BTreeMap<String, u64>,
    /// By the number's digits as a number: 15 at most.
    by_number: BTreeMap<u64, u64>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.texts.len())
    }
}

impl Texts {
    pub(super) fn begun(&mut self, key: u64, parts: u8, to: &str) {
        let told = BTreeMap::new();
        self.texts.entry(key).or_insert(Text { parts, told });
        if let Ok(digits) = to.parse() {
            self.by_number.insert(digits, key);
        }
    }

    pub(super) fn accepted(&mut self, key: u64, message_id: String) {
        if !message_id.is_empty() {
            self.by_id.insert(message_id, key);
        }
    }

    /// Turns the receipt of a part into what it says of the text.
    pub(super) fn of_text(&mut self, receipt: &mut Receipt) {
        if self.texts.is_empty() {
            return;
        }
        let by_id = receipt.message_ids.iter().find_map(|id| self.by_id.get(id));
        let by_number = || self.by_number.get(&receipt.to.as_ref()?.parse().ok()?);
        let Some(key) = by_id.or_else(by_number).copied() else {
            return;
        };
        let Some(text) = self.texts.get_mut(&key) else {
            return;
        };
        receipt.key = Some(key);
        let id = receipt.message_ids.first().cloned().unwrap_or_default();
        let told = text.told.entry(id).or_insert(ReceiptState::Underway);
        // What is final stays.
        if *told == ReceiptState::Underway {
            *told = receipt.state;
        }
        let states = || text.told.values().copied();
        let failed = states()
            .find(|state| matches!(state, ReceiptState::Undelivered | ReceiptState::Expired));
        let delivered = states().filter(|state| *state == ReceiptState::Delivered);
        receipt.state = match failed {
            Some(failed) => failed,
            None if delivered.count() >= usize::from(text.parts) => ReceiptState::Delivered,
            None => ReceiptState::Underway,
        };
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::Texts;
    use crate::{Receipt, ReceiptState};

    fn receipt(id: &str, to: Option<&str>, state: ReceiptState) -> Receipt {
        Receipt {
            message_ids: if id.is_empty() {
                vec![]
            } else {
                vec![id.into()]
            },
            to: to.map(|to| Zeroizing::new(to.into())),
            key: None,
            state,
            code: String::new(),
        }
    }

    const NUMBER: &str = "447700900123";

    #[test]
    fn a_text_is_delivered_when_all_of_it_is() {
        use ReceiptState::{Delivered, Expired, Undelivered, Underway};
        let mut texts = Texts::default();
        let say = |texts: &mut Texts, id, to, state| {
            let mut receipt = receipt(id, to, state);
            texts.of_text(&mut receipt);
            (receipt.key, receipt.state)
        };
        let number = || Some(NUMBER);
        // Nothing known of it: as it came.
        assert_eq!(say(&mut texts, "a", number(), Delivered), (None, Delivered));
        texts.begun(7, 2, NUMBER);
        // Early, twice, under its number; then the other by its id alone.
        assert_eq!(
            say(&mut texts, "a", number(), Delivered),
            (Some(7), Underway)
        );
        assert_eq!(
            say(&mut texts, "a", number(), Delivered),
            (Some(7), Underway)
        );
        texts.accepted(7, "a".into());
        texts.accepted(7, "b".into());
        assert_eq!(say(&mut texts, "b", None, Underway), (Some(7), Underway));
        assert_eq!(say(&mut texts, "b", None, Delivered), (Some(7), Delivered));
        assert_eq!(say(&mut texts, "z", None, Delivered), (None, Delivered));
        // One that fails is enough, whatever the others say.
        texts.begun(8, 3, "447700900124");
        let other = || Some("447700900124");
        assert_eq!(
            say(&mut texts, "c", other(), Delivered),
            (Some(8), Underway)
        );
        assert_eq!(
            say(&mut texts, "d", other(), Undelivered),
            (Some(8), Undelivered)
        );
        assert_eq!(say(&mut texts, "e", other(), Expired).0, Some(8));
        assert_eq!(
            say(&mut texts, "c", other(), Delivered),
            (Some(8), Undelivered)
        );
        // Receipts without any id cannot be told apart, and settle nothing.
        texts.begun(9, 2, "447700900125");
        for _ in 0..3 {
            let told = say(&mut texts, "", Some("447700900125"), Delivered);
            assert_eq!(told, (Some(9), Underway));
        }
    }
}
