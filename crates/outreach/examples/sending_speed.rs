//! Measures sending on loopback: `sending_speed SMSC [RECIPIENTS] [NODE SCRIPT PEERS]`.
//!
//! Plans, has two made-up people sign, seals, opens and sends a made-up campaign, over a ledger on
//! this disk, to `unspoof-smsc` in a process of its own: four sessions, window of 64. Then the same
//! sender without a ledger, and both to npm's `smpp` where that is named.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use unspoof_handover::hex;
use unspoof_numbers::{NumberType, PhoneNumber};
use unspoof_outreach::approval::{Approvers, Use, approve, unsigned};
use unspoof_outreach::candidate::{Allocation, Candidate, Candidates, Flags, Shown};
use unspoof_outreach::clock::{Clock, SystemClock};
use unspoof_outreach::package::{Opened, seal_recipients};
use unspoof_outreach::plan::{self, Campaign};
use unspoof_outreach::recipient::RecipientKey;
use unspoof_outreach::sender::{Event, Message, Sender};
use unspoof_outreach::sending::{Control, Ended, Grounds, Settings, open, send};
use unspoof_outreach::smpp::{Password, Pool, SmppConfig};
use unspoof_store::Address;
use unspoof_unseal::Identity;
use zeroize::Zeroizing;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const HOUR_US: i64 = 3_600_000_000;
/// 2022-11-20 12:00 UTC, and noon of the day on which texts go out.
const PLANNED_UTC: i64 = 1_668_945_600_000_000;
const WITHIN_UTC: i64 = 1_669_291_200_000_000;
/// Submits of the runs without a ledger.
const UNWRITTEN: u64 = 200_000;
const UNWRITTEN_NPM: u64 = 30_000;

/// Noon of that day, and running on.
struct Noon(SystemClock);

impl Clock for Noon {
    fn monotonic_ms(&self) -> u64 {
        self.0.monotonic_ms()
    }

    fn wall_us(&self) -> i64 {
        WITHIN_UTC + i64::try_from(self.0.monotonic_ms()).unwrap_or(i64::MAX / 1000) * 1000
    }
}

/// A peer that ends when it is dropped.
struct Peer {
    child: Child,
    port: u16,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn peer(command: &mut Command) -> Result<Peer, Failed> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let out = child.stdout.take().ok_or("no output")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let port = line.trim().rsplit(':').next().ok_or("no port")?.parse()?;
    Ok(Peer { child, port })
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let smsc = arguments.first().ok_or("which unspoof-smsc?")?;
    let recipients = arguments.get(1).map_or(Ok(70_000), |given| given.parse())?;
    let folder = tempfile::tempdir_in(".")?;
    let sync_ms = fdatasync_ms(folder.path())?;
    println!("one fdatasync of 4 KiB: {sync_ms:.2} ms");
    let opened = planned(recipients)?;
    let journal = folder.path().join("journal");
    let ours = || {
        let mut command = Command::new(smsc);
        command.args(["smpp", "--listen", "127.0.0.1:0", "--kept", "no"]);
        command
    };
    let silent = folder.path().join("faults");
    std::fs::write(&silent, "[receipts]\nnever = 1000\n")?;
    let mut command = ours();
    command
        .arg("--journal")
        .arg(&journal)
        .arg("--faults")
        .arg(&silent);
    let centre = peer(&mut command)?;
    let rate = durable(&opened, folder.path(), "ours", centre.port)?;
    // What the disk takes is what the target is stated for: 4 ms.
    let target = 20_000.0 * (4.0 / sync_ms.max(4.0));
    println!("to our own centre: {rate:.0} durable submits a second, {target:.0} asked for");
    let centre_with_receipts = peer(&mut ours())?;
    let port = centre_with_receipts.port;
    let rate = durable(&opened, folder.path(), "with receipts", port)?;
    println!("with a receipt for each: {rate:.0} a second");
    drop(centre_with_receipts);
    drop(centre);
    let centre = peer(&mut ours())?;
    let bare = unwritten(centre.port, UNWRITTEN)?;
    println!("the same sender without a ledger: {bare:.0} a second");
    drop(centre);
    if let [_, _, script, peers] = arguments.as_slice() {
        let npm = || peer(Command::new("node").arg(script).arg(peers));
        let rate = durable(&opened, folder.path(), "npm", npm()?.port)?;
        let bare = unwritten(npm()?.port, UNWRITTEN_NPM)?;
        println!("to npm's smpp: {rate:.0} durable submits a second; without a ledger {bare:.0}");
    }
    println!("most memory of this process: {} MB", peak_mb()?);
    Ok(())
}

fn fdatasync_ms(folder: &Path) -> Result<f64, Failed> {
    let mut file = std::fs::File::create(folder.join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..100 {
        file.write_all(&[7; 4096])?;
        let begun = Instant::now();
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(50).copied().unwrap_or_default())
}

fn seed(of: u8) -> Zeroizing<[u8; 32]> {
    Zeroizing::new([of; 32])
}

fn campaign() -> Result<Campaign, Failed> {
    use ring::signature::KeyPair as _;
    let mut approvers = String::new();
    for (of, name) in [(1, "A. Officer"), (2, "B. Officer")] {
        let pair = unspoof_handover::bundle::key_pair("bench", &seed(of))?;
        let key = hex::encode(pair.public_key().as_ref());
        approvers.push_str(&format!(
            "[[approvers]]\nname = \"{name}\"\nkey = \"{key}\"\n"
        ));
    }
    let host = Identity::of_secret(seed(100)).recipient();
    let inside = Identity::of_secret(seed(101)).recipient();
    let recovery = Identity::of_secret(seed(102)).recipient();
    let toml = format!(
        r#"
version = 1
id = "bench"
kind = "warning"
organisation = "Tarnshire Police"
contact = "Tarnshire Police, Operation Lantern"
sender = "TarnPolice"
registered_senders = ["TarnPolice"]
rate_per_s = 1000

[window]
zone = "Europe/London"
first_day = "2022-11-24"
last_day = "2022-11-25"

[[texts]]
language = "en"
text = "Tarnshire Police: this phone may have been rung by people who posed as others. Our website tells how to know this text. Code {{code}}"

[[stages]]
name = "all"
take = "rest"

[stop]
unknown_percent = 100

{approvers}
[sealing]
sender_host = "{host}"

[portal]
languages = ["en"]
recipients = ["{inside}", "{recovery}"]
receipt_key = "{}"
leave_url = "https://example.org/"
is_crime_report = false
read_within_days = 3
draft_days = 14
codes_open_days = 90

[[portal.help]]
kind = "report"
name = {{ en = "Where crimes are reported" }}
number = "020 7946 0101"
"#,
        hex::encode(
            unspoof_handover::bundle::key_pair("bench", &seed(9))?
                .public_key()
                .as_ref()
        ),
    );
    Ok(Campaign::read(&toml)?)
}

/// Plans, signs, seals and opens, and says how long each took.
fn planned(recipients: u64) -> Result<Opened, Failed> {
    let campaign = campaign()?;
    let region = "GB".parse()?;
    // Made up at run time, for loopback alone.
    let number = |last: u64| PhoneNumber::from_key(447_400_000_000 + last * 7);
    let list: Vec<Candidate> = (0..recipients)
        .filter_map(|last| number(last).ok())
        .map(|number| Candidate {
            number,
            region: Some(region),
            line: Some(NumberType::Mobile),
            allocation: Some(Allocation::Allocated),
            shown: vec![Shown {
                organisation: 0,
                calls: 3,
                certain_calls: 3,
            }],
            last_call_utc: Some(PLANNED_UTC - 240 * HOUR_US),
            language: None,
            flags: Flags::default(),
        })
        .collect();
    let candidates = Candidates {
        funnel: Some(unspoof_model::Sha256Hash([3; 32])),
        made_up: true,
        organisations: vec!["Crownfield Bank".to_owned()],
        list,
    };
    let begun = Instant::now();
    let planned = plan::make(&plan::Grounds {
        campaign: &campaign,
        candidates: &candidates,
        home: &[region],
        team: &[],
        asked: None,
        suppressions: &[],
        told: &[],
        key: &RecipientKey::new(seed(50)),
        now_utc: PLANNED_UTC,
    })?;
    let took = begun.elapsed().as_secs_f64();
    println!("{recipients} recipients planned in {took:.2} s");
    let begun = Instant::now();
    let approvers = Approvers::new(planned.plan.approvers.clone())?;
    let mut file = unsigned(&planned.plan)?;
    for of in [1, 2] {
        file = approve(file.as_bytes(), &approvers, &seed(of), PLANNED_UTC)?.0;
    }
    let sealed = seal_recipients(&planned.plan, &planned.recipients)?;
    let host = [Identity::of_secret(seed(100))];
    let opened = Opened::open(
        file.as_bytes(),
        sealed.as_slice(),
        &approvers,
        &host,
        Use::Sending,
        WITHIN_UTC,
    )?;
    let took = begun.elapsed().as_secs_f64();
    println!("signed, sealed and opened in {took:.2} s");
    Ok(opened)
}

fn pool(port: u16, clock: Arc<dyn Clock>) -> Result<Pool, Failed> {
    let config = SmppConfig {
        sessions: 4,
        window: 64,
        ..SmppConfig::of("127.0.0.1", port, "unspoof")
    };
    let password = Password::of(Zeroizing::new("secret".to_owned()))?;
    Ok(Pool::open(&config, password, "TarnPolice", true, clock, 1)?)
}

/// Sends the campaign over a ledger and returns texts a second.
fn durable(opened: &Opened, folder: &Path, name: &str, port: u16) -> Result<f64, Failed> {
    let path = Utf8PathBuf::from_path_buf(folder.join(format!("{name}.db")));
    let ledger = Address::File(path.map_err(|_| "a path that is no text")?);
    let clock = Arc::new(Noon(SystemClock::start()));
    let grounds = Grounds {
        opened,
        ledger: &ledger,
        clock: &*clock,
    };
    let settings = Settings {
        actor: "bench".to_owned(),
        control: Control::at(&folder.join(format!("{name}-control")))?,
        status: None,
        is_unthrottled: true,
        waits_while_halted: false,
        linger_ms: 0,
        grace_ms: 10_000,
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    let begun = Instant::now();
    open(&grounds, "bench")?;
    println!(
        "{name}: ledger written in {:.2} s",
        begun.elapsed().as_secs_f64()
    );
    let mut pool = pool(port, clock.clone())?;
    let begun = Instant::now();
    let (ended, status) = send(&grounds, &mut pool, &settings, &mut |_| {})?;
    let took = begun.elapsed().as_secs_f64();
    let counts = status.counts;
    let all = counts.all();
    println!(
        "{name}: {all} texts sent in {took:.2} s; {} unknown, {} delivered by then",
        counts.unknown, counts.delivered
    );
    if ended != Ended::Finished || counts.planned + counts.intent + counts.unknown > 0 {
        return Err(format!("{name}: {ended:?}, {counts:?}").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate is no count")]
    Ok(all as f64 / took)
}

/// Sends as fast as the pool goes, with nothing written down.
fn unwritten(port: u16, messages: u64) -> Result<f64, Failed> {
    let clock = Arc::new(SystemClock::start());
    let expires_us = clock.wall_us() + HOUR_US;
    let mut pool = pool(port, clock)?;
    let (mut next, mut answered) = (0, 0);
    let mut tickets = Vec::new();
    let begun = Instant::now();
    while answered < messages {
        let free = pool.free_slots() as u64;
        let batch: Vec<Message> = (next..messages.min(next + free))
            .map(|key| {
                Message {
                key,
                to: Zeroizing::new(format!("447700900{:03}", key % 1000)),
                text: Zeroizing::new(
                    "Tarnshire Police: this phone may have been rung by people who posed as others."
                        .to_owned(),
                ),
                reference: String::new(),
                expires_us,
            }
            })
            .collect();
        next += batch.len() as u64;
        if !batch.is_empty() {
            pool.submit(batch)?;
        }
        for event in pool.poll(Duration::from_millis(20))? {
            match event {
                Event::Answered { .. } => answered += 1,
                Event::Receipt { ticket, .. } => tickets.push(ticket),
                Event::Notice(_) => {}
            }
        }
        pool.receipts_kept(&tickets);
        tickets.clear();
    }
    let took = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate is no count")]
    Ok(messages as f64 / took)
}

fn peak_mb() -> Result<u64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmHWM")?.parse::<u64>()? / 1024)
}
