//! One parenthesised row of an INSERT into cells.
//!
//! The loop knows the shapes that dump programs write; everything else goes to [`odd_cell`].

use super::lex;
use crate::block::scan::{below, eight, find2, load, lowest, zeros};
use crate::block::{Cell, CellKind, Introducer};

/// What came of a tuple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// It is whole and ends before this place.
    Row(usize),
    /// The bytes end before it does.
    Cut,
    /// It cannot be understood from this place on.
    Malformed(usize),
}

/// Why a cell could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    Cut,
    Malformed(usize),
}

#[inline(always)]
fn cell(start: usize, end: usize, kind: CellKind) -> Cell {
    // Windows are shorter than 4 GiB: `Assembly::new` sees to it.
    Cell {
        start: start as u32,
        end: end as u32,
        kind,
        introducer: Introducer::NONE,
    }
}

/// Reads the tuple whose `(` stands at `open`, and adds its cells.
pub(crate) fn scan_tuple(
    bytes: &[u8],
    open: usize,
    backslash: bool,
    cells: &mut Vec<Cell>,
) -> Scan {
    // Without backslash escapes the second byte to look for is the quote once more.
    let escape = if backslash { b'\\' } else { b'\'' };
    let mut at = open + 1;
    loop {
        let start = at;
        let Some(&first) = bytes.get(at) else {
            return Scan::Cut;
        };
        let end = match first {
            b'\'' => {
                let Some((end, kind)) = quoted(bytes, at + 1, b'\'', escape) else {
                    return Scan::Cut;
                };
                cells.push(cell(start + 1, end, kind));
                end + 1
            }
            b'0'..=b'9' | b'-' => {
                let Some(end) = bare_end(bytes, at + 1) else {
                    return Scan::Cut;
                };
                if first == b'0' && matches!(bytes[at + 1], b'x' | b'b') {
                    let kind = if bytes[at + 1] == b'x' {
                        CellKind::Hex
                    } else {
                        CellKind::Bit
                    };
                    if !digits_of(kind, &bytes[at + 2..end]) {
                        return Scan::Malformed(at);
                    }
                    cells.push(cell(start + 2, end, kind));
                } else {
                    cells.push(cell(start, end, CellKind::Bare));
                }
                end
            }
            b'N' if bytes.get(at + 1..at + 4) == Some(b"ULL") => {
                cells.push(cell(start, start + 4, CellKind::Null));
                start + 4
            }
            b')' if start == open + 1 => return Scan::Row(at + 1),
            _ => {
                cells.push(cell(start, start, CellKind::Bare));
                start
            }
        };
        match bytes.get(end) {
            Some(b',') if end > start => at = end + 1,
            Some(b')') if end > start => return Scan::Row(end + 1),
            None => return Scan::Cut,
            Some(_) => {
                cells.pop();
                match odd_cell(bytes, start, backslash) {
                    Ok((odd, end)) => {
                        match odd {
                            Some(odd) => cells.push(odd),
                            // Blanks and nothing else are an empty row, as in `( )`.
                            None if bytes[end] == b')' && is_first(bytes, open, start) => {}
                            None => return Scan::Malformed(end),
                        }
                        at = end + 1;
                        if bytes[end] == b')' {
                            return Scan::Row(at);
                        }
                    }
                    Err(Odd::Cut) => return Scan::Cut,
                    Err(Odd::Malformed(at)) => return Scan::Malformed(at),
                }
            }
        }
    }
}

fn is_first(bytes: &[u8], open: usize, start: usize) -> bool {
    start == open + 1 && bytes[open] == b'('
}

/// Finds the quote that closes, from the first byte inside on.
#[inline(always)]
fn quoted(bytes: &[u8], from: usize, quote: u8, escape: u8) -> Option<(usize, CellKind)> {
    let mut at = find2(quote, escape, bytes, from)?;
    if bytes[at] == quote && *bytes.get(at + 1)? != quote {
        return Some((at, CellKind::Quoted));
    }
    loop {
        // Either an escape or two quotes: the next byte means nothing by itself.
        if bytes[at] == quote && *bytes.get(at + 1)? != quote {
            return Some((at, CellKind::QuotedEscaped));
        }
        at = find2(quote, escape, bytes, at + 2)?;
    }
}

/// Finds the end of a number: the next byte below `-`, which are white space, quotes, `(`, `)`,
/// `*`, `,`, and `+` unless it belongs to an exponent.
#[inline(always)]
fn bare_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match load(bytes, at) {
            Some(word) => {
                let marks = below(word, b'-') & !zeros(word ^ eight(b'+'));
                if marks != 0 {
                    return Some(at + lowest(marks));
                }
                at += 8;
            }
            None => {
                let rest = bytes.get(at..)?;
                return rest
                    .iter()
                    .position(|&b| b < b'-' && b != b'+')
                    .map(|end| at + end);
            }
        }
    }
}

fn digits_of(kind: CellKind, digits: &[u8]) -> bool {
    let good = if kind == CellKind::Hex {
        u8::is_ascii_hexdigit
    } else {
        |b: &u8| matches!(b, b'0' | b'1')
    };
    digits.iter().all(good)
}

/// Reads whatever else may stand in a row: blanks and comments around a value, introducers,
/// `x'…'`, keywords, expressions. Gives the cell and the place of the `,` or `)` after it.
fn odd_cell(bytes: &[u8], start: usize, backslash: bool) -> Result<(Option<Cell>, usize), Odd> {
    let start = blanks(bytes, start)?;
    let Some(&first) = bytes.get(start) else {
        return Err(Odd::Cut);
    };
    if matches!(first, b',' | b')') {
        return Ok((None, start));
    }
    let Some((simple, end)) = literal(bytes, start, backslash)? else {
        return expression(bytes, start, backslash);
    };
    let next = blanks(bytes, end)?;
    match bytes.get(next) {
        None => Err(Odd::Cut),
        Some(b',' | b')') => Ok((Some(simple), next)),
        Some(_) => expression(bytes, start, backslash),
    }
}

fn is_string(kind: CellKind) -> bool {
    matches!(kind, CellKind::Quoted | CellKind::QuotedEscaped)
}

/// Reads one literal or word; none where something else stands.
fn literal(bytes: &[u8], start: usize, backslash: bool) -> Result<Option<(Cell, usize)>, Odd> {
    let Some(&first) = bytes.get(start) else {
        return Err(Odd::Cut);
    };
    if matches!(first, b'\'' | b'"') {
        let escape = if backslash { b'\\' } else { first };
        let (end, kind) = quoted(bytes, start + 1, first, escape).ok_or(Odd::Cut)?;
        return Ok(Some((cell(start + 1, end, kind), end + 1)));
    }
    let word_end = word_end(bytes, start).ok_or(Odd::Cut)?;
    let word = &bytes[start..word_end];
    if word.is_empty() {
        return Ok(None);
    }
    if bytes[word_end] == b'\'' {
        let prefixed = match word {
            b"x" | b"X" => Some(CellKind::Hex),
            b"b" | b"B" => Some(CellKind::Bit),
            b"n" | b"N" => Some(CellKind::Quoted),
            _ => None,
        };
        if let Some(prefixed) = prefixed {
            let escape = if backslash { b'\\' } else { b'\'' };
            let (end, kind) = quoted(bytes, word_end + 1, b'\'', escape).ok_or(Odd::Cut)?;
            let mut found = cell(word_end + 1, end, prefixed);
            if prefixed == CellKind::Quoted {
                found.kind = kind;
                found.introducer = Introducer::UTF8;
            } else if !digits_of(prefixed, &bytes[word_end + 1..end]) {
                return Err(Odd::Malformed(word_end));
            }
            return Ok(Some((found, end + 1)));
        }
    }
    if let [b'_', name @ ..] = word
        && let Some(introducer) = Introducer::named(name)
    {
        let next = blanks(bytes, word_end)?;
        let Some((mut found, end)) = literal(bytes, next, backslash)? else {
            return Ok(None);
        };
        if !is_string(found.kind) && !matches!(found.kind, CellKind::Hex | CellKind::Bit) {
            return Ok(None);
        }
        found.introducer = introducer;
        return Ok(Some((found, end)));
    }
    let (from, kind) = match word {
        [b'0', b'x', digits @ ..] if digits_of(CellKind::Hex, digits) => (start + 2, CellKind::Hex),
        [b'0', b'b', digits @ ..] if digits_of(CellKind::Bit, digits) => (start + 2, CellKind::Bit),
        _ if word.eq_ignore_ascii_case(b"null") => (start, CellKind::Null),
        _ if word.eq_ignore_ascii_case(b"default") => (start, CellKind::Default),
        [b'@', ..] => (start, CellKind::Expression),
        _ => (start, CellKind::Bare),
    };
    Ok(Some((cell(from, word_end, kind), word_end)))
}

/// Finds the end of a run of letters, digits, `_ . + - $ @ :` and bytes outside ASCII.
fn word_end(bytes: &[u8], start: usize) -> Option<usize> {
    let is_word = |b: &u8| {
        b.is_ascii_alphanumeric()
            || *b >= 0x80
            || matches!(b, b'_' | b'.' | b'+' | b'-' | b'$' | b'@' | b':')
    };
    bytes[start..]
        .iter()
        .position(|b| !is_word(b))
        .map(|end| start + end)
}

/// Passes over white space and comments inside a row.
fn blanks(bytes: &[u8], from: usize) -> Result<usize, Odd> {
    let mut at = from;
    loop {
        match bytes.get(at) {
            None => return Err(Odd::Cut),
            Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c) => at += 1,
            Some(b'#' | b'-' | b'/' | b'*') => match lex::comment_at(bytes, at, false) {
                lex::Comment::None => return Ok(at),
                lex::Comment::Mark(len) => at += len,
                lex::Comment::Open(kind, len) => match lex::comment_end(bytes, at + len, kind) {
                    Some(end) => at = end,
                    None => return Err(Odd::Cut),
                },
                lex::Comment::Unsure => return Err(Odd::Cut),
            },
            Some(_) => return Ok(at),
        }
    }
}

/// Reads up to the `,` or `)` that ends an expression, strings and parentheses respected.
fn expression(bytes: &[u8], start: usize, backslash: bool) -> Result<(Option<Cell>, usize), Odd> {
    let mut depth = 0usize;
    let mut at = start;
    let mut end = start;
    // Whether the last thing was a string: outside parentheses only `COLLATE`, an operator or
    // another string may follow, else a quote inside a string was left unescaped.
    let mut after_string = false;
    loop {
        at = blanks(bytes, at)?;
        let Some(&byte) = bytes.get(at) else {
            return Err(Odd::Cut);
        };
        match byte {
            b',' | b')' if depth == 0 => {
                return Ok((Some(cell(start, end, CellKind::Expression)), at));
            }
            b';' | b'\\' => return Err(Odd::Malformed(at)),
            b'(' if after_string && depth == 0 => return Err(Odd::Malformed(at)),
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'\'' | b'"' | b'`' => {
                let escape = if backslash && byte != b'`' {
                    b'\\'
                } else {
                    byte
                };
                at = quoted(bytes, at + 1, byte, escape).ok_or(Odd::Cut)?.0;
                after_string = byte != b'`';
                at += 1;
                end = at;
                continue;
            }
            _ => {
                let word_end = word_end(bytes, at).ok_or(Odd::Cut)?;
                if word_end > at {
                    let word = &bytes[at..word_end];
                    if after_string && depth == 0 && !word.eq_ignore_ascii_case(b"collate") {
                        return Err(Odd::Malformed(at));
                    }
                    at = word_end - 1;
                }
            }
        }
        after_string = false;
        at += 1;
        end = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(tuple: &str) -> Vec<(String, CellKind)> {
        let mut cells = Vec::new();
        assert_eq!(
            scan_tuple(tuple.as_bytes(), 0, true, &mut cells),
            Scan::Row(tuple.len()),
            "{tuple}"
        );
        let text = |c: &Cell| {
            tuple
                .get(c.start as usize..c.end as usize)
                .expect("is text")
                .to_owned()
        };
        cells.iter().map(|c| (text(c), c.kind)).collect()
    }

    #[test]
    fn tells_every_way_of_writing_a_value() {
        use CellKind as K;
        let cases: &[(&str, &str, K)] = &[
            ("(1)", "1", K::Bare),
            ("(-1.5e+10)", "-1.5e+10", K::Bare),
            ("( 1 )", "1", K::Bare),
            ("(+1)", "+1", K::Bare),
            ("(.5)", ".5", K::Bare),
            ("(null)", "null", K::Null),
            ("(NULL)", "NULL", K::Null),
            ("( NULL)", "NULL", K::Null),
            ("(NULLIF(1,2))", "NULLIF(1,2)", K::Expression),
            ("(DEFAULT)", "DEFAULT", K::Default),
            ("(TRUE)", "TRUE", K::Bare),
            ("('')", "", K::Quoted),
            ("('''')", "''", K::QuotedEscaped),
            ("('a''b')", "a''b", K::QuotedEscaped),
            ("('a\\'b')", "a\\'b", K::QuotedEscaped),
            ("('a\\\\')", "a\\\\", K::QuotedEscaped),
            ("('a),(b')", "a),(b", K::Quoted),
            ("(\"it's\")", "it's", K::Quoted),
            ("(\"a\"\"b\")", "a\"\"b", K::QuotedEscaped),
            ("(0x00FF)", "00FF", K::Hex),
            ("(x'00ff')", "00ff", K::Hex),
            ("(X'')", "", K::Hex),
            ("(b'0101')", "0101", K::Bit),
            ("(0b01)", "01", K::Bit),
            ("(_binary 'a')", "a", K::Quoted),
            ("(_binary'a')", "a", K::Quoted),
            ("(_utf8mb4 x'41')", "41", K::Hex),
            ("(_binary 0x41)", "41", K::Hex),
            ("(N'a')", "a", K::Quoted),
            ("(now())", "now()", K::Expression),
            (
                "(concat('a,)',\"b\") )",
                "concat('a,)',\"b\")",
                K::Expression,
            ),
            ("('a' 'b')", "'a' 'b'", K::Expression),
            (
                "('a' COLLATE utf8mb4_bin)",
                "'a' COLLATE utf8mb4_bin",
                K::Expression,
            ),
            ("(/* a ' quote */ 'x' -- y)\n)", "x", K::Quoted),
            ("(/*!40000 'x' */)", "x", K::Quoted),
            ("(1 + 2)", "1 + 2", K::Expression),
            (
                "(12345678901234567890123456)",
                "12345678901234567890123456",
                K::Bare,
            ),
        ];
        for (tuple, text, kind) in cases {
            assert_eq!(cells(tuple), [((*text).to_owned(), *kind)], "{tuple}");
        }
        assert_eq!(cells("()"), []);
        assert_eq!(cells("( )"), []);
        assert_eq!(cells("(1,'a',NULL, 2 ,'b' )").len(), 5);
    }

    #[test]
    fn every_prefix_of_a_tuple_is_cut_and_never_a_row() {
        let tuple = b"(1,'a\\'b''c',NULL,_binary 'x',0x00ff, now( ) ,\"d\" , b'1',/* c */-1.5e+3)";
        for len in 0..tuple.len() {
            let scan = scan_tuple(&tuple[..len], 0, true, &mut Vec::new());
            assert_eq!(
                scan,
                Scan::Cut,
                "{}",
                String::from_utf8_lossy(&tuple[..len])
            );
        }
    }

    #[test]
    fn an_unescaped_quote_is_noticed_where_it_stands() {
        for tuple in [
            "('O'Brien',5)",
            "('x' y',5),('z',1)",
            "(1,,2)",
            "(,1)",
            "(1,)",
            "('a';)",
            "(0xZZ,1)",
        ] {
            let scan = scan_tuple(tuple.as_bytes(), 0, true, &mut Vec::new());
            assert!(matches!(scan, Scan::Malformed(_)), "{tuple}: {scan:?}");
        }
    }
}
