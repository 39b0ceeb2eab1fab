//! The project's own SQL functions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, StringArray, StringBuilder};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::cast::as_string_array;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarUDF, Signature, SimpleScalarUDF, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;
use unspoof_model::Region;
use unspoof_numbers::blocks::{BlockAnswer, Blocks};
use unspoof_numbers::{Context, NumberType, PhoneNumber, Reader, Reading};

use crate::organisations::Organisations;

/// Registers `e164(raw, region)`, `number_type(e164)` and `number_region(e164)`.
pub(crate) fn register(context: &SessionContext) {
    let texts = [DataType::Utf8, DataType::Utf8];
    let takes = Signature::exact(texts.into(), Volatility::Immutable);
    add(context, "e164", takes, DataType::Int64, e164);
    register_of_number(context, "number_type", |reading, built| {
        built.append_option(reading.kind.map(NumberType::as_str));
    });
    register_of_number(context, "number_region", |reading, built| {
        built.append_option(reading.region.as_ref().map(Region::as_str));
    });
}

/// Registers a function of whole columns.
fn add(
    context: &SessionContext,
    name: &str,
    takes: Signature,
    gives: DataType,
    function: impl Fn(&[ArrayRef]) -> Result<ArrayRef> + Send + Sync + 'static,
) {
    let of_values = move |values: &[ColumnarValue]| {
        let columns = ColumnarValue::values_to_arrays(values)?;
        Ok(ColumnarValue::Array(function(&columns)?))
    };
    let function = Arc::new(of_values);
    let function = SimpleScalarUDF::new_with_signature(name, takes, gives, function);
    context.register_udf(ScalarUDF::new_from_impl(function));
}

/// `e164(raw, region)`: the number that a text means when dialled in a region, or null.
fn e164(columns: &[ArrayRef]) -> Result<ArrayRef> {
    let (raw, regions) = (as_string_array(&columns[0])?, as_string_array(&columns[1])?);
    let mut built = Int64Builder::with_capacity(raw.len());
    let mut reader: Option<(&str, Reader)> = None;
    for (raw, region) in raw.iter().zip(regions) {
        let (Some(raw), Some(region)) = (raw, region) else {
            built.append_null();
            continue;
        };
        if reader.as_ref().is_none_or(|(known, _)| *known != region) {
            let default_region = region.parse().map_err(|e: unspoof_model::RegionError| {
                DataFusionError::Execution(e.to_string())
            })?;
            let context = Context {
                default_region: Some(default_region),
                ..Context::default()
            };
            reader = Some((region, Reader::new(context)));
        }
        let reading = reader
            .as_mut()
            .map(|(_, reader)| reader.read(raw.as_bytes()));
        let number = reading.and_then(|reading| reading.number);
        built.append_option(number.and_then(|number| i64::try_from(number.key()).ok()));
    }
    Ok(Arc::new(built.finish()))
}

/// Registers a function of a number alone.
fn register_of_number(context: &SessionContext, name: &str, say: fn(Reading, &mut StringBuilder)) {
    let takes = Signature::exact(vec![DataType::Int64], Volatility::Immutable);
    add(context, name, takes, DataType::Utf8, move |columns| {
        let mut reader = Reader::new(Context::default());
        let mut built = StringBuilder::new();
        for number in columns[0].as_primitive::<Int64Type>() {
            match number {
                Some(number) => say(reader.read(format!("+{number}").as_bytes()), &mut built),
                None => built.append_null(),
            }
        }
        Ok(Arc::new(built.finish()))
    });
}

/// Registers `organisation(e164, at)` over a case's lists.
pub(crate) fn register_organisation(context: &SessionContext, organisations: Organisations) {
    register_dated(context, "organisation", move |number, day| {
        let names = organisations.names_of(number, day);
        Some(names.join("; ")).filter(|names| !names.is_empty())
    });
}

/// Registers `allocation(e164, at)` and `block_holder(e164, at)` over regulators' lists.
pub(crate) fn register_blocks(context: &SessionContext, blocks: Blocks) {
    let blocks = Arc::new(blocks);
    let lookup = |blocks: &Blocks,
                  number: i64,
                  day: Option<i32>,
                  say: fn(BlockAnswer<'_>) -> Option<String>| {
        let number = PhoneNumber::from_key(u64::try_from(number).ok()?).ok()?;
        say(blocks.lookup(number, day?)?)
    };
    let of = blocks.clone();
    register_dated(context, "allocation", move |number, day| {
        lookup(&of, number, day, |answer| Some(answer.as_str().to_owned()))
    });
    register_dated(context, "block_holder", move |number, day| {
        lookup(&blocks, number, day, |answer| {
            Some(answer.block()?.holder()?.to_owned())
        })
    });
}

/// Registers a function of a number and of the day (since 1970 UTC) of a time.
fn register_dated(
    context: &SessionContext,
    name: &str,
    say: impl Fn(i64, Option<i32>) -> Option<String> + Send + Sync + 'static,
) {
    let at = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let takes = [at.clone(), DataType::Date32, DataType::Utf8]
        .map(|at| TypeSignature::Exact(vec![DataType::Int64, at]));
    let takes = Signature::one_of(takes.into(), Volatility::Immutable);
    add(context, name, takes, DataType::Utf8, move |columns| {
        let numbers = columns[0].as_primitive::<Int64Type>();
        // A date or a text means the time that it is cast to; what is none is an error.
        let options = CastOptions {
            safe: false,
            ..CastOptions::default()
        };
        let times = cast_with_options(&columns[1], &at, &options)?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let said = numbers.iter().zip(times).map(|(number, at)| {
            let day = at.map(|at| at.div_euclid(86_400_000_000) as i32);
            say(number?, day)
        });
        Ok(Arc::new(said.collect::<StringArray>()))
    });
}
