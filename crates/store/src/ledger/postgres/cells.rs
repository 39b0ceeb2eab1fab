//! Values as PostgreSQL writes them: alone, and as arrays.

use std::fmt::Write as _;

use crate::StoreError;
use crate::ledger::{LedgerError, State};
use crate::postgres::connection::Row;

/// A row that was read.
pub(super) struct Cells(pub(super) Row);

fn strange() -> LedgerError {
    let why = "an answer is not what was asked for";
    StoreError::database("be read")(why.into()).into()
}

impl Cells {
    /// The first row of an answer that has one.
    pub(super) fn only(rows: Vec<Row>) -> Result<Self, LedgerError> {
        rows.into_iter().next().map(Self).ok_or_else(strange)
    }

    pub(super) fn take(&mut self, at: usize) -> Option<String> {
        self.0.get_mut(at).and_then(Option::take)
    }

    pub(super) fn text(&mut self, at: usize) -> Result<String, LedgerError> {
        self.take(at).ok_or_else(strange)
    }

    pub(super) fn maybe_int(&self, at: usize) -> Result<Option<i64>, LedgerError> {
        let cell = self.0.get(at).and_then(Option::as_deref);
        cell.map(|text| text.parse().map_err(|_| strange()))
            .transpose()
    }

    pub(super) fn int(&self, at: usize) -> Result<i64, LedgerError> {
        self.maybe_int(at)?.ok_or_else(strange)
    }

    pub(super) fn small(&self, at: usize) -> Result<u32, LedgerError> {
        u32::try_from(self.int(at)?).map_err(|_| strange())
    }

    pub(super) fn state(&self, at: usize) -> Result<State, LedgerError> {
        State::from_number(self.int(at)?).ok_or_else(strange)
    }

    pub(super) fn maybe_hash(&self, at: usize) -> Result<Option<[u8; 32]>, LedgerError> {
        let Some(cell) = self.0.get(at).and_then(Option::as_deref) else {
            return Ok(None);
        };
        let digits = cell.strip_prefix("\\x").ok_or_else(strange)?.as_bytes();
        if digits.len() != 64 {
            return Err(strange());
        }
        let mut hash = [0_u8; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16).ok_or_else(strange);
            *byte = (digit(0)? * 16 + digit(1)?) as u8;
        }
        Ok(Some(hash))
    }

    pub(super) fn hash(&self, at: usize) -> Result<[u8; 32], LedgerError> {
        self.maybe_hash(at)?.ok_or_else(strange)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a value that is not NULL")]
pub(super) fn number(number: i64) -> Option<String> {
    Some(number.to_string())
}

fn hex(made: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a string does not fail.
        let _written = write!(made, "{byte:02x}");
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a value that is not NULL")]
pub(super) fn bytes(bytes: &[u8]) -> Option<String> {
    let mut made = "\\x".to_owned();
    hex(&mut made, bytes);
    Some(made)
}

#[expect(clippy::unnecessary_wraps, reason = "a value that is not NULL")]
fn array<T>(items: impl IntoIterator<Item = T>, add: impl Fn(&mut String, T)) -> Option<String> {
    let mut made = "{".to_owned();
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            made.push(',');
        }
        add(&mut made, item);
    }
    made.push('}');
    Some(made)
}

pub(super) fn numbers(items: impl IntoIterator<Item = i64>) -> Option<String> {
    array(items, |made, item| {
        let _written = write!(made, "{item}");
    })
}

pub(super) fn maybe_numbers(items: impl IntoIterator<Item = Option<i64>>) -> Option<String> {
    array(items, |made, item| {
        let _written = match item {
            Some(item) => write!(made, "{item}"),
            None => made.write_str("NULL"),
        };
    })
}

pub(super) fn bytes_array(items: impl IntoIterator<Item = [u8; 32]>) -> Option<String> {
    maybe_bytes(items.into_iter().map(Some))
}

pub(super) fn maybe_bytes(items: impl IntoIterator<Item = Option<[u8; 32]>>) -> Option<String> {
    array(items, |made, item| match item {
        Some(item) => {
            made.push_str("\"\\\\x");
            hex(made, &item);
            made.push('"');
        }
        None => made.push_str("NULL"),
    })
}

pub(super) fn texts<'a>(items: impl IntoIterator<Item = Option<&'a str>>) -> Option<String> {
    array(items, |made, item| match item {
        Some(item) => {
            made.push('"');
            for c in item.chars() {
                if c == '"' || c == '\\' {
                    made.push('\\');
                }
                made.push(c);
            }
            made.push('"');
        }
        None => made.push_str("NULL"),
    })
}
