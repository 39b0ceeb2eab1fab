//! libphonenumber's own test cases, on its own test metadata. `tests/data/official/README.md` says
//! where they come from, and which of them cannot be put to this crate.

use std::collections::BTreeMap;

use prost::Message as _;
use rlibphonenumber::{CountryCodeSource, PhoneMetadataCollection};
use unspoof_model::Region;
use unspoof_numbers::{
    Format, FullNumber, Impossible, Leniency, NumberType, Numbering, ParseError, Possible, Sameness,
};

const METADATA: &[u8] = include_bytes!("../data/official/metadata.bin");
const CALLS: &str = include_str!("../data/official/util.tsv");
const TEXTS: &str = include_str!("../data/official/matcher.tsv");

/// Rows of both tables.
const CALL_ROWS: usize = 833;
const TEXT_ROWS: usize = 1_799;
/// Calls that cannot be put to this crate, and how many rows they have: null for a text or region,
/// a negative calling code, an example of no kind, the prefix of national dialling.
const WITHOUT: [(&str, usize); 6] = [
    ("country_code_for_region", 1),
    ("example_number_for_type", 1),
    ("is_nanpa_country", 1),
    ("ndd_prefix_for_region", 10),
    ("parse", 2),
    ("region_codes_for_country_code", 1),
];

fn numbering() -> Numbering {
    let metadata = PhoneMetadataCollection::decode(METADATA).expect("the metadata is whole");
    Numbering::of_metadata(metadata).expect("its regions are regions")
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// Reads a cell of text: in quotes, with escapes.
fn text(cell: &str) -> String {
    let inside = cell
        .strip_prefix('"')
        .and_then(|cell| cell.strip_suffix('"'))
        .unwrap_or_else(|| panic!("no text: {cell}"));
    let mut made = String::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        made.push(match c {
            '\\' => match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('\\') => '\\',
                other => panic!("no escape: {other:?} in {cell}"),
            },
            c => c,
        });
    }
    made
}

fn is_text(cell: &str) -> bool {
    cell.starts_with('"')
}

/// Reads a region; the original has any text for one, and takes what is none for unknown.
fn region(cell: &str) -> Option<Region> {
    is_text(cell).then(|| text(cell).parse().expect("a region"))
}

/// The same where the original wants a region: `ZZ` is nobody's.
fn some_region(cell: &str) -> Region {
    region(cell).unwrap_or_else(|| "ZZ".parse().expect("two letters"))
}

/// Undoes `%20`.
fn unescaped(value: &str) -> String {
    let mut made = String::new();
    let mut parts = value.split('%');
    made.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (code, rest) = part.split_at(2);
        let code = u8::from_str_radix(code, 16).expect("two hexadecimal digits");
        made.push(char::from(code));
        made.push_str(rest);
    }
    made
}

/// Reads `cc=39 nn=236618300 zeros=1`.
fn number(cell: &str) -> FullNumber {
    let mut made = rlibphonenumber::PhoneNumber::default();
    for field in cell.split(' ') {
        let (name, value) = field.split_once('=').expect("a name and a value");
        let digits = || value.parse().expect("a number");
        match name {
            "cc" => made.country_code = value.parse().expect("a calling code"),
            "nn" => made.national_number = value.parse().expect("a national number"),
            "zeros" => {
                made.italian_leading_zero = Some(true);
                made.number_of_leading_zeros = Some(digits()).filter(|&zeros| zeros != 1);
            }
            "ext" => made.extension = Some(unescaped(value)),
            "carrier" => made.preferred_domestic_carrier_code = Some(unescaped(value)),
            "raw" => made.raw_input = Some(unescaped(value)),
            "source" => made.set_country_code_source(match value {
                "FROM_NUMBER_WITH_PLUS_SIGN" => CountryCodeSource::FromNumberWithPlusSign,
                "FROM_NUMBER_WITH_IDD" => CountryCodeSource::FromNumberWithIdd,
                "FROM_NUMBER_WITHOUT_PLUS_SIGN" => CountryCodeSource::FromNumberWithoutPlusSign,
                "FROM_DEFAULT_COUNTRY" => CountryCodeSource::FromDefaultCountry,
                other => panic!("no source: {other}"),
            }),
            other => panic!("no field: {other}"),
        }
    }
    made.into()
}

/// Writes a number in the table's form.
fn shown(number: &FullNumber) -> String {
    let escaped = |value: &str| {
        value
            .replace('%', "%25")
            .replace(' ', "%20")
            .replace('\t', "%09")
            .replace('\n', "%0A")
    };
    let original = number.as_original();
    let mut made = format!(
        "cc={} nn={}",
        original.country_code, original.national_number
    );
    if original.italian_leading_zero() {
        made += &format!(" zeros={}", original.number_of_leading_zeros());
    }
    if let Some(extension) = number.extension() {
        made += &format!(" ext={}", escaped(extension));
    }
    if let Some(carrier) = number.carrier() {
        made += &format!(" carrier={}", escaped(carrier));
    }
    if number.code_source().is_some() {
        let name = original.country_code_source().as_str_name();
        made += &format!(" source={name}");
    }
    if let Some(written) = number.written() {
        made += &format!(" raw={}", escaped(written));
    }
    made
}

fn shown_text(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('\t', "\\t")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    format!("\"{escaped}\"")
}

const KINDS: [(&str, NumberType); 11] = [
    ("FIXED_LINE", NumberType::FixedLine),
    ("MOBILE", NumberType::Mobile),
    ("FIXED_LINE_OR_MOBILE", NumberType::FixedLineOrMobile),
    ("TOLL_FREE", NumberType::TollFree),
    ("PREMIUM_RATE", NumberType::PremiumRate),
    ("SHARED_COST", NumberType::SharedCost),
    ("VOIP", NumberType::Voip),
    ("PERSONAL_NUMBER", NumberType::Personal),
    ("PAGER", NumberType::Pager),
    ("UAN", NumberType::Uan),
    ("VOICEMAIL", NumberType::Voicemail),
];

/// Reads a kind. None: `UNKNOWN`, which is no kind here.
fn kind(cell: &str) -> Option<NumberType> {
    KINDS.iter().find(|(name, _)| *name == cell).map(|k| k.1)
}

fn shown_kind(kind: Option<NumberType>) -> String {
    let name = KINDS.iter().find(|(_, k)| Some(*k) == kind);
    name.map_or("UNKNOWN", |(name, _)| name).to_owned()
}

fn shown_kinds(kinds: impl IntoIterator<Item = NumberType>) -> String {
    let mut names: Vec<String> = kinds.into_iter().map(|k| shown_kind(Some(k))).collect();
    names.sort();
    or_nothing(&names.join(","))
}

fn or_nothing(text: &str) -> String {
    if text.is_empty() { "-" } else { text }.to_owned()
}

fn shown_length(answer: Result<Possible, Impossible>) -> String {
    match answer {
        Ok(Possible::Anywhere) => "IS_POSSIBLE",
        Ok(Possible::Locally) => "IS_POSSIBLE_LOCAL_ONLY",
        Err(Impossible::UnknownCountryCode) => "INVALID_COUNTRY_CODE",
        Err(Impossible::TooShort) => "TOO_SHORT",
        Err(Impossible::TooLong) => "TOO_LONG",
        Err(Impossible::WrongLength) => "INVALID_LENGTH",
    }
    .to_owned()
}

fn shown_error(error: ParseError) -> String {
    match error {
        ParseError::UnknownCountryCode => "ERROR INVALID_COUNTRY_CODE",
        ParseError::NotANumber => "ERROR NOT_A_NUMBER",
        ParseError::TooShortAfterPrefix => "ERROR TOO_SHORT_AFTER_IDD",
        ParseError::TooShort => "ERROR TOO_SHORT_NSN",
        ParseError::TooLong => "ERROR TOO_LONG",
    }
    .to_owned()
}

fn shown_sameness(sameness: Sameness) -> String {
    match sameness {
        Sameness::Different => "NO_MATCH",
        Sameness::OneEndsAsTheOther => "SHORT_NSN_MATCH",
        Sameness::SameNational => "NSN_MATCH",
        Sameness::Same => "EXACT_MATCH",
    }
    .to_owned()
}

/// Compares numbers or texts, as the original does: a text that is none is `NOT_A_NUMBER`.
fn compared(numbering: &Numbering, one: &str, other: &str) -> String {
    let answer = match (is_text(one), is_text(other)) {
        (true, true) => numbering.compare_texts(&text(one), &text(other)),
        (true, false) => numbering.compare_with_text(&number(other), &text(one)),
        (false, true) => numbering.compare_with_text(&number(one), &text(other)),
        (false, false) => Ok(numbering.compare(&number(one), &number(other))),
    };
    answer.map_or_else(|_| "NOT_A_NUMBER".to_owned(), shown_sameness)
}

/// Asks for a kind's lengths; for those of any kind where the original asks for `UNKNOWN`.
fn possible_as(
    numbering: &Numbering,
    number_cell: &str,
    kind_cell: &str,
) -> Result<Possible, Impossible> {
    let number = number(number_cell);
    match kind(kind_cell) {
        Some(kind) => numbering.possible_as(&number, kind),
        None => numbering.possible(&number),
    }
}

/// Makes one call of the table. None: this crate has no such call.
fn call(numbering: &Numbering, name: &str, arguments: &[&str]) -> Option<String> {
    let first = *arguments.first().unwrap_or(&"");
    let second = *arguments.get(1).unwrap_or(&"");
    let third = *arguments.get(2).unwrap_or(&"");
    let code = first.parse();
    let or_none = |number: Option<FullNumber>| number.map_or("-".to_owned(), |n| shown(&n));
    // A text, a number or a region always is one here: there is no null.
    if arguments == ["-"] || (name == "parse" && first == "-") {
        return None;
    }
    Some(match name {
        "parse" => {
            let home = region(second);
            let answer = match third {
                "true" => numbering.parse_as_written(&text(first), home),
                _ => numbering.parse(&text(first), home),
            };
            answer.map_or_else(shown_error, |number| shown(&number))
        }
        "format_number" => shown_text(&numbering.format(
            &number(first),
            match second {
                "E164" => Format::E164,
                "INTERNATIONAL" => Format::International,
                "NATIONAL" => Format::National,
                _ => Format::Rfc3966,
            },
        )),
        "format_in_original_format" => {
            shown_text(&numbering.format_as_written(&number(first), some_region(second)))
        }
        "format_out_of_country_calling_number" => {
            shown_text(&numbering.format_dialled_from(&number(first), some_region(second)))
        }
        "format_out_of_country_keeping_alpha_chars" => shown_text(
            &numbering.format_dialled_from_with_letters(&number(first), some_region(second)),
        ),
        "format_number_for_mobile_dialing" => numbering
            .format_for_mobile(&number(first), some_region(second), third == "true")
            .map_or("\"\"".to_owned(), |text| shown_text(&text)),
        "format_national_number_with_carrier_code" => {
            shown_text(&numbering.format_through_carrier(&number(first), &text(second)))
        }
        "format_national_number_with_preferred_carrier_code" => {
            shown_text(&numbering.format_through_own_carrier(&number(first), &text(second)))
        }
        "number_type" => shown_kind(numbering.number_type(&number(first))),
        "is_valid_number" => numbering.is_valid(&number(first)).to_string(),
        "is_valid_number_for_region" => numbering
            .is_valid_for(&number(first), some_region(second))
            .to_string(),
        "is_possible_number" => numbering.possible(&number(first)).is_ok().to_string(),
        "is_possible_number_with_reason" => shown_length(numbering.possible(&number(first))),
        "is_possible_number_string" => numbering
            .parse(&text(first), region(second))
            .is_ok_and(|number| numbering.possible(&number).is_ok())
            .to_string(),
        "is_possible_number_for_type" => possible_as(numbering, first, second).is_ok().to_string(),
        "is_possible_number_for_type_with_reason" => {
            shown_length(possible_as(numbering, first, second))
        }
        "is_number_match" => compared(numbering, first, second),
        "region_code_for_number" => shown_region(numbering.region(&number(first))),
        "region_code_for_country_code" => match numbering.main_region(code.ok()?) {
            Some(region) => shown_text(region.as_str()),
            None => "\"ZZ\"".to_owned(),
        },
        "region_codes_for_country_code" => {
            let regions = numbering.regions(code.ok()?);
            or_nothing(
                &regions
                    .iter()
                    .map(Region::as_str)
                    .collect::<Vec<_>>()
                    .join(","),
            )
        }
        "country_code_for_region" => {
            let code = region(first).and_then(|region| numbering.country_code(region));
            code.unwrap_or_default().to_string()
        }
        "is_nanpa_country" => {
            let is = region(first).is_some_and(|region| numbering.is_north_american(region));
            is.to_string()
        }
        "supported_types_for_region" => shown_kinds(numbering.kinds(some_region(first))),
        "supported_types_for_non_geo_entity" => {
            shown_kinds(numbering.kinds_of_no_country(code.ok()?))
        }
        "example_number" => or_none(numbering.example(some_region(first))),
        "example_number_for_type" => or_none(numbering.example_of(region(first)?, kind(second)?)),
        "example_number_for_non_geo_entity" => or_none(numbering.example_of_no_country(code.ok()?)),
        "invalid_example_number" => or_none(numbering.invalid_example(some_region(first))),
        "truncate_too_long_number" => {
            let number = number(first);
            match numbering.truncated(&number) {
                Some(truncated) => format!("true {}", shown(&truncated)),
                None => format!("false {}", shown(&number)),
            }
        }
        "is_number_geographical" => numbering.is_geographical(&number(first)).to_string(),
        "length_of_geographical_area_code" => {
            numbering.area_code_digits(&number(first)).to_string()
        }
        "length_of_national_destination_code" => numbering
            .destination_code_digits(&number(first))
            .to_string(),
        "country_mobile_token" => {
            let token = numbering.mobile_token(code.ok()?);
            shown_text(&token.map(String::from).unwrap_or_default())
        }
        "can_be_internationally_dialled" => numbering
            .is_callable_from_abroad(&number(first))
            .to_string(),
        "national_significant_number" => shown_text(&number(first).national()),
        "is_alpha_number" => numbering.is_vanity(&text(first)).to_string(),
        "_is_viable_phone_number" => numbering.is_viable(&text(first)).to_string(),
        "convert_alpha_characters_in_number" => {
            shown_text(&numbering.letters_to_digits(&text(first)))
        }
        "_normalize" => shown_text(&numbering.digits(&text(first))),
        "normalize_digits_only" => shown_text(&numbering.digits_without_letters(&text(first))),
        "normalize_diallable_chars_only" => shown_text(&numbering.diallable(&text(first))),
        _ => return None,
    })
}

fn shown_region(region: Option<Region>) -> String {
    region.map_or("-".to_owned(), |region| shown_text(region.as_str()))
}

#[test]
fn calls() {
    let numbering = numbering();
    let mut made = 0;
    let mut differences = String::new();
    let mut without: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows(CALLS) {
        let [test, name, arguments @ .., expected] = row.as_slice() else {
            panic!("too few cells: {row:?}");
        };
        match call(&numbering, name, arguments) {
            Some(answer) => {
                made += 1;
                if answer != *expected {
                    differences += &format!(
                        "{test}: {name}{arguments:?}\n  ours {answer}\n  official {expected}\n"
                    );
                }
            }
            None => *without.entry(name).or_default() += 1,
        }
    }
    assert_eq!(differences, "", "of {made}");
    assert_eq!(made + without.values().sum::<usize>(), CALL_ROWS);
    assert_eq!(without, BTreeMap::from(WITHOUT));
}

#[test]
fn numbers_in_texts() {
    let numbering = numbering();
    let mut made = 0;
    let mut differences = String::new();
    for row in rows(TEXTS) {
        let [test, written, home, leniency, most_tries, expected] = row.as_slice() else {
            panic!("other cells: {row:?}");
        };
        let leniency = match *leniency {
            "POSSIBLE" => Leniency::Possible,
            "VALID" => Leniency::Valid,
            "STRICT_GROUPING" => Leniency::StrictGrouping,
            _ => Leniency::ExactGrouping,
        };
        let most_tries = most_tries.parse().unwrap_or(u64::MAX);
        let written = text(written);
        let found: Vec<String> = numbering
            .find_in_text(&written, region(home), leniency, most_tries)
            .map(|found| {
                assert_eq!(written.get(found.bytes.clone()), Some(found.written));
                format!(
                    "{}..{} {}",
                    found.bytes.start,
                    found.bytes.end,
                    shown(&found.number)
                )
            })
            .collect();
        let found = or_nothing(&found.join("; "));
        made += 1;
        if found != *expected {
            differences += &format!(
                "{test}: {written:?} {home} {leniency:?}\n  ours {found}\n  official {expected}\n"
            );
        }
    }
    assert_eq!(differences, "", "of {made}");
    assert_eq!(made, TEXT_ROWS);
}
