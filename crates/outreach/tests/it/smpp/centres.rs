//! Message centres that others wrote, in C and in Perl.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use unspoof_outreach::smpp::SmppConfig;
use unspoof_outreach::smpp::config::BindMode;
use unspoof_outreach::{Answer, Sender};

use super::pool::{pool_of, run};

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Says whether a peer that `cargo xtask test` installs is there. In CI it must be.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn is_there(path: &str) -> bool {
    let is_there = Path::new(path).is_file();
    if !is_there {
        let why = format!("`{path}` is not there");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why}");
        eprintln!("LEFT OUT: {why}");
    }
    is_there
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Kannel's: it lets in transmitters and receivers alone, answers with an empty id, and texts first.
#[test]
fn kannels_drive_smpp_takes_messages_over_a_pair() {
    const DRIVE_SMPP: &str = "/usr/lib/kannel/test/drive_smpp";
    if !is_there(DRIVE_SMPP) {
        return;
    }
    let port = free_port();
    let folder = tempfile::tempdir().unwrap();
    let child = Command::new(DRIVE_SMPP)
        .args(["-v", "4", "-m", "7", "-p", &port.to_string()])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _peer = Peer(child);
    let mut config = SmppConfig::of("127.0.0.1", port, "foo");
    config.bind = BindMode::Pair;
    let mut pool = pool_of(&config);
    let run = run(&mut pool, 300);
    assert_eq!(run.answers.len(), 300);
    for answers in run.answers.values() {
        let empty = Answer::Accepted {
            message_id: String::new(),
        };
        assert_eq!(answers, &[empty]);
    }
    for _ in 0..100 {
        if pool.counts().incoming >= 7 {
            break;
        }
        pool.poll(Duration::from_millis(50)).unwrap();
    }
    assert_eq!(
        pool.counts().incoming,
        7,
        "what it texts is answered and not kept"
    );
}

/// The Perl module's example, which gives each message one and the same id.
#[test]
fn net_smpps_smsc_takes_messages() {
    const EXAMPLE: &str = "/usr/share/doc/libnet-smpp-perl/examples/smsc.pl";
    if !is_there("/usr/share/perl5/Net/SMPP.pm") || !is_there(EXAMPLE) {
        return;
    }
    let port = free_port();
    let example = std::fs::read_to_string(EXAMPLE).unwrap();
    let script = example
        .replace("$port = 9900;", &format!("$port = {port};"))
        .replace("$host = 'localhost';", "$host = '127.0.0.1';");
    assert_ne!(script, example);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smsc.pl");
    std::fs::write(&path, script).unwrap();
    let child = Command::new("perl")
        .arg(&path)
        .arg("3")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _peer = Peer(child);
    let mut config = SmppConfig::of("127.0.0.1", port, "unspoof");
    config.sessions = 2;
    let mut pool = pool_of(&config);
    let run = run(&mut pool, 300);
    assert_eq!(run.answers.len(), 300);
    for answers in run.answers.values() {
        let same = Answer::Accepted {
            message_id: "123456789".into(),
        };
        assert_eq!(answers, &[same]);
    }
    pool.close(Duration::from_secs(5)).unwrap();
}
