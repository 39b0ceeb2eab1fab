//! One row a called number, and one row an account, with their facts.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use camino::Utf8Path;
use unspoof_model::config::{Engaged, Funnel};
use unspoof_numbers::PhoneNumber;
use unspoof_numbers::blocks::{Block, BlockAnswer, Blocks};

use crate::AnalysisError;
use crate::accounts::{Account, Accounts};
use crate::call_facts::{CallFact, CallFacts};
use crate::funnel::FunnelTally;
use crate::identified::IdentifiedAccounts;
use crate::line_class::of_class;
use crate::ordered::in_order;
use crate::write::TableWriter;

/// Counts over call attempts: of a number and account, of a number, or of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Counts {
    calls: i64,
    answered: i64,
    engaged: i64,
    /// Sum of talk times of answered calls; none is counted below 0.
    talk_s: i64,
    longest_talk_s: Option<i64>,
    codes: i64,
    spoofed: i64,
    first_us: Option<i64>,
    last_us: Option<i64>,
}

impl Counts {
    fn of(call: &CallFact) -> Self {
        let talk_s = call.talk_s.filter(|_| call.answered);
        Self {
            calls: 1,
            answered: i64::from(call.answered),
            engaged: i64::from(call.engaged),
            talk_s: talk_s.unwrap_or(0).max(0),
            longest_talk_s: talk_s,
            codes: i64::from(call.code),
            spoofed: i64::from(call.spoofed),
            first_us: call.started_us,
            last_us: call.started_us,
        }
    }

    /// Adds others' counts. The result is the same in any order.
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.answered += other.answered;
        self.engaged += other.engaged;
        self.talk_s = self.talk_s.saturating_add(other.talk_s);
        self.longest_talk_s = self.longest_talk_s.max(other.longest_talk_s);
        self.codes += other.codes;
        self.spoofed += other.spoofed;
        self.first_us = match (self.first_us, other.first_us) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, another) => one.or(another),
        };
        self.last_us = self.last_us.max(other.last_us);
    }
}

/// All attempts of one account to one number.
#[derive(Clone, Copy, Debug)]
struct Pair {
    called: Option<i64>,
    account_no: Option<u32>,
    class: Option<i32>,
    home: bool,
    priority_engaged: bool,
    counts: Counts,
}

impl Pair {
    fn of(call: &CallFact) -> Self {
        Self {
            called: call.called,
            account_no: call.account_no,
            class: call.class,
            home: call.home,
            priority_engaged: call.priority && call.engaged,
            counts: Counts::of(call),
        }
    }

    fn is_of(&self, other: &Self) -> bool {
        (self.called, self.account_no) == (other.called, other.account_no)
    }

    fn add(&mut self, other: &Self) {
        self.class = self.class.max(other.class);
        self.home |= other.home;
        self.priority_engaged |= other.priority_engaged;
        self.counts.add(&other.counts);
    }
}

/// Puts equal neighbours together.
fn together(pairs: &mut Vec<Pair>) {
    pairs.dedup_by(|next, kept| {
        let is_same = kept.is_of(next);
        if is_same {
            kept.add(next);
        }
        is_same
    });
}

/// One called number.
#[derive(Clone, Copy, Debug)]
struct Contact {
    number: i64,
    accounts: i64,
    of_all: Pair,
}

/// What one range of numbers comes to.
struct RangeFacts<'a> {
    pairs: Vec<Pair>,
    chunks: usize,
    funnel: FunnelTally<'a>,
}

impl RangeFacts<'_> {
    fn take(&mut self, chunk: &[CallFact]) {
        for call in chunk {
            self.funnel.take(call);
            let pair = Pair::of(call);
            match self.pairs.last_mut() {
                Some(last) if last.is_of(&pair) => last.add(&pair),
                _ => self.pairs.push(pair),
            }
        }
        self.chunks += 1;
        if self.chunks > 1 {
            self.pairs
                .sort_by_key(|pair| (pair.called, pair.account_no));
            together(&mut self.pairs);
        }
    }

    fn contacts(&self) -> Vec<Contact> {
        let mut contacts: Vec<Contact> = Vec::new();
        for pair in &self.pairs {
            let Some(number) = pair.called else { continue };
            let by_account = i64::from(pair.account_no.is_some());
            match contacts.last_mut() {
                Some(last) if last.number == number => {
                    last.accounts += by_account;
                    last.of_all.add(pair);
                }
                _ => contacts.push(Contact {
                    number,
                    accounts: by_account,
                    of_all: *pair,
                }),
            }
        }
        contacts
    }
}

/// What an account's attempts come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct AccountCalls {
    counts: Counts,
    numbers_called: i64,
    numbers_engaged: i64,
}

/// What all counted attempts come to, besides the tables.
pub(crate) struct Gathered<'a> {
    /// Different numbers called.
    pub(crate) numbers_called: u64,
    /// Different numbers of a home region in engaged attempts.
    pub(crate) numbers_home_engaged: u64,
    pub(crate) funnel: FunnelTally<'a>,
    accounts: Vec<AccountCalls>,
}

impl Gathered<'_> {
    /// Returns the accounts (by `account_no`) that placed a counted attempt.
    pub(crate) fn active(&self) -> Vec<u32> {
        let numbered = (0..).zip(&self.accounts);
        let active = numbered.filter(|(_, account)| account.counts.calls > 0);
        active.map(|(number, _)| number).collect()
    }

    /// Returns the first and last instants of an account's counted attempts, in microseconds UTC.
    pub(crate) fn span_of(&self, account_no: usize) -> (Option<i64>, Option<i64>) {
        let counts = self.accounts.get(account_no).map(|account| account.counts);
        counts.map_or((None, None), |counts| (counts.first_us, counts.last_us))
    }
}

/// Writes `contacts`, in the order of the number.
pub(crate) fn write_contacts<'a>(
    facts: &CallFacts,
    accounts: usize,
    (config, engaged, identified): (&'a Funnel, &'a Engaged, &IdentifiedAccounts),
    blocks: Option<&Blocks>,
    path: &Utf8Path,
    workers: usize,
) -> Result<Gathered<'a>, AnalysisError> {
    let by_account = Mutex::new(vec![AccountCalls::default(); accounts]);
    let ranges = facts.ranges();
    let gather = |index: usize| {
        let mut made = RangeFacts {
            pairs: Vec::new(),
            chunks: 0,
            funnel: FunnelTally::new(config, engaged, identified),
        };
        facts.read(ranges[index], |chunk| made.take(chunk))?;
        let mut by_account = by_account.lock().unwrap_or_else(PoisonError::into_inner);
        for pair in &made.pairs {
            if let Some(account) = pair.account_no {
                let account = &mut by_account[account as usize];
                account.counts.add(&pair.counts);
                if pair.called.is_some() {
                    account.numbers_called += 1;
                    account.numbers_engaged += i64::from(pair.counts.engaged > 0);
                }
            }
        }
        drop(by_account);
        let contacts = made.contacts();
        let of_home = contacts.iter().map(|contact| &contact.of_all);
        let home_engaged = of_home.filter(|all| all.home && all.counts.engaged > 0);
        let home_engaged = home_engaged.count() as u64;
        let batch = contacts_batch(&contacts, blocks);
        Ok::<_, AnalysisError>((batch, home_engaged, made.funnel))
    };
    let mut writer = TableWriter::create(path, contacts_schema())?;
    let mut funnel = FunnelTally::new(config, engaged, identified);
    let mut numbers_home_engaged = 0;
    in_order(
        ranges.len(),
        workers,
        gather,
        |_, (batch, home_engaged, tally)| {
            numbers_home_engaged += home_engaged;
            funnel.absorb(tally);
            writer.write(batch)
        },
    )?;
    Ok(Gathered {
        numbers_called: writer.finish()?,
        numbers_home_engaged,
        funnel,
        accounts: by_account
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
    })
}

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Columns of [`Counts`] that both tables have, in their order.
fn counts_fields(names: &[&str]) -> Vec<Field> {
    let fields = names
        .iter()
        .map(|name| Field::new(*name, DataType::Int64, false));
    fields.collect()
}

fn contacts_schema() -> SchemaRef {
    let mut fields = vec![
        Field::new("called_e164", DataType::Int64, false),
        Field::new("called_region", DataType::Utf8, true),
        Field::new("called_type", DataType::Utf8, true),
        Field::new("allocation", DataType::Utf8, true),
        Field::new("block_holder", DataType::Utf8, true),
    ];
    fields.extend(counts_fields(&[
        "calls",
        "answered_calls",
        "engaged_calls",
        "talk_s",
    ]));
    fields.push(Field::new("longest_talk_s", DataType::Int64, true));
    fields.extend(counts_fields(&[
        "codes_captured",
        "spoofed_calls",
        "accounts",
    ]));
    fields.push(Field::new("by_priority_account", DataType::Boolean, false));
    fields.push(Field::new("first_utc", time(), true));
    fields.push(Field::new("last_utc", time(), true));
    Arc::new(Schema::new(fields))
}

fn contacts_batch(contacts: &[Contact], blocks: Option<&Blocks>) -> RecordBatch {
    let number = |of: fn(&Contact) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(contacts.iter().map(of)))
    };
    let moment = |of: fn(&Counts) -> Option<i64>| -> ArrayRef {
        let moments = contacts.iter().map(|contact| of(&contact.of_all.counts));
        let moments: TimestampMicrosecondArray = moments.collect();
        Arc::new(moments.with_timezone("UTC"))
    };
    let spelt: Vec<Option<(String, Option<&str>)>> = contacts
        .iter()
        .map(|contact| contact.of_all.class.map(of_class))
        .collect();
    let answers: Vec<Option<BlockAnswer<'_>>> = contacts
        .iter()
        .map(|contact| {
            let day = contact.of_all.counts.last_us?.div_euclid(86_400_000_000) as i32;
            let number = PhoneNumber::from_key(u64::try_from(contact.number).ok()?).ok()?;
            blocks?.lookup(number, day)
        })
        .collect();
    let allocation = answers.iter().map(|a| a.map(BlockAnswer::as_str));
    let holder = answers.iter().map(|a| a.and_then(BlockAnswer::block));
    let holder = holder.map(|block| block.and_then(Block::holder));
    let longest = contacts.iter().map(|c| c.of_all.counts.longest_talk_s);
    let by_priority = contacts.iter().map(|c| Some(c.of_all.priority_engaged));
    let columns: Vec<ArrayRef> = vec![
        number(|c| c.number),
        Arc::new(StringArray::from_iter(
            spelt
                .iter()
                .map(|spelt| spelt.as_ref().map(|(region, _)| region.as_str())),
        )),
        Arc::new(StringArray::from_iter(
            spelt
                .iter()
                .map(|spelt| spelt.as_ref().and_then(|(_, kind)| *kind)),
        )),
        Arc::new(StringArray::from_iter(allocation)),
        Arc::new(StringArray::from_iter(holder)),
        number(|c| c.of_all.counts.calls),
        number(|c| c.of_all.counts.answered),
        number(|c| c.of_all.counts.engaged),
        number(|c| c.of_all.counts.talk_s),
        Arc::new(longest.collect::<Int64Array>()),
        number(|c| c.of_all.counts.codes),
        number(|c| c.of_all.counts.spoofed),
        number(|c| c.accounts),
        Arc::new(by_priority.collect::<BooleanArray>()),
        moment(|counts| counts.first_us),
        moment(|counts| counts.last_us),
    ];
    RecordBatch::try_new(contacts_schema(), columns)
        .expect("each column was made by its type in the schema")
}

/// Writes `suspects`, one row an account, in the order of source and id.
///
/// The name is the table's, not a verdict: an account's holder is unassessed until a named person
/// records otherwise.
pub(crate) fn write_suspects(
    gathered: &Gathered<'_>,
    accounts: &Accounts,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let all = &accounts.all;
    let text = |of: fn(&Account) -> Option<&str>| -> ArrayRef {
        Arc::new(all.iter().map(of).collect::<StringArray>())
    };
    let number = |of: &dyn Fn(&AccountCalls) -> i64| -> ArrayRef {
        let counts = gathered.accounts.iter().map(of);
        Arc::new(Int64Array::from_iter_values(counts))
    };
    let moment = |of: fn(&Counts) -> Option<i64>| -> ArrayRef {
        let moments = gathered.accounts.iter().map(|account| of(&account.counts));
        let moments: TimestampMicrosecondArray = moments.collect();
        Arc::new(moments.with_timezone("UTC"))
    };
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
    fields.extend(counts_fields(&[
        "calls",
        "answered_calls",
        "engaged_calls",
        "numbers_called",
        "numbers_engaged",
        "talk_s",
        "codes_captured",
        "spoofed_calls",
    ]));
    fields.push(Field::new("first_utc", time(), true));
    fields.push(Field::new("last_utc", time(), true));
    let payments = all
        .iter()
        .map(|account| i64::try_from(account.payments).unwrap_or(i64::MAX));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(0..all.len() as u32)),
        text(|account| Some(&account.source)),
        text(|account| Some(&account.account_id)),
        text(|account| Some(&account.role)),
        text(|account| account.username.as_deref()),
        text(|account| account.email.as_deref()),
        Arc::new(
            all.iter()
                .map(|account| account.phone_e164)
                .collect::<Int64Array>(),
        ),
        text(|account| account.phone_region.as_deref()),
        Arc::new(Int64Array::from_iter_values(payments)),
        Arc::new(Int64Array::from_iter_values(
            all.iter().map(|account| account.paid_minor),
        )),
        Arc::new(
            all.iter()
                .map(|account| Some(account.is_priority))
                .collect::<BooleanArray>(),
        ),
        number(&|account| account.counts.calls),
        number(&|account| account.counts.answered),
        number(&|account| account.counts.engaged),
        number(&|account| account.numbers_called),
        number(&|account| account.numbers_engaged),
        number(&|account| account.counts.talk_s),
        number(&|account| account.counts.codes),
        number(&|account| account.counts.spoofed),
        moment(|counts| counts.first_us),
        moment(|counts| counts.last_us),
    ];
    let schema = Arc::new(Schema::new(fields));
    let batch =
        RecordBatch::try_new(schema.clone(), columns).map_err(|e| AnalysisError::write(path, e))?;
    let mut writer = TableWriter::create(path, schema)?;
    writer.write(batch)?;
    writer.finish().map(drop)
}
