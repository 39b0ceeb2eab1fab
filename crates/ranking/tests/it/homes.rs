//! What telephone, addresses and hours say of a home.

use unspoof_model::{Region, Zone};
use unspoof_ranking::{HomeEvidence, HomeWeights, local_hours};

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn confidence(evidence: &HomeEvidence, code: &str) -> u8 {
    evidence
        .weigh(&HomeWeights::default())
        .confidence_pct(&[region(code)])
}

#[test]
fn nothing_known_says_nothing() {
    assert_eq!(confidence(&HomeEvidence::default(), "GB"), 0);
}

#[test]
fn evidence_adds_up_and_contradicts() {
    let telephone = HomeEvidence {
        telephone: Some(region("GB")),
        ..HomeEvidence::default()
    };
    let mut both = telephone.clone();
    both.addresses.insert(region("GB"), 5);
    let mut against = telephone.clone();
    against.addresses.insert(region("NG"), 5);
    let mut one_address = HomeEvidence::default();
    one_address.addresses.insert(region("GB"), 1);
    let pct = |evidence| confidence(evidence, "GB");
    assert_eq!((pct(&telephone), pct(&both)), (66, 97));
    assert!(pct(&one_address) < 50, "one address may be anybody's");
    assert!(pct(&against) < 50, "{}", pct(&against));
    let shared = against.weigh(&HomeWeights::default());
    assert!(shared.confidence_pct(&[region("GB"), region("NG")]) <= 100);
}

#[test]
fn hours_tell_far_zones_apart_and_near_ones_not() {
    // Every half hour from 9 to 22 in London, on forty days of winter.
    let awake = (0..40).flat_map(|day| (18..44).map(move |half| day * 48 + half));
    let instants: Vec<i64> = awake
        .map(|half: i64| (1_641_000_000 / 86_400 * 48 + half) * 1_800_000_000)
        .collect();
    let mut evidence = HomeEvidence::default();
    for (code, zone) in [
        ("GB", "Europe/London"),
        ("PT", "Europe/Lisbon"),
        ("AU", "Australia/Sydney"),
    ] {
        let zone = Zone::named(zone).unwrap();
        let hours = local_hours(&zone, instants.iter().copied());
        assert_eq!(hours.iter().sum::<u32>(), 40 * 26);
        evidence.hours.insert(region(code), hours);
    }
    let found = evidence.weigh(&HomeWeights::default());
    let bits = |code| {
        let one = found
            .candidates
            .iter()
            .find(|one| one.region == region(code))
            .unwrap();
        one.hours_milli_bits
    };
    assert_eq!(bits("GB"), bits("PT"));
    assert!(bits("GB") > 1_000, "{}", bits("GB"));
    assert_eq!(bits("AU"), -2_000);
    assert!(
        confidence(&evidence, "GB") < 50,
        "hours alone make nobody British"
    );
}
