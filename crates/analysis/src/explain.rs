//! The rows behind a figure.

use arrow::array::AsArray;
use arrow::datatypes::{UInt32Type, UInt64Type};

use crate::AnalysisError;
use crate::call_sets::CallSet;
use crate::engine::Engine;

/// A row behind a figure: where its bytes stand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
pub struct FigureRow {
    /// The exhibit's name.
    pub exhibit: String,
    /// Archive member or inner database.
    pub stream: u32,
    /// Bytes from the start of the decompressed stream.
    pub byte_offset: u64,
    /// Length in bytes.
    pub byte_len: u32,
}

/// Returns the query that finds a figure's rows; None for an id that no figure has.
///
/// `organisations` are the names in the order of their numbers, as figures count them.
fn sql_of(id: &str, organisations: &[String], currency: &str) -> Option<String> {
    let places = "exhibit, stream, byte_offset, byte_len";
    if let Some(sql) = crate::explain_money::sql_of(id) {
        return Some(sql);
    }
    let counted = |table: &str| {
        format!(
            "select {places} from {table} t where not exists (select 1 from duplicates d where \
             d.\"table\" = '{table}' and d.exhibit = t.exhibit and d.stream = t.stream and \
             d.byte_offset = t.byte_offset)"
        )
    };
    let of_accounts = |condition: &str| {
        format!(
            "{} and exists (select 1 from suspects s where s.source = t.source and \
             s.account_id = t.account_id and {condition})",
            counted("accounts")
        )
    };
    let currency = currency.replace('\'', "''");
    let with_loss = format!(
        "{} and loss_minor is not null and loss_currency = '{currency}'",
        counted("reports")
    );
    // Every report is in one loss, and has one row of rank 0 or 1.
    let of_losses = |condition: &str| {
        format!(
            "select {places} from report_matches r where rank <= 1 and exists (select 1 from \
             losses l where l.loss_no = r.loss_no and {condition})"
        )
    };
    Some(match id {
        "accounts_registered" => counted("accounts"),
        "accounts_active" => of_accounts("(s.first_utc is not null or s.calls > 0)"),
        "accounts_paying" => of_accounts("s.payments > 0"),
        "accounts_priority" => of_accounts("s.priority"),
        "payments" | "payments_value_minor" => counted("payments"),
        "reports" => counted("reports"),
        "reports_loss_minor" | "reports_loss_mean_minor" => with_loss,
        "reports_loss_largest_minor" => format!(
            "select {places} from ({}) where loss_minor = (select max(loss_minor) from ({}))",
            with_loss.replacen(places, &format!("{places}, loss_minor"), 1),
            with_loss.replacen(places, "loss_minor", 1),
        ),
        "persons" | "persons_with_several_accounts" => {
            let least = if id == "persons" { 1 } else { 2 };
            format!(
                "{} and exists (select 1 from person_accounts p join persons g on g.person_id = \
                 p.person_id where p.source = t.source and p.account_id = t.account_id and \
                 p.role not in ('staff', 'police-test') and g.accounts >= {least})",
                counted("accounts")
            )
        }
        "losses_refunded_minor" | "losses_recovered_minor" => {
            let amount = id.trim_start_matches("losses_");
            of_losses(&format!(
                "l.{amount} is not null and l.currency = '{currency}'"
            ))
        }
        "duplicates" => format!("select {places} from duplicates"),
        "rejects" => format!("select {places} from rejects"),
        tiered if tier_of(tiered).is_some() => {
            let (tier, rest) = tier_of(tiered)?;
            let in_currency = format!("l.tier = '{tier}' and l.currency = '{currency}'");
            match rest {
                "reports" => format!(
                    "select {places} from report_matches where rank <= 1 and tier = '{tier}'"
                ),
                "losses" => of_losses(&format!("l.tier = '{tier}'")),
                "largest_minor" => of_losses(&format!(
                    "{in_currency} and l.gross_minor = (select max(l.gross_minor) from losses l \
                     where {in_currency})"
                )),
                _ => of_losses(&in_currency),
            }
        }
        call => {
            let set = call_set(call, organisations)?;
            let first = if matches!(set, CallSet::As(_)) {
                "true"
            } else {
                "match_no <= 1"
            };
            format!(
                "select {places} from spoofed_calls where {first} and {}",
                set.sql()
            )
        }
    })
}

/// Takes a figure on matches apart: its tier, and `reports`, `losses` or which amount it is.
fn tier_of(id: &str) -> Option<(&str, &str)> {
    const AMOUNTS: [&str; 4] = ["minor", "mean_minor", "median_minor", "largest_minor"];
    let of_reports = id.strip_prefix("reports_");
    let of_reports =
        of_reports.map(|rest| (rest.strip_prefix("matched_").unwrap_or(rest), "reports"));
    let of_losses = || {
        let rest = id.strip_prefix("losses_")?;
        let (tier, amount) = rest.split_once('_').unwrap_or((rest, "losses"));
        (amount == "losses" || AMOUNTS.contains(&amount)).then_some((tier, amount))
    };
    let tiers = ["exact", "probable", "possible", "unmatched"];
    of_reports
        .or_else(of_losses)
        .filter(|(tier, _)| tiers.contains(tier))
}

fn call_set(id: &str, organisations: &[String]) -> Option<CallSet> {
    Some(match id {
        "call_legs" => CallSet::Legs,
        "calls" => CallSet::Attempts,
        "calls_test" => CallSet::Tests,
        "calls_answered" => CallSet::Answered,
        "calls_engaged" => CallSet::Engaged,
        "calls_duration_unclear" => CallSet::DurationUnclear,
        "calls_code_captured" => CallSet::CodeCaptured,
        "calls_home" => CallSet::Home,
        "calls_home_engaged" | "numbers_home_engaged" => CallSet::HomeEngaged,
        "numbers_called" => CallSet::WithNumber,
        "calls_spoofed" => CallSet::Spoofed,
        "calls_answered_unallocated" => CallSet::AnsweredUnallocated,
        "calls_to_unknown" => CallSet::To(None),
        other => {
            if let Some(region) = other.strip_prefix("calls_to_") {
                let region: unspoof_model::Region = region.parse().ok()?;
                CallSet::To(Some(region.to_string()))
            } else {
                let name = other.strip_prefix("calls_as:")?;
                let at = organisations.iter().position(|known| known == name)?;
                CallSet::As(u32::try_from(at).ok()?)
            }
        }
    })
}

/// Finds the rows behind a figure, in the order of exhibit, stream and place; at most `limit`.
///
/// Gives None for an id that no figure has.
///
/// # Errors
/// The engine's.
pub fn explain_figure(
    engine: &Engine,
    id: &str,
    currency: &str,
    limit: Option<u64>,
) -> Result<Option<Vec<FigureRow>>, AnalysisError> {
    let mut organisations = Vec::new();
    for batch in engine.rows(
        "select distinct organisation from organisations order by organisation",
        "organisations",
    )? {
        let names = batch.column(0).as_string::<i32>();
        organisations.extend(names.iter().flatten().map(str::to_owned));
    }
    let Some(sql) = sql_of(id, &organisations, currency) else {
        return Ok(None);
    };
    let limit = limit
        .map(|limit| format!(" limit {limit}"))
        .unwrap_or_default();
    let sql =
        format!("select * from ({sql}) order by exhibit, stream, byte_offset, byte_len{limit}");
    let mut rows = Vec::new();
    for batch in engine.rows(&sql, "a figure's rows")? {
        let exhibits = batch.column(0).as_string::<i32>();
        let streams = batch.column(1).as_primitive::<UInt32Type>();
        let offsets = batch.column(2).as_primitive::<UInt64Type>();
        let lens = batch.column(3).as_primitive::<UInt32Type>();
        rows.extend((0..batch.num_rows()).map(|row| FigureRow {
            exhibit: exhibits.value(row).to_owned(),
            stream: streams.value(row),
            byte_offset: offsets.value(row),
            byte_len: lens.value(row),
        }));
    }
    Ok(Some(rows))
}
