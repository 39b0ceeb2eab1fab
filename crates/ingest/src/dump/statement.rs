use std::io::Read;

use super::catalog::MOST_TABLES;
use super::insert::{self, Head};
use super::lex::{self, Comment, Goal, Kind, Walked, Walker};
use super::token::{Token, Tokens};
use super::{DumpReader, Ending, Need, Phase, create};
use crate::block::{Event, Part, ReadError, Setting};

/// Longest statement, or head of one, that is read as a whole. A table of 4,096 columns with long
/// comments fits.
const MOST_STATEMENT_BYTES: usize = 4 << 20;
/// How lines begin that a dump program wrote for its user and that were caught in the file.
const SPEAKERS: [&[u8]; 5] = [
    b"mysqldump: ",
    b"mariadb-dump: ",
    b"mysqlpump: ",
    b"Warning: ",
    b"WARNING: ",
];
const LONGEST_SPEAKER: usize = 14;
/// How much of a line is looked at to tell whether it is the dump program's last.
const TRAILER_BYTES: usize = 64;

impl<R: Read> DumpReader<R> {
    /// Reads what stands between statements, or begins the next.
    pub(super) fn between(&mut self) -> Need {
        self.give_undescribed();
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let rest = &window[at..];
        let Some(&first) = rest.first() else {
            return if ended { self.finish() } else { Need::More };
        };
        if first.is_ascii_whitespace() || first == 0x0b {
            let blank = rest
                .iter()
                .take_while(|b| b.is_ascii_whitespace() || **b == 0x0b)
                .count();
            self.assembly.pass(blank, Part::Blank);
            return Need::Nothing;
        }
        if rest.starts_with(&self.session.delimiter) {
            self.assembly
                .pass(self.session.delimiter.len(), Part::Statement);
            return Need::Nothing;
        }
        if !ended && self.session.delimiter.starts_with(rest) {
            return Need::More;
        }
        if self.assembly.offset() == 0 {
            if rest.starts_with(b"\xef\xbb\xbf") {
                self.assembly.pass(3, Part::Blank);
                return Need::Nothing;
            }
            if !ended && b"\xef\xbb\xbf".starts_with(rest) {
                return Need::More;
            }
        }
        match lex::comment_at(window, at, ended) {
            Comment::Unsure => return Need::More,
            Comment::Mark(len) => {
                self.assembly.pass(len, Part::Blank);
                return Need::Nothing;
            }
            Comment::Open(kind, len) => {
                if kind == Kind::Line
                    && !ended
                    && rest.len() < TRAILER_BYTES
                    && !rest.contains(&b'\n')
                {
                    return Need::More;
                }
                if kind == Kind::Line {
                    self.note_trailer();
                }
                self.assembly.account.comments += 1;
                self.assembly.pass(len, Part::Comment);
                self.phase = Phase::Comment(kind);
                return Need::Nothing;
            }
            Comment::None => {}
        }
        if !ended && rest.len() < LONGEST_SPEAKER {
            return Need::More;
        }
        if SPEAKERS.iter().any(|speaker| rest.starts_with(speaker)) {
            self.assembly.account.comments += 1;
            self.phase = Phase::Comment(Kind::Line);
            return Need::Nothing;
        }
        self.statement()
    }

    pub(super) fn comment(&mut self, kind: Kind) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        if let Some(end) = lex::comment_end(window, at, kind) {
            self.assembly.pass(end - at, Part::Comment);
            self.phase = Phase::Between;
            return Need::Nothing;
        }
        let kept = usize::from(!ended && kind == Kind::Block && window[at..].ends_with(b"*"));
        let passed = window.len() - at - kept;
        self.assembly.flush();
        self.assembly.pass(passed, Part::Comment);
        if ended {
            self.cut |= kind == Kind::Block;
            self.phase = Phase::Between;
            return Need::Nothing;
        }
        Need::More
    }

    /// Sees whether the comment that begins here is the last or the first line of a dump.
    fn note_trailer(&mut self) {
        let (window, at) = self.assembly.window();
        let text = window[at..].trim_ascii_start();
        let text = text.strip_prefix(b"--").unwrap_or(text).trim_ascii_start();
        if text.starts_with(b"Dump completed") {
            self.ending = Ending::Trailer;
        } else if text.starts_with(b"MySQL dump") || text.starts_with(b"MariaDB dump") {
            // A dump that another one follows must have ended too.
            self.unfinished |= self.ending == Ending::Begun;
            self.ending = Ending::Begun;
        }
    }

    /// Begins the statement that stands here.
    fn statement(&mut self) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        if self.head.len() > 1
            && let Some(rest) = window[at..].strip_prefix(self.head.as_slice())
            && rest.first() == Some(&b'(')
        {
            let len = self.head.len();
            self.assembly.account.statements += 1;
            self.assembly.pass(len, Part::Statement);
            self.rows.begin();
            self.phase = Phase::Rows;
            return Need::Nothing;
        }
        let mut tokens = Tokens::new(window, at, self.session.quoting, ended);
        let first = tokens.next();
        if first == Token::Cut {
            return self.more_or_skip();
        }
        if first.is("insert") || first.is("replace") {
            return self.insert();
        }
        if first.is("delimiter") {
            return self.delimiter();
        }
        if first.is("create") {
            let mut second = tokens.next();
            while ["or", "replace", "temporary"]
                .iter()
                .any(|word| second.is(word))
            {
                second = tokens.next();
            }
            if second == Token::Cut {
                return self.more_or_skip();
            }
            if second.is("table") {
                return self.whole(Self::create);
            }
        }
        if first.is("set") {
            return self.whole(Self::set);
        }
        if first.is("use") {
            return self.use_database();
        }
        self.begin_skip()
    }

    fn more_or_skip(&mut self) -> Need {
        if self.assembly.ended() || self.assembly.unused() > MOST_STATEMENT_BYTES {
            return self.begin_skip();
        }
        Need::More
    }

    fn begin_skip(&mut self) -> Need {
        self.assembly.account.skipped_statements += 1;
        self.phase = Phase::Skip(Walker::default());
        Need::Nothing
    }

    fn insert(&mut self) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        match insert::read_head(window, at, self.session.quoting, ended) {
            Head::Cut => self.more_or_skip(),
            Head::NoRows => self.begin_skip(),
            Head::Rows(insert, end) => {
                // White space up to the first row belongs to the head that is looked for again.
                let rest = &window[end..];
                let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
                if blank == rest.len() && !ended {
                    return self.more_or_skip();
                }
                let len = end + blank - at;
                if len > MOST_STATEMENT_BYTES {
                    return self.begin_skip();
                }
                self.head.clear();
                self.head.extend_from_slice(&window[at..at + len]);
                match self
                    .catalog
                    .for_insert(&insert, self.session.database.as_deref())
                {
                    Ok((table, new)) => {
                        if self.assembly.table != table || new.is_some() {
                            self.assembly.flush();
                            self.assembly.table = table;
                        }
                        match new {
                            Some(new) if !new.named => self.undescribed = Some(new),
                            Some(new) => self.assembly.events.push_back(Event::Table(new)),
                            None => {}
                        }
                        self.assembly.account.statements += 1;
                        self.assembly.pass(len, Part::Statement);
                        self.rows.begin();
                        self.phase = Phase::Rows;
                    }
                    Err(_) => self.too_many_tables(),
                }
                Need::Nothing
            }
        }
    }

    pub(super) fn too_many_tables(&mut self) {
        self.assembly.flush();
        let at_bytes = self.assembly.offset();
        self.stuck = Some(ReadError::TooManyTables {
            most: MOST_TABLES,
            at_bytes,
        });
    }

    /// Follows a statement that is read as a whole, up to its delimiter.
    fn whole(&mut self, follow: fn(&mut Self, &[u8], u64) -> bool) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let goal = Goal::Delimiter(&self.session.delimiter);
        let end = match Walker::default().walk(window, at, self.session.quoting, goal, ended) {
            Walked::Found(end) => end,
            Walked::Upto(_) => return self.more_or_skip(),
        };
        if end - at > MOST_STATEMENT_BYTES {
            return self.begin_skip();
        }
        let statement = window[at..end].to_vec();
        let byte_offset = self.assembly.offset();
        if follow(self, &statement, byte_offset) {
            self.assembly.account.statements += 1;
            self.assembly.pass(end - at, Part::Statement);
            Need::Nothing
        } else {
            self.begin_skip()
        }
    }

    fn create(&mut self, statement: &[u8], _byte_offset: u64) -> bool {
        let Some(mut table) = create::read_table(statement, self.session.quoting) else {
            return false;
        };
        table.database = table.database.or_else(|| self.session.database.clone());
        self.forget_head();
        if self.catalog.create(&mut table).is_err() {
            self.too_many_tables();
            return true;
        }
        self.assembly.flush();
        self.assembly.events.push_back(Event::Table(table));
        true
    }

    fn set(&mut self, statement: &[u8], byte_offset: u64) -> bool {
        let before = self.session.quoting;
        let changes = self.session.set(statement);
        if !changes.is_empty() {
            self.assembly.flush();
        }
        for (name, value) in changes {
            self.assembly.events.push_back(Event::Setting(Setting {
                name,
                value,
                byte_offset,
            }));
        }
        if before != self.session.quoting {
            self.forget_head();
            let escape = self.session.quoting.backslash.then_some(b'\\');
            self.assembly.block.escapes.escape = escape;
        }
        true
    }

    /// Follows `USE`, which ends with its line as well as with the delimiter.
    fn use_database(&mut self) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let line_end = memchr::memchr(b'\n', &window[at..]).map(|end| at + end);
        if line_end.is_none() && !ended {
            return self.more_or_skip();
        }
        let line = &window[..line_end.unwrap_or(window.len())];
        let goal = Goal::Delimiter(&self.session.delimiter);
        let end = match Walker::default().walk(line, at, self.session.quoting, goal, true) {
            Walked::Found(end) | Walked::Upto(end) => end,
        };
        let mut tokens = Tokens::new(&line[..end], at, self.session.quoting, true);
        tokens.next();
        let Some(database) = tokens.next().name() else {
            return self.begin_skip();
        };
        self.forget_head();
        self.session.database = Some(database);
        self.assembly.account.statements += 1;
        self.assembly.pass(end - at, Part::Statement);
        Need::Nothing
    }

    /// The next INSERT's head is read anew, for what it means may have changed.
    fn forget_head(&mut self) {
        self.head.clear();
    }

    /// Follows the client's own command, which ends with its line.
    fn delimiter(&mut self) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let rest = &window[at..];
        let line = match memchr::memchr(b'\n', rest) {
            Some(end) => &rest[..end],
            None if ended => rest,
            None => return self.more_or_skip(),
        };
        let len = line.len();
        let word = line["delimiter".len()..].trim_ascii();
        let word = word
            .split(u8::is_ascii_whitespace)
            .next()
            .unwrap_or_default();
        if !word.is_empty() && word.len() <= 16 {
            self.session.delimiter = word.to_vec();
        }
        self.assembly.account.statements += 1;
        self.assembly.pass(len, Part::Statement);
        Need::Nothing
    }
}
