//! What a case is configured to do: `case.toml`.

use serde::{Deserialize, Serialize};

use crate::Region;

/// The `case.toml` format that this version writes, and the newest it opens.
pub const CASE_FORMAT: u32 = 1;

/// A case's configuration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseConfig {
    /// Format version; a greater one than [`CASE_FORMAT`] is refused.
    pub format: u32,
    /// Name of the case.
    pub name: String,
    /// True for a case of made-up records: nothing of it may ever be sent to anybody.
    #[serde(default)]
    pub made_up: bool,
    /// Regions whose people this team warns.
    pub home_regions: Vec<Region>,
    /// Currency that payments are valued in, where rates are known.
    #[serde(default = "gbp")]
    pub value_currency: String,
    /// Purpose that is logged when the command line gives none.
    #[serde(default = "investigation")]
    pub default_purpose: String,
    /// The systems that the exhibits come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Exhibits that hold no rows, such as photographs: kept and checked, never read into tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_rows: Vec<String>,
    /// Which systems saw the same calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_call: Vec<SameCall>,
    /// Rules that words such as `engaged` stand for.
    #[serde(default)]
    pub rules: Rules,
    /// The funnel's steps, in order, by the names in [`FunnelStep`].
    #[serde(default)]
    pub funnel: Funnel,
    /// How contacts, suspects and presented numbers are ranked.
    #[serde(default, skip_serializing_if = "RankConfig::is_default")]
    pub rank: RankConfig,
    /// Reference lists, by file name under `reference/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Who may approve campaigns: two of them sign each plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<Approver>,
    /// Where judgements are kept; `case.db` in the case's folder when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreConfig>,
}

/// Somebody who may approve campaigns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approver {
    /// Their name, as others know them.
    pub name: String,
    /// Their public Ed25519 key, 64 hexadecimal digits.
    pub key: String,
}

/// How contacts, suspects and presented numbers are ranked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RankConfig {
    /// A preset's name, `harm` or `elaborate`, or the file name of a policy among the reference
    /// lists, such as `ours.toml`.
    pub policy: String,
}

impl RankConfig {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for RankConfig {
    fn default() -> Self {
        Self {
            policy: "harm".to_owned(),
        }
    }
}

/// Where operational records such as judgements are kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// A PostgreSQL server's database: `postgres://USER@HOST:PORT/DATABASE`.
    pub url: String,
}

/// Shows no URL: it can hold a password.
impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig").finish_non_exhaustive()
    }
}

fn gbp() -> String {
    "GBP".to_owned()
}

fn investigation() -> String {
    "investigation".to_owned()
}

/// A system that exhibits come from. Ids count only within their source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name that stands in every row.
    pub name: String,
    /// A preset's name, or a file under `mappings/` without its `.toml`.
    pub mapping: String,
    /// Zone of local times, before the mapping's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Seconds that the source's clock ran ahead of the true time; taken off every instant.
    #[serde(default)]
    pub clock_offset_s: i64,
    /// Exhibits that are this source's whatever else would match, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exhibits: Vec<String>,
}

/// A declaration that two systems recorded the same calls.
///
/// Two rows tell of one call when they come one from each source, agree in all columns of `on`, and
/// started within `within_s` of each other. Each row is matched once at most, nearest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameCall {
    /// The source whose version counts, then the other.
    pub sources: (String, String),
    /// Columns of `calls` that must agree, none of them null.
    pub on: Vec<String>,
    /// Greatest difference between the two `started_utc`, after clock offsets, in seconds.
    pub within_s: i64,
}

/// Rules that words stand for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// When a call counts as engaged.
    pub engaged: Engaged,
    /// When an account is a priority account.
    pub priority: Priority,
}

/// When a call counts as engaged: on the target's leg, answered, and either of the two.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Engaged {
    /// Talk time, less time on an answering machine, must be greater than this.
    pub over_s: i64,
    /// Whether a captured one-time code is enough by itself.
    pub code_captured: bool,
}

impl Default for Engaged {
    fn default() -> Self {
        Self {
            over_s: 60,
            code_captured: true,
        }
    }
}

/// When an account is a priority account: home region by evidence, and enough paid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Priority {
    /// Whether the account's own telephone number must be of a home region.
    pub home_region: bool,
    /// Least sum of the account's valued payments, in minor units of the case's currency.
    pub min_paid_minor: i64,
}

impl Default for Priority {
    fn default() -> Self {
        Self {
            home_region: true,
            min_paid_minor: 10_000,
        }
    }
}

/// A funnel: named filters, each over what the one before left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Funnel {
    /// Name of the rule, printed with the result.
    pub rule: String,
    /// The filters in order: `calls` first, those that filter calls before those that filter
    /// numbers, none twice.
    #[serde(deserialize_with = "steps_in_order")]
    pub steps: Vec<FunnelStep>,
}

fn steps_in_order<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<FunnelStep>, D::Error> {
    use serde::de::Error;
    let steps = Vec::<FunnelStep>::deserialize(from)?;
    if steps.first() != Some(&FunnelStep::Calls) {
        return Err(D::Error::custom("a funnel starts with the step `calls`"));
    }
    let is_late = |pair: &&[FunnelStep]| pair[0].unit() == "numbers" && pair[1].unit() == "calls";
    if let Some(late) = steps.windows(2).find(is_late) {
        return Err(D::Error::custom(format!(
            "the step `{}` filters calls and cannot come after `{}`, which filters numbers",
            late[1].id(),
            late[0].id(),
        )));
    }
    let twice = (1..steps.len()).find(|&at| steps[..at].contains(&steps[at]));
    if let Some(at) = twice {
        let id = steps[at].id();
        return Err(D::Error::custom(format!("the step `{id}` stands twice")));
    }
    Ok(steps)
}

impl Default for Funnel {
    fn default() -> Self {
        use FunnelStep as S;
        Self {
            rule: "elaborate".to_owned(),
            steps: vec![
                S::Calls,
                S::Home,
                S::Engaged,
                S::Numbers,
                S::Mobile,
                S::IdentifiedPerson,
                S::NotReported,
                S::NotSuppressed,
            ],
        }
    }
}

/// A filter of the funnel. Those before `numbers` filter calls; those after it filter numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunnelStep {
    /// Call attempts: legs to a target or of unknown kind; duplicates and tests left out.
    Calls,
    /// To a number of a home region.
    Home,
    /// Engaged by the rule.
    Engaged,
    /// From calls to the distinct numbers that were called.
    Numbers,
    /// Mobile numbers.
    Mobile,
    /// Reached by at least one priority account, in the calls that are left.
    PriorityAccount,
    /// Reached by at least one account of an identified person, in the calls that are left.
    IdentifiedPerson,
    /// Named as the called number by no report, and by nobody said to have reported.
    NotReported,
    /// On no suppression list, and suppressed by nobody.
    NotSuppressed,
}

impl FunnelStep {
    /// Returns the step's stable id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Home => "home",
            Self::Engaged => "engaged",
            Self::Numbers => "numbers",
            Self::Mobile => "mobile",
            Self::PriorityAccount => "priority_account",
            Self::IdentifiedPerson => "identified_person",
            Self::NotReported => "not_reported",
            Self::NotSuppressed => "not_suppressed",
        }
    }

    /// Returns `calls` or `numbers`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Calls | Self::Home | Self::Engaged => "calls",
            Self::Numbers
            | Self::Mobile
            | Self::PriorityAccount
            | Self::IdentifiedPerson
            | Self::NotReported
            | Self::NotSuppressed => "numbers",
        }
    }
}

/// A dated list that the user adds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// What the list holds.
    pub kind: ReferenceKind,
    /// File name under `reference/`.
    pub file: String,
    /// The day the list was published or taken, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated: Option<String>,
    /// Whose numbers they are, for lists that do not say so themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

/// What a reference list holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceKind {
    /// Organisations' numbers and ranges.
    Organisations,
    /// Exchange rates by day.
    Rates,
    /// Numbers that must not be contacted.
    Suppressions,
    /// Number blocks as Ofcom publishes them, files S1 to S9.
    Ofcom,
    /// Area codes as NANPA publishes them.
    Nanpa,
    /// Central office codes as Canada's administrator publishes them.
    Cna,
    /// What counts how much in a rank.
    Policy,
    /// Countries of addresses, a file in MaxMind's format.
    Countries,
    /// Attributed or sanctioned payment addresses: a `TagPack`, or one address a line.
    Addresses,
}

impl ReferenceKind {
    /// Returns whether the list says which number blocks are allocated.
    #[must_use]
    pub const fn is_blocks(self) -> bool {
        matches!(self, Self::Ofcom | Self::Nanpa | Self::Cna)
    }

    /// Returns the word used in `case.toml` and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organisations => "organisations",
            Self::Rates => "rates",
            Self::Suppressions => "suppressions",
            Self::Ofcom => "ofcom",
            Self::Nanpa => "nanpa",
            Self::Cna => "cna",
            Self::Policy => "policy",
            Self::Countries => "countries",
            Self::Addresses => "addresses",
        }
    }
}
