use std::collections::BTreeMap;

use unspoof_numbers::{Context, PhoneNumber, Reader};

use crate::calls::Second;
use crate::settings::Settings;
use crate::slips::{Slip, meant};
use crate::{Calls, OrganisationNo, Talk};

/// How many calls agree with what a report may say, counted from the calls themselves: what makes
/// an agreement by chance likely or not.
#[derive(Clone, Debug)]
pub struct Rarity {
    calls: u64,
    first_hour: u32,
    /// Calls before each hour since the first one, and all of them at the end.
    before_hour: Vec<u64>,
    /// Calls per band of talk time, then those not answered.
    talk: Vec<u64>,
    organisation: BTreeMap<OrganisationNo, u64>,
    no_organisation: u64,
    /// Calls to numbers that differ from one called number by each slip, on average.
    slip: BTreeMap<Slip, f64>,
}

/// Numbers whose neighbours are counted.
const SAMPLED: usize = 256;

impl Rarity {
    /// Counts. `context` is how reports write numbers, which decides what a slip can lead to.
    pub(crate) fn of(calls: &Calls, settings: &Settings, context: &Context) -> Self {
        let hours = calls.all_started_s().iter().map(|&s| s / 3_600);
        let first_hour = hours.clone().min().unwrap_or(0);
        let last_hour = hours.clone().max().unwrap_or(0);
        let mut before_hour = vec![0_u64; (last_hour - first_hour) as usize + 2];
        for hour in hours {
            before_hour[(hour - first_hour) as usize + 1] += 1;
        }
        let mut sum = 0;
        for count in &mut before_hour {
            sum += *count;
            *count = sum;
        }
        let mut talk = vec![0; settings.talk_m.len() + 1];
        for one in calls.talks() {
            if let Some(band) = talk_band(one, settings) {
                talk[band] += 1;
            }
        }
        let mut organisation: BTreeMap<_, u64> = BTreeMap::new();
        let mut no_organisation = 0;
        for (set, count) in calls.organisation_sets() {
            if set.is_empty() {
                no_organisation += count;
            }
            for &one in set {
                *organisation.entry(one).or_default() += count;
            }
        }
        Self {
            calls: calls.len() as u64,
            first_hour,
            before_hour,
            talk,
            organisation,
            no_organisation,
            slip: slips_by_chance(calls, context),
        }
    }

    /// Returns how many calls there are.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls
    }

    /// Returns how many calls started in a span, to the hour.
    pub(crate) fn within(&self, (from, to): (Second, Second)) -> u64 {
        let at = |hour: u32| {
            let at = hour.saturating_sub(self.first_hour) as usize;
            let last = self.before_hour.len().saturating_sub(1);
            self.before_hour.get(at.min(last)).copied().unwrap_or(0)
        };
        at(to / 3_600 + 1).saturating_sub(at(from / 3_600))
    }

    pub(crate) fn talk(&self, band: usize) -> u64 {
        self.talk.get(band).copied().unwrap_or(0)
    }

    /// Returns how many calls showed any of these; one that showed two of them counts twice.
    pub(crate) fn shown_as(&self, organisations: &[OrganisationNo]) -> u64 {
        let count = |one| self.organisation.get(one).copied().unwrap_or(0);
        organisations.iter().map(count).sum::<u64>().min(self.calls)
    }

    pub(crate) const fn no_organisation(&self) -> u64 {
        self.no_organisation
    }

    /// Returns how many calls went to numbers one slip away from a number, on average.
    pub(crate) fn slip(&self, slip: Slip) -> f64 {
        self.slip.get(&slip).copied().unwrap_or(1.0)
    }
}

/// Which band of [`Settings::talk_m`] a call lies in, the one after the last for those not
/// answered; none where the record does not tell.
pub(crate) fn talk_band(talk: Talk, settings: &Settings) -> Option<usize> {
    let bands = settings.talk_m.len();
    match talk {
        Talk::Unknown | Talk::Answered => None,
        Talk::Unanswered => Some(bands),
        Talk::Seconds(talk_s) => {
            let band = settings.talk_m.partition_point(|band| band.0 <= talk_s);
            Some(band.min(bands - 1))
        }
    }
}

/// Takes some called numbers as if a victim had written them, and counts the calls to the numbers
/// one slip away. One more is added to what was seen: a sample without any shows no impossibility.
fn slips_by_chance(calls: &Calls, context: &Context) -> BTreeMap<Slip, f64> {
    let mut reader = Reader::new(context.clone());
    let sample = calls.sample_called(SAMPLED);
    let mut seen: BTreeMap<Slip, u64> = BTreeMap::new();
    for number in &sample {
        for (neighbour, slip) in meant(&PhoneNumber::reveal(*number), &mut reader) {
            *seen.entry(slip).or_default() += calls.to(neighbour).len() as u64;
        }
    }
    let average = |slip| {
        let count = seen.get(&slip).copied().unwrap_or(0);
        (count + 1) as f64 / (sample.len() + 1) as f64
    };
    Slip::ALL.map(|slip| (slip, average(slip))).into()
}
