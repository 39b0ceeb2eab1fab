//! The public notice: what is sent, under which name, when, and how to tell a message that is ours.
//!
//! It is published before the first text leaves, on the official site and to banks and operators. The
//! JSON form is for machines; the page needs nothing else to be shown and runs no script. Both carry the
//! signature of the key that signs the portal's bundle, over the bytes before it.

mod page;

use serde::{Deserialize, Serialize};
use unspoof_model::Sha256Hash;
use zeroize::Zeroizing;

use crate::approval::Approved;
use crate::lint::Channel;
use crate::plan::{Kind, PlanError};
use crate::signed::{self, Signed};

const FORMAT: &str = "unspoof-notice-1";
const TAG: &str = "unspoof-notice-v1";
const WHAT: &str = "notice";

/// What the public is told of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// `unspoof-notice-1`.
    pub format: String,
    /// The campaign's id.
    pub campaign: String,
    /// What it is for.
    pub kind: Kind,
    /// Made-up records: nobody gets a text.
    pub made_up: bool,
    /// The plan that it follows from, by the hash of its signed bytes.
    pub plan_sha256: Sha256Hash,
    /// Who sends.
    pub organisation: String,
    /// How to reach them.
    pub contact: String,
    /// The one name that all texts come from.
    pub sender: String,
    /// The zone that the days are of.
    pub zone: String,
    /// First day, `YYYY-MM-DD`.
    pub first_day: String,
    /// Last day.
    pub last_day: String,
    /// From this time of the day on, by the recipient's own clock.
    pub earliest: String,
    /// Until this time of the day.
    pub latest: String,
    /// All texts that there are, exactly, `{code}` where a code of the recipient's own stands.
    pub texts: Vec<NoticeText>,
    /// How to tell a message that is ours, a sentence each.
    pub how_to_tell: Vec<String>,
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Its language, a BCP 47 tag.
    pub language: String,
    /// The text.
    pub text: String,
}

impl Notice {
    /// Makes the notice of an approved plan.
    #[must_use]
    pub fn of(approved: &Approved) -> Self {
        let plan = approved.plan();
        let window = &plan.window;
        let texts = plan.texts.iter().map(|text| NoticeText {
            language: text.language.clone(),
            text: text.text.clone(),
        });
        Self {
            format: FORMAT.to_owned(),
            campaign: plan.campaign.clone(),
            kind: plan.kind,
            made_up: plan.made_up,
            plan_sha256: approved.sha256(),
            organisation: plan.organisation.clone(),
            contact: plan.contact.clone(),
            sender: plan.sender.clone(),
            zone: window.zone.clone(),
            first_day: window.first_day.clone(),
            last_day: window.last_day.clone(),
            earliest: window.earliest.clone(),
            latest: window.latest.clone(),
            texts: texts.collect(),
            how_to_tell: how_to_tell(plan.kind, plan.channel),
        }
    }

    /// Writes and signs the JSON form.
    ///
    /// # Errors
    /// [`PlanError::Handover`] where the seed is no key.
    pub fn sign_json(&self, seed: &Zeroizing<[u8; 32]>) -> Result<String, PlanError> {
        let mut file = signed::body(self, WHAT)?;
        file.push_str(&signed::sign(&file, TAG, seed)?);
        Ok(file)
    }

    /// Writes and signs the page. Its last line is a comment with the signature.
    ///
    /// # Errors
    /// [`PlanError::Handover`] where the seed is no key.
    pub fn sign_html(&self, seed: &Zeroizing<[u8; 32]>) -> Result<String, PlanError> {
        let mut page = page::html(self, &signed::public_key(seed)?);
        let line = signed::sign(&page, TAG, seed)?;
        page.push_str(&format!("<!-- {} -->\n", line.trim_end()));
        Ok(page)
    }

    /// Checks the JSON form against the key that is known from elsewhere.
    ///
    /// # Errors
    /// [`PlanError::Signature`] unless `key` signed exactly these bytes; [`PlanError::Document`] for
    /// what is no notice.
    pub fn verify_json(file: &[u8], key: &[u8; 32]) -> Result<Self, PlanError> {
        let signed = Signed::parse(file, TAG).ok_or(PlanError::Signature { what: WHAT })?;
        if signed.keys().as_deref() != Some(&[*key]) {
            return Err(PlanError::Signature { what: WHAT });
        }
        let notice: Self = signed::read(signed.body, WHAT)?;
        if notice.format != FORMAT {
            return Err(PlanError::Document {
                what: WHAT,
                detail: "it is of another format".to_owned(),
            });
        }
        Ok(notice)
    }

    /// Checks a page against the key that is known from elsewhere.
    ///
    /// # Errors
    /// [`PlanError::Signature`] unless `key` signed exactly these bytes.
    pub fn verify_html(file: &[u8], key: &[u8; 32]) -> Result<(), PlanError> {
        let text = std::str::from_utf8(file).ok();
        let bare = text.and_then(|text| {
            let (body, last) = text.strip_suffix(" -->\n")?.rsplit_once("<!-- ")?;
            Some(format!("{body}{last}\n"))
        });
        let keys = bare
            .as_ref()
            .and_then(|bare| Signed::parse(bare.as_bytes(), TAG)?.keys());
        if keys.as_deref() == Some(&[*key]) {
            Ok(())
        } else {
            Err(PlanError::Signature { what: WHAT })
        }
    }
}

fn how_to_tell(kind: Kind, channel: Channel) -> Vec<String> {
    let mut sentences = vec![
        "A message that differs in one word from all texts below is not ours; only the code differs from \
         one recipient to the next.",
        match channel {
            // What was not delivered by then is given up, so that none arrives at night.
            Channel::MessageCentre => {
                "A message from another name, on another day or at another hour is not ours."
            }
            // Notify's providers try for up to 72 hours, and nobody can tell them otherwise.
            Channel::Notify => {
                "A message from another name is not ours. Messages leave on these days and at these hours; a \
                 telephone that was off may get one up to three days later."
            }
        },
        "The right name proves nothing by itself: names can be copied, and so can a code. Find our website \
         by yourself, never through a message, and compare there.",
        "We never ask anybody to answer, to ring a number, to follow a link, to pay, or to tell a password \
         or a code to somebody who rings.",
        "Nobody rings you about this message. If somebody does, hang up.",
    ];
    if kind == Kind::Answer {
        sentences.push(
            "This message answers a question that somebody asked about the number on our website. If \
             somebody on the telephone said that it would come, that person is not from us: hang up.",
        );
    }
    sentences.into_iter().map(str::to_owned).collect()
}
