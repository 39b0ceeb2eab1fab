//! How fast a ledger is, beside one fdatasync of the same disk. Run with
//! `cargo test --release -p unspoof-store --test it -- --ignored --nocapture ledger::speed`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use unspoof_store::ledger::{Ledger, Planned, Said};

use super::{accepted, by_id, claim, opening, recipient, rows};
use crate::places::Place;

#[expect(clippy::disallowed_methods, reason = "a benchmark")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// One write of 4 KiB and fdatasync, the median of many.
fn one_sync(folder: &std::path::Path) -> Duration {
    let mut file = std::fs::File::create(folder.join("sync")).unwrap();
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            timed(|| {
                file.write_all(&[7; 4096]).unwrap();
                file.sync_data().unwrap();
            })
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// Seconds of processor that this process and all servers took so far: other work on the machine slows the
/// clock, and hardly these.
fn processor_s() -> f64 {
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let Some((before, after)) = stat.rsplit_once(')') else {
            continue;
        };
        let is_this = entry.file_name().to_str() == Some(std::process::id().to_string().as_str());
        if is_this || before.ends_with("(postgres") {
            let mut fields = after.split_whitespace().skip(11);
            let mut field = || {
                fields
                    .next()
                    .and_then(|f| f.parse::<u64>().ok())
                    .unwrap_or(0)
            };
            ticks += field() + field();
        }
    }
    ticks as f64 / 100.0
}

#[expect(clippy::print_stderr, reason = "tells the figures")]
fn measure(what: &str, place: &Place, batch: usize, with_receipts: bool) {
    const ROWS: u64 = 70_000;
    let address = place.fresh();
    let mut ledger = Ledger::open(&address).unwrap();
    let all = rows(ROWS);
    let planned = timed(|| {
        assert_eq!(
            ledger.plan(&opening("warning"), &all).unwrap(),
            Planned::New
        )
    });
    let list: Vec<_> = (0..ROWS).map(recipient).collect();
    let told = timed(|| drop(ledger.told(Some("warning"), &list).unwrap()));
    let mut sending = ledger.start("warning", "a benchmark", 1).unwrap();
    let mut turns = 0;
    let processor = processor_s();
    let took = timed(|| {
        let (mut answers, mut receipts) = (Vec::new(), Vec::new());
        loop {
            turns += 1;
            let turn = sending
                .turn(turns, &answers, &receipts, claim(batch))
                .unwrap();
            if turn.claimed.is_empty() && answers.is_empty() {
                break;
            }
            receipts.clear();
            if with_receipts {
                let ids = answers.iter().map(|(key, _)| format!("id-{key:08}"));
                receipts.extend(ids.map(|id| by_id(&id, Said::Delivered)));
            }
            let keys = turn.claimed.iter().map(|row| row.key);
            answers = keys
                .map(|key| (key, accepted(&format!("id-{key:08}"))))
                .collect();
        }
    });
    let processor = processor_s() - processor;
    let counted = timed(|| drop(sending.ledger().counts("warning").unwrap()));
    let a_second = ROWS as f64 / took.as_secs_f64();
    let receipts = if with_receipts { " and receipts" } else { "" };
    eprintln!(
        "{what}, {batch} claims and answers{receipts} a turn: {a_second:.0} rows/s, \
         {:.2} ms a turn, {:.1} µs of processor a row; planned {planned:.2?}, told {told:.2?}, \
         counts {counted:.2?}",
        took.as_secs_f64() * 1000.0 / turns as f64,
        processor * 1e6 / ROWS as f64
    );
}

#[test]
#[ignore = "a benchmark"]
#[expect(clippy::print_stderr, reason = "tells the figures")]
fn rows_a_second() {
    let place = Place::sqlite();
    let Place::Sqlite { folder, .. } = &place else {
        unreachable!("a file");
    };
    eprintln!("one fdatasync: {:.2?}", one_sync(folder.path()));
    for batch in [64, 256] {
        measure("SQLite", &place, batch, false);
        measure("SQLite", &place, batch, true);
    }
    eprintln!("one fdatasync: {:.2?}", one_sync(folder.path()));
    if let Some(place) = Place::postgres() {
        for batch in [64, 256] {
            measure("PostgreSQL without fsync", &place, batch, false);
            measure("PostgreSQL without fsync", &place, batch, true);
        }
    }
}
