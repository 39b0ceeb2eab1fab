//! Fraud reports joined to the calls that they tell of.
//!
//! A seized spoofing service knows whom it rang; reporting centres, banks and police know who lost
//! money. Neither knows of the other, and a report holds what a shaken person remembers: a number
//! with a slip in it, a day that may be off, a name that was said. This crate puts them together,
//! says how sure each match is and why, and counts each loss once.
//!
//! ```text
//! Call ─push→ CallsBuilder ─finish→ Calls ┐
//!                                         ├─ Matcher ─match_reports→ Matched { reports, losses }
//! Report (fields, raw text, narrative)    ┘                 └─losses_by_tier→ Losses
//! ```
//!
//! # How a match is made
//!
//! 1. The report is read: its own number from the field as written, other numbers from the
//!    narrative (the victim's where it was called, the fraudster's where it was shown), the
//!    organisations that it names, and each reading of its date.
//! 2. Calls are looked up: to the own number near a window; else to numbers one slip away; else, of
//!    what was shown near a window.
//! 3. Each of these is weighed: a sum of [`Reason`]s in [`Bits`], each `log2(m / u)` after Fellegi
//!    and Sunter (A Theory for Record Linkage, 1969). The `m` are one set of [`Settings`] with
//!    their grounds; every `u`, how many calls agree by chance, is counted from the calls
//!    ([`Rarity`]). The first reason is the prior: one call among all.
//! 4. The calls share what explains the report with each other and with no call at all. The best
//!    one is [`Tier::Exact`] or [`Tier::Probable`] if its share suffices and its facts do, else
//!    [`Tier::Possible`]; all others are possible.
//! 5. Reports that tell of one loss are found, by number, name, amount, day and call.
//!
//! A report without a number of its own lists calls as possible and is never counted as matched. A
//! tier is about a call and says nothing on a person: `confirmed` is what people do.
//!
//! # Example
//!
//! ```
//! use unspoof_matching::{
//!     AccountNo, Call, CallsBuilder, Currency, Matcher, Money, OrganisationNames, OrganisationNo,
//!     Report, ReportKey, Settings, Tier, windows_of_day,
//! };
//! use unspoof_model::Zone;
//! use unspoof_numbers::{Context, PhoneNumber};
//!
//! let bank = OrganisationNo(0);
//! let mut calls = CallsBuilder::default();
//! for day in 0..300 {
//!     calls.push(&Call {
//!         called: PhoneNumber::from_key(447_700_900_000 + day * 3).ok(),
//!         presented: PhoneNumber::from_key(442_079_460_123).ok(),
//!         organisations: &[bank],
//!         started_utc: 1_640_995_200_000_000 + day as i64 * 86_400_000_000,
//!         talk_s: Some(10 + day as u32),
//!         answered: Some(true),
//!         account: AccountNo(day as u32 % 7),
//!         engaged: false,
//!     })?;
//! }
//! let calls = calls.finish();
//!
//! // 07700 900180 was rung on 2 March 2022; this form wrote the month first.
//! let report = Report {
//!     key: ReportKey { source: "centre".into(), report_id: "17".into() },
//!     windows: windows_of_day("03/02/2022", &Zone::named("Europe/London")?),
//!     called_raw: Some("07700 900180".into()),
//!     loss: Some(Money { currency: Currency::GBP, minor: 125_000 }),
//!     narrative: Some("The Example Bank rang me about a payment.".into()),
//!     ..Report::default()
//! };
//!
//! let names = OrganisationNames::new([(bank, "Example Bank")]);
//! let context = Context { default_region: "GB".parse().ok(), ..Context::default() };
//! let matcher = Matcher::new(&calls, &names, context, Settings::default())?;
//! let reports = [report];
//! let matched = matcher.match_reports(&reports)?;
//!
//! let best = matched.reports[0].matched().expect("its number was called on that day");
//! assert_eq!(best.tier, Tier::Exact);
//! assert_eq!(best.call.call.0, 60);
//! let reasons: Vec<String> = best.reasons.iter().map(ToString::to_string).collect();
//! assert_eq!(reasons[0], "one of 300 calls: -8.2 bits");
//! assert_eq!(reasons[1], "own number +44•••••180 called: +8.1 bits");
//! assert_eq!(reasons[2], "inside the window (one of 2 readings of the date): +6.5 bits");
//!
//! let losses = matched.losses_by_tier(&reports);
//! assert_eq!(losses.by_tier[&(Some(Tier::Exact), Currency::GBP)].sum_minor, 125_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bits;
mod calls;
mod dates;
mod error;
mod losses;
mod match_reports;
mod matcher;
mod names;
mod one_loss;
mod rarity;
mod reason;
mod report;
mod settings;
mod slips;
mod told;
mod weigh;

pub use bits::Bits;
pub use calls::{AccountNo, Call, CallNo, Calls, CallsBuilder, OrganisationNo, StoredCall, Talk};
pub use dates::windows_of_day;
pub use error::MatchError;
pub use losses::{CountedLoss, LossSum, Losses};
pub use match_reports::{LossGroup, Matched};
pub use matcher::{Match, Matcher, ReportMatches};
pub use names::OrganisationNames;
pub use one_loss::{LossFact, LossLink, LossReason};
pub use rarity::Rarity;
pub use reason::{Fact, Reason, Tier};
pub use report::{Currency, Money, Report, ReportKey, Window};
pub use settings::Settings;
pub use slips::Slip;
pub use told::GivenIn;
