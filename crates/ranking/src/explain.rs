//! Why a subject has its points: line by line.

use std::fmt;

use crate::fact::{Fact, Unit};
use crate::points::Points;
use crate::policy::{Amount, Counted, Rules};

/// One term as it came out for one subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line<F> {
    /// The term's name.
    pub name: String,
    /// The facts that it looks at, with their values in their units.
    pub facts: Vec<(F, u64)>,
    /// How much counted.
    pub amount: Amount,
    /// Points for each.
    pub each: Points,
    /// Points in all.
    pub points: Points,
}

/// All terms of a policy for one subject, in the policy's order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation<F> {
    /// Every term, those of 0 points too.
    pub lines: Vec<Line<F>>,
    /// Their sum.
    pub total: Points,
}

impl<F: Fact> Explanation<F> {
    pub(crate) fn new(rules: &Rules<F>, value: impl Fn(F) -> u64) -> Self {
        let lines: Vec<Line<F>> = rules
            .terms
            .iter()
            .map(|term| {
                let amount = term.amount(&value);
                let facts = match &term.counted {
                    Counted::Amount { fact, .. } => vec![(*fact, value(*fact))],
                    Counted::When(all) => {
                        all.iter().map(|&(fact, _)| (fact, value(fact))).collect()
                    }
                };
                Line {
                    name: term.name.clone(),
                    facts,
                    amount,
                    each: term.points,
                    points: term.points_of(amount),
                }
            })
            .collect();
        let total = Points {
            milli: lines.iter().map(|line| line.points.milli).sum(),
        };
        Self { lines, total }
    }

    /// Gives the lines that moved the sum.
    pub fn counted(&self) -> impl Iterator<Item = &Line<F>> {
        self.lines.iter().filter(|line| line.points.milli != 0)
    }
}

fn written(unit: Unit, value: u64) -> String {
    match (unit, value) {
        (Unit::YesNo, 0) => "no".to_owned(),
        (Unit::YesNo, _) => "yes".to_owned(),
        (Unit::Minor, _) => format!("{}.{:02}", value / 100, value % 100),
        (Unit::Seconds | Unit::Percent, _) => format!("{value} {}", unit.as_str()),
        (unit, 1) => format!("1 {}", unit.as_str().trim_end_matches('s')),
        (unit, _) => format!("{value} {}", unit.as_str()),
    }
}

impl<F: Fact> fmt::Display for Line<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>11}  {}:", self.points, self.name)?;
        for (at, &(fact, value)) in self.facts.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let name = if fact.name() == self.name {
                String::new()
            } else {
                format!(" {}", fact.name())
            };
            write!(f, "{comma}{name} {}", written(fact.unit(), value))?;
        }
        match self.amount {
            Amount::Units(units) => write!(f, " ({units} × {})", self.each),
            Amount::DoublingsMilli(milli) => {
                write!(f, " ({} doublings × {})", Points { milli }, self.each)
            }
        }
    }
}

impl<F: Fact> fmt::Display for Explanation<F> {
    /// Writes the lines that moved the sum, and the sum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.counted() {
            writeln!(f, "{line}")?;
        }
        write!(f, "{:>11}  in all", self.total)
    }
}
