use unspoof_ingest::block::ReadOptions;
use unspoof_ingest::delimited::Dialect;
use unspoof_ingest::sniff::{SNIFF_BYTES, Sniffed, sniff};

use crate::seen::csv_with;

fn dialect(text: &str) -> Dialect {
    let sniffed = sniff(text.as_bytes());
    let Sniffed::Delimited(dialect) = sniffed else {
        panic!("{sniffed:?} for {text:?}")
    };
    dialect
}

fn looks_like(bytes: &[u8]) -> &'static str {
    let sniffed = sniff(bytes);
    let Sniffed::Unknown { looks_like } = sniffed else {
        panic!("{sniffed:?}")
    };
    looks_like
}

#[test]
fn dumps_are_known_with_their_writer() {
    let cases: &[(&str, Option<&str>)] = &[
        (
            "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n",
            Some("MariaDB dump"),
        ),
        (
            "-- MySQL dump 10.13  Distrib 8.0.36\n--\n-- Host: x\n",
            Some("MySQL dump"),
        ),
        (
            "\u{feff}-- phpMyAdmin SQL Dump\n-- version 5.2\n",
            Some("phpMyAdmin"),
        ),
        (
            "/*\n Navicat Premium Data Transfer\n*/\n\nSET NAMES utf8mb4;\n",
            Some("Navicat"),
        ),
        (
            "mysqldump: [Warning] Using a password can be insecure.\n-- MySQL dump 10.13\n",
            Some("MySQL dump"),
        ),
        ("\n\n# cdr\ninsert into cdr values (1,2);", None),
        (
            "INSERT INTO cdr VALUES (\"a\",\"b\");\nINSERT INTO cdr VALUES (\"a\",\"b\");\n",
            None,
        ),
        ("/*!40101 SET NAMES utf8 */;", None),
        ("USE spoof;\nCREATE TABLE a (b int);", None),
        ("DROP TABLE IF EXISTS `a`;", None),
    ];
    for (text, writer) in cases {
        assert_eq!(
            sniff(text.as_bytes()),
            Sniffed::SqlDump { writer: *writer },
            "{text}"
        );
    }
}

#[test]
fn the_dialect_is_told_by_the_records() {
    let plain = Dialect::default();
    let cases: &[(&str, Dialect)] = &[
        (
            "id,number,at\n1,447700900001,2022-01-01\n2,447700900002,2022-01-02\n",
            plain,
        ),
        (
            "1,447700900001,2022-01-01\n2,447700900002,2022-01-02\n",
            Dialect {
                header: false,
                ..plain
            },
        ),
        (
            "id;amount\n1;10,50\n2;11,50\n3;12,50\n",
            Dialect {
                delimiter: b';',
                ..plain
            },
        ),
        (
            "id\tnote\n1\tone, two, three\n2\tfour, five, six\n",
            Dialect {
                delimiter: b'\t',
                ..plain
            },
        ),
        (
            "20220101|447700900001|60\r20220102|447700900002|61\r",
            Dialect {
                delimiter: b'|',
                header: false,
                ..plain
            },
        ),
        (
            "name,'number'\nx,'1,2'\ny,'3,4'\n",
            Dialect {
                quote: Some(b'\''),
                ..plain
            },
        ),
        ("id,text\n1,\"x,y\"\n2,\"z,a\"\n", plain),
        ("name,text\nx,it's\ny,it's\n", plain),
        (
            "\"u-1\",\"x\", \"a,b\"\n\"u-2\",\"y\", \"c,d\"\n",
            Dialect {
                spaced: true,
                header: false,
                ..plain
            },
        ),
        (
            "1\tx\\ty\t\\N\n2\t\\N\tz\n",
            Dialect {
                delimiter: b'\t',
                escape: Some(b'\\'),
                header: false,
                ..plain
            },
        ),
        (
            "\"a\",\"say \\\"hi, you\\\"\"\n\"b\",\"say \\\"ho, you\\\"\"\n",
            Dialect {
                escape: Some(b'\\'),
                header: false,
                ..plain
            },
        ),
        (
            "\u{feff}\"call id\",\"to\"\r\n\"1\",\"447700900001\"\r\n",
            plain,
        ),
        ("a,b\n", plain),
        ("name,bank\nalpha,beta\ngamma,beta\n", plain),
        (
            "alpha,beta\ngamma,beta\n",
            Dialect {
                header: false,
                ..plain
            },
        ),
        (
            "Calls of May\n\nfrom,to,s\n1,2,3\n4,5,6\n7,8,9\n1,2,4\n",
            Dialect {
                preamble_lines: 2,
                ..plain
            },
        ),
        (
            "# made by x, y\r\n# and z\r\n1,2\r\n3,4\r\n5,6\r\n",
            Dialect {
                preamble_lines: 2,
                header: false,
                ..plain
            },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(dialect(text), *expected, "{text}");
    }
}

/// `cdr_csv.c` of Asterisk: text in quotes, numbers bare, no header, quotes doubled.
#[test]
fn a_call_record_file_of_asterisk_is_known_and_read() {
    let line = |n: u32| {
        format!(
            "\"acc\",\"0207946000{n}\",\"07700900{n:03}\",\"default\",\"\"\"Bank\"\" <0207946000{n}>\",\
             \"SIP/a-{n}\",\"SIP/b-{n}\",\"Dial\",\"SIP/b,30\",\"2022-05-01 10:00:0{n}\",,\
             \"2022-05-01 10:01:00\",60,0,\"NO ANSWER\",\"DOCUMENTATION\",\"1651399200.{n}\",\"\"\n"
        )
    };
    let text: String = (0..5).map(line).collect();
    let dialect = dialect(&text);
    assert_eq!(
        dialect,
        Dialect {
            header: false,
            ..Dialect::default()
        }
    );
    let seen = csv_with(text.as_bytes(), dialect, ReadOptions::default());
    assert_eq!((seen.rows.len(), seen.rejects.len()), (5, 0));
    assert_eq!(seen.texts()[0][4], "\"Bank\" <02079460000>");
    assert_eq!(seen.tables[0].columns.len(), 18);
}

#[test]
fn lines_before_the_first_record_are_passed_over() {
    let text = "\u{feff}Calls of May\r\rfrom,to,s\r\n1,2,3\r\n4,5,6\r\n1,2,3\r\n4,5,6\r\n";
    let dialect = dialect(text);
    for page_bytes in [16, 17, 18, 1000] {
        let options = ReadOptions {
            page_bytes,
            ..ReadOptions::default()
        };
        let seen = csv_with(text.as_bytes(), dialect, options);
        assert_eq!(seen.texts()[0], ["1", "2", "3"]);
        assert_eq!(seen.tables[0].columns[2].name, "s");
        let account = seen.finished.expect("an end comes").account;
        assert_eq!((account.comments, account.comment_bytes), (2, 14));
    }
}

#[test]
fn other_files_are_named() {
    let utf16: Vec<u8> = "id,number\n1,2\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: &[(&[u8], &str)] = &[
        (b"", "an empty file"),
        (b" \n\n", "a file of white space"),
        (b"\0\0\0\0\0\0\0\0\0\0", "a file of zero bytes"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"SQLite format 3\0\x10\0", "an SQLite database"),
        (b"PGDMP\x01\x0e", "a custom-format dump of PostgreSQL"),
        (
            b"--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n",
            "a plain dump of PostgreSQL",
        ),
        (
            b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (b);\n",
            "a text dump of SQLite",
        ),
        (b"\x1f\x8b\x08\0", "gzip data inside the stream"),
        (
            b"PK\x03\x04\x14\0",
            "a zip archive, or a spreadsheet or document kept in one",
        ),
        (b"\xff\xfei\0d\0", "UTF-16 text"),
        (&utf16, "UTF-16 text"),
        (b"{\"calls\": [1,2,3]}\n", "JSON"),
        (
            b"[\n {\"a\": 1, \"b\": 2},\n {\"a\": 1, \"b\": 2}\n]",
            "JSON",
        ),
        (b"<?xml version=\"1.0\"?><a b=\"c\"/>", "XML"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (
            b"Dear Sir,\nI write to you, as agreed.\nYours\n",
            "text without columns",
        ),
        (b"one\ntwo\nthree\n", "text without columns"),
        (
            b"\x01\x02\x03\x04\x05,\x06\x07\n\x01\x02\x03\x04\x05,\x06\x07\n",
            "binary data",
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(looks_like(bytes), *expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn no_more_than_the_first_bytes_are_looked_at() {
    let mut text = "a,b,c\n".to_owned();
    while text.len() < SNIFF_BYTES {
        text.push_str("1,2,3\n");
    }
    let expected = sniff(text.as_bytes());
    assert_eq!(expected, Sniffed::Delimited(Dialect::default()));
    text.push_str(&"1;2;3;4;5;6;7;8\n".repeat(100_000));
    assert_eq!(sniff(text.as_bytes()), expected);
}
