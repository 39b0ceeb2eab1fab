//! Losses, payments, estimates, persons and weeks on the brief's page, with their pictures.

use unspoof_pictures::{
    BarGroup, Bars, Interval, Lane, Look, PersonPicture, Ranges, Scheme, SharedBy, Timeline, Unit,
};

use crate::brief::Brief;
use crate::figures::{grouped, money};
use crate::money_brief::{EstimateBrief, LossSums, PersonBrief, Week};
use crate::money_text::{AS_REPORTED, NO_CHAIN, range, sentence};
use crate::organisations::day;
use crate::page::{escaped, put, section};

fn look(id: &str) -> Look {
    Look {
        id: id.to_owned(),
        scheme: Scheme::Light,
    }
}

fn unit(currency: &str) -> Unit {
    let (before, after) = match currency {
        "GBP" => ("£", String::new()),
        "EUR" => ("€", String::new()),
        other => ("", format!(" {other}")),
    };
    Unit {
        before: before.to_owned(),
        after,
        hundredths: true,
    }
}

/// Writes the sections; none of what there is nothing of.
pub(crate) fn money_sections(out: &mut String, brief: &Brief) {
    let of = &brief.money;
    if of.weeks.iter().any(|week| week.calls + week.reports > 0) {
        section(out, "Week by week", |out| {
            out.push_str(&timeline(&of.weeks).svg(&look("weeks")));
        });
    }
    if of.losses.all.losses > 0 {
        section(out, "Losses by exact and probable matches", |out| {
            losses(out, brief);
        });
    }
    if brief.figure("reports").is_some_and(|f| f.value > 0) {
        section(out, "Victims, reported or not", |out| {
            estimate(out, &of.estimate);
        });
    }
    if brief.figure("payments").is_some_and(|f| f.value > 0) {
        section(out, "Payments and lists of addresses", |out| {
            payments(out, brief);
        });
    }
    if !of.persons.is_empty() {
        section(
            out,
            "Persons of several accounts, by what they paid",
            |out| {
                out.push_str(
                "<p class=\"note\">Accounts are taken for one person's by what they share; nobody \
                 is identified by this. All links, with their evidence: <code>unspoof explain \
                 PERSON</code>.</p>\n",
            );
                for (at, person) in of.persons.iter().enumerate() {
                    let paid = money(person.paid_minor, &brief.currency);
                    let title = format!("Person {}, paid {paid}", person.person_id);
                    out.push_str(
                        &person_picture(person, &title).svg(&look(&format!("person-{at}"))),
                    );
                }
            },
        );
    }
}

/// Makes the picture of a person's accounts and what joins them.
pub(crate) fn person_picture(person: &PersonBrief, title: &str) -> PersonPicture {
    PersonPicture {
        title: title.to_owned(),
        accounts: person.accounts.clone(),
        shared: person
            .shared
            .iter()
            .map(|one| SharedBy {
                kind: one.kind.clone(),
                milli_bits: one.milli_bits,
                accounts: one.accounts.clone(),
            })
            .collect(),
    }
}

fn timeline(weeks: &[Week]) -> Timeline {
    let lane = |name: &str, of: fn(&Week) -> u64| Lane {
        name: name.to_owned(),
        unit: Unit::default(),
        by_day: weeks
            .iter()
            .filter_map(|week| Some((day(&week.monday)?, of(week))))
            .filter(|(_, count)| *count > 0)
            .collect(),
    };
    Timeline {
        title: "Calls, engaged calls and reports by week".to_owned(),
        lanes: vec![
            lane("call attempts", |week| week.calls),
            lane("engaged calls", |week| week.engaged),
            lane("reports made", |week| week.reports),
        ],
    }
}

fn losses(out: &mut String, brief: &Brief) {
    let of = &brief.money.losses;
    let currency = brief.currency.as_str();
    let minor = |minor: i64| minor.max(0).unsigned_abs();
    let bars = Bars {
        title: "Losses by month of the matched call".to_owned(),
        unit: unit(currency),
        series: vec!["exact".to_owned(), "probable".to_owned()],
        groups: of
            .months
            .iter()
            .map(|(month, exact, probable)| BarGroup {
                name: month.clone(),
                parts: vec![minor(*exact), minor(*probable)],
            })
            .collect(),
    };
    if !bars.groups.is_empty() {
        out.push_str(&bars.svg(&look("losses")));
    }
    put(out, format_args!("<p class=\"note\">{AS_REPORTED}</p>\n"));
    table(out, "Tier", &of.by_tier, currency);
    table(out, "Organisation shown", &of.by_organisation, currency);
    table(out, "Month", &of.by_month, currency);
    table(out, "Person", &of.by_person, currency);
    table(out, "Account", &of.by_account, currency);
}

fn table(out: &mut String, of: &str, groups: &[LossSums], currency: &str) {
    if groups.is_empty() {
        return;
    }
    put(
        out,
        format_args!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Losses by {of}\"><table>\n<tr><th>{of}</th><th>Losses</th><th>Sum</th><th>Mean</th>\
             <th>Median</th><th>Largest</th><th>Refunded</th><th>Recovered</th></tr>\n"
        ),
    );
    let amount = |minor: Option<i64>| {
        let shown = minor.map_or_else(|| "-".to_owned(), |minor| money(minor, currency));
        format!("<td class=\"n\">{}</td>", escaped(&shown))
    };
    for one in groups {
        put(
            out,
            format_args!(
                "<tr><td>{}</td><td class=\"n\">{}</td>{}{}{}{}{}{}</tr>\n",
                escaped(one.group.as_deref().unwrap_or("unknown")),
                grouped(one.losses),
                amount(Some(one.gross_minor)),
                amount(one.mean_minor),
                amount(one.median_minor),
                amount(one.largest_minor),
                amount(Some(one.refunded_minor)),
                amount(Some(one.recovered_minor)),
            ),
        );
    }
    out.push_str("</table></div>\n");
}

fn estimate(out: &mut String, estimate: &EstimateBrief) {
    put(
        out,
        format_args!(
            "<p>As far as lists tell: {}.</p>\n<p class=\"note\">{}.</p>\n",
            escaped(&sentence(estimate)),
            escaped(&estimate.basis)
        ),
    );
    let mut intervals: Vec<Interval> = Vec::new();
    let mut push = |name: String, low: Option<u64>, middle, high| {
        intervals.extend(low.map(|low| Interval {
            name,
            low,
            middle,
            high,
        }));
    };
    for row in estimate.models.iter().filter(|row| row.plausible) {
        push(row.name.clone(), row.low, row.middle, row.high);
    }
    for row in &estimate.missed_links {
        push(row.name.clone(), row.low, row.middle, row.high);
    }
    push(
        "range over all models".to_owned(),
        estimate.low,
        None,
        estimate.high,
    );
    if !intervals.is_empty() {
        let picture = Ranges {
            title: "How many victims there are, by plausible models".to_owned(),
            unit: Unit::default(),
            intervals,
            counted: Some(estimate.victims_listed),
        };
        out.push_str(&picture.svg(&look("estimates")));
    }
    out.push_str("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"How many victims\"><table>\n<tr><th>What</th><th>Victims</th></tr>\n");
    let mut row = |name: &str, shown: &str| {
        put(
            out,
            format_args!(
                "<tr><td>{}</td><td>{}</td></tr>\n",
                escaped(name),
                escaped(shown)
            ),
        );
    };
    for (name, persons) in &estimate.lists {
        row(&format!("list {name}"), &grouped(*persons));
    }
    for one in &estimate.models {
        let mark = if one.plausible { "" } else { ", not plausible" };
        row(&format!("{}{mark}", one.name), &range(one));
    }
    for one in &estimate.missed_links {
        row(&format!("if {}", one.name), &range(one));
    }
    row(
        "numbers of home regions engaged: exposure, no list of victims",
        &grouped(estimate.exposure_numbers),
    );
    row(
        "reports on no list, for nothing ties them to a call",
        &grouped(estimate.reports_left_out),
    );
    out.push_str("</table></div>\n");
}

fn payments(out: &mut String, brief: &Brief) {
    put(out, format_args!("<p class=\"note\">{NO_CHAIN}</p>\n"));
    let lists = &brief.money.address_lists;
    if lists.is_empty() {
        out.push_str(
            "<p>No list of addresses is in the case: <code>unspoof reference add addresses \
             FILE</code>.</p>\n",
        );
        return;
    }
    out.push_str(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Lists of addresses\"><table>\n<tr><th>List</th><th>Dated</th><th>Addresses</th>\
         <th>Payments</th><th>As the list labels them</th></tr>\n",
    );
    for list in lists {
        let labels = list
            .labels
            .iter()
            .map(|(label, payments)| format!("{label}: {}", grouped(*payments)));
        put(
            out,
            format_args!(
                "<tr><td>{}<br>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
                 <td>{}</td></tr>\n",
                escaped(&list.list),
                escaped(list.title.as_deref().unwrap_or_default()),
                escaped(list.dated.as_deref().unwrap_or("not dated")),
                grouped(list.entries),
                grouped(list.payments),
                escaped(&labels.collect::<Vec<_>>().join("; ")),
            ),
        );
    }
    out.push_str("</table></div>\n");
}
