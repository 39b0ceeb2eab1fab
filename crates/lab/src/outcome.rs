//! What becomes of a call attempt: whether it is answered, by whom, and for how long.

use crate::draw::Draw;

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    Answered,
    NoAnswer,
    Busy,
    Failed,
}

impl Ending {
    /// The word in the service's table.
    pub(crate) const fn in_panel(self) -> &'static [u8] {
        match self {
            Self::Answered => b"ANSWER",
            Self::NoAnswer => b"NOANSWER",
            Self::Busy => b"BUSY",
            Self::Failed => b"CONGESTION",
        }
    }

    /// The word in Asterisk's records.
    pub(crate) const fn in_switch(self) -> &'static str {
        match self {
            Self::Answered => "ANSWERED",
            Self::NoAnswer => "NO ANSWER",
            Self::Busy => "BUSY",
            Self::Failed => "FAILED",
        }
    }
}

/// How the fraudster spoke.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Live,
    Recorded,
    Bot,
    Test,
}

impl Mode {
    pub(crate) const fn in_panel(self) -> &'static [u8] {
        match self {
            Self::Live => b"live",
            Self::Recorded => b"ivr",
            Self::Bot => b"bot",
            Self::Test => b"test",
        }
    }
}

/// What an attempt led to.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) ending: Ending,
    pub(crate) mode: Mode,
    pub(crate) ring_s: i64,
    /// What the switch measured.
    pub(crate) talk_s: i64,
    /// What the panel recorded: seconds, or rounded up to minutes where `billed`.
    pub(crate) panel_s: i64,
    pub(crate) billed: bool,
    pub(crate) machine_s: Option<u32>,
    pub(crate) code: Option<bool>,
}

/// Talk time above which a call counts as engaged.
const ENGAGED_OVER_S: i64 = 60;

impl Outcome {
    pub(crate) fn answered(&self) -> bool {
        self.ending == Ending::Answered
    }

    pub(crate) fn captured(&self) -> bool {
        self.answered() && self.code == Some(true)
    }

    /// Whether the panel's row alone counts as engaged.
    fn engaged_in_panel(&self) -> bool {
        let talked_s = self.panel_s - i64::from(self.machine_s.unwrap_or(0));
        self.answered()
            && (self.captured() || (!self.billed && self.panel_s >= 0 && talked_s > ENGAGED_OVER_S))
    }

    /// Whether any version that was kept counts as engaged.
    pub(crate) fn engaged(&self, in_panel: bool, in_switch: bool) -> bool {
        let by_switch = self.answered() && self.talk_s > ENGAGED_OVER_S;
        (in_panel && self.engaged_in_panel()) || (in_switch && by_switch)
    }

    /// Whether somebody answered and no version says how long was talked.
    pub(crate) fn unclear(&self, in_panel: bool, in_switch: bool) -> bool {
        let talk_known = in_switch || !self.billed;
        self.answered() && !self.engaged(in_panel, in_switch) && !talk_known
    }

    /// Draws an outcome that counts as engaged, in all versions together, exactly when `engaged`.
    pub(crate) fn drawn(
        draw: &mut Draw,
        engaged: bool,
        in_switch: bool,
        dirt_per_10k: u32,
    ) -> Self {
        let ring_s = i64::from(draw.between(4, 25));
        let mut made = if engaged {
            Self::engaging(draw, in_switch)
        } else if draw.chance(4_200) {
            Self::short(draw, in_switch, dirt_per_10k)
        } else {
            let ending = match draw.below(10) {
                0..=5 => Ending::NoAnswer,
                6 | 7 => Ending::Busy,
                _ => Ending::Failed,
            };
            Self {
                ending,
                ..Self::talked(0, Mode::Live)
            }
        };
        made.ring_s = ring_s;
        // The switch now and then counts one second more, never across the rule's threshold.
        if made.answered() && made.talk_s != ENGAGED_OVER_S && draw.chance(1_000) {
            made.talk_s += 1;
        }
        made
    }

    const fn talked(talk_s: i64, mode: Mode) -> Self {
        Self {
            ending: Ending::Answered,
            mode,
            ring_s: 0,
            talk_s,
            panel_s: talk_s,
            billed: false,
            machine_s: None,
            code: None,
        }
    }

    fn engaging(draw: &mut Draw, in_switch: bool) -> Self {
        if draw.chance(400) {
            let bot = Self::talked(draw.between(20, 45).into(), Mode::Bot);
            return Self {
                code: Some(true),
                ..bot
            };
        }
        let talk_s = ENGAGED_OVER_S + 1 + i64::from(draw.long_tail(70, 5_400)) - 70;
        let mode = if draw.chance(1_000) {
            Mode::Recorded
        } else {
            Mode::Live
        };
        let made = Self::talked(talk_s, mode);
        match draw.below(100) {
            0..=2 => {
                let machine_s = draw.between(5, 25);
                let both_s = talk_s + i64::from(machine_s);
                Self {
                    machine_s: Some(machine_s),
                    talk_s: both_s,
                    panel_s: both_s,
                    ..made
                }
            }
            3..=10 if in_switch => Self {
                billed: true,
                panel_s: minutes_up(talk_s),
                ..made
            },
            11..=13 => Self {
                code: Some(true),
                ..made
            },
            _ => made,
        }
    }

    /// Answered, and not engaged by any version.
    fn short(draw: &mut Draw, in_switch: bool, dirt_per_10k: u32) -> Self {
        let talk_s = i64::from(draw.between(1, 60));
        let made = Self::talked(talk_s, Mode::Live);
        if draw.chance(dirt_per_10k) {
            return Self {
                panel_s: -i64::from(draw.between(1, 3_600)),
                ..made
            };
        }
        match draw.below(100) {
            // The switch cannot tell a machine from a person: where it kept a row, both are short.
            0..=11 if in_switch => Self {
                machine_s: Some(talk_s as u32),
                ..made
            },
            0..=11 => {
                let machine_s = draw.between(20, 180);
                let both_s = talk_s + i64::from(machine_s);
                Self {
                    machine_s: Some(machine_s),
                    talk_s: both_s,
                    panel_s: both_s,
                    ..made
                }
            }
            12..=19 => {
                let longer_s = if in_switch {
                    0
                } else {
                    i64::from(draw.long_tail(40, 1_500))
                };
                let talk_s = talk_s + longer_s;
                Self {
                    billed: true,
                    talk_s,
                    panel_s: minutes_up(talk_s),
                    ..made
                }
            }
            20..=29 => Self {
                mode: Mode::Bot,
                code: Some(false),
                ..made
            },
            30..=39 => Self {
                mode: Mode::Recorded,
                ..made
            },
            _ => made,
        }
    }
}

fn minutes_up(seconds: i64) -> i64 {
    (seconds + 59) / 60 * 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Purpose;

    #[test]
    fn an_outcome_is_engaged_exactly_when_planned() {
        let mut draw = Draw::new(1, Purpose::Calls, 0);
        for turn in 0..40_000 {
            let (engaged, in_switch) = (turn % 2 == 0, turn % 4 < 2);
            let made = Outcome::drawn(&mut draw, engaged, in_switch, 100);
            assert_eq!(made.engaged(true, in_switch), engaged);
            assert!(!made.unclear(true, in_switch) || (made.billed && !in_switch));
            if in_switch && !made.captured() {
                assert_eq!(made.engaged(false, true), engaged);
            }
        }
    }
}
