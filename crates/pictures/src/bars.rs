//! Sums by month, or by anything else that has an order, in up to three parts each.

use std::fmt::Write as _;

use crate::colours::Colour;
use crate::svg::{Anchor, Look, Svg};
use crate::writing::{Unit, cut, round_up, share_px};

/// One bar.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BarGroup {
    /// What it is of, such as `2022-08`.
    pub name: String,
    /// Its parts, in the order of [`Bars::series`]; those beyond the third are added to it.
    pub parts: Vec<u64>,
}

/// Bars beside one another, each of parts that share nothing, such as losses by tier.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bars {
    /// What stands above it.
    pub title: String,
    /// How values are written.
    pub unit: Unit,
    /// What the parts are, from the bottom: `exact`, `probable`, `possible`.
    pub series: Vec<String>,
    /// The bars, from the left.
    pub groups: Vec<BarGroup>,
}

const WIDTH: i32 = 880;
const LEFT: i32 = 120;
const PLOT: i32 = WIDTH - LEFT - 24;
const TOP: i32 = 88;
const HEIGHT: i32 = 220;

impl Bars {
    /// Draws it.
    #[must_use]
    pub fn svg(&self, look: &Look) -> String {
        let sum = |parts: &[u64]| parts.iter().fold(0_u64, |sum, &v| sum.saturating_add(v));
        let most = self
            .groups
            .iter()
            .map(|group| sum(&group.parts))
            .max()
            .unwrap_or(0);
        let step = round_up(most / 4 + 1);
        let most = step.saturating_mul(most / step + 1);
        let base = TOP + HEIGHT;
        let mut svg = Svg::new(look);
        svg.text(
            (24, 32),
            Anchor::Start,
            16,
            Colour::Ink,
            &cut(&self.title, 16, WIDTH - 48),
        );
        let mut x = 24;
        for (name, colour) in self.series.iter().zip(Colour::SERIES) {
            let name = cut(name, 12, 220);
            svg.rect(x, 48, 12, 12, colour);
            svg.text((x + 18, 59), Anchor::Start, 12, Colour::Soft, &name);
            x += 18 + crate::text_width_px(&name, 12) + 24;
        }
        for line in 0..=most / step {
            let value = step.saturating_mul(line);
            let y = base - share_px(value, most, HEIGHT);
            svg.path(&format!("M{LEFT} {y}H{}", LEFT + PLOT), "1", Colour::Rule);
            let label = cut(&self.unit.written(value), 12, LEFT - 20);
            svg.text((LEFT - 8, y + 4), Anchor::End, 12, Colour::Soft, &label);
        }
        let count = self.groups.len().max(1) as u64;
        let x_of = |at: usize| LEFT + share_px(at as u64, count, PLOT);
        let mut described = String::new();
        let mut free = LEFT - 60;
        for (at, group) in self.groups.iter().enumerate() {
            let room = x_of(at + 1) - x_of(at);
            let width = (room * 7 / 10).clamp(1, 60);
            let x = x_of(at) + (room - width) / 2;
            let mut below = 0_u64;
            for (part, &value) in group.parts.iter().enumerate().filter(|(_, v)| **v > 0) {
                let from = base - share_px(below, most, HEIGHT);
                below = below.saturating_add(value);
                let until = base - share_px(below, most, HEIGHT);
                // A line of paper parts the parts, for whom colours are alike.
                let gap = i32::from(from != base && from - until > 2);
                let colour = Colour::SERIES[part.min(Colour::SERIES.len() - 1)];
                svg.rect(x, until, width, (from - until - gap).max(1), colour);
            }
            let label = cut(&group.name, 12, 110);
            let half = crate::text_width_px(&label, 12) / 2 + 5;
            let middle = x + width / 2;
            if middle - half >= free && middle + half <= WIDTH - 2 {
                svg.text(
                    (middle, base + 20),
                    Anchor::Middle,
                    12,
                    Colour::Soft,
                    &label,
                );
                free = middle + half;
            }
            let parts: Vec<String> = group
                .parts
                .iter()
                .enumerate()
                .map(|(part, &value)| {
                    let name = self.series.get(part).map_or("", String::as_str);
                    format!("{name} {}", self.unit.written(value))
                })
                .collect();
            let _ = write!(described, "{}: {}. ", group.name, parts.join(", "));
        }
        if self.groups.is_empty() {
            described.push_str("No bars.");
        }
        svg.finish(look, (WIDTH, base + 36), &self.title, described.trim())
    }
}
