//! Scores against small truths that were worked out by hand, and against counting pair by pair.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;
use unspoof_lab::Process;
use unspoof_lab::score::{Scores, score};

use crate::Made;

/// A folder of answers and one of truth.
struct Desk {
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Desk {
    /// Six accounts of three persons, three reports, three losses of 100, 300 and 600 pence.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Utf8Path::from_path(folder.path())
            .expect("UTF-8")
            .to_owned();
        for name in ["truth", "answers"] {
            std::fs::create_dir(root.join(name)).expect("a folder");
        }
        let desk = Self {
            _folder: folder,
            root,
        };
        desk.write(
            "truth/persons.csv",
            "source,account_id,person,shows\n\
             service,1,p1,line device-1\n\
             service,2,p1,line device-1\n\
             service,3,p1,device-1\n\
             service,4,p2,phone\n\
             service,5,p2,\n\
             service,6,p3,line\n",
        );
        desk.write(
            "truth/report_calls.csv",
            "report_id,called_e164,own_number\n\
             R1,+447700900001,given\n\
             R2,+447700900002,slip\n\
             R3,+447700900003,none\n\
             R4,,given\n",
        );
        desk.write(
            "truth/losses.csv",
            "called_e164,loss_minor\n\
             +447700900001,100\n\
             +447700900002,200\n\
             +447700900002,100\n\
             +447700900099,600\n",
        );
        desk.write("truth/suspects.csv", "person,home\np1,true\np2,false\n");
        desk
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.root.join(name), text).expect("written");
    }

    fn score(&self) -> anyhow::Result<Scores> {
        score(&self.root.join("answers"), &self.root.join("truth"))
    }

    /// The scores of one file of answers.
    fn of(name: &str, text: &str) -> anyhow::Result<Scores> {
        let desk = Self::new();
        desk.write(&format!("answers/{name}.csv"), text);
        desk.score()
    }
}

#[test]
fn persons_are_scored_by_pairs() {
    let answers = "account_id,person,source\n1,a,service\n2,a,service\n3,b,service\n4,b,service\n\
                   5,c,service\n9,c,service\n1,a,switch\n";
    let scores = Desk::of("persons", answers).expect("scored");
    let persons = scores.persons.expect("persons");
    // True: 1-2, 1-3, 2-3, 4-5. Found: 1-2, 3-4. Both: 1-2.
    assert_eq!(
        (persons.pairs_true, persons.pairs_found, persons.pairs_both),
        (4, 2, 1)
    );
    assert_eq!(
        (
            persons.accounts,
            persons.accounts_unknown,
            persons.accounts_missing
        ),
        (5, 2, 1)
    );
    assert_eq!(persons.precision, 0.5);
    assert_eq!(persons.recall, 0.25);
    assert_eq!(persons.f1, 2.0 / 6.0);
    // 1-3, 2-3 and 4-5 have one value in common, or none; no answer joins them.
    assert_eq!((persons.hard_pairs, persons.hard_recall), (3, 0.0));
    assert!(scores.matches.is_none() && scores.contacts.is_none());
}

#[test]
fn matches_are_scored_by_tier() {
    let answers = "report_id,tier,called_e164,weight\nR1,exact,447700900001,9\n\
                   R2,probable,+447700900002,3\nR3,possible,447700900003,1\n\
                   R3,possible,447700900004,1\nR4,probable,447700900005,2\n";
    let matches = Desk::of("matches", answers).expect("scored").matches;
    let matches = matches.expect("matches");
    let tiers: Vec<_> = matches
        .tiers
        .iter()
        .map(|tier| (&*tier.tier, tier.right, tier.matches))
        .collect();
    let expected = [
        ("exact", 1, 1),
        ("possible", 1, 2),
        ("probable", 1, 2),
        ("exact+probable", 2, 3),
    ];
    assert_eq!(tiers, expected);
    let own = &matches.with_own_number;
    assert_eq!((own.matched, own.reports, own.recall), (2, 2, 1.0));
    assert_eq!((matches.all.matched, matches.all.reports), (2, 3));
}

#[test]
fn contacts_are_scored_by_what_the_first_tenth_holds() {
    let mut answers =
        String::from("called_e164,talk_s,calls\n447700900002,5,2\n447700900001,9,2\n");
    for line in 10..19 {
        answers += &format!("4477009000{line},1,2\n");
    }
    let contacts = Desk::of("contacts", &answers).expect("scored").contacts;
    let contacts = contacts.expect("contacts");
    // Eleven contacts, so two are scored; 600 of 1,000 pence were lost outside the list.
    assert_eq!((contacts.contacts, contacts.top), (11, 2));
    assert_eq!(
        (contacts.loss_minor, contacts.loss_in_list_minor),
        (1_000, 400)
    );
    assert_eq!(contacts.share, 0.4);
    assert_eq!(contacts.share_by_talk_time, 0.4);
    assert_eq!(contacts.share_at_best, 0.4);
    // All tie: two of eleven places hold two elevenths of 400.
    assert!((contacts.share_by_calls - 0.4 * 2.0 / 11.0).abs() < 1e-12);
}

#[test]
fn suspects_are_scored_by_most_of_their_accounts() {
    let answers = "suspect,account_id\nx,1\nx,6\ny,2\ny,3\ny,6\nz,4\nw,5\nw,77\n";
    let suspects = Desk::of("suspects", answers).expect("scored").suspects;
    let suspects = suspects.expect("suspects");
    // x and w are right by half of their accounts alone.
    assert_eq!((suspects.suspects, suspects.top, suspects.right), (4, 4, 2));
    assert_eq!((suspects.precision, suspects.persons), (0.5, 2));
}

#[test]
fn answers_that_cannot_be_scored_are_refused() {
    let chain = |result: anyhow::Result<Scores>| format!("{:#}", result.expect_err("refused"));
    let desk = Desk::new();
    assert!(chain(desk.score()).contains("holds none of `persons.csv`"));
    for (name, text, expected) in [
        ("persons", "account_id\n1\n", "there is no column `person`"),
        (
            "persons",
            "person,account_id\na,1\nb,1\n",
            "account `1` is named twice",
        ),
        (
            "matches",
            "report_id,called_e164,tier\nR9,1,exact\n",
            "report `R9` is not in the truth",
        ),
        (
            "contacts",
            "called_e164,talk_s,calls\n447,1,1\n+447,2,2\n",
            "row 2 names a number for the second time",
        ),
        (
            "contacts",
            "called_e164,talk_s,calls\n447,x,1\n",
            "`x` is not a whole",
        ),
    ] {
        let error = chain(Desk::of(name, text));
        assert!(error.contains(expected), "{error}");
        assert!(error.starts_with(&format!("could not score `{name}.csv`")));
    }
    std::fs::remove_file(desk.root.join("truth/losses.csv")).expect("removed");
    assert!(chain(desk.score()).contains("losses.csv"));
}

#[test]
fn the_truth_itself_scores_full_marks() {
    let made = Made::hard(2, Process::Mixed, 2);
    let desk = Desk::new();
    let mut contacts = BTreeMap::<String, u64>::new();
    for loss in made.truth("losses.csv") {
        *contacts.entry(loss["called_e164"].clone()).or_default() +=
            loss["loss_minor"].parse::<u64>().expect("pence");
    }
    let mut contacts: Vec<_> = contacts.into_iter().collect();
    contacts.sort_by_key(|(_, loss)| std::cmp::Reverse(*loss));
    let losers = contacts.len();
    let mut text = String::from("called_e164,talk_s,calls\n");
    for (number, _) in contacts {
        text += &format!("{number},0,0\n");
    }
    for index in 0..losers * 9 {
        text += &format!("+4479{index:08},0,0\n");
    }
    desk.write("answers/contacts.csv", &text);
    let suspects: BTreeSet<String> = made
        .truth("suspects.csv")
        .into_iter()
        .map(|suspect| suspect["person"].clone())
        .collect();
    let (mut persons, mut listed) = (
        String::from("source,account_id,person\n"),
        String::from("suspect,account_id\n"),
    );
    for account in made.truth("persons.csv") {
        let (id, person) = (&account["account_id"], &account["person"]);
        persons += &format!("service,{id},{person}\n");
        if suspects.contains(person) {
            listed += &format!("{person},{id}\n");
        }
    }
    desk.write("answers/persons.csv", &persons);
    desk.write("answers/suspects.csv", &listed);
    let mut text = String::from("report_id,called_e164,tier\n");
    for report in made.truth("report_calls.csv") {
        if !report["called_e164"].is_empty() {
            text += &format!("{},{},exact\n", report["report_id"], report["called_e164"]);
        }
    }
    desk.write("answers/matches.csv", &text);
    let scores = score(&desk.root.join("answers"), &made.root.join("truth")).expect("scored");
    let persons = scores.persons.as_ref().expect("persons");
    assert_eq!((persons.f1, persons.hard_recall), (1.0, 1.0));
    assert!(persons.hard_pairs > 10 && persons.hard_pairs < persons.pairs_true / 2);
    assert_eq!(scores.matches.as_ref().expect("matches").all.recall, 1.0);
    let contacts = scores.contacts.as_ref().expect("contacts");
    assert!((contacts.share - 1.0).abs() < 1e-12 && contacts.share == contacts.share_at_best);
    assert_eq!(scores.suspects.as_ref().expect("suspects").precision, 1.0);
    let shown = scores.to_string();
    assert!(shown.contains("persons: pairwise F1 1.0000"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn pairs_are_those_counted_one_by_one(
        held in prop::collection::vec((0_u8..4, 0_u8..5), 1..12),
    ) {
        let desk = Desk::new();
        let (mut truth, mut answers) = (
            String::from("source,account_id,person,shows\n"),
            String::from("person,account_id\n"),
        );
        for (index, (person, found)) in held.iter().enumerate() {
            truth += &format!("service,{index},p{person},line\n");
            // The fifth answer stands for an account that is left out.
            if *found < 4 {
                answers += &format!("f{found},{index}\n");
            }
        }
        desk.write("truth/persons.csv", &truth);
        desk.write("answers/persons.csv", &answers);
        let scored = desk.score().expect("scored").persons.expect("persons");
        let (mut are, mut taken, mut both) = (0, 0, 0);
        for (place, (person, found)) in held.iter().enumerate() {
            for (other, other_found) in &held[..place] {
                let (is, joined) = (person == other, found == other_found && *found < 4);
                are += u64::from(is);
                taken += u64::from(joined);
                both += u64::from(is && joined);
            }
        }
        prop_assert_eq!(
            (scored.pairs_true, scored.pairs_found, scored.pairs_both),
            (are, taken, both)
        );
        prop_assert_eq!(scored.hard_pairs, are);
    }
}
