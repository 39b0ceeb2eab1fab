//! Bitcoin addresses: read, told apart, and kept to themselves.

use std::fmt;
use std::str::FromStr;

use bitcoin::address::{Address, NetworkUnchecked, ParseError};
use bitcoin::bech32::primitives::decode::UncheckedHrpstring;
use bitcoin::bech32::{Bech32, Bech32m};
use bitcoin::{AddressType, Network, base58};

/// Longest text that is looked at, in bytes: a Bech32 string has 90 at most (BIP-173).
const LONGEST: usize = 100;

/// Which kind of script an address of the main network pays to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AddressKind {
    /// Pay to public key hash: Base58Check, begins with `1`.
    P2pkh,
    /// Pay to script hash: Base58Check, begins with `3`.
    P2sh,
    /// Pay to witness public key hash: Bech32, begins with `bc1q` (BIP-173).
    P2wpkh,
    /// Pay to witness script hash: Bech32, begins with `bc1q` (BIP-173).
    P2wsh,
    /// Pay to taproot: Bech32m, begins with `bc1p` (BIP-350, BIP-341).
    P2tr,
    /// A witness version or program that has no rules yet: anybody could spend from it. Pay to
    /// anchor is one of these.
    FutureWitness,
}

impl AddressKind {
    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P2pkh => "p2pkh",
            Self::P2sh => "p2sh",
            Self::P2wpkh => "p2wpkh",
            Self::P2wsh => "p2wsh",
            Self::P2tr => "p2tr",
            Self::FutureWitness => "future-witness",
        }
    }
}

/// What a text turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AddressStatus {
    /// Nothing was recorded: no characters, or blanks.
    Missing,
    /// An address of the main network.
    Valid(AddressKind),
    /// The form of an address, and a checksum that does not fit: a slip of the pen, a character
    /// lost, or the wrong one of Bech32 and Bech32m.
    WrongChecksum,
    /// An address of a test network or of another chain that writes them the same way.
    OtherNetwork,
    /// Upper and lower case in one Bech32 text, which BIP-173 forbids. It is not mended.
    MixedCase,
    /// Anything else.
    NotAnAddress,
}

impl AddressStatus {
    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Valid(kind) => kind.as_str(),
            Self::WrongChecksum => "wrong-checksum",
            Self::OtherNetwork => "other-network",
            Self::MixedCase => "mixed-case",
            Self::NotAnAddress => "not-an-address",
        }
    }
}

/// An address of Bitcoin's main network whose checksum holds.
///
/// Its `Debug` shows the beginning and the end; [`Self::reveal`] gives the canonical text: Bech32 in
/// lower case, so that an address is one text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitcoinAddress {
    canonical: String,
    kind: AddressKind,
}

impl BitcoinAddress {
    /// Returns the canonical text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.canonical
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> AddressKind {
        self.kind
    }
}

impl fmt::Debug for BitcoinAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redact(&self.canonical, f)
    }
}

/// Shows four characters at each end.
pub(crate) fn redact(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let count = text.chars().count();
    if count < 14 {
        return f.write_str("•••••");
    }
    for shown in text.chars().take(4) {
        write!(f, "{shown}")?;
    }
    f.write_str("•••••")?;
    for shown in text.chars().skip(count - 4) {
        write!(f, "{shown}")?;
    }
    Ok(())
}

/// A text as read: always a status, and the address where there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddressReading {
    /// What it turned out to be.
    pub status: AddressStatus,
    /// The address, where the status is [`AddressStatus::Valid`].
    pub address: Option<BitcoinAddress>,
}

/// Reads one address as somebody wrote it; blanks around it and a `bitcoin:` link (BIP-21) are
/// taken off, nothing else is mended.
///
/// ```
/// use unspoof_payments::{AddressKind, AddressStatus, read_address};
///
/// // An example of BIP-173.
/// let reading = read_address("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4");
/// assert_eq!(reading.status, AddressStatus::Valid(AddressKind::P2wpkh));
/// let wrong = read_address("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5");
/// assert_eq!(wrong.status, AddressStatus::WrongChecksum);
/// ```
#[must_use]
pub fn read_address(text: &str) -> AddressReading {
    let text = without_link(text.trim());
    let without = |status| AddressReading {
        status,
        address: None,
    };
    if text.is_empty() {
        return without(AddressStatus::Missing);
    }
    if text.len() > LONGEST || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return without(AddressStatus::NotAnAddress);
    }
    match Address::<NetworkUnchecked>::from_str(text) {
        Ok(parsed) => match parsed.require_network(Network::Bitcoin) {
            Ok(address) => {
                let kind = match address.address_type() {
                    Some(AddressType::P2pkh) => AddressKind::P2pkh,
                    Some(AddressType::P2sh) => AddressKind::P2sh,
                    Some(AddressType::P2wpkh) => AddressKind::P2wpkh,
                    Some(AddressType::P2wsh) => AddressKind::P2wsh,
                    Some(AddressType::P2tr) => AddressKind::P2tr,
                    // The library may tell more kinds apart some day; they are witnesses.
                    Some(_) | None => AddressKind::FutureWitness,
                };
                AddressReading {
                    status: AddressStatus::Valid(kind),
                    address: Some(BitcoinAddress {
                        canonical: address.to_string(),
                        kind,
                    }),
                }
            }
            Err(_) => without(AddressStatus::OtherNetwork),
        },
        Err(ParseError::UnknownHrp(_)) => without(AddressStatus::OtherNetwork),
        Err(_) => without(why_not(text)),
    }
}

fn without_link(text: &str) -> &str {
    match text.split_at_checked(8) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bitcoin:") => {
            rest.split('?').next().unwrap_or(rest)
        }
        Some(_) | None => text,
    }
}

/// Says what is wrong with a text that is no address.
fn why_not(text: &str) -> AddressStatus {
    let lower = text.to_ascii_lowercase();
    let is_segwit = ["bc1", "tb1", "bcrt1"]
        .iter()
        .any(|begin| lower.starts_with(begin));
    if is_segwit {
        let upper = text.bytes().any(|b| b.is_ascii_uppercase());
        if upper && text.bytes().any(|b| b.is_ascii_lowercase()) {
            return AddressStatus::MixedCase;
        }
        return match UncheckedHrpstring::new(text) {
            Ok(read) => {
                // Version 0 is `q`; it has Bech32, all others Bech32m (BIP-350).
                let fits = match read.data_part_ascii().first() {
                    Some(b'q' | b'Q') => read.has_valid_checksum::<Bech32>(),
                    Some(_) | None => read.has_valid_checksum::<Bech32m>(),
                };
                if fits {
                    AddressStatus::NotAnAddress
                } else {
                    AddressStatus::WrongChecksum
                }
            }
            Err(_) => AddressStatus::NotAnAddress,
        };
    }
    if text.len() > 50 {
        return AddressStatus::NotAnAddress;
    }
    let Ok(bytes) = base58::decode(text) else {
        return AddressStatus::NotAnAddress;
    };
    // Version, hash and checksum.
    if bytes.len() != 25 {
        return AddressStatus::NotAnAddress;
    }
    match (base58::decode_check(text).is_ok(), bytes[0]) {
        // Litecoin, Dogecoin, Tron and others share the form, not the version.
        (true, _) => AddressStatus::OtherNetwork,
        (false, 0x00 | 0x05 | 0x6f | 0xc4) => AddressStatus::WrongChecksum,
        (false, _) => AddressStatus::NotAnAddress,
    }
}

/// An address in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundAddress {
    /// Bytes from the start of the text to its first character.
    pub start_bytes: usize,
    /// Bytes from the start of the text to behind its last character.
    pub end_bytes: usize,
    /// The address.
    pub address: BitcoinAddress,
}

/// Finds the addresses of the main network in a text, in their order. A word counts whole or not at
/// all, and only with its checksum.
#[must_use]
pub fn find_addresses(text: &str) -> Vec<FoundAddress> {
    let mut found = Vec::new();
    let mut start_bytes = 0;
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let plain = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if (14..=90).contains(&plain.len())
            && let Some(address) = read_address(plain).address
        {
            found.push(FoundAddress {
                start_bytes,
                end_bytes: start_bytes + plain.len(),
                address,
            });
        }
        start_bytes += word.len();
    }
    found
}
