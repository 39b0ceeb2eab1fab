//! Made-up Bitcoin addresses, and a list that attributes some of them.
//!
//! Most have a checksum that holds (Bech32, BIP-173), so that they are read as addresses. Each begins
//! with `bc1qmadeup`, for everybody to see: their programs were spelled and drawn, not hashed from a
//! key, so that nobody can spend from them.

use std::fmt::Write as _;

use crate::draw::{Draw, Purpose};
use crate::plan::Plan;

pub(crate) const ADDRESSES: &str = "addresses-made-up.yaml";

/// Bech32's alphabet, in the order of values.
const ALPHABET: [u8; 32] = *b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// What each address begins with behind `bc1`: witness version 0, and a word.
const BEGIN: &[u8; 7] = b"qmadeup";
/// Characters of version and program: 1 + 160 bits / 5.
const CHARACTERS: usize = 33;
/// Payments in 10,000 whose address was written down wrong: one character of it is another.
const SLIP: u32 = 200;
/// Payments in 10,000 whose address is none at all: what the service called an invoice.
const INVOICE: u32 = 800;
/// One payment in so many goes to an address that the list names.
const LISTED_EVERY: u64 = 20;

/// The address that a payment went to.
pub(crate) struct Address {
    pub(crate) text: String,
    /// Whether its checksum holds.
    pub(crate) is_valid: bool,
}

fn value(character: u8) -> u32 {
    let at = ALPHABET.iter().position(|&known| known == character);
    at.unwrap_or(0) as u32
}

/// Bech32's checksum over the prefix `bc` and values of 5 bits (BIP-173, "Checksum").
fn checksum(values: &[u32]) -> [u32; 6] {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let prefix = b"bc";
    let high = prefix.iter().map(|&c| u32::from(c) >> 5);
    let low = prefix.iter().map(|&c| u32::from(c) & 31);
    let mut sum: u32 = 1;
    let all = high
        .chain([0])
        .chain(low)
        .chain(values.iter().copied())
        .chain([0; 6]);
    for value in all {
        let top = sum >> 25;
        sum = ((sum & 0x01ff_ffff) << 5) ^ value;
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                sum ^= generator;
            }
        }
    }
    sum ^= 1;
    [25, 20, 15, 10, 5, 0].map(|shift| sum >> shift & 31)
}

/// Draws the address of a payment by its id.
pub(crate) fn address(seed: u64, id: u64) -> Address {
    // A stream of its own: the row's other cells do not hang on it.
    let mut draw = Draw::new(seed, Purpose::Addresses, id);
    if !is_listed(id) && draw.chance(INVOICE) {
        return Address {
            text: format!("bc1qmadeup{:016x}", draw.u64()),
            is_valid: false,
        };
    }
    let mut values: Vec<u32> = BEGIN.iter().map(|&c| value(c)).collect();
    while values.len() < CHARACTERS {
        values.push(draw.below(32));
    }
    let is_slip = !is_listed(id) && draw.chance(SLIP);
    values.extend(checksum(&values));
    if is_slip {
        // Bech32 finds every single wrong character.
        values[20] ^= 1;
    }
    let written = values.iter().map(|&v| char::from(ALPHABET[v as usize]));
    Address {
        text: "bc1".chars().chain(written).collect(),
        is_valid: !is_slip,
    }
}

/// Whether the list names a payment's address.
pub(crate) const fn is_listed(id: u64) -> bool {
    id.is_multiple_of(LISTED_EVERY)
}

/// Writes the list: a `TagPack` with addresses of the case and ten of nobody.
pub(crate) fn list(plan: &Plan) -> String {
    const LABELS: [(&str, &str); 3] = [
        ("A made-up exchange", "exchange"),
        ("A made-up mixing service", "mixing_service"),
        ("Sanctioned by a made-up office", "user"),
    ];
    let mut out = String::from(
        "title: Made-up addresses\ncreator: the lab\n\
         description: Addresses that nobody holds, attributed to nobody that exists\n\
         lastmod: 2022-11-10\ncurrency: BTC\nconfidence: made-up\n\
         source: https://lists.example/made-up\ntags:\n",
    );
    let payments = plan.ledger.payments.len() as u64;
    let of_case = (1..=payments).filter(|&id| is_listed(id));
    let of_nobody = (1..=10).map(|n| (payments + 1_000 + n) * LISTED_EVERY);
    for id in of_case.chain(of_nobody) {
        let (label, category) = LABELS[(id / LISTED_EVERY % 3) as usize];
        // Writing to a `String` cannot fail.
        let _ = write!(
            out,
            "- address: {}\n  label: {label}\n  category: {category}\n",
            address(plan.seed, id).text
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_the_standard_s() {
        // An example of BIP-173.
        let text = b"qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        let values: Vec<u32> = text.iter().map(|&c| value(c)).collect();
        let (data, sum) = values.split_at(CHARACTERS);
        assert_eq!(checksum(data), *sum);
    }

    #[test]
    fn every_address_says_that_it_is_made_up() {
        let all: Vec<Address> = (1..5_000).map(|id| address(7, id)).collect();
        assert!(all.iter().all(|one| one.text.starts_with("bc1qmadeup")));
        let valid = all.iter().filter(|one| one.is_valid).count();
        assert!((4_400..4_700).contains(&valid), "{valid}");
        assert!(all.iter().filter(|one| one.is_valid).all(|one| {
            let values: Vec<u32> = one.text.bytes().skip(3).map(value).collect();
            let (data, sum) = values.split_at(CHARACTERS);
            checksum(data) == *sum
        }));
    }
}
