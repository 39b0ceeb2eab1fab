use unspoof_ingest::block::{CellKind, Event, Key, KeyKind, ReadOptions, SettingName};
use unspoof_ingest::dump::DumpReader;
use unspoof_model::Coded;

use crate::seen::{dump, dump_from, dump_with};

const CALLS: &str = "\
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: spoof
-- ------------------------------------------------------
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `calls`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE `calls` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `src` varchar(32) CHARACTER SET latin1 DEFAULT NULL COMMENT 'it''s, (shown)',
  `dst` varchar(32) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  `at` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `sum` decimal(12,4) GENERATED ALWAYS AS (`id` * 2) STORED,
  PRIMARY KEY (`id`),
  UNIQUE KEY `u` (`src`,`dst`(10)),
  KEY `d` (`dst`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
LOCK TABLES `calls` WRITE;
/*!40000 ALTER TABLE `calls` DISABLE KEYS */;
INSERT INTO `calls` VALUES
(1,'07700900001','02079460000','2022-01-01 00:00:00',2.0000),
(2,NULL,'it\\'s','0000-00-00 00:00:00',4.0000),
(3,'a''b','','2022-03-27 02:30:00',NULL);
/*!40000 ALTER TABLE `calls` ENABLE KEYS */;
UNLOCK TABLES;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
-- Dump completed on 2022-11-23 16:00:00
";

#[test]
fn an_ordinary_dump_is_read_whole() {
    let seen = dump(CALLS);
    let table = &seen.tables[0];
    assert_eq!((table.name.as_str(), table.named), ("calls", true));
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|c| {
            (
                c.name.as_str(),
                c.sql_type.as_str(),
                c.charset.as_deref(),
                c.generated,
            )
        })
        .collect();
    assert_eq!(
        columns,
        [
            ("id", "int(10) unsigned", None, false),
            ("src", "varchar(32)", Some("latin1"), false),
            ("dst", "varchar(32)", Some("utf8mb4"), false),
            ("at", "datetime", None, false),
            ("sum", "decimal(12,4)", None, true),
        ]
    );
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        table.keys,
        [
            Key {
                kind: KeyKind::Primary,
                columns: names(&["id"])
            },
            Key {
                kind: KeyKind::Unique,
                columns: names(&["src", "dst"])
            },
        ]
    );
    assert_eq!(
        seen.texts(),
        [
            [
                "1",
                "07700900001",
                "02079460000",
                "2022-01-01 00:00:00",
                "2.0000"
            ],
            ["2", "NULL", "it's", "0000-00-00 00:00:00", "4.0000"],
            ["3", "a'b", "", "2022-03-27 02:30:00", "NULL"],
        ]
    );
    let first = &seen.rows[0].span;
    assert_eq!(
        first.byte_offset as usize,
        CALLS.find("(1,'0770").expect("is there")
    );
    assert_eq!(first.row_no, 1);
    assert_eq!(seen.rows[1].kinds[1], CellKind::Null);
    let settings: Vec<_> = seen
        .settings
        .iter()
        .map(|s| (s.name, s.value.as_deref()))
        .collect();
    assert_eq!(
        settings,
        [
            (SettingName::TimeZone, Some("+00:00")),
            (SettingName::Charset, Some("utf8mb4")),
            (SettingName::Charset, Some("utf8")),
            (SettingName::TimeZone, None),
        ]
    );
    let finished = seen.finished.expect("an end comes");
    assert!(finished.complete && !finished.cut);
    assert_eq!(finished.account.rejects, 0);
}

fn rows(count: usize) -> String {
    let rows: Vec<_> = (0..count).map(|n| format!("({n},'call {n}')")).collect();
    format!(
        "CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES {};\n",
        rows.join(",")
    )
}

#[test]
fn blocks_hold_no_more_than_asked_for_and_whole_rows() {
    let text = rows(1000);
    let options = ReadOptions {
        max_rows: 100,
        ..ReadOptions::default()
    };
    let seen = dump_with(text.as_bytes(), options);
    assert_eq!(seen.blocks.len(), 10);
    assert!(seen.blocks.iter().all(|(_, block)| block.rows.len() == 100));
    let options = ReadOptions {
        target_bytes: 1000,
        ..ReadOptions::default()
    };
    let seen = dump_with(text.as_bytes(), options);
    assert_eq!(seen.rows.len(), 1000);
    for (_, block) in &seen.blocks {
        assert!(block.bytes.len() < 1100, "{}", block.bytes.len());
    }
}

#[test]
fn a_cell_that_is_too_large_is_rejected_and_reading_goes_on() {
    let large = "x".repeat(17 << 20);
    let text = format!(
        "CREATE TABLE t (a int, b longtext);\nINSERT INTO t VALUES (1,'a'),(2,'{large}'),(3,'c');\n"
    );
    let seen = dump(&text);
    assert_eq!(seen.texts(), [["1", "a"], ["3", "c"]]);
    assert_eq!(seen.codes(), ["dump/cell-too-large"]);
    let place = &seen.rejects[0].span;
    assert_eq!(
        place.byte_offset as usize,
        text.find("(2,").expect("is there")
    );
    assert_eq!(place.byte_len as usize, large.len() + "(2,'')".len());
    assert_eq!((place.row_no, seen.rows[1].span.row_no), (2, 3));
}

/// Gives a dump with one enormous cell, without ever holding it.
struct Enormous {
    before: &'static [u8],
    left: u64,
    after: &'static [u8],
}

impl std::io::Read for Enormous {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.before.is_empty() {
            return self.before.read(buffer);
        }
        if self.left == 0 {
            return self.after.read(buffer);
        }
        let size = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        // Text that would end the cell if its quotes and escapes were not followed.
        let pattern = b"it''s \\'),(9,9); -- ";
        for (at, byte) in buffer[..size].iter_mut().enumerate() {
            *byte = pattern[(self.left as usize - at) % pattern.len()];
        }
        self.left -= size as u64;
        Ok(size)
    }
}

#[test]
fn a_row_larger_than_what_is_held_is_passed_over() {
    let options = ReadOptions {
        max_cell_bytes: 1 << 14,
        max_row_bytes: 1 << 16,
        page_bytes: 1 << 12,
        ..ReadOptions::default()
    };
    let before = b"CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (1,'a'),(2,'";
    let after = b"'),(3,'c');\n-- Dump completed\n";
    let quotes = b"''''''".repeat(40_000);
    let text = [&before[..], &quotes, after].concat();
    let seen = dump_with(&text, options);
    assert_eq!(seen.texts(), [["1", "a"], ["3", "c"]]);
    assert_eq!(seen.codes(), ["dump/cell-too-large"]);
    assert!(seen.finished.expect("an end comes").complete);

    // The pattern runs backwards over its own length: a multiple keeps its quotes whole.
    let input = Enormous {
        before,
        left: 20 * 300_000,
        after,
    };
    let mut reader = DumpReader::new(input, options);
    let (mut rows, mut rejects, mut most) = (0, Vec::new(), 0);
    let mut end = None;
    while let Some(event) = reader.next_event().expect("is read") {
        match event {
            Event::Rows { block, .. } => {
                rows += block.rows.len();
                most = most.max(block.bytes.capacity());
                rejects.extend(
                    block
                        .rejects
                        .iter()
                        .map(|reject| (reject.code, reject.row.byte_len)),
                );
            }
            Event::Finished(finished) => end = Some(finished),
            Event::Table(_) | Event::Setting(_) => {}
        }
    }
    let _ = (rows, rejects);
    assert!(most < 4 << 20, "{most}");
    let total = before.len() + 20 * 300_000 + after.len();
    assert_eq!(
        end.expect("an end comes").account.total_bytes(),
        total as u64
    );
}

/// Fails where its bytes end.
struct Failing<'a>(&'a [u8]);

impl std::io::Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::Error::other("the archive is damaged"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn rows_before_a_failure_are_given_and_the_cut_one_is_rejected() {
    let text = "CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (1,'a'),(2,'b'),(3,'c";
    let seen = dump_from(
        text.as_bytes(),
        Failing(text.as_bytes()),
        ReadOptions::default(),
    );
    assert_eq!(seen.texts(), [["1", "a"], ["2", "b"]]);
    assert_eq!(
        seen.errors,
        [format!("could not read on after {} bytes", text.len())]
    );
    assert_eq!(seen.codes(), ["dump/truncated-row"]);
    assert!(
        seen.finished
            .is_some_and(|finished| finished.cut && !finished.complete)
    );
}

#[test]
fn tables_without_end_are_refused_with_their_place() {
    let mut text = Vec::new();
    for number in 0..100_001 {
        text.extend(format!("CREATE TABLE t{number} (a int);").into_bytes());
    }
    let mut reader = DumpReader::new(text.as_slice(), ReadOptions::default());
    let mut tables = 0;
    let error = loop {
        match reader.next_event() {
            Ok(Some(_)) => tables += 1,
            Ok(None) => panic!("an error comes"),
            Err(error) => break error,
        }
    };
    assert_eq!(tables, 100_000);
    assert_eq!(error.code(), "dump/too-many-tables");
    assert!(reader.next_event().is_err(), "and comes again");
}

#[test]
fn nothing_of_a_row_reaches_debug_output() {
    let text = "INSERT INTO t VALUES ('hush-hush');";
    let mut reader = DumpReader::new(text.as_bytes(), ReadOptions::default());
    let mut shown = String::new();
    while let Some(event) = reader.next_event().expect("is read") {
        shown.push_str(&format!("{event:?}{reader:?}"));
    }
    assert!(shown.contains("Rows") && !shown.contains("hush"), "{shown}");
}
