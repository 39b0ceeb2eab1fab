//! Which text a recipient gets.

use std::collections::BTreeMap;

use unspoof_model::UtcMicros;

use super::campaign::Bounds;
use super::document::CODE;
use super::make::Once;
use super::{Grounds, PlanError, PlanText};
use crate::candidate::Candidate;
use crate::text::{self, Coding};

/// The texts, and how one is chosen.
pub(crate) struct Texts<'a> {
    /// By language and organisation's place in the candidates.
    places: BTreeMap<(&'a str, Option<u32>), u16>,
    neutral: Vec<bool>,
    parts: Vec<u32>,
    default_language: &'a str,
    pub(crate) default: u16,
    fewer_calls_than: u32,
    old_before_utc: UtcMicros,
}

impl<'a> Texts<'a> {
    pub(crate) fn of(grounds: &Grounds<'a>, bounds: &Bounds) -> Result<Self, PlanError> {
        let campaign = grounds.campaign;
        let organisation = |name: &str| {
            let found = grounds
                .candidates
                .organisations
                .iter()
                .position(|of| of == name);
            found.and_then(|place| u32::try_from(place).ok())
        };
        let mut places = BTreeMap::new();
        let (mut neutral, mut parts) = (Vec::new(), Vec::new());
        for (index, text) in campaign.texts.iter().enumerate() {
            let wrong = |detail: String| PlanError::Text { index, detail };
            let shown = match &text.organisation {
                Some(name) => Some(organisation(name).ok_or_else(|| {
                    wrong("the case lists no organisation of the name that it is for".to_owned())
                })?),
                None => None,
            };
            let place = u16::try_from(index).map_err(|_| wrong("there are too many".to_owned()))?;
            places.insert((text.language.as_str(), shown), place);
            neutral.push(shown.is_none());
            let taken = parts_with_code(&text.text, campaign.coding, campaign.most_parts);
            parts.push(taken.map_err(wrong)?);
        }
        let default_language = campaign
            .texts
            .first()
            .map(|text| text.language.as_str())
            .unwrap_or_default();
        let default = places.get(&(default_language, None)).copied();
        let older_days = i64::from(campaign.neutral.older_than_days);
        Ok(Self {
            default: default.ok_or_else(|| PlanError::Text {
                index: 0,
                detail: "its language has no neutral text".to_owned(),
            })?,
            places,
            neutral,
            parts,
            default_language,
            fewer_calls_than: campaign.neutral.fewer_calls_than.max(1),
            old_before_utc: (i64::from(bounds.first_day) - older_days) * 86_400_000_000,
        })
    }

    /// Chooses by language first: whoever may not read the text is told nothing by a name in it.
    pub(crate) fn choose(&self, once: &Once<'_>) -> u16 {
        if !once.is_sure {
            return self.default;
        }
        let candidate = once.candidate;
        let organisation = self.organisation(candidate);
        let language = candidate.language.as_deref().unwrap_or_default();
        let main = language.split('-').next().unwrap_or_default();
        [language, main, self.default_language]
            .into_iter()
            .flat_map(|language| [(language, organisation), (language, None)])
            .find_map(|wanted| self.places.get(&wanted).copied())
            .unwrap_or(self.default)
    }

    /// Returns the organisation that may be named: the one that was shown, surely and lately.
    fn organisation(&self, candidate: &Candidate) -> Option<u32> {
        let &[shown] = candidate.shown.as_slice() else {
            return None;
        };
        let is_certain = shown.certain_calls == shown.calls && shown.calls >= self.fewer_calls_than;
        let is_recent = candidate.last_call_utc? > self.old_before_utc;
        (is_certain && is_recent).then_some(shown.organisation)
    }

    pub(crate) fn is_neutral(&self, text: u16) -> bool {
        self.neutral.get(usize::from(text)).copied().unwrap_or(true)
    }

    pub(crate) fn plan_texts(&self, grounds: &Grounds<'_>, counts: &[u64]) -> Vec<PlanText> {
        let texts = grounds.campaign.texts.iter();
        texts
            .zip(&self.parts)
            .zip(counts)
            .map(|((text, parts), recipients)| PlanText {
                language: text.language.clone(),
                organisation: text.organisation.clone(),
                text: text.text.clone(),
                parts: *parts,
                recipients: *recipients,
            })
            .collect()
    }
}

/// Returns the parts that a text takes. All codes take the same room: they are of one length, and of
/// letters and digits that both alphabets have.
pub(crate) fn parts_with_code(written: &str, coding: Coding, most: u32) -> Result<u32, String> {
    let with_code = written.replace(CODE, "BCDF-GHJK-MNPQ");
    let split = text::split(&with_code, coding).map_err(|source| source.to_string())?;
    let parts = u32::from(split.total());
    if parts > most {
        return Err(format!(
            "it takes {parts} parts, and `most_parts` is {most}"
        ));
    }
    Ok(parts)
}
