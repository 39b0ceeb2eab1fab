//! The program as people run it, from the outside.

mod again;
mod bad_input;
mod cli;
mod determinism;
mod mariadb;
mod samples;
mod support;
mod truth;
