//! Lists of attributed and sanctioned addresses, and `derived/payment_matches.parquet`: payments to
//! and from what stands on them.

use camino::Utf8Path;
use unspoof_model::config::{CaseConfig, Reference, ReferenceKind};
use unspoof_payments::{
    AddressList, AddressLists, ListMatch, Shared, read_plain_list, read_tagpack,
};

use crate::AnalysisError;
use crate::accounts::{Account, Accounts};
use crate::organisations::day;
use crate::payments_read::{PaymentRow, PaymentRows};
use crate::persons_table::Linked;
use crate::shared_sources::shared_word;
use crate::whole_table::WholeTable;

/// Reads a list of addresses: a `TagPack` where its name ends in `.yaml` or `.yml`, else one address
/// a line. Of the latter, `organisation` says to whom they are attributed.
///
/// # Errors
/// The file cannot be read or is no such list; `dated` is no day.
pub fn read_address_list(path: &Utf8Path, list: &Reference) -> Result<AddressList, AnalysisError> {
    if let Some(dated) = list.dated.as_deref().filter(|text| day(text).is_none()) {
        return Err(AnalysisError::Reference {
            path: path.to_owned(),
            line: 0,
            why: format!("`{dated}` is not a date such as 2022-08-31"),
        });
    }
    let content = std::fs::read(path).map_err(|e| AnalysisError::read(path, e))?;
    let text = String::from_utf8_lossy(&content);
    let is_tagpack = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"));
    if !is_tagpack {
        let mut read = read_plain_list(&list.file, None, list.dated.as_deref(), &text);
        for entry in &mut read.entries {
            entry.label.clone_from(&list.organisation);
        }
        return Ok(read);
    }
    let mut read = read_tagpack(&list.file, &text).map_err(|source| AnalysisError::Addresses {
        path: path.to_owned(),
        source,
    })?;
    // What the list says of its day itself comes first.
    if read.dated.is_none() {
        read.dated.clone_from(&list.dated);
    }
    Ok(read)
}

/// Reads all lists of addresses of a case, in the order of `case.toml`; None where it has none.
///
/// # Errors
/// As [`read_address_list`].
pub(crate) fn read_address_lists(
    case: &Utf8Path,
    config: &CaseConfig,
) -> Result<Option<AddressLists>, AnalysisError> {
    let lists = config
        .references
        .iter()
        .filter(|list| list.kind == ReferenceKind::Addresses);
    let lists: Vec<AddressList> = lists
        .map(|list| read_address_list(&case.join("reference").join(&list.file), list))
        .collect::<Result<_, _>>()?;
    Ok(Some(lists)
        .filter(|lists| !lists.is_empty())
        .map(AddressLists::new))
}

/// A payment whose address stands on a list.
pub(crate) struct PaymentMatch<'a> {
    pub(crate) payment_no: u32,
    /// Which of its addresses.
    side: Shared,
    key: &'a str,
    pub(crate) found: ListMatch<'a>,
}

/// Finds payments' addresses on lists, by payment, paid to first, then by list and line.
pub(crate) fn payment_matches<'a>(
    payments: &'a PaymentRows,
    lists: &'a AddressLists,
) -> Vec<PaymentMatch<'a>> {
    let listed: Vec<Vec<ListMatch<'a>>> = payments
        .addresses
        .iter()
        .map(|address| lists.find_key(&address.key))
        .collect();
    let mut found = Vec::new();
    for (payment_no, row) in (0..).zip(&payments.rows) {
        for (side, at) in [
            (Shared::PaidTo, row.paid_to),
            (Shared::PaidFrom, row.paid_from),
        ] {
            let Some(at) = at else { continue };
            let key = payments.addresses[at as usize].key.as_str();
            found.extend(listed[at as usize].iter().map(|&found| PaymentMatch {
                payment_no,
                side,
                key,
                found,
            }));
        }
    }
    found
}

/// Writes the table; without lists it has no rows.
pub(crate) fn write_payment_matches(
    matches: &[PaymentMatch<'_>],
    payments: &PaymentRows,
    accounts: &Accounts,
    linked: &Linked,
    currency: &str,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let payment =
        |row: &PaymentMatch<'_>| -> &PaymentRow { &payments.rows[row.payment_no as usize] };
    let account = |row: &PaymentMatch<'_>| -> Option<&Account> {
        Some(&accounts.all[payment(row).account_no? as usize])
    };
    WholeTable::of(matches)
        .small("payment_no", |row| Some(row.payment_no))
        .place("", |row| Some(&payment(row).place))
        .small("account_no", |row| payment(row).account_no)
        .text("account_source", |row| Some(&account(row)?.source))
        .text("account_id", |row| Some(&account(row)?.account_id))
        .text("person_id", |row| {
            let account_no = payment(row).account_no?;
            Some(linked.persons.person_of(account_no)?.id.as_str())
        })
        .int("value_minor", |row| payment(row).value_minor())
        .text("value_currency", |row| {
            payment(row).value_minor().map(|_| currency)
        })
        .text("side", |row| Some(shared_word(row.side)))
        .text("address", |row| Some(row.key))
        .text("list", |row| Some(row.found.list.name.as_str()))
        .text("list_title", |row| row.found.list.title.as_deref())
        .text("list_creator", |row| row.found.list.creator.as_deref())
        .count("line", |row| Some(row.found.entry.line))
        .text("dated", |row| {
            let entry = row.found.entry.dated.as_deref();
            entry.or(row.found.list.dated.as_deref())
        })
        .text("label", |row| row.found.entry.label.as_deref())
        .text("category", |row| row.found.entry.category.as_deref())
        .text("abuse", |row| row.found.entry.abuse.as_deref())
        .text("actor", |row| row.found.entry.actor.as_deref())
        .text("said_by", |row| row.found.entry.source.as_deref())
        .text("confidence", |row| row.found.entry.confidence.as_deref())
        .text("list_currency", |row| row.found.entry.currency.as_deref())
        .write(path)
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;

    fn list(file: &str, dated: Option<&str>) -> Reference {
        Reference {
            kind: ReferenceKind::Addresses,
            file: file.to_owned(),
            dated: dated.map(str::to_owned),
            organisation: Some("An office".to_owned()),
        }
    }

    #[test]
    fn a_list_keeps_its_own_day_and_label() {
        let folder = std::env::temp_dir().join(format!("unspoof-lists-{}", std::process::id()));
        let folder = Utf8PathBuf::from_path_buf(folder).expect("UTF-8");
        std::fs::create_dir_all(&folder).expect("a folder");
        let read = |name: &str, text: &str, dated| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("written");
            read_address_list(&path, &list(name, dated))
        };
        let pack = "lastmod: 2022-02-15\ntags:\n- address: a\n  label: b\n";
        let tags = read("one.yml", pack, Some("2023-01-01")).expect("a TagPack");
        assert_eq!(tags.dated.as_deref(), Some("2022-02-15"));
        assert_eq!(tags.entries[0].label.as_deref(), Some("b"));
        let plain = read("two.txt", "a\nb\n", Some("2023-01-01")).expect("a list");
        assert_eq!(plain.entries[1].label.as_deref(), Some("An office"));
        assert_eq!(plain.entries[1].dated.as_deref(), Some("2023-01-01"));
        let wrong = read("two.txt", "a\n", Some("today")).expect_err("no day");
        assert!(
            wrong.to_string().contains("`today` is not a date"),
            "{wrong}"
        );
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
