//! `unspoof portal pull`
//!
//! What came in becomes exhibits like any other. The spool's own bytes are sealed first, still
//! closed; the opened tables follow, each in a change of its own. A record counts as pulled once it
//! stands in a sealed table, so whatever interrupts this, the next pull takes exactly the rest.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};
use unspoof_evidence::{CaseWriter, SealOptions};
use unspoof_handover::hex;
use unspoof_handover::spool::{self, SpoolContent};
use unspoof_ingest::presets;
use unspoof_intake::{Message, Opened, archive, open_all, rows};
use unspoof_model::EventKind;
use unspoof_model::config::Source;

use super::super::Done;
use super::{Pull, statements};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::campaigns::SentCodes;
use crate::stages::identities;
use crate::stages::sources::declared_or_shipped;

/// The mapping, and the source that statements are of.
const MAPPING: &str = "portal-statements";
const SOURCE: &str = "portal";
/// Folder for work in progress.
const WORK: &str = "portal-pull";

pub(crate) fn pull(around: &Surroundings, args: &Pull) -> anyhow::Result<Done> {
    let identities = identities::read(&args.identities)?;
    let mut writer = around.write()?;
    let pulled = statements::pulled(writer.folder())?;
    let content = spool::read(args.spool.as_std_path(), &pulled)?;
    let open = |sealed: &[u8]| identities.open(sealed).map_err(|error| error.to_string());
    let opened = open_all(&content.records, &open);
    tell_damage(&content, &opened);
    let is_whole = content.damaged.is_empty() && opened.unopened.is_empty();
    let names = if opened.messages.is_empty() {
        Vec::new()
    } else {
        let name = name_of(&content);
        declare(&mut writer, args, &name)?;
        let work = writer.work_dir(WORK)?;
        let names = seal_all(&mut writer, args, &content, &opened, &work, &name)?;
        writer.clear_work(WORK)?;
        record(&mut writer, &content, &opened)?;
        names
    };
    tell(around, &content, &opened, &names);
    Ok(if is_whole {
        Done::Whole
    } else {
        Done::WithRejects
    })
}

/// How many of each kind.
struct Counts {
    statements: usize,
    numbers: usize,
    codes: usize,
}

impl Counts {
    fn of(messages: &[Message]) -> Self {
        let mut counts = Self {
            statements: 0,
            numbers: 0,
            codes: 0,
        };
        for message in messages {
            *match message {
                Message::Statement(_) => &mut counts.statements,
                Message::NumberAsked { .. } => &mut counts.numbers,
                Message::CodeFrozen { .. } => &mut counts.codes,
            } += 1;
        }
        counts
    }
}

fn tell_damage(content: &SpoolContent, opened: &Opened) {
    for (segment, offset) in &content.damaged {
        output::note(&format!(
            "warning: `{segment}` holds other bytes than were written, from byte {offset} on; what stands before was taken"
        ));
    }
    for record in &opened.unopened {
        output::note(&format!(
            "warning: record {} was left: {}",
            record.id, record.why
        ));
    }
}

/// Names a pull by its records, so that an interrupted one finds what it has sealed already.
fn name_of(content: &SpoolContent) -> String {
    let mut ids: Vec<String> = content.records.iter().map(|r| r.id.to_string()).collect();
    ids.sort();
    let hash = Sha256::digest(ids.join("\n").as_bytes());
    let begins: String = hex::encode(&hash).chars().take(12).collect();
    format!("{}{begins}", statements::PREFIX)
}

/// Makes the website a source of the case, and says which of a pull's exhibits hold no rows.
fn declare(writer: &mut CaseWriter, args: &Pull, name: &str) -> anyhow::Result<()> {
    let mut config = writer.config().clone();
    let without_rows =
        ["spool.tar", "numbers.csv", "codes.csv"].map(|kind| format!("{name}.{kind}"));
    config.without_rows.extend(without_rows);
    config.without_rows.sort();
    config.without_rows.dedup();
    if config.sources.iter().any(|source| source.name == SOURCE) {
        return Ok(writer.set_config(&config, "declare-pull")?);
    }
    let region = args
        .region
        .or_else(|| config.home_regions.first().copied())
        .ok_or_else(|| Refusal::new("config/home", "the case has no home region"))?;
    let zone = match &args.zone {
        Some(zone) => {
            unspoof_model::Zone::named(zone).map_err(|error| {
                Refusal::new("config/zone", error.to_string())
                    .hint("use an IANA name such as Europe/London, UTC, or +02:00")
            })?;
            zone.clone()
        }
        None => unspoof_analysis::one_clock(region)
            .ok_or_else(|| {
                Refusal::new(
                    "config/zone",
                    format!("{region} has several zones, so the days that people state need one"),
                )
                .hint("name it: --zone America/Toronto")
            })?
            .to_owned(),
    };
    let shipped = presets::PRESETS
        .iter()
        .find(|(name, _)| *name == MAPPING)
        .map(|(_, text)| *text)
        .ok_or_else(|| Refusal::new("bug/portal-mapping", "the mapping does not ship"))?;
    let text = shipped.replace(
        "[numbers]\n",
        &format!("[numbers]\ndefault_region = \"{region}\"\n"),
    );
    config.sources = declared_or_shipped(&config);
    config.sources.retain(|source| source.mapping != MAPPING);
    config.sources.push(Source {
        name: SOURCE.to_owned(),
        mapping: MAPPING.to_owned(),
        zone: Some(zone),
        clock_offset_s: 0,
        exhibits: Vec::new(),
    });
    let mut change = writer.begin(EventKind::Alteration, "declare-source")?;
    change.stage_bytes(format!("mappings/{MAPPING}.toml"), text.as_bytes())?;
    change.stage_config(&config)?;
    Ok(change.commit()?)
}

fn seal_all(
    writer: &mut CaseWriter,
    args: &Pull,
    content: &SpoolContent,
    opened: &Opened,
    work: &Utf8Path,
    name: &str,
) -> anyhow::Result<Vec<String>> {
    let codes = SentCodes::of_case(writer.folder())?;
    let tables = rows::tables(&opened.messages, &|campaign, code| {
        codes.number_of(campaign, code)
    })?;
    let mut made = Vec::new();
    let spool = work.join("spool.tar");
    pack(args, content, opened, &spool)?;
    seal(writer, &spool, format!("{name}.spool.tar"), &mut made)?;
    for (kind, table) in [
        ("statements", tables.statements),
        ("numbers", tables.numbers),
        ("codes", tables.codes),
    ] {
        let Some(bytes) = table else { continue };
        let file = work.join(format!("{kind}.csv"));
        std::fs::write(&file, &bytes).with_context(|| format!("could not write `{file}`"))?;
        seal(writer, &file, format!("{name}.{kind}.csv"), &mut made)?;
    }
    Ok(made)
}

fn seal(
    writer: &mut CaseWriter,
    file: &Utf8Path,
    name: String,
    made: &mut Vec<String>,
) -> anyhow::Result<()> {
    let options = SealOptions {
        name: Some(name.clone()),
        authority: Some("given by its writers on the victims' website".to_owned()),
        restrictions: Some("victims' statements: for the team alone".to_owned()),
        ..SealOptions::default()
    };
    writer.seal(file, &options, &mut |_, _| {})?;
    made.push(name);
    Ok(std::fs::remove_file(file)?)
}

/// Packs the segments with new records and the attachments that new statements name.
fn pack(
    args: &Pull,
    content: &SpoolContent,
    opened: &Opened,
    to: &Utf8PathBuf,
) -> anyhow::Result<()> {
    let segments: BTreeSet<&str> = content.records.iter().map(|r| r.segment.as_str()).collect();
    let mut names: Vec<String> = segments.into_iter().map(str::to_owned).collect();
    let mut files = BTreeSet::new();
    for message in &opened.messages {
        let Message::Statement(statement) = message else {
            continue;
        };
        for file in &statement.files {
            // An id is drawn by the portal; anything else than digits would be somebody's path.
            if hex::decode::<16>(&file.id).is_none() {
                continue;
            }
            let name = format!("files/{}.age", file.id);
            if args.spool.join(&name).is_file() {
                files.insert(name);
            } else {
                return Err(Refusal::new(
                    "portal/file-missing",
                    format!("the copy of the spool lacks `{name}`, which a statement names"),
                )
                .hint("copy the spool again, `files/` included, then pull")
                .into());
            }
        }
    }
    names.extend(files);
    let file = File::create(to).with_context(|| format!("could not write `{to}`"))?;
    let mut buffered = BufWriter::new(file);
    archive::write(args.spool.as_std_path(), &names, &mut buffered)?;
    buffered
        .flush()
        .with_context(|| format!("could not write `{to}`"))
}

fn record(writer: &mut CaseWriter, content: &SpoolContent, opened: &Opened) -> anyhow::Result<()> {
    let counts = Counts::of(&opened.messages);
    let mut change = writer.begin(EventKind::Collection, "portal-pull")?;
    change.detail("statements", counts.statements);
    change.detail("numbers_asked", counts.numbers);
    change.detail("codes_frozen", counts.codes);
    change.detail("unopened", opened.unopened.len());
    change.detail("damaged_segments", content.damaged.len());
    Ok(change.commit()?)
}

fn tell(around: &Surroundings, content: &SpoolContent, opened: &Opened, names: &[String]) {
    let counts = Counts::of(&opened.messages);
    if around.json {
        output::json(&serde_json::json!({
            "statements": counts.statements,
            "numbers_asked": counts.numbers,
            "codes_frozen": counts.codes,
            "unopened": opened.unopened.iter().map(|u| serde_json::json!({ "record": u.id, "why": u.why })).collect::<Vec<_>>(),
            "damaged_segments": content.damaged.iter().map(|(name, at)| serde_json::json!({ "segment": name, "byte": at })).collect::<Vec<_>>(),
            "exhibits": names,
        }));
        return;
    }
    if names.is_empty() {
        output::text("nothing new\n");
        return;
    }
    output::text(&format!(
        "pulled {} statements, {} numbers that somebody asked about, {} frozen codes\n",
        counts.statements, counts.numbers, counts.codes
    ));
    for name in names {
        output::text(&format!("sealed {name}\n"));
    }
    output::text(
        "`unspoof run` takes statements up; `unspoof portal queue` shows who is to be cared for\n",
    );
}
