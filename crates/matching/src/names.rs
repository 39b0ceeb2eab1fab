use std::collections::BTreeMap;

use crate::OrganisationNo;

/// The names that organisations go by, found in what victims write.
///
/// Names are compared word by word, without regard to case and punctuation; the longest name that
/// starts at a word counts, so `Crown Bank Cards` is not `Crown Bank`.
#[derive(Clone, Debug, Default)]
pub struct OrganisationNames {
    /// Names by their first word: the other words, the longest first.
    by_first: BTreeMap<String, Vec<(Vec<String>, OrganisationNo)>>,
}

impl OrganisationNames {
    /// Takes names; an organisation may go by several, and several may share one.
    #[must_use]
    pub fn new<'a>(names: impl IntoIterator<Item = (OrganisationNo, &'a str)>) -> Self {
        let mut by_first: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (organisation, name) in names {
            let mut words = words(name);
            if let Some(first) = words.next() {
                let others: Vec<String> = words.collect();
                by_first
                    .entry(first)
                    .or_default()
                    .push((others, organisation));
            }
        }
        for names in by_first.values_mut() {
            names.sort_by(|a, b| (b.0.len(), &a).cmp(&(a.0.len(), &b)));
            names.dedup();
        }
        Self { by_first }
    }

    /// Finds all organisations that a text names, in order and once each.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<OrganisationNo> {
        let words: Vec<String> = words(text).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(first) = words.get(at) {
            at += 1;
            let Some(names) = self.by_first.get(first) else {
                continue;
            };
            let rest = words.get(at..).unwrap_or_default();
            let mut longest = None;
            for (others, organisation) in names {
                if longest.is_none_or(|length| length == others.len()) && rest.starts_with(others) {
                    longest = Some(others.len());
                    found.push(*organisation);
                }
            }
            at += longest.unwrap_or(0);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_counts_and_words_are_whole() {
        let [bank, cards, other] = [1, 2, 3].map(OrganisationNo);
        let names = OrganisationNames::new([
            (bank, "Crown Bank"),
            (cards, "Crown Bank Cards"),
            (other, "CROWN bank"),
        ]);
        assert_eq!(names.find("the crown-bank rang"), [bank, other]);
        assert_eq!(names.find("Crown Bank Cards, they said"), [cards]);
        assert_eq!(names.find("a crown banker"), []);
        assert_eq!(names.find("Crown"), []);
    }
}
