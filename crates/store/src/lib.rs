//! Operational records: what people have decided, kept append-only in SQLite or PostgreSQL.
//!
//! - [`Judgement`] is a decision with who, why and when; its id is the hash of its content, so that
//!   taking the same one in twice changes nothing.
//! - [`Store`] keeps them. Nothing is ever changed or deleted; the database itself refuses to.
//! - [`in_force`] says what all of them together come to, whatever the order in which they came.
//! - [`ledger`] is another database: who a campaign told.
//! - [`read_lines`] reads judgements that were made elsewhere.
//! - [`CareEvent`] is what somebody did about a statement from the website.
//!
//! Judgements bind to what was seized: accounts, numbers, reports. What is computed from them and
//! from the tables is computed anew each time, by whoever takes [`unspoof_model::judgement::InForce`].

mod care;
mod decision;
mod error;
mod in_force;
mod judgement;
pub mod ledger;
mod lines;
mod migrations;
mod postgres;
mod sqlite;
mod store;

pub use care::{CareEvent, CareState, Deed, care_states};
pub use decision::{Decision, Label, MAX_ACCOUNTS, MAX_NUMBERS, MAX_PAIRED_ACCOUNTS};
pub use error::{BadLine, InvalidJudgement, StoreError};
pub use in_force::in_force;
pub use judgement::{Judgement, JudgementId};
pub use lines::read_lines;
pub use postgres::PostgresUrl;
pub use store::{Address, Store};
