//! What people decided: kept in the case's store, pinned by the case's log.
//!
//! The log's last event on judgements holds a keyed hash of the whole set. So whoever changes the
//! database behind the program's back is found by the next command that reads it, and the log tells
//! nothing of whom the judgements are about.
//!
//! Judgements are added first and recorded in the log second. A process that dies in between
//! leaves a seal beside them, made with the case's keys, that leads from the recorded set to the
//! present one: the next writer records it. A database without such a seal was changed by
//! somebody else.

use camino::Utf8Path;
use unspoof_evidence::{CaseFolder, CaseWriter, Clock as _, SystemClock, log_entries};
use unspoof_model::judgement::InForce;
use unspoof_model::{EventKind, UtcMicros};
use unspoof_store::{Address, BadLine, InvalidJudgement, Judgement, Store, StoreError, in_force};

use crate::fail::Refusal;
use crate::place::Surroundings;

/// The file that keeps them, unless `case.toml` names a server.
const FILE: &str = "case.db";
/// The detail of an event that pins the set.
const PIN: &str = "judgements";
/// How far ahead of this machine's clock another one's may be, in microseconds: a day.
const CLOCKS_APART_US: i64 = 86_400_000_000;

/// All judgements of a case, found to be those that the log recorded.
pub(crate) struct Judgements {
    /// By recorded time.
    pub(crate) all: Vec<Judgement>,
    pub(crate) in_force: InForce,
    /// Added by somebody who died before the log recorded it.
    is_unrecorded: bool,
}

/// What became of offered judgements.
pub(crate) struct Taken {
    pub(crate) new: Vec<Judgement>,
    pub(crate) known: usize,
}

/// Returns where a case keeps what people decided and did.
pub(crate) fn store_address(case: &CaseFolder) -> anyhow::Result<Address> {
    let url = case.config().store.as_ref().map(|store| store.url.as_str());
    let address = Address::of(url, &case.root().join(FILE), case.log_name())?;
    Ok(match address {
        Address::File(path) => Address::File(path),
        Address::Server { url, schema } => Address::Server {
            url: url.or_password(std::env::var("PGPASSWORD").ok()),
            schema,
        },
    })
}

/// What the log's last event on judgements says of their set.
fn pinned(case: &CaseFolder) -> anyhow::Result<Option<String>> {
    let events = log_entries(case.root())?;
    let mut last_first = events.iter().rev();
    let pin = last_first.find_map(|event| event.details.get(PIN)?.as_str());
    Ok(pin.map(str::to_owned))
}

/// The words whose keyed hash pins a set, or leads from a pin to the next set.
fn words(all: &[Judgement]) -> String {
    format!("judgements {}", Store::set_sha256(all))
}

fn seal_words(pin: Option<&str>, after: &[Judgement]) -> String {
    format!("after {}: {}", pin.unwrap_or("none"), words(after))
}

impl Judgements {
    /// Reads them, and holds them against the log.
    pub(crate) fn read(around: &Surroundings, case: &CaseFolder) -> anyhow::Result<Self> {
        let pin = pinned(case)?;
        let mut store = Store::open_existing(&store_address(case)?)?;
        let all = match &mut store {
            Some(store) => store.judgements()?,
            None => Vec::new(),
        };
        let is_recorded = match &pin {
            Some(pin) => *pin == case.keyed(&around.keys, &words(&all))?.as_str(),
            None => all.is_empty(),
        };
        if !is_recorded {
            let seal = store.as_mut().map(Store::last_seal).transpose()?.flatten();
            let wanted = case.keyed(&around.keys, &seal_words(pin.as_deref(), &all))?;
            if seal.as_deref() != Some(wanted.as_str()) {
                return Err(changed(case, all.len()).into());
            }
        }
        Ok(Self {
            in_force: in_force(&all),
            all,
            is_unrecorded: !is_recorded,
        })
    }

    /// Reads them, and records what somebody who died left unrecorded.
    pub(crate) fn settled(around: &Surroundings, writer: &mut CaseWriter) -> anyhow::Result<Self> {
        let mut read = Self::read(around, writer.folder())?;
        if read.is_unrecorded {
            record(writer, "judge-recover", &read.all, |_| {})?;
            read.is_unrecorded = false;
        }
        Ok(read)
    }

    /// Puts judgements back from a file into a store that lacks some, such as a new server: only if
    /// that makes exactly the set that the log recorded.
    pub(crate) fn restore(writer: &mut CaseWriter, path: &Utf8Path) -> anyhow::Result<Taken> {
        let pin = pinned(writer.folder())?;
        let address = store_address(writer.folder())?;
        let held = match Store::open_existing(&address)? {
            Some(mut store) => store.judgements()?,
            None => Vec::new(),
        };
        let offered = unspoof_store::read_lines(path)?.into_iter();
        let offered: Vec<Judgement> = offered.map(|(_, judgement)| judgement).collect();
        let mut all = held.clone();
        // What is undone may be lacking still; then the set is another one, too.
        let new = Store::newcomers(&held, &offered).unwrap_or_default();
        all.extend(new.iter().cloned());
        if pin.as_deref() != Some(writer.keyed(&words(&all)).as_str()) {
            return Err(changed(writer.folder(), held.len()).into());
        }
        let seal = writer.keyed(&seal_words(pin.as_deref(), &all));
        Store::open(&address)?.add(&new, seal.as_str())?;
        record(writer, "judge-recover", &all, |_| {})?;
        let known = offered.len() - new.len();
        Ok(Taken { new, known })
    }

    /// Returns the time for a judgement made now: later than all that its maker could see.
    pub(crate) fn now_utc(&self) -> UtcMicros {
        let now = SystemClock.now_utc_micros();
        let last = self.all.last().map(Judgement::recorded_utc);
        last.map_or(now, |last| now.max(last + 1))
    }

    /// Adds those that are new and records it: all or none.
    pub(crate) fn take(
        self,
        writer: &mut CaseWriter,
        operation: &'static str,
        new: Vec<Judgement>,
    ) -> anyhow::Result<Taken> {
        if new.is_empty() {
            return Ok(Taken { new, known: 0 });
        }
        let pin = pinned(writer.folder())?;
        let mut all = self.all;
        all.extend(new.iter().cloned());
        let seal = writer.keyed(&seal_words(pin.as_deref(), &all));
        Store::open(&store_address(writer.folder())?)?.add(&new, seal.as_str())?;
        let kinds: std::collections::BTreeSet<&'static str> =
            new.iter().map(|j| j.decision().kind()).collect();
        record(writer, operation, &all, |change| {
            change.detail("added", new.len());
            if let [kind] = kinds.iter().collect::<Vec<_>>()[..] {
                change.detail("kind", *kind);
            }
            if let [one] = new.as_slice() {
                let keyed = change.keyed(one.reason());
                change.detail("reason", keyed);
                let keyed = change.keyed(&one.id().to_string());
                change.detail("judgement", keyed);
                if let Some(undone) = one.undoes() {
                    let keyed = change.keyed(&undone.to_string());
                    change.detail("undoes", keyed);
                }
            }
        })?;
        Ok(Taken { new, known: 0 })
    }

    /// Takes the judgements of a file, all of them or none.
    pub(crate) fn import(self, writer: &mut CaseWriter, path: &Utf8Path) -> anyhow::Result<Taken> {
        let read = unspoof_store::read_lines(path)?;
        let latest = SystemClock.now_utc_micros().saturating_add(CLOCKS_APART_US);
        let mut bad: Vec<BadLine> = read
            .iter()
            .filter(|(_, judgement)| judgement.recorded_utc() > latest)
            .map(|(line, _)| BadLine {
                line: *line,
                why: InvalidJudgement::Future,
            })
            .collect();
        let (lines, offered): (Vec<u64>, Vec<Judgement>) = read.into_iter().unzip();
        let new = match Store::newcomers(&self.all, &offered) {
            Ok(new) => new,
            Err(places) => {
                bad.extend(places.into_iter().map(|(place, why)| BadLine {
                    line: lines[place],
                    why,
                }));
                Vec::new()
            }
        };
        if !bad.is_empty() {
            bad.sort_by_key(|bad| bad.line);
            let path = path.to_owned();
            return Err(StoreError::Lines { path, bad }.into());
        }
        let known = offered.len() - new.len();
        let taken = self.take(writer, "judge-import", new)?;
        Ok(Taken { known, ..taken })
    }
}

fn record(
    writer: &mut CaseWriter,
    operation: &'static str,
    all: &[Judgement],
    details: impl FnOnce(&mut unspoof_evidence::Transaction<'_>),
) -> anyhow::Result<()> {
    let pin = writer.keyed(&words(all));
    let mut change = writer.begin(EventKind::Alteration, operation)?;
    details(&mut change);
    change.detail(PIN, pin);
    change.detail("all", all.len());
    Ok(change.commit()?)
}

fn changed(case: &CaseFolder, found: usize) -> Refusal {
    let place = if case.config().store.is_some() {
        "the store"
    } else {
        FILE
    };
    Refusal::new(
        "judge/changed",
        format!("{place} holds {found} judgements that are not those that the log recorded"),
    )
    .hint("somebody changed it, or it is another store: put back the one that belongs to this log, or all judgements into an empty one: unspoof judge import FILE")
}
