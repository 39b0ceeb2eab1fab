//! A store of operational records, on either database.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};
use unspoof_model::{Sha256Hash, UtcMicros};

use crate::care::{CareEvent, CareRow};
use crate::migrations::VERSION;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{InvalidJudgement, Judgement, JudgementId, PostgresUrl, StoreError};

/// Where a store is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// An SQLite database in a file.
    File(Utf8PathBuf),
    /// A schema of its own in a PostgreSQL server's database.
    Server {
        /// The database.
        url: PostgresUrl,
        /// The schema: one a case.
        schema: String,
    },
}

impl Address {
    /// Returns the address that a case's configuration names: `url`, or else the file.
    ///
    /// `case` names the case among all that a server holds, in the characters `A-Z a-z 0-9 - _`.
    ///
    /// # Errors
    /// [`StoreError::Url`].
    pub fn of(url: Option<&str>, file: &Utf8Path, case: &str) -> Result<Self, StoreError> {
        let Some(url) = url else {
            return Ok(Self::File(file.to_owned()));
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if case.is_empty() || case.len() > 60 || !case.bytes().all(plain) {
            let why = "the case's name holds characters that a schema cannot have";
            return Err(StoreError::Url { why });
        }
        Ok(Self::Server {
            url: url.parse()?,
            schema: case.replace('-', "_").to_ascii_lowercase(),
        })
    }
}

/// A judgement as a row of a database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) actor: String,
    pub(crate) recorded_us: UtcMicros,
    pub(crate) undoes: Option<String>,
    pub(crate) content: String,
}

impl Row {
    fn of(judgement: &Judgement) -> Self {
        Self {
            id: judgement.id().to_string(),
            kind: judgement.decision().kind().to_owned(),
            actor: judgement.actor().to_owned(),
            recorded_us: judgement.recorded_utc(),
            undoes: judgement.undoes().map(|id| id.to_string()),
            content: judgement.content().to_owned(),
        }
    }

    /// Reads the judgement, and finds out whether the row is as it was written.
    fn judgement(self) -> Result<Judgement, StoreError> {
        let damaged = |why: String| StoreError::Damaged {
            id: self.id.clone(),
            why,
        };
        let judgement = Judgement::from_json(&self.content).map_err(|e| damaged(e.to_string()))?;
        if Self::of(&judgement) != self {
            return Err(damaged(
                "its columns are not those of its content".to_owned(),
            ));
        }
        Ok(judgement)
    }
}

/// What each database does in its own dialect.
pub(crate) trait Database {
    /// Returns the version, 0 for a new one.
    fn version(&mut self) -> Result<i64, StoreError>;
    /// Takes all steps that are missing, each whole or not at all.
    fn migrate(&mut self, from: i64) -> Result<(), StoreError>;
    /// Returns all judgements.
    fn rows(&mut self) -> Result<Vec<Row>, StoreError>;
    /// Returns the last seal.
    fn last_seal(&mut self) -> Result<Option<String>, StoreError>;
    /// Adds rows and a seal in one transaction; returns once they outlast a loss of power.
    fn add(&mut self, rows: &[Row], seal: &str) -> Result<(), StoreError>;
    /// Returns what was done about statements, in the order of its adding.
    fn care(&mut self) -> Result<Vec<CareRow>, StoreError>;
    /// Adds what was done about a statement; returns once it outlasts a loss of power.
    fn add_care(&mut self, row: &CareRow) -> Result<(), StoreError>;
}

/// Keeps judgements. Nothing in it is ever changed.
pub struct Store {
    database: Box<dyn Database>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a store for writing; makes it, or brings it up to this version's, where needed.
    ///
    /// # Errors
    /// It cannot be reached, or a newer version made it.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let mut database: Box<dyn Database> = match address {
            Address::File(path) => Box::new(Sqlite::open(path)?),
            Address::Server { url, schema } => Box::new(Postgres::open(url, schema)?),
        };
        let version = database.version()?;
        if version > VERSION {
            return Err(StoreError::Newer {
                found: version,
                known: VERSION,
            });
        }
        if version < VERSION {
            database.migrate(version)?;
        }
        Ok(Self { database })
    }

    /// Opens a store for reading; gives none, and makes none, where there is none yet.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_existing(address: &Address) -> Result<Option<Self>, StoreError> {
        if let Address::File(path) = address
            && !path.exists()
        {
            return Ok(None);
        }
        Self::open(address).map(Some)
    }

    /// Returns all judgements, by recorded time, then by id.
    ///
    /// # Errors
    /// The database fails, or [`StoreError::Damaged`]: a row is not as it was written.
    pub fn judgements(&mut self) -> Result<Vec<Judgement>, StoreError> {
        let rows = self.database.rows()?.into_iter();
        let mut all: Vec<Judgement> = rows.map(Row::judgement).collect::<Result<_, _>>()?;
        all.sort_by_key(Judgement::order);
        Ok(all)
    }

    /// Returns what was given as seal when judgements were last added.
    ///
    /// # Errors
    /// The database fails.
    pub fn last_seal(&mut self) -> Result<Option<String>, StoreError> {
        self.database.last_seal()
    }

    /// Adds judgements that [`newcomers`](Self::newcomers) found to be new, all or none. When it
    /// returns they outlast the death of this process and of the machine.
    ///
    /// # Errors
    /// Nothing was added.
    pub fn add(&mut self, new: &[Judgement], seal: &str) -> Result<(), StoreError> {
        let rows: Vec<Row> = new.iter().map(Row::of).collect();
        self.database.add(&rows, seal)
    }

    /// Returns all that was done about statements, in the order of its adding.
    ///
    /// # Errors
    /// The database fails.
    pub fn care(&mut self) -> Result<Vec<CareEvent>, StoreError> {
        self.database
            .care()?
            .into_iter()
            .map(CareRow::event)
            .collect()
    }

    /// Adds what somebody did about a statement. When it returns it outlasts the death of this
    /// process and of the machine.
    ///
    /// # Errors
    /// Nothing was added.
    pub fn add_care(&mut self, event: &CareEvent) -> Result<(), StoreError> {
        self.database.add_care(&CareRow::of(event))
    }

    /// Finds which of some judgements `known` lacks, each once, in their order; the error tells
    /// the place of each that cannot be taken.
    ///
    /// # Errors
    /// One undoes what is neither known nor among them, or what was not recorded before it.
    pub fn newcomers(
        known: &[Judgement],
        offered: &[Judgement],
    ) -> Result<Vec<Judgement>, Vec<(usize, InvalidJudgement)>> {
        let orders: BTreeMap<JudgementId, (UtcMicros, JudgementId)> = known
            .iter()
            .chain(offered)
            .map(|judgement| (judgement.id(), judgement.order()))
            .collect();
        let mut seen: BTreeSet<JudgementId> = known.iter().map(Judgement::id).collect();
        let (mut new, mut bad) = (Vec::new(), Vec::new());
        for (place, judgement) in offered.iter().enumerate() {
            if let Some(target) = judgement.undoes() {
                match orders.get(&target) {
                    None => bad.push((place, InvalidJudgement::UndoesUnknown(target))),
                    Some(order) if *order >= judgement.order() => {
                        bad.push((place, InvalidJudgement::UndoesLater(target)));
                    }
                    Some(_) => {}
                }
            }
            if seen.insert(judgement.id()) {
                new.push(judgement.clone());
            }
        }
        if bad.is_empty() { Ok(new) } else { Err(bad) }
    }

    /// Hashes a set of judgements: SHA-256 over their ids as sorted lines.
    #[must_use]
    pub fn set_sha256<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Sha256Hash {
        let ids: BTreeSet<JudgementId> = judgements.into_iter().map(Judgement::id).collect();
        let mut sha256 = Sha256::new();
        for id in ids {
            sha256.update(format!("{id}\n"));
        }
        Sha256Hash(sha256.finalize().into())
    }
}
