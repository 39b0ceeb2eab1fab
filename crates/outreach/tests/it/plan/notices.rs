//! What the public is told: the notice, and the portal's bundle.

use unspoof_handover::bundle::Bundle;
use unspoof_handover::codes::CodeKey;
use unspoof_handover::hex;
use unspoof_model::Coded;
use unspoof_outreach::bundle;
use unspoof_outreach::notice::Notice;

use super::package::{approved, hundred};
use super::support::*;

fn key_of(of: u8) -> [u8; 32] {
    hex::decode(&public(of)).unwrap()
}

#[test]
fn a_notice_says_the_exact_texts_and_who_signed() {
    let planned = hundred();
    let notice = Notice::of(&approved(&planned));
    let file = notice.sign_json(&seed(20)).unwrap();
    let read = Notice::verify_json(file.as_bytes(), &key_of(20)).unwrap();
    assert_eq!(read, notice);
    assert_eq!(read.texts.len(), 3);
    for (told, text) in read.texts.iter().zip(&planned.plan.texts) {
        assert_eq!(told.text, text.text);
    }
    let code = |file: &str, of| {
        Notice::verify_json(file.as_bytes(), &key_of(of))
            .unwrap_err()
            .code()
    };
    assert_eq!(code(&file, 21), "outreach/signature");
    assert_eq!(
        code(&file.replace("TarnPolice", "TarnPolicy"), 20),
        "outreach/signature"
    );
    assert_eq!(code("", 20), "outreach/signature");
    // A second signature, of anybody, makes it another file.
    let line = file.lines().last().unwrap();
    assert_eq!(code(&format!("{file}{line}\n"), 20), "outreach/signature");
}

#[test]
fn the_page_needs_nothing_and_runs_nothing() {
    let mut planned = hundred();
    planned.plan.organisation = "Tarnshire <Police> & \"Co\"".to_owned();
    let notice = Notice::of(&approved(&planned));
    let page = notice.sign_html(&seed(20)).unwrap();
    Notice::verify_html(page.as_bytes(), &key_of(20)).unwrap();
    assert!(Notice::verify_html(page.as_bytes(), &key_of(21)).is_err());
    assert!(Notice::verify_html(page.replace("12", "13").as_bytes(), &key_of(20)).is_err());
    assert!(
        Notice::verify_html(
            page.replacen("<main>", "<main> ", 1).as_bytes(),
            &key_of(20)
        )
        .is_err()
    );
    assert!(page.contains("Tarnshire &lt;Police&gt; &amp; &quot;Co&quot;"));
    for banned in [
        "<script", "http:", "https:", "src=", "href=", "<a ", "onload", "@import", "url(",
    ] {
        assert!(!page.contains(banned), "{banned}");
    }
    for wanted in [
        "<html lang=\"en\">",
        "default-src 'none'",
        "Thursday 24 November 2022",
        "Friday 25 November 2022",
        "09:00 to 20:00",
        "TarnPolice",
        "lang=\"cy\"",
        "This is a rehearsal",
        "Our website tells how to know this text. Code <b lang=\"en\">code</b>",
        &notice.plan_sha256.to_string(),
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    // A page of which each opened element is closed, as far as an XML parser can tell.
    assert_eq!(page.matches("<p").count(), page.matches("</p>").count());
    assert_eq!(page.matches("<h2>").count(), 3);
    assert!(page.len() < 10_000);
}

#[test]
fn the_bundle_is_one_that_the_portal_opens_and_knows_nobody() {
    let planned = hundred();
    let approved = approved(&planned);
    let code_key = bundle::draw_code_key().unwrap();
    let made = bundle::make(&approved, &planned.recipients, &code_key).unwrap();
    let file = made.sign(&seed(20)).unwrap();
    let opened = Bundle::open(&file, &key_of(20)).unwrap();
    let key = CodeKey::new(code_key.clone());
    for recipient in &planned.recipients.list {
        let known = opened.code(&key.hash(&recipient.code)).unwrap();
        assert_eq!(known.text, usize::from(recipient.text));
        assert_eq!(
            known.expires_ms,
            (planned.plan.window.until_utc / 1000 + 90 * 86_400_000) as u64
        );
    }
    assert_eq!(opened.bundle.codes.len(), 102);
    assert!(
        opened
            .bundle
            .codes
            .is_sorted_by(|one, two| one.hash < two.hash)
    );
    assert!(opened.bundle.made_up);
    let text = String::from_utf8(file).unwrap();
    assert!(!text.contains(&hex::encode(code_key.as_slice())));
    for recipient in &planned.recipients.list {
        assert!(!text.contains(&recipient.number.key().to_string()));
        assert!(!text.contains(recipient.code.reveal().as_str()));
        // Nor a hash of the number that anybody could try.
        assert!(!text.contains(&hex::encode(
            &super::support::key().hash(recipient.number).0
        )));
    }
    // Not of other recipients, nor without a portal.
    let other = hundred();
    let error = bundle::make(&approved, &other.recipients, &code_key).unwrap_err();
    assert_eq!(error.code(), "outreach/recipients");
    let mut without = hundred();
    without.plan.portal = None;
    let error = bundle::make(
        &super::package::approved(&without),
        &without.recipients,
        &code_key,
    );
    assert_eq!(error.unwrap_err().code(), "outreach/document");
}

/// GOV.UK Notify cannot be told when to give a message up, and the public is told so.
#[test]
fn a_notice_promises_no_hour_that_the_channel_does_not_keep() {
    let mut planned = hundred();
    let says = |planned: &_, what| {
        let notice = Notice::of(&approved(planned));
        notice
            .how_to_tell
            .iter()
            .any(|sentence| sentence.contains(what))
    };
    assert!(says(&planned, "at another hour is not ours"));
    planned.plan.channel = unspoof_outreach::lint::Channel::Notify;
    assert!(!says(&planned, "at another hour is not ours"));
    assert!(says(&planned, "up to three days later"));
}

/// The portal knows the codes of answers too, each with the text that it came in.
#[test]
fn answers_stand_in_the_same_bundle() {
    let planned = hundred();
    let answer = super::answers::answers(&[]);
    let (one, other) = (approved(&planned), approved(&answer));
    let code_key = bundle::draw_code_key().unwrap();
    let with =
        |beside: &[_]| bundle::make_with_answers(&one, &planned.recipients, beside, &code_key);
    let made = with(&[(&other, &answer.recipients)]).unwrap();
    assert_eq!((made.notice.texts.len(), made.codes.len()), (4, 102 + 38));
    let opened = made.check().unwrap();
    let key = CodeKey::new(code_key.clone());
    for recipient in &answer.recipients.list {
        assert_eq!(opened.code(&key.hash(&recipient.code)).unwrap().text, 3);
    }
    // A warning is nothing to put beside another, nor is an answer under another name.
    assert!(with(&[(&one, &planned.recipients)]).is_err());
    let mut foreign = super::answers::answers(&[]);
    foreign.plan.organisation = "Other Police".to_owned();
    assert!(with(&[(&approved(&foreign), &foreign.recipients)]).is_err());
}
