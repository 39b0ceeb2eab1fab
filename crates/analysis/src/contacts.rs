//! One row a called number: its facts, counted from its calls, and its rank.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use camino::Utf8Path;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use unspoof_columns::TableFile;
use unspoof_model::config::{Engaged, Funnel};
use unspoof_model::{Region, Zone};
use unspoof_numbers::PhoneNumber;
use unspoof_numbers::blocks::{Block, BlockAnswer, Blocks};
use unspoof_ranking::{
    AboutAccount, AboutNumber, ContactCounter, ContactFact, Contacts, Fact as _, Facts, NO_START,
    SeenCall,
};

use crate::AnalysisError;
use crate::account_sets::{Hours, NumberSets};
use crate::accounts::Accounts;
use crate::call_facts::{CallFact, CallFacts};
use crate::calls::EngagedBy;
use crate::calls_to_match::NO_ACCOUNT;
use crate::funnel::FunnelTally;
use crate::identified::IdentifiedAccounts;
use crate::line_class::{is_mobile, of_class};
use crate::ordered::in_order;
use crate::organisations::Organisations;
use crate::report_matches::tier_word;
use crate::told::{Told, ToldBy};
use crate::zones::{clock_of, hour_at};

const DAY_US: i64 = 86_400_000_000;

/// What an account's attempts come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct AccountCalls {
    pub(crate) calls: i64,
    pub(crate) answered: i64,
    pub(crate) engaged: i64,
    /// Sum of talk times of answered calls; none is counted below 0.
    pub(crate) talk_s: i64,
    pub(crate) codes: i64,
    pub(crate) spoofed: i64,
    pub(crate) first_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
    pub(crate) numbers_called: i64,
    pub(crate) numbers_engaged: i64,
    pub(crate) home_numbers_engaged: i64,
    pub(crate) numbers_as_organisation: i64,
    pub(crate) short_then_long_numbers: i64,
    pub(crate) called_back_numbers: i64,
    /// Answered attempts to reach a listed organisation.
    pub(crate) calls_to_organisations: i64,
}

impl AccountCalls {
    fn take(&mut self, call: &CallFact) {
        self.calls += 1;
        self.answered += i64::from(call.answered);
        self.engaged += i64::from(call.engaged);
        let talk_s = call.talk_s.filter(|_| call.answered).unwrap_or(0).max(0);
        self.talk_s = self.talk_s.saturating_add(talk_s);
        self.codes += i64::from(call.code);
        self.spoofed += i64::from(call.organisation.is_some());
        self.add_span(call.started_us, call.started_us);
    }

    fn add_span(&mut self, first_us: Option<i64>, last_us: Option<i64>) {
        self.first_us = match (self.first_us, first_us) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, another) => one.or(another),
        };
        self.last_us = self.last_us.max(last_us);
    }

    /// Adds others' counts. The result is the same in any order.
    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.calls, other.calls),
            (&mut self.answered, other.answered),
            (&mut self.engaged, other.engaged),
            (&mut self.talk_s, other.talk_s),
            (&mut self.codes, other.codes),
            (&mut self.spoofed, other.spoofed),
            (&mut self.numbers_called, other.numbers_called),
            (&mut self.numbers_engaged, other.numbers_engaged),
            (&mut self.home_numbers_engaged, other.home_numbers_engaged),
            (
                &mut self.numbers_as_organisation,
                other.numbers_as_organisation,
            ),
            (
                &mut self.short_then_long_numbers,
                other.short_then_long_numbers,
            ),
            (&mut self.called_back_numbers, other.called_back_numbers),
            (
                &mut self.calls_to_organisations,
                other.calls_to_organisations,
            ),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.add_span(other.first_us, other.last_us);
    }
}

/// What a contact's row says besides its facts.
#[derive(Clone, Copy, Debug)]
struct Row {
    class: Option<i32>,
    spoofed: u32,
    first_us: Option<i64>,
    last_us: Option<i64>,
}

/// All that contacts are counted by.
pub(crate) struct ContactGround<'a> {
    pub(crate) facts: &'a CallFacts,
    pub(crate) accounts: &'a Accounts,
    pub(crate) engaged_by: &'a EngagedBy,
    /// By `account_no`: different numbers that it engaged and that a loss was reported of.
    pub(crate) reported_by: &'a [u32],
    /// By `account_no`: the person's number.
    pub(crate) person_of: &'a [u32],
    pub(crate) told: &'a ToldBy,
    pub(crate) organisations: &'a Organisations,
    pub(crate) blocks: Option<&'a Blocks>,
    pub(crate) home: &'a [Region],
    pub(crate) workers: usize,
}

/// What all counted attempts come to.
pub(crate) struct Gathered<'a> {
    /// Called numbers with their facts, in the order of the numbers.
    pub(crate) contacts: Contacts,
    rows: Vec<Row>,
    /// Different numbers of a home region in engaged attempts.
    pub(crate) numbers_home_engaged: u64,
    pub(crate) funnel: FunnelTally<'a>,
    /// By `account_no`.
    pub(crate) accounts: Vec<AccountCalls>,
    /// Days (UTC) on which accounts called, from the first of the case.
    pub(crate) days: NumberSets,
    /// Listed organisations as which accounts showed.
    pub(crate) organisations: NumberSets,
    /// Hours at which accounts called, by the clock of each home region that has one.
    pub(crate) hours: Vec<(Region, Zone, Hours)>,
    /// Called numbers that are a listed organisation's own.
    pub(crate) organisation_of: BTreeMap<i64, u32>,
    /// The last start of all, in microseconds UTC.
    pub(crate) end_us: i64,
}

impl Gathered<'_> {
    /// Returns the accounts (by `account_no`) that placed a counted attempt.
    pub(crate) fn active(&self) -> Vec<u32> {
        let numbered = (0..).zip(&self.accounts);
        let active = numbered.filter(|(_, account)| account.calls > 0);
        active.map(|(number, _)| number).collect()
    }

    /// Returns a called number's row.
    pub(crate) fn row_of(&self, number: PhoneNumber) -> Option<u32> {
        let (mut low, mut high) = (0, self.contacts.len() as u32);
        while low < high {
            let middle = low.midpoint(high);
            match self.contacts.key(middle)?.cmp(&number) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Returns the first and last instants of an account's counted attempts, in microseconds UTC.
    pub(crate) fn span_of(&self, account_no: usize) -> (Option<i64>, Option<i64>) {
        let account = self.accounts.get(account_no);
        account.map_or((None, None), |account| (account.first_us, account.last_us))
    }
}

/// What one range of numbers comes to.
struct RangeMade<'a> {
    contacts: Contacts,
    rows: Vec<Row>,
    organisation_of: Vec<(i64, u32)>,
    numbers_home_engaged: u64,
    funnel: FunnelTally<'a>,
}

/// Reads all attempts by number and counts the facts of numbers and accounts.
pub(crate) fn gather_contacts<'a>(
    ground: &ContactGround<'_>,
    funnel: (&'a Funnel, &'a Engaged, &IdentifiedAccounts),
) -> Result<Gathered<'a>, AnalysisError> {
    let accounts = ground.accounts.all.len();
    let (first_us, end_us) = ground.facts.span().unwrap_or((0, 0));
    let first_day = first_us.div_euclid(DAY_US);
    let days = end_us.div_euclid(DAY_US).abs_diff(first_day) + 1;
    let clocks = ground.home.iter();
    let gatherer = Gatherer {
        ground,
        days: NumberSets::new(accounts, days),
        first_day,
        end_us,
        organisations: NumberSets::new(accounts, ground.organisations.names().len() as u64),
        hours: clocks
            .filter_map(|&region| Some((region, clock_of(region)?, Hours::new(accounts))))
            .collect(),
        by_account: Mutex::new(vec![AccountCalls::default(); accounts]),
    };
    let tally = || FunnelTally::new(funnel.0, funnel.1, funnel.2);
    let ranges = ground.facts.ranges();
    let gather = |index: usize| {
        let mut all: Vec<CallFact> = Vec::new();
        let mut chunks = 0;
        ground.facts.read(ranges[index], |chunk| {
            chunks += 1;
            all.extend_from_slice(chunk);
        })?;
        if chunks > 1 {
            all.sort_by_key(CallFact::key);
        }
        gatherer.range(&all, tally())
    };
    let mut made = Gathered {
        contacts: Contacts::new(),
        rows: Vec::new(),
        numbers_home_engaged: 0,
        funnel: tally(),
        accounts: Vec::new(),
        days: NumberSets::new(0, 0),
        organisations: NumberSets::new(0, 0),
        hours: Vec::new(),
        organisation_of: BTreeMap::new(),
        end_us,
    };
    in_order(ranges.len(), ground.workers, gather, |_, range| {
        made.numbers_home_engaged += range.numbers_home_engaged;
        made.funnel.absorb(range.funnel);
        made.rows.extend(range.rows);
        made.organisation_of.extend(range.organisation_of);
        made.contacts
            .append(range.contacts)
            .map_err(AnalysisError::ranking)
    })?;
    let Gatherer {
        days,
        organisations,
        hours,
        by_account,
        ..
    } = gatherer;
    Ok(Gathered {
        accounts: by_account
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
        days,
        organisations,
        hours,
        ..made
    })
}

/// What threads share while they count.
struct Gatherer<'a> {
    ground: &'a ContactGround<'a>,
    days: NumberSets,
    first_day: i64,
    end_us: i64,
    organisations: NumberSets,
    hours: Vec<(Region, Zone, Hours)>,
    by_account: Mutex<Vec<AccountCalls>>,
}

impl Gatherer<'_> {
    /// Counts a range's attempts, which come by number and account.
    fn range<'a>(
        &self,
        all: &[CallFact],
        mut funnel: FunnelTally<'a>,
    ) -> Result<RangeMade<'a>, AnalysisError> {
        let mut made = RangeMade {
            contacts: Contacts::new(),
            rows: Vec::new(),
            organisation_of: Vec::new(),
            numbers_home_engaged: 0,
            funnel: funnel.clone(),
        };
        let mut of_accounts: Vec<(u32, AccountCalls)> = Vec::new();
        let mut counter = ContactCounter::default();
        let mut facts = Facts::new();
        let mut seen: Vec<SeenCall> = Vec::new();
        let mut clocks = Clocks::default();
        for calls in all.chunk_by(|a, b| a.called == b.called) {
            let first_account = of_accounts.len();
            for call in calls {
                funnel.take(call);
                self.take(call, first_account, &mut of_accounts);
            }
            let number = calls[0].called;
            let key = number.and_then(|number| u64::try_from(number).ok());
            let Some(number) = key.and_then(|key| PhoneNumber::from_key(key).ok()) else {
                continue;
            };
            let row = Row {
                class: calls.iter().map(|call| call.class).max().flatten(),
                spoofed: calls.iter().filter(|c| c.organisation.is_some()).count() as u32,
                first_us: calls.iter().filter_map(|call| call.started_us).min(),
                last_us: calls.iter().filter_map(|call| call.started_us).max(),
            };
            let day = row.last_us.map(|us| us.div_euclid(DAY_US) as i32);
            let about = self.about(number, calls, &row, day, &mut made.organisation_of);
            seen.clear();
            seen.extend(calls.iter().map(|call| self.seen(call, &mut clocks)));
            let account = |account_no| self.about_account(account_no);
            counter.count(&mut seen, &about, account, self.end_us, &mut facts);
            if calls.iter().any(|call| call.account_no.is_none()) {
                // What nobody's account did is no account's.
                for fact in [ContactFact::Accounts, ContactFact::Persons] {
                    let others = facts.get(fact).saturating_sub(1);
                    facts.set(fact, others);
                }
            }
            let engaged = facts.get(ContactFact::EngagedCalls) > 0;
            made.numbers_home_engaged += u64::from(about.home && engaged);
            self.count_for_accounts(&counter, &about, calls, &mut of_accounts[first_account..]);
            made.contacts
                .push(number, &facts)
                .map_err(AnalysisError::ranking)?;
            made.rows.push(row);
        }
        made.funnel = funnel;
        let mut by_account = self
            .by_account
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (account_no, counts) in &of_accounts {
            by_account[*account_no as usize].add(counts);
        }
        drop(by_account);
        Ok(made)
    }

    /// Takes one attempt for its account; attempts of one number come by account.
    fn take(&self, call: &CallFact, first: usize, of_accounts: &mut Vec<(u32, AccountCalls)>) {
        let Some(account_no) = call.account_no else {
            return;
        };
        let is_new = of_accounts.len() == first
            || of_accounts
                .last()
                .is_none_or(|(last, _)| *last != account_no);
        if is_new {
            of_accounts.push((account_no, AccountCalls::default()));
        }
        if let Some((_, counts)) = of_accounts.last_mut() {
            counts.take(call);
        }
        if let Some(organisation) = call.organisation {
            self.organisations.add(account_no, organisation.into());
        }
        if let Some(start) = call.started_us {
            let day = start.div_euclid(DAY_US).abs_diff(self.first_day);
            self.days.add(account_no, day);
            for (_, clock, hours) in &self.hours {
                hours.add(account_no, hour_at(clock, start));
            }
        }
    }

    fn about(
        &self,
        number: PhoneNumber,
        calls: &[CallFact],
        row: &Row,
        day: Option<i32>,
        organisation_of: &mut Vec<(i64, u32)>,
    ) -> AboutNumber {
        let key = calls[0].called.unwrap_or_default();
        let told = self
            .ground
            .told
            .numbers
            .get(&key)
            .copied()
            .unwrap_or_default();
        let mut holders = Vec::new();
        self.ground.organisations.holders(key, day, &mut holders);
        organisation_of.extend(holders.first().map(|&organisation| (key, organisation)));
        let answer = day.and_then(|day| self.ground.blocks?.lookup(number, day));
        AboutNumber {
            reports: told.losses,
            losses_minor: told.sums_minor[0].saturating_add(told.sums_minor[1]),
            home: calls.iter().any(|call| call.home),
            mobile: row.class.is_some_and(is_mobile),
            listed_organisation: !holders.is_empty(),
            unallocated: answer.is_some_and(|answer| answer.as_str() == "unallocated"),
        }
    }

    fn about_account(&self, account_no: u32) -> AboutAccount {
        if account_no == NO_ACCOUNT {
            return AboutAccount::default();
        }
        let [engaged_calls, engaged_as_organisation] = self.ground.engaged_by.of(account_no);
        AboutAccount {
            priority: self.ground.accounts.all[account_no as usize].is_priority,
            engaged_calls,
            engaged_as_organisation,
            reported_numbers: self.ground.reported_by[account_no as usize],
        }
    }

    fn seen(&self, call: &CallFact, clocks: &mut Clocks) -> SeenCall {
        let clock = call.answered.then(|| clocks.of(call.class)).flatten();
        let talk_s = call
            .talk_s
            .map(|s| u32::try_from(s.max(0)).unwrap_or(u32::MAX));
        SeenCall {
            started_utc: call.started_us.unwrap_or(NO_START),
            account: call.account_no.unwrap_or(NO_ACCOUNT),
            person: call
                .account_no
                .map(|account_no| self.ground.person_of[account_no as usize]),
            organisation: call.organisation,
            answered: call.answered,
            talk_s,
            engaged: call.engaged,
            code_captured: call.code,
            recorded: call.recorded,
            local_hour: clock
                .zip(call.started_us)
                .map(|(clock, us)| hour_at(clock, us)),
        }
    }

    fn count_for_accounts(
        &self,
        counter: &ContactCounter,
        about: &AboutNumber,
        calls: &[CallFact],
        of_accounts: &mut [(u32, AccountCalls)],
    ) {
        for (account_no, counts) in of_accounts.iter_mut() {
            counts.numbers_called += 1;
            let found = counter
                .accounts()
                .binary_search_by_key(account_no, |one| one.account);
            let Ok(place) = found else { continue };
            let did = counter.accounts()[place];
            let engaged = i64::from(did.engaged > 0);
            counts.numbers_engaged += engaged;
            counts.home_numbers_engaged += engaged * i64::from(about.home);
            counts.numbers_as_organisation += i64::from(did.as_organisation > 0);
            counts.short_then_long_numbers += i64::from(did.short_then_long);
            counts.called_back_numbers += i64::from(did.called_back);
            if about.listed_organisation {
                let by_account = calls.iter().filter(|c| c.account_no == Some(*account_no));
                let answered = by_account.filter(|call| call.answered).count();
                counts.calls_to_organisations += answered as i64;
            }
        }
    }
}

/// Clocks by region, each made once.
#[derive(Default)]
struct Clocks(BTreeMap<i32, Option<Zone>>);

impl Clocks {
    /// Returns the clock where lines of a class belong.
    fn of(&mut self, class: Option<i32>) -> Option<&Zone> {
        let class = class?;
        let clock = self.0.entry(class).or_insert_with(|| {
            let (region, _) = of_class(class);
            clock_of(region.parse().ok()?)
        });
        clock.as_ref()
    }
}

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn contacts_schema() -> SchemaRef {
    let mut fields = vec![
        Field::new("called_e164", DataType::Int64, false),
        Field::new("called_region", DataType::Utf8, true),
        Field::new("called_type", DataType::Utf8, true),
        Field::new("allocation", DataType::Utf8, true),
        Field::new("block_holder", DataType::Utf8, true),
    ];
    let fact = |fact: &ContactFact| {
        // Of calls whose talk time nobody knows, the longest is unknown.
        let may_lack = *fact == ContactFact::LongestTalkS;
        Field::new(fact.name(), DataType::Int64, may_lack)
    };
    fields.extend(ContactFact::ALL.iter().map(fact));
    fields.extend([
        Field::new("spoofed_calls", DataType::Int64, false),
        Field::new("by_priority_account", DataType::Boolean, false),
        Field::new("report_tier", DataType::Utf8, false),
        Field::new("judged", DataType::Utf8, true),
        Field::new("first_utc", time(), true),
        Field::new("last_utc", time(), true),
        Field::new("points_milli", DataType::Int64, false),
        Field::new("rank", DataType::Int64, false),
    ]);
    Arc::new(Schema::new(fields))
}

/// Numbers are packed to their bits, texts have few values.
fn packed_properties(schema: &Schema) -> WriterProperties {
    let mut built = WriterProperties::builder()
        .set_compression(Compression::ZSTD(
            ZstdLevel::try_new(1).expect("zstd has a level 1"),
        ))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false);
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().as_str());
        built = match field.data_type() {
            DataType::Utf8 => built.set_column_dictionary_enabled(path, true),
            DataType::Int64 => built
                .set_column_compression(path.clone(), Compression::UNCOMPRESSED)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            DataType::Timestamp(..) => {
                built.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
            }
            _ => built,
        };
    }
    built.build()
}

/// Rows of a group: fixed, so that the file's bytes hang on nothing else.
const GROUP_ROWS: usize = 1 << 17;

/// Where contacts stand in the order of a policy.
pub(crate) struct Standing {
    /// By row: thousandths of points.
    pub(crate) milli: Vec<i64>,
    /// By row: 1 for the first.
    pub(crate) rank: Vec<u32>,
}

/// Writes `contacts`, in the order of the number.
pub(crate) fn write_contacts(
    gathered: &Gathered<'_>,
    standing: &Standing,
    told: &ToldBy,
    judged: &BTreeMap<i64, &'static str>,
    blocks: Option<&Blocks>,
    path: &Utf8Path,
    workers: usize,
) -> Result<(), AnalysisError> {
    let wrong = |e| AnalysisError::write(path, e);
    let file = File::create(path).map_err(|e| AnalysisError::write(path, e))?;
    let schema = contacts_schema();
    let properties = packed_properties(&schema);
    let mut writer = TableFile::create(file, schema, properties, &[]).map_err(wrong)?;
    let groups = writer.groups();
    let rows = gathered.rows.len();
    let encode = |index: usize| {
        let range = index * GROUP_ROWS..((index + 1) * GROUP_ROWS).min(rows);
        let columns = columns(gathered, standing, told, judged, blocks, range);
        let mut group = groups.start().map_err(wrong)?;
        for (place, array) in columns.iter().enumerate() {
            group.write(place, array).map_err(wrong)?;
        }
        group.finish().map_err(wrong)
    };
    in_order(rows.div_ceil(GROUP_ROWS), workers, encode, |_, group| {
        writer.append(group).map_err(wrong)
    })?;
    writer.finish().map_err(wrong)
}

fn columns(
    gathered: &Gathered<'_>,
    standing: &Standing,
    told: &ToldBy,
    judged: &BTreeMap<i64, &'static str>,
    blocks: Option<&Blocks>,
    range: std::ops::Range<usize>,
) -> Vec<ArrayRef> {
    let rows = &gathered.rows[range.clone()];
    let numbers: Vec<PhoneNumber> = range
        .clone()
        .filter_map(|row| gathered.contacts.key(row as u32).copied())
        .collect();
    let key = |number: &PhoneNumber| i64::try_from(number.key()).unwrap_or(i64::MAX);
    let keys: Vec<i64> = numbers.iter().map(key).collect();
    let spelt: Vec<Option<(String, Option<&str>)>> =
        rows.iter().map(|row| row.class.map(of_class)).collect();
    let answers: Vec<Option<BlockAnswer<'_>>> = numbers
        .iter()
        .zip(rows)
        .map(|(&number, row)| {
            let day = row.last_us?.div_euclid(DAY_US) as i32;
            blocks?.lookup(number, day)
        })
        .collect();
    let holder = answers.iter().map(|a| a.and_then(BlockAnswer::block));
    let fact = |fact: ContactFact, row: usize| gathered.contacts.get(row as u32, fact);
    let as_i64 = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let moment = |of: fn(&Row) -> Option<i64>| -> ArrayRef {
        let moments: TimestampMicrosecondArray = rows.iter().map(of).collect();
        Arc::new(moments.with_timezone("UTC"))
    };
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(keys.clone())),
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
        Arc::new(StringArray::from_iter(
            answers.iter().map(|a| a.map(BlockAnswer::as_str)),
        )),
        Arc::new(StringArray::from_iter(
            holder.map(|block| block.and_then(Block::holder)),
        )),
    ];
    for &of in ContactFact::ALL {
        let values = range.clone().map(|row| as_i64(fact(of, row)));
        columns.push(if of == ContactFact::LongestTalkS {
            let known = |row: &usize| {
                let answered = fact(ContactFact::AnsweredCalls, *row);
                fact(ContactFact::TalkUnknownCalls, *row) < answered
            };
            let values = range
                .clone()
                .map(|row| known(&row).then(|| as_i64(fact(of, row))));
            Arc::new(values.collect::<Int64Array>())
        } else {
            Arc::new(Int64Array::from_iter_values(values))
        });
    }
    let priority = range
        .clone()
        .map(|row| Some(fact(ContactFact::PriorityAccounts, row) > 0));
    let tiers = keys.iter().map(|number| {
        let told: Option<&Told> = told.numbers.get(number);
        Some(tier_word(told.and_then(Told::tier)))
    });
    columns.extend::<[ArrayRef; 8]>([
        Arc::new(Int64Array::from_iter_values(
            rows.iter().map(|row| row.spoofed.into()),
        )),
        Arc::new(priority.collect::<BooleanArray>()),
        Arc::new(tiers.collect::<StringArray>()),
        Arc::new(StringArray::from_iter(
            keys.iter().map(|number| judged.get(number).copied()),
        )),
        moment(|row| row.first_us),
        moment(|row| row.last_us),
        Arc::new(Int64Array::from_iter_values(
            standing.milli[range.clone()].iter().copied(),
        )),
        Arc::new(Int64Array::from_iter_values(
            standing.rank[range].iter().map(|&rank| i64::from(rank)),
        )),
    ]);
    columns
}
