//! How a store's tables came to be, step by step. Steps are only ever added.

/// One step, in the dialect of each database.
pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// All steps in order; the number of the last is the store's version.
pub(crate) const MIGRATIONS: [Migration; 3] = [
    Migration {
        number: 1,
        sqlite: include_str!("migrations/0001_judgements.sqlite.sql"),
        postgres: include_str!("migrations/0001_judgements.postgres.sql"),
    },
    Migration {
        number: 2,
        sqlite: include_str!("migrations/0002_seals.sqlite.sql"),
        postgres: include_str!("migrations/0002_seals.postgres.sql"),
    },
    Migration {
        number: 3,
        sqlite: include_str!("migrations/0003_care.sqlite.sql"),
        postgres: include_str!("migrations/0003_care.postgres.sql"),
    },
];

/// The version of a store that this program writes, and the newest that it opens.
pub(crate) const VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].number;
