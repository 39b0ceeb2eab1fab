//! No text in a case's folder makes a parser panic.

use std::fs;

use proptest::prelude::*;
use unspoof_evidence::fuzzing::parse_as_anything;

use crate::support::Case;

/// One file of each kind, as the crate writes them.
fn samples() -> Vec<Vec<u8>> {
    let case = Case::in_memory();
    let exhibit = case.seal(&case.write("50% dump.sql", b"-- dump")).exhibit;
    let state = case
        .root()
        .join("log/manifests")
        .read_dir_utf8()
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let bag = case.root().join("exhibits").join(&exhibit.name);
    let mut samples: Vec<Vec<u8>> = [
        state.into_path(),
        case.root().join("log/checkpoint"),
        case.root().join("log/key.txt"),
        case.root().join("case.toml"),
        bag.join("unspoof/exhibit.json"),
        bag.join("manifest-sha256.txt"),
    ]
    .iter()
    .map(|path| fs::read(path).unwrap())
    .collect();
    let entry = fs::read(case.root().join("log/tile/entries/000.p/2")).unwrap();
    samples.push(entry[2..].split(|&byte| byte == 0).next().unwrap().to_vec());
    samples.extend(
        [
            "tile/0/000.p/7",
            "tile/entries/x001/234",
            "2022-11-24T00:00:00.000000Z",
            "a%25b%0A",
        ]
        .map(|text| text.as_bytes().to_vec()),
    );
    samples
}

#[test]
fn damaged_files_are_parsed_without_panic() {
    for sample in samples() {
        parse_as_anything(&sample);
        for place in 0..sample.len() {
            for byte in [0, b'0', b'9', b'%', b'/', b'.', b'-', b'{', b'\n', 0xff] {
                let mut damaged = sample.clone();
                damaged[place] = byte;
                parse_as_anything(&damaged);
            }
            parse_as_anything(&sample[..place]);
            parse_as_anything(&[&sample[..place], &sample].concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_parsed_without_panic(text in "[ -~\n\r\t\u{0}%/.+xe0-9é☎]{0,120}") {
        parse_as_anything(text.as_bytes());
        parse_as_anything(format!("tile/{text}").as_bytes());
    }
}

/// What fuzzing starts from, and what it once found.
#[test]
fn the_corpus_is_parsed() {
    let corpus = "fuzz/corpus/manifest";
    let mut files = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        parse_as_anything(&std::fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files >= 10, "{files} files");
}
