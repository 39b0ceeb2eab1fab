//! `unspoof sql`

use unspoof_analysis::{Engine, RowsOut};
use unspoof_evidence::Details;

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
    let rows = (|| {
        let engine = Engine::start(&engine_options(around, &scratch))?;
        engine.register_case(case.root())?;
        engine.query(&args.query)
    })();
    let _ = std::fs::remove_dir_all(&scratch);
    let (schema, batches) = rows?;
    let format = match args.format {
        _ if around.json => RowsOut::Json,
        RowFormat::Table => RowsOut::Table,
        RowFormat::Json => RowsOut::Json,
        RowFormat::Csv => RowsOut::Csv,
        RowFormat::Parquet => RowsOut::Parquet,
    };
    match &args.output {
        Some(path) => {
            format.write(path, &schema, &batches)?;
            output::note(&format!("wrote {path}"));
        }
        None => output::text(&format.text(&schema, &batches)?),
    }
    Ok(Done::Whole)
}
