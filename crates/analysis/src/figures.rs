//! The brief's figures: a value, what it means, and the rows behind it.

use std::collections::BTreeMap;

use unspoof_model::Sha256Hash;

use crate::accounts::{Account, Accounts, Payment, Place};
use crate::call_sets::CallSet;
use crate::digest::{LineDigest, decimal_order, push_place};

/// A figure of the brief.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Figure {
    /// Stable id.
    pub id: String,
    /// The value; whole numbers only.
    pub value: i64,
    /// What one of it is.
    pub unit: String,
    /// What is counted, in words.
    pub definition: String,
    /// SHA-256 over the sorted lines `exhibit_sha256 stream byte_offset byte_len` of its rows.
    pub rows_sha256: Sha256Hash,
}

/// Hashes places as figures publish them; also counts them.
pub(crate) fn places_sha256<'a>(
    places: impl IntoIterator<Item = &'a Place>,
    sha256_of: &BTreeMap<String, Sha256Hash>,
) -> (u64, Sha256Hash) {
    let mut by_exhibit: BTreeMap<Sha256Hash, Vec<&Place>> = BTreeMap::new();
    // Rows come exhibit by exhibit, so that a name is looked up where it changes.
    let mut last: Option<(&str, Option<Sha256Hash>)> = None;
    for place in places {
        let sha256 = match last {
            Some((name, sha256)) if *name == *place.exhibit => sha256,
            _ => sha256_of.get(&*place.exhibit).copied(),
        };
        last = Some((&place.exhibit, sha256));
        if let Some(sha256) = sha256 {
            by_exhibit.entry(sha256).or_default().push(place);
        }
    }
    let mut digest = LineDigest::default();
    let mut line = Vec::with_capacity(128);
    for (sha256, mut places) in by_exhibit {
        places.sort_by_cached_key(|place| {
            let stream = decimal_order(place.stream.into());
            (
                stream,
                decimal_order(place.byte_offset),
                decimal_order(place.byte_len.into()),
            )
        });
        let sha256 = sha256.to_string();
        for place in places {
            line.clear();
            line.extend_from_slice(sha256.as_bytes());
            push_place(&mut line, place.stream, place.byte_offset, place.byte_len);
            digest.line(&line);
        }
    }
    (digest.lines, digest.finish())
}

/// Numbers, reports and rows that were left out or rejected: what figures need besides calls.
#[derive(Clone, Debug)]
pub(crate) struct OtherRows {
    pub(crate) payments: Vec<Payment>,
    pub(crate) reports: Vec<(Place, Option<i64>)>,
    /// Statements that wait for a person's judgement.
    pub(crate) held: Vec<Place>,
    /// How many rows are left out, and their hash.
    pub(crate) duplicates: (u64, Sha256Hash),
    pub(crate) rejects: Vec<Place>,
    /// Accounts by `account_no` that placed a counted call.
    pub(crate) active: Vec<u32>,
    pub(crate) numbers_called: u64,
    pub(crate) numbers_home_engaged: u64,
    /// Figures on persons, and on matches and losses, as their own modules make them.
    pub(crate) persons: Vec<Figure>,
    pub(crate) matches: Vec<Figure>,
    /// Figures on payments' addresses, and on how many victims there are.
    pub(crate) money: Vec<Figure>,
    pub(crate) victims: Vec<Figure>,
}

/// What the figures' definitions name.
pub(crate) struct Wording<'a> {
    pub(crate) home: &'a str,
    pub(crate) currency: &'a str,
    pub(crate) over_s: i64,
    pub(crate) min_paid_minor: i64,
    pub(crate) organisations: &'a [String],
    /// Whether the case has regulators' lists of number blocks.
    pub(crate) has_blocks: bool,
}

/// Makes all figures, in the order in which the brief shows them.
pub(crate) fn figures(
    calls: &BTreeMap<CallSet, (u64, Sha256Hash)>,
    accounts: &Accounts,
    other: &OtherRows,
    sha256_of: &BTreeMap<String, Sha256Hash>,
    wording: &Wording<'_>,
) -> Vec<Figure> {
    let mut made = Vec::new();
    account_figures(&mut made, accounts, other, sha256_of, wording);
    made.extend(other.persons.iter().cloned());
    payment_figures(&mut made, other, sha256_of, wording);
    made.extend(other.money.iter().cloned());
    call_figures(&mut made, calls, other, wording);
    report_figures(&mut made, other, sha256_of, wording);
    made.extend(other.matches.iter().cloned());
    made.extend(other.victims.iter().cloned());
    let mut rest = |id: &str, definition: &str, (count, hash): (u64, Sha256Hash)| {
        made.push(figure(id, as_value(count), "rows", definition, hash));
    };
    rest(
        "duplicates",
        "rows that are a further version of an event that another row tells of; left out of every \
         other figure",
        other.duplicates,
    );
    rest(
        "rejects",
        "rows that could not be used, each with its place and reason",
        places_sha256(&other.rejects, sha256_of),
    );
    made
}

pub(crate) fn as_value(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) fn figure(
    id: &str,
    value: i64,
    unit: &str,
    definition: &str,
    rows_sha256: Sha256Hash,
) -> Figure {
    Figure {
        id: id.to_owned(),
        value,
        unit: unit.to_owned(),
        definition: definition.to_owned(),
        rows_sha256,
    }
}

fn account_figures(
    made: &mut Vec<Figure>,
    accounts: &Accounts,
    other: &OtherRows,
    sha256_of: &BTreeMap<String, Sha256Hash>,
    wording: &Wording<'_>,
) {
    let minimum = money(wording.min_paid_minor, wording.currency);
    let priority = format!(
        "accounts whose own telephone number is of a home region ({}) and whose payments come to \
         {minimum} or more at the rates of their days",
        wording.home
    );
    let is_active = |number: usize| other.active.binary_search(&(number as u32)).is_ok();
    let all = || accounts.all.iter().enumerate();
    type Holds<'a> = Box<dyn Fn(usize, &Account) -> bool + 'a>;
    let sets: [(&str, &str, Holds<'_>); 4] = [
        (
            "accounts_registered",
            "accounts in the service's own table",
            Box::new(|_, _| true),
        ),
        (
            "accounts_active",
            "registered accounts that placed at least one call attempt",
            Box::new(move |number, _| is_active(number)),
        ),
        (
            "accounts_paying",
            "registered accounts with at least one payment",
            Box::new(|_, account| account.payments > 0),
        ),
        (
            "accounts_priority",
            &priority,
            Box::new(|_, account| account.is_priority),
        ),
    ];
    for (id, definition, holds) in sets {
        let members = all().filter(|(number, account)| holds(*number, account));
        let places = members.filter_map(|(_, account)| account.place.as_ref());
        let (count, hash) = places_sha256(places, sha256_of);
        made.push(figure(id, as_value(count), "accounts", definition, hash));
    }
}

fn payment_figures(
    made: &mut Vec<Figure>,
    other: &OtherRows,
    sha256_of: &BTreeMap<String, Sha256Hash>,
    wording: &Wording<'_>,
) {
    let places = other.payments.iter().map(|payment| &payment.place);
    let (count, hash) = places_sha256(places, sha256_of);
    made.push(figure(
        "payments",
        as_value(count),
        "payments",
        "payments by accounts",
        hash,
    ));
    let values = other.payments.iter();
    let values = values.filter_map(|payment| payment.value_minor);
    let value = saturated(values.map(i128::from).sum());
    made.push(figure(
        "payments_value_minor",
        value,
        &format!("minor {}", wording.currency),
        "sum of payments, each valued at the rate of its day; payments without a rate add nothing",
        hash,
    ));
}

fn call_figures(
    made: &mut Vec<Figure>,
    calls: &BTreeMap<CallSet, (u64, Sha256Hash)>,
    other: &OtherRows,
    wording: &Wording<'_>,
) {
    let empty = (0, LineDigest::default().finish());
    let get = |set: &CallSet| calls.get(set).copied().unwrap_or(empty);
    let over_s = wording.over_s;
    let home = wording.home;
    let sets: [(&str, CallSet, String); 9] = [
        (
            "call_legs",
            CallSet::Legs,
            "legs of calls of any kind, tests among them".into(),
        ),
        (
            "calls",
            CallSet::Attempts,
            "call attempts: legs to a target or of unknown kind, tests left out".into(),
        ),
        (
            "calls_test",
            CallSet::Tests,
            "legs to a target or of unknown kind that are tests: marked so, or by an account of \
             staff or of the police"
                .into(),
        ),
        (
            "calls_answered",
            CallSet::Answered,
            "call attempts that were answered, by any system's record".into(),
        ),
        (
            "calls_engaged",
            CallSet::Engaged,
            format!(
                "call attempts that were answered and had talk time over {over_s} s without \
                 answering machines, or in which a code was captured"
            ),
        ),
        (
            "calls_duration_unclear",
            CallSet::DurationUnclear,
            "answered call attempts of which only rounded or ringing-inclusive durations are \
             recorded: for a person to look at, not counted as engaged"
                .into(),
        ),
        (
            "calls_code_captured",
            CallSet::CodeCaptured,
            "call attempts in which a one-time code was captured".into(),
        ),
        (
            "calls_home",
            CallSet::Home,
            format!("call attempts to a home region ({home})"),
        ),
        (
            "calls_home_engaged",
            CallSet::HomeEngaged,
            format!("engaged call attempts to a home region ({home})"),
        ),
    ];
    for (id, set, definition) in sets {
        let (count, hash) = get(&set);
        let unit = if set == CallSet::Legs {
            "legs"
        } else {
            "calls"
        };
        made.push(figure(id, as_value(count), unit, &definition, hash));
    }
    made.push(figure(
        "numbers_called",
        as_value(other.numbers_called),
        "numbers",
        "different numbers that call attempts went to",
        get(&CallSet::WithNumber).1,
    ));
    made.push(figure(
        "numbers_home_engaged",
        as_value(other.numbers_home_engaged),
        "numbers",
        &format!("different numbers of a home region ({home}) that engaged call attempts went to"),
        get(&CallSet::HomeEngaged).1,
    ));
    for (set, (count, hash)) in calls {
        if let CallSet::To(region) = set {
            let name = region.as_deref().unwrap_or("unknown");
            let definition = match region {
                Some(region) => format!("call attempts to numbers of region {region}"),
                None => "call attempts to what cannot be read as a number of any region".to_owned(),
            };
            made.push(figure(
                &format!("calls_to_{name}"),
                as_value(*count),
                "calls",
                &definition,
                *hash,
            ));
        }
    }
    if wording.has_blocks {
        let (count, hash) = get(&CallSet::AnsweredUnallocated);
        made.push(figure(
            "calls_answered_unallocated",
            as_value(count),
            "calls",
            "call attempts that were answered although a regulator's list says that nobody had the \
             number's block on that day: for a person to look at",
            hash,
        ));
    }
    let (count, hash) = get(&CallSet::Spoofed);
    made.push(figure(
        "calls_spoofed",
        as_value(count),
        "calls",
        "call attempts that showed a number which a list gives to an organisation on that day",
        hash,
    ));
    for (set, (count, hash)) in calls {
        if let CallSet::As(organisation) = set {
            let name = &wording.organisations[*organisation as usize];
            made.push(figure(
                &format!("calls_as:{name}"),
                as_value(*count),
                "calls",
                &format!("call attempts that showed a number of {name}"),
                *hash,
            ));
        }
    }
}

fn report_figures(
    made: &mut Vec<Figure>,
    other: &OtherRows,
    sha256_of: &BTreeMap<String, Sha256Hash>,
    wording: &Wording<'_>,
) {
    let (count, hash) = places_sha256(other.reports.iter().map(|(place, _)| place), sha256_of);
    made.push(figure(
        "reports",
        as_value(count),
        "reports",
        "fraud reports",
        hash,
    ));
    if !other.held.is_empty() {
        let (count, hash) = places_sha256(&other.held, sha256_of);
        made.push(figure(
            "statements_held",
            as_value(count),
            "reports",
            "statements from the website that count for nothing until somebody judges them: without \
             a text's code, or with one and a story that no call to its number bears out",
            hash,
        ));
    }
    let with_loss: Vec<(&Place, i64)> = other
        .reports
        .iter()
        .filter_map(|(place, loss)| loss.map(|loss| (place, loss)))
        .collect();
    let (_, hash) = places_sha256(with_loss.iter().map(|(place, _)| *place), sha256_of);
    let unit = format!("minor {}", wording.currency);
    let sum: i128 = with_loss.iter().map(|(_, loss)| i128::from(*loss)).sum();
    let mean = mean(sum, with_loss.len());
    let sum = saturated(sum);
    let largest = with_loss.iter().map(|(_, loss)| *loss).max().unwrap_or(0);
    let at_largest = with_loss
        .iter()
        .filter(|(_, loss)| *loss == largest)
        .map(|(place, _)| *place);
    let (_, largest_hash) = places_sha256(at_largest, sha256_of);
    let currency = wording.currency;
    made.push(figure(
        "reports_loss_minor",
        sum,
        &unit,
        &format!("sum of losses in {currency} as reported; nobody has confirmed them"),
        hash,
    ));
    made.push(figure(
        "reports_loss_mean_minor",
        mean,
        &unit,
        &format!("mean of losses in {currency} as reported, over reports that state one"),
        hash,
    ));
    made.push(figure(
        "reports_loss_largest_minor",
        largest,
        &unit,
        &format!("largest loss in {currency} as reported"),
        largest_hash,
    ));
}

/// The mean of `count` amounts, halves rounded up; 0 of none.
pub(crate) fn mean(sum: i128, count: usize) -> i64 {
    let count = count as i128;
    match count {
        0 => 0,
        _ => saturated((2 * sum + count).div_euclid(2 * count)),
    }
}

/// A sum as a figure holds it: the largest value stands for all beyond it.
pub(crate) fn saturated(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

/// Writes an amount of minor units for people: `£100.00`.
pub(crate) fn money(minor: i64, currency: &str) -> String {
    let sign = match currency {
        "GBP" => "£",
        "EUR" => "€",
        _ => "",
    };
    let name = if sign.is_empty() {
        format!(" {currency}")
    } else {
        String::new()
    };
    let minus = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    format!("{minus}{sign}{}.{rest:02}{name}", grouped(whole))
}

/// Writes a number with commas between thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
