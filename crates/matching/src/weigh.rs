//! The weight of each thing that a report and a call agree or disagree in.

use unspoof_numbers::PhoneNumber;

use crate::calls::{Position, Second};
use crate::rarity::talk_band;
use crate::reason::{Fact, Reason};
use crate::settings::Settings;
use crate::slips::Slip;
use crate::told::{Own, Span, Told};
use crate::{Bits, Calls, OrganisationNo, Rarity, Talk};

/// How the called number stands to what the report gives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum NumberLevel {
    /// People decided that the report tells of a call to this number.
    Judged(PhoneNumber),
    /// The own number at this place of [`Told::own`].
    Equal(usize),
    /// A number one slip away.
    Slip(Slip, PhoneNumber),
    /// The report gives one, and it is another.
    Other,
    /// The report gives none.
    NotGiven,
}

#[derive(Clone, Copy)]
struct Weight {
    bits: Bits,
    agreeing_calls: u64,
}

impl Weight {
    const fn of(self, fact: Fact) -> Reason {
        Reason {
            fact,
            bits: self.bits,
            agreeing_calls: self.agreeing_calls,
        }
    }
}

struct SpanWeights {
    span: Span,
    inside: Weight,
    /// Up to so many hours outside.
    outside: Vec<(u32, Weight)>,
}

/// What a report's facts weigh, worked out once for all its candidates.
pub(crate) struct Weights<'a> {
    calls: &'a Calls,
    rarity: &'a Rarity,
    settings: &'a Settings,
    told: &'a Told,
    readings: usize,
    prior: Weight,
    spans: Vec<SpanWeights>,
    other_number: Weight,
    presented_equal: Vec<Weight>,
    presented_other: Weight,
    organisation_equal: Weight,
    no_organisation: Weight,
    other_organisation: Weight,
    bank_equal: Weight,
    bank_other: Weight,
    talk: Vec<Weight>,
}

const HOUR_S: u32 = 3_600;

impl<'a> Weights<'a> {
    pub(crate) fn new(
        calls: &'a Calls,
        rarity: &'a Rarity,
        settings: &'a Settings,
        told: &'a Told,
    ) -> Self {
        let all = rarity.calls();
        let weight = |m: f64, agreeing: u64| weigh(m, agreeing, all);
        let readings = told.spans.len().max(1);
        let spans = told.spans.iter().map(|&span| {
            let within = |hours: u32| {
                let more = hours.saturating_mul(HOUR_S);
                let to = span.to.saturating_add(more).min(told.latest);
                rarity.within((span.from.saturating_sub(more), to))
            };
            let share = |m: f64| m / readings as f64;
            let mut inner = within(0);
            let inside = match span.window {
                Some(_) => weight(share(settings.inside_m), inner),
                None => weight(share(1.0), inner),
            };
            let bands = match span.window {
                Some(_) => &settings.outside_m[..],
                None => &[],
            };
            let outside = bands.iter().map(|&(hours, m)| {
                let outer = within(hours);
                let band = weight(share(m), outer.saturating_sub(inner));
                inner = outer;
                (hours, band)
            });
            SpanWeights {
                span,
                inside,
                outside: outside.collect(),
            }
        });
        let presented_equal: Vec<Weight> = told
            .presented
            .iter()
            .map(|&n| {
                let m = settings.presented_m / told.presented.len() as f64;
                weight(m, calls.presenting(n) as u64)
            })
            .collect();
        let shown: u64 = presented_equal.iter().map(|w| w.agreeing_calls).sum();
        let named = rarity.shown_as(&told.organisations);
        let bank = rarity.shown_as(&told.banks);
        let none = rarity.no_organisation();
        Self {
            calls,
            rarity,
            settings,
            told,
            readings,
            prior: Weight {
                bits: Bits::of(settings.prior, (1.0 - settings.prior) * all.max(1) as f64),
                agreeing_calls: all,
            },
            spans: spans.collect(),
            other_number: weight(settings.other_number_m, all),
            presented_other: weight(1.0 - settings.presented_m, all.saturating_sub(shown)),
            presented_equal,
            organisation_equal: weight(settings.organisation_m, named),
            no_organisation: weight(settings.no_organisation_m, none),
            other_organisation: weight(
                settings.other_organisation_m,
                all.saturating_sub(named + none),
            ),
            bank_equal: weight(settings.bank_m, bank),
            bank_other: weight(1.0 - settings.bank_m, all.saturating_sub(bank)),
            talk: talk_weights(rarity, settings),
        }
    }

    /// Returns the sum of all reasons.
    pub(crate) fn bits(&self, at: Position, level: NumberLevel) -> Bits {
        let mut sum = Bits::ZERO;
        self.weigh(at, level, &mut |reason| sum += reason.bits);
        sum
    }

    /// Returns the reasons, in the order of their kinds.
    pub(crate) fn reasons(&self, at: Position, level: NumberLevel) -> Vec<Reason> {
        let mut reasons = Vec::new();
        self.weigh(at, level, &mut |reason| reasons.push(reason));
        reasons
    }

    fn weigh(&self, at: Position, level: NumberLevel, take: &mut impl FnMut(Reason)) {
        take(self.prior.of(Fact::OneOfAllCalls));
        if let Some(reason) = self.number(level) {
            take(reason);
        }
        if let Some(reason) = self.time(self.calls.started_s(at)) {
            take(reason);
        }
        let number_shown = self.presented(at);
        let named_shown = number_shown
            .is_some_and(|reason| matches!(reason.fact, Fact::PresentedNumberEqual { .. }));
        number_shown.into_iter().for_each(&mut *take);
        // Whoever shows the number shows its organisation: it is one fact, and counts once.
        let shown_as = self.organisation(self.calls.organisations(at));
        shown_as
            .filter(|reason| !named_shown || reason.bits < Bits::ZERO)
            .into_iter()
            .for_each(&mut *take);
        let talk = self.calls.talk(at);
        if let Some(band) = talk_band(talk, self.settings) {
            let long = matches!(talk, Talk::Seconds(talk_s) if talk_s >= self.settings.long_talk_s);
            take(self.talk[band].of(Fact::TalkTime { talk, long }));
        }
    }

    fn number(&self, level: NumberLevel) -> Option<Reason> {
        let all = self.rarity.calls();
        match level {
            NumberLevel::NotGiven => None,
            NumberLevel::Judged(number) => {
                let agreeing = self.calls.to(number).len() as u64;
                Some(weigh(1.0, agreeing, all).of(Fact::Judged { number }))
            }
            NumberLevel::Other => Some(self.other_number.of(Fact::OwnNumberOther)),
            NumberLevel::Equal(own) => {
                let &Own {
                    number,
                    given_in,
                    readings,
                } = self.told.own.get(own)?;
                let m = self.settings.number_equal_m / readings.max(1) as f64;
                let agreeing = self.calls.to(number).len() as u64;
                Some(weigh(m, agreeing, all).of(Fact::OwnNumberEqual {
                    number,
                    given_in,
                    readings,
                }))
            }
            NumberLevel::Slip(slip, called) => {
                let m = match slip {
                    Slip::DigitsSwapped => self.settings.digits_swapped_m,
                    Slip::OneDigitDiffers => self.settings.one_digit_differs_m,
                    Slip::DigitTooMany => self.settings.digit_too_many_m,
                    Slip::DigitMissing => self.settings.digit_missing_m,
                };
                let agreeing = self.rarity.slip(slip);
                let weight = Weight {
                    bits: Bits::of(m, agreeing / all.max(1) as f64),
                    agreeing_calls: agreeing.ceil() as u64,
                };
                Some(weight.of(Fact::OwnNumberSlip { called, slip }))
            }
        }
    }

    /// Takes the reading of the date that fits best; each has its share of the probability.
    pub(crate) fn time(&self, started_s: Second) -> Option<Reason> {
        let of_span = |weights: &SpanWeights| {
            let span = weights.span;
            let hours_before = hours(span.from.saturating_sub(started_s));
            let hours_after = hours(started_s.saturating_sub(span.to));
            let away = hours_before.max(hours_after);
            let Some(window) = span.window else {
                let hours = hours(self.told.latest.saturating_sub(started_s));
                return (away == 0).then(|| weights.inside.of(Fact::BeforeReport { hours }));
            };
            if away == 0 {
                let readings = self.readings;
                return Some(weights.inside.of(Fact::InsideWindow { window, readings }));
            }
            let band = weights.outside.iter().find(|band| away <= band.0)?;
            Some(band.1.of(Fact::OutsideWindow {
                window,
                hours: away,
                before: hours_before > 0,
            }))
        };
        // Of two readings with one weight the first in the report's order counts.
        let best = |a: Reason, b: Reason| if b.bits > a.bits { b } else { a };
        self.spans.iter().filter_map(of_span).reduce(best)
    }

    fn presented(&self, at: Position) -> Option<Reason> {
        if self.told.presented.is_empty() {
            return None;
        }
        let shown = self.calls.presented(at);
        let equal = self.told.presented.iter().zip(&self.presented_equal);
        let equal = equal
            .filter(|(n, _)| Some(**n) == shown)
            .map(|(&number, weight)| weight.of(Fact::PresentedNumberEqual { number }))
            .next();
        Some(equal.unwrap_or_else(|| self.presented_other.of(Fact::PresentedNumberOther)))
    }

    fn organisation(&self, shown: &[OrganisationNo]) -> Option<Reason> {
        let among =
            |named: &[OrganisationNo]| shown.iter().copied().find(|one| named.contains(one));
        if !self.told.organisations.is_empty() {
            return Some(match among(&self.told.organisations) {
                Some(organisation) => self
                    .organisation_equal
                    .of(Fact::OrganisationEqual { organisation }),
                None if shown.is_empty() => self.no_organisation.of(Fact::OrganisationUnknown),
                None => self.other_organisation.of(Fact::OrganisationOther),
            });
        }
        if self.told.banks.is_empty() {
            return None;
        }
        Some(match among(&self.told.banks) {
            Some(bank) => self.bank_equal.of(Fact::BankEqual { bank }),
            // Fraudsters pose as others than the bank, too: this says little.
            None => self.bank_other.of(if shown.is_empty() {
                Fact::OrganisationUnknown
            } else {
                Fact::BankOther
            }),
        })
    }
}

/// Weighs the bands of talk time, those not answered last, so that a longer talk never weighs less
/// than a shorter one: bands that say otherwise are pooled (Ayer et al. 1955, An Empirical
/// Distribution Function for Sampling with Incomplete Information). A band that hardly any call
/// lies in would seem telling for its rarity alone.
fn talk_weights(rarity: &Rarity, settings: &Settings) -> Vec<Weight> {
    struct Pool {
        m: f64,
        agreeing: u64,
        bands: usize,
    }
    let all = rarity.calls();
    let bands = settings.talk_m.len();
    let mut pools: Vec<Pool> = Vec::with_capacity(bands + 1);
    let shares = settings.talk_m.iter().map(|band| band.1).enumerate();
    for (band, m) in std::iter::once((bands, settings.unanswered_m)).chain(shares) {
        let mut next = Pool {
            m,
            agreeing: rarity.talk(band),
            bands: 1,
        };
        while let Some(last) = pools.pop() {
            let weight = |pool: &Pool| weigh(pool.m, pool.agreeing, all).bits;
            if weight(&last) < weight(&next) {
                pools.push(last);
                break;
            }
            next.m += last.m;
            next.agreeing += last.agreeing;
            next.bands += last.bands;
        }
        pools.push(next);
    }
    let mut weights: Vec<Weight> = pools
        .iter()
        .flat_map(|pool| std::iter::repeat_n(weigh(pool.m, pool.agreeing, all), pool.bands))
        .collect();
    // Not answered comes first by length, and last among the bands.
    if !weights.is_empty() {
        weights.rotate_left(1);
    }
    weights
}

fn weigh(m: f64, agreeing: u64, all: u64) -> Weight {
    Weight {
        // What no call shows is taken for half a call: rare, not impossible.
        bits: Bits::of(m, (agreeing as f64).max(0.5) / all.max(1) as f64),
        agreeing_calls: agreeing,
    }
}

const fn hours(seconds: u32) -> u32 {
    seconds.div_ceil(HOUR_S)
}
