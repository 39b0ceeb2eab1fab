use std::collections::VecDeque;
use std::io::{self, Read};
use std::{fmt, mem};

use super::{Account, Block, Event, Part, ReadError, ReadOptions, Reject, RowSpan, TableId};

/// Blocks that were handed back are kept up to this number.
const SPARE: usize = 64;

/// The half of a reader that is the same for all formats: the input's pages, the block that is
/// being filled, the events that wait, and the account of bytes.
///
/// Bytes are read in whole pages however the input cuts them, so that blocks do not depend on it.
/// Places in cells count from `mark`, the first byte of the block that is being filled; nothing
/// before it is needed any more.
pub(crate) struct Assembly<R> {
    input: R,
    bytes: Vec<u8>,
    /// Stream offset of `bytes[0]`.
    base: u64,
    mark: usize,
    /// First byte that nothing was made of yet.
    at: usize,
    ended: bool,
    failed: Option<io::Error>,
    pub(crate) block: Block,
    pub(crate) table: TableId,
    spare: Vec<Block>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) account: Account,
    pub(crate) options: ReadOptions,
}

impl<R> fmt::Debug for Assembly<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.base + self.at as u64;
        f.debug_struct("Assembly")
            .field("offset", &offset)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Assembly<R> {
    pub(crate) fn new(input: R, mut options: ReadOptions) -> Self {
        // Places in a block are 32 bits wide.
        let most = 1 << 30;
        options.max_row_bytes = options.max_row_bytes.clamp(1, most);
        options.target_bytes = options.target_bytes.clamp(1, most);
        options.page_bytes = options.page_bytes.clamp(16, most);
        options.max_rows = options.max_rows.max(1);
        Self {
            input,
            bytes: Vec::new(),
            base: 0,
            mark: 0,
            at: 0,
            ended: false,
            failed: None,
            block: Block::default(),
            table: TableId::default(),
            spare: Vec::new(),
            events: VecDeque::new(),
            account: Account::default(),
            options,
        }
    }

    /// Returns the bytes from the mark on, and the place in them of the first unused one.
    pub(crate) fn window(&self) -> (&[u8], usize) {
        (&self.bytes[self.mark..], self.at - self.mark)
    }

    /// As [`Self::window`], with the block to fill.
    pub(crate) fn window_and_block(&mut self) -> (&[u8], usize, &mut Block) {
        (
            &self.bytes[self.mark..],
            self.at - self.mark,
            &mut self.block,
        )
    }

    /// Returns whether no more bytes will come after the window's.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Returns how many bytes of the window are unused.
    pub(crate) fn unused(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Returns how many bytes a scanner may see of a row: as many as a row may have, and some to
    /// see that it ends. It must not see more, or what it says would depend on what is at hand.
    pub(crate) fn view_bytes(&self) -> usize {
        self.options.max_row_bytes + 64
    }

    /// Returns whether a row that a scanner found cut is longer than a row may be.
    pub(crate) fn is_beyond_view(&self) -> bool {
        self.unused() > self.view_bytes()
    }

    /// Returns the stream offset of the window's first byte.
    pub(crate) fn window_offset(&self) -> u64 {
        self.base + self.mark as u64
    }

    /// Returns the stream offset of the first unused byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Passes over bytes and books them.
    pub(crate) fn pass(&mut self, bytes: usize, part: Part) {
        self.account.add(part, bytes as u64);
        self.advance(bytes);
    }

    /// Passes over bytes that the caller books.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
        debug_assert!(self.at <= self.bytes.len());
    }

    /// Lets go of what was passed over, where the block holds nothing yet.
    pub(crate) fn settle(&mut self) {
        if self.is_empty() {
            self.block.cells.clear();
            self.mark = self.at;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.block.rows.is_empty() && self.block.rejects.is_empty()
    }

    /// Drops the cells of a row that was not finished.
    pub(crate) fn drop_loose_cells(&mut self) {
        let end = |row: &RowSpan| row.first_cell + row.cells;
        let rows = self.block.rows.last().map_or(0, end);
        let rejects = self
            .block
            .rejects
            .last()
            .map_or(0, |reject| end(&reject.row));
        self.block.cells.truncate(rows.max(rejects) as usize);
    }

    /// Returns the place in the window at which the block spans enough bytes; none while it is
    /// empty.
    pub(crate) fn full_at(&self) -> Option<usize> {
        let rows = self.block.rows.first().map(|row| row.byte_offset);
        let rejects = self
            .block
            .rejects
            .first()
            .map(|reject| reject.row.byte_offset);
        let first = match (rows, rejects) {
            (Some(row), Some(reject)) => row.min(reject),
            (row, reject) => row.or(reject)?,
        };
        // A reject that was too large to be held lies before the window.
        let place = first.saturating_sub(self.window_offset());
        Some(
            usize::try_from(place)
                .ok()?
                .saturating_add(self.options.target_bytes),
        )
    }

    /// Adds a reject, and gives the block if it is full now.
    pub(crate) fn reject(
        &mut self,
        mut row: RowSpan,
        len_bytes: u64,
        code: &'static str,
        detail: String,
    ) {
        if row.cells == 0 {
            row.first_cell = self.block.cells.len() as u32;
        }
        self.account.rejects += 1;
        self.account.reject_bytes += len_bytes;
        self.block.rejects.push(Reject { row, code, detail });
        let (_, at) = self.window();
        if self.block.rows.len() + self.block.rejects.len() >= self.options.max_rows
            || self.full_at().is_some_and(|full_at| at >= full_at)
        {
            self.flush();
        }
    }

    /// Queues the block that is being filled, if there is anything in it, and starts the next.
    pub(crate) fn flush(&mut self) {
        if self.is_empty() {
            self.settle();
            return;
        }
        let mut next = self.spare.pop().unwrap_or_default();
        next.clear();
        next.escapes = self.block.escapes;
        let mut full = mem::replace(&mut self.block, next);
        full.byte_offset = self.window_offset();
        let unused = self.unused();
        if self.at - self.mark <= unused {
            // Less to copy out than to carry over.
            full.bytes.clear();
            full.bytes
                .extend_from_slice(&self.bytes[self.mark..self.at]);
            self.mark = self.at;
        } else {
            let mut fresh = mem::take(&mut self.block.bytes);
            fresh.reserve(unused.max(self.options.target_bytes + self.options.page_bytes));
            fresh.extend_from_slice(&self.bytes[self.at..]);
            full.bytes = mem::replace(&mut self.bytes, fresh);
            full.bytes.truncate(self.at);
            full.bytes.drain(..self.mark);
            self.base += self.at as u64;
            self.mark = 0;
            self.at = 0;
        }
        self.events.push_back(Event::Rows {
            table: self.table,
            block: full,
        });
    }

    /// Reads on: at least a page, and as much again as is unused, so that starting an unfinished
    /// row over costs no more than reading it once.
    pub(crate) fn fill(&mut self) {
        self.settle();
        self.bytes.drain(..self.mark);
        self.base += self.mark as u64;
        self.at -= self.mark;
        self.mark = 0;
        let unused = self.unused();
        let most = (self.view_bytes() + self.options.page_bytes).saturating_sub(unused);
        let want = unused.min(most).max(self.options.page_bytes);
        self.bytes.reserve(want);
        let before = self.bytes.len();
        match self
            .input
            .by_ref()
            .take(want as u64)
            .read_to_end(&mut self.bytes)
        {
            Ok(_) => self.ended = self.bytes.len() - before < want,
            Err(error) => {
                self.ended = true;
                self.failed = Some(error);
                self.flush();
            }
        }
    }

    /// Returns what went wrong with the input, once.
    pub(crate) fn failure(&mut self) -> Option<ReadError> {
        let at_bytes = self.base + self.bytes.len() as u64;
        self.failed
            .take()
            .map(|source| ReadError::Input { at_bytes, source })
    }

    pub(crate) fn recycle(&mut self, block: Block) {
        let usual = 4 * (self.options.target_bytes + self.options.page_bytes);
        if self.spare.len() < SPARE && block.bytes.capacity() <= usual {
            self.spare.push(block);
        }
    }
}
