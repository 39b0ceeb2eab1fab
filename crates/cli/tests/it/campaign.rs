//! A campaign from the funnel to the sender's host and back, and statements that come in by the website.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use unspoof_handover::seal::{Recipient, seal};
use unspoof_handover::spool::{MAGIC, first_link, link};
use unspoof_unseal::Identity;
use zeroize::Zeroizing;

use crate::support::{Desk, says, tiny};

/// A key pair of `age`: the file of its private half, and the public half.
fn age_key(desk: &Desk, name: &str, of: u8) -> String {
    let identity = Identity::of_secret(Zeroizing::new([of; 32]));
    desk.write(name, identity.reveal().as_bytes());
    identity.recipient()
}

fn approver(desk: &Desk, name: &str, file: &str) -> String {
    let made = desk
        .run(&["campaign", "key", file, "--json"])
        .whole()
        .json();
    let key = made["public_key"].as_str().unwrap().to_owned();
    desk.on("case", &["campaign", "approver", name, &key])
        .whole();
    key
}

/// Days far ahead, so that the window is still to come whenever this runs.
const WINDOW: &str = "first_day = \"2090-03-06\"\nlast_day = \"2090-03-07\"";

fn campaign_file(desk: &Desk, id: &str) -> (String, String) {
    let host = age_key(desk, "host.key", 9);
    let team = age_key(desk, "team.key", 1);
    let recovery = age_key(desk, "recovery.key", 2);
    let case: toml::Table = fs::read_to_string(desk.at("case/case.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let approvers: String = case["approvers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| {
            format!(
                "[[approvers]]\nname = {}\nkey = {}\n\n",
                of["name"], of["key"]
            )
        })
        .collect();
    let receipt = "ab".repeat(32);
    let text = format!(
        "version = 1\nid = \"{id}\"\nkind = \"warning\"\norganisation = \"Tarnshire Police\"\n\
         contact = \"Tarnshire Police, Operation Lantern\"\nsender = \"TarnPolice\"\n\
         registered_senders = [\"TarnPolice\"]\nrate_per_s = 30\nprice_per_part = \"0.025\"\ncurrency = \"GBP\"\n\n\
         [window]\nzone = \"Europe/London\"\n{WINDOW}\n\n\
         [[texts]]\nlanguage = \"en\"\ntext = \"Tarnshire Police: this phone may have been rung by people who posed as others. Our website tells how to know this text. Code {{code}}\"\n\n\
         [[stages]]\nname = \"first few\"\ntake = \"3\"\nhold_after = true\n\n\
         [[stages]]\nname = \"rest\"\ntake = \"rest\"\n\n\
         {approvers}[sealing]\nsender_host = \"{host}\"\n\n\
         [portal]\nlanguages = [\"en\"]\nrecipients = [\"{team}\", \"{recovery}\"]\nreceipt_key = \"{receipt}\"\n\
         leave_url = \"https://example.org/\"\nis_crime_report = true\nread_within_days = 3\ndraft_days = 14\ncodes_open_days = 90\n"
    );
    desk.write("campaign.toml", &text);
    (team, recovery)
}

/// A case with two approvers and a campaign file.
fn ready() -> (Desk, (String, String)) {
    let desk = tiny(1);
    approver(&desk, "A. Officer", "a.key");
    approver(&desk, "B. Officer", "b.key");
    let keys = campaign_file(&desk, "lantern-1");
    (desk, keys)
}

fn approved(desk: &Desk) -> u64 {
    let plan = desk
        .on("case", &["campaign", "plan", "campaign.toml", "--json"])
        .whole()
        .json();
    for key in ["a.key", "b.key"] {
        desk.on("case", &["campaign", "approve", "lantern-1", "--key", key])
            .whole();
    }
    plan["plan"]["recipients"]["count"].as_u64().unwrap()
}

#[test]
fn a_campaign_goes_from_the_funnel_to_its_erasure() {
    let (desk, _) = ready();
    let lint = desk
        .run(&["campaign", "lint", "campaign.toml"])
        .whole()
        .text();
    says(&lint, &["nothing found"]);
    let preview = desk.run(&["campaign", "preview", "campaign.toml"]).whole();
    says(&preview.text(), &["from TarnPolice", "BCDF"]);

    let funnel = desk.on("case", &["funnel", "--json"]).whole().json();
    let sha256 = funnel["contacts_sha256"].as_str().unwrap();
    let other = "0".repeat(64);
    desk.on(
        "case",
        &["campaign", "plan", "campaign.toml", "--funnel", &other],
    )
    .refused(1, "campaign/funnel");
    let plan = desk
        .on(
            "case",
            &[
                "campaign",
                "plan",
                "campaign.toml",
                "--funnel",
                sha256,
                "--json",
            ],
        )
        .whole()
        .json();
    let recipients = plan["plan"]["recipients"]["count"].as_u64().unwrap();
    let contacts = funnel["steps"].as_array().unwrap().last().unwrap()["count"]
        .as_u64()
        .unwrap();
    let left_out: u64 = plan["plan"]["left_out"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(recipients + left_out, contacts, "{plan}");
    assert!(recipients > 3, "{plan}");
    assert_eq!(plan["plan"]["made_up"], json!(true));
    assert!(
        !plan.to_string().contains("+44"),
        "no number stands in a plan"
    );

    // One signature is not two, and one person signs once.
    desk.on(
        "case",
        &["campaign", "bundle", "lantern-1", "--out", "too-early"],
    )
    .refused(1, "outreach/approvals");
    desk.on(
        "case",
        &["campaign", "approve", "lantern-1", "--key", "a.key"],
    )
    .whole();
    desk.on(
        "case",
        &["campaign", "approve", "lantern-1", "--key", "a.key"],
    )
    .refused(1, "outreach/approvals");
    desk.on(
        "case",
        &["campaign", "approve", "lantern-1", "--key", "b.key"],
    )
    .whole();
    desk.on("case", &["campaign", "plan", "campaign.toml"])
        .refused(1, "campaign/signed");
    desk.on("case", &["campaign", "bundle", "lantern-1", "--out", "out"])
        .whole();
    desk.assert_sound("case");

    let send = [
        "campaign",
        "send",
        "out/sender",
        "--approvers",
        "out/approvers.json",
    ];
    let rehearsed = desk
        .run(
            &[
                &send[..],
                &["--identity", "host.key", "--write", "heard.csv"],
            ]
            .concat(),
        )
        .whole();
    says(
        &rehearsed.text(),
        &["rehearsed", "nothing left this machine"],
    );
    let heard = fs::read_to_string(desk.at("heard.csv")).unwrap();
    assert_eq!(heard.lines().count() as u64, recipients);
    // A made-up case goes nowhere else, and the window is to come.
    let csv = [&send[..], &["--identity", "host.key", "--csv", "gateway"]].concat();
    assert_eq!(desk.run(&csv).code, Some(1));
    assert!(!desk.at("gateway").exists());
    // Another host opens nothing.
    desk.run(&[&send[..], &["--identity", "team.key"]].concat())
        .code
        .filter(|code| *code == 1)
        .unwrap();

    // The rehearsal has a ledger of its own, so its status is asked for there.
    let ledger = ["--ledger", "out/sender/rehearsal/ledger.db"];
    let status = [&["campaign", "status", "out/sender", "--json"], &ledger[..]].concat();
    let status = desk.run(&status).whole().json();
    assert_eq!(status["counts"]["delivered"].as_u64(), Some(recipients));
    let results = [
        &[
            "campaign",
            "reconcile",
            "out/sender",
            "--results",
            "results",
        ],
        &ledger[..],
    ];
    desk.run(&results.concat()).whole();
    desk.on("case", &["campaign", "results", "lantern-1", "results"])
        .whole();
    // Whoever was told is told no more.
    campaign_file(&desk, "lantern-2");
    desk.on("case", &["campaign", "plan", "campaign.toml"])
        .refused_without_hint("outreach/nobody");
    let erase = [
        &[
            "campaign",
            "erase",
            "out/sender",
            "--identity",
            "host.key",
            "--key",
            "a.key",
            "--out",
            "erased",
        ],
        &ledger[..],
    ];
    desk.run(&erase.concat()).whole();
    assert!(!desk.at("host.key").exists() && !desk.at("out/sender/recipients.age").exists());
    desk.assert_sound("case");
}

#[test]
fn a_stop_is_for_ever() {
    let (desk, _) = ready();
    approved(&desk);
    desk.on("case", &["campaign", "bundle", "lantern-1", "--out", "out"])
        .whole();
    desk.run(&["campaign", "stop", "out/sender", "--why", "a test"])
        .whole();
    let ran = desk.run(&[
        "campaign",
        "send",
        "out/sender",
        "--approvers",
        "out/approvers.json",
        "--identity",
        "host.key",
        "--write",
        "heard.csv",
    ]);
    assert_eq!(ran.code, Some(1), "{ran}");
    says(&ran.text(), &["STOPPED", "a test"]);
    assert_eq!(fs::read_to_string(desk.at("heard.csv")).unwrap(), "");
}

/// Writes a spool as the portal does.
struct Spool {
    bytes: Vec<u8>,
    name: String,
    chain: [u8; 32],
    recipients: Vec<Recipient>,
    next: u8,
}

impl Spool {
    fn new(name: &str, keys: &(String, String)) -> Self {
        let name = format!("segment-00000000000001-{name}.spool");
        Self {
            bytes: MAGIC.to_vec(),
            chain: first_link(&name),
            name,
            recipients: [&keys.0, &keys.1]
                .iter()
                .map(|key| Recipient::parse(key).unwrap())
                .collect(),
            next: 1,
        }
    }

    fn add(&mut self, kind: &str, mut message: Value) {
        let mut id = [self.next; 16];
        id[1..9].copy_from_slice(&Sha256::digest(&self.name)[..8]);
        self.next += 1;
        for (field, value) in [
            ("kind", json!(kind)),
            ("version", json!(1)),
            ("id", json!(crate::support::hex(&id))),
            ("campaign", json!("lantern-1")),
            ("received_utc", json!("2023-01-09T10:00:00Z")),
            ("language", json!("en")),
        ] {
            message[field] = value;
        }
        let mut plain = message.to_string().into_bytes();
        plain.resize(plain.len().next_multiple_of(4096), b' ');
        let sealed = seal(&plain, &self.recipients).unwrap();
        let mut record = id.to_vec();
        record.extend((sealed.len() as u64).to_be_bytes());
        record.extend(sealed);
        self.chain = link(&self.chain, &record);
        self.bytes.extend(record);
        self.bytes.extend(self.chain);
    }

    fn write(&self, desk: &Desk, folder: &str) {
        desk.write(&format!("{folder}/{}", self.name), &self.bytes);
    }
}

fn pull(desk: &Desk) -> Value {
    desk.on(
        "case",
        &[
            "portal",
            "pull",
            "spool",
            "--identity",
            "team.key",
            "--json",
        ],
    )
    .whole()
    .json()
}

fn figure(desk: &Desk, id: &str) -> i64 {
    let brief = desk.on("case", &["brief", "--json"]).whole().json();
    let figures = brief["figures"].as_array().unwrap().iter();
    let mut found = figures.filter(|figure| figure["id"] == id);
    found
        .next()
        .map_or(0, |figure| figure["value"].as_i64().unwrap())
}

#[test]
fn statements_count_when_their_code_and_the_calls_agree_and_wait_else() {
    let (desk, keys) = ready();
    approved(&desk);
    let before = (
        figure(&desk, "reports"),
        figure(&desk, "reports_loss_minor"),
    );
    let recipients = fs::read_to_string(desk.at("case/campaigns/lantern-1/recipients")).unwrap();
    let row: Vec<&str> = recipients.lines().nth(1).unwrap().split(',').collect();
    let (number, code) = (row[0], row[4]);
    let called = number.trim_start_matches('+');
    let calls = desk
        .on("case", &["sql", "--format", "json", &format!("select cast(started_utc as varchar) as at from spoofed_calls where called_e164 = {called} and engaged and date_part('hour', started_utc) < 22 order by 1")])
        .whole()
        .json();
    let at = calls[0]["at"].as_str().unwrap();
    let (year, month, day) = (&at[0..4], &at[5..7], &at[8..10]);
    let statement = |reference: &str, code: Option<&str>, day: &str, month: &str, year: &str| {
        json!({ "reference": reference, "code": code, "files": [], "trapped": false,
            "answers": { "moved": ["no"], "story": ["Somebody rang and said that they were from my bank."],
                "call-day": [day, month, year], "amount": ["321.50"], "currency": ["GBP"], "phone": ["07700 900456"] } })
    };
    let mut spool = Spool::new("a", &keys);
    spool.add(
        "statement",
        statement("RIGHT", Some(code), day, month, year),
    );
    spool.add("statement", statement("NOCODE", None, day, month, year));
    spool.add(
        "statement",
        statement("WRONG", Some("BCDF-GHJK-MNPQ"), day, month, year),
    );
    spool.add(
        "statement",
        statement("OTHERDAY", Some(code), "1", "1", "2001"),
    );
    spool.add(
        "number-asked",
        json!({ "number": "07700 900123", "trapped": false }),
    );
    spool.add("code-frozen", json!({ "code_hash": "ab" }));
    spool.write(&desk, "spool");
    let told = pull(&desk);
    assert_eq!(told["statements"], json!(4));
    assert_eq!(
        (&told["numbers_asked"], &told["codes_frozen"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(pull(&desk)["statements"], json!(0), "each is pulled once");
    desk.on("case", &["run"]).with_rejects();
    desk.assert_sound("case");

    let held = desk
        .on(
            "case",
            &[
                "sql",
                "--format",
                "json",
                "select report_id, why from held_statements order by 1",
            ],
        )
        .whole()
        .json();
    let held: Vec<(&str, &str)> = held
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["report_id"].as_str().unwrap(),
                row["why"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        held,
        [
            ("NOCODE", "code-missing"),
            ("OTHERDAY", "story-disagrees"),
            ("WRONG", "code-wrong")
        ]
    );
    assert_eq!(figure(&desk, "statements_held"), 3);
    assert_eq!(figure(&desk, "reports"), before.0 + 1);
    assert_eq!(figure(&desk, "reports_loss_minor"), before.1 + 32_150);
    let matched = desk
        .on("case", &["sql", "--format", "json", "select tier, called_e164 from report_matches where report_id = 'RIGHT' and rank = 1"])
        .whole()
        .json();
    // Of several calls on that day none may be surer than the others.
    let tier = matched[0]["tier"].as_str().unwrap();
    assert!(
        matches!(tier, "exact" | "probable" | "possible"),
        "{matched}"
    );
    assert_eq!(matched[0]["called_e164"].to_string(), called);

    // A person decides, and it counts.
    desk.on(
        "case",
        &[
            "judge",
            "match",
            "portal:NOCODE",
            number,
            "--reason",
            "rung back: it was that call",
        ],
    )
    .whole();
    desk.on("case", &["run"]).with_rejects();
    assert_eq!(figure(&desk, "statements_held"), 2);
    assert_eq!(figure(&desk, "reports"), before.0 + 2);

    // The queue shows them, and what was done about one is recorded.
    let queue = desk.on("case", &["portal", "queue"]).whole().text();
    says(&queue, &["NOCODE", "OTHERDAY", "waits"]);
    desk.on(
        "case",
        &[
            "portal",
            "queue",
            "NOCODE",
            "--record",
            "assigned",
            "--note",
            "officer one",
        ],
    )
    .whole();
    desk.on("case", &["portal", "queue", "NOCODE", "--record", "closed"])
        .whole();
    let queue = desk.on("case", &["portal", "queue"]).whole().text();
    assert!(!queue.contains("NOCODE"), "{queue}");
    let one = desk
        .on("case", &["portal", "queue", "NOCODE"])
        .whole()
        .text();
    says(
        &one,
        &["assigned by a tester: officer one", "closed by a tester"],
    );
    desk.on("case", &["portal", "queue", "NOTHERE"])
        .refused(1, "portal/unknown");
}

#[test]
fn a_damaged_spool_is_told_and_what_stands_before_is_taken() {
    let (desk, keys) = ready();
    let mut spool = Spool::new("a", &keys);
    for reference in ["ONE", "TWO"] {
        spool.add(
            "statement",
            json!({ "reference": reference, "answers": { "story": ["x"] } }),
        );
    }
    let at = spool.bytes.len() - 40;
    spool.bytes[at] ^= 1;
    spool.write(&desk, "spool");
    let ran = desk.on(
        "case",
        &[
            "portal",
            "pull",
            "spool",
            "--identity",
            "team.key",
            "--json",
        ],
    );
    let ran = ran.with_rejects();
    assert_eq!(ran.json()["statements"], json!(1));
    says(&ran.stderr, &["holds other bytes than were written"]);
    // With a key that it was not sealed to nothing is taken, and nothing is lost.
    let ran = desk.on(
        "case",
        &[
            "portal",
            "pull",
            "spool",
            "--identity",
            "host.key",
            "--json",
        ],
    );
    assert_eq!(ran.code, Some(3), "{ran}");
    desk.assert_sound("case");
}
