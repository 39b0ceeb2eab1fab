//! A process that adds judgements until it is killed: this test binary, started again.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use unspoof_store::{Address, Store};

use crate::made_up::{identified, judged};
use crate::places::Place;

const URL: &str = "STORE_TEST_URL";
const FILE: &str = "STORE_TEST_FILE";
const CASE: &str = "STORE_TEST_CASE";
const FIRST: &str = "STORE_TEST_FIRST";
/// Judgements that are added at once.
const BATCH: i64 = 3;

#[test]
#[ignore = "run by other tests in a process of its own"]
#[expect(clippy::print_stdout, reason = "acknowledges to the parent")]
fn adds_until_killed() {
    let Ok(file) = std::env::var(FILE) else {
        return;
    };
    let url = std::env::var(URL).ok();
    let case = std::env::var(CASE).unwrap();
    let first: i64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let address = Address::of(url.as_deref(), file.as_str().into(), &case).unwrap();
    let mut store = Store::open(&address).unwrap();
    for batch in first.. {
        let new: Vec<_> = (0..BATCH)
            .map(|n| judged(identified(&["7"]), batch * BATCH + n))
            .collect();
        store.add(&new, "seal").unwrap();
        println!("acknowledged {batch}");
        std::io::stdout().flush().unwrap();
    }
}

/// Kills a process at many moments of its work.
pub(crate) fn outlasts_a_kill(place: &Place) {
    let address = place.fresh();
    let (file, url, case) = match (place, &address) {
        (Place::Postgres { server, .. }, Address::Server { schema, .. }) => {
            ("-".to_owned(), Some(server.url()), schema.clone())
        }
        (_, Address::File(path)) => (path.to_string(), None, "case".to_owned()),
        _ => unreachable!("an address of another place"),
    };
    let mut acknowledged = BTreeSet::new();
    let mut next = 1;
    for life in 0..12_u64 {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "child::adds_until_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(FILE, &file)
            .env(CASE, &case)
            .env(FIRST, next.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(url) = &url {
            command.env(URL, url);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It gets under way, then dies somewhere in what follows.
        let first = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("acknowledged ")?.parse::<i64>().ok());
        acknowledged.insert(first.expect("it adds at least once"));
        std::thread::sleep(Duration::from_micros(life * life * 331));
        child.kill().unwrap();
        child.wait().unwrap();
        let rest = lines.map_while(Result::ok);
        acknowledged.extend(
            rest.filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<i64>().ok()),
        );
        let found = Store::open(&address).unwrap().judgements().unwrap();
        let seconds: Vec<i64> = found.iter().map(|j| j.recorded_utc() / 1_000_000).collect();
        let batches: BTreeSet<i64> = seconds.iter().map(|second| second / BATCH).collect();
        assert!(batches.is_superset(&acknowledged), "life {life}");
        assert_eq!(
            seconds.len(),
            batches.len() * BATCH as usize,
            "life {life}: no batch is half there"
        );
        next = batches.last().unwrap() + 1;
    }
    assert!(acknowledged.len() > 12, "{acknowledged:?}");
}
