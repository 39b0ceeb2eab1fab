//! Hard mode and the truth of losses, reports, persons and suspects, against the seized bytes.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_lab::{Preset, Process, Recipe, SHARES};
use unspoof_model::mapping::{Mapping, Match};
use unspoof_model::schema;
use unspoof_persons::{Account, Evidence, Kind, Role, Settings, Sighting};

use crate::Made;
use crate::rows::{Row, of_csv, of_dump, tuple};

const BACKUP: &str = "panel-2022-06-15.sql.gz";
const PANEL: &str = "panel-2022-11-08.sql.zst";
const SWITCH: &str = "Master.csv.gz";
const REPORTS: &str = "reports.csv";

fn plains(made: &Made) -> BTreeMap<&'static str, Vec<u8>> {
    [BACKUP, PANEL, SWITCH, REPORTS]
        .map(|name| (name, made.plain(name)))
        .into()
}

fn text(cell: &Option<Vec<u8>>) -> String {
    String::from_utf8_lossy(cell.as_deref().unwrap_or_default()).into_owned()
}

/// Account, called number and leg of the call whose row lies at a place.
fn call_at(
    plains: &BTreeMap<&'static str, Vec<u8>>,
    exhibit: &str,
    at: &str,
    len: &str,
) -> (String, String) {
    let (at, len): (usize, usize) = (at.parse().expect("offset"), len.parse().expect("length"));
    let bytes = &plains[exhibit][at..at + len];
    if exhibit == SWITCH {
        let row = of_csv(&[bytes, b"\n"].concat(), b"\n").remove(0);
        return (text(&row.cells[0]), e164(&text(&row.cells[2])));
    }
    let row = tuple(bytes, 0).expect("a whole row");
    assert_eq!(row.len, len, "the place is one row");
    (text(&row.cells[3]), e164(&text(&row.cells[5])))
}

/// A called number as the lab writes it, read by what the lab's forms are.
fn e164(written: &str) -> String {
    let bare = written
        .replace("(0)", "")
        .replace("#31#", "")
        .replace("*67", "");
    let plus = bare.starts_with('+');
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    let strip = |prefix: &str| digits.strip_prefix(prefix).map(str::to_owned);
    if plus {
        return format!("+{digits}");
    }
    for prefix in ["1141", "011", "00"] {
        if let Some(rest) = strip(prefix) {
            return format!("+{rest}");
        }
    }
    match strip("0") {
        Some(national) => format!("+44{national}"),
        None => format!("+{digits}"),
    }
}

#[test]
fn every_place_of_the_truth_holds_the_row_that_it_names() {
    let hard = Process::ALL.map(|process| Made::hard(3, process, 2));
    for made in hard.iter().chain([&Made::tiny(1), &Made::tiny(2)]) {
        let plains = plains(made);
        let losses = made.truth("losses.csv");
        assert!(!losses.is_empty());
        let mut persons = BTreeMap::new();
        for account in made.truth("persons.csv") {
            persons.insert(account["account_id"].clone(), account["person"].clone());
        }
        for loss in &losses {
            let (exhibit, at, len) = (&loss["exhibit"], &loss["byte_offset"], &loss["byte_len"]);
            let called = (loss["account_id"].clone(), loss["called_e164"].clone());
            assert_eq!(call_at(&plains, exhibit, at, len), called, "{loss:?}");
            for other in loss["other_calls"].split_whitespace() {
                let parts: Vec<&str> = other.split(':').collect();
                assert_eq!(call_at(&plains, parts[0], parts[1], parts[2]), called);
            }
            assert_eq!(persons[&loss["account_id"]], loss["person"]);
            assert!(loss["loss_minor"].parse::<u64>().expect("pence") > 0);
        }
        let losses: BTreeMap<&String, &BTreeMap<String, String>> =
            losses.iter().map(|loss| (&loss["loss_id"], loss)).collect();
        let reports = made.truth("report_calls.csv");
        let mut reported = BTreeSet::new();
        for report in &reports {
            let at: usize = report["byte_offset"].parse().expect("offset");
            let len: usize = report["byte_len"].parse().expect("length");
            let bytes = &plains[REPORTS][at..at + len];
            assert!(bytes.starts_with(report["report_id"].as_bytes()));
            let row = of_csv(&[bytes, b"\r\n"].concat(), b"\r\n").remove(0);
            check_own_number(report, &row);
            if report["call_exhibit"].is_empty() {
                assert!(report["loss_id"].is_empty());
                continue;
            }
            let (exhibit, at) = (&report["call_exhibit"], &report["call_byte_offset"]);
            let called = (report["account_id"].clone(), report["called_e164"].clone());
            assert_eq!(
                call_at(&plains, exhibit, at, &report["call_byte_len"]),
                called
            );
            if let Some(loss) = losses.get(&report["loss_id"]) {
                assert_eq!(loss["called_e164"], report["called_e164"]);
                if report["again_of"].is_empty() {
                    assert_eq!(loss["report_id"], report["report_id"]);
                    assert!(
                        reported.insert(&report["loss_id"]),
                        "one first report a loss"
                    );
                }
            }
        }
        let named = losses.values().filter(|loss| !loss["report_id"].is_empty());
        assert_eq!(named.count(), reported.len());
    }
}

/// What the truth says of a report's own number is what its row shows.
fn check_own_number(report: &BTreeMap<String, String>, row: &Row) {
    let (field, truth) = (text(&row.cells[3]), &report["called_e164"]);
    let words = text(row.cells.last().expect("words"));
    let differing = |a: &str, b: &str| a.bytes().zip(b.bytes()).filter(|(a, b)| a != b).count();
    match report["own_number"].as_str() {
        "given" if truth.is_empty() => assert!(!field.is_empty()),
        "given" => assert_eq!(e164(&field), *truth),
        "slip" => assert_eq!(differing(&e164(&field), truth), 1),
        "swapped" => assert!([0, 2].contains(&differing(&e164(&field), truth))),
        "in-words" => assert!(field.is_empty() && words.contains("My number is")),
        "none" => assert!(field.is_empty() && !words.contains("My number is")),
        other => panic!("own number `{other}`"),
    }
}

/// The service's rows of hard mode, as the main dump has them.
struct Service {
    tables: BTreeMap<String, Vec<Row>>,
    persons: BTreeMap<String, (String, BTreeSet<String>)>,
}

impl Service {
    fn read(made: &Made) -> Self {
        let mut persons = BTreeMap::new();
        for account in made.truth("persons.csv") {
            let shows = account["shows"].split_whitespace().map(str::to_owned);
            persons.insert(
                account["account_id"].clone(),
                (account["person"].clone(), shows.collect()),
            );
        }
        Self {
            tables: of_dump(&made.plain(PANEL)).0,
            persons,
        }
    }

    /// Persons by a value of theirs in a table.
    fn persons_by(&self, table: &str, account: usize, value: usize) -> BTreeMap<String, Sharers> {
        let mut found: BTreeMap<String, Sharers> = BTreeMap::new();
        for row in &self.tables[table] {
            let value = text(&row.cells[value]);
            let account = text(&row.cells[account]);
            let person = &self.persons[&account].0;
            let sharers = found.entry(value).or_default();
            sharers.persons.insert(person.clone());
            sharers.accounts.insert(account);
            sharers.rows += 1;
        }
        found
    }
}

#[derive(Default)]
struct Sharers {
    persons: BTreeSet<String>,
    accounts: BTreeSet<String>,
    rows: usize,
}

fn larger(seed: u64) -> Made {
    let mut recipe = Recipe::new(Preset::Hard, seed);
    recipe.accounts = Some(3_000);
    Made::of(&recipe, 2)
}

#[test]
fn the_shares_are_in_the_seized_bytes() {
    let made = larger(5);
    let service = Service::read(&made);
    let share = |what: &str| {
        let share = SHARES.iter().find(|share| share.what.starts_with(what));
        f64::from(share.unwrap_or_else(|| panic!("no share `{what}`")).per_10k) / 10_000.0
    };
    // Five standard deviations of a share of so many draws.
    let near = |what: &str, expected: f64, part: usize, of: usize| {
        let found = part as f64 / of as f64;
        let most = 5.0 * (expected * (1.0 - expected) / of as f64).sqrt();
        assert!(
            (found - expected).abs() <= most,
            "{what}: {found:.4} of {of}, not {expected:.4} ± {most:.4}"
        );
    };
    let by_ip = service.persons_by("logins", 0, 2);
    let logins = service.tables["logins"].len();
    let on = |prefix: &str| {
        let lines = by_ip.iter().filter(|(ip, _)| ip.starts_with(prefix));
        lines.map(|(_, sharers)| sharers.rows).sum::<usize>()
    };
    near(
        "VPN",
        share("logins from one of 120 VPN"),
        on("198.18."),
        logins,
    );
    let nat: Vec<&Sharers> = by_ip
        .iter()
        .filter(|(ip, _)| ip.starts_with("100.64."))
        .map(|(_, sharers)| sharers)
        .collect();
    assert!(nat.len() > 5);
    // Most who have a line are seen on it; nobody shares one with more than sixty.
    for sharers in &nat {
        assert!((10..=62).contains(&sharers.persons.len()));
    }
    let by_device = service.persons_by("logins", 0, 4);
    let default = ["000000000000", "ffffffffffff"].map(|id| by_device[id].rows);
    near(
        "default devices",
        share("logins under one of two default"),
        default.iter().sum(),
        logins,
    );
    let by_wallet = service.persons_by("topups", 1, 7);
    let payments: usize = by_wallet.values().map(|sharers| sharers.rows).sum();
    let paid = |prefix: &str| {
        let wallets = by_wallet
            .iter()
            .filter(|(name, _)| name.starts_with(prefix));
        wallets.map(|(_, sharers)| sharers.rows).sum::<usize>()
    };
    let mixed = share("payments out of a mixer");
    near("mixers", mixed, paid("bc1qmadeupm"), payments);
    near(
        "exchanges",
        (1.0 - mixed) * share("payments of the rest out of one of six"),
        paid("bc1qmadeupx"),
        payments,
    );
    let users = &service.tables["users"];
    let kind = |kind: &str| {
        let of_kind = users.iter().filter(|row| text(&row.cells[2]) == kind);
        of_kind.count()
    };
    near(
        "sub-accounts",
        share("accounts that a reseller sold"),
        kind("sub"),
        users.len(),
    );
    assert!(kind("admin") >= 2 && kind("probe") >= 2 && kind("reseller") >= 2);
    let shown = |name: &str| {
        let shown = service.persons.values();
        shown.filter(|(_, shows)| shows.contains(name)).count()
    };
    let own_email = share("accounts that give the person's own e-mail");
    let slips = share("own e-mail addresses with a letter left out");
    near(
        "e-mail",
        own_email * (1.0 - slips),
        shown("email"),
        service.persons.len(),
    );
    let reports = made.truth("report_calls.csv");
    let told: Vec<_> = reports
        .iter()
        .filter(|report| !report["call_exhibit"].is_empty())
        .collect();
    for (own, what) in [
        ("slip", "reports whose own number has one digit"),
        ("swapped", "reports whose own number has two"),
        ("in-words", "reports that give the own number in their"),
        ("none", "reports that give no own number"),
    ] {
        let count = told
            .iter()
            .filter(|report| report["own_number"] == own)
            .count();
        near(what, share(what), count, told.len());
    }
    let losses = made.truth("losses.csv").len();
    let victims = 6_000.0 * (1.0 + share("contacts whom a second"));
    assert!(
        (0.07..0.13).contains(&(losses as f64 / victims)),
        "{losses}"
    );
}

#[test]
fn what_an_account_shows_of_its_person_is_nobody_elses() {
    let made = larger(6);
    let mut service = Service::read(&made);
    // Some payments are left in the backup alone.
    let backup = of_dump(&made.plain(BACKUP)).0.remove("topups");
    let topups = service.tables.get_mut("topups").expect("payments");
    topups.extend(backup.expect("payments"));
    let devices = service.persons_by("logins", 0, 4);
    let lines = service.persons_by("logins", 0, 2);
    let wallets = service.persons_by("topups", 1, 7);
    let own = |found: &BTreeMap<String, Sharers>, account: &String| {
        let theirs = found
            .values()
            .filter(|sharers| sharers.accounts.contains(account));
        theirs.filter(|sharers| sharers.persons.len() == 1).count()
    };
    for (account, (_, shows)) in service.persons.iter().step_by(40) {
        let known = |names: [&str; 2]| names.iter().filter(|name| shows.contains(**name)).count();
        assert!(own(&devices, account) >= known(["device-1", "device-2"]));
        assert!(own(&wallets, account) >= known(["wallet-1", "wallet-2"]));
        // A reseller who set an account up is seen on both sides; the line stays his.
        let lines = lines
            .values()
            .filter(|sharers| sharers.accounts.contains(account));
        if shows.contains("line") {
            assert!(lines.count() >= 1);
        }
    }
    let roles: BTreeMap<String, String> = service.tables["users"]
        .iter()
        .map(|row| (text(&row.cells[0]), text(&row.cells[2])))
        .collect();
    let suspects: BTreeSet<String> = made
        .truth("suspects.csv")
        .into_iter()
        .map(|suspect| suspect["person"].clone())
        .collect();
    assert!(suspects.len() > 100);
    for (account, (person, _)) in &service.persons {
        let kept_apart = roles
            .get(account)
            .is_some_and(|role| role == "admin" || role == "probe");
        assert!(!(kept_apart && suspects.contains(person)), "{account}");
    }
}

#[test]
fn suspects_took_what_the_losses_say() {
    for made in [Made::hard(4, Process::Shifting, 2), Made::tiny(4)] {
        let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for loss in made.truth("losses.csv") {
            let sum = sums.entry(loss["person"].clone()).or_default();
            sum.0 += 1;
            sum.1 += loss["loss_minor"].parse::<u64>().expect("pence");
        }
        let mut left = sums.len();
        for suspect in made.truth("suspects.csv") {
            let (losses, minor) = sums.get(&suspect["person"]).copied().unwrap_or_default();
            assert_eq!(suspect["losses"], losses.to_string());
            assert_eq!(suspect["loss_minor"], minor.to_string());
            left -= usize::from(losses > 0);
        }
        assert_eq!(left, 0, "whoever took money runs fraud");
    }
}

#[test]
fn a_case_of_hard_mode_brings_mappings_that_fit() {
    let made = Made::hard(1, Process::Mixed, 2);
    let read = |name: &str| -> Mapping {
        let path = made.root.join("mappings").join(format!("{name}.toml"));
        toml::from_str(&std::fs::read_to_string(path).expect("read")).expect("a mapping")
    };
    let case = std::fs::read_to_string(made.root.join("case.toml")).expect("read");
    let service = read("lab-hard-service");
    let (tables, _) = of_dump(&made.plain(PANEL));
    let dump = String::from_utf8_lossy(&made.plain(PANEL)).into_owned();
    for table in &service.tables {
        let from = table.from.as_deref().expect("a table");
        let ours = schema::table(&table.to).expect("a table of ours");
        let head = format!("CREATE TABLE `{from}` (");
        let body = dump.split_once(&head).expect("a definition").1;
        let body = body.split_once("\n) ENGINE").expect("its end").0;
        let columns: Vec<&str> = body
            .lines()
            .filter_map(|line| line.strip_prefix("  `")?.split('`').next())
            .collect();
        assert_eq!(tables[from][0].cells.len(), columns.len());
        for origin in table.columns.values() {
            assert!(columns.contains(&&*origin.detailed().column.expect("a column")));
        }
        if from == "topups" {
            assert!(ours.columns.iter().any(|column| column.name == "payer"));
            assert!(table.columns.contains_key("payer"));
        }
    }
    let reports = read("lab-hard-reports");
    let Match::Csv { header, .. } = &reports.matches else {
        panic!("delimited text")
    };
    let rows = of_csv(&made.plain(REPORTS), b"\r\n");
    let written: Vec<String> = rows[0].cells.iter().map(text).collect();
    assert_eq!(*header, written);
    for mapping in [service, reports] {
        assert!(case.contains(&format!("mapping = \"{}\"", mapping.name)));
    }
}

#[test]
fn the_documents_list_every_share() {
    let page = std::fs::read_to_string("../../docs/reference/lab.md").expect("the lab's page");
    for share in SHARES {
        let percent = f64::from(share.per_10k) / 100.0;
        let line = format!("| {} | {percent} % |", share.what);
        assert!(page.contains(&line), "docs/reference/lab.md lacks: {line}");
    }
    for process in Process::ALL {
        assert!(page.contains(&format!("| `{}` |", process.as_str())));
    }
}

/// One household with a heavy user costs a small case a percent: cases are pooled.
const SEEDS: std::ops::Range<u64> = 8..12;

/// Persons are found by the program's own engine as well as in its own made-up worlds.
#[test]
fn persons_of_hard_mode_can_be_found() {
    let (mut both, mut are, mut taken) = (0, 0, 0);
    for seed in SEEDS {
        let counts = found(&larger(seed));
        both += counts.0;
        are += counts.1;
        taken += counts.2;
    }
    let f1 = 2.0 * both as f64 / (taken + are) as f64;
    assert!(
        f1 >= 0.99,
        "F1 {f1:.4}: {both} of {are} pairs, {taken} taken"
    );
}

/// Counts the pairs of accounts that are found and true, that are true, and that are found.
fn found(made: &Made) -> (u64, u64, u64) {
    let service = Service::read(made);
    let mut evidence = Evidence::new();
    let mut numbers = BTreeMap::new();
    for row in &service.tables["users"] {
        let id = text(&row.cells[0]);
        let mut account = Account::new("service", &id);
        account.role = match text(&row.cells[2]).as_str() {
            "admin" => Role::Staff,
            "probe" => Role::PoliceTest,
            "reseller" => Role::Reseller,
            "sub" => Role::SubAccount,
            _ => Role::Customer,
        };
        let given = |cell: usize| row.cells[cell].is_some().then(|| text(&row.cells[cell]));
        account.username = given(3);
        account.email = given(4);
        account.phone_e164 = given(5)
            .filter(|phone| !phone.starts_with("+4400"))
            .and_then(|phone| e164(&phone).parse().ok());
        account.handles = given(6).into_iter().collect();
        numbers.insert(id, evidence.add_account(account).expect("an account"));
    }
    for (table, account, at, values) in [
        ("logins", 0, 1, &[(Kind::Ip, 2), (Kind::Device, 4)][..]),
        ("topups", 1, 2, &[(Kind::PaymentSource, 7)][..]),
    ] {
        for row in &service.tables[table] {
            let Some(&account) = numbers.get(&text(&row.cells[account])) else {
                continue;
            };
            for &(kind, value) in values {
                let sighting = Sighting {
                    account,
                    kind,
                    value: &text(&row.cells[value]),
                    at_utc_us: instant_us(&text(&row.cells[at])),
                };
                evidence.add_sighting(sighting).expect("a sighting");
            }
        }
    }
    let found = evidence.resolve(&Settings::default());
    let mut both: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    let (mut are, mut taken): (BTreeMap<&str, u64>, u64) = (BTreeMap::new(), 0);
    let pairs = |count: u64| count * count.saturating_sub(1) / 2;
    for (number, person) in found.persons().iter().enumerate() {
        taken += pairs(person.members.len() as u64);
        for &member in &person.members {
            let id = &found.accounts()[member as usize].account_id;
            let person = service.persons[id].0.as_str();
            *both.entry((number, person)).or_default() += 1;
            *are.entry(person).or_default() += 1;
        }
    }
    let both: u64 = both.into_values().map(pairs).sum();
    let are: u64 = are.into_values().map(pairs).sum();
    (both, are, taken)
}

/// A local time of the dump as microseconds; its zone does not matter here.
fn instant_us(local: &str) -> Option<i64> {
    let mut parts = local.split(['-', ' ', ':']).map(str::parse::<i64>);
    let mut next = || parts.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next()?);
    // Months of 31 days keep the order, which is all that overlap in time needs.
    let days = (year * 12 + month) * 31 + day;
    (year > 0)
        .then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
        .map(|seconds| seconds * 1_000_000)
}
