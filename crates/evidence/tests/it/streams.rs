//! Decompression: what comes out, whatever goes in.

use std::io::{self, Read, Write as _};

use proptest::prelude::*;
use unspoof_evidence::{Compression, StreamError, StreamLimits, StreamReader};

/// Content with long matches and incompressible stretches, as dumps have.
fn content(bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut text = Vec::new();
    while text.len() < bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.extend(format!("INSERT INTO `calls` VALUES ({state},'2022-11-24');\n").bytes());
    }
    text.truncate(bytes);
    text
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

type Compress = fn(&[u8]) -> Vec<u8>;

const FORMATS: [(Compression, Compress); 3] = [
    (Compression::Gzip, gzip),
    (Compression::Zstd, zstd),
    (Compression::Xz, xz),
];

/// Gives at most so many bytes at a read.
struct Drip<'a>(&'a [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(self.1);
        self.0.read(&mut out[..most])
    }
}

/// Reads to the end, `piece` bytes at a time from `drip` bytes at a time.
fn read(
    file: &[u8],
    drip: usize,
    piece: usize,
    limits: &StreamLimits,
) -> (Vec<u8>, Option<StreamError>) {
    let mut reader = StreamReader::new(Drip(file, drip), file.len() as u64, limits).unwrap();
    let mut content = Vec::new();
    let mut out = vec![0; piece];
    loop {
        match reader.read(&mut out) {
            Ok(0) => return (content, None),
            Ok(some) => content.extend_from_slice(&out[..some]),
            Err(error) => {
                let error = StreamError::in_io(&error).unwrap().clone();
                assert_eq!(reader.position(), content.len() as u64);
                // It is over for good.
                assert_eq!(
                    reader.read(&mut out).unwrap_err().to_string(),
                    error.to_string()
                );
                return (content, Some(error));
            }
        }
    }
}

fn whole(file: &[u8]) -> (Vec<u8>, Option<StreamError>) {
    read(file, usize::MAX, 1 << 16, &StreamLimits::default())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "no other error has a place")]
fn place(error: &StreamError) -> u64 {
    match error {
        StreamError::Truncated { at_byte, .. }
        | StreamError::Corrupt { at_byte, .. }
        | StreamError::Trailing { at_byte, .. }
        | StreamError::TooLarge { at_byte, .. }
        | StreamError::Read { at_byte, .. } => *at_byte,
        error => panic!("{error}"),
    }
}

#[test]
fn every_format_is_read_back_in_one_part_or_several() {
    let text = content(300_000);
    for (compression, compress) in FORMATS {
        for parts in [&[&text[..]][..], &[&text[..7], b"", &text[7..]]] {
            let file: Vec<u8> = parts.iter().flat_map(|part| compress(part)).collect();
            assert_eq!(Compression::of(&file), compression);
            let (found, error) = whole(&file);
            assert!(error.is_none(), "{compression:?}: {error:?}");
            assert_eq!(found, text, "{compression:?}");
        }
    }
    for plain in [&b""[..], b"x", &text, b"\x1f\x8b", b"\x28\xb5\x2f"] {
        let (found, error) = whole(plain);
        assert!(error.is_none());
        assert_eq!(found, plain);
    }
}

#[test]
fn a_skippable_frame_may_come_first() {
    // RFC 8878 section 3.1.2; parallel compressors write them.
    let mut file = vec![0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
    file.extend(zstd(b"content"));
    assert_eq!(whole(&file).0, b"content");
    assert!(whole(&file).1.is_none());
}

#[test]
fn gzip_headers_may_have_all_fields() {
    let body = gzip(b"content");
    // RFC 1952 section 2.3: extra field, name, comment, header checksum.
    let mut header = vec![0x1f, 0x8b, 8, 0b1_1110, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9];
    header.extend(b"name\0comment\0");
    let mut crc = flate2::Crc::new();
    crc.update(&header);
    header.extend(u16::try_from(crc.sum() & 0xffff).unwrap().to_le_bytes());
    let file = [header.clone(), body[10..].to_vec()].concat();
    assert_eq!(whole(&file).0, b"content");
    assert!(whole(&file).1.is_none());
    for cut in 3..header.len() {
        assert!(
            matches!(
                whole(&file[..cut]).1,
                Some(StreamError::Truncated { at_byte: 0, .. })
            ),
            "{cut}"
        );
    }
    let mut wrong = file.clone();
    wrong[header.len() - 1] ^= 1;
    assert!(matches!(
        whole(&wrong).1,
        Some(StreamError::Corrupt { at_byte: 0, .. })
    ));
    wrong = file;
    wrong[3] |= 0x80;
    assert!(matches!(
        whole(&wrong).1,
        Some(StreamError::Corrupt { at_byte: 0, .. })
    ));
}

#[test]
fn what_came_before_a_cut_is_usable() {
    let text = content(20_000);
    for (compression, compress) in FORMATS {
        let file = compress(&text);
        let mut longest = 0;
        for cut in 8..file.len() {
            let (found, error) = whole(&file[..cut]);
            let error = error.unwrap_or_else(|| panic!("{compression:?} cut at {cut} has an end"));
            assert!(
                matches!(error, StreamError::Truncated { .. }),
                "{compression:?} cut at {cut}: {error}"
            );
            assert_eq!(place(&error), found.len() as u64);
            assert!(text.starts_with(&found), "{compression:?} cut at {cut}");
            longest = longest.max(found.len());
        }
        assert_eq!(
            longest,
            text.len(),
            "{compression:?}: cut in its trailer, all content comes out"
        );
    }
}

#[test]
fn every_damaged_byte_ends_in_an_error_or_changes_nothing() {
    let text = content(6_000);
    for (compression, compress) in FORMATS {
        let file = compress(&text);
        let mut unnoticed = 0;
        for (place_, bit) in (6..file.len()).flat_map(|place| [(place, 1_u8), (place, 128)]) {
            let mut damaged = file.clone();
            damaged[place_] ^= bit;
            let (found, error) = whole(&damaged);
            match error {
                Some(error) => assert_eq!(place(&error), found.len() as u64),
                None => {
                    // A gzip header's time and system, for instance, say nothing about the content.
                    assert_eq!(found, text, "{compression:?} damaged at {place_}");
                    unnoticed += 1;
                }
            }
        }
        assert!(
            unnoticed < 24,
            "{compression:?}: {unnoticed} flips unnoticed"
        );
    }
}

#[test]
fn content_before_a_damaged_place_is_not_lost() {
    let text = content(1_000_000);
    for (compression, compress) in FORMATS {
        let mut file = compress(&text);
        let middle = file.len() / 2;
        for byte in &mut file[middle..middle + 64] {
            *byte ^= 0x55;
        }
        let (found, error) = whole(&file);
        assert!(error.is_some(), "{compression:?}");
        // A block of zstd is 128 KiB; gzip loses nothing, but decodes nonsense for a while.
        let same = found.iter().zip(&text).take_while(|(a, b)| a == b).count();
        assert!(
            same > 300_000,
            "{compression:?}: {same} bytes of {} are right",
            found.len()
        );
    }
}

#[test]
fn what_follows_compressed_data_is_told() {
    let text = content(5_000);
    for (compression, compress) in FORMATS {
        let mut file = compress(&text);
        file.extend(b"something else");
        let (found, error) = whole(&file);
        assert_eq!(found, text, "{compression:?}");
        let error = error.unwrap_or_else(|| panic!("{compression:?} goes on"));
        assert!(
            matches!(
                error,
                StreamError::Trailing { .. } | StreamError::Corrupt { .. }
            ),
            "{compression:?}: {error}"
        );
        assert_eq!(place(&error), text.len() as u64);
    }
    // As tapes leave them, and as the gzip command ignores them.
    let mut padded = gzip(&text);
    padded.extend([0; 1000]);
    assert_eq!(whole(&padded).0, text);
    assert!(whole(&padded).1.is_none());
    padded.push(1);
    assert!(matches!(
        whole(&padded).1,
        Some(StreamError::Trailing { .. })
    ));
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let text = vec![0; 8 << 20];
    let limits = StreamLimits {
        max_ratio: 10,
        free_bytes: 1000,
        ..StreamLimits::default()
    };
    for (compression, compress) in FORMATS {
        let file = compress(&text);
        let allowed = file.len() as u64 * 10 + 1000;
        assert!(allowed < text.len() as u64, "{compression:?}");
        let (found, error) = read(&file, usize::MAX, 1 << 16, &limits);
        assert!(
            matches!(error, Some(StreamError::TooLarge { at_byte, .. }) if at_byte == allowed),
            "{compression:?}: {error:?}"
        );
        assert_eq!(found.len() as u64, allowed);
        let limits = StreamLimits {
            max_bytes: 77,
            ..StreamLimits::default()
        };
        assert_eq!(read(&file, 9, 9, &limits).0.len(), 77, "{compression:?}");
        // Exactly as much as is allowed is allowed.
        let limits = StreamLimits {
            max_bytes: text.len() as u64,
            ..StreamLimits::default()
        };
        assert!(
            read(&file, usize::MAX, 1 << 16, &limits).1.is_none(),
            "{compression:?}"
        );
    }
}

#[test]
fn a_window_beyond_the_limit_is_refused() {
    let text = content(3 << 20);
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(21).unwrap();
    encoder.write_all(&text).unwrap();
    let file = encoder.finish().unwrap();
    let limits = StreamLimits {
        max_window_log: 20,
        ..StreamLimits::default()
    };
    assert!(matches!(
        read(&file, 999, 999, &limits).1,
        Some(StreamError::Corrupt { at_byte: 0, .. })
    ));
    assert!(whole(&file).1.is_none());
    let limits = StreamLimits {
        max_window_log: 16,
        ..StreamLimits::default()
    };
    assert!(read(&xz(&text), 999, 999, &limits).1.is_some());
}

/// A file that cannot be read on.
struct Fails<'a>(&'a [u8]);

impl Read for Fails<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.0.read(out)
    }
}

#[test]
fn an_unreadable_place_is_not_taken_for_damage() {
    let text = content(1_000_000);
    for compress in [gzip, zstd, xz, <[u8]>::to_vec] {
        let file = compress(&text);
        let half = &file[..file.len() / 2];
        let mut reader =
            StreamReader::new(Fails(half), file.len() as u64, &StreamLimits::default()).unwrap();
        let mut found = Vec::new();
        let error = reader.read_to_end(&mut found).unwrap_err();
        assert!(
            matches!(StreamError::in_io(&error), Some(StreamError::Read { .. })),
            "{error}"
        );
        assert!(text.starts_with(&found));
        assert!(!found.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The same bytes and the same error come out, however the file and the content are portioned.
    #[test]
    fn portions_make_no_difference(
        format in 0..3_usize,
        bytes in 0..40_000_usize,
        damage in proptest::option::of((any::<prop::sample::Index>(), 1..=255_u8)),
        cut in any::<prop::sample::Index>(),
        drip in 1..5_000_usize,
        piece in 1..5_000_usize,
    ) {
        let mut file = FORMATS[format].1(&content(bytes));
        if let Some((place, bits)) = damage {
            let place = place.index(file.len());
            file[place] ^= bits;
        }
        file.truncate(cut.index(file.len() * 2) + 1);
        let (expected, expected_error) = whole(&file);
        let (found, error) = read(&file, drip, piece, &StreamLimits::default());
        prop_assert_eq!(found, expected);
        prop_assert_eq!(error.map(|e| e.to_string()), expected_error.map(|e| e.to_string()));
    }

    /// No input makes a decoder panic or run on for ever.
    #[test]
    fn any_bytes_come_to_an_end(format in 0..3_usize, tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let start = FORMATS[format].1(b"");
        for keep in [3, 6, 12.min(start.len())] {
            let file = [&start[..keep], &tail].concat();
            let limits = StreamLimits { max_bytes: 1 << 20, ..StreamLimits::default() };
            let (found, _) = read(&file, usize::MAX, 1 << 16, &limits);
            prop_assert!(found.len() <= 1 << 20);
        }
    }
}
