//! Characters that nobody sees, that do not arrive, or that arrive as others.

use super::{Channel, Look, Rule};
use crate::text::{TextError, gsm, instead_of, shown_name, split};

/// Letters of Welsh that the GSM alphabet lacks and GOV.UK Notify lets through, in UCS-2.
const WELSH: &str = "ÀÁÂÈÊËÌÍÎÏÒÓÔÙÚÛẀẂẄŴỲÝŸŶáâêëíîïóôúûẁẃẅŵỳýÿŷ";

/// Refuses invisible characters, those that turn the direction of writing, and odd spaces.
fn is_unseen(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\r'))
        || (character.is_whitespace() && !matches!(character, ' ' | '\n' | '\r'))
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

pub(super) fn check(look: &mut Look<'_>) {
    let text = look.filled.text.clone();
    let mut has_unseen = false;
    for (at, character) in text.char_indices() {
        let span = at..at + character.len_utf8();
        if is_unseen(character) {
            has_unseen = true;
            look.finds(
                Rule::Invisible,
                span,
                format!(
                    "{} cannot be seen or passes for a space, and GOV.UK Notify and filters take it out",
                    shown_name(character)
                ),
                "delete it, or type a plain space",
            );
        } else if look.setting.channel == Channel::Notify
            && gsm::septets_of(character).is_none()
            && !WELSH.contains(character)
        {
            let why = format!(
                "GOV.UK Notify does not promise to send {} as it is: it sends the GSM alphabet and Welsh letters",
                shown_name(character)
            );
            look.finds(Rule::Unsendable, span, why, mend(character));
        }
    }
    if has_unseen {
        return;
    }
    if let Err(TextError::Unsendable {
        character,
        byte,
        why,
        ..
    }) = split(&text, look.setting.coding)
    {
        look.finds(
            Rule::Unsendable,
            byte..byte + character.len_utf8(),
            format!("{} cannot be sent: {why}", shown_name(character)),
            mend(character),
        );
    }
    let altered = by_notify(&text);
    if look.setting.channel == Channel::Notify && altered != text {
        let same = text
            .bytes()
            .zip(altered.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let start = (0..=same)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        let next = text.get(start..).and_then(|rest| rest.chars().next());
        look.finds(
            Rule::Altered,
            start..start + next.map_or(0, char::len_utf8),
            "GOV.UK Notify would change spaces or line breaks here, and the text would not be the signed one",
            "single spaces, none before `,` and `.` or at the ends of lines, at most one empty line",
        );
    }
}

fn mend(character: char) -> String {
    match instead_of(character) {
        Some(instead) => format!("write `{instead}`"),
        None => "write it with other letters, or send this language another way".into(),
    }
}

/// What GOV.UK Notify makes of spaces and line breaks (its `BaseSMSTemplate`): none before a comma
/// or full stop, one between words, none at the ends of lines, at most one empty line, none around.
pub(crate) fn by_notify(text: &str) -> String {
    let mut unspaced = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, ',' | '.') {
            unspaced.truncate(unspaced.trim_end_matches([' ', '\t']).len());
        }
        unspaced.push(character);
    }
    let lines: Vec<String> = unspaced
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let mut joined = lines.join("\n");
    while joined.contains("\n\n\n") {
        joined = joined.replace("\n\n\n", "\n\n");
    }
    joined.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welsh_is_what_the_gsm_alphabet_lacks() {
        assert!(WELSH.chars().all(|c| gsm::septets_of(c).is_none()));
        // Seven vowels, four marks, two cases; thirteen of them are in the alphabet.
        assert_eq!(WELSH.chars().count(), 7 * 4 * 2 - 13);
    }

    #[test]
    fn notify_changes_spaces_so() {
        for (text, sent) in [
            (" a  b ,c .\n\n\n\nd \ne\t", "a b,c.\n\nd\ne"),
            ("as it is.\n\nYes, so.", "as it is.\n\nYes, so."),
        ] {
            assert_eq!(by_notify(text), sent);
        }
    }
}
