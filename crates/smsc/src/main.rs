//! Stand-ins as a program: they listen on loopback until they are killed.

use std::io::Write as _;
use std::process::ExitCode;

use unspoof_smsc::notify::{NotifyStandIn, arguments};
use unspoof_smsc::smpp::{self, Smsc};

const USAGE: &str = "\
unspoof-smsc smpp --listen 127.0.0.1:PORT [--NAME VALUE]...
unspoof-smsc notify --listen 127.0.0.1:PORT [--NAME VALUE]...";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (stand_in, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("", [].as_slice()),
    };
    match stand_in {
        "smpp" => message_centre(rest),
        "notify" => notify(rest),
        _ => wrong(USAGE),
    }
}

/// Listens as a message centre.
fn message_centre(said: &[String]) -> ExitCode {
    let settings = match smpp::arguments::read(said) {
        Ok(settings) => settings,
        Err(why) => return wrong(&why),
    };
    let running = match Smsc::start(settings) {
        Ok(running) => running,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            return ExitCode::FAILURE;
        }
    };
    if writeln!(std::io::stdout(), "listening at {}", running.address()).is_err() {
        return ExitCode::FAILURE;
    }
    loop {
        std::thread::park();
    }
}

/// Listens as GOV.UK Notify.
fn notify(said: &[String]) -> ExitCode {
    let (listen, settings) = match arguments::read(said) {
        Ok(read) => read,
        Err(why) => return wrong(&why),
    };
    let running = match NotifyStandIn::start(listen, settings) {
        Ok(running) => running,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let told = writeln!(
        std::io::stdout(),
        "listening at {}\nkey {}",
        running.url(),
        running.api_key()
    );
    if told.is_err() {
        return ExitCode::FAILURE;
    }
    loop {
        std::thread::park();
    }
}

fn wrong(why: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{why}");
    ExitCode::from(2)
}
