//! Numbering plans: what a national number is, by its calling code.

use super::automaton::Automaton;
use super::metadata::{Description, Territory};
use super::pattern::Pattern;

/// Kinds by the order in which libphonenumber tries them: field number and place in `NumberType`,
/// counted from 1. Fixed lines and mobiles come after them.
const KINDS: [(u64, u32); 8] = [
    (5, 5),
    (4, 4),
    (6, 6),
    (8, 7),
    (7, 8),
    (21, 9),
    (25, 10),
    (28, 11),
];
const FIXED_LINE: (u64, u32) = (2, 1);
const MOBILE: (u64, u32) = (3, 2);
const FIXED_LINE_OR_MOBILE: u32 = 3;

/// Tells which numbers the general pattern takes, whatever their length: 1, or 0.
pub(crate) fn general(territory: &Territory) -> Result<Automaton, String> {
    pattern(&territory.general)
}

/// Tells a number of one calling code's kind and territory, as `get_region_for_number` and
/// `get_number_type` do. The territories come with their places in the tables, the main one first.
///
/// Bit 0 of an output is the main territory's general pattern, bits 1 to 4 the kind, bits 5 to 12
/// the place of the number's own territory.
pub(crate) fn plan(sharing: &[(u32, &Territory)]) -> Result<Automaton, String> {
    let (_, main) = sharing.first().ok_or("a calling code of nobody")?;
    let mut parts = vec![general(main)?];
    for (_, territory) in sharing {
        parts.push(match &territory.leading_digits {
            // One alone is not asked for its leading digits.
            Some(digits) if sharing.len() > 1 => Automaton::start(&Pattern::compile(digits)?),
            _ => Automaton::nothing(),
        });
        parts.push(kinds(territory)?);
    }
    let parts: Vec<&Automaton> = parts.iter().collect();
    Ok(Automaton::together(&parts, |outs| {
        let found = sharing
            .iter()
            .zip(outs.get(1..).unwrap_or_default().chunks_exact(2))
            .find(|(_, outs)| sharing.len() == 1 || outs[0] == 1 || outs[1] > 0);
        match found {
            Some(((place, _), [_, kind])) if *kind > 0 => outs[0] | kind << 1 | place << 5,
            _ => outs[0],
        }
    }))
}

/// Tells the kind of a number of one territory; 0: none.
fn kinds(territory: &Territory) -> Result<Automaton, String> {
    let of = |field: u64| match territory.kinds.get(&field) {
        Some(description) => of_right_length(description),
        None => Ok(Automaton::nothing()),
    };
    let mut parts = vec![of_right_length(&territory.general)?];
    for (field, _) in KINDS.iter().chain([&FIXED_LINE, &MOBILE]) {
        parts.push(of(*field)?);
    }
    let same = territory.same_mobile_and_fixed_line;
    let parts: Vec<&Automaton> = parts.iter().collect();
    Ok(Automaton::together(&parts, |outs| {
        let [general, special @ .., fixed_line, mobile] = outs else {
            return 0;
        };
        if *general == 0 {
            return 0;
        }
        let special = special.iter().zip(KINDS).find(|(is, _)| **is == 1);
        match (special, *fixed_line == 1, *mobile == 1) {
            (Some((_, (_, kind))), _, _) => kind,
            (None, true, mobile) if same || mobile => FIXED_LINE_OR_MOBILE,
            (None, true, _) => FIXED_LINE.1,
            (None, false, true) if !same => MOBILE.1,
            (None, false, _) => 0,
        }
    }))
}

fn of_right_length(description: &Description) -> Result<Automaton, String> {
    let lengths = Automaton::of_length(&description.lengths);
    let pattern = pattern(description)?;
    Ok(Automaton::together(&[&pattern, &lengths], |outs| {
        outs[0] & outs[1]
    }))
}

fn pattern(description: &Description) -> Result<Automaton, String> {
    match &description.pattern {
        Some(pattern) => Ok(Automaton::whole(&Pattern::compile(pattern)?)),
        None => Ok(Automaton::nothing()),
    }
}
