use std::fmt;

use crate::PhoneNumber;
use crate::tables::Area;

/// A number with what was written around it: its extension, and the carrier it was dialled through.
///
/// Its [`PhoneNumber`] is the key that sorts and joins; the rest tells lines behind one number
/// apart, or how it was written. [`Numbering::parse`](crate::Numbering::parse) makes one of a text,
/// [`FullNumber::of`] of a key.
///
/// `Debug` redacts as `PhoneNumber`'s does.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FullNumber(rlibphonenumber::PhoneNumber);

/// How a text said its country code (libphonenumber's `CountryCodeSource`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CodeSource {
    /// After a `+`.
    Plus,
    /// After the home's international prefix, such as `00`.
    InternationalPrefix,
    /// Before the national number, with nothing before it.
    Bare,
    /// Not at all: the home's was taken.
    Home,
}

/// National numbers have up to 17 digits: a count that no text can have is no reason to write it.
const MOST_ZEROS: usize = 17;

impl FullNumber {
    /// Makes one of a key. None: the key starts with nobody's calling code.
    #[must_use]
    pub fn of(number: PhoneNumber) -> Option<Self> {
        let key = number.key();
        let digits = digits(key);
        let (area, code_digits) = Area::of_international(&digits)?;
        let national = digits.get(code_digits..)?;
        // Of zeros alone the last one is the number.
        let zeros = national.iter().take_while(|&&d| d == 0).count();
        let zeros = zeros.min(national.len().checked_sub(1)?);
        let mut made = rlibphonenumber::PhoneNumber {
            country_code: i32::from(area.code),
            national_number: key % 10_u64.checked_pow(u32::try_from(national.len()).ok()?)?,
            ..Default::default()
        };
        if zeros > 0 {
            made.italian_leading_zero = Some(true);
            // One is what is meant where no count is given: equal numbers are to be equal.
            made.number_of_leading_zeros = (zeros > 1).then_some(i32::try_from(zeros).ok()?);
        }
        Some(Self(made))
    }

    /// Returns the same number with an extension.
    #[must_use]
    pub fn with_extension(mut self, extension: &str) -> Self {
        self.0.extension = Some(extension.to_owned());
        self
    }

    /// Returns the key. None: it has fewer digits than any number, or more than a key holds.
    #[must_use]
    pub fn number(&self) -> Option<PhoneNumber> {
        let code = u64::try_from(self.0.country_code)
            .ok()
            .filter(|&code| code > 0)?;
        PhoneNumber::from_parts(code, &self.national())
    }

    /// Returns the country calling code.
    #[must_use]
    pub fn country_code(&self) -> u16 {
        u16::try_from(self.0.country_code).unwrap_or_default()
    }

    /// Returns the national significant number's digits, all leading zeros included.
    #[must_use]
    pub fn national(&self) -> String {
        // `rlibphonenumber` writes ten of them at most, libphonenumber all.
        let zeros = self.leading_zeros().min(MOST_ZEROS);
        format!("{:0>zeros$}{}", "", self.0.national_number)
    }

    /// Counts the zeros that the national number starts with and keeps from abroad, as Italy's do.
    #[must_use]
    pub fn leading_zeros(&self) -> usize {
        if self.0.italian_leading_zero() {
            usize::try_from(self.0.number_of_leading_zeros()).unwrap_or_default()
        } else {
            0
        }
    }

    /// Returns the extension behind the number.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.0.extension.as_deref()
    }

    /// Returns the code of the carrier that the number was dialled through, as in `0 15 …`.
    ///
    /// Only [`Numbering::parse_as_written`](crate::Numbering::parse_as_written) keeps it.
    #[must_use]
    pub fn carrier(&self) -> Option<&str> {
        self.0.preferred_domestic_carrier_code.as_deref()
    }

    /// Returns the text that was parsed.
    ///
    /// Only [`Numbering::parse_as_written`](crate::Numbering::parse_as_written) keeps it.
    #[must_use]
    pub fn written(&self) -> Option<&str> {
        self.0.raw_input.as_deref()
    }

    /// Returns how the text said its country code.
    ///
    /// Only [`Numbering::parse_as_written`](crate::Numbering::parse_as_written) keeps it.
    #[must_use]
    pub fn code_source(&self) -> Option<CodeSource> {
        use rlibphonenumber::CountryCodeSource as Original;
        match self.0.country_code_source() {
            Original::FromNumberWithPlusSign => Some(CodeSource::Plus),
            Original::FromNumberWithIdd => Some(CodeSource::InternationalPrefix),
            Original::FromNumberWithoutPlusSign => Some(CodeSource::Bare),
            Original::FromDefaultCountry => Some(CodeSource::Home),
            Original::Unspecified => None,
        }
    }

    /// Returns the number as `rlibphonenumber` has it.
    #[must_use]
    pub const fn as_original(&self) -> &rlibphonenumber::PhoneNumber {
        &self.0
    }

    pub(crate) const fn as_original_mut(&mut self) -> &mut rlibphonenumber::PhoneNumber {
        &mut self.0
    }
}

impl From<rlibphonenumber::PhoneNumber> for FullNumber {
    fn from(original: rlibphonenumber::PhoneNumber) -> Self {
        Self(original)
    }
}

impl fmt::Debug for FullNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FullNumber")
            .field("number", &self.number())
            .field("has_extension", &self.0.extension.is_some())
            .finish_non_exhaustive()
    }
}

/// Returns a key's digits as bytes 0 to 9, the first one first.
fn digits(key: u64) -> Vec<u8> {
    key.to_string().bytes().map(|b| b - b'0').collect()
}
