//! The nouns of a case: where a row stands, which tables there are, what a case is configured to
//! do, who acts and why. No file is opened here.
//!
//! Every other crate of the project speaks in these types. A seized row is found again by its
//! [`RowRef`]; a table is described once, in [`schema`], from which the Parquet files, the SQL
//! catalogue and the column reference are made; a case is configured by [`config::CaseConfig`],
//! and how a source's own columns become ours by [`mapping::Mapping`].

mod actor;
mod coded;
pub mod config;
mod hash;
pub mod judgement;
pub mod mapping;
mod money;
mod rates;
mod region;
mod row_ref;
pub mod schema;
mod schema_reference;
mod time;

pub use actor::{Actor, ActorError, EventKind, Purpose};
pub use coded::Coded;
pub use hash::{HashTextError, Sha256Hash};
pub use money::{Decimal, DecimalError};
pub use rates::{Rate, RateConflict, Rates};
pub use region::{Region, RegionError};
pub use row_ref::{ExhibitId, RowRef};
pub use time::{LocalTime, TimeStatus, UtcMicros, Zone, ZoneError, civil_to_days, days_to_civil};
