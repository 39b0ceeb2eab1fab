//! Whether a regulator ever gave a number to anybody: block by block, from the regulators' lists.
//!
//! A [`BlockList`] is one file as Ofcom, NANPA or CNA published it; [`Blocks`] holds any number of
//! them and answers for a number on a day.
//!
//! # What an answer means
//!
//! A list says how things were on the day it was published, and no more:
//!
//! - What it calls allocated has a holder since the allocation date, where it gives one. An
//!   allocation after the day asked about is [`BlockAnswer::NotYetAllocated`], and not
//!   "unallocated": the date is that of the present allocation, and somebody else may have held the
//!   block before.
//! - What it calls free, protected, reserved and so on was nobody's *on its day*. The day asked
//!   about is likely to be the same, before or after, and it is not certain: [`Block::list`] says
//!   which day that was, and [`Block::list_age_days`] how far from the day asked about.
//! - What no list speaks of is unknown. NANPA's report knows area codes only, so that it can say
//!   that a number's area code was never assigned, and nothing of numbers in those that were.
//!
//! Allocated blocks are allocated to a company, whose customers may since have taken their numbers
//! elsewhere: the holder is whom to ask first, not who the customer's provider is.
//!
//! ```
//! use unspoof_numbers::PhoneNumber;
//! use unspoof_numbers::blocks::{BlockAnswer, BlockList, Blocks};
//!
//! let s7 = "\
//! NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date
//! 7400 1,Allocated,Made Up Mobile Limited,10 digit numbers,26/03/2007
//! 7400 2,Free,,10 digit numbers,
//! ";
//! let published = 20_343; // 2025-09-12
//! let list = BlockList::read("S7.csv", s7.as_bytes(), Some(published))?;
//! assert!(list.rejects.is_empty());
//! let blocks = Blocks::new([list]);
//!
//! let asked = |key| PhoneNumber::from_key(key).map(|number| blocks.lookup(number, published));
//! let Some(BlockAnswer::Allocated(block)) = asked(447_400_123_456)? else {
//!     panic!("a company has it");
//! };
//! assert_eq!(block.holder(), Some("Made Up Mobile Limited"));
//! assert!(matches!(asked(447_400_223_456)?, Some(BlockAnswer::Unallocated(_))));
//! assert!(matches!(asked(447_700_900_123)?, Some(BlockAnswer::Drama(_))));
//! assert!(asked(441_212_345_678)?.is_none(), "01 is in no list that is loaded");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cna;
mod drama;
mod list;
mod nanpa;
mod ofcom;
mod prefixes;
mod states;
mod status;

use std::collections::BTreeMap;
use std::fmt;

use prefixes::{MAX_PREFIX_DIGITS, count_digits};
use states::{DRAMA, State, states};

use crate::PhoneNumber;

pub use drama::DramaRange;
pub use list::{BlockList, BlockListError, LineFault, LineReject, ListedBlock, NumberDigits};
pub use status::{BlockStatus, Regulator};

/// A day, counted from 1970-01-01.
pub type Day = i32;

/// What the lists say of a number on a day.
#[derive(Clone, Copy, Debug)]
pub enum BlockAnswer<'a> {
    /// A company has the block: [`Block::holder`].
    Allocated(Block<'a>),
    /// A company has the block, or the area code is in service, only since a later day:
    /// [`Block::since`]. Who had it on the day, if anybody, no loaded list says.
    NotYetAllocated(Block<'a>),
    /// The block is kept for services or tests.
    SpecialUse(Block<'a>),
    /// Nobody has the block: [`Block::word`] is why, as the regulator puts it.
    Unallocated(Block<'a>),
    /// The number is one for use in fiction, on any day and whatever lists are loaded.
    Drama(&'static DramaRange),
}

impl<'a> BlockAnswer<'a> {
    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allocated(_) => "allocated",
            Self::NotYetAllocated(_) => "not-yet-allocated",
            Self::SpecialUse(_) => "special-use",
            Self::Unallocated(_) => "unallocated",
            Self::Drama(_) => "drama",
        }
    }

    /// The block that the answer rests on, where it rests on a list.
    #[must_use]
    pub const fn block(self) -> Option<Block<'a>> {
        match self {
            Self::Allocated(block)
            | Self::NotYetAllocated(block)
            | Self::SpecialUse(block)
            | Self::Unallocated(block) => Some(block),
            Self::Drama(_) => None,
        }
    }
}

/// A block that holds the number asked about.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    blocks: &'a Blocks,
    at: u32,
    day: Day,
}

/// The list that a block is from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ListSource {
    /// Whose it is.
    pub regulator: Regulator,
    /// The day on which things were as it says.
    pub published: Day,
    /// What whoever loaded it calls it.
    pub name: String,
}

impl<'a> Block<'a> {
    fn entry(self) -> &'a Entry {
        &self.blocks.entries[self.at as usize]
    }

    fn kind(self) -> &'a Kind {
        self.blocks.kind(self.at)
    }

    /// The digits that all numbers of the block start with, country code included.
    #[must_use]
    pub fn prefix(self) -> u64 {
        self.entry().prefix
    }

    /// Our word for what the block is.
    #[must_use]
    pub fn status(self) -> BlockStatus {
        self.kind().status
    }

    /// The regulator's own word.
    #[must_use]
    pub fn word(self) -> &'a str {
        &self.blocks.texts[self.entry().word as usize]
    }

    /// The company that the block is, or is to be, allocated to.
    #[must_use]
    pub fn holder(self) -> Option<&'a str> {
        let holder = self.blocks.texts[self.entry().holder as usize].as_str();
        (!holder.is_empty()).then_some(holder)
    }

    /// The day of the present allocation; for an area code the day it goes into service.
    #[must_use]
    pub fn since(self) -> Option<Day> {
        let since = self.kind().since;
        (since != Day::MIN).then_some(since)
    }

    /// The list that says so.
    #[must_use]
    pub fn list(self) -> &'a ListSource {
        &self.blocks.sources[self.entry().source as usize]
    }

    /// The line of the list that says so, from 1.
    #[must_use]
    pub fn line(self) -> u64 {
        self.entry().line
    }

    /// Tells whether the list was published after the day asked about: no older one is loaded.
    #[must_use]
    pub fn list_is_later(self) -> bool {
        self.list().published > self.day
    }

    /// Days from the list's publication to the day asked about: negative where it is later. The
    /// more there are, the more may have been given out since.
    #[must_use]
    pub fn list_age_days(self) -> i32 {
        self.day.saturating_sub(self.list().published)
    }
}

impl fmt::Debug for Block<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("prefix", &self.prefix())
            .field("status", &self.status())
            .field("word", &self.word())
            .field("holder", &self.holder())
            .field("since", &self.since())
            .field("list", &self.list())
            .field("line", &self.line())
            .finish()
    }
}

/// All loaded lists, ready to be asked.
///
/// Of several lists that a regulator published for one part of its numbers, the youngest that is
/// not younger than the day asked about counts, or else the oldest. In that state of things the
/// longest block that holds the number answers; a number of another length than the block's
/// numbers is not held by it. The order in which lists were loaded never matters.
#[derive(Debug)]
pub struct Blocks {
    sources: Vec<ListSource>,
    /// Holders and the regulators' words, each once; the first is empty.
    texts: Vec<String>,
    entries: Vec<Entry>,
    /// Which of `kinds` each entry is, apart from the rest so that a lookup touches little memory.
    kind_of: Vec<u32>,
    kinds: Vec<Kind>,
    /// States of things, by the day each begins; the first holds before that, too.
    states: Vec<State>,
}

/// Where a block is listed, and in which words.
#[derive(Debug)]
struct Entry {
    prefix: u64,
    line: u64,
    source: u32,
    word: u32,
    holder: u32,
}

/// Which numbers are a block's by their length, and what is said of them: many blocks share that.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Kind {
    /// The first of all days where none is given.
    since: Day,
    digits: NumberDigits,
    prefix_digits: u8,
    status: BlockStatus,
}

impl Blocks {
    /// Loads lists. What they reject is theirs to tell; every block that they read is loaded.
    #[must_use]
    pub fn new(lists: impl IntoIterator<Item = BlockList>) -> Self {
        let mut lists: Vec<BlockList> = lists.into_iter().collect();
        let source = |list: &BlockList| ListSource {
            regulator: list.regulator,
            published: list.published,
            name: list.name.clone(),
        };
        lists.sort_by(|one, other| {
            let by_source = source(one).cmp(&source(other));
            by_source.then_with(|| one.blocks.cmp(&other.blocks))
        });
        let sources: Vec<ListSource> = lists.iter().map(source).collect();
        let mut texts = Texts::default();
        let count = lists.iter().map(|list| list.blocks.len()).sum();
        let mut entries = Vec::with_capacity(count);
        let mut held = Vec::with_capacity(count);
        for (at, list) in lists.iter().enumerate() {
            for block in &list.blocks {
                let prefix_digits = count_digits(block.prefix);
                if !(1..=MAX_PREFIX_DIGITS).contains(&prefix_digits) {
                    continue;
                }
                entries.push(Entry {
                    prefix: block.prefix,
                    line: block.line,
                    source: at as u32,
                    word: texts.number(&block.word),
                    holder: texts.number(block.holder.as_deref().unwrap_or_default()),
                });
                held.push(Kind {
                    since: block.since.unwrap_or(Day::MIN),
                    digits: block.digits,
                    prefix_digits: prefix_digits as u8,
                    status: block.status,
                });
            }
        }
        let states = states(&sources, &entries, &held);
        let mut kinds = held.clone();
        kinds.sort_unstable();
        kinds.dedup();
        // Each is there: `kinds` has them all.
        let kind_of = held
            .iter()
            .map(|kind| kinds.partition_point(|known| known < kind) as u32)
            .collect();
        Self {
            sources,
            texts: texts.all,
            entries,
            kind_of,
            kinds,
            states,
        }
    }

    /// The lists that are loaded.
    #[must_use]
    pub fn lists(&self) -> &[ListSource] {
        &self.sources
    }

    /// Says what the lists say of a number on a day; none where they say nothing, which is
    /// "unknown" and never "unallocated".
    #[inline]
    #[must_use]
    pub fn lookup(&self, number: PhoneNumber, day: Day) -> Option<BlockAnswer<'_>> {
        let key = number.key();
        if let Some(range) = drama::nanp(key) {
            return Some(BlockAnswer::Drama(range));
        }
        let later = self.states.iter().rposition(|state| state.from <= day);
        let state = &self.states[later.unwrap_or(0)];
        let digits = count_digits(key);
        let value = state.prefixes.get(key, digits);
        if value == 0 {
            return None;
        }
        if value & DRAMA != 0 {
            let (_, range) = &drama::UK[(value & !DRAMA) as usize];
            return (digits == UK_DRAMA_DIGITS).then_some(BlockAnswer::Drama(range));
        }
        let mut at = value - 1;
        loop {
            let held = self.kind(at);
            if u32::from(held.prefix_digits) <= digits && held.digits.allows(digits) {
                return self.answer(at, held, day);
            }
            at = state.wider_than(at)?;
        }
    }

    #[inline]
    fn kind(&self, at: u32) -> &Kind {
        &self.kinds[self.kind_of[at as usize] as usize]
    }

    #[inline]
    fn answer(&self, at: u32, held: &Kind, day: Day) -> Option<BlockAnswer<'_>> {
        let block = Block {
            blocks: self,
            at,
            day,
        };
        match held.status {
            BlockStatus::Allocated | BlockStatus::AreaCode if held.since > day => {
                Some(BlockAnswer::NotYetAllocated(block))
            }
            BlockStatus::Allocated => Some(BlockAnswer::Allocated(block)),
            BlockStatus::AreaCode => None,
            BlockStatus::SpecialUse => Some(BlockAnswer::SpecialUse(block)),
            BlockStatus::Reserved
            | BlockStatus::Quarantined
            | BlockStatus::Designated
            | BlockStatus::Protected
            | BlockStatus::Free => Some(BlockAnswer::Unallocated(block)),
        }
    }

    /// Bytes that lookups read from: what tells where a block is listed is apart.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        let states: usize = self.states.iter().map(State::bytes).sum();
        states + size_of_val(&*self.kind_of) + size_of_val(&*self.kinds)
    }
}

/// All of the United Kingdom's numbers for fiction have as many digits, country code included.
const UK_DRAMA_DIGITS: u32 = drama::UK_PREFIX_DIGITS + 3;

/// Texts that many blocks share, numbered as they come.
struct Texts {
    all: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            all: vec![String::new()],
            numbers: BTreeMap::from([(String::new(), 0)]),
        }
    }
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.all.len() as u32;
        self.all.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }
}
