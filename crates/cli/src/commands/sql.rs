//! `unspoof sql`

use std::fs::File;
use std::io::BufWriter;

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use unspoof_analysis::{Engine, RowWriter, RowsOut};
use unspoof_evidence::{CaseFolder, Details};

use super::Done;
use crate::args::{RowFormat, Sql};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::engine_options;

pub(crate) fn sql(around: &Surroundings, args: &Sql) -> anyhow::Result<Done> {
    if args.format == RowFormat::Parquet && args.output.is_none() {
        return Err(Refusal::new("sql/output", "Parquet cannot be printed")
            .hint("say where to write it: --output FILE")
            .into());
    }
    let case = around.open()?;
    let query = case.keyed(&around.keys, &args.query)?;
    around.consult(&case, "sql", &Details::new().with("query", query))?;
    let scratch = case
        .root()
        .join(".staging")
        .join(format!("sql-{}", std::process::id()));
    let format = match args.format {
        _ if around.json => RowsOut::Json,
        RowFormat::Table => RowsOut::Table,
        RowFormat::Json => RowsOut::Json,
        RowFormat::Csv => RowsOut::Csv,
        RowFormat::Parquet => RowsOut::Parquet,
    };
    let written = run(around, &case, &scratch, args, format);
    let _ = std::fs::remove_dir_all(&scratch);
    let (rows, left_out) = match written {
        Err(error) if is_closed_pipe(&error) => return Ok(Done::Whole),
        written => written?,
    };
    if let Some(path) = &args.output {
        output::note(&format!("wrote {rows} rows to {path}"));
    }
    if left_out > 0 {
        output::note(&format!(
            "{left_out} more of {rows} rows: all with --format csv, json or parquet"
        ));
    }
    Ok(Done::Whole)
}

/// Gives how many rows there were, and how many of them are not shown.
fn run(
    around: &Surroundings,
    case: &CaseFolder,
    scratch: &Utf8Path,
    args: &Sql,
    format: RowsOut,
) -> anyhow::Result<(usize, usize)> {
    let engine = Engine::start(&engine_options(around, scratch))?;
    engine.register_case(case.root(), case.config())?;
    let Some(path) = &args.output else {
        let to = BufWriter::new(std::io::stdout());
        let mut writer = RowWriter::new(format, to, "standard output".into());
        engine.query(&args.query, &mut writer)?;
        return Ok(writer.finish()?);
    };
    // A query that fails leaves nothing behind, and what stood there.
    let partial = Utf8PathBuf::from(format!("{path}.partial-{}", std::process::id()));
    let file = File::create(&partial).with_context(|| format!("could not write {path}"))?;
    let mut writer = RowWriter::new(format, BufWriter::new(file), path);
    let written = engine
        .query(&args.query, &mut writer)
        .and_then(|()| writer.finish());
    let whole = written.map_err(anyhow::Error::from).and_then(|counts| {
        std::fs::rename(&partial, path).with_context(|| format!("could not write {path}"))?;
        Ok(counts)
    });
    if whole.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    whole
}

/// A closed pipe is how a reader says that it has enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain();
    causes.any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
