//! What holds of every plan, whoever made the file.

use std::collections::BTreeSet;

use super::campaign::{check_placeholder, check_sender, is_id};
use super::document::FORMAT;
use super::texts::parts_with_code;
use super::{Kind, Open, Plan, PlanError, hours};
use crate::approval::Approvers;
use crate::bundle;
use crate::lint::{self, Channel, Draft, Exception, Report, Setting};
use crate::text::Coding;
use crate::zones;

/// What texts are linted against: the same before a plan is made and each time that it is opened.
pub(crate) struct Linter<'a> {
    pub(crate) sender: &'a str,
    pub(crate) registered: &'a [String],
    pub(crate) coding: Coding,
    pub(crate) channel: Channel,
    pub(crate) most_parts: u32,
    pub(crate) exceptions: &'a [Exception],
}

impl Linter<'_> {
    /// `named` is the organisation that the text names: what a name says is no finding.
    pub(crate) fn look(&self, language: &str, text: &str, named: &Option<String>) -> Report {
        let draft = Draft {
            language,
            text,
            sender_id: self.sender,
        };
        let setting = Setting {
            registered: self.registered,
            short_codes: &[],
            organisations: named.as_slice(),
            has_code: true,
            coding: self.coding,
            channel: self.channel,
            most_parts: usize::try_from(self.most_parts).unwrap_or(usize::MAX),
        };
        lint::lint(&draft, &setting, self.exceptions)
    }
}

impl Plan {
    /// Says what the linter finds in each text, with the plan's exceptions.
    #[must_use]
    pub fn lint(&self) -> Vec<Report> {
        let linter = Linter {
            sender: &self.sender,
            registered: &self.registered_senders,
            coding: self.coding,
            channel: self.channel,
            most_parts: self.most_parts,
            exceptions: &self.exceptions,
        };
        self.texts
            .iter()
            .map(|text| linter.look(&text.language, &text.text, &text.organisation))
            .collect()
    }

    /// Checks all that a plan must be, so that neither who signs nor a sender relies on who made it.
    ///
    /// # Errors
    /// [`PlanError::SenderId`], [`PlanError::Text`], [`PlanError::Lint`], [`PlanError::Window`], [`PlanError::Approvers`] or
    /// [`PlanError::Document`] for what does not hold.
    pub fn check(&self) -> Result<(), PlanError> {
        let wrong = |detail: &str| {
            Err(PlanError::Document {
                what: "plan",
                detail: detail.to_owned(),
            })
        };
        if self.format != FORMAT {
            return wrong("it is of another format");
        }
        if !is_id(&self.campaign) {
            return wrong("its campaign has no id");
        }
        check_sender(&self.sender, &self.registered_senders)?;
        self.check_texts()?;
        self.check_findings()?;
        self.check_window()?;
        Approvers::new(self.approvers.clone())?;
        if let Some(portal) = &self.portal {
            bundle::check_portal(self, portal)?;
        }
        let of_stages: u64 = self.stages.iter().map(|stage| stage.recipients).sum();
        let of_texts: u64 = self.texts.iter().map(|text| text.recipients).sum();
        let parts: u64 = self
            .texts
            .iter()
            .map(|text| text.recipients.saturating_mul(u64::from(text.parts)))
            .sum();
        let count = self.recipients.count;
        if count == 0 || of_stages != count || of_texts != count {
            return wrong("its recipients do not add up");
        }
        if self.figures.messages != count || self.figures.parts != parts {
            return wrong("its figures do not add up");
        }
        if !(1..=1000).contains(&self.rate_per_s) {
            return wrong("its rate is not 1 to 1000 texts a second");
        }
        if self.stop.delivered_percent > 100 || self.stop.unknown_percent > 100 {
            return wrong("its stop rules have no shares of a hundred");
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), PlanError> {
        let mut seen = BTreeSet::new();
        for (index, text) in self.texts.iter().enumerate() {
            let wrong = |detail: String| PlanError::Text { index, detail };
            check_placeholder(&text.text).map_err(|detail| wrong(detail.to_owned()))?;
            if !seen.insert((&text.language, &text.organisation)) {
                return Err(wrong(
                    "an earlier one has its language and organisation".to_owned(),
                ));
            }
            if self.kind == Kind::Answer && text.organisation.is_some() {
                return Err(wrong("an answer names no organisation".to_owned()));
            }
            let parts = parts_with_code(&text.text, self.coding, self.most_parts).map_err(wrong)?;
            if parts != text.parts {
                return Err(wrong(format!(
                    "it takes {parts} parts and not {}",
                    text.parts
                )));
            }
        }
        Ok(())
    }

    /// What the linter finds is excepted within what is signed, and each exception lets something pass.
    fn check_findings(&self) -> Result<(), PlanError> {
        let reports = self.lint();
        for (index, report) in reports.iter().enumerate() {
            if let Some(finding) = report.refused().next() {
                return Err(PlanError::Lint {
                    index,
                    rule: finding.rule,
                    why: finding.why.clone(),
                    findings: report.refused().count(),
                });
            }
        }
        let is_idle = |exception: &Exception| {
            reports
                .iter()
                .all(|report| report.idle_exceptions.contains(exception))
        };
        if self.exceptions.iter().any(is_idle) {
            return Err(PlanError::Document {
                what: "plan",
                detail: "an exception lets nothing pass, or has no reason or name".to_owned(),
            });
        }
        Ok(())
    }

    fn check_window(&self) -> Result<(), PlanError> {
        let wrong = |detail: &str| {
            Err(PlanError::Window {
                detail: detail.to_owned(),
            })
        };
        let window = &self.window;
        if window.from_utc >= window.until_utc {
            return wrong("it ends before it begins");
        }
        let (Some(earliest), Some(latest)) = (
            hours::minutes(&window.earliest),
            hours::minutes(&window.latest),
        ) else {
            return wrong("its hours are no times of the day");
        };
        for clock in &self.clocks {
            let zones = zones::clocks_of(clock.region);
            let mut last = i64::MIN;
            for open in &clock.open {
                if open.from_utc <= last || open.until_utc <= open.from_utc {
                    return wrong("its hours are not in order");
                }
                last = open.until_utc;
                // By this machine's clocks too: nobody is woken by what somebody signed.
                let (from_s, until_s) = (open.from_utc / 1_000_000, open.until_utc / 1_000_000);
                if hours::open_hours(&zones, from_s, until_s, earliest, latest) != [*open] {
                    return wrong("it is night at some hour of it");
                }
            }
        }
        let opens = || self.clocks.iter().flat_map(|clock| &clock.open);
        let holds =
            |open: &Open| window.from_utc <= open.from_utc && open.until_utc <= window.until_utc;
        let is_tight = opens().any(|open| open.until_utc == window.until_utc);
        if !is_tight {
            return wrong("it is longer than its hours");
        }
        // Clocks that nobody lives by may have hours before and after it.
        if !opens().any(holds) {
            return wrong("it has no hour");
        }
        Ok(())
    }
}
