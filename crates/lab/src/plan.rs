//! Everything that is settled before the first call is made, and shared by all chunks.

use crate::accounts::{Account, Callers, Ledger, Role};
use crate::draw::{Draw, Purpose, Shuffle};
use crate::hard::{self, Login, People, Script};
use crate::losses::Process;
use crate::organisations::Organisations;
use crate::phone::Pool;
use crate::preset::{Preset, Size};
use crate::rates::Rates;
use crate::recipe::Recipe;
use crate::reports::Intents;
use crate::timeline::Timeline;

/// The plan of a case.
pub(crate) struct Plan {
    pub(crate) preset: Preset,
    pub(crate) seed: u64,
    pub(crate) losses: Process,
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
    /// Hard mode's people, what they do, and where they signed in.
    pub(crate) hard: Option<Hard>,
}

/// What hard mode settles besides.
pub(crate) struct Hard {
    pub(crate) people: People,
    pub(crate) logins: Vec<Login>,
    pub(crate) script: Script,
}

impl Plan {
    pub(crate) fn new(recipe: &Recipe) -> anyhow::Result<Self> {
        let Recipe {
            preset,
            seed,
            losses,
            ..
        } = *recipe;
        let mut size = recipe.size()?;
        let pool = Pool::new(seed, &size);
        let organisations = Organisations::new();
        let rates = Rates::new(seed);
        let timeline = Timeline::new(&size);
        let (ledger, hard) = if preset == Preset::Hard {
            let mut people = People::new(seed, size.accounts, &pool);
            let ledger = hard::ledger(seed, &size, &rates, &organisations, &mut people);
            let logins = hard::logins(seed, &ledger.accounts, &mut people);
            let accounts = &ledger.accounts;
            let script = Script::new(
                seed,
                &size,
                losses,
                &timeline,
                &pool,
                &organisations,
                accounts,
                &people,
            );
            size.home_engaged = script.len();
            let hard = Hard {
                people,
                logins,
                script,
            };
            (ledger, Some(hard))
        } else {
            let favourite = |draw: &mut Draw| organisations.draw(draw);
            (Ledger::new(seed, &size, &pool, &rates, favourite), None)
        };
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
        Ok(Self {
            preset,
            seed,
            losses,
            size,
            timeline,
            slots: Shuffle::new(&mut layout, size.home_engaged.into()),
            intents: Intents::new(seed, &size),
            pool,
            organisations,
            rates,
            ledger,
            priority,
            others,
            testers,
            hard,
        })
    }
}
