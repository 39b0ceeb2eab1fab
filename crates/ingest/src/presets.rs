//! Mapping files that ship with the program, and how a mapping file is read.

use unspoof_model::Coded;
use unspoof_model::mapping::Mapping;
use unspoof_model::schema;

/// The shipped mapping files: name, text.
pub const PRESETS: &[(&str, &str)] = &[
    ("asterisk-csv", include_str!("../presets/asterisk-csv.toml")),
    (
        "freeswitch-csv",
        include_str!("../presets/freeswitch-csv.toml"),
    ),
    ("lab-reports", include_str!("../presets/lab-reports.toml")),
    ("lab-service", include_str!("../presets/lab-service.toml")),
    (
        "portal-statements",
        include_str!("../presets/portal-statements.toml"),
    ),
];

/// Says what is wrong with a mapping file.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// Not TOML, or not of the form that mappings have.
    #[error("mapping `{name}` cannot be read")]
    Unreadable {
        /// The mapping's name or file.
        name: String,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// It fills a table that there is not.
    #[error("mapping `{name}` fills the table `{table}`, which does not exist")]
    UnknownTable {
        /// The mapping's name.
        name: String,
        /// The table as written.
        table: String,
    },
    /// It fills a column that the table does not have.
    #[error("mapping `{name}` fills `{table}.{column}`, which does not exist")]
    UnknownColumn {
        /// The mapping's name.
        name: String,
        /// The table.
        table: String,
        /// The column as written.
        column: String,
    },
    /// An origin names neither a column nor a constant.
    #[error("mapping `{name}` gives `{table}.{column}` neither a `column` nor a `constant`")]
    NoOrigin {
        /// The mapping's name.
        name: String,
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

impl Coded for MappingError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "mapping/unreadable",
            Self::UnknownTable { .. } => "mapping/unknown-table",
            Self::UnknownColumn { .. } => "mapping/unknown-column",
            Self::NoOrigin { .. } => "mapping/no-origin",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => None,
            Self::UnknownTable { .. } => {
                let names: Vec<&str> = schema::TABLES.iter().map(|t| t.name).collect();
                Some(format!("tables are {}", names.join(", ")))
            }
            Self::UnknownColumn { table, .. } => {
                schema::table(table).map(|t| format!("`{table}` takes {}", fillable(t).join(", ")))
            }
            Self::NoOrigin { column, .. } => Some(format!(
                "write {column} = \"their_column\", or {{ constant = \"…\" }}"
            )),
        }
    }
}

/// Groups of columns that a mapping fills by one name, with the ending by which a table shows that
/// it has the group.
pub(crate) const GROUPS: [(&str, &str); 15] = [
    ("created", "created_utc"),
    ("at", "at_utc"),
    ("started", "started_utc"),
    ("answered", "answered_utc"),
    ("reported", "reported_utc"),
    ("incident", "incident_from_utc"),
    ("phone", "phone_e164"),
    ("presented", "presented_e164"),
    ("called", "called_e164"),
    ("amount", "amount_raw"),
    ("balance", "balance_raw"),
    ("loss", "loss_raw"),
    ("refunded", "refunded_raw"),
    ("recovered", "recovered_raw"),
    ("duration", "duration_raw"),
];

/// Lists what a mapping can fill in a table: groups first, then single columns.
#[must_use]
pub fn fillable(table: &schema::Table) -> Vec<&'static str> {
    let has = |name: &str| table.columns.iter().any(|c| c.name == name);
    let groups = GROUPS
        .iter()
        .filter(|(_, shown_by)| has(shown_by))
        .map(|&(group, _)| group);
    let groups: Vec<&str> = groups.collect();
    let in_group = |name: &str| groups.iter().any(|group| made_by_group(group, name));
    let single = table.columns.iter().map(|c| c.name).filter(|name| {
        // These are made by a group but may be filled on their own, and then win.
        let own = matches!(*name, "duration_kind" | "currency")
            || matches!(
                *name,
                "loss_currency" | "refunded_currency" | "recovered_currency"
            );
        own || !in_group(name)
    });
    groups.iter().copied().chain(single).collect()
}

/// Tells whether a column of a table is made by a group.
fn made_by_group(group: &str, column: &str) -> bool {
    let rest = column.strip_prefix(group);
    let ending = |rest: &str| {
        matches!(
            rest,
            "" | "_raw"
                | "_utc"
                | "_from_utc"
                | "_to_utc"
                | "_status"
                | "_e164"
                | "_region"
                | "_type"
                | "_readings"
                | "_minor"
                | "_currency"
                | "_s"
                | "_kind"
        )
    };
    rest.is_some_and(ending)
        || (group == "amount"
            && matches!(column, "value_minor" | "value_currency" | "value_status"))
}

/// Reads a mapping file's text and checks that it fills only what there is.
///
/// # Errors
/// [`MappingError`].
pub fn parse(name: &str, text: &str) -> Result<Mapping, MappingError> {
    let mapping: Mapping = toml::from_str(text).map_err(|source| MappingError::Unreadable {
        name: name.to_owned(),
        source: Box::new(source),
    })?;
    for table in &mapping.tables {
        let known = schema::table(&table.to)
            .filter(|t| t.name != "rejects")
            .ok_or_else(|| MappingError::UnknownTable {
                name: mapping.name.clone(),
                table: table.to.clone(),
            })?;
        let fillable = fillable(known);
        for (column, origin) in &table.columns {
            if !fillable.contains(&column.as_str()) {
                return Err(MappingError::UnknownColumn {
                    name: mapping.name.clone(),
                    table: table.to.clone(),
                    column: column.clone(),
                });
            }
            let origin = origin.detailed();
            if origin.column.is_none() && origin.constant.is_none() {
                return Err(MappingError::NoOrigin {
                    name: mapping.name.clone(),
                    table: table.to.clone(),
                    column: column.clone(),
                });
            }
        }
        for column in &table.identity {
            if !known.columns.iter().any(|c| c.name == column) {
                return Err(MappingError::UnknownColumn {
                    name: mapping.name.clone(),
                    table: table.to.clone(),
                    column: column.clone(),
                });
            }
        }
    }
    Ok(mapping)
}

/// Looks a shipped mapping up by its name.
///
/// # Errors
/// The shipped text is broken, which a test rules out; None for an unknown name.
pub fn preset(name: &str) -> Option<Result<Mapping, MappingError>> {
    PRESETS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| parse(name, text))
}
