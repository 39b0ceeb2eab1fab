//! How like the values of a column are to those of one of ours.

use super::facts::Facts;
use super::slots::Looks;
use super::words;

/// What a column's values say to a column of ours.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Likeness {
    /// From -8 (cannot be) to 4 (nothing else looks so).
    pub(super) points: f64,
    /// Shares and counts, never a value.
    pub(super) reason: String,
    /// What a person should look at.
    pub(super) check: Option<String>,
}

/// Points of values that cannot be what a column of ours holds.
pub(super) const CANNOT: f64 = -8.0;

impl Likeness {
    fn new(points: f64, reason: impl Into<String>) -> Self {
        Self {
            points,
            reason: reason.into(),
            check: None,
        }
    }

    fn check(mut self, check: impl Into<String>) -> Self {
        self.check = Some(check.into());
        self
    }

    fn cannot(reason: impl Into<String>) -> Self {
        Self::new(CANNOT, reason)
    }

    /// Fully like where most values are, less where many are, and not at all below.
    fn by_share(facts: &Facts, count: u64, what: &str) -> Self {
        let reason = format!("{} {what}", share(facts, count));
        match facts.share(count) {
            all if all >= 0.9 => Self::new(4.0, reason),
            most if most >= 0.75 => Self::new(3.2, reason).check("what are the other values?"),
            many if many >= 0.5 => Self::new(2.0, reason).check("what are the other values?"),
            some if some >= 0.2 => Self::new(0.5, reason).check("what are the other values?"),
            _ => Self::cannot(reason),
        }
    }
}

/// Writes a share of a column's values: `98 % of 2000 values`.
pub(super) fn share(facts: &Facts, count: u64) -> String {
    let share = facts.share(count);
    let percent = share * 100.0;
    if count > 0 && percent < 1.0 {
        format!("under 1 % of {} values", facts.filled)
    } else if count < facts.filled && percent > 99.0 {
        format!("over 99 % of {} values", facts.filled)
    } else {
        format!("{percent:.0} % of {} values", facts.filled)
    }
}

/// Compares.
pub(super) fn likeness(facts: &Facts, looks: Looks) -> Likeness {
    if facts.filled == 0 {
        return Likeness::new(0.0, "no values were seen").check("is it what its name says?");
    }
    if facts.binary * 2 > facts.filled {
        return Likeness::cannot("bytes that are no text");
    }
    let phones = facts.phones.all();
    let (_, times) = facts.best_format();
    let is_plain = |count: u64| facts.share(count) < 0.5;
    match looks {
        Looks::Id | Looks::Ref => {
            let whole = facts.share(facts.integers) > 0.9;
            // Telephone numbers and times can be all digits too, and then the name decides.
            let odd = [
                facts.long_texts,
                facts.emails,
                facts.ips,
                facts.fractions,
                times.saturating_sub(facts.integers),
            ];
            if odd.iter().any(|count| !is_plain(*count)) {
                return Likeness::cannot("not like ids");
            }
            let distinct = format!(
                "{} different among {} values",
                facts.distinct(),
                facts.filled
            );
            match (looks, facts.is_unique()) {
                (Looks::Id, true) => {
                    Likeness::new(2.0, format!("no value twice among {}", facts.filled))
                }
                (Looks::Id, false) if facts.share(facts.distinct()) < 0.3 && facts.filled > 10 => {
                    Likeness::new(-1.0, distinct).check("its values repeat: does it name a row?")
                }
                (_, _) => Likeness::new(if whole { 1.0 } else { 0.8 }, distinct),
            }
        }
        Looks::Presented | Looks::Called | Looks::Phone => {
            let mut like = Likeness::by_share(facts, phones, "are written like telephone numbers");
            let withheld = facts.phones.withheld;
            if looks == Looks::Presented && withheld > 0 && facts.share(phones) >= 0.2 {
                like = Likeness::by_share(
                    facts,
                    phones + withheld,
                    "are written like telephone numbers or withheld",
                );
            }
            if facts.share(facts.epochs[0]) > 0.9 {
                return Likeness::cannot("seconds since 1970");
            }
            like
        }
        Looks::Time => {
            let (format, count) = facts.best_format();
            let mut like =
                Likeness::by_share(facts, count, &format!("are times written as `{format}`"));
            let digits_only = format.starts_with("epoch");
            if like.points > 0.0 && !digits_only && like.check.is_none() {
                like.check = swapped(facts, format);
            }
            like
        }
        Looks::Duration | Looks::Seconds => {
            let fits = facts.integers.min(facts.within_day);
            if facts.share(facts.integers) < 0.9 {
                return Likeness::cannot("not whole seconds");
            }
            let mut like =
                Likeness::by_share(facts, fits, "are whole numbers of up to a day of seconds");
            like.points = like.points.min(3.0);
            like
        }
        Looks::Email => Likeness::by_share(facts, facts.emails, "are e-mail addresses"),
        Looks::Ip => Likeness::by_share(facts, facts.ips, "are IP addresses"),
        Looks::Agent => {
            let like = Likeness::by_share(facts, facts.agents, "are browsers' names of themselves");
            if like.points < 0.0 && !is_numeric(facts) {
                Likeness::new(0.0, "few known browsers among the values")
                    .check("are these browsers?")
            } else {
                like
            }
        }
        Looks::Amount => {
            if !is_plain(phones) && is_plain(facts.fractions) || !is_plain(facts.epochs[0]) {
                return Likeness::cannot("not like amounts");
            }
            let mut like = Likeness::by_share(facts, facts.decimals, "are amounts");
            let has_fractions =
                facts.share(facts.fractions) > 0.1 || facts.pounds + facts.euros > 0;
            if !has_fractions && like.points > 0.0 {
                like.points = like.points.min(1.0);
            }
            like.points = like.points.min(3.5);
            like
        }
        Looks::Currency => Likeness::by_share(facts, facts.currencies, "are codes of currencies"),
        Looks::Txid => weak(
            facts,
            facts.hashes,
            "are 64 hexadecimal digits",
            "are these transaction ids?",
        ),
        Looks::Address => weak(
            facts,
            facts.addresses,
            "have the form of Bitcoin addresses",
            "is it what was paid to, and not from?",
        ),
        Looks::Words(vocabulary) => {
            let flags = vocabulary == words::CODE_CAPTURED;
            if flags && facts.secret.is_some() {
                return Likeness::new(
                    3.0,
                    format!("its type `{}` has room for a flag only", facts.sql_type),
                )
                .check("a code itself must never be loaded");
            }
            if flags {
                return Likeness::by_share(facts, facts.flags, "are yes or no");
            }
            let Some(found) = &facts.words else {
                return Likeness::cannot("not a few words");
            };
            let known: u64 = found
                .iter()
                .filter(|(word, _)| words::meaning(vocabulary, word).is_some())
                .map(|(_, count)| count)
                .sum();
            let reason = format!(
                "{} different words; {} have a known meaning",
                found.len(),
                share(facts, known)
            );
            if facts.share(known) >= 0.5 {
                Likeness::new(4.0, reason)
            } else {
                Likeness::new(0.5, reason).check("do these words say that?")
            }
        }
        Looks::Text => {
            let odd = [
                phones,
                times,
                facts.long_texts,
                facts.emails,
                facts.ips,
                facts.fractions,
            ];
            if odd.iter().any(|count| !is_plain(*count)) {
                return Likeness::new(-2.0, "not like plain words");
            }
            let points = if is_numeric(facts) { 0.0 } else { 1.0 };
            Likeness::new(
                points,
                format!(
                    "text, {} different among {} values",
                    facts.distinct(),
                    facts.filled
                ),
            )
        }
        Looks::Narrative => {
            let like = Likeness::by_share(facts, facts.long_texts, "are sentences");
            if like.points < 0.0 && facts.distinct() > 12 && !is_numeric(facts) {
                Likeness::new(0.0, like.reason).check("is this the report's own words?")
            } else {
                like
            }
        }
    }
}

/// Full points by form; without it the name must do.
fn weak(facts: &Facts, count: u64, what: &str, check: &str) -> Likeness {
    let like = Likeness::by_share(facts, count, what);
    if like.points >= 2.0 {
        return like;
    }
    if is_numeric(facts) || facts.share(facts.long_texts + facts.emails + facts.ips) > 0.5 {
        return Likeness::cannot(like.reason);
    }
    Likeness::new(0.0, like.reason).check(check)
}

fn is_numeric(facts: &Facts) -> bool {
    facts.share(facts.decimals) > 0.5
}

/// Says so where day and month may have changed places.
fn swapped(facts: &Facts, format: &str) -> Option<String> {
    let other = if format.starts_with("%d/%m") {
        format.replacen("%d/%m", "%m/%d", 1)
    } else if format.starts_with("%m/%d") {
        format.replacen("%m/%d", "%d/%m", 1)
    } else {
        return None;
    };
    let place = super::facts::FORMATS
        .iter()
        .position(|known| *known == other)?;
    let also = facts.formats[place];
    (also + facts.zero_dates >= facts.best_format().1)
        .then(|| format!("day or month first? `{other}` reads as many"))
}
