//! What a file is, told by its content and never by its name.

mod dialect;
mod magic;

use crate::delimited::Dialect;

/// Bytes of a file's start that are enough for [`sniff`]; more are not looked at.
pub const SNIFF_BYTES: usize = 256 << 10;

/// What a plain, decompressed file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// A dump that [`crate::dump::DumpReader`] reads.
    SqlDump {
        /// Which program wrote it, where it says so: `MariaDB dump`, `MySQL dump`, `phpMyAdmin`.
        writer: Option<&'static str>,
    },
    /// Text that [`crate::delimited::DelimitedReader`] reads.
    Delimited(Dialect),
    /// Neither.
    Unknown {
        /// What it looks like instead, for people: `a PDF document`, `UTF-16 text`.
        looks_like: &'static str,
    },
}

/// Tells what a file is from its first bytes, at best [`SNIFF_BYTES`] of them or all.
#[must_use]
pub fn sniff(prefix: &[u8]) -> Sniffed {
    let prefix = prefix.get(..SNIFF_BYTES).unwrap_or(prefix);
    if let Some(looks_like) = magic::looks_like(prefix) {
        return Sniffed::Unknown { looks_like };
    }
    let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    if let Some(found) = sql(text) {
        return found;
    }
    if let Some(looks_like) = magic::looks_like_text(text) {
        return Sniffed::Unknown { looks_like };
    }
    match dialect::of(text, prefix.len() == SNIFF_BYTES) {
        Some(dialect) => Sniffed::Delimited(dialect),
        None => Sniffed::Unknown {
            looks_like: magic::other(text),
        },
    }
}

/// Programs by what the first lines of their dumps say.
const WRITERS: [(&str, &str); 8] = [
    ("-- MariaDB dump", "MariaDB dump"),
    ("-- MySQL dump", "MySQL dump"),
    ("-- mysqldump", "MySQL dump"),
    ("-- phpMyAdmin SQL Dump", "phpMyAdmin"),
    ("-- Adminer ", "Adminer"),
    ("-- HeidiSQL", "HeidiSQL"),
    ("Navicat ", "Navicat"),
    ("-- mydumper", "mydumper"),
];

/// Dumps in SQL that this program cannot read, by what their first lines say.
const OTHER_SQL: [(&str, &str); 5] = [
    ("-- PostgreSQL database dump", "a plain dump of PostgreSQL"),
    (
        "-- PostgreSQL database cluster dump",
        "a plain dump of PostgreSQL",
    ),
    ("PRAGMA foreign_keys=OFF;", "a text dump of SQLite"),
    ("USE [", "a script of SQL Server"),
    ("/****** Object:", "a script of SQL Server"),
];

/// Words that begin the statements of a dump.
const STATEMENTS: [&str; 15] = [
    "insert into",
    "insert ignore",
    "insert delayed",
    "replace into",
    "create table",
    "create database",
    "create temporary table",
    "drop table",
    "lock tables",
    "alter table",
    "start transaction",
    "delimiter ",
    "set @",
    "set names",
    "set sql_mode",
];

fn sql(text: &[u8]) -> Option<Sniffed> {
    let head = text.get(..2048).unwrap_or(text);
    let says = |mark: &str| memchr::memmem::find(head, mark.as_bytes()).is_some();
    // What a dump program said to its user may stand before what it wrote.
    let begins_line = |mark: &str| says(&format!("\n{mark}"));
    let begins = comments_passed(text);
    let is_statement = |text: &[u8]| {
        STATEMENTS.iter().any(|word| {
            text.get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    let is_sql = is_statement(begins) || begins.starts_with(b"/*!") || begins.starts_with(b"/*M!");
    let starts = |text: &[u8], mark: &str| text.trim_ascii_start().starts_with(mark.as_bytes());
    let commented = text.len() != begins.len();
    if is_sql || commented {
        if let Some((_, looks_like)) = OTHER_SQL.iter().find(|(mark, _)| says(mark)) {
            return Some(Sniffed::Unknown { looks_like });
        }
        let writer = WRITERS
            .iter()
            .find(|(mark, _)| says(mark))
            .map(|(_, writer)| *writer);
        if is_sql || writer.is_some() {
            return Some(Sniffed::SqlDump { writer });
        }
    }
    if let Some((_, looks_like)) = OTHER_SQL.iter().find(|(mark, _)| starts(text, mark)) {
        return Some(Sniffed::Unknown { looks_like });
    }
    let writer = WRITERS
        .iter()
        .find(|(mark, _)| mark.starts_with("--") && begins_line(mark));
    if let Some((_, writer)) = writer {
        return Some(Sniffed::SqlDump {
            writer: Some(writer),
        });
    }
    let use_or_set = begins.get(..4).is_some_and(|word| {
        word.eq_ignore_ascii_case(b"use ") || word.eq_ignore_ascii_case(b"set ")
    });
    let ends_soon = memchr::memchr2(b';', b'\n', begins).is_some_and(|at| begins[at] == b';');
    (use_or_set && ends_soon).then_some(Sniffed::SqlDump { writer: None })
}

/// Passes over white space and SQL comments; conditional ones and their content stay.
fn comments_passed(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        let end = if rest.starts_with(b"--") || rest.starts_with(b"# ") || rest.starts_with(b"#\n")
        {
            memchr::memchr(b'\n', rest)
        } else if rest.starts_with(b"/*M!999999") {
            memchr::memmem::find(rest, b"*/").map(|at| at + 1)
        } else if rest.starts_with(b"/*") && !rest.starts_with(b"/*!") && !rest.starts_with(b"/*M!")
        {
            memchr::memmem::find(rest, b"*/").map(|at| at + 1)
        } else {
            None
        };
        match end {
            Some(end) => rest = rest.get(end + 1..).unwrap_or_default(),
            None => return rest,
        }
    }
}
