//! Plans: who is told and who is left out, what is signed, and what a sender takes.

mod made;
mod package;
mod support;
