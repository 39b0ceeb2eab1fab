//! The store in one file.

use camino::{Utf8Path, Utf8PathBuf};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior, params};

use crate::StoreError;
use crate::care::CareRow;
use crate::migrations::MIGRATIONS;
use crate::store::{Database, Row};

/// How long to wait for another process, in milliseconds.
const WAIT_MS: u64 = 5_000;

pub(crate) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    pub(crate) fn open(path: &Utf8Path) -> Result<Self, StoreError> {
        let at: Utf8PathBuf = path.to_owned();
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(std::time::Duration::from_millis(WAIT_MS))?;
            // One file, and nothing beside it when nobody writes; a commit is on the disk, its
            // folder's entry included, before it is acknowledged.
            connection.pragma_update(None, "journal_mode", "DELETE")?;
            connection.pragma_update(None, "synchronous", "EXTRA")?;
            connection.pragma_update(None, "trusted_schema", false)?;
            Ok(connection)
        };
        let connection = open().map_err(|source| StoreError::Open {
            at: at.into_string(),
            source: source.into(),
        })?;
        Ok(Self { connection })
    }
}

fn fault(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| {
        if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) {
            return StoreError::Busy;
        }
        StoreError::database(doing)(error.into())
    }
}

impl Database for Sqlite {
    fn version(&mut self) -> Result<i64, StoreError> {
        let version = |row: &rusqlite::Row<'_>| row.get(0);
        self.connection
            .query_row("PRAGMA user_version", [], version)
            .map_err(fault("tell its version"))
    }

    fn migrate(&mut self, from: i64) -> Result<(), StoreError> {
        let failed = fault("be brought up to this version");
        for step in MIGRATIONS.iter().filter(|step| step.number > from) {
            let change = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(&failed)?;
            let version = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            let now = change
                .query_row("PRAGMA user_version", [], version)
                .map_err(&failed)?;
            // Another process may have been faster.
            if now < step.number {
                change.execute_batch(step.sqlite).map_err(&failed)?;
                change
                    .pragma_update(None, "user_version", step.number)
                    .map_err(&failed)?;
            }
            change.commit().map_err(&failed)?;
        }
        Ok(())
    }

    fn rows(&mut self) -> Result<Vec<Row>, StoreError> {
        let failed = fault("read its judgements");
        let mut query = self
            .connection
            .prepare("SELECT id, kind, actor, recorded_us, undoes, content FROM judgements")
            .map_err(&failed)?;
        let rows = query.query_map([], |row| {
            Ok(Row {
                id: row.get(0)?,
                kind: row.get(1)?,
                actor: row.get(2)?,
                recorded_us: row.get(3)?,
                undoes: row.get(4)?,
                content: row.get(5)?,
            })
        });
        let rows = rows.map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    fn last_seal(&mut self) -> Result<Option<String>, StoreError> {
        let query = "SELECT seal FROM seals ORDER BY number DESC LIMIT 1";
        self.connection
            .query_row(query, [], |row| row.get(0))
            .optional()
            .map_err(fault("read its seals"))
    }

    fn add(&mut self, rows: &[Row], seal: &str) -> Result<(), StoreError> {
        let failed = fault("take the judgements");
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        {
            let mut insert = change
                .prepare(
                    "INSERT INTO judgements (id, kind, actor, recorded_us, undoes, content) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )
                .map_err(&failed)?;
            for row in rows {
                let values = params![
                    row.id,
                    row.kind,
                    row.actor,
                    row.recorded_us,
                    row.undoes,
                    row.content
                ];
                insert.execute(values).map_err(&failed)?;
            }
        }
        change
            .execute("INSERT INTO seals (seal) VALUES (?1)", [seal])
            .map_err(&failed)?;
        change.commit().map_err(&failed)
    }

    fn care(&mut self) -> Result<Vec<CareRow>, StoreError> {
        let failed = fault("read what was done");
        let mut query = self
            .connection
            .prepare("SELECT report, deed, detail, actor, at_us FROM care ORDER BY number")
            .map_err(&failed)?;
        let rows = query.query_map([], |row| {
            Ok(CareRow {
                report: row.get(0)?,
                deed: row.get(1)?,
                detail: row.get(2)?,
                actor: row.get(3)?,
                at_us: row.get(4)?,
            })
        });
        let rows = rows.map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    fn add_care(&mut self, row: &CareRow) -> Result<(), StoreError> {
        let insert =
            "INSERT INTO care (report, deed, detail, actor, at_us) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![row.report, row.deed, row.detail, row.actor, row.at_us];
        self.connection
            .execute(insert, values)
            .map(drop)
            .map_err(fault("take what was done"))
    }
}
