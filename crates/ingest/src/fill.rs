//! Located cells to columns: each of our columns is filled over all rows of a block in one go.

use std::sync::Arc;

use arrow_array::builder::{
    Decimal128Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{
    Array, ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
    new_null_array,
};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer};
use unspoof_model::schema::DECIMAL;
use unspoof_model::{Decimal, Rates, TimeStatus};
use unspoof_numbers::{NumberType, PhoneNumber, Reader, Status};

use crate::block::{Block, CellKind, RowSpan, Value};
use crate::charset::Charset;
use crate::plan::{Fill, From, TablePlan};

/// What stays the same for all rows of a source.
pub(crate) struct FillContext<'a> {
    pub(crate) source: &'a str,
    pub(crate) exhibit: &'a str,
    pub(crate) clock_offset_s: i64,
    pub(crate) rates: &'a Rates,
    pub(crate) value_currency: &'a str,
    /// True for delimited text, where an empty cell is how nothing is written.
    pub(crate) empty_is_null: bool,
}

/// A row that the mapping could not use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refused {
    pub(crate) row: RowSpan,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

/// Splits rows into those that the mapping can use and those that it cannot.
pub(crate) fn sift(
    plan: &TablePlan,
    block: &Block,
    rows: &[RowSpan],
    charset: Charset,
) -> (Vec<RowSpan>, Vec<Refused>) {
    let strict: Vec<_> = plan
        .fills
        .iter()
        .filter_map(|fill| match fill {
            Fill::Words {
                column,
                cell,
                values,
                otherwise: None,
                ..
            } => Some((column, cell, values)),
            Fill::Words { .. }
            | Fill::Text { .. }
            | Fill::Int { .. }
            | Fill::Time { .. }
            | Fill::Number { .. }
            | Fill::Duration { .. }
            | Fill::Money { .. }
            | Fill::Value { .. }
            | Fill::Loss { .. } => None,
        })
        .collect();
    if strict.is_empty() {
        return (rows.to_vec(), Vec::new());
    }
    let (mut kept, mut refused) = (Vec::with_capacity(rows.len()), Vec::new());
    let (mut scratch, mut buffer) = (Vec::new(), String::new());
    'rows: for row in rows {
        for &(column, cell, values) in &strict {
            let Some(word) = cell_bytes(block, row, *cell, &mut scratch) else {
                continue;
            };
            if !values.iter().any(|(theirs, _)| theirs == word) {
                let word = charset.text(word, &mut buffer);
                let detail = format!("`{column}` has no meaning for `{}`", clipped(word));
                refused.push(Refused {
                    row: *row,
                    code: "row/unknown-word",
                    detail,
                });
                continue 'rows;
            }
        }
        kept.push(*row);
    }
    (kept, refused)
}

fn clipped(text: &str) -> String {
    text.chars().take(60).collect()
}

fn cell_bytes<'a>(
    block: &'a Block,
    row: &RowSpan,
    index: usize,
    scratch: &'a mut Vec<u8>,
) -> Option<&'a [u8]> {
    let cell = block.row_cells(row).get(index)?;
    match cell.kind {
        CellKind::Bare | CellKind::Quoted => Some(block.raw(cell)),
        CellKind::Null | CellKind::Default => None,
        CellKind::BareEscaped
        | CellKind::QuotedEscaped
        | CellKind::Hex
        | CellKind::Bit
        | CellKind::Expression => match block.value(cell, scratch) {
            Value::Null | Value::Default => None,
            Value::Bare(bytes)
            | Value::Text(bytes)
            | Value::Bytes(bytes)
            | Value::Expression(bytes) => Some(bytes),
        },
    }
}

/// A text column that is made of bytes and looked through once, when it is whole: to look through
/// every short value by itself costs more than to write it.
struct TextColumn {
    values: Vec<u8>,
    offsets: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl TextColumn {
    fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            values: Vec::with_capacity(rows * 16),
            offsets,
            nulls: NullBufferBuilder::new(rows),
        }
    }

    fn append(&mut self, text: &[u8]) {
        self.values.extend_from_slice(text);
        self.nulls.append_non_null();
        self.end();
    }

    fn append_null(&mut self) {
        self.nulls.append_null();
        self.end();
    }

    fn end(&mut self) {
        let end = i32::try_from(self.values.len()).expect("a block is far below 2 GiB");
        self.offsets.push(end);
    }

    fn finish(mut self) -> ArrayRef {
        let offsets = OffsetBuffer::new(self.offsets.into());
        let text = StringArray::try_new(offsets, self.values.into(), self.nulls.finish());
        Arc::new(text.expect("each value was text"))
    }
}

/// Fills one table's columns from the rows of one block.
pub(crate) struct Filler<'a> {
    pub(crate) context: &'a FillContext<'a>,
    pub(crate) plan: &'a TablePlan,
    pub(crate) charset: Charset,
    pub(crate) numbers: &'a mut Reader,
}

impl Filler<'_> {
    /// Makes a batch of the target's schema, one row a row, in the rows' order.
    pub(crate) fn fill(&mut self, block: &Block, rows: &[RowSpan]) -> RecordBatch {
        let schema = self.plan.target.arrow();
        let mut columns: Vec<Option<ArrayRef>> = vec![None; self.plan.target.columns.len()];
        for fill in &self.plan.fills {
            self.one(fill, block, rows, &mut columns);
        }
        let own = columns
            .into_iter()
            .zip(schema.fields())
            .map(|(column, field)| {
                column.unwrap_or_else(|| new_null_array(field.data_type(), rows.len()))
            });
        let repeated = |text: &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
                text,
                rows.len(),
            )))
        };
        let count = |of: fn(&RowSpan) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(of)))
        };
        let small = |of: fn(&RowSpan) -> u32| -> ArrayRef {
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(of)))
        };
        let provenance = [
            repeated(self.context.source),
            repeated(self.context.exhibit),
            small(|row| row.stream),
            count(|row| row.byte_offset),
            small(|row| row.byte_len),
            count(|row| row.row_no),
        ];
        RecordBatch::try_new(schema.clone(), own.chain(provenance).collect())
            .expect("each column was made by its type in the schema")
    }

    fn one(&mut self, fill: &Fill, block: &Block, rows: &[RowSpan], out: &mut [Option<ArrayRef>]) {
        match fill {
            Fill::Text { out: place, from } => out[*place] = Some(self.text(from, block, rows)),
            Fill::Words {
                out: place,
                cell,
                values,
                otherwise,
                ..
            } => {
                out[*place] = Some(words(block, rows, *cell, values, otherwise.as_deref()));
            }
            Fill::Int { out: place, from } => {
                let mut built = Int64Builder::with_capacity(rows.len());
                self.each(from, block, rows, |text| {
                    built.append_option(text.and_then(integer))
                });
                out[*place] = Some(Arc::new(built.finish()));
            }
            Fill::Time {
                raw,
                utc,
                to,
                status,
                from,
                format,
                zone,
            } => {
                let mut from_built = TimestampMicrosecondBuilder::with_capacity(rows.len());
                let mut to_built = TimestampMicrosecondBuilder::with_capacity(rows.len());
                let mut statuses = StringBuilder::with_capacity(rows.len(), rows.len() * 2);
                let offset_s = self.context.clock_offset_s;
                self.each(from, block, rows, |text| {
                    let when = match text {
                        Some(text) => format.read(text, zone, offset_s),
                        None => crate::when::When::without(TimeStatus::Missing),
                    };
                    from_built.append_option(when.from);
                    if to.is_some() {
                        to_built.append_option(when.to);
                    }
                    statuses.append_value(when.status.as_str());
                });
                out[*raw] = Some(self.text(from, block, rows));
                out[*utc] = Some(Arc::new(from_built.finish().with_timezone("UTC")));
                if let Some(to) = to {
                    out[*to] = Some(Arc::new(to_built.finish().with_timezone("UTC")));
                }
                out[*status] = Some(Arc::new(statuses.finish()));
            }
            Fill::Number { raw, from } => self.number(*raw, from, block, rows, out),
            Fill::Duration {
                raw,
                seconds,
                kind,
                from,
                means,
            } => {
                let mut built = Int64Builder::with_capacity(rows.len());
                self.each(from, block, rows, |text| {
                    built.append_option(text.and_then(integer).filter(|seconds| *seconds >= 0));
                });
                out[*raw] = Some(self.text(from, block, rows));
                out[*seconds] = Some(Arc::new(built.finish()));
                let means = std::iter::repeat_n(means.as_str(), rows.len());
                out[*kind] = Some(Arc::new(StringArray::from_iter_values(means)));
            }
            Fill::Money { raw, amount, from } => {
                let mut built = Decimal128Builder::with_capacity(rows.len());
                self.each(from, block, rows, |text| {
                    built.append_option(text.and_then(decimal).and_then(Decimal::table_units));
                });
                let built = built
                    .finish()
                    .with_precision_and_scale(DECIMAL.0, DECIMAL.1);
                out[*raw] = Some(self.text(from, block, rows));
                out[*amount] = Some(Arc::new(built.expect("the scale is below the precision")));
            }
            Fill::Value {
                minor,
                currency,
                status,
                amount,
                at,
                in_currency,
            } => {
                let at = at.and_then(|at| out[at].clone());
                let (value, statuses) = self.value(amount, at, in_currency, block, rows);
                let valued = value.iter().map(|v| v.map(|_| self.context.value_currency));
                out[*currency] = Some(Arc::new(valued.collect::<StringArray>()));
                out[*minor] = Some(Arc::new(value));
                out[*status] = Some(Arc::new(statuses));
            }
            Fill::Loss {
                raw,
                minor,
                currency,
                from,
                in_currency,
            } => {
                let mut built = Int64Builder::with_capacity(rows.len());
                let mut currencies = StringBuilder::with_capacity(rows.len(), rows.len() * 3);
                self.each(from, block, rows, |text| {
                    let amount = text.and_then(decimal).and_then(|amount| amount.to_minor(2));
                    built.append_option(amount);
                    let named = in_currency
                        .as_deref()
                        .or_else(|| text.and_then(sign_currency));
                    currencies.append_option(amount.and(named));
                });
                out[*raw] = Some(self.text(from, block, rows));
                out[*minor] = Some(Arc::new(built.finish()));
                out[*currency] = Some(Arc::new(currencies.finish()));
            }
        }
    }

    /// Calls `take` for each row's bytes, in order; None for null.
    fn each(
        &self,
        from: &From,
        block: &Block,
        rows: &[RowSpan],
        mut take: impl FnMut(Option<&[u8]>),
    ) {
        let mut scratch = Vec::new();
        match from {
            From::Cell(index) => {
                for row in rows {
                    let bytes = cell_bytes(block, row, *index, &mut scratch);
                    take(bytes.filter(|b| !(self.context.empty_is_null && b.is_empty())));
                }
            }
            From::Constant(text) => rows.iter().for_each(|_| take(Some(text.as_bytes()))),
            From::Nowhere => rows.iter().for_each(|_| take(None)),
        }
    }

    fn text(&self, from: &From, block: &Block, rows: &[RowSpan]) -> ArrayRef {
        let mut buffer = String::new();
        let mut built = TextColumn::with_capacity(rows.len());
        self.each(from, block, rows, |bytes| match bytes {
            Some(bytes) if bytes.is_ascii() => built.append(bytes),
            Some(bytes) => built.append(self.charset.text(bytes, &mut buffer).as_bytes()),
            None => built.append_null(),
        });
        built.finish()
    }

    /// `raw`, then `_e164`, `_status`, `_region`, `_type` and `_readings`, which follow it in every
    /// table.
    fn number(
        &mut self,
        raw: usize,
        from: &From,
        block: &Block,
        rows: &[RowSpan],
        out: &mut [Option<ArrayRef>],
    ) {
        let mut keys = Int64Builder::with_capacity(rows.len());
        let mut statuses = StringBuilder::with_capacity(rows.len(), rows.len() * 6);
        let mut regions = StringBuilder::with_capacity(rows.len(), rows.len() * 2);
        let mut kinds = StringBuilder::with_capacity(rows.len(), rows.len() * 8);
        let mut readings = StringBuilder::with_capacity(rows.len(), 0);
        let raw_text = self.text(from, block, rows);
        let mut scratch = Vec::new();
        for row in rows {
            let bytes = match from {
                From::Cell(index) => cell_bytes(block, row, *index, &mut scratch),
                From::Constant(text) => Some(text.as_bytes()),
                From::Nowhere => None,
            };
            let Some(bytes) = bytes else {
                keys.append_null();
                statuses.append_value(Status::Missing.as_str());
                regions.append_null();
                kinds.append_null();
                readings.append_null();
                continue;
            };
            let reading = self.numbers.read(bytes);
            let key = reading.number.map(|number| {
                i64::try_from(number.key()).expect("a key has eighteen digits at most")
            });
            keys.append_option(key);
            statuses.append_value(reading.status.as_str());
            regions.append_option(reading.region.as_ref().map(|region| region.as_str()));
            kinds.append_option(reading.kind.map(NumberType::as_str));
            readings.append_option((reading.status == Status::Ambiguous).then(|| {
                let all = self.numbers.readings(bytes).into_iter();
                let numbers = all.filter_map(|reading| reading.number);
                let numbers: Vec<String> = numbers.map(PhoneNumber::reveal).collect();
                numbers.join(" ")
            }));
        }
        out[raw] = Some(raw_text);
        out[raw + 1] = Some(Arc::new(keys.finish()));
        out[raw + 2] = Some(Arc::new(statuses.finish()));
        out[raw + 3] = Some(Arc::new(regions.finish()));
        out[raw + 4] = Some(Arc::new(kinds.finish()));
        out[raw + 5] = Some(Arc::new(readings.finish()));
    }

    fn value(
        &self,
        amount: &From,
        at: Option<ArrayRef>,
        in_currency: &From,
        block: &Block,
        rows: &[RowSpan],
    ) -> (arrow_array::Int64Array, StringArray) {
        let at = at
            .as_ref()
            .and_then(|at| at.as_any().downcast_ref::<TimestampMicrosecondArray>());
        let mut currencies: Vec<Option<String>> = Vec::with_capacity(rows.len());
        self.each(in_currency, block, rows, |text| {
            currencies.push(text.map(|text| String::from_utf8_lossy(text).into_owned()));
        });
        let mut amounts = Vec::with_capacity(rows.len());
        self.each(amount, block, rows, |text| {
            amounts.push(text.and_then(decimal))
        });
        let mut minor = Int64Builder::with_capacity(rows.len());
        let mut statuses = StringBuilder::with_capacity(rows.len(), rows.len() * 4);
        for (index, (amount, currency)) in amounts.into_iter().zip(currencies).enumerate() {
            let day = at.filter(|at| at.is_valid(index)).map(|at| {
                i32::try_from(at.value(index).div_euclid(86_400_000_000)).unwrap_or(i32::MAX)
            });
            let rate = day.zip(currency.as_deref()).and_then(|(day, currency)| {
                self.context
                    .rates
                    .on(day, currency, self.context.value_currency)
            });
            let value = amount
                .zip(rate)
                .and_then(|(amount, rate)| amount.valued_minor(rate, 2));
            minor.append_option(value);
            statuses.append_value(match (amount, day, rate, value) {
                (_, _, _, Some(_)) => "ok",
                (None, _, _, _) => "no-amount",
                (Some(_), None, _, _) => "no-time",
                (Some(_), Some(_), None, _) => "no-rate",
                (Some(_), Some(_), Some(_), None) => "too-large",
            });
        }
        (minor.finish(), statuses.finish())
    }
}

fn words(
    block: &Block,
    rows: &[RowSpan],
    cell: usize,
    values: &[(Vec<u8>, String)],
    otherwise: Option<&str>,
) -> ArrayRef {
    let mut scratch = Vec::new();
    let mut built = StringBuilder::with_capacity(rows.len(), rows.len() * 8);
    for row in rows {
        let bytes = cell_bytes(block, row, cell, &mut scratch);
        let known = bytes.and_then(|word| values.iter().find(|(theirs, _)| theirs == word));
        built.append_option(known.map(|(_, ours)| ours.as_str()).or(otherwise));
    }
    Arc::new(built.finish())
}

fn integer(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value = 0_i64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some(if negative { -value } else { value })
}

fn decimal(text: &[u8]) -> Option<Decimal> {
    Decimal::parse(std::str::from_utf8(text).ok()?).ok()
}

/// Names the currency of a sign that stands for one currency alone; `$` does not.
fn sign_currency(text: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(text).ok()?;
    if text.contains('£') {
        Some("GBP")
    } else if text.contains('€') {
        Some("EUR")
    } else {
        None
    }
}
