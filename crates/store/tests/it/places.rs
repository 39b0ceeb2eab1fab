//! Where a store can be, each with a way around it that asks the database itself.

use std::cell::Cell;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_store::Address;

use crate::server::Server;

pub(crate) enum Place {
    Sqlite {
        folder: tempfile::TempDir,
        next: Cell<u32>,
    },
    Postgres {
        server: Server,
        next: Cell<u32>,
    },
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite {
            folder: tempfile::tempdir().unwrap(),
            next: Cell::new(0),
        }
    }

    pub(crate) fn postgres() -> Option<Self> {
        Server::start().map(|server| Self::Postgres {
            server,
            next: Cell::new(0),
        })
    }

    /// An address where nothing is yet.
    pub(crate) fn fresh(&self) -> Address {
        match self {
            Self::Sqlite { folder, next } => {
                next.set(next.get() + 1);
                let folder = Utf8Path::from_path(folder.path()).unwrap();
                Address::File(folder.join(format!("case-{}.db", next.get())))
            }
            Self::Postgres { server, next } => {
                next.set(next.get() + 1);
                let name = format!("unspoof-case-{}", next.get());
                Address::of(Some(&server.url()), &Utf8PathBuf::from("case.db"), &name).unwrap()
            }
        }
    }

    /// Runs SQL behind the store's back; the error is the database's own text.
    pub(crate) fn sql(&self, address: &Address, sql: &str) -> Result<(), String> {
        match (self, address) {
            (Self::Sqlite { .. }, Address::File(path)) => rusqlite::Connection::open(path)
                .and_then(|connection| connection.execute_batch(sql))
                .map_err(|error| error.to_string()),
            (Self::Postgres { server, .. }, Address::Server { schema, .. }) => {
                let told = server.psql(&format!("SET search_path TO {schema}; {sql}"));
                if told.status.success() {
                    Ok(())
                } else {
                    Err(String::from_utf8_lossy(&told.stderr).into_owned())
                }
            }
            _ => unreachable!("an address of another place"),
        }
    }

    /// The statements that bring a store to version 1 and no further.
    pub(crate) fn first_version(&self, address: &Address) -> String {
        match (self, address) {
            (Self::Sqlite { .. }, _) => format!(
                "{} PRAGMA user_version = 1;",
                include_str!("../../src/migrations/0001_judgements.sqlite.sql")
            ),
            (_, Address::Server { schema, .. }) => format!(
                "CREATE SCHEMA {schema}; CREATE TABLE store_versions (number BIGINT PRIMARY KEY); \
                 INSERT INTO store_versions VALUES (1); {}",
                include_str!("../../src/migrations/0001_judgements.postgres.sql")
            ),
            _ => unreachable!("an address of another place"),
        }
    }

    pub(crate) fn newer_version(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "PRAGMA user_version = 99",
            Self::Postgres { .. } => "INSERT INTO store_versions VALUES (99)",
        }
    }

    /// What takes the guards away, for somebody who owns the database.
    pub(crate) fn unguarded(&self, sql: &str) -> String {
        match self {
            Self::Sqlite { .. } => format!(
                "DROP TRIGGER judgements_are_never_changed; \
                 DROP TRIGGER judgements_are_never_deleted; {sql}"
            ),
            Self::Postgres { .. } => {
                format!("DROP TRIGGER judgements_are_never_changed ON judgements; {sql}")
            }
        }
    }
}
