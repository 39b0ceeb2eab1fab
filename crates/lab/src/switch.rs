//! How the telephone switch's `Master.csv` is written: Asterisk's `cdr_csv`, 18 columns.

use crate::clock::{UtcS, push_datetime, push_decimal};

/// Seconds that the switch's clock ran ahead.
pub(crate) const CLOCK_AHEAD_S: i64 = 37;

/// A record of the switch. Times are by the switch's own clock.
pub(crate) struct SwitchRow<'a> {
    pub(crate) leg_id: u64,
    pub(crate) account_id: u32,
    pub(crate) shown: &'a [u8],
    pub(crate) called: &'a [u8],
    pub(crate) context: &'static str,
    pub(crate) name: &'a str,
    pub(crate) start: UtcS,
    pub(crate) ring_s: i64,
    pub(crate) talk_s: i64,
    pub(crate) disposition: &'static str,
    pub(crate) answered: bool,
}

impl SwitchRow<'_> {
    /// Appends the record without its line end.
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        push_decimal(out, self.account_id.into());
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(self.shown);
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(self.called);
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(self.context.as_bytes());
        out.extend_from_slice(b"\",\"\"\"");
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(b"\"\" <");
        out.extend_from_slice(self.shown);
        out.extend_from_slice(b">\",\"SIP/panel-");
        push_short_hex(out, self.leg_id);
        out.extend_from_slice(b"\",\"SIP/gw1-");
        push_short_hex(out, self.leg_id + 1);
        out.extend_from_slice(b"\",\"Dial\",\"SIP/gw1/");
        out.extend_from_slice(self.called);
        out.extend_from_slice(b",60\",\"");
        push_datetime(out, self.start);
        out.extend_from_slice(b"\",\"");
        let answer = self.start + self.ring_s;
        if self.answered {
            push_datetime(out, answer);
        }
        out.extend_from_slice(b"\",\"");
        let talk_s = if self.answered { self.talk_s } else { 0 };
        push_datetime(out, answer + talk_s);
        out.extend_from_slice(b"\",");
        push_decimal(out, (self.ring_s + talk_s).unsigned_abs());
        out.push(b',');
        push_decimal(out, talk_s.unsigned_abs());
        out.extend_from_slice(b",\"");
        out.extend_from_slice(self.disposition.as_bytes());
        out.extend_from_slice(b"\",\"DOCUMENTATION\",\"");
        push_decimal(out, self.start.unsigned_abs());
        out.push(b'.');
        push_decimal(out, self.leg_id);
        out.extend_from_slice(b"\",\"\"");
    }
}

fn push_short_hex(out: &mut Vec<u8>, value: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for shift in (0..8).rev() {
        out.push(DIGITS[(value >> (shift * 4)) as usize & 15]);
    }
}

/// A record that a power cut left incomplete: three of 18 columns.
pub(crate) const TORN: &[u8] = b"\"17\",\"anonymous\",\"+447408700000\"";
