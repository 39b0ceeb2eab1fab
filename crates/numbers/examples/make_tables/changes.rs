//! What differs between two sets of tables, as a person wants to know it before taking the new ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// Tables as they lie in `src/tables`.
pub(crate) struct View {
    words: Vec<u16>,
    row_words: usize,
    /// In the order of their places.
    areas: Vec<Area>,
}

struct Area {
    id: String,
    code: usize,
    main: usize,
    lengths: usize,
    local_lengths: usize,
    plan: usize,
    international: usize,
    national: usize,
    inserted: String,
}

/// Kinds by their numbers in a plan, counted from 1.
const KINDS: [&str; 11] = [
    "fixed-line",
    "mobile",
    "fixed-line-or-mobile",
    "toll-free",
    "premium-rate",
    "shared-cost",
    "voip",
    "personal",
    "pager",
    "uan",
    "voicemail",
];
const LEAF: u16 = 0x8000;
const LEAF_LENGTHS: usize = 18;
const DEAD: u16 = 0xffff;
const LONGEST: usize = 17;
/// Ranges shown of one region.
const SHOWN: usize = 20;

impl View {
    /// Reads the automata and the source text of the areas.
    pub(crate) fn read(automata: &[u8], areas: &str) -> Result<Self, String> {
        let (pairs, _) = automata.as_chunks::<2>();
        let row_words = areas
            .lines()
            .find_map(|line| line.strip_prefix("pub(super) const ROW_WORDS: usize = "))
            .and_then(|rest| rest.trim_end_matches(';').parse().ok())
            .ok_or("areas without their count of words")?;
        let areas = areas
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Area { ")?.strip_suffix(" },"))
            .map(Area::read)
            .collect::<Option<Vec<_>>>()
            .ok_or("an area that is none")?;
        Ok(Self {
            words: pairs.iter().copied().map(u16::from_le_bytes).collect(),
            row_words,
            areas,
        })
    }

    /// Each calling code's plan.
    fn plans(&self) -> BTreeMap<usize, Place> {
        let mains = self
            .areas
            .iter()
            .enumerate()
            .filter(|(at, a)| a.main == *at);
        mains
            .map(|(_, area)| (area.code, Place::Row(area.plan, 0)))
            .collect()
    }

    fn step(&self, place: Place, digit: usize) -> Place {
        match place {
            Place::Row(plan, row) => match self.words[plan + row + digit] {
                next if next >= LEAF => Place::Leaf(usize::from(next - LEAF), 0),
                next => Place::Row(plan, usize::from(next)),
            },
            Place::Leaf(leaf, more) if more + 1 < LEAF_LENGTHS => Place::Leaf(leaf, more + 1),
            Place::Leaf(..) | Place::Nowhere => Place::Nowhere,
        }
    }

    /// The region and kind of a number that ends here.
    fn found(&self, place: Place) -> Found<'_> {
        let out = match place {
            Place::Row(plan, row) => self.words[plan + row + 10],
            Place::Leaf(leaf, more) => self.words[self.row_words + leaf * LEAF_LENGTHS + more],
            Place::Nowhere => 0,
        };
        let kind = KINDS.get(usize::from(out >> 1 & 0xf).checked_sub(1)?)?;
        let area = self.areas.get(usize::from(out >> 5 & 0xff))?;
        Some((&area.id, kind))
    }

    fn prefix_step(&self, prefix: usize, row: u16, digit: usize) -> u16 {
        match row {
            DEAD => DEAD,
            row => self.words[prefix + usize::from(row) + digit],
        }
    }

    fn prefix_outs(&self, prefix: usize, row: u16) -> [u16; 2] {
        match row {
            DEAD => [0, 0],
            row => [10, 11].map(|out| self.words[prefix + usize::from(row) + out]),
        }
    }
}

impl Area {
    fn read(fields: &str) -> Option<Self> {
        let text = |name: &str| {
            let (_, rest) = fields.split_once(&format!("{name}: "))?;
            Some(rest.split_once(", ").map_or(rest, |(value, _)| value))
        };
        let number = |name: &str| {
            let value = text(name)?;
            match value.strip_prefix("0x") {
                Some(value) => usize::from_str_radix(value, 16).ok(),
                None => value.parse().ok(),
            }
        };
        Some(Self {
            id: text("id")?.trim_matches('"').to_owned(),
            code: number("code")?,
            main: number("main")?,
            lengths: number(", lengths")?,
            local_lengths: number("local_lengths")?,
            plan: number("plan")?,
            international: number(" international")?,
            national: number(" national")?,
            inserted: fields.split_once("inserted: ")?.1.to_owned(),
        })
    }

    fn key(&self) -> (usize, String) {
        (self.code, self.id.clone())
    }
}

/// Where a walk through a plan stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// A plan and a row of it.
    Row(usize, usize),
    /// A leaf, and the digits after it.
    Leaf(usize, usize),
    Nowhere,
}

/// A region and a kind; none for an invalid number.
type Found<'a> = Option<(&'a str, &'static str)>;

/// What became of all numbers that start in one way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict<'a> {
    Unchanged,
    Changed(Found<'a>, Found<'a>),
    Mixed,
}

/// A range whose numbers all changed alike.
struct Range<'a> {
    start: String,
    digits_left: usize,
    before: Found<'a>,
    after: Found<'a>,
}

struct Comparison<'a> {
    old: &'a View,
    new: &'a View,
    known: HashMap<(Place, Place, usize), Verdict<'a>>,
    ranges: Vec<Range<'a>>,
}

impl<'a> Comparison<'a> {
    fn verdict(&mut self, old: Place, new: Place, digits_left: usize) -> Verdict<'a> {
        if let Some(known) = self.known.get(&(old, new, digits_left)) {
            return *known;
        }
        let verdict = if digits_left == 0 {
            match (self.old.found(old), self.new.found(new)) {
                (before, after) if before == after => Verdict::Unchanged,
                (before, after) => Verdict::Changed(before, after),
            }
        } else {
            let mut all = (0..10).map(|digit| {
                let (old, new) = (self.old.step(old, digit), self.new.step(new, digit));
                self.verdict(old, new, digits_left - 1)
            });
            let first = all.next().unwrap_or(Verdict::Mixed);
            // All are asked, so that what follows finds them known.
            let alike = all.filter(|verdict| *verdict == first).count() == 9;
            if alike { first } else { Verdict::Mixed }
        };
        self.known.insert((old, new, digits_left), verdict);
        verdict
    }

    fn collect(&mut self, start: &str, old: Place, new: Place, digits_left: usize) {
        match self.verdict(old, new, digits_left) {
            Verdict::Unchanged => {}
            Verdict::Changed(before, after) => self.ranges.push(Range {
                start: start.to_owned(),
                digits_left,
                before,
                after,
            }),
            Verdict::Mixed => {
                for digit in 0..10 {
                    let (old, new) = (self.old.step(old, digit), self.new.step(new, digit));
                    self.collect(&format!("{start}{digit}"), old, new, digits_left - 1);
                }
            }
        }
    }
}

/// Says what changed, one line each; empty where nothing did.
pub(crate) fn changes(old: &View, new: &View) -> Result<String, std::fmt::Error> {
    let mut said = String::new();
    let by_key = |view: &'_ View| -> BTreeMap<(usize, String), usize> {
        let places = view.areas.iter().enumerate();
        places.map(|(at, area)| (area.key(), at)).collect()
    };
    let (old_areas, new_areas) = (by_key(old), by_key(new));
    for (word, gone, there) in [
        ("removed", &old_areas, &new_areas),
        ("added", &new_areas, &old_areas),
    ] {
        for key @ (code, id) in gone.keys() {
            if !there.contains_key(key) {
                writeln!(said, "{id} (+{code}) {word}")?;
            }
        }
    }
    for (key @ (code, id), &at) in &old_areas {
        let Some(&to) = new_areas.get(key) else {
            continue;
        };
        let (before, after) = (&old.areas[at], &new.areas[to]);
        for (name, before, after) in [
            ("lengths", before.lengths, after.lengths),
            ("local lengths", before.local_lengths, after.local_lengths),
        ] {
            if before != after {
                writeln!(
                    said,
                    "{id} (+{code}) {name}: {} -> {}",
                    bits(before),
                    bits(after)
                )?;
            }
        }
        if !same_prefix(old, before.international, new, after.international) {
            writeln!(said, "{id} (+{code}) international prefix changed")?;
        }
        if before.inserted != after.inserted
            || !same_prefix(old, before.national, new, after.national)
        {
            writeln!(said, "{id} (+{code}) national prefix changed")?;
        }
    }
    let (old_plans, new_plans) = (old.plans(), new.plans());
    let codes: BTreeSet<usize> = old_plans.keys().chain(new_plans.keys()).copied().collect();
    for code in codes {
        let place = |plans: &BTreeMap<usize, Place>| plans.get(&code).copied();
        let (from, to) = (place(&old_plans), place(&new_plans));
        let mut comparison = Comparison {
            old,
            new,
            known: HashMap::new(),
            ranges: Vec::new(),
        };
        for length in 2..=LONGEST {
            let (from, to) = (from.unwrap_or(Place::Nowhere), to.unwrap_or(Place::Nowhere));
            comparison.collect("", from, to, length);
        }
        say_ranges(&mut said, code, &comparison.ranges)?;
    }
    Ok(said)
}

fn say_ranges(said: &mut String, code: usize, ranges: &[Range<'_>]) -> std::fmt::Result {
    let mut by_region: BTreeMap<&str, Vec<&Range<'_>>> = BTreeMap::new();
    for range in ranges {
        let (region, _) = range.after.or(range.before).unwrap_or_default();
        by_region.entry(region).or_default().push(range);
    }
    for (region, ranges) in by_region {
        let mut counts: BTreeMap<(String, String), u128> = BTreeMap::new();
        for range in &ranges {
            let key = (shown(range.before, region), shown(range.after, region));
            *counts.entry(key).or_default() += 10_u128.pow(range.digits_left as u32);
        }
        for ((before, after), count) in counts {
            writeln!(
                said,
                "{region} (+{code}) {count} numbers: {before} -> {after}"
            )?;
        }
        for range in ranges.iter().take(SHOWN) {
            let (start, left) = (&range.start, "x".repeat(range.digits_left));
            let (before, after) = (shown(range.before, region), shown(range.after, region));
            writeln!(said, "    +{code} {start}{left}: {before} -> {after}")?;
        }
        if ranges.len() > SHOWN {
            writeln!(said, "    and {} more ranges", ranges.len() - SHOWN)?;
        }
    }
    Ok(())
}

fn shown(found: Found<'_>, here: &str) -> String {
    match found {
        None => "invalid".to_owned(),
        Some((region, kind)) if region == here => kind.to_owned(),
        Some((region, kind)) => format!("{region} {kind}"),
    }
}

fn bits(mask: usize) -> String {
    let lengths: Vec<String> = (0..32)
        .filter(|length| mask >> length & 1 == 1)
        .map(|length| length.to_string())
        .collect();
    lengths.join(" ")
}

fn same_prefix(old: &View, old_prefix: usize, new: &View, new_prefix: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(0, 0)];
    while let Some(rows @ (from, to)) = open.pop() {
        if !seen.insert(rows) {
            continue;
        }
        if old.prefix_outs(old_prefix, from) != new.prefix_outs(new_prefix, to) {
            return false;
        }
        let step = |digit| {
            let from = old.prefix_step(old_prefix, from, digit);
            (from, new.prefix_step(new_prefix, to, digit))
        };
        open.extend((0..10).map(step));
    }
    true
}
