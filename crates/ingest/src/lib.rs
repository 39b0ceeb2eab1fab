//! From the bytes of a seized file to rows: readers that locate every cell, mappings that say what
//! the cells mean, and the tables that come of both.
//!
//! [`ingest`] takes one exhibit's decompressed stream. What the file is, is told by its content
//! ([`sniff`]); [`dump`] and [`delimited`] give located rows in [`block`]s; a
//! [mapping](unspoof_model::mapping) says which cell fills which of our columns; and every row ends
//! in a table or among the rejects, with the place it was read from.

pub mod block;
mod charset;
pub mod delimited;
mod detect;
pub mod dump;
mod fill;
mod ingest;
mod number_columns;
mod part;
mod part_columns;
mod pipeline;
mod plan;
pub mod presets;
mod rejects;
pub mod sniff;
mod suggest;
mod when;

pub use detect::SourceSetup;
pub use ingest::{IngestError, Job, Outcome, Progress, TableCount, Unmapped, dialling, ingest};
pub use part::PART_ROWS;
pub use plan::PlanError;
pub use suggest::{Score, SuggestedColumn, SuggestedTable, Suggestion, suggest};
