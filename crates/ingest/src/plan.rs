//! A mapping met with a table as it really is: which cell goes where.

use unspoof_model::mapping::{Detailed, Mapping, TableMapping};
use unspoof_model::schema::{self, ColumnType, Table};
use unspoof_model::{Coded, Zone};

use crate::block::TableDef;
use crate::when::TimeFormat;

/// Says why a mapping does not fit a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A column that the mapping names is not there.
    #[error("mapping `{mapping}` names the column `{column}`, which {table} does not have")]
    MissingColumn {
        /// The mapping.
        mapping: String,
        /// The source's table in words: ``the table `calls` `` or `the file`.
        table: String,
        /// The column as the mapping has it.
        column: String,
        /// The columns that there are.
        found: Vec<String>,
    },
    /// Local times, and no zone to read them in.
    #[error("times of source `{source_name}` are local, and no zone is given for them")]
    NoZone {
        /// The source.
        source_name: String,
    },
    /// A word for a format that does not exist.
    #[error(
        "mapping `{mapping}` gives `{column}` the time format `{format}`, which does not exist"
    )]
    TimeFormat {
        /// The mapping.
        mapping: String,
        /// Our column.
        column: String,
        /// The word.
        format: String,
    },
}

impl Coded for PlanError {
    fn code(&self) -> &'static str {
        match self {
            Self::MissingColumn { .. } => "mapping/missing-column",
            Self::NoZone { .. } => "ingest/no-zone",
            Self::TimeFormat { .. } => "mapping/time-format",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::MissingColumn { found, .. } => Some(format!("it has {}", found.join(", "))),
            Self::NoZone { .. } => Some(
                "seal the file once more with the zone that its server's clock ran in, such as \
                 --zone Europe/London; its content is not sealed twice"
                    .to_owned(),
            ),
            Self::TimeFormat { .. } => Some(
                "write datetime, timestamp, epoch_s, epoch_ms, epoch_us, or a pattern such as \
                 \"%d/%m/%Y %H:%M\""
                    .to_owned(),
            ),
        }
    }
}

/// What a plan needs to know of the source and the file so far.
pub(crate) struct PlanContext<'a> {
    pub(crate) source_name: &'a str,
    pub(crate) mapping: &'a Mapping,
    pub(crate) zone: Option<&'a Zone>,
    /// The dump's `SET TIME_ZONE`, once it has one that is a zone.
    pub(crate) timestamp_zone: Option<&'a Zone>,
}

/// Which cell goes where, for one table of the source and one of ours.
#[derive(Clone, Debug)]
pub(crate) struct TablePlan {
    pub(crate) target: &'static Table,
    pub(crate) from: String,
    pub(crate) fills: Vec<Fill>,
    /// Cells that hold secrets: never loaded, nor shown in a reject.
    pub(crate) withheld: Vec<usize>,
}

/// Where a text comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum From {
    Cell(usize),
    Constant(String),
    Nowhere,
}

/// How columns of ours are filled. `out` numbers are places in the target's columns.
#[derive(Clone, Debug)]
pub(crate) enum Fill {
    Text {
        out: usize,
        from: From,
    },
    Words {
        out: usize,
        column: String,
        cell: usize,
        values: Vec<(Vec<u8>, String)>,
        otherwise: Option<String>,
    },
    Int {
        out: usize,
        from: From,
    },
    Time {
        raw: usize,
        utc: usize,
        to: Option<usize>,
        status: usize,
        from: From,
        format: TimeFormat,
        zone: Zone,
    },
    Number {
        raw: usize,
        from: From,
    },
    Duration {
        raw: usize,
        seconds: usize,
        kind: usize,
        from: From,
        means: String,
    },
    Money {
        raw: usize,
        amount: usize,
        from: From,
    },
    Value {
        minor: usize,
        currency: usize,
        status: usize,
        amount: From,
        at: Option<usize>,
        in_currency: From,
    },
    Loss {
        raw: usize,
        minor: usize,
        currency: usize,
        from: From,
        in_currency: Option<String>,
    },
}

/// Meets a table of a mapping with the definition found.
pub(crate) fn plan(
    context: &PlanContext<'_>,
    table: &TableMapping,
    def: &TableDef,
) -> Result<TablePlan, PlanError> {
    let target = schema::table(&table.to).expect("mappings are checked when they are read");
    let place = Places {
        context,
        def,
        target,
    };
    let mut fills = Vec::new();
    for (name, origin) in &table.columns {
        place.group(name, &origin.detailed(), table, &mut fills)?;
    }
    for (name, origin) in &table.columns {
        place.single(name, &origin.detailed(), &mut fills)?;
    }
    // A value needs the time of its payment, which another fill makes.
    fills.sort_by_key(|fill| matches!(fill, Fill::Value { .. }));
    let withheld = def
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| table.withheld.contains(&column.name))
        .map(|(index, _)| index)
        .collect();
    let from = if def.name.is_empty() {
        table.to.clone()
    } else {
        def.name.clone()
    };
    Ok(TablePlan {
        target,
        from,
        fills,
        withheld,
    })
}

struct Places<'a> {
    context: &'a PlanContext<'a>,
    def: &'a TableDef,
    target: &'static Table,
}

impl Places<'_> {
    fn out(&self, name: &str) -> Option<usize> {
        self.target
            .columns
            .iter()
            .position(|column| column.name == name)
    }

    /// Finds a column of the table as found, by its name, in any case where no other fits.
    fn cell(&self, origin: &Detailed) -> Result<From, PlanError> {
        let Some(column) = &origin.column else {
            return Ok(origin
                .constant
                .clone()
                .map_or(From::Nowhere, From::Constant));
        };
        let columns = &self.def.columns;
        let exact = columns.iter().position(|c| c.name == *column);
        let found = exact.or_else(|| {
            columns
                .iter()
                .position(|c| c.name.eq_ignore_ascii_case(column))
        });
        match found {
            Some(index) => Ok(From::Cell(index)),
            None if origin.optional => Ok(From::Nowhere),
            None => Err(PlanError::MissingColumn {
                mapping: self.context.mapping.name.clone(),
                table: match self.def.name.as_str() {
                    "" => "the file".to_owned(),
                    name => format!("the table `{name}`"),
                },
                column: column.clone(),
                found: columns.iter().map(|c| c.name.clone()).collect(),
            }),
        }
    }

    fn group(
        &self,
        name: &str,
        origin: &Detailed,
        table: &TableMapping,
        fills: &mut Vec<Fill>,
    ) -> Result<(), PlanError> {
        let out = |ending: &str| self.out(&format!("{name}{ending}"));
        if let (Some(raw), Some(status)) = (out("_raw"), out("_status"))
            && let Some(utc) = out("_utc").or_else(|| out("_from_utc"))
        {
            let from = self.cell(origin)?;
            let (format, zone) = self.time(name, origin, &from)?;
            fills.push(Fill::Time {
                raw,
                utc,
                to: out("_to_utc"),
                status,
                from,
                format,
                zone,
            });
        } else if let (Some(raw), Some(_)) = (out("_raw"), out("_e164")) {
            fills.push(Fill::Number {
                raw,
                from: self.cell(origin)?,
            });
        } else if name == "duration"
            && let (Some(raw), Some(seconds), Some(kind)) = (out("_raw"), out("_s"), out("_kind"))
        {
            let means = origin.kind.clone().unwrap_or_else(|| "unknown".to_owned());
            fills.push(Fill::Duration {
                raw,
                seconds,
                kind,
                from: self.cell(origin)?,
                means,
            });
        } else if let (Some(raw), Some(minor), Some(currency)) =
            (out("_raw"), out("_minor"), out("_currency"))
        {
            let in_currency = origin.currency.clone();
            let from = self.cell(origin)?;
            fills.push(Fill::Loss {
                raw,
                minor,
                currency,
                from,
                in_currency,
            });
        } else if let (Some(raw), Some(amount)) = (out("_raw"), self.out(name)) {
            let from = self.cell(origin)?;
            fills.push(Fill::Money {
                raw,
                amount,
                from: from.clone(),
            });
            self.value(origin, table, from, fills)?;
        }
        Ok(())
    }

    /// Payments are also valued on their day.
    fn value(
        &self,
        origin: &Detailed,
        table: &TableMapping,
        amount: From,
        fills: &mut Vec<Fill>,
    ) -> Result<(), PlanError> {
        let outs = (
            self.out("value_minor"),
            self.out("value_currency"),
            self.out("value_status"),
        );
        let (Some(minor), Some(currency), Some(status)) = outs else {
            return Ok(());
        };
        let in_currency = match (&origin.currency, table.columns.get("currency")) {
            (Some(currency), _) => From::Constant(currency.clone()),
            (None, Some(column)) => self.cell(&column.detailed())?,
            (None, None) => From::Nowhere,
        };
        if let Some(out) = self.out("currency") {
            fills.push(Fill::Text {
                out,
                from: in_currency.clone(),
            });
        }
        let at = self.out("at_utc");
        fills.push(Fill::Value {
            minor,
            currency,
            status,
            amount,
            at,
            in_currency,
        });
        Ok(())
    }

    fn single(
        &self,
        name: &str,
        origin: &Detailed,
        fills: &mut Vec<Fill>,
    ) -> Result<(), PlanError> {
        // A name that is a column of ours and no group; `amount` and `balance` are both.
        let is_group = fills_group(self.target, name);
        let Some(out) = self.out(name).filter(|_| !is_group) else {
            return Ok(());
        };
        let from = self.cell(origin)?;
        let kind = self.target.columns[out].kind;
        fills.push(match (&from, kind) {
            (_, ColumnType::Int) => Fill::Int { out, from },
            (From::Cell(cell), _) if !origin.values.is_empty() => Fill::Words {
                out,
                column: name.to_owned(),
                cell: *cell,
                values: origin
                    .values
                    .iter()
                    .map(|(theirs, ours)| (theirs.clone().into_bytes(), ours.clone()))
                    .collect(),
                otherwise: origin.otherwise.clone(),
            },
            (_, _) => Fill::Text { out, from },
        });
        Ok(())
    }

    fn time(
        &self,
        name: &str,
        origin: &Detailed,
        from: &From,
    ) -> Result<(TimeFormat, Zone), PlanError> {
        let sql_type = match from {
            From::Cell(index) => self.def.columns[*index].sql_type.as_str(),
            From::Constant(_) | From::Nowhere => "",
        };
        let is_timestamp_column = sql_type.starts_with("timestamp");
        let word = match &origin.format {
            Some(word) => word.as_str(),
            None if is_timestamp_column => "timestamp",
            None => "datetime",
        };
        let format = TimeFormat::named(word).ok_or_else(|| PlanError::TimeFormat {
            mapping: self.context.mapping.name.clone(),
            column: name.to_owned(),
            format: word.to_owned(),
        })?;
        let utc = || Zone::named("UTC").expect("UTC is built in");
        let zone = match &format {
            TimeFormat::Epoch { .. } => Some(utc()),
            TimeFormat::Datetime | TimeFormat::Pattern(_) if *from == From::Nowhere => Some(utc()),
            TimeFormat::Datetime if word == "timestamp" => {
                self.context.timestamp_zone.or(self.context.zone).cloned()
            }
            TimeFormat::Datetime | TimeFormat::Pattern(_) => self.context.zone.cloned(),
        };
        let source_name = self.context.source_name.to_owned();
        Ok((format, zone.ok_or(PlanError::NoZone { source_name })?))
    }
}

/// Tells whether a name of a mapping is one of the groups that a table has.
fn fills_group(target: &Table, name: &str) -> bool {
    let has = |ending: &str| {
        target
            .columns
            .iter()
            .any(|c| c.name.strip_prefix(name) == Some(ending))
    };
    has("_raw")
}
