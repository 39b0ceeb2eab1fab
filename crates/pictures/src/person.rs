//! A person's accounts and what joins them.
//!
//! Accounts stand in one column, shared values in another, lines between. So every label has a line
//! of its own and none can cover another, however many there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::colours::Colour;
use crate::svg::{Anchor, Look, Svg};
use crate::writing::{cut, plain};

/// The most accounts that are drawn; of more, those with the most bits are, and the rest counted.
pub const MOST_ACCOUNTS: usize = 60;
/// The most shared values that are drawn.
pub const MOST_VALUES: usize = 60;

/// A value that several accounts share. It is named by its kind alone: a picture goes from hand to
/// hand, and an address or a handle would go with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SharedBy {
    /// What kind of value, such as `device`.
    pub kind: String,
    /// How much it says for one person, in thousandths of bits; negative ones speak against.
    pub milli_bits: i64,
    /// The accounts that share it, by their labels.
    pub accounts: BTreeSet<String>,
}

/// A person's accounts and what joins them. Accounts are named by labels that the caller makes, such
/// as `panel 17`; one that only a shared value names is drawn too.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PersonPicture {
    /// What stands above it.
    pub title: String,
    /// Labels of accounts, in any order.
    pub accounts: BTreeSet<String>,
    /// What they share, in any order.
    pub shared: Vec<SharedBy>,
}

const WIDTH: i32 = 880;
const ROW: i32 = 24;
const TOP: i32 = 72;
const LEFT: i32 = 230;
const RIGHT: i32 = 480;

fn bits(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let tenths = (milli.unsigned_abs() + 50) / 100;
    format!("{sign}{}.{} bits", tenths / 10, tenths % 10)
}

fn stroke(milli: i64) -> &'static str {
    match milli {
        ..=3_000 => "1",
        3_001..=8_000 => "1.5",
        8_001..=14_000 => "2.5",
        _ => "3.5",
    }
}

impl PersonPicture {
    /// Draws it. Order of the input does not matter.
    #[must_use]
    pub fn svg(&self, look: &Look) -> String {
        let mut all: BTreeMap<&str, i64> = self
            .accounts
            .iter()
            .map(|label| (label.as_str(), 0))
            .collect();
        for value in &self.shared {
            for account in &value.accounts {
                let sum = all.entry(account).or_default();
                *sum = sum.saturating_add(value.milli_bits.max(0));
            }
        }
        let mut accounts: Vec<(&str, i64)> =
            all.iter().map(|(&label, &sum)| (label, sum)).collect();
        accounts.sort_by_key(|&(label, sum)| (std::cmp::Reverse(sum), label));
        accounts.truncate(MOST_ACCOUNTS);
        let mut order: Vec<&str> = accounts.into_iter().map(|(label, _)| label).collect();
        order.sort_unstable();
        let drawn: BTreeSet<&str> = order.iter().copied().collect();
        let joins = |value: &&SharedBy| {
            value
                .accounts
                .iter()
                .filter(|a| drawn.contains(a.as_str()))
                .count()
                > 1
        };
        let mut values: Vec<&SharedBy> = self.shared.iter().filter(joins).collect();
        values.sort_by_key(|value| (std::cmp::Reverse(value.milli_bits), *value));
        values.truncate(MOST_VALUES);
        untangle(&mut order, &mut values);
        let missing_accounts = all.len() - order.len();
        let missing_values = self.shared.len() - values.len();

        let rows = order.len().max(values.len()).max(1) as i32;
        let mut svg = Svg::new(look);
        svg.text(
            (24, 32),
            Anchor::Start,
            16,
            Colour::Ink,
            &cut(&self.title, 16, WIDTH - 48),
        );
        let heading = |svg: &mut Svg, x, anchor, text: &str| {
            svg.text((x, 56), anchor, 12, Colour::Soft, text);
        };
        heading(&mut svg, LEFT - 12, Anchor::End, "accounts");
        heading(&mut svg, RIGHT + 12, Anchor::Start, "what they share");
        let y_of =
            |at: usize, of: usize| TOP + (rows - of as i32) * ROW / 2 + at as i32 * ROW + ROW / 2;
        let places: BTreeMap<&str, i32> = order
            .iter()
            .enumerate()
            .map(|(at, &label)| (label, y_of(at, order.len())))
            .collect();
        // Weak lines first, so that strong ones lie on top.
        let mut lines: Vec<(i64, i32, i32)> = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let to = y_of(at, values.len());
            let from = value.accounts.iter().filter_map(|a| places.get(a.as_str()));
            lines.extend(from.map(|&from| (value.milli_bits, from, to)));
        }
        lines.sort_unstable();
        for (milli, from, to) in lines {
            let middle = (LEFT + RIGHT) / 2;
            let d = format!("M{LEFT} {from}C{middle} {from} {middle} {to} {RIGHT} {to}");
            let colour = if milli >= 8_000 {
                Colour::First
            } else {
                Colour::Third
            };
            svg.path(&d, stroke(milli), colour);
        }
        for (&label, &y) in &places {
            svg.dot(LEFT, y, 5, Colour::Ink);
            let label = cut(label, 13, LEFT - 40);
            svg.text((LEFT - 12, y + 4), Anchor::End, 13, Colour::Ink, &label);
        }
        for (at, value) in values.iter().enumerate() {
            let y = y_of(at, values.len());
            svg.rect(RIGHT - 5, y - 5, 10, 10, Colour::Ink);
            let of = value.accounts.len();
            let tail = format!(", {}, {of} accounts", bits(value.milli_bits));
            let room = WIDTH - RIGHT - 36 - crate::text_width_px(&tail, 13);
            let label = format!("{}{tail}", cut(&value.kind, 13, room));
            svg.text((RIGHT + 12, y + 4), Anchor::Start, 13, Colour::Ink, &label);
        }
        let mut height = TOP + rows * ROW + 16;
        let mut notes = Vec::new();
        if values.is_empty() {
            notes.push("Nothing that two of these accounts share is known.".to_owned());
        }
        if missing_accounts > 0 || missing_values > 0 {
            notes.push(format!(
                "Not drawn: {missing_accounts} accounts with fewer bits, {missing_values} shared \
                 values."
            ));
        }
        for note in &notes {
            svg.text((24, height + 8), Anchor::Start, 12, Colour::Soft, note);
            height += 20;
        }
        let mut described = format!(
            "{} accounts and {} values that they share.",
            all.len(),
            self.shared.len()
        );
        for value in values.iter().take(20) {
            let names: Vec<String> = value.accounts.iter().take(8).map(|a| plain(a)).collect();
            let more = value.accounts.len().saturating_sub(names.len());
            let _ = write!(
                described,
                " {}, {}: {}{}.",
                value.kind,
                bits(value.milli_bits),
                names.join(", "),
                if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                }
            );
        }
        if values.len() > 20 {
            let _ = write!(
                described,
                " {} further values are drawn.",
                values.len() - 20
            );
        }
        notes.iter().for_each(|note| {
            let _ = write!(described, " {note}");
        });
        svg.finish(look, (WIDTH, height + 8), &self.title, &described)
    }
}

/// Orders both columns by the middle of what each is joined to (Sugiyama and others 1981), a few
/// times over; what has no middle and ties keep their order.
fn untangle<'a>(accounts: &mut Vec<&'a str>, values: &mut Vec<&'a SharedBy>) {
    for _ in 0..6 {
        let place: BTreeMap<&str, usize> = accounts
            .iter()
            .enumerate()
            .map(|(at, &a)| (a, at))
            .collect();
        values.sort_by_key(|value| {
            let all = value
                .accounts
                .iter()
                .filter_map(|a| place.get(a.as_str()).copied());
            middle(all, values_middle(accounts.len()))
        });
        let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, value) in values.iter().enumerate() {
            for account in &value.accounts {
                of.entry(account).or_default().push(at);
            }
        }
        let none = values_middle(values.len());
        accounts
            .sort_by_key(|account| middle(of.get(account).into_iter().flatten().copied(), none));
    }
}

const fn values_middle(of: usize) -> usize {
    of * 500
}

fn middle(places: impl Iterator<Item = usize>, none: usize) -> usize {
    let (sum, count) = places.fold((0, 0), |(sum, count), at| (sum + at, count + 1));
    (sum * 1_000).checked_div(count).unwrap_or(none)
}
