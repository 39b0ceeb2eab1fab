//! What raw values are read as.

mod blocks;
mod inputs;
mod laws;
mod official;
mod original;
mod peers;
mod same_answers;
mod whole;

use unspoof_numbers::{Context, NumberType, PhoneNumber, Reader, Status};

fn service() -> Reader {
    Reader::new(Context {
        default_region: "GB".parse().ok(),
        candidate_regions: Vec::new(),
        international_prefixes: vec!["00".into(), "011".into()],
        technical_prefixes: vec!["1141".into(), "#31#".into(), "*67".into(), "9".into()],
        bare_is_international: true,
    })
}

fn shown(raw: &str) -> String {
    let reading = service().read(raw.as_bytes());
    format!(
        "{} {} {} {}",
        reading.status.as_str(),
        reading
            .number
            .map_or_else(|| "-".into(), PhoneNumber::reveal),
        reading.region.map_or_else(|| "-".into(), |r| r.to_string()),
        reading.kind.map_or("-", NumberType::as_str),
    )
}

#[test]
fn one_number_in_all_its_forms() {
    let forms = [
        "+442079460123",
        "00442079460123",
        "011442079460123",
        "442079460123",
        "020 7946 0123",
        "(020) 7946-0123",
        "+44 (0)20 7946 0123",
        "#31#02079460123",
        "*67442079460123",
        "1141+442079460123",
        "9#31#02079460123",
        "sip:+442079460123@example.org",
        "\"Accounts\" <02079460123>",
        "tel:+44-20-7946-0123",
    ];
    for form in forms {
        assert_eq!(shown(form), "valid +442079460123 GB fixed-line", "{form}");
    }
}

#[test]
fn a_home_number_is_not_taken_for_an_international_prefix() {
    // 0113 is Leeds, and 011 is how North America dials abroad.
    assert_eq!(shown("01134960123"), "valid +441134960123 GB fixed-line");
    assert_eq!(
        shown("0111-212-555-0123"),
        "valid +12125550123 US fixed-line-or-mobile"
    );
}

#[test]
fn what_is_no_number_is_told_apart() {
    assert_eq!(shown(""), "missing - - -");
    assert_eq!(shown("Anonymous"), "withheld - - -");
    assert_eq!(shown("NORTHBANK"), "alphanumeric - - -");
    assert_eq!(shown("Bank24"), "alphanumeric - - -");
    assert_eq!(shown("60777"), "short-code - - -");
    assert_eq!(shown("12"), "extension - - -");
    assert_eq!(shown("+4412"), "impossible - - -");
    assert_eq!(shown("00000000000000000000"), "impossible - - -");
    assert_eq!(shown("+447700900123"), "possible +447700900123 GB -");
}

#[test]
fn a_leading_zero_of_a_national_number_is_kept() {
    assert_eq!(
        shown("+39 06 5550 1234"),
        "valid +390655501234 IT fixed-line"
    );
}

#[test]
fn without_a_region_a_national_number_stays_unread() {
    let reading = Reader::new(Context::default()).read(b"020 7946 0123");
    assert_eq!((reading.number, reading.status), (None, Status::Impossible));
}

#[test]
fn a_prefix_of_nothing_is_no_prefix() {
    let mut reader = Reader::new(Context {
        technical_prefixes: vec![String::new(), "9".into()],
        ..Context::default()
    });
    assert_eq!(reader.read(b"9+442079460123").status, Status::Valid);
    assert_eq!(reader.read(b"12345678").status, Status::Impossible);
}

#[test]
fn the_cache_changes_no_answer() {
    let mut reader = service();
    for round in 0..2 {
        for n in 0..2000 {
            // What is plainly written is not remembered.
            let raw = format!("<0207946{:04}>", n % 1000);
            let reading = reader.read(raw.as_bytes());
            assert_eq!(reading, service_once(&raw), "round {round}, {raw}");
        }
    }
}

fn service_once(raw: &str) -> unspoof_numbers::Reading {
    thread_local! {
        static FRESH: std::cell::RefCell<Vec<(String, unspoof_numbers::Reading)>> =
            const { std::cell::RefCell::new(Vec::new()) };
    }
    FRESH.with_borrow_mut(|known| {
        if let Some((_, reading)) = known.iter().find(|(text, _)| text == raw) {
            return *reading;
        }
        // Over 30 bytes a value is never remembered: spaces make it long and mean nothing.
        let reading = service().read(format!("{raw}{}", " ".repeat(30)).as_bytes());
        known.push((raw.to_owned(), reading));
        reading
    })
}

/// Digits that are a number of one region and another of the next.
#[test]
fn an_ambiguous_number_keeps_all_its_readings() {
    let region = |name: &str| name.parse().expect("a region");
    let mut reader = Reader::new(Context {
        candidate_regions: vec![region("US"), region("DE")],
        ..Context::default()
    });
    let shown = |reader: &mut Reader, raw: &[u8]| -> Vec<String> {
        let readings = reader.readings(raw);
        let numbers = readings.iter().filter_map(|reading| reading.number);
        numbers.map(PhoneNumber::reveal).collect()
    };
    // An American number for drama reads as one of Wuppertal as well.
    let raw = b"202 555 0143";
    assert_eq!(shown(&mut reader, raw), ["+12025550143", "+492025550143"]);
    let read = reader.read(raw);
    assert_eq!((read.status, read.number), (Status::Ambiguous, None));
    // Valid in one of them only: no doubt.
    let german = b"0202 555 0143";
    assert_eq!(shown(&mut reader, german), ["+492025550143"]);
    assert_eq!(reader.read(german).status, Status::Valid);
    // With its country code a number is itself wherever it was dialled.
    assert_eq!(shown(&mut reader, b"+1 202 555 0143"), ["+12025550143"]);
    assert_eq!(reader.read(b"anonymous").status, Status::Withheld);
    // A region that is given as the default is one of them, and no better.
    let mut reader = Reader::new(Context {
        default_region: Some(region("DE")),
        candidate_regions: vec![region("US"), region("DE")],
        ..Context::default()
    });
    assert_eq!(shown(&mut reader, raw), ["+492025550143", "+12025550143"]);
    // One candidate is as good as a default.
    let mut reader = Reader::new(Context {
        candidate_regions: vec![region("US")],
        ..Context::default()
    });
    assert_eq!(shown(&mut reader, raw), ["+12025550143"]);
    assert_eq!(reader.read(raw).status, Status::Valid);
}
