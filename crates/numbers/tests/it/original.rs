//! What libphonenumber says of a value, asked directly: what readings are held against. The fuzz
//! target uses this too.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};
use unspoof_model::Region;
use unspoof_numbers::{Context, NumberType, PhoneNumber, Reader, Reading, Status};

/// Returns the reading that libphonenumber's answers make, where they make a number: one that is
/// valid, or of a length that can be dialled from anywhere.
pub(crate) fn reading(text: &str, home: Option<Region>) -> Option<Reading> {
    let util = &*PHONE_NUMBER_UTIL;
    let parsed = util.parse(text, original_home(home)).ok()?;
    let is_valid = util.is_valid_number(&parsed);
    let length = util.is_possible_number_with_reason(&parsed);
    if !is_valid && !matches!(length, Ok(NumberLengthType::IsPossible)) {
        return None;
    }
    let shown = util.format(&parsed, PhoneNumberFormat::E164);
    let key = shown.strip_prefix('+')?.parse().ok()?;
    let (status, region) = if is_valid {
        (Status::Valid, util.get_region_for_number(&parsed))
    } else {
        let main = util.get_region_for_country_code(parsed.country_code);
        (Status::Possible, main)
    };
    Some(Reading {
        number: Some(PhoneNumber::from_key(key).ok()?),
        status,
        region: region.and_then(|r| r.as_region_str().parse().ok()),
        kind: kind(util.get_number_type(&parsed)),
    })
}

/// Returns the original's word for a home; none for one that it does not know.
pub(crate) fn original_home(home: Option<Region>) -> Option<rlibphonenumber::Region> {
    home.and_then(|region| region.as_str().parse().ok())
}

/// Returns true for a value that is no number here whatever the original makes of it: a name that
/// digits come after, as senders of texts use them.
pub(crate) fn is_name(text: &str) -> bool {
    let text = text.trim();
    let starts_number = |c: char| matches!(c, '+' | '\u{ff0b}' | '(') || c.is_numeric();
    text.chars().any(char::is_alphabetic)
        && !text.starts_with(starts_number)
        && !text.starts_with("tel:")
}

/// Returns true for `"Name" <number>` and `sip:number@host`, which are taken apart here: the original
/// knows no such thing.
fn is_address(text: &str) -> bool {
    let inside = match (text.rfind('<'), text.rfind('>')) {
        (Some(open), Some(close)) => text.get(open + 1..close),
        _ => None,
    };
    inside.is_some_and(|inside| !inside.trim().is_empty()) || text.trim().starts_with("sip")
}

/// Returns true for a `tel:` URI whose context stands before its number: `rlibphonenumber` panics.
/// `whole.rs` tells what is read of it.
fn panics(text: &str) -> bool {
    let context = text.find(";phone-context=");
    context.is_some_and(|context| text.find("tel:").is_some_and(|tel| tel > context))
}

/// Returns true for a number of more than ten leading zeros: `rlibphonenumber` cuts them to ten, the
/// original does not. `whole.rs` tells what is read of these.
fn has_many_zeros(text: &str, home: Option<Region>) -> bool {
    let parsed = PHONE_NUMBER_UTIL.parse(text.trim(), original_home(home));
    parsed.is_ok_and(|parsed| parsed.number_of_leading_zeros() > 10)
}

/// Tells how a reading differs from what the original says.
pub(crate) fn difference(text: &str, home: Option<Region>, by_reader: &Reading) -> Option<String> {
    if is_address(text) || panics(text) || has_many_zeros(text, home) {
        return None;
    }
    let by_original = if is_name(text) {
        None
    } else {
        reading(text.trim(), home)
    };
    let is_same = match &by_original {
        Some(expected) => by_reader == expected,
        None => by_reader.number.is_none(),
    };
    (!is_same).then(|| {
        let shown = |r: &Reading| (r.number.map(PhoneNumber::reveal), *r);
        format!(
            "{text:?} from {home:?}\n  here     {:?}\n  original {:?}",
            shown(by_reader),
            by_original.as_ref().map(shown),
        )
    })
}

/// Reads bytes as a home, a source's prefixes or none, and a value; tells where a reading differs.
pub(crate) fn difference_of(input: &[u8]) -> Option<String> {
    let [home, source, value @ ..] = input else {
        return None;
    };
    let home = HOMES[usize::from(*home) % HOMES.len()].parse().ok();
    let plain = Context {
        default_region: home,
        ..Context::default()
    };
    if source % 2 == 0 {
        let text = std::str::from_utf8(value).ok()?;
        let mut reader = Reader::new(plain);
        return [(); 2].iter().find_map(|()| {
            let reading = reader.read(value);
            difference(text, home, &reading)
        });
    }
    let context = Context {
        international_prefixes: vec!["00".into(), "011".into(), "#".into()],
        technical_prefixes: vec!["1141".into(), "#31#".into(), "*67".into(), "9".into()],
        bare_is_international: source % 4 == 1,
        ..plain
    };
    let by_tables = Reader::new(context.clone()).read(value);
    let by_original = Reader::by_original(context).read(value);
    (by_tables != by_original).then(|| {
        let text = String::from_utf8_lossy(value);
        format!("{text:?} from {home:?}: {by_tables:?}, originally {by_original:?}")
    })
}

/// Homes whose rules differ: prefixes with rules, carrier codes, shared calling codes, leading
/// zeros, none at all.
const HOMES: [&str; 32] = [
    "GB", "US", "AG", "AR", "AU", "BR", "CI", "CN", "CO", "CR", "DE", "FI", "FR", "GG", "HU", "ID",
    "IN", "IT", "JP", "KR", "KZ", "LI", "MX", "NL", "RU", "SG", "SM", "UY", "UZ", "VA", "AQ",
    "001",
];

fn kind(kind: PhoneNumberType) -> Option<NumberType> {
    Some(match kind {
        PhoneNumberType::FixedLine => NumberType::FixedLine,
        PhoneNumberType::Mobile => NumberType::Mobile,
        PhoneNumberType::FixedLineOrMobile => NumberType::FixedLineOrMobile,
        PhoneNumberType::TollFree => NumberType::TollFree,
        PhoneNumberType::PremiumRate => NumberType::PremiumRate,
        PhoneNumberType::SharedCost => NumberType::SharedCost,
        PhoneNumberType::VoIP => NumberType::Voip,
        PhoneNumberType::PersonalNumber => NumberType::Personal,
        PhoneNumberType::Pager => NumberType::Pager,
        PhoneNumberType::UAN => NumberType::Uan,
        PhoneNumberType::VoiceMail => NumberType::Voicemail,
        PhoneNumberType::Unknown => return None,
    })
}
