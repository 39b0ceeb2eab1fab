//! Formats that were released open for ever: what an earlier version wrote lies in `testdata/formats`.
//!
//! `UNSPOOF_UPDATE_EXPECTED=1` writes one anew, which is right for a new version alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use unspoof_portal::bundle::Bundle;
use unspoof_portal::hex;
use unspoof_portal::seal::{Recipient, seal};

use crate::support::{Inside, Site, has, public_of};

fn folder() -> PathBuf {
    PathBuf::from("testdata/formats/1")
}

/// A spool with a record of every kind, its file, the key that opens it, and its bundle.
fn write(to: &Path) {
    let inside = Inside::new();
    let site = Site::with(inside.recipients.clone(), true, |_| {});
    let mut visitor = site.visitor();
    visitor.fill("/en/number", &[("number", "07700 900123")]);
    let own = visitor.fill("/en/check", &[("code", &site.code(0))]);
    let pairs = [
        ("ticket", own.hidden("ticket")),
        ("code", own.hidden("code")),
    ];
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (*n, v.as_str())).collect();
    visitor.post("/en/report", &pairs);
    visitor.fill("/en/report/q/urgent", &[("moved", "no")]);
    visitor.fill(
        "/en/report/q/happened",
        &[("story", "They said that they were my bank.")],
    );
    visitor.fill(
        "/en/report/q/when",
        &[("call-day-month", "3"), ("call-day-year", "2022")],
    );
    visitor.fill(
        "/en/report/q/reported",
        &[("reported", "bank"), ("reported", "police")],
    );
    visitor.attach("letter.txt", b"Dear customer");
    visitor.fill("/en/report/answers", &[]);
    std::fs::create_dir_all(to.join("spool/files")).unwrap();
    std::fs::write(
        to.join("receipt.txt"),
        visitor.get("/en/report/receipt").body,
    )
    .unwrap();
    let mut other = site.visitor();
    let page = other.fill("/en/report", &[("browser", "yes")]);
    let ticket = page.hidden("ticket");
    let reference = page.text();
    let (_, reference) = reference.split_once("data-reference=\"").unwrap();
    let told = json!({
        "version": 1, "campaign": site.sample.bundle.campaign, "language": "en",
        "reference": reference.split_once('"').unwrap().0,
        "answers": { "moved": ["no"], "story": ["Sealed in a browser."] }, "files": [],
    });
    let mut plain = told.to_string().into_bytes();
    plain.resize(4096, b' ');
    let to_these: Vec<_> = inside
        .recipients
        .iter()
        .map(|r| Recipient::parse(r).unwrap())
        .collect();
    let sealed = seal(&plain, &to_these).unwrap();
    site.clock.advance(5000);
    other.extra = vec![format!("X-Portal-Ticket: {ticket}")];
    let sent = other.ask(
        "POST",
        "/en/report/sealed",
        "application/octet-stream",
        Some(&sealed),
    );
    assert_eq!(sent.status, 200);
    for network in 0..7 {
        let mut one = site.visitor();
        one.extra = vec![format!("X-Forwarded-For: 198.51.{network}.7")];
        one.fill("/en/check", &[("code", &site.code(1))]);
    }
    let spooled = |_: &u32| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        inside.pull(&site.spool()).len() == 4
    };
    assert!((0..500).any(|n| spooled(&n)));
    for part in ["", "files"] {
        for entry in std::fs::read_dir(site.spool().join(part)).unwrap() {
            let from = entry.unwrap().path();
            let is_kept = from.extension().is_some_and(|e| e == "spool" || e == "age");
            if is_kept {
                let name = from.file_name().unwrap();
                std::fs::copy(&from, to.join("spool").join(part).join(name)).unwrap();
            }
        }
    }
    let signed = site.sample.bundle.sign(&site.sample.bundle_seed).unwrap();
    std::fs::write(to.join("bundle.json"), signed).unwrap();
    let public = hex::encode(&public_of(&site.sample.bundle_seed));
    std::fs::write(to.join("bundle.pub"), public).unwrap();
    inside.copy_key("team", &to.join("team.key"));
}

#[test]
fn what_version_1_wrote_opens() {
    if !has("age") {
        return;
    }
    let folder = folder();
    if std::env::var_os("UNSPOOF_UPDATE_EXPECTED").is_some() && !folder.exists() {
        write(&folder);
    }
    let key = std::fs::read_to_string(folder.join("bundle.pub")).unwrap();
    let key = hex::decode::<32>(key.trim()).unwrap();
    let bundle = Bundle::open(&std::fs::read(folder.join("bundle.json")).unwrap(), &key).unwrap();
    assert_eq!(bundle.bundle.codes.len(), 20);
    let open = |sealed: &[u8]| -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), sealed).unwrap();
        let opened = Command::new("age")
            .arg("-d")
            .arg("-i")
            .arg(folder.join("team.key"))
            .arg(file.path())
            .output()
            .unwrap();
        assert!(opened.status.success());
        opened.stdout
    };
    let content = unspoof_portal::spool::read(&folder.join("spool"), &BTreeSet::new()).unwrap();
    assert!(content.damaged.is_empty() && content.cut_off.is_empty());
    let messages: Vec<Value> = content
        .records
        .iter()
        .map(|record| serde_json::from_slice(&open(&record.sealed)).unwrap())
        .collect();
    let kinds: Vec<&str> = messages
        .iter()
        .map(|m| m["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["number-asked", "statement", "statement", "code-frozen"]
    );
    for (message, record) in messages.iter().zip(&content.records) {
        assert_eq!(message["version"], 1);
        assert_eq!(message["id"], record.id.to_string());
        assert_eq!(message["campaign"], "made-up-2022");
        assert!(message["received_utc"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(messages[0]["number"], "07700 900123");
    let statement = &messages[1];
    assert_eq!(statement["answers"]["call-day"], json!(["", "3", "2022"]));
    assert_eq!(statement["answers"]["reported"], json!(["bank", "police"]));
    assert!(statement["code"].is_string() && statement["reference"].is_string());
    let id = statement["files"][0]["id"].as_str().unwrap();
    let file = std::fs::read(folder.join(format!("spool/files/{id}.age"))).unwrap();
    assert_eq!(open(&file), b"Dear customer");
    let sealed = messages[2]["sealed_answers"].as_str().unwrap().as_bytes();
    let byte = |pair: &[u8]| hex::decode::<1>(std::str::from_utf8(pair).unwrap()).unwrap()[0];
    let sealed: Vec<u8> = sealed.chunks(2).map(byte).collect();
    let told: Value = serde_json::from_slice(&open(&sealed)).unwrap();
    assert_eq!(told["answers"]["story"], json!(["Sealed in a browser."]));
    let hash = messages[3]["code_hash"].as_str().unwrap();
    assert!(bundle.bundle.codes.iter().any(|entry| entry.hash == hash));
    let receipt = std::fs::read_to_string(folder.join("receipt.txt")).unwrap();
    assert!(receipt.starts_with("unspoof receipt v1\ncampaign: made-up-2022\n"));
}
