//! Weights learned from the case, without labels.
//!
//! Expectation maximisation of the Fellegi–Sunter model (Winkler 1988) over the pairs looked at.
//! The comparison's levels are, per kind: a value shared by so many persons (classes of powers of
//! two, which is the term-frequency adjustment), how its times overlap, alike but for a slip,
//! nothing shared although there were so many chances. What all other pairs of accounts do is
//! counted, not sampled, where it can be: a value of *d* accounts is shared by d(d−1)/2 pairs.
//!
//! Every count starts from a few made-up observations of what [`Weights::assumed`] says, so that
//! rare levels keep a sane weight. Sums are taken piece by piece in a fixed order, so the weights
//! do not depend on the number of threads.

use crate::compare::{Compared, Overlap, PAIRS_A_PIECE, Said, alike};
use crate::evidence::Kind;
use crate::index::Index;
use crate::weights::{
    ASSUMED_ALIKE_SAME, ASSUMED_ALIKE_STRANGERS, BINS, CHANCES, Weights, assumed_absent,
    assumed_overlap, assumed_share_odds, is_wide,
};
use crate::work::in_chunks;

/// Made-up observations that each level starts from.
const HELD_BACK: f64 = 8.0;
/// Fewer expected pairs of one person teach nothing: the assumed weights stay.
const LEAST_PAIRS_OF_ONE_PERSON: f64 = 100.0;
/// Fewer accounts teach nothing either.
const LEAST_ACCOUNTS: u64 = 500;
/// The most pairs that are learned from: of more, every second, third, … one.
const MOST_PAIRS: usize = 120_000;
/// How many pairs of strangers are drawn to see how often details are alike by chance.
const STRANGERS: u64 = 20_000;

#[derive(Clone)]
struct Sums {
    same: f64,
    /// Pairs that share a line of few persons: of one person, of two.
    household: [f64; 2],
    shared: [[f64; BINS]; Kind::COUNT],
    /// By wide or not, by overlap: of one person, of two.
    overlap: [[[[f64; 2]; Overlap::COUNT]; 2]; Kind::COUNT],
    absent: [[f64; CHANCES]; Kind::COUNT],
    both: [[f64; CHANCES]; Kind::COUNT],
    alike: [f64; Kind::COUNT],
}

impl Sums {
    fn new() -> Self {
        Self {
            same: 0.0,
            household: [0.0; 2],
            shared: [[0.0; BINS]; Kind::COUNT],
            overlap: [[[[0.0; 2]; Overlap::COUNT]; 2]; Kind::COUNT],
            absent: [[0.0; CHANCES]; Kind::COUNT],
            both: [[0.0; CHANCES]; Kind::COUNT],
            alike: [0.0; Kind::COUNT],
        }
    }

    fn add(&mut self, more: &Self) {
        self.same += more.same;
        add_all(&mut self.household, &more.household);
        for kind in 0..Kind::COUNT {
            add_all(&mut self.shared[kind], &more.shared[kind]);
            add_all(&mut self.absent[kind], &more.absent[kind]);
            add_all(&mut self.both[kind], &more.both[kind]);
            for wide in 0..2 {
                for (sum, more) in self.overlap[kind][wide]
                    .iter_mut()
                    .zip(&more.overlap[kind][wide])
                {
                    add_all(sum, more);
                }
            }
        }
        add_all(&mut self.alike, &more.alike);
    }

    /// Makes a part's counts those of the whole.
    fn scale(&mut self, times: f64) {
        self.same *= times;
        scale_all(&mut self.household, times);
        for kind in 0..Kind::COUNT {
            scale_all(&mut self.shared[kind], times);
            scale_all(&mut self.absent[kind], times);
            scale_all(&mut self.both[kind], times);
            for sums in self.overlap[kind].iter_mut().flatten() {
                scale_all(sums, times);
            }
        }
        scale_all(&mut self.alike, times);
    }
}

fn scale_all(sums: &mut [f64], times: f64) {
    for sum in sums {
        *sum *= times;
    }
}

fn add_all(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// What does not change while the weights are learned.
pub(crate) struct Lesson<'a> {
    index: &'a Index,
    compared: &'a Compared,
    kinds: &'a [Kind],
    threads: usize,
    /// By kind: pairs of strangers that have such details, and those alike by chance.
    strangers: [[f64; 2]; Kind::COUNT],
}

impl<'a> Lesson<'a> {
    pub(crate) fn new(
        index: &'a Index,
        compared: &'a Compared,
        kinds: &'a [Kind],
        threads: usize,
    ) -> Self {
        Self {
            index,
            compared,
            kinds,
            threads,
            strangers: strangers(index),
        }
    }

    /// Improves weights by a number of rounds; leaves them where the case is too small.
    pub(crate) fn learn(&self, mut weights: Weights, bins: &[u8], rounds: usize) -> Weights {
        let mut all_pairs = [[0.0_f64; BINS]; Kind::COUNT];
        for (value, (kind, &bin)) in (0_u32..).zip(self.kinds.iter().zip(bins)) {
            let degree = f64::from(self.index.degree(value));
            all_pairs[kind.at()][bin as usize] += degree * (degree - 1.0) / 2.0;
        }
        for _ in 0..rounds {
            let sums = self.expect(&weights, bins);
            if self.index.compared < LEAST_ACCOUNTS || sums.same < LEAST_PAIRS_OF_ONE_PERSON {
                return weights;
            }
            weights = self.maximise(&sums, &all_pairs);
        }
        weights
    }

    fn expect(&self, weights: &Weights, bins: &[u8]) -> Sums {
        let every = self.compared.pairs.len().div_ceil(MOST_PAIRS).max(1);
        let pairs = self.compared.pairs.len().div_ceil(every);
        let pieces = in_chunks(self.threads, pairs.div_ceil(PAIRS_A_PIECE), |piece| {
            let mut sums = Sums::new();
            let mut said_all = Vec::new();
            let from = piece * PAIRS_A_PIECE;
            for pair in from..pairs.min(from + PAIRS_A_PIECE) {
                let codes = self.compared.codes(pair * every);
                said_all.clear();
                said_all.extend(weights.each(self.kinds, bins, codes));
                let mut odds = weights.no_odds();
                for &(said, bits) in &said_all {
                    odds.add(&weights.tells(self.kinds, bins, said, bits));
                }
                let (strangers, household) =
                    ((-odds.strangers_bits).exp2(), (-odds.household_bits).exp2());
                let same = 1.0 / (1.0 + strangers + household);
                sums.same += same;
                if odds.line {
                    sums.household[0] += same;
                    sums.household[1] += 1.0 - same;
                }
                for &(said, bits) in &said_all {
                    match said {
                        Said::Shared { value, overlap } => {
                            let kind = self.kinds[value as usize].at();
                            let bin = bins[value as usize];
                            sums.shared[kind][bin as usize] += same;
                            let at = &mut sums.overlap[kind][usize::from(is_wide(bin))]
                                [overlap as usize];
                            at[0] += same;
                            at[1] += 1.0 - same;
                        }
                        Said::Both {
                            kind,
                            chances,
                            alike,
                            ..
                        } => {
                            let (kind, chances) = (kind.at(), chances as usize % CHANCES);
                            sums.both[kind][chances] += same;
                            if alike {
                                sums.alike[kind] += same;
                            } else if bits < 0.0 {
                                sums.absent[kind][chances] += same;
                            }
                        }
                    }
                }
            }
            sums
        });
        let mut sums = pieces.iter().fold(Sums::new(), |mut sums, piece| {
            sums.add(piece);
            sums
        });
        sums.scale(every as f64);
        sums
    }

    fn maximise(&self, sums: &Sums, all_pairs: &[[f64; BINS]; Kind::COUNT]) -> Weights {
        let accounts = self.index.compared as f64;
        let every = accounts * (accounts - 1.0) / 2.0;
        let mut weights = Weights::assumed(self.index.compared);
        weights.learned = true;
        weights.prior_bits = (sums.same / (every - sums.same).max(1.0)).log2();
        let [same, household] = sums.household.map(|pairs| pairs + HELD_BACK);
        weights.household_bits = (same / household).log2().clamp(0.0, 10.0);
        for kind in Kind::ALL {
            let at = kind.at();
            // A value shared by more persons never says more than one shared by fewer.
            let mut most = f64::INFINITY;
            for (bin, &all) in all_pairs[at].iter().enumerate() {
                let odds = assumed_share_odds(kind, bin);
                let same = sums.shared[at][bin] + HELD_BACK * odds / (1.0 + odds);
                let not = (all - sums.shared[at][bin]).max(0.0) + HELD_BACK / (1.0 + odds);
                most = most.min(((same / not).log2() - weights.prior_bits).max(0.0));
                weights.shared[at][bin] = most;
            }
            for wide in 0..2 {
                let table = &sums.overlap[at][wide];
                let bits = &mut weights.overlap[at][wide];
                learn_overlap(table, bits, &Overlap::ALL[..4]);
                learn_overlap(table, bits, &Overlap::ALL[5..]);
            }
            let mut both = 0.0;
            for (chances, assumed) in assumed_absent(kind).into_iter().enumerate() {
                let share = (sums.absent[at][chances] + HELD_BACK * assumed)
                    / (sums.both[at][chances] + HELD_BACK);
                weights.absent[at][chances] = share.log2().clamp(-8.0, -f64::EPSILON);
                both += sums.both[at][chances];
            }
            let [drawn, chance] = self.strangers[at];
            let same = (sums.alike[at] + HELD_BACK * ASSUMED_ALIKE_SAME) / (both + HELD_BACK);
            // Weighted as a thousand draws, so that a slip seen by no chance is not beyond doubt.
            let strangers = (chance + 1000.0 * ASSUMED_ALIKE_STRANGERS) / (drawn + 1000.0);
            weights.alike[at] = (same / strangers).log2().max(0.0);
        }
        weights
    }
}

fn learn_overlap(
    table: &[[f64; 2]; Overlap::COUNT],
    bits: &mut [f64; Overlap::COUNT],
    group: &[Overlap],
) {
    let start = |overlap: &Overlap| {
        let (bits, strangers) = assumed_overlap(*overlap);
        [strangers * bits.exp2(), strangers].map(|share| share * HELD_BACK)
    };
    let sum = |who: usize| -> f64 {
        group
            .iter()
            .map(|o| table[*o as usize][who] + start(o)[who])
            .sum()
    };
    let (same, not) = (sum(0), sum(1));
    for overlap in group {
        let [one, two] = [0, 1].map(|who| table[*overlap as usize][who] + start(overlap)[who]);
        bits[*overlap as usize] = (one / same * not / two).log2().clamp(-4.0, 4.0);
    }
}

/// Draws pairs of accounts, always the same of a case, and counts details alike by chance.
fn strangers(index: &Index) -> [[f64; 2]; Kind::COUNT] {
    let mut counts = [[0.0; 2]; Kind::COUNT];
    let accounts = index.accounts() as u64;
    if accounts < 2 {
        return counts;
    }
    // Knuth's 64-bit linear congruential generator: any fixed scatter does.
    let mut state = 1_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % accounts).unwrap_or(0)
    };
    for _ in 0..STRANGERS {
        let (a, b) = (draw(), draw());
        if a == b {
            continue;
        }
        for kind in [Kind::Name, Kind::Email, Kind::Phone] {
            let [one, other] = [a, b].map(|at| has_written(index, kind, at));
            if one && other {
                counts[kind.at()][0] += 1.0;
                if alike(index, kind, a, b) && !shares(index, kind, a, b) {
                    counts[kind.at()][1] += 1.0;
                }
            }
        }
    }
    counts
}

fn has_written(index: &Index, kind: Kind, account: u32) -> bool {
    let written = &index.written[account as usize];
    match kind {
        Kind::Name => !written.name.is_empty(),
        Kind::Email => written.email.is_some(),
        Kind::Phone => written.phone.is_some(),
        Kind::Ip
        | Kind::Device
        | Kind::PaymentSource
        | Kind::PayoutAddress
        | Kind::ReferralCode
        | Kind::Other
        | Kind::Username
        | Kind::Handle => false,
    }
}

fn shares(index: &Index, kind: Kind, a: u32, b: u32) -> bool {
    index
        .entries(a)
        .iter()
        .any(|entry| index.values[entry.value as usize].kind == kind && index.has(b, entry.value))
}
