//! `derived/estimates.parquet`: how many victims there are, as far as overlapping lists of them
//! tell. Always a range.
//!
//! A list of victims is whoever reports to one source: the seized log says who was called, which is
//! exposure, and never is such a list.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use unspoof_estimates::{
    Bootstrap, CaptureList, EstimateError, Histories, Options, RepeatCounts, Reports, Resample,
    Row, SeizedLog, VictimEstimate,
};
use unspoof_matching::Tier;
use unspoof_model::Sha256Hash;

use crate::AnalysisError;
use crate::accounts::Place;
use crate::figures::{Figure, as_value, figure, places_sha256};
use crate::money_brief::{EstimateBrief, EstimateRow};
use crate::report_matches::MatchedReports;
use crate::report_rows::ReportRows;
use crate::whole_table::WholeTable;

/// Most lists that overlaps are looked at of: tables grow as 2^lists.
const MOST_LISTS: usize = 6;
/// Rounds of drawing again: enough for limits of 95 %, and a fraction of a second.
const ROUNDS: u32 = 400;

/// A victim: the called number by a match, else the loss itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Number(i64),
    Loss(u32),
}

/// What lists of victims tell.
pub(crate) struct Victims {
    pub(crate) brief: EstimateBrief,
    /// Reports of victims on any list, by their order.
    reports: Vec<usize>,
}

/// Puts the lists together and estimates.
pub(crate) fn estimate_victims(
    matched: &MatchedReports,
    reports: &ReportRows,
    engaged_numbers: u64,
) -> Result<Victims, AnalysisError> {
    let mut by_source: BTreeMap<&str, Vec<Victim>> = BTreeMap::new();
    let mut listed = Vec::new();
    let mut left_out = 0;
    for (loss, loss_no) in matched.losses.iter().zip(0..) {
        // What nothing ties to a call may be another service's.
        if !matches!(loss.counted.tier, Some(Tier::Exact | Tier::Probable)) {
            left_out += loss.reports.len() as u64;
            continue;
        }
        let victim = loss
            .called_e164
            .map_or(Victim::Loss(loss_no), Victim::Number);
        for &report in &loss.reports {
            let source = reports.rows[report].source.as_str();
            by_source.entry(source).or_default().push(victim);
            listed.push(report);
        }
    }
    listed.sort_unstable();
    let victims: BTreeSet<Victim> = by_source.values().flatten().copied().collect();
    let mut brief = EstimateBrief {
        victims_listed: victims.len() as u64,
        reports_left_out: left_out,
        exposure_numbers: engaged_numbers,
        ..EstimateBrief::default()
    };
    let lists: Vec<CaptureList<Victim>> = by_source
        .into_iter()
        .map(|(source, victims)| CaptureList::new(Reports, source, victims))
        .collect();
    for list in &lists {
        let name = list.label().name().to_owned();
        brief.lists.push((name, list.persons() as u64));
    }
    if let Some(found) = estimate(&lists, &mut brief).map_err(AnalysisError::estimate)? {
        take(
            &mut brief,
            &found.beside(SeizedLog::of_count(engaged_numbers)),
        );
    }
    Ok(Victims {
        brief,
        reports: listed,
    })
}

/// Chooses what can be estimated from so many lists, and says what that rests on.
fn estimate(
    lists: &[CaptureList<Victim>],
    brief: &mut EstimateBrief,
) -> Result<Option<VictimEstimate>, EstimateError> {
    let options = Options {
        bootstrap: Some(Bootstrap {
            rounds: ROUNDS,
            seed: 1,
            resample: Resample::Listed,
        }),
        ..Options::default()
    };
    match lists {
        [] => {
            brief.basis = "no report is tied to a call by an exact or probable match, so that \
                           there is no list of victims and nothing to estimate from"
                .to_owned();
            Ok(None)
        }
        [one] => {
            brief.basis = "there is one list of victims only: nothing overlaps. What follows \
                           rests on how often it names the same victim, and holds only if reports \
                           of one victim come about independently of each other and every victim \
                           is as likely to report; who has reported once seldom does so again, \
                           which makes such numbers too high"
                .to_owned();
            let counts = RepeatCounts::of_list(one)?;
            VictimEstimate::from_repeats(one.label(), &counts, &options).map(Some)
        }
        many if many.len() > MOST_LISTS => {
            brief.basis = format!(
                "there are {} lists of victims; overlaps of more than {MOST_LISTS} are not \
                 estimated from",
                many.len()
            );
            Ok(None)
        }
        many => {
            brief.basis = format!(
                "{} lists of victims, joined by the called number that an exact or probable match \
                 names, else by the loss; it holds if who is on none is like who is on one, and \
                 people neither came nor went",
                many.len()
            );
            let histories = Histories::from_lists(many)?;
            VictimEstimate::from_lists(&histories, &options).map(Some)
        }
    }
}

/// Writes down what an estimate says, in whole persons: lower limits down, upper ones up.
fn take(brief: &mut EstimateBrief, found: &VictimEstimate) {
    if let Some([low, high]) = found.low_high_persons() {
        brief.low = Some(whole(low.floor()));
        brief.high = limit(high);
    }
    brief.models = found.rows().iter().map(model).collect();
    if let Some(drawn) = found.resampled() {
        let [low, high] = drawn.low_high_persons;
        brief.models.push(EstimateRow {
            name: format!("model chosen afresh in {} drawings", drawn.rounds),
            plausible: true,
            low: Some(whole(low.floor())),
            high: limit(high),
            ..EstimateRow::default()
        });
    }
    // Without an estimate nothing is to be said of what it hangs on.
    let missed = found.missed_links().iter();
    brief.missed_links = missed
        .filter(|_| brief.low.is_some())
        .map(|missed| {
            let name = format!("{} % of true links missed", missed.share * 100.0);
            let Some([low, high]) = missed.low_high_persons else {
                return EstimateRow {
                    name,
                    why_none: Some("so many cannot have been missed in these lists".to_owned()),
                    ..EstimateRow::default()
                };
            };
            EstimateRow {
                name,
                plausible: true,
                low: Some(whole(low.floor())),
                high: limit(high),
                ..EstimateRow::default()
            }
        })
        .collect();
    if brief.low.is_none() {
        brief.basis += ". These lists do not identify a number: no estimate";
    }
}

fn model(row: &Row) -> EstimateRow {
    let name = row.method.to_string();
    match row.persons {
        Ok(spread) => {
            let [low, point, high] = spread.low_point_high();
            EstimateRow {
                name,
                plausible: row.is_plausible,
                low: Some(whole(low.floor())),
                middle: Some(whole(point.round())),
                high: limit(high),
                bic_tenths: row.fit.as_ref().map(|fit| (fit.bic * 10.0).round() as i64),
                why_none: None,
            }
        }
        Err(flag) => EstimateRow {
            name,
            why_none: Some(flag.as_str().to_owned()),
            ..EstimateRow::default()
        },
    }
}

/// Beyond this nobody counts people: it stands for no limit.
const NO_LIMIT: f64 = 1e12;

fn whole(persons: f64) -> u64 {
    persons.clamp(0.0, NO_LIMIT) as u64
}

/// An upper limit; none where the lists set none.
fn limit(persons: f64) -> Option<u64> {
    (persons < NO_LIMIT).then(|| whole(persons.ceil()))
}

impl Victims {
    /// Writes the table: the lists, every model, what missed links would do, and the range.
    pub(crate) fn write(&self, path: &Utf8Path) -> Result<(), AnalysisError> {
        let brief = &self.brief;
        let list = |(name, persons): &(String, u64)| {
            let row = EstimateRow {
                name: name.clone(),
                low: Some(*persons),
                high: Some(*persons),
                ..EstimateRow::default()
            };
            ("list", row)
        };
        let count = |name: &str, count: u64| EstimateRow {
            name: name.to_owned(),
            low: Some(count),
            high: Some(count),
            ..EstimateRow::default()
        };
        let range = EstimateRow {
            name: "range over all plausible models".to_owned(),
            plausible: brief.low.is_some(),
            low: brief.low,
            high: brief.high,
            why_none: brief.low.is_none().then(|| brief.basis.clone()),
            ..EstimateRow::default()
        };
        let mut rows: Vec<(&str, EstimateRow)> = brief.lists.iter().map(list).collect();
        rows.push(("listed", count("victims on any list", brief.victims_listed)));
        let exposure = count(
            "numbers of home regions engaged, no list of victims",
            brief.exposure_numbers,
        );
        rows.push(("exposure", exposure));
        rows.extend(brief.models.iter().map(|row| ("model", row.clone())));
        rows.extend(
            brief
                .missed_links
                .iter()
                .map(|row| ("missed-links", row.clone())),
        );
        rows.push(("range", range));
        WholeTable::of(&rows)
            .text("kind", |row| Some(row.0))
            .text("name", |row| Some(row.1.name.as_str()))
            .count("low", |row| row.1.low)
            .count("middle", |row| row.1.middle)
            .count("high", |row| row.1.high)
            .flag("no_upper_limit", |row| {
                Some(row.1.low.is_some() && row.1.high.is_none())
            })
            .flag("plausible", |row| Some(row.1.plausible))
            .int("bic_tenths", |row| row.1.bic_tenths)
            .text("why_none", |row| row.1.why_none.as_deref())
            .write(path)
    }

    /// Makes figures: how many are listed, and, where there are any, both ends of the range.
    pub(crate) fn figures(
        &self,
        reports: &ReportRows,
        sha256_of: &BTreeMap<String, Sha256Hash>,
    ) -> Vec<Figure> {
        let brief = &self.brief;
        let places: Vec<&Place> = self
            .reports
            .iter()
            .map(|&at| &reports.rows[at].place)
            .collect();
        let (_, hash) = places_sha256(places, sha256_of);
        let mut made = vec![figure(
            "victims_listed",
            as_value(brief.victims_listed),
            "victims",
            "different victims on any list of reports, by exact or probable matches; a count, no \
             estimate",
            hash,
        )];
        let Some(low) = brief.low else { return made };
        let range = match brief.high {
            Some(high) => format!("estimated range is {low} to {high}"),
            None => format!("estimated range begins at {low} and has no upper limit"),
        };
        let said = format!(
            "of how many victims there are, reported or not: the {range}, over all plausible \
             models and their intervals; {}",
            brief.basis
        );
        let mut end = |id: &str, which: &str, value: u64| {
            let definition = format!("{which} {said}");
            made.push(figure(id, as_value(value), "victims", &definition, hash));
        };
        end("victims_estimate_low", "lower end", low);
        if let Some(high) = brief.high {
            end("victims_estimate_high", "upper end", high);
        }
        made
    }
}
