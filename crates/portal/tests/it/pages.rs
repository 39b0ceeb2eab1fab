//! Every page and state in Chromium, judged by axe: WCAG 2.2 AA and axe's own best practice.

use std::path::{Path, PathBuf};
use std::process::Command;

use unspoof_portal::clock::SystemClock;
use unspoof_portal::codes::Code;

use crate::support::{Site, has};

/// Where `axe-core` and `puppeteer-core` are installed: `cargo xtask test` does it.
fn modules() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").unwrap_or_else(|| ".".into());
    let default = Path::new(&home).join(".cache/unspoof/axe");
    let modules = std::env::var_os("UNSPOOF_AXE").map_or(default, PathBuf::from);
    let found = modules.join("node_modules/axe-core/axe.min.js").is_file()
        && modules.join("node_modules/puppeteer-core").is_dir();
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        found || !is_ci,
        "axe is missing in {}: cargo xtask test installs it",
        modules.display()
    );
    if !found {
        eprintln!("left out: axe is missing in {}", modules.display());
    }
    found.then_some(modules)
}

fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("chromium"))
        .find(|file| file.is_file())
        .unwrap()
}

/// A page over 2G comes at about 4 kB a second.
const MAX_PAGE_BYTES: u64 = 12_000;

fn walk(language: &str, width: u32) {
    let (true, true, Some(modules)) = (has("node"), has("chromium"), modules()) else {
        return;
    };
    let site = Site::running_with(SystemClock);
    let shots = std::env::var("UNSPOOF_SCREENSHOTS").unwrap_or_else(|_| "-".into());
    let walked = Command::new("node")
        .arg("tests/axe/axe.cjs")
        .arg(modules)
        .arg(chromium())
        .arg(format!("http://localhost:{}", site.address.port()))
        .arg(site.code(0))
        .arg(Code::of_payload(b"BCDFGHJKMNP").unwrap().reveal().as_str())
        .args([language, &width.to_string(), &shots])
        .output()
        .unwrap();
    let lines = String::from_utf8(walked.stdout).unwrap();
    assert!(
        walked.status.success(),
        "{lines}\n{}",
        String::from_utf8_lossy(&walked.stderr)
    );
    let mut pages = 0;
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let page: serde_json::Value = serde_json::from_str(line).unwrap();
        pages += 1;
        let is_clean = page["violations"] == serde_json::json!([])
            && page["errors"] == serde_json::json!([])
            && page["scrolls"] == false
            && page["bytes"].as_u64().unwrap() < MAX_PAGE_BYTES;
        if !is_clean {
            wrong.push(line.to_owned());
        }
    }
    assert!(pages >= 38, "{pages} pages");
    assert!(
        wrong.is_empty(),
        "{language} at {width}:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn axe_finds_nothing_on_a_small_phone() {
    walk("en", 320);
}

#[test]
fn axe_finds_nothing_on_a_desktop() {
    walk("en", 1280);
}

#[test]
fn axe_finds_nothing_from_right_to_left() {
    walk("ar", 320);
    walk("ur", 1280);
}

#[test]
fn axe_finds_nothing_in_the_other_languages() {
    for language in ["cy", "es", "pl"] {
        walk(language, 320);
    }
}
