//! Rows that could not be used, as rows of their own.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use unspoof_model::schema::{self, Table};

use crate::charset::Charset;
use crate::fill::{FillContext, Refused};
use crate::pipeline::Slice;

/// Most bytes of a row that a reject shows; the rest is found by its place.
const SHOWN_BYTES: usize = 4096;

pub(crate) fn table() -> &'static Table {
    schema::table("rejects").expect("the schema has it")
}

/// Makes the batch of one part's rejects.
pub(crate) fn batch(
    context: &FillContext<'_>,
    from: &str,
    refused: &[(Refused, &Slice)],
) -> RecordBatch {
    let text = |of: &dyn Fn(&(Refused, &Slice)) -> Option<String>| -> ArrayRef {
        Arc::new(refused.iter().map(of).collect::<StringArray>())
    };
    let spans = || refused.iter().map(|(refused, _)| refused.row);
    let columns: Vec<ArrayRef> = vec![
        text(&|_| Some(from.to_owned())),
        text(&|(refused, _)| Some(refused.code.to_owned())),
        text(&|(refused, _)| Some(refused.detail.clone())),
        text(&|(refused, slice)| shown(refused, slice)),
        text(&|_| Some(context.source.to_owned())),
        text(&|_| Some(context.exhibit.to_owned())),
        Arc::new(UInt32Array::from_iter_values(spans().map(|row| row.stream))),
        Arc::new(UInt64Array::from_iter_values(
            spans().map(|row| row.byte_offset),
        )),
        Arc::new(UInt32Array::from_iter_values(
            spans().map(|row| row.byte_len),
        )),
        Arc::new(UInt64Array::from_iter_values(spans().map(|row| row.row_no))),
    ];
    RecordBatch::try_new(table().arrow(), columns).expect("columns stand in the schema's order")
}

/// Shows a row as written. Where secrets may be in it and cells cannot be told apart, nothing is
/// shown: its place is enough to find it.
fn shown(refused: &Refused, slice: &Slice) -> Option<String> {
    let (plan, block) = (&slice.plan, &slice.block);
    let mut buffer = String::new();
    if plan.withheld.is_empty() {
        let bytes = block.row_bytes(&refused.row)?;
        let bytes = bytes.get(..SHOWN_BYTES).unwrap_or(bytes);
        return Some(Charset::Utf8.text(bytes, &mut buffer).to_owned());
    }
    let cells = block.row_cells(&refused.row);
    if cells.len() <= plan.withheld.iter().copied().max().unwrap_or(0)
        || refused.code.ends_with("/column-count")
    {
        return None;
    }
    let shown = cells.iter().enumerate().map(|(index, cell)| {
        if plan.withheld.contains(&index) {
            return "[withheld]".to_owned();
        }
        let bytes = block.raw(cell);
        Charset::Utf8
            .text(bytes.get(..200).unwrap_or(bytes), &mut buffer)
            .to_owned()
    });
    Some(shown.collect::<Vec<_>>().join(","))
}
