//! Columns of few values, built as codes.

use std::fmt;
use std::hash::BuildHasher as _;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Int64Array, StringArray};
use arrow_buffer::{NullBuffer, NullBufferBuilder};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Words by where they stand in the program: few columns have more of them.
const WORDS: usize = 16;

/// The codes and gaps of a column.
#[derive(Debug)]
pub(crate) struct Codes {
    /// One a value that is there.
    pub(crate) codes: Vec<u32>,
    gaps: NullBufferBuilder,
}

impl Codes {
    fn new() -> Self {
        Self {
            codes: Vec::new(),
            gaps: NullBufferBuilder::new(0),
        }
    }

    #[inline]
    fn push(&mut self, code: u32) {
        self.codes.push(code);
        self.gaps.append_non_null();
    }

    pub(crate) fn len(&self) -> usize {
        self.gaps.len()
    }

    fn mark(&self) -> Mark {
        Mark {
            rows: self.gaps.len(),
            values: self.codes.len(),
        }
    }

    fn back_to(&mut self, mark: Mark) {
        self.gaps.truncate(mark.rows);
        self.codes.truncate(mark.values);
    }

    /// Gives codes and gaps, and starts anew.
    pub(crate) fn take(&mut self) -> (Vec<u32>, Option<NullBuffer>) {
        let gaps = self.gaps.finish().filter(|gaps| gaps.null_count() > 0);
        (std::mem::take(&mut self.codes), gaps)
    }
}

/// A place in a column to go back to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    rows: usize,
    values: usize,
}

/// A text column of one row group: which texts there are, in the order of their first appearance,
/// and which of them each row holds.
///
/// Which hash function finds a text again is drawn anew in each process; it shows in no output.
pub struct TextCodes {
    pub(crate) codes: Codes,
    /// All texts one after another.
    bytes: Vec<u8>,
    /// Where each text ends.
    ends: Vec<u32>,
    index: HashTable<u32>,
    hasher: RandomState,
    words: Vec<(&'static str, u32)>,
}

impl Default for TextCodes {
    fn default() -> Self {
        Self {
            codes: Codes::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
            index: HashTable::new(),
            hasher: RandomState::default(),
            words: Vec::new(),
        }
    }
}

impl TextCodes {
    /// Returns how many rows there are, gaps included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Returns whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Marks the present end.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.codes.mark()
    }

    /// Takes back what was appended since `mark`; the dictionary keeps its texts.
    pub fn back_to(&mut self, mark: Mark) {
        self.codes.back_to(mark);
    }

    /// Returns how many different texts there are.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.ends.len()
    }

    /// Bytes that the dictionary takes, `PLAIN`.
    pub(crate) fn plain_bytes(&self) -> usize {
        self.bytes.len() + self.ends.len() * 4
    }

    /// Writes the dictionary, `PLAIN`: each text after its length.
    pub(crate) fn plain(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.plain_bytes());
        for code in 0..self.ends.len() as u32 {
            let text = self.entry(code);
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
        out
    }

    fn entry(&self, code: u32) -> &[u8] {
        entry_of(&self.bytes, &self.ends, code)
    }

    /// Finds a text's code, or gives it the next one. A text that is no UTF-8 is kept as read, with
    /// U+FFFD for what is no character.
    pub fn code(&mut self, text: &[u8]) -> u32 {
        // Neighbours are often alike.
        if let Some(last) = self.codes.codes.last()
            && self.entry(*last) == text
        {
            return *last;
        }
        let hash = self.hasher.hash_one(text);
        let (bytes, ends) = (&self.bytes, &self.ends);
        if let Some(code) = self
            .index
            .find(hash, |code| entry_of(bytes, ends, *code) == text)
        {
            return *code;
        }
        let whole = String::from_utf8_lossy(text);
        if whole.len() != text.len() || whole.as_bytes() != text {
            return self.code(whole.as_bytes());
        }
        let code = self.ends.len() as u32;
        self.bytes.extend_from_slice(text);
        self.ends
            .push(u32::try_from(self.bytes.len()).expect("a row group is far below 4 GiB"));
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        let hash_of = |code: &u32| hasher.hash_one(entry_of(bytes, ends, *code));
        self.index.insert_unique(hash, code, hash_of);
        code
    }

    /// Finds the code of one of the program's own words: without a look at its letters where it
    /// was pushed before.
    #[inline]
    pub fn word_code(&mut self, word: &'static str) -> u32 {
        let known = self
            .words
            .iter()
            .find(|(known, _)| std::ptr::eq(*known, word));
        if let Some((_, code)) = known {
            return *code;
        }
        let code = self.code(word.as_bytes());
        if self.words.len() < WORDS {
            self.words.push((word, code));
        }
        code
    }

    /// Appends a row by a code that [`Self::code`] or [`Self::word_code`] gave.
    #[inline]
    pub fn push_code(&mut self, code: u32) {
        self.codes.push(code);
    }

    /// Appends a row.
    #[inline]
    pub fn push(&mut self, text: &[u8]) -> u32 {
        let code = self.code(text);
        self.codes.push(code);
        code
    }

    /// Appends a row that holds one of the program's own words.
    #[inline]
    pub fn push_word(&mut self, word: &'static str) {
        let code = self.word_code(word);
        self.codes.push(code);
    }

    /// Appends `rows` rows of one text.
    pub fn push_repeated(&mut self, text: &[u8], rows: usize) {
        let code = self.code(text);
        let whole = self.codes.codes.len() + rows;
        self.codes.codes.resize(whole, code);
        self.codes.gaps.append_n_non_nulls(rows);
    }

    /// Appends rows without a value.
    #[inline]
    pub fn push_nulls(&mut self, rows: usize) {
        self.codes.gaps.append_n_nulls(rows);
    }

    /// Gives the column as an array, for where a dictionary does not pay.
    pub(crate) fn array(&mut self) -> ArrayRef {
        let (codes, gaps) = self.codes.take();
        let mut codes = codes.into_iter();
        let rows = gaps.as_ref().map_or(codes.len(), NullBuffer::len);
        let mut built = StringBuilder::with_capacity(rows, 0);
        for row in 0..rows {
            if gaps.as_ref().is_none_or(|gaps| gaps.is_valid(row)) {
                let code = codes.next().expect("there is a code a value");
                let text = std::str::from_utf8(self.entry(code));
                built.append_value(text.expect("a text was looked at when it came in"));
            } else {
                built.append_null();
            }
        }
        let array: StringArray = built.finish();
        std::sync::Arc::new(array)
    }
}

fn entry_of<'a>(bytes: &'a [u8], ends: &[u32], code: u32) -> &'a [u8] {
    let place = code as usize;
    let start = place.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start as usize..ends[place] as usize]
}

impl fmt::Debug for TextCodes {
    /// Tells counts alone: texts may be private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, entries) = (self.len(), self.entries());
        write!(f, "TextCodes({rows} rows of {entries} texts)")
    }
}

/// A column of whole numbers of one row group, as codes.
pub struct IntCodes {
    pub(crate) codes: Codes,
    values: Vec<i64>,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl Default for IntCodes {
    fn default() -> Self {
        Self {
            codes: Codes::new(),
            values: Vec::new(),
            index: HashTable::new(),
            hasher: RandomState::default(),
        }
    }
}

impl IntCodes {
    /// Returns how many rows there are, gaps included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Returns whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Marks the present end.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.codes.mark()
    }

    /// Takes back what was appended since `mark`; the dictionary keeps its numbers.
    pub fn back_to(&mut self, mark: Mark) {
        self.codes.back_to(mark);
    }

    /// Finds a number's code, or gives it the next one.
    pub fn code(&mut self, value: i64) -> u32 {
        let hash = self.hasher.hash_one(value);
        let values = &mut self.values;
        if let Some(code) = self
            .index
            .find(hash, |code| values[*code as usize] == value)
        {
            return *code;
        }
        let code = values.len() as u32;
        values.push(value);
        let hasher = &self.hasher;
        self.index
            .insert_unique(hash, code, |code| hasher.hash_one(values[*code as usize]));
        code
    }

    /// Appends a row by a code that [`Self::code`] gave.
    #[inline]
    pub fn push_code(&mut self, code: u32) {
        self.codes.push(code);
    }

    /// Appends a row.
    #[inline]
    pub fn push(&mut self, value: i64) {
        let code = self.code(value);
        self.codes.push(code);
    }

    /// Appends rows without a value.
    #[inline]
    pub fn push_nulls(&mut self, rows: usize) {
        self.codes.gaps.append_n_nulls(rows);
    }

    pub(crate) fn values(&self) -> &[i64] {
        &self.values
    }

    pub(crate) fn array(&mut self) -> ArrayRef {
        let (codes, gaps) = self.codes.take();
        let mut codes = codes.into_iter();
        let rows = gaps.as_ref().map_or(codes.len(), NullBuffer::len);
        let values = (0..rows).map(|row| {
            let is_there = gaps.as_ref().is_none_or(|gaps| gaps.is_valid(row));
            let code = is_there.then(|| codes.next().expect("there is a code a value"));
            code.map(|code| self.values[code as usize])
        });
        std::sync::Arc::new(values.collect::<Int64Array>())
    }
}

impl fmt::Debug for IntCodes {
    /// Tells counts alone: numbers may be private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, entries) = (self.len(), self.values.len());
        write!(f, "IntCodes({rows} rows of {entries} numbers)")
    }
}
