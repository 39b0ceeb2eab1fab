//! Where a payment went and came from, what a loss is made of, and the rows behind figures on money.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, UInt32Type, UInt64Type};

use crate::AnalysisError;
use crate::engine::Engine;
use crate::explain::FigureRow;

/// Returns the query that finds the rows of a figure on money; None for an id that is none of these.
pub(crate) fn sql_of(id: &str) -> Option<String> {
    let places = "exhibit, stream, byte_offset, byte_len";
    let quoted = |text: &str| text.replace('\'', "''");
    let payments = |condition: &str| {
        Some(format!(
            "select {places} from payments_read where {condition}"
        ))
    };
    if id == "payments_without_value" {
        return payments("value_minor is null");
    }
    if let Some(rest) = id.strip_prefix("payments_listed") {
        let (rest, valued) = match rest.strip_prefix("_value_minor") {
            Some(rest) => (rest, " and value_minor is not null"),
            None => (rest, ""),
        };
        let of_list = match rest.strip_prefix(':') {
            Some(list) => format!("list = '{}'", quoted(list)),
            None if rest.is_empty() => "true".to_owned(),
            None => return None,
        };
        return Some(format!(
            "select distinct {places} from payment_matches where {of_list}{valued}"
        ));
    }
    if let Some(rest) = id.strip_prefix("payments_shared_") {
        let (rest, persons) = match rest.strip_suffix("_persons") {
            Some(rest) => (rest, 2),
            None => (rest, 0),
        };
        let (what, column) = match rest {
            "sources" => ("paid-from", "paid_from"),
            "addresses" => ("paid-to", "paid_to"),
            "txids" => ("transaction", "txid"),
            _ => return None,
        };
        return payments(&format!(
            "account_no is not null and {column} in (select value from shared_sources where what \
             = '{what}' and persons >= {persons})"
        ));
    }
    for side in ["to", "from"] {
        let Some(status) = id.strip_prefix(&format!("payments_{side}_")) else {
            continue;
        };
        let column = format!("paid_{side}_status");
        return match status {
            "valid" | "missing" => payments(&format!("{column} = '{status}'")),
            "invalid" => payments(&format!("{column} not in ('valid', 'missing')")),
            _ => None,
        };
    }
    // Every report has one row of rank 0 or 1.
    match id {
        "victims_listed" | "victims_estimate_low" | "victims_estimate_high" => Some(format!(
            "select {places} from report_matches r where rank <= 1 and exists (select 1 from \
             losses l where l.loss_no = r.loss_no and l.tier in ('exact', 'probable'))"
        )),
        _ => None,
    }
}

/// A payment with all that is known of it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct PaymentExplained {
    /// Its place in `payments_read`.
    pub payment_no: u64,
    /// The system that recorded it.
    pub source: String,
    /// Its id there.
    pub payment_id: Option<String>,
    /// Where its row stands.
    pub row: FigureRow,
    /// The account that it is of.
    pub account_id: Option<String>,
    /// The person that the account is taken for.
    pub person_id: Option<String>,
    /// When, UTC.
    pub at_utc: Option<String>,
    /// The amount as the row has it, and its currency.
    pub amount: Option<String>,
    /// Its value on its day, in minor units.
    pub value_minor: Option<i64>,
    /// `valued`, or why it has no value.
    pub value_status: String,
    /// The address that it went to, and what that is.
    pub paid_to: Option<String>,
    /// `valid`, `missing`, or why it is no address.
    pub paid_to_status: String,
    /// The wallet that it came from.
    pub paid_from: Option<String>,
    /// `valid`, `missing`, or why it is no address.
    pub paid_from_status: String,
    /// The transaction.
    pub txid: Option<String>,
    /// What lists say of its addresses.
    pub listed: Vec<PaymentListed>,
    /// What other accounts' payments have in common with it.
    pub shared: Vec<SharedByPayment>,
}

/// What a list says of an address.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct PaymentListed {
    /// `paid-to` or `paid-from`.
    pub side: String,
    /// The list's file.
    pub list: String,
    /// The line of it.
    pub line: u64,
    /// Its label.
    pub label: Option<String>,
    /// Its category, or the kind of abuse.
    pub category: Option<String>,
    /// The day of the entry or of the list.
    pub dated: Option<String>,
    /// Where the list has it from.
    pub said_by: Option<String>,
}

/// What payments of several accounts have in common.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct SharedByPayment {
    /// `paid-from`, `paid-to` or `transaction`.
    pub what: String,
    /// The value.
    pub value: String,
    /// By how many accounts.
    pub accounts: u64,
    /// By how many persons.
    pub persons: u64,
    /// Who paid by it first, as `SOURCE/ID`; none where that cannot be told.
    pub first_payer: Option<String>,
}

/// A loss with its reports.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct LossExplained {
    /// Its place in `losses`.
    pub loss_no: u64,
    /// The tier of its surest report.
    pub tier: String,
    /// Month of the matched call, else as reported.
    pub month: Option<String>,
    /// Whose number the matched call showed.
    pub organisation: Option<String>,
    /// The matched call's account, as `SOURCE/ID`.
    pub account: Option<String>,
    /// Its person.
    pub person_id: Option<String>,
    /// Currency of the amounts.
    pub currency: Option<String>,
    /// The lowest amount that its reports state, in minor units.
    pub gross_minor: Option<i64>,
    /// The highest.
    pub highest_minor: Option<i64>,
    /// Given back.
    pub refunded_minor: Option<i64>,
    /// Taken back.
    pub recovered_minor: Option<i64>,
    /// Its reports, the surest match first.
    pub reports: Vec<LossReport>,
}

/// A report of a loss.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct LossReport {
    /// The source.
    pub source: String,
    /// Its id there.
    pub report_id: Option<String>,
    /// Where its row stands.
    pub row: FigureRow,
    /// The tier of its best match.
    pub tier: String,
    /// Why; numbers are shortened.
    pub reasons: Option<String>,
    /// Start of the matched call, UTC.
    pub started_utc: Option<String>,
    /// Where that call's row stands.
    pub call: Option<FigureRow>,
}

/// One row of an answer, read by place.
#[derive(Clone, Copy)]
struct Row<'a> {
    batch: &'a RecordBatch,
    at: usize,
}

fn each(batches: &[RecordBatch]) -> impl Iterator<Item = Row<'_>> {
    batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(move |at| Row { batch, at }))
}

impl Row<'_> {
    fn text(self, column: usize) -> Option<String> {
        let column = self.batch.column(column).as_string::<i32>();
        column
            .is_valid(self.at)
            .then(|| column.value(self.at).to_owned())
    }

    fn word(self, column: usize) -> String {
        self.text(column).unwrap_or_default()
    }

    fn int(self, column: usize) -> Option<i64> {
        let column = self.batch.column(column).as_primitive::<Int64Type>();
        column.is_valid(self.at).then(|| column.value(self.at))
    }

    fn count(self, column: usize) -> u64 {
        u64::try_from(self.int(column).unwrap_or(0)).unwrap_or(0)
    }

    /// A place in four columns; none where the first is null.
    fn place(self, column: usize) -> Option<FigureRow> {
        let exhibit = self.text(column)?;
        let small = |column| self.batch.column(column).as_primitive::<UInt32Type>();
        let offset = self.batch.column(column + 2).as_primitive::<UInt64Type>();
        Some(FigureRow {
            exhibit,
            stream: small(column + 1).value(self.at),
            byte_offset: offset.value(self.at),
            byte_len: small(column + 3).value(self.at),
        })
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Finds payments by `ID` or `SOURCE/ID`, and tells what is known of each; of one id several
/// sources may have a payment.
///
/// # Errors
/// The engine's.
pub fn explain_payment(
    engine: &Engine,
    name: &str,
) -> Result<Vec<PaymentExplained>, AnalysisError> {
    let name = quoted(name);
    let what = "a payment";
    let sql = format!(
        "select cast(r.payment_no as bigint) as n, r.source, r.payment_id, r.exhibit, r.stream, \
         r.byte_offset, r.byte_len, r.account_id, r.person_id, cast(r.at_utc as varchar) as at, \
         coalesce(p.amount_raw, '') || ' ' || coalesce(p.currency, '') as amount, r.value_minor, \
         r.value_status, r.paid_to, r.paid_to_status, r.paid_from, r.paid_from_status, r.txid from \
         payments_read r join payments p on p.exhibit = r.exhibit and p.stream = r.stream and \
         p.byte_offset = r.byte_offset where r.payment_id = {name} or r.source || '/' || \
         r.payment_id = {name} order by r.payment_no"
    );
    let found = engine.rows(&sql, what)?;
    let mut all = Vec::new();
    for row in each(&found) {
        let payment_no = row.count(0);
        let sql = format!(
            "select side, list, cast(line as bigint) as line, label, coalesce(abuse, category) as \
             category, dated, said_by from payment_matches where payment_no = {payment_no} order \
             by side, list, line"
        );
        let listed = engine.rows(&sql, what)?;
        let values = [(13, "paid-to"), (15, "paid-from"), (17, "transaction")]
            .into_iter()
            .filter_map(|(column, word)| {
                let value = quoted(&row.text(column)?);
                Some(format!("(what = '{word}' and value = {value})"))
            });
        let values: Vec<String> = values.collect();
        let condition = if values.is_empty() {
            "false".to_owned()
        } else {
            values.join(" or ")
        };
        let sql = format!(
            "select what, value, cast(max(accounts) as bigint) as accounts, cast(max(persons) as \
             bigint) as persons, max(case when first_payer then source || '/' || account_id end) \
             as first from shared_sources where {condition} group by what, value order by what, \
             value"
        );
        let shared = engine.rows(&sql, what)?;
        let Some(place) = row.place(3) else { continue };
        all.push(PaymentExplained {
            payment_no,
            source: row.word(1),
            payment_id: row.text(2),
            row: place,
            account_id: row.text(7),
            person_id: row.text(8),
            at_utc: row.text(9),
            amount: row.text(10).filter(|amount| !amount.trim().is_empty()),
            value_minor: row.int(11),
            value_status: row.word(12),
            paid_to: row.text(13),
            paid_to_status: row.word(14),
            paid_from: row.text(15),
            paid_from_status: row.word(16),
            txid: row.text(17),
            listed: each(&listed)
                .map(|row| PaymentListed {
                    side: row.word(0),
                    list: row.word(1),
                    line: row.count(2),
                    label: row.text(3),
                    category: row.text(4),
                    dated: row.text(5),
                    said_by: row.text(6),
                })
                .collect(),
            shared: each(&shared)
                .map(|row| SharedByPayment {
                    what: row.word(0),
                    value: row.word(1),
                    accounts: row.count(2),
                    persons: row.count(3),
                    first_payer: row.text(4),
                })
                .collect(),
        });
    }
    Ok(all)
}

/// Tells what a loss is made of; None where there is no loss of that number.
///
/// # Errors
/// The engine's.
pub fn explain_loss(engine: &Engine, loss_no: u32) -> Result<Option<LossExplained>, AnalysisError> {
    let what = "a loss";
    let sql = format!(
        "select tier, month, organisation, account_source || '/' || account_id as account, \
         person_id, currency, gross_minor, highest_minor, refunded_minor, recovered_minor from \
         losses where loss_no = {loss_no}"
    );
    let found = engine.rows(&sql, what)?;
    let Some(row) = each(&found).next() else {
        return Ok(None);
    };
    let sql = format!(
        "select source, report_id, exhibit, stream, byte_offset, byte_len, tier, reasons, \
         cast(started_utc as varchar) as started, call_exhibit, call_stream, call_byte_offset, \
         call_byte_len from report_matches where rank <= 1 and loss_no = {loss_no} order by case \
         tier when 'exact' then 0 when 'probable' then 1 when 'possible' then 2 else 3 end, \
         source, exhibit, stream, byte_offset"
    );
    let reports = engine.rows(&sql, what)?;
    let reports = each(&reports).filter_map(|row| {
        Some(LossReport {
            source: row.word(0),
            report_id: row.text(1),
            row: row.place(2)?,
            tier: row.word(6),
            reasons: row.text(7),
            started_utc: row.text(8),
            call: row.place(9),
        })
    });
    Ok(Some(LossExplained {
        loss_no: loss_no.into(),
        tier: row.word(0),
        month: row.text(1),
        organisation: row.text(2),
        account: row.text(3),
        person_id: row.text(4),
        currency: row.text(5),
        gross_minor: row.int(6),
        highest_minor: row.int(7),
        refunded_minor: row.int(8),
        recovered_minor: row.int(9),
        reports: reports.collect(),
    }))
}
