//! `unspoof explain payment:ID`, `unspoof explain loss:NUMBER`

use std::fmt::Write as _;

use unspoof_analysis::{
    Engine, FigureRow, LossExplained, PaymentExplained, explain_loss, explain_payment,
};
use unspoof_evidence::{CaseFolder, Details};

use super::Done;
use super::explain::{hex, on_one_line, read_bytes};
use crate::args::Explain;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::engine_options;

/// Says that only persons are drawn.
pub(crate) fn no_picture(name: &str) -> anyhow::Error {
    Refusal::new(
        "explain/no-picture",
        format!("there is no picture of `{name}`: only persons are drawn"),
    )
    .hint("name a person, or one of its accounts: unspoof explain SOURCE/ID --svg FILE")
    .into()
}

/// What was asked about.
enum Found {
    Payment(Box<PaymentExplained>),
    Loss(Box<LossExplained>),
}

impl Found {
    fn rows(&self) -> Vec<FigureRow> {
        match self {
            Self::Payment(payment) => vec![payment.row.clone()],
            Self::Loss(loss) => loss
                .reports
                .iter()
                .flat_map(|report| [Some(report.row.clone()), report.call.clone()])
                .flatten()
                .collect(),
        }
    }
}

/// Explains the payment or the loss that `args.figure` names; None where it names neither.
pub(crate) fn explain(
    around: &Surroundings,
    case: &CaseFolder,
    args: &Explain,
) -> anyhow::Result<Option<Done>> {
    let name = args.figure.as_str();
    let (kind, rest) = match name.split_once(':') {
        Some(("payment", rest)) => ("payment", rest),
        Some(("loss", rest)) => ("loss", rest),
        Some(_) | None => return Ok(None),
    };
    if args.svg.is_some() {
        return Err(no_picture(name));
    }
    let details = Details::new()
        .with(kind, case.keyed(&around.keys, rest)?)
        .with("bytes", args.bytes);
    around.consult(case, "explain", &details)?;
    let scratch = case
        .root()
        .join(".staging")
        .join(format!("explain-{}", std::process::id()));
    let found = (|| -> anyhow::Result<_> {
        let engine = Engine::start(&engine_options(around, &scratch))?;
        engine.register_case(case.root(), case.config())?;
        if kind == "loss" {
            let loss = match rest.parse() {
                Ok(number) => explain_loss(&engine, number)?,
                Err(_) => None,
            };
            return Ok(loss.map(|loss| Found::Loss(Box::new(loss))));
        }
        let mut payments = explain_payment(&engine, rest)?;
        if payments.len() > 1 {
            let names: Vec<String> = payments
                .iter()
                .map(|payment| format!("payment:{}/{rest}", payment.source))
                .collect();
            return Err(Refusal::new(
                "explain/ambiguous",
                format!("`{rest}` is a payment of several sources"),
            )
            .hint(format!("name one of them: {}", names.join(", ")))
            .into());
        }
        let payment = payments.pop();
        Ok(payment.map(|payment| Found::Payment(Box::new(payment))))
    })();
    let _ = std::fs::remove_dir_all(&scratch);
    let Some(found) = found? else {
        return Err(
            Refusal::new("explain/unknown", format!("there is no {kind} `{rest}`"))
                .hint(format!("list them: unspoof sql \"{}\"", listing(kind)))
                .into(),
        );
    };
    let bytes = if args.bytes {
        read_bytes(case, &found.rows())?
    } else {
        Vec::new()
    };
    if around.json {
        let bytes: Vec<String> = bytes.iter().map(|bytes| hex(bytes)).collect();
        output::json(&match &found {
            Found::Payment(payment) => {
                serde_json::json!({ "payment": payment, "bytes_hex": bytes })
            }
            Found::Loss(loss) => serde_json::json!({ "loss": loss, "bytes_hex": bytes }),
        });
        return Ok(Some(Done::Whole));
    }
    let mut text = match &found {
        Found::Payment(payment) => tell_payment(payment)?,
        Found::Loss(loss) => tell_loss(loss)?,
    };
    for (row, bytes) in found.rows().iter().zip(&bytes) {
        writeln!(text, "{}", place(row))?;
        writeln!(text, "    {}", on_one_line(bytes))?;
    }
    output::text(&text);
    Ok(Some(Done::Whole))
}

fn listing(kind: &str) -> &'static str {
    match kind {
        "loss" => "select loss_no, tier, month, gross_minor from losses",
        _ => "select source, payment_id, account_id from payments_read",
    }
}

fn place(row: &FigureRow) -> String {
    format!(
        "{} stream {} bytes {}..{}",
        row.exhibit,
        row.stream,
        row.byte_offset,
        row.byte_offset + u64::from(row.byte_len)
    )
}

/// Writes minor units as whole ones with two places.
fn amount(minor: Option<i64>, currency: &str) -> String {
    match minor {
        Some(minor) => {
            let sign = if minor < 0 { "-" } else { "" };
            let (whole, rest) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
            format!("{sign}{whole}.{rest:02} {currency}")
        }
        None => "not stated".to_owned(),
    }
}

fn tell_payment(payment: &PaymentExplained) -> anyhow::Result<String> {
    let mut text = String::new();
    let or_none = |word: &Option<String>| word.clone().unwrap_or_else(|| "not recorded".to_owned());
    let id = or_none(&payment.payment_id);
    writeln!(text, "payment {}/{id}", payment.source)?;
    writeln!(text, "{}", place(&payment.row))?;
    let account = payment.account_id.as_ref();
    let account = account.map(|id| format!("{}/{id}", payment.source));
    writeln!(
        text,
        "  by account {}, taken for person {}",
        or_none(&account),
        or_none(&payment.person_id)
    )?;
    writeln!(text, "  at {}", or_none(&payment.at_utc))?;
    match payment.value_minor {
        Some(minor) => writeln!(
            text,
            "  amount {}, worth {minor} minor units on its day",
            or_none(&payment.amount)
        )?,
        None => writeln!(
            text,
            "  amount {}, without a value: {}",
            or_none(&payment.amount),
            payment.value_status
        )?,
    }
    for (what, value, status) in [
        ("paid to", &payment.paid_to, &payment.paid_to_status),
        ("paid from", &payment.paid_from, &payment.paid_from_status),
    ] {
        writeln!(text, "  {what} {}: {status}", or_none(value))?;
    }
    writeln!(text, "  transaction {}", or_none(&payment.txid))?;
    for one in &payment.listed {
        writeln!(
            text,
            "  its {} address is on the list {}, line {} (dated {}): {}, {}; said by {}",
            one.side,
            one.list,
            one.line,
            or_none(&one.dated),
            or_none(&one.label),
            or_none(&one.category),
            or_none(&one.said_by),
        )?;
    }
    for one in &payment.shared {
        writeln!(
            text,
            "  {} {}: shared by {} accounts of {} persons; first payer {}",
            one.what,
            one.value,
            one.accounts,
            one.persons,
            one.first_payer.as_deref().unwrap_or("cannot be told"),
        )?;
    }
    writeln!(
        text,
        "the row counts as fact; no block chain was looked at, and nothing is inferred from one"
    )?;
    Ok(text)
}

fn tell_loss(loss: &LossExplained) -> anyhow::Result<String> {
    let mut text = String::new();
    let or_none = |word: &Option<String>| word.clone().unwrap_or_else(|| "not known".to_owned());
    let currency = loss.currency.as_deref().unwrap_or_default();
    writeln!(
        text,
        "loss {}: {}, told of by {} {}; nobody has confirmed it",
        loss.loss_no,
        loss.tier,
        loss.reports.len(),
        if loss.reports.len() == 1 {
            "report"
        } else {
            "reports"
        }
    )?;
    writeln!(text, "  month {}", or_none(&loss.month))?;
    writeln!(text, "  organisation shown {}", or_none(&loss.organisation))?;
    writeln!(
        text,
        "  account {}, taken for person {}",
        or_none(&loss.account),
        or_none(&loss.person_id)
    )?;
    writeln!(
        text,
        "  counted {}, the lowest that its reports state; the highest {}",
        amount(loss.gross_minor, currency),
        amount(loss.highest_minor, currency)
    )?;
    writeln!(
        text,
        "  refunded {}, recovered {}; taken off nothing",
        amount(loss.refunded_minor, currency),
        amount(loss.recovered_minor, currency)
    )?;
    for report in &loss.reports {
        let id = report.report_id.as_deref().unwrap_or("without an id");
        writeln!(
            text,
            "  report {}/{id}: {}, {}",
            report.source,
            report.tier,
            place(&report.row)
        )?;
        if let Some(reasons) = &report.reasons {
            writeln!(text, "    because {reasons}")?;
        }
        if let Some(call) = &report.call {
            writeln!(
                text,
                "    call at {}: {}",
                or_none(&report.started_utc),
                place(call)
            )?;
        }
    }
    Ok(text)
}
