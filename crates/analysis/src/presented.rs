//! `derived/presented.parquet`: personal numbers that were shown to those who were called. Whoever
//! holds one usually knows nothing of it; a bank may have been rung by somebody posing as them.

use std::cell::RefCell;

use camino::Utf8Path;
use unspoof_matching::{Calls, StoredCall, Talk};
use unspoof_model::Region;
use unspoof_numbers::blocks::Blocks;
use unspoof_numbers::{Context, NumberType, PhoneNumber, Reader, Reading};
use unspoof_ranking::{
    AboutPresented, ContactFact, Fact as _, PresentedFact, PresentedNumbers, ShownCall,
    presented_numbers,
};

use crate::AnalysisError;
use crate::contacts::{Gathered, Standing};
use crate::organisations::Organisations;
use crate::told::ToldBy;
use crate::whole_table::WholeTable;

const DAY_US: i64 = 86_400_000_000;

/// What shown numbers are judged by.
pub(crate) struct PresentedGround<'a> {
    pub(crate) calls: &'a Calls,
    pub(crate) gathered: &'a Gathered<'a>,
    pub(crate) told: &'a ToldBy,
    pub(crate) organisations: &'a Organisations,
    pub(crate) blocks: Option<&'a Blocks>,
    pub(crate) home: &'a [Region],
}

/// Says whether lines of a kind are people's own.
const fn is_personal(kind: NumberType) -> bool {
    use NumberType as K;
    match kind {
        K::FixedLine | K::Mobile | K::FixedLineOrMobile | K::Voip | K::Personal => true,
        K::TollFree | K::PremiumRate | K::SharedCost | K::Pager | K::Uan | K::Voicemail => false,
    }
}

/// Counts the facts of all personal numbers that were shown.
///
/// A number that any call showed as a listed organisation's is that organisation's; one that no
/// plan knows, or that was allocated to nobody, is nobody's.
pub(crate) fn count_presented(
    ground: &PresentedGround<'_>,
) -> Result<PresentedNumbers, AnalysisError> {
    // A reader remembers much: one for all numbers.
    let reader = RefCell::new(Reader::new(Context::default()));
    let read =
        |number: PhoneNumber| -> Reading { reader.borrow_mut().read(number.reveal().as_bytes()) };
    let shown = ground.calls.by_presented().filter(|(number, calls)| {
        let mut calls = calls.clone();
        !calls.any(|call| !call.organisations.is_empty())
            && read(*number).kind.is_some_and(is_personal)
    });
    let calls = shown.flat_map(|(presented, calls)| {
        calls.filter_map(move |call| ground.shown(presented, &call))
    });
    let about = |number| ground.about(number, read(number).region);
    presented_numbers(calls, about).map_err(AnalysisError::ranking)
}

impl PresentedGround<'_> {
    fn shown(&self, presented: PhoneNumber, call: &StoredCall<'_>) -> Option<ShownCall> {
        let called = call.called?;
        let key = i64::try_from(called.key()).ok()?;
        let (answered, talk_s) = match call.talk {
            Talk::Unknown | Talk::Unanswered => (false, None),
            Talk::Answered => (true, None),
            Talk::Seconds(talk_s) => (true, Some(talk_s)),
        };
        Some(ShownCall {
            presented,
            called,
            started_utc: call.started_utc,
            account: call.account.0,
            called_organisation: self.gathered.organisation_of.get(&key).copied(),
            answered,
            talk_s,
        })
    }

    fn about(&self, number: PhoneNumber, region: Option<Region>) -> AboutPresented {
        let key = i64::try_from(number.key()).unwrap_or(i64::MAX);
        let day = self.gathered.end_us.div_euclid(DAY_US) as i32;
        let mut holders = Vec::new();
        self.organisations.holders(key, Some(day), &mut holders);
        let answer = self.blocks.and_then(|blocks| blocks.lookup(number, day));
        let contacts = &self.gathered.contacts;
        let row = self.gathered.row_of(number);
        let fact = |fact| {
            let value = row.map_or(0, |row| contacts.get(row, fact));
            u32::try_from(value).unwrap_or(u32::MAX)
        };
        let told = self.told.numbers.get(&key).copied().unwrap_or_default();
        AboutPresented {
            listed_organisation: !holders.is_empty(),
            nobodys: answer
                .is_some_and(|answer| matches!(answer.as_str(), "unallocated" | "drama")),
            home: region.is_some_and(|region| self.home.contains(&region)),
            also_called: fact(ContactFact::Calls),
            also_engaged: fact(ContactFact::EngagedCalls),
            reports: told.losses[0].saturating_add(told.losses[1]),
        }
    }
}

/// Writes `presented`, in the order of the number.
pub(crate) fn write_presented(
    numbers: &PresentedNumbers,
    standing: &Standing,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let rows: Vec<u32> = (0..numbers.table.len() as u32).collect();
    let mut table = WholeTable::of(&rows).int("presented_e164", |&row| {
        i64::try_from(numbers.table.key(row)?.key()).ok()
    });
    for &fact in PresentedFact::ALL {
        table = table.int(fact.name(), |&row| {
            i64::try_from(numbers.table.get(row, fact)).ok()
        });
    }
    table
        .int("points_milli", |&row| Some(standing.milli[row as usize]))
        .int("rank", |&row| Some(standing.rank[row as usize].into()))
        .write(path)
}
