//! Named sets of calls: what the brief counts, and the rows behind each count.
//!
//! A set is said twice, for two readers: [`CallSet::holds`] judges a row while hashes of row sets
//! are made, [`CallSet::sql`] finds the same rows when somebody asks for them. A test holds the two
//! together.

use std::collections::{BTreeMap, BinaryHeap};

use arrow::array::{Array, BooleanArray, Int64Array, StringArray, UInt32Array, UInt64Array};
use camino::Utf8Path;
use unspoof_model::Sha256Hash;

use crate::AnalysisError;
use crate::calls::Group;
use crate::digest::{LineDigest, decimal_order};
use crate::parts::{Columns, read_row_group};

/// A set of counted call legs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum CallSet {
    Legs,
    Attempts,
    Tests,
    Answered,
    Engaged,
    DurationUnclear,
    CodeCaptured,
    Home,
    HomeEngaged,
    WithNumber,
    To(Option<String>),
    Spoofed,
    As(u32),
}

impl CallSet {
    /// Returns a condition over `spoofed_calls` that holds for the set's rows.
    pub(crate) fn sql(&self) -> String {
        match self {
            Self::Legs => "true".to_owned(),
            Self::Attempts => "attempt".to_owned(),
            Self::Tests => "test and leg in ('target', 'unknown')".to_owned(),
            Self::Answered => "attempt and answered".to_owned(),
            Self::Engaged => "attempt and engaged".to_owned(),
            Self::DurationUnclear => {
                "attempt and answered and not engaged and not talk_known".to_owned()
            }
            Self::CodeCaptured => "attempt and code".to_owned(),
            Self::Home => "attempt and home".to_owned(),
            Self::HomeEngaged => "attempt and home and engaged".to_owned(),
            Self::WithNumber => "attempt and called_e164 is not null".to_owned(),
            Self::To(Some(region)) => format!("attempt and called_region = '{region}'"),
            Self::To(None) => "attempt and called_region is null".to_owned(),
            Self::Spoofed => "attempt and organisation_no is not null".to_owned(),
            Self::As(organisation) => format!("attempt and organisation_no = {organisation}"),
        }
    }
}

/// Columns that sets are judged by, with the row's place.
const JUDGED: [&str; 14] = [
    "stream",
    "byte_offset",
    "byte_len",
    "leg",
    "called_e164",
    "called_region",
    "attempt",
    "test",
    "home",
    "answered",
    "talk_known",
    "code",
    "engaged",
    "organisation_no",
];

struct Judged<'a> {
    streams: &'a UInt32Array,
    offsets: &'a UInt64Array,
    lens: &'a UInt32Array,
    legs: &'a StringArray,
    called: &'a Int64Array,
    regions: &'a StringArray,
    attempt: &'a BooleanArray,
    is_test: &'a BooleanArray,
    home: &'a BooleanArray,
    answered: &'a BooleanArray,
    talk_known: &'a BooleanArray,
    code: &'a BooleanArray,
    engaged: &'a BooleanArray,
    organisations: &'a UInt32Array,
}

impl<'a> Judged<'a> {
    fn of(columns: &'a Columns) -> Result<Self, AnalysisError> {
        Ok(Self {
            streams: columns.small("stream")?,
            offsets: columns.count("byte_offset")?,
            lens: columns.small("byte_len")?,
            legs: columns.text("leg")?,
            called: columns.int("called_e164")?,
            regions: columns.text("called_region")?,
            attempt: columns.flag("attempt")?,
            is_test: columns.flag("test")?,
            home: columns.flag("home")?,
            answered: columns.flag("answered")?,
            talk_known: columns.flag("talk_known")?,
            code: columns.flag("code")?,
            engaged: columns.flag("engaged")?,
            organisations: columns.small("organisation_no")?,
        })
    }
}

/// The sets' digests, with those that are looked up by a value apart.
struct Digests {
    fixed: Vec<(CallSet, LineDigest)>,
    by_region: BTreeMap<Option<String>, LineDigest>,
    by_organisation: BTreeMap<u32, LineDigest>,
}

impl Digests {
    fn new() -> Self {
        use CallSet as C;
        let fixed = [
            C::Legs,
            C::Attempts,
            C::Tests,
            C::Answered,
            C::Engaged,
            C::DurationUnclear,
            C::CodeCaptured,
            C::Home,
            C::HomeEngaged,
            C::WithNumber,
            C::Spoofed,
        ];
        Self {
            fixed: fixed
                .into_iter()
                .map(|set| (set, LineDigest::default()))
                .collect(),
            by_region: BTreeMap::new(),
            by_organisation: BTreeMap::new(),
        }
    }

    /// Takes one row of the table; `is_first` is false for further organisations of one leg.
    fn take(&mut self, row: &Judged<'_>, at: usize, is_first: bool, line: &[u8]) {
        if is_first {
            for (set, digest) in &mut self.fixed {
                if holds(set, row, at) {
                    digest.line(line);
                }
            }
        }
        if !row.attempt.value(at) {
            return;
        }
        if is_first {
            let region = row.regions.is_valid(at).then(|| row.regions.value(at));
            match self
                .by_region
                .iter_mut()
                .find(|(known, _)| known.as_deref() == region)
            {
                Some((_, digest)) => digest.line(line),
                None => {
                    self.by_region
                        .entry(region.map(str::to_owned))
                        .or_default()
                        .line(line);
                }
            }
        }
        if row.organisations.is_valid(at) {
            self.by_organisation
                .entry(row.organisations.value(at))
                .or_default()
                .line(line);
        }
    }

    fn finish(self) -> BTreeMap<CallSet, (u64, Sha256Hash)> {
        let fixed = self.fixed.into_iter();
        let regions = self
            .by_region
            .into_iter()
            .map(|(r, digest)| (CallSet::To(r), digest));
        let organisations = self
            .by_organisation
            .into_iter()
            .map(|(o, digest)| (CallSet::As(o), digest));
        fixed
            .chain(regions)
            .chain(organisations)
            .map(|(set, digest)| {
                let lines = digest.lines;
                (set, (lines, digest.finish()))
            })
            .collect()
    }
}

/// Judges a row of `spoofed_calls` by a set that is not looked up by a value.
fn holds(set: &CallSet, row: &Judged<'_>, at: usize) -> bool {
    let attempt = row.attempt.value(at);
    let answered = row.answered.value(at);
    match set {
        CallSet::Legs => true,
        CallSet::Attempts => attempt,
        CallSet::Tests => {
            row.is_test.value(at) && matches!(row.legs.value(at), "target" | "unknown")
        }
        CallSet::Answered => attempt && answered,
        CallSet::Engaged => attempt && row.engaged.value(at),
        CallSet::DurationUnclear => {
            attempt && answered && !row.engaged.value(at) && !row.talk_known.value(at)
        }
        CallSet::CodeCaptured => attempt && row.code.value(at),
        CallSet::Home => attempt && row.home.value(at),
        CallSet::HomeEngaged => attempt && row.home.value(at) && row.engaged.value(at),
        CallSet::WithNumber => attempt && row.called.is_valid(at),
        CallSet::Spoofed => attempt && row.organisations.is_valid(at),
        CallSet::To(_) | CallSet::As(_) => false,
    }
}

/// A walk through the rows whose offsets have one number of digits: among those, the order of the
/// table is the order of the text.
struct Walk<'a> {
    path: &'a Utf8Path,
    groups: Vec<usize>,
    next_group: usize,
    class: std::ops::RangeInclusive<u64>,
    columns: Option<Columns>,
    at: usize,
}

impl Walk<'_> {
    /// Moves on to a row of the class; None at the end. Gives its offset.
    fn head(&mut self) -> Result<Option<u64>, AnalysisError> {
        loop {
            if let Some(columns) = &self.columns {
                let offsets = columns.count("byte_offset")?;
                while self.at < offsets.len() {
                    let offset = offsets.value(self.at);
                    if offset > *self.class.end() {
                        return Ok(None);
                    }
                    if self.class.contains(&offset) {
                        return Ok(Some(offset));
                    }
                    // Only the first group can begin below the class.
                    let below =
                        offsets.values()[self.at..].partition_point(|o| *o < *self.class.start());
                    self.at += below.max(1);
                }
            }
            let Some(&group) = self.groups.get(self.next_group) else {
                return Ok(None);
            };
            self.next_group += 1;
            self.at = 0;
            self.columns = Some(read_row_group(self.path, &JUDGED, group)?);
        }
    }
}

/// Hashes the row sets of all [`CallSet`]s in one walk through `spoofed_calls`.
///
/// Lines are sorted as text, and the table by offset; so rows are walked by their offsets' number
/// of digits, side by side, and nothing is sorted or held.
pub(crate) fn hash_call_sets(
    path: &Utf8Path,
    groups: &[Group],
    sha256_of: &BTreeMap<String, Sha256Hash>,
) -> Result<BTreeMap<CallSet, (u64, Sha256Hash)>, AnalysisError> {
    let mut by_exhibit: BTreeMap<Sha256Hash, BTreeMap<&str, Vec<&Group>>> = BTreeMap::new();
    for group in groups {
        let Some(sha256) = sha256_of.get(&group.exhibit) else {
            continue;
        };
        by_exhibit
            .entry(*sha256)
            .or_default()
            .entry(&group.run)
            .or_default()
            .push(group);
    }
    let mut digests = Digests::new();
    for (sha256, runs) in by_exhibit {
        let mut walks: Vec<Walk<'_>> = Vec::new();
        for groups in runs.values() {
            for digits in 0..20_u32 {
                let low = if digits == 0 { 0 } else { 10_u64.pow(digits) };
                let high = 10_u64
                    .checked_pow(digits + 1)
                    .map_or(u64::MAX, |next| next - 1);
                let inside = groups
                    .iter()
                    .filter(|g| g.first_offset <= high && g.last_offset >= low);
                let groups: Vec<usize> = inside.map(|g| g.row_group).collect();
                if !groups.is_empty() {
                    walks.push(Walk {
                        path,
                        groups,
                        next_group: 0,
                        class: low..=high,
                        columns: None,
                        at: 0,
                    });
                }
            }
        }
        merge(&mut walks, &sha256.to_string(), &mut digests)?;
    }
    Ok(digests.finish())
}

type Head = std::cmp::Reverse<((u128, u32), usize)>;

fn merge(walks: &mut [Walk<'_>], sha256: &str, digests: &mut Digests) -> Result<(), AnalysisError> {
    let mut heads: BinaryHeap<Head> = BinaryHeap::new();
    for (index, walk) in walks.iter_mut().enumerate() {
        if let Some(offset) = walk.head()? {
            heads.push(std::cmp::Reverse((decimal_order(offset), index)));
        }
    }
    let mut line = Vec::with_capacity(128);
    while let Some(std::cmp::Reverse((_, index))) = heads.pop() {
        let next = heads.peek().map(|std::cmp::Reverse((order, _))| *order);
        let walk = &mut walks[index];
        // This walk goes on until another one's head comes first.
        let mut head = walk.head()?;
        while let Some(offset) = head {
            let order = decimal_order(offset);
            if next.is_some_and(|next| next < order) {
                heads.push(std::cmp::Reverse((order, index)));
                break;
            }
            let columns = walk.columns.as_ref().expect("a head stands in a batch");
            let judged = Judged::of(columns)?;
            let until = judged.offsets.len();
            // The rows up to the next walk's head, in one go.
            while walk.at < until {
                let offset = judged.offsets.value(walk.at);
                if !walk.class.contains(&offset)
                    || next.is_some_and(|next| next < decimal_order(offset))
                {
                    break;
                }
                line.clear();
                line.extend_from_slice(sha256.as_bytes());
                for number in [
                    u64::from(judged.streams.value(walk.at)),
                    offset,
                    u64::from(judged.lens.value(walk.at)),
                ] {
                    line.push(b' ');
                    push_decimal(&mut line, number);
                }
                line.push(b'\n');
                let mut is_first = true;
                // A leg that showed several organisations' number has a row for each.
                while walk.at < until && judged.offsets.value(walk.at) == offset {
                    digests.take(&judged, walk.at, is_first, &line);
                    is_first = false;
                    walk.at += 1;
                }
            }
            head = walk.head()?;
        }
    }
    Ok(())
}

fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
