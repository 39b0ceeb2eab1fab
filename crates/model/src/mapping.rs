//! How a source's own columns become ours: a file that a person reads and edits.
//!
//! A mapping says by content what it applies to (`[match]`), in which zone and dialling context the
//! source wrote, and for each of our tables where each column comes from. Presets ship with the
//! program; `unspoof mapping suggest` writes a first draft for an unknown layout.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Region;

/// A mapping file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Name by which `case.toml` refers to it.
    pub name: String,
    /// One sentence for people.
    #[serde(default)]
    pub describes: String,
    /// What a file must hold for this mapping to apply.
    #[serde(rename = "match")]
    pub matches: Match,
    /// Zone of local times, unless the case's source says otherwise. No default: times of a source
    /// without a zone are refused, never guessed.
    #[serde(default)]
    pub zone: Option<String>,
    /// Character set of text whose table declares none, by its WHATWG or MySQL name.
    #[serde(default = "utf8")]
    pub charset: String,
    /// Dialling context.
    #[serde(default)]
    pub numbers: Dialling,
    /// Which rows become which of our tables.
    #[serde(rename = "table")]
    pub tables: Vec<TableMapping>,
}

fn utf8() -> String {
    "utf8".to_owned()
}

/// What a file must hold for a mapping to apply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Match {
    /// A MySQL or MariaDB dump with any of the tables that the mapping reads.
    SqlDump {},
    /// Delimited text.
    Csv {
        /// Column names, all of which the first record must hold; empty for files without a header.
        #[serde(default)]
        header: Vec<String>,
        /// Without a header: the least and the greatest number of columns.
        #[serde(default)]
        columns: Option<(usize, usize)>,
        /// Without a header: what the cells of a column (counted from 1) look like.
        #[serde(default)]
        looks: BTreeMap<String, Look>,
    },
}

/// The look of a cell, for files whose columns have no names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// `YYYY-MM-DD HH:MM:SS`, or empty.
    Datetime,
    /// Digits.
    Integer,
    /// Capital letters and spaces, such as `NO ANSWER`.
    Word,
}

/// How a source dialled: what may stand before a number, and where a bare national number belongs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialling {
    /// Where a number without a country code belongs. None: such a number stays unread.
    #[serde(default)]
    pub default_region: Option<Region>,
    /// Where it may belong instead, where the source served several countries and does not say.
    #[serde(default)]
    pub candidate_regions: Vec<Region>,
    /// What stands for `+`, such as `00` and `011`, besides the default region's own.
    #[serde(default)]
    pub international_prefixes: Vec<String>,
    /// What a switch puts before a number for itself, such as `9`, `#31#` or `*67`.
    #[serde(default)]
    pub technical_prefixes: Vec<String>,
    /// True where numbers are written with their country code and without any `+`.
    #[serde(default)]
    pub bare_is_international: bool,
}

/// One table of the source and what it becomes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableMapping {
    /// The source's table; left out for delimited text.
    #[serde(default)]
    pub from: Option<String>,
    /// Our table, such as `calls`.
    pub to: String,
    /// Our columns that together name one event: two rows of the same source with equal values
    /// (none of them null) tell of one event. Empty: every row is its own event.
    #[serde(default)]
    pub identity: Vec<String>,
    /// Columns that hold credentials or one-time secrets: noted, never loaded.
    #[serde(default)]
    pub withheld: Vec<String>,
    /// Our column, or group of columns, to its origin. Groups are `created`, `at`, `started`,
    /// `answered`, `reported`, `incident` (times), `phone`, `presented`, `called` (numbers),
    /// `amount`, `balance`, `loss`, `refunded`, `recovered` (money) and `duration`.
    pub columns: BTreeMap<String, Origin>,
}

/// Where a column's value comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Origin {
    /// The value of this column. In files without a header, columns are `#1`, `#2` and so on.
    Column(String),
    /// With particulars.
    Detailed(Detailed),
}

/// The long form of an [`Origin`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detailed {
    /// The source's column.
    #[serde(default)]
    pub column: Option<String>,
    /// The same text for every row.
    #[serde(default)]
    pub constant: Option<String>,
    /// What the source's words mean in ours; keys as written in the source.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Our word where `values` has none; without it, such a row is rejected.
    #[serde(default)]
    pub otherwise: Option<String>,
    /// How a time is written: `datetime` (the source's zone), `timestamp` (the dump's
    /// `SET TIME_ZONE`), `epoch_s`, `epoch_ms`, `epoch_us`, or a pattern of `%Y %m %d %H %M %S %b`.
    #[serde(default)]
    pub format: Option<String>,
    /// A duration's meaning: `talk`, `with-ringing`, `billed-rounded` or `unknown`.
    #[serde(default)]
    pub kind: Option<String>,
    /// True where some files of this layout lack the column; the value is then null.
    #[serde(default)]
    pub optional: bool,
    /// A currency for all rows, such as `BTC`.
    #[serde(default)]
    pub currency: Option<String>,
}

impl Origin {
    /// Returns the particulars, whichever form the origin was written in.
    #[must_use]
    pub fn detailed(&self) -> Detailed {
        match self {
            Self::Column(column) => Detailed {
                column: Some(column.clone()),
                ..Detailed::default()
            },
            Self::Detailed(detailed) => detailed.clone(),
        }
    }
}
