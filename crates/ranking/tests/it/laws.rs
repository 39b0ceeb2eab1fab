//! Lines add up, order follows from facts alone, comparisons account for every point.

use proptest::prelude::*;
use unspoof_numbers::PhoneNumber;
use unspoof_ranking::{
    ContactFact, Contacts, Counted, Fact, Facts, Points, Policy, RankError, Rules, Scale, Term,
};

fn key(at: u64) -> PhoneNumber {
    PhoneNumber::from_key(447_700_900_000 + at).unwrap()
}

fn value() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => 0_u64..4,
        3 => 250_u64..260,
        2 => 65_530_u64..65_540,
        1 => any::<u64>()
    ]
}

fn facts() -> impl Strategy<Value = Facts<ContactFact>> {
    proptest::collection::vec(value(), ContactFact::ALL.len()).prop_map(|values| {
        let mut facts = Facts::new();
        for (&fact, value) in ContactFact::ALL.iter().zip(values) {
            facts.set(fact, value);
        }
        facts
    })
}

fn fact() -> impl Strategy<Value = ContactFact> {
    proptest::sample::select(ContactFact::ALL)
}

fn counted() -> impl Strategy<Value = Counted<ContactFact>> {
    let scale = proptest::sample::select(&[Scale::Each, Scale::Doubling][..]);
    prop_oneof![
        (fact(), value(), 0_u64..100_000, scale).prop_map(|(fact, over, at_most, scale)| {
            Counted::Amount {
                fact,
                over,
                at_most,
                scale,
            }
        }),
        proptest::collection::vec((fact(), value()), 1..4).prop_map(Counted::When),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    let term = (-100_000_i64..100_000, counted());
    let terms = proptest::collection::vec(term, 0..12);
    (terms, proptest::collection::vec(fact(), 0..4)).prop_map(|(terms, ties)| {
        let mut policy = Policy::parse("format = 1\nname = \"drawn\"").unwrap();
        let terms = terms
            .into_iter()
            .enumerate()
            .map(|(at, (milli, counted))| Term {
                name: format!("term {at}"),
                points: Points { milli },
                counted,
            });
        policy.contacts = Rules {
            terms: terms.collect(),
            ties,
        };
        policy
    })
}

fn table(rows: &[(u64, Facts<ContactFact>)]) -> Contacts {
    let mut table = Contacts::new();
    for (at, facts) in rows {
        table.push(key(*at), facts).unwrap();
    }
    table
}

fn rows() -> impl Strategy<Value = Vec<(u64, Facts<ContactFact>)>> {
    proptest::collection::vec(facts(), 1..40)
        .prop_map(|all| (0..).zip(all).collect::<Vec<_>>())
        .prop_shuffle()
}

proptest! {
    #[test]
    fn tables_that_are_put_together_are_one(
        all in proptest::collection::vec(facts(), 0..12),
        cut in 0_usize..12,
    ) {
        let of = |rows: &[Facts<ContactFact>], first: usize| {
            let mut table = Contacts::new();
            for (row, facts) in rows.iter().enumerate() {
                table.push(key((first + row) as u64), facts).unwrap();
            }
            table
        };
        let cut = cut.min(all.len());
        let whole = of(&all, 0);
        let mut parts = of(&all[..cut], 0);
        parts.append(of(&all[cut..], cut)).unwrap();
        prop_assert_eq!(parts.len(), whole.len());
        for row in 0..all.len() as u32 {
            prop_assert_eq!(parts.key(row), whole.key(row));
            for &fact in ContactFact::ALL {
                prop_assert_eq!(parts.get(row, fact), whole.get(row, fact));
            }
        }
        let policy = Policy::preset("harm").unwrap();
        let order = |table: &Contacts| -> Vec<u32> {
            policy.rank(table).unwrap().iter().map(|one| one.row).collect()
        };
        prop_assert_eq!(order(&parts), order(&whole));
    }

    #[test]
    fn lines_add_up_to_the_points(rows in rows(), policy in policy()) {
        let table = table(&rows);
        let ranking = policy.rank(&table).unwrap();
        prop_assert_eq!(ranking.len(), rows.len());
        for one in ranking.iter() {
            let why = ranking.explain(one.row).unwrap();
            let sum: i64 = why.lines.iter().map(|line| line.points.milli).sum();
            prop_assert_eq!(sum, one.points.milli);
            prop_assert_eq!(why.total, one.points);
            prop_assert_eq!(why.lines.len(), policy.contacts.terms.len());
            for (fact, value) in why.lines.iter().flat_map(|line| &line.facts) {
                prop_assert_eq!(rows[one.row as usize].1.get(*fact), *value);
            }
        }
    }

    #[test]
    fn order_follows_from_facts_alone(rows in rows(), policy in policy()) {
        let mut sorted = rows.clone();
        sorted.sort_by_key(|row| row.0);
        let (one, other) = (table(&rows), table(&sorted));
        let keys = |table: &Contacts| -> Vec<_> {
            policy.rank(table).unwrap().iter().map(|one| (*one.key, one.points)).collect()
        };
        let order = keys(&one);
        prop_assert_eq!(&order, &keys(&other));
        prop_assert!(order.windows(2).all(|two| two[0].1 >= two[1].1));
        let by_ties = |at: usize| {
            let facts = &sorted[(order[at].0.key() - key(0).key()) as usize].1;
            let ties = policy.contacts.ties.iter().map(|&tie| std::cmp::Reverse(facts.get(tie)));
            (std::cmp::Reverse(order[at].1), ties.collect::<Vec<_>>(), order[at].0)
        };
        prop_assert!((1..order.len()).all(|at| by_ties(at - 1) < by_ties(at)));
    }

    #[test]
    fn comparisons_account_for_every_point(rows in rows(), a in policy(), b in policy(), top in 0_usize..50) {
        let table = table(&rows);
        let (first, second) = (a.rank(&table).unwrap(), b.rank(&table).unwrap());
        let compared = first.compare(&second, top).unwrap();
        for one in &compared.moves {
            let because: i64 = one.because.iter().map(|why| why.second.milli - why.first.milli).sum();
            prop_assert_eq!(because, one.second_points.milli - one.first_points.milli);
            prop_assert!(one.first_place != one.second_place);
            prop_assert!(one.first_place.min(one.second_place) as usize <= top);
        }
        let in_top = |ranking: &unspoof_ranking::Ranking<'_, ContactFact>| -> Vec<u32> {
            ranking.iter().take(top).map(|one| one.row).collect()
        };
        let (ours, theirs) = (in_top(&first), in_top(&second));
        let both = ours.iter().filter(|row| theirs.contains(row)).count();
        prop_assert_eq!(compared.in_both, both);
        let same_place = ours.iter().zip(&theirs).filter(|(a, b)| a == b).count();
        prop_assert_eq!(compared.moves.len(), ours.len() + theirs.len() - both - same_place);
    }

    #[test]
    fn columns_give_back_what_was_put_in(rows in rows()) {
        let table = table(&rows);
        for (row, (_, facts)) in (0..).zip(&rows) {
            for &fact in ContactFact::ALL {
                prop_assert_eq!(table.get(row, fact), facts.get(fact));
            }
        }
    }
}

#[test]
fn a_subject_comes_once() {
    let mut contacts = Contacts::new();
    for at in [5, 3, 5] {
        contacts.push(key(at), &Facts::new()).unwrap();
    }
    let twice = Policy::preset("harm").unwrap().rank(&contacts).unwrap_err();
    assert_eq!(
        twice,
        RankError::KeyTwice {
            section: "contacts",
            first_row: 0,
            second_row: 2
        }
    );
}

#[test]
fn rankings_of_two_tables_are_not_compared() {
    let (one, other) = (Contacts::new(), Contacts::new());
    let policy = Policy::preset("harm").unwrap();
    assert_eq!(
        policy
            .rank(&one)
            .unwrap()
            .compare(&policy.rank(&other).unwrap(), 10),
        None
    );
}

#[test]
fn a_comparison_says_who_enters_and_why() {
    let mut contacts = Contacts::new();
    // 1 talked long to a priority account; 2 gave a code away to another.
    let mut facts = Facts::new();
    facts
        .set(ContactFact::EngagedCalls, 1)
        .set(ContactFact::LongestTalkS, 200)
        .set(ContactFact::PriorityAccounts, 1);
    contacts.push(key(1), &facts).unwrap();
    facts
        .set(ContactFact::PriorityAccounts, 0)
        .set(ContactFact::CodesCaptured, 1);
    contacts.push(key(2), &facts).unwrap();
    let elaborate = Policy::preset("elaborate")
        .unwrap()
        .rank(&contacts)
        .unwrap();
    let harm = Policy::preset("harm").unwrap().rank(&contacts).unwrap();
    let compared = elaborate.compare(&harm, 1).unwrap();
    assert_eq!(compared.in_both, 0);
    let moved: Vec<_> = compared
        .moves
        .iter()
        .map(|one| {
            (
                one.key,
                one.first_place,
                one.second_place,
                one.because[0].name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        moved,
        [
            (key(1), 1, 2, "engaged by a priority account"),
            (key(2), 2, 1, "engaged"),
        ]
    );
}
