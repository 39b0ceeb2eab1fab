//! A number's region and kind of line in one integer, which groups and compares cheaply.

use unspoof_numbers::NumberType;

/// Puts region and kind of line together: two letters, then the kind's place from 1, or 0 for none.
pub(crate) fn class_of(region: Option<&str>, kind: Option<&str>) -> Option<i32> {
    let letters = match region?.as_bytes() {
        [a, b] => i32::from(*a) << 8 | i32::from(*b),
        // Numbers of no country.
        _ => 0,
    };
    let place = |word| NumberType::ALL.iter().position(|k| k.as_str() == word);
    let kind = kind.and_then(place).map_or(0, |place| place as i32 + 1);
    Some(letters << 4 | kind)
}

fn kind_of(class: i32) -> Option<NumberType> {
    let place = (class & 15).checked_sub(1)?;
    NumberType::ALL.get(place as usize).copied()
}

/// Returns whether a class's lines are mobile.
pub(crate) fn is_mobile(class: i32) -> bool {
    kind_of(class) == Some(NumberType::Mobile)
}

/// Undoes [`class_of`].
pub(crate) fn of_class(class: i32) -> (String, Option<&'static str>) {
    let region = match class >> 4 {
        0 => "001".to_owned(),
        letters => [(letters >> 8) as u8, letters as u8]
            .iter()
            .map(|b| char::from(*b))
            .collect(),
    };
    (region, kind_of(class).map(NumberType::as_str))
}
