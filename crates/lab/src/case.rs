//! The case's configuration and its reference lists.

#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "telephone numbers are grouped as they are spoken: country, area, line"
)]

use std::fmt::Write as _;

use crate::addresses::ADDRESSES;
use crate::clock::{DAY_S, days};
use crate::draw::{Draw, Purpose, Shuffle};
use crate::hard::MAPPINGS;
use crate::phone::e164_text;
use crate::plan::Plan;
use crate::switch::CLOCK_AHEAD_S;

pub(crate) const BANKS: &str = "organisations-banks.csv";
pub(crate) const PUBLIC_BODIES: &str = "organisations-public-bodies.csv";
pub(crate) const RATES: &str = "rates-gbp.csv";
pub(crate) const SUPPRESSIONS: &str = "suppressions.csv";

/// The funnel of hard mode: who has reported is what is to be found out there, and no step of it.
const HARD_FUNNEL: &str = r#"
[funnel]
rule = "hard"
steps = ["calls", "home", "engaged", "numbers", "mobile", "identified_person", "not_suppressed"]
"#;

/// Writes `case.toml`.
pub(crate) fn config(plan: &Plan) -> String {
    let preset = plan.preset.as_str();
    let (service, reports) = if plan.hard.is_some() {
        (MAPPINGS[0].0, MAPPINGS[1].0)
    } else {
        ("lab-service", "lab-reports")
    };
    let funnel = if plan.hard.is_some() { HARD_FUNNEL } else { "" };
    format!(
        r#"format = 1
name = "A made-up spoofing service ({preset}, seed {seed})"
made_up = true
home_regions = ["GB"]
value_currency = "GBP"
{funnel}
[[sources]]
name = "service"
mapping = "{service}"
zone = "Europe/Kyiv"

[[sources]]
name = "switch"
mapping = "asterisk-csv"
zone = "UTC"
clock_offset_s = {CLOCK_AHEAD_S}

[[sources]]
name = "reports"
mapping = "{reports}"
zone = "Europe/London"

[[same_call]]
sources = ["service", "switch"]
on = ["leg", "account_id", "called_e164"]
within_s = 3

[[references]]
kind = "organisations"
file = "{BANKS}"
dated = "2022-11-10"

[[references]]
kind = "organisations"
file = "{PUBLIC_BODIES}"
dated = "2022-11-10"

[[references]]
kind = "rates"
file = "{RATES}"
dated = "2022-12-31"

[[references]]
kind = "suppressions"
file = "{SUPPRESSIONS}"
dated = "2022-11-20"

[[references]]
kind = "addresses"
file = "{ADDRESSES}"
dated = "2022-11-10"
"#,
        seed = plan.seed,
    )
}

/// Numbers that must not be contacted.
pub(crate) struct Suppressions {
    /// Ids in the pool.
    pub(crate) ids: Vec<u32>,
    pub(crate) list: String,
}

/// Settles who must not be contacted: one victim in 200, and some whom nobody called.
pub(crate) fn suppressions(plan: &Plan) -> Suppressions {
    let mut draw = Draw::new(plan.seed, Purpose::Suppressions, 0);
    let victims = plan.size.victims;
    let shuffle = Shuffle::new(&mut draw, victims.into());
    let ids: Vec<u32> = (0..u64::from(victims / 200).max(4))
        .map(|index| plan.pool.victim(&plan.size, shuffle.at(index) as u32))
        .collect();
    let mut lines: Vec<(String, &str)> = ids
        .iter()
        .map(|&id| e164_text(plan.pool.number(id)))
        .chain((0..10).map(|line| e164_text(44_7700_900_500 + line)))
        .map(|number| {
            (
                number,
                *draw.pick(&["asked not to be contacted", "deceased", "witness"]),
            )
        })
        .collect();
    lines.sort();
    let mut list = String::from("number,reason\n");
    for (number, reason) in lines {
        // Writing to a `String` cannot fail.
        let _ = writeln!(list, "{number},{reason}");
    }
    Suppressions { ids, list }
}

/// Keeps the lists' days after the period that they are about.
const _: () = assert!(days(2022, 11, 10) * DAY_S > crate::preset::PERIOD_END);
