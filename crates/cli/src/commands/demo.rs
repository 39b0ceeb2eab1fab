//! `unspoof demo`

use camino::Utf8PathBuf;
use unspoof_analysis::render_text;

use super::{Done, init, lab, run, seal};
use crate::args::{Demo, Global, Init, Seal};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;

pub(crate) fn demo(global: &Global, around: &Surroundings, args: &Demo) -> anyhow::Result<Done> {
    let root = global
        .case
        .clone()
        .unwrap_or_else(|| Utf8PathBuf::from("demo-case"));
    if root.join("case.toml").exists() {
        return Err(
            Refusal::new("demo/exists", format!("`{root}` holds a case already"))
                .hint("give another folder: unspoof demo --case DIR")
                .into(),
        );
    }
    let made_up = Utf8PathBuf::from(format!("{root}.seized"));
    if made_up.exists() {
        return Err(
            Refusal::new("demo/exists", format!("`{made_up}` is there already"))
                .hint("give another folder: unspoof demo --case DIR")
                .into(),
        );
    }
    let surroundings = Surroundings::new(global, "demo")?.at(&root);
    lab::generate(args.preset, args.seed, &made_up)?;
    let from = Init {
        from: Some(made_up.join("case.toml")),
        name: None,
        home: Vec::new(),
    };
    init::make(&surroundings, &from)?;
    let mut files: Vec<Utf8PathBuf> = Vec::new();
    for entry in made_up.join("seized").read_dir_utf8()? {
        files.push(entry?.into_path());
    }
    files.sort();
    let sealing = Seal {
        files,
        mapping: None,
        zone: None,
        in_place: false,
        authority: Some("none: made-up records".to_owned()),
        restrictions: Some("made-up records; not to be taken for evidence".to_owned()),
        name: None,
    };
    let mut writer = surroundings.write()?;
    let quiet = Surroundings::new(global, "demo")?;
    seal::seal_files(&quiet, &mut writer, &sealing)?;
    drop(writer);
    let (brief, rejected) = run::everything(&surroundings, false)?;
    if around.json {
        output::json(&serde_json::json!({
            "case": root,
            "figures": brief.figures,
            "funnel": brief.funnel,
            "rejected": rejected,
        }));
        return Ok(Done::by_rejects(rejected));
    }
    output::text(&render_text(&brief));
    output::text(&format!(
        "\nThe page with charts: {root}/out/brief.html\nThe tables, as Parquet: {root}/tables and {root}/derived\nThe made-up files and the truth about them: {made_up}\n\nTry next:\n  unspoof explain calls_home_engaged --bytes --case {root}\n  unspoof funnel --compare engaged_over_s=30,60,120 --case {root}\n  unspoof sql \"select called_region, count(*) from calls group by 1 order by 2 desc\" --case {root}\n  unspoof verify --case {root}\n"
    ));
    Ok(Done::by_rejects(rejected))
}
