use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use unspoof_model::Coded;
use unspoof_outreach::smpp::config::TlsConfig;
use unspoof_outreach::smpp::{Password, Pool, SmppConfig};
use unspoof_outreach::{Answer, Event, Sender, SystemClock};
use zeroize::Zeroizing;

use super::centre::{Behaviour, Centre, Go, honest};
use super::pool::{long_message, run};

/// A certificate for `name` and its key, made by `openssl`. Without it: a warning, and under CI a
/// failure.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn certificate(folder: &Utf8Path, file: &str, name: &str) -> Option<(Utf8PathBuf, Utf8PathBuf)> {
    let certificate = folder.join(format!("{file}.pem"));
    let key = folder.join(format!("{file}.key"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "30"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args([
            "-subj",
            "/CN=stand-in",
            "-addext",
            &format!("subjectAltName={name}"),
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-out", certificate.as_str(), "-keyout", key.as_str()])
        .output();
    match made {
        Ok(made) => {
            assert!(
                made.status.success(),
                "{}",
                String::from_utf8_lossy(&made.stderr)
            );
            Some((certificate, key))
        }
        Err(why) => {
            let why = format!("`openssl` cannot be run: {why}");
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why}");
            eprintln!("LEFT OUT: {why}");
            None
        }
    }
}

fn centre(certificate: &Utf8Path, key: &Utf8Path, behaviour: Behaviour) -> Centre {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    Centre::start_with(behaviour, move |stream| {
        let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        Box::new(StreamOwned::new(tls, stream))
    })
}

fn honestly() -> Behaviour {
    Arc::new(|_, command, sequence, _, out| {
        honest(command, sequence, out);
        Go::On
    })
}

fn pool(config: &SmppConfig) -> Pool {
    let password = Password::of(Zeroizing::new("secret".into())).unwrap();
    let clock = Arc::new(SystemClock::start());
    Pool::open(config, password, "Police", true, clock, 1).unwrap()
}

fn account(centre: &Centre, roots: &Utf8Path, server_name: Option<&str>) -> SmppConfig {
    let mut config = SmppConfig::of("127.0.0.1", centre.address.port(), "unspoof");
    config.tls = Some(TlsConfig {
        roots: roots.to_owned(),
        server_name: server_name.map(Into::into),
    });
    config
}

fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    (folder, path)
}

#[test]
fn messages_go_out_over_tls() {
    let (_kept, folder) = folder();
    for (name, server_name) in [
        ("IP:127.0.0.1", None),
        ("DNS:smsc.example", Some("smsc.example")),
    ] {
        let Some((certificate, key)) = certificate(&folder, "centre", name) else {
            return;
        };
        let centre = centre(&certificate, &key, honestly());
        let mut config = account(&centre, &certificate, server_name);
        (config.sessions, config.window) = (2, 64);
        let mut pool = pool(&config);
        let run = run(&mut pool, 3000);
        assert_eq!((run.accepted(), centre.submits()), (3000, 3000));
        pool.close(Duration::from_secs(5)).unwrap();
    }
}

#[test]
fn a_centre_that_cannot_show_who_it_is_gets_nothing() {
    let (_kept, folder) = folder();
    let Some((own, key)) = certificate(&folder, "centre", "DNS:smsc.example") else {
        return;
    };
    let (other, _) = certificate(&folder, "other", "DNS:smsc.example").unwrap();
    let secure = centre(&own, &key, honestly());
    let plain = Centre::start(honestly());
    for (centre, roots, name) in [
        // Another name, another root, and no TLS at all.
        (&secure, &own, "other.example"),
        (&secure, &other, "smsc.example"),
        (&plain, &own, "smsc.example"),
    ] {
        let mut pool = pool(&account(centre, roots, Some(name)));
        let mut notices = Vec::new();
        for _ in 0..40 {
            for event in pool.poll(Duration::from_millis(50)).unwrap() {
                if let Event::Notice(notice) = event {
                    notices.push(notice);
                }
            }
            if !notices.is_empty() {
                break;
            }
        }
        assert_eq!(pool.bound(), 0);
        if !std::ptr::eq(centre, &raw const plain) {
            assert!(notices[0].contains("certificate"), "{notices:?}");
        }
        // Neither a password nor a message was seen in the clear.
        assert_eq!(centre.seen.lock().unwrap().len(), 0);
    }
}

#[test]
fn roots_must_be_there() {
    let (_kept, folder) = folder();
    let empty = folder.join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for roots in [folder.join("missing.pem"), empty] {
        let mut config = SmppConfig::of("127.0.0.1", 1, "unspoof");
        config.tls = Some(TlsConfig {
            roots,
            server_name: None,
        });
        let password = Password::of(Zeroizing::new("secret".into())).unwrap();
        let clock = Arc::new(SystemClock::start());
        let refused = Pool::open(&config, password, "Police", true, clock, 1);
        assert_eq!(refused.unwrap_err().code(), "smpp/tls");
    }
}

#[test]
fn a_red_stop_leaves_half_a_record_half() {
    let (_kept, folder) = folder();
    let Some((certificate, key)) = certificate(&folder, "centre", "IP:127.0.0.1") else {
        return;
    };
    // It lets in, and then reads nothing more.
    let behaviour: Behaviour = Arc::new(|_, command, sequence, _, out| {
        honest(command, sequence, out);
        Go::Sleep
    });
    let centre = centre(&certificate, &key, behaviour);
    let mut config = account(&centre, &certificate, None);
    config.window = 10_000;
    config.long_text = unspoof_outreach::smpp::config::LongText::Payload;
    let mut pool = pool(&config);
    while pool.free_slots() == 0 {
        pool.poll(Duration::from_millis(50)).unwrap();
    }
    pool.submit((0..10_000).map(long_message).collect())
        .unwrap();
    pool.poll(Duration::from_millis(50)).unwrap();
    pool.stop();
    let mut answers = std::collections::BTreeMap::new();
    for _ in 0..200 {
        for event in pool.poll(Duration::from_millis(50)).unwrap() {
            if let Event::Answered { key, answer } = event {
                assert_eq!(answers.insert(key, answer), None);
            }
        }
        if answers.len() == 10_000 {
            break;
        }
    }
    assert_eq!(answers.len(), 10_000);
    assert!(answers.values().any(|answer| *answer == Answer::Unsent));
    assert!(
        answers
            .values()
            .all(|answer| matches!(answer, Answer::Unsent | Answer::Unknown { .. }))
    );
}
