//! The campaign file that people write: `docs/formats/campaign.md`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unspoof_handover::bundle::{HelpLine, LanguageException};
use unspoof_handover::seal::Recipient as SealKey;
use unspoof_model::{Decimal, Zone};

use super::check::Linter;
use super::document::CODE;
use super::{ApprovedKey, Kind, PlanError, StopRules, hours};
use crate::approval::Approvers;
use crate::lint::{Channel, Exception, Report};
use crate::text::Coding;

/// A campaign as people write it. There is one sender and a fixed set of texts: whatever is not in
/// here cannot be sent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Version of the format; this program knows 1.
    pub version: u32,
    /// The campaign's id: small letters, digits and dashes.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// Who runs it, as the public knows them.
    pub organisation: String,
    /// How to reach them, in one line.
    pub contact: String,
    /// The name that all texts come from.
    pub sender: String,
    /// The names that are registered with operators.
    pub registered_senders: Vec<String>,
    /// The most parts that a text may take.
    #[serde(default = "one")]
    pub most_parts: u32,
    /// Texts a second, at most.
    pub rate_per_s: u32,
    /// What a part costs.
    #[serde(default)]
    pub price_per_part: Option<String>,
    /// … in which currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// Who takes the texts.
    #[serde(default)]
    pub channel: Channel,
    /// How they take them.
    #[serde(default)]
    pub coding: Coding,
    /// When it is sent.
    pub window: WindowPart,
    /// When the neutral text is sent although an organisation was shown.
    #[serde(default)]
    pub neutral: NeutralWhen,
    /// The texts; the first one's language is taken where none is known.
    pub texts: Vec<CampaignText>,
    /// Who is told first. Left out in answers, which go in batches.
    #[serde(default)]
    pub stages: Vec<StagePart>,
    /// How answers are given; in answers alone.
    #[serde(default)]
    pub answering: Option<Answering>,
    /// When sending stops by itself.
    #[serde(default)]
    pub stop: StopRules,
    /// What the linter finds and is sent all the same.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// Who may approve: two or more.
    pub approvers: Vec<ApprovedKey>,
    /// Whom what is secret is sealed to.
    pub sealing: Sealing,
    /// What the portal is told.
    #[serde(default)]
    pub portal: Option<PortalPart>,
}

const fn one() -> u32 {
    1
}

/// When a campaign is sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowPart {
    /// The zone that its days are of.
    pub zone: String,
    /// First day, `YYYY-MM-DD`.
    pub first_day: String,
    /// Last day.
    pub last_day: String,
    /// From this time of the day on, by each recipient's own clocks.
    #[serde(default = "nine")]
    pub earliest: String,
    /// Until this time of the day.
    #[serde(default = "twenty")]
    pub latest: String,
}

fn nine() -> String {
    "09:00".to_owned()
}

fn twenty() -> String {
    "20:00".to_owned()
}

/// When the neutral text is sent although an organisation was shown. It is always sent where several
/// were, or where it is not certain which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NeutralWhen {
    /// The last call is this many days before the window or more: the number may have a new holder.
    pub older_than_days: u32,
    /// Fewer calls than this surely showed the organisation.
    pub fewer_calls_than: u32,
}

impl Default for NeutralWhen {
    fn default() -> Self {
        Self {
            older_than_days: 365,
            fewer_calls_than: 1,
        }
    }
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignText {
    /// Its language, a BCP 47 tag.
    pub language: String,
    /// The organisation that it names; left out in a neutral text.
    #[serde(default)]
    pub organisation: Option<String>,
    /// The text, with `{code}` once.
    pub text: String,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagePart {
    /// What people call it.
    pub name: String,
    /// Who is of it: `team`, a count, a share such as `1 %`, `rest`.
    pub take: Take,
    /// How long to wait after it, in minutes.
    #[serde(default)]
    pub pause_min: u32,
    /// Whether a person must let the next stage begin.
    #[serde(default)]
    pub hold_after: bool,
}

/// Who is of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Take {
    /// The team's own numbers, which are given apart.
    Team,
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u8),
    /// All who are left.
    Rest,
}

impl TryFrom<String> for Take {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        let wrong = "a stage takes `team`, a count such as `50`, a share such as `1 %`, or `rest`";
        if let Some(share) = written.strip_suffix('%') {
            let percent = share.trim_end().parse().map_err(|_| wrong)?;
            return if (1..=100).contains(&percent) {
                Ok(Self::Percent(percent))
            } else {
                Err(wrong)
            };
        }
        match written.as_str() {
            "team" => Ok(Self::Team),
            "rest" => Ok(Self::Rest),
            count => count.parse().map(Self::Count).map_err(|_| wrong),
        }
    }
}

/// How answers are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answering {
    /// In how many batches, at instants that are drawn by chance.
    pub batches: u16,
    /// The least time between planning and the first batch, in minutes, so that nobody waits for one
    /// on the telephone.
    #[serde(default = "an_hour")]
    pub least_delay_min: u32,
}

const fn an_hour() -> u32 {
    60
}

/// Whom what is secret is sealed to: public `age` keys.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealing {
    /// The sender's host: the recipients.
    pub sender_host: String,
}

/// What the portal is told besides notice and codes: see [`unspoof_handover::bundle::Bundle`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalPart {
    /// Languages to serve, the default first.
    pub languages: Vec<String>,
    /// Unreviewed ones that are served all the same.
    #[serde(default)]
    pub language_exceptions: Vec<LanguageException>,
    /// Public `age` keys that reports are sealed to: two or more, held inside.
    pub recipients: Vec<String>,
    /// The public key of receipts.
    pub receipt_key: String,
    /// Numbers to ring for help.
    #[serde(default)]
    pub help: Vec<HelpLine>,
    /// Where "leave this page" leads.
    pub leave_url: String,
    /// Whether what is logged counts as a crime report.
    pub is_crime_report: bool,
    /// Days until somebody reads a report, at most.
    pub read_within_days: u32,
    /// Days that an unfinished report is kept.
    pub draft_days: u32,
    /// Days after the window for which codes open something.
    pub codes_open_days: u32,
}

impl Campaign {
    /// Reads a campaign file.
    ///
    /// # Errors
    /// [`PlanError::Campaign`], [`PlanError::SenderId`], [`PlanError::Text`], [`PlanError::Window`] or
    /// [`PlanError::Approvers`] for one that no campaign can follow from.
    pub fn read(toml: &str) -> Result<Self, PlanError> {
        let campaign: Self = toml::from_str(toml).map_err(|source| {
            let line = source
                .span()
                .and_then(|span| toml.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            PlanError::Campaign {
                detail: format!("line {line}: {}", source.message()),
            }
        })?;
        campaign.check()?;
        Ok(campaign)
    }

    fn check(&self) -> Result<(), PlanError> {
        let wrong = |detail: &str| {
            Err(PlanError::Campaign {
                detail: detail.to_owned(),
            })
        };
        if self.version != 1 {
            return wrong("this program knows version 1 alone");
        }
        if !is_id(&self.id) {
            return wrong("`id` has small letters, digits and dashes, 60 at most");
        }
        for (name, value) in [
            ("organisation", &self.organisation),
            ("contact", &self.contact),
        ] {
            if value.trim().is_empty() || value.chars().any(char::is_control) {
                return wrong(&format!("`{name}` is one line that says something"));
            }
        }
        check_sender(&self.sender, &self.registered_senders)?;
        self.check_texts()?;
        self.check_stages()?;
        self.bounds()?;
        if !(1..=1000).contains(&self.rate_per_s) {
            return wrong("`rate_per_s` is 1 to 1000");
        }
        if !(1..=10).contains(&self.most_parts) {
            return wrong("`most_parts` is 1 to 10");
        }
        if self.stop.delivered_percent > 100 || self.stop.unknown_percent > 100 {
            return wrong("`stop` has shares of a hundred");
        }
        if self.price_per_part.is_some() != self.currency.is_some() {
            return wrong("`price_per_part` and `currency` go together");
        }
        if self.price().is_err() {
            return wrong(
                "`price_per_part` is a number such as `0.025`, and `currency` such as `GBP`",
            );
        }
        for exception in &self.exceptions {
            if exception.reason.trim().is_empty() || exception.by.trim().is_empty() {
                return wrong("an exception says why, and who decided");
            }
        }
        Approvers::new(self.approvers.clone())?;
        SealKey::parse(&self.sealing.sender_host)?;
        if let Some(portal) = &self.portal {
            let mut keys = BTreeSet::new();
            for key in &portal.recipients {
                SealKey::parse(key)?;
                keys.insert(key);
            }
            if keys.len() < 2 || keys.len() != portal.recipients.len() {
                return wrong("`portal.recipients` are two or more different keys");
            }
            if keys.contains(&self.sealing.sender_host) {
                return wrong("the sender's host must not open what the portal seals");
            }
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), PlanError> {
        let wrong = |index, detail: &str| {
            Err(PlanError::Text {
                index,
                detail: detail.to_owned(),
            })
        };
        let Some(first) = self.texts.first() else {
            return wrong(0, "there is none");
        };
        let mut seen = BTreeSet::new();
        for (index, text) in self.texts.iter().enumerate() {
            if !is_language(&text.language) {
                return wrong(index, "its language is no tag such as `en`");
            }
            if !seen.insert((&text.language, &text.organisation)) {
                return wrong(index, "an earlier one has its language and organisation");
            }
            if self.kind == Kind::Answer && text.organisation.is_some() {
                return wrong(index, "an answer names no organisation");
            }
            check_placeholder(&text.text).or_else(|detail| wrong(index, detail))?;
        }
        let neutral =
            |text: &CampaignText| text.organisation.is_none() && text.language == first.language;
        if self.texts.iter().any(neutral) {
            Ok(())
        } else {
            wrong(0, "its language has no neutral text")
        }
    }

    fn check_stages(&self) -> Result<(), PlanError> {
        let wrong = |detail: &str| {
            Err(PlanError::Campaign {
                detail: detail.to_owned(),
            })
        };
        match (self.kind, &self.answering) {
            (Kind::Answer, Some(answering)) => {
                if !(1..=1000).contains(&answering.batches) {
                    return wrong("`answering.batches` is 1 to 1000");
                }
                if !self.stages.is_empty() {
                    return wrong("answers go in batches and have no stages");
                }
                return Ok(());
            }
            (Kind::Answer, None) => return wrong("answers need `[answering]`"),
            (Kind::Warning, Some(_)) => return wrong("only answers have `[answering]`"),
            (Kind::Warning, None) => {}
        }
        let takes = || self.stages.iter().map(|stage| stage.take);
        let rests = takes().filter(|take| *take == Take::Rest).count();
        if takes().next_back() != Some(Take::Rest) || rests != 1 {
            return wrong("the last stage, and it alone, takes the rest");
        }
        if takes().skip(1).any(|take| take == Take::Team) {
            return wrong("only the first stage can be the team's");
        }
        if self.stages.len() > 64 {
            return wrong("64 stages at most");
        }
        let names: BTreeSet<&str> = self
            .stages
            .iter()
            .map(|stage| stage.name.as_str())
            .collect();
        if names.len() != self.stages.len() || names.contains("") {
            return wrong("each stage has a name of its own");
        }
        Ok(())
    }

    /// Says what the linter finds in each text.
    #[must_use]
    pub fn lint(&self) -> Vec<Report> {
        self.texts
            .iter()
            .map(|text| {
                self.linter()
                    .look(&text.language, &text.text, &text.organisation)
            })
            .collect()
    }

    fn linter(&self) -> Linter<'_> {
        Linter {
            sender: &self.sender,
            registered: &self.registered_senders,
            coding: self.coding,
            channel: self.channel,
            most_parts: self.most_parts,
            exceptions: &self.exceptions,
        }
    }

    /// Returns the price of a part, if there is one.
    pub(crate) fn price(&self) -> Result<Option<(Decimal, &str)>, PlanError> {
        let (Some(price), Some(currency)) = (&self.price_per_part, &self.currency) else {
            return Ok(None);
        };
        let read = Decimal::parse(price).ok();
        let is_price = price.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let is_currency = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        match read {
            Some(read) if is_price && is_currency => Ok(Some((read, currency))),
            _ => Err(PlanError::Campaign {
                detail: "`price_per_part` is no price".to_owned(),
            }),
        }
    }

    /// Returns the window: its first second and the one after its last, and the hours of the day in
    /// minutes.
    pub(crate) fn bounds(&self) -> Result<Bounds, PlanError> {
        let wrong = |detail: &str| PlanError::Window {
            detail: detail.to_owned(),
        };
        let window = &self.window;
        let zone = Zone::named(&window.zone).map_err(|source| wrong(&source.to_string()))?;
        let first = hours::day(&window.first_day).ok_or(wrong("`first_day` is no day"))?;
        let last = hours::day(&window.last_day).ok_or(wrong("`last_day` is no day"))?;
        if last < first || last - first > 92 {
            return Err(wrong("it has 1 to 93 days"));
        }
        let earliest = hours::minutes(&window.earliest).ok_or(wrong("`earliest` is no time"))?;
        let latest = hours::minutes(&window.latest).ok_or(wrong("`latest` is no time"))?;
        if earliest % 5 != 0 || latest % 5 != 0 {
            return Err(wrong("times of the day are in steps of five minutes"));
        }
        // Nobody is woken. There is no exception to this.
        if earliest < 8 * 60 || latest > 21 * 60 || earliest + 30 > latest {
            return Err(wrong(
                "it is within 08:00 and 21:00, and half an hour at least",
            ));
        }
        // Where clocks skip midnight the day begins when they next show something.
        let start_of = |day: i32| {
            (0..24)
                .filter_map(|hour| {
                    zone.to_utc(unspoof_model::LocalTime {
                        seconds: i64::from(day) * 86_400 + hour * 3_600,
                        micros: 0,
                    })
                    .0
                })
                .next()
                .map_or(i64::from(day) * 86_400, |micros| micros / 1_000_000)
        };
        Ok(Bounds {
            first_day: first,
            from_s: start_of(first),
            until_s: start_of(last + 1),
            earliest_min: earliest,
            latest_min: latest,
        })
    }
}

/// A window in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) first_day: i32,
    pub(crate) from_s: i64,
    pub(crate) until_s: i64,
    pub(crate) earliest_min: u16,
    pub(crate) latest_min: u16,
}

/// Tells whether a text can be a campaign's id.
pub(crate) fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=60).contains(&text.len()) && text.bytes().all(plain)
}

fn is_language(tag: &str) -> bool {
    (2..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Checks that the sender is registered, and of a form that operators take.
pub(crate) fn check_sender(sender: &str, registered: &[String]) -> Result<(), PlanError> {
    let wrong = |detail| {
        Err(PlanError::SenderId {
            sender: sender.to_owned(),
            detail,
        })
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" .&_-".contains(&b);
    if !(3..=11).contains(&sender.len()) || !sender.bytes().all(plain) || sender.trim() != sender {
        return wrong("it has 3 to 11 letters, digits, spaces or `.&_-`");
    }
    if !sender.bytes().any(|b| b.is_ascii_alphabetic()) {
        // A number could be rung, and could be shown by anybody.
        return wrong("it has no letter");
    }
    if !registered.iter().any(|of| of == sender) {
        return wrong("it is not among the registered ones");
    }
    Ok(())
}

/// Checks that a text has `{code}` once and nothing else that could be replaced.
pub(crate) fn check_placeholder(text: &str) -> Result<(), &'static str> {
    if text.matches(CODE).count() != 1 {
        return Err("it has `{code}` not exactly once");
    }
    if text.replace(CODE, "").contains(['{', '}']) {
        return Err("it has a brace: nothing but `{code}` is ever replaced");
    }
    Ok(())
}
