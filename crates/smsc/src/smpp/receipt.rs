//! Delivery receipts, as many centres write them (SMPP 3.4, appendix B; 5.3.2).

use super::faults::{Chance, Faults, Form, Ids};
use super::wire;

/// A receipt that is to be sent.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    pub(super) account: String,
    /// The line that the message came on.
    pub(super) line: u64,
    pub(super) elsewhere: bool,
    pub(super) due_ms: u64,
    /// The body of its `deliver_sm`.
    pub(super) body: Vec<u8>,
}

/// Writes an id as an answer names it.
pub(super) fn id(number: u64, ids: Ids) -> String {
    match ids {
        Ids::HexForDecimal => number.to_string(),
        Ids::Same | Ids::DecimalForHex | Ids::Zeros | Ids::Capitals => format!("{number:x}"),
    }
}

fn id_again(number: u64, ids: Ids) -> String {
    match ids {
        Ids::Same | Ids::HexForDecimal => format!("{number:x}"),
        Ids::DecimalForHex => number.to_string(),
        Ids::Zeros => format!("{number:0>12x}"),
        Ids::Capitals => format!("{number:X}"),
    }
}

/// Writes the body of a receipt for a message.
pub(super) fn body(
    faults: &Faults,
    chance: &mut Chance,
    number: u64,
    submit: &wire::Submit<'_>,
    at_us: i64,
) -> Vec<u8> {
    let of = &faults.receipts;
    let mut drawn = chance.below(1000);
    let mut state = (2, "DELIVRD", "000");
    for (share, other) in [
        (of.undelivered, (5, "UNDELIV", "001")),
        (of.expired, (3, "EXPIRED", "027")),
        (of.rejected, (8, "REJECTD", "011")),
        (of.unknown, (7, "UNKNOWN", "999")),
    ] {
        if drawn < u64::from(share) {
            state = other;
            break;
        }
        drawn -= u64::from(share);
    }
    let (octet, word, code) = state;
    let id = id_again(number, of.ids);
    let date = date(at_us);
    let dlvrd = u8::from(octet == 2);
    let text = match of.form {
        Form::Tlv => String::new(),
        Form::Both | Form::Text => format!(
            "id:{id} sub:001 dlvrd:00{dlvrd} submit date:{date} done date:{date} stat:{word} err:{code} text:"
        ),
    };
    let mut body = Vec::with_capacity(200);
    body.push(0);
    for (ton, npi, address) in [submit.to, submit.from] {
        body.extend_from_slice(&[ton, npi]);
        wire::put_string(&mut body, address);
    }
    body.extend_from_slice(&[4, 0, 0, 0, 0, 0, 0, 0, 0]);
    body.push(u8::try_from(text.len()).unwrap_or(0));
    body.extend_from_slice(text.as_bytes());
    if of.form != Form::Text {
        let mut ended = id.into_bytes();
        ended.push(0);
        wire::put_tlv(&mut body, 0x001e, &ended);
        wire::put_tlv(&mut body, 0x0427, &[octet]);
    }
    body
}

/// Writes `YYMMDDhhmm` (days to dates after Howard Hinnant, `civil_from_days`).
fn date(at_us: i64) -> String {
    let minutes = at_us.div_euclid(60_000_000);
    let (days, minute) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let moved = (5 * of_year + 2) / 153;
    let day = of_year - (153 * moved + 2) / 5 + 1;
    let month = if moved < 10 { moved + 3 } else { moved - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{:02}{month:02}{day:02}{:02}{:02}",
        year.rem_euclid(100),
        minute / 60,
        minute % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "7001010000");
        assert_eq!(date(1_669_291_200_000_000), "2211241200");
        assert_eq!(date(1_709_251_140_000_000), "2402292359");
    }

    #[test]
    fn ids_are_written_in_every_way() {
        let number = 0x1000_00af;
        for (ids, first, again) in [
            (Ids::Same, "100000af", "100000af"),
            (Ids::DecimalForHex, "100000af", "268435631"),
            (Ids::HexForDecimal, "268435631", "100000af"),
            (Ids::Zeros, "100000af", "0000100000af"),
            (Ids::Capitals, "100000af", "100000AF"),
        ] {
            assert_eq!(
                (id(number, ids).as_str(), id_again(number, ids).as_str()),
                (first, again)
            );
        }
    }
}
