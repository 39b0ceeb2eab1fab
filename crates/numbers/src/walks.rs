//! Every step of every automaton, against `rlibphonenumber`: a wrong branch of a pattern cannot
//! hide behind numbers that nobody draws.

use std::collections::{BTreeMap, VecDeque};

use crate::parse::{Home, parse};
use crate::tables::{Area, Walk};

/// Digits that lead to each row of an automaton, by the shortest way.
fn ways(walk: &Walk) -> BTreeMap<usize, Vec<u8>> {
    let mut ways = BTreeMap::from([(0, Vec::new())]);
    let mut open = VecDeque::from([0]);
    while let Some(row) = open.pop_front() {
        for digit in 0..10 {
            if let Some(next) = walk.row_after(row, digit)
                && !ways.contains_key(&next)
            {
                let mut way = ways[&row].clone();
                way.push(digit);
                ways.insert(next, way);
                open.push_back(next);
            }
        }
    }
    ways
}

/// Digits that look random and are the same in each run.
fn tail(way: &[u8], length: usize) -> Vec<u8> {
    let mut state = way.iter().fold(7_u64, |s, &d| s * 31 + u64::from(d));
    let mut digits = way.to_vec();
    while digits.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        digits.push((state >> 40) as u8 % 10);
    }
    digits
}

struct Tally {
    compared: usize,
    differences: Vec<String>,
}

impl Tally {
    fn compare(&mut self, plus: &str, digits: &[u8], home: Home) {
        let digits: String = digits.iter().map(|d| char::from(b'0' + d)).collect();
        let text = format!("{plus}{digits}");
        let by_tables = parse(&text, false, home);
        let by_original = parse(&text, false, home.by_original());
        self.compared += 1;
        if by_tables != by_original {
            self.differences
                .push(format!("{text}: {by_tables:?}, originally {by_original:?}"));
        }
    }

    fn judge(&self, least: usize) {
        let shown = &self.differences[..self.differences.len().min(20)];
        assert!(shown.is_empty(), "{}", shown.join("\n"));
        assert!(self.compared >= least, "only {} compared", self.compared);
    }
}

#[test]
fn every_step_of_every_plan() {
    let mut tally = Tally {
        compared: 0,
        differences: Vec::new(),
    };
    for area in Area::all().filter(|area| std::ptr::eq(*area, area.main())) {
        let plus = format!("+{}", area.code);
        let walk = area.plan_walk();
        for way in ways(&walk).values() {
            tally.compare(&plus, way, Home::NOWHERE);
            for digit in 0..10 {
                let mut way = way.clone();
                way.push(digit);
                for length in area.full_lengths() {
                    tally.compare(&plus, &tail(&way, length), Home::NOWHERE);
                }
            }
        }
    }
    tally.judge(100_000);
}

#[test]
fn every_step_of_every_prefix() {
    let mut tally = Tally {
        compared: 0,
        differences: Vec::new(),
    };
    for area in Area::all() {
        let Ok(region) = area.id.parse() else {
            continue;
        };
        let home = Home::new(Some(region));
        for walk in area.prefix_walks() {
            for way in ways(&walk).values() {
                for digit in 0..10 {
                    let mut way = way.clone();
                    way.push(digit);
                    let lengths = area.full_lengths();
                    for more in lengths.chain([3, way.len() + 5]) {
                        tally.compare("", &tail(&way, more), home);
                        tally.compare("", &tail(&way, way.len() - 1 + more), home);
                    }
                }
            }
        }
    }
    tally.judge(30_000);
}
