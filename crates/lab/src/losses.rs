//! How fraud ends: who falls for it, what is lost, who reports. Ranking sees none of the causes.
//!
//! A loss hangs on traits that no record holds (how easily somebody is taken in, what there is to
//! take, how good the fraudster is, which organisation is posed as) and, in part and in some
//! processes alone, on how long was talked. All of it is whole numbers, so that every machine
//! draws the same.

use std::str::FromStr;

use anyhow::bail;

use crate::clock::UtcS;
use crate::draw::{Draw, Purpose};
use crate::preset::{PERIOD_END, PERIOD_START};

/// How losses come about in a made-up world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Process {
    /// All four schemes side by side.
    #[default]
    Mixed,
    /// Victims move their money to an account that is said to be safe.
    SafeAccount,
    /// Victims give away a one-time code, often to a machine.
    CodeCapture,
    /// Victims let somebody take over their computer, for hours.
    RemoteAccess,
    /// Victims hand their card to somebody at the door, after several calls.
    CardCollection,
    /// The schemes take turns over the year.
    Shifting,
    /// Victims pay in instalments over weeks, in short calls.
    Instalments,
    /// What is lost hangs on wealth and chance alone, however long was talked.
    Hidden,
}

impl Process {
    /// All processes.
    pub const ALL: [Self; 8] = [
        Self::Mixed,
        Self::SafeAccount,
        Self::CodeCapture,
        Self::RemoteAccess,
        Self::CardCollection,
        Self::Shifting,
        Self::Instalments,
        Self::Hidden,
    ];

    /// Returns the name used on the command line and in truth files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::SafeAccount => "safe-account",
            Self::CodeCapture => "code-capture",
            Self::RemoteAccess => "remote-access",
            Self::CardCollection => "card-collection",
            Self::Shifting => "shifting",
            Self::Instalments => "instalments",
            Self::Hidden => "hidden",
        }
    }

    /// Weights of the schemes at an instant, in the order of [`Scheme::ALL`].
    fn weights(self, at: UtcS) -> [u32; 5] {
        let share = |of: u32, to: u32| {
            let past = (at - PERIOD_START).clamp(0, PERIOD_END - PERIOD_START) as u64;
            let past = (past * 1_000 / (PERIOD_END - PERIOD_START) as u64) as u32;
            (of * (1_000 - past) + to * past) / 10
        };
        match self {
            Self::Mixed | Self::Hidden => [40, 25, 20, 15, 0],
            Self::SafeAccount => [1, 0, 0, 0, 0],
            Self::CodeCapture => [0, 1, 0, 0, 0],
            Self::RemoteAccess => [0, 0, 1, 0, 0],
            Self::CardCollection => [0, 0, 0, 1, 0],
            Self::Shifting => [
                share(70, 5),
                share(5, 35),
                share(20, 20),
                share(5, 25),
                share(0, 15),
            ],
            Self::Instalments => [15, 5, 5, 5, 70],
        }
    }
}

impl FromStr for Process {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Self::ALL
            .into_iter()
            .find(|process| process.as_str() == text)
        {
            Some(process) => Ok(process),
            None => {
                let names = Self::ALL.map(Self::as_str).join("`, `");
                bail!("`{text}` is no process of losses: use one of `{names}`")
            }
        }
    }
}

/// What a fraudster tries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Scheme {
    SafeAccount,
    CodeCapture,
    RemoteAccess,
    CardCollection,
    Instalments,
}

impl Scheme {
    pub(crate) const ALL: [Self; 5] = [
        Self::SafeAccount,
        Self::CodeCapture,
        Self::RemoteAccess,
        Self::CardCollection,
        Self::Instalments,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SafeAccount => "safe-account",
            Self::CodeCapture => "code-capture",
            Self::RemoteAccess => "remote-access",
            Self::CardCollection => "card-collection",
            Self::Instalments => "instalments",
        }
    }

    /// What is lost where every trait is as usual, in pence.
    const fn usual_minor(self) -> u64 {
        match self {
            Self::SafeAccount => 250_000,
            Self::CodeCapture => 90_000,
            Self::RemoteAccess => 220_000,
            Self::CardCollection => 110_000,
            Self::Instalments => 60_000,
        }
    }

    /// The most of somebody's wealth that a scheme gets at, in thousandths of what is usual.
    const fn most_wealth(self) -> u32 {
        match self {
            Self::SafeAccount | Self::RemoteAccess => 30_000,
            Self::Instalments => 12_000,
            Self::CardCollection => 5_000,
            Self::CodeCapture => 4_000,
        }
    }

    /// Chooses what a fraudster tries: cards are collected from those who have a landline.
    pub(crate) fn drawn(draw: &mut Draw, process: Process, at: UtcS, landline: bool) -> Self {
        let mut weights = process.weights(at);
        if landline {
            weights[Self::CardCollection as usize] *= 4;
        }
        Self::ALL[draw.by_weight(&weights)]
    }
}

/// What no record tells of somebody who is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    /// 0 to 999: how easily taken in.
    gullible: u32,
    /// What there is to take, in thousandths of what is usual: a long tail.
    wealth: u32,
    /// 0 to 999: how unwilling to tell anybody.
    shame: u32,
    /// Index of the bank.
    pub(crate) bank: u32,
}

/// Banks that reports name; each reports for its customers in so many of 1,000 cases.
pub(crate) const BANKS: [(&str, u32); 4] = [
    ("Albion Mercer Bank", 350),
    ("Northgate Savings Bank", 120),
    ("Severnside Bank", 220),
    ("Crownfield Bank", 40),
];

impl Traits {
    /// The traits of a victim: the same for all who call them.
    pub(crate) fn of(seed: u64, victim: u32) -> Self {
        let mut draw = Draw::new(seed, Purpose::Traits, victim.into());
        Self {
            gullible: draw.below(1_000),
            wealth: draw.long_tail(300, 30_000),
            shame: draw.below(1_000),
            bank: draw.below(BANKS.len() as u32),
        }
    }
}

/// What is settled about a try once it is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Try {
    pub(crate) scheme: Scheme,
    pub(crate) traits: Traits,
    /// 0 to 999: how good the fraudster is.
    pub(crate) skill: u32,
    /// Index of the organisation that is posed as, where it is one.
    pub(crate) organisation: Option<u16>,
}

impl Try {
    /// Whether it ends in a loss: about one in ten does.
    pub(crate) fn succeeds(&self, draw: &mut Draw, process: Process) -> bool {
        let gullible = 100 + self.traits.gullible * self.traits.gullible / 500;
        let skill = if process == Process::Hidden {
            900
        } else {
            400 + self.skill
        };
        // Means of the two factors: 767 and 900.
        draw.chance(gullible * skill / 690)
    }

    /// What is lost, in pence; `talk_s` is all that was talked.
    pub(crate) fn loss_minor(&self, draw: &mut Draw, process: Process, talk_s: u64) -> u64 {
        let wealth = u64::from(self.traits.wealth.min(self.scheme.most_wealth()));
        let chance = u64::from(draw.between(500, 1_500));
        let minor = self.scheme.usual_minor() * wealth / 600 * chance / 1_000;
        let minor = if process == Process::Hidden {
            minor
        } else {
            // Who is posed as matters by a third, each organisation in its own way.
            let posed = self.organisation.map_or(700, |organisation| {
                700 + u64::from(organisation) * 367 % 600
            });
            let talked = match self.scheme {
                Scheme::SafeAccount | Scheme::RemoteAccess => 700 + (talk_s / 10).min(700),
                Scheme::CodeCapture | Scheme::CardCollection | Scheme::Instalments => 1_000,
            };
            minor * posed / 1_000 * (500 + u64::from(self.skill)) / 1_000 * talked / 1_000
        };
        (minor / 10 * 10).max(1_000)
    }

    /// Whether somebody reports a loss: the more was lost, the less ashamed, and by the bank.
    pub(crate) fn is_reported(&self, draw: &mut Draw, loss_minor: u64) -> bool {
        let (_, by_bank) = BANKS[self.traits.bank as usize];
        let by_loss = match loss_minor {
            0..=19_999 => 40,
            20_000..=99_999 => 150,
            100_000..=499_999 => 300,
            500_000..=1_999_999 => 450,
            _ => 600,
        };
        let willing = by_loss * (1_200 - self.traits.shame) / 700 + by_bank / 2;
        draw.below(1_000) < willing.min(950)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_process_gives_losses_of_its_own_size() {
        let mut sums = Vec::new();
        for process in Process::ALL {
            let mut draw = Draw::new(3, Purpose::Script, 0);
            let (mut losses, mut sum) = (0_u32, 0);
            for victim in 0..20_000 {
                let at = PERIOD_START + i64::from(victim) * 1_577;
                let made = Try {
                    scheme: Scheme::drawn(&mut draw, process, at, victim % 4 == 0),
                    traits: Traits::of(3, victim),
                    skill: draw.below(1_000),
                    organisation: Some(1),
                };
                if made.succeeds(&mut draw, process) {
                    losses += 1;
                    sum += made.loss_minor(&mut draw, process, 1_800);
                }
            }
            // One in ten, give or take what 20,000 draws leave to chance and the skill's share.
            assert!((1_600..2_400).contains(&losses), "{process:?}: {losses}");
            sums.push(sum / u64::from(losses));
        }
        sums.sort_unstable();
        sums.dedup();
        assert_eq!(sums.len(), Process::ALL.len(), "{sums:?}");
    }

    #[test]
    fn a_process_is_known_by_its_name() {
        for process in Process::ALL {
            assert_eq!(process.as_str().parse::<Process>().expect("known"), process);
        }
        let error = "Mixed".parse::<Process>().expect_err("not a name");
        assert!(error.to_string().contains("`safe-account`"), "{error}");
    }
}
