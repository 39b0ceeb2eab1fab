//! Dumps of MySQL and MariaDB: statements in, located rows out.
//!
//! A statement is never held as a whole. The head of an INSERT is read, then its rows one by one,
//! however long the statement or the line is; what else a dump holds is followed as far as it
//! tells how rows are to be understood (`CREATE TABLE`, `USE`, `SET`, `DELIMITER`), and passed
//! over otherwise, with quotes and comments respected, so that an INSERT in a trigger's body or in
//! a value is no row.
//!
//! Grammar: MySQL 8.4 reference manual, chapters 11 "Language Structure" and 15.2.7 "INSERT";
//! conditional comments of MariaDB: "Comment Syntax" in its knowledge base.

mod catalog;
mod create;
mod insert;
mod lex;
mod resync;
mod rows;
mod session;
mod statement;
mod token;
mod tuple;

use std::fmt;
use std::io::Read;

use catalog::Catalog;
use lex::Walker;
use session::Session;

use crate::block::{Assembly, Block, Event, Finished, Part, ReadError, ReadOptions, TableDef};

/// Reads a dump and gives its tables, settings and rows in the order of the file.
pub struct DumpReader<R> {
    assembly: Assembly<R>,
    session: Session,
    catalog: Catalog,
    phase: Phase,
    /// The last INSERT's head as written, and what it came to: dumps without extended INSERTs
    /// repeat it before each row.
    head: Vec<u8>,
    rows: rows::Rows,
    /// A table that no statement has described, until its first row tells its width.
    undescribed: Option<TableDef>,
    ending: Ending,
    /// A dump in the file has no end, though the file goes on with another.
    unfinished: bool,
    cut: bool,
    stuck: Option<ReadError>,
}

impl<R> fmt::Debug for DumpReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DumpReader")
            .field("assembly", &self.assembly)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

/// What the next byte belongs to.
#[derive(Debug)]
enum Phase {
    /// What stands between statements, or the start of one.
    Between,
    /// A comment whose opening was passed.
    Comment(lex::Kind),
    /// A statement's rows.
    Rows,
    /// A statement that is passed over.
    Skip(Walker),
    /// A row that is too large, or that cannot be understood.
    SkipRow(resync::SkipRow),
    /// Nothing: the end was given.
    Over,
}

/// What the comments of the dump program said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing yet.
    None,
    /// A dump begins.
    Begun,
    /// A dump is complete.
    Trailer,
}

/// Whether a step needs more bytes than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    More,
}

impl<R: Read> DumpReader<R> {
    /// Begins to read a plain, decompressed dump.
    pub fn new(input: R, options: ReadOptions) -> Self {
        Self {
            assembly: Assembly::new(input, options),
            session: Session::default(),
            catalog: Catalog::default(),
            phase: Phase::Between,
            head: Vec::new(),
            rows: rows::Rows::default(),
            undescribed: None,
            ending: Ending::None,
            unfinished: false,
            cut: false,
            stuck: None,
        }
    }

    /// Returns what comes next; none after [`Event::Finished`].
    ///
    /// # Errors
    /// The input fails: whole rows before that place were given already, and asking again gives
    /// the cut row as a reject, and the end. Or more tables are defined than can be held: asking
    /// again gives the same error.
    pub fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        loop {
            if let Some(event) = self.assembly.events.pop_front() {
                return Ok(Some(event));
            }
            if let Some(error) = self.assembly.failure() {
                return Err(error);
            }
            if let Some(ReadError::TooManyTables { most, at_bytes }) = self.stuck {
                return Err(ReadError::TooManyTables { most, at_bytes });
            }
            let need = match self.phase {
                Phase::Between => self.between(),
                Phase::Comment(kind) => self.comment(kind),
                Phase::Rows => self.rows(),
                Phase::Skip(walker) => self.skip(walker),
                Phase::SkipRow(_) => self.skip_row(),
                Phase::Over => return Ok(None),
            };
            if need == Need::More {
                debug_assert!(!self.assembly.ended(), "no more bytes will come");
                self.assembly.fill();
            }
        }
    }

    /// Takes back a block, to fill it again.
    pub fn recycle(&mut self, block: Block) {
        self.assembly.recycle(block);
    }

    /// Returns how many bytes of the stream were read and accounted for so far.
    pub fn bytes_read(&self) -> u64 {
        self.assembly.offset()
    }

    fn finish(&mut self) -> Need {
        self.assembly.flush();
        let account = self.assembly.account;
        let complete = self.ending == Ending::Trailer && !self.unfinished && !self.cut;
        self.assembly.events.push_back(Event::Finished(Finished {
            complete,
            cut: self.cut,
            account,
        }));
        self.phase = Phase::Over;
        Need::Nothing
    }

    /// Passes over the rest of a statement.
    fn skip(&mut self, mut walker: Walker) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let goal = lex::Goal::Delimiter(&self.session.delimiter);
        match walker.walk(window, at, self.session.quoting, goal, ended) {
            lex::Walked::Found(end) => {
                self.assembly.pass(end - at, Part::Skipped);
                self.phase = Phase::Between;
                Need::Nothing
            }
            lex::Walked::Upto(end) => {
                self.assembly.flush();
                self.assembly.pass(end - at, Part::Skipped);
                self.phase = Phase::Skip(walker);
                if ended {
                    self.cut = true;
                    self.phase = Phase::Between;
                    return Need::Nothing;
                }
                Need::More
            }
        }
    }
}
