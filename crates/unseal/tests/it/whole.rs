//! What we seal we open, whole or not at all.

use std::io::Read;

use proptest::prelude::*;
use unspoof_handover::chance;
use unspoof_handover::seal::{Recipient, seal};
use unspoof_model::Coded;
use unspoof_unseal::{Identity, UnsealError, UnsealReader, unseal};
use zeroize::Zeroizing;

fn identity(byte: u8) -> Identity {
    Identity::of_secret(Zeroizing::new([byte; 32]))
}

fn sealed(content: &[u8], to: &[&Identity]) -> Vec<u8> {
    let recipients: Vec<Recipient> = to
        .iter()
        .map(|identity| Recipient::parse(&identity.recipient()).unwrap())
        .collect();
    seal(content, &recipients).unwrap()
}

/// Reads in pieces of `step` bytes; what was given out before the end or the error, and which.
fn streamed(sealed: &[u8], identity: &Identity, step: usize) -> (Vec<u8>, Option<UnsealError>) {
    let mut given = Vec::new();
    let mut reader = match UnsealReader::new(sealed, std::slice::from_ref(identity)) {
        Ok(reader) => reader,
        Err(error) => return (given, Some(error)),
    };
    let mut piece = vec![0; step];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return (given, None),
            Ok(read) => given.extend_from_slice(&piece[..read]),
            Err(error) => {
                // Nor does it go on later.
                assert!(reader.read(&mut piece).is_err());
                return (given, error.downcast().ok());
            }
        }
    }
}

const CHUNK: usize = 65_536;

#[test]
fn every_length_around_a_piece_opens_again() {
    let one = identity(7);
    let drawn: [u8; 1024] = chance::bytes().unwrap();
    for length in [
        0,
        1,
        15,
        16,
        17,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK,
        2 * CHUNK + 1,
        300_000,
    ] {
        let content: Vec<u8> = drawn.iter().copied().cycle().take(length).collect();
        let file = sealed(&content, &[&one]);
        assert_eq!(
            *unseal(&file, std::slice::from_ref(&one)).unwrap(),
            content,
            "{length}"
        );
        for step in [1, 4096, 100_000] {
            if step > 1 || length < 1000 {
                let (given, error) = streamed(&file, &one, step);
                assert!(given == content && error.is_none(), "{length} by {step}");
            }
        }
    }
}

#[test]
fn each_of_two_recipients_opens_and_a_third_does_not() {
    let (one, two, three) = (identity(1), identity(2), identity(3));
    let file = sealed(b"a statement", &[&one, &two]);
    for identities in [
        vec![one.clone()],
        vec![two.clone()],
        vec![three.clone(), two.clone()],
    ] {
        assert_eq!(**unseal(&file, &identities).unwrap(), *b"a statement");
    }
    let error = unseal(&file, &[three]).unwrap_err();
    assert_eq!(error.code(), "unseal/no-match");
    assert!(matches!(unseal(&file, &[]), Err(UnsealError::NoMatch)));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_an_error_at_the_end() {
    let one = identity(9);
    let content: Vec<u8> = (0..2 * CHUNK).map(|at| (at % 251) as u8).collect();
    let file = sealed(&content, &[&one]);
    let whole_chunk = CHUNK + 16;
    let header = file.len() - 2 * whole_chunk;
    let mut cuts: Vec<usize> = (0..header + 40).collect();
    cuts.extend([
        header + whole_chunk - 1,
        header + whole_chunk,
        header + whole_chunk + 1,
        header + whole_chunk + 16,
        file.len() - 17,
        file.len() - 1,
    ]);
    for cut in cuts {
        let (given, error) = streamed(&file[..cut], &one, 4096);
        assert!(error.is_some(), "cut at {cut}");
        assert!(content.starts_with(&given));
        assert!(given.len() % CHUNK == 0, "only whole pieces are given out");
        assert!(unseal(&file[..cut], std::slice::from_ref(&one)).is_err());
    }
    // Between two pieces it is known that there was more.
    let (given, error) = streamed(&file[..header + whole_chunk], &one, 4096);
    assert!(matches!(
        error,
        Some(UnsealError::CutOff { opened_bytes: 0 })
    ));
    assert!(given.is_empty());
}

#[test]
fn what_is_added_or_swapped_is_found() {
    let one = identity(4);
    let content = vec![5_u8; 3 * CHUNK];
    let file = sealed(&content, &[&one]);
    let whole_chunk = CHUNK + 16;
    let header = file.len() - 3 * whole_chunk;
    let mut longer = file.clone();
    longer.push(0);
    assert!(unseal(&longer, std::slice::from_ref(&one)).is_err());
    let mut swapped = file[..header].to_vec();
    swapped.extend_from_slice(&file[header + whole_chunk..header + 2 * whole_chunk]);
    swapped.extend_from_slice(&file[header..header + whole_chunk]);
    swapped.extend_from_slice(&file[header + 2 * whole_chunk..]);
    let (given, error) = streamed(&swapped, &one, 4096);
    assert!(given.is_empty() && error.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_byte_that_differs_is_found(at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let one = identity(6);
        let content = vec![1_u8; CHUNK + 100];
        let mut file = sealed(&content, &[&one]);
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        let (given, error) = streamed(&file, &one, 4096);
        prop_assert!(error.is_some(), "byte {}", at);
        prop_assert!(content.starts_with(&given));
        prop_assert!(unseal(&file, &[one]).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), tail: bool) {
        let mut file = b"age-encryption.org/v1\n".to_vec();
        if tail { file.extend_from_slice(b"-> X25519 "); }
        file.extend_from_slice(&bytes);
        prop_assert!(unseal(&file, &[identity(1)]).is_err());
        prop_assert!(unseal(&bytes, &[identity(1)]).is_err());
    }

    #[test]
    fn identities_are_written_and_read(secret: [u8; 32]) {
        let made = Identity::of_secret(Zeroizing::new(secret));
        let written = made.reveal();
        prop_assert!(written.starts_with("AGE-SECRET-KEY-1"));
        let read = Identity::parse(&written).unwrap();
        prop_assert_eq!(read.recipient(), made.recipient());
        prop_assert_eq!(format!("{made:?}"), "Identity(•••)");
        prop_assert!(Identity::parse(&written.to_lowercase()).is_err());
        let mut slip: Vec<char> = written.chars().collect();
        slip[20] = if slip[20] == 'Q' { 'P' } else { 'Q' };
        prop_assert!(Identity::parse(&slip.iter().collect::<String>()).is_err());
    }
}

#[test]
fn a_file_of_identities_has_comments() {
    let (one, two) = (identity(1), identity(2));
    let file = format!(
        "# created: today\n# public key: {}\n{}\n\n{}\r\n",
        one.recipient(),
        one.reveal().as_str(),
        two.reveal().as_str()
    );
    let read = Identity::parse_file(&file).unwrap();
    assert_eq!(read.len(), 2);
    assert_eq!(read[1].recipient(), two.recipient());
    assert!(Identity::parse_file("# nothing\n").is_err());
    assert!(Identity::parse_file(&one.recipient()).is_err());
}
