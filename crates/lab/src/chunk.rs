//! Makes the calls of a chunk: a fixed run of attempts that depends on the plan alone.

use anyhow::{Context as _, bail};

use crate::accounts::Callers;
use crate::blocks::{CALLED_PER_10K, NO_REGION};
use crate::clock::UtcS;
use crate::dirt::DirtTally;
use crate::draw::{Draw, Purpose};
use crate::exhibit::{Packing, Part};
use crate::hard::Scripted;
use crate::outcome::{Mode, Outcome};
use crate::panel::{CALLS, Layout, Statements};
use crate::plan::Plan;
use crate::preset::{BACKUP_CALLS, SWITCH_FROM};
use crate::record::Record;
use crate::seen::Seen;
use crate::tracked::TrackedCall;

/// Least time between two attempts of one account, in seconds.
const APART_S: i64 = 10;
/// Left free at the end of each chunk, so that the next one need not know who called last.
const CHUNK_GAP_S: i64 = 15;
/// How far the exhibits tell of the same calls.
#[derive(Clone, Copy, Default)]
pub(crate) struct Overlap {
    pub(crate) panel_and_switch: u64,
    pub(crate) only_panel: u64,
    pub(crate) only_switch: u64,
    pub(crate) backup_and_panel: u64,
    pub(crate) only_backup: u64,
}

impl Overlap {
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.panel_and_switch += other.panel_and_switch;
        self.only_panel += other.only_panel;
        self.only_switch += other.only_switch;
        self.backup_and_panel += other.backup_and_panel;
        self.only_backup += other.only_backup;
    }
}

/// A chunk, made and compressed.
pub(crate) struct Chunk {
    /// Text by exhibit: backup, panel, switch.
    pub(crate) parts: [Part; 3],
    /// Rows of calls by exhibit, likewise; places count from the chunk's start.
    pub(crate) records: [Vec<Record>; 3],
    pub(crate) dirt: DirtTally,
    pub(crate) overlap: Overlap,
    /// Calls that the truth names by themselves; places count from the chunk's start.
    pub(crate) tracked: Vec<TrackedCall>,
}

/// Which exhibits hold an attempt's rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Panel,
    PanelAndBackup,
    Backup,
    PanelAndSwitch,
    Switch,
}

/// Whom an attempt is meant for.
enum Sort<'a> {
    /// A victim, and whether this is the call that makes sure of them.
    Engaged {
        victim: u32,
        first: bool,
    },
    Plain,
    Test,
    /// A call of hard mode's script.
    Scripted(&'a Scripted),
}

struct Called {
    /// Id in the pool; none for what is no number.
    id: Option<u32>,
    region: u8,
}

enum Presented {
    Shown(u16),
    Word(&'static [u8]),
    Null,
}

struct Attempt<'a> {
    index: u64,
    at: UtcS,
    account: u32,
    kept: Kept,
    test: bool,
    called: Called,
    presented: Presented,
    outcome: Outcome,
    /// The victim or episode that the truth names this call for, and whether it is the one in
    /// which the money went.
    subject: Option<(u32, bool)>,
    plan: &'a Plan,
}

mod write;

/// Makes a chunk, and notes in `seen` what it called.
pub(crate) fn make(plan: &Plan, chunk: u32, seen: &mut Seen) -> anyhow::Result<Chunk> {
    let mut maker = Maker::new(plan, chunk);
    let size = &plan.size;
    let first = u64::from(chunk) * u64::from(size.attempts_per_chunk());
    let end = plan
        .timeline
        .at(first + u64::from(size.attempts_per_chunk()), 0)
        - CHUNK_GAP_S;
    let mut slot = size.engaged_before(chunk);
    let mut engaged_left = (size.engaged_before(chunk + 1) - slot) as u32;
    let mut tests_left = size.tests_per_chunk;
    let mut scripted = plan.hard.as_ref().map_or(&[][..], |hard| {
        let end = first + u64::from(size.attempts_per_chunk());
        hard.script.between(first, end)
    });
    if plan.hard.is_some() {
        engaged_left = 0;
    }
    for index in 0..size.attempts_per_chunk() {
        let left = size.attempts_per_chunk() - index - scripted.len() as u32;
        let fraction = maker.draw.u32() as u16;
        let at = plan
            .timeline
            .at(first + u64::from(index), fraction)
            .min(end);
        let turn = maker.draw.below(left);
        let sort = if let Some(((at, call), rest)) = scripted.split_first()
            && *at == first + u64::from(index)
        {
            scripted = rest;
            Sort::Scripted(call)
        } else if turn < engaged_left {
            engaged_left -= 1;
            slot += 1;
            maker.victim(plan.slots.at(slot - 1))
        } else if turn < engaged_left + tests_left {
            tests_left -= 1;
            Sort::Test
        } else {
            Sort::Plain
        };
        let attempt = maker.plan_attempt(first + u64::from(index), at, sort)?;
        maker.write(&attempt, seen);
    }
    maker
        .finish()
        .with_context(|| format!("could not compress chunk {chunk}"))
}

/// Who may call in this chunk: those registered before it.
struct Registered {
    priority: usize,
    others: usize,
    testers: usize,
}

struct Maker<'a> {
    plan: &'a Plan,
    draw: Draw,
    registered: Registered,
    /// When each account last called.
    last: Vec<UtcS>,
    /// Calls to home in this many plain ones.
    home_of: (u32, u32),
    panel: (Vec<u8>, Statements),
    backup: (Vec<u8>, Statements),
    switch: Vec<u8>,
    records: [Vec<Record>; 3],
    dirt: DirtTally,
    overlap: Overlap,
    tracked: Vec<TrackedCall>,
    /// Whether the panel has lost no call yet that the switch, or the backup, still has.
    unlost: (bool, bool),
    /// Whether a record of the switch is still to be torn.
    tear: bool,
    shown: Vec<u8>,
    dialled: Vec<u8>,
}

impl<'a> Maker<'a> {
    fn new(plan: &'a Plan, chunk: u32) -> Self {
        let size = &plan.size;
        let start = plan
            .timeline
            .at(u64::from(chunk) * u64::from(size.attempts_per_chunk()), 0);
        let calls = size.calls_per_chunk * size.chunks;
        Self {
            plan,
            draw: Draw::new(plan.seed, Purpose::Calls, chunk.into()),
            registered: Registered {
                priority: plan.priority.registered(start),
                others: plan.others.registered(start),
                testers: plan.testers.registered(start),
            },
            last: vec![i64::MIN; plan.ledger.accounts.len()],
            home_of: (
                calls / 100 * 35 - size.home_engaged,
                calls - size.home_engaged,
            ),
            panel: (Vec::new(), Statements::new(&CALLS, Layout::RowALine)),
            backup: (Vec::new(), Statements::new(&CALLS, Layout::OneLineNamed)),
            switch: Vec::new(),
            records: [const { Vec::new() }; 3],
            dirt: DirtTally::new(),
            overlap: Overlap::default(),
            tracked: Vec::new(),
            unlost: (true, true),
            tear: chunk + 1 == size.chunks,
            shown: Vec::new(),
            dialled: Vec::new(),
        }
    }

    /// The victim of a slot: each has one slot that is theirs, the rest go to some again.
    fn victim(&mut self, place: u64) -> Sort<'a> {
        let victims = self.plan.size.victims;
        if place < u64::from(victims) {
            return Sort::Engaged {
                victim: place as u32,
                first: true,
            };
        }
        let any = self.draw.below(victims);
        // Some are called again and again.
        let victim = if self.draw.chance(3_000) {
            any / 16 * 16
        } else {
            any
        };
        Sort::Engaged {
            victim,
            first: false,
        }
    }

    fn plan_attempt(
        &mut self,
        index: u64,
        at: UtcS,
        sort: Sort<'_>,
    ) -> anyhow::Result<Attempt<'a>> {
        let plan = self.plan;
        let size = &plan.size;
        let dirt = size.dirt_per_10k;
        let in_window = at >= SWITCH_FROM;
        let in_slice = BACKUP_CALLS.0 <= at && at < BACKUP_CALLS.1;
        let (kept_draw, is_test) = (self.draw.below(10_000), matches!(sort, Sort::Test));
        // What the panel has lost cannot be laid at a priority account's door.
        let may_lose = match sort {
            Sort::Engaged { victim, first } => !first || victim >= size.priority_victims,
            Sort::Plain => true,
            Sort::Test | Sort::Scripted(_) => false,
        };
        let reports = match sort {
            Sort::Engaged {
                victim,
                first: true,
            } => plan.intents.of_victim(victim).is_some(),
            Sort::Engaged { .. } | Sort::Plain | Sort::Test | Sort::Scripted(_) => false,
        };
        let kept = match kept_draw {
            0..50 if in_window => Kept::Panel,
            _ if in_window && may_lose && !reports && (kept_draw < 100 || self.unlost.0) => {
                Kept::Switch
            }
            _ if in_window => Kept::PanelAndSwitch,
            _ if in_slice && (kept_draw < 2 * dirt || self.unlost.1) => Kept::Backup,
            _ if in_slice => Kept::PanelAndBackup,
            _ => Kept::Panel,
        };
        let in_switch = matches!(kept, Kept::PanelAndSwitch | Kept::Switch);
        let called = match sort {
            Sort::Engaged { victim, .. } => Called {
                id: Some(plan.pool.victim(size, victim)),
                region: 0,
            },
            Sort::Plain if !in_window && self.draw.chance(dirt) => Called {
                id: None,
                region: NO_REGION,
            },
            Sort::Plain | Sort::Test => self.plain_number(),
            Sort::Scripted(call) => Called {
                id: Some(call.called),
                region: 0,
            },
        };
        let engaged = match sort {
            Sort::Engaged { .. } => true,
            Sort::Plain => called.region != 0 && called.id.is_some() && self.draw.chance(1_000),
            Sort::Test => self.draw.chance(500),
            Sort::Scripted(_) => true,
        };
        let mut outcome = match sort {
            Sort::Scripted(call) => call.outcome(&mut self.draw),
            Sort::Engaged { .. } | Sort::Plain | Sort::Test => {
                Outcome::drawn(&mut self.draw, engaged, in_switch, dirt)
            }
        };
        // Only the panel knows of a captured code: such a call stays there.
        let kept = if kept == Kept::Switch && outcome.captured() {
            Kept::PanelAndSwitch
        } else {
            kept
        };
        self.unlost.0 &= kept != Kept::Switch;
        self.unlost.1 &= kept != Kept::Backup;
        let (account, at) = match sort {
            Sort::Scripted(call) => (call.account, self.scripted_at(call.account, at)),
            Sort::Engaged { .. } | Sort::Plain | Sort::Test => (self.account(&sort, at)?, at),
        };
        if is_test && !plan.ledger.accounts[account as usize].role.is_test() {
            outcome.mode = Mode::Test;
        }
        Ok(Attempt {
            index,
            at,
            account,
            kept,
            test: is_test,
            called,
            presented: match sort {
                Sort::Scripted(&Scripted {
                    shown: Some(shown), ..
                }) => Presented::Shown(shown),
                Sort::Engaged { .. } | Sort::Plain | Sort::Test | Sort::Scripted(_) => {
                    self.presented(account)
                }
            },
            outcome,
            subject: match sort {
                Sort::Engaged {
                    victim,
                    first: true,
                } => Some((victim, true)),
                Sort::Scripted(call) => call.episode,
                Sort::Engaged { .. } | Sort::Plain | Sort::Test => None,
            },
            plan,
        })
    }

    fn plain_number(&mut self) -> Called {
        let pool = &self.plan.pool;
        let (ids, region) = if self.draw.below(self.home_of.1) < self.home_of.0 {
            let mobile = self.draw.chance(7_800);
            (
                if mobile {
                    pool.home_mobiles()
                } else {
                    pool.home_others()
                },
                0,
            )
        } else {
            let total: u32 = CALLED_PER_10K.iter().sum();
            let mut turn = self.draw.below(total);
            let mut region = 0;
            while turn >= CALLED_PER_10K[region] {
                turn -= CALLED_PER_10K[region];
                region += 1;
            }
            (pool.abroad(region as u8), region as u8)
        };
        Called {
            id: Some(ids.start + self.draw.below(ids.len() as u32)),
            region,
        }
    }

    /// When a scripted call is placed: a little later where its account called just before.
    fn scripted_at(&mut self, account: u32, at: UtcS) -> UtcS {
        let last = &mut self.last[account as usize];
        *last = at.max(last.saturating_add(APART_S));
        *last
    }

    /// Draws an account of the sort that an attempt needs, which has not called just before.
    fn account(&mut self, sort: &Sort<'_>, at: UtcS) -> anyhow::Result<u32> {
        let (plan, size) = (self.plan, &self.plan.size);
        let any_priority = self.draw.chance(3_500);
        let priority = (&plan.priority, self.registered.priority);
        let others = (&plan.others, self.registered.others);
        let (callers, registered): (&Callers, usize) = match *sort {
            Sort::Engaged { victim, first } if victim < size.mobile_victims => {
                match (victim < size.priority_victims, first) {
                    (true, true) => priority,
                    (true, false) if any_priority => priority,
                    (true | false, _) => others,
                }
            }
            Sort::Test if !self.draw.chance(4_000) => (&plan.testers, self.registered.testers),
            _ if any_priority => priority,
            Sort::Engaged { .. } | Sort::Plain | Sort::Test | Sort::Scripted(_) => others,
        };
        let free =
            |last: &[UtcS], account: u32| last[account as usize].saturating_add(APART_S) <= at;
        for _ in 0..32 {
            let account = callers.draw(&mut self.draw, registered);
            if free(&self.last, account) {
                self.last[account as usize] = at;
                return Ok(account);
            }
        }
        match callers
            .all(registered)
            .iter()
            .find(|&&account| free(&self.last, account))
        {
            Some(&account) => {
                self.last[account as usize] = at;
                Ok(account)
            }
            None => bail!("all {registered} accounts of a sort called within {APART_S} s"),
        }
    }

    fn presented(&mut self, account: u32) -> Presented {
        const WITHHELD: [&[u8]; 3] = [b"anonymous", b"Restricted", b""];
        const LETTERS: [&[u8]; 4] = [b"ALBIONBANK", b"NORTHGATE", b"REVENUE", b"SevernBank"];
        match self.draw.below(1_000) {
            0..45 => Presented::Word(WITHHELD[self.draw.below(3) as usize]),
            45..60 => Presented::Word(LETTERS[self.draw.below(4) as usize]),
            60..63 => Presented::Null,
            63..600 => Presented::Shown(self.plan.ledger.accounts[account as usize].favourite),
            _ if self.plan.ledger.accounts[account as usize].honest => {
                let organisations = &self.plan.organisations;
                Presented::Shown(organisations.draw_unlisted(&mut self.draw))
            }
            _ => Presented::Shown(self.plan.organisations.draw(&mut self.draw)),
        }
    }

    fn finish(mut self) -> anyhow::Result<Chunk> {
        self.panel.1.close(&mut self.panel.0);
        self.backup.1.close(&mut self.backup.0);
        Ok(Chunk {
            parts: [
                Packing::Gzip.pack(&self.backup.0)?,
                Packing::Zstd.pack(&self.panel.0)?,
                Packing::Gzip.pack(&self.switch)?,
            ],
            records: self.records,
            dirt: self.dirt,
            overlap: self.overlap,
            tracked: self.tracked,
        })
    }
}
