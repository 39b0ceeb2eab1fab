/// First bytes of files that are neither dumps nor delimited text.
const MAGIC: [(&[u8], &str); 27] = [
    (b"\x1f\x8b", "gzip data inside the stream"),
    (b"\x28\xb5\x2f\xfd", "zstd data inside the stream"),
    (b"\xfd7zXZ\x00", "xz data inside the stream"),
    (b"BZh", "bzip2 data"),
    (
        b"PK\x03\x04",
        "a zip archive, or a spreadsheet or document kept in one",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PGDMP", "a custom-format dump of PostgreSQL"),
    (b"PAR1", "a Parquet file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"ARROW1", "an Arrow file"),
    (b"\xfebin", "a binary log of MySQL"),
    (b"\xfe\xfe\x07\x01", "a MyISAM index"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Microsoft Office document",
    ),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WAV recording or other RIFF file"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"\x7fELF", "a program"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture"),
    (
        b"-----BEGIN PGP MESSAGE",
        "a message encrypted with OpenPGP",
    ),
];

/// Knows a file by its first bytes, or by bytes that no text holds.
pub(super) fn looks_like(prefix: &[u8]) -> Option<&'static str> {
    if prefix.is_empty() {
        return Some("an empty file");
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| prefix.starts_with(magic)) {
        return Some(name);
    }
    if prefix.get(257..262) == Some(b"ustar") {
        return Some("a tar archive");
    }
    if is_utf16(prefix) {
        return Some("UTF-16 text");
    }
    if prefix.iter().all(|b| *b == 0) {
        return Some("a file of zero bytes");
    }
    None
}

/// By its mark, or because every second byte of what should be text is zero.
fn is_utf16(prefix: &[u8]) -> bool {
    if prefix.starts_with(b"\xff\xfe") || prefix.starts_with(b"\xfe\xff") {
        return true;
    }
    let head = prefix.get(..512).unwrap_or(prefix);
    let zeros = |parity: usize| {
        head.iter()
            .skip(parity)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let half = head.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    half >= 4
        && ((even * 10 > half * 7 && odd * 10 < half) || (odd * 10 > half * 7 && even * 10 < half))
}

/// Knows text that is neither SQL nor delimited by how it begins.
pub(super) fn looks_like_text(text: &[u8]) -> Option<&'static str> {
    let text = text.trim_ascii_start();
    let begins = |mark: &str| {
        text.get(..mark.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(mark.as_bytes()))
    };
    if begins("<!doctype html") || begins("<html") {
        return Some("a web page");
    }
    if begins("<?xml")
        || begins("<!--")
        || (begins("<") && text.get(1).is_some_and(u8::is_ascii_alphabetic))
    {
        return Some("XML");
    }
    if begins("{\\rtf") {
        return Some("an RTF document");
    }
    if is_json(text) {
        return Some("JSON");
    }
    if binary_share_is_high(text) {
        return Some("binary data");
    }
    None
}

fn is_json(text: &[u8]) -> bool {
    let after = |rest: &[u8]| rest.trim_ascii_start().first().copied();
    match text.split_first() {
        Some((b'{', rest)) => matches!(after(rest), Some(b'"' | b'}')),
        Some((b'[', rest)) => {
            matches!(after(rest), Some(b'{' | b'[' | b']' | b'"'))
        }
        _ => false,
    }
}

/// Control bytes other than white space make up more than a tenth.
fn binary_share_is_high(text: &[u8]) -> bool {
    let odd = text
        .iter()
        .filter(|b| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0c))
        .count();
    odd * 10 > text.len()
}

/// Names what is left.
pub(super) fn other(text: &[u8]) -> &'static str {
    if text.trim_ascii().is_empty() {
        "a file of white space"
    } else if std::str::from_utf8(text).is_ok() || text.is_ascii() {
        "text without columns"
    } else {
        "binary data, or text without columns"
    }
}
