use std::collections::BTreeMap;

use super::insert::Insert;
use crate::block::{Column, TableDef, TableId};

/// Most table definitions a file may hold, and most columns of them all: a real dump has hundreds
/// of tables, and what is more would only fill memory.
pub(crate) const MOST_TABLES: usize = 100_000;
const MOST_COLUMNS: usize = 2_000_000;

type Name = (Option<String>, String);

/// The tables that a dump has defined so far.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// Where a name's newest definition is, and which row counter is its own.
    named: BTreeMap<Name, Known>,
    definitions: Vec<Definition>,
    /// Rows so far, one counter a name.
    rows: Vec<u64>,
    columns: usize,
}

#[derive(Debug)]
struct Known {
    counter: usize,
    /// The newest CREATE TABLE.
    created: Option<usize>,
    /// What INSERTs since then said otherwise.
    variants: Vec<usize>,
}

#[derive(Debug)]
struct Definition {
    columns: Vec<Column>,
    counter: usize,
}

/// Says that there are too many definitions.
#[derive(Debug)]
pub(crate) struct TooMany;

impl Catalog {
    /// Takes in a CREATE TABLE; the definition's `id` is set.
    pub(crate) fn create(&mut self, table: &mut TableDef) -> Result<(), TooMany> {
        let index = self.add((table.database.clone(), table.name.clone()), table)?;
        if let Some(known) = self
            .named
            .get_mut(&(table.database.clone(), table.name.clone()))
        {
            known.created = Some(index);
            known.variants.clear();
        }
        Ok(())
    }

    /// Finds the definition that fits an INSERT: the table's own, or one made for its list of
    /// columns, which is then returned too.
    pub(crate) fn for_insert(
        &mut self,
        insert: &Insert,
        database: Option<&str>,
    ) -> Result<(TableId, Option<TableDef>), TooMany> {
        let database = insert
            .database
            .clone()
            .or_else(|| database.map(str::to_owned));
        let name = (database, insert.table.clone());
        let known = self.named.get(&name);
        let created = known.and_then(|known| known.created);
        let fits = |index: usize| match &insert.columns {
            Some(listed) => {
                let own = &self.definitions[index].columns;
                own.len() == listed.len()
                    && own.iter().zip(listed).all(|(own, name)| own.name == *name)
            }
            None => Some(index) == created || created.is_none(),
        };
        let unlisted = |index: &usize| insert.columns.is_some() || self.is_unnamed(*index);
        let variants = known
            .map(|known| known.variants.as_slice())
            .unwrap_or_default();
        let candidates = created.into_iter().chain(variants.iter().rev().copied());
        if let Some(index) = candidates
            .filter(|i| Some(*i) == created || unlisted(i))
            .find(|i| fits(*i))
        {
            return Ok((id(index), None));
        }
        let columns = insert.columns.iter().flatten().map(|listed| {
            let own = created.and_then(|index| {
                self.definitions[index]
                    .columns
                    .iter()
                    .find(|own| own.name.eq_ignore_ascii_case(listed))
            });
            let own = own.cloned().unwrap_or_default();
            Column {
                name: listed.clone(),
                ..own
            }
        });
        let mut table = TableDef {
            columns: columns.collect(),
            database: name.0.clone(),
            name: name.1.clone(),
            named: insert.columns.is_some(),
            ..TableDef::default()
        };
        let index = self.add(name.clone(), &mut table)?;
        if let Some(known) = self.named.get_mut(&name) {
            known.variants.push(index);
        }
        Ok((table.id, Some(table)))
    }

    fn is_unnamed(&self, index: usize) -> bool {
        self.definitions[index]
            .columns
            .first()
            .is_none_or(|column| column.name == "#1")
    }

    /// Gives a table that no statement has described as many columns as its first row has cells.
    pub(crate) fn describe(&mut self, table: &mut TableDef, cells: usize) {
        table.columns = (1..=cells)
            .map(|number| Column {
                name: format!("#{number}"),
                ..Column::default()
            })
            .collect();
        if let Some(definition) = self.definitions.get_mut(table.id.0 as usize) {
            definition.columns.clone_from(&table.columns);
        }
    }

    /// Makes a definition of another width for a table that was given out without any columns.
    pub(crate) fn widen(&mut self, id: TableId, cells: usize) -> Result<Option<TableDef>, TooMany> {
        let index = id.0 as usize;
        let owns = |known: &Known| known.variants.contains(&index);
        let Some((name, _)) = self.named.iter().find(|(_, known)| owns(known)) else {
            return Ok(None);
        };
        let (database, name) = name.clone();
        let mut table = TableDef {
            database,
            name,
            ..TableDef::default()
        };
        let key = (table.database.clone(), table.name.clone());
        let index = self.add(key.clone(), &mut table)?;
        self.describe(&mut table, cells);
        if let Some(known) = self.named.get_mut(&key) {
            known.variants.push(index);
        }
        Ok(Some(table))
    }

    fn add(&mut self, name: Name, table: &mut TableDef) -> Result<usize, TooMany> {
        self.columns += table.columns.len();
        let index = self.definitions.len();
        if index >= MOST_TABLES || self.columns > MOST_COLUMNS {
            return Err(TooMany);
        }
        let counter = match self.named.get(&name) {
            Some(known) => known.counter,
            None => {
                let counter = self.rows.len();
                self.rows.push(0);
                self.named.insert(
                    name,
                    Known {
                        counter,
                        created: None,
                        variants: Vec::new(),
                    },
                );
                counter
            }
        };
        self.definitions.push(Definition {
            columns: table.columns.clone(),
            counter,
        });
        table.id = id(index);
        Ok(index)
    }

    /// Returns how many cells a row of a table has.
    pub(crate) fn width(&self, table: TableId) -> usize {
        self.definitions
            .get(table.0 as usize)
            .map_or(0, |definition| definition.columns.len())
    }

    /// Returns the count of a table's rows, to be read and written.
    pub(crate) fn rows(&mut self, table: TableId) -> Option<&mut u64> {
        let counter = self.definitions.get(table.0 as usize)?.counter;
        self.rows.get_mut(counter)
    }
}

fn id(index: usize) -> TableId {
    TableId(u32::try_from(index).unwrap_or(u32::MAX))
}
