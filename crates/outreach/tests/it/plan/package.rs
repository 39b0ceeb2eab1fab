//! What two people sign, and what the sender's host makes of it.

use unspoof_outreach::approval::{self, Approvers, Use};
use unspoof_outreach::package::{self, Opened};

use super::support::*;

pub(crate) fn approvers() -> Approvers {
    Approvers::new(campaign().approvers).unwrap()
}

#[test]
fn an_approved_plan_opens_on_its_host() {
    let list = (0..100).map(|at| candidate(mobile(at))).collect();
    let planned = planned(&campaign(), &candidates(list));
    let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
    let file = approval::unsigned(&planned.plan).unwrap();
    let (file, who) =
        approval::approve(file.as_bytes(), &approvers(), &seed(1), PLANNED_UTC).unwrap();
    assert_eq!(who, "A. Officer");
    let (file, _) =
        approval::approve(file.as_bytes(), &approvers(), &seed(2), PLANNED_UTC).unwrap();
    let folder = tempfile::tempdir().unwrap();
    package::write(folder.path(), &file, &sealed).unwrap();
    let opened = Opened::open_folder(
        folder.path(),
        &approvers(),
        &[host()],
        Use::Sending,
        WITHIN_UTC,
    )
    .unwrap();
    assert_eq!(opened.approved().by(), ["A. Officer", "B. Officer"]);
    assert_eq!(opened.stage(3), Some(15..102));
    let text = opened.text(0).unwrap();
    assert!(!text.contains("{code}"));
}
