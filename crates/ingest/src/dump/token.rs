use super::lex::{self, Comment, Quoting};

/// A piece of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A run of letters, digits, `_ $ @ .` and bytes outside ASCII.
    Word(&'a [u8]),
    /// Something in quotes, without them.
    Quoted {
        /// Which quote: `'`, `"` or a backtick.
        quote: u8,
        /// What stands between, escapes in place.
        raw: &'a [u8],
    },
    /// Any other byte.
    Mark(u8),
    /// Nothing more.
    End,
    /// The bytes end within a token, or might.
    Cut,
}

impl Token<'_> {
    /// Returns whether this is a word, in any case.
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(found) if found.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// Reads a name: a plain word, or in backticks or double quotes with doubled ones undone.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Token::Word(word) => Some(String::from_utf8_lossy(word).into_owned()),
            Token::Quoted { quote: b'\'', .. } | Token::Mark(_) | Token::End | Token::Cut => None,
            Token::Quoted { quote, raw } => {
                let mut name = Vec::with_capacity(raw.len());
                let mut bytes = raw.iter();
                while let Some(&byte) = bytes.next() {
                    name.push(byte);
                    if byte == *quote {
                        bytes.next();
                    }
                }
                Some(String::from_utf8_lossy(&name).into_owned())
            }
        }
    }
}

/// Cuts a statement into tokens; white space and comments are passed over, and what stands in a
/// conditional comment counts.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
    quoting: Quoting,
    ended: bool,
}

impl<'a> Tokens<'a> {
    /// Begins at `at`. `ended`: the bytes are all there are.
    pub(crate) fn new(bytes: &'a [u8], at: usize, quoting: Quoting, ended: bool) -> Self {
        Self {
            bytes,
            at,
            quoting,
            ended,
        }
    }

    /// Returns the place after the last token.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Returns the place and the token that stand next, and stays before it.
    pub(crate) fn peek(&self) -> (usize, Token<'a>) {
        let mut ahead = self.clone();
        let token = ahead.next();
        let len = match token {
            Token::Word(word) => word.len(),
            Token::Quoted { raw, .. } => raw.len() + 2,
            Token::Mark(_) => 1,
            Token::End | Token::Cut => 0,
        };
        (ahead.at - len, token)
    }

    /// Passes over the next token where it is this word.
    pub(crate) fn take(&mut self, word: &str) -> bool {
        let found = self.peek().1.is(word);
        if found {
            self.next();
        }
        found
    }

    /// Passes over the next token where it is this mark.
    pub(crate) fn take_mark(&mut self, mark: u8) -> bool {
        let found = self.peek().1 == Token::Mark(mark);
        if found {
            self.next();
        }
        found
    }

    /// Returns the next token.
    pub(crate) fn next(&mut self) -> Token<'a> {
        let none = if self.ended { Token::End } else { Token::Cut };
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                return none;
            };
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'#' | b'-' | b'/' | b'*' => {
                    match lex::comment_at(self.bytes, self.at, self.ended) {
                        Comment::None => {
                            self.at += 1;
                            return Token::Mark(byte);
                        }
                        Comment::Mark(len) => self.at += len,
                        Comment::Open(kind, len) => {
                            match lex::comment_end(self.bytes, self.at + len, kind) {
                                Some(end) => self.at = end,
                                None if self.ended => self.at = self.bytes.len(),
                                None => return Token::Cut,
                            }
                        }
                        Comment::Unsure => return Token::Cut,
                    }
                }
                b'\'' | b'"' | b'`' => return self.quoted(byte),
                _ if is_word(byte) => {
                    let rest = &self.bytes[self.at..];
                    let len = rest.iter().take_while(|b| is_word(**b)).count();
                    if len == rest.len() && !self.ended {
                        return Token::Cut;
                    }
                    self.at += len;
                    return Token::Word(&rest[..len]);
                }
                _ => {
                    self.at += 1;
                    return Token::Mark(byte);
                }
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Token<'a> {
        let escapes = self.quoting.escapes_in(quote);
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.bytes.get(at) {
                None => return if self.ended { Token::End } else { Token::Cut },
                Some(b'\\') if escapes => at += 2,
                Some(byte) if *byte == quote => match self.bytes.get(at + 1) {
                    Some(next) if *next == quote => at += 2,
                    None if !self.ended => return Token::Cut,
                    _ => {
                        self.at = at + 1;
                        return Token::Quoted {
                            quote,
                            raw: &self.bytes[start..at],
                        };
                    }
                },
                Some(_) => at += 1,
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'$' | b'@' | b'.')
}
