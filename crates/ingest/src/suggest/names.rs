//! What names of columns and tables say.

/// Splits a name into its words, in lower case: `CallRef` and `call_ref` are `call`, `ref`.
pub(super) fn tokens(name: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut open = false;
    let mut last_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            open = false;
            last_lower = false;
            continue;
        }
        if !open || (letter.is_uppercase() && last_lower) {
            tokens.push(String::new());
            open = true;
        }
        if let Some(token) = tokens.last_mut() {
            token.extend(letter.to_lowercase());
        }
        last_lower = letter.is_lowercase();
    }
    tokens
}

/// How well a name fits patterns parted by `|`, best first: 6 where it is one, 4 where it has the words of one,
/// 3 where it holds one of five letters or more; a little less for later patterns; 0 for none.
/// A pattern that begins with `=` fits as a whole only.
pub(super) fn fit(tokens: &[String], patterns: &str) -> f64 {
    let compact = tokens.concat();
    if compact.is_empty() {
        return 0.0;
    }
    let mut best = 0.0_f64;
    for (place, pattern) in patterns.split('|').enumerate() {
        let (whole_only, pattern) = match pattern.strip_prefix('=') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let words: Vec<&str> = pattern.split(' ').collect();
        let joined = words.concat();
        let has_words = || {
            tokens
                .windows(words.len())
                .any(|window| window.iter().zip(&words).all(|(token, word)| token == word))
        };
        let points = if compact == joined {
            6.0
        } else if whole_only {
            continue;
        } else if has_words() {
            4.0
        } else if joined.len() >= 5 && compact.contains(&joined) {
            3.0
        } else {
            continue;
        };
        best = best.max(points - 0.02 * place as f64);
    }
    best
}

/// Words that name a secret wherever they stand alone in a name.
const SECRET_WORDS: &str = "pass passwd password pwd passphrase passcode secret pin pincode cvv cvv2 cvc \
     cvc2 csc token otp totp hotp 2fa tfa mfa tan salt mnemonic cookie credential \
     credentials pan apikey privkey cardno sessid phpsessid jwt";

/// Pieces that name a secret even inside of a longer word.
const SECRET_PIECES: &str = "password passwd passphrase passcode secret token apikey privatekey privkey \
     accesskey seedphrase onetimecode authcode smscode cardnumber cardno \
     capturedcode verificationcode securitycode";

/// Returns the word by which a column's name tells of a credential or a one-time secret.
pub(super) fn secret(tokens: &[String]) -> Option<&'static str> {
    let compact = tokens.concat();
    let word = SECRET_WORDS
        .split(' ')
        .find(|word| tokens.iter().any(|token| token == word));
    word.or_else(|| {
        SECRET_PIECES
            .split(' ')
            .find(|piece| compact.contains(piece))
    })
}

/// Returns whether a column's type has room for a flag only, so that it cannot hold a secret.
pub(super) fn is_flag_type(sql_type: &str) -> bool {
    matches!(sql_type, "tinyint(1)" | "bit(1)" | "bool" | "boolean")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        assert_eq!(tokens("CallRef"), ["call", "ref"]);
        assert_eq!(tokens("user_ID"), ["user", "id"]);
        assert_eq!(tokens("Number displayed"), ["number", "displayed"]);
        assert_eq!(tokens("#3"), ["3"]);
    }

    #[test]
    fn whole_names_fit_better_than_parts() {
        let fit_of = |name: &str| fit(&tokens(name), "called|dest|=to");
        assert!(fit_of("called") > fit_of("called_number"));
        assert!(fit_of("called_number") > 0.0);
        assert!(fit_of("To") > 5.0);
        assert_eq!(fit_of("to_user"), 0.0, "`to` fits as a whole only");
        assert_eq!(fit_of("desk"), 0.0);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "password_hash",
            "Passwd",
            "sip_secret",
            "cvv2",
            "otp",
            "apiKey",
            "card_number",
            "user_token",
            "pin",
            "capturedCode",
            "2fa",
        ] {
            assert!(secret(&tokens(name)).is_some(), "{name}");
        }
        for name in [
            "shipping", "passport", "spinner", "company", "call_id", "pine",
        ] {
            assert!(secret(&tokens(name)).is_none(), "{name}");
        }
    }
}
