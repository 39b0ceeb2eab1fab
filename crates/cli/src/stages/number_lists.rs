//! Telephone numbers as people of the case's first home region write them.

use anyhow::Context as _;
use camino::Utf8Path;
use unspoof_evidence::CaseFolder;
use unspoof_numbers::{Context, PhoneNumber, Reader};

use crate::fail::Refusal;

/// Reads numbers of the case's first home region.
pub(crate) fn reader_of(case: &CaseFolder) -> Reader {
    Reader::new(Context {
        default_region: case.config().home_regions.first().copied(),
        ..Context::default()
    })
}

/// The number that a text is, if it is one.
pub(crate) fn number_in(reader: &mut Reader, text: &str) -> Option<PhoneNumber> {
    let readings = reader.readings(text.as_bytes());
    readings.iter().find_map(|reading| reading.number)
}

/// Reads a list of one number a line; empty lines and those that begin with `#` do not count.
pub(crate) fn read_numbers(case: &CaseFolder, file: &Utf8Path) -> anyhow::Result<Vec<PhoneNumber>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?;
    let mut reader = reader_of(case);
    let lines = text.lines().map(str::trim).zip(1..);
    lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, at)| {
            number_in(&mut reader, line).ok_or_else(|| {
                let text = format!("line {at} of `{file}` is no telephone number");
                Refusal::new("campaign/numbers", text).into()
            })
        })
        .collect()
}
