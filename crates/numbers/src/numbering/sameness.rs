//! Whether two numbers are one.

use std::borrow::Cow;

use rlibphonenumber::{InternalError, InvalidNumberError, MatchType};

use super::{Numbering, ParseError, parse_error};
use crate::FullNumber;

/// How alike two numbers are (libphonenumber's `MatchType`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sameness {
    /// Two numbers.
    Different,
    /// One ends as the other does, or one lacks the other's extension.
    OneEndsAsTheOther,
    /// Their national numbers are one; the country code of one is unknown.
    SameNational,
    /// One number, extension included.
    Same,
}

impl Numbering {
    /// Compares two numbers.
    #[must_use]
    pub fn compare(&self, one: &FullNumber, other: &FullNumber) -> Sameness {
        let (one, other) = (comparable(one), comparable(other));
        sameness(
            self.rules
                .is_number_match(one.as_original(), other.as_original()),
        )
    }

    /// Compares a number with a text, which may lack its country code.
    ///
    /// # Errors
    /// The text holds no number.
    pub fn compare_with_text(&self, one: &FullNumber, other: &str) -> Result<Sameness, ParseError> {
        answer(
            self.rules
                .is_number_match_with_one_string(comparable(one).as_original(), other),
        )
    }

    /// Compares two texts, which may lack their country codes.
    ///
    /// # Errors
    /// One of them holds no number.
    pub fn compare_texts(&self, one: &str, other: &str) -> Result<Sameness, ParseError> {
        answer(self.rules.is_number_match_with_two_strings(one, other))
    }
}

/// Drops an extension of nothing: libphonenumber does not tell it from none, `rlibphonenumber` does.
fn comparable(number: &FullNumber) -> Cow<'_, FullNumber> {
    if number.extension() != Some("") {
        return Cow::Borrowed(number);
    }
    let mut number = number.clone();
    number.as_original_mut().extension = None;
    Cow::Owned(number)
}

fn answer(
    answer: Result<MatchType, InternalError<InvalidNumberError>>,
) -> Result<Sameness, ParseError> {
    match answer {
        Ok(answer) => Ok(sameness(answer)),
        Err(InternalError::Wrapped(InvalidNumberError(error))) => Err(parse_error(&error)),
        Err(InternalError::RegexError(error)) => {
            unreachable!("the metadata's patterns are fixed, and one is none: {error}")
        }
    }
}

const fn sameness(answer: MatchType) -> Sameness {
    match answer {
        MatchType::NoMatch => Sameness::Different,
        MatchType::ShortNsnMatch => Sameness::OneEndsAsTheOther,
        MatchType::NsnMatch => Sameness::SameNational,
        MatchType::ExactMatch => Sameness::Same,
    }
}
