//! `unspoof explain`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;

use anyhow::Context;
use unspoof_analysis::{Engine, FigureRow, explain_figure};
use unspoof_evidence::{CaseFolder, Details, StreamError, StreamLimits, open_stream};

use super::Done;
use crate::args::Explain;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::{engine_options, read_brief};

pub(crate) fn explain(around: &Surroundings, args: &Explain) -> anyhow::Result<Done> {
    let case = around.open()?;
    let brief = read_brief(&case)?;
    if let Some(done) = super::explain_money::explain(around, &case, args)? {
        return Ok(done);
    }
    let Some(figure) = brief.figure(&args.figure) else {
        if let Ok(number) = args.figure.parse() {
            if let Some(done) = super::explain_contact::explain(around, &case, args, number)? {
                return Ok(done);
            }
            return Err(Refusal::new(
                "explain/unknown",
                format!(
                    "`{}` was neither called nor shown as anybody's own",
                    args.figure
                ),
            )
            .hint("rank lists those that were: unspoof rank contacts")
            .into());
        }
        if let Some(done) = super::explain_person::explain(around, &case, args)? {
            return Ok(done);
        }
        let known: Vec<&str> = brief
            .figures
            .iter()
            .map(|figure| figure.id.as_str())
            .collect();
        return Err(Refusal::new(
            "explain/unknown",
            format!(
                "there is no figure, number, person or account `{}`",
                args.figure
            ),
        )
        .hint(format!(
            "a number begins with `+`; figures are {}",
            known.join(", ")
        ))
        .into());
    };
    if args.svg.is_some() {
        return Err(super::explain_money::no_picture(&args.figure));
    }
    let details = Details::new()
        .with("figure", case.keyed(&around.keys, &figure.id)?)
        .with("bytes", args.bytes)
        .with("limit", args.limit);
    around.consult(&case, "explain", &details)?;
    let scratch = case
        .root()
        .join(".staging")
        .join(format!("explain-{}", std::process::id()));
    let rows = (|| {
        let engine = Engine::start(&engine_options(around, &scratch))?;
        engine.register_case(case.root(), case.config())?;
        let limit = (args.limit > 0).then_some(args.limit);
        explain_figure(&engine, &args.figure, &brief.currency, limit)
    })();
    let _ = std::fs::remove_dir_all(&scratch);
    let rows = rows?.unwrap_or_default();
    let bytes = if args.bytes {
        Some(read_bytes(&case, &rows)?)
    } else {
        None
    };
    if around.json {
        let rows: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let bytes = bytes.as_ref().map(|bytes| hex(&bytes[index]));
                serde_json::json!({
                    "exhibit": row.exhibit,
                    "stream": row.stream,
                    "byte_offset": row.byte_offset,
                    "byte_len": row.byte_len,
                    "bytes_hex": bytes,
                })
            })
            .collect();
        output::json(&serde_json::json!({ "figure": figure, "rows": rows }));
        return Ok(Done::Whole);
    }
    let mut text = String::new();
    writeln!(text, "{} = {} {}", figure.id, figure.shown(), figure.unit)?;
    writeln!(text, "{}", figure.definition)?;
    writeln!(text, "rows SHA-256 {}", figure.rows_sha256)?;
    for (index, row) in rows.iter().enumerate() {
        writeln!(
            text,
            "{} stream {} bytes {}..{}",
            row.exhibit,
            row.stream,
            row.byte_offset,
            row.byte_offset + u64::from(row.byte_len)
        )?;
        if let Some(bytes) = &bytes {
            writeln!(text, "    {}", on_one_line(&bytes[index]))?;
        }
    }
    if args.limit > 0 && rows.len() as u64 == args.limit {
        writeln!(text, "the first {} rows; --limit 0 shows all", args.limit)?;
    }
    output::text(&text);
    Ok(Done::Whole)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

/// Reads the rows' bytes from the sealed exhibits, each exhibit once from its start.
pub(crate) fn read_bytes(case: &CaseFolder, rows: &[FigureRow]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut found = vec![Vec::new(); rows.len()];
    let mut by_exhibit: BTreeMap<&str, Vec<(usize, &FigureRow)>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        by_exhibit
            .entry(&row.exhibit)
            .or_default()
            .push((index, row));
    }
    for (name, mut wanted) in by_exhibit {
        wanted.sort_by_key(|(_, row)| row.byte_offset);
        let exhibit = case.exhibit(name).ok_or_else(|| {
            Refusal::new("exhibit/unknown", format!("there is no exhibit `{name}`"))
        })?;
        let reading = || format!("reading exhibit `{name}`");
        let mut stream = open_stream(exhibit, &StreamLimits::default()).with_context(reading)?;
        let mut at = 0;
        for (index, row) in wanted {
            // Rows of one figure do not overlap; two that do are read as far as they can be.
            let skip = row.byte_offset.saturating_sub(at);
            let skipped = std::io::copy(&mut stream.by_ref().take(skip), &mut std::io::sink());
            skipped.with_context(reading)?;
            let mut bytes = Vec::new();
            let take = u64::from(row.byte_len);
            stream
                .by_ref()
                .take(take)
                .read_to_end(&mut bytes)
                .with_context(reading)?;
            at = row.byte_offset + take;
            found[index] = bytes;
        }
        // Only the end of the stream shows that all of it is what was sealed. A stream that broke
        // off when it was sealed breaks off again.
        if let Err(error) = std::io::copy(&mut stream, &mut std::io::sink()) {
            let changed = matches!(
                StreamError::in_io(&error),
                Some(StreamError::NotAsSealed { .. })
            );
            if changed || exhibit.stream_error.is_none() {
                return Err(error).with_context(reading);
            }
        }
    }
    Ok(found)
}

/// Shows bytes on one line: printable ASCII as it is, all else and the backslash escaped.
pub(crate) fn on_one_line(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\'' | b'"' => shown.push(char::from(byte)),
            _ => shown.extend(byte.escape_ascii().map(char::from)),
        }
    }
    shown
}
