//! From a stream to parts: one thread reads and locates, the others fill columns and write.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use unspoof_numbers::{Context, Reader};

use crate::block::{Block, RowSpan};
use crate::charset::Charset;
use crate::fill::{FillContext, Filler, Refused, sift};
use crate::part::{PART_ROWS, PartError, PartWriter, Stamp};
use crate::plan::TablePlan;
use crate::rejects;

/// A span of one block that belongs to one part.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    pub(crate) plan: Arc<TablePlan>,
    pub(crate) charset: Charset,
    pub(crate) block: Arc<Block>,
    pub(crate) rows: std::ops::Range<usize>,
    pub(crate) rejects: std::ops::Range<usize>,
}

/// All rows of the source's table `from` that one part of our table spans.
#[derive(Clone, Debug)]
pub(crate) struct PartJob {
    pub(crate) from: String,
    pub(crate) part_no: u64,
    pub(crate) slices: Vec<Slice>,
}

/// What became of a part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PartDone {
    pub(crate) table: &'static str,
    pub(crate) from: String,
    pub(crate) kept: u64,
    pub(crate) rejected: u64,
    /// Paths under the folder, in no order.
    pub(crate) files: Vec<Utf8PathBuf>,
}

/// Where and how parts are written.
pub(crate) struct Workshop<'a> {
    pub(crate) folder: &'a Utf8Path,
    /// First part of every file name: the exhibit and its fingerprint.
    pub(crate) prefix: &'a str,
    pub(crate) stamp: Stamp,
    pub(crate) context: FillContext<'a>,
    pub(crate) dialling: Context,
}

impl Workshop<'_> {
    /// Runs `feed` on this thread and `workers` others on what it sends; gives what became of
    /// each part.
    ///
    /// Bounded channels keep the reader from running ahead of the writers.
    pub(crate) fn run<E>(
        &self,
        workers: usize,
        feed: impl FnOnce(&mut Parts<'_>) -> Result<(), E>,
    ) -> Result<Vec<PartDone>, WorkError<E>> {
        let (sender, receiver) = bounded::<PartJob>(1);
        let (spent, returned) = unbounded::<Block>();
        let done = Mutex::new(Vec::new());
        let failed: Mutex<Option<PartError>> = Mutex::new(None);
        let fed = thread::scope(|scope| {
            for _ in 0..workers.max(1) {
                let receiver = receiver.clone();
                let (spent, done, failed) = (spent.clone(), &done, &failed);
                scope.spawn(move || self.work(&receiver, &spent, done, failed));
            }
            drop(receiver);
            let mut parts = Parts {
                sender: &sender,
                returned,
                open: BTreeMap::new(),
                stopped: false,
            };
            let fed = feed(&mut parts);
            if fed.is_ok() {
                parts.finish();
            }
            drop(sender);
            fed
        });
        let failed = failed
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(failed) = failed {
            return Err(WorkError::Part(failed));
        }
        fed.map_err(WorkError::Feed)?;
        Ok(done
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn work(
        &self,
        receiver: &Receiver<PartJob>,
        spent: &Sender<Block>,
        done: &Mutex<Vec<PartDone>>,
        failed: &Mutex<Option<PartError>>,
    ) {
        let mut numbers = Reader::new(self.dialling.clone());
        // Dropping the last receiver makes the feeding thread's next send fail, which stops it.
        for job in receiver {
            match self.part(&job, &mut numbers) {
                Ok(part) => {
                    lock(done).push(part);
                    // Blocks go back to be filled again: fresh memory costs more than it looks.
                    for slice in job.slices {
                        if let Some(block) = Arc::into_inner(slice.block) {
                            let _ = spent.send(block);
                        }
                    }
                }
                Err(error) => {
                    lock(failed).get_or_insert(error);
                    return;
                }
            }
            if lock(failed).is_some() {
                return;
            }
        }
    }

    fn part(&self, job: &PartJob, numbers: &mut Reader) -> Result<PartDone, PartError> {
        let table = job.slices.first().map(|slice| slice.plan.target);
        let table = table.expect("a part is opened by its first slice");
        let name = format!(
            "{}.{}.{:05}.parquet",
            self.prefix,
            plain(&job.from),
            job.part_no
        );
        let path = Utf8PathBuf::from(format!("tables/{}/{name}", table.name));
        let rejects_path = Utf8PathBuf::from(format!("tables/rejects/{}.{name}", table.name));
        let mark = self.folder.join(format!("{path}.done"));
        // A part whose mark outlived it had left for a commit that never came.
        if let Some(done) = read_mark(&mark, table.name, &job.from, &path, &rejects_path)
            && done
                .files
                .iter()
                .all(|file| self.folder.join(file).exists())
        {
            return Ok(done);
        }
        let mut writer = PartWriter::create(&self.folder.join(&path), table, &self.stamp)?;
        let mut refused: Vec<(Refused, &Slice)> = Vec::new();
        for slice in &job.slices {
            let rows = &slice.block.rows[slice.rows.clone()];
            let (kept, unusable) = sift(&slice.plan, &slice.block, rows, slice.charset);
            let located = slice.block.rejects[slice.rejects.clone()]
                .iter()
                .map(|reject| Refused {
                    row: reject.row,
                    code: reject.code,
                    detail: reject.detail.clone(),
                });
            refused.extend(located.chain(unusable).map(|refused| (refused, slice)));
            if !kept.is_empty() {
                let (context, plan) = (&self.context, &*slice.plan);
                let charset = slice.charset;
                let mut filler = Filler {
                    context,
                    plan,
                    charset,
                    numbers,
                };
                filler
                    .fill(&slice.block, &kept, &mut writer.columns)
                    .map_err(|e| writer.error(e))?;
            }
        }
        let kept = writer.finish()?;
        let mut files = vec![path];
        if !refused.is_empty() {
            refused.sort_by_key(|(refused, _)| (refused.row.byte_offset, refused.row.row_no));
            let batch = rejects::batch(&self.context, &job.from, &refused);
            let to = self.folder.join(&rejects_path);
            let mut writer = PartWriter::create(&to, rejects::table(), &self.stamp)?;
            writer.write(&batch)?;
            writer.finish()?;
            files.push(rejects_path);
        }
        let rejected = refused.len() as u64;
        write_mark(&mark, kept, rejected)?;
        Ok(PartDone {
            table: table.name,
            from: job.from.clone(),
            kept,
            rejected,
            files,
        })
    }
}

/// Says why no parts came out.
#[derive(Debug)]
pub(crate) enum WorkError<E> {
    /// Reading failed.
    Feed(E),
    /// Writing failed.
    Part(PartError),
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Makes a table's name fit for a file name; two names never become one, as `%` is not kept.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    out
}

/// A mark beside a whole part: what an interrupted ingest need not do again.
fn write_mark(path: &Utf8Path, kept: u64, rejected: u64) -> Result<(), PartError> {
    let unfinished = Utf8PathBuf::from(format!("{path}.unfinished"));
    std::fs::write(&unfinished, format!("{kept} {rejected}\n"))
        .and_then(|()| std::fs::rename(&unfinished, path))
        .map_err(|source| PartError::Io {
            path: path.to_owned(),
            source,
        })
}

fn read_mark(
    mark: &Utf8Path,
    table: &'static str,
    from: &str,
    path: &Utf8Path,
    rejects_path: &Utf8Path,
) -> Option<PartDone> {
    let text = std::fs::read_to_string(mark).ok()?;
    let (kept, rejected) = text.trim_end().split_once(' ')?;
    let (kept, rejected) = (kept.parse().ok()?, rejected.parse().ok()?);
    let mut files = vec![path.to_owned()];
    if rejected > 0 {
        files.push(rejects_path.to_owned());
    }
    Some(PartDone {
        table,
        from: from.to_owned(),
        kept,
        rejected,
        files,
    })
}

/// The parts that are being gathered, one for each table of ours and of the source.
pub(crate) struct Parts<'a> {
    sender: &'a Sender<PartJob>,
    returned: Receiver<Block>,
    open: BTreeMap<(&'static str, String), PartJob>,
    stopped: bool,
}

impl Parts<'_> {
    /// Gives the blocks that nobody needs any more.
    pub(crate) fn returned(&self) -> impl Iterator<Item = Block> {
        self.returned.try_iter()
    }

    /// Adds a block's rows; false once nobody writes any more.
    pub(crate) fn add(
        &mut self,
        plan: &Arc<TablePlan>,
        charset: Charset,
        block: &Arc<Block>,
    ) -> bool {
        let (mut row, mut reject) = (0, 0);
        while row < block.rows.len() || reject < block.rejects.len() {
            let next_row = block.rows.get(row).map(|r| r.row_no);
            let next_reject = block.rejects.get(reject).map(|r| r.row.row_no);
            let first = match (next_row, next_reject) {
                (Some(a), Some(b)) => a.min(b),
                (Some(a), None) | (None, Some(a)) => a,
                (None, None) => break,
            };
            let part_no = part_of(first);
            let inside = |span: &RowSpan| part_of(span.row_no) == part_no;
            let rows_end = row + block.rows[row..].partition_point(inside);
            let rejects_end = reject + block.rejects[reject..].partition_point(|r| inside(&r.row));
            let slice = Slice {
                plan: Arc::clone(plan),
                charset,
                block: Arc::clone(block),
                rows: row..rows_end,
                rejects: reject..rejects_end,
            };
            self.push(part_no, slice);
            (row, reject) = (rows_end, rejects_end);
        }
        !self.stopped
    }

    fn push(&mut self, part_no: u64, slice: Slice) {
        let key = (slice.plan.target.name, slice.plan.from.clone());
        let open = self.open.entry(key).or_insert_with(|| PartJob {
            from: slice.plan.from.clone(),
            part_no,
            slices: Vec::new(),
        });
        if open.part_no != part_no {
            let next = PartJob {
                from: open.from.clone(),
                part_no,
                slices: Vec::new(),
            };
            let full = std::mem::replace(open, next);
            self.stopped |= self.sender.send(full).is_err();
        }
        open.slices.push(slice);
    }

    fn finish(self) {
        for (_, job) in self.open {
            if self.sender.send(job).is_err() {
                return;
            }
        }
    }
}

const fn part_of(row_no: u64) -> u64 {
    row_no.saturating_sub(1) / PART_ROWS
}
