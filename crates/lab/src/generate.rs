//! Makes a case: plans it, makes its chunks on all cores, writes them in order, states the truth.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use anyhow::{Context as _, bail};
use camino::Utf8Path;

use crate::case;
use crate::chunk::{self, Chunk, Overlap};
use crate::dirt::DirtTally;
use crate::exhibit::{ExhibitFile, Packing};
use crate::hard::{self, Shows};
use crate::panel::{BACKUP_END, BACKUP_HEAD, CALLS, PANEL_HEAD};
use crate::plan::Plan;
use crate::preset::Preset;
use crate::publish;
use crate::recipe::Recipe;
use crate::record::{Exhibit, Record, flag};
use crate::reports::{self, Reports};
use crate::seen::Seen;
use crate::tables::{self, Dump, Written};
use crate::tracked::TrackedCall;
use crate::truth::losses::{Loss, of_script, of_victims};
use crate::truth::{self, ExhibitRows, Values};

/// What was made.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// Accounts that count.
    pub accounts: u64,
    /// Calls: legs to a target, duplicates and tests left out.
    pub calls: u64,
    /// Rows of calls in all exhibits, duplicates included.
    pub call_rows: u64,
    /// Reports that count.
    pub reports: u64,
    /// Bytes of the exhibits before compression.
    pub plain_bytes: u64,
    /// Numbers at the end of the funnel.
    pub contacts: u64,
}

/// Everything that the chunks left behind.
pub(crate) struct Made {
    pub(crate) records: [Vec<Record>; Exhibit::COUNT],
    pub(crate) dirt: DirtTally,
    pub(crate) overlap: Overlap,
    pub(crate) seen: Seen,
    /// Calls that the truth names by themselves.
    pub(crate) tracked: Vec<TrackedCall>,
    /// What each account shows of its person alone.
    pub(crate) shows: Vec<Shows>,
    pub(crate) losses: Vec<Loss>,
}

/// Writes a made-up case of a preset as it is into the folder `out`; see [`generate_recipe`].
///
/// # Errors
/// As [`generate_recipe`].
pub fn generate(
    preset: Preset,
    seed: u64,
    out: &Utf8Path,
    progress: &mut dyn FnMut(u64, u64),
) -> anyhow::Result<Summary> {
    generate_recipe(&Recipe::new(preset, seed), out, progress)
}

/// Writes a made-up case into the folder `out`: `seized/`, `reference/`, `truth/`, `case.toml`, and
/// `mappings/` where it needs its own.
///
/// The same recipe gives the same bytes on any machine and with any number of threads. `progress`
/// is told how many calls are made and how many there will be.
///
/// # Errors
/// A file of that name exists in `out`, or one cannot be written; or the recipe asks for what
/// cannot be made.
pub fn generate_recipe(
    recipe: &Recipe,
    out: &Utf8Path,
    progress: &mut dyn FnMut(u64, u64),
) -> anyhow::Result<Summary> {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(8));
    generate_recipe_on(threads, recipe, out, progress)
}

/// Does what [`generate_recipe`] does, on a given number of threads.
///
/// # Errors
/// As [`generate_recipe`].
pub fn generate_recipe_on(
    threads: usize,
    recipe: &Recipe,
    out: &Utf8Path,
    progress: &mut dyn FnMut(u64, u64),
) -> anyhow::Result<Summary> {
    if out.join("case.toml").exists() || out.join("seized").exists() {
        bail!("`{out}` holds a case already");
    }
    let plan = Plan::new(recipe)?;
    for folder in ["seized", "reference", "truth"] {
        let folder = out.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("could not create `{folder}`"))?;
    }
    let seized = out.join("seized");
    let create =
        |exhibit: Exhibit, packing| ExhibitFile::create(&seized.join(exhibit.file_name()), packing);
    let mut files = [
        create(Exhibit::Backup, Packing::Gzip)?,
        create(Exhibit::Panel, Packing::Zstd)?,
        create(Exhibit::Switch, Packing::Gzip)?,
    ];
    let mut made = Made {
        records: [const { Vec::new() }; Exhibit::COUNT],
        dirt: DirtTally::new(),
        overlap: Overlap::default(),
        seen: Seen::new(&plan),
        tracked: Vec::new(),
        shows: Vec::new(),
        losses: Vec::new(),
    };
    // Room for the panel's rows at once: growing would hold them twice.
    let legs = plan.size.attempts() * 10 / 9;
    made.records[Exhibit::Panel as usize].reserve_exact(legs as usize);
    write_calls(&plan, threads, &mut files, &mut made, progress)?;
    write_tables(&plan, &mut files, &mut made)?;
    let reports = match &plan.hard {
        Some(hard) => {
            made.losses = of_script(&plan, &made.tracked);
            hard::write_reports(&plan, hard, &made.tracked, &made.losses)?
        }
        None => {
            let reports = reports::write(&plan, &made.tracked)?;
            made.losses = of_victims(&plan, &made.tracked, &reports.told);
            reports
        }
    };
    let plain_bytes = files.iter().map(|file| file.plain_bytes).sum::<u64>();
    let [backup, panel, switch] = files;
    let mut reports_file = create(Exhibit::Reports, Packing::Plain)?;
    reports_file.append_plain(&reports.csv)?;
    made.dirt.absorb(&reports.dirt, &[0; Exhibit::COUNT]);
    made.records[Exhibit::Reports as usize].extend_from_slice(&reports.records);
    let plain_bytes = plain_bytes + reports_file.plain_bytes;
    let sha256s = [
        backup.finish()?,
        panel.finish()?,
        switch.finish()?,
        reports_file.finish()?,
    ];

    let call_rows = made
        .records
        .iter()
        .flatten()
        .filter(|row| row.flags & flag::LEG != 0)
        .count();
    let rows: Vec<ExhibitRows> = sha256s
        .into_iter()
        .zip(std::mem::take(&mut made.records))
        .map(|(sha256, records)| ExhibitRows { sha256, records })
        .collect();
    let values = values(&plan, &made, &reports);
    let figures = truth::figures(&rows, &values, &plan.organisations, threads)?;
    let suppressions = case::suppressions(&plan);
    let funnel = publish::funnel(
        &plan,
        &made.seen,
        &figures,
        &reports.named,
        &suppressions.ids,
    );
    let summary = Summary {
        accounts: publish::value(&figures, "accounts_registered"),
        calls: publish::value(&figures, "calls"),
        call_rows: call_rows as u64,
        reports: publish::value(&figures, "reports"),
        plain_bytes,
        contacts: funnel.steps.last().map_or(0, |step| step.count),
    };
    publish::write(
        out,
        &plan,
        &made,
        &figures,
        &funnel,
        &reports,
        &suppressions,
    )?;
    Ok(summary)
}

/// Makes all chunks, and appends each to the files in its turn.
fn write_calls(
    plan: &Plan,
    threads: usize,
    files: &mut [ExhibitFile; 3],
    made: &mut Made,
    progress: &mut dyn FnMut(u64, u64),
) -> anyhow::Result<()> {
    let chunks = plan.size.chunks;
    let [backup, panel, _] = files;
    for (file, head) in [(backup, BACKUP_HEAD), (panel, PANEL_HEAD)] {
        let mut text = head.as_bytes().to_vec();
        CALLS.push_head(&mut text);
        file.append_plain(&text)?;
    }
    let next = AtomicU32::new(0);
    let (send, receive) = mpsc::sync_channel::<(u32, anyhow::Result<Chunk>)>(2 * threads.max(1));
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let workers: Vec<_> = (0..threads.max(1))
            .map(|_| {
                let (send, next) = (send.clone(), &next);
                scope.spawn(move || {
                    let mut seen = Seen::new(plan);
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= chunks {
                            return seen;
                        }
                        let chunk = chunk::make(plan, index, &mut seen);
                        if send.send((index, chunk)).is_err() {
                            return seen;
                        }
                    }
                })
            })
            .collect();
        drop(send);
        // Owned here, so that workers stop when this thread gives up.
        let receive = receive;
        let mut early: BTreeMap<u32, Chunk> = BTreeMap::new();
        for index in 0..chunks {
            let chunk = loop {
                if let Some(chunk) = early.remove(&index) {
                    break chunk;
                }
                let (found, chunk) = receive.recv().context("a worker stopped early")?;
                early.insert(found, chunk?);
            };
            append(chunk, files, made)?;
            let per_chunk = u64::from(plan.size.calls_per_chunk);
            progress(
                u64::from(index + 1) * per_chunk,
                u64::from(chunks) * per_chunk,
            );
        }
        for worker in workers {
            match worker.join() {
                Ok(seen) => made.seen.absorb(&seen),
                Err(_) => bail!("a worker stopped early"),
            }
        }
        Ok(())
    })
}

fn append(chunk: Chunk, files: &mut [ExhibitFile; 3], made: &mut Made) -> anyhow::Result<()> {
    let mut bases = [0; Exhibit::COUNT];
    for (index, part) in chunk.parts.iter().enumerate() {
        bases[index] = files[index].plain_bytes;
        files[index].append(part)?;
        let records = &mut made.records[index];
        let moved = |record: &Record| Record {
            at: record.at + bases[index],
            ..*record
        };
        records.extend(chunk.records[index].iter().map(moved));
    }
    made.dirt.absorb(&chunk.dirt, &bases);
    made.overlap.absorb(&chunk.overlap);
    made.tracked
        .extend(chunk.tracked.into_iter().map(|call| call.moved(&bases)));
    Ok(())
}

/// Writes the tables that come after the calls, and the ends of the files.
fn write_tables(plan: &Plan, files: &mut [ExhibitFile; 3], made: &mut Made) -> anyhow::Result<()> {
    let mut end = Vec::new();
    CALLS.push_end(&mut end);
    let [backup, panel, _] = files;
    let active = made.seen.active.clone();
    let mut append = |file: &mut ExhibitFile, exhibit: Exhibit, table: Written| {
        let base = file.plain_bytes;
        let moved = |record: &Record| Record {
            at: record.at + base,
            ..*record
        };
        made.records[exhibit as usize].extend(table.records.iter().map(moved));
        made.dirt.absorb(&table.dirt, &[base; Exhibit::COUNT]);
        file.append_plain(&table.text)
    };
    backup.append_plain(&end)?;
    append(backup, Exhibit::Backup, tables::topups(plan, Dump::Backup)?)?;
    append(
        backup,
        Exhibit::Backup,
        tables::users(plan, Dump::Backup, &active)?,
    )?;
    backup.append_plain(BACKUP_END.as_bytes())?;
    panel.append_plain(&end)?;
    let logins = tables::logins(plan)?;
    let shows = match &plan.hard {
        Some(hard) => hard.people.shows.clone(),
        None => logins.shows.clone(),
    };
    append(panel, Exhibit::Panel, logins)?;
    append(panel, Exhibit::Panel, tables::settings()?)?;
    append(panel, Exhibit::Panel, tables::topups(plan, Dump::Panel)?)?;
    append(
        panel,
        Exhibit::Panel,
        tables::users(plan, Dump::Panel, &active)?,
    )?;
    made.shows = shows;
    Ok(())
}

fn values(plan: &Plan, made: &Made, reports: &Reports) -> Values {
    let payments = plan.ledger.payments.iter();
    Values {
        payments_value_minor: payments
            .filter_map(|payment| payment.value_minor)
            .sum::<i64>() as u64,
        numbers_called: made.seen.called.count(),
        numbers_home_engaged: made.seen.engaged.count(),
        loss_sum_minor: reports.loss_sum_minor,
        losses: reports.losses,
        largest_loss_minor: reports.largest_loss_minor,
    }
}
