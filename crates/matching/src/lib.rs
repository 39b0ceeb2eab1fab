//! x
#![allow(missing_docs)]

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
