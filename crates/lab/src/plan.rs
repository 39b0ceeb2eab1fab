//! Everything that is settled before the first call is made, and shared by all chunks.

use crate::accounts::{Account, Callers, Ledger, Role};
use crate::draw::{Draw, Purpose, Shuffle};
use crate::organisations::Organisations;
use crate::phone::Pool;
use crate::preset::{Preset, Size};
use crate::rates::Rates;
use crate::reports::Intents;
use crate::timeline::Timeline;

/// The plan of a case.
pub(crate) struct Plan {
    pub(crate) preset: Preset,
    pub(crate) seed: u64,
    pub(crate) size: Size,
    pub(crate) pool: Pool,
    pub(crate) organisations: Organisations,
    pub(crate) rates: Rates,
    pub(crate) ledger: Ledger,
    pub(crate) timeline: Timeline,
    /// Customers whom the rule picks, and those whom it does not.
    pub(crate) priority: Callers,
    pub(crate) others: Callers,
    /// Staff and police.
    pub(crate) testers: Callers,
    /// Which victim each engaged home call reaches.
    pub(crate) slots: Shuffle,
    /// Which victims report.
    pub(crate) intents: Intents,
}

impl Plan {
    pub(crate) fn new(preset: Preset, seed: u64) -> Self {
        let size = preset.size();
        let pool = Pool::new(seed, &size);
        let organisations = Organisations::new();
        let rates = Rates::new(seed);
        let ledger = Ledger::new(seed, &size, &pool, &rates, |draw: &mut Draw| {
            organisations.draw(draw)
        });
        let customer = |account: &Account, priority: bool| {
            if account.is_priority() == priority {
                account.weight
            } else {
                0
            }
        };
        let priority = Callers::new(&ledger.accounts, |account| customer(account, true));
        let others = Callers::new(&ledger.accounts, |account| customer(account, false));
        let testers = Callers::new(&ledger.accounts, |account| match account.role {
            Role::Staff | Role::PoliceTest => 1,
            Role::Customer | Role::Reseller | Role::SubAccount => 0,
        });
        let mut layout = Draw::new(seed, Purpose::Layout, 1);
        Self {
            preset,
            seed,
            size,
            timeline: Timeline::new(&size),
            slots: Shuffle::new(&mut layout, size.home_engaged.into()),
            intents: Intents::new(seed, &size),
            pool,
            organisations,
            rates,
            ledger,
            priority,
            others,
            testers,
        }
    }
}
