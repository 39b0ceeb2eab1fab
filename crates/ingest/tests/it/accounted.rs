//! What holds for all input, whatever it is: nothing is lost, places are true, and nothing depends
//! on how the bytes arrive. The fuzz targets call these too.

use unspoof_ingest::block::ReadOptions;
use unspoof_ingest::delimited::Dialect;
use unspoof_ingest::sniff::{Sniffed, sniff};

use crate::seen::{self, Pieces, Seen, narrow};

/// All but the blocks, whose edges may depend on the size of a page.
fn without_blocks(mut seen: Seen) -> Seen {
    seen.blocks.clear();
    for row in &mut seen.rows {
        row.span.first_cell = 0;
    }
    for reject in &mut seen.rejects {
        (reject.span.first_cell, reject.span.cells) = (0, 0);
    }
    seen
}

/// Reads a dump in pieces of these sizes, by pages of several sizes, and whole.
pub(crate) fn dump(text: &[u8], sizes: &[usize]) {
    for page_bytes in [16, 61, 4096] {
        let options = narrow(page_bytes);
        let whole = seen::dump_with(text, options);
        let pieces = Pieces {
            bytes: text,
            sizes: sizes.to_vec(),
            turn: 0,
        };
        assert_eq!(
            whole,
            seen::dump_from(text, pieces, options),
            "pieces make no difference"
        );
        let paged = without_blocks(seen::dump_with(text, narrow(page_bytes + 1)));
        assert_eq!(without_blocks(whole), paged, "pages make no difference");
    }
    seen::dump(text);
}

/// Reads delimited text likewise.
pub(crate) fn delimited(text: &[u8], dialect: Dialect, sizes: &[usize]) {
    for page_bytes in [16, 61, 4096] {
        let options = narrow(page_bytes);
        let whole = seen::csv_with(text, dialect, options);
        let pieces = Pieces {
            bytes: text,
            sizes: sizes.to_vec(),
            turn: 0,
        };
        let found = seen::csv_from(text, pieces, dialect, options);
        assert_eq!(whole, found, "pieces make no difference");
        let paged = without_blocks(seen::csv_with(text, dialect, narrow(page_bytes + 1)));
        assert_eq!(without_blocks(whole), paged, "pages make no difference");
    }
    seen::csv_with(text, dialect, ReadOptions::default());
}

/// Sniffs, and reads by what was found.
pub(crate) fn sniffed(text: &[u8]) {
    match sniff(text) {
        Sniffed::SqlDump { .. } => {
            seen::dump(text);
        }
        Sniffed::Delimited(dialect) => {
            seen::csv_with(text, dialect, ReadOptions::default());
        }
        Sniffed::Unknown { looks_like } => assert!(!looks_like.is_empty()),
    }
}

/// Makes a dialect and sizes of pieces from two bytes, and gives the rest.
pub(crate) fn choices(input: &[u8]) -> (Dialect, [usize; 2], &[u8]) {
    let (head, text) = input.split_at(input.len().min(2));
    let first = head.first().copied().unwrap_or(0);
    let second = head.get(1).copied().unwrap_or(0);
    let dialect = Dialect {
        delimiter: [b',', b';', b'\t', b'|'][usize::from(first & 3)],
        quote: [Some(b'"'), Some(b'\''), None, Some(b'"')][usize::from(first >> 2 & 3)],
        escape: (first & 16 != 0).then_some(b'\\'),
        header: first & 32 != 0,
        spaced: first & 64 != 0,
        preamble_lines: usize::from(first >> 7),
    };
    (
        dialect,
        [
            usize::from(second & 15) + 1,
            usize::from(second >> 4) * 3 + 1,
        ],
        text,
    )
}
