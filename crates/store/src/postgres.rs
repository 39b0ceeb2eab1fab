//! The store in a schema of a PostgreSQL server.
//!
//! Spoken over a blocking socket, by the messages of `postgres-protocol`: the clients on top of it
//! want a tokio with other features than the query engine has.

pub(crate) mod connection;
mod url;

use crate::StoreError;
use crate::care::CareRow;
use crate::migrations::MIGRATIONS;
use crate::store::{Database, Row};

use connection::Connection;
pub use url::PostgresUrl;

pub(crate) struct Postgres {
    connection: Connection,
    schema: String,
}

impl Postgres {
    pub(crate) fn open(url: &PostgresUrl, schema: &str) -> Result<Self, StoreError> {
        let opened = Connection::open(url).and_then(|mut connection| {
            // Names are made of a-z, 0-9 and _ alone.
            connection.run(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
            connection.run(&format!("SET search_path TO {schema}"))?;
            // A commit is on the disk before it is acknowledged, whatever the server's default.
            connection.run("SET synchronous_commit TO on")?;
            connection
                .run("CREATE TABLE IF NOT EXISTS store_versions (number BIGINT PRIMARY KEY)")?;
            Ok(connection)
        });
        let connection = opened.map_err(|source| StoreError::Open {
            at: url.to_string(),
            source: source.into(),
        })?;
        Ok(Self {
            connection,
            schema: schema.to_owned(),
        })
    }

    /// Runs statements as one transaction.
    fn whole(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&mut Connection) -> Result<(), connection::Fault>,
    ) -> Result<(), StoreError> {
        let failed = |fault: connection::Fault| StoreError::database(doing)(fault.into());
        self.connection.run("BEGIN").map_err(failed)?;
        let done = work(&mut self.connection).and_then(|()| self.connection.run("COMMIT"));
        if done.is_err() {
            // The first error is the one to tell; a broken connection rolls back by itself.
            let _rolled_back = self.connection.run("ROLLBACK");
        }
        done.map_err(failed)
    }
}

fn failed(doing: &'static str) -> impl Fn(connection::Fault) -> StoreError {
    move |fault| StoreError::database(doing)(fault.into())
}

fn text(row: &mut [Option<String>], at: usize) -> Result<String, StoreError> {
    row.get_mut(at)
        .and_then(Option::take)
        .ok_or_else(|| StoreError::database("read its judgements")("a column is empty".into()))
}

impl Database for Postgres {
    fn version(&mut self) -> Result<i64, StoreError> {
        let query = "SELECT coalesce(max(number), 0) FROM store_versions";
        let rows = self
            .connection
            .query(query, &[])
            .map_err(failed("tell its version"))?;
        let version = rows
            .first()
            .and_then(|row| row.first()?.as_deref()?.parse().ok());
        version.ok_or_else(|| StoreError::database("tell its version")("no number".into()))
    }

    fn migrate(&mut self, from: i64) -> Result<(), StoreError> {
        for step in MIGRATIONS.iter().filter(|step| step.number > from) {
            self.whole("be brought up to this version", |connection| {
                connection.run("LOCK TABLE store_versions IN EXCLUSIVE MODE")?;
                let number = step.number.to_string();
                let there = "SELECT number FROM store_versions WHERE number = $1";
                // Another process may have been faster.
                if connection.query(there, &[Some(&number)])?.is_empty() {
                    connection.run(step.postgres)?;
                    let insert = "INSERT INTO store_versions (number) VALUES ($1)";
                    connection.query(insert, &[Some(&number)])?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn rows(&mut self) -> Result<Vec<Row>, StoreError> {
        let query = format!(
            "SELECT id, kind, actor, recorded_us, undoes, content FROM {}.judgements",
            self.schema
        );
        let rows = self.connection.query(&query, &[]);
        let rows = rows.map_err(failed("read its judgements"))?;
        let read = |mut row: Vec<Option<String>>| -> Result<Row, StoreError> {
            let recorded_us = text(&mut row, 3)?;
            Ok(Row {
                id: text(&mut row, 0)?,
                kind: text(&mut row, 1)?,
                actor: text(&mut row, 2)?,
                recorded_us: recorded_us
                    .parse()
                    .map_err(|_| StoreError::database("read its judgements")("no time".into()))?,
                undoes: row.get_mut(4).and_then(Option::take),
                content: text(&mut row, 5)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    fn last_seal(&mut self) -> Result<Option<String>, StoreError> {
        let query = "SELECT seal FROM seals ORDER BY number DESC LIMIT 1";
        let rows = self.connection.query(query, &[]);
        let rows = rows.map_err(failed("read its seals"))?;
        Ok(rows
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next()?))
    }

    fn add(&mut self, rows: &[Row], seal: &str) -> Result<(), StoreError> {
        self.whole("take the judgements", |connection| {
            let insert = "INSERT INTO judgements (id, kind, actor, recorded_us, undoes, content) \
                          VALUES ($1, $2, $3, $4, $5, $6)";
            for row in rows {
                let recorded_us = row.recorded_us.to_string();
                let values = [
                    Some(row.id.as_str()),
                    Some(&row.kind),
                    Some(&row.actor),
                    Some(&recorded_us),
                    row.undoes.as_deref(),
                    Some(&row.content),
                ];
                connection.query(insert, &values)?;
            }
            connection.query("INSERT INTO seals (seal) VALUES ($1)", &[Some(seal)])?;
            Ok(())
        })
    }

    fn care(&mut self) -> Result<Vec<CareRow>, StoreError> {
        let doing = "read what was done";
        let query = "SELECT report, deed, detail, actor, at_us FROM care ORDER BY number";
        let rows = self.connection.query(query, &[]).map_err(failed(doing))?;
        let read = |mut row: Vec<Option<String>>| -> Result<CareRow, StoreError> {
            let at_us = text(&mut row, 4)?;
            Ok(CareRow {
                report: text(&mut row, 0)?,
                deed: text(&mut row, 1)?,
                detail: text(&mut row, 2)?,
                actor: text(&mut row, 3)?,
                at_us: at_us
                    .parse()
                    .map_err(|_| StoreError::database(doing)("no time".into()))?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    fn add_care(&mut self, row: &CareRow) -> Result<(), StoreError> {
        let insert =
            "INSERT INTO care (report, deed, detail, actor, at_us) VALUES ($1, $2, $3, $4, $5)";
        let at_us = row.at_us.to_string();
        let values = [
            Some(row.report.as_str()),
            Some(&row.deed),
            Some(&row.detail),
            Some(&row.actor),
            Some(&at_us),
        ];
        self.connection
            .query(insert, &values)
            .map(drop)
            .map_err(failed("take what was done"))
    }
}
