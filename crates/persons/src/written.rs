//! What holders wrote about themselves, in the form it is compared in.

/// An account's own words, cleaned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// Words of the name, lower case, in the order written.
    pub(crate) name: Vec<String>,
    /// The same in one.
    pub(crate) whole_name: String,
    /// The whole address and its part before the `@`, lower case, tag cut off.
    pub(crate) email: Option<(String, String)>,
    /// Digits of the number, country code first.
    pub(crate) phone: Option<String>,
}

/// Splits a name into lower-case words.
pub(crate) fn name_words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Writes a name's words so that `Smith, John` equals `john smith`.
pub(crate) fn name_key(words: &[String]) -> String {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words.join(" ")
}

/// Splits an address into the whole and its local part without a `+tag`.
pub(crate) fn email_parts(email: &str) -> Option<(String, String)> {
    let email = email.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let local = local.split('+').next().unwrap_or(local).to_owned();
    if local.is_empty() || domain.is_empty() {
        return None;
    }
    Some((format!("{local}@{domain}"), local))
}

/// Whether two names are one but for slips: word by word at most one each, or one in the whole.
pub(crate) fn names_alike(this: &Written, that: &Written) -> bool {
    let (one, other) = (&this.name, &that.name);
    if one.len() == other.len() && one.len() > 1 {
        let slips = one.iter().zip(other.iter()).try_fold(0, |slips, (a, b)| {
            if a == b {
                Some(slips)
            } else {
                (a.len().min(b.len()) >= 3 && one_slip(a, b)).then_some(slips + 1)
            }
        });
        if slips.is_some_and(|slips| slips <= 2) {
            return true;
        }
    }
    let (one, other) = (&this.whole_name, &that.whole_name);
    one.len().min(other.len()) >= 6 && one_slip(one, other)
}

/// Whether two texts differ by one character put in, left out or changed, or two neighbours
/// swapped (Damerau 1964: four fifths of all slips).
pub(crate) fn one_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    // A character of several bytes may differ in more than one of them: three are let pass.
    if long.len() - short.len() > 3 {
        return false;
    }
    let start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let end = short
        .iter()
        .rev()
        .zip(long.iter().rev())
        .take_while(|(a, b)| a == b)
        .count()
        .min(short.len() - start);
    let (short, long) = (
        short.get(start..short.len() - end).unwrap_or_default(),
        long.get(start..long.len() - end).unwrap_or_default(),
    );
    let chars = |bytes: &[u8]| {
        if bytes.is_ascii() {
            bytes.len()
        } else {
            bytes
                .iter()
                .filter(|&&byte| byte & 0xC0 != 0x80)
                .count()
                .max(1)
        }
    };
    if chars(short) <= 1 && chars(long) <= 1 {
        return true;
    }
    matches!((short, long), ([a, b], [c, d]) if a == d && b == c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_one_edit_or_one_swap() {
        for (one, other, alike) in [
            ("john", "jon", true),
            ("john", "jonh", true),
            ("john", "jahn", true),
            ("john", "johnn", true),
            ("zoë", "zoe", true),
            ("john", "jean", false),
            ("abcd", "dcba", false),
            ("", "a", true),
            ("ab", "", false),
        ] {
            assert_eq!(one_slip(one, other), alike, "{one} {other}");
            assert_eq!(one_slip(other, one), alike, "{other} {one}");
        }
    }

    #[test]
    fn names_count_word_by_word() {
        let written = |text: &str| {
            let name = name_words(text);
            Written {
                whole_name: name.join(" "),
                name,
                ..Written::default()
            }
        };
        let alike = |a: &str, b: &str| names_alike(&written(a), &written(b));
        assert!(alike("James Smith", "jmes smth"));
        assert!(alike("james smith", "jamessmith"));
        assert!(!alike("james smith", "james brown"));
        assert_eq!(
            name_key(&name_words("Smith, John")),
            name_key(&name_words("john smith"))
        );
    }

    #[test]
    fn an_address_loses_its_tag() {
        assert_eq!(
            email_parts(" A.B+x@Mail.example "),
            Some(("a.b@mail.example".to_owned(), "a.b".to_owned()))
        );
        assert_eq!(email_parts("nothing"), None);
    }
}
