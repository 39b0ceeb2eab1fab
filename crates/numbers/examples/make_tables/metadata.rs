//! Reads the metadata that `rlibphonenumber` carries: `phonemetadata.proto` in wire format.

use std::collections::BTreeMap;

/// What is known of one region, or of one calling code of no region.
#[derive(Default)]
pub(crate) struct Territory {
    pub(crate) id: String,
    pub(crate) country_code: u16,
    pub(crate) main_for_code: bool,
    pub(crate) same_mobile_and_fixed_line: bool,
    pub(crate) general: Description,
    /// In the order in which libphonenumber tries them, by field number.
    pub(crate) kinds: BTreeMap<u64, Description>,
    pub(crate) leading_digits: Option<String>,
    pub(crate) international_prefix: Option<String>,
    pub(crate) national_prefix: Option<String>,
    pub(crate) transform: String,
}

/// One kind of number of a territory.
#[derive(Default, Clone)]
pub(crate) struct Description {
    pub(crate) pattern: Option<String>,
    pub(crate) lengths: Vec<i32>,
    pub(crate) local_lengths: Vec<i32>,
}

impl Territory {
    /// Reads a `PhoneMetadataCollection`.
    pub(crate) fn read_all(bytes: &[u8]) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for field in Fields(bytes) {
            if let (1, Value::Bytes(bytes)) = field? {
                all.push(Self::read(bytes)?);
            }
        }
        Ok(all)
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut made = Self::default();
        for field in Fields(bytes) {
            match field? {
                (1, Value::Bytes(bytes)) => made.general = Description::read(bytes)?,
                (number @ (2..=8 | 21 | 25 | 28), Value::Bytes(bytes)) => {
                    made.kinds.insert(number, Description::read(bytes)?);
                }
                (9, Value::Bytes(bytes)) => made.id = text(bytes)?,
                (10, Value::Number(code)) => {
                    made.country_code = u16::try_from(code).map_err(|e| e.to_string())?;
                }
                (11, Value::Bytes(bytes)) => made.international_prefix = Some(text(bytes)?),
                (15, Value::Bytes(bytes)) => made.national_prefix = Some(text(bytes)?),
                (16, Value::Bytes(bytes)) => made.transform = text(bytes)?,
                (18, Value::Number(same)) => made.same_mobile_and_fixed_line = same != 0,
                (22, Value::Number(main)) => made.main_for_code = main != 0,
                (23, Value::Bytes(bytes)) => made.leading_digits = Some(text(bytes)?),
                _ => {}
            }
        }
        Ok(made)
    }
}

impl Description {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut made = Self::default();
        for field in Fields(bytes) {
            match field? {
                (2, Value::Bytes(bytes)) => made.pattern = Some(text(bytes)?),
                (9, Value::Number(length)) => made.lengths.push(length as i32),
                (10, Value::Number(length)) => made.local_lengths.push(length as i32),
                (9 | 10, Value::Bytes(_)) => return Err("packed lengths are unknown".to_owned()),
                _ => {}
            }
        }
        Ok(made)
    }
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of one message: number and value.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            _ => return None,
        };
        Some((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        Some(self.field().ok_or_else(|| {
            self.0 = &[];
            "the metadata is cut short or no metadata at all".to_owned()
        }))
    }
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|e| e.to_string())
}
