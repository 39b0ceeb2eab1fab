//! Estimates with their ranges, one line a model.

use std::fmt::Write as _;

use crate::colours::Colour;
use crate::svg::{Anchor, Look, Svg};
use crate::writing::{Unit, cut, round_up, share_px};

/// What one model says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interval {
    /// The model's name.
    pub name: String,
    /// The least that it allows.
    pub low: u64,
    /// Its best guess; none where it gives bounds alone.
    pub middle: Option<u64>,
    /// The most that it allows; none where it sets no limit.
    pub high: Option<u64>,
}

/// Intervals under one another on one scale.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ranges {
    /// What stands above it.
    pub title: String,
    /// How values are written.
    pub unit: Unit,
    /// The models, from the top.
    pub intervals: Vec<Interval>,
    /// What is certain to be counted already, as a mark; none where there is nothing of the kind.
    pub counted: Option<u64>,
}

const WIDTH: i32 = 880;
const LEFT: i32 = 264;
const RIGHT: i32 = 236;
const PLOT: i32 = WIDTH - LEFT - RIGHT;
const ROW: i32 = 30;
const TOP: i32 = 64;

impl Interval {
    fn written(&self, unit: &Unit) -> String {
        let low = unit.written(self.low);
        let range = match self.high {
            Some(high) => format!("{low} to {}", unit.written(high)),
            None => format!("at least {low}"),
        };
        match self.middle {
            Some(middle) => format!("{} ({range})", unit.written(middle)),
            None => range,
        }
    }
}

impl Ranges {
    /// Draws it. The scale starts at 0 and ends beyond the highest limit; a range without limit goes
    /// on to the edge, with an arrow.
    #[must_use]
    pub fn svg(&self, look: &Look) -> String {
        let ends = |one: &Interval| one.high.max(one.middle).unwrap_or(0).max(one.low);
        let ends = self.intervals.iter().map(ends).chain(self.counted);
        // At most five steps, the last one beyond the highest limit.
        let highest = ends.max().unwrap_or(0);
        let step = round_up(highest / 5 + 1);
        let steps = highest / step + 1;
        let most = step.saturating_mul(steps);
        let x_of = |value: u64| LEFT + share_px(value, most, PLOT);
        let bottom = TOP + self.intervals.len() as i32 * ROW;
        let mut svg = Svg::new(look);
        svg.text(
            (24, 32),
            Anchor::Start,
            16,
            Colour::Ink,
            &cut(&self.title, 16, WIDTH - 48),
        );
        let mut free = 0;
        for line in 0..=steps {
            let value = step.saturating_mul(line);
            let x = x_of(value);
            svg.path(&format!("M{x} {}V{bottom}", TOP - 8), "1", Colour::Rule);
            let label = self.unit.written(value);
            let half = crate::text_width_px(&label, 12) / 2 + 6;
            if x - half >= free {
                svg.text((x, bottom + 18), Anchor::Middle, 12, Colour::Soft, &label);
                free = x + half;
            }
        }
        let mut described = String::new();
        for (at, one) in self.intervals.iter().enumerate() {
            let y = TOP + at as i32 * ROW + ROW / 2;
            svg.text(
                (24, y + 4),
                Anchor::Start,
                13,
                Colour::Ink,
                &cut(&one.name, 13, LEFT - 40),
            );
            let from = x_of(one.low);
            let until = one.high.map_or(LEFT + PLOT, x_of).max(from);
            svg.path(&format!("M{from} {y}H{until}"), "3", Colour::First);
            if one.high.is_none() {
                let d = format!(
                    "M{} {}L{until} {y}L{} {}",
                    until - 8,
                    y - 6,
                    until - 8,
                    y + 6
                );
                svg.path(&d, "2", Colour::First);
            } else {
                svg.path(&format!("M{until} {}V{}", y - 5, y + 5), "2", Colour::First);
            }
            svg.path(&format!("M{from} {}V{}", y - 5, y + 5), "2", Colour::First);
            if let Some(middle) = one.middle {
                svg.dot(x_of(middle), y, 6, Colour::First);
            }
            let written = one.written(&self.unit);
            let _ = write!(described, "{}: {written}. ", one.name);
            let at = (LEFT + PLOT + 14, y + 4);
            svg.text(
                at,
                Anchor::Start,
                12,
                Colour::Ink,
                &cut(&written, 12, RIGHT - 22),
            );
        }
        let mut height = bottom + 34;
        if let Some(counted) = self.counted {
            let x = x_of(counted);
            svg.path(&format!("M{x} {}V{bottom}", TOP - 8), "2", Colour::Second);
            let note = format!("counted already: {}", self.unit.written(counted));
            svg.rect(24, height, 12, 12, Colour::Second);
            svg.text((44, height + 11), Anchor::Start, 12, Colour::Soft, &note);
            let _ = write!(described, "{note}.");
            height += 26;
        }
        svg.finish(look, (WIDTH, height), &self.title, described.trim())
    }
}
