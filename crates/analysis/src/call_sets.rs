//! Named sets of calls: what the brief counts, and the rows behind each count.
//!
//! A set is said twice, for two readers: [`CallSet::holds`] judges a row while it is made,
//! [`CallSet::sql`] finds the same rows when somebody asks for them. A test holds the two together.

use std::collections::{BTreeMap, BinaryHeap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::Sha256Hash;

use crate::AnalysisError;
use crate::digest::{LineDigest, decimal_order, push_place};

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
    /// Answered although the number's block was nobody's on that day.
    AnsweredUnallocated,
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
            Self::AnsweredUnallocated => {
                "attempt and answered and called_allocation = 'unallocated'".to_owned()
            }
            Self::As(organisation) => format!("attempt and organisation_no = {organisation}"),
        }
    }

    /// Judges a call by a set that is not looked up by a value.
    fn holds(&self, call: &JudgedCall<'_>) -> bool {
        let attempt = call.attempt;
        match self {
            Self::Legs => true,
            Self::Attempts => attempt,
            Self::Tests => call.is_test && matches!(call.leg, "target" | "unknown"),
            Self::Answered => attempt && call.answered,
            Self::Engaged => attempt && call.engaged,
            Self::DurationUnclear => attempt && call.answered && !call.engaged && !call.talk_known,
            Self::CodeCaptured => attempt && call.code,
            Self::Home => attempt && call.home,
            Self::HomeEngaged => attempt && call.home && call.engaged,
            Self::WithNumber => attempt && call.has_number,
            Self::Spoofed => attempt && call.spoofed,
            Self::AnsweredUnallocated => attempt && call.answered && call.is_unallocated,
            Self::To(_) | Self::As(_) => false,
        }
    }
}

/// Sets that are not looked up by a value; the bits of [`PlaceFact::sets`].
const FIXED: [CallSet; 12] = [
    CallSet::Legs,
    CallSet::Attempts,
    CallSet::Tests,
    CallSet::Answered,
    CallSet::Engaged,
    CallSet::DurationUnclear,
    CallSet::CodeCaptured,
    CallSet::Home,
    CallSet::HomeEngaged,
    CallSet::WithNumber,
    CallSet::Spoofed,
    CallSet::AnsweredUnallocated,
];
const ATTEMPTS: usize = 1;

/// Fixed sets that one of two threads hashes; the other one has the rest and those by value. Which
/// is where does not matter but for time.
const FIRST_THREADS: [usize; 9] = [0, 2, 3, 4, 5, 6, 7, 8, 9];

/// What sets ask of a counted leg.
pub(crate) struct JudgedCall<'a> {
    pub(crate) leg: &'a str,
    pub(crate) region: Option<&'a str>,
    pub(crate) attempt: bool,
    pub(crate) is_test: bool,
    pub(crate) home: bool,
    pub(crate) answered: bool,
    pub(crate) talk_known: bool,
    pub(crate) code: bool,
    pub(crate) engaged: bool,
    pub(crate) has_number: bool,
    pub(crate) spoofed: bool,
    /// Whether a regulator's list says that nobody had the called number's block on that day.
    pub(crate) is_unallocated: bool,
}

/// A row's place with the sets that hold it, as it waits on disk to be hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct PlaceFact {
    offset: u64,
    len: u32,
    stream: u32,
    sets: u16,
    region: u16,
    organisation: u32,
}

const PLACE_BYTES: usize = 24;
const NO_ORGANISATION: u32 = u32::MAX;

impl PlaceFact {
    fn to_bytes(self) -> [u8; PLACE_BYTES] {
        let mut bytes = [0; PLACE_BYTES];
        bytes[0..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.len.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.stream.to_le_bytes());
        bytes[16..18].copy_from_slice(&self.sets.to_le_bytes());
        bytes[18..20].copy_from_slice(&self.region.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.organisation.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        let two = |at: usize| u16::from_le_bytes(bytes[at..at + 2].try_into().expect("2 bytes"));
        Self {
            offset: u64::from_le_bytes(bytes[0..8].try_into().expect("8 bytes")),
            len: four(8),
            stream: four(12),
            sets: two(16),
            region: two(18),
            organisation: four(20),
        }
    }
}

/// A region as two bytes: its letters, 1 for numbers of no country, 0 for none.
fn region_code(region: Option<&str>) -> u16 {
    match region.map(str::as_bytes) {
        None => 0,
        Some([a, b]) => u16::from_be_bytes([*a, *b]),
        Some(_) => 1,
    }
}

fn region_of(code: u16) -> Option<String> {
    match code {
        0 => None,
        1 => Some("001".to_owned()),
        letters => Some(
            letters
                .to_be_bytes()
                .iter()
                .map(|b| char::from(*b))
                .collect(),
        ),
    }
}

/// The places of one part's counted legs, in the part's order.
#[derive(Default)]
pub(crate) struct Places {
    bytes: Vec<u8>,
    offsets: Option<(u64, u64)>,
}

impl Places {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(rows * PLACE_BYTES),
            offsets: None,
        }
    }

    /// Takes a leg with the organisations whose number it showed.
    pub(crate) fn push(
        &mut self,
        (stream, offset, len): (u32, u64, u32),
        call: &JudgedCall<'_>,
        organisations: &[u32],
    ) {
        let sets = (0..)
            .zip(&FIXED)
            .fold(0, |sets, (at, set)| sets | u16::from(set.holds(call)) << at);
        let mut fact = PlaceFact {
            offset,
            len,
            stream,
            sets,
            region: region_code(call.region),
            organisation: organisations.first().copied().unwrap_or(NO_ORGANISATION),
        };
        self.bytes.extend_from_slice(&fact.to_bytes());
        // Further organisations of one leg are in no set but their own.
        for &organisation in organisations.iter().skip(1).filter(|_| call.attempt) {
            fact.sets = 0;
            fact.organisation = organisation;
            self.bytes.extend_from_slice(&fact.to_bytes());
        }
        let first = self.offsets.map_or(offset, |(first, _)| first);
        self.offsets = Some((first, offset));
    }
}

/// One part's places on disk.
struct Group {
    exhibit: String,
    /// The file of `calls` without its part number: groups of one run ascend in `byte_offset`.
    run: String,
    offsets: (u64, u64),
    /// In bytes.
    place: Range<u64>,
}

/// Keeps the places of all counted legs until they are hashed.
pub(crate) struct PlaceWriter {
    path: Utf8PathBuf,
    file: BufWriter<File>,
    groups: Vec<Group>,
    end: u64,
}

impl PlaceWriter {
    pub(crate) fn create(path: &Utf8Path) -> Result<Self, AnalysisError> {
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(true);
        let file = options
            .open(path)
            .map_err(|e| AnalysisError::write(path, e))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            groups: Vec::new(),
            end: 0,
        })
    }

    /// Appends the places of one part, which stands in `exhibit`, in the file `part`.
    pub(crate) fn append(
        &mut self,
        exhibit: &str,
        part: &Utf8Path,
        places: &Places,
    ) -> Result<(), AnalysisError> {
        let Some(offsets) = places.offsets else {
            return Ok(());
        };
        self.file
            .write_all(&places.bytes)
            .map_err(|e| AnalysisError::write(&self.path, e))?;
        // `EXHIBIT-FINGERPRINT.TABLE.PART.parquet`, of which the last two pieces go.
        let run = part.as_str().rsplitn(3, '.').nth(2).unwrap_or_default();
        let start = self.end;
        self.end += places.bytes.len() as u64;
        self.groups.push(Group {
            exhibit: exhibit.to_owned(),
            run: run.to_owned(),
            offsets,
            place: start..self.end,
        });
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<PlaceFacts, AnalysisError> {
        let Self {
            path, file, groups, ..
        } = self;
        let file = file
            .into_inner()
            .map_err(|e| AnalysisError::write(&path, e.into_error()))?;
        Ok(PlaceFacts { path, file, groups })
    }
}

/// The places of all counted legs.
pub(crate) struct PlaceFacts {
    path: Utf8PathBuf,
    file: File,
    groups: Vec<Group>,
}

/// Lines on their way to be hashed.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    /// Each line's end in `bytes`, and its row.
    rows: Vec<(u32, PlaceFact)>,
}

/// Lines that are handed on together.
const LINES: usize = 4096;

/// Some sets' digests.
#[derive(Default)]
struct Digests {
    fixed: Vec<(usize, LineDigest)>,
    by_value: bool,
    by_region: BTreeMap<u16, LineDigest>,
    by_organisation: BTreeMap<u32, LineDigest>,
}

impl Digests {
    /// The digests of one of two threads.
    fn new(first: bool) -> Self {
        let fixed = (0..FIXED.len()).filter(|at| FIRST_THREADS.contains(at) == first);
        Self {
            fixed: fixed.map(|at| (at, LineDigest::default())).collect(),
            by_value: !first,
            ..Self::default()
        }
    }

    fn take(&mut self, lines: &Lines) {
        let mut start = 0;
        for (end, row) in &lines.rows {
            let line = &lines.bytes[start as usize..*end as usize];
            start = *end;
            for (bit, digest) in &mut self.fixed {
                if row.sets >> *bit & 1 == 1 {
                    digest.line(line);
                }
            }
            if !self.by_value {
                continue;
            }
            let is_attempt = row.sets >> ATTEMPTS & 1 == 1;
            if is_attempt {
                self.by_region.entry(row.region).or_default().line(line);
            }
            if row.organisation != NO_ORGANISATION && (is_attempt || row.sets == 0) {
                let digest = self.by_organisation.entry(row.organisation);
                digest.or_default().line(line);
            }
        }
    }

    fn finish(self) -> impl Iterator<Item = (CallSet, (u64, Sha256Hash))> {
        let fixed = self.fixed.into_iter();
        let fixed = fixed.map(|(at, digest)| (FIXED[at].clone(), digest));
        let regions = self.by_region.into_iter();
        let regions = regions.map(|(code, digest)| (CallSet::To(region_of(code)), digest));
        let organisations = self.by_organisation.into_iter();
        let organisations = organisations.map(|(o, digest)| (CallSet::As(o), digest));
        fixed
            .chain(regions)
            .chain(organisations)
            .map(|(set, digest)| {
                let lines = digest.lines;
                (set, (lines, digest.finish()))
            })
    }
}

/// A walk through the rows whose offsets have one number of digits: among those, the order of the
/// table is the order of the text.
struct Walk<'a> {
    facts: &'a PlaceFacts,
    /// Where the rows of the class stand, in bytes.
    places: Vec<Range<u64>>,
    next_place: usize,
    block: Vec<PlaceFact>,
    at: usize,
}

/// Rows that a walk reads at a time.
const BLOCK: usize = 1 << 12;

impl<'a> Walk<'a> {
    /// Finds the rows of one run whose offsets are of a class; None where there are none.
    fn new(
        facts: &'a PlaceFacts,
        groups: &[&Group],
        class: &std::ops::RangeInclusive<u64>,
    ) -> Result<Option<Self>, AnalysisError> {
        let mut places = Vec::new();
        for group in groups {
            let start = facts.first_from(group, *class.start())?;
            let end = match class.end().checked_add(1) {
                Some(above) => facts.first_from(group, above)?,
                None => group.place.end,
            };
            if start < end {
                places.push(start..end);
            }
        }
        let made = Self {
            facts,
            places,
            next_place: 0,
            block: Vec::new(),
            at: 0,
        };
        Ok(Some(made).filter(|made| !made.places.is_empty()))
    }

    /// Gives the row that stands next; None at the end.
    fn head(&mut self) -> Result<Option<PlaceFact>, AnalysisError> {
        if let Some(row) = self.block.get(self.at) {
            return Ok(Some(*row));
        }
        let Some(place) = self.places.get_mut(self.next_place) else {
            return Ok(None);
        };
        let len = (place.end - place.start).min((BLOCK * PLACE_BYTES) as u64);
        self.block = self.facts.read(place.start, len as usize)?;
        self.at = 0;
        place.start += len;
        if place.start == place.end {
            self.next_place += 1;
        }
        Ok(self.block.first().copied())
    }
}

impl PlaceFacts {
    fn read(&self, start: u64, len: usize) -> Result<Vec<PlaceFact>, AnalysisError> {
        let mut bytes = vec![0; len];
        self.file
            .read_exact_at(&mut bytes, start)
            .map_err(|e| AnalysisError::read(&self.path, e))?;
        let rows = bytes.chunks_exact(PLACE_BYTES).map(PlaceFact::from_bytes);
        Ok(rows.collect())
    }

    /// Finds where a group's first row at or above `offset` stands.
    fn first_from(&self, group: &Group, offset: u64) -> Result<u64, AnalysisError> {
        if offset <= group.offsets.0 {
            return Ok(group.place.start);
        }
        if offset > group.offsets.1 {
            return Ok(group.place.end);
        }
        let size = PLACE_BYTES as u64;
        let (mut low, mut high) = (0, (group.place.end - group.place.start) / size);
        while low < high {
            let middle = low.midpoint(high);
            let row = self.read(group.place.start + middle * size, PLACE_BYTES)?[0];
            if row.offset < offset {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(group.place.start + low * size)
    }

    /// Hashes the row sets of all [`CallSet`]s.
    ///
    /// Lines are sorted as text, and the rows by offset; so rows are walked by their offsets'
    /// number of digits, side by side, and nothing is sorted or held.
    pub(crate) fn hash_call_sets(
        &self,
        sha256_of: &BTreeMap<String, Sha256Hash>,
    ) -> Result<BTreeMap<CallSet, (u64, Sha256Hash)>, AnalysisError> {
        let hash = |from: Receiver<Arc<Lines>>, first: bool| {
            let mut digests = Digests::new(first);
            for lines in from {
                digests.take(&lines);
            }
            digests
        };
        std::thread::scope(|scope| {
            let (to_first, first) = sync_channel(4);
            let (to_second, second) = sync_channel(4);
            let first = scope.spawn(move || hash(first, true));
            let second = scope.spawn(move || hash(second, false));
            let written = self.write_lines(sha256_of, &[to_first, to_second]);
            let mut sets = BTreeMap::new();
            for thread in [first, second] {
                let digests = thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                sets.extend(digests.finish());
            }
            written.map(|()| sets)
        })
    }

    /// Writes all lines in the order of their text to each of the takers, and lets go of them.
    fn write_lines(
        &self,
        sha256_of: &BTreeMap<String, Sha256Hash>,
        takers: &[SyncSender<Arc<Lines>>],
    ) -> Result<(), AnalysisError> {
        let mut by_exhibit: BTreeMap<Sha256Hash, BTreeMap<&str, Vec<&Group>>> = BTreeMap::new();
        for group in &self.groups {
            let Some(sha256) = sha256_of.get(&group.exhibit) else {
                continue;
            };
            let runs = by_exhibit.entry(*sha256).or_default();
            runs.entry(&group.run).or_default().push(group);
        }
        for (sha256, runs) in by_exhibit {
            let mut walks: Vec<Walk<'_>> = Vec::new();
            for groups in runs.values() {
                for digits in 0..20_u32 {
                    let low = if digits == 0 { 0 } else { 10_u64.pow(digits) };
                    let above = 10_u64.checked_pow(digits + 1);
                    let high = above.map_or(u64::MAX, |above| above - 1);
                    walks.extend(Walk::new(self, groups, &(low..=high))?);
                }
            }
            merge(&mut walks, &sha256.to_string(), takers)?;
        }
        Ok(())
    }
}

type Head = std::cmp::Reverse<((u128, u32), usize)>;

fn merge(
    walks: &mut [Walk<'_>],
    sha256: &str,
    takers: &[SyncSender<Arc<Lines>>],
) -> Result<(), AnalysisError> {
    let mut heads: BinaryHeap<Head> = BinaryHeap::new();
    for (index, walk) in walks.iter_mut().enumerate() {
        if let Some(row) = walk.head()? {
            heads.push(std::cmp::Reverse((decimal_order(row.offset), index)));
        }
    }
    let mut lines = Lines::default();
    let send = |lines: &mut Lines| {
        let sent = Arc::new(std::mem::take(lines));
        for taker in takers {
            // A taker is gone only when it panicked, which its thread's end tells.
            let _ = taker.send(sent.clone());
        }
    };
    while let Some(std::cmp::Reverse((_, index))) = heads.pop() {
        let next = heads.peek().map(|std::cmp::Reverse((order, _))| *order);
        let walk = &mut walks[index];
        // This walk goes on until another one's head comes first.
        while let Some(row) = walk.head()? {
            if let Some(next) = next {
                let order = decimal_order(row.offset);
                if next < order {
                    heads.push(std::cmp::Reverse((order, index)));
                    break;
                }
            }
            lines.bytes.extend_from_slice(sha256.as_bytes());
            push_place(&mut lines.bytes, row.stream, row.offset, row.len);
            lines.rows.push((lines.bytes.len() as u32, row));
            if lines.rows.len() == LINES {
                send(&mut lines);
            }
            walk.at += 1;
        }
    }
    send(&mut lines);
    Ok(())
}
