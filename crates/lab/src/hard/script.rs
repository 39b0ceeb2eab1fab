//! Who is called by whom and to what end: every call of hard mode that is meant for somebody.

use std::collections::BTreeMap;

use super::people::{People, Person, Trade};
use super::shares::{BLOCKED, FRIEND, PATIENT, PERSISTENT, PLAIN_LOSS, SECOND_FRAUD};
use crate::accounts::Account;
use crate::clock::{DAY_S, UtcS};
use crate::draw::{Draw, Purpose};
use crate::losses::{Process, Scheme, Traits, Try};
use crate::organisations::Organisations;
use crate::outcome::{Ending, Mode, Outcome};
use crate::phone::Pool;
use crate::preset::{PERIOD_END, Size};
use crate::timeline::Timeline;

/// A call that is settled before any is made.
#[derive(Clone)]
pub(crate) struct Scripted {
    pub(crate) account: u32,
    /// Id in the pool.
    pub(crate) called: u32,
    /// `None`: whatever the account shows.
    pub(crate) shown: Option<u16>,
    pub(crate) mode: Mode,
    pub(crate) talk_s: u32,
    pub(crate) code: Option<bool>,
    /// The episode that it belongs to, and whether it is the one in which the money went.
    pub(crate) episode: Option<(u32, bool)>,
}

impl Scripted {
    pub(crate) fn outcome(&self, draw: &mut Draw) -> Outcome {
        Outcome {
            ending: Ending::Answered,
            mode: self.mode,
            ring_s: draw.between(4, 25).into(),
            talk_s: self.talk_s.into(),
            panel_s: self.talk_s.into(),
            billed: false,
            machine_s: None,
            code: self.code,
        }
    }
}

/// One fraudster's try at one victim.
pub(crate) struct Episode {
    pub(crate) victim: u32,
    pub(crate) made: Try,
    /// `None`: nothing was lost.
    pub(crate) loss_minor: Option<u64>,
}

/// All scripted calls by the index of their attempt, and the episodes that they make up.
pub(crate) struct Script {
    calls: Vec<(u64, Scripted)>,
    pub(crate) episodes: Vec<Episode>,
}

/// A call of an episode: how long after the one before, and what it is.
struct Beat {
    after_s: i64,
    talk_s: u32,
    mode: Mode,
    code: Option<bool>,
    deciding: bool,
}

impl Script {
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of the plan that is being made, each by itself"
    )]
    pub(crate) fn new(
        seed: u64,
        size: &Size,
        process: Process,
        timeline: &Timeline,
        pool: &Pool,
        organisations: &Organisations,
        accounts: &[Account],
        people: &People,
    ) -> Self {
        let mut writer = Writer {
            draw: Draw::new(seed, Purpose::Script, 0),
            attempts: size.attempts(),
            process,
            timeline,
            organisations,
            accounts,
            calls: BTreeMap::new(),
            episodes: Vec::new(),
        };
        let fraudsters = Callers::new(people, accounts, |trade| trade == Trade::Fraud);
        let others = Callers::new(people, accounts, |trade| {
            matches!(trade, Trade::Heavy | Trade::Private)
        });
        for victim in 0..size.victims {
            let traits = Traits::of(seed, victim);
            let landline = victim >= size.mobile_victims;
            let called = pool.victim(size, victim);
            let tries = 1 + u32::from(writer.draw.chance(SECOND_FRAUD));
            for _ in 0..tries {
                let Some((start, account)) = writer.start(&fraudsters) else {
                    continue;
                };
                let holder = people.holder(account);
                writer.episode(start, account, holder, (victim, called, landline), traits);
            }
        }
        // Numbers behind the victims', which others call at length, showing nobody's number.
        let friends = (u64::from(size.victims) * u64::from(FRIEND) / 10_000) as u32;
        let room = size.mobile_numbers - size.mobile_victims;
        for friend in 0..friends.min(room) {
            if let Some((start, account)) = writer.start(&others) {
                writer.friendship(start, account, size.mobile_victims + friend);
            }
        }
        Self {
            calls: writer.calls.into_iter().collect(),
            episodes: writer.episodes,
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.calls.len() as u32
    }

    /// The calls of a run of attempts, in order.
    pub(crate) fn between(&self, from: u64, to: u64) -> &[(u64, Scripted)] {
        let place = |index: u64| self.calls.partition_point(|(at, _)| *at < index);
        &self.calls[place(from)..place(to)]
    }
}

/// Accounts that may be chosen, by weight.
struct Callers {
    accounts: Vec<u32>,
    sums: Vec<u64>,
}

impl Callers {
    fn new(people: &People, accounts: &[Account], takes: impl Fn(Trade) -> bool) -> Self {
        let mut made = Self {
            accounts: Vec::new(),
            sums: Vec::new(),
        };
        let mut sum = 0;
        for (index, account) in accounts.iter().enumerate() {
            if takes(people.holder(index as u32).trade) && account.weight > 0 {
                // A square root, so that nobody has all victims.
                sum += u64::from(account.weight).isqrt();
                made.accounts.push(index as u32);
                made.sums.push(sum);
            }
        }
        made
    }
}

struct Writer<'a> {
    draw: Draw,
    attempts: u64,
    process: Process,
    timeline: &'a Timeline,
    organisations: &'a Organisations,
    accounts: &'a [Account],
    calls: BTreeMap<u64, Scripted>,
    episodes: Vec<Episode>,
}

impl Writer<'_> {
    /// Draws when somebody is first called, and by which account that is registered by then.
    fn start(&mut self, callers: &Callers) -> Option<(u64, u32)> {
        if callers.accounts.is_empty() {
            return None;
        }
        for _ in 0..1_000 {
            let place = self.draw.u32();
            let index = ((u128::from(self.attempts) * 95 / 100 * u128::from(place)) >> 32) as u64;
            let account = callers.accounts[self.draw.weighted(&callers.sums)];
            let registered = self.accounts[account as usize].created + DAY_S;
            if registered < self.timeline.at(index, 0) {
                return Some((index, account));
            }
        }
        None
    }

    fn episode(
        &mut self,
        start: u64,
        account: u32,
        holder: &Person,
        (victim, called, landline): (u32, u32, bool),
        traits: Traits,
    ) {
        let at = self.timeline.at(start, 0);
        let scheme = Scheme::drawn(&mut self.draw, self.process, at, landline);
        let day = at.div_euclid(DAY_S);
        let favourite = self.accounts[account as usize].favourite;
        let shown = match scheme {
            Scheme::CardCollection => {
                let bank = self.draw.chance(6_000);
                self.organisations.draw_of(&mut self.draw, day, bank)
            }
            _ if self.draw.chance(6_000) => favourite,
            Scheme::SafeAccount
            | Scheme::CodeCapture
            | Scheme::RemoteAccess
            | Scheme::Instalments => self.organisations.draw_of(&mut self.draw, day, true),
        };
        let posed = self.organisations.posed_as(shown, Some(day));
        let made = Try {
            scheme,
            traits,
            skill: holder.skill,
            organisation: self.organisations.set(posed).first().copied(),
        };
        let falls = made.succeeds(&mut self.draw, self.process);
        let beats = if falls {
            self.fall(scheme)
        } else {
            self.failure(scheme)
        };
        let talk_s = beats.iter().map(|beat| u64::from(beat.talk_s)).sum();
        let loss_minor = falls.then(|| made.loss_minor(&mut self.draw, self.process, talk_s));
        let episode = self.episodes.len() as u32;
        self.episodes.push(Episode {
            victim,
            made,
            loss_minor,
        });
        let mut index = start;
        for beat in beats {
            index = self.place(
                index,
                beat.after_s,
                Scripted {
                    account,
                    called,
                    shown: Some(shown),
                    mode: beat.mode,
                    talk_s: beat.talk_s,
                    code: beat.code,
                    episode: Some((episode, beat.deciding)),
                },
            );
        }
    }

    /// The calls in which somebody loses money.
    fn fall(&mut self, scheme: Scheme) -> Vec<Beat> {
        let draw = &mut self.draw;
        let quiet = self.process == Process::Hidden;
        let mut beats = Vec::new();
        if scheme != Scheme::Instalments && draw.chance(PLAIN_LOSS) {
            return vec![deciding(live(0, ordinary(draw)))];
        }
        match scheme {
            Scheme::SafeAccount => {
                beats.push(live(0, draw.between(30, 140)));
                let long_s = if quiet { 1_500 } else { 4_800 };
                let talk_s = draw.between(720, long_s);
                beats.push(deciding(live(draw.between(300, 3_600), talk_s)));
                if draw.chance(3_000) {
                    beats.push(live(
                        draw.between(60_000, 100_000),
                        draw.between(300, 1_200),
                    ));
                }
            }
            Scheme::CodeCapture => {
                let robot = draw.chance(7_000);
                beats.push(deciding(Beat {
                    mode: if robot { Mode::Bot } else { Mode::Live },
                    code: Some(true),
                    ..live(0, draw.between(20, 45) + if robot { 0 } else { 150 })
                }));
                if draw.chance(6_000) {
                    beats.push(live(draw.between(60, 180), draw.between(120, 480)));
                }
            }
            Scheme::RemoteAccess => {
                let long_s = if quiet { 3_000 } else { 10_200 };
                beats.push(deciding(live(0, draw.between(2_400, long_s))));
                if draw.chance(3_500) {
                    beats.push(live(
                        draw.between(40_000, 200_000),
                        draw.between(900, 5_400),
                    ));
                }
            }
            Scheme::CardCollection => {
                let visits = draw.between(2, 4);
                for visit in 0..visits {
                    let beat = live(draw.between(900, 7_200), draw.between(240, 1_500));
                    beats.push(if visit + 1 == visits {
                        deciding(beat)
                    } else {
                        beat
                    });
                }
            }
            Scheme::Instalments => {
                for visit in 0..draw.between(3, 9) {
                    let beat = live(draw.between(100_000, 500_000), draw.between(90, 420));
                    beats.push(if visit == 0 { deciding(beat) } else { beat });
                }
            }
        }
        beats
    }

    /// The calls in which nobody loses anything; one of them at least counts as engaged.
    fn failure(&mut self, scheme: Scheme) -> Vec<Beat> {
        let draw = &mut self.draw;
        if draw.chance(PATIENT) {
            let after_s = draw.between(300, 3_600);
            return vec![
                live(0, draw.between(30, 140)),
                live(after_s, draw.between(900, 5_400)),
            ];
        }
        if draw.chance(PERSISTENT) {
            let first = live(0, ordinary(draw));
            let again = (0..draw.between(2, 4))
                .map(|_| live(draw.between(600, 90_000), draw.between(20, 300)));
            return std::iter::once(first).chain(again).collect();
        }
        if draw.chance(BLOCKED) {
            return vec![Beat {
                code: Some(true),
                ..live(0, draw.between(20, 200))
            }];
        }
        let engaged = ordinary(draw);
        match scheme {
            Scheme::CodeCapture if draw.chance(7_000) => vec![
                Beat {
                    mode: Mode::Bot,
                    code: Some(false),
                    ..live(0, draw.between(8, 30))
                },
                live(draw.between(60, 600), engaged),
            ],
            Scheme::SafeAccount | Scheme::CardCollection if draw.chance(4_000) => vec![
                live(0, draw.between(20, 60)),
                live(draw.between(300, 7_200), engaged),
            ],
            Scheme::SafeAccount
            | Scheme::CodeCapture
            | Scheme::RemoteAccess
            | Scheme::CardCollection
            | Scheme::Instalments => vec![live(0, engaged)],
        }
    }

    /// Calls between people who know each other, or to somebody who owes money.
    fn friendship(&mut self, start: u64, account: u32, called: u32) {
        let mut index = start;
        let long_s = if self.draw.chance(5_000) { 600 } else { 3_600 };
        for _ in 0..self.draw.between(2, 16) {
            let after_s = self.draw.between(20_000, 600_000).into();
            let scripted = Scripted {
                account,
                called,
                shown: None,
                mode: Mode::Live,
                talk_s: self.draw.between(61, long_s),
                code: None,
                episode: None,
            };
            index = self.place(index, after_s, scripted);
        }
    }

    /// Puts a call into the first free attempt from an instant on, and returns its index. What
    /// would lie after the service's last full day is never made.
    fn place(&mut self, from: u64, after_s: i64, scripted: Scripted) -> u64 {
        let wanted: UtcS = self.timeline.at(from, 0) + after_s;
        if wanted >= PERIOD_END - DAY_S {
            return from;
        }
        let first = self.timeline.first_from(wanted).max(from);
        let mut free = (first..self.attempts)
            .chain((0..first).rev())
            .filter(|index| !self.calls.contains_key(index));
        let Some(index) = free.next() else {
            return from;
        };
        self.calls.insert(index, scripted);
        index
    }
}

/// Seconds of a call that counts as engaged, most of them a minute or two.
fn ordinary(draw: &mut Draw) -> u32 {
    21 + draw.long_tail(40, 1_500)
}

fn live(after_s: u32, talk_s: u32) -> Beat {
    Beat {
        after_s: after_s.into(),
        talk_s,
        mode: Mode::Live,
        code: None,
        deciding: false,
    }
}

fn deciding(beat: Beat) -> Beat {
    Beat {
        deciding: true,
        ..beat
    }
}
