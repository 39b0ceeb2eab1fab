//! From the first page to a sealed report, without scripts.

use ring::signature::{ED25519, UnparsedPublicKey};
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
            ("call-time", "noon"),
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

    // The receipt is signed over the sealed bytes' hash, and tells nothing else.
    let receipt = visitor.get("/en/report/receipt").text();
    let (body, signature) = receipt.split_once("signature: ed25519 ").unwrap();
    let key = hex::decode::<32>(&site.sample.bundle.receipt_key).unwrap();
    let signature = hex::decode::<64>(signature.trim()).unwrap();
    UnparsedPublicKey::new(&ED25519, key)
        .verify(body.as_bytes(), &signature)
        .unwrap();
    let records = unspoof_portal::spool::read(&site.spool(), &Default::default())
        .unwrap()
        .records;
    assert!(body.contains(&hex::encode(&Sha256::digest(&records[0].sealed))));
    assert!(!receipt.contains("MARKER"));

    // A thief of the disk: no planted marker, number, name or code in any byte or file name.
    let return_code: String = visitor.cookies["__Host-report"].clone();
    let secrets = [
        "MARKER",
        "07700",
        "900123",
        "7946 0777",
        "1250.50",
        "noon",
        &return_code,
        &site.code(3),
        &site.code(3).replace('-', ""),
    ];
    let written = all_bytes(&site.spool());
    assert!(written.len() >= 4, "lock, segment, file, draft");
    for (path, bytes) in &written {
        for secret in secrets {
            let finds = |bytes: &[u8]| {
                bytes
                    .windows(secret.len())
                    .any(|w| w.eq_ignore_ascii_case(secret.as_bytes()))
            };
            assert!(!finds(bytes), "{secret} in {}", path.display());
            assert!(
                !finds(path.to_string_lossy().as_bytes()),
                "{secret} names {}",
                path.display()
            );
        }
    }
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
