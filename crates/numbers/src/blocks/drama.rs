//! Ranges that regulators keep free for fiction: no subscriber ever has one of these numbers.

/// A range of numbers for use in fiction.
#[derive(Debug, PartialEq, Eq)]
pub struct DramaRange {
    /// What is reserved, as people write it.
    pub range: &'static str,
    /// Who reserved it, and where that is published.
    pub source: &'static str,
}

const OFCOM: &str = "Ofcom, Telephone numbers for use in TV and radio drama programmes";

const fn ofcom(range: &'static str) -> DramaRange {
    DramaRange {
        range,
        source: OFCOM,
    }
}

/// The United Kingdom's ranges of a thousand numbers: the digits that all their numbers start with.
pub(super) static UK: [(u64, DramaRange); 20] = [
    (441_134_960, ofcom("0113 496 0000 to 0999 (Leeds)")),
    (441_144_960, ofcom("0114 496 0000 to 0999 (Sheffield)")),
    (441_154_960, ofcom("0115 496 0000 to 0999 (Nottingham)")),
    (441_164_960, ofcom("0116 496 0000 to 0999 (Leicester)")),
    (441_174_960, ofcom("0117 496 0000 to 0999 (Bristol)")),
    (441_184_960, ofcom("0118 496 0000 to 0999 (Reading)")),
    (441_214_960, ofcom("0121 496 0000 to 0999 (Birmingham)")),
    (441_314_960, ofcom("0131 496 0000 to 0999 (Edinburgh)")),
    (441_414_960, ofcom("0141 496 0000 to 0999 (Glasgow)")),
    (441_514_960, ofcom("0151 496 0000 to 0999 (Liverpool)")),
    (441_614_960, ofcom("0161 496 0000 to 0999 (Manchester)")),
    (441_632_960, ofcom("01632 960000 to 960999 (no area)")),
    (
        441_914_980,
        ofcom("0191 498 0000 to 0999 (Tyneside, Durham, Sunderland)"),
    ),
    (442_079_460, ofcom("020 7946 0000 to 0999 (London)")),
    (
        442_896_496,
        ofcom("028 9649 6000 to 6999 (Northern Ireland)"),
    ),
    (442_920_180, ofcom("029 2018 0000 to 0999 (Cardiff)")),
    (443_069_990, ofcom("03069 990000 to 990999 (UK wide)")),
    (447_700_900, ofcom("07700 900000 to 900999 (mobile)")),
    (448_081_570, ofcom("08081 570000 to 570999 (freephone)")),
    (449_098_790, ofcom("0909 879 0000 to 0999 (premium rate)")),
];
/// How many digits each entry of [`UK`] has.
pub(super) const UK_PREFIX_DIGITS: u32 = 9;

static NANP: DramaRange = DramaRange {
    range: "555-0100 to 555-0199 of a geographic area code",
    source: "NANPA and ATIS-0300115, 555 NXX Line Number Reference Document",
};

/// Finds the range for fiction that a number of the North American plan lies in.
///
/// `key` is the whole number: 1, the area code and seven digits. Codes for services, toll-free ones
/// among them, have lines of their own and are left out.
#[inline]
pub(super) fn nanp(key: u64) -> Option<&'static DramaRange> {
    if key / 10_000_000_000 != 1 || key % 10_000_000 / 100 != 55_501 {
        return None;
    }
    is_geographic(key / 10_000_000 % 1_000).then_some(&NANP)
}

/// Tells area codes of places from those of services: toll-free, personal, premium and the like.
///
/// Codes whose last two digits are alike are "easily recognizable" and never geographic; `N9X` waits
/// for longer numbers; the rest are the codes that NANPA's report gives the use `N`.
fn is_geographic(area_code: u64) -> bool {
    let [first, second, third] = [area_code / 100, area_code / 10 % 10, area_code % 10];
    let for_services = matches!(
        area_code,
        456 | 521..=529
            | 532
            | 535
            | 538
            | 542
            | 543
            | 545..=547
            | 549
            | 550
            | 552..=554
            | 556
            | 558
            | 569
            | 578
            | 589
            | 710
            | 880..=889
    );
    first >= 2 && second != third && second != 9 && !for_services
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hundred_lines_and_no_more() {
        for (key, expected) in [
            (12_125_550_100, true),
            (12_125_550_199, true),
            (12_125_550_099, false),
            (12_125_550_200, false),
            (18_005_550_199, false),
            (18_005_550_198, false),
            (18_335_550_100, false),
            (15_215_550_100, false),
            (12_915_550_100, false),
            (11_235_550_100, false),
            (447_700_900_123, false),
            (2_125_550_100, false),
            (112_125_550_100, false),
        ] {
            assert_eq!(nanp(key).is_some(), expected, "{key}");
        }
    }

    #[test]
    fn ranges_are_in_order_and_of_one_length() {
        assert!(UK.is_sorted_by_key(|(prefix, _)| *prefix));
        for (prefix, range) in &UK {
            assert_eq!(prefix.ilog10() + 1, UK_PREFIX_DIGITS, "{}", range.range);
            let digits: String = range.range.chars().filter(char::is_ascii_digit).collect();
            assert!(
                digits.starts_with(&format!("0{}", prefix % 10_000_000)),
                "{}",
                range.range
            );
        }
    }
}
