//! From the first page to a sealed report, without scripts.

use sha2::{Digest, Sha256};
use unspoof_portal::hex;

use crate::support::{Inside, Site, all_bytes, has};

const STORY: &str = "They said MARKERSTORY from the bank.\nI typed <script>alert(1)</script>.";

#[test]
fn a_report_travels_from_a_text_to_the_sealed_spool() {
    if !has("age") {
        return;
    }
    let inside = Inside::new();
    let site = Site::sealed_to(inside.recipients.clone());
    let mut visitor = site.visitor();
    // The code of the text opens the person's own page, and that leads on to the form.
    let own = visitor.fill("/en/check", &[("code", &site.code(3).to_lowercase())]);
    assert!(own.title().starts_with("Your page"));
    let (ticket, code) = (own.hidden("ticket"), own.hidden("code"));
    let page = visitor.post("/en/report", &[("ticket", &ticket), ("code", &code)]);
    assert!(page.title().starts_with("Did money move"));

    let urgent = visitor.fill("/en/report/q/urgent", &[("moved", "yes")]);
    assert!(urgent.title().starts_with("Ring your bank now"));
    assert!(urgent.text().contains("tel:02079460159"));
    visitor.fill(
        "/en/report/q/who",
        &[("whom", "other"), ("relation", "MARKERRELATION")],
    );
    let care = visitor.fill("/en/report/q/happened", &[("story", STORY)]);
    assert!(care.title().starts_with("When did they ring"));
    visitor.fill(
        "/en/report/q/when",
        &[
            ("call-day-day", "27"),
            ("call-day-month", "3"),
            ("call-day-year", "2022"),
            ("call-time", "MARKERTIME"),
        ],
    );
    visitor.fill("/en/report/q/shown", &[("number-shown", "020 7946 0777")]);
    visitor.fill("/en/report/q/claimed", &[("claimed", "MARKERCLAIMED")]);
    visitor.fill("/en/report/q/bank", &[("bank", "MARKERBANK")]);
    visitor.fill(
        "/en/report/q/loss",
        &[("lost", "yes"), ("amount", "1250.50"), ("currency", "GBP")],
    );
    visitor.fill("/en/report/q/secret", &[("secret", "no")]);
    visitor.fill(
        "/en/report/q/reported",
        &[("reported", "bank"), ("reported", "police")],
    );
    visitor.fill(
        "/en/report/q/contact",
        &[("name", "MARKERNAME"), ("phone", "07700 900123")],
    );
    visitor.fill("/en/report/q/help", &[("help", "talk")]);
    let files = visitor.fill("/en/report/q/agree", &[]);
    assert!(files.title().starts_with("Photos and documents"));
    let photo = [b"\xff\xd8\xff\xe0MARKERPHOTO".as_slice(), &[7; 200_000]].concat();
    let files = visitor.attach("MARKERFILE.jpg", &photo);
    assert!(files.text().contains("MARKERFILE.jpg") && files.text().contains("picture"));

    let answers = visitor.get("/en/report/answers");
    assert!(answers.text().contains("&lt;script&gt;") && !answers.text().contains("<script>alert"));
    assert!(answers.text().contains("My bank\nThe police"));
    let reports_before = inside.pull(&site.spool()).len();
    assert_eq!(reports_before, 0, "nothing is sent before it is sent");
    let sent = visitor.fill("/en/report/answers", &[]);
    assert!(
        sent.title().starts_with("Your report was sent"),
        "{}",
        sent.text()
    );
    // Once more, as an impatient thumb does: one report.
    let ticket = visitor.get("/en/report/answers").hidden("ticket");
    let again = visitor.post("/en/report/answers", &[("ticket", &ticket)]);
    assert!(again.title().starts_with("Your report was sent"));

    let reports = inside.pull(&site.spool());
    assert_eq!(reports.len(), 1);
    let report = &reports[0];
    assert_eq!(report["kind"], "statement");
    assert_eq!(report["code"].as_str().unwrap(), site.code(3));
    assert_eq!(report["answers"]["story"][0].as_str().unwrap(), STORY);
    assert_eq!(
        report["answers"]["call-day"],
        serde_json::json!(["27", "3", "2022"])
    );
    assert_eq!(
        report["answers"]["reported"],
        serde_json::json!(["bank", "police"])
    );
    assert_eq!(report["trapped"], false);
    // The file opens to what was sent, hash included.
    let file = &report["files"][0];
    assert_eq!(
        file["sha256"].as_str().unwrap(),
        hex::encode(&Sha256::digest(&photo))
    );
    assert_eq!(
        (file["kind"].as_str(), file["size_bytes"].as_u64()),
        (Some("picture"), Some(photo.len() as u64))
    );
    let path = site
        .spool()
        .join("files")
        .join(format!("{}.age", file["id"].as_str().unwrap()));
    assert_eq!(
        inside
            .open_with("recovery", &std::fs::read(path).unwrap())
            .unwrap(),
        photo
    );

    // The receipt is signed over the sealed bytes' hash, and tells nothing else. OpenSSL judges it,
    // by the key that the website publishes.
    let receipt = visitor.get("/en/report/receipt").text();
    let key = &site.sample.bundle.receipt_key;
    assert!(visitor.get("/en/about").text().contains(key.as_str()));
    if has("openssl") {
        assert!(is_signed(&receipt, key));
        assert!(!is_signed(&receipt.replace("received", "Received"), key));
    }
    let records = unspoof_portal::spool::read(&site.spool(), &Default::default())
        .unwrap()
        .records;
    assert!(receipt.contains(&hex::encode(&Sha256::digest(&records[0].sealed))));
    assert!(!receipt.contains("MARKER"));

    // A thief of the disk: no planted marker, number, name or code in any byte or file name.
    let return_code: String = visitor.cookies["__Host-report"].clone();
    let code_key = hex::encode(site.sample.code_key.as_slice());
    let receipt_key = hex::encode(site.sample.receipt_seed.as_slice());
    let secrets = [
        "MARKER",
        "07700",
        "900123",
        "7946 0777",
        "1250.50",
        &return_code,
        &site.code(3),
        &site.code(3).replace('-', ""),
        &code_key,
        &receipt_key,
    ];
    let mut written = all_bytes(&site.spool());
    assert!(written.len() >= 4, "lock, segment, file, draft");
    // The bundle lies on the same disk.
    let bundle = site.sample.bundle.sign(&site.sample.bundle_seed).unwrap();
    written.push(("bundle.json".into(), bundle));
    for (path, bytes) in &written {
        let is_bundle = path.ends_with("bundle.json");
        for secret in secrets {
            let finds = |bytes: &[u8]| {
                bytes
                    .windows(secret.len())
                    .any(|w| w.eq_ignore_ascii_case(secret.as_bytes()))
            };
            // The published notice says "MARKER" nowhere, and holds numbers to ring.
            assert!(!finds(bytes), "{secret} in {}", path.display());
            assert!(
                is_bundle || !finds(path.to_string_lossy().as_bytes()),
                "{secret} names {}",
                path.display()
            );
        }
    }
    search_for_codes(&site, &written);
}

/// The thief's offline search, at its best: they hold a text with its code, so they know one right
/// answer, and try every 32 bytes of the disk as the key of the bundle's hashes, and none.
fn search_for_codes(site: &Site, written: &[(std::path::PathBuf, Vec<u8>)]) {
    use ring::hmac;
    let code = site.code(3).replace('-', "");
    let said = [b"unspoof check code v1\0".as_slice(), code.as_bytes()].concat();
    let hash = |key: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        hex::encode(hmac::sign(&key, &said).as_ref())
    };
    let hashes: Vec<&str> = site
        .sample
        .bundle
        .codes
        .iter()
        .map(|c| c.hash.as_str())
        .collect();
    let found = |hash: String| hashes.contains(&hash.as_str());
    assert!(
        found(hash(site.sample.code_key.as_slice())),
        "the search is a right one"
    );
    for plain in [
        &said,
        &code.clone().into_bytes(),
        &site.code(3).into_bytes(),
    ] {
        assert!(!found(hex::encode(&Sha256::digest(plain))));
    }
    for key in [b"".as_slice(), &[0; 32]] {
        assert!(!found(hash(key)));
    }
    let mut tried = 0;
    for (path, bytes) in written {
        // A large sealed file is as good as random: its beginning stands for it.
        for key in bytes.windows(32).take(60_000) {
            tried += 1;
            assert!(!found(hash(key)), "a key in {}", path.display());
        }
    }
    assert!(tried > 50_000, "{tried}");
}

/// Whether a receipt is good by what the guide tells people to type.
fn is_signed(receipt: &str, key: &str) -> bool {
    let guide = std::fs::read_to_string("../../docs/guides/portal.md").unwrap();
    let typed = guide
        .split("```sh\n")
        .filter_map(|block| block.split_once("```"))
        .map(|(block, _)| block)
        .find(|block| block.contains("pkeyutl"))
        .unwrap()
        .replace("KEY", key);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("receipt.txt"), receipt).unwrap();
    let judged = std::process::Command::new("/bin/sh")
        .args(["-e", "-c", &typed])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&judged.stdout);
    judged.status.success() && told.contains("Verified Successfully")
}

#[test]
fn somebody_stops_and_comes_back_on_another_device() {
    let mut site = Site::new();
    let mut phone = site.visitor();
    phone.begin();
    phone.fill("/en/report/q/happened", &[("story", "half of it")]);
    let save = phone.get("/en/report/save").text();
    let groups: Vec<&str> = save
        .split_once("<ul class=\"groups\"")
        .and_then(|(_, after)| after.split_once("</ul>"))
        .unwrap()
        .0
        .split("<li>")
        .skip(1)
        .map(|item| item.split('<').next().unwrap())
        .collect();
    assert_eq!(groups.len(), 5);
    let ticket = phone.get("/en/report/save").hidden("ticket");
    let pairs = |end| [("ticket", ticket.as_str()), ("from", "save"), ("kept", end)];
    let wrong = phone.post("/en/report/kept", &pairs("ZZZZ"));
    assert_eq!(wrong.status, 422);
    let right = phone.post("/en/report/kept", &pairs(groups[4]));
    assert!(right.text().contains("You can come back with it"));
    phone.get("/en/report/finish");
    assert!(
        phone.cookies.is_empty(),
        "the device holds nothing any more"
    );
    site.restart();
    let mut desktop = site.visitor();
    let no = desktop.fill("/en/return", &[("return", "0000-0000-0000-0000-0000")]);
    assert_eq!(no.status, 422);
    let back = desktop.fill(
        "/en/return",
        &[("return", &groups.join(" ").to_lowercase())],
    );
    assert!(back.text().contains("half of it"));
    // Left alone for longer than the bundle says, it is gone.
    site.clock
        .advance(u64::from(site.sample.bundle.draft_days) * 86_400_000 * 400);
    site.restart();
    let gone = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        std::fs::read_dir(site.spool().join("drafts"))
            .unwrap()
            .count()
            == 0
    });
    assert!(gone);
}

#[test]
fn a_sign_of_self_harm_shows_who_listens_once() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let page = visitor.fill("/en/report/q/happened", &[("story", "I just want to die")]);
    assert!(
        page.title()
            .starts_with("You do not have to carry this alone")
    );
    assert!(page.text().contains("tel:02079460116") && page.text().contains("/en/report/q/when"));
    let page = visitor.fill("/en/report/q/claimed", &[("claimed", "want to die")]);
    assert!(!page.title().starts_with("You do not"));
    let sent = visitor.fill("/en/report/answers", &[]);
    assert!(sent.text().contains("tel:02079460116"));
}

#[test]
fn what_is_wrong_is_said_and_what_was_typed_stays() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let page = visitor.fill("/en/report/q/urgent", &[]);
    assert_eq!(page.status, 422);
    assert!(page.title().starts_with("Problem: ") && page.text().contains("href=\"#moved-yes\""));
    let page = visitor.fill(
        "/en/report/q/when",
        &[("call-day-day", "31"), ("call-day-month", "2")],
    );
    assert!(page.status == 422 && page.text().contains("value=\"31\""));
    let page = visitor.fill("/en/report/q/loss", &[("amount", "lots & lots")]);
    assert!(page.status == 422 && page.text().contains("lots &amp; lots"));
    let long = "é".repeat(4001);
    let page = visitor.fill("/en/report/q/happened", &[("story", &long)]);
    assert!(page.status == 422 && page.text().contains(&long));
    let page = visitor.fill("/en/report/q/happened", &[("story", &"é".repeat(4000))]);
    assert_eq!(page.status, 200);
    // A changed answer leads back to the answers.
    let page = visitor.fill(
        "/en/report/q/claimed?then=answers",
        &[("then", "answers"), ("claimed", "x")],
    );
    assert!(
        page.title().starts_with("Check your answers"),
        "{}",
        page.title()
    );
}

#[test]
fn an_empty_report_is_not_sent_and_a_page_without_a_report_says_so() {
    let site = Site::new();
    let mut visitor = site.visitor();
    assert!(
        visitor
            .get("/en/report/answers")
            .title()
            .starts_with("No report is open")
    );
    visitor.begin();
    let page = visitor.fill("/en/report/answers", &[]);
    assert_eq!(page.status, 422);
    assert!(page.text().contains("Your report is empty"));
}

/// Who is not sure whether money moved has no time to lose either.
#[test]
fn the_bank_comes_first_unless_nothing_moved() {
    let site = Site::new();
    for (moved, title) in [
        ("yes", "Ring your bank now"),
        ("unsure", "Ring your bank now"),
        ("no", "Who are you telling us about"),
    ] {
        let mut visitor = site.visitor();
        visitor.begin();
        let page = visitor.fill("/en/report/q/urgent", &[("moved", moved)]);
        assert!(page.title().starts_with(title), "{moved}: {}", page.title());
    }
}

#[test]
fn a_form_that_is_no_crime_report_says_so_and_how_to_make_one() {
    let site = Site::with(
        vec![
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".into(),
            "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg".into(),
        ],
        false,
        |bundle| bundle.is_crime_report = false,
    );
    let mut visitor = site.visitor();
    assert!(
        visitor
            .get("/en/report")
            .text()
            .contains("is not a crime report")
    );
    visitor.begin();
    visitor.fill("/en/report/q/happened", &[("story", "x")]);
    let sent = visitor.fill("/en/report/answers", &[]).text();
    assert!(sent.contains("How to make a crime report") && sent.contains("tel:02079460101"));
    let mut bundle = site.sample.bundle.clone();
    bundle
        .help
        .retain(|line| line.kind != unspoof_portal::bundle::HelpKind::Report);
    let signed = bundle.sign(&site.sample.bundle_seed).unwrap();
    let public = crate::support::public_of(&site.sample.bundle_seed);
    assert!(unspoof_portal::bundle::Bundle::open(&signed, &public).is_err());
}

#[test]
fn a_device_is_not_cleared_before_the_return_code_is_kept_or_somebody_is_sure() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    visitor.fill("/en/report/q/happened", &[("story", "x")]);
    let asked = visitor.get("/en/report/finish");
    assert!(asked.title().starts_with("Have you kept"));
    assert!(visitor.cookies.contains_key("__Host-report"));
    visitor.get("/en/report/finish?sure");
    assert!(visitor.cookies.is_empty());
    // With nothing open there is nothing to ask.
    assert_eq!(visitor.get("/en/report/finish").status, 303);
}

/// Blank answers are no report, however many pages were seen.
#[test]
fn a_report_of_blanks_is_not_sent() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    for slug in ["happened", "claimed", "bank", "secret", "contact"] {
        visitor.fill(&format!("/en/report/q/{slug}"), &[]);
    }
    assert_eq!(visitor.fill("/en/report/answers", &[]).status, 422);
}
