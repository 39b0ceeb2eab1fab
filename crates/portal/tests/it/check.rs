//! Codes and numbers: nobody learns who is on the list.

use std::collections::BTreeSet;

use crate::support::{Inside, NOW_MS, Site, has};
use unspoof_portal::codes::Code;

fn other_code() -> String {
    Code::of_payload(b"BCDFGHJKMNP")
        .unwrap()
        .reveal()
        .to_string()
}

#[test]
fn a_right_code_opens_the_text_and_nothing_about_the_person() {
    let site = Site::new();
    let mut visitor = site.visitor();
    let page = visitor.fill("/en/check", &[("code", &site.code(0))]);
    let text = page.text();
    assert!(text.contains(&site.code(0)) && text.contains("anything else, it is fake"));
    // Another person's page differs in the code alone, ticket aside.
    let other = site.visitor().fill("/en/check", &[("code", &site.code(1))]);
    let same = |page: &crate::support::Page, code: &str| {
        page.text()
            .replace(&page.hidden("ticket"), "")
            .replace(code, "")
    };
    assert_eq!(same(&page, &site.code(0)), same(&other, &site.code(1)));
}

#[test]
fn a_slip_is_told_from_a_wrong_code() {
    let site = Site::new();
    let mut code = site.code(0);
    let last = code.pop().unwrap();
    code.push(if last == 'B' { 'C' } else { 'B' });
    let page = site.visitor().fill("/en/check", &[("code", &code)]);
    assert!(page.status == 422 && page.text().contains("character by character"));
    assert!(
        page.text().contains(&format!("value=\"{code}\"")),
        "what was typed stays"
    );
}

#[test]
fn wrong_expired_and_frozen_codes_answer_alike_byte_for_byte() {
    if !has("age") {
        return;
    }
    let inside = Inside::new();
    let site = Site::with(inside.recipients.clone(), true, |bundle| {
        bundle.codes[1].expires_ms = NOW_MS
    });
    let from = |last: u8| {
        let mut visitor = site.visitor();
        visitor
            .extra
            .push(format!("X-Forwarded-For: 10.1.1.1, 198.51.{last}.7"));
        visitor
    };
    let mut answers = BTreeSet::new();
    let mut ask = |last: u8, code: &str| {
        let mut visitor = from(last);
        visitor.get("/en/check");
        let page = visitor.fill("/en/check", &[("code", code)]);
        let opened = page.title().starts_with("Your page");
        if !opened {
            answers.insert((page.status, page.headers.clone(), page.body.clone()));
        }
        opened
    };
    assert!(!ask(1, &other_code()));
    assert!(!ask(1, &site.code(1)), "expired");
    for last in 1..=6 {
        assert!(ask(last, &site.code(0)), "from {last} networks");
        assert!(ask(last, &site.code(0)), "as often as one likes");
    }
    assert!(!ask(7, &site.code(0)), "frozen");
    assert!(!ask(1, &site.code(0)), "for all");
    assert_eq!(answers.len(), 1, "{answers:?}");
    // Told inwards once, after the answer was given.
    let has_told = |_: &i32| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        !inside.pull(&site.spool()).is_empty()
    };
    assert!((0..500).any(|n| has_told(&n)));
    let told = inside.pull(&site.spool());
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["kind"], "code-frozen");
    assert_eq!(
        told[0]["code_hash"].as_str().unwrap(),
        site.sample.bundle.codes[0].hash
    );
}

#[test]
fn a_frozen_code_stays_frozen_after_a_restart() {
    let mut site = Site::new();
    std::fs::write(
        site.spool().join("frozen"),
        format!("{}\n", site.sample.bundle.codes[0].hash),
    )
    .unwrap();
    site.restart();
    let page = site.visitor().fill("/en/check", &[("code", &site.code(0))]);
    assert!(page.title().starts_with("We cannot confirm"));
}

#[test]
fn every_number_gets_the_same_answer_and_goes_inwards_sealed() {
    if !has("age") {
        return;
    }
    let inside = Inside::new();
    let site = Site::with(inside.recipients.clone(), true, |_| {});
    let mut answers = BTreeSet::new();
    let mut lengths = BTreeSet::new();
    for last in 0..30_u32 {
        let mut visitor = site.visitor();
        visitor
            .extra
            .push(format!("X-Forwarded-For: 203.0.{last}.9"));
        visitor.get("/en/number");
        let number = format!("+44 7700 900{:03}", last * 7);
        let page = visitor.fill("/en/number", &[("number", &number)]);
        answers.insert((page.status, page.headers.clone(), page.body.clone()));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    let records = unspoof_portal::spool::read(&site.spool(), &BTreeSet::new())
        .unwrap()
        .records;
    assert_eq!(records.len(), 30);
    lengths.extend(records.iter().map(|record| record.sealed.len()));
    assert_eq!(lengths.len(), 1, "sealed records are of one length");
    assert_eq!(inside.open(&records[2].sealed)["number"], "+44 7700 900014");
    let page = site.visitor().fill("/en/number", &[("number", "hello")]);
    assert_eq!(page.status, 422);
}

/// Without the key, the hashes of the bundle tell nothing of codes: the thief's search finds none of
/// the right codes under any hash without a key, nor under a wrong one.
#[test]
fn a_stolen_bundle_does_not_let_codes_be_searched() {
    use sha2::{Digest, Sha256};
    use unspoof_portal::codes::CodeKey;
    let site = Site::new();
    let hashes: BTreeSet<&str> = site
        .sample
        .bundle
        .codes
        .iter()
        .map(|entry| entry.hash.as_str())
        .collect();
    let right = CodeKey::new(site.sample.code_key.clone());
    for code in &site.sample.codes {
        let shown = code.reveal().to_string();
        assert!(hashes.contains(unspoof_portal::hex::encode(&right.hash(code)).as_str()));
        for form in [shown.clone(), shown.replace('-', ""), shown.to_lowercase()] {
            let plain = unspoof_portal::hex::encode(&Sha256::digest(form.as_bytes()));
            assert!(!hashes.contains(plain.as_str()));
        }
        let wrong = CodeKey::new(zeroize::Zeroizing::new([0; 32]));
        assert!(!hashes.contains(unspoof_portal::hex::encode(&wrong.hash(code)).as_str()));
    }
}
