//! Which source a file comes from, told by its content.

use unspoof_model::Zone;
use unspoof_model::mapping::{Look, Mapping, Match};

use crate::block::{Block, RowSpan, TableDef};

/// A source as a case declares it, ready to read by.
#[derive(Clone, Debug)]
pub struct SourceSetup {
    /// Name that stands in every row.
    pub name: String,
    /// Its mapping.
    pub mapping: Mapping,
    /// Zone of its local times, if one is given.
    pub zone: Option<Zone>,
    /// Seconds that its clock ran ahead; taken off every instant.
    pub clock_offset_s: i64,
    /// Exhibits that are this source's whatever else would match.
    pub exhibits: Vec<String>,
}

/// Narrows sources to those that an exhibit can come from, before anything of it was read.
pub(crate) fn candidates<'a>(sources: &'a [SourceSetup], exhibit: &str) -> Vec<&'a SourceSetup> {
    let named = |source: &&SourceSetup| source.exhibits.iter().any(|name| name == exhibit);
    let declared: Vec<&SourceSetup> = sources.iter().filter(named).collect();
    if declared.is_empty() {
        sources.iter().collect()
    } else {
        declared
    }
}

/// Returns whether a mapping of a dump has a use for this table.
pub(crate) fn wants_table(mapping: &Mapping, def: &TableDef) -> bool {
    matches!(mapping.matches, Match::SqlDump { .. })
        && mapping
            .tables
            .iter()
            .any(|table| table.from.as_deref() == Some(def.name.as_str()))
}

/// Returns whether a mapping's header is in a file's first record.
pub(crate) fn fits_header(mapping: &Mapping, names: &[String]) -> bool {
    match &mapping.matches {
        Match::Csv { header, .. } => {
            let found =
                |wanted: &String| names.iter().any(|n| n.trim().eq_ignore_ascii_case(wanted));
            !header.is_empty() && header.iter().all(found)
        }
        Match::SqlDump { .. } => false,
    }
}

/// Returns whether a mapping of files without a header fits what the first rows look like.
pub(crate) fn fits_rows(mapping: &Mapping, block: &Block) -> bool {
    let Match::Csv {
        header,
        columns: Some((least, most)),
        looks,
    } = &mapping.matches
    else {
        return false;
    };
    if !header.is_empty() || block.rows.is_empty() {
        return false;
    }
    let looked_at = block.rows.iter().take(100);
    let fits = |row: &&RowSpan| {
        let cells = block.row_cells(row);
        (*least..=*most).contains(&cells.len())
            && looks.iter().all(|(column, look)| {
                let index = column
                    .strip_prefix('#')
                    .and_then(|n| n.parse::<usize>().ok());
                let cell = index
                    .and_then(|n| n.checked_sub(1))
                    .and_then(|n| cells.get(n));
                cell.is_some_and(|cell| looks_like(*look, block.raw(cell)))
            })
    };
    // A dirty row or two among the first must not hide what a file is.
    let seen = looked_at.clone().count();
    looked_at.filter(fits).count() * 10 >= seen * 9
}

pub(crate) fn looks_like(look: Look, text: &[u8]) -> bool {
    match look {
        Look::Datetime => {
            let shape = |(index, byte): (usize, &u8)| match index {
                4 | 7 => *byte == b'-',
                10 => matches!(byte, b' ' | b'T'),
                13 | 16 => *byte == b':',
                _ => byte.is_ascii_digit(),
            };
            text.is_empty() || (text.len() >= 19 && text.iter().take(19).enumerate().all(shape))
        }
        Look::Integer => !text.is_empty() && text.iter().all(u8::is_ascii_digit),
        Look::Word => {
            !text.is_empty()
                && text
                    .iter()
                    .all(|b| b.is_ascii_uppercase() || matches!(b, b' ' | b'_'))
        }
    }
}
