//! Located cells to columns: each of our columns is filled over all rows of a block in one go.

use std::sync::Arc;

use arrow_array::builder::{Decimal128Builder, Int64Builder, TimestampMicrosecondBuilder};
use arrow_array::{Array, ArrayRef, TimestampMicrosecondArray, UInt32Array, UInt64Array};
use parquet::errors::ParquetError;
use unspoof_model::schema::DECIMAL;
use unspoof_model::{Decimal, Rates, TimeStatus};
use unspoof_numbers::Reader;

use crate::block::{Block, CellKind, RowSpan, Value};
use crate::charset::Charset;
use crate::number_columns::NumberColumns;
use crate::part_columns::{PartColumns, Texts};
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

/// Fills one table's columns from the rows of one block.
pub(crate) struct Filler<'a> {
    pub(crate) context: &'a FillContext<'a>,
    pub(crate) plan: &'a TablePlan,
    pub(crate) charset: Charset,
    pub(crate) numbers: &'a mut Reader,
}

impl Filler<'_> {
    /// Appends one row a row to a part's columns, in the rows' order.
    pub(crate) fn fill(
        &mut self,
        block: &Block,
        rows: &[RowSpan],
        out: &mut PartColumns,
    ) -> Result<(), ParquetError> {
        for fill in &self.plan.fills {
            self.one(fill, block, rows, out);
        }
        let count = |of: fn(&RowSpan) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(of)))
        };
        let small = |of: fn(&RowSpan) -> u32| -> ArrayRef {
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(of)))
        };
        let place = self.plan.target.columns.len();
        repeat(out, place, self.context.source, rows.len());
        repeat(out, place + 1, self.context.exhibit, rows.len());
        out.put(place + 2, small(|row| row.stream));
        out.put(place + 3, count(|row| row.byte_offset));
        out.put(place + 4, small(|row| row.byte_len));
        out.put(place + 5, count(|row| row.row_no));
        out.end_block(rows.len())
    }

    fn one(&mut self, fill: &Fill, block: &Block, rows: &[RowSpan], out: &mut PartColumns) {
        match fill {
            Fill::Text { out: place, from } => self.text(*place, from, block, rows, out),
            Fill::Words {
                out: place,
                cell,
                values,
                otherwise,
                ..
            } => {
                let mut texts = out.texts(*place, rows.len());
                words(block, rows, *cell, values, otherwise.as_deref(), &mut texts);
                out.put_texts(*place, texts);
            }
            Fill::Int { out: place, from } => {
                let mut built = Int64Builder::with_capacity(rows.len());
                self.each(from, block, rows, |text| {
                    built.append_option(text.and_then(integer))
                });
                out.put(*place, Arc::new(built.finish()));
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
                let mut statuses = out.texts(*status, rows.len());
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
                    statuses.append_word(when.status.as_str());
                });
                self.text(*raw, from, block, rows, out);
                out.put(*utc, Arc::new(from_built.finish().with_timezone("UTC")));
                if let Some(to) = to {
                    out.put(*to, Arc::new(to_built.finish().with_timezone("UTC")));
                }
                out.put_texts(*status, statuses);
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
                self.text(*raw, from, block, rows, out);
                out.put(*seconds, Arc::new(built.finish()));
                repeat(out, *kind, means, rows.len());
            }
            Fill::Money { raw, amount, from } => {
                let mut built = Decimal128Builder::with_capacity(rows.len());
                self.each(from, block, rows, |text| {
                    built.append_option(text.and_then(decimal).and_then(Decimal::table_units));
                });
                let built = built
                    .finish()
                    .with_precision_and_scale(DECIMAL.0, DECIMAL.1);
                self.text(*raw, from, block, rows, out);
                out.put(
                    *amount,
                    Arc::new(built.expect("the scale is below the precision")),
                );
            }
            Fill::Value {
                minor,
                currency,
                status,
                amount,
                at,
                in_currency,
            } => {
                let at = at.and_then(|at| out.array(at).cloned());
                let mut statuses = out.texts(*status, rows.len());
                let value = self.value(amount, at, in_currency, block, rows, &mut statuses);
                out.put_texts(*status, statuses);
                let mut currencies = out.texts(*currency, rows.len());
                let valued = value.iter().map(|v| v.map(|_| self.context.value_currency));
                valued.for_each(|currency| currencies.append_option(currency));
                out.put_texts(*currency, currencies);
                out.put(*minor, Arc::new(value));
            }
            Fill::Loss {
                raw,
                minor,
                currency,
                from,
                in_currency,
            } => {
                let mut built = Int64Builder::with_capacity(rows.len());
                let mut currencies = out.texts(*currency, rows.len());
                self.each(from, block, rows, |text| {
                    let amount = text.and_then(decimal).and_then(|amount| amount.to_minor(2));
                    built.append_option(amount);
                    let named = in_currency
                        .as_deref()
                        .or_else(|| text.and_then(sign_currency));
                    currencies.append_option(amount.and(named));
                });
                out.put_texts(*currency, currencies);
                self.text(*raw, from, block, rows, out);
                out.put(*minor, Arc::new(built.finish()));
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

    fn text(
        &self,
        place: usize,
        from: &From,
        block: &Block,
        rows: &[RowSpan],
        out: &mut PartColumns,
    ) {
        let mut buffer = String::new();
        let mut texts = out.texts(place, rows.len());
        self.each(from, block, rows, |bytes| match bytes {
            Some(bytes) if bytes.is_ascii() => texts.append(bytes),
            Some(bytes) => texts.append(self.charset.text(bytes, &mut buffer).as_bytes()),
            None => texts.append_null(),
        });
        out.put_texts(place, texts);
    }

    /// `raw`, then `_e164`, `_status`, `_region`, `_type` and `_readings`, which follow it in every
    /// table.
    fn number(
        &mut self,
        raw: usize,
        from: &From,
        block: &Block,
        rows: &[RowSpan],
        out: &mut PartColumns,
    ) {
        let mut columns = NumberColumns {
            raw: out.texts(raw, rows.len()),
            keys: out.ints(raw + 1, rows.len()),
            statuses: out.texts(raw + 2, rows.len()),
            regions: out.texts(raw + 3, rows.len()),
            kinds: out.texts(raw + 4, rows.len()),
            readings: out.texts(raw + 5, rows.len()),
            known: out.readings.remove(&raw).unwrap_or_default(),
        };
        let mut scratch = Vec::new();
        for row in rows {
            let bytes = match from {
                From::Cell(index) => cell_bytes(block, row, *index, &mut scratch),
                From::Constant(text) => Some(text.as_bytes()),
                From::Nowhere => None,
            };
            match bytes {
                Some(bytes) => {
                    let is_null = self.context.empty_is_null && bytes.is_empty();
                    columns.append(bytes, is_null, self.charset, self.numbers);
                }
                None => columns.append_missing(),
            }
        }
        out.put_texts(raw, columns.raw);
        out.put_ints(raw + 1, columns.keys);
        out.put_texts(raw + 2, columns.statuses);
        out.put_texts(raw + 3, columns.regions);
        out.put_texts(raw + 4, columns.kinds);
        out.put_texts(raw + 5, columns.readings);
        out.readings.insert(raw, columns.known);
    }

    fn value(
        &self,
        amount: &From,
        at: Option<ArrayRef>,
        in_currency: &From,
        block: &Block,
        rows: &[RowSpan],
        statuses: &mut Texts,
    ) -> arrow_array::Int64Array {
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
            statuses.append_word(match (amount, day, rate, value) {
                (_, _, _, Some(_)) => "ok",
                (None, _, _, _) => "no-amount",
                (Some(_), None, _, _) => "no-time",
                (Some(_), Some(_), None, _) => "no-rate",
                (Some(_), Some(_), Some(_), None) => "too-large",
            });
        }
        minor.finish()
    }
}

fn words(
    block: &Block,
    rows: &[RowSpan],
    cell: usize,
    values: &[(Vec<u8>, String)],
    otherwise: Option<&str>,
    out: &mut Texts,
) {
    let mut scratch = Vec::new();
    // Few words, and mostly the last one again: its code is known without a look at our word.
    let mut codes: Vec<Option<u32>> = vec![None; values.len()];
    let mut last = 0;
    for row in rows {
        let bytes = cell_bytes(block, row, cell, &mut scratch);
        let known = bytes.and_then(|word| {
            let is_same = values.get(last).is_some_and(|(theirs, _)| theirs == word);
            let find = || values.iter().position(|(theirs, _)| theirs == word);
            if is_same { Some(last) } else { find() }
        });
        match (known, &mut *out) {
            (Some(place), Texts::Codes(to)) => {
                last = place;
                let code = *codes[place].get_or_insert_with(|| to.code(values[place].1.as_bytes()));
                to.push_code(code);
            }
            (Some(place), to) => to.append(values[place].1.as_bytes()),
            (None, to) => to.append_option(otherwise),
        }
    }
}

fn repeat(out: &mut PartColumns, place: usize, text: &str, rows: usize) {
    let mut texts = out.texts(place, rows);
    texts.append_repeated(text, rows);
    out.put_texts(place, texts);
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
