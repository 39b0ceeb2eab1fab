//! What holds of the whole interface: for valid numbers of all regions, and for any text.

use proptest::prelude::*;
use unspoof_model::Region;
use unspoof_numbers::{
    Context, Format, FullNumber, Leniency, NumberType, Numbering, PhoneNumber, Possible, Reader,
    find_in_text,
};

use crate::inputs::{Draw, Example, examples, random_digits, regions, sibling};

fn homes() -> Vec<Option<Region>> {
    let regions = regions().into_iter().map(Some);
    regions.chain([None, "AQ".parse().ok()]).collect()
}

/// A number near an example, by its code and national digits.
fn near(draw: &mut Draw, examples: &[Example]) -> Option<FullNumber> {
    let example = draw.of(examples);
    let national = sibling(draw, &example.national);
    let text = format!("+{}{national}", example.code);
    Numbering::shipped().parse(&text, None).ok()
}

/// The same number as the original has it, asked without any table.
fn by_original(number: &FullNumber) -> (bool, Option<String>, String, String, String) {
    let util = &*rlibphonenumber::PHONE_NUMBER_UTIL;
    let original = number.as_original();
    let region = util.get_region_for_number(original);
    (
        util.is_valid_number(original),
        region.map(|region| region.to_string()),
        format!("{:?}", util.get_number_type(original)),
        format!("{:?}", util.is_possible_number_with_reason(original)),
        util.format(original, rlibphonenumber::PhoneNumberFormat::E164)
            .into_owned(),
    )
}

#[test]
fn tables_and_the_original_say_the_same_of_a_number() {
    use unspoof_numbers::{Impossible, Possible};
    let numbering = Numbering::shipped();
    let examples = examples();
    let mut draw = Draw::new(21);
    let (mut valid, mut asked) = (0, 0);
    for _ in 0..60_000 {
        let number = if draw.chance(20) {
            let text = format!("+{}", random_digits(&mut draw, &examples));
            numbering.parse(&text, None).ok()
        } else {
            near(&mut draw, &examples)
        };
        let Some(number) = number else { continue };
        let ours = (
            numbering.is_valid(&number),
            numbering.region(&number).map(|region| region.to_string()),
            match numbering.number_type(&number) {
                Some(NumberType::Voip) => "VoIP".to_owned(),
                Some(NumberType::Personal) => "PersonalNumber".to_owned(),
                Some(NumberType::Uan) => "UAN".to_owned(),
                Some(NumberType::Voicemail) => "VoiceMail".to_owned(),
                Some(kind) => format!("{kind:?}"),
                None => "Unknown".to_owned(),
            },
            match numbering.possible(&number) {
                Ok(Possible::Anywhere) => "Ok(IsPossible)",
                Ok(Possible::Locally) => "Ok(IsPossibleLocalOnly)",
                Err(Impossible::UnknownCountryCode) => "Err(InvalidCountryCode)",
                Err(Impossible::TooShort) => "Err(TooShort)",
                Err(Impossible::TooLong) => "Err(TooLong)",
                Err(Impossible::WrongLength) => "Err(InvalidLength)",
            }
            .to_owned(),
            numbering.format(&number, Format::E164),
        );
        assert_eq!(ours, by_original(&number));
        valid += usize::from(ours.0);
        asked += 1;
    }
    assert!(valid > 20_000 && asked > 50_000, "{valid} of {asked}");
}

/// What is written in a form and parsed again is the same number; in national form, at its home.
#[test]
fn what_is_formatted_parses_to_itself() {
    let numbering = Numbering::shipped();
    let examples = examples();
    let mut draw = Draw::new(22);
    let mut regions_met = std::collections::BTreeSet::new();
    let (mut valid, mut other) = (0, Vec::new());
    for _ in 0..60_000 {
        let Some(mut number) = near(&mut draw, &examples) else {
            continue;
        };
        let Some(region) = numbering
            .region(&number)
            .filter(|_| numbering.is_valid(&number))
        else {
            continue;
        };
        let key = number.number().expect("a valid number has a key");
        assert_eq!(FullNumber::of(key).as_ref(), Some(&number));
        if draw.chance(30) {
            number = number.with_extension("3456");
        }
        regions_met.insert(region);
        valid += 1;
        for format in [Format::International, Format::Rfc3966] {
            let text = numbering.format(&number, format);
            for home in [None, Some(region), "US".parse().ok()] {
                assert_eq!(numbering.parse(&text, home).as_ref(), Ok(&number), "{text}");
            }
        }
        let e164 = numbering.format(&number, Format::E164);
        let parsed = numbering.parse(&e164, None).ok();
        assert_eq!(parsed.and_then(|n| n.number()), Some(key), "{e164}");
        // A number of no country is at home nowhere.
        if region == Region::WORLD {
            continue;
        }
        let national = numbering.format(&number, Format::National);
        if numbering.parse(&national, Some(region)).as_ref() != Ok(&number) {
            other.push(format!("{e164} {national} at {region}"));
        }
    }
    assert!(valid > 20_000, "only {valid} are valid");
    assert_eq!(other, Vec::<String>::new(), "of {valid}");
    let missing: Vec<Region> = numbering
        .all_regions()
        .into_iter()
        .filter(|region| !regions_met.contains(region))
        .collect();
    // Their numbers are of Morocco's and Guadeloupe's ranges, which the original looks at first.
    assert_eq!(
        missing.iter().map(Region::as_str).collect::<Vec<_>>(),
        ["EH", "MF"]
    );
}

/// As PyPI's `phonenumbers` 9.0.42 has it; `rlibphonenumber` keeps ten zeros of these.
#[test]
fn no_leading_zero_is_lost() {
    let numbering = Numbering::shipped();
    for zeros in 1..=14 {
        let national = format!("{}12", "0".repeat(zeros));
        let text = format!("+39{national}");
        let number = numbering.parse(&text, None).expect("a number of Italy");
        assert_eq!(
            (number.leading_zeros(), number.national()),
            (zeros, national.clone())
        );
        assert_eq!(numbering.format(&number, Format::E164), text);
        assert_eq!(
            number.number().and_then(FullNumber::of),
            Some(number.clone())
        );
        // Tables and the original's rules, written plainly or not.
        let mut read = Vec::new();
        for mut reader in [
            Reader::new(Context::default()),
            Reader::by_original(Context::default()),
        ] {
            read.push(reader.read(text.as_bytes()));
            read.push(reader.read(format!("+39 ({national})").as_bytes()));
        }
        let possible = numbering.possible(&number) == Ok(Possible::Anywhere);
        let expected = number.number().filter(|_| possible);
        assert!(
            read.iter().all(|reading| reading.number == expected),
            "{zeros} zeros: {read:?}"
        );
    }
    let number = numbering
        .parse("+3900000000000012", None)
        .expect("a number");
    for (format, text) in [
        (Format::International, "+39 00000000000012"),
        (Format::National, "00000000000012"),
        (Format::Rfc3966, "tel:+39-00000000000012"),
    ] {
        assert_eq!(numbering.format(&number, format), text);
    }
}

/// `rlibphonenumber` panics on these.
#[test]
fn a_context_before_its_number_is_no_number() {
    let numbering = Numbering::shipped();
    for text in [
        ";phone-context=+44tel:2079460123",
        ";phone-context=+442079460123;tel:",
        "2079460123;phone-context=+44;ext=1tel:2079460123",
    ] {
        assert!(numbering.parse(text, None).is_err(), "{text}");
        assert!(numbering.parse_as_written(text, None).is_err(), "{text}");
        let _ = find_in_text(text, None, Leniency::Possible).count();
        for mut reader in [
            Reader::new(Context::default()),
            Reader::by_original(Context::default()),
        ] {
            assert_eq!(reader.read(text.as_bytes()).number, None, "{text}");
        }
    }
    let right = numbering.parse("tel:2079460123;phone-context=+44", None);
    assert_eq!(
        right.map(|number| number.national()),
        Ok("2079460123".to_owned())
    );
}

#[test]
fn keys_are_equal_if_and_only_if_code_and_national_number_are() {
    let numbering = Numbering::shipped();
    let examples = examples();
    let homes = homes();
    let mut draw = Draw::new(23);
    let (mut equal, mut compared) = (0, 0);
    for _ in 0..60_000 {
        let example = draw.of(&examples);
        let other = if draw.chance(60) {
            example.national.clone()
        } else {
            sibling(&mut draw, &example.national)
        };
        let home = if draw.chance(70) {
            example.region
        } else {
            *draw.of(&homes)
        };
        let one = numbering.parse(&format!("+{}{}", example.code, example.national), None);
        let other = numbering.parse(&other, home);
        let (Ok(one), Ok(other)) = (one, other) else {
            continue;
        };
        let (Some(one_key), Some(other_key)) = (one.number(), other.number()) else {
            continue;
        };
        let same = one.country_code() == other.country_code() && one.national() == other.national();
        assert_eq!(one_key == other_key, same, "{one_key:?} {other_key:?}");
        compared += 1;
        equal += usize::from(same);
    }
    assert!(
        equal > 10_000 && compared - equal > 5_000,
        "{equal} of {compared}"
    );
}

fn a_home() -> impl Strategy<Value = Option<Region>> {
    prop::option::of(prop::sample::select(regions()))
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        "[-0-9 ().+/*#x,;~]{0,60}",
        "(tel:)?\\+?[0-9]{0,20}(;ext=[0-9]{0,9})?(;phone-context=[+a-z0-9.-]{0,12})?",
        // The parts of a URI in any order.
        "(tel:|;phone-context=\\+?[0-9a-z.]{0,6}|;ext=[0-9]{0,3}|;isub=[0-9]{0,2}|[0-9 ]{0,8}|\\+){0,6}",
        "\\PC{0,40}",
        "\\PC{0,10}[+(]?[0-9]{1,4}[-) .]{0,2}[0-9]{3,4}[- ][0-9]{3,5}\\PC{0,10}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn nothing_panics_on_any_text(text in any_text(), home in a_home(), from in a_home()) {
        let numbering = Numbering::shipped();
        let _ = numbering.is_vanity(&text);
        let _ = numbering.letters_to_digits(&text);
        prop_assert!(numbering.digits_without_letters(&text).bytes().all(|b| b.is_ascii_digit()));
        let written = numbering.parse_as_written(&text, home);
        let parsed = numbering.parse(&text, home);
        prop_assert_eq!(parsed.is_ok(), written.is_ok());
        for number in parsed.iter().chain(&written) {
            let valid = numbering.is_valid(number);
            prop_assert_eq!(valid, numbering.number_type(number).is_some());
            if valid {
                prop_assert!(number.number().is_some() && numbering.region(number).is_some());
                prop_assert!(numbering.possible(number).is_ok());
            }
            for format in [Format::E164, Format::International, Format::National, Format::Rfc3966] {
                let _ = numbering.format(number, format);
            }
            let from = from.unwrap_or(Region::WORLD);
            let _ = numbering.format_as_written(number, from);
            let _ = numbering.format_dialled_from(number, from);
            let _ = numbering.format_dialled_from_with_letters(number, from);
            let _ = numbering.format_for_mobile(number, from, true);
            let _ = numbering.truncated(number);
            if let Some(key) = number.number() {
                prop_assert_eq!(PhoneNumber::from_key(key.key()), Ok(key));
                let shown = format!("{number:?}");
                let national = number.national();
                prop_assert!(national.len() < 4 || !shown.contains(&national), "shows {}", shown);
            }
        }
    }

    #[test]
    fn found_numbers_stand_where_they_are_said_to(text in any_text(), home in a_home()) {
        let mut any = [false; 4];
        for (any, leniency) in any.iter_mut().zip([
            Leniency::Possible,
            Leniency::Valid,
            Leniency::StrictGrouping,
            Leniency::ExactGrouping,
        ]) {
            let mut end = 0;
            for found in find_in_text(&text, home, leniency) {
                prop_assert!(end <= found.bytes.start, "in order, and apart");
                end = found.bytes.end;
                prop_assert_eq!(text.get(found.bytes.clone()), Some(found.written));
                let parsed = Numbering::shipped().parse(found.written, home);
                prop_assert_eq!(parsed, Ok(found.number));
                *any = true;
            }
        }
        // Not so between the two groupings: where a number lacks its area code, the original
        // finds what is grouped exactly and not what is grouped strictly.
        let [possible, valid, strict, exact] = any;
        prop_assert!(possible || !valid, "what is valid is possible");
        prop_assert!(valid || !(strict || exact), "what is grouped well is valid");
    }
}
