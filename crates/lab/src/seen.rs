//! Which numbers and accounts the calls touched, as one bit each.

use crate::clock::UtcS;
use crate::plan::Plan;

/// A set of small numbers.
#[derive(Clone)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    pub(crate) fn set(&mut self, index: u32) {
        self.0[index as usize / 64] |= 1 << (index % 64);
    }

    pub(crate) fn has(&self, index: u32) -> bool {
        self.0[index as usize / 64] >> (index % 64) & 1 == 1
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    fn absorb(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }
}

/// What the calls touched.
#[derive(Clone)]
pub(crate) struct Seen {
    /// Numbers, by their id in the pool.
    pub(crate) called: Bits,
    /// Home numbers in engaged calls.
    pub(crate) engaged: Bits,
    /// Of those, the ones that a priority account reached in such a call.
    pub(crate) by_priority: Bits,
    /// Accounts that placed a call, by index.
    pub(crate) active: Bits,
    /// Numbers of victims who report.
    reporters: Bits,
    /// Calls to those, in no order.
    pub(crate) to_reporters: Vec<CallToReporter>,
}

/// A call to somebody who reports.
#[derive(Clone, Copy)]
pub(crate) struct CallToReporter {
    /// Id in the pool.
    pub(crate) id: u32,
    /// When it started, where a row that counts says so.
    pub(crate) started: Option<UtcS>,
    pub(crate) engaged: bool,
}

impl Seen {
    pub(crate) fn new(plan: &Plan) -> Self {
        let numbers = Bits::new(plan.pool.len());
        let mut reporters = numbers.clone();
        for victim in (0..plan.size.victims).filter(|&v| plan.intents.of_victim(v).is_some()) {
            reporters.set(plan.pool.victim(&plan.size, victim));
        }
        Self {
            called: numbers.clone(),
            engaged: numbers.clone(),
            by_priority: numbers,
            active: Bits::new(plan.ledger.accounts.len()),
            reporters,
            to_reporters: Vec::new(),
        }
    }

    /// Remembers a call that is no test, if it is to somebody who reports.
    pub(crate) fn tell(&mut self, call: CallToReporter) {
        if self.reporters.has(call.id) {
            self.to_reporters.push(call);
        }
    }

    pub(crate) fn absorb(&mut self, other: &Self) {
        self.called.absorb(&other.called);
        self.engaged.absorb(&other.engaged);
        self.by_priority.absorb(&other.by_priority);
        self.active.absorb(&other.active);
        self.to_reporters.extend_from_slice(&other.to_reporters);
    }
}
