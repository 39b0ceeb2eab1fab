//! A number as dialled from somewhere, by libphonenumber's rules: through tables where a value is
//! written plainly, else by `rlibphonenumber` itself. The answers are the same.

use std::str::FromStr;

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberType};
use unspoof_model::Region;

use crate::reader::Reading;
use crate::tables::{Area, Findings, Length};
use crate::written::{LONGEST, LONGEST_TEXT_BYTES, Written, before_extension};
use crate::{FullNumber, NumberType, Numbering, PhoneNumber, Possible, Status};

/// National numbers have 2 to 17 digits in libphonenumber.
const NATIONAL_DIGITS: std::ops::RangeInclusive<usize> = 2..=17;
/// Leading zeros that `rlibphonenumber` keeps; libphonenumber keeps all.
const KEPT_ZEROS: usize = 10;

/// Where numbers without a country code belong.
#[derive(Clone, Copy)]
pub(crate) struct Home {
    original: Option<rlibphonenumber::Region>,
    /// None: only the original knows what such a home means.
    tables: Option<Option<&'static Area>>,
}

/// What tables make of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A number.
    Number(Reading),
    /// No number.
    Nothing,
    /// The original has to be asked.
    Unsure,
}

impl Home {
    /// No home: only international numbers are read.
    pub(crate) const NOWHERE: Self = Self {
        original: None,
        tables: Some(None),
    };

    pub(crate) fn new(region: Option<Region>) -> Self {
        let original = region.and_then(|r| rlibphonenumber::Region::from_str(r.as_str()).ok());
        let Some(known) = original else {
            return Self::NOWHERE;
        };
        let area = Area::of_region(&known.as_region_str());
        Self {
            original,
            tables: area.map(Some),
        }
    }

    /// The same home, without tables.
    pub(crate) const fn by_original(self) -> Self {
        Self {
            original: self.original,
            tables: None,
        }
    }
}

/// Parses a value, with a `+` thought before it if so asked. None where there is no number or one
/// of an impossible length.
pub(crate) fn parse(text: &str, plus_before: bool, home: Home) -> Option<Reading> {
    match by_tables(text, plus_before, home) {
        Answer::Number(reading) => Some(reading),
        Answer::Nothing => None,
        Answer::Unsure if plus_before => by_original(&format!("+{text}"), home.original),
        Answer::Unsure => by_original(text, home.original),
    }
}

/// Parses a value by tables, as far as it is written plainly.
pub(crate) fn by_tables(text: &str, plus_before: bool, home: Home) -> Answer {
    if text.len() >= LONGEST_TEXT_BYTES {
        return Answer::Unsure;
    }
    let text = if plus_before {
        text
    } else {
        text.strip_prefix("tel:").unwrap_or(text)
    };
    let written = Written::scan(text.as_bytes(), plus_before).or_else(|| {
        before_extension(text.as_bytes()).and_then(|text| Written::scan(text, plus_before))
    });
    written.map_or(Answer::Unsure, |written| read(&written, home))
}

/// Reads digits by tables.
#[inline]
pub(crate) fn read(written: &Written, home: Home) -> Answer {
    let Some(home) = home.tables else {
        return Answer::Unsure;
    };
    if !written.viable || (home.is_none() && !written.international) {
        return Answer::Nothing;
    }
    let mut made = [0; ROOM];
    let digits = written.digits();
    let (area, national) = match country(digits, written.international, home, &mut made) {
        Country::Found(area, national) => (area, national),
        Country::TooShort => return Answer::Nothing,
        Country::Home => match home {
            Some(home) => (home, digits),
            None => return Answer::Nothing,
        },
        // The plus may have been a slip: libphonenumber tries again without it.
        Country::Unknown if written.international => {
            match country(digits, false, home, &mut made) {
                Country::Found(area, national) => (area, national),
                Country::TooShort | Country::Home | Country::Unknown => return Answer::Nothing,
            }
        }
        Country::Unknown => return Answer::Nothing,
    };
    if national.len() < *NATIONAL_DIGITS.start() {
        return Answer::Nothing;
    }
    let mut made = [0; ROOM];
    let (stripped, found) = without_national_prefix(area, national, &mut made);
    let (national, found) = match area.length(stripped.len()) {
        Length::Full | Length::TooLong => (stripped, found),
        Length::Local | Length::TooShort | Length::Between => (national, None),
    };
    if !NATIONAL_DIGITS.contains(&national.len()) {
        return Answer::Nothing;
    }
    let main = area.main();
    let findings = found.unwrap_or_else(|| main.find(national));
    let kind = findings.kind().and_then(|kind| KINDS.get(kind).copied());
    if kind.is_none() && main.length(national.len()) != Length::Full {
        return Answer::Nothing;
    }
    let Some(number) = PhoneNumber::from_digits(area.code, national) else {
        return Answer::Nothing;
    };
    let (status, area) = match kind {
        Some(_) => (Status::Valid, findings.area()),
        None => (Status::Possible, main),
    };
    Answer::Number(Reading {
        number: Some(number),
        status,
        region: Region::from_str(area.id).ok(),
        kind,
    })
}

/// A rule puts up to four digits in front.
const ROOM: usize = LONGEST + 5;

enum Country<'a> {
    /// A calling code, its main area, and the national number.
    Found(&'static Area, &'a [u8]),
    /// No calling code: a number of the home.
    Home,
    /// Hardly anything after the international prefix.
    TooShort,
    /// Nobody's calling code.
    Unknown,
}

/// Finds the calling code (libphonenumber's `MaybeExtractCountryCode`).
#[inline]
fn country<'a>(
    digits: &'a [u8],
    plus: bool,
    home: Option<&'static Area>,
    made: &'a mut [u8; ROOM],
) -> Country<'a> {
    let after_prefix = if plus {
        Some(digits)
    } else {
        home.and_then(|home| home.international_prefix(digits))
            .and_then(|prefix| digits.get(prefix.taken..))
            // No calling code starts with 0.
            .filter(|rest| rest.first() != Some(&0))
    };
    if let Some(digits) = after_prefix {
        if digits.len() <= *NATIONAL_DIGITS.start() {
            return Country::TooShort;
        }
        return match Area::of_international(digits) {
            Some((area, code_digits)) => {
                Country::Found(area, digits.get(code_digits..).unwrap_or_default())
            }
            None => Country::Unknown,
        };
    }
    let Some(home) = home else {
        return Country::Home;
    };
    let Some(rest) = without_code(digits, home.code) else {
        return Country::Home;
    };
    let (rest, _) = without_national_prefix(home, rest, made);
    if (!home.fits(digits) && home.fits(rest)) || home.length(digits.len()) == Length::TooLong {
        Country::Found(home.main(), rest)
    } else {
        Country::Home
    }
}

fn without_code(digits: &[u8], code: u16) -> Option<&[u8]> {
    let (hundreds, tens, ones) = (
        (code / 100) as u8,
        (code / 10 % 10) as u8,
        (code % 10) as u8,
    );
    match code {
        0..10 => digits.strip_prefix(&[ones]),
        10..100 => digits.strip_prefix(&[tens, ones]),
        _ => digits.strip_prefix(&[hundreds, tens, ones]),
    }
}

/// Takes the national prefix off (libphonenumber's `MaybeStripNationalPrefixAndCarrierCode`),
/// unless that makes a number of one that is none. Gives what the plan has for the result, too,
/// where that had to be looked up.
#[inline]
fn without_national_prefix<'a>(
    area: &Area,
    number: &'a [u8],
    made: &'a mut [u8; ROOM],
) -> (&'a [u8], Option<Findings>) {
    let Some(prefix) = area.national_prefix(number) else {
        return (number, None);
    };
    let rest = number.get(prefix.taken..).unwrap_or_default();
    let stripped = match prefix.kept {
        None => rest,
        Some((from, to)) => {
            let kept = number.get(from..to).unwrap_or_default();
            let mut len = 0;
            let all = area.inserted().iter().chain(kept).chain(rest);
            for (to, from) in made.iter_mut().zip(all) {
                *to = *from;
                len += 1;
            }
            &made[..len]
        }
    };
    let (fits, found) = area.fits_or_find(stripped);
    if !fits && area.fits(number) {
        (number, None)
    } else {
        (stripped, found)
    }
}

/// Tells a `tel:` URI (RFC 3966) whose context stands before its number. It is none, and
/// `rlibphonenumber` panics on it.
pub(crate) fn has_context_before_number(text: &str) -> bool {
    let context = text.find(";phone-context=");
    context.is_some_and(|context| text.find("tel:").is_some_and(|tel| tel > context))
}

/// Parses by libphonenumber itself.
fn by_original(text: &str, home: Option<rlibphonenumber::Region>) -> Option<Reading> {
    if has_context_before_number(text) {
        return None;
    }
    let util = &*PHONE_NUMBER_UTIL;
    let parsed = util.parse(text, home).ok()?;
    if parsed.number_of_leading_zeros() > KEPT_ZEROS as i32 {
        return with_all_zeros(&parsed.into());
    }
    let region = util.get_region_for_number(&parsed);
    let kind = region.and_then(|_| number_type(util.get_number_type(&parsed)));
    // A length that only works within one town names nobody to the rest of the world.
    let full_length = || {
        matches!(
            util.is_possible_number_with_reason(&parsed),
            Ok(NumberLengthType::IsPossible)
        )
    };
    if kind.is_none() && !full_length() {
        return None;
    }
    let national = rlibphonenumber::get_national_significant_number_owned(&parsed);
    let country_code = u64::try_from(parsed.country_code).ok()?;
    let number = PhoneNumber::from_parts(country_code, &national)?;
    let region = match kind {
        Some(_) => region,
        None => util.get_region_for_country_code(parsed.country_code),
    };
    Some(Reading {
        number: Some(number),
        status: if kind.is_some() {
            Status::Valid
        } else {
            Status::Possible
        },
        region: region.and_then(|r| Region::from_str(&r.as_region_str()).ok()),
        kind,
    })
}

/// Judges a number of more leading zeros than `rlibphonenumber` keeps.
fn with_all_zeros(number: &FullNumber) -> Option<Reading> {
    let numbering = Numbering::shipped();
    let kind = numbering.number_type(number);
    if kind.is_none() && numbering.possible(number) != Ok(Possible::Anywhere) {
        return None;
    }
    let main = Area::of_code(number.country_code())?.main();
    let (status, region) = match kind {
        Some(_) => (Status::Valid, numbering.region(number)),
        None => (Status::Possible, Region::from_str(main.id).ok()),
    };
    Some(Reading {
        number: Some(number.number()?),
        status,
        region,
        kind,
    })
}

/// Kinds by the numbers that tables have for them.
const KINDS: [NumberType; 11] = [
    NumberType::FixedLine,
    NumberType::Mobile,
    NumberType::FixedLineOrMobile,
    NumberType::TollFree,
    NumberType::PremiumRate,
    NumberType::SharedCost,
    NumberType::Voip,
    NumberType::Personal,
    NumberType::Pager,
    NumberType::Uan,
    NumberType::Voicemail,
];

/// Returns the kind at a place of the tables.
pub(crate) fn kind_at(place: usize) -> Option<NumberType> {
    KINDS.get(place).copied()
}

/// Returns a kind as `rlibphonenumber` has it.
pub(crate) const fn original_type(kind: NumberType) -> PhoneNumberType {
    match kind {
        NumberType::FixedLine => PhoneNumberType::FixedLine,
        NumberType::Mobile => PhoneNumberType::Mobile,
        NumberType::FixedLineOrMobile => PhoneNumberType::FixedLineOrMobile,
        NumberType::TollFree => PhoneNumberType::TollFree,
        NumberType::PremiumRate => PhoneNumberType::PremiumRate,
        NumberType::SharedCost => PhoneNumberType::SharedCost,
        NumberType::Voip => PhoneNumberType::VoIP,
        NumberType::Personal => PhoneNumberType::PersonalNumber,
        NumberType::Pager => PhoneNumberType::Pager,
        NumberType::Uan => PhoneNumberType::UAN,
        NumberType::Voicemail => PhoneNumberType::VoiceMail,
    }
}

pub(crate) fn number_type(kind: PhoneNumberType) -> Option<NumberType> {
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
