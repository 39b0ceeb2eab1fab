//! How a ledger's tables came to be, step by step. Steps are only ever added.

use crate::migrations::Migration;

/// All steps in order; the number of the last is the ledger's version.
pub(super) const MIGRATIONS: [Migration; 1] = [Migration {
    number: 1,
    sqlite: include_str!("migrations/0001_ledger.sqlite.sql"),
    postgres: include_str!("migrations/0001_ledger.postgres.sql"),
}];

/// The version that this program writes, and the newest that it opens.
pub(super) const VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].number;
