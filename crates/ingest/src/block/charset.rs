/// A character set that was stated before a literal, as in `_binary 'x'` or `_utf8mb4'x'`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Introducer(u8);

/// MySQL's and MariaDB's character sets; `binary` is first.
const NAMES: [&str; 43] = [
    "binary", "utf8mb4", "utf8", "utf8mb3", "latin1", "ascii", "ucs2", "utf16", "utf16le", "utf32",
    "armscii8", "big5", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "cp932",
    "dec8", "eucjpms", "euckr", "filename", "gb18030", "gb2312", "gbk", "geostd8", "greek",
    "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin2", "latin5", "latin7", "macce",
    "macroman", "sjis", "swe7", "tis620", "ujis",
];

impl Introducer {
    /// Nothing was stated.
    pub const NONE: Self = Self(0);
    /// `_binary`: bytes, not text.
    pub const BINARY: Self = Self(1);
    pub(crate) const UTF8: Self = Self(3);

    /// Returns the character set's name in lower case, if one was stated.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(usize::from(self.0).checked_sub(1)?).copied()
    }

    /// Looks a name up, without the underscore, in any case.
    pub(crate) fn named(name: &[u8]) -> Option<Self> {
        let at = NAMES
            .iter()
            .position(|known| known.as_bytes().eq_ignore_ascii_case(name))?;
        u8::try_from(at + 1).ok().map(Self)
    }
}
