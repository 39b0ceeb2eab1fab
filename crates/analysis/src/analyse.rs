//! The whole of an analysis: from tables to derived tables, funnel and brief.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array,
    UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::config::{CaseConfig, ReferenceKind};
use unspoof_model::judgement::InForce;
use unspoof_model::{Region, Sha256Hash, schema};
use unspoof_numbers::Context;
use unspoof_numbers::blocks::Blocks;

use crate::AnalysisError;
use crate::accounts::{Accounts, PLACE_COLUMNS, Payment, Place, Places};
use crate::brief::{Brief, Chart};
use crate::call_facts::CallFacts;
use crate::call_sets::PlaceFacts;
use crate::call_tally::{TALK_BUCKETS_S, Tally};
use crate::calls::{CallRules, EngagedBy, write_spoofed_calls};
use crate::calls_to_match::CallsToMatch;
use crate::contacts::{ContactGround, gather_contacts};
use crate::duplicates::{LeftOuts, Numbered, left_outs, write_duplicates};
use crate::engine::EngineOptions;
use crate::figures::{OtherRows, Wording, figures, places_sha256};
use crate::funnel::{FunnelLists, FunnelResult};
use crate::identified::IdentifiedAccounts;
use crate::losses::match_figures;
use crate::money::{MoneyGround, write_money};
use crate::organisations::{OrganisationEntry, Organisations};
use crate::parts::{TablePart, read_part};
use crate::persons_out::person_figures;
use crate::persons_table::{LoginsWanted, link_accounts};
use crate::ranks::Ranks;
use crate::references::{
    countries_of_case, policy_of_case, read_blocks, read_organisations, read_suppressions,
};
use crate::report_matches::{
    MatchGround, match_and_write, reported_of_case, write_already_reported,
};
use crate::report_rows::ReportRows;
use crate::told::ToldBy;
use crate::write::TableWriter;

/// What an analysis works on.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The case's folder.
    pub case: &'a Utf8Path,
    /// Its configuration.
    pub config: &'a CaseConfig,
    /// All parts of all tables, exhibits by name, then by file name.
    pub parts: &'a [TablePart],
    /// Each exhibit's SHA-256 by its name.
    pub sha256_of: &'a BTreeMap<String, Sha256Hash>,
    /// Identity columns by source and table, as the mappings name them.
    pub identities: &'a BTreeMap<(String, String), Vec<String>>,
    /// What people have decided.
    pub judged: &'a InForce,
    /// Folder that `derived/…` is written under.
    pub out: &'a Utf8Path,
    /// What the engine may use.
    pub engine: &'a EngineOptions,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Analysis {
    /// The funnel.
    pub funnel: FunnelResult,
    /// The brief.
    pub brief: Brief,
    /// Files written, under `out`.
    pub files: Vec<Utf8PathBuf>,
}

/// Computes everything that follows from the tables, the rules and the reference lists.
///
/// # Errors
/// [`AnalysisError`]; what was written until then is of no use.
pub fn analyse(
    inputs: &Inputs<'_>,
    step: &mut dyn FnMut(&'static str),
) -> Result<Analysis, AnalysisError> {
    let workers = inputs.engine.workers;
    let config = inputs.config;
    let derived = |name: &str| inputs.out.join("derived").join(format!("{name}.parquet"));
    std::fs::create_dir_all(inputs.out.join("derived"))
        .map_err(|e| AnalysisError::write(inputs.out, e))?;

    step("finding duplicates");
    let tables = Tables::of(inputs)?;
    // The duplicates' own table is for reading alone; nothing waits for it but their figure.
    let (judged, duplicates) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let all = tables.all().map(|t| (t.name, &t.numbered, &t.left_out));
            let places = write_duplicates(all, &derived("duplicates"), workers)?;
            Ok(places_sha256(&places, inputs.sha256_of))
        });
        let judged = judge(inputs, &tables, &derived, step);
        let written = writing
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (judged, written)
    });
    let (judged, duplicates) = (judged?, duplicates?);
    let Judged {
        organisations,
        accounts,
        payments,
        blocks,
        tally,
        made,
        engaged_by,
        identified,
    } = judged;
    step("hashing row sets");
    let (facts, call_sets) = (made.facts, made.places);
    let call_sets = call_sets.hash_call_sets(inputs.sha256_of)?;

    step("joining accounts to persons, matching reports to calls");
    let countries = countries_of_case(inputs.case, config)?;
    let wanted = LoginsWanted {
        home: &config.home_regions,
        addresses: countries.is_some(),
    };
    let reports = ReportRows::read(tables.reports.counted(), config, inputs.judged)?;
    let spoofed = derived("spoofed_calls");
    // Neither needs anything of the other.
    let (linked, store) = std::thread::scope(|scope| {
        let linking = scope.spawn(|| {
            link_accounts(
                &accounts,
                tables.accounts.counted(),
                tables.logins.counted(),
                tables.payments.counted(),
                inputs.judged,
                &wanted,
                workers,
            )
        });
        let store = CallsToMatch::read(&spoofed, workers);
        (joined(linking), store)
    });
    let (linked, store) = (linked?, store?);
    let ground = MatchGround {
        spoofed: &spoofed,
        organisations: organisations.names(),
        accounts: &accounts,
        linked: &linked,
        home: home_context(config),
        workers,
    };
    let (reports, matched, held) = match_and_write(ground, &store, reports, &derived)?;

    step("gathering contacts and accounts");
    let told = ToldBy::of(&matched);
    let person_of = linked.person_numbers(accounts.all.len());
    let reported_by = store.reported_numbers(&told, accounts.all.len());
    let ground = ContactGround {
        facts: &facts,
        accounts: &accounts,
        engaged_by: &engaged_by,
        reported_by: &reported_by,
        person_of: &person_of,
        told: &told,
        organisations: &organisations,
        blocks: blocks.as_ref(),
        home: &config.home_regions,
        workers,
    };
    let rules = (&config.funnel, &config.rules.engaged, &identified);
    let gathered = gather_contacts(&ground, rules)?;

    step("adding up payments and losses, estimating victims");
    let money = MoneyGround {
        case: inputs.case,
        config,
        sha256_of: inputs.sha256_of,
        payments: tables.payments.counted(),
        accounts: &accounts,
        linked: &linked,
        matched: &matched,
        reports: &reports,
        tally: &tally,
        home_numbers_engaged: gathered.numbers_home_engaged,
        workers,
    };
    let money = write_money(&money, &derived)?;

    step("ranking contacts, suspects and presented numbers");
    let policy = policy_of_case(inputs.case, config, &config.rank.policy)?;
    let ranked = Ranks {
        judged: inputs.judged,
        home: &config.home_regions,
        workers,
        policy: &policy,
        currency: &config.value_currency,
        accounts: &accounts,
        linked: &linked,
        gathered: &gathered,
        told: &told,
        organisations: &organisations,
        identified: &identified,
        blocks: blocks.as_ref(),
        countries: countries.as_ref(),
        derived: &derived,
    };
    let leads = ranked.write(store)?;

    step("running the funnel");
    let lists = FunnelLists {
        reported: with_judged(matched.last_reported(&reports), inputs.judged),
        suppressed: suppressed(inputs)?,
        identified,
    };
    let home = home_words(&config.home_regions);
    let (active, numbers_called) = (gathered.active(), gathered.contacts.len() as u64);
    let numbers_home_engaged = gathered.numbers_home_engaged;
    let run = gathered.funnel.finish(&home, &lists);
    let result = run.result;
    write_already_reported(
        &run.already,
        &matched,
        &reports,
        inputs.judged,
        &derived("already_reported"),
    )?;

    let other = OtherRows {
        payments,
        reports: reports.with_losses(&config.value_currency),
        held,
        duplicates,
        rejects: reject_places(inputs)?,
        active,
        numbers_called,
        numbers_home_engaged,
        persons: person_figures(&linked, &accounts, inputs.sha256_of),
        matches: match_figures(&matched, &reports, &config.value_currency, inputs.sha256_of),
        money: money.payments,
        victims: money.victims,
    };
    let wording = Wording {
        home: &home,
        currency: &config.value_currency,
        over_s: config.rules.engaged.over_s,
        min_paid_minor: config.rules.priority.min_paid_minor,
        organisations: organisations.names(),
        has_blocks: blocks.is_some(),
    };
    let figures = figures(&call_sets, &accounts, &other, inputs.sha256_of, &wording);
    let brief = Brief {
        case: config.name.clone(),
        made_up: config.made_up,
        home: home.clone(),
        currency: config.value_currency.clone(),
        figures,
        funnel: result.clone(),
        charts: charts(&tally, &organisations),
        leads,
        money: money.brief,
    };
    let mut files: Vec<Utf8PathBuf> = crate::DERIVED
        .iter()
        .map(|name| Utf8PathBuf::from(format!("derived/{name}.parquet")))
        .collect();
    for (name, text) in [
        ("derived/brief.json", serde_json::to_string_pretty(&brief)),
        ("derived/funnel.json", serde_json::to_string_pretty(&result)),
    ] {
        let path = inputs.out.join(name);
        let text = text.map_err(|e| AnalysisError::write(&path, e))? + "\n";
        std::fs::write(&path, text).map_err(|e| AnalysisError::write(&path, e))?;
        files.push(name.into());
    }
    Ok(Analysis {
        funnel: result,
        brief,
        files,
    })
}

/// All that calls were judged by and what came of them.
struct Judged {
    organisations: Organisations,
    accounts: Accounts,
    payments: Vec<Payment>,
    blocks: Option<Blocks>,
    tally: Tally,
    made: CallRuns,
    engaged_by: EngagedBy,
    identified: IdentifiedAccounts,
}

/// Judges every call and writes its table.
fn judge(
    inputs: &Inputs<'_>,
    tables: &Tables<'_>,
    derived: &dyn Fn(&str) -> Utf8PathBuf,
    step: &mut dyn FnMut(&'static str),
) -> Result<Judged, AnalysisError> {
    let (config, workers) = (inputs.config, inputs.engine.workers);
    step("reading reference lists");
    let entries = organisation_entries(inputs)?;
    write_organisations(&entries, &derived("organisations"))?;
    let organisations = Organisations::new(entries);
    let blocks = read_blocks(inputs.case, config)?;

    step("joining accounts and payments");
    let calls = &tables.calls;
    let call_parts: Vec<&TablePart> = calls.numbered.parts.iter().map(|(part, _)| *part).collect();
    let (accounts, payments) = Accounts::gather(
        (&tables.accounts.numbered, &tables.accounts.left_out),
        (&tables.payments.numbered, &tables.payments.left_out),
        &call_parts,
        &config.rules.priority,
        &config.home_regions,
        workers,
    )?;

    step("judging calls");
    let engaged_by = EngagedBy::new(accounts.all.len());
    let rules = CallRules {
        engaged_by: &engaged_by,
        engaged: &config.rules.engaged,
        home: &config.home_regions,
        organisations: &organisations,
        accounts: &accounts,
        left_out: &calls.left_out,
        blocks: blocks.as_ref(),
    };
    let scratch = &inputs.engine.spill;
    std::fs::create_dir_all(scratch).map_err(|e| AnalysisError::write(scratch, e))?;
    let spoofed = derived("spoofed_calls");
    let made = write_spoofed_calls(&calls.numbered, &rules, &spoofed, scratch, workers)?;

    let identified = IdentifiedAccounts::of(&accounts, inputs.judged);
    Ok(Judged {
        organisations,
        accounts,
        payments,
        blocks,
        tally: made.tally,
        made: CallRuns {
            facts: made.facts,
            places: made.places,
        },
        engaged_by,
        identified,
    })
}

/// Facts of calls that are read back in other orders.
struct CallRuns {
    facts: CallFacts,
    places: PlaceFacts,
}

/// Waits for a thread; a panic goes on here.
pub(crate) fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The tables that events are counted in.
struct Tables<'a> {
    accounts: Table<'a>,
    calls: Table<'a>,
    logins: Table<'a>,
    payments: Table<'a>,
    reports: Table<'a>,
}

impl<'a> Tables<'a> {
    fn of(inputs: &Inputs<'a>) -> Result<Self, AnalysisError> {
        Ok(Self {
            accounts: Table::of(inputs, "accounts")?,
            calls: Table::of(inputs, "calls")?,
            logins: Table::of(inputs, "logins")?,
            payments: Table::of(inputs, "payments")?,
            reports: Table::of(inputs, "reports")?,
        })
    }

    /// All of them, by name.
    fn all(&self) -> [&Table<'a>; 5] {
        [
            &self.accounts,
            &self.calls,
            &self.logins,
            &self.payments,
            &self.reports,
        ]
    }
}

/// One table's parts with the rows that are left out.
struct Table<'a> {
    name: &'static str,
    numbered: Numbered<'a>,
    left_out: LeftOuts,
}

impl<'a> Table<'a> {
    fn counted(&self) -> (&Numbered<'a>, &LeftOuts) {
        (&self.numbered, &self.left_out)
    }

    fn of(inputs: &Inputs<'a>, name: &'static str) -> Result<Self, AnalysisError> {
        let parts: Vec<&TablePart> = inputs
            .parts
            .iter()
            .filter(|part| part.table == name)
            .collect();
        let numbered = Numbered::new(&parts)?;
        let columns = schema::table(name)
            .map(|table| table.columns)
            .unwrap_or_default();
        let known = |identity: &Vec<String>| -> Vec<&'static str> {
            let names = identity
                .iter()
                .filter_map(|id| columns.iter().find(|c| c.name == id));
            names.map(|column| column.name).collect()
        };
        let identities: BTreeMap<String, Vec<&'static str>> = inputs
            .identities
            .iter()
            .filter(|((_, table), _)| table == name)
            .map(|((source, _), identity)| (source.clone(), known(identity)))
            .collect();
        let same_calls = if name == "calls" {
            inputs.config.same_call.as_slice()
        } else {
            &[]
        };
        let left_out = left_outs(&numbered, &identities, same_calls, inputs.engine.workers)?;
        Ok(Self {
            name,
            numbered,
            left_out,
        })
    }
}

/// Says home regions in words: `GB`, `GB and IE`.
fn home_words(home: &[Region]) -> String {
    let names: Vec<String> = home.iter().map(Region::to_string).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The dialling context of a team's own lists: the first home region's.
fn home_context(config: &CaseConfig) -> Context {
    Context {
        default_region: config.home_regions.first().copied(),
        ..Context::default()
    }
}

fn organisation_entries(inputs: &Inputs<'_>) -> Result<Vec<OrganisationEntry>, AnalysisError> {
    let mut entries = Vec::new();
    let home = home_context(inputs.config);
    for list in &inputs.config.references {
        if list.kind == ReferenceKind::Organisations {
            let path = inputs.case.join("reference").join(&list.file);
            entries.extend(read_organisations(
                &path,
                list.organisation.as_deref(),
                &home,
            )?);
        }
    }
    entries.sort();
    Ok(entries)
}

fn suppressed(inputs: &Inputs<'_>) -> Result<HashSet<i64>, AnalysisError> {
    let mut numbers = HashSet::new();
    let home = home_context(inputs.config);
    for list in &inputs.config.references {
        if list.kind == ReferenceKind::Suppressions {
            let path = inputs.case.join("reference").join(&list.file);
            numbers.extend(read_suppressions(&path, &home)?);
        }
    }
    numbers.extend(
        inputs
            .judged
            .suppressed
            .iter()
            .map(|number| number.reveal()),
    );
    Ok(numbers)
}

fn write_organisations(
    entries: &[OrganisationEntry],
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let names: BTreeSet<&str> = entries.iter().map(|e| e.organisation.as_str()).collect();
    let number_of: BTreeMap<&str, u32> = names.into_iter().zip(0..).collect();
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("organisation_no", DataType::UInt32, false),
        Field::new("organisation", DataType::Utf8, false),
        Field::new("kind", DataType::Utf8, false),
        Field::new("digits", DataType::Int64, false),
        Field::new("is_prefix", DataType::Boolean, false),
        Field::new("valid_from", DataType::Date32, true),
        Field::new("valid_to", DataType::Date32, true),
        Field::new("inbound_only", DataType::Boolean, false),
        Field::new("list", DataType::Utf8, false),
        Field::new("line", DataType::UInt64, false),
    ]));
    let text = |of: fn(&OrganisationEntry) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(entries.iter().map(of)))
    };
    let date = |of: fn(&OrganisationEntry) -> Option<i32>| -> ArrayRef {
        let days: Int32Array = entries.iter().map(of).collect();
        Arc::new(days.reinterpret_cast::<arrow::datatypes::Date32Type>())
    };
    let flag = |of: fn(&OrganisationEntry) -> bool| -> ArrayRef {
        Arc::new(
            entries
                .iter()
                .map(|entry| Some(of(entry)))
                .collect::<BooleanArray>(),
        )
    };
    let numbers = entries
        .iter()
        .map(|entry| number_of[entry.organisation.as_str()]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(numbers)),
        text(|entry| &entry.organisation),
        text(|entry| &entry.kind),
        Arc::new(Int64Array::from_iter_values(
            entries.iter().map(|entry| entry.digits),
        )),
        flag(|entry| entry.is_prefix),
        date(|entry| entry.valid_from),
        date(|entry| entry.valid_to),
        flag(|entry| entry.inbound_only),
        text(|entry| &entry.list),
        Arc::new(UInt64Array::from_iter_values(
            entries.iter().map(|entry| entry.line),
        )),
    ];
    let batch =
        RecordBatch::try_new(schema.clone(), columns).map_err(|e| AnalysisError::write(path, e))?;
    let mut writer = TableWriter::create(path, schema)?;
    writer.write(batch)?;
    writer.finish().map(drop)
}

/// Adds the numbers of which people say that their holders have reported, whenever that was.
fn with_judged(mut reported: BTreeMap<i64, i64>, judged: &InForce) -> BTreeMap<i64, i64> {
    let matched = judged.matched.iter().map(|(_, number)| number);
    let all = judged.reported.iter().chain(matched);
    reported.extend(all.map(|number| (number.reveal(), i64::MAX)));
    reported
}

fn reject_places(inputs: &Inputs<'_>) -> Result<Vec<Place>, AnalysisError> {
    let mut places = Vec::new();
    for part in inputs.parts.iter().filter(|part| part.table == "rejects") {
        let columns = read_part(&part.path, &PLACE_COLUMNS)?;
        let of_part = Places::of(part, &columns)?;
        places.extend((0..columns.batch.num_rows()).map(|row| of_part.at(row)));
    }
    Ok(places)
}

fn charts(tally: &Tally, organisations: &Organisations) -> Vec<Chart> {
    let date = |day: i32| {
        let (year, month, day) = unspoof_model::days_to_civil(day);
        format!("{year:04}-{month:02}-{day:02}")
    };
    let mut by_region: Vec<(String, (u64, u64))> = tally
        .by_region
        .iter()
        .map(|(region, counts)| (region.clone().unwrap_or_else(|| "unknown".into()), *counts))
        .collect();
    let mut by_organisation: Vec<(String, (u64, u64))> = tally
        .by_organisation
        .iter()
        .map(|(&number, counts)| (organisations.names()[number as usize].clone(), *counts))
        .collect();
    for list in [&mut by_region, &mut by_organisation] {
        list.sort_by(|a, b| (b.1.0, &a.0).cmp(&(a.1.0, &b.0)));
    }
    let bars = |id: &str, title: &str, bars: Vec<(String, (u64, u64))>| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        bars: bars
            .into_iter()
            .map(|(label, (calls, engaged))| (label, calls, engaged))
            .collect(),
    };
    let talk = TALK_BUCKETS_S.iter().enumerate().map(|(index, from)| {
        let label = match TALK_BUCKETS_S.get(index + 1) {
            Some(to) => format!("{from}–{to} s"),
            None => format!("{from} s and over"),
        };
        (label, (tally.by_talk.get(&index).copied().unwrap_or(0), 0))
    });
    vec![
        bars(
            "calls_by_day",
            "Calls by day",
            tally
                .by_day
                .iter()
                .map(|(&day, &counts)| (date(day), counts))
                .collect(),
        ),
        bars("calls_by_region", "Calls by region called", by_region),
        bars(
            "calls_by_organisation",
            "Calls by organisation shown",
            by_organisation,
        ),
        bars(
            "calls_by_talk",
            "Answered calls by talk time",
            talk.collect(),
        ),
    ]
}

impl FunnelLists {
    /// Reads the lists of a finished case, for a funnel under other thresholds.
    ///
    /// # Errors
    /// A table or list cannot be read.
    pub fn of_case(inputs: &Inputs<'_>) -> Result<Self, AnalysisError> {
        let matches = inputs.case.join("derived/report_matches.parquet");
        Ok(Self {
            reported: with_judged(reported_of_case(&matches)?, inputs.judged),
            suppressed: suppressed(inputs)?,
            identified: IdentifiedAccounts::of_case(inputs.case, inputs.judged)?,
        })
    }
}
