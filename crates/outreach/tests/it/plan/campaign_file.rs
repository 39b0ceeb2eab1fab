//! The campaign file: what no campaign can follow from.

use unspoof_model::Coded;
use unspoof_outreach::plan::{Campaign, Take};

use super::support::*;

#[test]
fn what_is_left_out_has_its_default() {
    let campaign = campaign();
    assert_eq!(
        (
            campaign.window.earliest.as_str(),
            campaign.window.latest.as_str()
        ),
        ("09:00", "20:00")
    );
    assert_eq!(campaign.most_parts, 1);
    assert_eq!(campaign.neutral.older_than_days, 365);
    assert_eq!(campaign.stop.delivered_percent, 85);
    let takes: Vec<Take> = campaign.stages.iter().map(|stage| stage.take).collect();
    assert_eq!(
        takes,
        [Take::Team, Take::Count(3), Take::Percent(10), Take::Rest]
    );
}

#[test]
fn each_defect_has_its_code() {
    let good = campaign_toml();
    let key = |of| format!("key = \"{}\"", public(of));
    let first = key(1);
    let host = format!("sender_host = \"{}\"", host().recipient());
    let own = format!("recipients = [\"{}\", \"{}\"]", inside(1), inside(2));
    let cases: Vec<(&str, &str, String)> = vec![
        ("outreach/campaign", "version = 1", "version = 2".into()),
        ("outreach/campaign", "version = 1", "version = 1\nlink = \"none\"".into()),
        ("outreach/campaign", "id = \"tarnshire-2022\"", "id = \"../tarn\"".into()),
        ("outreach/campaign", "id = \"tarnshire-2022\"", "id = \"\"".into()),
        ("outreach/campaign", "kind = \"warning\"", "kind = \"offer\"".into()),
        ("outreach/campaign", "organisation = \"Tarnshire Police\"", "organisation = \" \"".into()),
        ("outreach/campaign", "contact = \"Tarnshire", "contact = \"\\nTarnshire".into()),
        // There is one sender: neither several nor one that is not registered.
        ("outreach/campaign", "sender = \"TarnPolice\"", "sender = [\"TarnPolice\", \"Tarn2\"]".into()),
        ("outreach/sender-id", "sender = \"TarnPolice\"", "sender = \"MyBank\"".into()),
        ("outreach/sender-id", "\nsender = \"TarnPolice\"", "\nsender = \"tarnpolice\"".into()),
        ("outreach/sender-id", "TarnPolice", "+447700900123".into()),
        ("outreach/sender-id", "TarnPolice", "447700".into()),
        ("outreach/sender-id", "TarnPolice", "TarnshirePolice".into()),
        ("outreach/sender-id", "TarnPolice", "TarnPolic\u{435}".into()),
        ("outreach/campaign", "rate_per_s = 30", "rate_per_s = 0".into()),
        ("outreach/campaign", "rate_per_s = 30", "rate_per_s = 30\nmost_parts = 0".into()),
        ("outreach/campaign", "price_per_part = \"0.0251\"", "".into()),
        ("outreach/campaign", "price_per_part = \"0.0251\"", "price_per_part = \"-1\"".into()),
        ("outreach/campaign", "currency = \"GBP\"", "currency = \"pounds\"".into()),
        ("outreach/window", "Europe/London", "Europe/Tarnshire".into()),
        ("outreach/window", "2022-11-25", "2022-11-23".into()),
        ("outreach/window", "2022-11-25", "2022-02-30".into()),
        ("outreach/window", "2022-11-25", "2023-11-25".into()),
        ("outreach/window", "last_day = \"2022-11-25\"", "last_day = \"2022-11-25\"\nearliest = \"07:00\"".into()),
        ("outreach/window", "last_day = \"2022-11-25\"", "last_day = \"2022-11-25\"\nlatest = \"22:00\"".into()),
        ("outreach/window", "last_day = \"2022-11-25\"", "last_day = \"2022-11-25\"\nlatest = \"09:10\"".into()),
        ("outreach/window", "last_day = \"2022-11-25\"", "last_day = \"2022-11-25\"\nlatest = \"19:59\"".into()),
        ("outreach/window", "last_day = \"2022-11-25\"", "last_day = \"2022-11-25\"\nlatest = \"8pm\"".into()),
        ("outreach/text", "Code {code}\"", "Code\"".into()),
        ("outreach/text", "Code {code}\"", "Code {code} {code}\"".into()),
        ("outreach/text", "Code {code}\"", "{name}, code {code}\"".into()),
        ("outreach/text", "Code {code}\"", "{organisation} {code}\"".into()),
        ("outreach/text", "Code {code}\"", "{one|two} {code}\"".into()),
        ("outreach/text", "language = \"cy\"", "language = \"en\"".into()),
        ("outreach/text", "language = \"cy\"", "language = \"Cymraeg!\"".into()),
        ("outreach/text", "language = \"en\"\ntext", "language = \"en\"\norganisation = \"Tarn & Pennard Bank\"\ntext".into()),
        ("outreach/campaign", "take = \"rest\"", "take = \"50\"".into()),
        ("outreach/campaign", "take = \"3\"", "take = \"rest\"".into()),
        ("outreach/campaign", "take = \"3\"", "take = \"team\"".into()),
        ("outreach/campaign", "take = \"10 %\"", "take = \"0 %\"".into()),
        ("outreach/campaign", "take = \"10 %\"", "take = \"101 %\"".into()),
        ("outreach/campaign", "take = \"10 %\"", "take = \"some\"".into()),
        ("outreach/campaign", "name = \"rest\"", "name = \"own team\"".into()),
        ("outreach/campaign", "name = \"rest\"", "name = \"rest\"\nsender = \"Other\"".into()),
        ("outreach/campaign", "[sealing]", "[answering]\nbatches = 3\n[sealing]".into()),
        ("outreach/campaign", "[sealing]", "[stop]\ndelivered_percent = 101\n[sealing]".into()),
        ("outreach/campaign", "[sealing]", "[[exceptions]]\nrule = \"link\"\nfound = \"x\"\nreason = \"\"\nby = \"A\"\n[sealing]".into()),
        ("outreach/campaign", "[sealing]", "[[exceptions]]\nrule = \"anything\"\nfound = \"x\"\nreason = \"r\"\nby = \"A\"\n[sealing]".into()),
        ("outreach/approvers", &first, key(2)),
        ("outreach/approvers", "B. Officer", "a. officer".into()),
        ("outreach/approvers", &first, "key = \"ab\"".into()),
        ("outreach/handover", &host, "sender_host = \"age1\"".into()),
        ("outreach/campaign", &own, format!("recipients = [\"{}\"]", inside(1))),
        ("outreach/campaign", &own, format!("recipients = [\"{0}\", \"{0}\"]", inside(1))),
        ("outreach/campaign", &own, format!("recipients = [\"{}\", \"{}\"]", inside(1), super::support::host().recipient())),
    ];
    for (code, from, to) in cases {
        assert!(good.contains(from), "{from}");
        let error = Campaign::read(&good.replace(from, &to)).unwrap_err();
        assert_eq!(error.code(), code, "{from} → {to}: {error}");
    }
}

#[test]
fn one_approver_is_not_enough() {
    let good = campaign_toml();
    let (head, rest) = good.split_once("[[approvers]]\nname = \"B").unwrap();
    let (_, tail) = rest.split_once("[sealing]").unwrap();
    let alone = format!("{head}[sealing]{tail}");
    assert_eq!(
        Campaign::read(&alone).unwrap_err().code(),
        "outreach/approvers"
    );
}

#[test]
fn an_error_names_the_line() {
    let error = Campaign::read("version = 1\nid = 3\n").unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}

/// What the page shows is a campaign file.
#[test]
fn the_documents_campaign_is_one() {
    let page = std::fs::read_to_string("../../docs/formats/campaign.md").unwrap();
    let mut blocks = page.split("```toml\n").skip(1);
    let mut read = 0;
    for block in blocks.by_ref() {
        let toml = block.split("```").next().unwrap();
        if toml.starts_with("version") {
            let campaign = Campaign::read(toml).unwrap();
            assert!(
                campaign.lint().iter().all(|report| report.is_accepted()),
                "{:?}",
                campaign.lint()
            );
            read += 1;
        }
    }
    assert_eq!(read, 2, "a warning and an answer");
}
