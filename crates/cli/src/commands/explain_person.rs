//! `unspoof explain PERSON`: what makes accounts one person's.

use std::fmt::Write as _;

use anyhow::Context as _;
use unspoof_analysis::{
    AccountLink, Engine, PersonExplained, RankOf, draw_person, explain_person, persons_of,
};
use unspoof_evidence::{CaseFolder, Details};

use super::Done;
use super::explain_contact::{Place, place, tell_place};
use crate::args::Explain;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::engine_options;

/// Explains the person that `args.figure` names, by its own name or one of its accounts; None where
/// there is no such person.
pub(crate) fn explain(
    around: &Surroundings,
    case: &CaseFolder,
    args: &Explain,
) -> anyhow::Result<Option<Done>> {
    let name = args.figure.as_str();
    let details = Details::new()
        .with("person", case.keyed(&around.keys, name)?)
        .with("limit", args.limit);
    around.consult(case, "explain", &details)?;
    let scratch = case
        .root()
        .join(".staging")
        .join(format!("explain-{}", std::process::id()));
    let found = (|| -> anyhow::Result<_> {
        let engine = Engine::start(&engine_options(around, &scratch))?;
        engine.register_case(case.root(), case.config())?;
        let persons = persons_of(&engine, name)?;
        let (person_id, _) = match persons.as_slice() {
            [] => return Ok(None),
            [one] => one,
            several => {
                let names: Vec<&str> = several.iter().map(|(_, name)| name.as_str()).collect();
                return Err(Refusal::new(
                    "explain/ambiguous",
                    format!("`{name}` is an account of several sources"),
                )
                .hint(format!("name one of them: {}", names.join(", ")))
                .into());
            }
        };
        let limit = (args.limit > 0).then_some(args.limit);
        Ok(Some(explain_person(&engine, person_id, limit)?))
    })();
    let _ = std::fs::remove_dir_all(&scratch);
    let Some(person) = found? else {
        return Ok(None);
    };
    let mut places: Vec<Place> = Vec::new();
    places.extend(place(case, RankOf::Persons, &person.person_id)?);
    for account in &person.accounts {
        let account = format!("{}/{}", account.source, account.account_id);
        places.extend(place(case, RankOf::Suspects, &account)?);
        // A person of very many accounts is explained by the sum.
        if places.len() > PLACES {
            break;
        }
    }
    if let Some(path) = &args.svg {
        std::fs::write(path, draw_person(&person))
            .with_context(|| format!("could not write `{path}`"))?;
        output::note(&format!("wrote {path}"));
    }
    if around.json {
        output::json(&serde_json::json!({ "person": person, "places": places }));
    } else {
        let mut text = tell(&person)?;
        for place in &places {
            text.push('\n');
            writeln!(text, "{}", place.row.subject)?;
            tell_place(&mut text, place)?;
        }
        output::text(&text);
    }
    Ok(Some(Done::Whole))
}

/// Accounts whose places are told.
const PLACES: usize = 5;

fn tell(person: &PersonExplained) -> anyhow::Result<String> {
    let mut text = String::new();
    let accounts = person.accounts.len();
    let of = if accounts == 1 { "account" } else { "accounts" };
    writeln!(text, "person {}: {accounts} {of}", person.person_id)?;
    writeln!(
        text,
        "taken for one person's by what accounts share; nobody is identified by this"
    )?;
    if person.several_persons {
        writeln!(text, "judged: several persons use this account")?;
    }
    for account in &person.accounts {
        let when = |time: &Option<String>| time.clone().unwrap_or_else(|| "never".to_owned());
        writeln!(
            text,
            "  {}/{}  {}  seen {} to {}",
            account.source,
            account.account_id,
            account.role,
            when(&account.first_utc),
            when(&account.last_utc),
        )?;
    }
    if !person.shared.is_empty() {
        writeln!(text, "shared by its accounts")?;
    }
    for shared in &person.shared {
        writeln!(
            text,
            "  {} {}: {:+.2} bits, by {}; {} accounts in the case have it",
            shared.evidence,
            shared.value,
            shared.bits,
            shared.accounts.join(", "),
            shared.value_accounts,
        )?;
    }
    if !person.links.is_empty() {
        writeln!(text, "pairs of its accounts")?;
    }
    for link in &person.links {
        pair(&mut text, link)?;
    }
    if person.possible_links > 0 {
        writeln!(text, "possible links to accounts of others")?;
    }
    for link in &person.possible {
        pair(&mut text, link)?;
    }
    let hidden = person
        .possible_links
        .saturating_sub(person.possible.len() as u64);
    if hidden > 0 {
        writeln!(text, "{hidden} more possible links; --limit 0 shows all")?;
    }
    Ok(text)
}

fn pair(text: &mut String, link: &AccountLink) -> anyhow::Result<()> {
    let by = match (link.outcome_by.as_str(), link.merge_no) {
        ("evidence", Some(number)) => format!(", join {number}"),
        ("evidence", None) => String::new(),
        (by, _) => format!(", {by}"),
    };
    writeln!(
        text,
        "  {} and {}: {}{by}, odds {:+.2} bits",
        link.account, link.other_account, link.outcome, link.odds_bits,
    )?;
    for one in &link.evidence {
        let value = one
            .value
            .as_ref()
            .map_or(String::new(), |value| format!(" {value}"));
        let times = one
            .times
            .as_ref()
            .map_or(String::new(), |times| format!(", {times}"));
        let others = match one.value_accounts {
            Some(accounts) => format!(", {accounts} accounts have it"),
            None => String::new(),
        };
        writeln!(
            text,
            "    {:+.2} bits: {} {}{value}{others}{times}",
            one.bits, one.evidence, one.finding,
        )?;
    }
    Ok(())
}
