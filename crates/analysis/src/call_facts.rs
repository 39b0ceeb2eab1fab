//! Counted call attempts by number: sorted runs on disk, read back range by range.
//!
//! Ten million attempts are too many to hold and sort in little memory. Each part of `calls` leaves
//! one sorted run of fixed-size records; whoever wants all attempts of a number reads the same
//! short range out of every run. What is computed from a range never depends on where it was cut.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::AnalysisError;

/// What one counted call attempt says of its number and its account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CallFact {
    pub(crate) called: Option<i64>,
    pub(crate) account_no: Option<u32>,
    /// Region and kind of line, as [`crate::line_class::of_class`] spells them out.
    pub(crate) class: Option<i32>,
    pub(crate) started_us: Option<i64>,
    pub(crate) talk_s: Option<i64>,
    pub(crate) home: bool,
    pub(crate) answered: bool,
    pub(crate) engaged: bool,
    pub(crate) code: bool,
    pub(crate) priority: bool,
    /// A recorded message or a bot spoke.
    pub(crate) recorded: bool,
    /// The listed organisation whose number was shown: of several the first.
    pub(crate) organisation: Option<u32>,
}

const FACT_BYTES: usize = 38;
const NO_ORGANISATION: u32 = u32::MAX;
const NO_NUMBER: i64 = i64::MIN;
const NO_ACCOUNT: u32 = u32::MAX;
/// Records between two keys that are kept in memory.
const SAMPLE: usize = 512;
/// Records that a range is meant to have.
const RANGE_RECORDS: usize = 1 << 17;
/// Records after which a chunk is handed on: reached only where few numbers have very many attempts.
const CHUNK_RECORDS: usize = 1 << 20;

impl CallFact {
    /// The order within a run: attempts without a number first.
    pub(crate) fn key(&self) -> (i64, u32) {
        (
            self.called.unwrap_or(NO_NUMBER),
            self.account_no.unwrap_or(NO_ACCOUNT),
        )
    }

    fn to_bytes(self) -> [u8; FACT_BYTES] {
        let flags = [
            self.started_us.is_some(),
            self.talk_s.is_some(),
            self.class.is_some(),
            self.home,
            self.answered,
            self.engaged,
            self.code,
            self.priority,
            self.recorded,
        ];
        let bits = (0..)
            .zip(flags)
            .fold(0_u16, |bits, (at, flag)| bits | u16::from(flag) << at);
        let (called, account) = self.key();
        let mut bytes = [0; FACT_BYTES];
        bytes[0..8].copy_from_slice(&called.to_le_bytes());
        bytes[8..12].copy_from_slice(&account.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.class.unwrap_or(0).to_le_bytes());
        bytes[16..24].copy_from_slice(&self.started_us.unwrap_or(0).to_le_bytes());
        bytes[24..32].copy_from_slice(&self.talk_s.unwrap_or(0).to_le_bytes());
        bytes[32..34].copy_from_slice(&bits.to_le_bytes());
        let organisation = self.organisation.unwrap_or(NO_ORGANISATION);
        bytes[34..38].copy_from_slice(&organisation.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let long = |at: usize| i64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let short = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        let bits = u16::from_le_bytes(bytes[32..34].try_into().expect("2 bytes"));
        let flag = |at: u32| bits >> at & 1 == 1;
        Self {
            called: Some(long(0)).filter(|called| *called != NO_NUMBER),
            account_no: Some(short(8)).filter(|account| *account != NO_ACCOUNT),
            class: flag(2).then(|| short(12) as i32),
            started_us: flag(0).then(|| long(16)),
            talk_s: flag(1).then(|| long(24)),
            home: flag(3),
            answered: flag(4),
            engaged: flag(5),
            code: flag(6),
            priority: flag(7),
            recorded: flag(8),
            organisation: Some(short(34)).filter(|one| *one != NO_ORGANISATION),
        }
    }
}

/// One part's attempts, sorted and ready to be appended.
pub(crate) struct Run {
    /// The first and last start of its attempts, in microseconds UTC.
    span: Option<(i64, i64)>,
    bytes: Vec<u8>,
    /// The number of each [`SAMPLE`]th record, from the first on.
    samples: Vec<i64>,
}

impl Run {
    pub(crate) fn new(mut facts: Vec<CallFact>) -> Self {
        facts.sort_unstable_by_key(CallFact::key);
        let mut bytes = Vec::with_capacity(facts.len() * FACT_BYTES);
        for fact in &facts {
            bytes.extend_from_slice(&fact.to_bytes());
        }
        let samples = facts.iter().step_by(SAMPLE).map(|fact| fact.key().0);
        let starts = facts.iter().filter_map(|fact| fact.started_us);
        Self {
            span: starts.map(|start| (start, start)).reduce(wider),
            bytes,
            samples: samples.collect(),
        }
    }
}

fn wider(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// Appends runs to a file.
pub(crate) struct RunWriter {
    path: Utf8PathBuf,
    file: BufWriter<File>,
    runs: Vec<Stored>,
    end: u64,
    span: Option<(i64, i64)>,
}

/// Where a run stands, in bytes, with its samples.
struct Stored {
    start: u64,
    len: u64,
    samples: Vec<i64>,
}

impl RunWriter {
    pub(crate) fn create(path: &Utf8Path) -> Result<Self, AnalysisError> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
            .map_err(|e| AnalysisError::write(path, e))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            runs: Vec::new(),
            end: 0,
            span: None,
        })
    }

    pub(crate) fn append(&mut self, run: Run) -> Result<(), AnalysisError> {
        self.file
            .write_all(&run.bytes)
            .map_err(|e| AnalysisError::write(&self.path, e))?;
        let len = run.bytes.len() as u64;
        self.runs.push(Stored {
            start: self.end,
            len,
            samples: run.samples,
        });
        self.end += len;
        self.span = self.span.into_iter().chain(run.span).reduce(wider);
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<CallFacts, AnalysisError> {
        let Self {
            path,
            file,
            runs,
            span,
            ..
        } = self;
        let file = file
            .into_inner()
            .map_err(|e| AnalysisError::write(&path, e.into_error()))?;
        Ok(CallFacts {
            path,
            file,
            runs,
            span,
        })
    }
}

/// All counted attempts of a case.
pub(crate) struct CallFacts {
    path: Utf8PathBuf,
    file: File,
    runs: Vec<Stored>,
    span: Option<(i64, i64)>,
}

/// Numbers from the first (inclusive) to the next range's first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    from: i64,
    until: Option<i64>,
}

impl CallFacts {
    /// Returns the first and last start of all attempts, in microseconds UTC; none where no attempt
    /// has one.
    pub(crate) const fn span(&self) -> Option<(i64, i64)> {
        self.span
    }

    /// Cuts all numbers into ranges of about as many attempts, in order; the first one begins with
    /// the attempts that have no number.
    pub(crate) fn ranges(&self) -> Vec<Range> {
        let samples = self.runs.iter().flat_map(|run| run.samples.iter().copied());
        let mut samples: Vec<i64> = samples.collect();
        samples.sort_unstable();
        let mut starts = vec![NO_NUMBER];
        starts.extend(samples.into_iter().step_by(RANGE_RECORDS / SAMPLE).skip(1));
        starts.dedup();
        let ranges = starts.iter().enumerate().map(|(index, &from)| Range {
            from,
            until: starts.get(index + 1).copied(),
        });
        ranges.collect()
    }

    /// Reads the attempts of one range in sorted chunks. Of a number with more attempts than a
    /// chunk holds, the rest comes in the next chunk.
    pub(crate) fn read(
        &self,
        range: Range,
        mut each: impl FnMut(&[CallFact]),
    ) -> Result<(), AnalysisError> {
        let mut facts = Vec::new();
        let mut bytes = Vec::new();
        for run in &self.runs {
            let mut at = self.lower_bound(run, range.from)?;
            let end = match range.until {
                Some(until) => self.lower_bound(run, until)?,
                None => run.len,
            };
            while at < end {
                let len = (CHUNK_RECORDS * FACT_BYTES).min((end - at) as usize);
                bytes.resize(len, 0);
                self.file
                    .read_exact_at(&mut bytes, run.start + at)
                    .map_err(|e| AnalysisError::read(&self.path, e))?;
                facts.extend(bytes.chunks_exact(FACT_BYTES).map(CallFact::from_bytes));
                at += len as u64;
                if facts.len() >= CHUNK_RECORDS {
                    facts.sort_by_key(CallFact::key);
                    each(&facts);
                    facts.clear();
                }
            }
        }
        // What came out of each run is sorted already, which a stable sort makes use of.
        facts.sort_by_key(CallFact::key);
        each(&facts);
        Ok(())
    }

    /// Finds the first record of a run whose number is not below `number`; in bytes from its start.
    fn lower_bound(&self, run: &Stored, number: i64) -> Result<u64, AnalysisError> {
        let after = run.samples.partition_point(|sample| *sample < number);
        if after == 0 {
            return Ok(0);
        }
        let block = (after - 1) * SAMPLE * FACT_BYTES;
        let len = (SAMPLE * FACT_BYTES).min(run.len as usize - block);
        let mut bytes = vec![0; len];
        self.file
            .read_exact_at(&mut bytes, run.start + block as u64)
            .map_err(|e| AnalysisError::read(&self.path, e))?;
        let (mut low, mut high) = (0, len / FACT_BYTES);
        while low < high {
            let middle = low.midpoint(high);
            let at = middle * FACT_BYTES;
            let called = i64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
            if called < number {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok((block + low * FACT_BYTES) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(called: Option<i64>, account_no: Option<u32>, talk_s: Option<i64>) -> CallFact {
        CallFact {
            called,
            account_no,
            class: called.map(|number| (number % 1000) as i32),
            started_us: talk_s.map(|talk_s| -talk_s),
            talk_s,
            home: talk_s.is_none(),
            answered: account_no.is_none(),
            engaged: called.is_none(),
            code: true,
            priority: true,
            recorded: called.is_some(),
            organisation: account_no,
        }
    }

    #[test]
    fn a_fact_survives_its_bytes() {
        for called in [None, Some(0), Some(447_700_900_123), Some(i64::MAX)] {
            for account_no in [None, Some(0), Some(u32::MAX - 1)] {
                for talk_s in [None, Some(i64::MIN), Some(-1), Some(0), Some(86_400)] {
                    let given = fact(called, account_no, talk_s);
                    assert_eq!(CallFact::from_bytes(&given.to_bytes()), given);
                }
            }
        }
    }

    /// Ranges together give every attempt once, in the order of numbers, whatever the runs are.
    #[test]
    fn ranges_cover_all_attempts_in_order() {
        let folder = std::env::temp_dir().join(format!("unspoof-facts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = Utf8PathBuf::from_path_buf(folder.join("facts")).expect("its name is text");
        let mut state = 7_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state >> 33
        };
        let mut writer = RunWriter::create(&path).expect("a file");
        let mut given = Vec::new();
        for run in 0..9_usize {
            // Some runs are empty, one number has very many attempts.
            let facts: Vec<CallFact> = (0..run * 9_000)
                .map(|at| {
                    let number = if at % 3 == 0 {
                        5_000
                    } else {
                        (next() % 20_000) as i64
                    };
                    let called = Some(number).filter(|number| number % 11 != 0);
                    fact(called, Some((next() % 50) as u32), Some(at as i64))
                })
                .collect();
            given.extend(facts.iter().copied());
            writer.append(Run::new(facts)).expect("appended");
        }
        let facts = writer.finish().expect("written");
        let ranges = facts.ranges();
        assert!(ranges.len() > 1, "{ranges:?}");
        let mut seen = Vec::new();
        for range in ranges {
            facts
                .read(range, |chunk| seen.extend_from_slice(chunk))
                .expect("read back");
        }
        assert!(seen.is_sorted_by_key(CallFact::key));
        let whole = |fact: &CallFact| (fact.key(), fact.talk_s);
        seen.sort_by_key(whole);
        given.sort_by_key(whole);
        assert!(seen == given);
        std::fs::remove_dir_all(&folder).expect("the folder goes");
    }
}
