//! A made-up seized spoofing service with known truth.
//!
//! [`generate`] writes what a team would have seized from such a service: two dumps of its
//! database, its telephone switch's call records and a reporting centre's reports, dirty as real
//! ones are; and, apart from them, the truth: every figure with the exact rows behind it. The truth
//! is what the generator intended when it wrote a row, never what a reader made of it. So this
//! crate links none of the crates that read.
//!
//! All records are made up. Numbers come from drama ranges and from blocks that regulators list as
//! free; nothing here dials, sends or sets a caller's number.

mod accounts;
mod addresses;
mod blocks;
mod case;
mod chunk;
mod clock;
mod dirt;
mod draw;
mod exhibit;
mod generate;
mod hard;
mod judgements;
mod losses;
mod organisations;
mod outcome;
mod panel;
mod phone;
mod plan;
mod preset;
mod publish;
mod rates;
mod recipe;
mod record;
mod reports;
pub mod score;
mod seen;
mod switch;
mod tables;
mod timeline;
mod tracked;
mod truth;

pub use generate::{Summary, generate, generate_recipe, generate_recipe_on};
pub use hard::{SHARES, Share};
pub use losses::Process;
pub use preset::Preset;
pub use recipe::Recipe;
