//! Writes an attempt's legs into the exhibits that keep them, and remembers each row.

use super::{Attempt, Kept, Maker, Presented};
use crate::accounts::Phone;
use crate::clock::{DAY_S, UtcS};
use crate::dirt::{Dirt, Place};
use crate::organisations::Organisations;
use crate::outcome::{Mode, Outcome};
use crate::panel::{CallRow, Started};
use crate::phone::{Form, IMPOSSIBLE, push_number};
use crate::preset::SWITCH_FROM;
use crate::record::{Exhibit, Record, flag};
use crate::seen::{CallToReporter, Seen};
use crate::switch::{CLOCK_AHEAD_S, SwitchRow, TORN};
use crate::timeline::{GAP, OVERLAP};
use crate::tracked::TrackedCall;

/// How long before the target the service rings its user, and how long after it transfers.
const USER_LEG_BEFORE_S: i64 = 5;
const TRANSFER_AFTER_S: i64 = 30;

/// A leg of an attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    User,
    Target,
    Unknown,
    Transfer,
}

impl Leg {
    const fn in_panel(self) -> &'static [u8] {
        match self {
            Self::User => b"cb",
            Self::Target => b"out",
            Self::Unknown => b"",
            Self::Transfer => b"xfer",
        }
    }

    const fn in_switch(self) -> &'static str {
        match self {
            Self::User => "ring-user",
            Self::Target => "outbound",
            Self::Unknown => "default",
            Self::Transfer => "xfer",
        }
    }

    /// Place among the attempt's legs, which its id is made from.
    const fn place(self) -> u64 {
        match self {
            Self::User => 0,
            Self::Target | Self::Unknown => 1,
            Self::Transfer => 2,
        }
    }
}

/// A leg's particulars; its numbers as written are in the maker's buffers.
struct LegOf {
    leg: Leg,
    at: UtcS,
    /// The called number; none for what is no number.
    number: Option<u64>,
    outcome: Outcome,
    record: Record,
}

impl Maker<'_> {
    pub(super) fn write(&mut self, attempt: &Attempt<'_>, seen: &mut Seen) {
        let plan = attempt.plan;
        let account = &plan.ledger.accounts[attempt.account as usize];
        if account.call_back
            && !attempt.test
            && let Phone::Given { number, .. } = account.phone
            && self.draw.chance(5_000)
        {
            let outcome = Outcome {
                code: None,
                machine_s: None,
                ..attempt.outcome
            };
            let at = attempt.at - USER_LEG_BEFORE_S;
            self.write_other(attempt, Leg::User, at, number, outcome);
        }
        self.write_target(attempt, seen);
        if attempt.outcome.answered() && !attempt.test && self.draw.chance(100) {
            let mobiles = plan.pool.home_mobiles();
            let number = plan.pool.number(attempt.account * 7 % mobiles.end);
            let outcome = Outcome {
                code: None,
                machine_s: None,
                ..attempt.outcome
            };
            let at = attempt.at + TRANSFER_AFTER_S;
            self.write_other(attempt, Leg::Transfer, at, number, outcome);
        }
    }

    /// Writes a leg that is not the target's.
    fn write_other(
        &mut self,
        attempt: &Attempt<'_>,
        leg: Leg,
        at: UtcS,
        number: u64,
        outcome: Outcome,
    ) {
        let record = Record {
            at: 0,
            len: 0,
            flags: flag::COUNTED | flag::LEG,
            region: u8::MAX,
            posed: 0,
        };
        let leg = LegOf {
            leg,
            at,
            number: Some(number),
            outcome,
            record,
        };
        self.write_leg(attempt, &leg, Started::At(at), false);
    }

    fn write_target(&mut self, attempt: &Attempt<'_>, seen: &mut Seen) {
        let (plan, outcome) = (attempt.plan, attempt.outcome);
        let dirt = plan.size.dirt_per_10k;
        let may_break = attempt.kept == Kept::Panel || attempt.kept == Kept::PanelAndBackup;
        let outside_switch = may_break && attempt.at < SWITCH_FROM;
        let day = attempt.at.div_euclid(DAY_S);
        // One of the panel's machines did not put its clock forward.
        let in_gap = GAP.0 <= attempt.at && attempt.at < GAP.1;
        let started = if outside_switch && in_gap && self.draw.chance(7_500) {
            Started::Gap(attempt.at)
        } else if outside_switch && self.draw.chance(dirt) {
            Started::ZeroDate
        } else {
            Started::At(attempt.at)
        };
        let in_panel = attempt.kept != Kept::Switch;
        let in_switch = matches!(attempt.kept, Kept::PanelAndSwitch | Kept::Switch);
        let engaged = outcome.engaged(in_panel, in_switch);
        let mut flags = flag::COUNTED | flag::LEG;
        if attempt.test {
            flags |= flag::TEST;
        } else {
            flags |= flag::CALL;
            let when = |yes: bool, flag: u32| if yes { flag } else { 0 };
            flags |= when(outcome.answered(), flag::ANSWERED)
                | when(engaged, flag::ENGAGED)
                | when(outcome.unclear(in_panel, in_switch), flag::UNCLEAR)
                | when(in_panel && outcome.captured(), flag::CODE)
                | when(attempt.called.id.is_some(), flag::NUMBER);
            note(attempt, engaged, in_panel, seen);
            if let Some(id) = attempt.called.id {
                seen.tell(CallToReporter {
                    id,
                    started: match started {
                        Started::At(at) => Some(at),
                        Started::ZeroDate | Started::Gap(_) => None,
                    },
                    engaged,
                });
            }
        }
        let leg = if self.draw.chance(dirt) {
            Leg::Unknown
        } else {
            Leg::Target
        };
        let posed = match (&attempt.presented, started) {
            (Presented::Word(_) | Presented::Null, _) => 0,
            (&Presented::Shown(shown), Started::At(_)) => {
                plan.organisations.posed_as(shown, Some(day))
            }
            (&Presented::Shown(shown), Started::ZeroDate | Started::Gap(_)) => {
                plan.organisations.posed_as(shown, None)
            }
        };
        let number = attempt.called.id.map(|id| plan.pool.number(id));
        let record = Record {
            at: 0,
            len: 0,
            flags,
            region: attempt.called.region,
            posed,
        };
        let leg = LegOf {
            leg,
            at: attempt.at,
            number,
            outcome,
            record,
        };
        let twice = outside_switch && attempt.kept == Kept::Panel && self.draw.chance(dirt);
        let place = self.write_leg(attempt, &leg, started, twice);
        if let Some((subject, deciding)) = attempt.subject {
            self.tracked.push(TrackedCall {
                subject,
                deciding,
                leg_id: leg_id(attempt, leg.leg),
                account: attempt.account,
                at: attempt.at,
                called: attempt.called.id.unwrap_or(0),
                shown: match attempt.presented {
                    Presented::Shown(shown) => Some(shown),
                    Presented::Word(_) | Presented::Null => None,
                },
                posed,
                talk_s: outcome.talk_s.unsigned_abs(),
                place,
            });
        }
    }

    /// Writes a leg into every exhibit that keeps it; `twice` if its key is there twice. Returns the
    /// place of the row that counts.
    fn write_leg(
        &mut self,
        attempt: &Attempt<'_>,
        leg: &LegOf,
        started: Started,
        twice: bool,
    ) -> Place {
        let jitter_s = i64::from(self.draw.below(3)) - 1;
        let mut place: Place = (Exhibit::Switch, 0, 0);
        if matches!(attempt.kept, Kept::PanelAndSwitch | Kept::Switch) {
            place = self.write_switch(attempt, leg, jitter_s);
        } else if attempt.at >= SWITCH_FROM {
            self.overlap.only_panel += 1;
        }
        if attempt.kept == Kept::Switch {
            return place;
        }
        let dialled_form = self.write_dialled(leg);
        let shown_form = self.write_shown(attempt);
        let trunks: [&'static [u8]; 3] = [b"gw-ams-1", b"gw-ams-2", b"gw-kbp"];
        let mut trunk = *self.draw.pick(&trunks);
        let status_null = self.draw.chance(attempt.plan.size.dirt_per_10k);
        let unanswered_null = self.draw.chance(5_000);
        if twice {
            let place = self.push_panel_row(attempt, leg, started, b"gw-old", status_null, false);
            self.remember(
                Exhibit::Panel,
                place,
                Record {
                    flags: flag::LEG,
                    ..leg.record
                },
            );
            self.dirt
                .add(Dirt::DuplicateKey, (Exhibit::Panel, place.0, place.1));
        }
        let in_backup = matches!(attempt.kept, Kept::PanelAndBackup | Kept::Backup);
        if in_backup {
            let at = self.push_backup_row(attempt, leg, started, status_null, unanswered_null);
            place = (Exhibit::Backup, at.0, at.1);
            let only = attempt.kept == Kept::Backup;
            let flags = if only { leg.record.flags } else { flag::LEG };
            self.remember(
                Exhibit::Backup,
                at,
                Record {
                    flags,
                    ..leg.record
                },
            );
            self.overlap.only_backup += u64::from(only);
            self.overlap.backup_and_panel += u64::from(!only);
            let kind = if only {
                Dirt::OnlyInBackup
            } else {
                Dirt::DuplicateAcrossExhibits
            };
            self.dirt.add(kind, place);
            trunk = b"gw-ams-2";
        }
        if attempt.kept != Kept::Backup {
            let at =
                self.push_panel_row(attempt, leg, started, trunk, status_null, unanswered_null);
            place = (Exhibit::Panel, at.0, at.1);
            self.remember(Exhibit::Panel, at, leg.record);
        }
        for form in [Some(dialled_form), Some(shown_form)]
            .into_iter()
            .flatten()
            .flatten()
        {
            self.dirt.add(form, place);
        }
        self.note_dirt(leg, started, status_null, place);
        place
    }

    fn note_dirt(&mut self, leg: &LegOf, started: Started, status_null: bool, place: Place) {
        let repeated = OVERLAP.0 <= leg.at && leg.at < OVERLAP.1;
        let kinds = [
            (Dirt::ZeroDate, matches!(started, Started::ZeroDate)),
            (Dirt::DstGap, matches!(started, Started::Gap(_))),
            (
                Dirt::DstOverlap,
                repeated && matches!(started, Started::At(_)),
            ),
            (Dirt::NegativeDuration, leg.outcome.panel_s < 0),
            (Dirt::BilledRounded, leg.outcome.billed),
            (Dirt::StatusNull, status_null),
            (Dirt::UnknownLeg, leg.leg == Leg::Unknown),
        ];
        for (kind, there) in kinds {
            if there {
                self.dirt.add(kind, place);
            }
        }
    }

    /// Puts the called number as the panel has it into the buffer, and says how dirty it is.
    fn write_dialled(&mut self, leg: &LegOf) -> Option<Dirt> {
        self.dialled.clear();
        let Some(number) = leg.number else {
            if self.draw.chance(8_000) {
                self.dialled
                    .extend_from_slice(self.draw.pick::<&[u8]>(&IMPOSSIBLE));
                return Some(Dirt::ImpossibleCalled);
            }
            return Some(Dirt::CalledNull);
        };
        let form = Form::drawn(&mut self.draw);
        push_number(&mut self.dialled, number, form).dirt()
    }

    /// Puts the presented number as the panel has it into the buffer.
    fn write_shown(&mut self, attempt: &Attempt<'_>) -> Option<Dirt> {
        self.shown.clear();
        match attempt.presented {
            Presented::Shown(shown) => {
                let number = attempt.plan.organisations.number(shown);
                let form = Form::drawn(&mut self.draw);
                push_number(&mut self.shown, number, form).dirt()
            }
            Presented::Word(word) => {
                self.shown.extend_from_slice(word);
                let letters = word.iter().all(u8::is_ascii_alphabetic);
                let withheld = [&b"anonymous"[..], b"Restricted", b""].contains(&word);
                Some(if letters && !withheld {
                    Dirt::Alphanumeric
                } else {
                    Dirt::Withheld
                })
            }
            Presented::Null => Some(Dirt::PresentedNull),
        }
    }

    fn push_panel_row(
        &mut self,
        attempt: &Attempt<'_>,
        leg: &LegOf,
        started: Started,
        trunk: &'static [u8],
        status_null: bool,
        unanswered_null: bool,
    ) -> (u64, u32) {
        let (out, statements) = &mut self.panel;
        let at = statements.begin_row(out);
        let row = (&*self.shown, &*self.dialled);
        call_row(
            attempt,
            leg,
            started,
            row,
            trunk,
            (status_null, unanswered_null),
        )
        .push(out);
        (at as u64, (out.len() - at) as u32)
    }

    fn push_backup_row(
        &mut self,
        attempt: &Attempt<'_>,
        leg: &LegOf,
        started: Started,
        status_null: bool,
        unanswered_null: bool,
    ) -> (u64, u32) {
        let (out, statements) = &mut self.backup;
        let at = statements.begin_row(out);
        let row = (&*self.shown, &*self.dialled);
        let nulls = (status_null, unanswered_null);
        call_row(attempt, leg, started, row, b"gw-old", nulls).push(out);
        (at as u64, (out.len() - at) as u32)
    }

    fn write_switch(&mut self, attempt: &Attempt<'_>, leg: &LegOf, jitter_s: i64) -> Place {
        let plan = attempt.plan;
        let organisations = &plan.organisations;
        self.shown.clear();
        self.dialled.clear();
        let mut name = "";
        match attempt.presented {
            Presented::Shown(shown) => {
                push_number(&mut self.shown, organisations.number(shown), Form::Plus);
                let set = organisations.set(leg.record.posed);
                name = set
                    .first()
                    .map_or("", |&organisation| Organisations::name(organisation));
            }
            Presented::Word(word) => self.shown.extend_from_slice(word),
            Presented::Null => {}
        }
        if let Some(number) = leg.number {
            push_number(&mut self.dialled, number, Form::Plus);
        }
        let only = attempt.kept == Kept::Switch;
        let mut record = Record {
            flags: flag::LEG,
            ..leg.record
        };
        if only {
            // Nothing but the switch's own record counts: its time decides whose number it was.
            record.flags = leg.record.flags;
            if let Presented::Shown(shown) = attempt.presented
                && leg.leg != Leg::User
                && leg.leg != Leg::Transfer
            {
                let day = (leg.at + jitter_s).div_euclid(DAY_S);
                record.posed = organisations.posed_as(shown, Some(day));
            }
        }
        let at = self.switch.len();
        SwitchRow {
            leg_id: leg_id(attempt, leg.leg),
            account_id: attempt.account + 1,
            shown: &self.shown,
            called: &self.dialled,
            context: leg.leg.in_switch(),
            name,
            start: leg.at + CLOCK_AHEAD_S + jitter_s,
            ring_s: leg.outcome.ring_s,
            talk_s: leg.outcome.talk_s,
            disposition: leg.outcome.ending.in_switch(),
            answered: leg.outcome.answered(),
        }
        .push(&mut self.switch);
        let place = (at as u64, (self.switch.len() - at) as u32);
        self.switch.push(b'\n');
        self.remember(Exhibit::Switch, place, record);
        let row = (Exhibit::Switch, place.0, place.1);
        self.dirt.add(Dirt::ClockSkew, row);
        if only {
            self.dirt.add(Dirt::OnlyInSwitch, row);
            self.overlap.only_switch += 1;
        } else {
            self.overlap.panel_and_switch += 1;
        }
        if self.tear {
            self.tear = false;
            let torn = (self.switch.len() as u64, TORN.len() as u32);
            self.switch.extend_from_slice(TORN);
            self.remember(
                Exhibit::Switch,
                torn,
                Record {
                    flags: flag::REJECT,
                    ..leg.record
                },
            );
            self.dirt
                .add(Dirt::TornRecord, (Exhibit::Switch, torn.0, torn.1));
            self.switch.push(b'\n');
        }
        row
    }

    fn remember(&mut self, exhibit: Exhibit, place: (u64, u32), record: Record) {
        let record = Record {
            at: place.0,
            len: place.1 as u16,
            ..record
        };
        self.records[exhibit as usize].push(record);
    }
}

fn leg_id(attempt: &Attempt<'_>, leg: Leg) -> u64 {
    attempt.index * 3 + leg.place() + 1
}

/// Notes what a call touched.
fn note(attempt: &Attempt<'_>, engaged: bool, in_panel: bool, seen: &mut Seen) {
    if in_panel {
        seen.active.set(attempt.account);
    }
    let Some(id) = attempt.called.id else { return };
    seen.called.set(id);
    if engaged && attempt.called.region == 0 {
        seen.engaged.set(id);
        let account = &attempt.plan.ledger.accounts[attempt.account as usize];
        if in_panel && account.is_priority() {
            seen.by_priority.set(id);
        }
    }
}

fn call_row<'a>(
    attempt: &Attempt<'_>,
    leg: &LegOf,
    started: Started,
    (shown, dialled): (&'a [u8], &'a [u8]),
    trunk: &'static [u8],
    (status_null, unanswered_null): (bool, bool),
) -> CallRow<'a> {
    let outcome = &leg.outcome;
    let mode = if leg.leg == Leg::User {
        Mode::Live
    } else {
        outcome.mode
    };
    CallRow {
        leg_id: leg_id(attempt, leg.leg),
        call_ref: scrambled(attempt.plan.seed, attempt.index),
        leg: leg.leg.in_panel(),
        account_id: attempt.account + 1,
        shown: (!matches!(attempt.presented, Presented::Null)).then_some(shown),
        dialled: (!dialled.is_empty()).then_some(dialled),
        started,
        answered_at: outcome.answered().then_some(leg.at + outcome.ring_s),
        unanswered_null,
        duration_s: outcome.panel_s,
        machine_s: outcome.machine_s,
        billed: outcome.billed,
        mode: if attempt.test && outcome.mode == Mode::Test {
            Mode::Test
        } else {
            mode
        }
        .in_panel(),
        code: outcome.code,
        status: (!status_null).then_some(outcome.ending.in_panel()),
        trunk,
    }
}

/// Turns an index into what looks like a random reference (S. Vigna's SplitMix64, one-to-one).
fn scrambled(seed: u64, index: u64) -> u64 {
    let mut z = (seed ^ index).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
