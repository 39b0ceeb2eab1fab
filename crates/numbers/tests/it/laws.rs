//! What holds for all values.

use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use unspoof_numbers::{Context, PhoneNumber, Reader, Status};

use crate::inputs::{Draw, examples, punctuated, sibling};

fn context() -> impl Strategy<Value = Context> {
    let region = prop::sample::select(vec!["GB", "US", "AR", "BR", "IT", "JP", "AQ", "001"]);
    let prefixes = || prop::collection::vec("[0-9#*+ a-zä]{0,4}", 0..3);
    (
        prop::option::of(region),
        prefixes(),
        prefixes(),
        any::<bool>(),
    )
        .prop_map(
            |(region, international_prefixes, technical_prefixes, bare_is_international)| Context {
                candidate_regions: Vec::new(),
                default_region: region.and_then(|r| r.parse().ok()),
                international_prefixes,
                technical_prefixes,
                bare_is_international,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn any_bytes_are_read_and_as_the_original_reads_them(
        context in context(),
        values in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "[-0-9 ().+/*#x,;]{0,50}".prop_map(String::into_bytes),
            "\\PC{0,30}".prop_map(String::into_bytes),
        ], 1..8),
    ) {
        let mut reader = Reader::new(context.clone());
        let mut original = Reader::by_original(context);
        for value in values {
            let reading = reader.read(&value);
            prop_assert_eq!(reading, original.read(&value));
            prop_assert_eq!(reading, reader.read(&value), "at the second time");
            let has_number = matches!(reading.status, Status::Valid | Status::Possible);
            prop_assert_eq!(reading.number.is_some(), has_number);
            prop_assert_eq!(reading.kind.is_some(), reading.status == Status::Valid);
        }
    }
}

/// Two values have one key if and only if libphonenumber writes them alike.
#[test]
fn keys_are_equal_if_and_only_if_numbers_are() {
    let util = &*PHONE_NUMBER_UTIL;
    let examples = examples();
    let mut draw = Draw::new(5);
    let mut equal = 0;
    for _ in 0..20_000 {
        let example = draw.of(&examples);
        let home = example.region;
        let mut reader = Reader::new(Context {
            default_region: home,
            ..Context::default()
        });
        let mut read = |text: &str| {
            let number = reader.read(text.as_bytes()).number?;
            let home = home.and_then(|r| r.as_str().parse().ok());
            let parsed = util.parse(text, home).expect("what is read can be parsed");
            let shown = util.format(&parsed, PhoneNumberFormat::E164).into_owned();
            assert_eq!(number.reveal(), shown, "{text}");
            Some((number, shown))
        };
        let near = sibling(&mut draw, &example.national);
        let same = draw.chance(50);
        let pair = [
            format!("+{}{}", example.code, example.national),
            punctuated(&mut draw, if same { &example.national } else { &near }),
        ];
        if let (Some(one), Some(other)) = (read(&pair[0]), read(&pair[1])) {
            assert_eq!(one.0 == other.0, one.1 == other.1, "{pair:?}");
            equal += usize::from(one.0 == other.0);
        }
    }
    assert!(equal > 1_000, "only {equal} pairs are equal");
}

/// A valid number, written in international form, is read as itself.
#[test]
fn a_valid_number_in_international_form_is_itself() {
    let examples = examples();
    let mut draw = Draw::new(6);
    let mut reader = Reader::new(Context::default());
    let mut valid = 0;
    for _ in 0..50_000 {
        let example = draw.of(&examples);
        let national = sibling(&mut draw, &example.national);
        let reading = reader.read(format!("+{}{national}", example.code).as_bytes());
        if reading.status == Status::Valid {
            let shown = reading.number.map(PhoneNumber::reveal).unwrap_or_default();
            assert_eq!(reader.read(shown.as_bytes()), reading, "{shown}");
            valid += 1;
        }
    }
    assert!(valid > 10_000, "only {valid} were valid");
}
