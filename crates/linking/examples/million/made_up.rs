//! Made-up persons, two records each, with what happens to records: typos, moves, wrong dates.

use std::fmt::Write as _;

/// Two records a person, in no order that helps.
pub(crate) struct MadeUp {
    pub(crate) persons: Vec<u32>,
    pub(crate) first: Vec<String>,
    pub(crate) last: Vec<String>,
    /// `YYYY-MM-DD`.
    pub(crate) born: Vec<String>,
    pub(crate) postcode: Vec<String>,
}

/// Shares of second records with a typo in a name (each), of another place, of a wrong birth date.
const TYPOS: f64 = 0.15;
const MOVED: f64 = 0.2;
const WRONG_DATE: f64 = 0.05;

/// Different first names, last names and postcodes; the n-th is as frequent as 1/n^0.7.
const FIRST: usize = 500;
const LAST: usize = 5_000;
const POSTCODES: u64 = 20_000;

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// Names that nobody has, with frequencies as names have them.
struct Names {
    names: Vec<String>,
    /// Sums of the frequencies up to each.
    sums: Vec<f64>,
}

impl Names {
    fn new(draw: &mut Draw, count: usize, syllables: u64) -> Self {
        const STARTS: [&str; 24] = [
            "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "r", "s",
            "sh", "st", "t", "th", "v", "w", "z",
        ];
        const MIDDLES: [&str; 9] = ["a", "e", "i", "o", "u", "ai", "ee", "ia", "ou"];
        const ENDS: [&str; 9] = ["", "", "", "n", "r", "l", "s", "nd", "ck"];
        let mut seen = std::collections::BTreeSet::new();
        let mut names = Vec::with_capacity(count);
        while names.len() < count {
            let mut name = String::new();
            for _ in 0..syllables + draw.below(2) {
                name.push_str(draw.of::<&str>(&STARTS));
                name.push_str(draw.of::<&str>(&MIDDLES));
            }
            name.push_str(draw.of::<&str>(&ENDS));
            if seen.insert(name.clone()) {
                names.push(name);
            }
        }
        let mut sum = 0.0;
        let sums = (1..=count)
            .map(|rank| {
                sum += (rank as f64).powf(-0.7);
                sum
            })
            .collect();
        Self { names, sums }
    }

    fn draw(&self, draw: &mut Draw) -> &str {
        let sum = draw.share() * self.sums.last().copied().unwrap_or(0.0);
        let at = self.sums.partition_point(|&one| one < sum);
        &self.names[at.min(self.names.len() - 1)]
    }
}

/// One letter more, less or other, or two neighbours exchanged.
fn typo(draw: &mut Draw, name: &str) -> String {
    let mut letters: Vec<u8> = name.bytes().collect();
    let at = draw.below(letters.len() as u64) as usize;
    let letter = b'a' + draw.below(26) as u8;
    match draw.below(4) {
        0 => letters.insert(at, letter),
        1 if letters.len() > 2 => {
            letters.remove(at);
        }
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = letter,
    }
    letters.into_iter().map(char::from).collect()
}

fn date(draw: &mut Draw) -> String {
    let (year, month, day) = (
        1935 + draw.below(70),
        1 + draw.below(12),
        1 + draw.below(28),
    );
    format!("{year}-{month:02}-{day:02}")
}

/// One digit of month or day another one, month and day exchanged, or another date altogether.
fn wrong_date(draw: &mut Draw, right: &str) -> String {
    let parts: Vec<&str> = right.split('-').collect();
    let [year, month, day] = parts[..] else {
        return right.to_owned();
    };
    let another = |draw: &mut Draw, most: u64| 1 + draw.below(most);
    match draw.below(4) {
        0 => format!("{year}-{month}-{:02}", another(draw, 28)),
        1 => format!("{year}-{:02}-{day}", another(draw, 12)),
        2 if day <= "12" => format!("{year}-{day}-{month}"),
        _ => date(draw),
    }
}

fn postcode(draw: &mut Draw) -> String {
    format!("Z{:05}", draw.below(POSTCODES))
}

impl MadeUp {
    /// Makes so many persons up: twice as many records.
    pub(crate) fn new(persons: u32, seed: u64) -> Self {
        let mut draw = Draw(seed);
        let firsts = Names::new(&mut draw, FIRST, 2);
        let lasts = Names::new(&mut draw, LAST, 2);
        let mut rows: Vec<(u64, u32, [String; 4])> = Vec::with_capacity(persons as usize * 2);
        for person in 0..persons {
            let right = [
                firsts.draw(&mut draw).to_owned(),
                lasts.draw(&mut draw).to_owned(),
                date(&mut draw),
                postcode(&mut draw),
            ];
            let mut other = right.clone();
            for name in &mut other[..2] {
                if draw.chance(TYPOS) {
                    *name = typo(&mut draw, name);
                }
            }
            if draw.chance(WRONG_DATE) {
                other[2] = wrong_date(&mut draw, &right[2]);
            }
            if draw.chance(MOVED) {
                other[3] = postcode(&mut draw);
            }
            rows.push((draw.next(), person, right));
            rows.push((draw.next(), person, other));
        }
        rows.sort_unstable();
        let mut made = Self {
            persons: Vec::with_capacity(rows.len()),
            first: Vec::with_capacity(rows.len()),
            last: Vec::with_capacity(rows.len()),
            born: Vec::with_capacity(rows.len()),
            postcode: Vec::with_capacity(rows.len()),
        };
        for (_, person, [first, last, born, postcode]) in rows {
            made.persons.push(person);
            made.first.push(first);
            made.last.push(last);
            made.born.push(born);
            made.postcode.push(postcode);
        }
        made
    }

    /// Writes them as CSV.
    pub(crate) fn csv(&self) -> String {
        let mut text = String::from("unique_id,person,first,last,born,postcode\n");
        for at in 0..self.persons.len() {
            writeln!(
                text,
                "{at},{},{},{},{},{}",
                self.persons[at], self.first[at], self.last[at], self.born[at], self.postcode[at]
            )
            .expect("memory takes it");
        }
        text
    }
}
