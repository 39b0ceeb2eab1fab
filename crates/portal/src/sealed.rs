//! Whether bytes have the form of an `age` file. Nothing here can open one.

const FIRST: &[u8] = b"age-encryption.org/v1\n";
/// A nonce, and a last chunk of nothing but its tag.
const LEAST_BODY_BYTES: usize = 16 + 16;
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Whether it begins as an `age` file does.
#[must_use]
pub fn begins_sealed(first: &[u8]) -> bool {
    first.starts_with(FIRST)
}

/// Whether this is an `age` file with a header of so many X25519 recipients, and of no other kind
/// (<https://c2sp.org/age>). Who can open it, only a key tells.
#[must_use]
pub fn is_sealed(file: &[u8], recipients: usize) -> bool {
    let Some(mut rest) = file.strip_prefix(FIRST) else {
        return false;
    };
    let mut stanzas = 0;
    while file.len() - rest.len() < MAX_HEADER_BYTES {
        let Some((line, after)) = line(rest) else {
            return false;
        };
        rest = after;
        if let Some(mac) = line.strip_prefix(b"--- ") {
            return stanzas == recipients && is_base64(mac, 43) && rest.len() >= LEAST_BODY_BYTES;
        }
        let share = line.strip_prefix(b"-> X25519 ");
        let body = crate::sealed::line(rest);
        let (true, Some((wrapped, after))) = (share.is_some_and(|s| is_base64(s, 43)), body) else {
            return false;
        };
        if !is_base64(wrapped, 43) {
            return false;
        }
        rest = after;
        stanzas += 1;
    }
    false
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = bytes.split_at(at);
    Some((line, after.get(1..)?))
}

fn is_base64(text: &[u8], length: usize) -> bool {
    let is_digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    text.len() == length && text.iter().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{Recipient, seal};

    #[test]
    fn only_whole_headers_of_the_right_recipients_pass() {
        let nobody = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        let one = Recipient::parse(nobody).unwrap();
        let sealed = seal(b"told", &[one, one]).unwrap();
        assert!(is_sealed(&sealed, 2) && begins_sealed(&sealed));
        assert!(!is_sealed(&sealed, 1) && !is_sealed(&sealed, 3));
        assert!(is_sealed(&seal(b"", &[one]).unwrap(), 1));
        for cut in 0..sealed.len() - 4 {
            assert!(!is_sealed(&sealed[..cut], 2), "{cut}");
        }
        let scrypt = String::from_utf8_lossy(&sealed).replacen("X25519", "scrypt", 1);
        assert!(!is_sealed(scrypt.as_bytes(), 2));
        assert!(!is_sealed(b"what happened to me", 2));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, n in 0_usize..4) {
            let _ = is_sealed(&bytes, n);
            let _ = is_sealed(&[FIRST, &bytes].concat(), n);
        }
    }
}
