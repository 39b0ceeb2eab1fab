//! The tables of a case, each described once.
//!
//! The Parquet files, the SQL catalogue and the generated column reference are all made from these.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

pub use crate::schema_reference::reference_markdown;

/// Version of the tables' columns, stamped into every file. Columns are only ever added.
pub const TABLES_FORMAT: u32 = 1;

/// Precision and scale of decimal columns.
pub const DECIMAL: (u8, i8) = (38, 18);

/// A column's type, and with it the Arrow type that stores it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// A telephone number as one integer: country code, then national number.
    E164,
    /// A whole number.
    Int,
    /// A whole number that cannot be negative.
    Count,
    /// A small whole number that cannot be negative.
    SmallCount,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time,
    /// A decimal of 20 digits before and 18 after the point.
    Money,
}

impl ColumnType {
    /// Returns the Arrow type that stores it.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::E164 | Self::Int => DataType::Int64,
            Self::Count => DataType::UInt64,
            Self::SmallCount => DataType::UInt32,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Money => DataType::Decimal128(DECIMAL.0, DECIMAL.1),
        }
    }
}

/// A column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub kind: ColumnType,
    /// What it holds, for the column reference.
    pub describes: &'static str,
}

/// A table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// Name, also of its folder under `tables/`.
    pub name: &'static str,
    /// What one row is.
    pub describes: &'static str,
    /// Its own columns; [`PROVENANCE`] follows in every table.
    pub columns: &'static [Column],
}

impl Table {
    /// Makes the Arrow schema: own columns, then provenance.
    #[must_use]
    pub fn arrow(&self) -> SchemaRef {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .chain(PROVENANCE)
            .map(|column| {
                let required = PROVENANCE.iter().any(|p| p.name == column.name);
                Field::new(column.name, column.kind.arrow(), !required)
            })
            .collect();
        Arc::new(Schema::new(fields))
    }
}

/// Looks a table up by its name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

const fn text(name: &'static str, describes: &'static str) -> Column {
    Column {
        name,
        kind: ColumnType::Text,
        describes,
    }
}
const fn e164(name: &'static str, describes: &'static str) -> Column {
    Column {
        name,
        kind: ColumnType::E164,
        describes,
    }
}
const fn int(name: &'static str, describes: &'static str) -> Column {
    Column {
        name,
        kind: ColumnType::Int,
        describes,
    }
}
const fn time(name: &'static str, describes: &'static str) -> Column {
    Column {
        name,
        kind: ColumnType::Time,
        describes,
    }
}
const fn money(name: &'static str, describes: &'static str) -> Column {
    Column {
        name,
        kind: ColumnType::Money,
        describes,
    }
}

/// The columns that every table ends with: the exact bytes a row was read from.
pub const PROVENANCE: &[Column] = &[
    text(
        "source",
        "system the row comes from; ids count only within it",
    ),
    text("exhibit", "name of the exhibit that holds the row"),
    Column {
        name: "stream",
        kind: ColumnType::SmallCount,
        describes: "archive member or inner database; 0 is the file itself",
    },
    Column {
        name: "byte_offset",
        kind: ColumnType::Count,
        describes: "bytes from the start of the decompressed stream to the row's first byte",
    },
    Column {
        name: "byte_len",
        kind: ColumnType::SmallCount,
        describes: "length of the row as written, in bytes, delimiters excluded",
    },
    Column {
        name: "row_no",
        kind: ColumnType::Count,
        describes: "counts from 1 within the source's table, rejects included",
    },
];

const NUMBER_STATUS: &str = "missing, withheld, alphanumeric, short-code, extension, ambiguous, impossible, possible or valid";
const TIME_STATUS: &str = "ok, missing, zero-date, gap, overlap or unreadable";
const REGION: &str = "region of the number, two letters, or 001";
const NUMBER_READINGS: &str =
    "of an ambiguous number all that it may be, in international form, by spaces";
const NUMBER_TYPE: &str = "kind of line, such as mobile or fixed-line";

/// All tables that are read from exhibits.
pub const TABLES: &[Table] = &[
    Table {
        name: "accounts",
        describes: "an account of the seized service",
        columns: &[
            text("account_id", "id within the source"),
            text("parent_account_id", "the reseller's or main account's id"),
            text(
                "role",
                "customer, reseller, sub-account, staff, police-test or unknown",
            ),
            text("username", "login name"),
            text("email", "e-mail address as recorded"),
            text("phone_raw", "telephone number as recorded"),
            e164("phone_e164", "telephone number"),
            text("phone_status", NUMBER_STATUS),
            text("phone_region", REGION),
            text("phone_type", NUMBER_TYPE),
            text("phone_readings", NUMBER_READINGS),
            text("handles", "messenger names as recorded"),
            text("created_raw", "time of registration as recorded"),
            time("created_utc", "time of registration"),
            text("created_status", TIME_STATUS),
            text("plan", "tariff"),
            text("balance_raw", "balance as recorded"),
            money("balance", "balance"),
        ],
    },
    Table {
        name: "logins",
        describes: "one login",
        columns: &[
            text("account_id", "account that logged in"),
            text("at_raw", "time as recorded"),
            time("at_utc", "time"),
            text("at_status", TIME_STATUS),
            text("ip", "address it came from"),
            text("user_agent", "browser as it named itself"),
            text("device", "device id"),
        ],
    },
    Table {
        name: "payments",
        describes: "one payment by an account",
        columns: &[
            text("payment_id", "id within the source"),
            text("account_id", "account that was credited"),
            text("at_raw", "time as recorded"),
            time("at_utc", "time"),
            text("at_status", TIME_STATUS),
            text("amount_raw", "amount as recorded"),
            money("amount", "amount"),
            text("currency", "currency of the amount, such as BTC"),
            int("value_minor", "value on the day, in minor units"),
            text("value_currency", "currency of the value"),
            text("value_status", "ok, no-rate, no-time, no-amount"),
            text("txid", "transaction id"),
            text("address", "address or account paid to"),
            text("method", "method as recorded"),
            text(
                "payer",
                "wallet, card token or account that it was paid from",
            ),
        ],
    },
    Table {
        name: "calls",
        describes: "one leg of one call attempt",
        columns: &[
            text(
                "call_id",
                "id of the call attempt within the source, shared by its legs",
            ),
            text("leg_id", "id of the leg within the source"),
            text("leg", "user, target, transfer or unknown"),
            text("account_id", "account that placed it"),
            text("started_raw", "start as recorded"),
            time("started_utc", "start"),
            text("started_status", TIME_STATUS),
            text("answered_raw", "answer as recorded"),
            time("answered_utc", "answer"),
            text("answered_status", TIME_STATUS),
            text("duration_raw", "duration as recorded"),
            int(
                "duration_s",
                "duration in seconds; null where unreadable or negative",
            ),
            text(
                "duration_kind",
                "talk, with-ringing, billed-rounded or unknown",
            ),
            int(
                "machine_s",
                "seconds on an answering machine, where recorded",
            ),
            text("kind", "live, recorded, bot, test or unknown"),
            text(
                "code_captured",
                "yes, no or unknown; the code itself is never loaded",
            ),
            text(
                "disposition",
                "answered, no-answer, busy, failed or unknown",
            ),
            text("presented_raw", "number shown, as recorded"),
            e164("presented_e164", "number shown"),
            text("presented_status", NUMBER_STATUS),
            text("presented_region", REGION),
            text("presented_type", NUMBER_TYPE),
            text("presented_readings", NUMBER_READINGS),
            text("called_raw", "number called, as recorded"),
            e164("called_e164", "number called"),
            text("called_status", NUMBER_STATUS),
            text("called_region", REGION),
            text("called_type", NUMBER_TYPE),
            text("called_readings", NUMBER_READINGS),
            text("trunk", "route out"),
        ],
    },
    Table {
        name: "reports",
        describes: "one fraud report",
        columns: &[
            text("report_id", "id within the source"),
            text("reported_raw", "time of the report as recorded"),
            time("reported_utc", "time of the report"),
            text("reported_status", TIME_STATUS),
            text("incident_raw", "time of the incident as recorded"),
            time(
                "incident_from_utc",
                "earliest instant the incident can have happened",
            ),
            time("incident_to_utc", "first instant after it"),
            text("incident_status", TIME_STATUS),
            text("called_raw", "number that was called, as recorded"),
            e164("called_e164", "number that was called"),
            text("called_status", NUMBER_STATUS),
            text("called_region", REGION),
            text("called_type", NUMBER_TYPE),
            text("called_readings", NUMBER_READINGS),
            text("presented_raw", "number that was shown, as recorded"),
            e164("presented_e164", "number that was shown"),
            text("presented_status", NUMBER_STATUS),
            text("presented_region", REGION),
            text("presented_type", NUMBER_TYPE),
            text("presented_readings", NUMBER_READINGS),
            text("organisation", "whom the caller claimed to be"),
            text("bank", "bank of the person who reports"),
            text("loss_raw", "loss as recorded"),
            int("loss_minor", "loss in minor units"),
            text("loss_currency", "currency of the loss"),
            text("narrative", "the report's own words"),
            text("refunded_raw", "what came back to the victim, as recorded"),
            int(
                "refunded_minor",
                "what a bank or company gave back to the victim, in minor units",
            ),
            text("refunded_currency", "currency of the refund"),
            text("recovered_raw", "what was taken back, as recorded"),
            int(
                "recovered_minor",
                "what was taken back from whoever received it, in minor units",
            ),
            text("recovered_currency", "currency of what was taken back"),
            text(
                "code_status",
                "right, wrong or missing: the check code that a statement on the website came with; null for reports that somebody took",
            ),
        ],
    },
    Table {
        name: "rejects",
        describes: "a row that could not be used",
        columns: &[
            text("table", "the source's table, or empty"),
            text("code", "why, as a stable code"),
            text("detail", "why, in words"),
            text(
                "raw",
                "the row as written, columns that are withheld left out",
            ),
        ],
    },
];
