//! Makes a case: `cargo run --release -p unspoof-lab --example generate -- PRESET SEED FOLDER`, and
//! of the preset `hard` `… ACCOUNTS PROCESS` behind it.

use std::io::Write as _;

use anyhow::Context as _;
use unspoof_lab::{Preset, Recipe, generate_recipe};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| {
        arguments
            .next()
            .with_context(|| format!("{what} is missing"))
    };
    let preset: Preset = next("the preset")?.parse()?;
    let seed: u64 = next("the seed")?.parse().context("the seed is no number")?;
    let out = next("the folder")?;
    let mut recipe = Recipe::new(preset, seed);
    if let Some(accounts) = arguments.next() {
        recipe.accounts = Some(accounts.parse().context("the accounts are no number")?);
    }
    if let Some(process) = arguments.next() {
        recipe.losses = process.parse()?;
    }
    let mut report = |done: u64, total: u64| {
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(std::io::stderr(), "\r{done} of {total} calls");
    };
    let summary = generate_recipe(&recipe, out.as_str().into(), &mut report)?;
    writeln!(std::io::stdout(), "\n{summary:#?}")?;
    Ok(())
}
