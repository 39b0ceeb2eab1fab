//! What we seal opens with Debian's `age`, with each key and with no other; the spool's own laws.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use unspoof_portal::clock::SetClock;
use unspoof_portal::seal::{Recipient, SealWriter, seal};
use unspoof_portal::spool::{self, RecordId, Spool};

use crate::support::{Inside, has};

#[test]
fn sealed_files_open_with_debians_age() {
    if !has("age") {
        return;
    }
    let inside = Inside::new();
    let recipients: Vec<Recipient> = inside
        .recipients
        .iter()
        .map(|written| Recipient::parse(written).unwrap())
        .collect();
    let stranger = Inside::new();
    // Around the format's chunks of 64 KiB.
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 300_001] {
        let plain: Vec<u8> = (0..length)
            .map(|n: u32| n.to_le_bytes()[0] ^ 0x5a)
            .collect();
        let sealed = seal(&plain, &recipients).unwrap();
        for key in ["team", "recovery"] {
            assert_eq!(
                inside.open_with(key, &sealed).as_ref(),
                Ok(&plain),
                "{length} bytes with {key}"
            );
        }
        assert!(stranger.open_with("team", &sealed).is_err());
        // In pieces, as uploads come.
        let mut writer = SealWriter::new(Vec::new(), &recipients).unwrap();
        for piece in plain.chunks(7777) {
            writer.write_all(piece).unwrap();
        }
        assert_eq!(
            inside.open_with("team", &writer.finish().unwrap()),
            Ok(plain)
        );
    }
}

#[test]
fn a_sealed_file_that_was_cut_off_or_changed_does_not_open() {
    if !has("age") {
        return;
    }
    let inside = Inside::new();
    let recipients = [Recipient::parse(&inside.recipients[0]).unwrap()];
    let mut writer = SealWriter::new(Vec::new(), &recipients).unwrap();
    writer.write_all(&[1; 70_000]).unwrap();
    let sealed = writer.finish().unwrap();
    assert!(
        inside
            .open_with("team", &sealed[..sealed.len() - 4_480])
            .is_err()
    );
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(inside.open_with("team", &changed).is_err());
    assert!(inside.open_with("team", &sealed).is_ok());
}

#[test]
fn what_is_no_recipient_is_refused() {
    let good = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    assert!(Recipient::parse(good).is_ok());
    assert!(Recipient::parse(&good.replace("ql3", "ql4")).is_err());
    assert!(Recipient::parse("").is_err());
    assert!(Recipient::parse("AGE-SECRET-KEY-1").is_err());
}

fn filled(records: u8) -> (tempfile::TempDir, Vec<RecordId>) {
    let folder = tempfile::tempdir().unwrap();
    let ids: Vec<RecordId> = (0..records).map(|n| RecordId([n; 16])).collect();
    let spool = Spool::open(folder.path(), Arc::new(SetClock::at(1))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for id in &ids {
        runtime
            .block_on(spool.add(*id, vec![id.0[0]; 100 + usize::from(id.0[0])]))
            .unwrap();
    }
    (folder, ids)
}

fn segment(folder: &tempfile::TempDir) -> std::path::PathBuf {
    std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "spool")
        })
        .unwrap()
}

#[test]
fn nothing_is_pulled_twice_and_nothing_acknowledged_is_left() {
    let (folder, ids) = filled(9);
    let all = spool::read(folder.path(), &BTreeSet::new()).unwrap();
    assert_eq!(
        all.records
            .iter()
            .map(|record| record.id)
            .collect::<Vec<_>>(),
        ids
    );
    let pulled: BTreeSet<RecordId> = ids[..4].iter().copied().collect();
    let rest = spool::read(folder.path(), &pulled).unwrap();
    assert_eq!(
        rest.records
            .iter()
            .map(|record| record.id)
            .collect::<Vec<_>>(),
        ids[4..]
    );
    // The same id twice, in two segments: once.
    let spool = Spool::open(folder.path(), Arc::new(SetClock::at(2))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(spool.add(ids[0], vec![0; 100])).unwrap();
    assert_eq!(
        spool::read(folder.path(), &BTreeSet::new())
            .unwrap()
            .records
            .len(),
        9
    );
}

#[test]
fn a_spool_cut_at_any_byte_gives_every_whole_record_before() {
    let (folder, _) = filled(4);
    let path = segment(&folder);
    let whole = std::fs::read(&path).unwrap();
    let before = spool::read(folder.path(), &BTreeSet::new())
        .unwrap()
        .records;
    let mut seen = 0;
    for cut in 0..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let content = spool::read(folder.path(), &BTreeSet::new()).unwrap();
        assert!(content.damaged.is_empty(), "cut at {cut}");
        assert_eq!(
            content.records,
            before[..content.records.len()],
            "cut at {cut}"
        );
        assert!(content.records.len() >= seen && content.records.len() < 4);
        seen = content.records.len();
    }
    assert_eq!(seen, 3);
}

#[test]
fn every_flipped_byte_of_a_spool_is_seen() {
    let (folder, _) = filled(3);
    let path = segment(&folder);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        std::fs::write(&path, &flipped).unwrap();
        let content = spool::read(folder.path(), &BTreeSet::new()).unwrap();
        assert!(content.records.len() < 3, "byte {at}");
        assert!(
            !content.damaged.is_empty() || !content.cut_off.is_empty(),
            "byte {at}"
        );
    }
}

#[test]
fn a_second_portal_is_told_that_the_spool_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let held = Spool::open(folder.path(), Arc::new(SetClock::at(1))).unwrap();
    let code = Spool::open(folder.path(), Arc::new(SetClock::at(1)))
        .unwrap_err()
        .code();
    assert_eq!(code, "portal/busy");
    drop(held);
}
