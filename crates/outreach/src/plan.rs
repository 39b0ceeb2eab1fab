//! Plans: from candidates and a campaign file to a document that two people sign.
//!
//! - [`Campaign`] is the file that people write (`docs/formats/campaign.md`).
//! - [`make`] takes it and [`Candidates`](crate::candidate::Candidates) to a [`Planned`]: the
//!   [`Plan`], which holds no number and no code, the [`Recipients`](crate::recipient::Recipients),
//!   which are sealed to the sender's host, and what was left out, each number with its reason.
//! - [`crate::approval`] signs the plan's bytes and checks them.
//!
//! Everything that is sent is in the signed document: the texts, the one sender, the window. What a
//! sender takes besides are recipients, whose hash is signed too.

mod campaign;
mod check;
mod clocks;
mod document;
mod error;
mod exclusion;
mod fiction;
mod figures;
mod hours;
mod lists;
mod make;
mod schedule;
mod texts;

pub use campaign::{
    Answering, Campaign, CampaignText, NeutralWhen, PortalPart, Sealing, StagePart, Take,
    WindowPart,
};
pub use document::{
    ApprovedKey, CODE, Clock, Kind, Open, Plan, PlanRecipients, PlanText, Stage, StopRules, Window,
};
pub use error::PlanError;
pub use exclusion::Reason;
pub use figures::{Cost, Figures};
pub use hours::open_hours;
pub use make::{Apart, Grounds, Planned, Told, make};
