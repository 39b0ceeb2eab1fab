//! Two people, one plan: what is refused otherwise.

use proptest::prelude::*;
use unspoof_model::Coded;
use unspoof_outreach::approval::{self, Approved, Approvers, Use};
use unspoof_outreach::plan::{ApprovedKey, Plan};

use super::package::approvers;
use super::support::*;

fn plan() -> Plan {
    let list = (0..20).map(|at| candidate(mobile(at))).collect();
    planned(&campaign(), &candidates(list)).plan
}

fn signed_by(plan: &Plan, seeds: &[u8]) -> String {
    let mut file = approval::unsigned(plan).unwrap();
    for of in seeds {
        file = approval::approve(file.as_bytes(), &approvers(), &seed(*of), PLANNED_UTC)
            .unwrap()
            .0;
    }
    file
}

fn refused(file: &str, opened_for: Use, now_utc: i64) -> &'static str {
    Approved::verify(file.as_bytes(), &approvers(), opened_for, now_utc)
        .unwrap_err()
        .code()
}

#[test]
fn two_different_people_approve_and_nobody_less() {
    let plan = plan();
    let unsigned = approval::unsigned(&plan).unwrap();
    assert_eq!(
        refused(&unsigned, Use::Sending, WITHIN_UTC),
        "outreach/approvals"
    );
    let once = signed_by(&plan, &[1]);
    assert_eq!(
        refused(&once, Use::Rehearsal, WITHIN_UTC),
        "outreach/approvals"
    );
    // The same person again, by the program or by copying the line.
    let again =
        approval::approve(once.as_bytes(), &approvers(), &seed(1), PLANNED_UTC).unwrap_err();
    assert_eq!(again.code(), "outreach/approvals");
    let line = once.lines().last().unwrap();
    assert_eq!(
        refused(&format!("{once}{line}\n"), Use::Sending, WITHIN_UTC),
        "outreach/approvals"
    );
    for people in [[1, 2], [3, 1], [2, 3]] {
        let file = signed_by(&plan, &people);
        let approved =
            Approved::verify(file.as_bytes(), &approvers(), Use::Sending, WITHIN_UTC).unwrap();
        assert_eq!(approved.by().len(), 2);
        assert_eq!(approved.plan(), &plan);
        assert_eq!(
            approved.sha256(),
            approval::plan_sha256(unsigned.as_bytes()).unwrap()
        );
    }
    assert_eq!(
        signed_by(&plan, &[1, 2, 3]).lines().count(),
        unsigned.lines().count() + 3
    );
}

#[test]
fn strangers_do_not_approve() {
    let plan = plan();
    // A key of nobody's.
    let error = approval::approve(
        signed_by(&plan, &[1]).as_bytes(),
        &approvers(),
        &seed(8),
        PLANNED_UTC,
    );
    assert_eq!(error.unwrap_err().code(), "outreach/stranger");
    // Whoever made the plan put people of their own on its list: the case's list decides.
    let mut forged = plan.clone();
    forged.approvers = vec![
        ApprovedKey {
            name: "A. Officer".to_owned(),
            key: public(8),
        },
        ApprovedKey {
            name: "B. Officer".to_owned(),
            key: public(7),
        },
    ];
    let own = Approvers::new(forged.approvers.clone()).unwrap();
    let mut file = approval::unsigned(&forged).unwrap();
    for of in [8, 7] {
        file = approval::approve(file.as_bytes(), &own, &seed(of), PLANNED_UTC)
            .unwrap()
            .0;
    }
    assert!(Approved::verify(file.as_bytes(), &own, Use::Sending, WITHIN_UTC).is_ok());
    assert_eq!(
        refused(&file, Use::Sending, WITHIN_UTC),
        "outreach/stranger"
    );
    // Somebody of the case's whom this plan does not list.
    let mut fewer = plan;
    fewer.approvers.pop();
    let file = signed_by(&fewer, &[1, 2]);
    assert!(Approved::verify(file.as_bytes(), &approvers(), Use::Sending, WITHIN_UTC).is_ok());
    let third = approval::approve(file.as_bytes(), &approvers(), &seed(3), PLANNED_UTC);
    assert_eq!(third.unwrap_err().code(), "outreach/stranger");
}

#[test]
fn a_plan_has_its_time() {
    let plan = plan();
    let file = signed_by(&plan, &[1, 2]);
    let (from, until) = (plan.window.from_utc, plan.window.until_utc);
    let open = |opened_for, now| Approved::verify(file.as_bytes(), &approvers(), opened_for, now);
    assert_eq!(refused(&file, Use::Sending, from - 1), "outreach/not-yet");
    assert!(open(Use::Sending, from).unwrap().may_send(from));
    assert!(open(Use::Sending, until - 1).is_ok());
    assert_eq!(refused(&file, Use::Sending, until), "outreach/expired");
    assert!(
        open(Use::Rehearsal, PLANNED_UTC)
            .unwrap()
            .may_send(PLANNED_UTC)
    );
    assert_eq!(refused(&file, Use::Rehearsal, until), "outreach/expired");
    // A clock that is set back, or runs on, while a sender works.
    let sending = open(Use::Sending, from).unwrap();
    assert!(!sending.may_send(from - 1) && !sending.may_send(until));
    // Afterwards receipts are read and nothing is sent.
    let after = open(Use::Afterwards, until + 1).unwrap();
    assert!(!after.may_send(from) && !after.may_send(until + 1));
    let late = approval::approve(file.as_bytes(), &approvers(), &seed(3), until);
    assert_eq!(late.unwrap_err().code(), "outreach/expired");
}

#[test]
fn signatures_of_another_plan_are_worth_nothing() {
    let one = plan();
    let mut two = one.clone();
    two.texts[0].text = two.texts[0].text.replace("phone", "mobile");
    let (one, two) = (signed_by(&one, &[1, 2]), signed_by(&two, &[1]));
    let moved: Vec<&str> = one
        .lines()
        .filter(|line| line.starts_with("unspoof-plan-v1"))
        .collect();
    let file = format!("{two}{}\n", moved[1]);
    assert_eq!(
        refused(&file, Use::Sending, WITHIN_UTC),
        "outreach/signature"
    );
}

/// Each of these would change what is sent, and is found by whoever opens the plan, signed or not.
#[test]
fn a_plan_that_could_not_have_been_made_is_neither_signed_nor_opened() {
    type Change = fn(&mut Plan);
    let cases: Vec<(&str, Change)> = vec![
        ("outreach/document", |plan| {
            plan.format = "unspoof-plan-2".to_owned()
        }),
        ("outreach/document", |plan| plan.campaign = "A/B".to_owned()),
        ("outreach/sender-id", |plan| {
            plan.sender = "MyBank".to_owned()
        }),
        ("outreach/text", |plan| {
            plan.texts[0].text = "Hello".to_owned()
        }),
        ("outreach/text", |plan| {
            plan.texts[0].text.push_str(" {name}")
        }),
        ("outreach/text", |plan| plan.texts[0].parts = 2),
        ("outreach/text", |plan| {
            plan.texts[1] = plan.texts[0].clone()
        }),
        ("outreach/lint", |plan| {
            plan.texts[0].text = "Tarnshire Police: call 020 7946 0000 now. Code {code}".to_owned();
        }),
        ("outreach/lint", |plan| {
            plan.texts[0].text =
                "Tarnshire Police: see tarnshire.example.uk for more. Code {code}".to_owned();
        }),
        ("outreach/document", |plan| plan.stages[1].recipients += 1),
        ("outreach/document", |plan| plan.texts[0].recipients += 1),
        ("outreach/document", |plan| plan.figures.parts += 1),
        ("outreach/document", |plan| plan.rate_per_s = 0),
        ("outreach/handover", |plan| {
            plan.portal.as_mut().unwrap().leave_url = "javascript:x".to_owned();
        }),
        ("outreach/approvers", |plan| plan.approvers.truncate(1)),
        ("outreach/window", |plan| {
            plan.window.until_utc = plan.window.from_utc
        }),
        ("outreach/window", |plan| plan.window.until_utc += 1),
        ("outreach/window", |plan| {
            plan.clocks[0].open[0].from_utc -= 12 * HOUR_US
        }),
        ("outreach/window", |plan| plan.clocks[0].open.reverse()),
    ];
    for (code, change) in cases {
        let mut changed = plan();
        change(&mut changed);
        let error = approval::unsigned(&changed).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
        // Also where somebody writes and signs it without this program.
        let body = format!("{}\n", serde_json::to_string_pretty(&changed).unwrap());
        let mut file = body.clone();
        for of in [1, 2] {
            use ring::signature::KeyPair as _;
            let pair = unspoof_handover::bundle::key_pair("test", &seed(of)).unwrap();
            let encode = unspoof_handover::hex::encode;
            let (key, signature) = (
                encode(pair.public_key().as_ref()),
                encode(pair.sign(body.as_bytes()).as_ref()),
            );
            file.push_str(&format!("unspoof-plan-v1 ed25519 {key} {signature}\n"));
        }
        assert_eq!(refused(&file, Use::Sending, WITHIN_UTC), code);
    }
}

#[test]
fn an_exception_is_signed_and_lets_one_thing_pass() {
    use unspoof_outreach::lint::{Exception, Rule};
    let mut plan = plan();
    plan.texts[0].text =
        "Tarnshire Police: tarnshire.example.uk tells more of this. Code {code}".to_owned();
    let found = plan.lint()[0].refused().next().unwrap().clone();
    assert_eq!(found.rule, Rule::Link);
    let exception = Exception {
        rule: Rule::Link,
        found: found.found,
        reason: "the name is announced on the notice".to_owned(),
        by: "A. Officer".to_owned(),
    };
    plan.exceptions = vec![exception.clone()];
    let file = signed_by(&plan, &[1, 2]);
    assert!(Approved::verify(file.as_bytes(), &approvers(), Use::Sending, WITHIN_UTC).is_ok());
    // One that lets nothing pass was not thought through.
    plan.exceptions.push(Exception {
        found: "other.example.uk".to_owned(),
        ..exception
    });
    assert_eq!(
        approval::unsigned(&plan).unwrap_err().code(),
        "outreach/document"
    );
}

#[test]
fn there_is_one_way_to_write_a_plan() {
    let plan = plan();
    let file = signed_by(&plan, &[1, 2]);
    for (from, to) in [
        ("\n", "\r\n"),
        ("  \"campaign\"", " \"campaign\""),
        (
            "\"made_up\": true,",
            "\"made_up\": true, \"made_up\": false,",
        ),
        ("unspoof-plan-v1 ed25519 ", "unspoof-plan-v1  ed25519 "),
    ] {
        let changed = file.replacen(from, to, 1);
        assert_ne!(changed, file);
        let code = refused(&changed, Use::Sending, WITHIN_UTC);
        assert!(
            ["outreach/signature", "outreach/document"].contains(&code),
            "{from}: {code}"
        );
    }
    let upper: String = {
        let (body, last) = file.trim_end().rsplit_once(' ').unwrap();
        format!("{body} {}\n", last.to_uppercase())
    };
    assert_eq!(
        refused(&upper, Use::Sending, WITHIN_UTC),
        "outreach/signature"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(48)))]
    #[test]
    fn a_changed_byte_anywhere_is_refused(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        static FILE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let file = FILE.get_or_init(|| signed_by(&plan(), &[1, 2])).as_bytes();
        let at = at.index(file.len());
        prop_assume!(file[at] != to);
        let mut changed = file.to_vec();
        changed[at] = to;
        prop_assert!(Approved::verify(&changed, &approvers(), Use::Sending, WITHIN_UTC).is_err());
        prop_assert!(Approved::verify(&file[..at], &approvers(), Use::Sending, WITHIN_UTC).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Approved::verify(&bytes, &approvers(), Use::Rehearsal, WITHIN_UTC).is_err());
    }
}
