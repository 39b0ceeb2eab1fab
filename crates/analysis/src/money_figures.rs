//! Figures on payments' addresses, on what stands on lists, and on what accounts share.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_model::Sha256Hash;
use unspoof_payments::{AddressLists, Shared};

use crate::accounts::Place;
use crate::address_lists::PaymentMatch;
use crate::figures::{Figure, as_value, figure, places_sha256, saturated};
use crate::payments_read::{PaymentRow, PaymentRows, status_word};
use crate::shared_sources::SharedValue;

/// What figures on payments are made of.
pub(crate) struct MoneyRows<'a> {
    pub(crate) payments: &'a PaymentRows,
    pub(crate) shared: &'a [SharedValue],
    pub(crate) lists: Option<&'a AddressLists>,
    pub(crate) matches: &'a [PaymentMatch<'a>],
    pub(crate) currency: &'a str,
}

/// Which of a payment's two addresses.
type AddressOf = fn(&PaymentRow) -> Option<u32>;

/// Statuses of an address that figures tell apart.
const STATUSES: [(&str, &str); 3] = [
    (
        "valid",
        "is an address of Bitcoin's main network whose checksum holds",
    ),
    (
        "invalid",
        "is recorded and is no such address: its checksum fails, it is another network's, or it is \
         none at all",
    ),
    ("missing", "is not recorded"),
];

/// Whether a status that stands in the table is one that figures count together.
pub(crate) fn counts_as(status: &str, of: &str) -> bool {
    match status {
        "valid" | "missing" => status == of,
        _ => of == "invalid",
    }
}

/// Makes the figures, payments' own first, then by list, then what is shared.
pub(crate) fn money_figures(
    of: &MoneyRows<'_>,
    sha256_of: &BTreeMap<String, Sha256Hash>,
) -> Vec<Figure> {
    let mut made = Vec::new();
    let rows = &of.payments.rows;
    let count = |made: &mut Vec<Figure>, id: &str, definition: &str, places: Vec<&Place>| {
        let (count, hash) = places_sha256(places, sha256_of);
        made.push(figure(id, as_value(count), "payments", definition, hash));
    };
    let without = rows.iter().filter(|row| row.value_minor().is_none());
    count(
        &mut made,
        "payments_without_value",
        "payments that have no value: no amount, no time, or no rate of that day in the lists",
        without.map(|row| &row.place).collect(),
    );
    let sides: [(&str, &str, AddressOf); 2] = [
        ("to", "what they went to", |row| row.paid_to),
        ("from", "what they came from", |row| row.paid_from),
    ];
    for (side, said, address) in sides {
        for (status, is) in STATUSES {
            let of_status = rows
                .iter()
                .filter(|row| counts_as(status_word(of.payments.address(address(row))), status));
            count(
                &mut made,
                &format!("payments_{side}_{status}"),
                &format!("payments of which {said} {is}"),
                of_status.map(|row| &row.place).collect(),
            );
        }
    }
    if let Some(lists) = of.lists {
        listed(&mut made, of, lists, sha256_of);
    }
    for (what, id, said) in [
        (
            Shared::PaidFrom,
            "sources",
            "wallets that payments came from",
        ),
        (
            Shared::PaidTo,
            "addresses",
            "addresses that payments went to",
        ),
        (Shared::Transaction, "txids", "transactions"),
    ] {
        let shared = || of.shared.iter().filter(move |value| value.what == what);
        let mut push = |id: String, definition: String, least: u32| {
            let wanted: Vec<&SharedValue> =
                shared().filter(|value| value.persons >= least).collect();
            let places = wanted.iter().flat_map(|value| &value.payments);
            let places = places.map(|&at| &rows[at as usize].place);
            let (_, hash) = places_sha256(places, sha256_of);
            let value = as_value(wanted.len() as u64);
            made.push(figure(&id, value, "shared values", &definition, hash));
        };
        push(
            format!("payments_shared_{id}"),
            format!("{said}, shared by two accounts or more; exchanges and mixers pay for many"),
            0,
        );
        push(
            format!("payments_shared_{id}_persons"),
            format!("{said}, shared by accounts that are not taken for one person's"),
            2,
        );
    }
    made
}

/// Payments on any list, then on each list: how many, and their value.
fn listed(
    made: &mut Vec<Figure>,
    of: &MoneyRows<'_>,
    lists: &AddressLists,
    sha256_of: &BTreeMap<String, Sha256Hash>,
) {
    let mut by_list: BTreeMap<&str, BTreeSet<u32>> = lists
        .lists()
        .iter()
        .map(|list| (list.name.as_str(), BTreeSet::new()))
        .collect();
    for found in of.matches {
        let list = found.found.list.name.as_str();
        by_list.entry(list).or_default().insert(found.payment_no);
    }
    let all: BTreeSet<u32> = by_list.values().flatten().copied().collect();
    let mut push = |end: &str, said: &str, payments: &BTreeSet<u32>| {
        let rows = || payments.iter().map(|&at| &of.payments.rows[at as usize]);
        let (count, hash) = places_sha256(rows().map(|row| &row.place), sha256_of);
        made.push(figure(
            &format!("payments_listed{end}"),
            as_value(count),
            "payments",
            &format!("payments to or from an address that {said}; a list's word, which nobody here has checked"),
            hash,
        ));
        let valued = || rows().filter(|row| row.value_minor().is_some());
        let (_, hash) = places_sha256(valued().map(|row| &row.place), sha256_of);
        let sum: i128 = rows()
            .filter_map(PaymentRow::value_minor)
            .map(i128::from)
            .sum();
        made.push(figure(
            &format!("payments_listed_value_minor{end}"),
            saturated(sum),
            &format!("minor {}", of.currency),
            &format!("sum of payments to or from an address that {said}, each at the rate of its day; a payment on two lists is in both lists' sums"),
            hash,
        ));
    };
    push("", "stands on any list of the case", &all);
    for (list, payments) in &by_list {
        push(
            &format!(":{list}"),
            &format!("stands on the list {list}"),
            payments,
        );
    }
}
