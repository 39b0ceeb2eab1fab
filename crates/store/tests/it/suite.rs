//! One suite, run on both databases.

use unspoof_model::Coded as _;
use unspoof_store::{
    Address, CareEvent, Decision, Deed, InvalidJudgement, Judgement, Store, StoreError, care_states,
};

use crate::made_up::{identified, judged, number, report, undoing};
use crate::places::Place;

type Case = (&'static str, fn(&Place));

const CASES: [Case; 9] = [
    ("what is added comes back whole", comes_back_whole),
    (
        "nothing is changed, deleted or replaced",
        nothing_is_changed,
    ),
    ("a batch is added whole or not at all", whole_or_not_at_all),
    ("what was done about statements is only ever added", care),
    ("a changed row is found", a_changed_row_is_found),
    ("a newer version is refused", a_newer_version_is_refused),
    ("an older version opens", an_older_version_opens),
    ("a second one sees what the first added", two_at_once),
    (
        "whatever is acknowledged outlasts a kill",
        crate::child::outlasts_a_kill,
    ),
];

#[expect(clippy::print_stderr, reason = "says which case it was that failed")]
fn run(place: &Place) {
    for (name, case) in CASES {
        eprintln!("{name}");
        case(place);
    }
}

#[test]
fn the_suite_holds_on_sqlite() {
    run(&Place::sqlite());
}

#[test]
fn the_suite_holds_on_postgresql() {
    if let Some(place) = Place::postgres() {
        logins(&place);
        run(&place);
    }
}

/// The server asks for a password, by SCRAM-SHA-256.
fn logins(place: &Place) {
    let Place::Postgres { server, .. } = place else {
        unreachable!("a server");
    };
    let at = |url: &str| Address::of(Some(url), "case.db".into(), "logins").unwrap();
    let told = Store::open(&at(&server.url_without_password())).unwrap_err();
    assert_eq!(told.code(), "store/open");
    assert!(format!("{:?}", std::error::Error::source(&told)).contains("Password"));
    let wrong = server.url().replace("made", "wrong");
    let told = Store::open(&at(&wrong)).unwrap_err();
    assert!(!format!("{told} {told:?}").contains("wrong%20up"), "{told}");
    Store::open(&at(&server.url())).unwrap();
    let Address::Server { url, schema } = at(&server.url_without_password()) else {
        unreachable!("a server");
    };
    let url = url.or_password(Some("made up".to_owned()));
    Store::open(&Address::Server { url, schema }).unwrap();
}

fn every_kind() -> Vec<Judgement> {
    let accounts = ["7", "8", "ünïcødé; ' \" \\ $1 :x"].map(crate::made_up::account);
    let [a, b, c] = accounts.clone();
    let first = judged(identified(&["7", "8"]), 1);
    let undo = undoing(first.id(), 2);
    vec![
        first,
        undo,
        judged(Decision::SamePerson(accounts.clone().into()), 3),
        judged(Decision::DifferentPersons([a, b].into()), 4),
        judged(Decision::SeveralPersons(c), 5),
        judged(Decision::Match(report("r 1"), number(1)), 6),
        judged(Decision::NoMatch(report("r 1"), number(2)), 7),
        judged(Decision::VictimConfirmed([number(3)].into()), 8),
        judged(Decision::NotVictim([number(4)].into()), 9),
        judged(Decision::AlreadyReported([number(5), number(6)].into()), 10),
        judged(Decision::Suppressed([number(7)].into()), 11),
    ]
}

fn comes_back_whole(place: &Place) {
    let address = place.fresh();
    let all = every_kind();
    let mut store = Store::open(&address).unwrap();
    assert_eq!(store.judgements().unwrap(), []);
    assert_eq!(store.last_seal().unwrap(), None);
    let mut backwards = all.clone();
    backwards.reverse();
    store.add(&backwards, "seal 1").unwrap();
    store.add(&[], "seal 2").unwrap();
    drop(store);
    let mut store = Store::open_existing(&address).unwrap().unwrap();
    assert_eq!(store.judgements().unwrap(), all, "by recorded time");
    assert_eq!(store.last_seal().unwrap().as_deref(), Some("seal 2"));
    assert_eq!(Store::newcomers(&all, &backwards).unwrap(), []);
}

fn nothing_is_changed(place: &Place) {
    let address = place.fresh();
    let all = every_kind();
    Store::open(&address).unwrap().add(&all, "seal").unwrap();
    let mut tries = vec![
        "UPDATE judgements SET actor = 'somebody else'",
        "DELETE FROM judgements",
        "UPDATE seals SET seal = 'x'",
        "DELETE FROM seals",
    ];
    match place {
        Place::Sqlite { .. } => tries.push(
            "INSERT OR REPLACE INTO judgements SELECT id, kind, 'x', recorded_us, undoes, content \
             FROM judgements",
        ),
        Place::Postgres { .. } => tries.extend(["TRUNCATE judgements", "TRUNCATE seals"]),
    }
    for sql in tries {
        let refused = place.sql(&address, sql).unwrap_err();
        assert!(refused.contains("only ever added"), "{sql}: {refused}");
    }
    let mut store = Store::open(&address).unwrap();
    assert_eq!(store.judgements().unwrap(), all);
    assert_eq!(store.last_seal().unwrap().as_deref(), Some("seal"));
}

fn care(place: &Place) {
    let address = place.fresh();
    let done = |report: &str, deed, detail: &str, at_utc| CareEvent {
        report: report.to_owned(),
        deed,
        detail: detail.to_owned(),
        actor: "care lead".to_owned(),
        at_utc,
    };
    let all = [
        done("AB12", Deed::Assigned, "officer one", 5),
        done("CD34", Deed::Closed, "written by a program", 7),
        done("AB12", Deed::Contacted, "", 6),
        done("CD34", Deed::Reopened, "it was not", 8),
        done("AB12", Deed::Referred, "the bank", 9),
        done("AB12", Deed::Closed, "", 10),
    ];
    let mut store = Store::open(&address).unwrap();
    for event in &all {
        store.add_care(event).unwrap();
    }
    assert_eq!(Store::open(&address).unwrap().care().unwrap(), all);
    for sql in ["UPDATE care SET actor = 'x'", "DELETE FROM care"] {
        let refused = place.sql(&address, sql).unwrap_err();
        assert!(refused.contains("only ever added"), "{sql}: {refused}");
    }
    let states = care_states(all);
    let (one, other) = (&states["AB12"], &states["CD34"]);
    assert_eq!(one.assigned_to.as_deref(), Some("officer one"));
    assert_eq!(one.contacted_utc, Some(6));
    assert_eq!(one.referred_to.as_deref(), Some("the bank"));
    assert!(one.closed && !other.closed && other.events.len() == 2);
}

fn whole_or_not_at_all(place: &Place) {
    let address = place.fresh();
    let all = every_kind();
    let mut store = Store::open(&address).unwrap();
    store.add(&all[..1], "first").unwrap();
    // The last of these stands there already.
    let mut batch = all[1..].to_vec();
    batch.push(all[0].clone());
    let refused = store.add(&batch, "second").unwrap_err();
    assert_eq!(refused.code(), "store/database");
    assert_eq!(store.judgements().unwrap(), all[..1]);
    assert_eq!(store.last_seal().unwrap().as_deref(), Some("first"));
    // The connection is of use afterwards.
    store.add(&all[1..], "third").unwrap();
    assert_eq!(store.judgements().unwrap(), all);
}

fn a_changed_row_is_found(place: &Place) {
    for change in [
        "UPDATE judgements SET content = replace(content, 'officer', 'officeR')",
        "UPDATE judgements SET actor = 'somebody else'",
        "UPDATE judgements SET recorded_us = recorded_us + 1",
        "UPDATE judgements SET undoes = id WHERE undoes IS NULL",
        "UPDATE judgements SET content = 'x'",
    ] {
        let address = place.fresh();
        Store::open(&address)
            .unwrap()
            .add(&every_kind(), "seal")
            .unwrap();
        place.sql(&address, &place.unguarded(change)).unwrap();
        let found = Store::open(&address).unwrap().judgements().unwrap_err();
        assert_eq!(found.code(), "store/damaged", "{change}");
        assert!(!found.to_string().contains("officer"), "{found}");
    }
}

fn a_newer_version_is_refused(place: &Place) {
    let address = place.fresh();
    drop(Store::open(&address).unwrap());
    place.sql(&address, place.newer_version()).unwrap();
    let refused = Store::open(&address).unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::Newer {
                found: 99,
                known: 3
            }
        ),
        "{refused}"
    );
}

fn an_older_version_opens(place: &Place) {
    let address = place.fresh();
    if let Address::File(_) = &address {
        assert!(Store::open_existing(&address).unwrap().is_none());
    }
    place.sql(&address, &place.first_version(&address)).unwrap();
    let old = judged(identified(&["7"]), 1);
    let insert = format!(
        "INSERT INTO judgements (id, kind, actor, recorded_us, undoes, content) \
         VALUES ('{}', 'identified', 'an officer', 1000000, NULL, '{}')",
        old.id(),
        old.content()
    );
    place.sql(&address, &insert).unwrap();
    let mut store = Store::open(&address).unwrap();
    assert_eq!(store.judgements().unwrap(), std::slice::from_ref(&old));
    let undo = undoing(old.id(), 2);
    store.add(std::slice::from_ref(&undo), "seal").unwrap();
    assert_eq!(
        Store::open(&address).unwrap().judgements().unwrap(),
        [old, undo]
    );
}

fn two_at_once(place: &Place) {
    let address = place.fresh();
    let all = every_kind();
    let (mut one, mut other) = (
        Store::open(&address).unwrap(),
        Store::open(&address).unwrap(),
    );
    one.add(&all[..2], "one").unwrap();
    assert_eq!(other.judgements().unwrap(), all[..2]);
    other.add(&all[2..], "other").unwrap();
    assert_eq!(one.judgements().unwrap(), all);
}

#[test]
fn an_undoing_names_what_is_known_and_earlier() {
    let first = judged(identified(&["7"]), 5);
    let (early, late) = (undoing(first.id(), 4), undoing(first.id(), 6));
    assert_eq!(
        Store::newcomers(&[], &[late.clone(), early.clone()]).unwrap_err(),
        [
            (0, InvalidJudgement::UndoesUnknown(first.id())),
            (1, InvalidJudgement::UndoesUnknown(first.id())),
        ]
    );
    let all = [late.clone(), first.clone(), late.clone()];
    assert_eq!(Store::newcomers(&[], &all).unwrap(), [late, first.clone()]);
    assert_eq!(
        Store::newcomers(std::slice::from_ref(&first), &[early]).unwrap_err(),
        [(0, InvalidJudgement::UndoesLater(first.id()))]
    );
}

#[test]
fn a_set_has_one_hash_in_any_order() {
    let all = every_kind();
    let hash = Store::set_sha256(&all);
    assert_eq!(hash, Store::set_sha256(all.iter().rev().chain(&all)));
    assert_ne!(hash, Store::set_sha256(&all[1..]));
    // SHA-256 of nothing.
    assert!(Store::set_sha256([]).to_string().starts_with("e3b0c442"));
}

#[test]
fn a_schema_s_name_is_no_sql() {
    for case in ["", "x; drop schema public", "a\"b", "é"] {
        let refused = Address::of(Some("postgres://a@localhost/b"), "case.db".into(), case);
        assert_eq!(refused.unwrap_err().code(), "store/url");
    }
}
