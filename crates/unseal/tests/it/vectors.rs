//! The format's own vectors: what its authors say that each file must come to.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use ring::digest::{SHA256, digest};
use unspoof_handover::hex;
use unspoof_unseal::{Identity, UnsealError, UnsealReader};

struct Vector {
    head: BTreeMap<String, String>,
    file: Vec<u8>,
}

fn read(path: &Path) -> Vector {
    let bytes = fs::read(path).unwrap();
    let at = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
    let (head, file) = (&bytes[..at], &bytes[at + 2..]);
    let head: BTreeMap<String, String> = std::str::from_utf8(head)
        .unwrap()
        .lines()
        .map(|line| {
            let (key, value) = line.split_once(": ").unwrap();
            (key.to_owned(), value.to_owned())
        })
        .collect();
    let file = if head.get("compressed").is_some_and(|by| by == "zlib") {
        let mut plain = Vec::new();
        let mut decoder = flate2::read::ZlibDecoder::new(file).take(1 << 28);
        decoder.read_to_end(&mut plain).unwrap();
        plain
    } else {
        file.to_vec()
    };
    Vector { head, file }
}

#[test]
fn every_vector_comes_to_what_its_authors_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "README.md" {
            continue;
        }
        seen += 1;
        let vector = read(&path);
        let identities: Vec<Identity> = vector
            .head
            .get("identity")
            .and_then(|written| Identity::parse(written).ok())
            .into_iter()
            .collect();
        let mut content = Vec::new();
        let error = match UnsealReader::new(vector.file.as_slice(), &identities) {
            Err(error) => Some(error),
            Ok(mut reader) => reader
                .read_to_end(&mut content)
                .err()
                .map(|error| error.downcast::<UnsealError>().unwrap()),
        };
        let came_to = match &error {
            None => "success",
            Some(UnsealError::NoMatch) => "no match",
            Some(UnsealError::HeaderChanged) => "HMAC failure",
            Some(UnsealError::Header { .. }) => "header failure",
            Some(UnsealError::CutOff { .. } | UnsealError::Changed { .. }) => "payload failure",
            Some(_) => "something else",
        };
        let expected = &vector.head["expect"];
        // Before a failure others may give out a last piece that we keep: only a piece that is known
        // to be followed by another, or to be the last, is given out here.
        let given = hex::encode(digest(&SHA256, &content).as_ref());
        let is_content = error.is_some() || vector.head["payload"] == given;
        // A file that ends before its content does is cut off to us, whichever part is missing.
        let is_cut_header = name.contains("nonce") && came_to == "payload failure";
        if !(came_to == expected || is_cut_header) || !is_content {
            wrong.push(format!("{name}: {expected}, but {came_to} ({error:?})"));
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
