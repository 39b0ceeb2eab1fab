//! Which of our tables a table is most like, and which column goes where.

use super::facts::Facts;
use super::likeness::{CANNOT, Likeness, likeness};
use super::names;
use super::sample::Table;
use super::slots::{Looks, Slot, TARGETS, Target};
use super::{Score, SuggestedColumn, SuggestedTable};

/// Points that a table needs to be taken for one of ours.
const ENOUGH: f64 = 5.0;
/// Points that a column's name gives at least, together with its content, to go somewhere.
const NAMED_ENOUGH: f64 = 3.5;
/// Points of content that are enough without a name.
const CONTENT_ENOUGH: f64 = 3.0;
/// What a table's name adds.
const TABLE_NAME: f64 = 3.0;

/// A column and where it goes.
#[derive(Clone, Debug)]
pub(super) struct Choice<'a> {
    pub(super) slot: &'static Slot,
    pub(super) facts: &'a Facts,
    pub(super) reason: String,
    pub(super) check: Option<String>,
    points: f64,
    /// Whether the column's name said so too.
    named: bool,
}

/// What a table was taken for.
#[derive(Clone, Debug)]
pub(super) struct Draft<'a> {
    pub(super) table: &'a Table,
    pub(super) to: Option<&'static Target>,
    pub(super) scores: Vec<Score>,
    /// In the order in which our table has them.
    pub(super) choices: Vec<Choice<'a>>,
}

impl<'a> Draft<'a> {
    /// Finds what fills one of our columns.
    pub(super) fn choice(&self, ours: &str) -> Option<&Choice<'a>> {
        self.choices.iter().find(|choice| choice.slot.ours == ours)
    }

    pub(super) fn withheld(&self) -> impl Iterator<Item = &'a Facts> {
        self.table.columns.iter().filter(|facts| facts.is_secret())
    }

    pub(super) fn unmapped(&self) -> impl Iterator<Item = &'a Facts> {
        self.table.columns.iter().filter(|facts| {
            !facts.is_secret()
                && !self
                    .choices
                    .iter()
                    .any(|choice| std::ptr::eq(choice.facts, *facts))
        })
    }

    pub(super) fn told(&self) -> SuggestedTable {
        let names = |columns: &mut dyn Iterator<Item = &'a Facts>| {
            columns.map(|facts| facts.name.clone()).collect()
        };
        SuggestedTable {
            from: self.table.name.clone(),
            to: self.to.map(|target| target.ours.to_owned()),
            scores: self.scores.clone(),
            rows: self.table.rows,
            columns: self
                .choices
                .iter()
                .map(|choice| SuggestedColumn {
                    to: choice.slot.ours,
                    from: choice.facts.name.clone(),
                    reason: choice.reason.clone(),
                    check: choice.check.clone(),
                })
                .collect(),
            withheld: names(&mut self.withheld()),
            unmapped: names(&mut self.unmapped()),
        }
    }
}

/// Decides.
pub(super) fn choose(table: &Table) -> Draft<'_> {
    let mut tried: Vec<(f64, &'static Target, Vec<Choice<'_>>)> = TARGETS
        .iter()
        .filter_map(|target| {
            let choices = assign(table, target);
            let is_one = target.needs.iter().all(|group| {
                group
                    .iter()
                    .any(|ours| choices.iter().any(|choice| choice.slot.ours == *ours))
            });
            let named = names::fit(&names::tokens(&table.name), target.names) > 0.0;
            let points: f64 = choices.iter().map(weight).sum();
            is_one.then_some((
                points + if named { TABLE_NAME } else { 0.0 },
                target,
                choices,
            ))
        })
        .collect();
    // Stable: of equals, the one that comes first in our own order.
    tried.sort_by(|a, b| b.0.total_cmp(&a.0));
    let scores = tried
        .iter()
        .map(|(points, target, _)| Score {
            to: target.ours,
            tenths: (points * 10.0).round() as i64,
        })
        .collect();
    let best = tried
        .into_iter()
        .next()
        .filter(|(points, _, _)| *points >= ENOUGH && table.rows > 0);
    let (to, choices) = match best {
        Some((_, target, choices)) => (Some(target), choices),
        None => (None, Vec::new()),
    };
    Draft {
        table,
        to,
        scores,
        choices,
    }
}

/// What a column adds to a table's likeness: less where only its content speaks for it.
fn weight(choice: &Choice<'_>) -> f64 {
    choice.slot.weight * if choice.named { 1.0 } else { 0.7 }
}

/// Gives each column of ours the column that fits best, the surest first.
fn assign<'a>(table: &'a Table, target: &'static Target) -> Vec<Choice<'a>> {
    let mut offers: Vec<(usize, usize, Choice<'a>)> = Vec::new();
    for (place, facts) in table.columns.iter().enumerate() {
        // Of two columns of one name, a mapping can only mean the first.
        let is_shadowed = table
            .columns
            .iter()
            .take(place)
            .any(|c| c.name.eq_ignore_ascii_case(&facts.name));
        if facts.is_secret() || is_shadowed {
            continue;
        }
        for (order, slot) in target.slots.iter().enumerate() {
            // A column with a name like a secret's, and room for a flag only, can only be the flag.
            if facts.secret.is_some() && slot.ours != "code_captured" {
                continue;
            }
            if let Some(choice) = offer(table, slot, facts) {
                offers.push((order, place, choice));
            }
        }
    }
    offers.sort_by(|a, b| {
        b.2.points
            .total_cmp(&a.2.points)
            .then(a.0.cmp(&b.0))
            .then(a.1.cmp(&b.1))
    });
    let mut taken: Vec<(usize, usize, Choice<'a>)> = Vec::new();
    let mut beaten: Vec<(usize, usize, Choice<'a>)> = Vec::new();
    for offer in offers {
        if taken
            .iter()
            .any(|taken| taken.0 == offer.0 || taken.1 == offer.1)
        {
            beaten.push(offer);
        } else {
            taken.push(offer);
        }
    }
    // A near miss that went nowhere else is worth a look.
    for (order, place, loser) in beaten {
        if taken.iter().any(|taken| taken.1 == place) {
            continue;
        }
        let winner = taken
            .iter_mut()
            .find(|taken| taken.0 == order)
            .map(|taken| &mut taken.2);
        if let Some(winner) = winner
            && winner.points - loser.points < 0.5
            && winner.check.is_none()
        {
            winner.check = Some(format!(
                "or is it `{}`?",
                super::lines::shown(&loser.facts.name)
            ));
        }
    }
    taken.sort_by_key(|(order, _, _)| *order);
    let mut choices: Vec<Choice<'a>> = taken.into_iter().map(|(_, _, choice)| choice).collect();
    share_call_ids(target, &mut choices);
    choices
}

/// One id of a call serves as the leg's too, and the other way round.
fn share_call_ids(target: &'static Target, choices: &mut Vec<Choice<'_>>) {
    let find =
        |choices: &[Choice<'_>], ours: &str| choices.iter().position(|c| c.slot.ours == ours);
    if let (None, Some(leg)) = (find(choices, "call_id"), find(choices, "leg_id"))
        && let Some(slot) = target.slots.iter().find(|slot| slot.ours == "call_id")
    {
        let choice = Choice {
            slot,
            reason: "the only id there is, so each leg is a call".to_owned(),
            check: None,
            ..choices[leg].clone()
        };
        choices.insert(leg, choice);
    }
}

/// Weighs one column for one of ours.
fn offer<'a>(table: &Table, slot: &'static Slot, facts: &'a Facts) -> Option<Choice<'a>> {
    let by_name = names::fit(&facts.tokens, slot.names);
    let is_primary = slot.looks == Looks::Id && is_key(table, &facts.name);
    let Likeness {
        points,
        reason,
        mut check,
    } = likeness(facts, slot.looks);
    if points <= CANNOT {
        return None;
    }
    let named = by_name > 0.0;
    let (total, reason) = if named {
        let total = by_name + points + if is_primary { 2.0 } else { 0.0 };
        if total < NAMED_ENOUGH {
            return None;
        }
        if by_name <= 3.0 {
            check = check.or_else(|| Some("the name only holds a word that is known".to_owned()));
        }
        let key = if is_primary {
            "; a key of the table"
        } else {
            ""
        };
        (total, format!("named so; {reason}{key}"))
    } else if is_primary && slot.ours == "account_id" {
        check = Some("its name says nothing: is it what other tables call accounts by?".to_owned());
        (2.0, format!("a key of the table; {reason}"))
    } else if slot.by_content
        && points >= CONTENT_ENOUGH
        && facts.filled >= 3
        && !is_key(table, &facts.name)
    {
        let total = points - 1.0 + leaning(slot.looks, facts)?;
        let told = if facts.tokens.is_empty() {
            "without a name"
        } else {
            "its name says nothing"
        };
        check = Some(match slot.looks {
            Looks::Called => format!("{told}: is it the number called? Shown numbers repeat more"),
            Looks::Presented => {
                format!("{told}: is it the number shown? Shown numbers repeat more")
            }
            Looks::Id
            | Looks::Ref
            | Looks::Phone
            | Looks::Time
            | Looks::Duration
            | Looks::Seconds
            | Looks::Email
            | Looks::Ip
            | Looks::Agent
            | Looks::Amount
            | Looks::Currency
            | Looks::Txid
            | Looks::Address
            | Looks::Words(_)
            | Looks::Text
            | Looks::Narrative => {
                check.unwrap_or_else(|| format!("{told}: only its content speaks for it"))
            }
        });
        (total, reason)
    } else {
        return None;
    };
    Some(Choice {
        slot,
        facts,
        reason,
        check,
        points: total,
        named,
    })
}

/// Orders columns that only their content speaks for; none for content that says too little.
fn leaning(looks: Looks, facts: &Facts) -> Option<f64> {
    let different = facts.share(facts.distinct());
    match looks {
        // Few organisations are shown to many people.
        Looks::Called => Some(0.2 + 0.5 * different),
        Looks::Presented => Some(0.5 * (1.0 - different) + facts.share(facts.phones.withheld)),
        // Small numbers can be anything: they must vary, and be zero for calls that nobody took.
        Looks::Duration => {
            let zeros = 1.0 - facts.share(facts.positive);
            (facts.distinct() > 12 && !facts.is_unique() && zeros > 0.0)
                .then_some(0.1 * different + 0.8 * zeros)
        }
        Looks::Amount => (facts.share(facts.fractions) > 0.5).then_some(0.0),
        Looks::Id
        | Looks::Ref
        | Looks::Phone
        | Looks::Time
        | Looks::Seconds
        | Looks::Email
        | Looks::Ip
        | Looks::Agent
        | Looks::Currency
        | Looks::Txid
        | Looks::Address
        | Looks::Words(_)
        | Looks::Text
        | Looks::Narrative => Some(0.0),
    }
}

/// Returns whether a column alone is a key that the dump declares.
pub(super) fn is_key(table: &Table, column: &str) -> bool {
    table
        .keys
        .iter()
        .any(|key| matches!(key.columns.as_slice(), [one] if one == column))
}
