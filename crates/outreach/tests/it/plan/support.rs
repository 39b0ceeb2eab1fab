//! A small case, and a campaign for it.

use unspoof_handover::hex;
use unspoof_model::{Region, UtcMicros};
use unspoof_numbers::{NumberType, PhoneNumber};
use unspoof_outreach::candidate::{Allocation, Candidate, Candidates, Flags, Shown};
use unspoof_outreach::plan::{Campaign, Grounds, Planned};
use unspoof_outreach::recipient::RecipientKey;
use unspoof_unseal::Identity;
use zeroize::Zeroizing;

/// A sample in an ordinary run, twenty times as many in a long one.
pub(crate) fn cases(sample: u32) -> u32 {
    let is_long = std::env::var_os("UNSPOOF_SOAK").is_some();
    if is_long { sample * 20 } else { sample }
}

pub(crate) const HOUR_US: i64 = 3_600_000_000;

/// 2022-11-20 12:00 UTC: four days before the window.
pub(crate) const PLANNED_UTC: UtcMicros = 1_668_945_600_000_000;

/// 2022-11-24 12:00 UTC: within it.
pub(crate) const WITHIN_UTC: UtcMicros = 1_669_291_200_000_000;

pub(crate) fn seed(of: u8) -> Zeroizing<[u8; 32]> {
    Zeroizing::new([of; 32])
}

pub(crate) fn public(of: u8) -> String {
    use ring::signature::KeyPair as _;
    let pair = unspoof_handover::bundle::key_pair("test", &seed(of)).unwrap();
    hex::encode(pair.public_key().as_ref())
}

pub(crate) fn host() -> Identity {
    Identity::of_secret(seed(100))
}

pub(crate) fn inside(of: u8) -> String {
    Identity::of_secret(seed(200 + of)).recipient()
}

pub(crate) fn number(key: u64) -> PhoneNumber {
    PhoneNumber::from_key(key).unwrap()
}

/// A mobile number of the range for drama.
pub(crate) fn mobile(last: u64) -> PhoneNumber {
    number(447_700_900_000 + last)
}

pub(crate) fn key() -> RecipientKey {
    RecipientKey::new(seed(50))
}

pub(crate) fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// Called lately, surely by somebody who posed as the first bank, and of use to no other rule.
pub(crate) fn candidate(number: PhoneNumber) -> Candidate {
    Candidate {
        number,
        region: Some(region("GB")),
        line: Some(NumberType::Mobile),
        allocation: Some(Allocation::Allocated),
        shown: vec![Shown {
            organisation: 0,
            calls: 3,
            certain_calls: 3,
        }],
        last_call_utc: Some(PLANNED_UTC - 240 * HOUR_US),
        language: None,
        flags: Flags::default(),
    }
}

pub(crate) fn candidates(list: Vec<Candidate>) -> Candidates {
    Candidates {
        funnel: Some(unspoof_model::Sha256Hash([3; 32])),
        made_up: true,
        organisations: vec![
            "Crownfield Bank".to_owned(),
            "Tarn & Pennard Bank".to_owned(),
        ],
        list,
    }
}

pub(crate) fn campaign_toml() -> String {
    format!(
        r#"
version = 1
id = "tarnshire-2022"
kind = "warning"
organisation = "Tarnshire Police"
contact = "Tarnshire Police, Operation Lantern"
sender = "TarnPolice"
registered_senders = ["TarnPolice"]
rate_per_s = 30
price_per_part = "0.0251"
currency = "GBP"

[window]
zone = "Europe/London"
first_day = "2022-11-24"
last_day = "2022-11-25"

[[texts]]
language = "en"
text = "Tarnshire Police: this phone may have been rung by people who posed as others. Our website tells how to know this text. Code {{code}}"

[[texts]]
language = "en"
organisation = "Crownfield Bank"
text = "Tarnshire Police: this phone may have been rung by people posing as Crownfield Bank. Our website tells how to know this text. Code {{code}}"

[[texts]]
language = "cy"
text = "Heddlu Tarnshire: efallai fod rhywun wedi ffonio'r rhif hwn gan esgus bod yn rhywun arall. Cod: {{code}}"

[[stages]]
name = "own team"
take = "team"
pause_min = 30

[[stages]]
name = "first few"
take = "3"
pause_min = 30
hold_after = true

[[stages]]
name = "one in ten"
take = "10 %"
pause_min = 10

[[stages]]
name = "rest"
take = "rest"

[[approvers]]
name = "A. Officer"
key = "{}"

[[approvers]]
name = "B. Officer"
key = "{}"

[[approvers]]
name = "C. Officer"
key = "{}"

[sealing]
sender_host = "{}"

[portal]
languages = ["en", "cy"]
recipients = ["{}", "{}"]
receipt_key = "{}"
leave_url = "https://example.org/"
is_crime_report = false
read_within_days = 3
draft_days = 14
codes_open_days = 90

[[portal.help]]
kind = "report"
name = {{ en = "Where crimes are reported" }}
number = "020 7946 0101"
"#,
        public(1),
        public(2),
        public(3),
        host().recipient(),
        inside(1),
        inside(2),
        public(9),
    )
}

pub(crate) fn campaign() -> Campaign {
    Campaign::read(&campaign_toml()).unwrap()
}

pub(crate) const TEAM: [u64; 2] = [990, 991];

/// Plans with the team's numbers and no other lists.
pub(crate) fn planned(campaign: &Campaign, candidates: &Candidates) -> Planned {
    let team: Vec<PhoneNumber> = TEAM.map(mobile).to_vec();
    let home = [region("GB")];
    let key = key();
    unspoof_outreach::plan::make(&Grounds {
        team: &team,
        ..grounds(campaign, candidates, &home, &key)
    })
    .unwrap()
}

pub(crate) fn grounds<'a>(
    campaign: &'a Campaign,
    candidates: &'a Candidates,
    home: &'a [Region],
    key: &'a RecipientKey,
) -> Grounds<'a> {
    Grounds {
        campaign,
        candidates,
        home,
        team: &[],
        asked: None,
        suppressions: &[],
        told: &[],
        key,
        now_utc: PLANNED_UTC,
    }
}
