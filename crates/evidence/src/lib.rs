//! Sealing, custody and proof: the only crate that opens seized bytes.
//!
//! A case is a folder. What it holds is pinned, file by file, by events in one signed,
//! append-only log ([`log_entries`]), so that nothing in it can be altered unseen.
//!
//! - [`CaseFolder::init`] makes a case and its keys, [`CaseFolder::open`] reads one.
//! - [`CaseFolder::write`] takes it for writing; one process at a time.
//! - [`CaseWriter::seal`] takes a file in: read once, hashed, kept read-only in a BagIt bag.
//! - [`CaseWriter::begin`] prepares any other change; [`Transaction::commit`] makes it whole or,
//!   whatever interrupts it, not at all.
//! - [`CaseFolder::consult`] and [`CaseFolder::disclose`] record that somebody looked, or that
//!   something leaves.
//! - [`open_stream`] reads an exhibit's content, decompressed and checked against its seal.
//! - [`verify`] checks all of it, writes nothing, and needs nothing but the folder.

mod bag;
mod canonical;
mod case;
mod clock;
mod durable;
mod error;
mod event;
mod exhibit;
#[doc(hidden)]
pub mod fuzzing;
mod hashing;
mod keys;
mod lock;
mod log;
mod seal;
mod state;
mod stream;
mod transaction;
mod verify;
mod who;
mod writer;

#[cfg(test)]
mod crash_tests;

pub use case::{CaseFolder, NewFiles};
pub use clock::{Clock, SharedClock, SystemClock, parse_rfc3339_utc, rfc3339_utc};
pub use error::{CaseError, Holder, IoFault, KeyError, LogError, SealError};
pub use event::{Detail, Details, LoggedEvent};
pub use exhibit::{Exhibit, Sha512Hash, Stored};
pub use keys::{KeyDir, Keyed};
pub use log::log_entries;
pub use seal::{SealOptions, Sealed};
pub use state::FileRecord;
pub use stream::{
    Compression, ExhibitStream, StreamError, StreamLimits, StreamReader, open_stream,
};
pub use transaction::Transaction;
pub use verify::{Check, Problem, VerifyOptions, VerifyReport, verify};
pub use who::Who;
pub use writer::CaseWriter;
