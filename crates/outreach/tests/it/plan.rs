//! Plans: who is told and who is left out, what is signed, and what a sender takes.

mod answers;
mod approvals;
mod campaign_file;
mod erasure;
mod hours;
mod made;
mod misuse;
mod notices;
mod package;
pub(crate) mod support;
