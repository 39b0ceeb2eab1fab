//! Sealing in the browser: what the server gets to see, and what the inside can open.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use sha2::{Digest, Sha256};
use unspoof_portal::hex;

use crate::pages::{judged, shots};
use crate::support::{FastClock, Inside, Site, Visitor, has};

/// Stands between browser and portal, keeps all that the browser sends, and cuts the line once
/// after so many bytes.
struct Tap {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    fn before(portal: SocketAddr, cut_at: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(mut client), Ok(mut server)) = (stream, TcpStream::connect(portal)) else {
                    return;
                };
                let kept = Arc::clone(&kept);
                let (mut back, mut answers) =
                    (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut answers, &mut back);
                    let _ = back.shutdown(Shutdown::Both);
                });
                thread::spawn(move || {
                    let mut piece = [0; 16 * 1024];
                    while let Ok(read @ 1..) = client.read(&mut piece) {
                        let is_cut = {
                            let mut kept = kept.lock().unwrap();
                            let before = kept.len();
                            kept.extend_from_slice(&piece[..read]);
                            before < cut_at && kept.len() >= cut_at
                        };
                        if is_cut || server.write_all(&piece[..read]).is_err() {
                            break;
                        }
                    }
                    let _ = client.shutdown(Shutdown::Both);
                    let _ = server.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, seen }
    }

    fn saw(&self, text: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        let is_it = |window: &[u8]| window.eq_ignore_ascii_case(text.as_bytes());
        seen.windows(text.len()).any(is_it)
    }
}

fn file(folder: &Path) -> (PathBuf, Vec<u8>) {
    let content: Vec<u8> = [
        b"\x89PNG\r\n\x1a\nMARKERPHOTO".to_vec(),
        b"MARKERSEALED ".repeat(80_000),
    ]
    .concat();
    let path = folder.join("MARKERNAME.png");
    std::fs::write(&path, &content).unwrap();
    (path, content)
}

#[test]
fn a_browser_with_scripts_shows_the_server_sealed_bytes_alone() {
    if !has("age") {
        return;
    }
    let inside = Inside::new();
    let site = Site::running_for(inside.recipients.clone(), FastClock::new());
    // The line is cut in the midst of the file: it goes on where it was.
    let tap = Tap::before(site.address, 400_000);
    let folder = tempfile::tempdir().unwrap();
    let (path, content) = file(folder.path());
    let base = format!("http://localhost:{}", tap.address.port());
    let arguments = [&base, "en", "320", &shots(), path.to_str().unwrap()];
    let Some(told) = judged("sealing.cjs", &arguments, 25) else {
        return;
    };
    let end = &told[0]["end"];
    assert_eq!(end["left"], 0, "nothing of it stays in the tab");
    let title = end["title"].as_str().unwrap();
    assert!(title.starts_with("Your report was sent"), "{title}");
    for row in ["Yes", "Myself", "27 2", "MARKERSEALED", "1250.50", "No"] {
        let rows = end["rows"].as_array().unwrap();
        let is_shown = |shown: &serde_json::Value| shown.as_str().unwrap().contains(row);
        assert!(rows.iter().any(is_shown), "{row} in {rows:?}");
    }

    // The browser's bytes, and the disk: nothing of what was told, but the story that somebody
    // asked the website to keep.
    assert!(tap.seen.lock().unwrap().len() > content.len());
    for secret in [
        "MARKERSEALED",
        "MARKERNAME",
        "MARKERPHOTO",
        "1250.50",
        "want",
    ] {
        assert!(!tap.saw(secret), "the server saw {secret}");
    }
    assert!(tap.saw("MARKERKEPT"), "the tap sees what is sent in clear");

    // What came in opens with Debian's `age`: the record, the answers in it, the file.
    let reports = inside.pull(&site.spool());
    assert_eq!(reports.len(), 1);
    let report = &reports[0];
    assert_eq!(
        (&report["kind"], &report["answers"]),
        (&json!("statement"), &json!({}))
    );
    let sealed = report["sealed_answers"].as_str().unwrap();
    let byte = |pair: &[u8]| hex::decode::<1>(std::str::from_utf8(pair).unwrap()).unwrap()[0];
    let sealed: Vec<u8> = sealed.as_bytes().chunks(2).map(byte).collect();
    for key in ["team", "recovery"] {
        assert!(inside.open_with(key, &sealed).is_ok());
    }
    let told = inside.open(&sealed);
    assert_eq!(told["reference"], report["reference"]);
    assert_eq!(told["campaign"], report["campaign"]);
    assert_eq!(told["answers"]["moved"], json!(["yes"]));
    assert_eq!(told["answers"]["secret"], json!(["no"]));
    assert_eq!(told["answers"]["call-day"], json!(["27", "2", ""]));
    assert_eq!(
        told["answers"]["number-shown"],
        json!(["MARKERSEALED 020 7946 0777"])
    );
    let told_file = &told["files"][0];
    assert_eq!(told_file["name"], "MARKERNAME.png");
    assert_eq!(told_file["sha256"], hex::encode(&Sha256::digest(&content)));
    let id = told_file["id"].as_str().unwrap();
    assert_eq!(report["files"][0]["id"], id);
    let path = site.spool().join("files").join(format!("{id}.age"));
    let opened = inside.open_with("recovery", &std::fs::read(path).unwrap());
    assert_eq!(opened, Ok(content));

    // Somebody who stopped comes back on a device without scripts.
    let mut desktop = Visitor::at(site.address, None);
    let ticket = desktop.get("/en/return").hidden("ticket");
    thread::sleep(std::time::Duration::from_millis(1600));
    let code = end["code"].as_str().unwrap();
    let back = desktop.post("/en/return", &[("ticket", &ticket), ("return", code)]);
    assert!(back.text().contains("MARKERKEPT half of it"));
    assert!(back.text().contains("Somebody else"));
}

#[test]
fn the_form_that_seals_is_whole_in_other_languages() {
    let all = [
        ("ar", "320"),
        ("ur", "1280"),
        ("cy", "320"),
        ("es", "320"),
        ("pl", "320"),
    ];
    let is_soak = std::env::var_os("UNSPOOF_SOAK").is_some();
    for (language, width) in all.into_iter().take(if is_soak { 5 } else { 2 }) {
        let site = Site::running_with(FastClock::new());
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = file(folder.path());
        let base = format!("http://localhost:{}", site.address.port());
        let arguments = [&base, language, width, &shots(), path.to_str().unwrap()];
        judged("sealing.cjs", &arguments, 25);
    }
}

/// The server looks at the form of what a browser sealed, for it can look at nothing else.
#[test]
fn what_is_not_sealed_is_not_taken_as_sealed() {
    let site = Site::new();
    let mut visitor = site.visitor();
    let page = visitor.fill("/en/report", &[("browser", "yes")]);
    assert!(page.text().contains("data-sealing") && page.text().contains("noscript"));
    let ticket = page.hidden("ticket");
    site.clock.advance(5000);
    let recipients: Vec<_> = site
        .sample
        .bundle
        .recipients
        .iter()
        .map(|written| unspoof_portal::seal::Recipient::parse(written).unwrap())
        .collect();
    let sealed = unspoof_portal::seal::seal(&[b' '; 4096], &recipients).unwrap();
    let one = unspoof_portal::seal::seal(b"x", &recipients[..1]).unwrap();
    let mut send = |ticket: &str, bytes: &[u8]| {
        visitor.extra = vec![format!("X-Portal-Ticket: {ticket}")];
        let page = visitor.ask(
            "POST",
            "/en/report/sealed",
            "application/octet-stream",
            Some(bytes),
        );
        visitor.extra.clear();
        page.status
    };
    assert_eq!(send("0.00", &sealed), 403);
    assert_eq!(send(&ticket, b"what happened to me"), 422);
    assert_eq!(
        send(&ticket, &one),
        422,
        "sealed to fewer than must be able to open it"
    );
    assert_eq!(send(&ticket, &[b'x'; 200_000]), 413);
    assert_eq!(send(&ticket, &sealed), 200);
    assert_eq!(
        send(&ticket, &sealed),
        200,
        "the answer was lost, and it was sent again"
    );
    let records = unspoof_portal::spool::read(&site.spool(), &Default::default()).unwrap();
    assert_eq!(records.records.len(), 1);
    assert_eq!(site.visitor().get("/en/report/private").status, 200);
}

/// The script that seals is npm's, and anybody can make it again.
#[test]
fn the_committed_script_is_what_npm_s_package_builds() {
    let home = std::env::var_os("HOME").unwrap_or_else(|| ".".into());
    let modules = std::env::var_os("UNSPOOF_AGE_JS").map_or_else(
        || Path::new(&home).join(".cache/unspoof/age-js"),
        Into::into,
    );
    let found = modules.join("node_modules/age-encryption").is_dir();
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        found || !is_ci,
        "age-encryption is missing: cargo xtask test installs it"
    );
    if !found || !has("node") {
        eprintln!(
            "left out: age-encryption is missing in {}",
            modules.display()
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("age.js");
    let built = Command::new("node")
        .arg("assets/age/build.mjs")
        .args([&modules, &out])
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let same = std::fs::read(&out).unwrap() == std::fs::read("assets/age.js").unwrap();
    assert!(
        same,
        "assets/age.js is another one: node assets/age/build.mjs makes it"
    );
}

/// Whoever looks at the device next finds nothing by going back.
#[test]
fn who_left_the_page_left_nothing_behind() {
    let site = Site::running_with(FastClock::new());
    let base = format!("http://localhost:{}", site.address.port());
    let Some(told) = judged("leave.cjs", &[&base], 0) else {
        return;
    };
    let end = &told[0]["end"];
    assert_eq!(end["shown"], true, "the answer was there before");
    for way in ["sealing", "plain"] {
        let found = &end["ways"][way];
        assert_eq!(found["left"], "Weather", "{way}");
        assert_eq!(found["told"], false, "{way}");
        assert_eq!(found["cookies"], 0, "{way}");
    }
}
