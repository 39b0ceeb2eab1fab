//! Three that must agree: this crate, `rlibphonenumber`, and PyPI's `phonenumbers` at the same
//! metadata version. Each value is asked of all three; of the two peers every field of what they
//! parse is compared, and each of their formats.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat, PhoneNumberType,
    ValidationError,
};
use unspoof_model::Region;
use unspoof_numbers::{Context, METADATA_VERSION, Reader};

use crate::inputs::{
    Draw, Example, examples, messy, random_digits, regions, sibling, spoiled, written,
};
use crate::original;

/// Values of this test, by default and with `UNSPOOF_SOAK=1`.
const VALUES: usize = 60_000;
const SOAK_VALUES: usize = 2_400_000;
/// Processes of Python.
const WORKERS: usize = 2;
/// Values that go to Python at once; they and as many more have room in a pipe.
const BATCH: usize = 250;

/// Finds a Python that has `phonenumbers`; in CI there must be one.
fn python() -> Option<PathBuf> {
    let venv = std::env::var_os("UNSPOOF_VENV")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/unspoof/venv")))?;
    let python = venv.join("bin/python");
    let asks =
        format!("import phonenumbers; assert phonenumbers.__version__ == {METADATA_VERSION:?}");
    let works = Command::new(&python).args(["-c", &asks]).output();
    if works.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let why = format!(
        "no `phonenumbers` {METADATA_VERSION} in {0}: {0}/bin/pip install phonenumbers=={METADATA_VERSION}",
        venv.display()
    );
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!in_ci, "{why}");
    told(&format!("left out: {why}"));
    None
}

#[expect(clippy::print_stderr, reason = "who runs the tests should know")]
fn told(what: &str) {
    eprintln!("{what}");
}

/// A running `peer.py`.
struct Peer {
    process: Child,
    to: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Peer {
    fn start(python: &PathBuf) -> Self {
        let script = "tests/it/peer.py";
        let mut process = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        Self {
            to: BufWriter::new(process.stdin.take().expect("is piped")),
            from: BufReader::new(process.stdout.take().expect("is piped")),
            process,
        }
    }

    fn ask(&mut self, values: &[(Option<Region>, String)]) {
        for (home, text) in values {
            let home = home.as_ref().map_or("", |home| home.as_str());
            writeln!(self.to, "{home}\t{}", escaped(text)).expect("Python listens");
        }
        writeln!(self.to).expect("Python listens");
        self.to.flush().expect("Python listens");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("Python answers");
        assert!(line.pop() == Some('\n'), "Python ended");
        line
    }

    fn end(mut self) {
        drop(self.to);
        assert!(self.process.wait().expect("Python ends").success());
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\t', "\\t")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}

/// What `peer.py` answers, by `rlibphonenumber`.
fn by_rlibphonenumber(text: &str, home: Option<Region>) -> String {
    let util = &*PHONE_NUMBER_UTIL;
    let mut parsed = match util.parse_and_keep_raw_input(text, original::original_home(home)) {
        Ok(parsed) => parsed,
        Err(error) => {
            let number = match error {
                ParseError::InvalidCountryCode => 0,
                ParseError::NotANumber(_) => 1,
                ParseError::TooShortAfterIdd => 2,
                ParseError::TooShortNsn => 3,
                ParseError::TooLongNsn => 4,
            };
            return format!("!{number}");
        }
    };
    parsed.raw_input = None;
    let possible = match util.is_possible_number_with_reason(&parsed) {
        Ok(NumberLengthType::IsPossible) => 0,
        Err(ValidationError::InvalidCountryCode) => 1,
        Err(ValidationError::TooShort) => 2,
        Err(ValidationError::TooLong) => 3,
        Ok(NumberLengthType::IsPossibleLocalOnly) => 4,
        Err(ValidationError::InvalidLength) => 5,
    };
    let kind = match util.get_number_type(&parsed) {
        PhoneNumberType::FixedLine => 0,
        PhoneNumberType::Mobile => 1,
        PhoneNumberType::FixedLineOrMobile => 2,
        PhoneNumberType::TollFree => 3,
        PhoneNumberType::PremiumRate => 4,
        PhoneNumberType::SharedCost => 5,
        PhoneNumberType::VoIP => 6,
        PhoneNumberType::PersonalNumber => 7,
        PhoneNumberType::Pager => 8,
        PhoneNumberType::UAN => 9,
        PhoneNumberType::VoiceMail => 10,
        PhoneNumberType::Unknown => 99,
    };
    let region = util.get_region_for_number(&parsed);
    let format = |format| escaped(&util.format(&parsed, format));
    [
        parsed.country_code.to_string(),
        parsed.national_number.to_string(),
        escaped(parsed.extension()),
        u8::from(parsed.italian_leading_zero()).to_string(),
        parsed.number_of_leading_zeros().to_string(),
        (parsed.country_code_source() as i32).to_string(),
        escaped(parsed.preferred_domestic_carrier_code()),
        possible.to_string(),
        u8::from(util.is_valid_number(&parsed)).to_string(),
        kind.to_string(),
        region.map_or_else(String::new, |r| r.as_region_str().to_string()),
        format(PhoneNumberFormat::E164),
        format(PhoneNumberFormat::International),
        format(PhoneNumberFormat::National),
        format(PhoneNumberFormat::RFC3966),
    ]
    .join("\t")
}

fn draw_value(draw: &mut Draw, examples: &[Example], home: Option<Region>) -> String {
    if draw.chance(15) {
        return random_digits(draw, examples);
    }
    // Half of what is dialled from a region stays there.
    static BY_HOME: OnceLock<Vec<(Option<Region>, Vec<usize>)>> = OnceLock::new();
    let by_home = BY_HOME.get_or_init(|| {
        let mut homes: Vec<Option<Region>> = examples.iter().map(|e| e.region).collect();
        homes.dedup();
        let own = |home| {
            (0..examples.len())
                .filter(|&at| examples[at].region == home)
                .collect()
        };
        homes.into_iter().map(|home| (home, own(home))).collect()
    });
    let own = by_home.iter().find(|(region, _)| *region == home);
    let example = match own {
        Some((_, own)) if draw.chance(50) => &examples[*draw.of(own)],
        _ => draw.of(examples),
    };
    let national = sibling(draw, &example.national);
    let text = if draw.chance(50) {
        written(draw, &example.code, &national)
    } else {
        messy(draw, &example.code, &national)
    };
    if draw.chance(15) {
        spoiled(draw, &text)
    } else {
        text
    }
}

/// Where the two peers are known to differ; `rlibphonenumber` is followed in each. Causes are told
/// in `docs/decisions/0007-where-the-peers-differ.md`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Cause {
    /// Java's punctuation, and so Python's, has the full-width tilde; that of C++ has not.
    FullWidthTilde,
    /// Two digits and an extension are a number for `rlibphonenumber` only.
    ExtensionOfTwoDigits,
    /// Of a value of two numbers and two lines, C++ sees the line that the first number ends in.
    SecondNumberInOtherLine,
    /// `rlibphonenumber` writes ten leading zeros at most.
    ElevenLeadingZeros,
}

/// Explains a difference, as narrowly as it can be told: what it is not sure of, it does not.
fn cause(text: &str, home: Option<Region>, by_python: &str, by_rust: &str) -> Option<Cause> {
    let python: Vec<&str> = by_python.split('\t').collect();
    let rust: Vec<&str> = by_rust.split('\t').collect();
    if text.contains('\u{ff5e}') {
        let plain = text.replace('\u{ff5e}', "~");
        let explained = by_rlibphonenumber(&plain, home) == by_python;
        return explained.then_some(Cause::FullWidthTilde);
    }
    let line_of_second = || {
        let first = text.get(..text.rfind(['x', 'X'])?)?.trim_end_matches(' ');
        let (_, line) = first.strip_suffix(['/', '\\'])?.rsplit_once('\n')?;
        Some(line)
    };
    if by_python == "!1"
        && let Some(line) = line_of_second()
    {
        let explained = by_rlibphonenumber(line, home) == by_rust;
        return explained.then_some(Cause::SecondNumberInOtherLine);
    }
    if by_python == "!1" {
        let start = text.find(|c: char| matches!(c, '+' | '\u{ff0b}') || c.is_numeric())?;
        let mut chars = text.get(start..)?.chars();
        let two: String = chars.by_ref().take(2).collect();
        let alone = by_rlibphonenumber(&two, home);
        let alone: Vec<&str> = alone.split('\t').collect();
        // Country code and national number are those of the two digits.
        let explained = two.chars().all(char::is_numeric)
            && chars.next().is_some_and(|c| !c.is_numeric())
            && alone.get(..2).unwrap_or(&alone) == rust.get(..2).unwrap_or(&rust)
            && rust.get(2).is_none_or(|extension| !extension.is_empty());
        return explained.then_some(Cause::ExtensionOfTwoDigits);
    }
    let zeros: usize = python.get(4)?.parse().ok()?;
    let explained = zeros > 10 && python.get(..7) == rust.get(..7);
    explained.then_some(Cause::ElevenLeadingZeros)
}

#[test]
fn each_known_difference_is_one() {
    let Some(python) = python() else { return };
    let home = "GB".parse().ok();
    let values = [
        ("020\u{ff5e}7946\u{ff5e}0123", Cause::FullWidthTilde),
        ("12;ext=4", Cause::ExtensionOfTwoDigits),
        ("90,01234\n", Cause::ExtensionOfTwoDigits),
        ("12#4563", Cause::ExtensionOfTwoDigits),
        ("020 7946\n0123 456/x 12", Cause::SecondNumberInOtherLine),
        ("+44 000000000000123", Cause::ElevenLeadingZeros),
    ];
    let mut peer = Peer::start(&python);
    for (text, expected) in values {
        peer.ask(&[(home, text.to_owned())]);
        let (by_python, by_rust) = (peer.answer(), by_rlibphonenumber(text, home));
        assert_ne!(by_python, by_rust, "{text}");
        let cause = cause(text, home, &by_python, &by_rust);
        assert_eq!(cause, Some(expected), "{text}");
    }
    peer.end();
}

#[derive(Default)]
struct Tally {
    compared: usize,
    parsed: usize,
    valid: usize,
    known: BTreeMap<Cause, usize>,
    /// Between the peers, of no known cause.
    peers: Vec<String>,
    /// Between this crate and both.
    here: Vec<String>,
}

fn compare(peer: &mut Peer, homes: &[Option<Region>], seed: u64, count: usize) -> Tally {
    let examples = examples();
    let mut draw = Draw::new(seed);
    let mut tally = Tally::default();
    let mut readers: Vec<Option<Reader>> = homes.iter().map(|_| None).collect();
    let batches = count.div_ceil(BATCH);
    let mut batch = |number: usize| -> Vec<(usize, String)> {
        // One home a batch: readers remember values of theirs.
        let at = number % homes.len();
        let value = |_| (at, draw_value(&mut draw, &examples, homes[at]));
        (0..BATCH).map(value).collect()
    };
    let ask = |peer: &mut Peer, values: &[(usize, String)]| {
        let values: Vec<_> = values
            .iter()
            .map(|(at, text)| (homes[*at], text.clone()))
            .collect();
        peer.ask(&values);
    };
    let mut values = batch(0);
    ask(peer, &values);
    for number in 1..=batches {
        let next = batch(number);
        ask(peer, &next);
        for (at, text) in values {
            let home = homes[at];
            let by_python = peer.answer();
            let by_rust = by_rlibphonenumber(&text, home);
            tally.compared += 1;
            tally.parsed += usize::from(!by_rust.starts_with('!'));
            tally.valid += usize::from(by_rust.split('\t').nth(8) == Some("1"));
            if by_python != by_rust {
                match cause(&text, home, &by_python, &by_rust) {
                    Some(cause) => *tally.known.entry(cause).or_default() += 1,
                    None => tally.peers.push(format!(
                        "{text:?} from {home:?}\n  Python {by_python}\n  Rust   {by_rust}"
                    )),
                }
            }
            let reader = readers[at].get_or_insert_with(|| {
                Reader::new(Context {
                    default_region: home,
                    ..Context::default()
                })
            });
            let reading = reader.read(text.as_bytes());
            tally
                .here
                .extend(original::difference(&text, home, &reading));
        }
        readers[(number - 1) % homes.len()] = None;
        values = next;
    }
    for _ in values {
        peer.answer();
    }
    tally
}

#[test]
fn both_peers_and_this_crate_agree() {
    let Some(python) = python() else { return };
    let soak = std::env::var_os("UNSPOOF_SOAK").is_some();
    let count = if soak { SOAK_VALUES } else { VALUES };
    let mut homes: Vec<Option<Region>> = regions().into_iter().map(Some).collect();
    homes.extend([None, "AQ".parse().ok(), Some(Region::WORLD)]);
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let (python, homes) = (&python, &homes);
                scope.spawn(move || {
                    let mut peer = Peer::start(python);
                    let seed = 70 + worker as u64;
                    let tally = compare(&mut peer, homes, seed, count / WORKERS);
                    peer.end();
                    tally
                })
            })
            .collect();
        let joined = workers
            .into_iter()
            .map(|worker| worker.join().expect("a tally"));
        joined.collect()
    });
    let sum = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
    let all = |of: fn(&Tally) -> &Vec<String>| tallies.iter().flat_map(of).collect::<Vec<_>>();
    let (peers, here) = (all(|t| &t.peers), all(|t| &t.here));
    let (compared, parsed, valid) = (sum(|t| t.compared), sum(|t| t.parsed), sum(|t| t.valid));
    let mut known = BTreeMap::<Cause, usize>::new();
    for (cause, count) in tallies.iter().flat_map(|tally| &tally.known) {
        *known.entry(*cause).or_default() += count;
    }
    told(&format!(
        "{compared} values compared, {parsed} parsed, {valid} valid; known differences: {known:?}"
    ));
    let shown = |all: &[&String]| {
        let few: Vec<&str> = all.iter().take(25).map(|text| text.as_str()).collect();
        few.join("\n")
    };
    assert!(
        peers.is_empty(),
        "{} of {compared} between peers:\n{}",
        peers.len(),
        shown(&peers)
    );
    assert!(
        here.is_empty(),
        "{} of {compared} here:\n{}",
        here.len(),
        shown(&here)
    );
    assert!(compared >= count && parsed * 2 > compared && valid * 5 > compared);
}
