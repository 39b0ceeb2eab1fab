//! Distances between texts, in characters. `rapidfuzz` is the measure; the kernels here give its
//! answers for short ASCII, which names are, in a fraction of the time.

use rapidfuzz::distance::{damerau_levenshtein, jaro_winkler, levenshtein};

/// Which letters a text has, and how many: enough to see that two cannot be alike.
#[derive(Clone, Copy, Default)]
pub(crate) struct Outline {
    /// One bit for each class of characters that occurs.
    classes: u64,
    chars: u16,
    is_ascii: bool,
}

impl Outline {
    pub(crate) fn of(text: &str) -> Self {
        let mut outline = Self {
            is_ascii: text.is_ascii(),
            ..Self::default()
        };
        for c in text.chars() {
            outline.classes |= 1 << (u32::from(c) & 63);
            outline.chars = outline.chars.saturating_add(1);
        }
        outline
    }

    fn extra(self, other: Self) -> u32 {
        (self.classes & !other.classes).count_ones()
    }
}

/// Says whether Jaro–Winkler similarity is at least `least` (Winkler 1990; a common start of up to
/// four characters counts 0.1 each, above a Jaro similarity of 0.7).
pub(crate) fn jaro_winkler_at_least(
    (one, outline): (&str, Outline),
    (other, other_outline): (&str, Outline),
    least: f64,
) -> bool {
    let (long, short) = (
        f64::from(outline.chars.max(other_outline.chars)),
        f64::from(outline.chars.min(other_outline.chars)),
    );
    if short == 0.0 {
        return long == 0.0 && least <= 0.0;
    }
    // A character of a class that the other has not got matches nothing.
    let matched = (f64::from(outline.chars) - f64::from(outline.extra(other_outline)))
        .min(f64::from(other_outline.chars) - f64::from(other_outline.extra(outline)));
    let most = if matched <= 0.0 {
        0.0
    } else {
        (matched / long + matched / short + 1.0) / 3.0
    };
    let most = if most > 0.7 {
        most + 0.4 * (1.0 - most)
    } else {
        most
    };
    // Far more than rounding can move it.
    if most + 1e-9 < least {
        return false;
    }
    // Which comes first must not matter, and with Jaro it can.
    let (first, second) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    let similarity = if outline.is_ascii && other_outline.is_ascii && long <= 64.0 {
        short_jaro_winkler(first.as_bytes(), second.as_bytes())
    } else {
        jaro_winkler::similarity(first.chars(), second.chars())
    };
    similarity >= least
}

/// Jaro–Winkler of two texts of 1 to 64 bytes.
fn short_jaro_winkler(one: &[u8], other: &[u8]) -> f64 {
    let (len, other_len) = (one.len(), other.len());
    let reach = (len.max(other_len) / 2).saturating_sub(1);
    let (mut used, mut matched) = (0_u64, 0_u64);
    for (at, &byte) in other.iter().enumerate() {
        let start = at.saturating_sub(reach);
        let end = (at + reach + 1).min(len);
        let window = one.get(start..end).unwrap_or_default();
        for (offset, &candidate) in window.iter().enumerate() {
            let bit = 1_u64 << (start + offset);
            if candidate == byte && used & bit == 0 {
                used |= bit;
                matched |= 1 << at;
                break;
            }
        }
    }
    let count = used.count_ones();
    if count == 0 {
        return 0.0;
    }
    let mut transposed = 0;
    while used != 0 && matched != 0 {
        let (a, b) = (used.trailing_zeros(), matched.trailing_zeros());
        transposed += usize::from(one.get(a as usize) != other.get(b as usize));
        used &= used - 1;
        matched &= matched - 1;
    }
    let matches = f64::from(count);
    let jaro = (matches / len as f64
        + matches / other_len as f64
        + (matches - (transposed / 2) as f64) / matches)
        / 3.0;
    if jaro <= 0.7 {
        return jaro;
    }
    let prefix = one
        .iter()
        .zip(other)
        .take(4)
        .take_while(|(a, b)| a == b)
        .count();
    jaro + prefix as f64 * 0.1 * (1.0 - jaro)
}

/// Says whether at most `most` insertions, deletions and substitutions lead from one text to the
/// other (Levenshtein 1966); with `swaps`, exchanges of two neighbours as well (Damerau 1964, without
/// the restriction to untouched neighbours).
pub(crate) fn edits_at_most(
    (one, outline): (&str, Outline),
    (other, other_outline): (&str, Outline),
    most: u32,
    swaps: bool,
) -> bool {
    let fewest = u32::from(outline.chars.abs_diff(other_outline.chars))
        .max(outline.extra(other_outline))
        .max(other_outline.extra(outline));
    if fewest > most {
        return false;
    }
    if !(outline.is_ascii && other_outline.is_ascii) {
        return edits(one.chars(), other.chars(), most as usize, swaps);
    }
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    one = one.get(start..).unwrap_or_default();
    other = other.get(start..).unwrap_or_default();
    let end = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    one = one.get(..one.len() - end).unwrap_or_default();
    other = other.get(..other.len() - end).unwrap_or_default();
    if most <= SMALL && !swaps {
        return within(one, other, most);
    }
    if most <= 1 {
        let longest = one.len().max(other.len()) as u32;
        let swapped = matches!((one, other), ([a, b], [c, d]) if a == d && b == c);
        return longest <= most || (most == 1 && swapped);
    }
    edits(
        one.iter().copied(),
        other.iter().copied(),
        most as usize,
        swaps,
    )
}

/// So many edits are tried one by one.
const SMALL: u32 = 3;

/// Says whether `most` edits suffice: what two texts begin with alike needs none, and then there are
/// three to choose from.
fn within(one: &[u8], other: &[u8], most: u32) -> bool {
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let one = one.get(start..).unwrap_or_default();
    let other = other.get(start..).unwrap_or_default();
    let (len, other_len) = (one.len() as u32, other.len() as u32);
    if len.max(other_len) <= most {
        return true;
    }
    if len.abs_diff(other_len) > most || most == 0 {
        return false;
    }
    let (Some((_, one_rest)), Some((_, other_rest))) = (one.split_first(), other.split_first())
    else {
        return false;
    };
    within(one_rest, other_rest, most - 1)
        || within(one_rest, other, most - 1)
        || within(one, other_rest, most - 1)
}

fn edits<C, I>(one: I, other: I, most: usize, swaps: bool) -> bool
where
    C: rapidfuzz::HashableChar + Copy + Eq + std::hash::Hash,
    I: Iterator<Item = C> + Clone + DoubleEndedIterator,
{
    if swaps {
        let args = damerau_levenshtein::Args::default().score_cutoff(most);
        damerau_levenshtein::distance_with_args(one, other, &args).is_some()
    } else {
        let args = levenshtein::Args::default().score_cutoff(most);
        levenshtein::distance_with_args(one, other, &args).is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outlined(text: &str) -> (&str, Outline) {
        (text, Outline::of(text))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn short_texts_are_measured_as_rapidfuzz_does(
            one in "[a-e]{1,12}|[a-z]{1,64}", other in "[a-e]{1,12}|[a-z]{1,64}",
        ) {
            let ours = short_jaro_winkler(one.as_bytes(), other.as_bytes());
            let theirs = jaro_winkler::similarity(one.chars(), other.chars());
            prop_assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
        }

        #[test]
        fn no_bound_changes_an_answer(
            one in "[a-dé]{0,9}", other in "[a-dé]{0,9}", least in 0.5..1.0_f64, most in 0..5_u32,
        ) {
            let (first, second) = if one <= other { (&one, &other) } else { (&other, &one) };
            if !one.is_empty() && !other.is_empty() {
                let similarity = jaro_winkler::similarity(first.chars(), second.chars());
                prop_assume!((similarity - least).abs() > 1e-9);
                let ours = jaro_winkler_at_least(outlined(&one), outlined(&other), least);
                prop_assert_eq!(ours, similarity >= least);
            }
            let plain = levenshtein::distance(one.chars(), other.chars());
            let swapping = damerau_levenshtein::distance(one.chars(), other.chars());
            let at_most = |swaps| edits_at_most(outlined(&one), outlined(&other), most, swaps);
            prop_assert_eq!(at_most(false), plain <= most as usize);
            prop_assert_eq!(at_most(true), swapping <= most as usize);
        }
    }
}
