//! What a file's first bytes say it is. Its name is not asked.

/// Bytes that [`of`] looks at, at most.
pub const LOOK_BYTES: usize = 512;

/// Tells a kind: `picture`, `pdf`, `text`, `audio`, `video`, `document` or `other`.
#[must_use]
pub fn of(first: &[u8]) -> &'static str {
    let has = |at: usize, mark: &[u8]| first.get(at..at + mark.len()) == Some(mark);
    let brand = |brands: &[&[u8]]| has(4, b"ftyp") && brands.iter().any(|brand| has(8, brand));
    if has(0, b"\xff\xd8\xff")
        || has(0, b"\x89PNG\r\n\x1a\n")
        || has(0, b"GIF87a")
        || has(0, b"GIF89a")
        || has(0, b"BM") && first.len() > 26
        || has(0, b"II*\0")
        || has(0, b"MM\0*")
        || (has(0, b"RIFF") && has(8, b"WEBP"))
        || brand(&[b"heic", b"heix", b"mif1", b"msf1", b"avif"])
    {
        "picture"
    } else if has(0, b"%PDF-") {
        "pdf"
    } else if has(0, b"ID3")
        || has(0, b"OggS")
        || has(0, b"fLaC")
        || has(0, b"#!AMR")
        || (has(0, b"RIFF") && has(8, b"WAVE"))
        || brand(&[b"M4A "])
        || first
            .first_chunk::<2>()
            .is_some_and(|[a, b]| *a == 0xff && b & 0xe0 == 0xe0)
    {
        "audio"
    } else if has(4, b"ftyp") || has(0, b"\x1a\x45\xdf\xa3") || (has(0, b"RIFF") && has(8, b"AVI "))
    {
        "video"
    } else if has(0, b"PK\x03\x04")
        || has(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        || has(0, b"{\\rtf")
    {
        "document"
    } else if !first.is_empty() && !first.contains(&0) && is_text(first) {
        "text"
    } else {
        "other"
    }
}

fn is_text(first: &[u8]) -> bool {
    match std::str::from_utf8(first) {
        Ok(_) => true,
        // The look may end within a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > first.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn content_decides() {
        for (first, kind) in [
            (b"\xff\xd8\xff\xe0\0\x10JFIF".as_slice(), "picture"),
            (b"%PDF-1.7\n", "pdf"),
            (b"\0\0\0\x18ftypheic", "picture"),
            (b"\0\0\0\x18ftypisom", "video"),
            (b"PK\x03\x04\x14", "document"),
            (b"<html><script>", "text"),
            (b"MZ\x90\0\x03", "other"),
            (b"", "other"),
            ("é".as_bytes().split_at(1).0, "text"),
        ] {
            assert_eq!(of(first), kind, "{first:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = of(&bytes);
        }
    }
}
