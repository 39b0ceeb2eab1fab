//! Numbers that are called: pools of them, and the many ways in which people write a number.

use crate::blocks::{AU, Block, CA, DE, FR, GB_MOBILE, GB_OTHER, IE, SE, US_AREAS, us_block};
use crate::clock::push_decimal;
use crate::dirt::Dirt;
use crate::draw::{Draw, Purpose, Shuffle};
use crate::preset::Size;

/// Every number that may be called, by a dense id: home mobiles, other home numbers, then abroad.
pub(crate) struct Pool {
    numbers: Vec<u64>,
    /// First id of home's mobiles (0), of its other numbers, of the regions from 1 on, and the end.
    firsts: Vec<u32>,
}

impl Pool {
    pub(crate) fn new(seed: u64, size: &Size) -> Self {
        let mut draw = Draw::new(seed, Purpose::Layout, 0);
        let us: Vec<Block> = US_AREAS.iter().map(|&area| us_block(area)).collect();
        let groups: [(&[Block], u32); 9] = [
            (GB_MOBILE, size.mobile_numbers),
            (GB_OTHER, size.other_home_numbers),
            (&us, u32::MAX),
            (CA, u32::MAX),
            (FR, u32::MAX),
            (DE, u32::MAX),
            (SE, u32::MAX),
            (AU, u32::MAX),
            (IE, u32::MAX),
        ];
        let mut numbers = Vec::new();
        let mut firsts = Vec::new();
        for (blocks, wanted) in groups {
            firsts.push(numbers.len() as u32);
            let all: u64 = blocks.iter().map(|block| u64::from(block.1)).sum();
            let shuffle = Shuffle::new(&mut draw, all);
            let wanted = u64::from(wanted)
                .min(all)
                .min(400_000.max(size.mobile_numbers.into()));
            numbers.extend((0..wanted).map(|id| nth(blocks, shuffle.at(id))));
        }
        firsts.push(numbers.len() as u32);
        Self { numbers, firsts }
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn number(&self, id: u32) -> u64 {
        self.numbers[id as usize]
    }

    /// Ids of home's mobile numbers.
    pub(crate) fn home_mobiles(&self) -> std::ops::Range<u32> {
        self.firsts[0]..self.firsts[1]
    }

    /// Ids of home's other numbers.
    pub(crate) fn home_others(&self) -> std::ops::Range<u32> {
        self.firsts[1]..self.firsts[2]
    }

    /// Ids of a region other than home.
    pub(crate) fn abroad(&self, region: u8) -> std::ops::Range<u32> {
        let group = usize::from(region) + 1;
        self.firsts[group]..self.firsts[group + 1]
    }

    /// Id of a victim: mobiles first, as [`Size`] counts them.
    pub(crate) fn victim(&self, size: &Size, victim: u32) -> u32 {
        if victim < size.mobile_victims {
            victim
        } else {
            self.firsts[1] + victim - size.mobile_victims
        }
    }
}

fn nth(blocks: &[Block], mut index: u64) -> u64 {
    for &(first, count) in blocks {
        if index < u64::from(count) {
            return first + index;
        }
        index -= u64::from(count);
    }
    0
}

/// A way of writing a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Plus,
    ZeroZero,
    Bare,
    National,
    Spaced,
    Dotted,
    Bracketed,
    Idd011,
    Tech1141,
    Clir31,
    Star67,
}

const FORMS: [Form; 32] = {
    use Form::{
        Bare, Bracketed, Clir31, Dotted, Idd011, National, Plus, Spaced, Star67, Tech1141, ZeroZero,
    };
    [
        Plus, Plus, Plus, Plus, Plus, Plus, Plus, Plus, ZeroZero, ZeroZero, ZeroZero, ZeroZero,
        ZeroZero, Bare, Bare, Bare, Bare, Bare, Bare, Bare, Bare, National, National, National,
        National, Spaced, Dotted, Bracketed, Idd011, Tech1141, Clir31, Star67,
    ]
};

impl Form {
    pub(crate) fn drawn(draw: &mut Draw) -> Self {
        FORMS[(draw.u32() >> 27) as usize]
    }

    /// Draws a form that a person, not a switch, would write.
    pub(crate) fn by_hand(draw: &mut Draw) -> Self {
        *draw.pick(&[
            Self::Plus,
            Self::ZeroZero,
            Self::Bare,
            Self::National,
            Self::National,
            Self::National,
            Self::Spaced,
            Self::Dotted,
            Self::Bracketed,
        ])
    }

    /// The dirt that this form is.
    pub(crate) const fn dirt(self) -> Option<Dirt> {
        match self {
            Self::Plus => None,
            Self::ZeroZero => Some(Dirt::Prefix00),
            Self::Bare => Some(Dirt::BareInternational),
            Self::National => Some(Dirt::NationalForm),
            Self::Spaced => Some(Dirt::Spaces),
            Self::Dotted => Some(Dirt::Dots),
            Self::Bracketed => Some(Dirt::Brackets),
            Self::Idd011 => Some(Dirt::Prefix011),
            Self::Tech1141 => Some(Dirt::Prefix1141),
            Self::Clir31 => Some(Dirt::PrefixClir31),
            Self::Star67 => Some(Dirt::PrefixStar67),
        }
    }
}

/// Appends a number as written in a form, and says which form it was in the end: a national form
/// exists at home alone, and not where it would begin with `011`, which dials out of North America.
pub(crate) fn push_number(out: &mut Vec<u8>, number: u64, form: Form) -> Form {
    let mut digits = [0_u8; 20];
    let digits = decimal(number, &mut digits);
    let (code, national) = digits.split_at(code_len(digits));
    let home = code == b"44";
    let national_form = home && !national.starts_with(b"11");
    let form = if form == Form::National && !national_form {
        Form::Plus
    } else {
        form
    };
    let prefix: &[u8] = match form {
        Form::Plus => b"+",
        Form::ZeroZero => b"00",
        Form::Bare => b"",
        Form::Idd011 => b"011",
        Form::Tech1141 => b"1141",
        Form::Clir31 => b"#31#+",
        Form::Star67 => b"*67",
        Form::National => {
            out.push(b'0');
            out.extend_from_slice(national);
            return form;
        }
        Form::Spaced => {
            push_international(out, code);
            push_groups(out, national, b' ');
            return form;
        }
        Form::Dotted if national_form => {
            out.push(b'0');
            push_groups(out, national, b'.');
            return form;
        }
        Form::Dotted => {
            out.push(b'+');
            out.extend_from_slice(code);
            out.push(b'.');
            push_groups(out, national, b'.');
            return form;
        }
        Form::Bracketed if home => {
            out.extend_from_slice(b"+44 (0)");
            push_groups(out, national, b' ');
            return form;
        }
        Form::Bracketed => {
            let (area, rest) = national.split_at(area_len(code));
            push_international(out, code);
            out.push(b'(');
            out.extend_from_slice(area);
            out.extend_from_slice(b") ");
            push_groups(out, rest, b'-');
            return form;
        }
    };
    out.extend_from_slice(prefix);
    out.extend_from_slice(digits);
    form
}

fn push_international(out: &mut Vec<u8>, code: &[u8]) {
    out.push(b'+');
    out.extend_from_slice(code);
    out.push(b' ');
}

/// Appends digits in groups of three or four, the last of them four or five long.
fn push_groups(out: &mut Vec<u8>, digits: &[u8], between: u8) {
    let mut rest = digits;
    while rest.len() > 5 {
        let (group, after) = rest.split_at(3);
        out.extend_from_slice(group);
        out.push(between);
        rest = after;
    }
    out.extend_from_slice(rest);
}

fn decimal(number: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut at = buffer.len();
    let mut rest = number;
    while rest > 0 && at > 0 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    &buffer[at..]
}

/// Length of the country code, for the codes that the lab's blocks use.
fn code_len(digits: &[u8]) -> usize {
    match digits {
        [b'1', ..] => 1,
        [b'3', b'5', ..] => 3,
        _ => 2.min(digits.len()),
    }
}

const fn area_len(code: &[u8]) -> usize {
    match code {
        b"1" => 3,
        b"33" | b"61" => 1,
        _ => 2,
    }
}

/// Returns `+` and the digits.
pub(crate) fn e164_text(number: u64) -> String {
    let mut out = vec![b'+'];
    push_decimal(&mut out, number);
    String::from_utf8_lossy(&out).into_owned()
}

/// Called numbers that nobody can reach: too long, too short, or of no country.
pub(crate) const IMPOSSIBLE: [&[u8]; 6] = [
    b"+440000000000000",
    b"44740870123456",
    b"+99912345678",
    b"+1202555",
    b"0044740870001234567",
    b"999999999999999999",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: u64, form: Form) -> String {
        let mut out = Vec::new();
        push_number(&mut out, number, form);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn a_number_is_written_in_each_form() {
        let mobile = 447_700_900_123;
        for (form, expected) in [
            (Form::Plus, "+447700900123"),
            (Form::ZeroZero, "00447700900123"),
            (Form::Bare, "447700900123"),
            (Form::National, "07700900123"),
            (Form::Spaced, "+44 770 090 0123"),
            (Form::Dotted, "0770.090.0123"),
            (Form::Bracketed, "+44 (0)770 090 0123"),
            (Form::Idd011, "011447700900123"),
            (Form::Tech1141, "1141447700900123"),
            (Form::Clir31, "#31#+447700900123"),
            (Form::Star67, "*67447700900123"),
        ] {
            assert_eq!(written(mobile, form), expected);
        }
        assert_eq!(
            written(12_025_550_123, Form::Bracketed),
            "+1 (202) 555-0123"
        );
        assert_eq!(written(12_025_550_123, Form::National), "+12025550123");
    }

    #[test]
    fn a_national_form_never_looks_like_011() {
        assert_eq!(written(441_134_960_123, Form::National), "+441134960123");
        assert_eq!(written(441_134_960_123, Form::Dotted), "+44.113.496.0123");
    }
}
