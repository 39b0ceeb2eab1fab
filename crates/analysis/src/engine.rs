//! The query engine: DataFusion over a case's Parquet, within a memory limit, spilling to the case.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use camino::{Utf8Path, Utf8PathBuf};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::MemTable;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use futures::StreamExt;
use unspoof_model::config::CaseConfig;
use unspoof_model::schema;
use unspoof_numbers::blocks::Blocks;

use crate::AnalysisError;
use crate::organisations::{Organisations, read_back};
use crate::references::read_blocks;

/// How much the engine may use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineOptions {
    /// Bytes that operators may hold before they spill.
    pub memory_bytes: usize,
    /// Threads.
    pub workers: usize,
    /// Folder for what is spilled; made when it is needed.
    pub spill: Utf8PathBuf,
}

/// A session over one case.
pub struct Engine {
    context: SessionContext,
    runtime: tokio::runtime::Runtime,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts a session without tables.
    ///
    /// # Errors
    /// The spill folder cannot be made, or no threads can be started.
    pub fn start(options: &EngineOptions) -> Result<Self, AnalysisError> {
        std::fs::create_dir_all(&options.spill)
            .map_err(|e| AnalysisError::write(&options.spill, e))?;
        let spill = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![
            options.spill.clone().into(),
        ]));
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_bytes)))
            .with_disk_manager_builder(spill)
            .build_arc()
            .map_err(AnalysisError::engine("its own start"))?;
        let config = SessionConfig::new()
            .with_target_partitions(options.workers.max(1))
            .with_information_schema(true)
            .set_bool(
                "datafusion.execution.parquet.schema_force_view_types",
                false,
            )
            .set_bool("datafusion.execution.parquet.pushdown_filters", false)
            .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false);
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(environment)
            .with_default_features()
            .build();
        let context = SessionContext::new_with_state(state);
        crate::functions::register(&context);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.workers.max(1))
            .build()
            .map_err(|e| AnalysisError::write(&options.spill, e))?;
        Ok(Self { context, runtime })
    }

    /// Registers a Parquet file, or a folder of them, as a table.
    ///
    /// # Errors
    /// The files cannot be read as Parquet.
    pub fn register(&self, name: &str, path: &Utf8Path) -> Result<(), AnalysisError> {
        let options = ParquetReadOptions::default();
        self.runtime
            .block_on(self.context.register_parquet(name, path.as_str(), options))
            .map_err(AnalysisError::engine("a table's columns"))
    }

    /// Registers rows in memory as a table.
    ///
    /// # Errors
    /// Batches of another schema.
    pub fn register_rows(
        &self,
        name: &str,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<(), AnalysisError> {
        let made = || -> datafusion::error::Result<()> {
            let table = MemTable::try_new(schema, vec![batches])?;
            self.context.register_table(name, Arc::new(table)).map(drop)
        };
        made().map_err(AnalysisError::engine("a table in memory"))
    }

    /// Registers all tables of a case: those under `tables/` and those under `derived/`.
    ///
    /// # Errors
    /// A file is not readable as Parquet.
    pub fn register_case(&self, case: &Utf8Path, config: &CaseConfig) -> Result<(), AnalysisError> {
        for table in schema::TABLES {
            let folder = case.join("tables").join(table.name);
            if has_parquet(&folder) {
                self.register(table.name, &Utf8PathBuf::from(format!("{folder}/")))?;
            } else {
                self.register_rows(table.name, table.arrow(), Vec::new())?;
            }
        }
        for name in crate::DERIVED {
            let path = case.join("derived").join(format!("{name}.parquet"));
            if path.exists() {
                self.register(name, &path)?;
            }
        }
        let lists = case.join("derived/organisations.parquet");
        let organisations = if lists.exists() {
            Organisations::new(read_back(&lists)?)
        } else {
            Organisations::default()
        };
        crate::functions::register_organisation(&self.context, organisations);
        let blocks = read_blocks(case, config)?.unwrap_or_else(|| Blocks::new([]));
        crate::functions::register_blocks(&self.context, blocks);
        Ok(())
    }

    fn frame(&self, sql: &str, what: &'static str) -> Result<DataFrame, AnalysisError> {
        self.runtime
            .block_on(self.context.sql(sql))
            .map_err(AnalysisError::engine(what))
    }

    /// Runs a query and gives its rows; `what` names it in an error.
    ///
    /// # Errors
    /// The query is wrong, or needs more than the memory limit and cannot spill.
    pub fn rows(&self, sql: &str, what: &'static str) -> Result<Vec<RecordBatch>, AnalysisError> {
        let frame = self.frame(sql, what)?;
        self.runtime
            .block_on(frame.collect())
            .map_err(AnalysisError::engine(what))
    }

    /// Runs a query that only reads, as a person typed it, and hands its columns, then its rows on
    /// as they come.
    ///
    /// # Errors
    /// The query is wrong, would change something, or needs too much memory; and whatever `out`
    /// gives.
    pub fn query(&self, sql: &str, out: &mut dyn RowTaker) -> Result<(), AnalysisError> {
        let what = "the query";
        let read_only = datafusion::execution::context::SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        self.runtime.block_on(async {
            let frame = self
                .context
                .sql_with_options(sql, read_only)
                .await
                .map_err(AnalysisError::engine(what))?;
            let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
            let mut rows = frame
                .execute_stream()
                .await
                .map_err(AnalysisError::engine(what))?;
            out.start(&schema)?;
            while let Some(batch) = rows.next().await {
                out.take(&batch.map_err(AnalysisError::engine(what))?)?;
            }
            Ok(())
        })
    }
}

/// Whoever takes a query's rows.
pub trait RowTaker {
    /// Takes the columns, before any row.
    ///
    /// # Errors
    /// They cannot be written.
    fn start(&mut self, schema: &SchemaRef) -> Result<(), AnalysisError>;

    /// Takes some rows.
    ///
    /// # Errors
    /// They cannot be written.
    fn take(&mut self, rows: &RecordBatch) -> Result<(), AnalysisError>;
}

fn has_parquet(folder: &Utf8Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().ends_with(".parquet"))
}
