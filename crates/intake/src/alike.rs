//! Statements that are near copies of each other.
//!
//! Whoever floods a site varies little. Stories are compared by their sets of five-character pieces
//! (Broder, "On the resemblance and containment of documents", 1997): two are alike if they share
//! four fifths of all pieces that either has. Only what has something in common is compared, by the
//! smallest hashes of the pieces.

use std::collections::{BTreeMap, BTreeSet};

/// Characters of a piece.
const PIECE: usize = 5;
/// Stories shorter than this say too little to be compared.
const LEAST_CHARACTERS: usize = 40;
/// Smallest hashes that are looked for in common.
const SKETCH: usize = 24;
/// Stories of one group that a new one is compared with, at most.
const COMPARED: usize = 64;

/// Groups stories. The result gives, for each story, the place of the first one that it is alike;
/// its own where there is none.
#[must_use]
pub fn groups<'a>(stories: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
    let mut first_of: Vec<usize> = Vec::new();
    let mut sets: Vec<BTreeSet<u64>> = Vec::new();
    let mut by_hash: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, story) in stories.into_iter().enumerate() {
        let set = pieces(story);
        let sketch: Vec<u64> = set.iter().copied().take(SKETCH).collect();
        let mut candidates: BTreeSet<usize> = BTreeSet::new();
        for hash in &sketch {
            candidates.extend(by_hash.get(hash).into_iter().flatten().take(COMPARED));
        }
        let alike = candidates
            .into_iter()
            .find(|&other| is_alike(&set, &sets[other]));
        let first = alike.map_or(at, |other| first_of[other]);
        first_of.push(first);
        for hash in sketch {
            let known = by_hash.entry(hash).or_default();
            if known.len() < COMPARED {
                known.push(at);
            }
        }
        sets.push(set);
    }
    first_of
}

/// Letters and figures in lower case, everything else as one space; figures as `0`, since copies vary
/// amounts and days.
fn pieces(story: &str) -> BTreeSet<u64> {
    let mut plain: Vec<char> = Vec::new();
    for character in story.chars().flat_map(char::to_lowercase) {
        let character = if character.is_numeric() {
            '0'
        } else if character.is_alphabetic() {
            character
        } else {
            ' '
        };
        let repeats = matches!(character, ' ' | '0') && plain.last() == Some(&character);
        if !repeats {
            plain.push(character);
        }
    }
    if plain.len() < LEAST_CHARACTERS {
        return BTreeSet::new();
    }
    plain.windows(PIECE).map(hash).collect()
}

/// FNV-1a of 64 bits, finished by SplitMix64's mixer so that the smallest hashes are spread evenly.
fn hash(piece: &[char]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in piece.iter().flat_map(|c| u32::from(*c).to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

fn is_alike(one: &BTreeSet<u64>, other: &BTreeSet<u64>) -> bool {
    let shared = one.intersection(other).count();
    let all = one.len() + other.len() - shared;
    all > 0 && shared * 5 >= all * 4
}

#[cfg(test)]
mod tests {
    use super::groups;

    const STORY: &str = "A man rang and said that he was from my bank. He knew my name and told me \
                         to move all my money to a safe account at once, so I sent him 1,200 pounds.";

    #[test]
    fn copies_with_other_amounts_are_alike() {
        let copy = STORY.replace("1,200", "3,450.50").to_uppercase();
        let other = "I never answered the telephone that day, since I was at work until the evening, \
                     and only saw later that somebody with a number like my bank's had tried.";
        assert_eq!(groups([STORY, other, &copy, other]), [0, 1, 0, 1]);
    }

    #[test]
    fn short_and_empty_stories_are_alike_to_none() {
        assert_eq!(groups(["", "", "He rang me.", "He rang me."]), [0, 1, 2, 3]);
    }

    proptest::proptest! {
        #[test]
        fn each_belongs_to_a_first_one(stories in proptest::collection::vec(".{0,80}", 0..20)) {
            let found = groups(stories.iter().map(String::as_str));
            for (at, first) in found.iter().enumerate() {
                proptest::prop_assert!(*first <= at && found[*first] == *first);
            }
        }
    }
}
