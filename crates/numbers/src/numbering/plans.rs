//! What is known of regions and their calling codes.

use std::collections::BTreeSet;

use unspoof_model::Region;

use super::{Numbering, original, ours};
use crate::parse::{number_type, original_type};
use crate::{FullNumber, NumberType};

impl Numbering {
    /// Returns a region's country calling code.
    #[must_use]
    pub fn country_code(&self, region: Region) -> Option<u16> {
        let code = self.rules.get_country_code_for_region(original(region))?;
        u16::try_from(code).ok()
    }

    /// Returns the main region of a calling code: `001` for those of no country.
    #[must_use]
    pub fn main_region(&self, country_code: u16) -> Option<Region> {
        self.rules
            .get_region_for_country_code(i32::from(country_code))
            .and_then(ours)
    }

    /// Returns the regions that share a calling code.
    #[must_use]
    pub fn regions(&self, country_code: u16) -> BTreeSet<Region> {
        self.rules
            .get_regions_for_country_calling_code(i32::from(country_code))
            .into_iter()
            .flatten()
            .filter_map(ours)
            .collect()
    }

    /// Returns all regions that have a numbering plan.
    #[must_use]
    pub fn all_regions(&self) -> BTreeSet<Region> {
        self.rules
            .get_supported_regions()
            .filter_map(ours)
            .collect()
    }

    /// Returns the calling codes that belong to no country, such as +800.
    #[must_use]
    pub fn codes_of_no_country(&self) -> BTreeSet<u16> {
        self.rules
            .get_supported_global_network_calling_codes()
            .filter_map(|code| u16::try_from(code).ok())
            .collect()
    }

    /// Tells whether a region is part of the North American Numbering Plan.
    #[must_use]
    pub fn is_north_american(&self, region: Region) -> bool {
        self.rules.is_nanpa_country(original(region))
    }

    /// Returns the kinds of number that a region has. A region of no plan has none.
    #[must_use]
    pub fn kinds(&self, region: Region) -> BTreeSet<NumberType> {
        self.rules
            .get_supported_types_for_region(original(region))
            .into_iter()
            .flatten()
            .filter_map(number_type)
            .collect()
    }

    /// Returns the kinds of number that a calling code of no country has.
    #[must_use]
    pub fn kinds_of_no_country(&self, country_code: u16) -> BTreeSet<NumberType> {
        self.rules
            .get_supported_types_for_non_geo_entity(i32::from(country_code))
            .into_iter()
            .flatten()
            .filter_map(number_type)
            .collect()
    }

    /// Returns the metadata's example of a fixed line.
    #[must_use]
    pub fn example(&self, region: Region) -> Option<FullNumber> {
        let number = self.rules.get_example_number(original(region));
        number.ok().map(FullNumber::from)
    }

    /// Returns the metadata's example of a kind of number.
    #[must_use]
    pub fn example_of(&self, region: Region, kind: NumberType) -> Option<FullNumber> {
        let number = self
            .rules
            .get_example_number_for_type_and_region(original(region), original_type(kind));
        number.ok().map(FullNumber::from)
    }

    /// Returns the metadata's example for a calling code of no country.
    #[must_use]
    pub fn example_of_no_country(&self, country_code: u16) -> Option<FullNumber> {
        let number = self
            .rules
            .get_example_number_for_non_geo_entity(i32::from(country_code));
        number.ok().map(FullNumber::from)
    }

    /// Returns a number of a region that is not valid: an example that lacks its end.
    #[must_use]
    pub fn invalid_example(&self, region: Region) -> Option<FullNumber> {
        let number = self.rules.get_invalid_example_number(original(region));
        number.ok().map(FullNumber::from)
    }

    /// Tells whether a number belongs to a place: fixed lines, and mobiles of some countries.
    #[must_use]
    pub fn is_geographical(&self, number: &FullNumber) -> bool {
        self.rules.is_number_geographical(number.as_original())
    }

    /// Counts the digits of a national number that are its area code; 0: it has none.
    #[must_use]
    pub fn area_code_digits(&self, number: &FullNumber) -> usize {
        self.rules
            .get_length_of_geographical_area_code(number.as_original())
    }

    /// Counts the digits of a national number that are its national destination code: an area
    /// code, or the code of a network.
    #[must_use]
    pub fn destination_code_digits(&self, number: &FullNumber) -> usize {
        self.rules
            .get_length_of_national_destination_code(number.as_original())
    }

    /// Returns the digit that mobiles of a country have before their area code, as Argentina's 9.
    #[must_use]
    pub fn mobile_token(&self, country_code: u16) -> Option<char> {
        self.rules.get_country_mobile_token(i32::from(country_code))
    }

    /// Takes digits off the end of a number until it is valid. None: it never is.
    #[must_use]
    pub fn truncated(&self, number: &FullNumber) -> Option<FullNumber> {
        let mut truncated = number.clone();
        self.rules
            .truncate_too_long_number(truncated.as_original_mut())
            .then_some(truncated)
    }
}
