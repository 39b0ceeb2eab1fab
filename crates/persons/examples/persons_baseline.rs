//! Finds persons in cases in the CSV form of the script that teams would otherwise use and scores them against its truth.
//!
//! `cargo run --release -p unspoof-persons --example persons_baseline -- DIR...`
//!
//! Reads `accounts.csv`, `logins.csv`, `payments.csv`, `truth_accounts.csv`; prints a line a case.
#![expect(clippy::print_stdout, reason = "a command-line example")]

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use cpu_time::ProcessTime;
use unspoof_persons::{Account, AccountKey, Evidence, Kind, Persons, Settings, Sighting};

fn main() -> Result<()> {
    println!("case accounts true-persons persons largest precision recall f1 cpu-s");
    for dir in std::env::args().skip(1) {
        let dir = Path::new(&dir);
        let evidence = read(dir)?;
        let start = ProcessTime::now();
        let persons = evidence.resolve(&Settings::default());
        let took = start.elapsed();
        let truth = truth(dir, &persons)?;
        let score = Score::new(&persons, &truth);
        println!(
            "{} {} {} {} {} {:.5} {:.5} {:.5} {:.2}",
            dir.file_name().unwrap_or_default().display(),
            truth.len(),
            score.true_persons,
            persons.persons().len(),
            persons
                .persons()
                .iter()
                .map(|p| p.members.len())
                .max()
                .unwrap_or(0),
            score.precision(),
            score.recall(),
            score.f1(),
            took.as_secs_f64(),
        );
    }
    Ok(())
}

fn read(dir: &Path) -> Result<Evidence> {
    let mut evidence = Evidence::new();
    let mut numbers = Vec::new();
    each(&dir.join("accounts.csv"), |row| {
        let mut account = Account::new("gen", &row[0]);
        account.username = text(&row[1]);
        account.email = text(&row[2]);
        account.name = text(&row[3]);
        account.phone_e164 = uk_number(&row[4]);
        let at_utc_us = Some(row[5].parse::<i64>()? * 1_000_000);
        account.created_utc_us = at_utc_us;
        let account = evidence.add_account(account)?;
        numbers.push(account);
        evidence.add_sighting(Sighting {
            account,
            kind: Kind::Ip,
            value: &row[6],
            at_utc_us,
        })?;
        Ok(())
    })?;
    let number = |text: &str| -> Result<_> { Ok(numbers[text.parse::<usize>()?]) };
    each(&dir.join("logins.csv"), |row| {
        let account = number(&row[0])?;
        let at_utc_us = Some(row[1].parse::<i64>()? * 1_000_000);
        for (kind, value) in [(Kind::Ip, &row[2]), (Kind::Device, &row[3])] {
            evidence.add_sighting(Sighting {
                account,
                kind,
                value,
                at_utc_us,
            })?;
        }
        Ok(())
    })?;
    each(&dir.join("payments.csv"), |row| {
        let account = number(&row[1])?;
        let at_utc_us = Some(row[2].parse::<i64>()? * 1_000_000);
        let kind = Kind::PaymentSource;
        evidence.add_sighting(Sighting {
            account,
            kind,
            value: &row[4],
            at_utc_us,
        })?;
        Ok(())
    })?;
    Ok(evidence)
}

fn each(path: &Path, mut row: impl FnMut(&csv::StringRecord) -> Result<()>) -> Result<()> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        row(&record)?;
    }
    Ok(())
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads the ways in which such a case writes a British number.
fn uk_number(text: &str) -> Option<i64> {
    let digits: String = text
        .replace("(0)", "")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let national = ["0044", "44", "0"]
        .iter()
        .find_map(|start| digits.strip_prefix(start))?;
    format!("44{national}").parse().ok()
}

fn truth(dir: &Path, persons: &Persons) -> Result<Vec<u32>> {
    let mut truth = vec![0; persons.accounts().len()];
    each(&dir.join("truth_accounts.csv"), |row| {
        let key = AccountKey {
            source: "gen".to_owned(),
            account_id: row[0].to_owned(),
        };
        let place = persons
            .place(&key)
            .context("an account of the truth is missing")?;
        truth[place as usize] = row[1].parse()?;
        Ok(())
    })?;
    Ok(truth)
}

/// Pairs of accounts that are, and that are taken for, one person's.
struct Score {
    both: u64,
    taken: u64,
    are: u64,
    true_persons: usize,
}

impl Score {
    fn new(persons: &Persons, truth: &[u32]) -> Self {
        let (mut both, mut taken, mut are) = (BTreeMap::new(), 0, BTreeMap::new());
        for (number, person) in persons.persons().iter().enumerate() {
            taken += pairs(person.members.len() as u64);
            for &member in &person.members {
                *both
                    .entry((number, truth[member as usize]))
                    .or_insert(0_u64) += 1;
                *are.entry(truth[member as usize]).or_insert(0_u64) += 1;
            }
        }
        Self {
            both: both.values().copied().map(pairs).sum(),
            taken,
            true_persons: are.len(),
            are: are.values().copied().map(pairs).sum(),
        }
    }

    fn precision(&self) -> f64 {
        self.both as f64 / self.taken.max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.both as f64 / self.are.max(1) as f64
    }

    fn f1(&self) -> f64 {
        2.0 * self.both as f64 / (self.taken + self.are).max(1) as f64
    }
}

fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}
