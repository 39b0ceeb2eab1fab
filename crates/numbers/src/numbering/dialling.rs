//! How numbers are written and dialled.

use rlibphonenumber::PhoneNumberFormat;
use unspoof_model::Region;

use super::{Numbering, original};
use crate::{CodeSource, FullNumber};

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// `+442079460123` (ITU-T E.164); never has an extension.
    E164,
    /// `+44 20 7946 0123 x5` (ITU-T E.123).
    International,
    /// `020 7946 0123 x5`, as dialled within the country.
    National,
    /// `tel:+44-20-7946-0123;ext=5` (RFC 3966).
    Rfc3966,
}

/// Of a number that starts with more zeros, `rlibphonenumber` writes so many; libphonenumber all.
const KEPT_ZEROS: usize = 10;

impl Numbering {
    /// Writes a number.
    ///
    /// One of no digits but zeros that was kept as written is given back as written.
    #[must_use]
    pub fn format(&self, number: &FullNumber, format: Format) -> String {
        let written = number.written().unwrap_or_default();
        let as_written = number.as_original().national_number == 0 && !written.is_empty();
        let format = match format {
            // libphonenumber does so since it knows 000, `rlibphonenumber` does not.
            Format::E164 if as_written && number.code_source() == Some(CodeSource::Home) => {
                return format!("+{}{written}", number.country_code());
            }
            // A key starts with its country code, so nothing is left to look up.
            Format::E164 => match number.number() {
                Some(key) if !as_written => return key.reveal(),
                _ => PhoneNumberFormat::E164,
            },
            Format::International => PhoneNumberFormat::International,
            Format::National => PhoneNumberFormat::National,
            Format::Rfc3966 => PhoneNumberFormat::RFC3966,
        };
        let text = self.rules.format(number.as_original(), format);
        if number.leading_zeros() <= KEPT_ZEROS || as_written {
            return text.into_owned();
        }
        // The metadata has formats for next to none of these: their digits stand in one piece.
        let mut bare = number.clone();
        bare.as_original_mut().extension = None;
        let bare = self.rules.format(bare.as_original(), format);
        let extension = text.strip_prefix(&*bare).unwrap_or_default();
        let (code, national) = (number.country_code(), number.national());
        match format {
            PhoneNumberFormat::International => format!("+{code} {national}{extension}"),
            PhoneNumberFormat::RFC3966 => format!("tel:+{code}-{national}{extension}"),
            PhoneNumberFormat::National | PhoneNumberFormat::E164 => {
                format!("{national}{extension}")
            }
        }
    }

    /// Writes a number as it was written, as far as its digits are grouped in a way of its own.
    #[must_use]
    pub fn format_as_written(&self, number: &FullNumber, from: Region) -> String {
        self.rules
            .format_in_original_format(number.as_original(), original(from))
            .into_owned()
    }

    /// Writes a number as dialled from a region: with its international prefix, unless both share
    /// a country code.
    #[must_use]
    pub fn format_dialled_from(&self, number: &FullNumber, from: Region) -> String {
        self.rules
            .format_out_of_country_calling_number(number.as_original(), original(from))
            .into_owned()
    }

    /// Writes a number as dialled from a region, and leaves the letters that it was written with.
    #[must_use]
    pub fn format_dialled_from_with_letters(&self, number: &FullNumber, from: Region) -> String {
        let text = self
            .rules
            .format_out_of_country_keeping_alpha_chars(number.as_original(), original(from))
            .into_owned();
        // From where several prefixes stand for `+`, libphonenumber writes a `+`, and
        // `rlibphonenumber` nothing.
        let code = number.country_code();
        match text.strip_prefix(' ') {
            Some(rest)
                if rest.starts_with(&format!("{code} "))
                    && self.main_region(code).is_some()
                    && self.country_code(from) != Some(code) =>
            {
                format!("+{rest}")
            }
            _ => text,
        }
    }

    /// Writes a number as a mobile in a region dials it, with or without spaces. None: it cannot
    /// be dialled from there.
    #[must_use]
    pub fn format_for_mobile(
        &self,
        number: &FullNumber,
        from: Region,
        with_spaces: bool,
    ) -> Option<String> {
        self.rules
            .format_number_for_mobile_dialing(number.as_original(), original(from), with_spaces)
            .map(std::borrow::Cow::into_owned)
    }

    /// Writes a number in national form, dialled through a carrier where its country does that.
    #[must_use]
    pub fn format_through_carrier(&self, number: &FullNumber, carrier: &str) -> String {
        self.rules
            .format_national_number_with_carrier_code(number.as_original(), carrier)
    }

    /// Writes a number in national form through the carrier that it was written with, or else
    /// through another.
    #[must_use]
    pub fn format_through_own_carrier(&self, number: &FullNumber, otherwise: &str) -> String {
        self.rules
            .format_national_number_with_preferred_carrier_code(number.as_original(), otherwise)
    }

    /// Tells whether a number can be called from abroad; true where nothing is known.
    #[must_use]
    pub fn is_callable_from_abroad(&self, number: &FullNumber) -> bool {
        self.rules
            .can_be_internationally_dialled(number.as_original())
    }

    /// Tells whether a text can be a number at all, whatever its digits.
    #[must_use]
    pub fn is_viable(&self, text: &str) -> bool {
        self.rules.is_viable_phone_number(text)
    }

    /// Tells whether a text is a vanity number: one of at least three letters, such as
    /// `0800 SIX FLAG`.
    #[must_use]
    pub fn is_vanity(&self, text: &str) -> bool {
        self.rules.is_alpha_number(text)
    }

    /// Puts the digits of the keypad (ITU-T E.161) for the letters of a text; all else stays.
    #[must_use]
    pub fn letters_to_digits(&self, text: &str) -> String {
        self.rules.convert_alpha_characters_in_number(text)
    }

    /// Leaves the digits of a text: those of letters too where it is a vanity number.
    #[must_use]
    pub fn digits(&self, text: &str) -> String {
        self.rules.normalize(text)
    }

    /// Leaves the digits of a text, those of any script as ASCII; letters are none.
    #[must_use]
    pub fn digits_without_letters(&self, text: &str) -> String {
        self.rules.normalize_digits_only(text)
    }

    /// Leaves what a telephone can dial: digits, `+`, `*` and `#`.
    #[must_use]
    pub fn diallable(&self, text: &str) -> String {
        self.rules.normalize_diallable_chars_only(text)
    }
}
