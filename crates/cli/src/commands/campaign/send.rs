//! `unspoof campaign send`

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use unspoof_handover::chance;
use unspoof_outreach::approval::{Approvers, Use};
use unspoof_outreach::csv_sender::CsvSender;
use unspoof_outreach::lint::Channel;
use unspoof_outreach::notify::{ApiKey, Notify, Settings as NotifySettings, Timing};
use unspoof_outreach::package::Opened;
use unspoof_outreach::plan::ApprovedKey;
use unspoof_outreach::rehearsal::{Pretend, Rehearsal};
use unspoof_outreach::sending::{Ended, Grounds, Settings, open, send as run};
use unspoof_outreach::smpp::{Password, Pool, SmppConfig};
use unspoof_outreach::{Sender, SharedClock, SystemClock};
use unspoof_store::Address;
use unspoof_store::ledger::{Ledger, MessageRow, State, reference};
use zeroize::Zeroizing;

use super::super::Done;
use super::Send;
use super::sender_host::told;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::identities;

/// Reads those who may approve, from a file that came another way than the package.
pub(crate) fn read_approvers(file: &camino::Utf8Path) -> anyhow::Result<Approvers> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?;
    let list: Vec<ApprovedKey> =
        serde_json::from_str(&text).with_context(|| format!("`{file}` is no list of approvers"))?;
    Ok(Approvers::new(list)?)
}

/// What a file says of a service at GOV.UK Notify.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NotifyFile {
    url: String,
    template_id: String,
    #[serde(default = "text")]
    placeholder: String,
    sms_sender_id: Option<String>,
    #[serde(default = "window")]
    window: usize,
    #[serde(default = "per_minute")]
    per_minute: u32,
}

fn text() -> String {
    "text".to_owned()
}

const fn window() -> usize {
    16
}

const fn per_minute() -> u32 {
    1_800
}

fn secret(file: &camino::Utf8Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?;
    Ok(Zeroizing::new(text))
}

fn config<T: serde::de::DeserializeOwned>(file: &camino::Utf8Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?;
    toml::from_str(&text).map_err(|error| {
        Refusal::new(
            "campaign/provider",
            format!("`{file}` is not usable: {error}"),
        )
        .into()
    })
}

/// Messages that an earlier process sent and whose receipts are still to come.
fn still_out(address: &Address, campaign: &str) -> anyhow::Result<Vec<MessageRow>> {
    let mut ledger = Ledger::open(address)?;
    let mut rows = Vec::new();
    for state in [State::Intent, State::Accepted, State::Unknown] {
        rows.extend(ledger.rows(campaign, state)?);
    }
    Ok(rows)
}

fn sender_of(
    args: &Send,
    opened: &Opened,
    still_out: &[MessageRow],
    clock: &SharedClock,
) -> anyhow::Result<Box<dyn Sender>> {
    let plan = opened.plan();
    if let (Some(file), Some(password)) = (&args.smpp, &args.password) {
        let config: SmppConfig = config(file)?;
        let password = Password::of(secret(password)?)?;
        let seed = u64::from_be_bytes(chance::bytes::<8>()?);
        let mut pool = Pool::open(
            &config,
            password,
            &plan.sender,
            plan.made_up,
            Arc::clone(clock),
            seed,
        )?;
        for row in still_out {
            let text = plan.texts.get(row.text as usize);
            let parts = text.map_or(1, |text| u8::try_from(text.parts).unwrap_or(u8::MAX));
            let Some(recipient) = opened.recipient(row.key) else {
                continue;
            };
            let ids = row.message_id.as_deref().unwrap_or("");
            pool.remember(row.key, &recipient.digits(), parts, ids);
        }
        return Ok(Box::new(pool));
    }
    if let (Some(file), Some(key)) = (&args.notify, &args.api_key) {
        if plan.channel != Channel::Notify {
            return Err(Refusal::new(
                "campaign/channel",
                "the texts were not checked for GOV.UK Notify, which changes some characters",
            )
            .hint("plan it with `channel = \"notify\"` in the campaign file")
            .into());
        }
        let of: NotifyFile = config(file)?;
        let settings = NotifySettings {
            url: of.url,
            key: ApiKey::read(secret(key)?.trim())?,
            template_id: of.template_id,
            placeholder: of.placeholder,
            sms_sender_id: of.sms_sender_id,
            sender_id: plan.sender.clone(),
            window: of.window,
            per_minute: of.per_minute,
            callbacks: None,
            polls_receipts: true,
            timing: Timing::default(),
        };
        let notify = Notify::start(settings, plan.made_up, Arc::clone(clock))?;
        for text in &plan.texts {
            notify.preview(&text.text.replacen("{code}", "BCDF-GHJK-MNPQ", 1))?;
        }
        let sha256 = opened.approved().sha256();
        for row in still_out {
            let reference = reference(&plan.campaign, &sha256, row.key, row.attempt);
            if let Some(id) = &row.message_id {
                notify.watch(row.key, id, &reference);
            }
        }
        return Ok(Box::new(notify));
    }
    if let Some(folder) = &args.csv {
        let sender = CsvSender::new(folder.as_std_path(), &plan.sender, plan.made_up)?;
        return Ok(Box::new(sender));
    }
    let pretend = Pretend::Failing { one_of: 0 };
    Ok(match &args.write {
        Some(file) => Box::new(Rehearsal::writing(pretend, file.as_std_path())?),
        None => Box::new(Rehearsal::new(pretend)),
    })
}

pub(crate) fn send(around: &Surroundings, args: &Send) -> anyhow::Result<Done> {
    let is_rehearsal = args.smpp.is_none() && args.notify.is_none() && args.csv.is_none();
    let approvers = read_approvers(&args.trust.approvers)?;
    let keys = identities::read(std::slice::from_ref(&args.trust.identity))?;
    let clock: SharedClock = Arc::new(SystemClock::start());
    let opened_for = if is_rehearsal {
        Use::Rehearsal
    } else {
        Use::Sending
    };
    let opened = Opened::open_folder(
        args.host.package.as_std_path(),
        &approvers,
        keys.keys(),
        opened_for,
        clock.wall_us(),
    )?;
    // A rehearsal leaves no mark in the ledger of the campaign itself.
    let mut host = args.host.clone();
    if is_rehearsal && host.ledger.is_none() {
        let folder = host.package.join("rehearsal");
        std::fs::create_dir_all(&folder).with_context(|| format!("could not create `{folder}`"))?;
        let ledger = folder.join("ledger.db");
        for file in [
            ledger.clone(),
            format!("{ledger}-wal").into(),
            format!("{ledger}-shm").into(),
        ] {
            let _ = std::fs::remove_file(file);
        }
        host.ledger = Some(ledger.into_string());
    }
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .context("signals cannot be listened for")?;
    }
    let settings = Settings {
        actor: around.actor().to_owned(),
        control: host.control()?,
        status: Some(args.host.package.join("status.json").into_std_path_buf()),
        is_unthrottled: args.unthrottled || is_rehearsal,
        waits_while_halted: !args.leave_when_held && !is_rehearsal,
        linger_ms: args.linger_s.saturating_mul(1000),
        grace_ms: 90_000,
        interrupted,
    };
    let address = host.address()?;
    let grounds = Grounds {
        opened: &opened,
        ledger: &address,
        clock: &*clock,
    };
    open(&grounds, around.actor())?;
    let still_out = still_out(&address, &opened.plan().campaign)?;
    let mut sender = sender_of(args, &opened, &still_out, &clock)?;
    let (ended, status) = loop {
        let (ended, status) = run(&grounds, sender.as_mut(), &settings, &mut |line| {
            output::note(line);
        })?;
        let planned_hold = matches!(&ended, Ended::Halted(halt) if halt.actor == "plan");
        if !(is_rehearsal && planned_hold) {
            break (ended, status);
        }
        // A rehearsal goes through all stages; who lets them go on is rehearsed by people.
        let mut ledger = Ledger::open(&address)?;
        let campaign = &opened.plan().campaign;
        ledger.resume(campaign, around.actor(), "a rehearsal", clock.wall_us())?;
    };
    let said = match &ended {
        Ended::Finished if is_rehearsal => {
            "rehearsed: every message was made, and nothing left this machine".to_owned()
        }
        Ended::Finished => "all stages are through".to_owned(),
        Ended::WindowOver => "the window is over, and not everybody was told".to_owned(),
        Ended::Interrupted => "interrupted, in order; start it again to go on".to_owned(),
        Ended::Halted(halt) => format!("halted by {}: {}", halt.actor, halt.why),
    };
    if around.json {
        output::json(
            &serde_json::json!({ "ended": said, "rehearsal": is_rehearsal, "status": status }),
        );
    } else {
        output::text(&told(&status));
        output::text(&format!("{said}\n"));
    }
    Ok(match ended {
        Ended::Finished => Done::Whole,
        Ended::WindowOver | Ended::Interrupted | Ended::Halted(_) => Done::NotSound,
    })
}
