//! Finding numbers inside free text.

use std::fmt;
use std::ops::Range;

use rlibphonenumber::phonenumber_matcher::Leniency as Original;
use unspoof_model::Region;

use crate::{FullNumber, Numbering};

/// How sure a number inside a text has to be, from the least on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Leniency {
    /// It has a length that numbers have.
    Possible,
    /// It is valid, and has its national prefix where one is usually written.
    Valid,
    /// It is valid, and no group of its digits is split.
    StrictGrouping,
    /// It is valid, and its digits are grouped as its country writes them, or not at all.
    ExactGrouping,
}

impl Leniency {
    const fn original(self) -> Original {
        match self {
            Self::Possible => Original::Possible,
            Self::Valid => Original::Valid,
            Self::StrictGrouping => Original::StrictGrouping,
            Self::ExactGrouping => Original::ExactGrouping,
        }
    }
}

/// A number found inside a text. `Debug` redacts.
#[derive(Clone, PartialEq, Eq)]
pub struct Found<'t> {
    /// Where it stands in the text, in bytes.
    pub bytes: Range<usize>,
    /// What stands there.
    pub written: &'t str,
    /// What it was read as.
    pub number: FullNumber,
}

impl fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("bytes", &self.bytes)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Finds the numbers of a text, in order, with their places in bytes.
///
/// `home` is where numbers without a country code belong; without one only international numbers
/// are found. The answers are those of libphonenumber's `findNumbers`.
pub fn find_in_text(
    text: &str,
    home: Option<Region>,
    leniency: Leniency,
) -> impl Iterator<Item = Found<'_>> {
    Numbering::shipped().find_in_text(text, home, leniency, u64::MAX)
}

impl Numbering {
    /// Finds the numbers of a text as [`find_in_text`] does, and gives up after so many candidates
    /// that turn out to be none.
    pub fn find_in_text<'t>(
        &self,
        text: &'t str,
        home: Option<Region>,
        leniency: Leniency,
        most_tries: u64,
    ) -> impl Iterator<Item = Found<'t>> + use<'t> {
        self.matchers()
            .create_matcher(
                text,
                leniency.original(),
                most_tries,
                home.map(crate::numbering::original),
            )
            .map(|found| Found {
                bytes: found.start..found.end(),
                written: found.raw_string,
                number: found.number.into(),
            })
    }
}
