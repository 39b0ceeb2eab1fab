//! What must look alike outside looks alike in time too.
//!
//! Two kinds of requests are mixed at random over one connection. The measure is the chance that
//! somebody who sees how long one of each took tells them apart (the area under the curve, which is
//! Mann and Whitney's U): one half is no chance. What is allowed beyond it is what chance alone
//! gives less than once in 100,000 runs, and half a per cent for what a machine does of itself.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;
use std::time::Instant;

use unspoof_portal::bundle::CodeEntry;
use unspoof_portal::codes::{ALPHABET, Code, CodeKey};
use unspoof_portal::hex;

use crate::support::{NOW_MS, Page, Site, Visitor, form, read_page};

/// Visitors who ask at one time.
const CALLERS: usize = 16;

/// Under `xtask soak` all of them, else a sample.
fn requests(all: usize, sample: usize) -> usize {
    let is_soak = std::env::var_os("UNSPOOF_SOAK").is_some();
    if is_soak { all } else { sample }
}

/// The same numbers in every run, for what is mixed at random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most
    }

    fn code(&mut self) -> Code {
        let payload: Vec<u8> = (0..11).map(|_| ALPHABET[self.below(25)]).collect();
        Code::of_payload(&payload).unwrap()
    }
}

/// The chance that the second kind's time is the longer of two, ties counted half.
fn tells_apart(first: &[u64], second: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> = first.iter().map(|ns| (*ns, false)).collect();
    all.extend(second.iter().map(|ns| (*ns, true)));
    all.sort_unstable();
    let (mut wins, mut before) = (0.0, 0.0);
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let seconds = same.iter().filter(|(_, is_second)| *is_second).count() as f64;
        let firsts = same.len() as f64 - seconds;
        wins += seconds * (before + firsts / 2.0);
        before += firsts;
    }
    wins / (first.len() as f64 * second.len() as f64)
}

fn assert_alike(what: &str, first: &[u64], second: &[u64]) {
    let (n, m) = (first.len() as f64, second.len() as f64);
    let by_chance = 4.5 * ((n + m + 1.0) / (12.0 * n * m)).sqrt();
    let chance = tells_apart(first, second);
    eprintln!("{what}: told apart with a chance of {chance:.4} in {n} and {m} requests");
    assert!(
        (chance - 0.5).abs() < by_chance + 0.005,
        "{what}: told apart with a chance of {chance:.4}"
    );
}

/// One visitor on one connection, from another network each time.
struct Caller<'a> {
    site: &'a Site,
    visitor: Visitor,
    stream: TcpStream,
    ticket: String,
    issued_ms: u64,
    path: &'static str,
    asked: u32,
}

impl<'a> Caller<'a> {
    fn new(site: &'a Site, path: &'static str) -> Self {
        let mut visitor = site.visitor();
        let ticket = visitor.get(path).hidden("ticket");
        let stream = visitor.connect();
        stream.set_nodelay(true).unwrap();
        Self {
            site,
            visitor,
            stream,
            ticket,
            issued_ms: NOW_MS,
            path,
            asked: 0,
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the test is about how long it takes"
    )]
    fn ask(&mut self, pair: (&str, &str), network: Option<u32>) -> (u64, Page) {
        use unspoof_portal::clock::Clock;
        self.asked += 1;
        // Buckets fill in between, and tickets grow old.
        self.site.clock.advance(100);
        let now_ms = self.site.clock.now_ms();
        if now_ms - self.issued_ms > 20 * 3_600_000 {
            self.issued_ms = now_ms;
            self.ticket = self.visitor.get(self.path).hidden("ticket");
            self.site.clock.advance(5000);
        }
        let network = network.unwrap_or(self.asked % 60_000);
        let from = std::net::Ipv4Addr::from(0x0a00_0001 + (network << 8));
        self.visitor.extra = vec![format!("X-Forwarded-For: {from}")];
        let body = form(&[("ticket", &self.ticket), pair]);
        let kind = "application/x-www-form-urlencoded";
        let head = self.visitor.head("POST", self.path, Some(body.len()), kind);
        let request = [head, body].concat();
        let started = Instant::now();
        self.stream.write_all(request.as_bytes()).unwrap();
        let page = read_page(&mut self.stream).unwrap();
        (u64::try_from(started.elapsed().as_nanos()).unwrap(), page)
    }
}

/// Answers that differ, byte for byte.
type Pages = BTreeSet<(u16, Vec<(String, String)>, Vec<u8>)>;

/// Lets several ask at one time, and puts what they saw together.
fn at_once<const KINDS: usize>(
    one: impl Fn(usize) -> ([Vec<u64>; KINDS], Pages) + Sync,
) -> ([Vec<u64>; KINDS], Pages) {
    let mut took = [const { Vec::new() }; KINDS];
    let mut answers = Pages::new();
    std::thread::scope(|scope| {
        let one = &one;
        let all: Vec<_> = (0..CALLERS)
            .map(|at| scope.spawn(move || one(at)))
            .collect();
        for caller in all {
            let (times, pages) = caller.join().unwrap();
            took.iter_mut()
                .zip(times)
                .for_each(|(all, times)| all.extend(times));
            answers.extend(pages);
        }
    });
    (took, answers)
}

#[test]
fn wrong_expired_and_frozen_codes_take_equally_long() {
    let mut dice = Dice(0x5eed);
    let mut known = Vec::new();
    let site = Site::with_codes(|bundle, key| {
        let key = CodeKey::new(key.clone());
        // As many as a campaign has: the portal looks each code up among them.
        for at in 0..20_000_u64 {
            let code = dice.code();
            bundle.codes.push(CodeEntry {
                hash: hex::encode(&key.hash(&code)),
                text: 0,
                expires_ms: if at < 1000 { NOW_MS } else { u64::MAX / 2 },
            });
            known.push(code.reveal().to_string());
        }
    });
    let mut caller = Caller::new(&site, "/en/check");
    site.clock.advance(5000);
    // Frozen, by seven networks each; what freezes a code is answered as any other.
    let (mut freezing, mut beside) = (Vec::new(), Vec::new());
    for (at, code) in (0..).zip(&known[1000..1300]) {
        for network in 0..6 {
            let (_, page) = caller.ask(("code", code), Some(7 * at + network));
            assert!(page.title().starts_with("Your page"), "{}", page.title());
        }
        let (took, page) = caller.ask(("code", code), Some(7 * at + 6));
        assert!(page.title().starts_with("We cannot"));
        freezing.push(took);
        // After the same kind of request: a refusal ends at a step of the clock, and what comes next
        // begins there.
        caller.ask(("code", &known[5000 + usize::try_from(at).unwrap()]), None);
        beside.push(caller.ask(("code", &dice.code().reveal()), None).0);
    }
    // As many of each: what a processor's caches make of a code that comes again is alike then too.
    let wrong_codes: Vec<String> = (0..300).map(|_| dice.code().reveal().to_string()).collect();
    let each = requests(1_000_000, 4000) / CALLERS;
    let (wrong_codes, known) = (&wrong_codes, &known);
    let (mut took, answers) = at_once(|at| {
        let mut caller = Caller::new(&site, "/en/check");
        site.clock.advance(5000);
        caller.asked = u32::try_from(at * 7000).unwrap();
        let mut dice = Dice(0x0ddc0de + u64::try_from(at).unwrap());
        let (mut took, mut answers): ([Vec<u64>; 3], Pages) = Default::default();
        for _ in 0..each {
            let kind = dice.below(3);
            let code = match kind {
                0 => &wrong_codes[dice.below(300)],
                1 => &known[dice.below(300)],
                _ => &known[1000 + dice.below(300)],
            };
            let (ns, page) = caller.ask(("code", code), None);
            took[kind].push(ns);
            answers.insert((page.status, page.headers, page.body));
        }
        (took, answers)
    });
    assert_eq!(answers.len(), 1, "one answer, byte for byte");
    let [wrong, expired, frozen] = &mut took;
    assert_alike("wrong and expired codes", wrong, expired);
    assert_alike("wrong and frozen codes", wrong, frozen);
    assert_alike("expired and frozen codes", expired, frozen);
    // The report inwards waits for a disk, milliseconds: no answer does. There are 300 of these, each
    // once, so the measure is a coarse one.
    let chance = tells_apart(&freezing, &beside);
    eprintln!("codes that freeze and wrong ones: told apart with a chance of {chance:.4}");
    assert!((chance - 0.5).abs() < 0.2, "{chance}");
    assert!(site.metrics().contains("event=\"code_frozen\"} 300"));
}

/// The portal has no list. What it could tell apart is what passed through it: numbers that somebody
/// asked for before, against ones that nobody ever did.
#[test]
fn all_numbers_take_equally_long() {
    let site = Site::with_codes(|_, _| {});
    site.clock.advance(5000);
    let each = requests(1_000_000, 1600) / CALLERS;
    let (took, answers) = at_once(|at| {
        let mut caller = Caller::new(&site, "/en/number");
        site.clock.advance(5000);
        caller.asked = u32::try_from(at * 7000).unwrap();
        let mut dice = Dice(0xca11 + u64::try_from(at).unwrap());
        let (mut took, mut answers): ([Vec<u64>; 2], Pages) = Default::default();
        for n in 0..each {
            let is_fresh = dice.below(2) == 0;
            // All of one length, as numbers of one country are.
            let number = if is_fresh {
                format!("07700 9{:09}", 500_000_000 + at * 1_000_000 + n)
            } else {
                format!("07700 9{:09}", dice.below(50))
            };
            let (ns, page) = caller.ask(("number", &number), None);
            took[usize::from(is_fresh)].push(ns);
            answers.insert((page.status, page.headers, page.body));
            if at == 0 && n % 2000 == 0 {
                remove_finished_segments(&site);
            }
        }
        (took, answers)
    });
    assert_eq!(answers.len(), 1, "one answer, byte for byte");
    assert_alike("numbers asked before and never", &took[0], &took[1]);
}

/// A million records take five gigabytes.
fn remove_finished_segments(site: &Site) {
    let mut segments: Vec<_> = std::fs::read_dir(site.spool())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "spool"))
        .collect();
    segments.sort();
    segments.pop();
    segments
        .iter()
        .for_each(|path| std::fs::remove_file(path).unwrap());
}

#[test]
fn the_measure_finds_a_difference() {
    let mut dice = Dice(7);
    let mut sample = |more: u64| -> Vec<u64> {
        (0..2000)
            .map(|_| 60_000 + u64::try_from(dice.below(20_000)).unwrap() + more)
            .collect()
    };
    let (first, second, slower) = (sample(0), sample(0), sample(4000));
    assert!((tells_apart(&first, &second) - 0.5).abs() < 0.04);
    assert!(tells_apart(&first, &slower) > 0.6);
    assert!((tells_apart(&[1, 1], &[1, 1]) - 0.5).abs() < 1e-9);
}
