//! The numbering rules of the world, and what they say of a number.

mod dialling;
mod plans;
mod sameness;

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock, OnceLock};

use rlibphonenumber::phonenumber_matcher::PhoneNumberMatcherFactory;
use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, PhoneMetadataCollection, PhoneNumberUtil, ValidationError,
};
use unspoof_model::Region;

pub use dialling::Format;
pub use sameness::Sameness;

use crate::parse::{has_context_before_number, number_type, original_type};
use crate::tables::{Area, Findings, Length};
use crate::{FullNumber, NumberType};

/// Numbering rules at one version of libphonenumber's metadata, and what they say of numbers.
///
/// [`Numbering::shipped`] is the one at [`METADATA_VERSION`](crate::METADATA_VERSION). Where its
/// tables have the answer they give it; everything else is `rlibphonenumber`'s. Both are
/// libphonenumber's answers, its documented oddities included.
pub struct Numbering {
    rules: Rules,
    matchers: OnceLock<PhoneNumberMatcherFactory<PhoneNumberUtil, Rules>>,
}

/// Says why a text could not be parsed. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It starts with nobody's calling code, or has none and there is no home.
    #[error("no country's calling code, and no region to take one from")]
    UnknownCountryCode,
    /// It is not written as numbers are.
    #[error("not written as a telephone number")]
    NotANumber,
    /// Hardly anything follows the international prefix.
    #[error("too few digits after the international prefix")]
    TooShortAfterPrefix,
    /// It has fewer digits than any number.
    #[error("fewer digits than any telephone number has")]
    TooShort,
    /// It has more digits than any number, or more than 250 characters.
    #[error("more digits than any telephone number has")]
    TooLong,
}

/// Where a number of a possible length can be dialled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Possible {
    /// From anywhere.
    Anywhere,
    /// Within its town only: it lacks the area code.
    Locally,
}

/// Says why a number's length is impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// Nobody has its calling code.
    #[error("nobody has this calling code")]
    UnknownCountryCode,
    /// It has fewer digits than any number of its country.
    #[error("fewer digits than numbers of its country have")]
    TooShort,
    /// It has more digits than any number of its country.
    #[error("more digits than numbers of its country have")]
    TooLong,
    /// Shorter and longer numbers exist, or none at all of the kind asked for.
    #[error("a length that no number of its country has")]
    WrongLength,
}

/// What `rlibphonenumber` answers by.
#[derive(Clone)]
pub(crate) enum Rules {
    Shipped,
    Other(Arc<PhoneNumberUtil>),
}

impl std::ops::Deref for Rules {
    type Target = PhoneNumberUtil;

    fn deref(&self) -> &PhoneNumberUtil {
        match self {
            Self::Shipped => &PHONE_NUMBER_UTIL,
            Self::Other(rules) => rules,
        }
    }
}

impl fmt::Debug for Numbering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Numbering")
            .field("shipped", &matches!(self.rules, Rules::Shipped))
            .finish_non_exhaustive()
    }
}

impl Numbering {
    /// Returns the rules at [`METADATA_VERSION`](crate::METADATA_VERSION).
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Numbering> = LazyLock::new(|| Numbering {
            rules: Rules::Shipped,
            matchers: OnceLock::new(),
        });
        &SHIPPED
    }

    /// Makes rules of other metadata, such as the official tests'. There are no tables for these.
    ///
    /// # Errors
    /// A region of the metadata is none.
    pub fn of_metadata(
        metadata: PhoneMetadataCollection,
    ) -> Result<Self, rlibphonenumber::InvalidRegionError> {
        let rules = PhoneNumberUtil::new_for_metadata(metadata)?;
        Ok(Self {
            rules: Rules::Other(Arc::new(rules)),
            matchers: OnceLock::new(),
        })
    }

    pub(crate) fn matchers(&self) -> &PhoneNumberMatcherFactory<PhoneNumberUtil, Rules> {
        self.matchers
            .get_or_init(|| PhoneNumberMatcherFactory::new_for_util(self.rules.clone()))
    }

    /// Parses a text. `home` is where a number without a country code belongs.
    ///
    /// The number need not be valid, nor even possible.
    ///
    /// # Errors
    /// The text holds no number, or one of no country.
    pub fn parse(&self, text: &str, home: Option<Region>) -> Result<FullNumber, ParseError> {
        if has_context_before_number(text) {
            return Err(ParseError::NotANumber);
        }
        match self.rules.parse(text, home.map(original)) {
            Ok(number) => Ok(number.into()),
            Err(error) => Err(parse_error(&error)),
        }
    }

    /// Parses a text as [`Numbering::parse`] does, and keeps how it was written: the text, where
    /// its country code came from, and the carrier's code.
    ///
    /// # Errors
    /// The text holds no number, or one of no country.
    pub fn parse_as_written(
        &self,
        text: &str,
        home: Option<Region>,
    ) -> Result<FullNumber, ParseError> {
        if has_context_before_number(text) {
            return Err(ParseError::NotANumber);
        }
        match self
            .rules
            .parse_and_keep_raw_input(text, home.map(original))
        {
            Ok(number) => Ok(number.into()),
            Err(error) => Err(parse_error(&error)),
        }
    }

    /// Tells whether a number has a length that numbers of its country have.
    ///
    /// # Errors
    /// It has not, and why.
    pub fn possible(&self, number: &FullNumber) -> Result<Possible, Impossible> {
        if let Some((area, national)) = self.in_tables(number) {
            return match area.length(national.len()) {
                Length::Full => Ok(Possible::Anywhere),
                Length::Local => Ok(Possible::Locally),
                Length::TooShort => Err(Impossible::TooShort),
                Length::TooLong => Err(Impossible::TooLong),
                Length::Between => Err(Impossible::WrongLength),
            };
        }
        possible(
            self.rules
                .is_possible_number_with_reason(number.as_original()),
        )
    }

    /// Tells whether a number has a length that numbers of one kind have in its country.
    ///
    /// # Errors
    /// It has not, and why.
    pub fn possible_as(
        &self,
        number: &FullNumber,
        kind: NumberType,
    ) -> Result<Possible, Impossible> {
        possible(
            self.rules
                .is_possible_number_for_type_with_reason(number.as_original(), original_type(kind)),
        )
    }

    /// Tells whether a number is of a range that the metadata lists.
    #[must_use]
    pub fn is_valid(&self, number: &FullNumber) -> bool {
        match self.in_tables(number) {
            Some((area, national)) => area.find(&national).kind().is_some(),
            None => self.rules.is_valid_number(number.as_original()),
        }
    }

    /// Tells whether a number is of a range that the metadata lists for one region.
    #[must_use]
    pub fn is_valid_for(&self, number: &FullNumber, region: Region) -> bool {
        self.rules
            .is_valid_number_for_region(number.as_original(), original(region))
    }

    /// Returns the kind of line. None: the number is not valid.
    #[must_use]
    pub fn number_type(&self, number: &FullNumber) -> Option<NumberType> {
        match self.in_tables(number) {
            Some((area, national)) => area.find(&national).number_type(),
            None => number_type(self.rules.get_number_type(number.as_original())),
        }
    }

    /// Returns the region of a number. Of a country code that several regions share, only a number
    /// of a known range has one.
    #[must_use]
    pub fn region(&self, number: &FullNumber) -> Option<Region> {
        if let Some((area, national)) = self.in_tables(number) {
            let found = area.find(&national);
            if found.kind().is_some() {
                return Region::from_str(found.area().id).ok();
            }
        }
        self.rules
            .get_region_for_number(number.as_original())
            .and_then(ours)
    }

    /// Looks a number's main area up, and its national number as bytes 0 to 9. None: these rules
    /// have no tables, or tables say nothing of such a number.
    fn in_tables(&self, number: &FullNumber) -> Option<(&'static Area, Vec<u8>)> {
        let Rules::Shipped = self.rules else {
            return None;
        };
        let area = Area::of_code(number.country_code())?;
        let national: Vec<u8> = number.national().bytes().map(|b| b - b'0').collect();
        Some((area, national))
    }
}

impl Findings {
    fn number_type(self) -> Option<NumberType> {
        self.kind().and_then(crate::parse::kind_at)
    }
}

fn possible(answer: Result<NumberLengthType, ValidationError>) -> Result<Possible, Impossible> {
    match answer {
        Ok(NumberLengthType::IsPossible) => Ok(Possible::Anywhere),
        Ok(NumberLengthType::IsPossibleLocalOnly) => Ok(Possible::Locally),
        Err(ValidationError::InvalidCountryCode) => Err(Impossible::UnknownCountryCode),
        Err(ValidationError::TooShort) => Err(Impossible::TooShort),
        Err(ValidationError::TooLong) => Err(Impossible::TooLong),
        Err(ValidationError::InvalidLength) => Err(Impossible::WrongLength),
    }
}

fn parse_error(error: &rlibphonenumber::ParseError) -> ParseError {
    use rlibphonenumber::ParseError as Original;
    match error {
        Original::InvalidCountryCode => ParseError::UnknownCountryCode,
        Original::NotANumber(_) => ParseError::NotANumber,
        Original::TooShortAfterIdd => ParseError::TooShortAfterPrefix,
        Original::TooShortNsn => ParseError::TooShort,
        Original::TooLongNsn => ParseError::TooLong,
    }
}

/// Returns a region as `rlibphonenumber` has it: it knows any two letters.
pub(crate) fn original(region: Region) -> rlibphonenumber::Region {
    rlibphonenumber::Region::from_code(region.as_str()).expect("two capital letters or `001`")
}

fn ours(region: rlibphonenumber::Region) -> Option<Region> {
    Region::from_str(&region.as_region_str()).ok()
}
