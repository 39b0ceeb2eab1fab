//! `unspoof campaign key`, `unspoof campaign approver`

use anyhow::Context;
use ring::signature::KeyPair as _;
use unspoof_handover::{bundle, chance, hex};
use unspoof_model::EventKind;
use zeroize::Zeroizing;

use super::super::Done;
use super::{Approver, Key};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::campaigns::write_secret;

pub(crate) fn key(around: &Surroundings, args: &Key) -> anyhow::Result<Done> {
    let seed = Zeroizing::new(chance::bytes::<32>()?);
    let text = Zeroizing::new(format!("{}\n", hex::encode(seed.as_slice())));
    write_secret(&args.file, text.as_bytes())?;
    let public = public_of(&seed)?;
    if around.json {
        output::json(&serde_json::json!({ "public_key": public, "file": args.file }));
    } else {
        output::text(&format!(
            "{public}\nthe private key is in {}; keep it where nobody else signs\n",
            args.file
        ));
    }
    Ok(Done::Whole)
}

fn public_of(seed: &Zeroizing<[u8; 32]>) -> anyhow::Result<String> {
    let pair = bundle::key_pair("signing", seed)?;
    Ok(hex::encode(pair.public_key().as_ref()))
}

/// Reads a private key.
pub(crate) fn read_seed(file: &camino::Utf8Path) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?;
    let text = Zeroizing::new(text);
    let seed = hex::decode::<32>(text.trim()).ok_or_else(|| {
        Refusal::new("campaign/key", format!("`{file}` holds no private key"))
            .hint("make one: unspoof campaign key FILE")
    })?;
    Ok(Zeroizing::new(seed))
}

pub(crate) fn approver(around: &Surroundings, args: &Approver) -> anyhow::Result<Done> {
    if hex::decode::<32>(&args.key).is_none() {
        return Err(Refusal::new(
            "campaign/key",
            "the public key is not 64 hexadecimal digits",
        )
        .hint("it is what `unspoof campaign key FILE` printed")
        .into());
    }
    let mut writer = around.write()?;
    let mut config = writer.config().clone();
    let is_taken = |known: &&unspoof_model::config::Approver| {
        known.name.eq_ignore_ascii_case(&args.name) || known.key.eq_ignore_ascii_case(&args.key)
    };
    if config.approvers.iter().any(|known| is_taken(&known)) {
        return Err(Refusal::new(
            "campaign/approver",
            "that name or that key stands on the list already",
        )
        .hint("edit `[[approvers]]` in case.toml to change it")
        .into());
    }
    config.approvers.push(unspoof_model::config::Approver {
        name: args.name.clone(),
        key: args.key.to_ascii_lowercase(),
    });
    let mut change = writer.begin(EventKind::Alteration, "campaign-approver")?;
    change.stage_config(&config)?;
    let keyed = change.keyed(&args.name);
    change.detail("approver", keyed);
    change.commit()?;
    output::text(&format!(
        "{} may approve campaigns; {} on the list\n",
        args.name,
        config.approvers.len()
    ));
    Ok(Done::Whole)
}
