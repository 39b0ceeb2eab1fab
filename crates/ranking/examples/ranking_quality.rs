//! How much of the true loss ranks find, in made-up cases.
//!
//! ```sh
//! cargo run --release -p unspoof-ranking --example ranking_quality -- [ACCOUNTS]
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "the made-up cases are a test's"
)]

use std::io::Write as _;

use unspoof_ranking::{ContactFact, Counted, Policy};

#[path = "../tests/it/world.rs"]
mod world;

use world::{HELD_OUT, Process, TUNED_ON, Trade, World};

const REPORTS: [ContactFact; 4] = [
    ContactFact::ReportsExact,
    ContactFact::ReportsProbable,
    ContactFact::LossesMinor,
    ContactFact::ReportedNumbersOfAccounts,
];

fn main() -> anyhow::Result<()> {
    let accounts: usize = std::env::args()
        .nth(1)
        .map_or(Ok(12_000), |text| text.parse())?;
    let mut out = std::io::stdout().lock();
    let all = [&TUNED_ON[..], &HELD_OUT].concat();
    let worlds: [(&str, &[Process], u64); 8] = [
        ("in view", &TUNED_ON, 1),
        ("held out", &HELD_OUT, 11),
        ("safe account", &[Process::SafeAccount], 12),
        ("code capture", &[Process::CodeCapture], 13),
        ("remote access", &[Process::RemoteAccess], 14),
        ("card collection", &[Process::CardCollection], 15),
        ("tax threat", &[Process::TaxThreat], 16),
        ("all five", &all, 17),
    ];
    writeln!(
        out,
        "loss in the first tenth of contacts; precision of the first 100 suspects"
    )?;
    writeln!(
        out,
        "{:<16} contacts losers engaged   harm (no reports) elaborate talk longest calls   harm elaborate, at home",
        "processes"
    )?;
    for (name, processes, seed) in worlds {
        let world = World::new(seed, accounts, processes);
        let of = |policy: &str| -> anyhow::Result<f64> {
            let ranking = Policy::preset(policy)?.rank(&world.contacts)?;
            Ok(world.loss_in_first_tenth(ranking.iter().map(|one| one.row)))
        };
        // What is left when nobody has reported anything yet.
        let mut unreported = Policy::preset("harm")?;
        unreported
            .contacts
            .terms
            .retain(|term| match &term.counted {
                Counted::Amount { fact, .. } => !REPORTS.contains(fact),
                Counted::When(all) => !all.iter().any(|(fact, _)| REPORTS.contains(fact)),
            });
        let unreported = unreported.rank(&world.contacts)?;
        let unreported = world.loss_in_first_tenth(unreported.iter().map(|one| one.row));
        let by = |fact| world.loss_in_first_tenth(world.by(fact).into_iter());
        let count = |fact| {
            let rows = 0..world.contacts.len() as u32;
            rows.filter(|&row| world.contacts.get(row, fact) > 0)
                .count()
        };
        let is_fraud = |account: &world::Account| matches!(account.trade, Trade::Fraud(_));
        writeln!(
            out,
            "{name:<16} {:>8} {:>6} {:>7}  {:.3} {unreported:.3}     {:.3} {:.3}   {:.3} {:.3}  {:.3}     {:.3} {:.3}",
            world.contacts.len(),
            world.losses_minor.iter().filter(|&&loss| loss > 0).count(),
            count(ContactFact::EngagedCalls),
            of("harm")?,
            of("elaborate")?,
            by(ContactFact::TalkS),
            by(ContactFact::LongestTalkS),
            by(ContactFact::Calls),
            world.precision_at_100("harm", is_fraud),
            world.precision_at_100("elaborate", is_fraud),
            world.precision_at_100("elaborate", |one| is_fraud(one) && one.at_home),
        )?;
    }
    Ok(())
}
