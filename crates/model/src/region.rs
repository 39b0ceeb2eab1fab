use std::fmt;
use std::str::FromStr;

/// A region by its two capital letters (ISO 3166-1 alpha-2), or `001` for numbers of no country.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 3]);

/// Says why a text names no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a region of two capital letters, such as `GB`")]
pub struct RegionError {
    /// The text as given.
    pub text: String,
}

impl Region {
    /// Numbers that belong to no country, such as +800 freephone.
    pub const WORLD: Self = Self(*b"001");

    /// Returns the letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let used = if self.0[2] == 0 {
            &self.0[..2]
        } else {
            &self.0[..]
        };
        std::str::from_utf8(used).expect("a region is made of ASCII letters or digits")
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            b"001" => Ok(Self::WORLD),
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Ok(Self([*a, *b, 0])),
            _ => Err(RegionError {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Region {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
