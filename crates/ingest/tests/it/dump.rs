use unspoof_ingest::block::{CellKind, Key, KeyKind, SettingName};

use crate::seen::dump;

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
        .map(|c| (c.name.as_str(), c.sql_type.as_str(), c.charset.as_deref(), c.generated))
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
            Key { kind: KeyKind::Primary, columns: names(&["id"]) },
            Key { kind: KeyKind::Unique, columns: names(&["src", "dst"]) },
        ]
    );
    assert_eq!(
        seen.texts(),
        [
            ["1", "07700900001", "02079460000", "2022-01-01 00:00:00", "2.0000"],
            ["2", "NULL", "it's", "0000-00-00 00:00:00", "4.0000"],
            ["3", "a'b", "", "2022-03-27 02:30:00", "NULL"],
        ]
    );
    let first = &seen.rows[0].span;
    assert_eq!(first.byte_offset as usize, CALLS.find("(1,'0770").expect("is there"));
    assert_eq!(first.row_no, 1);
    assert_eq!(seen.rows[1].kinds[1], CellKind::Null);
    let settings: Vec<_> = seen.settings.iter().map(|s| (s.name, s.value.as_deref())).collect();
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
