//! Country files: what they tell, and what damaged ones do.

use std::net::IpAddr;

use proptest::prelude::*;
use unspoof_model::Coded;
use unspoof_ranking::CountryFile;

use crate::mmdb::{Value, file};

fn country(code: &'static str) -> Value {
    Value::Map(vec![(
        "country",
        Value::Map(vec![("iso_code", Value::Text(code))]),
    )])
}

fn made_up() -> Vec<u8> {
    // Networks kept for documentation (RFC 5737).
    file(
        "Made-Up-Country",
        &[
            ([192, 0, 2, 0], 24, country("GB")),
            ([198, 51, 100, 0], 25, country("NL")),
            (
                [198, 51, 100, 128],
                25,
                Value::Map(vec![("registered_country", Value::Map(vec![]))]),
            ),
            ([203, 0, 113, 0], 24, country("??")),
        ],
    )
}

#[test]
fn addresses_have_their_countries() {
    let known = CountryFile::new(made_up()).unwrap();
    assert_eq!(known.database_type(), "Made-Up-Country");
    assert_eq!(known.built_utc_s(), 1_667_865_600);
    for (address, code) in [
        ("192.0.2.1", Some("GB")),
        ("192.0.3.1", None),
        ("198.51.100.127", Some("NL")),
        ("198.51.100.128", None),
        ("203.0.113.9", None),
        ("2001:db8::1", None),
    ] {
        let address: IpAddr = address.parse().unwrap();
        let found = known.country(address).unwrap();
        assert_eq!(
            found.map(|region| region.to_string()).as_deref(),
            code,
            "{address}"
        );
    }
}

#[test]
fn other_files_are_refused() {
    for (bytes, code) in [
        (Vec::new(), "ranking/country-file"),
        (b"exhibit,hash".to_vec(), "ranking/country-file"),
        (file("GeoLite2-ASN", &[]), "ranking/country-file-type"),
    ] {
        assert_eq!(CountryFile::new(bytes).unwrap_err().code(), code);
    }
}

proptest! {
    /// A damaged file gives errors, or other countries, and never a panic.
    #[test]
    fn damage_is_survived(at in any::<prop::sample::Index>(), byte: u8, last: u8) {
        let mut bytes = made_up();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(known) = CountryFile::new(bytes) {
            for network in [[192, 0, 2], [198, 51, 100], [203, 0, 113], [0, 0, 0]] {
                let [a, b, c] = network;
                let _ = known.country(IpAddr::from([a, b, c, last]));
            }
        }
    }
}
