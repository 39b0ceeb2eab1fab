//! What SQL text consists of, as far as a reader must know it to find where things end.

use memchr::{memchr, memmem};

/// How the session reads quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quoting {
    /// Backslashes escape in strings: off with `NO_BACKSLASH_ESCAPES`.
    pub(crate) backslash: bool,
    /// Double quotes hold names: on with `ANSI_QUOTES`.
    pub(crate) ansi: bool,
}

impl Quoting {
    /// Returns whether a backslash escapes inside these quotes.
    pub(crate) fn escapes_in(self, quote: u8) -> bool {
        match quote {
            b'\'' => self.backslash,
            b'"' => self.backslash && !self.ansi,
            _ => false,
        }
    }
}

/// A comment's kind, by how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Up to the end of the line.
    Line,
    /// Up to `*/`.
    Block,
}

/// What stands at a place where a comment might.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comment {
    /// No comment.
    None,
    /// A comment; so many bytes open it.
    Open(Kind, usize),
    /// The start or the end of a conditional comment, whose content counts; so many bytes.
    Mark(usize),
    /// More bytes are needed to tell.
    Unsure,
}

/// Comments for this version and later are never executed by anybody: MariaDB's sandbox mark.
const NEVER: u32 = 999_999;

/// Tells what stands at `at`. `ended`: no more bytes come after these.
pub(crate) fn comment_at(bytes: &[u8], at: usize, ended: bool) -> Comment {
    let rest = bytes.get(at..).unwrap_or_default();
    let unsure = if ended {
        Comment::None
    } else {
        Comment::Unsure
    };
    match rest {
        [b'#', ..] => Comment::Open(Kind::Line, 1),
        [b'-', b'-', next, ..] if *next <= b' ' => Comment::Open(Kind::Line, 2),
        [b'-', b'-'] if ended => Comment::Open(Kind::Line, 2),
        [b'-'] | [b'-', b'-'] | [b'*'] | [b'/'] | [b'/', b'*'] if !ended => unsure,
        [b'*', b'/', ..] => Comment::Mark(2),
        [b'/', b'*', b'M'] if !ended => unsure,
        [b'/', b'*', b'!', version @ ..] => conditional(version, 3, ended),
        [b'/', b'*', b'M', b'!', version @ ..] => conditional(version, 4, ended),
        [b'/', b'*', ..] => Comment::Open(Kind::Block, 2),
        _ => Comment::None,
    }
}

/// Reads the version of a conditional comment: five or six digits, or none.
fn conditional(rest: &[u8], opened: usize, ended: bool) -> Comment {
    let digits = rest
        .iter()
        .take(6)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if digits < 6 && digits == rest.len() && !ended {
        return Comment::Unsure;
    }
    let version = rest[..digits]
        .iter()
        .fold(0u32, |sum, &b| sum * 10 + u32::from(b - b'0'));
    if version >= NEVER {
        return Comment::Open(Kind::Block, opened + digits);
    }
    Comment::Mark(if digits < 5 { opened } else { opened + digits })
}

/// Finds the end of a comment whose opening stands before `from`; a line's end is not part of it.
pub(crate) fn comment_end(bytes: &[u8], from: usize, kind: Kind) -> Option<usize> {
    let rest = bytes.get(from..)?;
    match kind {
        Kind::Line => memchr(b'\n', rest).map(|at| from + at),
        Kind::Block => memmem::find(rest, b"*/").map(|at| from + at + 2),
    }
}

/// What a [`Walker`] goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal<'a> {
    /// The delimiter that ends a statement.
    Delimiter(&'a [u8]),
    /// The parenthesis that closes the first one.
    Row,
}

/// How far a [`Walker`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walked {
    /// Up to here: the delimiter's first byte, or one past the row's parenthesis.
    Found(usize),
    /// Up to here, and the goal was not among the bytes.
    Upto(usize),
}

/// Walks over SQL of any length, piece by piece, and knows what is text and what is not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Walker {
    inside: Inside,
    depth: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Inside {
    #[default]
    Nothing,
    Quotes(u8),
    Comment(Kind),
}

impl Walker {
    /// Goes on from `from`. Bytes that it could not tell yet are left for the next piece; with
    /// `ended` it leaves none.
    pub(crate) fn walk(
        &mut self,
        bytes: &[u8],
        from: usize,
        quoting: Quoting,
        goal: Goal<'_>,
        ended: bool,
    ) -> Walked {
        let mut at = from;
        while at < bytes.len() {
            match self.inside {
                Inside::Quotes(quote) => {
                    let escape = if quoting.escapes_in(quote) {
                        b'\\'
                    } else {
                        quote
                    };
                    let Some(found) = memchr::memchr2(quote, escape, &bytes[at..]) else {
                        return Walked::Upto(bytes.len());
                    };
                    at += found;
                    if bytes[at] == quote {
                        // Two quotes close and open again, which comes to the same.
                        self.inside = Inside::Nothing;
                        at += 1;
                    } else if at + 1 < bytes.len() {
                        at += 2;
                    } else {
                        return Walked::Upto(if ended { bytes.len() } else { at });
                    }
                }
                Inside::Comment(kind) => match comment_end(bytes, at, kind) {
                    Some(end) => {
                        self.inside = Inside::Nothing;
                        at = end;
                    }
                    None => {
                        let kept =
                            usize::from(!ended && kind == Kind::Block && bytes.ends_with(b"*"));
                        return Walked::Upto(bytes.len() - kept);
                    }
                },
                Inside::Nothing => {
                    let rest = &bytes[at..];
                    if let Goal::Delimiter(delimiter) = goal {
                        if rest.starts_with(delimiter) {
                            return Walked::Found(at);
                        }
                        if !ended && delimiter.starts_with(rest) {
                            return Walked::Upto(at);
                        }
                    }
                    match rest[0] {
                        quote @ (b'\'' | b'"' | b'`') => {
                            self.inside = Inside::Quotes(quote);
                            at += 1;
                        }
                        b'#' | b'-' | b'/' | b'*' => match comment_at(bytes, at, ended) {
                            Comment::None => at += 1,
                            Comment::Mark(len) => at += len,
                            Comment::Open(kind, len) => {
                                self.inside = Inside::Comment(kind);
                                at += len;
                            }
                            Comment::Unsure => return Walked::Upto(at),
                        },
                        b'(' => {
                            self.depth += 1;
                            at += 1;
                        }
                        b')' => {
                            self.depth = self.depth.saturating_sub(1);
                            at += 1;
                            if self.depth == 0 && matches!(goal, Goal::Row) {
                                return Walked::Found(at);
                            }
                        }
                        _ => at += 1,
                    }
                }
            }
        }
        Walked::Upto(bytes.len())
    }
}
