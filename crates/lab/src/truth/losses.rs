//! What was lost, by whom, in which calls, and which reports tell of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::dirt::Place;
use crate::draw::{Draw, Purpose};
use crate::losses::{Scheme, Traits, Try};
use crate::phone::e164_text;
use crate::plan::Plan;
use crate::reports::{Told, reference};
use crate::tracked::TrackedCall;

/// One loss of one victim to one fraudster.
pub(crate) struct Loss {
    pub(crate) scheme: Scheme,
    pub(crate) traits: Traits,
    pub(crate) minor: u64,
    /// The call in which the money went.
    pub(crate) deciding: TrackedCall,
    /// The other calls of the same account to the same number, by time.
    pub(crate) others: Vec<TrackedCall>,
}

/// Settles hard mode's losses: the script's, with the calls as they were written.
pub(crate) fn of_script(plan: &Plan, tracked: &[TrackedCall]) -> Vec<Loss> {
    let Some(hard) = &plan.hard else {
        return Vec::new();
    };
    let mut calls: BTreeMap<u32, Vec<TrackedCall>> = BTreeMap::new();
    for call in tracked {
        calls.entry(call.subject).or_default().push(*call);
    }
    let mut losses = Vec::new();
    for (subject, mut calls) in calls {
        let episode = &hard.script.episodes[subject as usize];
        calls.sort_by_key(|call| (call.at, call.leg_id));
        let deciding = calls.iter().position(|call| call.deciding);
        if let (Some(minor), Some(place)) = (episode.loss_minor, deciding) {
            losses.push(Loss {
                scheme: episode.made.scheme,
                traits: episode.made.traits,
                minor,
                deciding: calls.remove(place),
                others: calls,
            });
        }
    }
    losses
}

/// Settles an older preset's losses: what victims' reports name, and by the process for others.
pub(crate) fn of_victims(plan: &Plan, tracked: &[TrackedCall], told: &[Told]) -> Vec<Loss> {
    let named: BTreeMap<u64, Option<u64>> = told
        .iter()
        .filter(|told| told.again_of.is_none())
        .filter_map(|told| Some((told.call?.leg_id, told.told_minor)))
        .collect();
    let mut losses = Vec::new();
    let mut calls: Vec<&TrackedCall> = tracked.iter().collect();
    calls.sort_by_key(|call| call.subject);
    for call in calls {
        let mut draw = Draw::new(plan.seed, Purpose::Script, 1 + u64::from(call.subject));
        let landline = call.subject >= plan.size.mobile_victims;
        let traits = Traits::of(plan.seed, call.subject);
        let made = Try {
            scheme: Scheme::drawn(&mut draw, plan.losses, call.at, landline),
            traits,
            skill: draw.below(1_000),
            organisation: plan.organisations.set(call.posed).first().copied(),
        };
        let succeeds = made.succeeds(&mut draw, plan.losses);
        let drawn = made.loss_minor(&mut draw, plan.losses, call.talk_s);
        let minor = match named.get(&call.leg_id) {
            Some(&Some(named)) => named,
            Some(None) => drawn,
            None if succeeds => drawn,
            None => continue,
        };
        losses.push(Loss {
            scheme: made.scheme,
            traits,
            minor,
            deciding: *call,
            others: Vec::new(),
        });
    }
    losses
}

/// Returns a loss's own reference.
fn loss_id(index: usize) -> String {
    format!("L{:06}", index + 1)
}

fn place_text((exhibit, at, len): Place) -> String {
    format!("{},{at},{len}", exhibit.file_name())
}

/// Writes `truth/losses.csv`.
pub(crate) fn losses_csv(plan: &Plan, losses: &[Loss], told: &[Told]) -> String {
    let reports = told.iter();
    let reported: BTreeMap<u64, u32> = reports
        .filter(|told| told.again_of.is_none())
        .filter_map(|told| Some((told.call?.leg_id, told.report)))
        .collect();
    let mut out = String::from(
        "loss_id,called_e164,account_id,person,scheme,process,loss_minor,report_id,\
         exhibit,byte_offset,byte_len,other_calls\n",
    );
    for (index, loss) in losses.iter().enumerate() {
        let call = &loss.deciding;
        let others: Vec<String> = loss
            .others
            .iter()
            .map(|call| place_text(call.place).replace(',', ":"))
            .collect();
        let report = reported.get(&call.leg_id).map(|&report| reference(report));
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "{},{},{},p{},{},{},{},{},{},{}",
            loss_id(index),
            e164_text(plan.pool.number(call.called)),
            call.account + 1,
            plan.ledger.accounts[call.account as usize].person,
            loss.scheme.as_str(),
            plan.losses.as_str(),
            loss.minor,
            report.unwrap_or_default(),
            place_text(call.place),
            others.join(" "),
        );
    }
    out
}

/// Writes `truth/report_calls.csv`.
pub(crate) fn report_calls_csv(plan: &Plan, losses: &[Loss], told: &[Told]) -> String {
    let ids: BTreeMap<u64, usize> = losses
        .iter()
        .enumerate()
        .map(|(index, loss)| (loss.deciding.leg_id, index))
        .collect();
    let mut out = String::from(
        "report_id,exhibit,byte_offset,byte_len,called_e164,own_number,account_id,loss_id,\
         again_of,told_minor,refunded_minor,recovered_minor,call_exhibit,call_byte_offset,\
         call_byte_len\n",
    );
    for told in told {
        let call = told.call.as_ref();
        let loss = call.and_then(|call| ids.get(&call.leg_id));
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{},{},{},{},{}",
            reference(told.report),
            place_text(told.place),
            call.map(|call| e164_text(plan.pool.number(call.called)))
                .unwrap_or_default(),
            told.own.as_str(),
            call.map(|call| (call.account + 1).to_string())
                .unwrap_or_default(),
            loss.map(|&index| loss_id(index)).unwrap_or_default(),
            told.again_of.map(reference).unwrap_or_default(),
            told.told_minor
                .map(|minor| minor.to_string())
                .unwrap_or_default(),
            told.refunded_minor,
            told.recovered_minor,
            call.map_or(",,".to_owned(), |call| place_text(call.place)),
        );
    }
    out
}
