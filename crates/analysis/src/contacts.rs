//! One row a called number, and one row an account, with their facts.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, StringBuilder,
    UInt32Array,
};
use arrow::datatypes::{DataType, Field, FieldRef, Int32Type, Int64Type, Schema, UInt32Type};
use camino::Utf8Path;

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::calls::of_class;
use crate::engine::Engine;
use crate::write::TableWriter;

/// Writes `pairs` (for this run only) and `contacts`, each in the order of the number; gives how
/// many numbers were called.
pub(crate) fn write_contacts(
    engine: &Engine,
    pairs: &Utf8Path,
    contacts: &Utf8Path,
) -> Result<u64, AnalysisError> {
    let what = "calls by number and account";
    write_query(engine, include_str!("../sql/pairs.sql"), what, pairs, Ok)?;
    engine.register("pairs", pairs)?;
    write_query(
        engine,
        include_str!("../sql/contacts.sql"),
        "contacts",
        contacts,
        spelt_out,
    )
}

/// Puts a class's region and kind of line in its place, as words.
fn spelt_out(batch: RecordBatch) -> Result<RecordBatch, arrow::error::ArrowError> {
    let at = batch.schema().index_of("called_class")?;
    let classes = batch.column(at).as_primitive::<Int32Type>();
    let mut regions = StringBuilder::with_capacity(batch.num_rows(), batch.num_rows() * 2);
    let mut kinds = StringBuilder::with_capacity(batch.num_rows(), batch.num_rows() * 8);
    for class in classes {
        let spelt = class.map(of_class);
        regions.append_option(spelt.as_ref().map(|(region, _)| region));
        kinds.append_option(spelt.and_then(|(_, kind)| kind));
    }
    let mut fields: Vec<FieldRef> = batch.schema().fields().to_vec();
    let mut columns = batch.columns().to_vec();
    fields[at] = Arc::new(Field::new("called_region", DataType::Utf8, true));
    columns[at] = Arc::new(regions.finish());
    fields.insert(
        at + 1,
        Arc::new(Field::new("called_type", DataType::Utf8, true)),
    );
    columns.insert(at + 1, Arc::new(kinds.finish()));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn write_query(
    engine: &Engine,
    sql: &str,
    what: &'static str,
    path: &Utf8Path,
    change: impl Fn(RecordBatch) -> Result<RecordBatch, arrow::error::ArrowError>,
) -> Result<u64, AnalysisError> {
    let schema = engine.schema(sql, what)?;
    let changed = |batch| change(batch).map_err(|e| AnalysisError::write(path, e));
    let schema = changed(RecordBatch::new_empty(schema))?.schema();
    let mut writer = TableWriter::create(path, schema)?;
    engine.stream(sql, what, |batch| writer.write(changed(batch)?))?;
    writer.finish()
}

/// What an account's calls come to, from `pairs`.
struct AccountCalls {
    batches: Vec<RecordBatch>,
    /// By `account_no`: batch and row.
    rows: Vec<Option<(u32, u32)>>,
}

impl AccountCalls {
    fn of(engine: &Engine, accounts: usize) -> Result<Self, AnalysisError> {
        let sql = include_str!("../sql/account_calls.sql");
        let batches = engine.rows(sql, "calls by account")?;
        let mut rows = vec![None; accounts];
        for (index, batch) in batches.iter().enumerate() {
            let numbers = batch.column(0).as_primitive::<UInt32Type>();
            for row in 0..batch.num_rows() {
                if let Some(place) = rows.get_mut(numbers.value(row) as usize) {
                    *place = Some((index as u32, row as u32));
                }
            }
        }
        Ok(Self { batches, rows })
    }

    fn get(&self, account: usize, column: &str) -> Option<i64> {
        let (batch, row) = self.rows[account]?;
        let column = self.batches[batch as usize].column_by_name(column)?;
        let row = row as usize;
        if column.is_null(row) {
            return None;
        }
        match column.data_type() {
            DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row)),
            DataType::Timestamp(_, _) => column
                .as_primitive_opt::<arrow::datatypes::TimestampMicrosecondType>()
                .map(|times| times.value(row)),
            _ => None,
        }
    }
}

/// Counts of an account's calls, in the order in which `suspects` has them.
const COUNTS: [&str; 8] = [
    "calls",
    "answered_calls",
    "engaged_calls",
    "numbers_called",
    "numbers_engaged",
    "talk_s",
    "codes_captured",
    "spoofed_calls",
];

/// Writes `suspects`, one row an account, in the order of source and id; gives the accounts (by
/// `account_no`) that placed a counted call.
///
/// The name is the table's, not a verdict: an account's holder is unassessed until a named person
/// records otherwise.
pub(crate) fn write_suspects(
    engine: &Engine,
    accounts: &Accounts,
    path: &Utf8Path,
) -> Result<Vec<u32>, AnalysisError> {
    let calls = AccountCalls::of(engine, accounts.all.len())?;
    let text = |of: &dyn Fn(&crate::accounts::Account) -> Option<String>| -> ArrayRef {
        Arc::new(accounts.all.iter().map(of).collect::<StringArray>())
    };
    let time = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new("account_no", DataType::UInt32, false),
        Field::new("source", DataType::Utf8, false),
        Field::new("account_id", DataType::Utf8, false),
        Field::new("role", DataType::Utf8, false),
        Field::new("username", DataType::Utf8, true),
        Field::new("email", DataType::Utf8, true),
        Field::new("phone_e164", DataType::Int64, true),
        Field::new("phone_region", DataType::Utf8, true),
        Field::new("payments", DataType::Int64, false),
        Field::new("paid_minor", DataType::Int64, false),
        Field::new("priority", DataType::Boolean, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(0..accounts.all.len() as u32)),
        text(&|account| Some(account.source.clone())),
        text(&|account| Some(account.account_id.clone())),
        text(&|account| Some(account.role.clone())),
        text(&|account| account.username.clone()),
        text(&|account| account.email.clone()),
        Arc::new(
            accounts
                .all
                .iter()
                .map(|account| account.phone_e164)
                .collect::<Int64Array>(),
        ),
        text(&|account| account.phone_region.clone()),
        Arc::new(Int64Array::from_iter_values(
            accounts
                .all
                .iter()
                .map(|a| i64::try_from(a.payments).unwrap_or(i64::MAX)),
        )),
        Arc::new(Int64Array::from_iter_values(
            accounts.all.iter().map(|a| a.paid_minor),
        )),
        Arc::new(
            accounts
                .all
                .iter()
                .map(|a| Some(a.is_priority))
                .collect::<BooleanArray>(),
        ),
    ];
    for count in COUNTS {
        fields.push(Field::new(count, DataType::Int64, false));
        let counts = (0..accounts.all.len()).map(|account| calls.get(account, count).unwrap_or(0));
        columns.push(Arc::new(Int64Array::from_iter_values(counts)));
    }
    for column in ["first_utc", "last_utc"] {
        fields.push(Field::new(column, time.clone(), true));
        let times = (0..accounts.all.len()).map(|account| calls.get(account, column));
        let times: arrow::array::TimestampMicrosecondArray = times.collect();
        columns.push(Arc::new(times.with_timezone("UTC")));
    }
    let schema = Arc::new(Schema::new(fields));
    let batch =
        RecordBatch::try_new(schema.clone(), columns).map_err(|e| AnalysisError::write(path, e))?;
    let mut writer = TableWriter::create(path, schema)?;
    writer.write(batch)?;
    writer.finish()?;
    let active = (0..accounts.all.len()).filter(|&account| calls.rows[account].is_some());
    Ok(active.map(|account| account as u32).collect())
}
