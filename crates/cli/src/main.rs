//! The `unspoof` command: wires the stages together and talks to people.

mod args;
mod commands;
mod fail;
mod output;
mod place;
mod stages;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    unspoof_memory::keep_memory();
    let args = args::Args::parse();
    let json = args.global.json;
    match commands::dispatch(args) {
        Ok(done) => ExitCode::from(done.exit_code()),
        Err(error) => fail::report(&error, json),
    }
}
