//! Whole columns at once: Arrow string arrays in, keys, statuses, regions and kinds out.

use std::num::NonZero;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, UInt8Builder, UInt16Builder};
use arrow_array::types::{UInt8Type, UInt16Type};
use arrow_array::{Array, DictionaryArray, Int64Array, StringArray, UInt8Array, UInt16Array};

use crate::{Context, NumberType, Reader, Reading, Status};

/// What each value of a column was read as; all arrays are as long as the column.
///
/// Words are dictionary-encoded: what is asked of a word is asked once a word.
#[derive(Clone, PartialEq, Debug)]
pub struct Columns {
    /// The number as an integer ([`PhoneNumber::key`](crate::PhoneNumber::key)); null where there
    /// is none.
    pub keys: Int64Array,
    /// [`Status`] as its word; never null. A null value is `missing`.
    pub statuses: DictionaryArray<UInt8Type>,
    /// The number's region; null where it has none.
    pub regions: DictionaryArray<UInt16Type>,
    /// The kind of line; null where it is not known.
    pub kinds: DictionaryArray<UInt8Type>,
}

/// Values below which a further thread costs more than it gives.
const LEAST_A_THREAD: usize = 16_384;

/// Reads a column, on as many threads as the machine has cores.
#[must_use]
pub fn read_column(context: &Context, raw: &StringArray) -> Columns {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    read_column_on(context, raw, cores)
}

/// Reads a column on at most `threads` threads. How many never shows in the result.
#[must_use]
pub fn read_column_on(context: &Context, raw: &StringArray, threads: usize) -> Columns {
    let rows = raw.len();
    let threads = threads.clamp(1, rows.div_ceil(LEAST_A_THREAD).max(1));
    let a_thread = rows.div_ceil(threads).max(1);
    let starts: Vec<usize> = (0..rows).step_by(a_thread).collect();
    let part = |start: usize| raw.slice(start, a_thread.min(rows - start));
    let read: Vec<Vec<Reading>> = std::thread::scope(|scope| {
        let others: Vec<_> = starts
            .iter()
            .skip(1)
            .map(|&start| {
                let part = part(start);
                scope.spawn(move || read_all(context, &part))
            })
            .collect();
        let first = starts.first().map(|&start| read_all(context, &part(start)));
        let others = others.into_iter().map(|thread| {
            let joined = thread.join();
            joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        first.into_iter().chain(others).collect()
    });
    columns(rows, read.iter().flatten())
}

fn read_all(context: &Context, raw: &StringArray) -> Vec<Reading> {
    let mut reader = Reader::new(context.clone());
    raw.iter()
        .map(|text| reader.read(text.unwrap_or_default().as_bytes()))
        .collect()
}

fn columns<'a>(rows: usize, readings: impl Iterator<Item = &'a Reading>) -> Columns {
    let mut keys = Int64Builder::with_capacity(rows);
    let mut statuses = Vec::with_capacity(rows);
    let mut regions = UInt16Builder::with_capacity(rows);
    let mut kinds = UInt8Builder::with_capacity(rows);
    // Regions in the order of their letters' places, so that the dictionary never depends on which
    // came first.
    let mut region_codes = vec![None; REGION_PLACES];
    let mut seen = Vec::new();
    let readings: Vec<&Reading> = readings.collect();
    for reading in &readings {
        if let Some(region) = reading.region {
            let place = region_place(region.as_str());
            if region_codes[place].is_none() {
                region_codes[place] = Some(0_u16);
                seen.push(region);
            }
        }
    }
    seen.sort_unstable();
    for (code, region) in (0..).zip(&seen) {
        region_codes[region_place(region.as_str())] = Some(code);
    }
    for reading in readings {
        let key = reading
            .number
            .map(|number| i64::try_from(number.key()).expect("a key has eighteen digits at most"));
        keys.append_option(key);
        statuses.push(place_of(&Status::ALL, reading.status));
        let region = reading
            .region
            .and_then(|r| region_codes[region_place(r.as_str())]);
        regions.append_option(region);
        kinds.append_option(reading.kind.map(|kind| place_of(&NumberType::ALL, kind)));
    }
    let words = |words: Vec<&str>| Arc::new(StringArray::from(words));
    let status_words = words(Status::ALL.iter().map(|status| status.as_str()).collect());
    let kind_words = words(NumberType::ALL.iter().map(|kind| kind.as_str()).collect());
    let region_words = words(seen.iter().map(|region| region.as_str()).collect());
    Columns {
        keys: keys.finish(),
        statuses: DictionaryArray::new(UInt8Array::from(statuses), status_words),
        regions: DictionaryArray::new(to_array(regions), region_words),
        kinds: DictionaryArray::new(kinds.finish(), kind_words),
    }
}

fn to_array(mut codes: UInt16Builder) -> UInt16Array {
    codes.finish()
}

fn place_of<T: PartialEq>(all: &[T], one: T) -> u8 {
    let place = all.iter().position(|known| *known == one);
    place
        .and_then(|place| u8::try_from(place).ok())
        .expect("`ALL` has all, and few")
}

/// Two letters, and one place for numbers of no country.
const REGION_PLACES: usize = 26 * 26 + 1;

fn region_place(region: &str) -> usize {
    match region.as_bytes() {
        [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => usize::from(a - b'A') * 26 + usize::from(b - b'A'),
        _ => REGION_PLACES - 1,
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::ArrayAccessor;

    use super::*;

    fn context() -> Context {
        Context {
            default_region: "GB".parse().ok(),
            ..Context::default()
        }
    }

    #[test]
    fn a_column_is_read_as_its_values_are() {
        let texts = [
            Some("+44 20 7946 0123"),
            None,
            Some("anonymous"),
            Some("+1 202 555 0143"),
            Some("07700 900123"),
            Some("12345"),
            Some("+800 1234 5678"),
            Some("Revenue"),
            Some(""),
        ];
        let raw: StringArray = texts.iter().copied().cycle().take(50_000).collect();
        let columns = read_column_on(&context(), &raw, 3);
        let statuses = columns
            .statuses
            .downcast_dict::<StringArray>()
            .expect("words");
        let regions = columns
            .regions
            .downcast_dict::<StringArray>()
            .expect("words");
        let kinds = columns.kinds.downcast_dict::<StringArray>().expect("words");
        let mut reader = Reader::new(context());
        for (row, text) in raw.iter().enumerate() {
            let read = reader.read(text.unwrap_or_default().as_bytes());
            let key = columns
                .keys
                .is_valid(row)
                .then(|| columns.keys.value(row) as u64);
            assert_eq!(key, read.number.map(crate::PhoneNumber::key));
            assert_eq!(statuses.value(row), read.status.as_str());
            let region = columns.regions.is_valid(row).then(|| regions.value(row));
            assert_eq!(region, read.region.as_ref().map(|region| region.as_str()));
            let kind = columns.kinds.is_valid(row).then(|| kinds.value(row));
            assert_eq!(kind, read.kind.map(NumberType::as_str));
        }
    }

    #[test]
    fn threads_never_show() {
        let raw: StringArray = (0..60_000)
            .map(|n| Some(format!("+44 7700 900{:03}", n % 1000)))
            .collect();
        let one = read_column_on(&context(), &raw, 1);
        for threads in [2, 3, 7, 64] {
            assert!(
                read_column_on(&context(), &raw, threads) == one,
                "{threads} threads"
            );
        }
        assert!(read_column(&context(), &raw) == one);
        let none = read_column(&context(), &StringArray::from(Vec::<&str>::new()));
        assert_eq!(none.keys.len(), 0);
    }
}
