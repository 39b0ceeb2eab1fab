//! From candidates to a plan.

use super::support::*;

#[test]
fn a_plan_tells_each_number_once_in_stages() {
    let list = (0..100).map(|at| candidate(mobile(at))).collect();
    let planned = planned(&campaign(), &candidates(list));
    let sizes: Vec<u64> = planned.plan.stages.iter().map(|of| of.recipients).collect();
    assert_eq!(sizes, [2, 3, 10, 87]);
    assert_eq!(planned.plan.recipients.count, 102);
    assert_eq!(planned.plan.figures.messages, 102);
    assert_eq!(planned.plan.figures.pauses_s, 70 * 60);
    let cost = planned.plan.figures.cost.clone().unwrap();
    assert_eq!((cost.minor, cost.currency.as_str()), (256, "GBP"));
    planned.plan.check().unwrap();
}
