//! What reading numbers takes besides time: the size of the tables, how long the first answer is
//! waited for, and that plain values are read without allocating. Fails where a bound is passed.
//!
//! ```sh
//! cargo run --release -p unspoof-numbers --example footprint -- [SEED]
//! ```

use std::alloc::System;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region as Watch, StatsAlloc};
use unspoof_numbers::{Context, Reader, Status, TABLE_BYTES};

#[path = "../../tests/it/inputs.rs"]
#[expect(dead_code, reason = "tests draw more kinds of values")]
mod inputs;
#[path = "../speed/mixes.rs"]
mod mixes;

use inputs::{Draw, examples};
use mixes::MIXES;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MOST_TABLE_BYTES: usize = 1_000_000;
const LONGEST_WAIT: Duration = Duration::from_millis(1);

#[expect(clippy::disallowed_methods, reason = "a benchmark")]
fn main() -> std::io::Result<()> {
    // Nothing has been read before this: what is made when first needed is counted in.
    let start = Instant::now();
    let mut reader = Reader::new(Context {
        default_region: "GB".parse().ok(),
        ..Context::default()
    });
    let first = reader.read(black_box(b"020 7946 0123"));
    let wait = start.elapsed();
    assert_eq!(first.status, Status::Valid);
    let start = Instant::now();
    let by_original = reader.read(black_box("\u{ff10}20 7946 0123".as_bytes()));
    let original_wait = start.elapsed();
    assert_eq!(by_original, first);
    let mut out = std::io::stdout().lock();
    writeln!(out, "tables: {TABLE_BYTES} bytes")?;
    writeln!(
        out,
        "first answer: {} us; first that rlibphonenumber is asked for: {} us",
        wait.as_micros(),
        original_wait.as_micros()
    )?;
    let mut passed = TABLE_BYTES <= MOST_TABLE_BYTES && wait <= LONGEST_WAIT;

    let seed = match std::env::args().nth(1) {
        Some(text) => text.parse().map_err(std::io::Error::other)?,
        None => 1_u64,
    };
    let examples = examples();
    for (name, mix) in MIXES {
        let (mut values, mut allocating, mut plain, mut plain_allocating) = (0, 0, 0, 0);
        for batch in mix(&mut Draw::new(seed), &examples) {
            for value in &batch {
                let mut reader = Reader::without_memory(Context {
                    default_region: value.home,
                    ..Context::default()
                });
                let watch = Watch::new(ALLOCATOR);
                black_box(reader.read(value.text.as_bytes()));
                let allocates = watch.change().allocations > 0;
                let is_plain = is_plain(&value.text);
                values += 1;
                allocating += usize::from(allocates);
                plain += usize::from(is_plain);
                plain_allocating += usize::from(is_plain && allocates);
            }
        }
        writeln!(
            out,
            "{name}: {plain_allocating} of {plain} plain values allocate, {allocating} of all {values}"
        )?;
        passed &= plain_allocating == 0;
    }
    if passed {
        Ok(())
    } else {
        Err(std::io::Error::other("a bound is passed"))
    }
}

/// Digits and what people put between them.
fn is_plain(value: &str) -> bool {
    let separators = b"+ -.()/";
    value
        .bytes()
        .all(|b| b.is_ascii_digit() || separators.contains(&b))
}
