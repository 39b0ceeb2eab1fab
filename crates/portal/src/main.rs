//! The portal's binary: `serve` it, or make a `sample` campaign to try it with.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program talks to whoever runs it"
)]

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use unspoof_portal::bundle::Bundle;
use unspoof_portal::clock::{Clock, SystemClock};
use unspoof_portal::codes::CodeKey;
use unspoof_portal::sample::Sample;
use unspoof_portal::serve::{Listen, Server, TlsFiles, forbid_core_dumps};
use unspoof_portal::swap;
use unspoof_portal::{Keys, Portal, PortalError, hex};
use zeroize::Zeroizing;

/// The victims' website: holds almost nothing, seals what it is told.
#[derive(Debug, Parser)]
#[command(name = "unspoof-portal", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages of a campaign; SIGHUP reads bundle and certificate anew
    Serve(Box<Serve>),
    /// Write a made-up campaign to try the portal with
    Sample {
        /// Where to; made if missing
        folder: PathBuf,
        /// Public `age` keys that everything is sealed to, two or more
        #[arg(long = "recipient", required = true)]
        recipients: Vec<String>,
    },
}

#[derive(Debug, Args)]
struct Serve {
    /// The campaign's signed bundle
    #[arg(long)]
    bundle: PathBuf,
    /// The public key that the bundle is signed with: 64 hexadecimal digits, or a file that holds them
    #[arg(long)]
    bundle_key: String,
    /// Folder for sealed records, made if missing
    #[arg(long)]
    spool: PathBuf,
    /// File with the key of check codes, 64 hexadecimal digits; best on a file system in memory
    #[arg(
        long,
        required_unless_present = "code_key_fd",
        conflicts_with = "code_key_fd"
    )]
    code_key_file: Option<PathBuf>,
    /// Open file descriptor to read the key of check codes from
    #[arg(long)]
    code_key_fd: Option<u32>,
    /// File with the key of receipts, 64 hexadecimal digits
    #[arg(
        long,
        required_unless_present = "receipt_key_fd",
        conflicts_with = "receipt_key_fd"
    )]
    receipt_key_file: Option<PathBuf>,
    /// Open file descriptor to read the key of receipts from
    #[arg(long)]
    receipt_key_fd: Option<u32>,
    /// Address and port of the pages
    #[arg(long, default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Address and port of /health and /metrics, for the operator alone
    #[arg(long)]
    observe: Option<SocketAddr>,
    /// TLS certificate chain, PEM
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// TLS private key, PEM
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy in front ends TLS and appends the client's address to X-Forwarded-For
    #[arg(long, conflicts_with = "tls_cert")]
    behind_proxy: bool,
    /// Megabytes of the disk that are kept for what is sent: when only these are left, nobody begins a
    /// report or adds a file
    #[arg(long, default_value_t = 1024)]
    reserve_mb: u64,
    /// Serve although the host may write memory to its swap: for one that is encrypted with a key
    /// drawn at each start
    #[arg(long)]
    swap_is_safe: bool,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(serve) => run(&serve),
        Command::Sample { folder, recipients } => sample(&folder, recipients),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

fn tell(error: &PortalError) {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    eprintln!("error: {text}");
    if let Some(hint) = error.hint() {
        eprintln!("hint: {hint}");
    }
    eprintln!("code: {}", error.code());
}

/// Reads 64 hexadecimal digits from a file, or from a descriptor by its place in the system's files.
fn key(
    name: &'static str,
    file: Option<&Path>,
    fd: Option<u32>,
) -> Result<Zeroizing<[u8; 32]>, PortalError> {
    let path = match (file, fd) {
        (Some(file), _) => file.to_owned(),
        (None, Some(fd)) => PathBuf::from(format!("/proc/self/fd/{fd}")),
        (None, None) => {
            return Err(PortalError::Key {
                name,
                detail: "none was given".into(),
            });
        }
    };
    let io = |source| PortalError::Io {
        doing: "read",
        path: path.clone(),
        source,
    };
    let text = Zeroizing::new(fs::read_to_string(&path).map_err(io)?);
    let wrong = || PortalError::Key {
        name,
        detail: "it is not 64 hexadecimal digits".into(),
    };
    hex::decode(text.trim())
        .map(Zeroizing::new)
        .ok_or_else(wrong)
}

fn run(serve: &Serve) -> Result<(), PortalError> {
    forbid_core_dumps()?;
    let code = CodeKey::new(key(
        "code",
        serve.code_key_file.as_deref(),
        serve.code_key_fd,
    )?);
    let receipt_seed = key(
        "receipt",
        serve.receipt_key_file.as_deref(),
        serve.receipt_key_fd,
    )?;
    let bundle_key = match hex::decode::<32>(&serve.bundle_key) {
        Some(key) => key,
        None => *key("bundle", Some(Path::new(&serve.bundle_key)), None)?,
    };
    let io = |source| PortalError::Io {
        doing: "read",
        path: serve.bundle.clone(),
        source,
    };
    let bundle = Bundle::open(&fs::read(&serve.bundle).map_err(io)?, &bundle_key)?;
    if !serve.swap_is_safe && swap::may_hold_memory() {
        if !bundle.bundle.made_up {
            return Err(PortalError::Swap);
        }
        eprintln!(
            "warning: this host may write memory to its swap; a real campaign is not served so"
        );
    }
    let keys = Keys { code, receipt_seed };
    let portal = Portal::open(
        bundle,
        &keys,
        &serve.spool,
        Arc::new(SystemClock),
        serve.behind_proxy,
    )?
    .reserve(serve.reserve_mb.saturating_mul(1 << 20));
    drop(keys);
    let tls = serve
        .tls_cert
        .clone()
        .zip(serve.tls_key.clone())
        .map(|(cert, key)| TlsFiles { cert, key });
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listen = Listen {
        address: serve.listen,
        observe: serve.observe,
        tls,
        is_behind_proxy: serve.behind_proxy,
    };
    let refused = |_| PortalError::System {
        what: "to handle signals",
    };
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(refused)?;
    let server = Server::start(portal, &listen)?;
    println!("serving {scheme}://{}", server.address);
    if let Some(observe) = server.observe {
        println!("health and metrics at http://{observe}");
    }
    for signal in signals.forever() {
        if signal != SIGHUP {
            break;
        }
        match server.reload(&serve.bundle, &bundle_key) {
            Ok(()) => println!("the bundle was read anew"),
            Err(error) => {
                tell(&error);
                eprintln!("the earlier bundle is served on");
            }
        }
    }
    server.stop();
    println!("stopped");
    Ok(())
}

fn sample(folder: &Path, recipients: Vec<String>) -> Result<(), PortalError> {
    // Thirty days from now.
    let expires_ms = SystemClock.now_ms() + 30 * 86_400_000;
    let sample = Sample::make(recipients, expires_ms)?;
    sample.write(folder)?;
    println!(
        "made up a campaign with {} codes in {}",
        sample.codes.len(),
        folder.display()
    );
    Ok(())
}
