//! What holds whatever the evidence.

use proptest::prelude::*;
use unspoof_persons::{
    Account, AccountKey, AccountNo, Evidence, Judgement, Kind, Outcome, Persons, Settings, Verdict,
};

use crate::seen::see;
use crate::world::{Draw, Mode, world};

const KINDS: [Kind; 5] = [
    Kind::Ip,
    Kind::Device,
    Kind::PaymentSource,
    Kind::PayoutAddress,
    Kind::ReferralCode,
];

/// A small world: who was seen with what, few values so that many are shared.
#[derive(Debug, Clone)]
struct Small {
    accounts: usize,
    /// Account, kind, value, hour.
    seen: Vec<(usize, usize, u8, i64)>,
}

fn small() -> impl Strategy<Value = Small> {
    (4_usize..24).prop_flat_map(|accounts| {
        let seen = (0..accounts, 0..KINDS.len(), 0_u8..12, 0_i64..1000);
        prop::collection::vec(seen, 0..120).prop_map(move |seen| Small { accounts, seen })
    })
}

impl Small {
    /// Fills the evidence in the order that a seed shuffles it into.
    fn evidence(&self, shuffle: Option<u64>) -> (Evidence, Vec<AccountNo>) {
        let mut order: Vec<usize> = (0..self.accounts).collect();
        let mut seen = self.seen.clone();
        if let Some(seed) = shuffle {
            let mut draw = Draw::new(seed);
            draw.shuffle(&mut order);
            draw.shuffle(&mut seen);
        }
        let mut evidence = Evidence::new();
        let mut numbers = vec![None; self.accounts];
        for at in order {
            let mut account = Account::new("s", &format!("{at:03}"));
            account.name = (at % 3 == 0).then(|| format!("name {}", at % 5));
            account.phone_e164 = (at % 4 == 0).then_some(447_700_900_000 + (at % 7) as i64);
            numbers[at] = Some(evidence.add_account(account).unwrap());
        }
        let numbers: Vec<AccountNo> = numbers.into_iter().map(Option::unwrap).collect();
        for (at, kind, value, hour) in seen {
            see(
                &mut evidence,
                numbers[at],
                KINDS[kind],
                &format!("v{value}"),
                Some(hour),
            );
        }
        (evidence, numbers)
    }
}

fn place(persons: &Persons, at: usize) -> u32 {
    let key = AccountKey {
        source: "s".to_owned(),
        account_id: format!("{at:03}"),
    };
    persons.place(&key).unwrap()
}

fn together(persons: &Persons, one: usize, other: usize) -> bool {
    let [one, other] = [one, other].map(|at| place(persons, at));
    persons.person_of(one) == persons.person_of(other)
}

/// The log-odds of a pair, which a judgement brought up for sure.
fn odds_bits(persons: &Persons, one: usize, other: usize) -> f64 {
    let [one, other] = [one, other].map(|at| place(persons, at));
    let pair = persons
        .pairs()
        .iter()
        .find(|pair| (pair.a, pair.b) == (one.min(other), one.max(other)))
        .unwrap();
    pair.odds_bits
}

fn same_result(one: &Persons, other: &Persons) -> bool {
    one.persons() == other.persons()
        && one.pairs() == other.pairs()
        && one.merges() == other.merges()
        && one.weights() == other.weights()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_order_of_the_input_does_not_matter(small in small(), seed in any::<u64>()) {
        let one = small.evidence(None).0.resolve(&Settings::default());
        let other = small.evidence(Some(seed)).0.resolve(&Settings::default());
        prop_assert!(same_result(&one, &other));
    }

    #[test]
    fn what_only_two_share_never_lowers_their_bits(
        small in small(), a in 0_usize..4, step in 1_usize..4, kind in 0..KINDS.len(), hours in any::<[u8; 2]>(),
    ) {
        let b = (a + step) % 4;
        let (mut evidence, numbers) = small.evidence(None);
        // Judged, so that the pair is looked at before it shares anything, too.
        let verdict = Verdict::Different(numbers[a], numbers[b]);
        evidence.add_judgement(Judgement { at_utc_us: 0, verdict }).unwrap();
        let before = odds_bits(&evidence.resolve(&Settings::default()), a, b);
        for (at, hour) in [a, b].into_iter().zip(hours) {
            see(&mut evidence, numbers[at], KINDS[kind], "theirs alone", Some(i64::from(hour)));
        }
        let after = odds_bits(&evidence.resolve(&Settings::default()), a, b);
        prop_assert!(after >= before, "{before} became {after}");
    }

    #[test]
    fn a_judgement_of_difference_always_separates(small in small(), a in 0_usize..4, step in 1_usize..4) {
        let b = (a + step) % 4;
        let (mut evidence, numbers) = small.evidence(None);
        let verdict = Verdict::Different(numbers[a], numbers[b]);
        evidence.add_judgement(Judgement { at_utc_us: 0, verdict }).unwrap();
        // However much they share.
        for kind in KINDS {
            for at in [a, b] {
                see(&mut evidence, numbers[at], kind, "shared", Some(7));
            }
        }
        prop_assert!(!together(&evidence.resolve(&Settings::default()), a, b));
    }

    #[test]
    fn a_judgement_of_sameness_always_joins(small in small(), a in 0_usize..4, step in 1_usize..4) {
        let b = (a + step) % 4;
        let (mut evidence, numbers) = small.evidence(None);
        let verdict = Verdict::Same(numbers[a], numbers[b]);
        evidence.add_judgement(Judgement { at_utc_us: 0, verdict }).unwrap();
        prop_assert!(together(&evidence.resolve(&Settings::default()), a, b));
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    for (mode, seed) in [(Mode::Plain, 7), (Mode::Hard, 8)] {
        let world = world(mode, 6_000, seed).unwrap();
        let of = |threads| {
            world.evidence.resolve(&Settings {
                threads,
                ..Settings::default()
            })
        };
        let one = of(1);
        assert!(one.weights().learned);
        for threads in [2, 3, 8] {
            assert!(
                same_result(&one, &of(threads)),
                "{mode:?} on {threads} threads"
            );
        }
    }
}

/// The law of bits where weights are learned, too: on real pairs of a large world. Two sightings more
/// move what all pairs teach, by less than a thousandth of a bit.
#[test]
fn learned_weights_keep_to_what_only_two_share() {
    let world = world(Mode::Hard, 2_000, 9).unwrap();
    let before = world.evidence.resolve(&Settings::default());
    assert!(before.weights().learned);
    let looked_at: Vec<_> = before
        .pairs()
        .iter()
        .filter(|pair| pair.outcome != Outcome::Different)
        .step_by(211)
        .collect();
    assert!(looked_at.len() >= 10);
    for (pair, kind) in looked_at.into_iter().zip(KINDS.into_iter().cycle()) {
        let mut evidence = world.evidence.clone();
        for at in [pair.a, pair.b] {
            let account = evidence
                .account_no(&before.accounts()[at as usize])
                .unwrap();
            see(&mut evidence, account, kind, "theirs alone", Some(1));
        }
        let after = evidence.resolve(&Settings::default());
        let after = after
            .pairs()
            .iter()
            .find(|p| (p.a, p.b) == (pair.a, pair.b))
            .unwrap();
        assert!(
            after.odds_bits >= pair.odds_bits - 0.001,
            "{kind:?} {pair:?} became {after:?}"
        );
    }
}
