//! What was paid, by whom, and who shares what.

use std::collections::BTreeMap;

use proptest::prelude::*;
use unspoof_model::{Decimal, ExhibitId, Rate, Rates, RowRef};
use unspoof_payments::{
    AccountKey, Payment, Shared, ValueCurrency, ValueStatus, shared_sources, spend_by_account,
    spend_by_person, value_minor,
};

const DAY: i64 = 86_400_000_000;

fn account(id: &str) -> AccountKey {
    AccountKey {
        source: "service".into(),
        account_id: id.into(),
    }
}

fn paid(row_no: u64, id: &str, day: Option<i64>, amount: &str, currency: &str) -> Payment {
    Payment {
        account: account(id),
        at_utc: day.map(|day| day * DAY + 43_200_000_000),
        amount: Decimal::parse(amount).ok(),
        currency: Some(currency.into()),
        paid_from: None,
        paid_to: None,
        txid: None,
        row: RowRef {
            exhibit: ExhibitId(0),
            stream: 0,
            byte_offset: row_no * 100,
            byte_len: 99,
            row_no,
        },
    }
}

fn rate(day: i32, rate: &str) -> Rate {
    Rate {
        day,
        currency: "BTC".into(),
        value_currency: "GBP".into(),
        rate: Decimal::parse(rate).unwrap(),
    }
}

fn pounds() -> ValueCurrency {
    ValueCurrency {
        code: "GBP".into(),
        minor_digits: 2,
    }
}

#[test]
fn each_payment_is_valued_at_its_own_day_or_not_at_all() {
    let rates = Rates::of_list([rate(100, "20000"), rate(102, "10000.005")]).unwrap();
    let payments = [
        paid(1, "a", Some(100), "0.01", "BTC"),
        paid(2, "a", Some(101), "0.01", "BTC"),
        paid(3, "a", Some(102), "0.01", "BTC"),
        paid(4, "a", None, "0.01", "BTC"),
        paid(5, "a", None, "12.34", "GBP"),
        paid(6, "a", Some(100), "about 3", "BTC"),
        paid(7, "a", Some(102), "-0.005", "BTC"),
        paid(8, "b", Some(100), "1", "LTC"),
    ];
    let spend = spend_by_account(&payments, &rates, &pounds());
    let a = &spend[&account("a")];
    assert_eq!(
        (a.payments, a.paid_minor, a.paid_back_minor),
        (7, 20_000 + 10_000 + 1_234, 5_000)
    );
    let without: Vec<_> = a
        .without_value
        .iter()
        .map(|(s, n)| (s.as_str(), *n))
        .collect();
    assert_eq!(without, [("no-amount", 1), ("no-time", 1), ("no-rate", 1)]);
    assert_eq!(a.first_utc, Some(100 * DAY + DAY / 2));
    let b = &spend[&account("b")];
    assert_eq!(
        (b.paid_minor, b.without_value[&ValueStatus::NoRate]),
        (0, 1)
    );

    let person_of = BTreeMap::from([(account("a"), "P1"), (account("b"), "P1")]);
    let persons = spend_by_person(&payments, &rates, &pounds(), &person_of);
    assert_eq!(persons.len(), 1);
    assert_eq!(
        (persons["P1"].payments, persons["P1"].paid_minor),
        (8, 31_234)
    );
    assert!(spend_by_person(&payments, &rates, &pounds(), &BTreeMap::<_, u8>::new()).is_empty());
}

#[test]
fn a_day_is_of_utc_and_starts_at_midnight() {
    let rates = Rates::of_list([rate(-1, "1"), rate(0, "2")]).unwrap();
    let one = Decimal::parse("1").ok();
    let value = |at| value_minor(one, Some("BTC"), Some(at), &rates, &pounds());
    assert_eq!(
        [value(-1), value(0), value(DAY - 1)],
        [Ok(100), Ok(200), Ok(200)]
    );
    assert_eq!([value(DAY), value(-DAY - 1)], [Err(ValueStatus::NoRate); 2]);
    assert_eq!(value(i64::MAX), Err(ValueStatus::NoRate));
    let huge = Decimal::parse("99999999999999999999").ok();
    let value = value_minor(huge, Some("GBP"), None, &rates, &pounds());
    assert_eq!(value, Err(ValueStatus::TooLarge));
}

#[test]
fn shared_sources_name_who_came_first() {
    let from = |row, id: &str, day, address: &str| Payment {
        paid_from: Some(address.into()),
        ..paid(row, id, day, "1", "BTC")
    };
    let segwit = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    let payments = [
        from(1, "b", Some(5), segwit),
        from(2, "a", Some(7), &segwit.to_uppercase()),
        from(3, "a", Some(3), segwit),
        from(4, "c", Some(1), "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        from(5, "d", Some(9), "x"),
        from(6, "e", Some(9), "x"),
        from(7, "f", None, "y"),
        from(8, "g", Some(2), "y"),
        from(9, "h", Some(2), " "),
        from(10, "i", Some(2), ""),
    ];
    let shared = shared_sources(&payments, Shared::PaidFrom);
    let shown: Vec<_> = shared
        .iter()
        .map(|s| {
            let by: Vec<_> = s
                .accounts
                .iter()
                .map(|by| by.account.account_id.as_str())
                .collect();
            (s.value.as_str(), by.join(" "), s.has_first_payer)
        })
        .collect();
    assert_eq!(
        shown,
        [
            (segwit, "a b".into(), true),
            // At one instant; and one without a time, who may have been before.
            ("x", "d e".into(), false),
            ("y", "g f".into(), false),
        ]
    );
    assert_eq!(shared[0].accounts[0].payments, 2);
    assert_eq!(
        shared[0].accounts[0]
            .rows
            .iter()
            .map(|row| row.row_no)
            .collect::<Vec<_>>(),
        [2, 3]
    );
    assert!(shared_sources(&payments, Shared::PaidTo).is_empty());
    assert!(!format!("{:?} {:?}", shared[0], payments[0]).contains("d6qejx"));
}

proptest! {
    /// Sums do not depend on the order of payments, and no amount is lost.
    #[test]
    fn order_changes_nothing(
        rows in prop::collection::vec((0..4_u8, prop::option::of(0..4_i64), -500..5_000_i64), 0..40),
    ) {
        let rates = Rates::of_list([rate(0, "3"), rate(1, "0.5"), rate(3, "7.25")]).unwrap();
        let mut payments: Vec<Payment> = (1..)
            .zip(&rows)
            .map(|(row, (who, day, cents))| Payment {
                paid_from: Some(format!("s{}", who % 2)),
                ..paid(row, &who.to_string(), *day, &format!("{}", Decimal::new((*cents).into(), 2)), "BTC")
            })
            .collect();
        let spend = spend_by_account(&payments, &rates, &pounds());
        let shared = shared_sources(&payments, Shared::PaidFrom);
        payments.reverse();
        prop_assert_eq!(&spend, &spend_by_account(&payments, &rates, &pounds()));
        prop_assert_eq!(shared, shared_sources(&payments, Shared::PaidFrom));
        prop_assert_eq!(spend.values().map(|s| s.payments).sum::<u64>(), rows.len() as u64);
        let valued = rows.iter().filter(|(_, day, _)| matches!(day, Some(0 | 1 | 3))).count() as u64;
        let without: u64 = spend.values().flat_map(|s| s.without_value.values()).sum();
        prop_assert_eq!(valued + without, rows.len() as u64);
    }
}
