use unspoof_model::Region;

use crate::parse::{Answer, Home, parse, read};
use crate::written::Written;
use crate::{Context, NumberType, PhoneNumber, Status};

/// What one raw value was read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The number, for [`Status::Possible`] and [`Status::Valid`] only.
    pub number: Option<PhoneNumber>,
    /// What the value turned out to be.
    pub status: Status,
    /// The number's region; for a possible number the main region of its country code.
    pub region: Option<Region>,
    /// The kind of line, for valid numbers only.
    pub kind: Option<NumberType>,
}

impl Reading {
    const fn without_number(status: Status) -> Self {
        Self {
            number: None,
            status,
            region: None,
            kind: None,
        }
    }

    /// Orders readings of one value: the better explains it with fewer assumptions.
    const fn rank(&self) -> u8 {
        match self.status {
            Status::Valid => 2,
            Status::Possible => 1,
            Status::Missing
            | Status::Withheld
            | Status::Alphanumeric
            | Status::ShortCode
            | Status::Extension
            | Status::Ambiguous
            | Status::Impossible => 0,
        }
    }
}

/// Values up to this many bytes are remembered; longer ones are rare.
const CACHED_BYTES: usize = 31;
/// Direct-mapped places: about 400 kilobytes a reader.
const CACHE_PLACES: usize = 1 << 13;

#[derive(Clone, Copy)]
struct CachePlace {
    len: u8,
    text: [u8; CACHED_BYTES],
    reading: Reading,
}

/// Reads raw values by one source's context. A value of digits and plain punctuation costs less
/// than looking it up; others are remembered for a while, as call records repeat them.
///
/// The memory never changes an answer; it is private to the reader, so threads take one each.
pub struct Reader {
    context: Context,
    home: Home,
    /// All regions that a national number may belong to, where there are several.
    homes: Vec<Home>,
    nowhere: Home,
    /// True where the context offers more ways to read a value than as it stands.
    tries_more: bool,
    cache: Vec<CachePlace>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Makes a reader for a context.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self::with_places(context, CACHE_PLACES)
    }

    fn with_places(context: Context, places: usize) -> Self {
        let home = Home::new(
            context
                .default_region
                .or(context.candidate_regions.first().copied()),
        );
        let all = context
            .default_region
            .iter()
            .chain(&context.candidate_regions);
        let mut regions: Vec<_> = all.copied().collect();
        let mut seen = Vec::new();
        regions.retain(|region| {
            let is_new = !seen.contains(region);
            seen.push(*region);
            is_new
        });
        let homes = match regions.as_slice() {
            [_, _, ..] => regions.into_iter().map(|r| Home::new(Some(r))).collect(),
            _ => Vec::new(),
        };
        let tries_more = context.bare_is_international
            || !context.international_prefixes.is_empty()
            || !context.technical_prefixes.is_empty();
        let empty = CachePlace {
            len: u8::MAX,
            text: [0; CACHED_BYTES],
            reading: Reading::without_number(Status::Missing),
        };
        Self {
            context,
            home,
            homes,
            nowhere: Home::NOWHERE,
            tries_more,
            cache: vec![empty; places],
        }
    }

    /// Makes a reader that asks `rlibphonenumber` for every answer: what others are held against.
    #[doc(hidden)]
    #[must_use]
    pub fn by_original(context: Context) -> Self {
        let reader = Self::new(context);
        Self {
            home: reader.home.by_original(),
            homes: reader.homes.iter().map(|home| home.by_original()).collect(),
            nowhere: reader.nowhere.by_original(),
            ..reader
        }
    }

    /// Makes a reader that remembers nothing: what costs are measured by.
    #[doc(hidden)]
    #[must_use]
    pub fn without_memory(context: Context) -> Self {
        Self::with_places(context, 0)
    }

    /// Reads a value as recorded.
    #[inline]
    pub fn read(&mut self, raw: &[u8]) -> Reading {
        if self.homes.is_empty()
            && let Some(written) = Written::scan(raw, false)
        {
            match read(&written, self.home) {
                Answer::Number(reading) if reading.status == Status::Valid || !self.tries_more => {
                    return reading;
                }
                Answer::Nothing if !self.tries_more => return no_number(raw, &written),
                Answer::Number(_) | Answer::Nothing | Answer::Unsure => {}
            }
        }
        self.recall(raw)
    }

    fn recall(&mut self, raw: &[u8]) -> Reading {
        if raw.len() > CACHED_BYTES || self.cache.is_empty() {
            return self.read_text(raw);
        }
        let place = (hash(raw) % CACHE_PLACES as u64) as usize;
        let cached = &self.cache[place];
        if usize::from(cached.len) == raw.len() && cached.text[..raw.len()] == *raw {
            return cached.reading;
        }
        let reading = self.read_text(raw);
        let cached = &mut self.cache[place];
        cached.len = raw.len() as u8;
        cached.text[..raw.len()].copy_from_slice(raw);
        cached.reading = reading;
        reading
    }

    fn read_text(&self, raw: &[u8]) -> Reading {
        let text = String::from_utf8_lossy(raw);
        let text = inside_address(text.trim());
        if text.is_empty() {
            return Reading::without_number(Status::Missing);
        }
        if is_withheld(text) {
            return Reading::without_number(Status::Withheld);
        }
        // Full-width and other digits count too, as they do for libphonenumber.
        let digits = text.chars().filter(|c| c.is_numeric()).count();
        if digits == 0 {
            return Reading::without_number(Status::Alphanumeric);
        }
        let has_letters = text.chars().any(char::is_alphabetic);
        match self.best_readings(text, has_letters).as_slice() {
            [] => {}
            [one] => return *one,
            _ => return Reading::without_number(Status::Ambiguous),
        }
        Reading::without_number(if has_letters {
            Status::Alphanumeric
        } else {
            status_of_digits(digits, text.starts_with('+'))
        })
    }

    /// Gives all readings of a value: of an ambiguous one those that [`Reader::read`] does not
    /// choose between, in the order of the context's regions; of another one that one.
    #[must_use]
    pub fn readings(&mut self, raw: &[u8]) -> Vec<Reading> {
        let one = self.read(raw);
        if one.status != Status::Ambiguous {
            return vec![one];
        }
        let text = String::from_utf8_lossy(raw);
        let text = inside_address(text.trim());
        let has_letters = text.chars().any(char::is_alphabetic);
        self.best_readings(text, has_letters)
    }

    /// Tries the value in each region that it may belong to, and keeps the different numbers among
    /// the best readings.
    fn best_readings(&self, text: &str, has_letters: bool) -> Vec<Reading> {
        if self.homes.is_empty() {
            return self
                .best_reading(text, has_letters, self.home)
                .into_iter()
                .collect();
        }
        let read = |home: &Home| self.best_reading(text, has_letters, *home);
        let mut best: Vec<Reading> = self.homes.iter().filter_map(read).collect();
        let rank = best.iter().map(Reading::rank).max().unwrap_or(0);
        best.retain(|reading| reading.rank() == rank);
        let mut seen = Vec::new();
        best.retain(|reading| {
            let is_new = !seen.contains(&reading.number);
            seen.push(reading.number);
            is_new
        });
        best
    }

    /// Tries the value as written, then with each prefix of the context taken off, and takes the
    /// first valid reading, or else the first possible one.
    fn best_reading(&self, text: &str, has_letters: bool, home: Home) -> Option<Reading> {
        let mut best: Option<Reading> = None;
        let mut keep = |reading: Option<Reading>| -> bool {
            if let Some(reading) = reading
                && best.is_none_or(|b| b.rank() < reading.rank())
            {
                best = Some(reading);
            }
            best.is_some_and(|b| b.status == Status::Valid)
        };
        // Letters spell digits only after at least some of them: a name is not a number.
        if has_letters
            && !text.starts_with(|c: char| matches!(c, '+' | '\u{ff0b}' | '(') || c.is_numeric())
            && !text.starts_with("tel:")
        {
            return None;
        }
        let mut rest = text;
        loop {
            if keep(self.as_dialled(rest, home)) {
                return best;
            }
            let stripped = self
                .context
                .technical_prefixes
                .iter()
                .filter(|prefix| !prefix.is_empty())
                .filter_map(|prefix| rest.strip_prefix(prefix.as_str()))
                .find(|stripped| !stripped.is_empty());
            match stripped {
                Some(stripped) => rest = stripped,
                None => return best,
            }
        }
    }

    fn as_dialled(&self, text: &str, home: Home) -> Option<Reading> {
        let direct = parse(text, false, home);
        if text.starts_with('+') || direct.is_some_and(|r| r.status == Status::Valid) {
            return direct;
        }
        let with_plus = |rest: &str| parse(rest, true, self.nowhere);
        let mut best = direct;
        let mut consider = |reading: Option<Reading>| {
            if let Some(reading) = reading
                && best.is_none_or(|b| b.rank() < reading.rank())
            {
                best = Some(reading);
            }
        };
        for prefix in &self.context.international_prefixes {
            if let Some(rest) = text.strip_prefix(prefix.as_str()) {
                consider(with_plus(rest));
            }
        }
        if self.context.bare_is_international && !text.starts_with('0') {
            consider(with_plus(text));
        }
        best
    }
}

/// Says what a plain value is that holds no number.
#[inline]
fn no_number(raw: &[u8], written: &Written) -> Reading {
    let text = raw.trim_ascii();
    Reading::without_number(match written.digits().len() {
        0 if text.is_empty() => Status::Missing,
        0 => Status::Alphanumeric,
        digits => status_of_digits(digits, text.starts_with(b"+")),
    })
}

fn status_of_digits(digits: usize, plus: bool) -> Status {
    match digits {
        1 | 2 => Status::Extension,
        3..=6 if !plus => Status::ShortCode,
        _ => Status::Impossible,
    }
}

/// Takes the number out of `"Name" <number>` and `sip:number@host`.
fn inside_address(text: &str) -> &str {
    let text = match (text.rfind('<'), text.rfind('>')) {
        (Some(open), Some(close)) if open < close => text
            .get(open + 1..close)
            .filter(|inside| !inside.trim().is_empty())
            .unwrap_or(text),
        _ => text,
    };
    let address = text
        .strip_prefix("sips:")
        .or_else(|| text.strip_prefix("sip:"));
    match address {
        Some(address) => address.split('@').next().unwrap_or(address),
        None => text,
    }
    .trim()
}

/// Words by which switches and phones say that a number was held back (RFC 3323 and practice).
fn is_withheld(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "anonymous",
        "restricted",
        "private",
        "withheld",
        "unavailable",
        "unknown",
        "blocked",
        "no caller id",
        "number withheld",
        "asserted-anonymous",
    ];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// FNV-1a over eight bytes at a time: good enough to spread cache places.
fn hash(raw: &[u8]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ raw.len() as u64;
    for chunk in raw.chunks(8) {
        let mut word = [0_u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    }
    state
}
