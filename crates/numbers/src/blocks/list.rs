use std::fmt;

use unspoof_model::{Coded, civil_to_days, days_to_civil};

use super::{BlockStatus, Day, Regulator, cna, nanpa, ofcom};

/// One list of number blocks, as a regulator published it on a day. Only reading makes one.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlockList {
    /// Whose list it is.
    pub regulator: Regulator,
    /// What the caller calls it, such as the file's name.
    pub name: String,
    /// The day on which things were as the list says.
    pub published: Day,
    /// Rows read, the heading not counted; each is a block or a reject.
    pub rows: usize,
    /// The blocks, in the order of the file.
    pub blocks: Vec<ListedBlock>,
    /// The rows that could not be read, in the order of the file.
    pub rejects: Vec<LineReject>,
}

/// A block of numbers as a line of a list has it.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ListedBlock {
    /// The digits that all numbers of the block start with, country code included.
    pub prefix: u64,
    /// Our word for what the block is.
    pub status: BlockStatus,
    /// The regulator's own word.
    pub word: String,
    /// The company that the block is, or is to be, allocated to.
    pub holder: Option<String>,
    /// The day of the present allocation; for an area code the day it went, or goes, into service.
    pub since: Option<Day>,
    /// How many digits the block's numbers have, country code included; empty for "not given".
    pub digits: NumberDigits,
    /// Line of the file that the row starts on, from 1.
    pub line: u64,
}

/// A set of numbers of digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct NumberDigits(u32);

impl NumberDigits {
    /// The set without any.
    pub const NOT_GIVEN: Self = Self(0);

    /// Adds a count of digits, at most 31.
    #[must_use]
    pub const fn with(self, count: u32) -> Self {
        Self(self.0 | 1 << count)
    }

    /// Tells whether a count of digits is in the set; all are where none was given.
    #[must_use]
    pub const fn allows(self, count: u32) -> bool {
        self.0 == 0 || self.0 >> count & 1 == 1
    }

    /// Gives the counts, in order.
    pub fn counts(self) -> impl Iterator<Item = u32> {
        (0..u32::BITS).filter(move |count| self.0 >> count & 1 == 1)
    }
}

impl fmt::Debug for NumberDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.counts()).finish()
    }
}

/// A row that is no block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineReject {
    /// Line of the file that the row starts on, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: LineFault,
}

/// Says what is wrong with a row of a list.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineFault {
    /// The row ends before the last column that is read.
    #[error("{found} fields, where {needed} are needed")]
    Fields {
        /// Fields that the row has.
        found: usize,
        /// Fields that it must have.
        needed: usize,
    },
    /// The block is not written in digits, or not in so many.
    #[error("`{text}` is no number block")]
    Block {
        /// As written.
        text: String,
    },
    /// The regulator uses a word that has no meaning here yet.
    #[error("status `{word}` is not known")]
    Status {
        /// As written.
        word: String,
    },
    /// The date is none of the calendar.
    #[error("`{text}` is no date")]
    Date {
        /// As written.
        text: String,
    },
    /// The length of the numbers is not understood, or is shorter than the block's own digits.
    #[error("`{text}` is no length of this block's numbers")]
    Length {
        /// As written.
        text: String,
    },
    /// A quotation mark is not closed, and what follows has become one field.
    #[error("a quotation mark runs over {lines} lines")]
    Quote {
        /// Lines that the row takes.
        lines: usize,
    },
}

/// Says why a file is no list of number blocks.
#[derive(Debug, thiserror::Error)]
pub enum BlockListError {
    /// No regulator's headings are in the first lines.
    #[error("`{name}` has the headings of no known list of number blocks")]
    Unknown {
        /// What the caller calls it.
        name: String,
    },
    /// Neither the file nor the caller says when the list was published.
    #[error("`{name}` does not say when it was published")]
    Undated {
        /// What the caller calls it.
        name: String,
    },
    /// The file says another day than the caller.
    #[error("`{name}` was published on {}, not on {}", iso(*found), iso(*given))]
    OtherDay {
        /// What the caller calls it.
        name: String,
        /// The day that the file says.
        found: Day,
        /// The day that the caller says.
        given: Day,
    },
}

impl Coded for BlockListError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "numbers/unknown-block-list",
            Self::Undated { .. } => "numbers/undated-block-list",
            Self::OtherDay { .. } => "numbers/block-list-day",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::Unknown { .. } => {
                    "lists are read as published: Ofcom's S1 to S9, NANPA's area code report and \
                     CNA's central office code status, all CSV"
                }
                Self::Undated { .. } => "say the day on which the list was published",
                Self::OtherDay { .. } => "leave the day out: the file says it",
            }
            .to_owned(),
        )
    }
}

fn iso(day: Day) -> String {
    let (year, month, day) = days_to_civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

impl BlockList {
    /// Reads a list as its regulator published it; the headings tell whose it is.
    ///
    /// `published` is the day of publication. NANPA's and CNA's files say it themselves; Ofcom's
    /// do not.
    ///
    /// # Errors
    /// The headings of no known list, or no day of publication, or two. A bad row is no error: it
    /// is one of [`BlockList::rejects`].
    pub fn read(
        name: &str,
        content: &[u8],
        published: Option<Day>,
    ) -> Result<Self, BlockListError> {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let head: Vec<Vec<String>> = records(content)
            .take(HEAD_ROWS)
            .map(|record| cells(&record))
            .collect();
        let unknown = || BlockListError::Unknown { name: name.into() };
        let form: &dyn Form = [&ofcom::FORM as &dyn Form, &nanpa::FORM, &cna::FORM]
            .into_iter()
            .find(|form| form.headings(&head).is_some())
            .ok_or_else(unknown)?;
        let headings_at = form.headings(&head).ok_or_else(unknown)?;
        let columns = Columns(&head[headings_at]);
        let published = match (form.published(&head), published) {
            (Some(found), Some(given)) if found != given => {
                return Err(BlockListError::OtherDay {
                    name: name.into(),
                    found,
                    given,
                });
            }
            (Some(day), _) | (None, Some(day)) => day,
            (None, None) => return Err(BlockListError::Undated { name: name.into() }),
        };
        let mut list = Self {
            regulator: form.regulator(),
            name: name.into(),
            published,
            rows: 0,
            blocks: Vec::new(),
            rejects: Vec::new(),
        };
        for record in records(content).skip(headings_at + 1) {
            let line = first_line(content, record.position());
            let row = Row {
                cells: &cells(&record),
                columns: &columns,
                line,
            };
            if form.is_no_row(row.cells) {
                continue;
            }
            list.rows += 1;
            let lines = 1 + row
                .cells
                .iter()
                .map(|cell| cell.matches('\n').count())
                .sum::<usize>();
            let block = if lines > 1 {
                Err(LineFault::Quote { lines })
            } else {
                form.block(&row)
            };
            match block {
                Ok(block) => list.blocks.push(block),
                Err(fault) => list.rejects.push(LineReject { line, fault }),
            }
        }
        Ok(list)
    }
}

/// Headings, and what stands over them, are in the first rows.
const HEAD_ROWS: usize = 3;

fn records(content: &[u8]) -> impl Iterator<Item = csv::ByteRecord> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(content)
        .into_byte_records()
        .map(|record| record.expect("bytes are in memory, and rows may have any length"))
}

/// Finds the line that a record starts on: where the reader stands before a record, the end of the
/// line before it may still be unread, and so may empty lines.
fn first_line(content: &[u8], position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else {
        return 0;
    };
    let rest = content.get(position.byte() as usize..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + ends.filter(|byte| **byte == b'\n').count() as u64
}

/// Takes a record as text. What is not UTF-8 is read as Latin-1: names must not get lost.
fn cells(record: &csv::ByteRecord) -> Vec<String> {
    record
        .iter()
        .map(|cell| match str::from_utf8(cell) {
            Ok(text) => text.trim().to_owned(),
            Err(_) => {
                let text: String = cell.iter().copied().map(char::from).collect();
                text.trim().to_owned()
            }
        })
        .collect()
}

/// How one regulator writes its lists.
pub(super) trait Form {
    fn regulator(&self) -> Regulator;
    /// Finds the row of headings among the first rows.
    fn headings(&self, head: &[Vec<String>]) -> Option<usize>;
    /// Finds the day of publication among the first rows.
    fn published(&self, head: &[Vec<String>]) -> Option<Day>;
    /// Tells what stands among the rows and is none, such as the day of publication.
    fn is_no_row(&self, cells: &[String]) -> bool;
    fn block(&self, row: &Row<'_>) -> Result<ListedBlock, LineFault>;
}

/// Headings of a list.
pub(super) struct Columns<'a>(&'a [String]);

/// A row of a list.
pub(super) struct Row<'a> {
    pub(super) cells: &'a [String],
    columns: &'a Columns<'a>,
    pub(super) line: u64,
}

impl Row<'_> {
    /// Gives the text under a heading; empty where the list has no such column.
    ///
    /// # Errors
    /// The list has the column, and the row ends before it.
    pub(super) fn cell(&self, heading: &str) -> Result<&str, LineFault> {
        let Some(at) = self.columns.0.iter().position(|known| known == heading) else {
            return Ok("");
        };
        self.cells
            .get(at)
            .map(String::as_str)
            .ok_or(LineFault::Fields {
                found: self.cells.len(),
                needed: at + 1,
            })
    }

    /// Gives the text under a heading, unless it is empty or the row ends before it.
    pub(super) fn given(&self, heading: &str) -> Option<String> {
        let text = self.cell(heading).ok()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Gives the day under a heading, if one is written there.
    pub(super) fn day(
        &self,
        heading: &str,
        read: fn(&str) -> Option<Day>,
    ) -> Result<Option<Day>, LineFault> {
        let text = self.cell(heading)?;
        if text.is_empty() {
            return Ok(None);
        }
        match read(text) {
            Some(day) => Ok(Some(day)),
            None => Err(LineFault::Date { text: text.into() }),
        }
    }
}

/// Finds the row that has all of some headings.
pub(super) fn row_with(head: &[Vec<String>], headings: &[&str]) -> Option<usize> {
    head.iter().position(|row| {
        headings
            .iter()
            .all(|wanted| row.iter().any(|cell| cell == wanted))
    })
}

/// Reads so many digits and nothing else.
pub(super) fn exact_digits(text: &str, count: usize) -> Option<u64> {
    let digits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Gives the day of a date, if the calendar has it.
pub(super) fn civil_day(year: u64, month: u64, day: u64) -> Option<Day> {
    let date = (
        i32::try_from(year)
            .ok()
            .filter(|year| (1..=9_999).contains(year))?,
        u32::try_from(month)
            .ok()
            .filter(|month| (1..=12).contains(month))?,
        u32::try_from(day)
            .ok()
            .filter(|day| (1..=31).contains(day))?,
    );
    let days = civil_to_days(date.0, date.1, date.2);
    (days_to_civil(days) == date).then_some(days)
}
