//! Bytes to text, without losing any.

use std::fmt::Write as _;

/// How the file's text is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Charset {
    Utf8,
    /// By the WHATWG Encoding Standard; MySQL's `latin1` is windows-1252.
    Legacy(&'static encoding_rs::Encoding),
}

impl Charset {
    /// Looks a WHATWG label or MySQL name up. An unknown one is read as UTF-8, in which bytes that
    /// do not fit stay visible.
    pub(crate) fn named(name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "" | "utf8" | "utf8mb3" | "utf8mb4" | "utf-8" | "ascii" | "binary" => Self::Utf8,
            other => match encoding_rs::Encoding::for_label(other.as_bytes()) {
                Some(encoding) if encoding != encoding_rs::UTF_8 => Self::Legacy(encoding),
                Some(_) | None => Self::Utf8,
            },
        }
    }

    /// Gives the text; a byte that is none becomes `\xE9`, so that nothing is lost.
    pub(crate) fn text<'a>(self, bytes: &'a [u8], buffer: &'a mut String) -> &'a str {
        if let Self::Legacy(encoding) = self
            && !bytes.is_ascii()
            && let (decoded, false) = encoding.decode_without_bom_handling(bytes)
        {
            buffer.clear();
            buffer.push_str(&decoded);
            return buffer;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                buffer.clear();
                for chunk in bytes.utf8_chunks() {
                    buffer.push_str(chunk.valid());
                    for byte in chunk.invalid() {
                        write!(buffer, "\\x{byte:02X}").expect("a String takes all");
                    }
                }
                buffer
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_lost() {
        let mut buffer = String::new();
        assert_eq!(Charset::Utf8.text(b"caf\xe9!", &mut buffer), "caf\\xE9!");
        assert_eq!(
            Charset::named("latin1").text(b"caf\xe9 \x80", &mut buffer),
            "café €"
        );
        assert_eq!(
            Charset::named("utf8mb4").text("café".as_bytes(), &mut buffer),
            "café"
        );
    }
}
