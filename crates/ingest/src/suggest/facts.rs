//! What is counted of a column's values. Values themselves are let go of, but for the words of
//! columns that hold few.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher};
use std::net::IpAddr;

use unspoof_model::mapping::Look;
use unspoof_model::{Decimal, TimeStatus, Zone};
use unspoof_numbers::{Context, Reader, Status};

use super::names;
use crate::block::{Column, Value};
use crate::detect::looks_like;
use crate::when::TimeFormat;

/// Most different words of a column that holds few, and most bytes of one.
pub(super) const MOST_WORDS: usize = 12;
const MOST_WORD_BYTES: usize = 24;
/// Longer values are text, whatever is in them.
const MOST_BYTES: usize = 512;

/// Ways of writing a time that are tried, in the order in which they are preferred.
pub(super) const FORMATS: [&str; 19] = [
    "datetime",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y",
    "%b %d %Y",
    "%Y%m%d%H%M%S",
];

/// Epochs that are tried, with what a second is in them.
pub(super) const EPOCHS: [(&str, i64); 3] =
    [("epoch_s", 1), ("epoch_ms", 1_000), ("epoch_us", 1_000_000)];
/// Seconds since 1970 that are taken for times: 2000 to 2037.
const EPOCH_S: std::ops::Range<i64> = 946_684_800..2_145_916_800;

pub(super) const LOOKS: [(Look, &str); 3] = [
    (Look::Datetime, "datetime"),
    (Look::Integer, "integer"),
    (Look::Word, "word"),
];

/// Prefixes that phones and switches know, which are not part of a number.
pub(super) const PREFIXES: [&str; 5] = ["#31#", "*31#", "#30#", "*67", "*82"];

/// What reads values; costly to make.
pub(super) struct Eye {
    numbers: Reader,
    formats: Vec<(usize, TimeFormat)>,
    utc: Zone,
}

impl Eye {
    pub(super) fn new() -> Self {
        let formats = FORMATS.iter().enumerate();
        Self {
            numbers: Reader::new(Context::default()),
            formats: formats
                .filter_map(|(index, name)| Some((index, TimeFormat::named(name)?)))
                .collect(),
            utc: Zone::named("UTC").expect("UTC is built in"),
        }
    }

    /// Returns whether digits behind a `+` make a number.
    fn is_number(&mut self, digits: &str) -> Option<bool> {
        match self.numbers.read(format!("+{digits}").as_bytes()).status {
            Status::Valid => Some(true),
            Status::Possible => Some(false),
            Status::Missing
            | Status::Withheld
            | Status::Alphanumeric
            | Status::ShortCode
            | Status::Extension
            | Status::Ambiguous
            | Status::Impossible => None,
        }
    }
}

/// How telephone numbers of a column are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Phones {
    pub(super) plus: u64,
    pub(super) by_00: u64,
    pub(super) by_011: u64,
    /// With a country code and nothing before it.
    pub(super) bare: u64,
    /// Without a country code.
    pub(super) national: u64,
    pub(super) withheld: u64,
    pub(super) prefixes: [u64; PREFIXES.len()],
}

impl Phones {
    pub(super) fn all(&self) -> u64 {
        self.plus + self.by_00 + self.by_011 + self.bare + self.national
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.plus += other.plus;
        self.by_00 += other.by_00;
        self.by_011 += other.by_011;
        self.bare += other.bare;
        self.national += other.national;
        self.withheld += other.withheld;
        for (sum, more) in self.prefixes.iter_mut().zip(other.prefixes) {
            *sum += more;
        }
    }
}

/// What is known of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) tokens: Vec<String>,
    pub(super) sql_type: String,
    /// The word by which it names a secret; its values are not looked at.
    pub(super) secret: Option<&'static str>,
    /// Values that there are, and those that were NULL or empty.
    pub(super) filled: u64,
    pub(super) empty: u64,
    pub(super) binary: u64,
    pub(super) phones: Phones,
    pub(super) emails: u64,
    pub(super) ips: u64,
    pub(super) agents: u64,
    pub(super) addresses: u64,
    pub(super) hashes: u64,
    /// Password hashes by their form (`$2y$…`).
    pub(super) crypts: u64,
    pub(super) integers: u64,
    /// Of them, up to a day of seconds; and positive whole minutes; and positive ones.
    pub(super) within_day: u64,
    pub(super) minutes: u64,
    pub(super) positive: u64,
    pub(super) decimals: u64,
    pub(super) fractions: u64,
    pub(super) pounds: u64,
    pub(super) euros: u64,
    pub(super) epochs: [u64; EPOCHS.len()],
    pub(super) formats: [u64; FORMATS.len()],
    pub(super) zero_dates: u64,
    pub(super) currencies: u64,
    pub(super) long_texts: u64,
    pub(super) flags: u64,
    pub(super) not_utf8: u64,
    pub(super) looks: [u64; LOOKS.len()],
    /// The words, while they are few.
    pub(super) words: Option<BTreeMap<String, u64>>,
    seen: BTreeSet<u64>,
}

impl Facts {
    pub(super) fn of(column: &Column, named: bool) -> Self {
        let tokens = if named {
            names::tokens(&column.name)
        } else {
            Vec::new()
        };
        Self {
            secret: names::secret(&tokens),
            name: column.name.clone(),
            tokens,
            sql_type: column.sql_type.clone(),
            words: Some(BTreeMap::new()),
            ..Self::default()
        }
    }

    /// Returns whether the column's name and type tell of a secret in it.
    pub(super) fn is_secret(&self) -> bool {
        (self.secret.is_some() && !names::is_flag_type(&self.sql_type))
            || self.crypts * 2 > self.filled
    }

    pub(super) fn share(&self, count: u64) -> f64 {
        if self.filled == 0 {
            0.0
        } else {
            count as f64 / self.filled as f64
        }
    }

    /// Returns how many different values there are.
    pub(super) fn distinct(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Returns whether there are enough values to say so, and none stands twice or is missing.
    pub(super) fn is_unique(&self) -> bool {
        self.filled >= 3 && self.empty == 0 && self.distinct() == self.filled
    }

    /// Returns the way of writing times that reads the most values, and how many.
    pub(super) fn best_format(&self) -> (&'static str, u64) {
        let dates = FORMATS.iter().copied().zip(self.formats);
        let epochs = EPOCHS.iter().map(|(name, _)| *name).zip(self.epochs);
        // The first of equals: `max_by_key` would take the last.
        let best =
            dates.chain(epochs).fold(
                ("datetime", 0),
                |best, next| if next.1 > best.1 { next } else { best },
            );
        (best.0, best.1 + self.zero_dates)
    }

    pub(super) fn add(&mut self, value: Value<'_>, eye: &mut Eye) {
        let bytes = match value {
            Value::Null | Value::Default => &[],
            Value::Bare(bytes) | Value::Text(bytes) => bytes,
            Value::Bytes(_) | Value::Expression(_) => {
                self.filled += 1;
                self.binary += 1;
                self.words = None;
                return;
            }
        };
        for (count, (look, _)) in self.looks.iter_mut().zip(LOOKS) {
            *count += u64::from(looks_like(look, bytes));
        }
        let raw = bytes;
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            self.empty += 1;
            return;
        }
        self.filled += 1;
        if self.secret.is_some() {
            self.words = None;
            return;
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        self.seen.insert(hasher.finish());
        if bytes.len() > MOST_BYTES {
            self.long_texts += 1;
            self.words = None;
            return;
        }
        // A mapping compares words with what stands there, spaces and all.
        if raw != bytes {
            self.words = None;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text, eye),
            Err(_) => {
                self.not_utf8 += 1;
                self.words = None;
                self.long_texts += u64::from(is_long(&String::from_utf8_lossy(bytes)));
            }
        }
    }

    fn text(&mut self, text: &str, eye: &mut Eye) {
        self.word(text);
        let is_flag = super::words::meaning(super::words::CODE_CAPTURED, text).is_some();
        self.flags += u64::from(is_flag);
        self.emails += u64::from(is_email(text));
        let is_ip = text.len() > 2 && text.parse::<IpAddr>().is_ok();
        self.ips += u64::from(is_ip);
        self.agents += u64::from(
            ["Mozilla/", "Opera/", "okhttp/", "Dalvik/", "curl/"]
                .iter()
                .any(|a| text.starts_with(a)),
        );
        self.addresses += u64::from(is_bitcoin_address(text));
        self.hashes += u64::from(text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()));
        self.crypts += u64::from(is_crypt(text));
        self.long_texts += u64::from(is_long(text));
        self.currencies += u64::from(
            super::words::CURRENCIES
                .iter()
                .any(|code| text.eq_ignore_ascii_case(code)),
        );
        let whole = self.number(text);
        let is_date = self.date(text, eye);
        let is_epoch = whole.is_some_and(|n| EPOCH_S.contains(&n));
        let has_point = whole.is_none()
            && text.bytes().filter(|b| *b == b'.').count() == 1
            && Decimal::parse(text).is_ok();
        if !is_date && !is_ip && !is_epoch && !has_point {
            self.phone(text, eye);
        }
    }

    /// Keeps a word while all are words: short, printable, with letters, and hardly any digit.
    fn word(&mut self, text: &str) {
        let Some(words) = &mut self.words else {
            return;
        };
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let is_word = text.len() <= MOST_WORD_BYTES
            && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
            && text.bytes().any(|b| b.is_ascii_alphabetic())
            && digits <= 2
            && !text.contains('@');
        if !is_word || (words.len() >= MOST_WORDS && !words.contains_key(text)) {
            self.words = None;
        } else if let Some(count) = words.get_mut(text) {
            *count += 1;
        } else {
            words.insert(text.to_owned(), 1);
        }
    }

    /// Counts a number; gives it if it is whole.
    fn number(&mut self, text: &str) -> Option<i64> {
        if Decimal::parse(text).is_ok() {
            self.decimals += 1;
            self.fractions += u64::from(text.contains('.'));
            self.pounds += u64::from(text.contains('£'));
            self.euros += u64::from(text.contains('€'));
        }
        let has_digits_only = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let whole = text.parse::<i64>().ok().filter(|_| has_digits_only)?;
        self.integers += 1;
        self.within_day += u64::from((-86_400..=86_400).contains(&whole));
        self.positive += u64::from(whole > 0);
        self.minutes += u64::from(whole > 0 && whole % 60 == 0);
        for (count, (_, per_second)) in self.epochs.iter_mut().zip(EPOCHS) {
            *count += u64::from(EPOCH_S.contains(&(whole / per_second)));
        }
        Some(whole)
    }

    fn date(&mut self, text: &str, eye: &Eye) -> bool {
        if !(8..=40).contains(&text.len()) || !text.bytes().any(|b| b.is_ascii_digit()) {
            return false;
        }
        let mut is_date = false;
        for (index, format) in &eye.formats {
            match format.read(text.as_bytes(), &eye.utc, 0).status {
                TimeStatus::Ok | TimeStatus::Gap | TimeStatus::Overlap => {
                    self.formats[*index] += 1;
                    is_date = true;
                }
                TimeStatus::ZeroDate => {
                    self.zero_dates += 1;
                    return true;
                }
                TimeStatus::Missing | TimeStatus::Unreadable => {}
            }
        }
        is_date
    }

    fn phone(&mut self, text: &str, eye: &mut Eye) {
        if eye.numbers.read(text.as_bytes()).status == Status::Withheld {
            self.phones.withheld += 1;
            return;
        }
        let mut text = text;
        for (count, prefix) in self.phones.prefixes.iter_mut().zip(PREFIXES) {
            if let Some(rest) = text.strip_prefix(prefix) {
                *count += 1;
                text = rest;
                break;
            }
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_written_so = (7..=20).contains(&digits.len())
            && text.len() <= 32
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || " +()-./".contains(c));
        if !is_written_so {
            return;
        }
        let phones = &mut self.phones;
        // `+44 (0)7700 …`: the reader knows what to do with it.
        if text.starts_with('+') {
            let status = eye.numbers.read(text.as_bytes()).status;
            phones.plus += u64::from(matches!(status, Status::Valid | Status::Possible));
        } else if let Some(rest) = digits.strip_prefix("00") {
            phones.by_00 += u64::from(eye.is_number(rest).is_some());
        } else if let Some(rest) = digits.strip_prefix("011").filter(|rest| rest.len() > 9) {
            phones.by_011 += u64::from(eye.is_number(rest).is_some());
        } else if digits.starts_with('0') {
            phones.national += u64::from((9..=12).contains(&digits.len()));
        } else {
            let is_number = if digits.len() < 10 {
                None
            } else {
                eye.is_number(&digits)
            };
            match is_number {
                Some(true) => phones.bare += 1,
                // Ten digits as North America writes them are likelier than somebody else's.
                Some(false) | None if is_north_american(&digits) => phones.national += 1,
                Some(false) => phones.bare += 1,
                None => {}
            }
        }
    }
}

/// Area code and exchange begin with 2 to 9 (NANP).
fn is_north_american(digits: &str) -> bool {
    let begins = |at: usize| {
        digits
            .as_bytes()
            .get(at)
            .is_some_and(|b| (b'2'..=b'9').contains(b))
    };
    digits.len() == 10 && begins(0) && begins(3)
}

fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !text.contains([' ', ':', '/'])
        && host.split('.').count() > 1
        && host.split('.').all(|part| !part.is_empty())
}

/// Form only: Base58 of 26 to 35 letters that begins with 1 or 3, or Bech32's beginning (BIP 173);
/// check sums are not worked out.
fn is_bitcoin_address(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("bc1") {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        return (11..=87).contains(&rest.len()) && rest.bytes().all(plain);
    }
    let is_base58 = |b: u8| b.is_ascii_alphanumeric() && !b"0OIl".contains(&b);
    (26..=35).contains(&text.len())
        && text.starts_with(['1', '3'])
        && text.bytes().all(is_base58)
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// `$2y$10$…`, `$argon2id$…`, `$6$…` (crypt(5)), and what Django writes.
fn is_crypt(text: &str) -> bool {
    let crypt = text.len() >= 20
        && text.starts_with('$')
        && text.chars().skip(1).take(12).any(|c| c == '$');
    crypt || text.starts_with("pbkdf2_sha")
}

fn is_long(text: &str) -> bool {
    text.len() >= 40 && text.bytes().filter(|b| *b == b' ').count() >= 4
}
