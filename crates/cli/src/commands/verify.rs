//! `unspoof verify`

use anyhow::Context;
use camino::Utf8Path;
use unspoof_evidence::{VerifyOptions, VerifyReport};

use super::Done;
use crate::args::{Global, Verify};
use crate::output;

pub(crate) fn verify(global: &Global, args: &Verify) -> anyhow::Result<Done> {
    let root = global.case.clone().unwrap_or_else(|| ".".into());
    let checkpoint = args.checkpoint.as_deref().map(read).transpose()?;
    let log_key = match &args.log_key {
        Some(key) if Utf8Path::new(key).exists() => {
            Some(read(Utf8Path::new(key))?.trim().to_owned())
        }
        Some(key) => Some(key.clone()),
        None => None,
    };
    let options = VerifyOptions {
        checkpoint,
        log_key,
        exhibit: args.exhibit.clone(),
    };
    let report = unspoof_evidence::verify(&root, &options);
    if global.json {
        output::json(&document(&report));
    } else {
        tell(&report);
    }
    Ok(if report.is_sound() {
        Done::Whole
    } else {
        Done::NotSound
    })
}

fn read(path: &Utf8Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("could not read `{path}`"))
}

fn document(report: &VerifyReport) -> serde_json::Value {
    let checks = report
        .checks
        .iter()
        .map(|c| serde_json::json!({"name": c.name, "count": c.count}));
    let problems = report.problems.iter().map(|problem| {
        serde_json::json!({
            "code": problem.code,
            "path": problem.path,
            "detail": problem.detail,
        })
    });
    serde_json::json!({
        "sound": report.is_sound(),
        "checks": checks.collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
        "notes": report.notes,
        "not_checked": report.not_checked,
    })
}

fn tell(report: &VerifyReport) {
    for check in &report.checks {
        output::text(&format!("checked {:>10}  {}\n", check.count, check.name));
    }
    for note in &report.notes {
        output::text(&format!("note: {note}\n"));
    }
    for left in &report.not_checked {
        output::text(&format!("not checked: {left}\n"));
    }
    for problem in &report.problems {
        let path = problem
            .path
            .as_deref()
            .map(|p| format!("{p}: "))
            .unwrap_or_default();
        output::text(&format!(
            "PROBLEM {path}{} ({})\n",
            problem.detail, problem.code
        ));
    }
    output::text(
        match report.problems.len() {
            0 => "sound: everything checked is as the log recorded it\n".to_owned(),
            1 => "NOT SOUND: 1 problem\n".to_owned(),
            problems => format!("NOT SOUND: {problems} problems\n"),
        }
        .as_str(),
    );
}
