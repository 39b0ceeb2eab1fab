//! Texts in several parts: one receipt of many says little.
//!
//! Each part has a receipt of its own, with its own id. The text is delivered once as many different
//! receipts as it has parts say so, and undelivered as soon as one does. Where the centre gave an id
//! for each part and the receipts name them, the ledger counts, and goes on counting after a crash:
//! they pass as they are. Where not (no ids, receipts before their acceptance, half a text without an
//! answer), they are counted here, and pass as on their way until the last one, which then speaks
//! for all and names no part.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Receipt, ReceiptState};

#[derive(Debug)]
struct Text {
    parts: u8,
    /// The centre's ids for its parts.
    ids: BTreeSet<String>,
    /// What was told, by the receipt's own id.
    told: BTreeMap<String, ReceiptState>,
    is_counted_here: bool,
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
        self.texts.entry(key).or_insert_with(|| Text {
            parts,
            ids: BTreeSet::new(),
            told: BTreeMap::new(),
            is_counted_here: false,
        });
        if let Ok(digits) = to.parse() {
            self.by_number.insert(digits, key);
        }
    }

    pub(super) fn accepted(&mut self, key: u64, message_id: String) {
        if message_id.is_empty() {
            return;
        }
        if let Some(text) = self.texts.get_mut(&key) {
            text.ids.insert(message_id.clone());
        }
        self.by_id.insert(message_id, key);
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
        let is_part = |id: &&String| text.ids.contains(*id);
        let part = receipt.message_ids.iter().find(is_part);
        let all_known = text.ids.len() >= usize::from(text.parts);
        text.is_counted_here |= part.is_none() || !all_known;
        let id = part.or(receipt.message_ids.first()).cloned();
        let told = text.told.entry(id.unwrap_or_default());
        let told = told.or_insert(ReceiptState::Underway);
        // What is final stays.
        if *told == ReceiptState::Underway {
            *told = receipt.state;
        }
        if !text.is_counted_here {
            return;
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
        receipt.message_ids.clear();
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::Texts;
    use crate::ReceiptState::{Delivered, Expired, Undelivered, Underway};
    use crate::{Receipt, ReceiptState};

    const NUMBER: &str = "447700900123";

    /// Returns the key, the state, and whether the receipt still names its part.
    fn say(
        texts: &mut Texts,
        id: &str,
        to: Option<&str>,
        state: ReceiptState,
    ) -> (Option<u64>, ReceiptState, bool) {
        let mut receipt = Receipt {
            message_ids: if id.is_empty() {
                vec![]
            } else {
                vec![id.into()]
            },
            to: to.map(|to| Zeroizing::new(to.into())),
            key: None,
            state,
            code: String::new(),
        };
        texts.of_text(&mut receipt);
        (receipt.key, receipt.state, !receipt.message_ids.is_empty())
    }

    #[test]
    fn a_text_of_which_all_ids_are_known_is_the_ledgers_to_count() {
        let mut texts = Texts::default();
        texts.begun(7, 2, NUMBER);
        texts.accepted(7, "a".into());
        texts.accepted(7, "b".into());
        let to = Some(NUMBER);
        assert_eq!(
            say(&mut texts, "a", to, Delivered),
            (Some(7), Delivered, true)
        );
        assert_eq!(
            say(&mut texts, "a", None, Delivered),
            (Some(7), Delivered, true)
        );
        assert_eq!(
            say(&mut texts, "b", to, Undelivered),
            (Some(7), Undelivered, true)
        );
        // Another text's, and one that nobody knows.
        assert_eq!(
            say(&mut texts, "z", None, Delivered),
            (None, Delivered, true)
        );
        // An id that it does not have, under its number: what was told counts.
        texts.begun(8, 2, "447700900124");
        texts.accepted(8, "c".into());
        texts.accepted(8, "d".into());
        let to = Some("447700900124");
        assert_eq!(
            say(&mut texts, "c", to, Delivered),
            (Some(8), Delivered, true)
        );
        assert_eq!(
            say(&mut texts, "0d", to, Delivered),
            (Some(8), Delivered, false)
        );
    }

    #[test]
    fn a_text_is_delivered_when_all_of_it_is() {
        let mut texts = Texts::default();
        let to = Some(NUMBER);
        // Nothing known of it: as it came.
        assert_eq!(say(&mut texts, "a", to, Delivered), (None, Delivered, true));
        texts.begun(7, 2, NUMBER);
        // Early, twice, under its number; then the other by its id alone.
        assert_eq!(
            say(&mut texts, "a", to, Delivered),
            (Some(7), Underway, false)
        );
        assert_eq!(
            say(&mut texts, "a", to, Delivered),
            (Some(7), Underway, false)
        );
        texts.accepted(7, "a".into());
        texts.accepted(7, "b".into());
        assert_eq!(
            say(&mut texts, "b", None, Underway),
            (Some(7), Underway, false)
        );
        assert_eq!(
            say(&mut texts, "b", None, Delivered),
            (Some(7), Delivered, false)
        );
        // One that fails is enough, whatever the others say.
        texts.begun(8, 3, "447700900124");
        let to = Some("447700900124");
        assert_eq!(
            say(&mut texts, "c", to, Delivered),
            (Some(8), Underway, false)
        );
        assert_eq!(
            say(&mut texts, "d", to, Undelivered),
            (Some(8), Undelivered, false)
        );
        assert_eq!(say(&mut texts, "e", to, Expired).0, Some(8));
        assert_eq!(
            say(&mut texts, "c", to, Delivered),
            (Some(8), Undelivered, false)
        );
        // Receipts without any id cannot be told apart, and settle nothing.
        texts.begun(9, 2, "447700900125");
        for _ in 0..3 {
            let told = say(&mut texts, "", Some("447700900125"), Delivered);
            assert_eq!(told, (Some(9), Underway, false));
        }
    }
}
