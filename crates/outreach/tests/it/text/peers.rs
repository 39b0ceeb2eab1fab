//! The same texts, counted, cut and written by others: `smsutil` (Python) and `split-sms` (npm) cut,
//! `smsutil` and `smpp` (npm) write. Where a peer is known to be wrong, the case is named with its
//! cause, and what the standard says is checked by hand.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use unspoof_outreach::text::{Alphabet, Coding, gsm, split};

use crate::peers::{node_folder, python};

/// Texts of one run, by default and with `UNSPOOF_SOAK=1`.
const TEXTS: usize = 50_000;
const SOAK_TEXTS: usize = 1_000_000;

/// Numbers that are the same on every machine (SplitMix64).
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }

    /// A character: mostly of the default alphabet, by `foreign` in 1,000 outside of it.
    fn character(&mut self, escaped: usize, foreign: usize) -> char {
        const FOREIGN: [char; 24] = [
            'ŵ',
            'ŷ',
            'â',
            'ł',
            'ą',
            'ż',
            'ç',
            '`',
            '’',
            '…',
            '–',
            'س',
            'ے',
            'ٹ',
            'ب',
            '中',
            'я',
            'Α',
            '\u{301}',
            '\u{200d}',
            '😀',
            '👮',
            '𝒜',
            '\u{10000}',
        ];
        let die = self.below(1000);
        if die < foreign {
            FOREIGN[self.below(FOREIGN.len())]
        } else if die < foreign + escaped {
            gsm::EXTENSION[self.below(gsm::EXTENSION.len())].1
        } else {
            match gsm::DEFAULT[self.below(128)] {
                '\u{1b}' => 'a',
                other => other,
            }
        }
    }

    /// A text whose length is often near where parts end.
    fn text(&mut self) -> String {
        const NEAR: [usize; 10] = [66, 67, 70, 134, 140, 153, 160, 201, 306, 459];
        let characters = match self.below(3) {
            0 => self.below(500) + 1,
            _ => (NEAR[self.below(NEAR.len())] + self.below(9)).saturating_sub(5),
        };
        let foreign = [0, 0, 0, 2, 100, 900][self.below(6)];
        let escaped = [0, 5, 50, 500][self.below(4)].min(1000 - foreign);
        (0..characters)
            .map(|_| self.character(escaped, foreign))
            .collect()
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut hex, octet| {
        write!(hex, "{octet:02x}").unwrap();
        hex
    })
}

/// What the peers should answer: the shape, the octets of the parts, the octets of the whole.
struct Ours {
    shape: String,
    parts: String,
    whole: String,
}

fn ours(text: &str) -> Ours {
    let split = split(text, Coding::default()).unwrap();
    let letter = match split.alphabet() {
        Alphabet::Gsm7 => 'G',
        Alphabet::Ucs2 => 'U',
    };
    let shape: Vec<String> = split
        .parts()
        .iter()
        .map(|part| {
            let characters = text.get(part.range()).unwrap().chars().count();
            format!("{}:{characters}", part.units())
        })
        .collect();
    let shape = format!("{letter} {}", shape.join(","));
    let parts: Vec<String> = split
        .parts()
        .iter()
        .map(|part| hex(part.octets()))
        .collect();
    Ours {
        parts: format!("{shape} {}", parts.join("|")),
        whole: format!("{letter} {}", hex(&split.payload())),
        shape,
    }
}

/// Asks a peer for all texts and hands each with its answer to `check`.
fn ask(command: &mut Command, texts: Vec<String>, mut check: impl FnMut(&str, &str)) {
    let mut peer = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = peer.stdin.take().unwrap();
    let lines: Vec<u8> = texts
        .iter()
        .flat_map(|text| {
            let mut line = serde_json::to_vec(text).unwrap();
            line.push(b'\n');
            line
        })
        .collect();
    let writer = std::thread::spawn(move || to.write_all(&lines));
    let mut answers = BufReader::new(peer.stdout.take().unwrap()).lines();
    for text in &texts {
        check(text, &answers.next().expect("the peer answers").unwrap());
    }
    writer.join().unwrap().unwrap();
    assert!(peer.wait().unwrap().success());
}

fn many(seed: u64, check: impl Fn(Vec<String>)) {
    let texts = match std::env::var_os("UNSPOOF_SOAK") {
        Some(_) => SOAK_TEXTS,
        None => TEXTS,
    };
    let mut drawn = Drawn(seed);
    for batch in 0..texts.div_ceil(10_000) {
        let here = (texts - batch * 10_000).min(10_000);
        check((0..here).map(|_| drawn.text()).collect());
    }
}

fn script(name: &str) -> PathBuf {
    Path::new("tests/peers").join(name)
}

#[test]
fn smsutil_cuts_and_writes_the_same() {
    let Some(python) = python("import smsutil") else {
        return;
    };
    many(1, |texts| {
        ask(
            Command::new(&python).arg(script("text.py")),
            texts,
            |text, answer| {
                assert_eq!(answer, ours(text).parts, "{text:?}");
            },
        );
    });
}

#[test]
fn split_sms_cuts_and_smpp_writes_the_same() {
    let Some(folder) = node_folder() else { return };
    many(2, |texts| {
        let mut node = Command::new("node");
        ask(
            node.arg(script("text.cjs")).arg(&folder),
            texts,
            |text, answer| {
                let ours = ours(text);
                let (cut, written) = answer.split_once('\t').unwrap();
                assert_eq!(cut, ours.shape, "{text:?}");
                assert_eq!(written, ours.whole, "{text:?}");
            },
        );
    });
}

/// Counting `ceil(septets / 153)`, as GOV.UK Notify's estimate does, forgets that an escape pair
/// may not be torn: each part but the last can lose a septet to it.
#[test]
fn an_estimate_by_division_can_be_a_part_short() {
    let torn = format!("{}€{}", "a".repeat(152), "a".repeat(152));
    let split = split(&torn, Coding::default()).unwrap();
    assert_eq!(
        (split.units(), split.units().div_ceil(153), split.len()),
        (306, 2, 3)
    );
}

/// `smpplib` 2.2.4. Its table has a back-tick where TS 23.038 has `§` (0x5F), so it writes one for the
/// other and cannot write `§` in 7 bits; and it cuts octets, not characters, so it tears escape pairs
/// and surrogate pairs.
#[test]
fn known_faults_of_smpplib_are_not_ours() {
    let Some(python) = python("import smpplib") else {
        return;
    };
    let pair_at_cut = format!("{}€{}", "a".repeat(152), "b".repeat(20));
    let surrogates_at_cut = format!("{}😀{}", "ŵ".repeat(66), "ŵ".repeat(20));
    let texts = vec![
        "`".to_owned(),
        "§".to_owned(),
        pair_at_cut,
        surrogates_at_cut,
    ];
    let mut theirs = Vec::new();
    let mut peer = Command::new(&python);
    ask(
        peer.arg(script("text.py")).arg("--faults"),
        texts.clone(),
        |_, answer| {
            theirs.push(answer.to_owned());
        },
    );
    // Theirs: a phone shows `§` for the back-tick, and needs UCS-2 for the `§` itself.
    assert_eq!(theirs[0], "0 5f");
    assert_eq!(theirs[1], "8 00a7");
    // Theirs: the first part ends in a lone escape, the second begins with an `e`.
    let parts: Vec<&str> = theirs[2].split('|').collect();
    assert!(
        parts[0].ends_with("611b") && parts[1].starts_with("6562"),
        "{parts:?}"
    );
    let parts: Vec<&str> = theirs[3].split('|').collect();
    assert!(
        parts[0].ends_with("d83d") && parts[1].starts_with("de00"),
        "{parts:?}"
    );

    // By TS 23.038, 6.2.1: 0x5F is the section sign, and no septet is a back-tick.
    assert_eq!(ours(&texts[0]).parts, "U 1:1 0060");
    assert_eq!(ours(&texts[1]).parts, "G 1:1 5f");
    assert!(ours(&texts[2]).shape.starts_with("G 152:152,22:21"));
    assert!(ours(&texts[3]).shape.starts_with("U 66:66,22:21"));
}
