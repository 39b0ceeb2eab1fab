//! Which pairs are looked at: those that share a key.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::LinkError;
use crate::derive::Derive;
use crate::records::{MISSING, Records};

/// Keys that two records must share, all of them, to be looked at. A record where one is missing is
/// in no block of the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    keys: Vec<(String, Derive)>,
}

impl Rule {
    /// Makes a rule of columns whose values must be equal.
    pub fn on<C: Into<String>>(columns: impl IntoIterator<Item = C>) -> Self {
        let keys = columns.into_iter();
        Self {
            keys: keys.map(|name| (name.into(), Derive::Value)).collect(),
        }
    }

    /// Adds a key that is derived from a column.
    #[must_use]
    pub fn and(mut self, column: impl Into<String>, derive: Derive) -> Self {
        self.keys.push((column.into(), derive));
        self
    }

    /// Returns the columns, with what is derived of each.
    pub fn keys(&self) -> &[(String, Derive)] {
        &self.keys
    }

    pub(crate) fn touches(&self, column: &str) -> bool {
        self.keys.iter().any(|(name, _)| name == column)
    }
}

/// What became of a rule: for a person to see what a large block costs, and what its bound left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleReport {
    /// Blocks of two records or more.
    pub blocks: u64,
    /// Records of the largest.
    pub largest_block: u32,
    /// Blocks in which not every pair is looked at.
    pub bounded_blocks: u64,
    /// Pairs of records in bounded blocks that the rule leaves out; those of one set included.
    pub left_out_pairs: u64,
}

/// The blocks of one rule.
struct Blocks {
    /// Records, block after block.
    members: Vec<u32>,
    /// Where each block starts, and the end of the last.
    starts: Vec<u32>,
    /// Block of each place in `members`.
    block_at: Vec<u32>,
    /// Place of each record in `members`, where a block is bounded; else empty.
    places: Vec<u32>,
}

/// Blocks of several rules; visits each pair once.
pub(crate) struct Plan<'a> {
    records: &'a Records,
    rules: Vec<Blocks>,
    /// Block of a record by each rule, side by side; `MISSING` for none.
    block_of: Vec<u32>,
    reach: u32,
    pub(crate) reports: Vec<RuleReport>,
}

/// Places of a rule that are one piece of work.
const PIECE: usize = 512;

impl<'a> Plan<'a> {
    /// Sorts the records into blocks. In a block of more than `reach` + 1 records these are put in
    /// the order of their values (all columns, in the order given, then the record's number), and
    /// each is paired with the `reach` that follow it.
    pub(crate) fn new(
        records: &'a Records,
        rules: &[Rule],
        reach: u32,
        threads: usize,
    ) -> Result<Self, LinkError> {
        for rule in rules {
            if rule.keys.is_empty() {
                return Err(LinkError::EmptyRule);
            }
            for (column, _) in &rule.keys {
                records.column(column)?;
            }
        }
        if reach == 0 {
            return Err(LinkError::OutOfRange {
                name: "reach",
                range: "1 or more",
            });
        }
        let made = in_order(rules.len(), threads, |at| {
            Blocks::new(records, &rules[at], reach)
        });
        let made: Vec<Made> = made.into_iter().collect::<Result<_, _>>()?;
        let width = made.len();
        let mut block_of = vec![MISSING; width * records.len()];
        for (rule, (blocks, _)) in made.iter().enumerate() {
            for (&record, &block) in blocks.members.iter().zip(&blocks.block_at) {
                block_of[record as usize * width + rule] = block;
            }
        }
        let (rules, reports) = made.into_iter().unzip();
        Ok(Self {
            records,
            rules,
            block_of,
            reach,
            reports,
        })
    }

    /// Visits each pair that some rule gives, once, on so many threads; returns what each thread
    /// made of its share. Which thread visits which pair is left to chance, so what they made must
    /// be put together in a way that does not depend on it.
    pub(crate) fn visit<T: Send>(
        &self,
        threads: usize,
        make: impl Fn() -> T + Sync,
        see: impl Fn(&mut T, u32, u32) + Sync,
    ) -> Vec<T> {
        self.visit_drawn(threads, |_| true, make, see)
    }

    /// As [`Plan::visit`], but of each record that is not drawn only the pairs with those that stand
    /// before it in its block.
    pub(crate) fn visit_drawn<T: Send>(
        &self,
        threads: usize,
        drawn: impl Fn(u32) -> bool + Sync,
        make: impl Fn() -> T + Sync,
        see: impl Fn(&mut T, u32, u32) + Sync,
    ) -> Vec<T> {
        let mut pieces = Vec::new();
        for (rule, blocks) in self.rules.iter().enumerate() {
            let starts = (0..blocks.members.len()).step_by(PIECE);
            pieces.extend(starts.map(|start| (rule, start)));
        }
        in_parallel(pieces.len(), threads, make, |made, at| {
            let (rule, start) = pieces[at];
            self.visit_places(rule, start, &drawn, &mut |one, other| see(made, one, other));
        })
    }

    fn visit_places(
        &self,
        rule: usize,
        start: usize,
        drawn: &impl Fn(u32) -> bool,
        see: &mut impl FnMut(u32, u32),
    ) {
        let blocks = &self.rules[rule];
        let end = (start + PIECE).min(blocks.members.len());
        let width = self.rules.len();
        let left = self.records.left();
        let earlier = |record: u32| {
            let start = record as usize * width;
            self.block_of.get(start..start + rule).unwrap_or_default()
        };
        for place in start..end {
            let one = blocks.members[place];
            if !drawn(one) {
                continue;
            }
            let stop = blocks.starts[blocks.block_at[place] as usize + 1] as usize;
            let stop = stop.min(place + 1 + self.reach as usize);
            let followers = blocks.members.get(place + 1..stop).unwrap_or_default();
            let seen = earlier(one);
            for &other in followers {
                if left.is_some_and(|left| (one < left) == (other < left)) {
                    continue;
                }
                let given_before =
                    seen.iter()
                        .zip(earlier(other))
                        .enumerate()
                        .any(|(rule, (&mine, &its))| {
                            mine == its && mine != MISSING && self.within_reach(rule, one, other)
                        });
                if !given_before {
                    see(one.min(other), one.max(other));
                }
            }
        }
    }

    /// Says whether a rule pairs two records of one block of it.
    fn within_reach(&self, rule: usize, one: u32, other: u32) -> bool {
        let places = &self.rules[rule].places;
        let place = |record: u32| places.get(record as usize);
        match (place(one), place(other)) {
            (Some(one), Some(other)) => one.abs_diff(*other) <= self.reach,
            _ => true,
        }
    }

    /// Bounds the number of pairs: those of all rules, however many give them.
    pub(crate) fn most_pairs(&self) -> u64 {
        let of_block = |block: &[u32]| match block {
            &[start, end] => {
                let (len, reach) = (u64::from(end - start), u64::from(self.reach));
                let beyond = (len - 1).saturating_sub(reach);
                len * (len - 1) / 2 - beyond * (beyond + 1) / 2
            }
            _ => 0,
        };
        let rules = self.rules.iter();
        rules
            .flat_map(|rule| rule.starts.windows(2))
            .map(of_block)
            .sum()
    }

    /// Counts the pairs.
    pub(crate) fn count(&self, threads: usize) -> u64 {
        if self.rules.len() == 1 && self.records.left().is_none() {
            return self.most_pairs();
        }
        self.visit(threads, || 0, |count, _, _| *count += 1)
            .into_iter()
            .sum()
    }
}

type Made = (Blocks, RuleReport);

impl Blocks {
    fn new(records: &Records, rule: &Rule, reach: u32) -> Result<Made, LinkError> {
        let mut keys = rule
            .keys
            .iter()
            .map(|(column, derive)| KeyColumn::new(records, column, *derive))
            .collect::<Result<Vec<_>, _>>()?;
        // The key with most values parts the records best; the rest is sorted in small groups.
        keys.sort_by_key(|key| std::cmp::Reverse(key.distinct));
        let Some((first, rest)) = keys.split_first() else {
            return Err(LinkError::EmptyRule);
        };
        let mut starts = vec![0_u32; first.distinct + 1];
        let full = |record: u32| keys.iter().all(|key| key.code(record) != MISSING);
        for record in (0..records.count()).filter(|&record| full(record)) {
            starts[first.code(record) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let all = starts.last().copied().unwrap_or(0) as usize;
        let mut sorted = vec![0_u32; all];
        let mut next = starts.clone();
        for record in (0..records.count()).filter(|&record| full(record)) {
            let place = &mut next[first.code(record) as usize];
            sorted[*place as usize] = record;
            *place += 1;
        }
        let mut made = Self {
            members: Vec::with_capacity(all),
            starts: vec![0],
            block_at: Vec::with_capacity(all),
            places: Vec::new(),
        };
        let mut report = RuleReport::default();
        let mut packed = Vec::new();
        for group in starts.windows(2) {
            let &[start, end] = group else { continue };
            let group = &mut sorted[start as usize..end as usize];
            made.divide(records, group, rest, reach, &mut packed, &mut report);
        }
        if report.bounded_blocks > 0 {
            made.places = vec![0; records.len()];
            for (place, &record) in made.members.iter().enumerate() {
                made.places[record as usize] = place as u32;
            }
        }
        Ok((made, report))
    }

    /// Divides records, which are in the order of their numbers, by the keys that are left.
    fn divide(
        &mut self,
        records: &Records,
        group: &mut [u32],
        keys: &[KeyColumn<'_>],
        reach: u32,
        packed: &mut Vec<u64>,
        report: &mut RuleReport,
    ) {
        if group.len() < 2 {
            return;
        }
        let Some((key, rest)) = keys.split_first() else {
            self.push(records, group, reach, report);
            return;
        };
        packed.clear();
        let pack = |&record: &u32| u64::from(key.code(record)) << 32 | u64::from(record);
        packed.extend(group.iter().map(pack));
        packed.sort_unstable();
        for (place, packed) in group.iter_mut().zip(packed.iter()) {
            *place = *packed as u32;
        }
        for part in group.chunk_by_mut(|&one, &other| key.code(one) == key.code(other)) {
            self.divide(records, part, rest, reach, packed, report);
        }
    }

    fn push(&mut self, records: &Records, block: &mut [u32], reach: u32, report: &mut RuleReport) {
        let len = block.len() as u64;
        let sides = records.left().is_none_or(|left| {
            // In the order of their numbers still.
            let first = block.first().is_some_and(|&record| record < left);
            first && block.last().is_some_and(|&record| record >= left)
        });
        if len < 2 || !sides {
            return;
        }
        report.blocks += 1;
        report.largest_block = report.largest_block.max(len as u32);
        if len > u64::from(reach) + 1 {
            let columns = records.columns();
            let texts = |record: u32| columns.iter().map(move |column| column.value(record));
            block.sort_unstable_by(|&one, &other| {
                texts(one).cmp(texts(other)).then(one.cmp(&other))
            });
            report.bounded_blocks += 1;
            let beyond = len - 1 - u64::from(reach);
            report.left_out_pairs += beyond * (beyond + 1) / 2;
        }
        let number = (self.starts.len() - 1) as u32;
        self.members.extend_from_slice(block);
        self.block_at.resize(self.members.len(), number);
        self.starts.push(self.members.len() as u32);
    }
}

/// A column as a rule sees it.
struct KeyColumn<'a> {
    codes: &'a [u32],
    /// Key of each value, unless the value is the key.
    derived: Option<Vec<u32>>,
    distinct: usize,
}

impl<'a> KeyColumn<'a> {
    fn new(records: &'a Records, column: &str, derive: Derive) -> Result<Self, LinkError> {
        let column = records.column(column)?;
        let codes = column.codes();
        if derive == Derive::Value {
            return Ok(Self {
                codes,
                derived: None,
                distinct: column.distinct(),
            });
        }
        let mut numbers: HashMap<String, u32, BuildHasherDefault<std::hash::DefaultHasher>> =
            HashMap::default();
        let mut derived = Vec::with_capacity(column.distinct());
        for code in 0..column.distinct() as u32 {
            let Some(key) = derive.of(column.text(code)) else {
                derived.push(MISSING);
                continue;
            };
            let next = numbers.len() as u32;
            let number = match numbers.get(key.as_ref()) {
                Some(&number) => number,
                None => *numbers.entry(key.into_owned()).or_insert(next),
            };
            derived.push(number);
        }
        Ok(Self {
            codes,
            derived: Some(derived),
            distinct: numbers.len(),
        })
    }

    fn code(&self, record: u32) -> u32 {
        let code = self.codes.get(record as usize).copied().unwrap_or(MISSING);
        match &self.derived {
            Some(derived) => derived.get(code as usize).copied().unwrap_or(MISSING),
            None => code,
        }
    }
}

/// Makes something of each number on so many threads.
pub(crate) fn in_order<T: Send>(
    pieces: usize,
    threads: usize,
    make: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let made = in_parallel(pieces, threads, Vec::new, |made, at| {
        made.push((at, make(at)))
    });
    let mut made: Vec<(usize, T)> = made.into_iter().flatten().collect();
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

/// Does pieces of work on so many threads, each with something of its own, and returns these.
pub(crate) fn in_parallel<T: Send>(
    pieces: usize,
    threads: usize,
    make: impl Fn() -> T + Sync,
    work: impl Fn(&mut T, usize) + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut own = make();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= pieces {
                return own;
            }
            work(&mut own, at);
        }
    };
    let threads = threads.clamp(1, pieces.max(1));
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut all = vec![run()];
        for other in others {
            match other.join() {
                Ok(own) => all.push(own),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}
