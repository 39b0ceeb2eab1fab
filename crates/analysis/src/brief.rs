//! The brief: figures, funnel and charts of one case, and their form as text.

use std::fmt::Write as _;

use crate::figures::{Figure, grouped, money};
use crate::funnel::FunnelResult;
use crate::leads::Leads;
use crate::money_brief::MoneyBrief;

/// A bar chart's data: label, calls, engaged calls among them.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Chart {
    /// Stable id.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Bars in their order.
    pub bars: Vec<(String, u64, u64)>,
}

/// Everything that the brief says.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Brief {
    /// Name of the case.
    pub case: String,
    /// Whether its records are made up.
    pub made_up: bool,
    /// Home regions in words.
    pub home: String,
    /// Currency of values.
    pub currency: String,
    /// Figures in order.
    pub figures: Vec<Figure>,
    /// The funnel.
    pub funnel: FunnelResult,
    /// Charts in order.
    pub charts: Vec<Chart>,
    /// Who comes first, by the case's policy.
    #[serde(default)]
    pub leads: Vec<Leads>,
    /// Payments, losses, estimates, and what is drawn of them.
    #[serde(default)]
    pub money: MoneyBrief,
}

impl Brief {
    /// Finds a figure by its id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }
}

impl Figure {
    /// Writes the value for people, money as money.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.unit.strip_prefix("minor ") {
            Some(currency) => money(self.value, currency),
            None => grouped(self.value.unsigned_abs()),
        }
    }
}

/// Writes the brief as text of at most `width` columns.
#[must_use]
pub fn render_text(brief: &Brief) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!("Brief of case {}", brief.case));
    if brief.made_up {
        line("Made-up records: nothing in this case concerns a real person.");
    }
    line("");
    line(&format!("Funnel, rule `{}`", brief.funnel.rule));
    let widest = brief
        .funnel
        .steps
        .first()
        .map_or(1, |step| step.count.max(1));
    for step in &brief.funnel.steps {
        let share = (step.count as u128 * 24).div_ceil(u128::from(widest)) as usize;
        line(&format!(
            "  {:<26} {:>12} {:<8} {}",
            step.name,
            grouped(step.count),
            step.unit,
            "█".repeat(share.min(24)),
        ));
    }
    let section = |out: &mut String, title: &str, wanted: &dyn Fn(&Figure) -> bool| {
        let mut figures = brief
            .figures
            .iter()
            .filter(|figure| wanted(figure))
            .peekable();
        if figures.peek().is_none() {
            return;
        }
        writeln!(out, "\n{title}").expect("a String takes all");
        for figure in figures {
            let unit = if figure.unit.starts_with("minor ") {
                ""
            } else {
                figure.unit.as_str()
            };
            writeln!(out, "  {:<34} {:>14} {unit}", figure.id, figure.shown())
                .expect("a String takes all");
        }
    };
    let begins = |id: &str, with: &[&str]| with.iter().any(|start| id.starts_with(start));
    section(&mut out, "Accounts and payments", &|f| {
        begins(&f.id, &["account", "payment"])
    });
    section(&mut out, "Persons behind accounts", &|f| {
        f.id.starts_with("persons")
    });
    section(&mut out, "Calls", &|f| {
        begins(&f.id, &["call", "numbers"]) && !begins(&f.id, &["calls_to_", "calls_as:"])
    });
    section(&mut out, "Calls by region called", &|f| {
        f.id.starts_with("calls_to_")
    });
    section(
        &mut out,
        "Calls by organisation whose number was shown",
        &|f| f.id.starts_with("calls_as:"),
    );
    section(&mut out, "Reports", &|f| f.id.starts_with("report"));
    section(&mut out, "Losses by tier of match, each once", &|f| {
        f.id.starts_with("losses")
    });
    section(&mut out, "Victims on lists", &|f| {
        f.id.starts_with("victims")
    });
    for line in crate::money_text::lines(brief) {
        writeln!(out, "{line}").expect("a String takes all");
    }
    for leads in brief.leads.iter().filter(|leads| !leads.rows.is_empty()) {
        leads_text(&mut out, leads);
    }
    section(&mut out, "Rows not counted", &|f| {
        begins(&f.id, &["duplicates", "rejects"])
    });
    out
}

/// Rows of each ranked table that the text shows; the page shows more.
const LEADS_IN_TEXT: usize = 3;

/// Writes a table's head: who, then the facts that are not nought.
fn leads_text(out: &mut String, leads: &Leads) {
    writeln!(out, "\n{}", leads.title).expect("a String takes all");
    for row in leads.rows.iter().take(LEADS_IN_TEXT) {
        let mut cells = row.iter().zip(&leads.columns);
        let Some((subject, _)) = cells.next() else {
            continue;
        };
        let said = cells.filter(|(cell, _)| cell.as_str() != "0");
        let said: Vec<String> = said
            .map(|(cell, (name, is_count))| {
                if *is_count {
                    format!("{name} {cell}")
                } else {
                    cell.clone()
                }
            })
            .collect();
        writeln!(out, "  {subject:<17}  {}", said.join(", ")).expect("a String takes all");
    }
}
