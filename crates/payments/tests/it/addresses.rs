//! The standards' own test vectors, and text that nobody foresaw.

use proptest::prelude::*;
use unspoof_payments::{
    AddressKind, AddressStatus, address_key, find_addresses, read_address, read_plain_list,
    read_tagpack,
};

use AddressStatus::{MixedCase, NotAnAddress, OtherNetwork, Valid, WrongChecksum};

fn statuses(of: &[(&str, AddressStatus)]) {
    for &(text, status) in of {
        let reading = read_address(text);
        assert_eq!(reading.status, status, "{text}");
        assert_eq!(
            reading.address.is_some(),
            matches!(status, Valid(_)),
            "{text}"
        );
    }
}

/// BIP-350, "Test vectors for v0-v16 native segregated witness addresses": all of the valid ones.
#[test]
fn bip_350_valid() {
    statuses(&[
        (
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            Valid(AddressKind::P2wpkh),
        ),
        (
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            OtherNetwork,
        ),
        (
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            Valid(AddressKind::FutureWitness),
        ),
        ("BC1SW50QGDZ25J", Valid(AddressKind::FutureWitness)),
        (
            "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
            Valid(AddressKind::FutureWitness),
        ),
        (
            "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
            OtherNetwork,
        ),
        (
            "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
            OtherNetwork,
        ),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            Valid(AddressKind::P2tr),
        ),
    ]);
}

/// BIP-350: all of the invalid addresses, with its reasons.
#[test]
fn bip_350_invalid() {
    statuses(&[
        // Invalid human-readable part; the checksum holds.
        (
            "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
            OtherNetwork,
        ),
        // Bech32 instead of Bech32m, and the reverse.
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            WrongChecksum,
        ),
        (
            "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
            WrongChecksum,
        ),
        (
            "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
            WrongChecksum,
        ),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", WrongChecksum),
        (
            "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
            WrongChecksum,
        ),
        // Invalid character in the checksum.
        (
            "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
            NotAnAddress,
        ),
        // Invalid witness version.
        (
            "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
            NotAnAddress,
        ),
        // Invalid program lengths: 1 byte, 41 bytes, version 0 with neither 20 nor 32.
        ("bc1pw5dgrnzv", NotAnAddress),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
            NotAnAddress,
        ),
        ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", NotAnAddress),
        (
            "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
            MixedCase,
        ),
        // Padding: more than 4 zero bits, bits that are not zero.
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
            NotAnAddress,
        ),
        (
            "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
            NotAnAddress,
        ),
    ]);
    // Empty data section: no version, so no saying which checksum it should have.
    assert!(read_address("bc1gmk9yu").address.is_none());
}

/// BIP-173: its valid addresses (those of version 1 and above went with BIP-350), and all of the
/// invalid ones.
#[test]
fn bip_173() {
    statuses(&[
        (
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            Valid(AddressKind::P2wpkh),
        ),
        (
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7k7grplx",
            WrongChecksum,
        ),
        ("BC1SW50QA3JX3S", WrongChecksum),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvg6kdaj", WrongChecksum),
        // Invalid:
        ("tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty", OtherNetwork),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", WrongChecksum),
        ("BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2", WrongChecksum),
        ("bc1rw5uspcuh", WrongChecksum),
        (
            "bc10w508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kw5rljs90",
            WrongChecksum,
        ),
        ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", NotAnAddress),
        (
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sL5k7",
            MixedCase,
        ),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du", WrongChecksum),
        (
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3pjxtptv",
            NotAnAddress,
        ),
    ]);
}

/// BIP-173 and BIP-350: Bech32 strings that are no addresses, valid and invalid ones.
#[test]
fn bech32_strings_are_no_addresses() {
    for text in [
        "A12UEL5L",
        "a12uel5l",
        "?1ezyfcl",
        "A1LQFN3A",
        "?1v759aa",
        "M1VUXWEZ",
        "A1G7SGD8",
        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
        "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
        "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
        "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
        "\u{20}1nwldj5",
        "\u{7f}1axkwrx",
        "\u{80}1eym55h",
        "pzry9x0s0muk",
        "1pzry9x0s0muk",
        "x1b4n0q5v",
        "li1dgmt3",
        "de1lg7wt\u{ff}",
        "10a06t8",
        "1qzzfhee",
        "\u{20}1xj0phk",
        "\u{7f}1g6xzxy",
        "qyrz8wqd2c9m",
        "1qyrz8wqd2c9m",
        "y1b0jsk6g",
        "lt1igcx5c0",
        "in1muywd",
        "mm1crxm3i",
        "au1s5cgom",
        "16plkw9",
        "1p2gdwpf",
    ] {
        let reading = read_address(text);
        assert_eq!(
            (reading.status, reading.address),
            (NotAnAddress, None),
            "{text}"
        );
    }
}

/// Bitcoin Core's `key_io` vectors and the genesis block's address.
#[test]
fn base58_check() {
    statuses(&[
        (
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            Valid(AddressKind::P2pkh),
        ),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", WrongChecksum),
        (
            "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
            Valid(AddressKind::P2sh),
        ),
        ("3P14159f73E4gFr7JterCCQh9QjiTjiZrH", WrongChecksum),
        ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", OtherNetwork),
        ("2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc", OtherNetwork),
        // 0, O, I and l are no digits of base 58.
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN0", NotAnAddress),
        // A private key is no address.
        (
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
            NotAnAddress,
        ),
        ("0x52908400098527886E0F7030069857D2E4169EE7", NotAnAddress),
        ("", AddressStatus::Missing),
        (" \t", AddressStatus::Missing),
        (
            "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=0.1",
            Valid(AddressKind::P2pkh),
        ),
    ]);
}

#[test]
fn an_address_is_one_text_and_hides_itself() {
    let [upper, lower] = [
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ]
    .map(|text| read_address(text).address.expect("valid"));
    assert_eq!(upper, lower);
    assert_eq!(upper.reveal(), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    assert!(!format!("{upper:?}").contains("d6qejx"));
    assert_eq!(
        address_key("0x52908400098527886E0F7030069857D2E4169EE7"),
        address_key(" 0x52908400098527886e0f7030069857d2e4169ee7")
    );
}

#[test]
fn addresses_are_found_in_text() {
    let text = "pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, or (bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4)… \
                not 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb nor x1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    let found = find_addresses(text);
    assert_eq!(found.len(), 2);
    for one in &found {
        assert_eq!(
            text.get(one.start_bytes..one.end_bytes),
            Some(one.address.reveal())
        );
    }
}

proptest! {
    /// Any text ends in a status, and an address is read back from its own text.
    #[test]
    fn any_text_has_a_status(text in ".{0,120}") {
        let reading = read_address(&text);
        prop_assert_eq!(reading.address.is_some(), matches!(reading.status, Valid(_)));
        let _ = (find_addresses(&text), address_key(&text));
        let _ = read_plain_list("any", None, None, &text);
        let _ = read_tagpack("any", &text);
    }

    /// The same for text that looks like addresses.
    #[test]
    fn near_addresses_have_a_status(text in "(bc1|tb1|BC1|1|3|bitcoin:|ltc1)[qpzry9x8gf2tvdw0s3jn54khce6mua7lA-Z]{0,80}") {
        let reading = read_address(&text);
        if let Some(address) = reading.address {
            prop_assert_eq!(read_address(address.reveal()).address, Some(address));
        }
    }

    /// And for text that looks like YAML.
    #[test]
    fn near_yaml_ends(text in "(tags|address|label|- |: |\n|  |\\[|\\]|\\{|\\}|&a|\\*a|\"|'|#|---|x|\\||>|!|,){0,40}") {
        let _ = read_tagpack("any", &text);
    }

    /// Every key whose hash is drawn makes an address, and one changed character is always seen.
    #[test]
    fn one_slip_is_seen(at in 0..34_usize, by in 1..58_usize) {
        const DIGITS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let mut text = b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa".to_vec();
        let digit = DIGITS.iter().position(|d| *d == text[at]).unwrap();
        text[at] = DIGITS[(digit + by) % 58];
        let text = String::from_utf8(text).unwrap();
        prop_assert!(read_address(&text).address.is_none(), "{text}");
    }
}
