//! What a report tells once its text has been read.

use unspoof_model::Region;
use unspoof_numbers::{Leniency, PhoneNumber, Reader, Status, find_in_text};

use crate::calls::{Second, second};
use crate::settings::Settings;
use crate::{Calls, OrganisationNames, OrganisationNo, Report};

/// Where a report gives a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GivenIn {
    /// In the field for it.
    Field,
    /// Somewhere in what the victim wrote.
    Narrative,
}

/// A number that may be the victim's own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own {
    pub(crate) number: PhoneNumber,
    pub(crate) given_in: GivenIn,
    /// How many numbers what was written may be.
    pub(crate) readings: usize,
}

/// A stated window in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) from: Second,
    pub(crate) to: Second,
    /// Which of the report's windows; none for one that only its own date bounds.
    pub(crate) window: Option<usize>,
}

/// A report, read.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) own: Vec<Own>,
    pub(crate) presented: Vec<PhoneNumber>,
    pub(crate) organisations: Vec<OrganisationNo>,
    pub(crate) banks: Vec<OrganisationNo>,
    pub(crate) spans: Vec<Span>,
    /// No call after this can be the one that was reported.
    pub(crate) latest: Second,
}

/// Fewer digits than any telephone number that a narrative would give.
const LEAST_DIGITS: usize = 7;
const HOUR_S: u32 = 3_600;
/// Reports carry the centre's clock and zone, so a report may seem to come a day early.
const REPORT_CLOCK_S: u32 = 24 * HOUR_S;

pub(crate) struct Telling<'a> {
    pub(crate) calls: &'a Calls,
    pub(crate) names: &'a OrganisationNames,
    pub(crate) settings: &'a Settings,
    pub(crate) home: Option<Region>,
}

impl Telling<'_> {
    /// Reads a report. A number in its narrative is the victim's where it was called, and the
    /// caller's where it was shown: the records decide, as no list of phrases could.
    pub(crate) fn read(&self, report: &Report, reader: &mut Reader) -> Told {
        let mut own: Vec<Own> = Vec::new();
        let mut take = |numbers: &[PhoneNumber], given_in| {
            for &number in numbers {
                if own.iter().all(|o| o.number != number) {
                    own.push(Own {
                        number,
                        given_in,
                        readings: numbers.len(),
                    });
                }
            }
        };
        let mut given = report.called.clone();
        if given.is_empty()
            && let Some(raw) = &report.called_raw
        {
            given.extend(
                reader
                    .readings(raw.as_bytes())
                    .iter()
                    .filter(|r| {
                        matches!(
                            r.status,
                            Status::Valid | Status::Possible | Status::Ambiguous
                        )
                    })
                    .filter_map(|r| r.number),
            );
        }
        given.sort_unstable();
        given.dedup();
        take(&given, GivenIn::Field);
        let mut presented = report.presented.clone();
        for number in self.narrative_numbers(report) {
            if !self.calls.to(number).is_empty() {
                take(&[number], GivenIn::Narrative);
            }
            if self.calls.presenting(number) > 0 && !given.contains(&number) {
                presented.push(number);
            }
        }
        presented.sort_unstable();
        presented.dedup();

        let narrative = report.narrative.as_deref();
        let named = |known: &[OrganisationNo], texts: [Option<&str>; 2]| {
            let mut all = known.to_vec();
            if all.is_empty() {
                all = texts
                    .into_iter()
                    .flatten()
                    .map(|text| self.names.find(text))
                    .find(|found| !found.is_empty())
                    .unwrap_or_default();
            }
            all.sort_unstable();
            all.dedup();
            all
        };
        let (spans, latest) = self.spans(report);
        Told {
            own,
            presented,
            organisations: named(
                &report.organisations,
                [report.organisation_raw.as_deref(), narrative],
            ),
            banks: named(&report.banks, [report.bank_raw.as_deref(), None]),
            spans,
            latest,
        }
    }

    fn narrative_numbers(&self, report: &Report) -> Vec<PhoneNumber> {
        let Some(text) = report.narrative.as_deref() else {
            return Vec::new();
        };
        if !has_number(text) {
            return Vec::new();
        }
        find_in_text(text, self.home, Leniency::Possible)
            .filter_map(|found| found.number.number())
            .collect()
    }

    /// Turns windows into seconds. Those that begin after the report was made are misreadings,
    /// unless all do.
    fn spans(&self, report: &Report) -> (Vec<Span>, Second) {
        let latest = report.reported_utc.map_or(Second::MAX, |utc| {
            second(utc).saturating_add(REPORT_CLOCK_S)
        });
        let mut spans: Vec<Span> = Vec::new();
        for (at, window) in report.windows.iter().enumerate() {
            let span = Span {
                from: second(window.from_utc),
                to: second(window.to_utc),
                window: Some(at),
            };
            let known = |s: &Span| (s.from, s.to) == (span.from, span.to);
            if span.from <= span.to && !spans.iter().any(known) {
                spans.push(span);
            }
        }
        if spans.iter().any(|span| span.from <= latest) {
            spans.retain(|span| span.from <= latest);
        }
        if spans.is_empty() && report.reported_utc.is_some() {
            spans.push(Span {
                from: latest.saturating_sub(self.settings.undated_h.saturating_mul(HOUR_S)),
                to: latest,
                window: None,
            });
        }
        (spans, latest)
    }
}

/// Says whether a text has enough digits in one place to be worth searching; dates have eight, so
/// most narratives do.
fn has_number(text: &str) -> bool {
    let mut digits = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'+' => {}
            128.. => return true,
            _ => digits = 0,
        }
        if digits >= LEAST_DIGITS {
            return true;
        }
    }
    false
}
