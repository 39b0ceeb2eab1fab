//! How the service's database dump is written: definitions, statements, rows of calls.

use crate::clock::{UtcS, Zone, push_datetime, push_decimal};

/// Head of the main dump, as MariaDB's `mariadb-dump` writes it.
pub(crate) const PANEL_HEAD: &str = "\
/*M!999999\\- enable the sandbox mode */ 
-- MariaDB dump 10.19-11.4.2-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: panel
-- ------------------------------------------------------
-- Server version\t11.4.2-MariaDB-log

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;

";

/// Head of the older backup, as an older `mysqldump --complete-insert` wrote it.
pub(crate) const BACKUP_HEAD: &str = "\
-- MySQL dump 10.13  Distrib 5.7.38, for Linux (x86_64)
--
-- Host: 127.0.0.1    Database: panel
-- ------------------------------------------------------
-- Server version\t5.7.38-log

/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;

";

/// End of the older backup; the main dump is cut off before it gets to one.
pub(crate) const BACKUP_END: &str = "\
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;

-- Dump completed on 2022-06-15  3:00:41
";

/// A table of the service.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    definition: &'static str,
    /// Its columns, for `INSERT` statements that name them.
    columns: &'static str,
}

pub(crate) const CALLS: Table = Table {
    name: "calls",
    definition: "  `id` bigint(20) unsigned NOT NULL,
  `call_ref` char(16) NOT NULL,
  `leg` varchar(8) NOT NULL DEFAULT 'out',
  `user_id` int(10) unsigned NOT NULL,
  `shown` varchar(40) DEFAULT NULL,
  `dialled` varchar(40) DEFAULT NULL,
  `started_at` datetime NOT NULL,
  `answered_at` timestamp NULL DEFAULT NULL,
  `dur_s` int(11) NOT NULL DEFAULT 0,
  `machine_s` int(11) DEFAULT NULL,
  `dur_kind` enum('talk','billed') NOT NULL DEFAULT 'talk',
  `mode` enum('live','ivr','bot','test') NOT NULL DEFAULT 'live',
  `otp_captured` tinyint(1) DEFAULT NULL,
  `status` varchar(12) DEFAULT NULL,
  `trunk` varchar(24) NOT NULL,
  KEY `id` (`id`),
  KEY `user_started` (`user_id`,`started_at`)
",
    columns: "`id`, `call_ref`, `leg`, `user_id`, `shown`, `dialled`, `started_at`, `answered_at`, \
              `dur_s`, `machine_s`, `dur_kind`, `mode`, `otp_captured`, `status`, `trunk`",
};

pub(crate) const LOGINS: Table = Table {
    name: "logins",
    definition: "  `user_id` int(10) unsigned NOT NULL,
  `at` datetime NOT NULL,
  `ip` varchar(45) NOT NULL,
  `user_agent` varchar(255) DEFAULT NULL,
  `device` char(12) DEFAULT NULL,
  KEY `user_id` (`user_id`)
",
    columns: "`user_id`, `at`, `ip`, `user_agent`, `device`",
};

pub(crate) const SETTINGS: Table = Table {
    name: "settings",
    definition: "  `name` varchar(64) NOT NULL,
  `value` text DEFAULT NULL,
  PRIMARY KEY (`name`)
",
    columns: "`name`, `value`",
};

pub(crate) const TOPUPS: Table = Table {
    name: "topups",
    definition: "  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `user_id` int(10) unsigned NOT NULL,
  `created_at` datetime NOT NULL,
  `btc_amount` decimal(18,8) NOT NULL,
  `txid` char(64) DEFAULT NULL,
  `address` varchar(64) NOT NULL,
  `method` varchar(16) NOT NULL,
  PRIMARY KEY (`id`)
",
    columns: "`id`, `user_id`, `created_at`, `btc_amount`, `txid`, `address`, `method`",
};

/// The same in hard mode, where the service noted the wallet that a payment came from.
pub(crate) const TOPUPS_FROM: Table = Table {
    name: "topups",
    definition: "  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `user_id` int(10) unsigned NOT NULL,
  `created_at` datetime NOT NULL,
  `btc_amount` decimal(18,8) NOT NULL,
  `txid` char(64) DEFAULT NULL,
  `address` varchar(64) NOT NULL,
  `method` varchar(16) NOT NULL,
  `paid_from` varchar(64) DEFAULT NULL,
  PRIMARY KEY (`id`)
",
    columns: "`id`, `user_id`, `created_at`, `btc_amount`, `txid`, `address`, `method`, `paid_from`",
};

pub(crate) const USERS: Table = Table {
    name: "users",
    definition: "  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `parent_id` int(10) unsigned DEFAULT NULL,
  `kind` varchar(12) NOT NULL DEFAULT 'user',
  `username` varchar(64) NOT NULL,
  `email` varchar(128) DEFAULT NULL,
  `phone` varchar(32) DEFAULT NULL,
  `telegram` varchar(64) DEFAULT NULL,
  `created_at` datetime NOT NULL,
  `plan` varchar(16) NOT NULL,
  `balance` decimal(10,2) NOT NULL DEFAULT 0.00,
  `password_hash` varchar(72) NOT NULL,
  `notes` text DEFAULT NULL,
  `avatar` blob DEFAULT NULL,
  PRIMARY KEY (`id`)
",
    columns: "`id`, `parent_id`, `kind`, `username`, `email`, `phone`, `telegram`, `created_at`, \
              `plan`, `balance`, `password_hash`, `notes`, `avatar`",
};

impl Table {
    /// Appends what stands before a table's rows.
    pub(crate) fn push_head(&self, out: &mut Vec<u8>) {
        let Self {
            name, definition, ..
        } = self;
        let text = format!(
            "--\n-- Table structure for table `{name}`\n--\n\n\
             DROP TABLE IF EXISTS `{name}`;\n\
             CREATE TABLE `{name}` (\n{definition}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n\n\
             --\n-- Dumping data for table `{name}`\n--\n\n\
             LOCK TABLES `{name}` WRITE;\n\
             /*!40000 ALTER TABLE `{name}` DISABLE KEYS */;\n"
        );
        out.extend_from_slice(text.as_bytes());
    }

    /// Appends what stands after a table's rows.
    pub(crate) fn push_end(&self, out: &mut Vec<u8>) {
        let name = self.name;
        let text = format!("/*!40000 ALTER TABLE `{name}` ENABLE KEYS */;\nUNLOCK TABLES;\n\n");
        out.extend_from_slice(text.as_bytes());
    }
}

/// The most that one `INSERT` statement holds, near `net_buffer_length` of the real client.
const STATEMENT_BYTES: usize = 1_000_000;

/// How `INSERT` statements are laid out.
#[derive(Clone, Copy)]
pub(crate) enum Layout {
    /// One row a line, as MariaDB has done since 10.11.
    RowALine,
    /// A whole statement on one line.
    OneLine,
    /// The same, with column names.
    OneLineNamed,
}

/// Opens, parts and closes `INSERT` statements around rows.
pub(crate) struct Statements {
    opening: Vec<u8>,
    between: &'static [u8],
    opened_at: Option<usize>,
}

impl Statements {
    pub(crate) fn new(table: &Table, layout: Layout) -> Self {
        let Table { name, columns, .. } = table;
        let (opening, between): (String, &[u8]) = match layout {
            Layout::RowALine => (format!("INSERT INTO `{name}` VALUES\n"), b",\n"),
            Layout::OneLine => (format!("INSERT INTO `{name}` VALUES "), b","),
            Layout::OneLineNamed => (format!("INSERT INTO `{name}` ({columns}) VALUES "), b","),
        };
        Self {
            opening: opening.into_bytes(),
            between,
            opened_at: None,
        }
    }

    /// Makes `out` ready for a row, and returns where the row begins.
    pub(crate) fn begin_row(&mut self, out: &mut Vec<u8>) -> usize {
        match self.opened_at {
            Some(opened_at) if out.len() - opened_at < STATEMENT_BYTES => {
                out.extend_from_slice(self.between);
            }
            _ => {
                self.close(out);
                self.opened_at = Some(out.len());
                out.extend_from_slice(&self.opening);
            }
        }
        out.len()
    }

    pub(crate) fn close(&mut self, out: &mut Vec<u8>) {
        if self.opened_at.take().is_some() {
            out.extend_from_slice(b";\n");
        }
    }
}

/// Appends text or bytes between quotes, escaped as `mysql_real_escape_string` does.
pub(crate) fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'\'');
    for &byte in text {
        let escape = match byte {
            0 => b'0',
            b'\n' => b'n',
            b'\r' => b'r',
            0x1a => b'Z',
            b'\'' | b'"' | b'\\' => byte,
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', escape]);
    }
    out.push(b'\'');
}

/// When a call started, as the panel has it.
#[derive(Clone, Copy)]
pub(crate) enum Started {
    At(UtcS),
    ZeroDate,
    /// A local time that clocks skipped: the minute and second of it.
    Gap(UtcS),
}

const ZERO_DATE: &[u8] = b"'0000-00-00 00:00:00'";

/// Appends a quoted local time in the service's zone, or the zero date.
pub(crate) fn push_local(out: &mut Vec<u8>, at: Option<UtcS>) {
    match at {
        None => out.extend_from_slice(ZERO_DATE),
        Some(at) => {
            out.push(b'\'');
            push_datetime(out, Zone::Kyiv.local_s(at));
            out.push(b'\'');
        }
    }
}

/// A row of the table `calls`.
pub(crate) struct CallRow<'a> {
    pub(crate) leg_id: u64,
    pub(crate) call_ref: u64,
    pub(crate) leg: &'static [u8],
    pub(crate) account_id: u32,
    /// `None` is NULL.
    pub(crate) shown: Option<&'a [u8]>,
    pub(crate) dialled: Option<&'a [u8]>,
    pub(crate) started: Started,
    pub(crate) answered_at: Option<UtcS>,
    pub(crate) unanswered_null: bool,
    pub(crate) duration_s: i64,
    pub(crate) machine_s: Option<u32>,
    pub(crate) billed: bool,
    pub(crate) mode: &'static [u8],
    pub(crate) code: Option<bool>,
    pub(crate) status: Option<&'static [u8]>,
    pub(crate) trunk: &'static [u8],
}

impl CallRow<'_> {
    /// Appends the row from `(` to `)`.
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        out.push(b'(');
        push_decimal(out, self.leg_id);
        out.extend_from_slice(b",'");
        push_hex(out, self.call_ref);
        out.extend_from_slice(b"','");
        out.extend_from_slice(self.leg);
        out.extend_from_slice(b"',");
        push_decimal(out, self.account_id.into());
        out.push(b',');
        push_text(out, self.shown);
        out.push(b',');
        push_text(out, self.dialled);
        out.push(b',');
        match self.started {
            Started::At(at) => push_local(out, Some(at)),
            Started::ZeroDate => push_local(out, None),
            Started::Gap(at) => {
                // 03:00 to 04:00 of that day did not exist in Kyiv.
                out.push(b'\'');
                push_datetime(out, GAP_LOCAL_S + at.rem_euclid(3_600));
                out.push(b'\'');
            }
        }
        out.push(b',');
        match self.answered_at {
            Some(at) => {
                out.push(b'\'');
                push_datetime(out, at);
                out.push(b'\'');
            }
            None if self.unanswered_null => out.extend_from_slice(b"NULL"),
            None => out.extend_from_slice(ZERO_DATE),
        }
        out.push(b',');
        if self.duration_s < 0 {
            out.push(b'-');
        }
        push_decimal(out, self.duration_s.unsigned_abs());
        out.push(b',');
        match self.machine_s {
            Some(machine_s) => push_decimal(out, machine_s.into()),
            None => out.extend_from_slice(b"NULL"),
        }
        out.extend_from_slice(if self.billed {
            b",'billed','"
        } else {
            b",'talk','"
        });
        out.extend_from_slice(self.mode);
        out.extend_from_slice(match self.code {
            Some(true) => b"',1,",
            Some(false) => b"',0,",
            None => b"',NULL,",
        });
        push_text(out, self.status);
        out.push(b',');
        push_text(out, Some(self.trunk));
        out.push(b')');
    }
}

/// Wall clock of Kyiv at the start of the hour that was skipped: 2022-03-27 03:00:00.
const GAP_LOCAL_S: i64 = crate::clock::utc_s(2022, 3, 27, 3);

/// Appends text that needs no escapes, or NULL.
fn push_text(out: &mut Vec<u8>, text: Option<&[u8]>) {
    match text {
        None => out.extend_from_slice(b"NULL"),
        Some(text) => {
            out.push(b'\'');
            out.extend_from_slice(text);
            out.push(b'\'');
        }
    }
}

/// Appends 16 hexadecimal digits.
pub(crate) fn push_hex(out: &mut Vec<u8>, value: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for shift in (0..16).rev() {
        out.push(DIGITS[(value >> (shift * 4)) as usize & 15]);
    }
}
