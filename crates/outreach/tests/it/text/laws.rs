//! What holds for every text.

use proptest::prelude::*;
use unspoof_outreach::text::{
    Allowed, Alphabet, Coding, DefaultAlphabet, ReferenceSize, TextError, gsm, preview, split,
};

/// Characters that stand for their kinds: one septet, two, one unit, two units, and odd ones.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        40 => proptest::sample::select(gsm::DEFAULT.to_vec()).prop_filter("no character", |c| *c != '\u{1b}'),
        10 => proptest::sample::select(gsm::EXTENSION.map(|(_, c)| c).to_vec()),
        1 => proptest::sample::select(vec!['ŵ', 'ŷ', 'ł', 'ś', 'س', 'ے', '’', '`', 'ç', '\u{301}', '中']),
        1 => proptest::sample::select(vec!['😀', '🏴', '𝒜', '\u{10000}', '\u{2f800}']),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let gsm = proptest::sample::select(gsm::DEFAULT.to_vec())
        .prop_filter("no character", |c| *c != '\u{1b}');
    let extension = proptest::sample::select(gsm::EXTENSION.map(|(_, c)| c).to_vec());
    prop_oneof![
        proptest::collection::vec(character(), 0..700),
        proptest::collection::vec(prop_oneof![5 => gsm, 1 => extension], 0..700),
    ]
    .prop_map(|characters| characters.into_iter().collect())
}

fn coding() -> impl Strategy<Value = Coding> {
    let reference = prop_oneof![Just(ReferenceSize::Eight), Just(ReferenceSize::Sixteen)];
    let default = prop_oneof![Just(DefaultAlphabet::Gsm7), Just(DefaultAlphabet::Latin1)];
    (reference, default).prop_map(|(reference, default_alphabet)| Coding {
        reference,
        default_alphabet,
        allowed: Allowed::GsmOrUcs2,
    })
}

/// Reads octets as the other side does, by rules written down here a second time.
fn read(octets: &[u8], data_coding: u8, default: DefaultAlphabet) -> String {
    match (data_coding, default) {
        (0, DefaultAlphabet::Gsm7) => gsm::decode(octets).unwrap(),
        (0, DefaultAlphabet::Latin1) => octets.iter().map(|octet| char::from(*octet)).collect(),
        (8, _) => {
            let units: Vec<u16> = octets
                .chunks(2)
                .map(|pair| u16::from_be_bytes(pair.try_into().unwrap()))
                .collect();
            String::from_utf16(&units).unwrap()
        }
        (other, _) => panic!("a data coding of {other}"),
    }
}

proptest! {
    #[test]
    fn the_parts_joined_are_the_text(text in text(), coding in coding()) {
        let split = split(&text, coding).unwrap();
        let mut joined = String::new();
        for part in split.parts() {
            let of_part = read(part.octets(), split.data_coding(), coding.default_alphabet);
            prop_assert_eq!(text.get(part.range()), Some(of_part.as_str()));
            joined.push_str(&of_part);
        }
        prop_assert_eq!(&joined, &text);
        prop_assert_eq!(read(&split.payload(), split.data_coding(), coding.default_alphabet), text);
    }

    #[test]
    fn no_part_is_over_its_limit_nor_cut_too_early(text in text(), coding in coding(), count: u64) {
        let split = split(&text, coding).unwrap();
        let limit = match (split.alphabet(), split.is_concatenated(), coding.reference) {
            (Alphabet::Gsm7, false, _) => 160,
            (Alphabet::Gsm7, true, ReferenceSize::Eight) => 153,
            (Alphabet::Gsm7, true, ReferenceSize::Sixteen) => 152,
            (Alphabet::Ucs2, false, _) => 70,
            (Alphabet::Ucs2, true, ReferenceSize::Eight) => 67,
            (Alphabet::Ucs2, true, ReferenceSize::Sixteen) => 66,
        };
        prop_assert_eq!(split.part_limit(), limit);
        prop_assert_eq!(split.units(), split.parts().iter().map(|p| p.units()).sum::<usize>());
        for (at, part) in split.parts().iter().enumerate() {
            prop_assert!(part.units() <= limit);
            // Only a pair that did not fit leaves room, and then a single unit of it.
            if at + 1 < split.len() {
                prop_assert!(part.units() >= limit - 1);
            }
        }
        // 140 octets on the air: the header, rounded up to whole septets in the GSM alphabet.
        for (part, message) in split.parts().iter().zip(split.short_messages(count)) {
            let header = message.len() - part.octets().len();
            prop_assert_eq!(header > 0, split.is_concatenated());
            let bits = match split.alphabet() {
                Alphabet::Gsm7 => ((header * 8).div_ceil(7) + part.units()) * 7,
                Alphabet::Ucs2 => message.len() * 8,
            };
            prop_assert!(bits <= 140 * 8);
        }
    }

    #[test]
    fn a_preview_shows_what_is_split(text in text(), coding in coding()) {
        let (split, shown) = (split(&text, coding).unwrap(), preview(&text, coding).unwrap());
        prop_assert_eq!(shown.parts.len(), split.len());
        let joined: String = shown.parts.iter().map(|part| part.text.as_str()).collect();
        prop_assert_eq!(joined, text);
        prop_assert_eq!(shown.alphabet == Alphabet::Ucs2, !shown.foreign.is_empty());
        prop_assert_eq!(
            shown.foreign.first().map(|f| f.character),
            split.ucs2_because().map(|(_, character)| character)
        );
    }

    #[test]
    fn whatever_is_split_does_not_panic_and_what_is_refused_is_named(text: String, coding in coding()) {
        match split(&text, coding) {
            Ok(split) => prop_assert_eq!(split.characters(), text.chars().count()),
            Err(TextError::Unsendable { character, position, byte, .. }) => {
                prop_assert_eq!(text.chars().nth(position - 1), Some(character));
                prop_assert!(text.get(byte..).unwrap().starts_with(character));
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }
}

#[test]
fn the_first_text_too_long_for_its_parts_is_cut() {
    let eight = Coding::default();
    let sixteen = Coding {
        reference: ReferenceSize::Sixteen,
        ..eight
    };
    let parts = |text: String, coding| -> Vec<usize> {
        split(&text, coding)
            .unwrap()
            .parts()
            .iter()
            .map(|part| part.units())
            .collect()
    };
    assert_eq!(parts(String::new(), eight), [0]);
    assert_eq!(parts("a".repeat(160), eight), [160]);
    assert_eq!(parts("a".repeat(161), eight), [153, 8]);
    assert_eq!(parts("a".repeat(306), eight), [153, 153]);
    assert_eq!(parts("a".repeat(307), eight), [153, 153, 1]);
    assert_eq!(parts("a".repeat(306), sixteen), [152, 152, 2]);
    assert_eq!(parts("€".repeat(80), eight), [160]);
    assert_eq!(parts("€".repeat(81), eight), [152, 10]);
    assert_eq!(parts("€".repeat(81), sixteen), [152, 10]);
    assert_eq!(parts("ŵ".repeat(70), eight), [70]);
    assert_eq!(parts("ŵ".repeat(71), eight), [67, 4]);
    assert_eq!(parts("😀".repeat(35), eight), [70]);
    assert_eq!(parts("😀".repeat(36), eight), [66, 6]);
    assert_eq!(parts("😀".repeat(36), sixteen), [66, 6]);
}

#[test]
fn an_escape_pair_at_the_cut_goes_over_whole() {
    let text = format!("{}€{}", "a".repeat(152), "b".repeat(20));
    let split = split(&text, Coding::default()).unwrap();
    let messages: Vec<Vec<u8>> = split.short_messages(41).collect();
    assert_eq!(split.parts()[0].units(), 152);
    assert_eq!(messages[0][..6], [0x05, 0x00, 0x03, 42, 2, 1]);
    assert_eq!(messages[1][..8], [0x05, 0x00, 0x03, 42, 2, 2, 0x1b, 0x65]);
}

#[test]
fn a_latin_1_centre_gets_only_what_both_alphabets_hold() {
    let coding = Coding {
        default_alphabet: DefaultAlphabet::Latin1,
        ..Coding::default()
    };
    let both = split("£5 {é}", coding).unwrap();
    assert_eq!(both.payload(), [0xa3, b'5', b' ', b'{', 0xe9, b'}']);
    assert_eq!((both.data_coding(), both.units()), (0, 8));
    for lacking in ["€", "Δ", "ê"] {
        assert_eq!(
            split(lacking, coding).unwrap().data_coding(),
            8,
            "{lacking}"
        );
        assert_eq!(
            preview(lacking, coding).unwrap().foreign.len(),
            1,
            "{lacking}"
        );
    }
}

#[test]
fn what_cannot_be_sent_is_named_with_its_place() {
    let only_gsm = Coding {
        allowed: Allowed::GsmOnly,
        ..Coding::default()
    };
    for (text, coding, said) in [
        (
            "tell\u{0}",
            Coding::default(),
            "character 5 of the text, U+0000 null, cannot be sent: it is a control character",
        ),
        (
            "é\u{feff}",
            Coding::default(),
            "character 2 of the text, U+FEFF byte order mark, cannot be sent: phones take it for a mark of the byte order",
        ),
        (
            "\u{ffff}",
            Coding::default(),
            "character 1 of the text, U+FFFF `\u{ffff}`, cannot be sent: Unicode sets it apart as no character",
        ),
        (
            "a\u{e000}",
            Coding::default(),
            "character 2 of the text, U+E000 `\u{e000}`, cannot be sent: it is for private use: each phone shows another thing",
        ),
        (
            "£ł",
            only_gsm,
            "character 2 of the text, U+0142 `ł`, cannot be sent: the sender takes the GSM alphabet alone",
        ),
    ] {
        assert_eq!(split(text, coding).unwrap_err().to_string(), said);
    }
    let long = "a".repeat(153 * 255 + 1);
    assert_eq!(
        split(&long, Coding::default()).unwrap_err(),
        TextError::TooLong { parts: 256 }
    );
}

#[test]
fn a_preview_reads_like_this() {
    let shown = preview("Don’t pay. Don’t call…", Coding::default()).unwrap();
    assert_eq!(
        shown.to_string(),
        "1 part, UCS-2, 22 UTF-16 units, 22 characters\n\
         -- part 1: 22 UTF-16 units, 48 left\n\
         Don’t pay. Don’t call…\n\
         not in the GSM alphabet: U+2019 `’` right single quotation mark, character 4, 2 times; `'` would do\n\
         not in the GSM alphabet: U+2026 `…` ellipsis, character 22; `...` would do\n"
    );
    let plain = preview("We ask you for nothing.", Coding::default()).unwrap();
    assert_eq!(
        plain.to_string(),
        "1 part, GSM 7-bit, 23 septets, 23 characters\n\
         -- part 1: 23 septets, 137 left\n\
         We ask you for nothing.\n"
    );
}
