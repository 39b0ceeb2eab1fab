//! Whole runs of processes: a sender with its ledger, and a message centre with its journal, that
//! misbehave by a seed and are killed at random moments. What the centre's journal holds is what
//! people would have got; it is held against the ledger.
//!
//! The processes are this test binary again, told by their environment what to be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use unspoof_outreach::approval::{Approvers, Use};
use unspoof_outreach::package::{Opened, write};
use unspoof_outreach::plan::Campaign;
use unspoof_outreach::sending::{Control, Ended, Grounds, Settings, open, send};
use unspoof_outreach::smpp::{Password, Pool, SmppConfig};
use unspoof_smsc::smpp::{Faults, Ids, Receipts, Settings as Centre, Smsc, read_journal};
use unspoof_store::Address;
use unspoof_store::ledger::{Ledger, State};
use zeroize::Zeroizing;

use super::faults::Chance;
use super::world::{CAMPAIGN, FastClock, World};
use crate::plan::support;

const NUMBERS: u64 = 90;
const ROLE: &str = "UNSPOOF_TEST_ROLE";
const FINISHED: i32 = 0;
const HALTED: i32 = 10;
const WENT_WRONG: i32 = 20;

fn said<T: std::str::FromStr>(name: &str) -> T {
    let value = std::env::var(name).unwrap_or_default();
    value
        .parse()
        .unwrap_or_else(|_| panic!("{name} is `{value}`"))
}

/// Not a test: what the processes of the others are.
#[test]
fn process_of_the_harness() {
    match std::env::var(ROLE).as_deref() {
        Ok("centre") => centre(),
        Ok("sender") => std::process::exit(sender()),
        _ => {}
    }
}

fn centre() {
    let faults: String = said("UNSPOOF_TEST_FAULTS");
    let settings = Centre {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, said("UNSPOOF_TEST_PORT"))),
        journal: Some(said("UNSPOOF_TEST_JOURNAL")),
        is_kept: false,
        faults: serde_json::from_str(&faults).unwrap(),
        ..Centre::default()
    };
    let running = Smsc::start(settings).unwrap();
    loop {
        std::thread::park();
        assert!(running.address().ip().is_loopback());
    }
}

fn opened(folder: &Path) -> Opened {
    let campaign = Campaign::read(&World::without_hold_toml()).unwrap();
    let approvers = Approvers::new(campaign.approvers).unwrap();
    let (host, now) = ([support::host()], support::WITHIN_UTC);
    Opened::open_folder(folder, &approvers, &host, Use::Sending, now).unwrap()
}

fn ledger(folder: &Path) -> Address {
    Address::File(Utf8PathBuf::from_path_buf(folder.join("ledger.db")).unwrap())
}

/// Sends until it is through, halted, in trouble or killed.
fn sender() -> i32 {
    let folder: PathBuf = said("UNSPOOF_TEST_FOLDER");
    let package: PathBuf = said("UNSPOOF_TEST_PACKAGE");
    let life: i64 = said("UNSPOOF_TEST_LIFE");
    let clock = Arc::new(FastClock::at(support::WITHIN_UTC + life * 120_000_000));
    let jump_s: i64 = said("UNSPOOF_TEST_JUMP_S");
    if jump_s != 0 {
        let jumping = Arc::clone(&clock);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(60));
            jumping.jump(jump_s * 1_000_000);
        });
    }
    let opened = opened(&package);
    let ledger = ledger(&folder);
    let grounds = Grounds {
        opened: &opened,
        ledger: &ledger,
        clock: &*clock,
    };
    let config = SmppConfig {
        sessions: said("UNSPOOF_TEST_SESSIONS"),
        window: said("UNSPOOF_TEST_WINDOW"),
        response_timeout_s: 20,
        enquire_interval_s: 10,
        inactivity_s: 60,
        ..SmppConfig::of("127.0.0.1", said("UNSPOOF_TEST_PORT"), "unspoof")
    };
    let settings = Settings {
        actor: "a test".to_owned(),
        control: Control::at(&folder.join("control")).unwrap(),
        status: Some(folder.join("status.json")),
        is_unthrottled: true,
        waits_while_halted: false,
        linger_ms: 20_000,
        grace_ms: 30_000,
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    let password = Password::of(Zeroizing::new("secret".to_owned())).unwrap();
    let seed: u64 = said("UNSPOOF_TEST_SEED");
    let sender_id = &opened.plan().sender;
    let mut pool = Pool::open(&config, password, sender_id, true, clock.clone(), seed).unwrap();
    let run =
        open(&grounds, "a test").and_then(|()| send(&grounds, &mut pool, &settings, &mut |_| {}));
    match run {
        Ok((Ended::Finished, _)) => FINISHED,
        Ok((Ended::Halted(_), _)) => HALTED,
        Ok((other, _)) => panic!("{other:?}"),
        Err(error) => {
            let _ = std::fs::write(folder.join("error"), format!("{error:?}"));
            WENT_WRONG
        }
    }
}

/// A process that is killed when it is dropped.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Run<'a> {
    seed: u64,
    chance: Chance,
    package: &'a Path,
    folder: tempfile::TempDir,
    port: u16,
    sessions: u64,
    window: u64,
    faults: Faults,
    life: u32,
    crashes: u64,
}

/// What a disk does to a life of the sender.
#[derive(Clone, Copy)]
enum Disk {
    Well,
    Full,
    Errs,
}

impl Run<'_> {
    fn process(&self, role: &str, trace: &[String]) -> Command {
        let this = std::env::current_exe().unwrap();
        let mut command = if trace.is_empty() {
            Command::new(this)
        } else {
            let mut command = Command::new("strace");
            command.args(trace).arg(this);
            command
        };
        command
            .args(["--exact", "sending::killed::process_of_the_harness"])
            .env(ROLE, role)
            .env("UNSPOOF_TEST_PORT", self.port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn centre(&self, faults: &Faults) -> Killed {
        let mut command = self.process("centre", &[]);
        let running = command
            .env("UNSPOOF_TEST_JOURNAL", self.journal())
            .env(
                "UNSPOOF_TEST_FAULTS",
                serde_json::to_string(faults).unwrap(),
            )
            .spawn();
        Killed(running.unwrap())
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    fn sender(&mut self, disk: Disk, jump_s: i64) -> Killed {
        self.life += 1;
        let nth = 1 + self.chance.below(12);
        let path = |end: &str| format!("{}{end}", self.folder.path().join("ledger.db").display());
        let injected = match disk {
            Disk::Well => None,
            Disk::Errs => Some(format!("inject=fsync,fdatasync:error=EIO:when={nth}+")),
            Disk::Full => Some(format!("inject=write,pwrite64:error=ENOSPC:when={nth}+")),
        };
        let trace: Vec<String> = injected.map_or_else(Vec::new, |injected| {
            let quiet = ["-f", "-qq", "-o", "/dev/null", "-e"].map(str::to_owned);
            let places = ["", "-wal", "-journal"].map(|end| ["-P".to_owned(), path(end)]);
            let all = quiet.into_iter().chain([injected]);
            all.chain(places.into_iter().flatten()).collect()
        });
        let mut command = self.process("sender", &trace);
        let running = command
            .env("UNSPOOF_TEST_FOLDER", self.folder.path())
            .env("UNSPOOF_TEST_PACKAGE", self.package)
            .env("UNSPOOF_TEST_LIFE", self.life.to_string())
            .env("UNSPOOF_TEST_JUMP_S", jump_s.to_string())
            .env("UNSPOOF_TEST_SESSIONS", self.sessions.to_string())
            .env("UNSPOOF_TEST_WINDOW", self.window.to_string())
            .env("UNSPOOF_TEST_SEED", self.chance.next().to_string())
            .spawn();
        Killed(running.unwrap())
    }

    /// Lives that end badly, and one that nothing disturbs.
    fn live(&mut self) {
        let mut centre = self.centre(&self.faults.clone());
        for _ in 0..2 + self.chance.below(3) {
            let disk = match self.chance.below(8) {
                0 if has_strace() => Disk::Full,
                1 if has_strace() => Disk::Errs,
                _ => Disk::Well,
            };
            let jump_s = match self.chance.below(6) {
                0 => 100,
                1 => -100,
                _ => 0,
            };
            let mut sender = self.sender(disk, jump_s);
            self.crashes += 1;
            if !matches!(disk, Disk::Well) {
                // It ends by itself: nothing may go on that is not written down.
                self.wait(&mut sender);
                continue;
            }
            for _ in 0..self.chance.below(3) {
                self.sleep(120);
                drop(centre);
                self.crashes += 1;
                self.sleep(40);
                centre = self.centre(&self.faults.clone());
            }
            self.sleep(200);
            drop(sender);
            self.resume();
        }
        drop(centre);
        self.crashes += 1;
        let calm = Faults {
            receipts: self.faults.receipts.clone(),
            ..Faults::default()
        };
        let _centre = self.centre(&calm);
        // What was deferred for a while, or held by a rule, may take another life.
        for _ in 0..5 {
            let mut sender = self.sender(Disk::Well, 0);
            match self.wait(&mut sender) {
                FINISHED => return,
                HALTED => self.resume(),
                other => panic!("seed {}: ended with {other}: {}", self.seed, self.error()),
            }
        }
        panic!("seed {}: never finished", self.seed);
    }

    fn error(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("error")).unwrap_or_default()
    }

    fn sleep(&mut self, most_ms: u64) {
        std::thread::sleep(Duration::from_millis(self.chance.below(most_ms)));
    }

    #[expect(clippy::disallowed_methods, reason = "a test gives up some time")]
    fn wait(&self, process: &mut Killed) -> i32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = process.0.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "seed {}: a sender hangs",
                self.seed
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn resume(&self) {
        let Ok(Some(mut ledger)) = Ledger::open_existing(&ledger(self.folder.path())) else {
            return;
        };
        // It may not be halted.
        let _ = ledger.resume(CAMPAIGN, "A. Officer", "the harness goes on", 1);
    }

    /// Holds the journal against the ledger.
    fn judge(&self, opened: &Opened, is_strict: bool) -> u64 {
        let seed = self.seed;
        let mut reached: BTreeMap<String, u32> = BTreeMap::new();
        for part in read_journal(&self.journal()).unwrap() {
            *reached.entry(part.to).or_default() += 1;
        }
        for (to, times) in &reached {
            assert_eq!(*times, 1, "seed {seed}: {to} was texted {times} times");
        }
        let mut book = Ledger::open(&ledger(self.folder.path())).unwrap();
        let mut keys = BTreeSet::new();
        let mut unknown = 0;
        for state in State::ALL {
            for row in book.rows(CAMPAIGN, state).unwrap() {
                assert!(keys.insert(row.key), "seed {seed}: a row in two states");
                let to = opened.recipient(row.key).unwrap().digits();
                let is_there = reached.contains_key(to.as_str());
                match state {
                    State::Accepted | State::Delivered | State::Undelivered | State::Expired => {
                        assert!(is_there, "seed {seed}: accepted, and not at the centre");
                    }
                    State::Refused => {
                        assert!(!is_there, "seed {seed}: refused, and at the centre");
                    }
                    State::Unknown => unknown += 1,
                    State::Planned | State::Intent | State::Settled | State::Removed => {
                        panic!("seed {seed}: {state:?} after the end");
                    }
                }
            }
        }
        assert_eq!(keys.len() as u64, NUMBERS + 2, "seed {seed}: rows are lost");
        if is_strict {
            let most = self.crashes * 2 * self.sessions * self.window;
            assert!(unknown <= most, "seed {seed}: {unknown} unknown of {most}");
        }
        unknown
    }
}

fn has_strace() -> bool {
    let works = || {
        Command::new("strace")
            .args(["-o", "/dev/null", "true"])
            .status()
    };
    static HAS: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *HAS.get_or_init(|| {
        let has = works().is_ok_and(|status| status.success());
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(has || !in_ci, "no strace, or it may not trace");
        has
    })
}

fn faults(seed: u64, is_strict: bool) -> Faults {
    let mut chance = Chance(seed ^ 0x5eed);
    let mut some = |most: u64| u32::try_from(chance.below(most + 1)).unwrap();
    let mut faults = Faults {
        seed,
        throttled: some(60),
        queue_full: some(30),
        reordered: some(200),
        twice: some(50),
        torn: some(300),
        slow_reading_ms: u64::from(some(5)),
        receipts_with_bind: some(1) == 1,
        receipts: Receipts {
            after_ms: u64::from(some(30)),
            early: some(200),
            never: some(30),
            twice: some(200),
            elsewhere: some(500),
            ids: match some(4) {
                0 => Ids::DecimalForHex,
                1 => Ids::HexForDecimal,
                2 => Ids::Zeros,
                3 => Ids::Capitals,
                _ => Ids::Same,
            },
            ..Receipts::default()
        },
        ..Faults::default()
    };
    if !is_strict {
        faults.bind_refused = some(200);
        faults.system_error = some(20);
        faults.nack = some(20);
        faults.cut_before = some(40);
        faults.cut_after = some(40);
        faults.cut_within = some(40);
        faults.cut_behind = some(40);
        faults.garbage = some(20);
        faults.unanswered = some(30);
        faults.late = some(30);
        faults.late_ms = u64::from(some(600));
        faults.wrong_sequence = some(20);
        faults.without_id = some(40);
        faults.unbind = some(30);
    }
    faults
}

fn runs(seeds: std::ops::Range<u64>) {
    let package = tempfile::tempdir().unwrap();
    let (file, sealed, _) = World::package(NUMBERS, &World::without_hold_toml());
    write(package.path(), &file, &sealed).unwrap();
    let opened = opened(package.path());
    let next = AtomicU64::new(seeds.start);
    let unknowns = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end {
                        return;
                    }
                    let is_strict = seed.is_multiple_of(2);
                    let mut chance = Chance(seed);
                    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
                    let mut run = Run {
                        seed,
                        package: package.path(),
                        folder: tempfile::tempdir().unwrap(),
                        port: free.local_addr().unwrap().port(),
                        sessions: 1 + chance.below(3),
                        window: 1 + chance.below(8),
                        faults: faults(seed, is_strict),
                        chance,
                        life: 0,
                        crashes: 0,
                    };
                    drop(free);
                    run.live();
                    unknowns.fetch_add(run.judge(&opened, is_strict), Ordering::SeqCst);
                }
            });
        }
    });
    #[expect(clippy::print_stderr, reason = "who runs the long proof wants to know")]
    {
        eprintln!("{seeds:?}: {} unknown", unknowns.into_inner());
    }
}

/// Sender and centre are killed, disks fill and fail, clocks jump: nobody is texted twice, no row is
/// lost, and what nobody knows is bounded.
#[test]
fn killed_at_any_moment_nobody_is_texted_twice() {
    let is_long = std::env::var_os("UNSPOOF_SOAK").is_some();
    runs(if is_long { 1..1201 } else { 1..21 });
}
