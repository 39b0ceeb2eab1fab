//! Lists of attributed and sanctioned addresses, and what of ours stands on them.

use std::collections::BTreeMap;
use std::fmt;

use crate::address::{AddressStatus, read_address, redact};

/// Returns the text that an address is compared by; none for blanks.
///
/// A Bitcoin address is its canonical text. An account of Ethereum's kind (`0x` and 40 hexadecimal
/// digits) is compared in lower case, for its upper case is a checksum (EIP-55). Anything else is
/// compared as written, blanks around it taken off.
#[must_use]
pub fn address_key(text: &str) -> Option<String> {
    read_address_key(text).map(|(key, _)| key)
}

/// Returns what [`address_key`] does, with what the text is as a Bitcoin address.
#[must_use]
pub fn read_address_key(text: &str) -> Option<(String, AddressStatus)> {
    let text = text.trim();
    let reading = read_address(text);
    if let Some(address) = reading.address {
        return Some((address.reveal().to_owned(), reading.status));
    }
    let is_hex = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .is_some_and(|hex| hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_hex {
        return Some((text.to_ascii_lowercase(), reading.status));
    }
    (!text.is_empty()).then(|| (text.to_owned(), reading.status))
}

/// What a list says of one address.
#[derive(Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// Where it stands in the list's file, counted from 1.
    pub line: u64,
    /// The address as written.
    pub address: String,
    /// What it is, read as a Bitcoin address; lists hold other chains' too.
    pub status: AddressStatus,
    /// The currency that the list names, such as `BTC` or `XBT`.
    pub currency: Option<String>,
    /// To whom or what it is attributed.
    pub label: Option<String>,
    /// The kind of holder, such as `exchange`.
    pub category: Option<String>,
    /// The kind of abuse, such as `ransomware`.
    pub abuse: Option<String>,
    /// Who holds it, by the list's own key.
    pub actor: Option<String>,
    /// Where the list has it from.
    pub source: Option<String>,
    /// How sure the list is, in its own words.
    pub confidence: Option<String>,
    /// The day of the entry, as written; the list's day where it has none of its own.
    pub dated: Option<String>,
}

impl fmt::Debug for ListEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        redact(&self.address, f)
    }
}

/// Why an entry of a list could not be used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ListRejectCode {
    /// An entry without an address.
    NoAddress,
    /// An entry that is not a set of keys and values.
    NotAnEntry,
    /// An alias: what it stands for is not looked up.
    Alias,
    /// More than one word, or control characters, where a line has one address.
    NotOneWord,
}

impl ListRejectCode {
    /// Returns the stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAddress => "no-address",
            Self::NotAnEntry => "not-an-entry",
            Self::Alias => "alias",
            Self::NotOneWord => "not-one-word",
        }
    }
}

/// An entry that could not be used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ListReject {
    /// Where it stands in the list's file, counted from 1.
    pub line: u64,
    /// Why.
    pub code: ListRejectCode,
}

/// A list of addresses that somebody attributes or sanctions: the user's own input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddressList {
    /// The list as the caller named it.
    pub name: String,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// Who made it, where it says so.
    pub creator: Option<String>,
    /// Its day, as written in it or as the caller gave it.
    pub dated: Option<String>,
    /// Its entries, in their order.
    pub entries: Vec<ListEntry>,
    /// What could not be used: entries in = entries + rejects.
    pub rejects: Vec<ListReject>,
}

/// An address of ours on a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListMatch<'a> {
    /// The list.
    pub list: &'a AddressList,
    /// What it says. The list may name another currency than the payment does: chains share forms.
    pub entry: &'a ListEntry,
}

/// Several lists, to look addresses up in.
#[derive(Clone, Default)]
pub struct AddressLists {
    lists: Vec<AddressList>,
    by_key: BTreeMap<String, Vec<(usize, usize)>>,
}

impl fmt::Debug for AddressLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.lists).finish()
    }
}

impl AddressLists {
    /// Takes lists; matches come in their order.
    #[must_use]
    pub fn new(lists: Vec<AddressList>) -> Self {
        let mut by_key: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, list) in lists.iter().enumerate() {
            for (entry, found) in list.entries.iter().enumerate() {
                if let Some(key) = address_key(&found.address) {
                    by_key.entry(key).or_default().push((at, entry));
                }
            }
        }
        Self { lists, by_key }
    }

    /// Returns the lists.
    #[must_use]
    pub fn lists(&self) -> &[AddressList] {
        &self.lists
    }

    /// Finds every entry for an address as written.
    #[must_use]
    pub fn find(&self, address: &str) -> Vec<ListMatch<'_>> {
        address_key(address).map_or_else(Vec::new, |key| self.find_key(&key))
    }

    /// Finds every entry for what [`address_key`] gave.
    #[must_use]
    pub fn find_key(&self, key: &str) -> Vec<ListMatch<'_>> {
        self.by_key
            .get(key)
            .into_iter()
            .flatten()
            .map(|&(list, entry)| ListMatch {
                list: &self.lists[list],
                entry: &self.lists[list].entries[entry],
            })
            .collect()
    }
}
