//! The forms in which an id may have been given at acceptance.

use crate::smpp::config::IdDialect;

/// The longest id that is kept; the protocol has 64 octets.
const MOST_OCTETS: usize = 128;

/// Writes an id as text: octets above ASCII as the characters of ISO 8859-1, so that none is lost,
/// and a comma, which parts the ids of a text in several, as a full stop.
#[must_use]
pub fn written(id: &[u8]) -> String {
    id.iter()
        .take(MOST_OCTETS)
        .map(|octet| match char::from(*octet) {
            ',' => '.',
            character => character,
        })
        .collect()
}

/// Returns the forms in which the id of a receipt may have been given at acceptance, the likeliest
/// first, none twice.
#[must_use]
pub fn readings(id: &[u8], dialect: IdDialect) -> Vec<String> {
    let id = written(id);
    let id = id.trim();
    let mut readings = Vec::new();
    let mut add = |reading: String| {
        if !reading.is_empty() && !readings.contains(&reading) {
            readings.push(reading);
        }
    };
    let bare = match id.trim_start_matches('0') {
        "" if !id.is_empty() => "0",
        bare => bare,
    };
    let is_decimal = !id.is_empty() && id.bytes().all(|octet| octet.is_ascii_digit());
    // The receipt has decimal where the acceptance had hexadecimal.
    let as_hex = |add: &mut dyn FnMut(String)| {
        if is_decimal && let Ok(number) = bare.parse::<u128>() {
            for width in [0, 8] {
                add(format!("{number:0width$x}"));
                add(format!("{number:0width$X}"));
            }
        }
    };
    let as_decimal = |add: &mut dyn FnMut(String)| {
        if let Ok(number) = u128::from_str_radix(bare, 16) {
            add(number.to_string());
            add(format!("{number:010}"));
        }
    };
    match dialect {
        IdDialect::Any | IdDialect::AsGiven => {}
        IdDialect::DecimalForHex => as_hex(&mut add),
        IdDialect::HexForDecimal => as_decimal(&mut add),
    }
    add(id.into());
    add(bare.into());
    add(id.to_ascii_lowercase());
    add(id.to_ascii_uppercase());
    add(bare.to_ascii_lowercase());
    add(bare.to_ascii_uppercase());
    if is_decimal && id.len() < 10 {
        // Texts have ten digits.
        add(format!("{bare:0>10}"));
    }
    if dialect == IdDialect::Any {
        as_hex(&mut add);
        as_decimal(&mut add);
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::readings;
    use crate::smpp::config::IdDialect;

    #[test]
    fn ids_are_read_in_each_form_the_likeliest_first() {
        // What was captured: the text has 0059113978, the parameter 38601fa.
        let decimal = readings(b"0059113978", IdDialect::Any);
        assert_eq!(decimal.first().unwrap(), "0059113978");
        for form in ["59113978", "38601fa", "38601FA", "038601fa", "038601FA"] {
            assert!(decimal.iter().any(|id| id == form), "{form}: {decimal:?}");
        }
        let hex = readings(b"38601FA", IdDialect::Any);
        for form in ["38601FA", "38601fa", "59113978", "0059113978"] {
            assert!(hex.iter().any(|id| id == form), "{form}: {hex:?}");
        }
        assert_eq!(
            readings(b"12", IdDialect::DecimalForHex).first().unwrap(),
            "c"
        );
        assert_eq!(
            readings(b"c", IdDialect::HexForDecimal).first().unwrap(),
            "12"
        );
        assert_eq!(
            readings(b"007A", IdDialect::AsGiven),
            ["007A", "7A", "007a", "7a"]
        );
        assert_eq!(readings(b"", IdDialect::Any), Vec::<String>::new());
        assert_eq!(readings(b"000", IdDialect::AsGiven)[..2], ["000", "0"]);
    }

    #[test]
    fn ids_that_are_no_numbers_stay_what_they_are() {
        let uuid = b"126e85a6-dacc-1a02-0200-9931";
        assert_eq!(
            readings(uuid, IdDialect::Any),
            [
                "126e85a6-dacc-1a02-0200-9931",
                "126E85A6-DACC-1A02-0200-9931"
            ]
        );
        // Longer than any number that we calculate with, and octets that are no text.
        assert!(readings(&[b'f'; 64], IdDialect::Any).len() <= 2);
        assert_eq!(
            readings(&[0xe9, b'1'], IdDialect::AsGiven).first().unwrap(),
            "\u{e9}1"
        );
        assert!(readings(&[b'1'; 5000], IdDialect::AsGiven)[0].len() <= 128);
    }
}
