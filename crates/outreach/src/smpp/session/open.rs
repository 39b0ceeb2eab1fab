//! Messages that were begun: what of their parts is known, and what follows from it.
//!
//! | parts | the message |
//! |---|---|
//! | all accepted | accepted |
//! | none handed out | unsent |
//! | none accepted or lost, one refused for good | refused |
//! | none accepted or lost, the others refused for now | deferred |
//! | all that were handed out lost | unknown, with the reason |
//! | anything else | unknown: `partly` |

use std::collections::BTreeSet;

use crate::Answer;
use crate::smpp::receipt::written;
use crate::smpp::status::{self, Verdict};

/// A place for an open message.
pub(super) type Slot = usize;

#[derive(Debug)]
struct Open {
    key: u64,
    total: u8,
    /// Parts that may still be handed out.
    to_come: u8,
    waiting: u8,
    accepted: u8,
    lost: u8,
    /// The worst refusal.
    refused: Option<(Verdict, u32)>,
    /// Ids by part.
    ids: Ids,
    is_told_unknown: bool,
}

#[derive(Debug)]
enum Ids {
    One(String),
    Several(Vec<String>),
}

/// The open messages of a session.
#[derive(Debug, Default)]
pub(super) struct Opens {
    slots: Vec<Option<Open>>,
    free: Vec<Slot>,
    awaited: usize,
}

impl Opens {
    /// Returns how many there are, those included that were called unknown and may still be answered.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Returns how many have not been told of.
    pub(super) fn awaited(&self) -> usize {
        self.awaited
    }

    pub(super) fn all(&self) -> BTreeSet<Slot> {
        let taken = self.slots.iter().enumerate();
        taken
            .filter(|(_, open)| open.is_some())
            .map(|(slot, _)| slot)
            .collect()
    }

    pub(super) fn begin(&mut self, key: u64, total: u8) -> Slot {
        let open = Open {
            key,
            total,
            to_come: total,
            waiting: 0,
            accepted: 0,
            lost: 0,
            refused: None,
            ids: if total == 1 {
                Ids::One(String::new())
            } else {
                Ids::Several(vec![String::new(); usize::from(total)])
            },
            is_told_unknown: false,
        };
        self.awaited += 1;
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.slots.get_mut(slot)
        {
            *place = Some(open);
            return slot;
        }
        self.slots.push(Some(open));
        self.slots.len() - 1
    }

    fn at(&mut self, slot: Slot) -> Option<&mut Open> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// A part was handed out.
    pub(super) fn handed_out(&mut self, slot: Slot) {
        if let Some(open) = self.at(slot) {
            open.to_come = open.to_come.saturating_sub(1);
            open.waiting += 1;
        }
    }

    /// No further part will be handed out.
    pub(super) fn nothing_more(&mut self, slot: Slot) {
        if let Some(open) = self.at(slot) {
            open.to_come = 0;
        }
    }

    /// A part that was handed out never left.
    pub(super) fn withdrawn(&mut self, slot: Slot, is_late: bool) {
        if let Some(open) = self.at(slot) {
            if is_late {
                open.lost = open.lost.saturating_sub(1);
            } else {
                open.waiting = open.waiting.saturating_sub(1);
            }
        }
    }

    /// A part that was handed out has no answer.
    pub(super) fn lost(&mut self, slot: Slot) {
        if let Some(open) = self.at(slot) {
            open.waiting = open.waiting.saturating_sub(1);
            open.lost += 1;
            open.to_come = 0;
        }
    }

    /// A part was answered. Returns the key and the part's id where it is one of several and was
    /// accepted.
    pub(super) fn answered(
        &mut self,
        slot: Slot,
        part: u8,
        is_late: bool,
        status: u32,
        id: &[u8],
    ) -> Option<(u64, String)> {
        let open = self.at(slot)?;
        if is_late {
            open.lost = open.lost.saturating_sub(1);
        } else {
            open.waiting = open.waiting.saturating_sub(1);
        }
        let verdict = status::verdict(status);
        if verdict != Verdict::Accepted {
            open.refused = open.refused.max(Some((verdict, status)));
            open.to_come = 0;
            return None;
        }
        open.accepted += 1;
        match &mut open.ids {
            Ids::One(given) => *given = written(id),
            Ids::Several(ids) => {
                let given = ids.get_mut(usize::from(part))?;
                *given = written(id);
                return Some((open.key, given.clone()));
            }
        }
        None
    }

    /// Returns what became of a message, if that is known now and was not told.
    pub(super) fn conclude(&mut self, slot: Slot, why: &'static str) -> Option<(u64, Answer)> {
        let open = self.at(slot)?;
        if open.waiting > 0 || open.to_come > 0 {
            return None;
        }
        let key = open.key;
        let was_told = open.is_told_unknown;
        if open.accepted == open.total {
            let message_id = match &mut open.ids {
                Ids::One(id) => std::mem::take(id),
                Ids::Several(ids) if ids.iter().all(String::is_empty) => String::new(),
                Ids::Several(ids) => ids.join(","),
            };
            self.remove(slot);
            return Some((key, Answer::Accepted { message_id }));
        }
        if open.accepted > 0 || open.lost > 0 {
            let is_over = open.lost == 0;
            let is_partly = open.accepted > 0 || open.refused.is_some();
            open.is_told_unknown = true;
            if !was_told {
                self.awaited -= 1;
            }
            if is_over {
                self.remove(slot);
            }
            let why = if is_partly { "partly" } else { why };
            return (!was_told).then(|| (key, Answer::Unknown { why: why.into() }));
        }
        let refused = open.refused;
        self.remove(slot);
        let Some((verdict, status)) = refused else {
            // Nothing of it left. It may have been told unknown only if something did.
            return (!was_told).then_some((key, Answer::Unsent));
        };
        let code = status::name(status).into_owned();
        let answer = match verdict {
            // After it was called unknown it never goes back to the queue.
            Verdict::Throttled | Verdict::Suspicious if !was_told => Answer::Deferred {
                code,
                suspicious: verdict == Verdict::Suspicious,
            },
            Verdict::Throttled | Verdict::Suspicious | Verdict::Refused | Verdict::Accepted => {
                Answer::Refused { code }
            }
        };
        Some((key, answer))
    }

    fn remove(&mut self, slot: Slot) {
        if let Some(open) = self.slots.get_mut(slot).and_then(Option::take) {
            if !open.is_told_unknown {
                self.awaited -= 1;
            }
            self.free.push(slot);
        }
    }

    /// The connection is gone, and with it whatever could still be answered.
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.free.clear();
        self.awaited = 0;
    }
}
