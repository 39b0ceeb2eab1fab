//! What the sender's host is given, and what it refuses.

use unspoof_handover::seal;
use unspoof_model::Coded;
use unspoof_outreach::approval::{self, Approved, Approvers, Use};
use unspoof_outreach::package::{self, Opened};
use unspoof_outreach::plan::Planned;
use unspoof_outreach::recipient::Recipients;
use unspoof_outreach::removal;
use unspoof_unseal::Identity;

use super::support::*;

pub(crate) fn approvers() -> Approvers {
    Approvers::new(campaign().approvers).unwrap()
}

pub(crate) fn hundred() -> Planned {
    let list = (0..100).map(|at| candidate(mobile(at))).collect();
    planned(&campaign(), &candidates(list))
}

pub(crate) fn approved_file(planned: &Planned) -> String {
    let mut file = approval::unsigned(&planned.plan).unwrap();
    for of in [1, 2] {
        file = approval::approve(file.as_bytes(), &approvers(), &seed(of), PLANNED_UTC)
            .unwrap()
            .0;
    }
    file
}

pub(crate) fn approved(planned: &Planned) -> Approved {
    Approved::verify(
        approved_file(planned).as_bytes(),
        &approvers(),
        Use::Rehearsal,
        PLANNED_UTC,
    )
    .unwrap()
}

fn opened(
    file: &str,
    sealed: &[u8],
    identity: Identity,
) -> Result<Opened, unspoof_outreach::PlanError> {
    Opened::open(
        file.as_bytes(),
        sealed,
        &approvers(),
        &[identity],
        Use::Sending,
        WITHIN_UTC,
    )
}

#[test]
fn an_approved_plan_opens_on_its_host() {
    let planned = hundred();
    let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
    let folder = tempfile::tempdir().unwrap();
    package::write(folder.path(), &approved_file(&planned), &sealed).unwrap();
    // Nothing is written over.
    let again = package::write(folder.path(), "", b"").unwrap_err();
    assert_eq!(again.code(), "outreach/io");
    let opened = Opened::open_folder(
        folder.path(),
        &approvers(),
        &[host()],
        Use::Sending,
        WITHIN_UTC,
    )
    .unwrap();
    assert_eq!(opened.approved().by(), ["A. Officer", "B. Officer"]);
    assert_eq!(
        (opened.stage(0), opened.stage(3), opened.stage(4)),
        (Some(0..2), Some(15..102), None)
    );
    assert_eq!(opened.not_before(3), Some(0));
    assert_eq!(opened.recipients().list, planned.recipients.list);
    for key in 0..102 {
        let recipient = opened.recipient(key).unwrap();
        assert_eq!(
            opened.hash(key).unwrap(),
            super::support::key().hash(recipient.number)
        );
        assert_eq!(
            format!("+{}", recipient.digits().as_str()),
            recipient.number.reveal()
        );
    }
    assert!(
        opened.recipient(102).is_none() && opened.text(102).is_none() && opened.hash(102).is_none()
    );
}

#[test]
fn no_number_no_code_and_no_key_stands_in_the_open() {
    let planned = hundred();
    let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
    let file = approved_file(&planned);
    let debug = format!("{:?} {:?}", planned.recipients, planned.plan);
    let secret = unspoof_handover::hex::encode(key().reveal().as_slice());
    for text in [file.as_str(), &String::from_utf8_lossy(&sealed), &debug] {
        for recipient in &planned.recipients.list {
            assert!(!text.contains(&recipient.number.key().to_string()));
            assert!(!text.contains(recipient.code.reveal().as_str()));
        }
        assert!(!text.contains(&secret));
    }
}

#[test]
fn recipients_are_those_that_were_signed_and_open_nowhere_else() {
    let planned = hundred();
    let file = approved_file(&planned);
    let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
    let code = |sealed: &[u8]| opened(&file, sealed, host()).unwrap_err().code();
    assert!(opened(&file, &sealed, host()).is_ok());
    assert_eq!(
        opened(&file, &sealed, Identity::of_secret(seed(101)))
            .unwrap_err()
            .code(),
        "unseal/no-match"
    );
    assert_eq!(code(&sealed[..sealed.len() - 1]), "unseal/changed");
    assert_eq!(code(&sealed[..40]), "unseal/header");
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(code(&changed), "unseal/changed");
    // Whoever holds the host's public key can seal others: they are not those of the plan.
    let to_host = seal::Recipient::parse(&host().recipient()).unwrap();
    type Change = fn(&mut Recipients);
    let cases: Vec<Change> = vec![
        |of| of.list[3].number = mobile(500),
        |of| of.list[3].text = 0,
        |of| of.list[3].stage = 3,
        |of| of.list[3].clock = 9,
        |of| of.list[3].code = of.list[4].code.clone(),
        |of| of.list.swap(20, 21),
        |of| {
            of.list.pop();
        },
        |of| of.list.push(of.list[5].clone()),
        |of| of.not_before_utc[0] = 5,
        |of| of.campaign = "another".to_owned(),
        |of| of.key = unspoof_outreach::recipient::RecipientKey::new(seed(1)),
    ];
    for change in cases {
        let mut others = planned.recipients.clone();
        change(&mut others);
        let sealed = seal::seal(&others.to_bytes(), &[to_host]).unwrap();
        assert_eq!(code(&sealed), "outreach/recipients");
        assert_eq!(
            package::seal_recipients(&planned.plan, &others)
                .unwrap_err()
                .code(),
            "outreach/recipients"
        );
    }
    let junk = seal::seal(b"+447700900123\n", &[to_host]).unwrap();
    assert_eq!(code(&junk), "outreach/recipients");
    // Another plan's recipients.
    let other = hundred();
    let sealed = package::seal_recipients(&other.plan, &other.recipients).unwrap();
    assert_eq!(
        code(&sealed),
        "outreach/recipients",
        "other codes are other recipients"
    );
}

#[test]
fn a_copy_stays_inside_under_keys_of_its_own() {
    let planned = hundred();
    let keys = [inside(1), inside(2)];
    let sealed = package::seal_copy(&planned.plan, &planned.recipients, &keys).unwrap();
    for of in [201, 202] {
        let identity = Identity::of_secret(seed(of));
        let opened = package::open_recipients(sealed.as_slice(), &[identity]).unwrap();
        assert_eq!(opened.list, planned.recipients.list);
    }
    assert!(package::open_recipients(sealed.as_slice(), &[host()]).is_err());
    let seal = |keys: &[String]| package::seal_copy(&planned.plan, &planned.recipients, keys);
    assert!(seal(&[inside(1)]).is_err() && seal(&[inside(1), inside(1)]).is_err());
    assert!(seal(&[inside(1), host().recipient()]).is_err());
}

#[test]
fn unsigned_expired_or_early_packages_stay_shut() {
    let planned = hundred();
    let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
    let unsigned = approval::unsigned(&planned.plan).unwrap();
    assert_eq!(
        opened(&unsigned, &sealed, host()).unwrap_err().code(),
        "outreach/approvals"
    );
    let file = approved_file(&planned);
    for (opened_for, now_utc, code) in [
        (Use::Sending, PLANNED_UTC, "outreach/not-yet"),
        (Use::Sending, WITHIN_UTC + 72 * HOUR_US, "outreach/expired"),
        (
            Use::Rehearsal,
            WITHIN_UTC + 72 * HOUR_US,
            "outreach/expired",
        ),
    ] {
        let error = Opened::open(
            file.as_bytes(),
            sealed.as_slice(),
            &approvers(),
            &[host()],
            opened_for,
            now_utc,
        );
        assert_eq!(error.unwrap_err().code(), code);
    }
    let later = WITHIN_UTC + 72 * HOUR_US;
    let after = Opened::open(
        file.as_bytes(),
        sealed.as_slice(),
        &approvers(),
        &[host()],
        Use::Afterwards,
        later,
    );
    assert!(!after.unwrap().approved().may_send(WITHIN_UTC));
}

#[test]
fn a_removal_list_takes_away_and_can_do_nothing_else() {
    let planned = hundred();
    let approved = approved(&planned);
    let numbers = [mobile(3), mobile(7), mobile(3)];
    let of = |seed_of| {
        removal::make(
            &planned.plan.campaign,
            approved.sha256(),
            &numbers,
            &key(),
            "asked the liaison officer",
            &seed(seed_of),
            WITHIN_UTC,
        )
        .unwrap()
    };
    let file = of(3);
    let read = removal::verify(file.as_bytes(), &approved, &approvers()).unwrap();
    assert_eq!((read.by.as_str(), read.removed.len()), ("C. Officer", 2));
    assert!(read.removed.contains(&key().hash(mobile(7))));
    for number in numbers {
        assert!(!file.contains(&number.key().to_string()));
    }
    let code = |file: &str| {
        removal::verify(file.as_bytes(), &approved, &approvers())
            .unwrap_err()
            .code()
    };
    assert_eq!(code(&of(9)), "outreach/stranger");
    let body: String = file
        .lines()
        .filter(|line| !line.starts_with("unspoof-removal"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(code(&body), "outreach/signature", "nobody signed");
    assert_eq!(
        code(&file.replace("liaison", "other")),
        "outreach/signature"
    );
    // What is not of its form is refused though an approver signed it: no field could add anybody.
    let wider = body.replace("\"removed\": [", "\"added\": [],\n  \"removed\": [");
    assert_eq!(code(&resigned(&wider, 1)), "outreach/document");
    let other = body.replace(&approved.sha256().to_string(), &"0".repeat(64));
    assert_eq!(code(&resigned(&other, 1)), "outreach/document");
    // A plan is no removal list, nor the other way round.
    assert_eq!(code(&approved_file(&planned)), "outreach/signature");
    let nobody = removal::make(
        "x",
        approved.sha256(),
        &[],
        &key(),
        "r",
        &seed(1),
        WITHIN_UTC,
    );
    assert_eq!(nobody.unwrap_err().code(), "outreach/document");
}

fn resigned(body: &str, of: u8) -> String {
    use ring::signature::KeyPair as _;
    let pair = unspoof_handover::bundle::key_pair("test", &seed(of)).unwrap();
    let encode = unspoof_handover::hex::encode;
    format!(
        "{body}unspoof-removal-v1 ed25519 {} {}\n",
        encode(pair.public_key().as_ref()),
        encode(pair.sign(body.as_bytes()).as_ref())
    )
}
