//! A text with its placeholders filled in, and the way back from there to the text.

use std::ops::Range;

use super::{Look, Rule};

/// Stands for a check code. All digits: whatever stands beside it must do no harm to any code.
const CODE: &str = "7777-7777-7777";

/// What a stretch of a filled text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Plain,
    Code,
    Organisation,
}

struct Piece {
    filled: Range<usize>,
    template: Range<usize>,
    kind: Kind,
}

/// A text with its placeholders filled in.
pub(super) struct Filled {
    pub(super) text: String,
    pieces: Vec<Piece>,
    template: String,
    organisation: Option<String>,
}

/// Fills a text in for each organisation; once where it names none.
pub(super) fn all(template: &str, organisations: &[String]) -> Vec<Filled> {
    let named: Vec<Option<&str>> = if template.contains("{organisation}") {
        let mut names: Vec<&str> = organisations.iter().map(String::as_str).collect();
        // The longest first: what is said of parts is said of it.
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), *name));
        names.dedup();
        if names.is_empty() {
            vec![Some("Organisation")]
        } else {
            names.into_iter().map(Some).collect()
        }
    } else {
        vec![None]
    };
    named.into_iter().map(|name| fill(template, name)).collect()
}

fn fill(template: &str, organisation: Option<&str>) -> Filled {
    let mut filled = Filled {
        text: String::new(),
        pieces: Vec::new(),
        template: template.to_owned(),
        organisation: organisation.map(str::to_owned),
    };
    let mut at = 0;
    while let Some(rest) = template.get(at..).filter(|rest| !rest.is_empty()) {
        let known = [
            ("{code}", CODE, Kind::Code),
            (
                "{organisation}",
                organisation.unwrap_or_default(),
                Kind::Organisation,
            ),
        ];
        let next = known
            .iter()
            .filter_map(|(mark, with, kind)| Some((rest.find(mark)?, *mark, *with, *kind)))
            .min_by_key(|(place, ..)| *place);
        let Some((place, mark, with, kind)) = next else {
            filled.push(rest, at..at + rest.len(), Kind::Plain);
            break;
        };
        if place > 0 {
            let plain = rest.get(..place).unwrap_or_default();
            filled.push(plain, at..at + place, Kind::Plain);
        }
        filled.push(with, at + place..at + place + mark.len(), kind);
        at += place + mark.len();
    }
    filled
}

impl Filled {
    fn push(&mut self, text: &str, template: Range<usize>, kind: Kind) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece {
            filled: start..self.text.len(),
            template,
            kind,
        });
    }

    /// Returns where in the template a stretch stands; a placeholder counts whole.
    pub(super) fn in_template(&self, span: &Range<usize>) -> Range<usize> {
        let place = |at: usize, is_end: bool| {
            let piece = self.pieces.iter().find(|piece| {
                let Range { start, end } = piece.filled;
                if is_end {
                    start < at && at <= end
                } else {
                    start <= at && at < end
                }
            });
            match piece {
                None => self.template.len(),
                Some(piece) if piece.kind == Kind::Plain => {
                    piece.template.start + (at - piece.filled.start)
                }
                Some(piece) if is_end => piece.template.end,
                Some(piece) => piece.template.start,
            }
        };
        let start = place(span.start, false);
        let end = if span.is_empty() {
            start
        } else {
            place(span.end, true)
        };
        start..end.max(start)
    }

    /// Returns a stretch as it arrives, but for the code, which is shown as its placeholder.
    pub(super) fn shown(&self, span: &Range<usize>) -> String {
        let mut shown = String::new();
        for piece in &self.pieces {
            let start = piece.filled.start.max(span.start);
            let end = piece.filled.end.min(span.end);
            if start >= end {
                continue;
            }
            match piece.kind {
                Kind::Code => shown.push_str("{code}"),
                Kind::Plain | Kind::Organisation => {
                    shown.push_str(self.text.get(start..end).unwrap_or_default());
                }
            }
        }
        shown
    }

    /// Returns the kinds of what a stretch touches.
    pub(super) fn touches(&self, span: &Range<usize>, kind: Kind) -> bool {
        self.pieces
            .iter()
            .filter(|piece| piece.filled.start < span.end && span.start < piece.filled.end)
            .any(|piece| piece.kind == kind)
    }

    /// Returns the organisation that is filled in where a stretch touches it.
    pub(super) fn organisation_in(&self, span: &Range<usize>) -> Option<String> {
        self.organisation
            .clone()
            .filter(|_| self.touches(span, Kind::Organisation))
    }

    /// Returns the places of the code.
    pub(super) fn codes(&self) -> Vec<Range<usize>> {
        let codes = self.pieces.iter().filter(|piece| piece.kind == Kind::Code);
        codes.map(|piece| piece.filled.clone()).collect()
    }
}

/// Refuses placeholders that nothing fills, and a code that is missing or stands there twice.
pub(super) fn check_placeholders(look: &mut Look<'_>) {
    let text = look.filled.text.clone();
    for (open, close) in [("((", "))"), ("{", "}"), ("[", "]"), ("<", ">")] {
        let mut at = 0;
        while let Some(start) = text.get(at..).and_then(|rest| rest.find(open)) {
            let start = at + start;
            let inside = text.get(start..).unwrap_or_default();
            let end = inside
                .find(close)
                .map_or(start + open.len(), |end| start + end + close.len());
            at = end;
            if !look.filled.touches(&(start..end), Kind::Organisation) {
                look.finds(
                    Rule::Placeholder,
                    start..end,
                    "nothing fills it in: it would arrive as it stands",
                    "`{code}` and `{organisation}` are all there are",
                );
            }
        }
    }
    let codes = look.filled.codes();
    match (look.setting.has_code, codes.as_slice()) {
        (true, []) => look.finds(
            Rule::Code,
            text.len()..text.len(),
            "without the code nobody can tell that the text is genuine",
            "write `{code}` where it is to stand, best at the end",
        ),
        (true, [_, rest @ ..]) => {
            for again in rest {
                look.finds(
                    Rule::Code,
                    again.clone(),
                    "the code stands there already",
                    "write `{code}` once",
                );
            }
        }
        (false, codes) => {
            for code in codes {
                look.finds(
                    Rule::Code,
                    code.clone(),
                    "the campaign gives no codes",
                    "leave `{code}` out, or give codes",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_the_template() {
        let filled = fill("{organisation}: é {code}.", Some("Tarn & Pennard"));
        assert_eq!(filled.text, "Tarn & Pennard: é 7777-7777-7777.");
        assert_eq!(filled.in_template(&(0..4)), 0..14);
        assert_eq!(filled.in_template(&(14..15)), 14..15);
        assert_eq!(filled.in_template(&(16..18)), 16..18);
        assert_eq!(filled.in_template(&(20..22)), 19..25);
        assert_eq!(filled.in_template(&(20..34)), 19..26);
        assert_eq!(filled.in_template(&(34..34)), 26..26);
        assert_eq!(filled.shown(&(16..34)), "é {code}.");
    }
}
