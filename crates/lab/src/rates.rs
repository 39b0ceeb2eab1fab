//! Made-up daily rates of Bitcoin in pounds.

use std::fmt::Write as _;

use crate::clock::{DAY_S, UtcS, date_text, days};
use crate::draw::{Draw, Purpose};

const FIRST_DAY: i64 = days(2020, 11, 1);
const LAST_DAY: i64 = days(2022, 12, 31);

/// What one bitcoin was worth on each day, in pence.
pub(crate) struct Rates(Vec<u64>);

impl Rates {
    pub(crate) fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed, Purpose::Rates, 0);
        let mut pence: u64 = 2_941_377;
        let walk = (FIRST_DAY..=LAST_DAY).map(|_| {
            // Up to 4 % a day either way, between £9,000 and £52,000.
            let step = pence * u64::from(draw.below(401)) / 10_000;
            let up = pence < 900_000 || (pence < 5_200_000 && draw.chance(5_000));
            pence = if up { pence + step } else { pence - step };
            pence
        });
        Self(walk.collect())
    }

    pub(crate) fn pence_at(&self, at: UtcS) -> u64 {
        let day = at.div_euclid(DAY_S).clamp(FIRST_DAY, LAST_DAY);
        self.0[(day - FIRST_DAY) as usize]
    }

    /// Returns an amount of 10⁻⁸ bitcoin in pence, halves rounded to even.
    pub(crate) fn value_minor(&self, satoshis: u64, at: UtcS) -> i64 {
        const COIN: u128 = 100_000_000;
        let product = u128::from(satoshis) * u128::from(self.pence_at(at));
        let (whole, rest) = (product / COIN, product % COIN);
        let up = rest * 2 > COIN || (rest * 2 == COIN && whole % 2 == 1);
        (whole + u128::from(up)) as i64
    }

    /// Returns the reference list.
    pub(crate) fn list(&self) -> String {
        let mut out = String::from("date,currency,value_currency,rate\n");
        for (day, pence) in (FIRST_DAY..).zip(&self.0) {
            let date = date_text(day);
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, "{date},BTC,GBP,{}.{:02}", pence / 100, pence % 100);
        }
        out
    }
}
