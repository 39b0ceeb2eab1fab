//! Tables in tests: those of the program, or of other metadata in the thread that asks for them.

use std::cell::Cell;

use super::{AREAS, Area, CODES, LEAVES, ROWS};

/// Tables of other metadata.
#[derive(Clone, Copy)]
pub(crate) struct Tables {
    rows: &'static [u16],
    leaves: &'static [u16],
    codes: &'static [u16],
    areas: &'static [Area],
}

thread_local! {
    static TABLES: Cell<Tables> = const {
        Cell::new(Tables { rows: &ROWS, leaves: &LEAVES, codes: &CODES, areas: &AREAS })
    };
}

pub(super) fn rows() -> &'static [u16] {
    TABLES.get().rows
}

pub(super) fn leaves() -> &'static [u16] {
    TABLES.get().leaves
}

pub(super) fn codes() -> &'static [u16] {
    TABLES.get().codes
}

pub(super) fn areas() -> &'static [Area] {
    TABLES.get().areas
}

impl Tables {
    /// Reads what `make_tables` makes. The memory is never given back.
    pub(crate) fn of(words: Vec<u16>, source: &str) -> Self {
        let words = words.leak();
        let size = |name: &str| -> usize {
            let line = source.lines().find(|line| line.contains(name));
            let value = line.and_then(|line| line.split_once("= "));
            let digits = value.map(|(_, value)| value.trim_end_matches(';'));
            digits
                .and_then(|digits| digits.parse().ok())
                .expect("the source gives its sizes")
        };
        let (rows, rest) = words.split_at(size("ROW_WORDS: usize"));
        let (leaves, codes) = rest.split_at(size("LEAF_WORDS: usize"));
        let areas: Vec<Area> = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Area { "))
            .map(area)
            .collect();
        Self {
            rows,
            leaves,
            codes,
            areas: areas.leak(),
        }
    }

    /// Answers from these from now on, in this thread.
    pub(crate) fn put(self) {
        TABLES.set(self);
    }
}

/// Reads a line of the areas' source.
fn area(line: &str) -> Area {
    let value = |name: &str| {
        let (_, rest) = line
            .split_once(&format!("{name}: "))
            .expect("all fields stand on the line");
        let end = rest
            .find(", ")
            .or_else(|| rest.find(" }"))
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    };
    let number = |name: &str| -> u32 {
        let text = value(name);
        match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => text.parse(),
        }
        .expect("a number")
    };
    let (_, inserted) = line.split_once("inserted: &[").expect("it is last");
    let inserted: Vec<u8> = inserted
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| digit - b'0')
        .collect();
    Area {
        id: value("id").trim_matches('"').to_owned().leak(),
        code: u16::try_from(number(" code")).expect("a calling code"),
        main: u8::try_from(number("main")).expect("a place"),
        lengths: number(", lengths"),
        local_lengths: number("local_lengths"),
        plan: number("plan"),
        general: number("general"),
        international: number("international"),
        national: number(" national"),
        inserted: inserted.leak(),
    }
}
