//! Sending: an approved plan, a ledger and a sender become delivered messages, nobody twice.
//!
//! ```text
//!   ledger's thread                      this thread
//!   ───────────────                      ───────────
//!   turn: answers and receipts in,   ←── what the sender told since the last turn
//!   next intents out, one commit     ──→ texts with codes filled in → Sender::submit
//!                                        Sender::poll, control, status, rules
//! ```
//!
//! No more is claimed than the sender has free slots, less what a turn under way may still claim. What
//! is claimed is durable before it is submitted, and is submitted once. While the disk works on one
//! turn, the sender's sockets are served.
//!
//! - [`Control`] holds, resumes and stops from outside: at once, also without a network.
//! - [`rules`] stops by itself.
//! - [`Status`] is what anybody may see: counts, never a person.

mod control;
mod convey;
mod countries;
mod curve;
mod desk;
mod grounds;
mod pace;
pub mod rules;
mod run;
mod status;

pub use control::{Command, Control};
pub use countries::{CountryCount, countries_of};
pub use curve::{Curve, curve_of};
pub use grounds::{Ended, Grounds, Settings, open};
pub use run::send;
pub use status::{CodeCount, StageStatus, StateCounts, Status, status_of};
