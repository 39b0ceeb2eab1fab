/// Where every byte of a stream went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Rows that were given.
    pub rows: u64,
    /// Rows that were rejected.
    pub rejects: u64,
    /// Statements that were read: definitions, settings, and the INSERTs that hold rows.
    pub statements: u64,
    /// Statements that were passed over, such as triggers and `INSERT … SELECT`.
    pub skipped_statements: u64,
    /// Comments.
    pub comments: u64,
    /// Bytes of rows, without what stands between them.
    pub row_bytes: u64,
    /// Bytes of rejects.
    pub reject_bytes: u64,
    /// Bytes of statements around and between rows; of delimited text, the header.
    pub statement_bytes: u64,
    /// Bytes of statements that were passed over.
    pub skipped_bytes: u64,
    /// Bytes of comments.
    pub comment_bytes: u64,
    /// Bytes between all these: white space, record ends, byte order marks, conditional marks.
    pub blank_bytes: u64,
}

/// A kind of bytes in an [`Account`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Statement,
    Skipped,
    Comment,
    Blank,
}

impl Account {
    /// Returns the sum of all bytes: the stream's length, once it was read to its end.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.row_bytes
            + self.reject_bytes
            + self.statement_bytes
            + self.skipped_bytes
            + self.comment_bytes
            + self.blank_bytes
    }

    pub(crate) fn add(&mut self, part: Part, bytes: u64) {
        let sum = match part {
            Part::Statement => &mut self.statement_bytes,
            Part::Skipped => &mut self.skipped_bytes,
            Part::Comment => &mut self.comment_bytes,
            Part::Blank => &mut self.blank_bytes,
        };
        *sum += bytes;
    }
}
