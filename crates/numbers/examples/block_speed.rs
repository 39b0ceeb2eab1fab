//! What asking whether a number is allocated costs, over the regulators' published lists.
//!
//! ```sh
//! cargo run --release -p unspoof-numbers --example block_speed -- FOLDER [SEED]
//! ```
//!
//! `FOLDER` holds lists of number blocks as CSV, at any depth; other files are left out, and lists
//! that do not say their day count as published on 1970-01-01. Numbers are drawn from the seed: those of
//! listed blocks, any of the listed countries, and any at all. What is printed is the median over
//! batches, so that other work on the machine counts little: once with many numbers under way at a
//! time, as in a scan, and once where each waits for the answer before it.

use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use unspoof_numbers::PhoneNumber;
use unspoof_numbers::blocks::{BlockAnswer, BlockList, Blocks, Day};

#[path = "../tests/it/inputs.rs"]
#[expect(dead_code, reason = "tests draw more kinds of values")]
mod inputs;

use inputs::Draw;

const BATCH_NUMBERS: usize = 10_000;
const BATCHES: usize = 200;
/// 2026-01-01: after all lists, as is usual.
const DAY: Day = 20_454;

#[expect(clippy::disallowed_methods, reason = "a benchmark")]
fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut out = std::io::stdout().lock();
    let Some(folder) = args.next() else {
        return writeln!(out, "usage: block_speed FOLDER [SEED]");
    };
    let seed = args.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files)?;
    files.sort();
    let start = Instant::now();
    let lists: Vec<BlockList> = files
        .iter()
        .filter_map(|(name, content)| {
            BlockList::read(name, content, None)
                .or_else(|_| BlockList::read(name, content, Some(0)))
                .ok()
        })
        .collect();
    let read_ms = start.elapsed().as_secs_f64() * 1e3;
    let listed: Vec<(u64, u32)> = lists
        .iter()
        .flat_map(|list| &list.blocks)
        .map(|block| (block.prefix, block.digits.counts().max().unwrap_or(12)))
        .collect();
    let count = lists.len();
    let start = Instant::now();
    let blocks = Blocks::new(lists);
    let made_ms = start.elapsed().as_secs_f64() * 1e3;
    writeln!(
        out,
        "{count} lists, {} blocks: read in {read_ms:.0} ms, made in {made_ms:.0} ms, {} KiB",
        listed.len(),
        blocks.table_bytes() / 1024,
    )?;
    writeln!(out, "numbers     scan ns   one by one ns   answered %")?;
    let mut draw = Draw::new(seed);
    let mut mix = |out: &mut dyn std::io::Write, name: &str, next: &dyn Fn(&mut Draw) -> u64| {
        let batches: Vec<Vec<PhoneNumber>> = (0..BATCHES)
            .map(|_| {
                (0..BATCH_NUMBERS)
                    .filter_map(|_| PhoneNumber::from_key(next(&mut draw)).ok())
                    .collect()
            })
            .collect();
        let answered = batches
            .iter()
            .flatten()
            .filter(|number| blocks.lookup(**number, DAY).is_some())
            .count();
        let scan = median(
            batches
                .iter()
                .map(|batch| timed(batch, |batch| scan(&blocks, batch))),
        );
        let waiting = median(
            batches
                .iter()
                .map(|batch| timed(batch, |batch| wait(&blocks, batch))),
        );
        let percent = 100.0 * answered as f64 / (BATCHES * BATCH_NUMBERS) as f64;
        writeln!(out, "{name:<9} {scan:>9.1} {waiting:>15.1} {percent:>12.1}")
    };
    let within = |draw: &mut Draw, (prefix, digits): (u64, u32)| {
        let rest = 10_u64.pow(digits.saturating_sub(prefix.ilog10() + 1));
        prefix * rest + draw.below(rest as usize) as u64
    };
    if !listed.is_empty() {
        mix(&mut out, "listed", &|draw| {
            let block = *draw.of(&listed);
            within(draw, block)
        })?;
    }
    mix(&mut out, "countries", &|draw| {
        let country = *draw.of(&[(44, 12), (1, 11)]);
        within(draw, country)
    })?;
    mix(&mut out, "any", &|draw| {
        within(draw, (1, 8)) * 10_000 + draw.below(10_000) as u64
    })
}

fn collect(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "csv") {
            files.push((path.display().to_string(), fs::read(&path)?));
        }
    }
    Ok(())
}

fn scan(blocks: &Blocks, batch: &[PhoneNumber]) -> usize {
    let nobodys = |number: &&PhoneNumber| {
        matches!(
            blocks.lookup(**number, DAY),
            Some(BlockAnswer::Unallocated(_))
        )
    };
    batch.iter().filter(nobodys).count()
}

/// Takes the next number by the answer to the last, so that no two are looked up at a time.
fn wait(blocks: &Blocks, batch: &[PhoneNumber]) -> usize {
    let mut at = 0;
    let mut sum = 0;
    for _ in 0..batch.len() {
        let found = match blocks.lookup(batch[at], DAY) {
            Some(BlockAnswer::Unallocated(_)) => 1,
            Some(BlockAnswer::Allocated(_)) => 2,
            Some(BlockAnswer::NotYetAllocated(_)) => 3,
            Some(BlockAnswer::SpecialUse(_)) => 4,
            Some(BlockAnswer::Drama(_)) => 5,
            None => 6,
        };
        sum += found;
        at += black_box(found).min(1);
    }
    sum
}

#[expect(clippy::disallowed_methods, reason = "a benchmark")]
fn timed(batch: &[PhoneNumber], work: impl Fn(&[PhoneNumber]) -> usize) -> f64 {
    let start = Instant::now();
    black_box(work(black_box(batch)));
    start.elapsed().as_secs_f64() * 1e9 / batch.len() as f64
}

fn median(times: impl Iterator<Item = f64>) -> f64 {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
