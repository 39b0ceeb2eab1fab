//! Commands of the sender's host that need no key: status, hold, resume, stop.

use anyhow::Context;
use camino::Utf8PathBuf;
use unspoof_outreach::approval;
use unspoof_outreach::package::PLAN_FILE;
use unspoof_outreach::plan::Plan;
use unspoof_outreach::sending::{Command, Control, Status, status_of};
use unspoof_store::Address;
use unspoof_store::ledger::{Halt, HaltKind, Ledger};

use super::super::Done;
use super::{Host, Order};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;

impl Host {
    /// Where the ledger is.
    pub(crate) fn address(&self) -> anyhow::Result<Address> {
        let file = self.package.join("ledger.db");
        Ok(match self.ledger.as_deref() {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                match Address::of(Some(url), &file, "unspoof_ledger")? {
                    Address::Server { url, schema } => Address::Server {
                        url: url.or_password(std::env::var("PGPASSWORD").ok()),
                        schema,
                    },
                    Address::File(file) => Address::File(file),
                }
            }
            Some(path) => Address::File(Utf8PathBuf::from(path)),
            None => Address::File(file),
        })
    }

    /// The plan file as it stands in the package. Who signed it is not asked here.
    pub(crate) fn plan_file(&self) -> anyhow::Result<Vec<u8>> {
        let path = self.package.join(PLAN_FILE);
        std::fs::read(&path).map_err(|error| {
            let refusal = Refusal::new(
                "campaign/package",
                format!("`{}` holds no package: {error}", self.package),
            );
            refusal
                .hint("give the folder `sender` that `unspoof campaign bundle` wrote")
                .into()
        })
    }

    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        Ok(approval::read(&self.plan_file()?)?)
    }

    pub(crate) fn control(&self) -> anyhow::Result<Control> {
        Ok(Control::at(self.package.join("control").as_std_path())?)
    }

    /// The ledger, which must be there.
    pub(crate) fn ledger(&self) -> anyhow::Result<Ledger> {
        Ledger::open_existing(&self.address()?)?.ok_or_else(|| {
            Refusal::new(
                "campaign/no-ledger",
                "nothing of this package was sent or rehearsed yet",
            )
            .hint("rehearse it: unspoof campaign send PACKAGE --approvers FILE --identity FILE")
            .into()
        })
    }
}

pub(crate) fn status(around: &Surroundings, args: &Host) -> anyhow::Result<Done> {
    let plan = args.plan()?;
    let status = status_of(&mut args.ledger()?, &plan, around.now_utc())?;
    if around.json {
        output::json(&status);
    } else {
        output::text(&told(&status));
    }
    Ok(Done::Whole)
}

/// A status in words.
pub(crate) fn told(status: &Status) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    if let Some((kind, who, why)) = &status.halted {
        let _ = writeln!(text, "{} by {who}: {why}", kind.to_uppercase());
    }
    let _ = writeln!(
        text,
        "{:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "stage", "planned", "under way", "accepted", "delivered", "failed", "refused", "unknown"
    );
    let all = ("all", &status.counts);
    let stages = status
        .stages
        .iter()
        .map(|stage| (stage.name.as_str(), &stage.counts));
    for (name, counts) in stages.chain([all]) {
        let _ = writeln!(
            text,
            "{name:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            counts.planned,
            counts.intent,
            counts.accepted,
            counts.delivered,
            counts.undelivered + counts.expired,
            counts.refused,
            counts.unknown
        );
    }
    for rule in status.rules.iter().filter(|rule| rule.is_judged) {
        let permille = rule.now_permille.unwrap_or(0);
        let stage = rule
            .stage
            .and_then(|stage| status.stages.get(stage as usize))
            .map_or("all", |stage| stage.name.as_str());
        let _ = writeln!(
            text,
            "rule {} ({stage}): {}.{} %, holds at {}.{} %",
            rule.rule,
            permille / 10,
            permille % 10,
            rule.limit_permille / 10,
            rule.limit_permille % 10
        );
    }
    for code in &status.codes {
        let _ = writeln!(
            text,
            "code {} ({}): {}",
            code.code, code.state, code.messages
        );
    }
    if status.orphans > 0 {
        let _ = writeln!(
            text,
            "receipts of messages that are not known: {}",
            status.orphans
        );
    }
    let _ = writeln!(
        text,
        "window: {} h {} min left",
        status.window_left_s / 3_600,
        status.window_left_s % 3_600 / 60
    );
    text
}

fn order(
    around: &Surroundings,
    args: &Order,
    command: Command,
    kind: HaltKind,
    done: &str,
) -> anyhow::Result<Done> {
    // The file first: it works whatever the ledger does.
    args.host.control()?.give(command, &args.why)?;
    let plan = args.host.plan()?;
    let halt = Halt {
        kind,
        actor: around.actor().to_owned(),
        why: args.why.clone(),
        at_us: around.now_utc(),
    };
    if let Some(mut ledger) = Ledger::open_existing(&args.host.address()?)? {
        ledger
            .halt(&plan.campaign, &halt)
            .context("the file that stops the sender is there; the ledger did not take it")?;
    }
    output::text(&format!("{done}\n"));
    Ok(Done::Whole)
}

pub(crate) fn hold(around: &Surroundings, args: &Order) -> anyhow::Result<Done> {
    order(around, args, Command::Hold, HaltKind::Held, "held")
}

pub(crate) fn stop(around: &Surroundings, args: &Order) -> anyhow::Result<Done> {
    order(
        around,
        args,
        Command::Stop,
        HaltKind::Stopped,
        "stopped, for ever",
    )
}

pub(crate) fn resume(around: &Surroundings, args: &Order) -> anyhow::Result<Done> {
    let plan = args.host.plan()?;
    let mut ledger = args.host.ledger()?;
    ledger.resume(&plan.campaign, around.actor(), &args.why, around.now_utc())?;
    args.host.control()?.release()?;
    output::text("resumed\n");
    Ok(Done::Whole)
}
