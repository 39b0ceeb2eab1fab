//! `unspoof judge`

mod subject;

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};
use unspoof_evidence::{Details, rfc3339_utc};
use unspoof_store::{Decision, Judgement, JudgementId, Label};

use self::subject::Subjects;
use super::Done;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::judgements::{Judgements, Taken};

/// What can be decided.
#[derive(Subcommand, Debug)]
pub(crate) enum Judge {
    /// These accounts are of a person whom somebody identified
    Identified {
        /// SOURCE:ID, or the id alone where one source has accounts
        #[arg(required = true, value_name = "ACCOUNT")]
        accounts: Vec<String>,
        /// How the person is called in the case
        #[arg(long, value_name = "NAME")]
        label: String,
        #[command(flatten)]
        why: Why,
    },
    /// These accounts are of one person
    Same(Accounts),
    /// These accounts are each of another person
    Different(Accounts),
    /// Several persons used this account
    Several {
        /// SOURCE:ID, or the id alone where one source has accounts
        #[arg(value_name = "ACCOUNT")]
        account: String,
        #[command(flatten)]
        why: Why,
    },
    /// This report tells of calls to this number
    Match(ReportAndNumber),
    /// This report does not tell of calls to this number
    NoMatch(ReportAndNumber),
    /// The holders of these numbers are victims
    Victim(Numbers),
    /// The holders of these numbers are no victims
    NotVictim(Numbers),
    /// The holders of these numbers have reported already
    Reported(Numbers),
    /// These numbers must not be contacted
    Suppressed(Numbers),
    /// Undo a judgement; it stays on record
    Undo {
        /// Its id, or the beginning of it
        #[arg(value_name = "ID")]
        id: String,
        /// Why, in your own words
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Show all judgements
    List,
    /// Take judgements that were made elsewhere: JSON lines or CSV, all or none
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: Utf8PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Why {
    /// Why, in your own words
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// A judgement that this one stands in for: its id, or the beginning of it
    #[arg(long, value_name = "ID")]
    undoes: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Accounts {
    /// SOURCE:ID, or the id alone where one source has accounts
    #[arg(required = true, num_args = 2.., value_name = "ACCOUNT")]
    accounts: Vec<String>,
    #[command(flatten)]
    why: Why,
}

#[derive(Args, Debug)]
pub(crate) struct ReportAndNumber {
    /// SOURCE:ID, or the id alone where one source has reports
    #[arg(value_name = "REPORT")]
    report: String,
    /// As +447700900123, or as dialled in the first home region
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    why: Why,
}

#[derive(Args, Debug)]
pub(crate) struct Numbers {
    /// As +447700900123, or as dialled in the first home region
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    #[command(flatten)]
    why: Why,
}

pub(crate) fn judge(around: &Surroundings, args: &Judge) -> anyhow::Result<Done> {
    if matches!(args, Judge::List) {
        return list(around);
    }
    let mut writer = around.write()?;
    let judged = Judgements::settled(around, &mut writer);
    let taken = if let Judge::Import { file } = args {
        match judged {
            Ok(judged) => judged.import(&mut writer, file)?,
            Err(error) if is_changed(&error) => Judgements::restore(&mut writer, file)?,
            Err(error) => return Err(error),
        }
    } else {
        let judged = judged?;
        let (decision, reason, undoes) = decided(writer.folder(), args)?;
        let undoes = undoes.map(|id| known(&judged.all, id)).transpose()?;
        let now_utc = judged.now_utc();
        let actor = around.who(&writer.config().default_purpose)?.actor;
        let made = Judgement::new(decision, actor.as_str(), reason, now_utc, undoes)
            .map_err(unspoof_store::StoreError::from)?;
        judged.take(&mut writer, "judge", vec![made])?
    };
    tell(around, &taken);
    Ok(Done::Whole)
}

/// Tells whether the store holds another set than the log recorded.
fn is_changed(error: &anyhow::Error) -> bool {
    let refusal = error.downcast_ref::<Refusal>();
    refusal.is_some_and(|refusal| refusal.code == "judge/changed")
}

type Decided<'a> = (Decision, &'a str, Option<&'a str>);

/// Reads what was typed.
fn decided<'a>(
    case: &unspoof_evidence::CaseFolder,
    args: &'a Judge,
) -> anyhow::Result<Decided<'a>> {
    let subjects = Subjects::of(case)?;
    let with = |why: &'a Why, decision| (decision, why.reason.as_str(), why.undoes.as_deref());
    let numbers = |args: &Numbers| subjects.numbers(&args.numbers);
    let pair = |args: &ReportAndNumber| -> anyhow::Result<_> {
        Ok((
            subjects.report(&args.report)?,
            subjects.number(&args.number)?,
        ))
    };
    Ok(match args {
        Judge::Identified {
            accounts,
            label,
            why,
        } => {
            let accounts = subjects.accounts(accounts)?;
            with(why, Decision::Identified(accounts, Label(label.clone())))
        }
        Judge::Same(args) => {
            let accounts = subjects.accounts(&args.accounts)?;
            with(&args.why, Decision::SamePerson(accounts))
        }
        Judge::Different(args) => {
            let accounts = subjects.accounts(&args.accounts)?;
            with(&args.why, Decision::DifferentPersons(accounts))
        }
        Judge::Several { account, why } => {
            with(why, Decision::SeveralPersons(subjects.account(account)?))
        }
        Judge::Match(args) => {
            let (report, number) = pair(args)?;
            with(&args.why, Decision::Match(report, number))
        }
        Judge::NoMatch(args) => {
            let (report, number) = pair(args)?;
            with(&args.why, Decision::NoMatch(report, number))
        }
        Judge::Victim(args) => with(&args.why, Decision::VictimConfirmed(numbers(args)?)),
        Judge::NotVictim(args) => with(&args.why, Decision::NotVictim(numbers(args)?)),
        Judge::Reported(args) => with(&args.why, Decision::AlreadyReported(numbers(args)?)),
        Judge::Suppressed(args) => with(&args.why, Decision::Suppressed(numbers(args)?)),
        Judge::Undo { id, reason } => (Decision::Undo, reason, Some(id)),
        Judge::List | Judge::Import { .. } => {
            return Err(Refusal::new("bug/judge", "nothing was decided").into());
        }
    })
}

/// Finds the one judgement whose id begins so.
fn known(all: &[Judgement], begins: &str) -> anyhow::Result<JudgementId> {
    let wrong = |text: String| {
        Refusal::new("judge/unknown", text).hint("see their ids: unspoof judge list")
    };
    if begins.len() < LEAST_ID {
        return Err(wrong(format!(
            "an id is given by its first {LEAST_ID} digits at least"
        ))
        .into());
    }
    let begins = begins.to_ascii_lowercase();
    let ids = all.iter().map(Judgement::id);
    let found: Vec<JudgementId> = ids
        .filter(|id| id.to_string().starts_with(&begins))
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(wrong(format!("there is no judgement `{begins}`")).into()),
        _ => Err(wrong(format!("several judgements begin with `{begins}`")).into()),
    }
}

/// Digits of an id that name a judgement, at least.
const LEAST_ID: usize = 8;

fn document(judgement: &Judgement) -> serde_json::Value {
    let mut document: serde_json::Value =
        serde_json::from_str(judgement.content()).unwrap_or_default();
    document["id"] = serde_json::json!(judgement.id());
    document
}

fn tell(around: &Surroundings, taken: &Taken) {
    if around.json {
        let new: Vec<_> = taken.new.iter().map(document).collect();
        output::json(&serde_json::json!({ "added": new, "known_before": taken.known }));
        return;
    }
    if let ([one], 0) = (taken.new.as_slice(), taken.known) {
        output::text(&format!(
            "recorded {} {}\n",
            one.decision().kind(),
            one.id()
        ));
    } else {
        output::text(&format!(
            "recorded {} judgements; {} were known before\n",
            taken.new.len(),
            taken.known
        ));
    }
    output::text("`unspoof run` takes them up\n");
}

fn list(around: &Surroundings) -> anyhow::Result<Done> {
    let case = around.open()?;
    around.consult(&case, "judge-list", &Details::new())?;
    let judged = Judgements::read(around, &case)?;
    if around.json {
        let all: Vec<_> = judged.all.iter().map(document).collect();
        output::json(&serde_json::json!({ "judgements": all, "in_force": judged.in_force }));
        return Ok(Done::Whole);
    }
    let for_review = &judged.in_force.for_review;
    for judgement in &judged.all {
        let decision = judgement.decision();
        let mut about: Vec<String> = decision
            .accounts()
            .iter()
            .map(ToString::to_string)
            .collect();
        about.extend(decision.report().map(ToString::to_string));
        about.extend(decision.numbers().iter().map(ToString::to_string));
        about.extend(decision.label().map(|label| format!("as `{label}`")));
        about.extend(judgement.undoes().map(|id| format!("undoes {}", short(id))));
        if for_review.iter().any(|r| r.judgement == judgement.id().0) {
            about.push("(FOR REVIEW: its accounts were judged different later)".to_owned());
        }
        output::text(&format!(
            "{} {} {:<17} {} by {}: {}\n",
            short(judgement.id()),
            rfc3339_utc(judgement.recorded_utc()),
            decision.kind(),
            about.join(" "),
            judgement.actor(),
            judgement.reason()
        ));
    }
    Ok(Done::Whole)
}

fn short(id: JudgementId) -> String {
    id.to_string().chars().take(12).collect()
}
