//! The `unspoof` command: wires the stages together and talks to people.

mod args;
mod commands;
mod fail;
mod output;
mod place;
mod stages;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let json = args.global.json;
    match commands::dispatch(args) {
        Ok(done) => ExitCode::from(done.exit_code()),
        Err(error) => fail::report(&error, json),
    }
}
