//! What the made-up team decided: who its suspects are.
//!
//! The team looked into the priority accounts and identified each person behind one, by the
//! priority accounts that are that person's. It is right, for the lab knows who used which.

use std::collections::BTreeMap;

use serde_json::json;

use crate::clock::{UtcS, push_datetime, utc_s};
use crate::plan::Plan;

/// The file, beside `case.toml`.
pub(crate) const JUDGEMENTS: &str = "judgements.jsonl";

/// When the team began; then one judgement a second.
const BEGAN: UtcS = utc_s(2022, 11, 21, 9);

/// Lists the identified persons, one judgement a line, members by name.
pub(crate) fn judgements(plan: &Plan) -> String {
    let mut accounts_of: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (index, account) in plan.ledger.accounts.iter().enumerate() {
        if account.is_priority() && !account.role.is_test() {
            let id = (index + 1).to_string();
            accounts_of.entry(account.person).or_default().push(id);
        }
    }
    let mut lines = String::new();
    for (second, (person, mut ids)) in (0..).zip(accounts_of) {
        ids.sort();
        let accounts: Vec<_> = ids
            .iter()
            .map(|id| json!({ "account_id": id, "source": "service" }))
            .collect();
        let mut time = Vec::new();
        push_datetime(&mut time, BEGAN + second);
        let time = String::from_utf8_lossy(&time).replace(' ', "T") + "Z";
        let judgement = json!({
            "accounts": accounts,
            "actor": "the lab",
            "kind": "identified",
            "label": format!("p{person}"),
            "reason": "made up: the lab knows who used which account",
            "recorded_utc": time,
            "v": 1,
        });
        lines.push_str(&judgement.to_string());
        lines.push('\n');
    }
    lines
}
