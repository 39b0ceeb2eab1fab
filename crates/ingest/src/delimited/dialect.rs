/// How a delimited text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Byte between cells.
    pub delimiter: u8,
    /// Byte around cells that hold delimiters or line ends; doubled inside. None: no quotes.
    pub quote: Option<u8>,
    /// Byte that takes the next one's meaning away, or gives it that of MySQL's `ESCAPED BY`
    /// (`\n`, `\t`, `\0`, and `\N` for no value).
    pub escape: Option<u8>,
    /// Whether the first record names the columns.
    pub header: bool,
    /// Whether spaces may stand between a delimiter and an opening quote.
    pub spaced: bool,
    /// Lines to pass over before the first record: a title, a date, a licence.
    pub preamble_lines: usize,
}

impl Default for Dialect {
    /// RFC 4180 with a header.
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
            header: true,
            spaced: false,
            preamble_lines: 0,
        }
    }
}
