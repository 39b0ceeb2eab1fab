use std::str::FromStr;

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberType};
use unspoof_model::Region;

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
            | Status::Impossible => 0,
        }
    }
}

/// Values up to this many bytes are remembered; longer ones are rare.
const CACHED_BYTES: usize = 30;
/// Direct-mapped places, 2^15: about two megabytes a reader.
const CACHE_PLACES: usize = 1 << 15;

#[derive(Clone, Copy)]
struct CachePlace {
    len: u8,
    text: [u8; CACHED_BYTES],
    reading: Reading,
}

/// Reads raw values by one source's context. Remembers recent values: call records repeat them.
///
/// The memory never changes an answer; it is private to the reader, so threads take one each.
pub struct Reader {
    context: Context,
    default_region: Option<rlibphonenumber::Region>,
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
        let default_region = context
            .default_region
            .and_then(|r| rlibphonenumber::Region::from_str(r.as_str()).ok());
        let empty = CachePlace {
            len: u8::MAX,
            text: [0; CACHED_BYTES],
            reading: Reading::without_number(Status::Missing),
        };
        Self {
            context,
            default_region,
            cache: vec![empty; CACHE_PLACES],
        }
    }

    /// Reads a value as recorded.
    pub fn read(&mut self, raw: &[u8]) -> Reading {
        if raw.len() > CACHED_BYTES {
            return self.read_anew(raw);
        }
        let place = (hash(raw) % CACHE_PLACES as u64) as usize;
        let cached = &self.cache[place];
        if usize::from(cached.len) == raw.len() && cached.text[..raw.len()] == *raw {
            return cached.reading;
        }
        let reading = self.read_anew(raw);
        let cached = &mut self.cache[place];
        cached.len = raw.len() as u8;
        cached.text[..raw.len()].copy_from_slice(raw);
        cached.reading = reading;
        reading
    }

    fn read_anew(&self, raw: &[u8]) -> Reading {
        let text = String::from_utf8_lossy(raw);
        let text = inside_address(text.trim());
        if text.is_empty() {
            return Reading::without_number(Status::Missing);
        }
        if is_withheld(text) {
            return Reading::without_number(Status::Withheld);
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits == 0 {
            return Reading::without_number(Status::Alphanumeric);
        }
        let best = self.best_reading(text);
        if let Some(best) = best {
            return best;
        }
        let has_letters = text.chars().any(char::is_alphabetic);
        Reading::without_number(match digits {
            _ if has_letters => Status::Alphanumeric,
            1 | 2 => Status::Extension,
            3..=6 if !text.starts_with('+') => Status::ShortCode,
            _ => Status::Impossible,
        })
    }

    /// Tries the value as written, then with each prefix of the context taken off, and takes the
    /// first valid reading, or else the first possible one.
    fn best_reading(&self, text: &str) -> Option<Reading> {
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
        if text.chars().filter(|c| c.is_alphabetic()).count() > 0
            && !text.starts_with(|c: char| c == '+' || c == '(' || c.is_ascii_digit())
            && !text.starts_with("tel:")
        {
            return None;
        }
        let mut rest = text;
        loop {
            if keep(self.as_dialled(rest)) {
                return best;
            }
            let stripped = self
                .context
                .technical_prefixes
                .iter()
                .filter_map(|prefix| rest.strip_prefix(prefix.as_str()))
                .find(|stripped| !stripped.is_empty());
            match stripped {
                Some(stripped) => rest = stripped,
                None => return best,
            }
        }
    }

    fn as_dialled(&self, text: &str) -> Option<Reading> {
        let direct = parse(text, self.default_region);
        if text.starts_with('+') || direct.is_some_and(|r| r.status == Status::Valid) {
            return direct;
        }
        let with_plus = |rest: &str| parse(&format!("+{rest}"), None);
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

/// Parses by libphonenumber; None where it finds no number or one of an impossible length.
fn parse(text: &str, default_region: Option<rlibphonenumber::Region>) -> Option<Reading> {
    let util = &*PHONE_NUMBER_UTIL;
    let parsed = util.parse(text, default_region).ok()?;
    let region = util.get_region_for_number(&parsed);
    let kind = region.and_then(|_| number_type(util.get_number_type(&parsed)));
    // A length that only works within one town names nobody to the rest of the world.
    let full_length = || {
        matches!(
            util.is_possible_number_with_reason(&parsed),
            Ok(NumberLengthType::IsPossible)
        )
    };
    if kind.is_none() && !full_length() {
        return None;
    }
    let national = rlibphonenumber::get_national_significant_number_owned(&parsed);
    let country_code = u64::try_from(parsed.country_code).ok()?;
    let number = PhoneNumber::from_parts(country_code, &national)?;
    let region = match kind {
        Some(_) => region,
        None => util.get_region_for_country_code(parsed.country_code),
    };
    Some(Reading {
        number: Some(number),
        status: if kind.is_some() {
            Status::Valid
        } else {
            Status::Possible
        },
        region: region.and_then(|r| Region::from_str(&r.as_region_str()).ok()),
        kind,
    })
}

fn number_type(kind: PhoneNumberType) -> Option<NumberType> {
    Some(match kind {
        PhoneNumberType::FixedLine => NumberType::FixedLine,
        PhoneNumberType::Mobile => NumberType::Mobile,
        PhoneNumberType::FixedLineOrMobile => NumberType::FixedLineOrMobile,
        PhoneNumberType::TollFree => NumberType::TollFree,
        PhoneNumberType::PremiumRate => NumberType::PremiumRate,
        PhoneNumberType::SharedCost => NumberType::SharedCost,
        PhoneNumberType::VoIP => NumberType::Voip,
        PhoneNumberType::PersonalNumber => NumberType::Personal,
        PhoneNumberType::Pager => NumberType::Pager,
        PhoneNumberType::UAN => NumberType::Uan,
        PhoneNumberType::VoiceMail => NumberType::Voicemail,
        PhoneNumberType::Unknown => return None,
    })
}

/// Takes the number out of `"Name" <number>` and `sip:number@host`.
fn inside_address(text: &str) -> &str {
    let text = match (text.rfind('<'), text.rfind('>')) {
        (Some(open), Some(close)) if open < close => text.get(open + 1..close).unwrap_or(text),
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
