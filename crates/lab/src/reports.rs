//! Reports that a reporting centre received: who reports is settled first, what they tell follows
//! from the call that they got.

#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "telephone numbers are grouped as they are spoken: country, area, line"
)]

use crate::blocks::REGIONS;
use crate::clock::{DAY_S, UtcS, Zone, push_british_date};
use crate::dirt::{Dirt, DirtTally, Place};
use crate::draw::{Draw, Purpose, Shuffle};
use crate::losses::BANKS;
use crate::organisations::Organisations;
use crate::phone::{Form, e164_text, push_number};
use crate::plan::Plan;
use crate::preset::{PERIOD_START, Size};
use crate::record::{Exhibit, Record, flag};
use crate::tracked::TrackedCall;

/// Numbers that unrelated reports name: Ofcom's drama mobiles, which nobody calls here.
pub(crate) const UNRELATED: u64 = 44_7700_900_000;

/// Whom a report is from.
#[derive(Clone, Copy)]
enum Reporter {
    /// A victim; `Intents::by_victim` says which.
    Victim,
    /// The victim of an earlier report, who reports again.
    Again(u32),
    /// Somebody whom the service never called, or who names no number.
    Unrelated,
    Unnamed,
}

/// Who will report, and what they lost.
pub(crate) struct Intents {
    reporters: Vec<Reporter>,
    /// Loss in pence; `None` where the report names none.
    losses_minor: Vec<Option<u64>>,
    /// First report of each victim; `u32::MAX`: none.
    by_victim: Vec<u32>,
}

impl Intents {
    pub(crate) fn new(seed: u64, size: &Size) -> Self {
        let mut draw = Draw::new(seed, Purpose::Reports, 0);
        let shuffle = Shuffle::new(&mut draw, size.victims.into());
        let mut by_victim = vec![u32::MAX; size.victims as usize];
        let mut reporters = Vec::new();
        for report in 0..size.reports {
            let victim = shuffle.at(report.into()) as u32;
            let earlier = report.checked_sub(1 + draw.below(5));
            reporters.push(match (draw.below(100), earlier) {
                (0..3, Some(earlier))
                    if matches!(reporters[earlier as usize], Reporter::Victim) =>
                {
                    Reporter::Again(earlier)
                }
                (3..12, _) => Reporter::Unrelated,
                (12..16, _) => Reporter::Unnamed,
                _ => {
                    by_victim[victim as usize] = report;
                    Reporter::Victim
                }
            });
        }
        Self {
            reporters,
            losses_minor: losses(&mut draw, size),
            by_victim,
        }
    }

    /// Returns the first report of a victim.
    pub(crate) fn of_victim(&self, victim: u32) -> Option<u32> {
        Some(self.by_victim[victim as usize]).filter(|&report| report != u32::MAX)
    }
}

/// Spreads the sum over the reports, with a long tail and one largest.
fn losses(draw: &mut Draw, size: &Size) -> Vec<Option<u64>> {
    let shares: Vec<u64> = (0..size.reports)
        .map(|_| draw.long_tail(1_000, 60_000).into())
        .collect();
    let named: Vec<bool> = (0..size.reports)
        .map(|report| !(draw.chance(100) || report == 3) || report == 0)
        .collect();
    let rest = size.losses_minor - size.largest_loss_minor;
    let sum: u64 = shares
        .iter()
        .zip(&named)
        .skip(1)
        .filter(|(_, n)| **n)
        .map(|(s, _)| s)
        .sum();
    let loss = |index: usize| {
        if index == 0 {
            return size.largest_loss_minor;
        }
        let share = (u128::from(rest) * u128::from(shares[index]) / u128::from(sum.max(1))) as u64;
        // Whole tens of pence, so that some read £1,234.50.
        (share / 10 * 10).clamp(100, size.largest_loss_minor / 2)
    };
    named
        .iter()
        .enumerate()
        .map(|(index, named)| named.then(|| loss(index)))
        .collect()
}

/// How a report gives its own number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Own {
    /// In its field, as it is.
    Given,
    /// In its field, with one digit wrong.
    Slip,
    /// In its field, with two neighbouring digits swapped.
    Swapped,
    /// In its words alone.
    InWords,
    /// Nowhere.
    Nowhere,
}

impl Own {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Slip => "slip",
            Self::Swapped => "swapped",
            Self::InWords => "in-words",
            Self::Nowhere => "none",
        }
    }
}

/// What is true of a report.
pub(crate) struct Told {
    /// Which one, as [`push_reference`] counts them.
    pub(crate) report: u32,
    /// Where its row that counts is.
    pub(crate) place: Place,
    pub(crate) call: Option<TrackedCall>,
    pub(crate) own: Own,
    /// An earlier report of the same loss.
    pub(crate) again_of: Option<u32>,
    /// The amount that it names.
    pub(crate) told_minor: Option<u64>,
    pub(crate) refunded_minor: u64,
    pub(crate) recovered_minor: u64,
}

/// A report that names its own number and the day of the call. Days are those of London's calendar.
pub(crate) struct Named {
    /// Id in the pool.
    pub(crate) id: u32,
    pub(crate) day: i64,
    pub(crate) reported_day: i64,
}

/// The reports as written.
pub(crate) struct Reports {
    pub(crate) csv: Vec<u8>,
    pub(crate) records: Vec<Record>,
    pub(crate) dirt: DirtTally,
    /// Truth: which call each report tells of.
    pub(crate) truth: String,
    /// What is true of each, in order of their references.
    pub(crate) told: Vec<Told>,
    /// Reports that name their own number and the day of the call.
    pub(crate) named: Vec<Named>,
    pub(crate) loss_sum_minor: u64,
    pub(crate) losses: u64,
    pub(crate) largest_loss_minor: u64,
}

/// First line of `truth/reports.csv`.
pub(crate) const TRUTH_HEADER: &str =
    "report_id,leg_id,account_id,called_e164,called_region,presented_e164,organisation\n";

const HEADER: &str = "Report reference,Date reported,Date of call,Phone number called,\
    Number displayed,Caller claimed to be,Bank,Amount lost,What happened\r\n";

/// What one row of the CSV says.
struct Telling<'a> {
    report: u32,
    at: UtcS,
    called: Option<u64>,
    call: Option<&'a TrackedCall>,
    loss_minor: Option<u64>,
}

/// Writes the reports of the plan, given the calls that victims got.
pub(crate) fn write(plan: &Plan, calls: &[TrackedCall]) -> anyhow::Result<Reports> {
    let intents = &plan.intents;
    let mut draw = Draw::new(plan.seed, Purpose::Reports, 1);
    let mut call_of: Vec<Option<&TrackedCall>> = vec![None; intents.reporters.len()];
    for call in calls {
        if let Some(report) = intents.of_victim(call.subject) {
            call_of[report as usize] = Some(call);
        }
    }
    let mut out = Reports {
        csv: HEADER.as_bytes().to_vec(),
        records: Vec::new(),
        dirt: DirtTally::new(),
        truth: TRUTH_HEADER.to_owned(),
        told: Vec::new(),
        named: Vec::new(),
        loss_sum_minor: 0,
        losses: 0,
        largest_loss_minor: plan.size.largest_loss_minor,
    };
    let mut amended = Vec::new();
    for (index, &reporter) in intents.reporters.iter().enumerate() {
        let report = index as u32;
        let call = match reporter {
            Reporter::Victim => call_of[index],
            Reporter::Again(first) => call_of[first as usize],
            Reporter::Unrelated | Reporter::Unnamed => None,
        };
        let called = match reporter {
            Reporter::Victim | Reporter::Again(_) => call.map(|call| plan.pool.number(call.called)),
            Reporter::Unrelated => Some(UNRELATED + u64::from(draw.below(1_000))),
            Reporter::Unnamed => None,
        };
        let at = match call {
            Some(call) => call.at,
            None => PERIOD_START + i64::from(draw.below(360 * 86_400)),
        };
        let loss_minor = intents.losses_minor[index];
        let telling = Telling {
            report,
            at,
            called,
            call,
            loss_minor,
        };
        out.add_truth(plan, &telling);
        let told = |place| Told {
            report,
            place,
            call: call.copied(),
            own: if called.is_some() {
                Own::Given
            } else {
                Own::Nowhere
            },
            again_of: match reporter {
                Reporter::Again(first) => Some(first),
                Reporter::Victim | Reporter::Unrelated | Reporter::Unnamed => None,
            },
            told_minor: loss_minor,
            refunded_minor: 0,
            recovered_minor: 0,
        };
        if report % 40 == 7 {
            // A first version with another number and amount, then what was meant, at the end.
            let other = plan.pool.victim(&plan.size, draw.below(plan.size.victims));
            let first = Telling {
                called: Some(plan.pool.number(other)),
                loss_minor: loss_minor.map(|loss| loss / 20 * 10 + 100),
                ..telling
            };
            let place = out.push(plan, &mut draw, &first, 0)?;
            out.dirt.add(Dirt::AmendedReport, place);
            amended.push((telling, told(place)));
        } else {
            let place = out.push(plan, &mut draw, &telling, flag::COUNTED)?;
            out.told.push(told(place));
        }
    }
    for (telling, told) in amended {
        let place = out.push(plan, &mut draw, &telling, flag::COUNTED)?;
        out.told.push(Told { place, ..told });
    }
    out.told.sort_by_key(|told| told.report);
    Ok(out)
}

impl Reports {
    fn push(
        &mut self,
        plan: &Plan,
        draw: &mut Draw,
        telling: &Telling<'_>,
        counted: u32,
    ) -> anyhow::Result<(Exhibit, u64, u32)> {
        let at = self.csv.len();
        let out = &mut self.csv;
        let reported = Zone::London.local_s(telling.at).div_euclid(DAY_S);
        push_reference(out, telling.report);
        out.push(b',');
        let reported_day = reported + i64::from(draw.long_tail(1, 40));
        push_british_date(out, reported_day);
        out.push(b',');
        if draw.chance(9_700) {
            push_british_date(out, reported);
            let named = telling.call.filter(|_| counted != 0).map(|call| Named {
                id: call.called,
                day: reported,
                reported_day,
            });
            self.named.extend(named);
        } else {
            out.extend_from_slice(b"a few weeks ago");
        }
        out.extend_from_slice(b",\"");
        let mut dirty = Vec::new();
        if let Some(called) = telling.called {
            dirty.extend(push_number(out, called, Form::by_hand(draw)).dirt());
        }
        out.extend_from_slice(b"\",\"");
        match telling.call.and_then(|call| call.shown) {
            Some(shown) if draw.chance(8_000) => {
                let number = plan.organisations.number(shown);
                dirty.extend(push_number(out, number, Form::by_hand(draw)).dirt());
            }
            _ if draw.chance(3_000) => out.extend_from_slice(b"Withheld"),
            _ => {}
        }
        let posed = telling
            .call
            .map_or(&[][..], |call| plan.organisations.set(call.posed));
        let claimed = posed
            .first()
            .map_or("my bank", |&index| Organisations::name(index));
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(claimed.as_bytes());
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(draw.pick(&BANKS).0.as_bytes());
        out.extend_from_slice(b"\",");
        let mut flags = counted | flag::REPORT;
        match telling.loss_minor {
            None => {
                out.extend_from_slice(draw.pick::<&[u8]>(&[b"\"\"", b"\"not known yet\""]));
                dirty.push(Dirt::MissingLoss);
            }
            Some(loss_minor) => {
                push_pounds(out, loss_minor, draw.chance(8_500));
                flags |= flag::LOSS;
                if counted != 0 {
                    self.losses += 1;
                    self.loss_sum_minor += loss_minor;
                }
                if loss_minor == self.largest_loss_minor {
                    flags |= flag::LARGEST_LOSS;
                }
            }
        }
        out.extend_from_slice(b",\"");
        if push_narrative(out, draw, claimed) {
            dirty.push(Dirt::QuotedText);
        }
        out.push(b'"');
        let record = Record::plain(at as u64, out.len() - at, flags)?;
        out.extend_from_slice(b"\r\n");
        self.records.push(record);
        let place = (Exhibit::Reports, record.at, u32::from(record.len));
        for kind in dirty {
            self.dirt.add(kind, place);
        }
        Ok(place)
    }

    fn add_truth(&mut self, plan: &Plan, telling: &Telling<'_>) {
        self.truth.push_str(&truth_line(
            plan,
            telling.report,
            telling.called,
            telling.call,
        ));
    }
}

/// Returns a report's line of `truth/reports.csv`.
pub(crate) fn truth_line(
    plan: &Plan,
    report: u32,
    called: Option<u64>,
    call: Option<&TrackedCall>,
) -> String {
    let reference = reference(report);
    let called = called.map(e164_text).unwrap_or_default();
    let Some(call) = call else {
        return format!("{reference},,,{called},,,\n");
    };
    let shown = call
        .shown
        .map(|shown| e164_text(plan.organisations.number(shown)));
    let posed = plan.organisations.set(call.posed);
    format!(
        "{reference},{},{},{called},{},{},{}\n",
        call.leg_id,
        call.account + 1,
        REGIONS[0],
        shown.unwrap_or_default(),
        posed
            .first()
            .map_or("", |&index| Organisations::name(index)),
    )
}

fn push_reference(out: &mut Vec<u8>, report: u32) {
    out.extend_from_slice(reference(report).as_bytes());
}

/// Returns a report's own reference.
pub(crate) fn reference(report: u32) -> String {
    format!("RC{:07}", 4_100_000 + report * 3)
}

/// Appends `"£1,234.50"`, or `1234.50` where `formal` is false.
pub(crate) fn push_pounds(out: &mut Vec<u8>, minor: u64, formal: bool) {
    let (pounds, pence) = (minor / 100, minor % 100);
    if !formal {
        out.extend_from_slice(format!("{pounds}.{pence:02}").as_bytes());
        return;
    }
    let digits = pounds.to_string();
    out.extend_from_slice("\"£".as_bytes());
    for (index, digit) in digits.bytes().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(b',');
        }
        out.push(digit);
    }
    out.extend_from_slice(format!(".{pence:02}\"").as_bytes());
}

/// Appends what happened, quotes doubled; true if it holds commas, quotes or line breaks.
fn push_narrative(out: &mut Vec<u8>, draw: &mut Draw, claimed: &str) -> bool {
    let openings = [
        "They said they were",
        "A man rang as",
        "A recorded voice from",
        "Somebody from",
    ];
    let reasons = [
        ", and that my account was \"\"compromised\"\"",
        " about a payment that I never made",
        " and asked for the code that I was sent",
        " and told me,\nquite calmly,\nto move my money to a \"\"safe\"\" account",
    ];
    let opening = draw.pick(&openings);
    let reason = draw.pick(&reasons);
    let end = draw.pick(&[
        ".",
        ". The number looked right.",
        ". I paid at once, twice.",
    ]);
    out.extend_from_slice(format!("{opening} {claimed}{reason}{end}").as_bytes());
    [reason, end]
        .iter()
        .any(|text| text.contains([',', '"', '\n']))
}
