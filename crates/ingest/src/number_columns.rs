//! A raw number's columns: as written, and what was read of it.

use unspoof_numbers::{NumberType, PhoneNumber, Reader, Reading, Status};

use crate::charset::Charset;
use crate::part_columns::{Ints, ReadingCodes, Texts};

/// `raw`, `_e164`, `_status`, `_region`, `_type` and `_readings`.
pub(crate) struct NumberColumns {
    pub(crate) raw: Texts,
    pub(crate) keys: Ints,
    pub(crate) statuses: Texts,
    pub(crate) regions: Texts,
    pub(crate) kinds: Texts,
    pub(crate) readings: Texts,
    /// Readings by the code of their raw text, where all columns are codes: a number that is shown
    /// in every second call is read once a part.
    pub(crate) known: Vec<Option<ReadingCodes>>,
}

impl NumberColumns {
    /// Appends a row without a value.
    pub(crate) fn append_missing(&mut self) {
        self.raw.append_null();
        self.keys.append_option(None);
        self.statuses.append_word(Status::Missing.as_str());
        self.regions.append_null();
        self.kinds.append_null();
        self.readings.append_null();
    }

    /// Appends a row; an empty value is written as null where `is_null` says so, and read as empty.
    pub(crate) fn append(
        &mut self,
        bytes: &[u8],
        is_null: bool,
        charset: Charset,
        numbers: &mut Reader,
    ) {
        // Bytes that are no text are written as text that others may have written as such.
        if bytes.is_ascii() && !is_null && self.append_known(bytes, numbers) {
            return;
        }
        let mut buffer = String::new();
        match bytes {
            _ if is_null => self.raw.append_null(),
            ascii if ascii.is_ascii() => self.raw.append(ascii),
            bytes => self.raw.append(charset.text(bytes, &mut buffer).as_bytes()),
        }
        let reading = numbers.read(bytes);
        self.keys.append_option(key_of(&reading));
        self.statuses.append_word(reading.status.as_str());
        let region = reading.region.as_ref().map(|region| region.as_str());
        self.regions.append_option(region);
        match reading.kind.map(NumberType::as_str) {
            Some(kind) => self.kinds.append_word(kind),
            None => self.kinds.append_null(),
        }
        if reading.status == Status::Ambiguous {
            let all = numbers.readings(bytes).into_iter();
            let found = all.filter_map(|reading| reading.number);
            let found: Vec<String> = found.map(PhoneNumber::reveal).collect();
            self.readings.append(found.join(" ").as_bytes());
        } else {
            self.readings.append_null();
        }
    }

    /// Appends by codes, where all columns are codes and the value has one reading at most.
    fn append_known(&mut self, bytes: &[u8], numbers: &mut Reader) -> bool {
        let Self {
            raw: Texts::Codes(raw),
            keys: Ints::Codes(keys),
            statuses: Texts::Codes(statuses),
            regions: Texts::Codes(regions),
            kinds: Texts::Codes(kinds),
            readings,
            known,
        } = self
        else {
            return false;
        };
        let code = raw.code(bytes);
        if known.len() <= code as usize {
            known.resize(code as usize + 1, None);
        }
        let found = match known[code as usize] {
            Some(found) => found,
            None => {
                let reading = numbers.read(bytes);
                if reading.status == Status::Ambiguous {
                    return false;
                }
                let region = reading.region.as_ref().map(|region| region.as_str());
                let found = ReadingCodes {
                    key: key_of(&reading).map(|key| keys.code(key)),
                    status: statuses.word_code(reading.status.as_str()),
                    region: region.map(|region| regions.code(region.as_bytes())),
                    kind: reading.kind.map(|kind| kinds.word_code(kind.as_str())),
                };
                known[code as usize] = Some(found);
                found
            }
        };
        raw.push_code(code);
        match found.key {
            Some(key) => keys.push_code(key),
            None => keys.push_nulls(1),
        }
        statuses.push_code(found.status);
        for (column, code) in [(regions, found.region), (kinds, found.kind)] {
            match code {
                Some(code) => column.push_code(code),
                None => column.push_nulls(1),
            }
        }
        readings.append_null();
        true
    }
}

fn key_of(reading: &Reading) -> Option<i64> {
    let number = reading.number?;
    Some(i64::try_from(number.key()).expect("a key has eighteen digits at most"))
}
