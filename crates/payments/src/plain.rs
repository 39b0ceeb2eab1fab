//! Lists of one address a line, one currency a file.

use crate::address::read_address;
use crate::lists::{AddressList, ListEntry, ListReject, ListRejectCode};

/// Reads a list of one address a line, as extracts of the US Treasury's list are published (one
/// file a currency, such as `XBT`). Blank lines say nothing; a byte order mark is skipped.
///
/// Such a file has no day of its own: `dated` is what the user knows of it.
#[must_use]
pub fn read_plain_list(
    name: &str,
    currency: Option<&str>,
    dated: Option<&str>,
    text: &str,
) -> AddressList {
    let mut list = AddressList {
        name: name.to_owned(),
        title: None,
        creator: None,
        dated: dated.map(str::to_owned),
        entries: Vec::new(),
        rejects: Vec::new(),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            let code = ListRejectCode::NotOneWord;
            list.rejects.push(ListReject { line, code });
            continue;
        }
        list.entries.push(ListEntry {
            line,
            address: text.to_owned(),
            status: read_address(text).status,
            currency: currency.map(str::to_owned),
            label: None,
            category: None,
            abuse: None,
            actor: None,
            source: None,
            confidence: None,
            dated: list.dated.clone(),
        });
    }
    list
}
