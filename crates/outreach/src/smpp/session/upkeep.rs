//! What a session does as time passes: hands messages out, gives up waiting, asks whether the centre
//! is still there.

use super::{ENOUGH_WAITING, End, Flight, Head, Session, State};
use crate::Answer;
use crate::smpp::compose;
use crate::smpp::pdu::{Body, Pdu};
use crate::smpp::session::Told;

impl Session {
    /// Does what is due. `wall_us` tells how long a message may still be tried.
    pub fn turn(&mut self, now_ms: u64, wall_us: i64) {
        self.is_paused = self.pace.is_paused(now_ms);
        match self.state {
            State::Closed | State::Ended(_) => return,
            State::Binding { until_ms, .. } => {
                if now_ms >= until_ms {
                    self.fault("no answer to the bind".into());
                }
                return;
            }
            State::Leaving { until_ms, is_ours } => {
                self.give_up_waiting(now_ms);
                // Answers may come in until then.
                let is_done = !is_ours && !self.is_waiting() && self.unwritten().is_empty();
                if now_ms >= until_ms || is_done {
                    self.state = State::Ended(End::Unbound);
                }
                return;
            }
            State::Bound => {}
        }
        self.give_up_waiting(now_ms);
        self.look_after_line(now_ms);
        if self.state == State::Bound {
            self.hand_out(now_ms, wall_us);
        }
    }

    /// Returns when [`Self::turn`] has something to do, if nothing else happens.
    #[must_use]
    pub fn next_ms(&self, now_ms: u64) -> Option<u64> {
        match self.state {
            State::Closed => None,
            State::Ended(_) => Some(now_ms),
            State::Binding { until_ms, .. } | State::Leaving { until_ms, .. } => Some(until_ms),
            State::Bound => {
                let mut next_ms = self
                    .enquire_at_ms
                    .min(self.heard_ms.saturating_add(self.settings.inactivity_ms));
                if let Some((sent_ms, _)) = self.by_time.front() {
                    next_ms = next_ms.min(sent_ms.saturating_add(self.settings.response_ms));
                }
                if self.is_paused || self.has_something_to_hand_out() {
                    next_ms = next_ms.min(self.pace.next_ms(now_ms));
                }
                Some(next_ms)
            }
        }
    }

    fn has_something_to_hand_out(&self) -> bool {
        if self.is_stopped || self.unwritten().len() >= ENOUGH_WAITING {
            return false;
        }
        match &self.head {
            Some(head) => self.has_room_for(head.composed.total(), head.written),
            None => !self.queue.is_empty(),
        }
    }

    /// A text is begun only where all its parts have room, so that hardly ever half of it is out.
    fn has_room_for(&self, total: u8, written: u8) -> bool {
        let out = self.flights.len();
        out == 0
            || if written == 0 {
                out + usize::from(total) <= self.allowed
            } else {
                out < self.allowed
            }
    }

    fn give_up_waiting(&mut self, now_ms: u64) {
        let mut gave_up = false;
        while let Some((sent_ms, sequence)) = self.by_time.front().copied() {
            let is_due = now_ms >= sent_ms.saturating_add(self.settings.response_ms);
            match self.flights.get_mut(&sequence) {
                Some(flight) if flight.sent_ms == sent_ms && !flight.is_late => {
                    if !is_due {
                        break;
                    }
                    if flight.start >= self.out.written() {
                        // The socket has taken nothing for so long: nothing was asked that could
                        // have been answered.
                        self.fault("the line takes no more".into());
                        return;
                    }
                    flight.is_late = true;
                    let slot = flight.slot;
                    gave_up = true;
                    self.by_time.pop_front();
                    self.was_lossy = true;
                    self.opens.lost(slot);
                    self.head
                        .take_if(|head| head.written > 0 && head.slot == slot);
                    self.conclude(slot, "timeout");
                }
                // Answered meanwhile.
                _ => {
                    self.by_time.pop_front();
                }
            }
        }
        // A centre that answers nothing gets nothing more over this line.
        let all_late = self.flights.len() >= self.allowed
            && self.flights.values().all(|flight| flight.is_late);
        if gave_up && all_late {
            self.fault("no answer to any message".into());
        }
    }

    fn look_after_line(&mut self, now_ms: u64) {
        if now_ms >= self.heard_ms.saturating_add(self.settings.inactivity_ms) {
            self.fault("nothing was heard for too long".into());
            return;
        }
        if now_ms < self.enquire_at_ms {
            return;
        }
        if self.enquired && !self.heard_since_enquiry {
            self.missed += 1;
        } else {
            self.missed = 0;
        }
        if self.missed >= 2 {
            self.fault("two enquiries without an answer".into());
            return;
        }
        let sequence = self.next_sequence();
        self.write(&Pdu::request(sequence, Body::EnquireLink));
        (self.enquired, self.heard_since_enquiry) = (true, false);
        self.enquire_at_ms = now_ms.saturating_add(self.settings.enquire_ms);
    }

    fn hand_out(&mut self, now_ms: u64, wall_us: i64) {
        while !self.is_stopped && !self.is_mute && self.unwritten().len() < ENOUGH_WAITING {
            let Some(mut head) = self.next_head() else {
                return;
            };
            let total = head.composed.total();
            let message = &head.composed.message;
            let (key, expires_us) = (message.key, message.expires_us);
            let validity = compose::validity(expires_us, wall_us);
            let has_begun = head.written > 0;
            let Some(validity) = validity.or(has_begun.then_some(*b"000000000001000R")) else {
                // Its window is over.
                self.tell_unsent(key);
                continue;
            };
            if !self.has_room_for(total, head.written) || !self.pace.is_ready(now_ms) {
                self.head = Some(head);
                return;
            }
            let sequence = self.next_sequence();
            let start = self.out.end();
            let compose = &self.settings.compose;
            let number = head.written + 1;
            let written = self
                .out
                .write(|out| compose.write(&head.composed, number, sequence, &validity, out));
            if let Err(why) = written {
                self.cannot_be_written(&head, why.to_string());
                continue;
            }
            if !has_begun {
                head.slot = self.opens.begin(key, total);
                if total > 1 {
                    let to = head.composed.message.to.clone();
                    let of = total;
                    self.told.push(Told::PartsBegun { key, of, to });
                }
            }
            self.pace.take();
            self.opens.handed_out(head.slot);
            self.flights.insert(
                sequence,
                Flight {
                    slot: head.slot,
                    part: head.written,
                    start,
                    end: self.out.end(),
                    sent_ms: now_ms,
                    is_late: false,
                },
            );
            self.by_time.push_back((now_ms, sequence));
            head.written += 1;
            if head.written < total {
                self.head = Some(head);
            }
        }
    }

    fn next_head(&mut self) -> Option<Head> {
        if let Some(head) = self.head.take() {
            return Some(head);
        }
        loop {
            let message = self.queue.pop_front()?;
            match self.settings.compose.compose(message) {
                Ok(composed) => {
                    return Some(Head {
                        composed,
                        slot: 0,
                        written: 0,
                    });
                }
                Err((key, why)) => {
                    let code = unspoof_model::Coded::code(&why).into();
                    self.told.push(Told::Answered {
                        key,
                        answer: Answer::Refused { code },
                    });
                }
            }
        }
    }

    /// A message that the protocol cannot carry, such as one with a zero octet in the number.
    fn cannot_be_written(&mut self, head: &Head, why: String) {
        if head.written > 0 {
            self.opens.nothing_more(head.slot);
            self.conclude(head.slot, "partly");
        } else {
            self.told.push(Told::Answered {
                key: head.composed.message.key,
                answer: Answer::Refused {
                    code: "outreach/text-unsendable".into(),
                },
            });
        }
        self.notice(&why);
    }
}
