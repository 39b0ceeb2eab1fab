//! Every page and state in Chromium, judged by axe: WCAG 2.2 AA and axe's own best practice.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use unspoof_portal::codes::Code;

use crate::support::{FastClock, Site, has};

/// Where `axe-core` and `puppeteer-core` are installed: `cargo xtask test` does it.
pub(crate) fn modules() -> Option<PathBuf> {
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

pub(crate) fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("chromium"))
        .find(|file| file.is_file())
        .unwrap()
}

/// A page over 2G comes at about 4 kB a second.
const MAX_PAGE_BYTES: u64 = 12_000;

/// A form that seals in the browser holds all questions.
const MAX_PRIVATE_BYTES: u64 = 32_000;

/// Runs a script over Chromium, holds each page that it judged against what all pages must be,
/// and gives what else it printed; `None` where a peer is missing.
pub(crate) fn judged(script: &str, arguments: &[&str], least: usize) -> Option<Vec<Value>> {
    let (true, true, Some(modules)) = (has("node"), has("chromium"), modules()) else {
        return None;
    };
    let walked = Command::new("node")
        .arg(format!("tests/axe/{script}"))
        .arg(modules)
        .arg(chromium())
        .args(arguments)
        .output()
        .unwrap();
    let lines = String::from_utf8(walked.stdout).unwrap();
    assert!(
        walked.status.success(),
        "{lines}\n{}",
        String::from_utf8_lossy(&walked.stderr)
    );
    let (mut pages, mut wrong, mut rest) = (0, Vec::new(), Vec::new());
    for line in lines.lines() {
        let page: Value = serde_json::from_str(line).unwrap();
        let Some(name) = page["page"].as_str() else {
            rest.push(page);
            continue;
        };
        pages += 1;
        let most = if name.starts_with("private") {
            MAX_PRIVATE_BYTES
        } else {
            MAX_PAGE_BYTES
        };
        let is_clean = page["violations"] == json!([])
            && page["errors"] == json!([])
            && page["scrolls"] == false
            && page["bytes"].as_u64().unwrap() < most;
        if !is_clean {
            wrong.push(line.to_owned());
        }
    }
    assert!(pages >= least, "{pages} pages");
    assert!(wrong.is_empty(), "{arguments:?}:\n{}", wrong.join("\n"));
    Some(rest)
}

/// Where pictures of the pages go, if anywhere.
pub(crate) fn shots() -> String {
    std::env::var("UNSPOOF_SCREENSHOTS").unwrap_or_else(|_| "-".into())
}

fn walk(language: &str, width: u32) {
    let site = Site::running_with(FastClock::new());
    let other = Code::of_payload(b"BCDFGHJKMNP").unwrap().reveal();
    let base = format!("http://localhost:{}", site.address.port());
    let (code, width, shots) = (site.code(0), width.to_string(), shots());
    let arguments = [&base, &code, other.as_str(), language, &width, &shots];
    judged("axe.cjs", &arguments, 41);
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

/// From the first page to a sent report, without a mouse, at 400 % zoom.
#[test]
fn the_keyboard_reaches_everything_at_400_percent() {
    for language in ["en", "ur"] {
        let site = Site::running_with(FastClock::new());
        let base = format!("http://localhost:{}", site.address.port());
        let Some(told) = judged("keyboard.cjs", &[&base, language, &shots()], 10) else {
            return;
        };
        let end = &told[0]["end"];
        assert_eq!(end["wrong"], json!([]), "{language}");
        assert_eq!(end["chosen"], format!("/{language}/report/sent"));
    }
}
