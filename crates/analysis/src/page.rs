//! The brief as one self-contained page: no script, nothing from elsewhere, readable on paper.

use std::fmt::Write as _;

use crate::brief::{Brief, Chart};
use crate::figures::grouped;
use crate::funnel::FunnelResult;
use crate::leads::Leads;

/// Width of every drawing, in its own units.
const WIDTH: f64 = 960.0;

/// Writes the page.
#[must_use]
pub fn render_html(brief: &Brief) -> String {
    let mut out = String::with_capacity(1 << 16);
    let case = escaped(&brief.case);
    let stamp = if brief.made_up {
        "<p><span class=\"stamp\">Made-up records: nothing here concerns a real person</span></p>"
    } else {
        ""
    };
    put(
        &mut out,
        format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Brief of case {case}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n\
             <h1>Brief of case {case}</h1>\n{stamp}\n\
             <p class=\"note\">Home regions: {}. A call that was placed is <em>called</em>; one that \
             somebody took long enough is <em>engaged</em>; neither says that anybody lost money. A \
             number that was shown usually belongs to somebody innocent.</p>\n",
            include_str!("page.css"),
            escaped(&brief.home),
        ),
    );
    key_figures(&mut out, brief);
    section(&mut out, "Funnel", |out| funnel(out, &brief.funnel));
    for chart in brief
        .charts
        .iter()
        .filter(|chart| chart.bars.iter().any(|bar| bar.1 > 0))
    {
        section(&mut out, &chart.title, |out| match chart.id.as_str() {
            "calls_by_day" => by_day(out, chart),
            _ => bars(out, chart),
        });
    }
    for leads in brief.leads.iter().filter(|leads| !leads.rows.is_empty()) {
        section(&mut out, &leads.title, |out| leads_table(out, leads));
    }
    crate::money_page::money_sections(&mut out, brief);
    section(&mut out, "Every figure, with what it counts", |out| {
        figures(out, brief)
    });
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

pub(crate) fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes all");
}

pub(crate) fn section(out: &mut String, title: &str, inside: impl FnOnce(&mut String)) {
    put(
        out,
        format_args!("<section>\n<h2>{}</h2>\n", escaped(title)),
    );
    inside(out);
    out.push_str("</section>\n");
}

fn key_figures(out: &mut String, brief: &Brief) {
    let wanted = [
        ("calls", "calls placed"),
        ("calls_home", "to the home regions"),
        ("calls_home_engaged", "of those, engaged"),
        ("numbers_home_engaged", "numbers they reached"),
        ("accounts_registered", "accounts"),
        ("accounts_priority", "priority accounts"),
        ("reports", "reports"),
        ("reports_loss_minor", "reported lost"),
    ];
    out.push_str("<ul class=\"keys\">\n");
    for (id, label) in wanted {
        if let Some(figure) = brief.figure(id) {
            put(
                out,
                format_args!("<li><b>{}</b>{label}</li>\n", escaped(&figure.shown())),
            );
        }
    }
    out.push_str("</ul>\n");
}

fn funnel(out: &mut String, funnel: &FunnelResult) {
    let row_height = 34.0;
    let height = row_height * funnel.steps.len() as f64;
    let most = funnel
        .steps
        .iter()
        .map(|step| step.count)
        .max()
        .unwrap_or(0)
        .max(1);
    put(
        out,
        format_args!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Funnel, step by step; \
             the table below says the same\">\n"
        ),
    );
    for (index, step) in funnel.steps.iter().enumerate() {
        let y = row_height * index as f64;
        // Root scale: the last steps are a hundredth of the first and must still be seen.
        let share = (step.count as f64 / most as f64).sqrt();
        let class = if step.unit == "numbers" {
            "strong"
        } else {
            "bar"
        };
        put(
            out,
            format_args!(
                "<text x=\"0\" y=\"{:.1}\">{}</text>\
                 <rect class=\"{class}\" x=\"230\" y=\"{:.1}\" width=\"{:.1}\" height=\"22\" rx=\"2\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
                y + 20.0,
                escaped(&step.name),
                y + 4.0,
                (share * 560.0).max(1.0),
                240.0 + share * 560.0,
                y + 20.0,
                grouped(step.count),
            ),
        );
    }
    out.push_str("</svg>\n<p class=\"legend\"><span><i style=\"background:var(--bar)\"></i>calls</span><span><i style=\"background:var(--strong)\"></i>numbers</span><span>bars by square root</span></p>\n");
    out.push_str(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Steps of the funnel\"><table>\n<tr><th>Step</th><th>Left</th><th>What is kept</th></tr>\n",
    );
    for step in &funnel.steps {
        put(
            out,
            format_args!(
                "<tr><td>{}</td><td class=\"n\">{} {}</td><td>{}</td></tr>\n",
                escaped(&step.name),
                grouped(step.count),
                escaped(&step.unit),
                escaped(&step.definition),
            ),
        );
    }
    put(
        out,
        format_args!(
            "</table></div>\n<p class=\"note\">SHA-256 over the sorted numbers that are left: \
             <code>{}</code></p>\n",
            funnel.contacts_sha256
        ),
    );
}

/// The head of a ranked table.
fn leads_table(out: &mut String, leads: &Leads) {
    put(
        out,
        format_args!(
            "<p class=\"note\">{}</p>\n<div class=\"wide leads\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>\n<tr>",
            escaped(&leads.note),
            escaped(&leads.title),
        ),
    );
    for (name, is_count) in &leads.columns {
        let class = if *is_count { " class=\"n\"" } else { "" };
        put(
            out,
            format_args!("<th{class} scope=\"col\">{}</th>", escaped(name)),
        );
    }
    out.push_str("</tr>\n");
    for row in &leads.rows {
        out.push_str("<tr>");
        for (cell, (_, is_count)) in row.iter().zip(&leads.columns) {
            let class = if *is_count { " class=\"n\"" } else { "" };
            put(out, format_args!("<td{class}>{}</td>", escaped(cell)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
}

/// Bars on their side, longest first as given; a darker part shows engaged calls.
fn bars(out: &mut String, chart: &Chart) {
    const SHOWN: usize = 20;
    let shown: Vec<&(String, u64, u64)> = chart.bars.iter().take(SHOWN).collect();
    let row_height = 26.0;
    let height = row_height * shown.len() as f64;
    let most = shown.iter().map(|bar| bar.1).max().unwrap_or(0).max(1) as f64;
    let title = escaped(&chart.title);
    put(
        out,
        format_args!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">\n"
        ),
    );
    for (index, (label, calls, engaged)) in shown.iter().enumerate() {
        let y = row_height * index as f64;
        let length = |count: u64| count as f64 / most * 520.0;
        put(
            out,
            format_args!(
                "<text x=\"250\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
                 <rect class=\"bar\" x=\"260\" y=\"{:.1}\" width=\"{:.1}\" height=\"18\" rx=\"2\"/>\
                 <rect class=\"strong\" x=\"260\" y=\"{:.1}\" width=\"{:.1}\" height=\"18\" rx=\"2\"/>\
                 <text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
                y + 17.0,
                escaped(label),
                y + 3.0,
                length(*calls).max(0.5),
                y + 3.0,
                length(*engaged),
                268.0 + length(*calls),
                y + 17.0,
                grouped(*calls),
            ),
        );
    }
    out.push_str("</svg>\n");
    if chart.bars.iter().any(|bar| bar.2 > 0) {
        legend(out);
    }
    if chart.bars.len() > SHOWN {
        put(
            out,
            format_args!(
                "<p class=\"note\">The first {SHOWN} of {}.</p>\n",
                chart.bars.len()
            ),
        );
    }
}

fn legend(out: &mut String) {
    out.push_str("<p class=\"legend\"><span><i style=\"background:var(--bar)\"></i>call attempts</span><span><i style=\"background:var(--strong)\"></i>of those, engaged</span></p>\n");
}

/// One thin bar a day, with the months named.
fn by_day(out: &mut String, chart: &Chart) {
    let height = 220.0;
    let floor = height - 24.0;
    let most = chart.bars.iter().map(|bar| bar.1).max().unwrap_or(0).max(1) as f64;
    let step = (WIDTH - 70.0) / chart.bars.len().max(1) as f64;
    put(
        out,
        format_args!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Calls by day\">\n\
             <line class=\"axis\" x1=\"64\" x2=\"{WIDTH}\" y1=\"{floor}\" y2=\"{floor}\"/>\n\
             <text class=\"soft\" x=\"58\" y=\"16\" text-anchor=\"end\">{}</text>\n\
             <text class=\"soft\" x=\"58\" y=\"{floor}\" text-anchor=\"end\">0</text>\n",
            grouped(most as u64),
        ),
    );
    let mut month_before = String::new();
    for (index, (day, calls, engaged)) in chart.bars.iter().enumerate() {
        let x = 66.0 + step * index as f64;
        for (class, count) in [("bar", calls), ("strong", engaged)] {
            let tall = *count as f64 / most * (floor - 8.0);
            put(
                out,
                format_args!(
                    "<rect class=\"{class}\" x=\"{x:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{tall:.2}\"/>",
                    floor - tall,
                    (step * 0.85).max(0.6),
                ),
            );
        }
        let month: String = day.chars().take(7).collect();
        if month != month_before {
            let every = (chart.bars.len() / 31 / 12).max(1);
            let number: usize = month
                .get(5..7)
                .and_then(|digits| digits.parse().ok())
                .unwrap_or_default();
            if chart.bars.len() < 800 || number % (every + 1) == 1 {
                put(
                    out,
                    format_args!(
                        "<text class=\"soft\" x=\"{x:.1}\" y=\"{:.1}\">{month}</text>",
                        height - 6.0
                    ),
                );
            }
            month_before = month;
        }
    }
    out.push_str("</svg>\n");
    legend(out);
}

fn figures(out: &mut String, brief: &Brief) {
    out.push_str(
        "<p class=\"note\">To see the rows behind a figure: <code>unspoof explain ID --bytes</code>. \
         The hash is SHA-256 over their places, sorted.</p>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"All figures\"><table>\n\
         <tr><th>Id</th><th>Value</th><th>What is counted</th></tr>\n",
    );
    for figure in &brief.figures {
        let unit = if figure.unit.starts_with("minor ") {
            ""
        } else {
            figure.unit.as_str()
        };
        put(
            out,
            format_args!(
                "<tr><td class=\"id\"><code>{}</code></td><td class=\"n\">{} {}</td>\
                 <td>{}<br><code class=\"hash\">{}</code></td></tr>\n",
                escaped(&figure.id),
                escaped(&figure.shown()),
                escaped(unit),
                escaped(&figure.definition),
                figure.rows_sha256,
            ),
        );
    }
    out.push_str("</table></div>\n");
}

/// Makes text safe to stand in a page: seized words are anybody's.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seized_words_cannot_become_markup() {
        assert_eq!(
            escaped("<b a='1'>\"&\u{7}"),
            "&lt;b a=&#39;1&#39;&gt;&quot;&amp;\u{fffd}"
        );
    }
}
