//! Matches the reports of made-up cases as the script that teams would otherwise use writes them, and holds
//! the matches against their truth, pooled over all folders.
//!
//! ```sh
//! cargo run --release -p unspoof-matching --example matching_baseline -- DIR...
//! ```
//!
//! Each folder holds `orgs.csv`, `calls.csv`, `reports.csv` and `truth_reports.csv`. A report that
//! carries a number of its own has one in its field or says "my number is" in its text.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use cpu_time::ThreadTime;
use unspoof_matching::{
    AccountNo, Call, Calls, CallsBuilder, Currency, Matcher, Money, OrganisationNames,
    OrganisationNo, Report, ReportKey, Settings, Tier, windows_of_day,
};
use unspoof_model::{Region, Zone};
use unspoof_numbers::{Context, PhoneNumber, Reader};

/// What was found in one case, or in all.
#[derive(Default)]
struct Tally {
    /// True reports, and those of them with a number of their own.
    real: u64,
    real_with_number: u64,
    /// Matched exactly or probably, and rightly so.
    matched: u64,
    right: u64,
    right_with_number: u64,
    /// By tier: matched, right.
    tiers: BTreeMap<Tier, (u64, u64)>,
    /// True reports that are only possible, whose call is among those listed.
    listed: u64,
    only_possible: u64,
    losses: u64,
    reports: u64,
}

fn gb() -> anyhow::Result<(Region, Context)> {
    let region: Region = "GB".parse()?;
    let context = Context {
        default_region: Some(region),
        bare_is_international: true,
        ..Context::default()
    };
    Ok((region, context))
}

type Rows = csv::StringRecordsIntoIter<std::fs::File>;

fn rows(dir: &Path, name: &str) -> anyhow::Result<Rows> {
    let path = dir.join(name);
    let reader = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
    Ok(reader.into_records())
}

fn organisations(
    dir: &Path,
) -> anyhow::Result<(OrganisationNames, BTreeMap<PhoneNumber, OrganisationNo>)> {
    let mut reader = Reader::new(gb()?.1);
    let (mut names, mut numbers) = (Vec::new(), BTreeMap::new());
    for row in rows(dir, "orgs.csv")? {
        let row = row?;
        let organisation = OrganisationNo(row[0].parse()?);
        names.push((organisation, row[1].to_owned()));
        if let Some(number) = reader.read(row[2].as_bytes()).number {
            numbers.insert(number, organisation);
        }
    }
    let names = OrganisationNames::new(names.iter().map(|(no, name)| (*no, name.as_str())));
    Ok((names, numbers))
}

fn calls(
    dir: &Path,
    numbers: &BTreeMap<PhoneNumber, OrganisationNo>,
) -> anyhow::Result<CallsBuilder> {
    let mut reader = Reader::new(gb()?.1);
    let mut calls = CallsBuilder::default();
    for row in rows(dir, "calls.csv")? {
        let row = row?;
        let presented = reader.read(row[3].as_bytes()).number;
        let organisation = presented.and_then(|number| numbers.get(&number).copied());
        calls.push(&Call {
            called: reader.read(row[4].as_bytes()).number,
            presented,
            organisations: organisation.as_slice(),
            started_utc: row[2].parse::<i64>()? * 1_000_000,
            talk_s: Some(row[5].parse()?),
            answered: None,
            account: AccountNo(row[1].parse()?),
            engaged: false,
        })?;
    }
    Ok(calls)
}

fn reports(dir: &Path) -> anyhow::Result<Vec<Report>> {
    let utc = Zone::named("UTC")?;
    let mut reports = Vec::new();
    for row in rows(dir, "reports.csv")? {
        let row = row?;
        let digits = |c: char| !c.is_ascii_digit() && c != '.';
        let pounds: f64 = row[5].replace(digits, "").parse()?;
        reports.push(Report {
            key: ReportKey {
                source: "centre".into(),
                report_id: row[0].to_owned(),
            },
            reported_utc: Some(row[1].parse::<i64>()? * 1_000_000),
            windows: windows_of_day(&row[4], &utc),
            called_raw: Some(row[3].to_owned()).filter(|raw| !raw.is_empty()),
            victim_name: Some(row[2].to_owned()),
            loss: Some(Money {
                currency: Currency::GBP,
                minor: (pounds * 100.0).round() as i64,
            }),
            narrative: Some(row[6].to_owned()),
            ..Report::default()
        });
    }
    Ok(reports)
}

fn case(dir: &Path, all: &mut Tally, out: &mut impl std::io::Write) -> anyhow::Result<()> {
    let (names, numbers) = organisations(dir)?;
    let calls = calls(dir, &numbers)?;
    let reports = reports(dir)?;
    let clock = ThreadTime::now();
    let calls: Calls = calls.finish();
    let sorted_s = clock.elapsed().as_secs_f64();
    let matcher = Matcher::new(&calls, &names, gb()?.1, Settings::default())?;
    let matched = matcher.match_reports(&reports)?;
    let all_s = clock.elapsed().as_secs_f64();
    for (at, row) in rows(dir, "truth_reports.csv")?.enumerate() {
        let row = row?;
        let truth: i64 = row[1].parse()?;
        let (report, found) = (&reports[at], &matched.reports[at]);
        let says_number = |text: &String| text.contains("My number is");
        let has_number =
            report.called_raw.is_some() || report.narrative.as_ref().is_some_and(says_number);
        let is_true = |call: unspoof_matching::CallNo| i64::from(call.0) == truth;
        if truth >= 0 {
            all.real += 1;
            all.real_with_number += u64::from(has_number);
        }
        if let Some(best) = found.matched() {
            let right = u64::from(is_true(best.call.call));
            all.matched += 1;
            all.right += right;
            all.right_with_number += if has_number { right } else { 0 };
            let tier = all.tiers.entry(best.tier).or_default();
            tier.0 += 1;
            tier.1 += right;
        } else if truth >= 0 {
            all.only_possible += 1;
            all.listed += u64::from(found.matches.iter().any(|m| is_true(m.call.call)));
        }
        if std::env::var_os("EXPLAIN").is_some()
            && (truth >= 0 && has_number || found.matched().is_some())
            && !found.matched().is_some_and(|m| is_true(m.call.call))
        {
            writeln!(
                out,
                "\n{at} {truth} {:?} {:?}",
                report.called_raw, report.narrative
            )?;
            for m in found.matches.iter().take(3) {
                writeln!(
                    out,
                    "   {} {} {} {}",
                    m.tier.as_str(),
                    m.bits,
                    m.share_ppm,
                    is_true(m.call.call)
                )?;
                for reason in &m.reasons {
                    writeln!(out, "      {reason}")?;
                }
            }
        }
    }
    all.losses += matched.losses.len() as u64;
    all.reports += reports.len() as u64;
    writeln!(
        out,
        "{}: {} calls ({:.1} bytes each) sorted in {sorted_s:.2} s, {} reports matched in {:.2} s",
        dir.display(),
        calls.len(),
        calls.bytes() as f64 / calls.len() as f64,
        reports.len(),
        all_s - sorted_s,
    )?;
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut all = Tally::default();
    for dir in std::env::args_os().skip(1) {
        case(Path::new(&dir), &mut all, &mut out)?;
    }
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    writeln!(
        out,
        "exact + probable: precision {:.4} ({} of {}), recall {:.4} of reports with a number of \
         their own ({} of {}), {:.4} of all true reports",
        share(all.right, all.matched),
        all.right,
        all.matched,
        share(all.right_with_number, all.real_with_number),
        all.right_with_number,
        all.real_with_number,
        share(all.right, all.real),
    )?;
    for (tier, (matched, right)) in &all.tiers {
        let precision = share(*right, *matched);
        writeln!(
            out,
            "{}: {matched} matched, precision {precision:.4}",
            tier.as_str()
        )?;
    }
    writeln!(
        out,
        "only possible: {} true reports, the call listed for {}; {} reports told of {} losses",
        all.only_possible, all.listed, all.reports, all.losses
    )?;
    Ok(())
}
