//! Loads a portal of its own as a campaign's first hours would, then kills it.
//!
//! `load [SECONDS]` starts `unspoof-portal` with a made-up campaign on loopback, prepares visitors
//! and their tickets, holds a rate of page views and of sealed submissions over connections that
//! stay open, kills the portal in the midst of it, and looks for every acknowledged submission in
//! the spool. What took how long is counted from when a request was due, not from when it was
//! sent, so a portal that falls behind shows it.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use unspoof_portal::draft::{Answers, Draft, ReturnCode};
use unspoof_portal::spool::{self, RecordId};
use unspoof_portal::statement_id;

/// What is asked for, a second.
const VIEWS: u64 = 2000;
const SUBMISSIONS: u64 = 300;
const P99_MS: f64 = 100.0;
/// Connections that view, and that submit.
const VIEWERS: u64 = 32;
const SENDERS: u64 = 30;
/// Visitors with a report, over all senders.
const VISITORS: u64 = 600;
/// Networks that submissions come from.
const NETWORKS: u32 = 30_000;
/// Public keys whose private halves nobody has.
const NOBODY: [&str; 2] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
];

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let seconds = std::env::args()
        .nth(1)
        .map_or(Ok(30), |given| given.parse())?;
    let folder = tempfile::tempdir()?;
    let mut portal = Portal::start(folder.path())?;
    println!("{VISITORS} visitors with a report and their tickets …");
    let visitors = prepare(&portal)?;
    // A form that is sent faster than people type is shown again.
    thread::sleep(Duration::from_millis(1700));
    let before = portal.used()?;
    let run = Run {
        address: portal.address,
        starts: Instant::now() + Duration::from_millis(200),
        is_over: Arc::default(),
        network: Arc::default(),
    };
    let (mut views, mut sends) = (Vec::new(), Vec::new());
    for at in 0..VIEWERS {
        let run = run.clone();
        views.push(thread::spawn(move || run.view(at)));
    }
    let mut visitors = visitors.into_iter();
    for at in 0..SENDERS {
        let own: Vec<Visitor> = visitors
            .by_ref()
            .take(usize::try_from(VISITORS / SENDERS)?)
            .collect();
        let run = run.clone();
        sends.push(thread::spawn(move || run.send(at, own)));
    }
    let mut memory_kb = Vec::new();
    for _ in 0..seconds {
        thread::sleep(Duration::from_secs(1));
        memory_kb.push(portal.memory_kb()?);
    }
    let took_s = run.starts.elapsed().as_secs_f64();
    let after = portal.used()?;
    // In the midst of it.
    portal.child.kill()?;
    portal.child.wait()?;
    run.is_over.store(true, Ordering::SeqCst);
    let mut viewed = Measured::default();
    for one in views {
        viewed.add(one.join().map_err(|_| "a viewer panicked")?);
    }
    let (mut sent, mut saved, mut acknowledged) =
        (Measured::default(), Measured::default(), Vec::new());
    for one in sends {
        let one = one.join().map_err(|_| "a sender panicked")?;
        sent.add(one.sent);
        saved.add(one.saved);
        acknowledged.extend(one.acknowledged);
    }
    let requests = viewed.count() + saved.count() + sent.count();
    viewed.print("page views", took_s, Some(VIEWS));
    saved.print("answers saved", took_s, None);
    sent.print("sealed submissions", took_s, Some(SUBMISSIONS));
    let used_s = after - before;
    println!(
        "processor: {used_s:.1} s in {took_s:.1} s, {:.2} of a core; {:.0} µs a request",
        used_s / took_s,
        used_s * 1e6 / requests.max(1) as f64
    );
    print_memory(&memory_kb);
    let lost = lost(&folder.path().join("spool"), &acknowledged)?;
    println!(
        "killed under load: {} acknowledged submissions, {lost} of them not in the spool",
        acknowledged.len()
    );
    if lost > 0 {
        return Err("acknowledged submissions are lost".into());
    }
    Ok(())
}

struct Portal {
    child: Child,
    address: SocketAddr,
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Portal {
    /// Starts the program that lies beside this one, behind a proxy that is this one.
    fn start(folder: &Path) -> Result<Self, Failed> {
        let here = std::env::current_exe()?;
        let program = here
            .parent()
            .and_then(Path::parent)
            .map(|target| target.join("unspoof-portal"))
            .ok_or("no target folder")?;
        let campaign = folder.join("campaign");
        let mut sample = Command::new(&program);
        sample.arg("sample").arg(&campaign);
        NOBODY.iter().for_each(|to| {
            sample.args(["--recipient", to]);
        });
        if !sample.stdout(Stdio::null()).status()?.success() {
            return Err("no sample: cargo build --release -p unspoof-portal".into());
        }
        let at = |name: &str| campaign.join(name);
        let mut child = Command::new(&program)
            .arg("serve")
            .args([PathBuf::from("--bundle"), at("bundle.json")])
            .args([PathBuf::from("--bundle-key"), at("bundle.pub")])
            .args([PathBuf::from("--code-key-file"), at("code.key")])
            .args([PathBuf::from("--receipt-key-file"), at("receipt.key")])
            .args([PathBuf::from("--spool"), folder.join("spool")])
            .args(["--listen", "127.0.0.1:0", "--behind-proxy"])
            .stdout(Stdio::piped())
            .spawn()?;
        let said = child.stdout.take().ok_or("no output")?;
        let first = BufReader::new(said).lines().next().ok_or("it ended")??;
        let address = first.rsplit('/').next().ok_or("no address")?.parse()?;
        Ok(Self { child, address })
    }

    fn proc(&self, name: &str) -> Result<String, Failed> {
        Ok(std::fs::read_to_string(format!(
            "/proc/{}/{name}",
            self.child.id()
        ))?)
    }

    /// Processor time so far, in seconds; the system counts in hundredths.
    fn used(&self) -> Result<f64, Failed> {
        let stat = self.proc("stat")?;
        let (_, after) = stat.rsplit_once(')').ok_or("no name in stat")?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
        let (user, system) = (ticks(11), ticks(12));
        Ok(user
            .zip(system)
            .map(|(u, s)| (u + s) / 100.0)
            .ok_or("no times")?)
    }

    fn memory_kb(&self) -> Result<u64, Failed> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("no memory in status")?
            .parse()?)
    }
}

/// One answer, as far as it is of interest.
struct Answer {
    status: u16,
    location: String,
    cookies: Vec<String>,
    body: Vec<u8>,
}

/// A connection that stays open.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    fn open(address: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(32 * 1024),
        })
    }

    fn ask(
        &mut self,
        path: &str,
        cookies: &str,
        network: u32,
        form: Option<&str>,
    ) -> Result<Answer, Failed> {
        let from = std::net::Ipv4Addr::from(0x0a00_0001 + (network << 8));
        let method = if form.is_some() { "POST" } else { "GET" };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {from}\r\nCookie: {cookies}\r\n"
        );
        if let Some(form) = form {
            request.push_str(&format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                form.len()
            ));
        }
        request.push_str("\r\n");
        request.push_str(form.unwrap_or(""));
        self.stream.write_all(request.as_bytes())?;
        self.buffer.clear();
        let mut piece = [0; 16 * 1024];
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let read = self.stream.read(&mut piece)?;
            if read == 0 {
                return Err("the connection ended".into());
            }
            self.buffer.extend(piece.iter().take(read));
        };
        let (head, _) = self.buffer.split_at(head_end);
        let head = std::str::from_utf8(head)?.to_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.ok_or("no status")?.parse()?;
        let value = |name: &str| {
            let mut lines = head.split("\r\n");
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let length: usize = value("Content-Length").ok_or("no length")?.parse()?;
        while self.buffer.len() < head_end + length {
            let read = self.stream.read(&mut piece)?;
            if read == 0 {
                return Err("the connection ended".into());
            }
            self.buffer.extend(piece.iter().take(read));
        }
        let cookies = lines
            .filter_map(|line| line.strip_prefix("Set-Cookie: "))
            .filter_map(|line| line.split(';').next())
            .map(str::to_owned);
        Ok(Answer {
            status,
            location: value("Location").unwrap_or("").to_owned(),
            cookies: cookies.collect(),
            body: self.buffer.split_off(head_end),
        })
    }
}

/// Somebody with a report, and tickets for what is to come.
struct Visitor {
    cookies: String,
    code: ReturnCode,
    story_ticket: String,
    send_ticket: String,
}

fn ticket(answer: &Answer) -> Result<String, Failed> {
    let page = std::str::from_utf8(&answer.body)?;
    let found = page
        .split_once("name=\"ticket\" value=\"")
        .and_then(|(_, after)| after.split_once('"'));
    Ok(found
        .map(|(ticket, _)| ticket.to_owned())
        .ok_or("a page without a ticket")?)
}

fn prepare(portal: &Portal) -> Result<Vec<Visitor>, Failed> {
    let mut line = Line::open(portal.address)?;
    let mut visitors = Vec::new();
    for at in 0..VISITORS {
        let network = u32::try_from(at)?;
        let page = line.ask("/en/report", "", network, None)?;
        let visit = page.cookies.first().ok_or("no cookie")?.clone();
        let form = format!("ticket={}", ticket(&page)?);
        let begun = line.ask("/en/report", &visit, network, Some(&form))?;
        let report = begun.cookies.first().ok_or("no report")?.clone();
        let code = report.split_once('=').map_or("", |(_, code)| code);
        let code = ReturnCode::parse(code).ok_or("no return code")?;
        let cookies = format!("{visit}; {report}");
        let story = line.ask("/en/report/q/happened", &cookies, network, None)?;
        let send = line.ask("/en/report/answers", &cookies, network, None)?;
        visitors.push(Visitor {
            code,
            story_ticket: ticket(&story)?,
            send_ticket: ticket(&send)?,
            cookies,
        });
    }
    Ok(visitors)
}

#[derive(Clone)]
struct Run {
    address: SocketAddr,
    starts: Instant,
    is_over: Arc<AtomicBool>,
    network: Arc<AtomicU32>,
}

#[derive(Default)]
struct Sent {
    sent: Measured,
    saved: Measured,
    acknowledged: Vec<RecordId>,
}

impl Run {
    /// Waits until a connection's `n`th request is due, and gives when that is.
    fn due(&self, n: u64, rate: u64, at: u64, of: u64) -> Instant {
        let due_us = (n * of + at) * 1_000_000 / rate;
        let due = self.starts + Duration::from_micros(due_us);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        due
    }

    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn view(&self, at: u64) -> Measured {
        const PATHS: [&str; 6] = [
            "/en/",
            "/en/check",
            "/en/number",
            "/ar/",
            "/en/report",
            "/en/about",
        ];
        let mut measured = Measured::default();
        let cookie = format!("__Host-visit={at:032x}");
        let Ok(mut line) = Line::open(self.address) else {
            return measured;
        };
        for (n, path) in (0..).zip(PATHS.iter().cycle()) {
            if !self.goes_on() {
                break;
            }
            let due = self.due(n, VIEWS, at, VIEWERS);
            match line.ask(path, &cookie, u32::try_from(at).unwrap_or(0), None) {
                Ok(answer) if answer.status == 200 => measured.took(due),
                Ok(_) => measured.refused += 1,
                // It was killed.
                Err(_) => break,
            }
        }
        measured
    }

    fn send(&self, at: u64, visitors: Vec<Visitor>) -> Sent {
        let mut sent = Sent::default();
        let Ok(mut line) = Line::open(self.address) else {
            return sent;
        };
        for (n, visitor) in (0_u64..).zip(visitors.iter().cycle()) {
            if !self.goes_on() {
                break;
            }
            let due = self.due(n, SUBMISSIONS, at, SENDERS);
            let network = self.network.fetch_add(1, Ordering::Relaxed) % NETWORKS;
            let story = format!("sender {at} told {n} {}", "word ".repeat(120))
                .trim()
                .to_owned();
            let form = format!(
                "ticket={}&story={}",
                visitor.story_ticket,
                story.replace(' ', "+")
            );
            match line.ask(
                "/en/report/q/happened",
                &visitor.cookies,
                network,
                Some(&form),
            ) {
                Ok(answer) if answer.status == 303 => sent.saved.took(due),
                Ok(_) => sent.saved.refused += 1,
                Err(_) => break,
            }
            let due = due.max(Instant::now());
            let form = format!("ticket={}", visitor.send_ticket);
            match line.ask("/en/report/answers", &visitor.cookies, network, Some(&form)) {
                Ok(answer) if answer.location == "/en/report/sent" => {
                    sent.sent.took(due);
                    let draft = Draft {
                        answers: Answers([("story".to_owned(), vec![story])].into()),
                        ..Draft::default()
                    };
                    sent.acknowledged
                        .extend(statement_id(&draft, &visitor.code));
                }
                Ok(_) => sent.sent.refused += 1,
                Err(_) => break,
            }
        }
        sent
    }
}

/// How long requests took, in microseconds.
#[derive(Default)]
struct Measured {
    took_us: Vec<u32>,
    refused: u64,
}

impl Measured {
    fn took(&mut self, due: Instant) {
        let us = u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.took_us.push(us);
    }

    fn add(&mut self, other: Self) {
        self.took_us.extend(other.took_us);
        self.refused += other.refused;
    }

    fn count(&self) -> usize {
        self.took_us.len()
    }

    fn print(&mut self, what: &str, took_s: f64, asked: Option<u64>) {
        self.took_us.sort_unstable();
        let at = |part: f64| {
            let index = (self.took_us.len() as f64 * part) as usize;
            let index = index.min(self.took_us.len().saturating_sub(1));
            self.took_us
                .get(index)
                .map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
        };
        let rate = self.took_us.len() as f64 / took_s;
        let asked = asked.map_or(String::new(), |asked| {
            format!(" ({asked} asked, p99 under {P99_MS:.0} ms)")
        });
        println!(
            "{what}: {rate:.0} a second{asked}; p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, most {:.1} ms; {} refused",
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0),
            self.refused
        );
    }
}

/// After a tenth of the time everything has been used once: from there on memory must be flat.
fn print_memory(memory_kb: &[u64]) {
    let (_, steady) = memory_kb.split_at(memory_kb.len() / 10);
    let third = steady.len() / 3;
    let mean = |part: &[u64]| part.iter().sum::<u64>() as f64 / part.len().max(1) as f64 / 1024.0;
    let (first, last) = (
        mean(steady.split_at(third).0),
        mean(steady.split_at(2 * third).1),
    );
    println!(
        "memory: {first:.1} MB in the first third, {last:.1} MB in the last, most {:.1} MB",
        memory_kb.iter().max().copied().unwrap_or(0) as f64 / 1024.0
    );
}

/// Counts what was acknowledged and is not there.
fn lost(spool: &Path, acknowledged: &[RecordId]) -> Result<usize, Failed> {
    let content = spool::read(spool, &BTreeSet::new())?;
    if !content.damaged.is_empty() {
        return Err("the spool is damaged".into());
    }
    let there: BTreeSet<RecordId> = content.records.iter().map(|record| record.id).collect();
    Ok(acknowledged.iter().filter(|id| !there.contains(id)).count())
}
