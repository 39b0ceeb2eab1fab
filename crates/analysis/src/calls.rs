//! Calls as facts: which count, which were engaged, and as whom they posed.

use std::fs::File;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow::array::Array;
use camino::Utf8Path;
use unspoof_columns::{Group, Groups, TableFile};
use unspoof_model::Region;
use unspoof_model::config::Engaged;
use unspoof_numbers::PhoneNumber;
use unspoof_numbers::blocks::Blocks;

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::call_facts::{CallFact, CallFacts, Run, RunWriter};
use crate::call_sets::{JudgedCall, PlaceFacts, PlaceWriter, Places};
use crate::call_tally::{TALK_BUCKETS_S, Tally};
use crate::duplicates::{LeftOuts, Numbered, Ordinal, Reason};
use crate::line_class::class_of;
use crate::ordered::in_order;
use crate::organisations::Organisations;
use crate::parts::{Columns, read_part_coded};
use crate::spoofed_calls::{
    CODED, SpoofedCall, SpoofedCalls, spoofed_calls_schema, writer_properties,
};

/// What one version of a call says about whether somebody was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Reached {
    answered: bool,
    /// Talk time less time on an answering machine, where it is talk time that was recorded.
    talk_s: Option<i64>,
    /// Whether the recorded duration is talk time, readable or not.
    is_talk: bool,
    code: bool,
}

impl Reached {
    /// Two systems' versions of one call: whichever knows more.
    fn or(self, other: Self) -> Self {
        Self {
            answered: self.answered || other.answered,
            talk_s: self.talk_s.max(other.talk_s),
            is_talk: self.is_talk || other.is_talk,
            code: self.code || other.code,
        }
    }

    fn is_engaged(self, rule: &Engaged) -> bool {
        self.answered
            && (self.talk_s.is_some_and(|talk_s| talk_s > rule.over_s)
                || (rule.code_captured && self.code))
    }
}

/// The columns by which [`Reached`] is judged, numbers and words.
const REACHED_NUMBERS: [&str; 2] = ["duration_s", "machine_s"];
const REACHED_WORDS: [&str; 4] = [
    "disposition",
    "answered_status",
    "duration_kind",
    "code_captured",
];

fn reached(columns: &Columns) -> Result<impl Fn(usize) -> Reached + '_, AnalysisError> {
    let said = columns
        .coded("disposition")?
        .judged(None, |word| match word {
            "answered" => Some(true),
            "unknown" => None,
            _ => Some(false),
        });
    let has_answer_time = columns
        .coded("answered_status")?
        .judged(false, |status| matches!(status, "ok" | "gap" | "overlap"));
    let is_talk = columns
        .coded("duration_kind")?
        .judged(false, |kind| kind == "talk");
    let code = columns
        .coded("code_captured")?
        .judged(false, |captured| captured == "yes");
    let (duration, machine) = (columns.int("duration_s")?, columns.int("machine_s")?);
    Ok(move |row: usize| {
        let on_machine = if machine.is_valid(row) {
            machine.value(row).max(0)
        } else {
            0
        };
        let is_talk = is_talk.get(row);
        Reached {
            answered: said.get(row).unwrap_or_else(|| has_answer_time.get(row)),
            talk_s: (is_talk && duration.is_valid(row)).then(|| duration.value(row) - on_machine),
            is_talk,
            code: code.get(row),
        }
    })
}

/// Engaged attempts to known numbers by account: all, and those as a listed organisation. Sums come
/// out the same in any order.
#[derive(Debug)]
pub(crate) struct EngagedBy(Vec<[AtomicU32; 2]>);

impl EngagedBy {
    pub(crate) fn new(accounts: usize) -> Self {
        Self(
            std::iter::repeat_with(Default::default)
                .take(accounts)
                .collect(),
        )
    }

    fn add(&self, account_no: u32, as_organisation: bool) {
        let [all, shown] = &self.0[account_no as usize];
        all.fetch_add(1, Ordering::Relaxed);
        if as_organisation {
            shown.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns an account's sums; zeros for one that is not there.
    pub(crate) fn of(&self, account_no: u32) -> [u32; 2] {
        let sums = self.0.get(account_no as usize);
        sums.map_or([0; 2], |sums| {
            sums.each_ref().map(|sum| sum.load(Ordering::Relaxed))
        })
    }
}

/// All that calls are judged by.
pub(crate) struct CallRules<'a> {
    pub(crate) engaged: &'a Engaged,
    pub(crate) home: &'a [Region],
    pub(crate) organisations: &'a Organisations,
    pub(crate) accounts: &'a Accounts,
    pub(crate) left_out: &'a LeftOuts,
    /// What each account's engaged attempts add up to.
    pub(crate) engaged_by: &'a EngagedBy,
    /// Regulators' lists of number blocks, where the case has any.
    pub(crate) blocks: Option<&'a Blocks>,
}

impl CallRules<'_> {
    /// Asks the regulators' lists for a number on a day; None where none is known to say.
    fn allocation(&self, number: Option<i64>, day: Option<i32>) -> Option<&'static str> {
        let number = PhoneNumber::from_key(u64::try_from(number?).ok()?).ok()?;
        Some(self.blocks?.lookup(number, day?)?.as_str())
    }
}

/// What making the table gave besides the table.
pub(crate) struct CallsMade {
    pub(crate) tally: Tally,
    pub(crate) facts: CallFacts,
    pub(crate) places: PlaceFacts,
}

/// Judges every counted row of `calls` and writes them to `path`, one row group a part. Facts that
/// are read back in other orders go to files in `scratch`.
pub(crate) fn write_spoofed_calls(
    numbered: &Numbered<'_>,
    rules: &CallRules<'_>,
    path: &Utf8Path,
    scratch: &Utf8Path,
    workers: usize,
) -> Result<CallsMade, AnalysisError> {
    let others = other_versions(numbered, rules.left_out)?;
    let file = File::create(path).map_err(|e| AnalysisError::write(path, e))?;
    let (schema, properties) = (spoofed_calls_schema(), writer_properties());
    let mut writer = TableFile::create(file, schema, properties, &CODED)
        .map_err(|e| AnalysisError::write(path, e))?;
    let groups = writer.groups();
    let mut tally = Tally::default();
    let mut runs = RunWriter::create(&scratch.join("call_facts"))?;
    let mut places = PlaceWriter::create(&scratch.join("place_facts"))?;
    in_order(
        numbered.parts.len(),
        workers,
        |index| judge_part(numbered, index, rules, &others, (&groups, path)),
        |index, judged| {
            tally.add(judged.tally);
            let Some(group) = judged.group else {
                return Ok(());
            };
            let (part, _) = numbered.parts[index];
            runs.append(judged.run)?;
            places.append(&part.exhibit, &part.path, &judged.places)?;
            writer
                .append(group)
                .map_err(|e| AnalysisError::write(path, e))
        },
    )?;
    writer.finish().map_err(|e| AnalysisError::write(path, e))?;
    Ok(CallsMade {
        tally,
        facts: runs.finish()?,
        places: places.finish()?,
    })
}

/// Gathers what left-out versions of another system say, by the row that counts in their stead.
fn other_versions(
    numbered: &Numbered<'_>,
    left_out: &LeftOuts,
) -> Result<Vec<(Ordinal, Reached)>, AnalysisError> {
    let mut others = Vec::new();
    for (part, first) in &numbered.parts {
        let rows = crate::parts::row_count(&part.path)? as usize;
        let gone = left_out.within(*first, rows);
        if !gone
            .iter()
            .any(|left_out| left_out.reason == Reason::SameCall)
        {
            continue;
        }
        let columns = read_part_coded(&part.path, &REACHED_NUMBERS, &REACHED_WORDS)?;
        let reached = reached(&columns)?;
        for left_out in gone
            .iter()
            .filter(|left_out| left_out.reason == Reason::SameCall)
        {
            others.push((left_out.counted, reached((left_out.row - first) as usize)));
        }
    }
    others.sort_by_key(|(counted, _)| *counted);
    Ok(others)
}

/// One part's counted legs.
struct JudgedPart {
    /// None where no leg counts.
    group: Option<Group>,
    tally: Tally,
    run: Run,
    places: Places,
}

fn judge_part(
    numbered: &Numbered<'_>,
    index: usize,
    rules: &CallRules<'_>,
    others: &[(Ordinal, Reached)],
    (groups, path): (&Groups, &Utf8Path),
) -> Result<JudgedPart, AnalysisError> {
    let (part, first) = numbered.parts[index];
    let mut numbers = vec![
        "started_utc",
        "presented_e164",
        "called_e164",
        "stream",
        "byte_offset",
        "byte_len",
    ];
    numbers.extend(REACHED_NUMBERS);
    let mut words = vec!["leg", "account_id", "kind", "called_region", "called_type"];
    words.extend(REACHED_WORDS);
    let columns = read_part_coded(&part.path, &numbers, &words)?;
    let rows = columns.batch.num_rows();
    let (started, shown) = (columns.time("started_utc")?, columns.int("presented_e164")?);
    let called = columns.int("called_e164")?;
    let (streams, offsets) = (columns.small("stream")?, columns.count("byte_offset")?);
    let lens = columns.small("byte_len")?;
    let (legs, regions) = (columns.coded("leg")?, columns.coded("called_region")?);
    let types = columns.coded("called_type")?;
    let kinds = columns.coded("kind")?;
    let is_marked_test = kinds.judged(false, |kind| kind == "test");
    let is_recorded = kinds.judged(false, |kind| matches!(kind, "recorded" | "bot"));
    let reached_of = reached(&columns)?;
    let accounts = rules.accounts.of_source(&part.source);
    let account_no_of = columns.coded("account_id")?.judged(None, |id| {
        accounts.and_then(|accounts| accounts.get(id)).copied()
    });
    let is_home = regions.judged(false, |region| {
        rules.home.iter().any(|h| h.as_str() == region)
    });

    let mut tally = Tally::default();
    let mut day_counts = (0, (0, 0));
    // By the region's code, from 1; those of no region at 0.
    let mut region_counts = vec![(0_u64, 0_u64); regions.words().len() + 1];
    let mut built = SpoofedCalls::with_capacity(rows);
    let mut facts = Vec::with_capacity(rows);
    let mut places = Places::with_capacity(rows);
    let mut holders = Vec::new();
    let mut gone = rules.left_out.within(first, rows).iter().peekable();
    let mut other = others.partition_point(|(counted, _)| *counted < first);
    for row in 0..rows {
        let ordinal = first + row as u32;
        if let Some(left_out) = gone.next_if(|left_out| left_out.row == ordinal) {
            *tally.left_out.entry(left_out.reason.as_str()).or_default() += 1;
            continue;
        }
        let mut reached = reached_of(row);
        while let Some((_, version)) = others.get(other).filter(|(counted, _)| *counted == ordinal)
        {
            reached = reached.or(*version);
            other += 1;
        }
        let leg = legs.get(row).unwrap_or("unknown");
        let account_no = account_no_of.get(row);
        let account = account_no.map(|number| &rules.accounts.all[number as usize]);
        let to_target = matches!(leg, "target" | "unknown");
        let is_test =
            is_marked_test.get(row) || account.is_some_and(crate::accounts::Account::is_test);
        let attempt = to_target && !is_test;
        let region = regions.get(row);
        let day = started
            .is_valid(row)
            .then(|| started.value(row).div_euclid(86_400_000_000) as i32);
        let engaged = to_target && reached.is_engaged(rules.engaged);
        holders.clear();
        if shown.is_valid(row) {
            rules
                .organisations
                .holders(shown.value(row), day, &mut holders);
        }
        if attempt {
            let one = (1, u64::from(engaged));
            let sum = |to: &mut (u64, u64)| *to = (to.0 + one.0, to.1 + one.1);
            if let Some(day) = day {
                // Calls of a part lie in few days, one after the other.
                if day_counts.0 != day {
                    tally.add_day(std::mem::replace(&mut day_counts, (day, (0, 0))));
                }
                sum(&mut day_counts.1);
            }
            sum(&mut region_counts[regions.code(row).map_or(0, |code| code + 1)]);
            for &organisation in &holders {
                sum(tally.by_organisation.entry(organisation).or_default());
            }
            if let (true, Some(talk_s)) = (reached.answered, reached.talk_s) {
                let bucket = TALK_BUCKETS_S.partition_point(|&from| from <= talk_s.max(0)) - 1;
                *tally.by_talk.entry(bucket).or_default() += 1;
            }
        }
        let home = is_home.get(row);
        let called = called.is_valid(row).then(|| called.value(row));
        let called_type = types.get(row);
        let priority = account.is_some_and(|account| account.is_priority);
        let started_us = started.is_valid(row).then(|| started.value(row));
        let place = (streams.value(row), offsets.value(row), lens.value(row));
        let called_allocation = rules.allocation(called, day);
        let shown_number = shown.is_valid(row).then(|| shown.value(row));
        let judged = JudgedCall {
            leg,
            region,
            attempt,
            is_test,
            home,
            answered: reached.answered,
            talk_known: reached.is_talk,
            code: reached.code,
            engaged,
            has_number: called.is_some(),
            spoofed: !holders.is_empty(),
            is_unallocated: called_allocation == Some("unallocated"),
        };
        places.push(place, &judged, &holders);
        if attempt {
            facts.push(CallFact {
                called,
                account_no,
                class: class_of(region, called_type),
                started_us,
                talk_s: reached.talk_s,
                home,
                answered: reached.answered,
                engaged,
                code: reached.code,
                priority,
                recorded: is_recorded.get(row),
                organisation: holders.first().copied(),
            });
            if let (true, Some(account_no), Some(_)) = (engaged, account_no, called) {
                rules.engaged_by.add(account_no, !holders.is_empty());
            }
        }
        let judged_leg = SpoofedCall {
            leg,
            account_no,
            started_us,
            called,
            region,
            called_type,
            called_allocation,
            shown: shown_number,
            shown_allocation: rules.allocation(shown_number, day),
            attempt,
            is_test,
            home,
            answered: reached.answered,
            talk_s: reached.talk_s,
            is_talk: reached.is_talk,
            code: reached.code,
            engaged,
            priority,
            place,
        };
        if holders.is_empty() {
            built.push(&judged_leg, None, 0);
        }
        for (number, &organisation) in holders.iter().enumerate() {
            built.push(&judged_leg, Some(organisation), number as u32 + 1);
        }
    }
    tally.add_day(day_counts);
    let known = regions.words().iter().map(|word| word.map(str::to_owned));
    for (region, counts) in std::iter::once(None).chain(known).zip(region_counts) {
        if counts.0 > 0 {
            let sum = tally.by_region.entry(region).or_default();
            *sum = (sum.0 + counts.0, sum.1 + counts.1);
        }
    }
    Ok(JudgedPart {
        group: built
            .finish(groups, &part.source, &part.exhibit)
            .map_err(|e| AnalysisError::write(path, e))?,
        tally,
        run: Run::new(facts),
        places,
    })
}
