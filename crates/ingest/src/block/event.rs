use std::io;

use unspoof_model::Coded;

use super::{Account, Block};

/// How much a reader holds and gives at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Most rows in a block.
    pub max_rows: usize,
    /// A block is given once it spans this many bytes.
    pub target_bytes: usize,
    /// Most bytes of one cell; a row with a longer one is rejected.
    pub max_cell_bytes: usize,
    /// Most bytes of one row; a longer one is rejected. At most 1 GiB.
    pub max_row_bytes: usize,
    /// Bytes asked of the input at a time.
    pub page_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_rows: 16_384,
            target_bytes: 1 << 20,
            max_cell_bytes: 16 << 20,
            max_row_bytes: 64 << 20,
            page_bytes: 256 << 10,
        }
    }
}

/// Numbers a reader's table definitions in the order of their appearance, from 0.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u32);

/// What a reader found next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A table's columns; comes before its first rows.
    Table(TableDef),
    /// Rows and rejects of one table.
    Rows {
        /// Whose rows.
        table: TableId,
        /// The rows.
        block: Block,
    },
    /// Something that tells how the rows after it are to be understood.
    Setting(Setting),
    /// The end: what was read, and whether the file was whole. Comes once, last.
    Finished(Finished),
}

/// A table's columns, in the order in which its rows have them.
///
/// An INSERT that lists its columns in another order gets a definition of its own, with the same
/// names and a continued count of rows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TableDef {
    /// By which [`Event::Rows`] refers to it.
    pub id: TableId,
    /// The database it is in, where the dump names one.
    pub database: Option<String>,
    /// Its name; empty for delimited text.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its default character set, in lower case.
    pub charset: Option<String>,
    /// Primary and unique keys.
    pub keys: Vec<Key>,
    /// False where no names were given, and columns are called `#1`, `#2` and so on.
    pub named: bool,
}

/// A column of a [`TableDef`].
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name as written.
    pub name: String,
    /// Its type in lower case, such as `varchar(32)` or `int(10) unsigned`; empty where unknown.
    pub sql_type: String,
    /// Character set of its text, its own or the table's, in lower case.
    pub charset: Option<String>,
    /// Whether the server computes it.
    pub generated: bool,
}

/// A primary or unique key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which of the two.
    pub kind: KeyKind,
    /// Names of its columns.
    pub columns: Vec<String>,
}

/// Primary or unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `PRIMARY KEY`.
    Primary,
    /// `UNIQUE KEY`.
    Unique,
}

/// A setting of the session that the dump was written for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which one.
    pub name: SettingName,
    /// Its new value; none where the dump goes back to what the server had before.
    pub value: Option<String>,
    /// Where the statement stands: bytes from the start of the decompressed stream.
    pub byte_offset: u64,
}

/// A setting that tells how rows are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingName {
    /// `TIME_ZONE`: the zone of TIMESTAMP columns.
    TimeZone,
    /// `NAMES` or `CHARACTER_SET_CLIENT`: the character set of the file's text.
    Charset,
    /// `SQL_MODE`: how strings are escaped and what double quotes mean.
    SqlMode,
}

/// How a file ended, and where its bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// Whether the file ends as its writer ends files: a dump with its `-- Dump completed`.
    /// Delimited text has no such mark: true unless it ends inside a quoted cell.
    pub complete: bool,
    /// Whether it ends in the midst of a row or a statement.
    pub cut: bool,
    /// Where every byte went.
    pub account: Account,
}

/// Says why a reader could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The input failed. Whole rows before it were given; asking again gives the cut row as a
    /// reject, and the end.
    #[error("could not read on after {at_bytes} bytes")]
    Input {
        /// Bytes that were read.
        at_bytes: u64,
        /// What the input said.
        #[source]
        source: io::Error,
    },
    /// The text is in UTF-16, which no reader takes.
    #[error("the text is in UTF-16")]
    Utf16,
    /// More table definitions than any real dump holds.
    #[error("more than {most} table definitions before byte {at_bytes}")]
    TooManyTables {
        /// The limit.
        most: usize,
        /// Where the one too many stands.
        at_bytes: u64,
    },
}

impl Coded for ReadError {
    fn code(&self) -> &'static str {
        match self {
            Self::Input { .. } => "ingest/read",
            Self::Utf16 => "ingest/utf-16",
            Self::TooManyTables { .. } => "dump/too-many-tables",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Utf16 => {
                Some("seal a copy in UTF-8 beside it: iconv -f UTF-16 -t UTF-8 FILE".to_owned())
            }
            Self::Input { .. } | Self::TooManyTables { .. } => None,
        }
    }
}
