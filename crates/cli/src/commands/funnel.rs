//! `unspoof funnel`

use unspoof_analysis::{FunnelLists, FunnelResult, grouped};
use unspoof_evidence::Details;
use unspoof_model::config::Engaged;

use super::Done;
use crate::args::Funnel;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::{Ground, read_brief};
use crate::stages::judgements::Judgements;

pub(crate) fn funnel(around: &Surroundings, args: &Funnel) -> anyhow::Result<Done> {
    let case = around.open()?;
    let brief = read_brief(&case)?;
    around.consult(&case, "funnel", &Details::new())?;
    let Some(compare) = &args.compare else {
        if around.json {
            output::json(&brief.funnel);
        } else {
            tell(&[(String::new(), brief.funnel)]);
        }
        return Ok(Done::Whole);
    };
    let thresholds = thresholds(compare)?;
    let scratch = case
        .root()
        .join(".staging")
        .join(format!("compare-{}", std::process::id()));
    let judged = Judgements::read(around, &case)?.in_force;
    let ground = Ground::of(around, &case, judged, scratch.clone())?;
    let compared = (|| -> anyhow::Result<Vec<(String, FunnelResult)>> {
        let lists = FunnelLists::of_case(&ground.inputs())?;
        let of_case = &case.config().rules.engaged;
        let rules: Vec<_> = thresholds
            .iter()
            .map(|&over_s| Engaged {
                over_s,
                ..of_case.clone()
            })
            .collect();
        let results = unspoof_analysis::compare_funnels(
            case.root(),
            &case.config().funnel,
            &rules,
            &brief.home,
            &lists,
            ground.engine().workers,
        )?;
        let names = thresholds
            .iter()
            .map(|over_s| format!("engaged_over_s={over_s}"));
        Ok(names.zip(results).collect())
    })();
    let _ = std::fs::remove_dir_all(&scratch);
    let compared = compared?;
    if around.json {
        let documents: Vec<_> = compared
            .iter()
            .map(|(under, funnel)| serde_json::json!({ "under": under, "funnel": funnel }))
            .collect();
        output::json(&serde_json::json!({ "compare": documents }));
    } else {
        tell(&compared);
    }
    Ok(Done::Whole)
}

fn thresholds(compare: &str) -> anyhow::Result<Vec<i64>> {
    let wrong = || {
        Refusal::new(
            "funnel/compare",
            format!("`{compare}` is no threshold with values"),
        )
        .hint("write --compare engaged_over_s=30,60,120")
    };
    let values = compare.strip_prefix("engaged_over_s=").ok_or_else(wrong)?;
    let values: Result<Vec<i64>, _> = values.split(',').map(|v| v.trim().parse::<i64>()).collect();
    Ok(values.map_err(|_| wrong())?)
}

fn tell(results: &[(String, FunnelResult)]) {
    let Some((_, first)) = results.first() else {
        return;
    };
    if results.len() > 1 {
        let names: Vec<String> = results
            .iter()
            .map(|(name, _)| format!("{name:>20}"))
            .collect();
        output::text(&format!("{:<26} {}\n", "", names.join(" ")));
    }
    for (index, step) in first.steps.iter().enumerate() {
        let counts: Vec<String> = results
            .iter()
            .map(|(_, r)| format!("{:>20}", grouped(r.steps[index].count)))
            .collect();
        output::text(&format!(
            "{:<26} {} {}\n",
            step.name,
            counts.join(" "),
            step.unit
        ));
    }
    output::text("\n");
    for (index, step) in first.steps.iter().enumerate() {
        let all = results
            .iter()
            .map(|(name, r)| (name, &r.steps[index].definition));
        if all
            .clone()
            .all(|(_, definition)| *definition == step.definition)
        {
            output::text(&format!("{}: {}\n", step.name, step.definition));
        } else {
            for (under, definition) in all {
                output::text(&format!("{} ({under}): {definition}\n", step.name));
            }
        }
    }
    for (name, result) in results {
        let name = if name.is_empty() {
            String::new()
        } else {
            format!(" ({name})")
        };
        output::text(&format!(
            "contacts SHA-256{name}: {}\n",
            result.contacts_sha256
        ));
    }
}
