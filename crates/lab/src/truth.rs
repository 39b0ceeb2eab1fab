//! The truth: every figure with the rows that it counts, by what the generator intended.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::blocks::{NO_REGION, REGIONS};
use crate::exhibit::hex;
use crate::organisations::Organisations;
use crate::record::{Record, flag};

pub(crate) mod losses;
mod order;
pub(crate) mod persons;

use order::by_decimal_text;

/// The rows of one exhibit, in order of place.
pub(crate) struct ExhibitRows {
    pub(crate) sha256: String,
    pub(crate) records: Vec<Record>,
}

/// A figure as published in `figures.json`.
#[derive(Serialize)]
pub(crate) struct Figure {
    pub(crate) id: String,
    pub(crate) value: u64,
    unit: &'static str,
    definition: String,
    rows_sha256: String,
}

/// Values that are no counts of rows.
pub(crate) struct Values {
    pub(crate) payments_value_minor: u64,
    pub(crate) numbers_called: u64,
    pub(crate) numbers_home_engaged: u64,
    pub(crate) loss_sum_minor: u64,
    pub(crate) losses: u64,
    pub(crate) largest_loss_minor: u64,
}

/// What a figure counts: rows that are counted and have all of these flags, or something special.
#[derive(Clone, Copy)]
enum Rows {
    With(u32),
    Region(u8),
    Spoofed,
    Organisation(u16),
    Duplicates,
    Rejects,
}

struct Asked {
    id: String,
    unit: &'static str,
    definition: String,
    rows: Rows,
    /// Where the value is not the number of rows.
    value: Option<u64>,
}

fn asked(values: &Values) -> Vec<Asked> {
    use flag::{
        ACCOUNT, ACTIVE, ANSWERED, CALL, CODE, ENGAGED, LARGEST_LOSS, LEG, LISTED_ADDRESS, LOSS,
        NUMBER, PAYING, PAYMENT, PRIORITY, REPORT, TEST, UNCLEAR, VALID_ADDRESS,
    };
    let mean = (values.loss_sum_minor * 2 + values.losses) / (values.losses * 2).max(1);
    let home = REGIONS[0];
    let rows = |id: &str, unit, definition: &str, rows, value| Asked {
        id: id.to_owned(),
        unit,
        definition: definition.to_owned(),
        rows,
        value,
    };
    let w = |id: &str, unit, definition: &str, flags| {
        rows(id, unit, definition, Rows::With(flags), None)
    };
    let home_engaged = format!("engaged calls to numbers of {home}");
    let mut all = vec![
        w(
            "accounts_registered",
            "accounts",
            "accounts, each once",
            ACCOUNT,
        ),
        w(
            "accounts_active",
            "accounts",
            "accounts with at least one call",
            ACCOUNT | ACTIVE,
        ),
        w(
            "accounts_paying",
            "accounts",
            "accounts with at least one payment",
            ACCOUNT | PAYING,
        ),
        w(
            "accounts_priority",
            "accounts",
            "accounts with a telephone number of the home region and at least 10000 pence paid",
            ACCOUNT | PRIORITY,
        ),
        w("payments", "payments", "payments, each once", PAYMENT),
        rows(
            "payments_value_minor",
            "pence",
            "sum of the payments, each at its day's rate",
            Rows::With(PAYMENT),
            Some(values.payments_value_minor),
        ),
        w(
            "payments_to_valid",
            "payments",
            "payments to an address whose checksum holds",
            PAYMENT | VALID_ADDRESS,
        ),
        w(
            "payments_listed",
            "payments",
            "payments to an address that the list names",
            PAYMENT | LISTED_ADDRESS,
        ),
        w("call_legs", "legs", "rows of calls, each leg once", LEG),
        w(
            "calls",
            "calls",
            "legs to a target or of unknown kind, tests left out",
            CALL,
        ),
        w(
            "calls_test",
            "calls",
            "the same legs that are tests, or by staff or police",
            TEST,
        ),
        w(
            "calls_answered",
            "calls",
            "calls that were answered",
            CALL | ANSWERED,
        ),
        w(
            "calls_engaged",
            "calls",
            "answered calls with more than 60 s talked to a person, or a code captured",
            CALL | ENGAGED,
        ),
        w(
            "calls_duration_unclear",
            "calls",
            "answered calls, not engaged, that no record says how long was talked in",
            CALL | UNCLEAR,
        ),
        w(
            "calls_code_captured",
            "calls",
            "calls in which a code was captured",
            CALL | CODE,
        ),
        rows(
            "calls_home",
            "calls",
            &format!("calls to {home}"),
            Rows::Region(0),
            None,
        ),
        rows(
            "calls_home_engaged",
            "calls",
            &home_engaged,
            HOME_ENGAGED,
            None,
        ),
        rows(
            "numbers_called",
            "numbers",
            "distinct numbers that calls went to",
            Rows::With(CALL | NUMBER),
            Some(values.numbers_called),
        ),
        rows(
            "numbers_home_engaged",
            "numbers",
            &format!("distinct numbers in {home_engaged}"),
            HOME_ENGAGED,
            Some(values.numbers_home_engaged),
        ),
        rows(
            "calls_to_unknown",
            "calls",
            "calls to what is no number of any region",
            Rows::Region(NO_REGION),
            None,
        ),
        rows(
            "calls_spoofed",
            "calls",
            "calls that showed an organisation's number",
            Rows::Spoofed,
            None,
        ),
        w("reports", "reports", "reports, each once", REPORT),
        rows(
            "reports_loss_minor",
            "pence",
            "sum of the losses that reports name",
            Rows::With(REPORT | LOSS),
            Some(values.loss_sum_minor),
        ),
        rows(
            "reports_loss_mean_minor",
            "pence",
            "mean of the losses that reports name, halves rounded up",
            Rows::With(REPORT | LOSS),
            Some(mean),
        ),
        rows(
            "reports_loss_largest_minor",
            "pence",
            "largest loss that a report names",
            Rows::With(REPORT | LARGEST_LOSS),
            Some(values.largest_loss_minor),
        ),
        rows(
            "duplicates",
            "rows",
            "rows left out because another row tells of the same event",
            Rows::Duplicates,
            None,
        ),
        rows(
            "rejects",
            "rows",
            "rows that could not be read",
            Rows::Rejects,
            None,
        ),
    ];
    for (index, region) in REGIONS.iter().enumerate() {
        let definition = format!("calls to numbers of {region}");
        let id = format!("calls_to_{region}");
        all.push(rows(
            &id,
            "calls",
            &definition,
            Rows::Region(index as u8),
            None,
        ));
    }
    for organisation in 0..Organisations::count() as u16 {
        let name = Organisations::name(organisation);
        let definition = format!("calls that showed a number of {name}");
        let id = format!("calls_as:{name}");
        all.push(rows(
            &id,
            "calls",
            &definition,
            Rows::Organisation(organisation),
            None,
        ));
    }
    all
}

/// Engaged calls to home; the region is told apart by [`Rows::takes`].
const HOME_ENGAGED: Rows = Rows::With(flag::CALL | flag::ENGAGED | HOME);
/// Stands for region 0; no row carries it.
const HOME: u32 = 1 << 31;

impl Rows {
    fn takes(self, record: &Record, organisations: &Organisations) -> bool {
        let has = |flags: u32| record.flags & flags == flags;
        match self {
            Self::Duplicates => !has(flag::COUNTED) && !has(flag::REJECT),
            Self::Rejects => has(flag::REJECT),
            Self::With(flags) if flags & HOME != 0 => {
                has(flag::COUNTED | (flags & !HOME)) && record.region == 0
            }
            Self::With(flags) => has(flag::COUNTED | flags),
            Self::Region(region) => has(flag::COUNTED | flag::CALL) && record.region == region,
            Self::Spoofed => has(flag::COUNTED | flag::CALL) && record.posed != 0,
            Self::Organisation(organisation) => {
                has(flag::COUNTED | flag::CALL)
                    && record.posed != 0
                    && organisations.set(record.posed).contains(&organisation)
            }
        }
    }
}

/// Counts and hashes the rows of every figure, on `threads` threads.
pub(crate) fn figures(
    exhibits: &[ExhibitRows],
    values: &Values,
    organisations: &Organisations,
    threads: usize,
) -> anyhow::Result<Vec<Figure>> {
    let asked = asked(values);
    let mut sorted: Vec<&ExhibitRows> = exhibits.iter().collect();
    sorted.sort_by(|a, b| a.sha256.cmp(&b.sha256));
    // Which figures a row counts towards depends on little: work it out once for each such kind.
    let threads = threads.max(1);
    let mut tallies: Vec<(u64, Sha256)> = vec![(0, Sha256::new()); asked.len()];
    std::thread::scope(|scope| {
        let mut shares: Vec<Vec<(usize, &mut (u64, Sha256))>> = Vec::new();
        shares.resize_with(threads, Vec::new);
        for (index, tally) in tallies.iter_mut().enumerate() {
            shares[index % threads].push((index, tally));
        }
        for mut share in shares {
            let (asked, sorted) = (&asked, &sorted);
            scope.spawn(move || {
                for exhibit in sorted {
                    tally(exhibit, asked, organisations, &mut share);
                }
            });
        }
    });
    let mut figures = Vec::new();
    for (asked, (count, sha256)) in asked.into_iter().zip(tallies) {
        let optional = matches!(asked.rows, Rows::Region(region) if asked.id.starts_with("calls_to_") && region != NO_REGION)
            || matches!(asked.rows, Rows::Organisation(_));
        if optional && count == 0 {
            continue;
        }
        figures.push(Figure {
            id: asked.id,
            value: asked.value.unwrap_or(count),
            unit: asked.unit,
            definition: asked.definition,
            rows_sha256: hex(&sha256.finalize()),
        });
    }
    Ok(figures)
}

/// Feeds the rows of an exhibit, in the order of their lines, to the figures of a share.
fn tally(
    exhibit: &ExhibitRows,
    asked: &[Asked],
    organisations: &Organisations,
    share: &mut [(usize, &mut (u64, Sha256))],
) {
    let mut known: Vec<((u32, u8, u8), Vec<usize>)> = Vec::new();
    let mut line = Line::new(&exhibit.sha256);
    let mut latest = usize::MAX;
    by_decimal_text(&exhibit.records, |record| {
        let kind = (record.flags, record.region, record.posed);
        if known.get(latest).is_none_or(|(last, _)| *last != kind) {
            latest = match known.binary_search_by(|(known, _)| known.cmp(&kind)) {
                Ok(at) => at,
                Err(at) => {
                    let takers = share
                        .iter()
                        .enumerate()
                        .filter(|(_, (index, _))| asked[*index].rows.takes(record, organisations))
                        .map(|(place, _)| place)
                        .collect();
                    known.insert(at, (kind, takers));
                    at
                }
            };
        }
        let Some((_, takers)) = known.get(latest) else {
            return;
        };
        if takers.is_empty() {
            return;
        }
        let text = line.of(record);
        for &place in takers {
            let tally = &mut share[place].1;
            tally.0 += 1;
            tally.1.update(text);
        }
    });
}

/// Makes the line that stands for a row: `<exhibit_sha256> <stream> <byte_offset> <byte_len>\n`.
struct Line {
    buffer: Vec<u8>,
    prefix: usize,
}

impl Line {
    fn new(sha256: &str) -> Self {
        let buffer = format!("{sha256} 0 ").into_bytes();
        Self {
            prefix: buffer.len(),
            buffer,
        }
    }

    fn of(&mut self, record: &Record) -> &[u8] {
        self.buffer.truncate(self.prefix);
        crate::clock::push_decimal(&mut self.buffer, record.at);
        self.buffer.push(b' ');
        crate::clock::push_decimal(&mut self.buffer, record.len.into());
        self.buffer.push(b'\n');
        &self.buffer
    }
}

/// A step as published in `funnel.json`.
#[derive(Serialize)]
pub(crate) struct Step {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) definition: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) count: u64,
}

/// The funnel as published in `funnel.json`.
#[derive(Serialize)]
pub(crate) struct Funnel {
    pub(crate) rule: &'static str,
    pub(crate) steps: Vec<Step>,
    pub(crate) contacts_sha256: String,
}

/// Hashes sorted lines `+<E.164>\n`.
pub(crate) fn numbers_sha256(numbers: &[u64]) -> String {
    let mut lines: Vec<String> = numbers
        .iter()
        .map(|number| format!("+{number}\n"))
        .collect();
    lines.sort_unstable();
    let mut sha256 = Sha256::new();
    for line in lines {
        sha256.update(line);
    }
    hex(&sha256.finalize())
}
