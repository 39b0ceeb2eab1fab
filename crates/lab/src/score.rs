//! How well a program's answers agree with the truth.
//!
//! What is scored are plain CSV files, as `unspoof sql --format csv` prints them: columns in any
//! order, others beside them. Numbers may begin with `+`. The order of rows is the rank.
//!
//! | file | columns | what is scored |
//! |---|---|---|
//! | `persons.csv` | `person`, `account_id`, and `source` where there are several | [`Persons`] |
//! | `matches.csv` | `report_id`, `called_e164`, `tier` | [`Matches`] |
//! | `contacts.csv` | `called_e164`, `talk_s`, `calls`; best first | [`Contacts`] |
//! | `suspects.csv` | `suspect`, `account_id`, and `source`; best first, one row an account | [`Suspects`] |

mod contacts;
mod csv;
mod matches;
mod persons;
mod suspects;
mod truth;

use std::fmt;

use anyhow::{Context as _, bail};
use camino::Utf8Path;
use serde::Serialize;

pub use contacts::Contacts;
pub use matches::{Matches, Recall, Tier};
pub use persons::Persons;
pub use suspects::Suspects;

use csv::Table;
use truth::Truth;

/// How well the answers agree with the truth; `None`: there was no file of such answers.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Scores {
    /// Accounts joined to persons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persons: Option<Persons>,
    /// Reports joined to calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<Matches>,
    /// Ranked contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Contacts>,
    /// Ranked suspects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspects: Option<Suspects>,
}

/// Scores the answers in the folder `exports` by the truth in the folder `truth`.
///
/// # Errors
/// `exports` holds none of the four files; a file cannot be read, lacks a column, names a report
/// that there is not, or names one account, number or contact twice.
pub fn score(exports: &Utf8Path, truth: &Utf8Path) -> anyhow::Result<Scores> {
    let read = |name: &str| -> anyhow::Result<Option<Table>> {
        let path = exports.join(name);
        if !path.exists() {
            return Ok(None);
        }
        Table::read(&path).map(Some)
    };
    let truth = Truth::read(truth)?;
    let named = |name: &'static str| move || format!("could not score `{name}`");
    let mut scores = Scores::default();
    if let Some(table) = read("persons.csv")? {
        scores.persons = Some(persons::score(&table, &truth).with_context(named("persons.csv"))?);
    }
    if let Some(table) = read("matches.csv")? {
        scores.matches = Some(matches::score(&table, &truth).with_context(named("matches.csv"))?);
    }
    if let Some(table) = read("contacts.csv")? {
        scores.contacts =
            Some(contacts::score(&table, &truth).with_context(named("contacts.csv"))?);
    }
    if let Some(table) = read("suspects.csv")? {
        scores.suspects =
            Some(suspects::score(&table, &truth).with_context(named("suspects.csv"))?);
    }
    if scores == Scores::default() {
        bail!(
            "`{exports}` holds none of `persons.csv`, `matches.csv`, `contacts.csv` and \
             `suspects.csv`"
        );
    }
    Ok(scores)
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(persons) = &self.persons {
            persons.fmt(f)?;
        }
        if let Some(matches) = &self.matches {
            matches.fmt(f)?;
        }
        if let Some(contacts) = &self.contacts {
            contacts.fmt(f)?;
        }
        if let Some(suspects) = &self.suspects {
            suspects.fmt(f)?;
        }
        Ok(())
    }
}

/// A part of a whole; 1 where the whole is nothing, for then nothing was missed.
fn part(of: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        of as f64 / whole as f64
    }
}

/// Writes a share as a percentage.
fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}
