//! libphonenumber's metadata as automata over digits, made by `examples/make_tables`.
//!
//! Digits are bytes 0 to 9 here. Nothing is made at run time: the words lie in the program.

mod areas;

use areas::{AREAS, LEAF_WORDS, ROW_WORDS};

/// What is known of one region, or of one calling code of no region.
pub(crate) struct Area {
    /// The region's letters, or `001`.
    pub(crate) id: &'static str,
    /// The calling code.
    pub(crate) code: u16,
    /// Place of the main area of this calling code.
    main: u8,
    /// Lengths of a national number (bit n: n digits).
    lengths: u32,
    /// Lengths that work within a town only.
    local_lengths: u32,
    plan: u32,
    general: u32,
    international: u32,
    national: u32,
    /// Digits that a rule puts before the group that stays of a national prefix.
    inserted: &'static [u8],
}

/// How a national number's length suits its area (libphonenumber's `ValidationResult`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Length {
    /// A length that can be dialled from anywhere.
    Full,
    /// A length that works within a town.
    Local,
    /// Fewer digits than any number has.
    TooShort,
    /// More digits than any number has.
    TooLong,
    /// Between two lengths that numbers have.
    Between,
}

/// What a plan tells of a national number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Findings(u16);

/// A prefix at the start of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// Digits it takes.
    pub(crate) taken: usize,
    /// Where a rule keeps a part of it: start and end of that part.
    pub(crate) kept: Option<(usize, usize)>,
}

/// What the tables take of the program and of memory.
pub(crate) const TABLE_BYTES: usize = size_of_val(BYTES) + size_of_val(&AREAS);

const PLAN_OUT: usize = 10;
const PREFIX_OUT: usize = 10;
const PREFIX_OUT_AT_END: usize = 11;
const LEAF: usize = 0x8000;
const LEAF_LENGTHS: usize = 18;
const DEAD: usize = 0xffff;
const CALLING_CODES: usize = 1_000;

const BYTES: &[u8; 2 * (ROW_WORDS + LEAF_WORDS + CALLING_CODES)] =
    include_bytes!("tables/automata.bin");
static ROWS: [u16; ROW_WORDS] = words(0);
static LEAVES: [u16; LEAF_WORDS] = words(ROW_WORDS);
/// By the first three digits: how many of them are the calling code (high byte; 0: none), and the
/// place of its main area.
static CODES: [u16; CALLING_CODES] = words(ROW_WORDS + LEAF_WORDS);

/// The tables that answers come from: these, unless a test puts others in their place.
#[cfg(not(test))]
mod place {
    use super::{AREAS, Area, CALLING_CODES, CODES, LEAF_WORDS, LEAVES, ROW_WORDS, ROWS};

    #[inline]
    pub(super) const fn rows() -> &'static [u16; ROW_WORDS] {
        &ROWS
    }

    #[inline]
    pub(super) const fn leaves() -> &'static [u16; LEAF_WORDS] {
        &LEAVES
    }

    #[inline]
    pub(super) const fn codes() -> &'static [u16; CALLING_CODES] {
        &CODES
    }

    #[inline]
    pub(super) const fn areas() -> &'static [Area; AREAS.len()] {
        &AREAS
    }
}

#[cfg(test)]
pub(crate) mod place;

use place::{areas, codes, leaves, rows};

const fn words<const N: usize>(from: usize) -> [u16; N] {
    let mut words = [0; N];
    let mut at = 0;
    while at < N {
        let byte = 2 * (from + at);
        words[at] = u16::from_le_bytes([BYTES[byte], BYTES[byte + 1]]);
        at += 1;
    }
    words
}

impl Area {
    /// Finds a region by its letters.
    pub(crate) fn of_region(id: &str) -> Option<&'static Self> {
        areas().iter().find(|area| area.id == id && id != "001")
    }

    /// Takes the calling code off an international number of at least three digits: the main
    /// area of the code, and how many digits the code has.
    #[inline]
    pub(crate) fn of_international(digits: &[u8]) -> Option<(&'static Self, usize)> {
        let [a, b, c, ..] = *digits else { return None };
        let start = usize::from(a) * 100 + usize::from(b) * 10 + usize::from(c);
        let entry = *codes().get(start)?;
        let (code_digits, place) = (entry >> 8, entry & 0xff);
        if code_digits == 0 {
            return None;
        }
        Some((areas().get(usize::from(place))?, usize::from(code_digits)))
    }

    /// Finds the main area of a calling code.
    pub(crate) fn of_code(code: u16) -> Option<&'static Self> {
        // Codes of one and two digits stand for all that they start.
        let start = usize::from(match code {
            1..10 => code * 100,
            10..100 => code * 10,
            _ => code,
        });
        let place = *codes().get(start)? & 0xff;
        areas()
            .get(usize::from(place))
            .filter(|area| area.code == code)
    }

    /// Returns the main area of this one's calling code.
    #[inline]
    pub(crate) fn main(&self) -> &'static Self {
        &areas()[usize::from(self.main)]
    }

    /// Judges the length of a national number.
    #[inline]
    pub(crate) const fn length(&self, digits: usize) -> Length {
        let bit = if digits < 32 { 1 << digits } else { 0 };
        if self.lengths == 0 {
            Length::Between
        } else if self.local_lengths & bit != 0 {
            Length::Local
        } else if self.lengths & bit != 0 {
            Length::Full
        } else if digits < self.lengths.trailing_zeros() as usize {
            Length::TooShort
        } else if digits > self.lengths.ilog2() as usize {
            Length::TooLong
        } else {
            Length::Between
        }
    }

    /// Looks a national number up in the plan of its calling code.
    #[inline]
    pub(crate) fn find(&self, national: &[u8]) -> Findings {
        Findings(walk(self.plan, national))
    }

    /// Returns true where the area's general pattern takes the number, whatever its length.
    #[inline]
    pub(crate) fn fits(&self, national: &[u8]) -> bool {
        walk(self.general, national) & 1 == 1
    }

    /// Does the same, and gives what the plan has for the number where it is known by then.
    #[inline]
    pub(crate) fn fits_or_find(&self, national: &[u8]) -> (bool, Option<Findings>) {
        let found = walk(self.general, national);
        let by_plan = self.general == self.plan;
        (found & 1 == 1, by_plan.then_some(Findings(found)))
    }

    /// Finds the prefix that stands for `+` here.
    #[inline]
    pub(crate) fn international_prefix(&self, digits: &[u8]) -> Option<Prefix> {
        take(self.international, digits)
    }

    /// Finds the prefix of national dialling, carrier codes included.
    #[inline]
    pub(crate) fn national_prefix(&self, digits: &[u8]) -> Option<Prefix> {
        // Most areas without one share this: not to look at it saves a look at the tables.
        if self.national == 0 {
            return None;
        }
        take(self.national, digits)
    }

    /// Returns the digits that a rule puts before the part of a prefix that stays.
    pub(crate) const fn inserted(&self) -> &'static [u8] {
        self.inserted
    }
}

impl Findings {
    /// Returns the place of the number's kind in `NumberType`, where it is valid.
    pub(crate) const fn kind(self) -> Option<usize> {
        match self.0 >> 1 & 0xf {
            0 => None,
            kind => Some(kind as usize - 1),
        }
    }

    /// Returns the area of a valid number.
    pub(crate) fn area(self) -> &'static Area {
        &areas()[usize::from(self.0 >> 5 & 0xff)]
    }
}

/// Walks a plan. From a leaf on, the number of digits left decides.
#[inline]
fn walk(plan: u32, digits: &[u8]) -> u16 {
    let Some(plan) = rows().get(plan as usize..) else {
        return 0;
    };
    let mut row = 0;
    for (at, &digit) in digits.iter().enumerate() {
        let next = usize::from(plan[row + usize::from(digit)]);
        if next >= LEAF {
            let left = digits.len() - at - 1;
            if left >= LEAF_LENGTHS {
                return 0;
            }
            return leaves()[(next - LEAF) * LEAF_LENGTHS + left];
        }
        row = next;
    }
    plan[row + PLAN_OUT]
}

/// Walks a prefix to the last place where the preferred alternative ends.
#[inline]
fn take(prefix: u32, digits: &[u8]) -> Option<Prefix> {
    let walked = rows().get(prefix as usize..)?;
    let mut row = 0;
    let mut found = None;
    for (at, &digit) in digits.iter().enumerate() {
        match walked[row + PREFIX_OUT] {
            0 => {}
            outcome => found = Some((outcome, at)),
        }
        row = usize::from(walked[row + usize::from(digit)]);
        if row == DEAD {
            return found.map(made);
        }
    }
    match walked[row + PREFIX_OUT_AT_END] {
        0 => {}
        outcome => found = Some((outcome, digits.len())),
    }
    found.map(made)
}

fn made((outcome, taken): (u16, usize)) -> Prefix {
    let start = usize::from(outcome >> 8 & 0x7f);
    let length = usize::from(outcome & 0xff);
    Prefix {
        taken,
        kept: (usize::from(outcome) >= LEAF).then_some((start, start + length)),
    }
}

/// An automaton's rows, for tests that go through all of them.
#[cfg(test)]
pub(crate) struct Walk {
    start: u32,
    row_end: usize,
}

#[cfg(test)]
impl Walk {
    /// Returns the row after a digit, if it is one.
    pub(crate) fn row_after(&self, row: usize, digit: u8) -> Option<usize> {
        let next = usize::from(ROWS[self.start as usize + row + usize::from(digit)]);
        (next < self.row_end).then_some(next)
    }
}

#[cfg(test)]
impl Area {
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        AREAS.iter()
    }

    pub(crate) fn plan_walk(&self) -> Walk {
        Walk {
            start: self.plan,
            row_end: LEAF,
        }
    }

    pub(crate) fn prefix_walks(&self) -> [Walk; 2] {
        [self.international, self.national].map(|start| Walk {
            start,
            row_end: DEAD,
        })
    }

    pub(crate) fn full_lengths(&self) -> impl Iterator<Item = usize> + use<> {
        let lengths = self.lengths;
        (0..32).filter(move |length| lengths >> length & 1 == 1)
    }
}
