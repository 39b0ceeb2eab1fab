//! Lists of addresses in the formats that they are published in, made up.

use unspoof_payments::{
    AddressLists, AddressStatus, ListRejectCode, PaymentError, read_plain_list, read_tagpack,
};

// Addresses of the standards' examples.
const SEGWIT: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const GENESIS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

const PACK: &str = include_str!("../../testdata/tagpack.yaml");

#[test]
fn a_tagpack_is_read_whole() {
    let list = read_tagpack("made-up.yaml", PACK).expect("a TagPack");
    assert_eq!(list.title.as_deref(), Some("Made up for tests"));
    assert_eq!(list.creator.as_deref(), Some("Nobody"));
    assert_eq!(list.dated.as_deref(), Some("2022-02-15"));
    let shown: Vec<_> = list
        .entries
        .iter()
        .map(|entry| {
            let of = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            format!(
                "{} {} {} {} {}",
                entry.line,
                of(&entry.currency),
                of(&entry.label),
                of(&entry.category),
                of(&entry.dated)
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "11 BTC a mixer - 2022-02-15",
            "12 BTC a shop exchange 2021-01-31",
            "17 ETH a mixer - 2022-02-15",
        ]
    );
    assert_eq!(list.entries[0].abuse.as_deref(), Some("scam"));
    let rejects: Vec<_> = list
        .rejects
        .iter()
        .map(|reject| (reject.line, reject.code))
        .collect();
    assert_eq!(
        rejects,
        [
            (20, ListRejectCode::NoAddress),
            (21, ListRejectCode::NotAnEntry),
            (22, ListRejectCode::NotAnEntry),
            (23, ListRejectCode::Alias),
        ]
    );
}

#[test]
fn a_match_names_list_entry_and_day() {
    let pack = read_tagpack("made-up.yaml", PACK).expect("a TagPack");
    let text =
        format!("\u{feff}{GENESIS}\r\n\n{SEGWIT}\ntwo words\n1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb\n");
    let plain = read_plain_list("made_up_XBT.txt", Some("XBT"), Some("2024-02-26"), &text);
    assert_eq!(plain.entries.len(), 3);
    assert_eq!(plain.rejects.len(), 1);
    assert_eq!(
        (plain.rejects[0].line, plain.rejects[0].code.as_str()),
        (4, "not-one-word")
    );
    assert_eq!(plain.entries[2].status, AddressStatus::WrongChecksum);
    let lists = AddressLists::new(vec![pack, plain]);
    let found: Vec<_> = lists
        .find(&SEGWIT.to_uppercase())
        .iter()
        .map(|found| {
            (
                found.list.name.as_str(),
                found.entry.line,
                found.entry.dated.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("made-up.yaml", 11, Some("2022-02-15")),
            ("made_up_XBT.txt", 3, Some("2024-02-26"))
        ]
    );
    assert_eq!(
        lists
            .find("0X52908400098527886e0f7030069857d2e4169ee7")
            .len(),
        1
    );
    assert!(lists.find("3P14159f73E4gFr7JterCCQh9QjiTjiZrG").is_empty());
    assert!(lists.find("").is_empty());
    assert!(!format!("{lists:?}").contains(GENESIS));
}

#[test]
fn what_is_no_tagpack_is_refused() {
    let refused = |text: &str| read_tagpack("x", text).map(|list| list.entries.len());
    assert_eq!(
        refused("title: x\n"),
        Err(PaymentError::NoTags { list: "x".into() })
    );
    assert_eq!(
        refused("tags: none\n"),
        Err(PaymentError::NoTags { list: "x".into() })
    );
    assert!(matches!(
        refused("a: [1\nb: }"),
        Err(PaymentError::Yaml { .. })
    ));
    // `tags` further down is somebody else's.
    assert_eq!(
        refused("a:\n  tags:\n  - address: x\n"),
        Err(PaymentError::NoTags { list: "x".into() })
    );
    assert_eq!(refused("tags: []\n"), Ok(0));
}

/// Reads the published lists in `$UNSPOOF_SHARED_DATA`, by default `../shared/data` beside the
/// project. Without them there is nothing to read: a warning, and under CI a failure.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn the_published_lists_are_read() {
    let shared = std::env::var_os("UNSPOOF_SHARED_DATA")
        .map_or("../../../shared/data".into(), std::path::PathBuf::from);
    let folder = shared.join("crypto");
    if !folder.is_dir() {
        let why = "`crypto` is not there: set UNSPOOF_SHARED_DATA to the folder that holds it";
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why}");
        eprintln!("LEFT OUT: {why}");
        return;
    }
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut lists = Vec::new();
    for name in &names {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let list = if let Some(stem) = name.strip_suffix(".txt") {
            let currency = stem.rsplit('_').next();
            let list = read_plain_list(name, currency, None, &text);
            assert_eq!(
                list.entries.len(),
                text.split_whitespace().count(),
                "{name}"
            );
            list
        } else {
            let list = read_tagpack(name, &text).unwrap();
            let addresses = text
                .lines()
                .filter(|line| line.starts_with("- address:"))
                .count();
            assert_eq!(list.entries.len(), addresses, "{name}");
            list
        };
        assert!(
            list.rejects.is_empty() && !list.entries.is_empty(),
            "{name}"
        );
        // Those of Bitcoin are valid, but for a few that are another chain's.
        let bitcoin: Vec<_> = list
            .entries
            .iter()
            .filter(|entry| matches!(entry.currency.as_deref(), Some("BTC" | "XBT")))
            .collect();
        let others = bitcoin
            .iter()
            .filter(|entry| !matches!(entry.status, AddressStatus::Valid(_)))
            .inspect(|entry| assert_eq!(entry.status, AddressStatus::OtherNetwork, "{entry:?}"))
            .count();
        assert!(
            others * 100 <= bitcoin.len(),
            "{name}: {others} of {}",
            bitcoin.len()
        );
        lists.push(list);
    }
    let all = AddressLists::new(lists);
    // Every entry is found again, under its own list and line.
    for list in all.lists() {
        for entry in &list.entries {
            let found = all.find(&entry.address);
            assert!(
                found
                    .iter()
                    .any(|f| f.list.name == list.name && f.entry.line == entry.line)
            );
        }
    }
}
