//! Whether numbers are allocated: made-up lists in the regulators' formats, and their real ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use unspoof_model::{Coded as _, civil_to_days};
use unspoof_numbers::PhoneNumber;
use unspoof_numbers::blocks::{
    Block, BlockAnswer, BlockList, BlockListError, BlockStatus, Blocks, Day, LineFault, Regulator,
};

use crate::inputs::Draw;

/// The numbers of made-up lists are libphonenumber's examples, or for use in fiction.
const MOBILES: &str = "\
NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date\r\n\
7400,Free,,10 digit numbers,\r\n\
7400 1,Allocated,Made Up Mobile Limited,10 digit numbers,26/03/2007\r\n\
7400 12 4,Quarantined,,10 digit numbers,\r\n\
7700 9,Allocated,Made Up Mobile Limited,10 digit numbers,26/03/2007\r\n";

const AREA_CODES: &str = "\
File Date,03/04/2020\n\
NPA_ID,type_of_code,ASSIGNABLE,EXPLANATION,RESERVED,ASSIGNED,ASSIGNMENT_DT,USE,LOCATION,COUNTRY,IN_SERVICE,IN_SERVICE_DT,STATUS,NOTES\n\
200,Easily Recognizable Code,Yes,,No,No,,N,,,N,,,\"\"\n\
201,General Purpose Code,Yes,,No,Yes,01-JAN-47,G,NJ,US,Y,01-JAN-47,,\"\"\n\
202,General Purpose Code,Yes,,Yes,No,,,,,N,,,Alberta, Canada,\"\"\n\
290,General Purpose Code,No,Expansion Code,No,No,,,,,N,,\n\
326,General Purpose Code,Yes,,No,Yes,24-MAY-18,G,OH,US,N,08-MAR-20,Active,\"\"\n\
327,General Purpose Code,Yes,,No,Yes,15-DEC-09,G,AR,US,N,,,\"\"\n\
506,General Purpose Code,Yes,,No,No,,,,,N,,,\"\"\n";

const OFFICE_CODES: &str = "\
\"NPA\",\"CO Code (NXX)\",\"Status\",\"Pooled\",\"Exchange Area\",\"Province\",\"Company\",\"OCN\",\"Remarks\"\r\n\
,,,,,,,2025-09-12\r\n\
506,211,\"For Special Use\",\"N\",\"\",\"\",\"\",\"\",\"Public Information\"\r\n\
506,234,\"In Service\",\"N\",\"Saint John\",\"NB\",\"Made Up Telephone, Inc.\",\"0000\",\r\n\
506,235,\"Available\",\"N\",\"\",\"\",\"\",\"\",\r\n\
506,236,\"Stranded Code\",\"N\",\"\",\"\",\"\",\"\",\r\n\
506,958,\"Plant Test\",\"N\",\"\",\"\",\"\",\"\",\"Plant Test Code\"\r\n";

const fn day(year: i32, month: u32, day: u32) -> Day {
    civil_to_days(year, month, day)
}

const PUBLISHED: Day = day(2025, 9, 12);

fn ofcom(name: &str, content: &str, published: Day) -> BlockList {
    let list = BlockList::read(name, content.as_bytes(), Some(published)).expect("a list");
    assert_eq!(list.regulator, Regulator::Ofcom);
    assert_eq!(list.rows, list.blocks.len() + list.rejects.len());
    list
}

fn dated(name: &str, content: &str) -> BlockList {
    let list = BlockList::read(name, content.as_bytes(), None).expect("a list that says its day");
    assert_eq!(list.rejects, []);
    list
}

fn mobiles() -> BlockList {
    ofcom("S7.csv", MOBILES, PUBLISHED)
}

fn number(key: u64) -> PhoneNumber {
    PhoneNumber::from_key(key).expect("a number")
}

/// The answer in words: which, the regulator's word, the holder.
fn shown(blocks: &Blocks, key: u64, day: Day) -> String {
    let Some(answer) = blocks.lookup(number(key), day) else {
        return "unknown".into();
    };
    let block = answer.block();
    let word = block.map_or("-", Block::word);
    let holder = block.and_then(Block::holder).unwrap_or("-");
    format!("{}, {word}, {holder}", answer.as_str())
}

#[test]
fn a_block_says_all_that_its_line_says() {
    let blocks = Blocks::new([mobiles()]);
    let Some(BlockAnswer::Allocated(block)) = blocks.lookup(number(447_400_123_456), PUBLISHED)
    else {
        panic!("an allocated block");
    };
    assert_eq!(block.prefix(), 4_474_001);
    assert_eq!(block.status(), BlockStatus::Allocated);
    assert_eq!(block.word(), "Allocated");
    assert_eq!(block.holder(), Some("Made Up Mobile Limited"));
    assert_eq!(block.since(), Some(day(2007, 3, 26)));
    assert_eq!(block.line(), 3);
    assert_eq!(block.list().name, "S7.csv");
    assert_eq!(block.list().regulator, Regulator::Ofcom);
    assert_eq!(block.list().published, PUBLISHED);
}

#[test]
fn the_longest_block_answers() {
    let blocks = Blocks::new([mobiles()]);
    for (key, expected) in [
        (
            447_400_123_456,
            "allocated, Allocated, Made Up Mobile Limited",
        ),
        (447_400_124_456, "unallocated, Quarantined, -"),
        (447_400_023_456, "unallocated, Free, -"),
        (447_401_123_456, "unknown"),
    ] {
        assert_eq!(shown(&blocks, key, PUBLISHED), expected, "{key}");
    }
}

#[test]
fn numbers_for_fiction_are_told_whatever_is_loaded() {
    for blocks in [
        Blocks::new([]),
        Blocks::new([mobiles(), dated("npa", AREA_CODES)]),
    ] {
        for key in [
            447_700_900_000,
            447_700_900_999,
            442_079_460_123,
            441_632_960_123,
            443_069_990_123,
            12_015_550_123,
            15_065_550_199,
        ] {
            assert_eq!(shown(&blocks, key, 0), "drama, -, -", "{key}");
        }
        assert_ne!(shown(&blocks, 12_015_550_200, 0), "drama, -, -");
        assert_ne!(shown(&blocks, 447_700_901_000, 0), "drama, -, -");
        assert_eq!(shown(&blocks, 4_477_009_001_234, 0), "unknown", "too long");
    }
}

#[test]
fn a_block_holds_numbers_of_its_length_only() {
    let list = "\
        NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date,Notes\n\
        8001,Free,,10 digit numbers,,\n\
        8001 2,Allocated(Closed Range),Made Up Freephone,9 digit numbers,,\n";
    let blocks = Blocks::new([ofcom("S8.csv", list, PUBLISHED)]);
    let closed = "allocated, Allocated(Closed Range), Made Up Freephone";
    assert_eq!(shown(&blocks, 44_800_123_456, PUBLISHED), closed);
    // The wider block answers for what the longer does not hold.
    let free = "unallocated, Free, -";
    assert_eq!(shown(&blocks, 448_001_234_567, PUBLISHED), free);
    assert_eq!(shown(&blocks, 4_480_012, PUBLISHED), "unknown");
    assert_eq!(shown(&blocks, 4_480_012_345_678, PUBLISHED), "unknown");
}

#[test]
fn without_a_length_a_block_holds_no_number_shorter_than_itself() {
    let list = "\
        NMS Number Block: Number Block,Block Status,CP Name,Allocation Date\n\
        7400,Free,,\n\
        7400 000,Allocated,Made Up Mobile,\n";
    let blocks = Blocks::new([ofcom("S7.csv", list, PUBLISHED)]);
    let held = "allocated, Allocated, Made Up Mobile";
    assert_eq!(shown(&blocks, 447_400_000, PUBLISHED), held);
    assert_eq!(shown(&blocks, 447_400_000_123_456, PUBLISHED), held);
    assert_eq!(
        shown(&blocks, 44_740_000, PUBLISHED),
        "unallocated, Free, -"
    );
    assert_eq!(shown(&blocks, 44_740, PUBLISHED), "unknown");
}

#[test]
fn geographic_lengths_are_read() {
    let list = "\
        NMS Number Block: Number Block,Block Status,CP Name,Geographic Number Length,Allocation Date,Notes\n\
        1212,Allocated,Made Up Telephone,3+7,01/02/1999,\n\
        1768 88,Allocated,Made Up Telephone,Mixed 4+5 & 4+6,,\n";
    let list = ofcom("S1.csv", list, PUBLISHED);
    let counts: Vec<Vec<u32>> = list
        .blocks
        .iter()
        .map(|b| b.digits.counts().collect())
        .collect();
    assert_eq!(counts, [vec![12], vec![11, 12]]);
    let blocks = Blocks::new([list]);
    let held = "allocated, Allocated, Made Up Telephone";
    assert_eq!(shown(&blocks, 441_212_345_678, PUBLISHED), held);
}

#[test]
fn an_allocation_is_asked_for_its_day() {
    let blocks = Blocks::new([mobiles()]);
    let at = |day| shown(&blocks, 447_400_123_456, day);
    assert!(at(day(2007, 3, 26)).starts_with("allocated,"));
    assert!(at(day(2007, 3, 25)).starts_with("not-yet-allocated,"));
    // What is free has no date, and the list may be younger than the day, or old.
    let free = |day| match blocks.lookup(number(447_400_023_456), day) {
        Some(BlockAnswer::Unallocated(block)) => (block.list_is_later(), block.list_age_days()),
        other => panic!("{other:?}"),
    };
    assert_eq!(free(PUBLISHED - 1), (true, -1));
    assert_eq!(free(PUBLISHED), (false, 0));
    assert_eq!(free(PUBLISHED + 1000), (false, 1000));
}

/// Three lists of mobiles, and one of other numbers, of other days.
fn over_time() -> Vec<BlockList> {
    let one = |status: &str| {
        format!(
            "NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date\n\
             7400 1,{status},,10 digit numbers,\n"
        )
    };
    vec![
        ofcom("first", &one("Free"), day(2020, 1, 1)),
        ofcom("second", &one("Allocated"), day(2021, 1, 1)),
        ofcom("third", &one("Quarantined"), day(2022, 1, 1)),
        ofcom(
            "other",
            &one("Reserved").replace("7400 1", "8431 2"),
            day(2023, 1, 1),
        ),
    ]
}

#[test]
fn of_lists_of_several_days_the_latest_before_counts() {
    let blocks = Blocks::new(over_time());
    for (asked, list, word, is_later) in [
        (day(2019, 12, 31), "first", "Free", true),
        (day(2020, 1, 1), "first", "Free", false),
        (day(2020, 12, 31), "first", "Free", false),
        (day(2021, 1, 1), "second", "Allocated", false),
        (day(2021, 12, 31), "second", "Allocated", false),
        (day(2022, 1, 1), "third", "Quarantined", false),
        (day(2030, 1, 1), "third", "Quarantined", false),
    ] {
        let answer = blocks.lookup(number(447_400_123_456), asked);
        let block = answer.and_then(BlockAnswer::block).expect("a block");
        let found = (
            block.list().name.as_str(),
            block.word(),
            block.list_is_later(),
        );
        assert_eq!(found, (list, word, is_later), "{asked}");
        // The list of other numbers replaced none of these, and is asked on all days.
        let other = shown(&blocks, 448_431_234_567, asked);
        assert_eq!(other, "unallocated, Reserved, -", "{asked}");
    }
}

#[test]
fn a_younger_list_of_one_area_code_replaces_no_other() {
    let older = OFFICE_CODES.replace("2025-09-12", "2024-01-01");
    let both = older.clone() + "807,235,\"Available\",\"N\",\"\",\"\",\"\",\"\",\r\n";
    let younger = OFFICE_CODES.replace("235,\"Available\"", "235,\"Not Available\"");
    let blocks = Blocks::new([dated("all", &both), dated("506", &younger)]);
    let before = PUBLISHED - 1;
    for (key, asked, expected) in [
        (15_062_355_678, before, "unallocated, Available, -"),
        (15_062_355_678, PUBLISHED, "unallocated, Not Available, -"),
        (18_072_355_678, before, "unallocated, Available, -"),
        (18_072_355_678, PUBLISHED, "unallocated, Available, -"),
    ] {
        assert_eq!(shown(&blocks, key, asked), expected, "{key} on {asked}");
    }
}

#[test]
fn area_codes_say_who_has_none() {
    let blocks = Blocks::new([dated("npa", AREA_CODES)]);
    let at = day(2020, 3, 4);
    for (key, asked, expected) in [
        (12_012_345_678, at, "unknown"),
        (12_002_345_678, at, "unallocated, Not assigned, -"),
        (12_022_345_678, at, "unallocated, Reserved, -"),
        (
            12_902_345_678,
            at,
            "unallocated, Not assignable: Expansion Code, -",
        ),
        (
            13_262_345_678,
            at,
            "not-yet-allocated, Assigned, not in service, -",
        ),
        (13_262_345_678, at + 4, "unknown"),
        (13_272_345_678, at, "unknown"),
        (12_032_345_678, at, "unknown"),
        (
            12_012_345_678,
            day(1946, 12, 31),
            "not-yet-allocated, Assigned, in service, -",
        ),
        (1_200_234_567, at, "unknown"),
    ] {
        assert_eq!(shown(&blocks, key, asked), expected, "{key} on {asked}");
    }
}

#[test]
fn office_codes_answer_before_area_codes() {
    // The older report knows no area code 506 at all.
    let blocks = Blocks::new([dated("npa", AREA_CODES), dated("cna", OFFICE_CODES)]);
    for (key, expected) in [
        (
            15_062_345_678,
            "allocated, In Service, Made Up Telephone, Inc.",
        ),
        (15_062_355_678, "unallocated, Available, -"),
        (15_062_365_678, "allocated, Stranded Code, -"),
        (15_062_115_678, "special-use, For Special Use, -"),
        (15_069_585_678, "special-use, Plant Test, -"),
        (15_062_375_678, "unallocated, Not assigned, -"),
    ] {
        assert_eq!(shown(&blocks, key, PUBLISHED), expected, "{key}");
    }
}

#[test]
fn bad_rows_are_told_with_line_and_reason() {
    let list = "\
        NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date,Notes\n\
        7400 1,Allocated,Made Up Mobile,10 digit numbers,31/04/2007,\n\
        7400 2x,Free,,10 digit numbers,,\n\
        ,Free,,10 digit numbers,,\n\
        0740,Free,,10 digit numbers,,\n\
        7400 3,Given Away,,10 digit numbers,,\n\
        7400 4,Free,,ten digits,,\n\
        7400 51,Free,,5 digit numbers,,\n\
        7400 6,Free\n\
        7400 7,Free,,10 digit numbers,,\n\
        7400 8,Free,\"unclosed,10 digit numbers,,\n\
        7400 9,Free,,10 digit numbers,,\n";
    let list = ofcom("S7.csv", list, PUBLISHED);
    let text = |text: &str| text.to_owned();
    let expected = [
        (
            2,
            LineFault::Date {
                text: text("31/04/2007"),
            },
        ),
        (
            3,
            LineFault::Block {
                text: text("7400 2x"),
            },
        ),
        (4, LineFault::Block { text: text("") }),
        (5, LineFault::Block { text: text("0740") }),
        (
            6,
            LineFault::Status {
                word: text("Given Away"),
            },
        ),
        (
            7,
            LineFault::Length {
                text: text("ten digits"),
            },
        ),
        (
            8,
            LineFault::Length {
                text: text("5 digit numbers"),
            },
        ),
        (
            9,
            LineFault::Fields {
                found: 2,
                needed: 4,
            },
        ),
        (11, LineFault::Quote { lines: 2 }),
    ];
    let found: Vec<_> = list
        .rejects
        .iter()
        .map(|r| (r.line, r.fault.clone()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(list.blocks.len(), 1);
    assert_eq!(list.rows, 10);
    let shifted = AREA_CODES.replace("NJ,US,Y", "NJ, near NY,US,Y");
    let list = BlockList::read("npa", shifted.as_bytes(), None).expect("a list");
    let word = text("IN_SERVICE US");
    assert_eq!(list.rejects.len(), 1);
    assert_eq!(list.rejects[0].line, 4);
    assert_eq!(list.rejects[0].fault, LineFault::Status { word });
}

#[test]
fn a_file_that_is_no_dated_list_is_refused() {
    let read = |content: &str, day| BlockList::read("file", content.as_bytes(), day);
    let code = |content, day| read(content, day).expect_err("refused").code();
    assert_eq!(code("", None), "numbers/unknown-block-list");
    assert_eq!(code("a,b\n1,2\n", Some(0)), "numbers/unknown-block-list");
    assert_eq!(code(MOBILES, None), "numbers/undated-block-list");
    assert_eq!(code(OFFICE_CODES, Some(0)), "numbers/block-list-day");
    let agreed = read(OFFICE_CODES, Some(PUBLISHED)).expect("the same day twice");
    assert_eq!(agreed.published, PUBLISHED);
    assert_eq!(dated("npa", AREA_CODES).published, day(2020, 3, 4));
    let undated = OFFICE_CODES.replace(",,,,,,,2025-09-12\r\n", "");
    let refused = read(&undated, None).expect_err("no day");
    assert!(matches!(refused, BlockListError::Undated { .. }));
}

#[test]
fn names_in_any_encoding_are_kept() {
    let mut content = vec![0xef, 0xbb, 0xbf];
    content.extend_from_slice(MOBILES.replace("Made Up", "Caf\u{e9}").as_bytes());
    let as_utf8 = BlockList::read("S7.csv", &content, Some(PUBLISHED)).expect("a list");
    let latin1: Vec<u8> = MOBILES
        .replace("Made Up", "Caf\u{e9}")
        .chars()
        .map(|c| u8::try_from(c).expect("Latin-1"))
        .collect();
    let as_latin1 = BlockList::read("S7.csv", &latin1, Some(PUBLISHED)).expect("a list");
    assert_eq!(as_utf8, as_latin1);
    assert_eq!(
        as_utf8.blocks[1].holder.as_deref(),
        Some("Caf\u{e9} Mobile Limited")
    );
}

/// What all lists say of some numbers on some days, where it comes from included.
fn all_shown(blocks: &Blocks) -> Vec<String> {
    let keys = [
        447_400_123_456,
        447_400_124_456,
        448_431_234_567,
        448_001_234_567,
        15_062_345_678,
        15_062_355_678,
        12_002_345_678,
    ];
    let days = [day(2006, 1, 1), day(2020, 6, 1), day(2021, 6, 1), PUBLISHED];
    let mut all = Vec::new();
    for key in keys {
        for day in days {
            all.push(format!("{:?}", blocks.lookup(number(key), day)));
        }
    }
    all
}

fn freephone(holder: &str) -> String {
    format!(
        "NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date\n\
         8001 2,Allocated,{holder} Freephone,10 digit numbers,\n"
    )
}

#[test]
fn the_order_of_lists_does_not_matter() {
    // Of one day: another name, and the same name with another content.
    let contested = MOBILES.replace("Quarantined", "Allocated");
    let mut lists = over_time();
    lists.extend([
        mobiles(),
        ofcom("S7 again.csv", &contested, PUBLISHED),
        ofcom("S7.csv", &MOBILES.replace("Made Up", "Another"), PUBLISHED),
        ofcom("S8.csv", &freephone("Made Up"), PUBLISHED),
        ofcom("S8.csv", &freephone("Another"), PUBLISHED),
        dated("npa", AREA_CODES),
        dated("cna", OFFICE_CODES),
    ]);
    let expected = all_shown(&Blocks::new(lists.clone()));
    let freephone = |shown: &String| shown.contains("Another Freephone");
    assert!(expected.iter().any(freephone), "{expected:?}");
    let winner = |shown: &String| shown.contains("Allocated(") && shown.contains("S7 again.csv");
    assert!(expected.iter().any(winner), "{expected:?}");
    let mut draw = Draw::new(1);
    for _ in 0..50 {
        for at in (1..lists.len()).rev() {
            lists.swap(at, draw.below(at + 1));
        }
        assert_eq!(all_shown(&Blocks::new(lists.clone())), expected);
    }
}

#[test]
fn a_block_that_is_listed_twice_is_not_called_nobodys() {
    let twice = format!("{MOBILES}7400 12 4,Allocated,Made Up Mobile,10 digit numbers,\r\n");
    let blocks = Blocks::new([ofcom("S7.csv", &twice, PUBLISHED)]);
    let answer = shown(&blocks, 447_400_124_456, PUBLISHED);
    assert_eq!(answer, "allocated, Allocated, Made Up Mobile");
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(
        mut content in proptest::collection::vec(any::<u8>(), 0..300),
        start in 0..4_usize,
        cut in any::<prop::sample::Index>(),
        asked in 1_000..1_000_000_000_000_000_000_u64,
        day in any::<Day>(),
    ) {
        let whole = ["", MOBILES, AREA_CODES, OFFICE_CODES][start].as_bytes();
        let mut file = whole[..cut.index(whole.len() + 1)].to_vec();
        file.append(&mut content);
        if let Ok(list) = BlockList::read("any", &file, Some(0)) {
            prop_assert_eq!(list.rows, list.blocks.len() + list.rejects.len());
            let blocks = Blocks::new([list]);
            for key in [asked, 447_400_123_456, 15_062_345_678] {
                let answer = blocks.lookup(number(key), day);
                let held = answer.and_then(BlockAnswer::block);
                prop_assert!(held.is_none_or(|held| key.to_string().starts_with(&held.prefix().to_string())));
            }
        }
    }

    #[test]
    fn the_table_answers_as_a_search_of_all_lines_does(
        lines in proptest::collection::vec(("[1-3][1-2]{0,9}", any::<bool>(), 9..=10_u32), 1..60),
        asked in proptest::collection::vec("[1-3][1-2]{6,10}", 60),
    ) {
        let mut file = String::from(
            "NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date\n",
        );
        let mut truth: BTreeMap<&str, (bool, u32)> = BTreeMap::new();
        for (prefix, is_allocated, length) in &lines {
            let length = (*length).max(prefix.len() as u32);
            if truth.insert(prefix, (*is_allocated, length)).is_some() {
                return Err(TestCaseError::reject("a block twice"));
            }
            let status = if *is_allocated { "Allocated" } else { "Free" };
            file += &format!("{prefix},{status},,{length} digit numbers,\n");
        }
        let blocks = Blocks::new([ofcom("any", &file, 0)]);
        for national in &asked {
            let key: u64 = format!("44{national}").parse().expect("digits");
            let expected = (1..=national.len())
                .rev()
                .filter_map(|count| truth.get_key_value(national.get(..count)?))
                .find(|(_, (_, length))| *length as usize == national.len());
            let found = blocks.lookup(number(key), 0);
            let found = found.and_then(BlockAnswer::block).map(|block| {
                (block.prefix().to_string(), block.status() == BlockStatus::Allocated)
            });
            let expected = expected.map(|(prefix, (allocated, _))| (format!("44{prefix}"), *allocated));
            prop_assert_eq!(found, expected, "{}", national);
        }
    }
}

/// A folder of the data that nobody here wrote, if it is there.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn shared_data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("UNSPOOF_SHARED_DATA")
        .map_or("../../../shared/data".into(), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    let why = format!("`{name}` is not there: set UNSPOOF_SHARED_DATA to the folder that holds it");
    assert!(
        !std::env::var("CI").is_ok_and(|ci| ci == "true"),
        "under CI=true: {why}"
    );
    eprintln!("LEFT OUT: {why}");
    None
}

/// A block as a plain look at its line has it: digits, how many its numbers have, is it allocated.
#[derive(Clone)]
struct Seen {
    prefix: String,
    digits: usize,
    /// None for what is neither, such as codes for services and area codes without more.
    allocated: Option<bool>,
}

fn seen_ofcom(line: &str) -> Seen {
    let cells: Vec<&str> = line.split(',').collect();
    let national: usize = cells
        .iter()
        .find_map(|cell| cell.strip_suffix(" digit numbers"))
        .and_then(|digits| digits.parse().ok())
        .expect("a length");
    Seen {
        prefix: format!("44{}", cells[0].replace(' ', "")),
        digits: 2 + national,
        allocated: Some(cells[1].starts_with("Allocated")),
    }
}

fn seen_area_code(line: &str) -> Seen {
    let cells: Vec<&str> = line.split(',').collect();
    Seen {
        prefix: format!("1{}", cells[0]),
        digits: 11,
        allocated: (cells[5] == "No").then_some(false),
    }
}

fn seen_office_code(line: &str) -> Seen {
    let cells: Vec<&str> = line.split(',').map(|cell| cell.trim_matches('"')).collect();
    Seen {
        prefix: format!("1{}{}", cells[0], cells[1]),
        digits: 11,
        allocated: match cells[2] {
            "In Service" | "Assigned" | "Being Recovered" | "Stranded Code" => Some(true),
            "For Special Use" | "Plant Test" | "TBP Test Code" => None,
            _ => Some(false),
        },
    }
}

fn drawn(draw: &mut Draw, seen: &Seen) -> u64 {
    let rest = draw.digits(seen.digits - seen.prefix.len());
    format!("{}{rest}", seen.prefix).parse().expect("digits")
}

/// Numbers drawn from blocks of each kind and list.
const DRAWN: usize = 50_000;

#[test]
fn the_regulators_lists_are_answered_from() {
    let Some(folder) = shared_data("numbering") else {
        return;
    };
    type See = fn(&str) -> Seen;
    let files: [(&str, usize, See); 7] = [
        ("ofcom/S3.csv", 1, seen_ofcom),
        ("ofcom/S5.csv", 1, seen_ofcom),
        ("ofcom/S7.csv", 1, seen_ofcom),
        ("ofcom/S8.csv", 1, seen_ofcom),
        ("ofcom/S9.csv", 1, seen_ofcom),
        ("nanp/NANPA_npa_report_2020-03-04.csv", 2, seen_area_code),
        (
            "nanp/CNA_COCodeStatus_ALL_2025-09-12.csv",
            2,
            seen_office_code,
        ),
    ];
    let mut lists = Vec::new();
    let mut seen: Vec<(&str, Vec<Seen>)> = Vec::new();
    for (name, headings, see) in files {
        let content = fs::read(folder.join(name)).expect("a list");
        let published = name.starts_with("ofcom").then_some(PUBLISHED);
        let list = BlockList::read(name, &content, published).expect("a list");
        assert_eq!(list.rejects, [], "{name}");
        let text = String::from_utf8_lossy(&content);
        let blocks: Vec<Seen> = text.lines().skip(headings).map(see).collect();
        assert_eq!(list.blocks.len(), blocks.len(), "{name}");
        lists.push(list);
        seen.push((name, blocks));
    }
    let together = Blocks::new(lists.clone());
    // An area code that the Canadian list speaks of is not drawn from: that list is the younger.
    let canadian = seen[6].1.clone();
    let is_canadian = |area: &Seen| {
        canadian
            .iter()
            .any(|one| one.prefix.starts_with(&area.prefix))
    };
    seen[5].1.retain(|area| !is_canadian(area));
    let mut draw = Draw::new(20_250_912);
    for ((name, blocks), list) in seen.into_iter().zip(lists) {
        let alone = Blocks::new([list]);
        for asked in [&alone, &together] {
            for allocated in [false, true] {
                let of_kind: Vec<&Seen> = blocks
                    .iter()
                    .filter(|one| one.allocated == Some(allocated))
                    .collect();
                if of_kind.is_empty() {
                    assert!(name.contains("NANPA"), "{name} has both");
                    continue;
                }
                let mut called = BTreeMap::<&str, usize>::new();
                for _ in 0..DRAWN {
                    let block = *draw.of(&of_kind);
                    let key = drawn(&mut draw, block);
                    let answer = asked.lookup(number(key), PUBLISHED);
                    *called
                        .entry(answer.map_or("unknown", BlockAnswer::as_str))
                        .or_default() += 1;
                }
                let times = |word| called.get(word).copied().unwrap_or_default();
                if allocated {
                    assert_eq!(times("unallocated"), 0, "{name}: {called:?}");
                    assert_eq!(times("allocated"), DRAWN, "{name}: {called:?}");
                } else {
                    assert!(
                        times("unallocated") * 1_000 >= DRAWN * 999,
                        "{name}: {called:?}"
                    );
                }
            }
        }
    }
    // S1 is not there, nor any list of US office codes, nor of other countries.
    for outside in [
        "4412", "442", "444", "446", "1201", "1212", "1800", "33", "2", "350",
    ] {
        for digits in [11, 12] {
            let prefix = outside.into();
            let block = Seen {
                prefix,
                digits,
                allocated: None,
            };
            for _ in 0..DRAWN / 20 {
                let key = drawn(&mut draw, &block);
                let answer = together.lookup(number(key), PUBLISHED);
                let is_unknown = matches!(answer, None | Some(BlockAnswer::Drama(_)));
                assert!(is_unknown, "{answer:?}");
            }
        }
    }
}
