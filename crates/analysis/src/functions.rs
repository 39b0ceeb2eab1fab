//! The project's own SQL functions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, StringBuilder};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::cast::as_string_array;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};
use datafusion::prelude::SessionContext;
use unspoof_numbers::blocks::{BlockAnswer, Blocks};
use unspoof_numbers::{Context, NumberType, PhoneNumber, Reader};

use crate::organisations::Organisations;

/// Registers `e164(raw, region)`, `number_type(e164)` and `number_region(e164)`.
pub(crate) fn register(context: &SessionContext) {
    context.register_udf(ScalarUDF::new_from_impl(E164::new()));
    context.register_udf(ScalarUDF::new_from_impl(OfNumber::new("number_type")));
    context.register_udf(ScalarUDF::new_from_impl(OfNumber::new("number_region")));
}

/// `e164(raw, region)`: the number that a text means when dialled in a region, or null.
#[derive(Debug, PartialEq, Eq, Hash)]
struct E164 {
    signature: Signature,
}

impl E164 {
    fn new() -> Self {
        let texts = vec![DataType::Utf8, DataType::Utf8];
        Self {
            signature: Signature::exact(texts, Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for E164 {
    fn name(&self) -> &str {
        "e164"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (raw, regions) = (as_string_array(&arrays[0])?, as_string_array(&arrays[1])?);
        let mut built = Int64Builder::with_capacity(raw.len());
        let mut reader: Option<(String, Reader)> = None;
        for row in 0..raw.len() {
            if raw.is_null(row) || regions.is_null(row) {
                built.append_null();
                continue;
            }
            let region = regions.value(row);
            if reader.as_ref().is_none_or(|(known, _)| known != region) {
                let default_region = region.parse().map_err(|e: unspoof_model::RegionError| {
                    DataFusionError::Execution(e.to_string())
                })?;
                let context = Context {
                    default_region: Some(default_region),
                    ..Context::default()
                };
                reader = Some((region.to_owned(), Reader::new(context)));
            }
            let reading = reader
                .as_mut()
                .map(|(_, reader)| reader.read(raw.value(row).as_bytes()));
            let number = reading.and_then(|reading| reading.number);
            built.append_option(number.and_then(|number| i64::try_from(number.key()).ok()));
        }
        Ok(ColumnarValue::Array(Arc::new(built.finish())))
    }
}

/// `number_type(e164)` and `number_region(e164)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OfNumber {
    name: &'static str,
    signature: Signature,
}

impl OfNumber {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            signature: Signature::exact(vec![DataType::Int64], Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for OfNumber {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let numbers = arrays[0].as_primitive::<Int64Type>();
        let mut reader = Reader::new(Context::default());
        let mut built = StringBuilder::new();
        for number in numbers {
            let reading = number.map(|number| reader.read(format!("+{number}").as_bytes()));
            match (self.name, reading) {
                ("number_type", Some(reading)) => {
                    built.append_option(reading.kind.map(NumberType::as_str));
                }
                (_, Some(reading)) => {
                    built.append_option(reading.region.map(|region| region.to_string()));
                }
                (_, None) => built.append_null(),
            }
        }
        let built: ArrayRef = Arc::new(built.finish());
        Ok(ColumnarValue::Array(built))
    }
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

/// What is said of a number on a day (since 1970 UTC), if any is known.
type Say = dyn Fn(i64, Option<i32>) -> Option<String> + Send + Sync;

fn register_dated(
    context: &SessionContext,
    name: &'static str,
    say: impl Fn(i64, Option<i32>) -> Option<String> + Send + Sync + 'static,
) {
    let at = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let takes = [at.clone(), DataType::Date32, DataType::Utf8]
        .map(|at| TypeSignature::Exact(vec![DataType::Int64, at]));
    context.register_udf(ScalarUDF::new_from_impl(OnDay {
        name,
        signature: Signature::one_of(takes.into(), Volatility::Immutable),
        at,
        say: Arc::new(say),
    }));
}

/// A function of a number and a time that gives a word or null.
struct OnDay {
    name: &'static str,
    signature: Signature,
    at: DataType,
    say: Arc<Say>,
}

impl std::fmt::Debug for OnDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnDay")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl PartialEq for OnDay {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.say, &other.say)
    }
}

impl Eq for OnDay {}

impl std::hash::Hash for OnDay {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for OnDay {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let numbers = arrays[0].as_primitive::<Int64Type>();
        // A date or a text means the time that it is cast to; what is none is an error.
        let options = CastOptions {
            safe: false,
            ..CastOptions::default()
        };
        let times = cast_with_options(&arrays[1], &self.at, &options)?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let mut built = StringBuilder::new();
        for row in 0..numbers.len() {
            if numbers.is_null(row) {
                built.append_null();
                continue;
            }
            let at = times.is_valid(row).then(|| times.value(row));
            let day = at.map(|at| at.div_euclid(86_400_000_000) as i32);
            built.append_option((self.say)(numbers.value(row), day));
        }
        Ok(ColumnarValue::Array(Arc::new(built.finish())))
    }
}
