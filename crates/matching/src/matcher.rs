//! Finding the calls that a report may tell of, and choosing between them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use unspoof_numbers::{Context, PhoneNumber, Reader};

use crate::calls::{Position, Second};
use crate::reason::{Fact, Reason, Tier};
use crate::settings::Settings;
use crate::slips::{self, Slip};
use crate::told::{Telling, Told};
use crate::weigh::{NumberLevel, Weights};
use crate::{Bits, Calls, MatchError, OrganisationNames, Rarity, Report, StoredCall};

/// A call that a report may tell of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match<'c> {
    /// The call.
    pub call: StoredCall<'c>,
    /// How sure it is.
    pub tier: Tier,
    /// The sum of the reasons.
    pub bits: Bits,
    /// This call's share of all that explains the report, "of no call at all" included, in
    /// millionths.
    pub share_ppm: u32,
    /// True for a call of the best one's episode: same number, same account, within hours.
    pub same_episode: bool,
    /// Why, in the order of the kinds of facts.
    pub reasons: Vec<Reason>,
}

/// What became of one report.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReportMatches<'c> {
    /// The best first; at most one is exact or probable, and it is the first.
    pub matches: Vec<Match<'c>>,
    /// How many calls were weighed; those beyond the settings' limit are not listed.
    pub candidates: usize,
}

impl<'c> ReportMatches<'c> {
    /// Returns the one exact or probable match.
    #[must_use]
    pub fn matched(&self) -> Option<&Match<'c>> {
        self.matches.first().filter(|first| first.tier.counts())
    }

    /// Returns the surest tier; none where no call was found.
    #[must_use]
    pub fn tier(&self) -> Option<Tier> {
        self.matches.first().map(|first| first.tier)
    }
}

/// Matches reports to one case's calls.
#[derive(Debug)]
pub struct Matcher<'c> {
    calls: &'c Calls,
    context: Context,
    names: &'c OrganisationNames,
    settings: Settings,
    rarity: Rarity,
}

const HOUR_S: u32 = 3_600;
/// Reports that a thread takes at a time.
const LOT: usize = 32;

impl<'c> Matcher<'c> {
    /// Counts what agrees by chance. `context` is how victims write numbers: its default region is
    /// their country.
    ///
    /// # Errors
    /// [`MatchError::Setting`].
    pub fn new(
        calls: &'c Calls,
        names: &'c OrganisationNames,
        context: Context,
        settings: Settings,
    ) -> Result<Self, MatchError> {
        settings.check()?;
        let rarity = Rarity::of(calls, &settings, &context);
        Ok(Self {
            calls,
            context,
            names,
            settings,
            rarity,
        })
    }

    /// Returns what was counted.
    #[must_use]
    pub const fn rarity(&self) -> &Rarity {
        &self.rarity
    }

    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Matches each report by itself, in the order given. What one report says of another is up to
    /// [`Matcher::match_reports`].
    pub(crate) fn each(&self, reports: &[Report]) -> Vec<ReportMatches<'c>> {
        let telling = Telling {
            calls: self.calls,
            names: self.names,
            settings: &self.settings,
            home: self.context.default_region,
        };
        // Each report by itself: threads take small lots in turn, and lots are put in order.
        let lots: Vec<&[Report]> = reports.chunks(LOT).collect();
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(lots.len()));
        let work = || {
            let mut reader = Reader::new(self.context.clone());
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(lot) = lots.get(at) else { return };
                let matched = lot.iter().map(|report| {
                    let told = telling.read(report, &mut reader);
                    self.one(report, &told, &mut reader)
                });
                let matched: Vec<ReportMatches<'c>> = matched.collect();
                done.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((at, matched));
            }
        };
        let threads = self.settings.threads.clamp(1, lots.len().max(1));
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|&(at, _)| at);
        done.into_iter().flat_map(|(_, matched)| matched).collect()
    }

    fn one(&self, report: &Report, told: &Told, reader: &mut Reader) -> ReportMatches<'c> {
        let left = |mut found: Vec<(Position, NumberLevel)>| {
            if !report.not_about.is_empty() {
                found.retain(|&(at, _)| {
                    let called = self.calls.called(at);
                    called.is_none_or(|number| !report.not_about.contains(&number))
                });
            }
            found
        };
        let mut found = self.by_judgement(report, told);
        if found.is_empty() {
            found = left(self.by_own_number(told));
        }
        if found.is_empty() {
            found = left(self.by_slip(report, told, reader));
        }
        if found.is_empty() {
            found = left(self.by_what_was_shown(report, told));
        }
        let weights = Weights::new(self.calls, &self.rarity, &self.settings, told);
        self.choose(&weights, found)
    }

    /// Spans in which candidates are looked for; everything, for a report that has no date at all.
    fn reach(&self, told: &Told) -> Vec<(Second, Second)> {
        if told.spans.is_empty() {
            return vec![(0, told.latest)];
        }
        let more = self.settings.reach_h().saturating_mul(HOUR_S);
        let reach = |span: &crate::told::Span| {
            let more = if span.window.is_some() { more } else { 0 };
            let to = span.to.saturating_add(more).min(told.latest);
            (span.from.saturating_sub(more), to)
        };
        let mut spans: Vec<(Second, Second)> = told.spans.iter().map(reach).collect();
        spans.sort_unstable();
        // Spans that meet become one, so that no call is found twice.
        let mut apart: Vec<(Second, Second)> = Vec::with_capacity(spans.len());
        for span in spans {
            match apart.last_mut() {
                Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
                _ => apart.push(span),
            }
        }
        apart
    }

    /// Takes the calls to the numbers that people decided on: near the stated days if there are
    /// any, else all that came before the report.
    fn by_judgement(&self, report: &Report, told: &Told) -> Vec<(Position, NumberLevel)> {
        let mut found = Vec::new();
        for &number in &report.judged {
            let level = NumberLevel::Judged(number);
            self.to(number, level, told, &mut found);
            if found.is_empty() && !self.calls.to(number).is_empty() {
                let calls = self.calls.to_within(number, (0, told.latest));
                found.extend(calls.map(|position| (Position(position), level)));
            }
        }
        found
    }

    fn by_own_number(&self, told: &Told) -> Vec<(Position, NumberLevel)> {
        let mut found = Vec::new();
        for (at, own) in told.own.iter().enumerate() {
            self.to(own.number, NumberLevel::Equal(at), told, &mut found);
        }
        found
    }

    fn to(
        &self,
        number: PhoneNumber,
        level: NumberLevel,
        told: &Told,
        found: &mut Vec<(Position, NumberLevel)>,
    ) {
        if self.calls.to(number).is_empty() {
            return;
        }
        for span in self.reach(told) {
            let calls = self.calls.to_within(number, span);
            found.extend(calls.map(|position| (Position(position), level)));
        }
    }

    /// Looks one slip away, from what was written; only inside the reach of a stated date.
    fn by_slip(
        &self,
        report: &Report,
        told: &Told,
        reader: &mut Reader,
    ) -> Vec<(Position, NumberLevel)> {
        let mut found = Vec::new();
        if told.spans.iter().all(|span| span.window.is_none()) {
            return found;
        }
        let mut meant: BTreeMap<PhoneNumber, Slip> = BTreeMap::new();
        let mut add = |written: &str| {
            for (number, slip) in slips::meant(written, reader) {
                let known = meant.entry(number).or_insert(slip);
                *known = slip.min(*known);
            }
        };
        match &report.called_raw {
            Some(raw) => add(raw),
            None => report.called.iter().for_each(|n| add(&n.reveal())),
        }
        for (number, slip) in meant {
            self.to(number, NumberLevel::Slip(slip, number), told, &mut found);
        }
        found
    }

    /// Looks for calls that showed the number that the report names; or the organisation, if it
    /// gives no number at all. Beside an own number that was never called, an organisation and a
    /// day are too little to list anybody's calls for.
    fn by_what_was_shown(&self, report: &Report, told: &Told) -> Vec<(Position, NumberLevel)> {
        let gives_number = !told.own.is_empty()
            || report
                .called_raw
                .as_ref()
                .is_some_and(|r| !r.trim().is_empty());
        let level = if gives_number {
            NumberLevel::Other
        } else {
            NumberLevel::NotGiven
        };
        let mut found: Vec<(Position, NumberLevel)> = Vec::new();
        if told.spans.is_empty() {
            return found;
        }
        let organisations = if told.organisations.is_empty() {
            &told.banks
        } else {
            &told.organisations
        };
        for span in self.reach(told) {
            for &number in &told.presented {
                let calls = self.calls.presenting_within(number, span);
                found.extend(calls.iter().map(|&at| (Position(at), level)));
            }
            // A number that was given says more than whose it is.
            if told.presented.is_empty() && !gives_number {
                for &organisation in organisations {
                    let calls = self.calls.shown_as_within(organisation, span);
                    found.extend(calls.map(|at| (at, level)));
                }
            }
        }
        // A call may have shown two of the organisations named.
        if organisations.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
        found
    }

    /// Weighs all candidates, each of which is there once, and lists the best.
    fn choose(
        &self,
        weights: &Weights<'_>,
        found: Vec<(Position, NumberLevel)>,
    ) -> ReportMatches<'c> {
        let mut weighed: Vec<(Bits, Position, NumberLevel)> = found
            .into_iter()
            .map(|(at, level)| (weights.bits(at, level), at, level))
            .collect();
        // No call at all explains it, too, at no bits.
        let top = weighed
            .iter()
            .map(|w| w.0)
            .max()
            .unwrap_or_default()
            .max(Bits::ZERO);
        let total = Bits::ZERO.odds_beside(top)
            + weighed.iter().map(|w| w.0.odds_beside(top)).sum::<u128>();
        let candidates = weighed.len();
        let listed = self.settings.possible_listed.saturating_add(1);
        if candidates > listed {
            weighed.select_nth_unstable_by(listed, |a, b| self.compare(a, b));
            weighed.truncate(listed);
        }
        weighed.sort_unstable_by(|a, b| self.compare(a, b));
        let mut matches: Vec<Match<'c>> = weighed
            .iter()
            .map(|&(bits, at, level)| Match {
                call: self.calls.stored(at),
                tier: Tier::Possible,
                bits,
                share_ppm: ppm(bits.odds_beside(top), total),
                same_episode: false,
                reasons: weights.reasons(at, level),
            })
            .collect();
        self.grade(&mut matches, top, total);
        ReportMatches {
            matches,
            candidates,
        }
    }

    /// The better call first. What breaks ties is the calls' content, so that their order as given
    /// decides between calls only that are alike in everything.
    fn compare(
        &self,
        a: &(Bits, Position, NumberLevel),
        b: &(Bits, Position, NumberLevel),
    ) -> std::cmp::Ordering {
        let talk = |at: Position| self.calls.talk(at).seconds();
        let rest = |at: Position| {
            (
                self.calls.called(at),
                self.calls.presented(at),
                self.calls.organisations(at),
                self.calls.account(at),
                self.calls.call(at),
            )
        };
        b.0.cmp(&a.0)
            .then_with(|| talk(b.1).cmp(&talk(a.1)))
            .then_with(|| self.calls.started_s(a.1).cmp(&self.calls.started_s(b.1)))
            .then_with(|| rest(a.1).cmp(&rest(b.1)))
    }

    /// Gives the best call its tier, by what its whole episode explains.
    fn grade(&self, matches: &mut [Match<'c>], top: Bits, total: u128) {
        let Some(best) = matches.first().map(|first| first.call) else {
            return;
        };
        let near = i64::from(self.settings.episode_h) * 3_600_000_000;
        let mut episode = 0;
        for one in matches.iter_mut() {
            one.same_episode = one.call.called == best.called
                && one.call.account == best.account
                && one.call.started_utc.abs_diff(best.started_utc) <= near.unsigned_abs();
            if one.same_episode {
                episode += one.bits.odds_beside(top);
            }
        }
        let share = f64::from(ppm(episode, total)) / 1e6;
        if let Some(first) = matches.first_mut() {
            first.tier = self.tier(&first.reasons, share);
        }
    }

    fn tier(&self, reasons: &[Reason], share: f64) -> Tier {
        let any = |test: &dyn Fn(&Fact) -> bool| reasons.iter().any(|reason| test(&reason.fact));
        if any(&|f| matches!(f, Fact::Judged { .. })) {
            return Tier::Exact;
        }
        let equal = any(&|f| matches!(f, Fact::OwnNumberEqual { .. }));
        let slip = any(&|f| matches!(f, Fact::OwnNumberSlip { .. }));
        let inside = any(&|f| matches!(f, Fact::InsideWindow { .. }));
        let dated =
            inside || any(&|f| matches!(f, Fact::OutsideWindow { .. } | Fact::BeforeReport { .. }));
        let unread = any(&|f| matches!(f, Fact::OwnNumberEqual { readings: 2.., .. }));
        if equal
            && inside
            && !unread
            && !any(&Fact::contradicts)
            && share >= self.settings.exact_share
        {
            Tier::Exact
        } else if dated
            && (equal || slip && any(&Fact::supports))
            && share >= self.settings.probable_share
        {
            Tier::Probable
        } else {
            Tier::Possible
        }
    }
}

fn ppm(part: u128, whole: u128) -> u32 {
    let share = part.saturating_mul(1_000_000) / whole.max(1);
    u32::try_from(share).map_or(1_000_000, |ppm| ppm.min(1_000_000))
}
