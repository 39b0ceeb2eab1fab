//! What happened week by week: calls, payments, logins, one lane each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::colours::Colour;
use crate::svg::{Anchor, Look, Svg};
use crate::writing::{Unit, cut, day, share_px};

/// One lane: what it counts, day by day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lane {
    /// What it is, such as `calls`.
    pub name: String,
    /// How its values are written.
    pub unit: Unit,
    /// Values by day, in days since 1970 (UTC).
    pub by_day: BTreeMap<i32, u64>,
}

/// Lanes under one another over the same weeks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    /// What stands above it.
    pub title: String,
    /// The lanes, from the top.
    pub lanes: Vec<Lane>,
}

const WIDTH: i32 = 880;
const LEFT: i32 = 170;
const PLOT: i32 = WIDTH - LEFT - 24;
const LANE: i32 = 84;
const BAR: i32 = 52;
const MOST_BARS: i32 = 170;

/// Returns the Monday of a day's week; day 0 was a Thursday.
const fn monday(day: i32) -> i32 {
    day.saturating_sub((day.rem_euclid(7) + 3) % 7)
}

impl Timeline {
    /// Draws it. Bars are weeks from Monday, or as many weeks as make at most 170 bars.
    #[must_use]
    pub fn svg(&self, look: &Look) -> String {
        let mut svg = Svg::new(look);
        svg.text(
            (24, 32),
            Anchor::Start,
            16,
            Colour::Ink,
            &cut(&self.title, 16, WIDTH - 48),
        );
        let days = || {
            self.lanes
                .iter()
                .flat_map(|lane| lane.by_day.keys().copied())
        };
        let (Some(first), Some(last)) = (days().min(), days().max()) else {
            let note = "Nothing with a day is known.";
            svg.text((24, 64), Anchor::Start, 13, Colour::Soft, note);
            return svg.finish(look, (WIDTH, 84), &self.title, note);
        };
        let start = i64::from(monday(first));
        let weeks = (i64::from(last) - start) / 7 + 1;
        let step = (weeks - 1) / i64::from(MOST_BARS) + 1;
        let bars = ((weeks - 1) / step + 1) as i32;
        let each = if step == 1 {
            "a week".to_owned()
        } else {
            format!("{step} weeks")
        };
        let note = format!(
            "Each bar is {each}, from {} to {} (UTC).",
            day(first),
            day(last)
        );
        svg.text((24, 54), Anchor::Start, 12, Colour::Soft, &note);
        let x_of =
            |bar: i32| LEFT + share_px(bar.unsigned_abs().into(), bars.unsigned_abs().into(), PLOT);
        let mut described = note;
        let mut base = 48;
        for (at, lane) in self.lanes.iter().enumerate() {
            base += LANE;
            let colour = Colour::SERIES[at % Colour::SERIES.len()];
            let mut sums: BTreeMap<i32, u64> = BTreeMap::new();
            for (&day, &value) in &lane.by_day {
                let bar = ((i64::from(day) - start) / 7 / step) as i32;
                let sum = sums.entry(bar).or_default();
                *sum = sum.saturating_add(value);
            }
            let most = sums.values().copied().max().unwrap_or(0);
            svg.text(
                (24, base - BAR + 10),
                Anchor::Start,
                13,
                Colour::Ink,
                &cut(&lane.name, 13, LEFT - 40),
            );
            let total = lane
                .by_day
                .values()
                .fold(0_u64, |sum, &v| sum.saturating_add(v));
            let all = format!("{} in all", lane.unit.written(total));
            svg.text(
                (24, base - BAR + 28),
                Anchor::Start,
                12,
                Colour::Soft,
                &cut(&all, 12, LEFT - 40),
            );
            let top = format!("most: {}", lane.unit.written(most));
            svg.text(
                (24, base - BAR + 44),
                Anchor::Start,
                12,
                Colour::Soft,
                &cut(&top, 12, LEFT - 40),
            );
            for (&bar, &value) in sums.iter().filter(|(_, value)| **value > 0) {
                let height = share_px(value, most, BAR).max(1);
                let width = (x_of(bar + 1) - x_of(bar) - 1).clamp(1, 24);
                svg.rect(x_of(bar), base - height, width, height, colour);
            }
            svg.path(
                &format!("M{LEFT} {base}H{}", LEFT + PLOT),
                "1",
                Colour::Rule,
            );
            let _ = write!(
                described,
                " {}: {}; the most in {each} {}.",
                lane.name,
                lane.unit.written(total),
                lane.unit.written(most)
            );
        }
        let mut free = LEFT;
        for bar in 0..bars {
            let label = day((start + i64::from(bar) * step * 7) as i32);
            let width = crate::text_width_px(&label, 12);
            let x = x_of(bar);
            if x >= free && x + width <= WIDTH - 8 {
                svg.path(&format!("M{x} {base}v5"), "1", Colour::Soft);
                svg.text((x, base + 20), Anchor::Start, 12, Colour::Soft, &label);
                free = x + width + 40;
            }
        }
        svg.finish(look, (WIDTH, base + 36), &self.title, &described)
    }
}
