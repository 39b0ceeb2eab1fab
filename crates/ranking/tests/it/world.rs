//! Made-up cases of known losses, for tests and examples; everything follows from a seed.
//!
//! **Accounts** are of six trades. *Fraud* (30 %) works by one process each. *Private* (35 %): jokes and
//! cheap calls, few numbers, rung often and long. *Collectors* (8 %) of debts: many numbers, middling
//! talk, a tenth of them for a bank whose number they show by right. *Bots* (7 %): recorded messages, a fifth of
//! them in banks' names. *Idle* (17 %): a trial call or none. *Staff
//! and police tests* (3 %): calls that look like fraud, to numbers of their own. Sizes have a heavy tail (Pareto, 1.2).
//!
//! **Losses** come from five processes, by what the fraudster asks for. Each depends on the target's
//! credulity and savings and on the account's skill, none of which leaves a trace by itself:
//!
//! | process | talk of those who pay, median | what is lost | what may be seen |
//! |---|---|---|---|
//! | safe account | 22 min | 20 to 90 % of savings | a short call first, half of the time |
//! | code capture | 3 min | up to £3,000 | a code, two of three times; and of some who lose nothing |
//! | remote access | 30 min, over days | 10 to 60 % of savings | calls on several days, two of three times |
//! | card collection | 8 min | £300 to £8,000 | rung again the same evening, four of five times |
//! | tax threat | 10 min | £1,200 in the median | up to four more calls in as many days |
//!
//! Of those who are engaged about one in six pays. Those who don't talk five minutes in the median, with a long tail: talk
//! time tells only in part. One in six fraud calls shows a number that no list has; the others show one to four
//! organisations' numbers an account. 15 % of losses are
//! reported; of all engaged contacts 0.3 % have a report matched to them by mistake. Fraud accounts ring their
//! targets' banks, showing the targets' numbers: long calls to numbers that lose nothing.

#![allow(
    unreachable_pub,
    dead_code,
    clippy::allow_attributes,
    reason = "tests and examples include this file, each using a part of it"
)]

use std::collections::{BTreeMap, BTreeSet};

use unspoof_model::Region;
use unspoof_numbers::PhoneNumber;
use unspoof_ranking::{
    AboutAccount, AboutNumber, AboutPresented, AccountKey, Contacts, Facts, HomeEvidence,
    HomeWeights, PresentedNumbers, SeenCall, ShownCall, SuspectFact, SuspectKey, Suspects,
    contact_facts, presented_numbers,
};

/// SplitMix64 (Steele, Lea & Flood 2014).
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        // Mixed first: states that differ by a step would give one stream, shifted.
        Self(Self(seed).next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn of(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.share() < p
    }

    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.share() * (to - from)
    }

    fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.share(), self.share());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }
}

/// How a loss comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    SafeAccount,
    CodeCapture,
    RemoteAccess,
    CardCollection,
    TaxThreat,
}

/// The processes that weights were set with in view.
pub const TUNED_ON: [Process; 2] = [Process::SafeAccount, Process::CodeCapture];
/// The processes that they were not.
pub const HELD_OUT: [Process; 3] = [
    Process::RemoteAccess,
    Process::CardCollection,
    Process::TaxThreat,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trade {
    Fraud(Process),
    Private,
    Collector,
    Bot,
    Idle,
    Staff,
    PoliceTest,
}

pub struct Account {
    pub trade: Trade,
    /// True home, which nothing but the evidence tells.
    pub at_home: bool,
    pub paid_minor: u64,
    pub home: HomeEvidence,
    skill: f64,
    size: usize,
}

struct Target {
    savings_minor: f64,
    credulity: f64,
}

pub struct World {
    pub accounts: Vec<Account>,
    pub contacts: Contacts,
    pub suspects: Suspects,
    pub presented: PresentedNumbers,
    /// True loss of each row of `contacts`, in minor units.
    pub losses_minor: Vec<u64>,
    /// Numbers that were posed as towards a bank.
    pub posed_as: BTreeSet<PhoneNumber>,
}

const YEAR_US: u64 = 365 * DAY_US;
const DAY_US: u64 = 86_400_000_000;
const BANKS: u32 = 12;

/// Country code 999 belongs to nobody.
fn number(at: u64) -> PhoneNumber {
    PhoneNumber::from_key(999_000_000_000 + at).unwrap()
}

fn accounts(draw: &mut Draw, count: usize, processes: &[Process]) -> Vec<Account> {
    let gb: Region = "GB".parse().unwrap();
    let abroad: Vec<Region> = ["NL", "RO", "NG", "FR"].map(|r| r.parse().unwrap()).into();
    let one = |draw: &mut Draw| {
        let trade = match draw.of(0, 100) {
            0..30 => Trade::Fraud(processes[draw.of(0, processes.len() as u64) as usize]),
            30..65 => Trade::Private,
            65..73 => Trade::Collector,
            73..80 => Trade::Bot,
            80..97 => Trade::Idle,
            97..99 => Trade::Staff,
            _ => Trade::PoliceTest,
        };
        let heavy = (1.0 - draw.share()).powf(-1.0 / 1.2).min(60.0);
        let size = match trade {
            Trade::Fraud(_) | Trade::Bot => heavy * 25.0,
            Trade::Collector => heavy * 20.0,
            Trade::Private => heavy.min(8.0) * 2.0,
            Trade::Staff => 20.0,
            Trade::PoliceTest => 6.0,
            Trade::Idle => draw.share() * 1.5,
        } as usize;
        let at_home = draw.chance(0.35);
        let lives = if at_home {
            gb
        } else {
            abroad[draw.of(0, 4) as usize]
        };
        let mut home = HomeEvidence::default();
        if draw.chance(0.5) {
            let bought = draw.chance(0.08);
            home.telephone = Some(if bought { gb } else { lives });
        }
        for _ in 0..draw.of(0, 10) {
            let seen = if draw.chance(0.6) {
                lives
            } else {
                abroad[draw.of(0, 4) as usize]
            };
            *home.addresses.entry(seen).or_default() += 1;
        }
        let paid_minor = match trade {
            Trade::Idle | Trade::Staff | Trade::PoliceTest => draw.of(0, 6_000),
            Trade::Fraud(_) | Trade::Private | Trade::Collector | Trade::Bot => {
                3_000 + draw.lognormal(400.0 * size as f64, 0.8) as u64
            }
        };
        Account {
            trade,
            at_home,
            paid_minor,
            home,
            skill: draw.lognormal(1.0, 0.5),
            size,
        }
    };
    (0..count).map(|_| one(draw)).collect()
}

/// Calls in the making, with what is true of them.
struct Making<'w> {
    draw: &'w mut Draw,
    calls: BTreeMap<PhoneNumber, Vec<SeenCall>>,
    shown: Vec<ShownCall>,
    losses: BTreeMap<PhoneNumber, u64>,
    /// Who took it, the last one where several did.
    taken_by: BTreeMap<PhoneNumber, u32>,
    posed_as: BTreeSet<PhoneNumber>,
}

impl Making<'_> {
    fn call(&mut self, to: PhoneNumber, at: u64, account: u32, bank: Option<u32>, talk_s: f64) {
        self.coded_call(to, at, account, bank, talk_s, false);
    }

    fn coded_call(
        &mut self,
        to: PhoneNumber,
        at: u64,
        account: u32,
        bank: Option<u32>,
        talk_s: f64,
        code: bool,
    ) {
        let talk_s = talk_s.clamp(0.0, 14_400.0) as u32;
        self.calls.entry(to).or_default().push(SeenCall {
            started_utc: at as i64,
            account,
            organisation: bank,
            answered: talk_s > 0,
            talk_s: Some(talk_s),
            engaged: talk_s > 60 || code,
            code_captured: code,
            ..SeenCall::default()
        });
    }

    fn ring_off(&mut self, to: PhoneNumber, at: u64, account: u32, bank: Option<u32>) {
        let answered = self.draw.chance(0.4);
        let talk_s = if answered {
            self.draw.between(1.0, 55.0)
        } else {
            0.0
        };
        self.call(to, at, account, bank, talk_s);
    }

    fn fraud(
        &mut self,
        no: u32,
        account: &Account,
        process: Process,
        target: &Target,
        to: PhoneNumber,
        bank: u32,
    ) {
        let draw = &mut *self.draw;
        let mut at = draw.of(0, YEAR_US);
        // What a list does not know looks like nobody's.
        let shown = (!draw.chance(0.16)).then_some(bank);
        for _ in 0..draw.of(0, 3) {
            self.ring_off(to, at, no, shown);
            at += self.draw.of(DAY_US / 24, DAY_US * 3);
        }
        if !self.draw.chance(0.12) {
            self.ring_off(to, at, no, shown);
            return;
        }
        let pays = self
            .draw
            .chance((0.3 * target.credulity * account.skill).min(0.9));
        if !pays {
            let talk_s = self.draw.lognormal(300.0, 1.1).max(61.0);
            let code = process == Process::CodeCapture && self.draw.chance(0.04);
            self.coded_call(to, at, no, shown, talk_s, code);
            return;
        }
        let hour = DAY_US / 24;
        let loss = match process {
            Process::SafeAccount => {
                if self.draw.chance(0.5) {
                    let talk_s = self.draw.between(5.0, 29.0);
                    self.call(to, at, no, shown, talk_s);
                    at += self.draw.of(hour / 4, hour * 5);
                }
                let talk_s = self.draw.lognormal(1_320.0, 0.9).max(61.0);
                self.call(to, at, no, shown, talk_s);
                target.savings_minor * self.draw.between(0.2, 0.9)
            }
            Process::CodeCapture => {
                let code = self.draw.chance(0.65);
                let talk_s = self.draw.lognormal(180.0, 0.6).max(61.0);
                self.coded_call(to, at, no, shown, talk_s, code);
                (target.savings_minor * 0.5).min(self.draw.between(10_000.0, 300_000.0))
            }
            Process::RemoteAccess => {
                let days = if self.draw.chance(0.66) {
                    1 + self.draw.of(1, 4)
                } else {
                    1
                };
                for _ in 0..days {
                    let talk_s = self.draw.lognormal(1_800.0 / days as f64, 0.9).max(61.0);
                    self.call(to, at, no, shown, talk_s);
                    at += self.draw.of(DAY_US / 2, DAY_US * 2);
                }
                target.savings_minor * self.draw.between(0.1, 0.6)
            }
            Process::CardCollection => {
                let again = if self.draw.chance(0.8) {
                    self.draw.of(1, 4)
                } else {
                    0
                };
                for _ in 0..=again {
                    let talk_s = self.draw.lognormal(480.0, 0.6).max(20.0);
                    self.call(to, at, no, shown, talk_s);
                    at += self.draw.of(hour / 3, hour * 2);
                }
                self.draw.between(30_000.0, 800_000.0)
            }
            Process::TaxThreat => {
                for _ in 0..self.draw.of(1, 5) {
                    let talk_s = self.draw.lognormal(600.0, 0.8).max(20.0);
                    self.call(to, at, no, shown, talk_s);
                    at += self.draw.of(hour / 12, hour * 30);
                }
                self.draw.lognormal(120_000.0, 0.9)
            }
        };
        *self.losses.entry(to).or_default() += loss as u64;
        self.taken_by.insert(to, no);
        if matches!(
            process,
            Process::SafeAccount | Process::CodeCapture | Process::RemoteAccess
        ) && self.draw.chance(0.3)
        {
            let talk_s = self.draw.lognormal(900.0, 0.6);
            let desk = number(u64::from(bank));
            self.call(desk, at, no, None, talk_s);
            self.posed_as.insert(to);
            self.shown.push(ShownCall {
                presented: to,
                called: desk,
                started_utc: at as i64,
                account: no,
                called_organisation: Some(bank),
                answered: true,
                talk_s: Some(talk_s as u32),
            });
        }
    }

    fn work(&mut self, no: u32, account: &Account, targets: &[Target], mixed: &[Process]) {
        let all = targets.len() as u64;
        for _ in 0..account.size {
            // A third of all leads come from lists that everybody buys.
            let pick = if self.draw.chance(0.33) {
                self.draw.of(0, all / 10)
            } else {
                self.draw.of(0, all)
            };
            let to = number(1_000 + pick);
            // Everybody has a few favourites.
            let favourites = 1 + u64::from(no) % 4;
            let bank = (u64::from(no) * 7 + self.draw.of(0, favourites)) as u32 % BANKS;
            let at = self.draw.of(0, YEAR_US);
            match account.trade {
                Trade::Fraud(process) => {
                    let target = &targets[pick as usize];
                    // Now and then somebody tries another way.
                    let process = if self.draw.chance(0.1) {
                        mixed[self.draw.of(0, mixed.len() as u64) as usize]
                    } else {
                        process
                    };
                    self.fraud(no, account, process, target, to, bank);
                }
                Trade::Private => {
                    let bank = self.draw.chance(0.05).then_some(bank);
                    for _ in 0..self.draw.of(1, 10) {
                        let talk_s = self.draw.lognormal(500.0, 1.2);
                        let talk_s = if self.draw.chance(0.7) { talk_s } else { 0.0 };
                        let at = at + self.draw.of(0, DAY_US * 60);
                        self.call(to, at, no, bank, talk_s);
                    }
                }
                Trade::Collector => {
                    // Some work for a bank, and show its number by right.
                    let bank = no.is_multiple_of(10).then_some(no % BANKS);
                    for _ in 0..self.draw.of(1, 8) {
                        let talk_s = self.draw.lognormal(40.0, 1.0);
                        let talk_s = if self.draw.chance(0.3) { talk_s } else { 0.0 };
                        let at = at + self.draw.of(0, DAY_US * 30);
                        self.call(to, at, no, bank, talk_s);
                    }
                }
                Trade::Bot => {
                    let bank = no.is_multiple_of(5).then_some(bank);
                    let talk_s = self.draw.lognormal(20.0, 0.7);
                    self.call(to, at, no, bank, talk_s);
                }
                Trade::Idle | Trade::Staff | Trade::PoliceTest => {
                    let own = number(500 + u64::from(no) % 400);
                    let talk_s = self.draw.lognormal(60.0, 1.0);
                    self.call(own, at, no, Some(bank), talk_s);
                }
            }
        }
    }
}

impl World {
    pub fn new(seed: u64, accounts_count: usize, processes: &[Process]) -> Self {
        let draw = &mut Draw::new(seed);
        let accounts = accounts(draw, accounts_count, processes);
        let targets: Vec<Target> = (0..accounts_count * 75)
            .map(|_| Target {
                savings_minor: draw.lognormal(600_000.0, 1.1),
                credulity: draw.lognormal(0.5, 0.6),
            })
            .collect();
        let mut making = Making {
            draw,
            calls: BTreeMap::new(),
            shown: Vec::new(),
            losses: BTreeMap::new(),
            taken_by: BTreeMap::new(),
            posed_as: BTreeSet::new(),
        };
        for (no, account) in accounts.iter().enumerate() {
            making.work(no as u32, account, &targets, processes);
        }
        making.finish(accounts)
    }
}

/// Sums over an account's numbers.
#[derive(Default, Clone)]
struct Tally {
    facts: Facts<SuspectFact>,
    about: AboutAccount,
    organisations: BTreeSet<u32>,
    days: BTreeSet<i64>,
}

impl Making<'_> {
    fn finish(self, accounts: Vec<Account>) -> World {
        use SuspectFact as Of;
        let draw = self.draw;
        let end = (YEAR_US + 60 * DAY_US) as i64;
        let mut tallies = vec![Tally::default(); accounts.len()];
        let mut abouts = BTreeMap::new();
        for (&to, calls) in &self.calls {
            let loss = self.losses.get(&to).copied().unwrap_or(0);
            let engaged = calls.iter().any(|call| call.engaged);
            let listed = to < number(u64::from(BANKS));
            let mut about = AboutNumber {
                home: true,
                mobile: true,
                listed_organisation: listed,
                ..AboutNumber::default()
            };
            if loss > 0 && draw.chance(0.15) {
                let exact = draw.chance(0.75);
                about.reports[usize::from(!exact)] = 1;
                about.losses_minor = loss;
            } else if engaged && !listed && draw.chance(0.003) {
                about.reports[1] = 1;
                about.losses_minor = draw.of(10_000, 2_000_000);
            }
            let mut by: BTreeMap<u32, Vec<&SeenCall>> = BTreeMap::new();
            for call in calls {
                by.entry(call.account).or_default().push(call);
            }
            // A report is matched to one call: whose took the money, or by mistake to anybody's.
            let mut engaging = by
                .iter()
                .filter(|(_, calls)| calls.iter().any(|call| call.engaged));
            let blamed = self
                .taken_by
                .get(&to)
                .copied()
                .or(engaging.next().map(|(&no, _)| no));
            for (no, calls) in by {
                let tally = &mut tallies[no as usize];
                let engaged: Vec<_> = calls.iter().filter(|call| call.engaged).collect();
                let shown = engaged.iter().filter(|c| c.organisation.is_some()).count();
                tally.about.engaged_calls += engaged.len() as u32;
                tally.about.engaged_as_organisation += shown as u32;
                tally
                    .organisations
                    .extend(calls.iter().filter_map(|c| c.organisation));
                let day = |call: &&SeenCall| call.started_utc / DAY_US as i64;
                tally.days.extend(calls.iter().map(day));
                let facts = &mut tally.facts;
                facts
                    .add(Of::Calls, calls.len() as u64)
                    .add(Of::EngagedCalls, engaged.len() as u64)
                    .add(Of::EngagedNumbers, u64::from(!engaged.is_empty()))
                    .add(Of::EngagedHomeNumbers, u64::from(!engaged.is_empty()))
                    .add(Of::NumbersAsOrganisation, u64::from(shown > 0))
                    .add(
                        Of::CodesCaptured,
                        calls.iter().filter(|c| c.code_captured).count() as u64,
                    );
                let own = contact_facts(
                    &calls.iter().map(|call| **call).collect::<Vec<_>>(),
                    &about,
                    |_| AboutAccount::default(),
                    end,
                );
                use unspoof_ranking::ContactFact;
                let yes = |fact| u64::from(own.get(fact) > 0);
                facts
                    .add(Of::ShortThenLongNumbers, yes(ContactFact::ShortThenLong))
                    .add(Of::CalledBackNumbers, yes(ContactFact::CallsBack))
                    .add(Of::TalkS, own.get(ContactFact::TalkS));
                if blamed == Some(no) {
                    facts
                        .add(Of::ReportsExact, about.reports[0].into())
                        .add(Of::ReportsProbable, about.reports[1].into());
                    let losses = [Of::LossesExactMinor, Of::LossesProbableMinor];
                    for (of, reports) in losses.into_iter().zip(about.reports) {
                        facts.add(of, if reports > 0 { about.losses_minor } else { 0 });
                    }
                    tally.about.reported_numbers += about.reports[0] + about.reports[1];
                }
            }
            abouts.insert(to, about);
        }
        let gb = ["GB".parse().unwrap()];
        let mut suspects = Suspects::new();
        for (no, (account, tally)) in accounts.iter().zip(&mut tallies).enumerate() {
            let confidence = account
                .home
                .weigh(&HomeWeights::default())
                .confidence_pct(&gb);
            tally.about.priority = confidence >= 60 && account.paid_minor >= 10_000;
            tally
                .facts
                .set(Of::Accounts, 1)
                .set(Of::PaidMinor, account.paid_minor)
                .set(Of::HomeConfidencePct, confidence.into())
                .set(Of::Organisations, tally.organisations.len() as u64)
                .set(Of::ActiveDays, tally.days.len() as u64)
                .set(Of::Staff, u64::from(account.trade == Trade::Staff))
                .set(
                    Of::PoliceTest,
                    u64::from(account.trade == Trade::PoliceTest),
                );
            let key = SuspectKey::new([AccountKey {
                source: "panel".into(),
                account_id: format!("{no:06}"),
            }]);
            suspects.push(key, &tally.facts).unwrap();
        }
        let mut contacts = Contacts::new();
        let mut losses_minor = Vec::new();
        for (&to, calls) in &self.calls {
            let about = &abouts[&to];
            let facts = contact_facts(calls, about, |no| tallies[no as usize].about, end);
            contacts.push(to, &facts).unwrap();
            losses_minor.push(self.losses.get(&to).copied().unwrap_or(0));
        }
        let mut shown = self.shown;
        shown.sort_unstable();
        let presented = presented_numbers(shown, |_| AboutPresented::default()).unwrap();
        World {
            accounts,
            contacts,
            suspects,
            presented,
            losses_minor,
            posed_as: self.posed_as,
        }
    }
}

impl World {
    /// Share of all true loss in the first tenth of rows, in the order given.
    pub fn loss_in_first_tenth(&self, rows: impl Iterator<Item = u32>) -> f64 {
        let first = rows.take(self.losses_minor.len() / 10);
        let held: u64 = first.map(|row| self.losses_minor[row as usize]).sum();
        held as f64 / self.losses_minor.iter().sum::<u64>() as f64
    }

    /// Rows by one fact, greatest first, ties in the order of numbers.
    pub fn by(&self, fact: unspoof_ranking::ContactFact) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..self.contacts.len() as u32).collect();
        rows.sort_by_key(|&row| std::cmp::Reverse(self.contacts.get(row, fact)));
        rows
    }

    /// Share of the first hundred suspects that `is_right` accepts.
    pub fn precision_at_100(&self, policy: &str, is_right: impl Fn(&Account) -> bool) -> f64 {
        let policy = unspoof_ranking::Policy::preset(policy).unwrap();
        let ranking = policy.rank(&self.suspects).unwrap();
        let right = ranking.iter().take(100);
        right
            .filter(|one| is_right(&self.accounts[one.row as usize]))
            .count() as f64
            / 100.0
    }
}
