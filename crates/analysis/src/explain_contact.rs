//! A number and all that the case knows of it: its facts, its calls with their places, what reports
//! say of it.

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::AnalysisError;
use crate::engine::Engine;

/// A number as contacts and presented numbers have it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct NumberExplained {
    /// `+` and digits.
    pub number: String,
    /// Its row of `contacts`, column by column; empty where nobody called it.
    pub contact: Vec<(String, String)>,
    /// Its row of `presented`; empty where nobody showed it, or it is nobody's own.
    pub presented: Vec<(String, String)>,
    /// How many attempts reached for it, listed or not.
    pub attempts: u64,
    /// Attempts to reach it, the first first.
    pub calls: Vec<CallOfNumber>,
    /// Reports that may tell of a call to it, the surest first.
    pub reports: Vec<ReportOfNumber>,
}

/// One attempt to reach a number.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct CallOfNumber {
    /// When it began.
    pub started_utc: Option<String>,
    /// Who placed it, as `SOURCE/ID`.
    pub account: Option<String>,
    /// The number that was shown.
    pub presented: Option<String>,
    /// Whose number that was on the day.
    pub organisation: Option<String>,
    /// `engaged`, `answered` or `not answered`.
    pub outcome: String,
    /// Talk time in seconds.
    pub talk_s: Option<String>,
    /// Where its row stands: exhibit, stream, offset, length.
    pub place: (String, String, String, String),
}

/// One report that may tell of it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct ReportOfNumber {
    /// As `SOURCE/ID`.
    pub report: Option<String>,
    /// `exact`, `probable` or `possible`.
    pub tier: String,
    /// Why, in bits.
    pub reasons: String,
    /// When it was made.
    pub reported_utc: Option<String>,
}

/// Rows of text, however the columns are typed.
struct Texts {
    names: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

fn texts(batches: &[RecordBatch]) -> Result<Texts, AnalysisError> {
    let unreadable = |e| AnalysisError::read("derived", e);
    let mut all = Texts {
        names: Vec::new(),
        rows: Vec::new(),
    };
    let options = FormatOptions::default();
    for batch in batches {
        all.names = batch
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let columns = batch.columns().iter();
        let shown: Vec<ArrayFormatter<'_>> = columns
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<_, _>>()
            .map_err(unreadable)?;
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().zip(&shown);
            let cells = cells
                .map(|(column, shown)| column.is_valid(row).then(|| shown.value(row).to_string()));
            all.rows.push(cells.collect());
        }
    }
    Ok(all)
}

/// Gives a table's only row, column by column; empty where it has none.
fn only_row(engine: &Engine, sql: &str) -> Result<Vec<(String, String)>, AnalysisError> {
    let mut all = texts(&engine.rows(sql, "a number's facts")?)?;
    let cells = all.rows.pop().unwrap_or_default();
    let known = all.names.into_iter().zip(cells);
    Ok(known
        .filter_map(|(name, cell)| Some((name, cell?)))
        .collect())
}

/// Tells all that the case knows of a number; None where it is neither called nor shown. Lists at
/// most `limit` calls.
///
/// # Errors
/// The engine's.
pub fn explain_number(
    engine: &Engine,
    number: i64,
    limit: Option<u64>,
) -> Result<Option<NumberExplained>, AnalysisError> {
    let contact = format!("select * from contacts where called_e164 = {number}");
    let contact = only_row(engine, &contact)?;
    let presented = format!("select * from presented where presented_e164 = {number}");
    let presented = only_row(engine, &presented)?;
    if contact.is_empty() && presented.is_empty() {
        return Ok(None);
    }
    let attempts = contact.iter().find(|(name, _)| name == "calls");
    let attempts = attempts.and_then(|(_, value)| value.parse().ok());
    let limit = limit.map_or(String::new(), |limit| format!(" limit {limit}"));
    let calls = format!(
        "select cast(c.started_utc as varchar) as started, s.source || '/' || s.account_id as \
         account, '+' || cast(c.presented_e164 as varchar) as shown, o.organisation, case when \
         c.engaged then 'engaged' when c.answered then 'answered' else 'not answered' end as \
         outcome, cast(c.talk_s as varchar) as talk, c.exhibit, c.stream, c.byte_offset, \
         c.byte_len from spoofed_calls c left join suspects s on s.account_no = c.account_no left \
         join (select distinct organisation_no, organisation from organisations) o on \
         o.organisation_no = c.organisation_no where c.attempt and c.called_e164 = {number} order \
         by c.started_utc, c.exhibit, c.stream, c.byte_offset, c.match_no{limit}"
    );
    let calls = texts(&engine.rows(&calls, "a number's calls")?)?;
    let reports = format!(
        "select source || '/' || report_id as report, tier, reasons, cast(reported_utc as \
         varchar) as reported from report_matches where called_e164 = {number} order by rank, \
         exhibit, stream, byte_offset{limit}"
    );
    let reports = texts(&engine.rows(&reports, "a number's reports")?)?;
    let word = |cell: Option<String>| cell.unwrap_or_default();
    Ok(Some(NumberExplained {
        number: format!("+{number}"),
        contact,
        presented,
        attempts: attempts.unwrap_or(0),
        calls: calls
            .rows
            .into_iter()
            .filter_map(|row| {
                let [
                    started_utc,
                    account,
                    presented,
                    organisation,
                    outcome,
                    talk_s,
                    a,
                    b,
                    c,
                    d,
                ] = <[Option<String>; 10]>::try_from(row).ok()?;
                Some(CallOfNumber {
                    started_utc,
                    account,
                    presented,
                    organisation,
                    outcome: word(outcome),
                    talk_s,
                    place: (word(a), word(b), word(c), word(d)),
                })
            })
            .collect(),
        reports: reports
            .rows
            .into_iter()
            .filter_map(|row| {
                let [report, tier, reasons, reported_utc] =
                    <[Option<String>; 4]>::try_from(row).ok()?;
                Some(ReportOfNumber {
                    report,
                    tier: word(tier),
                    reasons: word(reasons),
                    reported_utc,
                })
            })
            .collect(),
    }))
}
