//! Where an account's holder seems to live: telephone, addresses, hours, each in bits.
//!
//! Bits are base-two logarithms of how much likelier the evidence is for somebody who lives there
//! than for somebody who does not. Those that ship are assumed, not learned: no seized service has
//! told where its users truly lived. They are written down here so that they can be challenged, and
//! a caller can give others.

use std::collections::BTreeMap;

use unspoof_model::{Region, UtcMicros, Zone};

/// How much each piece of evidence says, in bits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct HomeWeights {
    /// The account's own telephone number is of the region. Numbers are bought and borrowed.
    pub telephone_bits: f64,
    /// All of very many addresses are of the region; fewer, or a share of them, say less.
    pub addresses_bits: f64,
    /// With so many addresses, half of [`HomeWeights::addresses_bits`] is reached.
    pub addresses_half: f64,
    /// The most that hours can say for or against.
    pub hours_most_bits: f64,
    /// So many instants say what one independent one would: people act in sittings.
    pub instants_a_sitting: f64,
    /// How much likelier any region that nothing speaks for is, taken together, than one of them.
    pub elsewhere_bits: f64,
}

impl Default for HomeWeights {
    fn default() -> Self {
        Self {
            telephone_bits: 4.0,
            addresses_bits: 6.0,
            addresses_half: 2.0,
            hours_most_bits: 2.0,
            instants_a_sitting: 8.0,
            elsewhere_bits: 3.0,
        }
    }
}

/// How often people act in each local hour, relative to the mean of the day, in hundredths: a
/// plain day with seven hours of sleep. Assumed.
const AWAKE_PCT: [u16; 24] = [
    50, 30, 20, 15, 15, 20, 40, 70, 100, 125, 140, 145, 140, 140, 145, 145, 145, 145, 145, 145,
    140, 135, 115, 90,
];

/// What is known of where an account was used from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HomeEvidence {
    /// The region of the account's own telephone number.
    pub telephone: Option<Region>,
    /// Different addresses by the country that a country file tells, known VPN exits left out.
    pub addresses: BTreeMap<Region, u32>,
    /// Activity by local hour, for each region that is asked about; see [`local_hours`].
    pub hours: BTreeMap<Region, [u32; 24]>,
}

/// Counts instants by the hour that clocks of a zone showed.
#[must_use]
pub fn local_hours(zone: &Zone, instants: impl IntoIterator<Item = UtcMicros>) -> [u32; 24] {
    let mut hours = [0_u32; 24];
    for at in instants {
        let at_s = at.div_euclid(1_000_000);
        let local_s = at_s.saturating_add(zone.offset_s_at(at_s));
        let hour = local_s.rem_euclid(86_400) / 3_600;
        if let Some(count) = hours.get_mut(hour.unsigned_abs() as usize) {
            *count = count.saturating_add(1);
        }
    }
    hours
}

/// One region with what speaks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HomeCandidate {
    /// The region.
    pub region: Region,
    /// Thousandths of bits by the telephone.
    pub telephone_milli_bits: i64,
    /// Thousandths of bits by the addresses.
    pub addresses_milli_bits: i64,
    /// Thousandths of bits by the hours; negative ones speak against.
    pub hours_milli_bits: i64,
    /// How sure it is, in hundredths, rounded down.
    pub confidence_pct: u8,
}

impl HomeCandidate {
    /// Returns the sum, in thousandths of bits.
    #[must_use]
    pub const fn milli_bits(&self) -> i64 {
        self.telephone_milli_bits + self.addresses_milli_bits + self.hours_milli_bits
    }
}

/// Regions with how sure each is; what is missing to 100 is every other region.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HomeFinding {
    /// The surest first, then by the region's letters.
    pub candidates: Vec<HomeCandidate>,
}

impl HomeFinding {
    /// Returns how sure it is that the region is one of these, in hundredths: the fact
    /// `home_confidence_pct`.
    #[must_use]
    pub fn confidence_pct(&self, regions: &[Region]) -> u8 {
        self.candidates
            .iter()
            .filter(|candidate| regions.contains(&candidate.region))
            .fold(0, |sum, one| sum.saturating_add(one.confidence_pct))
    }
}

fn milli(bits: f64) -> i64 {
    // A cast of what is no number gives 0.
    libm::round(bits * 1000.0) as i64
}

fn hours_bits(hours: &[u32; 24], weights: &HomeWeights) -> f64 {
    let bits: f64 = hours
        .iter()
        .zip(AWAKE_PCT)
        .map(|(&count, pct)| f64::from(count) * libm::log2(f64::from(pct) / 100.0))
        .sum();
    let most = weights.hours_most_bits.abs();
    (bits / weights.instants_a_sitting.max(1.0)).clamp(-most, most)
}

impl HomeEvidence {
    /// Weighs the evidence over all regions that it names.
    #[must_use]
    pub fn weigh(&self, weights: &HomeWeights) -> HomeFinding {
        let mut regions: Vec<Region> = self
            .telephone
            .into_iter()
            .chain(self.addresses.keys().copied())
            .chain(self.hours.keys().copied())
            .collect();
        regions.sort_unstable();
        regions.dedup();
        let addresses: f64 = self.addresses.values().map(|&n| f64::from(n)).sum();
        let enough = addresses / (addresses + weights.addresses_half.max(0.0)).max(1.0);
        let mut candidates: Vec<HomeCandidate> = regions
            .into_iter()
            .map(|region| {
                let of_region = f64::from(self.addresses.get(&region).copied().unwrap_or(0));
                let share = of_region / addresses.max(1.0);
                let telephone = f64::from(u8::from(self.telephone == Some(region)));
                let hours = self.hours.get(&region);
                HomeCandidate {
                    region,
                    telephone_milli_bits: milli(weights.telephone_bits * telephone),
                    addresses_milli_bits: milli(weights.addresses_bits * share * enough),
                    hours_milli_bits: milli(hours.map_or(0.0, |h| hours_bits(h, weights))),
                    confidence_pct: 0,
                }
            })
            .collect();
        let odds = |bits: i64| libm::exp2(bits.clamp(-50_000, 50_000) as f64 / 1000.0);
        // In the order of regions, so that the sum is the same on every machine.
        let all: f64 = candidates.iter().map(|one| odds(one.milli_bits())).sum();
        let all = all + odds(milli(weights.elsewhere_bits));
        for candidate in &mut candidates {
            candidate.confidence_pct = (odds(candidate.milli_bits()) / all * 100.0) as u8;
        }
        candidates.sort_by_key(|one| (std::cmp::Reverse(one.milli_bits()), one.region));
        HomeFinding { candidates }
    }
}
