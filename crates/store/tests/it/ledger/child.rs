//! A sender in a process of its own: this test binary, started again. Its gateway is made up: it answers by
//! chance, late or never, and tells receipts early, late and twice. What left is printed as it leaves, so the
//! parent knows it whatever becomes of the process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use unspoof_model::Coded as _;
use unspoof_store::Address;
use unspoof_store::ledger::{Answered, Claim, Ledger, ReceiptIn, Said, Sending, State};

use super::{accepted, by_id, by_recipient, claim, planned, recipient};
use crate::places::Place;

const URL: &str = "LEDGER_TEST_URL";
const FILE: &str = "LEDGER_TEST_FILE";
const CASE: &str = "LEDGER_TEST_CASE";
const SEED: &str = "LEDGER_TEST_SEED";
/// Rows in flight at most.
pub(super) const WINDOW: usize = 64;

/// Numbers by chance, the same for one seed: SplitMix64.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

#[expect(clippy::print_stdout, reason = "tells the parent")]
fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
}

fn address() -> Option<Address> {
    let file = std::env::var(FILE).ok()?;
    let url = std::env::var(URL).ok();
    let case = std::env::var(CASE).unwrap();
    Some(Address::of(url.as_deref(), file.as_str().into(), &case).unwrap())
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn sends_until_killed() {
    let Some(address) = address() else { return };
    let mut chance = Chance(std::env::var(SEED).unwrap().parse().unwrap());
    let mut sending = match Ledger::open(&address).and_then(|l| l.start("warning", "a child", 2)) {
        Ok(sending) => sending,
        Err(error) => {
            say(&format!("failed {}", error.code()));
            return;
        }
    };
    say(&format!("started {}", sending.recovered()));
    let mut in_flight: Vec<u64> = Vec::new();
    let (mut answers, mut receipts): (Vec<(u64, Answered)>, Vec<ReceiptIn>) = Default::default();
    for now_us in 10.. {
        let most = WINDOW - in_flight.len();
        let turn = match sending.turn(now_us, &answers, &receipts, claim(most)) {
            Ok(turn) => turn,
            Err(error) => {
                say(&format!("failed {}", error.code()));
                // Nothing can be claimed after it, or only after it was undone for sure.
                match sending.turn(now_us, &answers, &receipts, claim(most)) {
                    Ok(turn) => say(&format!("again {}", turn.claimed.len())),
                    Err(error) => say(&format!("failed {}", error.code())),
                }
                return;
            }
        };
        assert_eq!(turn.not_taken, [], "each answer is for a row in flight");
        let kept = answers.iter().map(|(key, answered)| match answered {
            Answered::Accepted { .. } => format!("{key}:a"),
            Answered::Refused { .. } => format!("{key}:r"),
            Answered::Unknown { .. } => format!("{key}:u"),
            Answered::Deferred { .. } | Answered::Unsent => format!("{key}:d"),
        });
        let kept: Vec<String> = kept.collect();
        let keys: Vec<String> = turn.claimed.iter().map(|row| row.key.to_string()).collect();
        // From here on it may have left.
        say(&format!("kept {}", kept.join(" ")));
        say(&format!("sent {}", keys.join(" ")));
        for row in &turn.claimed {
            assert_eq!(row.recipient, recipient(row.key));
        }
        in_flight.extend(turn.claimed.iter().map(|row| row.key));
        if in_flight.is_empty() && turn.next_due_us.is_none() {
            // Other senders may have died.
            if sending.recover(now_us).unwrap() == 0 {
                break;
            }
        }
        if in_flight.is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        if now_us % 32 == 0 {
            sending.recover(now_us).unwrap();
        }
        (answers, receipts) = Default::default();
        let mut still = Vec::new();
        let mut said = Vec::new();
        for key in in_flight.drain(..) {
            let id = format!("id-{key}-{}", chance.below(1_000_000));
            let answered = match chance.below(20) {
                0..4 => {
                    still.push(key);
                    continue;
                }
                4..16 => accepted(&id),
                16 => Answered::Refused {
                    code: "no".to_owned(),
                },
                17 => Answered::Unknown {
                    why: "timeout".to_owned(),
                },
                18 => Answered::Unsent,
                _ => Answered::Deferred {
                    code: "throttled".to_owned(),
                    suspicious: false,
                    not_before_us: now_us + 2,
                },
            };
            let is_back = matches!(answered, Answered::Unsent | Answered::Deferred { .. });
            said.push(format!("{key}:{}", if is_back { "d" } else { "o" }));
            if matches!(answered, Answered::Accepted { .. }) && chance.below(2) == 0 {
                let receipt = match chance.below(4) {
                    0 => by_recipient(key, Said::Delivered),
                    _ => by_id(&id, Said::Delivered),
                };
                receipts.push(receipt.clone());
                if chance.below(4) == 0 {
                    receipts.push(receipt);
                }
            }
            answers.push((key, answered));
        }
        // What the gateway knows by now, whatever becomes of this process.
        say(&format!("gateway {}", said.join(" ")));
        in_flight = still;
    }
    say("done");
}

/// What the parent heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// How often each row left.
    sent: BTreeMap<u64, u32>,
    /// Of rows that left: the gateway said that it had not taken it.
    back: BTreeSet<u64>,
    /// What was acknowledged to be on the disk.
    kept: BTreeMap<u64, char>,
    pub(super) failed: Vec<String>,
    pub(super) is_done: bool,
    turns: usize,
}

impl Heard {
    /// Takes a line; no row may leave twice unless the gateway gave it back in between.
    pub(super) fn hear(&mut self, line: &str) {
        // The harness writes its own words before the first line.
        let (what, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let marked = || {
            rest.split(' ').filter_map(|word| {
                let (key, mark) = word.split_once(':')?;
                Some((key.parse::<u64>().unwrap(), mark.chars().next().unwrap()))
            })
        };
        match what {
            "sent" => {
                self.turns += 1;
                for key in rest.split(' ').filter(|word| !word.is_empty()) {
                    let key: u64 = key.parse().unwrap();
                    let times = self.sent.entry(key).or_default();
                    *times += 1;
                    assert!(
                        *times == 1 || self.back.remove(&key),
                        "the row {key} left twice"
                    );
                    self.kept.remove(&key);
                }
            }
            "gateway" => self
                .back
                .extend(marked().filter(|m| m.1 == 'd').map(|m| m.0)),
            "kept" => self.kept.extend(marked()),
            "failed" | "again" => self.failed.push(line.to_owned()),
            "done" => self.is_done = true,
            _ => {}
        }
    }

    pub(super) fn turns(&self) -> usize {
        self.turns
    }

    /// Looks whether the ledger knows all that was heard. Nobody is at work; `lives` were.
    pub(super) fn holds(&self, ledger: &mut Ledger, rows: u64, lives: usize) {
        let mut states = BTreeMap::new();
        let mut crashed = 0;
        for state in State::ALL {
            for row in ledger.rows("warning", state).unwrap() {
                assert!(states.insert(row.key, state).is_none());
                crashed += usize::from(row.code.as_deref() == Some("crash"));
                let times = (row.intent_us, row.answered_us, row.settled_us);
                let expected = match state {
                    State::Planned | State::Removed => row.attempt == 0 || times.1.is_some(),
                    State::Intent => times.0.is_some(),
                    State::Accepted | State::Refused | State::Unknown => times.1.is_some(),
                    State::Delivered | State::Undelivered | State::Expired | State::Settled => {
                        times.1.is_some() && times.2.is_some()
                    }
                };
                assert!(expected, "{row:?}");
            }
        }
        assert_eq!(states.len() as u64, rows, "no row is lost");
        assert!(
            crashed <= 2 * WINDOW * lives,
            "{crashed} after {lives} lives"
        );
        for (key, times) in &self.sent {
            let state = states[key];
            let may_be_planned = self.back.contains(key);
            assert!(
                state != State::Planned || may_be_planned,
                "{key} left {times} times and is planned"
            );
        }
        for (key, kept) in &self.kept {
            let state = states[key];
            let fits = match kept {
                'a' => matches!(state, State::Accepted | State::Delivered),
                'r' => state == State::Refused,
                'u' => matches!(state, State::Unknown | State::Delivered),
                // Claimed again, and the line that says so was lost with the process.
                _ => true,
            };
            assert!(fits, "{key} was kept as {kept} and is {state}");
        }
    }
}

/// A child with its lines.
pub(super) struct Sender {
    pub(super) child: Child,
    pub(super) lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Sender {
    pub(super) fn spawn(place: &Place, address: &Address, seed: u64) -> Self {
        Self::spawn_with(place, address, seed, &[], &[])
    }

    /// Under another program, such as a shell that sets limits, and with variables.
    pub(super) fn spawn_with(
        place: &Place,
        address: &Address,
        seed: u64,
        under: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let this = std::env::current_exe().unwrap();
        let mut words: Vec<&std::ffi::OsStr> = under.iter().map(|word| (*word).as_ref()).collect();
        words.push(this.as_os_str());
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args([
                "--exact",
                "ledger::child::sends_until_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(SEED, seed.to_string())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        match (place, address) {
            (Place::Postgres { server, .. }, Address::Server { schema, .. }) => {
                command.env(URL, server.url()).env(CASE, schema);
                command.env(FILE, "-");
            }
            (_, Address::File(path)) => {
                command.env(FILE, path).env(CASE, "case");
            }
            _ => unreachable!("an address of another place"),
        }
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Hears all that is left.
    pub(super) fn end(mut self, heard: &mut Heard) {
        for line in self.lines.by_ref().map_while(Result::ok) {
            heard.hear(&line);
        }
        self.child.wait().unwrap();
    }
}

/// How many times more under `UNSPOOF_SOAK=1`.
pub(super) fn soak() -> u64 {
    if std::env::var("UNSPOOF_SOAK").is_ok_and(|soak| soak == "1") {
        25
    } else {
        1
    }
}

/// Kills a sender at many moments of its work; none of what it claimed is claimed again.
pub(super) fn outlasts_kills(place: &Place) {
    const ROWS: u64 = 5_000;
    for round in 0..soak() {
        let address = place.fresh();
        drop(planned(&address, ROWS));
        let mut heard = Heard::default();
        let mut chance = Chance(round + 1);
        for life in 0..10 {
            let mut sender = Sender::spawn(place, &address, round * 100 + life);
            // It gets under way, then dies somewhere in what follows.
            for line in sender.lines.by_ref().map_while(Result::ok) {
                heard.hear(&line);
                if line.starts_with("sent") {
                    break;
                }
            }
            std::thread::sleep(Duration::from_micros(chance.below(30_000)));
            sender.child.kill().unwrap();
            sender.end(&mut heard);
            assert_eq!(heard.failed, Vec::<String>::new());
            // A dead sender's intents are unknown once the next one starts.
            let mut ledger = recovered(&address).end();
            heard.holds(&mut ledger, ROWS, usize::try_from(life + 1).unwrap());
            if heard.is_done {
                break;
            }
        }
        assert!(heard.turns() >= 10, "{} turns", heard.turns());
        // The last one ends its work.
        Sender::spawn(place, &address, 99).end(&mut heard);
        assert!(heard.is_done);
        let mut ledger = Ledger::open(&address).unwrap();
        assert_eq!(ledger.rows("warning", State::Planned).unwrap(), []);
        heard.holds(&mut ledger, ROWS, 15);
        assert_eq!(heard.sent.len() as u64 + missing(&heard, ROWS), ROWS);
    }
}

/// The next sender, once it found all that the dead left. A server may take a moment to see that a sender is
/// dead, and until then its rows stay as they are.
fn recovered(address: &Address) -> Sending {
    let ledger = Ledger::open(address).unwrap();
    let mut sending = ledger.start("warning", "the parent", 9).unwrap();
    for _ in 0..2_000 {
        let left = sending.ledger().rows("warning", State::Intent).unwrap();
        if left.is_empty() {
            return sending;
        }
        std::thread::sleep(Duration::from_millis(10));
        sending.recover(9).unwrap();
    }
    panic!("what the dead left stays");
}

/// Rows that were claimed by a process that died before it could say so.
fn missing(heard: &Heard, rows: u64) -> u64 {
    let missing = (0..rows)
        .filter(|key| !heard.sent.contains_key(key))
        .count();
    assert!(missing <= WINDOW * 15);
    missing as u64
}

/// Several senders at work on one ledger, some of which are killed, share no row.
pub(super) fn several_share_nothing(place: &Place) {
    const ROWS: u64 = 4_000;
    if matches!(place, Place::Sqlite { .. }) {
        return one_alone(place);
    }
    for round in 0..soak() {
        let address = place.fresh();
        drop(planned(&address, ROWS));
        let (told, lines) = std::sync::mpsc::channel();
        let mut children = Vec::new();
        let mut listeners = Vec::new();
        for seed in 0..4 {
            let Sender { child, lines } = Sender::spawn(place, &address, round * 10 + seed);
            children.push(child);
            let told = told.clone();
            listeners.push(std::thread::spawn(move || {
                for line in lines.map_while(Result::ok) {
                    told.send(line).unwrap();
                }
            }));
        }
        drop(told);
        let mut heard = Heard::default();
        let mut chance = Chance(round);
        let first_at = 20 + chance.below(60);
        for (count, line) in (0_u64..).zip(lines) {
            heard.hear(&line);
            if count == first_at || count == first_at + 40 {
                children.remove(0).kill().unwrap();
            }
        }
        for mut child in children {
            child.wait().unwrap();
        }
        for listener in listeners {
            listener.join().unwrap();
        }
        assert_eq!(heard.failed, Vec::<String>::new());
        // What the last of them to end could not yet see.
        let mut sending = recovered(&address);
        // Receipts and answers that passed each other between two senders meet in an idle turn.
        sending.turn(2_000_000, &[], &[], Claim::NONE).unwrap();
        let mut ledger = sending.end();
        assert_eq!(ledger.rows("warning", State::Planned).unwrap(), []);
        heard.holds(&mut ledger, ROWS, 2);
        assert_eq!(ledger.orphans("warning").unwrap(), 0);
    }
}

/// In a file only one sends; the second is told who, and can still halt.
fn one_alone(place: &Place) {
    let address = place.fresh();
    drop(planned(&address, 100_000));
    let mut sender = Sender::spawn(place, &address, 1);
    let mut lines = sender.lines.by_ref().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("sent")));
    let second = Ledger::open(&address).unwrap();
    let refused = second.start("warning", "a second", 3).unwrap_err();
    assert_eq!(refused.code(), "ledger/held");
    let told = refused.to_string();
    let process = format!("`a child` (process {})", sender.child.id());
    assert!(told.contains(&process), "{told}");
    sender.child.kill().unwrap();
    sender.child.wait().unwrap();
    let second = Ledger::open(&address).unwrap();
    let sending = second.start("warning", "a second", 3).unwrap();
    assert!(sending.recovered() <= 2 * WINDOW as u64);
}

/// Once a halt returned, nothing more is claimed, whoever is at work.
pub(super) fn halts_at_once(place: &Place) {
    let address = place.fresh();
    drop(planned(&address, 100_000));
    let mut sender = Sender::spawn(place, &address, 1);
    let mut heard = Heard::default();
    for line in sender.lines.by_ref().map_while(Result::ok).take(40) {
        heard.hear(&line);
    }
    let mut desk = Ledger::open(&address).unwrap();
    let halt = unspoof_store::ledger::Halt {
        kind: unspoof_store::ledger::HaltKind::Stopped,
        actor: "an officer".to_owned(),
        why: "enough".to_owned(),
        at_us: 50,
    };
    desk.halt("warning", &halt).unwrap();
    let claimed = |desk: &mut Ledger| -> u64 {
        let counts = desk.counts("warning").unwrap();
        let planned = counts.iter().filter(|c| c.state == State::Planned);
        100_000 - planned.map(|count| count.rows).sum::<u64>()
    };
    let at_once = claimed(&mut desk);
    std::thread::sleep(Duration::from_millis(60));
    // Deferred rows go back; nothing goes out.
    assert!(claimed(&mut desk) <= at_once);
    sender.child.kill().unwrap();
    sender.end(&mut heard);
    assert!(claimed(&mut desk) <= at_once);
}

/// Turns that follow one another closely keep nobody else out.
pub(super) fn keeps_nobody_out(place: &Place) {
    let address = place.fresh();
    let mut sending = planned(&address, 100)
        .start("warning", "a sender", 2)
        .unwrap();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut answers = Vec::new();
            for now_us in 10.. {
                if is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                // Always something to write.
                let turn = sending.turn(now_us, &answers, &[], claim(50)).unwrap();
                answers = turn
                    .claimed
                    .iter()
                    .map(|row| (row.key, Answered::Unsent))
                    .collect();
            }
        });
        let mut desk = Ledger::open(&address).unwrap();
        let wrote: Result<Vec<()>, _> = (0..40)
            .map(|at_us| desk.record("warning", "an officer", "looked", "so far well", at_us))
            .collect();
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        wrote.unwrap();
    });
    let events = sending.ledger().events("warning", 0).unwrap();
    assert_eq!(events.len(), 42);
}

/// A shell that lets its child write files of so many blocks of 512 bytes and no more.
pub(super) fn with_room(blocks: &str) -> [String; 3] {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    ["sh".to_owned(), "-c".to_owned(), script]
}

/// Whether there is a C compiler, for a test that needs one.
pub(super) fn compiled(source: &Path, to: &Path) -> bool {
    let done = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(to)
        .arg(source)
        .arg("-ldl")
        .status();
    done.is_ok_and(|status| status.success())
}
