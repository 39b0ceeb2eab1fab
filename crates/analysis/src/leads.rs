//! Who comes first, as the brief shows it: the head of each ranked table, with the facts that count.

use unspoof_ranking::{ContactFact, PresentedFact, PresentedNumbers, SuspectFact};

use crate::accounts::Accounts;
use crate::contacts::{Gathered, Standing};
use crate::figures::{grouped, money};
use crate::identified::IdentifiedAccounts;
use crate::persons_table::Linked;
use crate::suspects::{SuspectRows, holder};

/// The head of one ranked table.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Leads {
    /// The table's name.
    pub of: String,
    /// Heading.
    pub title: String,
    /// What a place in it means, and what not.
    pub note: String,
    /// Columns: name, and whether it holds counts.
    pub columns: Vec<(String, bool)>,
    /// The first rows, in order.
    pub rows: Vec<Vec<String>>,
}

/// Rows that a brief shows of each table.
const SHOWN: usize = 10;

impl Leads {
    /// Leaves out counts that are nought in every row.
    fn without_noughts(mut self) -> Self {
        let keep: Vec<bool> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, (_, is_count))| {
                let is_nought = |row: &Vec<String>| row.get(at).is_none_or(|cell| cell == "0");
                !is_count || !self.rows.iter().all(is_nought)
            })
            .collect();
        let mut kept = keep.iter();
        self.columns.retain(|_| *kept.next().unwrap_or(&true));
        for row in &mut self.rows {
            let mut kept = keep.iter();
            row.retain(|_| *kept.next().unwrap_or(&true));
        }
        self
    }
}

/// Returns the first rows of a standing, in order.
fn first(standing: &Standing) -> Vec<u32> {
    let ranked = standing.rank.iter().zip(0..);
    let mut first: Vec<(u32, u32)> = ranked
        .filter(|(rank, _)| **rank as usize <= SHOWN)
        .map(|(&rank, row)| (rank, row))
        .collect();
    first.sort_unstable();
    first.into_iter().map(|(_, row)| row).collect()
}

fn columns(names: &[(&str, bool)]) -> Vec<(String, bool)> {
    let all = names.iter();
    all.map(|&(name, is_count)| (name.to_owned(), is_count))
        .collect()
}

fn points(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let milli = milli.unsigned_abs();
    format!("{sign}{}.{:03}", milli / 1000, milli % 1000)
}

fn loss(minor: u64, currency: &str) -> String {
    money(i64::try_from(minor).unwrap_or(i64::MAX), currency)
}

/// Lists the contacts that come first.
pub(crate) fn contacts(
    gathered: &Gathered<'_>,
    standing: &Standing,
    policy: &str,
    currency: &str,
) -> Leads {
    use ContactFact as Of;
    let rows = first(standing).into_iter().map(|row| {
        let fact = |fact| gathered.contacts.get(row, fact);
        let count = |of| grouped(fact(of));
        let number = gathered.contacts.key(row).map(|number| number.reveal());
        let tier = match (fact(Of::ReportsExact), fact(Of::ReportsProbable)) {
            (1.., _) => "exact",
            (0, 1..) => "probable",
            (0, 0) if fact(Of::ReportsPossible) > 0 => "possible",
            (0, 0) => "none",
        };
        vec![
            number.unwrap_or_default(),
            points(standing.milli[row as usize]),
            count(Of::Calls),
            count(Of::EngagedCalls),
            count(Of::TalkS),
            count(Of::LongestTalkS),
            count(Of::ShortThenLong),
            count(Of::Organisations),
            count(Of::Accounts),
            count(Of::Persons),
            tier.to_owned(),
            loss(fact(Of::LossesMinor), currency),
        ]
    });
    Leads {
        of: "contacts".to_owned(),
        title: format!("Contacts that come first, policy {policy}"),
        note: "Numbers that were called, by the sum of counted facts. A place says that somebody \
               should be asked soon, and not that they lost anything."
            .to_owned(),
        columns: columns(&[
            ("number", false),
            ("points", true),
            ("calls", true),
            ("engaged", true),
            ("talk s", true),
            ("longest s", true),
            ("short, then long", true),
            ("organisations", true),
            ("accounts", true),
            ("persons", true),
            ("report", false),
            ("reported lost", true),
        ]),
        rows: rows.collect(),
    }
    .without_noughts()
}

/// Lists the persons that come first.
pub(crate) fn persons(
    suspects: &SuspectRows,
    standing: &Standing,
    (linked, accounts, identified): (&Linked, &Accounts, &IdentifiedAccounts),
    policy: &str,
    currency: &str,
) -> Leads {
    use SuspectFact as Of;
    let persons = linked.persons.persons();
    let rows = first(standing).into_iter().map(|row| {
        let suspect = &suspects.rows[row as usize];
        let fact = |fact| suspects.table.get(row, fact);
        let count = |of| grouped(fact(of));
        let named = suspect.members.first().map(|&no| {
            let account = &accounts.all[no as usize];
            format!("{}/{}", account.source, account.account_id)
        });
        let others = suspect.members.len().saturating_sub(1);
        let mut named = named.unwrap_or_default();
        if others > 0 {
            named += &format!(" and {others} more");
        }
        let best = suspect.home.candidates.first();
        let home = best.map_or("unknown".to_owned(), |best| {
            format!("{} {} %", best.region, best.confidence_pct)
        });
        let lost = fact(Of::LossesExactMinor).saturating_add(fact(Of::LossesProbableMinor));
        vec![
            persons[row as usize].id.to_string(),
            named,
            holder(&suspect.members, identified).to_owned(),
            points(standing.milli[row as usize]),
            loss(fact(Of::PaidMinor), currency),
            count(Of::Calls),
            count(Of::EngagedNumbers),
            count(Of::NumbersAsOrganisation),
            count(Of::Organisations),
            grouped(fact(Of::ReportsExact).saturating_add(fact(Of::ReportsProbable))),
            loss(lost, currency),
            count(Of::ActiveDays),
            home,
        ]
    });
    Leads {
        of: "persons".to_owned(),
        title: format!("Persons behind accounts that come first, policy {policy}"),
        note: "Groups of accounts that are taken for one person's, by the sum of counted facts. \
               Whoever held them is unassessed until a named person records otherwise. Home is \
               weighed from telephone, addresses and hours."
            .to_owned(),
        columns: columns(&[
            ("person", false),
            ("accounts", false),
            ("holder", false),
            ("points", true),
            ("paid", true),
            ("calls", true),
            ("numbers engaged", true),
            ("as an organisation", true),
            ("organisations", true),
            ("losses reported", true),
            ("reported lost", true),
            ("active days", true),
            ("seems at home in", false),
        ]),
        rows: rows.collect(),
    }
    .without_noughts()
}

/// Lists the personal numbers that were shown, those posed as towards organisations first.
pub(crate) fn presented(numbers: &PresentedNumbers, standing: &Standing, policy: &str) -> Leads {
    use PresentedFact as Of;
    let rows = first(standing).into_iter().map(|row| {
        let count = |of: PresentedFact| grouped(numbers.table.get(row, of));
        let number = numbers.table.key(row).map(|number| number.reveal());
        let mut cells = vec![
            number.unwrap_or_default(),
            points(standing.milli[row as usize]),
        ];
        let facts = [
            Of::CallsToOrganisations,
            Of::TalkWithOrganisationsS,
            Of::OrganisationsCalled,
            Of::CallsToOthers,
            Of::NumbersCalled,
            Of::Accounts,
            Of::AlsoEngaged,
            Of::Reports,
        ];
        cells.extend(facts.map(count));
        cells
    });
    Leads {
        of: "presented".to_owned(),
        title: format!("Personal numbers that were shown, policy {policy}"),
        note:
            "Possible victims too: a bank may have been rung by somebody posing as the holder, who \
               usually knows nothing of it."
                .to_owned(),
        columns: columns(&[
            ("number", false),
            ("points", true),
            ("calls to organisations", true),
            ("talk there s", true),
            ("organisations", true),
            ("calls to others", true),
            ("numbers called", true),
            ("accounts", true),
            ("was engaged itself", true),
            ("losses reported", true),
        ]),
        rows: rows.collect(),
    }
    .without_noughts()
}
