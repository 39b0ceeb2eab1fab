//! The tables against libphonenumber's official test cases: made of the test metadata, as
//! `examples/make_tables` makes the program's own.

use std::str::FromStr;

use prost::Message as _;
use unspoof_model::Region;

use crate::make_tables::tables_of;
use crate::parse::{Answer, Home, by_tables, kind_at};
use crate::reader::Reading;
use crate::tables::place::Tables;
use crate::tables::{Area, Length};
use crate::{FullNumber, Numbering, PhoneNumber, Possible, Status};

const METADATA: &[u8] = include_bytes!("../tests/data/official/metadata.bin");
const CALLS: &str = include_str!("../tests/data/official/util.tsv");

/// Puts tables of the test metadata in place, and gives the original's rules for it.
fn official() -> Numbering {
    let (words, source) = tables_of(METADATA).expect("tables can be made of it");
    Tables::of(words, &source).put();
    let metadata = rlibphonenumber::PhoneMetadataCollection::decode(METADATA);
    Numbering::of_metadata(metadata.expect("it is whole")).expect("its regions are regions")
}

/// The rows of one call: arguments and answer.
fn rows(call: &str) -> impl Iterator<Item = Vec<&'static str>> {
    CALLS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(move |cells| cells.get(1) == Some(&call))
        .map(|cells| cells.into_iter().skip(2).collect())
}

/// Takes a text's quotes off. None: there is no text, or one with escapes.
fn plain(cell: &'static str) -> Option<&'static str> {
    let text = cell.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}

/// Reads `cc=39 nn=236618300 zeros=1`: the calling code, and the national number's digits.
fn parts(cell: &str) -> (u16, String) {
    let field = |name: &str| {
        cell.split(' ')
            .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    };
    let zeros = field("zeros").map_or(0, |zeros| zeros.parse::<usize>().unwrap_or_default());
    let code = field("cc").and_then(|code| code.parse().ok());
    let national = field("nn").unwrap_or_default();
    (
        code.expect("a calling code"),
        format!("{}{national}", "0".repeat(zeros)),
    )
}

fn digits(national: &str) -> Vec<u8> {
    national.bytes().map(|b| b - b'0').collect()
}

/// What a reader makes of a value, by the original's rules.
fn expected(numbering: &Numbering, text: &str, home: Option<Region>) -> Answer {
    let Ok(parsed) = numbering.parse(text, home) else {
        return Answer::Nothing;
    };
    let kind = numbering.number_type(&parsed);
    let region = numbering.region(&parsed);
    let valid = kind.is_some() && region.is_some();
    if !valid && numbering.possible(&parsed) != Ok(Possible::Anywhere) {
        return Answer::Nothing;
    }
    match parsed.number() {
        Some(number) => Answer::Number(Reading {
            number: Some(number),
            status: if valid {
                Status::Valid
            } else {
                Status::Possible
            },
            region: if valid {
                region
            } else {
                numbering.main_region(parsed.country_code())
            },
            kind: kind.filter(|_| valid),
        }),
        None => Answer::Nothing,
    }
}

fn shown(answer: Answer) -> String {
    match answer {
        Answer::Number(reading) => {
            let number = reading.number.map(PhoneNumber::reveal);
            format!("{} {reading:?}", number.unwrap_or_default())
        }
        Answer::Nothing => "nothing".to_owned(),
        Answer::Unsure => "unsure".to_owned(),
    }
}

#[test]
fn what_is_parsed() {
    let numbering = official();
    let (mut numbers, mut nothing, mut unsure) = (0, 0, 0);
    for row in rows("parse") {
        let [text, home, _, official] = row.as_slice() else {
            panic!("other cells: {row:?}");
        };
        let Some(text) = plain(text) else { continue };
        let home = plain(home).and_then(|home| Region::from_str(home).ok());
        let answer = by_tables(text, false, Home::new(home));
        match answer {
            Answer::Number(reading) => {
                let (code, national) = parts(official);
                let key = PhoneNumber::from_digits(code, &digits(&national));
                assert_eq!(reading.number, key, "{text} at {home:?}: {official}");
                numbers += 1;
            }
            Answer::Nothing => nothing += 1,
            Answer::Unsure => {
                unsure += 1;
                continue;
            }
        }
        let by_original = expected(&numbering, text, home);
        assert!(
            answer == by_original,
            "{text} at {home:?}: {}, not {}",
            shown(answer),
            shown(by_original)
        );
    }
    // 228 texts of the table; the original is asked for those in letters, scripts or signs.
    assert_eq!(numbers + nothing + unsure, 228);
    assert!(numbers >= 83 && nothing >= 24, "{numbers}, {nothing}");
}

#[test]
fn what_numbers_are() {
    let _ = official();
    let mut asked = 0;
    let mut ask = |call: &str, holds: &dyn Fn(&Area, &[u8], &str) -> bool| {
        for row in rows(call) {
            let [number, .., official] = row.as_slice() else {
                panic!("too few cells: {row:?}");
            };
            let (code, national) = parts(number);
            if let Some(area) = Area::of_code(code) {
                assert!(holds(area, &digits(&national), official), "{call}: {row:?}");
                asked += 1;
            }
        }
    };
    ask("is_valid_number", &|area, national, official| {
        area.find(national).kind().is_some() == (official == "true")
    });
    ask("number_type", &|area, national, official| {
        let kind = area.find(national).kind().and_then(kind_at);
        let name = kind.map_or("unknown", crate::NumberType::as_str);
        let name = name.replace('-', "_").to_uppercase();
        official.strip_suffix("_NUMBER").unwrap_or(official) == name
    });
    ask("region_code_for_number", &|area, national, official| {
        let found = area.find(national);
        found.kind().is_none() || plain_id(official) == found.area().id
    });
    ask(
        "is_possible_number_with_reason",
        &|area, national, official| {
            let length = match area.length(national.len()) {
                Length::Full => "IS_POSSIBLE",
                Length::Local => "IS_POSSIBLE_LOCAL_ONLY",
                Length::TooShort => "TOO_SHORT",
                Length::TooLong => "TOO_LONG",
                Length::Between => "INVALID_LENGTH",
            };
            official == length
        },
    );
    assert_eq!(asked, 56);
}

fn plain_id(cell: &str) -> &str {
    cell.trim_matches('"')
}

/// Numbers near all examples of the test metadata, in all its homes, in all forms of dialling.
#[test]
fn what_is_near_the_examples() {
    let numbering = official();
    let homes: Vec<Option<Region>> = numbering
        .all_regions()
        .into_iter()
        .map(Some)
        .chain([None])
        .collect();
    let examples: Vec<FullNumber> = homes
        .iter()
        .flatten()
        .flat_map(|&region| {
            let numbering = &numbering;
            numbering
                .kinds(region)
                .into_iter()
                .filter_map(move |kind| numbering.example_of(region, kind))
        })
        .chain(
            numbering
                .codes_of_no_country()
                .into_iter()
                .filter_map(|code| numbering.example_of_no_country(code)),
        )
        .collect();
    let (mut same, mut unsure) = (0_usize, 0_usize);
    for (turn, example) in examples.iter().enumerate() {
        let national = example.national();
        let mut near = vec![
            national.clone(),
            format!("{national}0"),
            format!("0{national}"),
        ];
        for at in 0..national.len() {
            let digit = (turn * 7 + at * 3) % 10;
            let (start, rest) = national.split_at(at);
            let rest = rest.get(1..).unwrap_or_default();
            near.extend([format!("{start}{digit}{rest}"), format!("{start}{rest}")]);
        }
        for (at, home) in homes.iter().enumerate() {
            let Some(national) = near.get((turn + at) % near.len()) else {
                continue;
            };
            let code = example.country_code();
            for text in [
                format!("+{code}{national}"),
                format!("00{code} {national}"),
                format!("011{code}-{national}"),
                format!("{code}{national}"),
                format!("0{national}"),
                format!("1{national}"),
                national.clone(),
            ] {
                let answer = by_tables(&text, false, Home::new(*home));
                if answer == Answer::Unsure {
                    unsure += 1;
                    continue;
                }
                let by_original = expected(&numbering, &text, *home);
                assert!(
                    answer == by_original,
                    "{text} at {home:?}: {}, not {}",
                    shown(answer),
                    shown(by_original)
                );
                same += 1;
            }
        }
    }
    assert!(same > 20_000 && unsure < 2_000, "{same}, {unsure}");
}
