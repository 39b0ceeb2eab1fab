//! Measures the readers on one core: plain bytes in memory to located cells, in MB/s.
//!
//! `cargo run --release -p unspoof-ingest --example scan_speed [MB]`

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use unspoof_ingest::block::{Event, ReadOptions};
use unspoof_ingest::delimited::{DelimitedReader, Dialect};
use unspoof_ingest::dump::DumpReader;

const ROUNDS: usize = 5;

fn main() {
    let megabytes: usize = std::env::args()
        .nth(1)
        .and_then(|arg| arg.parse().ok())
        .unwrap_or(200);
    let size = megabytes * 1_000_000;
    let dump = dump(size, true);
    report("dump, extended INSERT", &dump, || read_dump(&dump));
    let single = self::dump(size, false);
    report("dump, single INSERTs", &single, || read_dump(&single));
    let plain = plain_csv(size);
    report("csv, plain", &plain, || read_csv(&plain));
    report("csv, plain: crate csv", &plain, || read_with_csv(&plain));
    let quoted = master_csv(size);
    report("csv, quoted as Asterisk does", &quoted, || {
        read_csv(&quoted)
    });
    report("csv, quoted: crate csv", &quoted, || read_with_csv(&quoted));
}

#[expect(clippy::print_stdout, reason = "this is what the example is for")]
fn report(name: &str, bytes: &[u8], mut read: impl FnMut() -> (u64, u64)) {
    let mut times = Vec::new();
    let mut found = (0, 0);
    for _ in 0..ROUNDS {
        let start = core_time();
        found = read();
        times.push(core_time().saturating_sub(start));
    }
    times.sort();
    let median: Duration = times[ROUNDS / 2];
    let rate = bytes.len() as f64 / median.as_secs_f64() / 1e6;
    let (rows, cells) = found;
    let row_bytes = bytes.len() as u64 / rows.max(1);
    println!("{name:32} {rate:7.0} MB/s  {rows:>9} rows of {row_bytes} bytes, {cells} cells");
}

/// Time that this thread has spent on a core, so that other work on the machine does not count
/// (`/proc/thread-self/schedstat`, first number, ns); elsewhere than on Linux, the clock's.
fn core_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    match statistics
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok())
    {
        Some(nanoseconds) => Duration::from_nanos(nanoseconds),
        None => start(&START).elapsed(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark")]
fn start(start: &OnceLock<Instant>) -> &Instant {
    start.get_or_init(Instant::now)
}

fn read_dump(bytes: &[u8]) -> (u64, u64) {
    let mut reader = DumpReader::new(bytes, ReadOptions::default());
    let (mut rows, mut cells) = (0, 0);
    while let Ok(Some(event)) = reader.next_event() {
        if let Event::Rows { block, .. } = event {
            rows += block.rows.len() as u64;
            cells += block.cells.len() as u64;
            reader.recycle(block);
        }
    }
    (rows, cells)
}

fn read_csv(bytes: &[u8]) -> (u64, u64) {
    let dialect = Dialect {
        header: false,
        ..Dialect::default()
    };
    let mut reader = DelimitedReader::new(bytes, dialect, ReadOptions::default());
    let (mut rows, mut cells) = (0, 0);
    while let Ok(Some(event)) = reader.next_event() {
        if let Event::Rows { block, .. } = event {
            rows += block.rows.len() as u64;
            cells += block.cells.len() as u64;
            reader.recycle(block);
        }
    }
    (rows, cells)
}

fn read_with_csv(bytes: &[u8]) -> (u64, u64) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(256 << 10)
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut cells) = (0, 0);
    while let Ok(true) = reader.read_byte_record(&mut record) {
        rows += 1;
        cells += record.len() as u64;
    }
    (rows, cells)
}

/// Numbers that look random and are the same each time (a linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn call(out: &mut String, id: u64, numbers: &mut Numbers, quote: &str) {
    let q = quote;
    let (h, m, s) = (numbers.below(24), numbers.below(60), numbers.below(60));
    let talk = numbers.below(900);
    let answered = numbers.below(3) > 0;
    let account = numbers.below(59_000);
    let (shown, called) = (numbers.below(1_000), numbers.below(1_000));
    let _ = write!(
        out,
        "{id},{account},{q}sip-{}{q},{q}0207946{shown:04}{q}",
        numbers.below(8)
    );
    let _ = write!(
        out,
        ",{q}44770090{called:04}{q},{q}2022-0{}-{:02} {h:02}:{m:02}:{s:02}{q}",
        1 + numbers.below(9),
        1 + numbers.below(28)
    );
    if answered {
        let _ = write!(
            out,
            ",{q}2022-05-01 {h:02}:{m:02}:{s:02}{q},{talk},{talk},{q}ANSWERED{q}"
        );
    } else if q.is_empty() {
        let _ = write!(out, ",,0,0,NO ANSWER");
    } else {
        let _ = write!(out, ",NULL,0,0,{q}NO ANSWER{q}");
    }
    let _ = write!(
        out,
        ",{q}live{q},0.{:04},{q}GB{q},{q}it{q}",
        numbers.below(10_000)
    );
}

fn dump(size: usize, extended: bool) -> Vec<u8> {
    let mut out = String::with_capacity(size + 4096);
    out.push_str("-- MariaDB dump 10.19\nCREATE TABLE `calls` (");
    for column in 1..=14 {
        let _ = write!(
            out,
            "{}`c{column}` varchar(32)",
            if column > 1 { "," } else { "" }
        );
    }
    out.push_str(") DEFAULT CHARSET=utf8mb4;\n");
    let mut numbers = Numbers(1);
    let mut id = 0;
    let mut statement_from = 0;
    while out.len() < size {
        if id == 0 || !extended || out.len() - statement_from > 1_000_000 {
            if id > 0 {
                out.push_str(";\n");
            }
            statement_from = out.len();
            out.push_str("INSERT INTO `calls` VALUES ");
        } else {
            out.push(',');
        }
        id += 1;
        out.push('(');
        call(&mut out, id, &mut numbers, "'");
        out.push(')');
    }
    out.push_str(";\n-- Dump completed\n");
    out.into_bytes()
}

fn plain_csv(size: usize) -> Vec<u8> {
    let mut out = String::with_capacity(size + 4096);
    let mut numbers = Numbers(2);
    let mut id = 0;
    while out.len() < size {
        id += 1;
        call(&mut out, id, &mut numbers, "");
        out.push('\n');
    }
    out.into_bytes()
}

fn master_csv(size: usize) -> Vec<u8> {
    let mut out = String::with_capacity(size + 4096);
    let mut numbers = Numbers(3);
    let mut id = 0;
    while out.len() < size {
        id += 1;
        let _ = write!(
            out,
            "\"\"\"Bank\"\" <0207946{:04}>\",",
            numbers.below(1_000)
        );
        call(&mut out, id, &mut numbers, "\"");
        out.push('\n');
    }
    out.into_bytes()
}
