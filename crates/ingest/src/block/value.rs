use std::fmt;

use super::{Block, Cell, CellKind, Introducer};

/// A cell's value: bytes with escapes undone, and how they were written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// What the column's definition says.
    Default,
    /// Written without quotes.
    Bare(&'a [u8]),
    /// Written in quotes.
    Text(&'a [u8]),
    /// Bytes that are no text: hexadecimal, bits (big-endian), or after `_binary`.
    Bytes(&'a [u8]),
    /// Something that only the server could work out, as written.
    Expression(&'a [u8]),
}

/// Lengths only: what a seized file holds is not for logs.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes) = match self {
            Self::Null => return f.write_str("Null"),
            Self::Default => return f.write_str("Default"),
            Self::Bare(bytes) => ("Bare", bytes),
            Self::Text(bytes) => ("Text", bytes),
            Self::Bytes(bytes) => ("Bytes", bytes),
            Self::Expression(bytes) => ("Expression", bytes),
        };
        write!(f, "{name}({} bytes)", bytes.len())
    }
}

impl<'a> Value<'a> {
    /// Returns the bytes; none for `NULL` and `DEFAULT`.
    #[must_use]
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Null | Self::Default => None,
            Self::Bare(bytes)
            | Self::Text(bytes)
            | Self::Bytes(bytes)
            | Self::Expression(bytes) => Some(bytes),
        }
    }
}

/// How a block's escapes are undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Escapes {
    /// Byte that takes the next one's meaning away or gives it another.
    pub(crate) escape: Option<u8>,
    /// Byte that stands doubled inside quotes; none: the byte before the cell.
    pub(crate) quote: Option<u8>,
    /// In a pattern's escapes `\%` and `\_` the backslash stays (MySQL manual, 9.1.1).
    pub(crate) keeps_patterns: bool,
}

impl Default for Escapes {
    fn default() -> Self {
        Self {
            escape: Some(b'\\'),
            quote: None,
            keeps_patterns: true,
        }
    }
}

impl Block {
    /// Returns a cell's value, escapes undone; `scratch` is used only where there are any.
    #[must_use]
    pub fn value<'a>(&'a self, cell: &Cell, scratch: &'a mut Vec<u8>) -> Value<'a> {
        let raw = self.raw(cell);
        let text = |bytes: &'a [u8]| {
            if cell.introducer == Introducer::BINARY {
                Value::Bytes(bytes)
            } else {
                Value::Text(bytes)
            }
        };
        match cell.kind {
            CellKind::Null => Value::Null,
            CellKind::Default => Value::Default,
            CellKind::Bare => Value::Bare(raw),
            CellKind::Quoted => text(raw),
            CellKind::Expression => Value::Expression(raw),
            CellKind::BareEscaped => {
                self.unescape(raw, None, scratch);
                Value::Bare(scratch)
            }
            CellKind::QuotedEscaped => {
                let quote = self.escapes.quote.or_else(|| {
                    (cell.start as usize)
                        .checked_sub(1)
                        .and_then(|at| self.bytes.get(at))
                        .copied()
                });
                self.unescape(raw, quote, scratch);
                text(scratch)
            }
            CellKind::Hex => {
                decode_hex(raw, scratch);
                Value::Bytes(scratch)
            }
            CellKind::Bit => {
                decode_bits(raw, scratch);
                Value::Bytes(scratch)
            }
        }
    }

    /// Undoes the escapes of a cell whose bytes are not this block's.
    pub(crate) fn unescape_into(
        &self,
        raw: &[u8],
        kind: CellKind,
        quote: Option<u8>,
        out: &mut Vec<u8>,
    ) {
        match kind {
            CellKind::BareEscaped => self.unescape(raw, None, out),
            CellKind::QuotedEscaped => self.unescape(raw, quote, out),
            CellKind::Null => out.clear(),
            CellKind::Default | CellKind::Bare | CellKind::Quoted => out.extend_from_slice(raw),
            CellKind::Hex | CellKind::Bit | CellKind::Expression => out.extend_from_slice(raw),
        }
    }

    fn unescape(&self, raw: &[u8], quote: Option<u8>, out: &mut Vec<u8>) {
        out.clear();
        out.reserve(raw.len());
        let mut rest = raw;
        loop {
            let special = rest
                .iter()
                .position(|&b| Some(b) == quote || Some(b) == self.escapes.escape);
            let Some(at) = special else {
                out.extend_from_slice(rest);
                return;
            };
            let (plain, from) = rest.split_at(at);
            out.extend_from_slice(plain);
            // A byte that opens an escape and has nothing after it stands for itself.
            let (first, second) = (from[0], from.get(1).copied());
            rest = from.get(2..).unwrap_or_default();
            match second {
                None => out.push(first),
                Some(next) if Some(first) == self.escapes.escape => match next {
                    b'0' => out.push(0),
                    b'b' => out.push(8),
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'Z' => out.push(0x1a),
                    b'%' | b'_' if self.escapes.keeps_patterns => {
                        out.extend_from_slice(&[first, next])
                    }
                    other => out.push(other),
                },
                Some(next) if next == first => out.push(first),
                // Cannot happen in what a scanner marked; kept as written all the same.
                Some(_) => {
                    out.push(first);
                    rest = from.get(1..).unwrap_or_default();
                }
            }
        }
    }
}

fn digit(b: u8) -> u8 {
    match b {
        b'0'..=b'9' => b - b'0',
        b'a'..=b'f' => b - b'a' + 10,
        b'A'..=b'F' => b - b'A' + 10,
        _ => 0,
    }
}

/// An odd number of digits has a zero before it, as in the server.
fn decode_hex(digits: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.reserve(digits.len() / 2 + 1);
    let (head, pairs) = digits.split_at(digits.len() % 2);
    out.extend(head.iter().map(|&b| digit(b)));
    out.extend(
        pairs
            .chunks_exact(2)
            .map(|pair| digit(pair[0]) << 4 | digit(pair[1])),
    );
}

fn decode_bits(digits: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let (head, whole) = digits.split_at(digits.len() % 8);
    let byte = |bits: &[u8]| {
        bits.iter()
            .fold(0u8, |sum, &b| sum << 1 | u8::from(b == b'1'))
    };
    if !head.is_empty() {
        out.push(byte(head));
    }
    out.extend(whole.chunks_exact(8).map(byte));
}
