//! What a case keeps of its campaigns: `campaigns/ID/`, pinned by the log like any other file.

use std::collections::BTreeMap;

use anyhow::Context;
use unspoof_evidence::CaseFolder;
use unspoof_handover::codes::Code;
use unspoof_intake::rows::CodeFound;

/// Folder of all campaigns.
pub(crate) const FOLDER: &str = "campaigns";
/// Who gets which text and code: inside alone.
pub(crate) const RECIPIENTS: &str = "recipients.csv";

/// A row of `recipients.csv`.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct RecipientRow {
    /// Place in the plan, from 0.
    pub(crate) key: u64,
    /// `+` and digits.
    pub(crate) number: String,
    /// Which of the plan's texts.
    pub(crate) text: usize,
    /// Which stage.
    pub(crate) stage: usize,
    /// The check code in three groups.
    pub(crate) code: String,
}

/// All codes that this case's campaigns sent, by campaign.
#[derive(Default)]
pub(crate) struct SentCodes(BTreeMap<(String, String), String>);

impl SentCodes {
    pub(crate) fn of_case(case: &CaseFolder) -> anyhow::Result<Self> {
        let mut codes = Self::default();
        for (place, _, path) in case.files(FOLDER) {
            let mut parts = place.split('/').skip(1);
            let (Some(campaign), Some(RECIPIENTS), None) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            for row in read_recipients(&path)? {
                let number = row.number.trim_start_matches('+').to_owned();
                codes.0.insert((campaign.to_owned(), row.code), number);
            }
        }
        Ok(codes)
    }

    /// Finds whom a code was sent to; case, spaces and dashes do not count.
    pub(crate) fn number_of(&self, campaign: &str, typed: &str) -> CodeFound {
        let Ok(code) = Code::parse(typed) else {
            return CodeFound::Unknown;
        };
        let key = (campaign.to_owned(), code.reveal().to_string());
        match self.0.get(&key) {
            Some(number) => CodeFound::Of(number.clone()),
            None => CodeFound::Unknown,
        }
    }
}

/// Reads who is told by a campaign.
pub(crate) fn read_recipients(path: &camino::Utf8Path) -> anyhow::Result<Vec<RecipientRow>> {
    let rows = csv::Reader::from_path(path)
        .and_then(|reader| reader.into_deserialize().collect::<Result<_, _>>());
    rows.with_context(|| format!("could not read `{path}`"))
}
