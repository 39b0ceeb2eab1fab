//! Made-up organisations whose numbers are shown: exact numbers and ranges, dated.
//!
//! Their numbers are drama ranges that nothing else here uses: London 020 7946 0xxx, Leeds
//! 0113 496 0xxx, freephone 0808 157 0xxx and UK-wide 03069 990 xxx (Ofcom).

#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "telephone numbers are grouped as they are spoken: country, area, line"
)]

use std::fmt::Write as _;

use crate::clock::{date_text, days};
use crate::draw::Draw;
use crate::phone::e164_text;

/// Name, kind, whether it is a bank's list or the public bodies', and how often it is posed as.
const ORGANISATIONS: [(&str, &str, bool, u64); 19] = [
    ("Albion Mercer Bank", "bank", true, 210),
    ("Northgate Savings Bank", "bank", true, 160),
    ("Severnside Bank", "bank", true, 130),
    ("Crownfield Bank", "bank", true, 110),
    ("Tarn & Pennard Bank", "bank", true, 90),
    (
        "Harbour Mutual Building Society",
        "building-society",
        true,
        30,
    ),
    ("Wexcombe Building Society", "building-society", true, 25),
    ("Larkspur Card Services", "card-issuer", true, 25),
    ("Ostrey Bank", "bank", true, 20),
    ("Fennimore Trust Bank", "bank", true, 15),
    ("Calder Vale Bank", "bank", true, 12),
    ("Redmarsh Credit Union", "credit-union", true, 8),
    ("Revenue Office of Albion", "tax", false, 40),
    ("Albion Fraud Police", "police", false, 35),
    ("Crown Courts of Albion", "court", false, 15),
    ("Border Office of Albion", "immigration", false, 12),
    ("Albion Pensions Office", "pensions", false, 8),
    ("Albion Health Line", "health", false, 6),
    ("Licensing Agency of Albion", "licensing", false, 4),
];

/// Every card issuer's shared desk: a range that covers other organisations' numbers too.
const SHARED: usize = 7;

/// The day on which some numbers changed hands.
const CHANGE: i64 = days(2022, 2, 1);
/// The day from which some numbers were in use at all.
const OPENED: i64 = days(2021, 12, 15);

/// A line of a reference list.
pub(crate) struct Entry {
    pub(crate) organisation: u16,
    /// A whole number, or the first digits of a range.
    pub(crate) digits: u64,
    pub(crate) range: bool,
    /// First day.
    pub(crate) from: Option<i64>,
    /// First day after.
    pub(crate) to: Option<i64>,
    inbound_only: bool,
}

impl Entry {
    fn covers(&self, number: u64, day: Option<i64>) -> bool {
        let named = if self.range {
            number.to_string().starts_with(&self.digits.to_string())
        } else {
            number == self.digits
        };
        let dated = match day {
            Some(day) => {
                self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
            }
            None => self.from.is_none() && self.to.is_none(),
        };
        named && dated
    }
}

/// A number that is shown, and whom it belonged to when.
struct Shown {
    number: u64,
    /// Set from this day on, by day.
    by_day: Vec<(i64, u8)>,
    undated: u8,
}

/// The organisations, their lists, and all numbers that are shown.
pub(crate) struct Organisations {
    entries: Vec<Entry>,
    shown: Vec<Shown>,
    /// Running weights of `shown`.
    weights: Vec<u64>,
    /// From here on, `shown` are nobody's.
    unlisted_from: u16,
    /// Distinct sets of organisations; the first is empty.
    sets: Vec<Vec<u16>>,
}

impl Organisations {
    pub(crate) fn new() -> Self {
        let mut entries = Vec::new();
        let mut numbers: Vec<(u64, u64)> = Vec::new();
        for (index, &(.., weight)) in ORGANISATIONS.iter().enumerate() {
            add_numbers(index as u64, weight, &mut entries, &mut numbers);
        }
        entries.push(Entry {
            organisation: SHARED as u16,
            digits: 44_3069_9901,
            range: true,
            from: None,
            to: None,
            inbound_only: false,
        });
        let unlisted_from = numbers.len() as u16;
        // Shown as well, and nobody's: other Leeds numbers, and drama mobiles.
        numbers.extend((0..60).map(|n| (44_113_496_0500 + n, 3)));
        numbers.extend((0..200).map(|n| (44_7700_900_000 + n, 1)));

        let mut made = Self {
            entries,
            shown: Vec::new(),
            weights: Vec::new(),
            unlisted_from,
            sets: vec![vec![]],
        };
        let mut sum = 0;
        for (number, weight) in numbers {
            sum += weight;
            made.weights.push(sum);
            let undated = made.set_of(number, None);
            let by_day = [i64::MIN, OPENED, CHANGE]
                .map(|day| (day, made.set_of(number, Some(day))))
                .to_vec();
            made.shown.push(Shown {
                number,
                by_day,
                undated,
            });
        }
        made
    }

    fn set_of(&mut self, number: u64, day: Option<i64>) -> u8 {
        let mut set: Vec<u16> = self
            .entries
            .iter()
            .filter(|entry| entry.covers(number, day))
            .map(|entry| entry.organisation)
            .collect();
        set.sort_unstable();
        set.dedup();
        let known = self.sets.iter().position(|known| *known == set);
        known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        }) as u8
    }

    /// Draws a shown number's index.
    pub(crate) fn draw(&self, draw: &mut Draw) -> u16 {
        draw.weighted(&self.weights) as u16
    }

    /// Draws the index of a shown number that is nobody's.
    pub(crate) fn draw_unlisted(&self, draw: &mut Draw) -> u16 {
        let count = self.shown.len() as u32 - u32::from(self.unlisted_from);
        self.unlisted_from + draw.below(count) as u16
    }

    /// Draws the index of a shown number that was a bank's on a day, or a public body's.
    pub(crate) fn draw_of(&self, draw: &mut Draw, day: i64, bank: bool) -> u16 {
        let mut shown = self.draw(draw);
        for _ in 0..64 {
            let set = self.set(self.posed_as(shown, Some(day)));
            let fits = |&organisation: &u16| ORGANISATIONS[usize::from(organisation)].2 == bank;
            if set.first().is_some_and(fits) {
                break;
            }
            shown = self.draw(draw);
        }
        shown
    }

    pub(crate) fn number(&self, shown: u16) -> u64 {
        self.shown[usize::from(shown)].number
    }

    /// Returns the set of organisations that a shown number belonged to on a day; without a day,
    /// only entries without dates say anything.
    pub(crate) fn posed_as(&self, shown: u16, day: Option<i64>) -> u8 {
        let shown = &self.shown[usize::from(shown)];
        match day {
            None => shown.undated,
            Some(day) => shown
                .by_day
                .iter()
                .rfind(|(from, _)| *from <= day)
                .map_or(0, |(_, set)| *set),
        }
    }

    /// Returns the organisations of a set, by index.
    pub(crate) fn set(&self, set: u8) -> &[u16] {
        &self.sets[usize::from(set)]
    }

    pub(crate) const fn count() -> usize {
        ORGANISATIONS.len()
    }

    pub(crate) fn name(organisation: u16) -> &'static str {
        ORGANISATIONS[usize::from(organisation)].0
    }

    /// Returns a reference list: the banks', or the public bodies'.
    pub(crate) fn list(&self, banks: bool) -> String {
        let mut out =
            String::from("number,prefix,organisation,kind,valid_from,valid_to,inbound_only\n");
        for entry in &self.entries {
            let (name, kind, is_bank, _) = ORGANISATIONS[usize::from(entry.organisation)];
            if is_bank != banks {
                continue;
            }
            let digits = e164_text(entry.digits);
            let (number, prefix) = if entry.range {
                ("", &*digits)
            } else {
                (&*digits, "")
            };
            let from = entry.from.map(date_text).unwrap_or_default();
            let to = entry.to.map(date_text).unwrap_or_default();
            let inbound_only = entry.inbound_only;
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                out,
                "{number},{prefix},{name},{kind},{from},{to},{inbound_only}"
            );
        }
        out
    }
}

/// Gives an organisation its numbers; those that are shown get a share of its weight.
fn add_numbers(index: u64, weight: u64, entries: &mut Vec<Entry>, shown: &mut Vec<(u64, u64)>) {
    let exact = |digits, from, to, inbound_only| Entry {
        organisation: index as u16,
        digits,
        range: false,
        from,
        to,
        inbound_only,
    };
    let london = 44_20_7946_0000 + index * 40;
    for line in 0..4 {
        entries.push(exact(london + line, None, None, line == 0));
        shown.push((london + line, weight * 4));
    }
    entries.push(exact(london + 4, Some(OPENED), None, false));
    entries.push(exact(london + 5, None, Some(CHANGE), false));
    // The next organisation takes this line over on the day on which this one gives it up.
    let next = (index + 1) % ORGANISATIONS.len() as u64;
    entries.push(Entry {
        organisation: next as u16,
        ..exact(london + 5, Some(CHANGE), None, false)
    });
    shown.push((london + 4, weight * 3));
    shown.push((london + 5, weight * 3));
    let leeds = 44_113_496_0000 + index * 10;
    entries.push(exact(leeds, None, None, true));
    shown.push((leeds, weight * 2));
    let freephone = 44_808_157_0000 + index * 10;
    entries.push(exact(freephone, None, None, true));
    shown.push((freephone, weight * 2));
    let range = 44_306_999_000 + index;
    entries.push(Entry {
        range: true,
        ..exact(range, None, None, true)
    });
    for line in 0..10 {
        shown.push((range * 10 + line, weight));
    }
    // Listed by itself and inside the range: one organisation still.
    entries.push(exact(range * 10 + 3, None, None, false));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::{GB_ACCOUNTS, GB_MOBILE, GB_OTHER};

    fn shown(organisations: &Organisations, number: u64) -> u16 {
        let index = organisations
            .shown
            .iter()
            .position(|shown| shown.number == number);
        index.expect("a shown number") as u16
    }

    #[test]
    fn no_shown_number_is_ever_called_or_an_account_holders() {
        let own: Vec<_> = [GB_MOBILE, GB_OTHER, &[GB_ACCOUNTS]].concat();
        for shown in Organisations::new().shown {
            let inside = |&(first, count): &(u64, u32)| {
                (first..first + u64::from(count)).contains(&shown.number)
            };
            assert!(!own.iter().any(inside), "{}", shown.number);
        }
    }

    #[test]
    fn a_number_that_changes_hands_belongs_to_whoever_had_it_that_day() {
        let made = Organisations::new();
        let line = shown(&made, 44_20_7946_0005);
        assert_eq!(made.set(made.posed_as(line, Some(CHANGE - 1))), [0]);
        assert_eq!(made.set(made.posed_as(line, Some(CHANGE))), [1]);
        assert!(made.set(made.posed_as(line, None)).is_empty());
    }

    #[test]
    fn a_number_in_two_lists_belongs_to_both_and_to_each_once() {
        let made = Organisations::new();
        let line = shown(&made, 44_3069_990_123);
        assert_eq!(
            made.set(made.posed_as(line, Some(CHANGE))),
            [SHARED as u16, 12]
        );
        let listed_twice = shown(&made, 44_3069_990_003);
        assert_eq!(made.set(made.posed_as(listed_twice, None)), [0]);
    }
}
