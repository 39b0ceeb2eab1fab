//! A policy file, read key by key, so that whatever is wrong is named with its place.

use rapidfuzz::distance::damerau_levenshtein;
use toml::{Table, Value};

use super::{Counted, Policy, Rules, Scale, Term};
use crate::error::PolicyError;
use crate::fact::Fact;
use crate::points::Points;

/// The format of policy files that this version reads.
pub const POLICY_FORMAT: i64 = 1;

/// The most points that a term gives each: with the limits below, a sum stays far inside 64 bits.
const MOST_POINTS: f64 = 100_000.0;
const MOST_UNITS: u64 = 100_000_000_000;
const MOST_TERMS: usize = 200;
const MOST_TIES: usize = 4;

fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .map(|known| {
            let far = damerau_levenshtein::distance(name.chars(), known.chars());
            (far, known)
        })
        .min()
        .filter(|&(far, known)| far <= 2 + known.chars().count() / 3)
        .map(|(_, known)| known.to_owned())
}

fn only(table: &Table, place: &str, known: &[&str]) -> Result<(), PolicyError> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(PolicyError::UnknownKey {
            place: place.to_owned(),
            key: key.clone(),
            nearest: nearest(key, known.iter().copied()),
        }),
    }
}

fn wrong(place: &str, key: &str, must: impl Into<String>) -> PolicyError {
    PolicyError::Value {
        place: place.to_owned(),
        key: key.to_owned(),
        must: must.into(),
    }
}

fn text(table: &Table, place: &str, key: &str) -> Result<Option<String>, PolicyError> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if is_line(text) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(
            place,
            key,
            "a text of 1 to 200 characters without line breaks",
        )),
    }
}

fn is_line(text: &str) -> bool {
    let count = text.chars().count();
    !text.trim().is_empty() && count <= 200 && !text.chars().any(char::is_control)
}

fn units(table: &Table, place: &str, key: &str) -> Result<Option<u64>, PolicyError> {
    table
        .get(key)
        .map(|value| whole(value).ok_or_else(|| wrong(place, key, must_be_units())))
        .transpose()
}

fn must_be_units() -> String {
    format!("a whole number from 0 to {MOST_UNITS}")
}

fn whole(value: &Value) -> Option<u64> {
    let units = u64::try_from(value.as_integer()?).ok()?;
    (units <= MOST_UNITS).then_some(units)
}

/// Reads points as a number with up to three decimals.
fn points(table: &Table, place: &str, key: &str) -> Result<Option<Points>, PolicyError> {
    let Some(value) = table.get(key) else {
        return Ok(None);
    };
    let number = match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::String(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => None,
    };
    let milli = number
        .filter(|number| number.abs() <= MOST_POINTS)
        .map(|number| number * 1000.0)
        .filter(|milli| (milli - milli.round()).abs() < 1e-6);
    match milli {
        Some(milli) => Ok(Some(Points {
            milli: milli.round() as i64,
        })),
        None => Err(wrong(
            place,
            key,
            format!("a number from -{MOST_POINTS} to {MOST_POINTS} with at most three decimals"),
        )),
    }
}

fn fact<F: Fact>(name: &str, place: &str) -> Result<F, PolicyError> {
    F::named(name).ok_or_else(|| PolicyError::UnknownFact {
        place: place.to_owned(),
        name: name.to_owned(),
        section: F::SECTION,
        nearest: nearest(name, F::ALL.iter().map(|fact| fact.name())),
    })
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`]: it names the place, and what is known there.
    pub fn parse(file: &str) -> Result<Self, PolicyError> {
        let top: Table = file
            .parse()
            .map_err(|source| PolicyError::NotToml(Box::new(source)))?;
        let place = "the policy";
        match top.get("format") {
            Some(Value::Integer(found)) if *found > POLICY_FORMAT => {
                return Err(PolicyError::NewerFormat {
                    found: *found,
                    newest: POLICY_FORMAT,
                });
            }
            Some(Value::Integer(POLICY_FORMAT)) => {}
            _ => return Err(wrong(place, "format", POLICY_FORMAT.to_string())),
        }
        let known = [
            "format",
            "name",
            "describes",
            "contacts",
            "suspects",
            "presented",
        ];
        only(&top, place, &known)?;
        Ok(Self {
            name: text(&top, place, "name")?
                .ok_or_else(|| wrong(place, "name", "a text of 1 to 200 characters"))?,
            describes: text(&top, place, "describes")?.unwrap_or_default(),
            contacts: rules(&top)?,
            suspects: rules(&top)?,
            presented: rules(&top)?,
        })
    }
}

fn rules<F: Fact>(top: &Table) -> Result<Rules<F>, PolicyError> {
    let section = match top.get(F::SECTION) {
        None => return Ok(Rules::default()),
        Some(Value::Table(section)) => section,
        Some(_) => return Err(wrong("the policy", F::SECTION, "a table")),
    };
    let place = format!("[{}]", F::SECTION);
    only(section, &place, &["ties", "points"])?;
    let ties = match section.get("ties") {
        None => Vec::new(),
        Some(Value::Array(names)) if names.len() <= MOST_TIES => names
            .iter()
            .map(|name| match name.as_str() {
                Some(name) => fact(name, &place),
                None => Err(wrong(&place, "ties", "names of facts")),
            })
            .collect::<Result<_, _>>()?,
        Some(_) => {
            let must = format!("at most {MOST_TIES} names of facts");
            return Err(wrong(&place, "ties", must));
        }
    };
    let must = || format!("a list of at most {MOST_TERMS} tables");
    let terms = match section.get("points") {
        None => &[][..],
        Some(Value::Array(terms)) if terms.len() <= MOST_TERMS => terms,
        Some(_) => return Err(wrong(&place, "points", must())),
    };
    let mut read: Vec<Term<F>> = Vec::with_capacity(terms.len());
    for (at, term) in terms.iter().enumerate() {
        let place = format!("[[{}.points]] number {}", F::SECTION, at + 1);
        let Value::Table(term) = term else {
            return Err(wrong(&place, "points", must()));
        };
        let term = one_term(term, &place)?;
        if read.iter().any(|other| other.name == term.name) {
            return Err(PolicyError::NameTwice {
                place,
                name: term.name,
            });
        }
        read.push(term);
    }
    Ok(Rules { terms: read, ties })
}

fn one_term<F: Fact>(term: &Table, place: &str) -> Result<Term<F>, PolicyError> {
    let known = [
        "name", "fact", "over", "at_most", "each", "doubling", "when", "points",
    ];
    only(term, place, &known)?;
    let name = text(term, place, "name")?;
    if let Some(when) = term.get("when") {
        let strange = ["fact", "over", "at_most", "each", "doubling"];
        if let Some(key) = strange.iter().find(|key| term.contains_key(**key)) {
            return Err(wrong(place, key, "left out beside `when`"));
        }
        let must = "a table of facts and the least value of each";
        let Value::Table(all) = when else {
            return Err(wrong(place, "when", must));
        };
        if all.is_empty() {
            return Err(wrong(place, "when", must));
        }
        let mut conditions = Vec::with_capacity(all.len());
        for (name, least) in all {
            let least = whole(least).ok_or_else(|| wrong(place, name, must_be_units()))?;
            conditions.push((fact::<F>(name, place)?, least));
        }
        return Ok(Term {
            name: name.ok_or_else(|| wrong(place, "name", "given beside `when`"))?,
            points: points(term, place, "points")?
                .ok_or_else(|| wrong(place, "points", "given beside `when`"))?,
            counted: Counted::When(conditions),
        });
    }
    if term.contains_key("points") {
        return Err(wrong(place, "points", "`each` or `doubling` beside `fact`"));
    }
    let Some(Value::String(of)) = term.get("fact") else {
        return Err(wrong(place, "fact", "the name of a fact, or `when` given"));
    };
    let (points, scale) = match (
        points(term, place, "each")?,
        points(term, place, "doubling")?,
    ) {
        (Some(points), None) => (points, Scale::Each),
        (None, Some(points)) => (points, Scale::Doubling),
        _ => return Err(wrong(place, "each", "given, or `doubling`, and not both")),
    };
    let fact: F = fact(of, place)?;
    Ok(Term {
        name: name.unwrap_or_else(|| fact.name().to_owned()),
        points,
        counted: Counted::Amount {
            fact,
            over: units(term, place, "over")?.unwrap_or(0),
            at_most: units(term, place, "at_most")?.unwrap_or(MOST_UNITS),
            scale,
        },
    })
}
