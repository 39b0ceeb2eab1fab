//! Reports that tell of one loss: made twice, at two centres or at one.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_numbers::PhoneNumber;

use crate::settings::Settings;
use crate::{Bits, Money, Report, Window};

/// One thing that two reports agree or disagree in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LossFact {
    /// Before anything is compared: one pair among all.
    OneOfAllPairs,
    /// The same victim's number.
    SameNumber,
    /// The number that one report gives is the one that the other was matched to by a slip.
    SlipOfNumber,
    /// Different victims' numbers.
    OtherNumber,
    /// The same name, its words in any order.
    SameName,
    /// Different names.
    OtherName,
    /// The same amount in the same currency.
    SameAmount,
    /// Amounts within a tenth of each other: one of them rounded, perhaps.
    NearAmount,
    /// Different amounts.
    OtherAmount,
    /// Windows that meet within a day.
    SameDay,
    /// Windows further apart.
    OtherDay,
    /// The same words for the organisation, or the same organisation.
    SameOrganisation,
    /// Both are matched to one call; decides by itself.
    SameCall,
}

/// A loss fact with its weight.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LossReason {
    /// The fact.
    pub fact: LossFact,
    /// What it adds.
    pub bits: Bits,
}

/// Why two reports are of one loss. Reports are numbered in the order given, from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LossLink {
    /// The one that comes first by source and id.
    pub report: usize,
    /// The other.
    pub repeats: usize,
    /// The sum of the reasons.
    pub bits: Bits,
    /// Why.
    pub reasons: Vec<LossReason>,
}

/// A report's own numbers.
pub(crate) struct OwnNumbers {
    /// As given, in the field or, where it was matched by that, in the narrative.
    pub(crate) given: Vec<PhoneNumber>,
    /// The number that it was matched to by a slip.
    pub(crate) meant: Option<PhoneNumber>,
}

/// What can be compared of a report.
struct Seen<'r> {
    report: &'r Report,
    numbers: BTreeSet<PhoneNumber>,
    /// The number that its match says was meant.
    meant: Option<PhoneNumber>,
    name: Option<String>,
}

impl Seen<'_> {
    /// Returns the number that this report slipped from, if the other gives it or did so, too.
    fn meant_by(&self, other: &Self) -> Option<PhoneNumber> {
        self.meant
            .filter(|meant| other.numbers.contains(meant) || other.meant == Some(*meant))
    }
}

/// How often each value occurs among the reports.
#[derive(Default)]
struct Counts<'r> {
    reports: usize,
    number: BTreeMap<PhoneNumber, usize>,
    name: BTreeMap<&'r str, usize>,
    amount: BTreeMap<Money, usize>,
    organisation: BTreeMap<Vec<u32>, usize>,
    /// Start of each report's first window.
    days_utc: Vec<i64>,
}

const DAY_US: i64 = 86_400_000_000;
/// Reports of one block are compared with so many of the next ones by date.
const NEIGHBOURS: usize = 64;
/// Fewer reports than this say nothing on how rare a name or number is.
const FEW_REPORTS: f64 = 100.0;

/// Finds the pairs of reports that tell of one loss, `reports` in order of their keys as given by
/// `order`, with what each report gives as its own numbers.
pub(crate) fn links(
    reports: &[Report],
    order: &[usize],
    numbers: &[OwnNumbers],
    settings: &Settings,
) -> Vec<LossLink> {
    let seen: Vec<Seen<'_>> = reports
        .iter()
        .zip(numbers)
        .map(|(report, own)| Seen {
            report,
            numbers: own.given.iter().copied().collect(),
            meant: own.meant,
            name: report.victim_name.as_deref().and_then(words_in_order),
        })
        .collect();
    let counts = Counts::of(&seen);
    let mut links = Vec::new();
    for (one, other) in pairs(&seen, order) {
        let reasons = compare(&seen[one], &seen[other], &counts, settings);
        let bits: Bits = reasons.iter().map(|reason| reason.bits).sum();
        let odds = bits.as_f64().exp2();
        if odds / (1.0 + odds) >= settings.one_loss {
            links.push(LossLink {
                report: one,
                repeats: other,
                bits,
                reasons,
            });
        }
    }
    links
}

/// Pairs worth comparing: of one number or of one name, near each other by date within such a block.
fn pairs(seen: &[Seen<'_>], order: &[usize]) -> BTreeSet<(usize, usize)> {
    let mut by_number: BTreeMap<PhoneNumber, Vec<usize>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut rank = vec![0; seen.len()];
    for (place, &at) in order.iter().enumerate() {
        rank[at] = place;
        for &number in seen[at].numbers.iter().chain(&seen[at].meant) {
            by_number.entry(number).or_default().push(at);
        }
        if let Some(name) = &seen[at].name {
            by_name.entry(name).or_default().push(at);
        }
    }
    let mut pairs = BTreeSet::new();
    for block in by_number.into_values().chain(by_name.into_values()) {
        // By every reading of the date, so that both readings find their neighbours.
        let mut dated: Vec<(i64, usize, usize)> = Vec::new();
        for at in block {
            let windows = &seen[at].report.windows;
            dated.extend(windows.iter().map(|w| (w.from_utc, rank[at], at)));
            if windows.is_empty() {
                dated.push((seen[at].report.reported_utc.unwrap_or(0), rank[at], at));
            }
        }
        dated.sort_unstable();
        for (place, one) in dated.iter().enumerate() {
            for other in dated.iter().skip(place + 1).take(NEIGHBOURS) {
                if one.1 != other.1 {
                    let (first, second) = if one.1 < other.1 {
                        (one, other)
                    } else {
                        (other, one)
                    };
                    pairs.insert((first.2, second.2));
                }
            }
        }
    }
    pairs
}

impl<'r> Counts<'r> {
    fn of(seen: &'r [Seen<'_>]) -> Self {
        let mut counts = Self {
            reports: seen.len(),
            ..Self::default()
        };
        for one in seen {
            for &number in &one.numbers {
                *counts.number.entry(number).or_default() += 1;
            }
            if let Some(name) = &one.name {
                *counts.name.entry(name).or_default() += 1;
            }
            if let Some(loss) = one.report.loss {
                *counts.amount.entry(loss).or_default() += 1;
            }
            if let Some(organisation) = organisation(one.report) {
                *counts.organisation.entry(organisation).or_default() += 1;
            }
            counts
                .days_utc
                .extend(one.report.windows.first().map(|w| w.from_utc));
        }
        counts.days_utc.sort_unstable();
        counts
    }

    /// Counts reports whose first window starts within a day and a half of a window.
    fn near(&self, window: Window) -> usize {
        let from = window.from_utc.saturating_sub(DAY_US * 3 / 2);
        let to = window.to_utc.saturating_add(DAY_US * 3 / 2);
        let before = self.days_utc.partition_point(|&day| day < from);
        self.days_utc.partition_point(|&day| day <= to) - before
    }
}

fn compare(
    one: &Seen<'_>,
    other: &Seen<'_>,
    counts: &Counts<'_>,
    settings: &Settings,
) -> Vec<LossReason> {
    let all = counts.reports.max(1) as f64;
    let mut reasons = Vec::new();
    let mut take = |fact, bits| reasons.push(LossReason { fact, bits });
    // Of n reports, a share repeats another one: so many pairs among n²/2.
    take(
        LossFact::OneOfAllPairs,
        Bits::of(2.0 * settings.repeated, all),
    );
    // These two left out: how many others have the value, too.
    let by_chance = |count: usize| (count.saturating_sub(2) as f64 + 0.5) / all.max(FEW_REPORTS);
    let share = |count: Option<&usize>| by_chance(count.copied().unwrap_or(0));
    if let Some(same) = one.numbers.intersection(&other.numbers).next() {
        take(
            LossFact::SameNumber,
            Bits::of(0.9, share(counts.number.get(same))),
        );
    } else if let Some(meant) = one.meant_by(other).or_else(|| other.meant_by(one)) {
        let bits = Bits::of(0.08, share(counts.number.get(&meant)));
        take(LossFact::SlipOfNumber, bits);
    } else if !one.numbers.is_empty() && !other.numbers.is_empty() {
        take(LossFact::OtherNumber, Bits::of(0.1, 1.0));
    }
    if let (Some(name), Some(others)) = (&one.name, &other.name) {
        if name == others {
            take(
                LossFact::SameName,
                Bits::of(0.85, share(counts.name.get(name.as_str()))),
            );
        } else {
            take(LossFact::OtherName, Bits::of(0.15, 1.0));
        }
    }
    if let (Some(loss), Some(others)) = (one.report.loss, other.report.loss) {
        if loss == others {
            take(
                LossFact::SameAmount,
                Bits::of(0.7, share(counts.amount.get(&loss))),
            );
        } else if near(loss, others) {
            take(LossFact::NearAmount, Bits::of(0.15, 0.05));
        } else {
            take(LossFact::OtherAmount, Bits::of(0.15, 0.95));
        }
    }
    let (a, b) = (&one.report.windows, &other.report.windows);
    if let (Some(window), false) = (a.first(), b.is_empty()) {
        let meets = |w: &Window| b.iter().any(|v| apart(*w, *v) <= DAY_US);
        if a.iter().any(meets) {
            // Each reading more is a chance more to meet.
            let readings = (a.len() * b.len()) as f64;
            let near = by_chance(counts.near(*window));
            take(LossFact::SameDay, Bits::of(0.9, (near * readings).min(0.9)));
        } else {
            take(LossFact::OtherDay, Bits::of(0.02, 0.98));
        }
    }
    if let (Some(a), Some(b)) = (organisation(one.report), organisation(other.report))
        && a == b
    {
        take(
            LossFact::SameOrganisation,
            Bits::of(0.8, share(counts.organisation.get(&a))),
        );
    }
    reasons
}

fn near(one: Money, other: Money) -> bool {
    let larger = one.minor.unsigned_abs().max(other.minor.unsigned_abs());
    one.currency == other.currency && one.minor.abs_diff(other.minor) <= larger / 10
}

fn apart(one: Window, other: Window) -> i64 {
    let gap = |a: Window, b: Window| b.from_utc.saturating_sub(a.to_utc);
    gap(one, other).max(gap(other, one)).max(0)
}

fn organisation(report: &Report) -> Option<Vec<u32>> {
    let mut all: Vec<u32> = report.organisations.iter().map(|one| one.0).collect();
    all.sort_unstable();
    Some(all).filter(|all| !all.is_empty())
}

fn words_in_order(name: &str) -> Option<String> {
    let mut words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.sort_unstable();
    Some(words.join(" ")).filter(|name| !name.is_empty())
}
