//! `derived/payments_read.parquet`: each payment that counts, with what the addresses that it went
//! to and came from turned out to be.
//!
//! The seized table counts as fact. What happened on a chain before or after is not inferred.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, StringArray};
use camino::Utf8Path;
use unspoof_payments::{AddressStatus, ValueStatus, read_address_key};

use crate::AnalysisError;
use crate::accounts::{Account, Accounts, PLACE_COLUMNS, Place, Places};
use crate::ordered::in_order;
use crate::parts::{TablePart, read_part};
use crate::persons_table::{Counted, Linked};
use crate::whole_table::WholeTable;

/// An address or the like: the text that it is compared by, and what it is.
pub(crate) struct Address {
    pub(crate) key: String,
    pub(crate) status: AddressStatus,
}

/// One payment that counts.
pub(crate) struct PaymentRow {
    source: Arc<str>,
    payment_id: Option<String>,
    pub(crate) account_no: Option<u32>,
    pub(crate) at_us: Option<i64>,
    /// Its value in minor units on its day, or why it has none.
    pub(crate) value: Result<i64, ValueStatus>,
    /// Paid to, paid from: places in [`PaymentRows::addresses`].
    pub(crate) paid_to: Option<u32>,
    pub(crate) paid_from: Option<u32>,
    /// The transaction, in lower case.
    pub(crate) txid: Option<String>,
    pub(crate) place: Place,
}

impl PaymentRow {
    /// Returns the value, where it has one.
    pub(crate) fn value_minor(&self) -> Option<i64> {
        self.value.ok()
    }
}

/// All payments that count, in the order of exhibits and rows; a place here is `payment_no`.
#[derive(Default)]
pub(crate) struct PaymentRows {
    pub(crate) rows: Vec<PaymentRow>,
    /// Different addresses, by their first payment.
    pub(crate) addresses: Vec<Address>,
}

/// What one part holds; addresses are numbered within it.
#[derive(Default)]
struct OfPart {
    rows: Vec<PaymentRow>,
    addresses: Vec<Address>,
}

/// Numbers addresses by the text that they are compared by.
#[derive(Default)]
struct Numbers {
    of_key: HashMap<String, u32>,
    all: Vec<Address>,
}

impl Numbers {
    fn number(&mut self, address: Address) -> u32 {
        if let Some(&known) = self.of_key.get(&address.key) {
            return known;
        }
        let number = self.all.len() as u32;
        self.of_key.insert(address.key.clone(), number);
        self.all.push(address);
        number
    }
}

/// Reads each different text of a part once.
#[derive(Default)]
struct Texts<'a> {
    of_text: HashMap<&'a str, Option<u32>>,
    numbers: Numbers,
}

impl<'a> Texts<'a> {
    fn number(&mut self, column: &'a StringArray, row: usize) -> Option<u32> {
        if column.is_null(row) {
            return None;
        }
        let text = column.value(row);
        if let Some(&known) = self.of_text.get(text) {
            return known;
        }
        let number = read_address_key(text)
            .map(|(key, status)| self.numbers.number(Address { key, status }));
        self.of_text.insert(text, number);
        number
    }
}

impl PaymentRows {
    pub(crate) fn read(
        (numbered, left_out): Counted<'_>,
        accounts: &Accounts,
        workers: usize,
    ) -> Result<Self, AnalysisError> {
        let read = |index: usize| {
            let (part, first) = numbered.parts[index];
            read_one(part, accounts, |row| left_out.contains(first + row as u32))
        };
        let mut made = Self::default();
        let mut numbers = Numbers::default();
        in_order(numbered.parts.len(), workers, read, |_, of_part| {
            let known: Vec<u32> = of_part
                .addresses
                .into_iter()
                .map(|address| numbers.number(address))
                .collect();
            let moved = |at: Option<u32>| at.map(|at| known[at as usize]);
            made.rows
                .extend(of_part.rows.into_iter().map(|row| PaymentRow {
                    paid_to: moved(row.paid_to),
                    paid_from: moved(row.paid_from),
                    ..row
                }));
            Ok(())
        })?;
        made.addresses = numbers.all;
        Ok(made)
    }

    /// Returns an address by its place.
    pub(crate) fn address(&self, at: Option<u32>) -> Option<&Address> {
        self.addresses.get(at? as usize)
    }

    /// Writes the table, in the order of the rows.
    pub(crate) fn write(
        &self,
        accounts: &Accounts,
        linked: &Linked,
        currency: &str,
        path: &Utf8Path,
    ) -> Result<(), AnalysisError> {
        let numbered: Vec<(u32, &PaymentRow)> = (0..).zip(&self.rows).collect();
        let account = |row: &(u32, &PaymentRow)| -> Option<&Account> {
            Some(&accounts.all[row.1.account_no? as usize])
        };
        let to = |row: &(u32, &PaymentRow)| self.address(row.1.paid_to);
        let from = |row: &(u32, &PaymentRow)| self.address(row.1.paid_from);
        WholeTable::of(&numbered)
            .small("payment_no", |row| Some(row.0))
            .text("source", |row| Some(&row.1.source))
            .text("payment_id", |row| row.1.payment_id.as_deref())
            .place("", |row| Some(&row.1.place))
            .small("account_no", |row| row.1.account_no)
            .text("account_id", |row| Some(&account(row)?.account_id))
            .text("person_id", |row| {
                Some(linked.persons.person_of(row.1.account_no?)?.id.as_str())
            })
            .time("at_utc", |row| row.1.at_us)
            .int("value_minor", |row| row.1.value_minor())
            .text("value_currency", |row| {
                row.1.value_minor().map(|_| currency)
            })
            .text("value_status", |row| {
                Some(match row.1.value {
                    Ok(_) => ValueStatus::Valued.as_str(),
                    Err(status) => status.as_str(),
                })
            })
            .text("paid_to", |row| Some(to(row)?.key.as_str()))
            .text("paid_to_status", |row| Some(status_word(to(row))))
            .text("paid_to_network", |row| network(to(row)))
            .text("paid_to_kind", |row| kind(to(row)))
            .text("paid_from", |row| Some(from(row)?.key.as_str()))
            .text("paid_from_status", |row| Some(status_word(from(row))))
            .text("paid_from_network", |row| network(from(row)))
            .text("paid_from_kind", |row| kind(from(row)))
            .text("txid", |row| row.1.txid.as_deref())
            .write(path)
    }
}

/// Says what an address is: `valid`, `missing`, or why it is none.
pub(crate) fn status_word(address: Option<&Address>) -> &'static str {
    match address.map(|address| address.status) {
        None => AddressStatus::Missing.as_str(),
        Some(AddressStatus::Valid(_)) => "valid",
        Some(status) => status.as_str(),
    }
}

fn network(address: Option<&Address>) -> Option<&'static str> {
    match address?.status {
        AddressStatus::Valid(_) => Some("bitcoin"),
        AddressStatus::OtherNetwork => Some("other"),
        AddressStatus::Missing
        | AddressStatus::WrongChecksum
        | AddressStatus::MixedCase
        | AddressStatus::NotAnAddress => None,
    }
}

fn kind(address: Option<&Address>) -> Option<&'static str> {
    match address?.status {
        AddressStatus::Valid(kind) => Some(kind.as_str()),
        AddressStatus::Missing
        | AddressStatus::WrongChecksum
        | AddressStatus::OtherNetwork
        | AddressStatus::MixedCase
        | AddressStatus::NotAnAddress => None,
    }
}

/// Reads why a payment has no value, as the table of payments words it.
fn why_without(word: &str) -> ValueStatus {
    match word {
        "no-time" => ValueStatus::NoTime,
        "no-rate" => ValueStatus::NoRate,
        "too-large" => ValueStatus::TooLarge,
        _ => ValueStatus::NoAmount,
    }
}

fn text(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row).trim())
}

fn read_one(
    part: &TablePart,
    accounts: &Accounts,
    is_left_out: impl Fn(usize) -> bool,
) -> Result<OfPart, AnalysisError> {
    let mut wanted = vec![
        "payment_id",
        "account_id",
        "at_utc",
        "value_minor",
        "value_status",
        "txid",
        "address",
        "payer",
    ];
    wanted.extend(PLACE_COLUMNS);
    let columns = read_part(&part.path, &wanted)?;
    let (ids, times) = (columns.text("account_id")?, columns.time("at_utc")?);
    let (payments, txids) = (columns.text("payment_id")?, columns.text("txid")?);
    let (values, why) = (columns.int("value_minor")?, columns.text("value_status")?);
    let (to, from) = (columns.text("address")?, columns.text("payer")?);
    let places = Places::of(part, &columns)?;
    let source: Arc<str> = part.source.as_str().into();
    let of_source = accounts.of_source(&part.source);
    let mut texts = Texts::default();
    let mut rows = Vec::with_capacity(ids.len());
    for row in (0..ids.len()).filter(|&row| !is_left_out(row)) {
        rows.push(PaymentRow {
            source: Arc::clone(&source),
            payment_id: text(payments, row).map(str::to_owned),
            account_no: text(ids, row).and_then(|_| of_source?.get(ids.value(row)).copied()),
            at_us: times.is_valid(row).then(|| times.value(row)),
            value: if values.is_valid(row) {
                Ok(values.value(row))
            } else {
                Err(why_without(text(why, row).unwrap_or_default()))
            },
            paid_to: texts.number(to, row),
            paid_from: texts.number(from, row),
            txid: text(txids, row)
                .filter(|text| !text.is_empty())
                .map(str::to_ascii_lowercase),
            place: places.at(row),
        });
    }
    Ok(OfPart {
        rows,
        addresses: texts.numbers.all,
    })
}
