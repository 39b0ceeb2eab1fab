//! `derived/duplicates.parquet`: a row that is left out, with the one that counts in its stead.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use camino::Utf8Path;

use super::{LeftOuts, Numbered};
use crate::AnalysisError;
use crate::accounts::{PLACE_COLUMNS, Place, Places};
use crate::ordered::in_order;
use crate::parts::read_part;
use crate::write::TableWriter;

fn duplicates_schema() -> SchemaRef {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        field("table", DataType::Utf8),
        field("reason", DataType::Utf8),
        field("exhibit", DataType::Utf8),
        field("stream", DataType::UInt32),
        field("byte_offset", DataType::UInt64),
        field("byte_len", DataType::UInt32),
        field("counted_exhibit", DataType::Utf8),
        field("counted_stream", DataType::UInt32),
        field("counted_byte_offset", DataType::UInt64),
        field("counted_byte_len", DataType::UInt32),
    ]))
}

/// Writes the rows that are left out, each with the one that counts; gives their places.
pub(crate) fn write_duplicates<'a>(
    tables: impl IntoIterator<Item = (&'static str, &'a Numbered<'a>, &'a LeftOuts)>,
    path: &Utf8Path,
    workers: usize,
) -> Result<Vec<Place>, AnalysisError> {
    let schema = duplicates_schema();
    let mut writer = TableWriter::create(path, schema.clone())?;
    let mut all = Vec::new();
    for (name, numbered, left_out) in tables {
        let left_out: Vec<_> = left_out.iter().copied().collect();
        let wanted = left_out.iter().flat_map(|l| [l.row, l.counted]);
        let places = places_of(numbered, wanted.collect(), workers)?;
        for chunk in left_out.chunks(65_536) {
            let place = |row| &places[places.partition_point(|(at, _)| *at < row)].1;
            let pairs: Vec<(&Place, &Place)> = chunk
                .iter()
                .map(|l| (place(l.row), place(l.counted)))
                .collect();
            let mut columns: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values(chunk.iter().map(|_| name))),
                Arc::new(StringArray::from_iter_values(
                    chunk.iter().map(|l| l.reason.as_str()),
                )),
            ];
            columns.extend(place_columns(pairs.iter().map(|(row, _)| *row)));
            columns.extend(place_columns(pairs.iter().map(|(_, counted)| *counted)));
            let batch = RecordBatch::try_new(schema.clone(), columns)
                .map_err(|e| AnalysisError::write(path, e))?;
            writer.write(batch)?;
            all.extend(pairs.into_iter().map(|(row, _)| row.clone()));
        }
    }
    writer.finish()?;
    Ok(all)
}

fn place_columns<'a>(places: impl Iterator<Item = &'a Place> + Clone) -> [ArrayRef; 4] {
    [
        Arc::new(StringArray::from_iter_values(
            places.clone().map(|p| &*p.exhibit),
        )),
        Arc::new(UInt32Array::from_iter_values(
            places.clone().map(|p| p.stream),
        )),
        Arc::new(UInt64Array::from_iter_values(
            places.clone().map(|p| p.byte_offset),
        )),
        Arc::new(UInt32Array::from_iter_values(places.map(|p| p.byte_len))),
    ]
}

/// Looks the places of rows up by their ordinals; gives them sorted by ordinal.
fn places_of(
    numbered: &Numbered<'_>,
    mut wanted: Vec<u32>,
    workers: usize,
) -> Result<Vec<(u32, Place)>, AnalysisError> {
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = Vec::with_capacity(wanted.len());
    let of_part = |index: usize| {
        let (part, first) = numbered.parts[index];
        let next = numbered.parts.get(index + 1);
        let from = wanted.partition_point(|row| *row < first);
        let until = next.map_or(wanted.len(), |(_, next)| {
            wanted.partition_point(|row| row < next)
        });
        if from == until {
            return Ok(Vec::new());
        }
        let columns = read_part(&part.path, &PLACE_COLUMNS)?;
        let places = Places::of(part, &columns)?;
        let rows = wanted[from..until].iter();
        Ok(rows
            .map(|&row| (row, places.at((row - first) as usize)))
            .collect())
    };
    in_order(numbered.parts.len(), workers, of_part, |_, places| {
        found.extend(places);
        Ok(())
    })?;
    Ok(found)
}
