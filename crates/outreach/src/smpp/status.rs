//! What a message centre answers (`command_status`): names, and what follows from them.

use std::borrow::Cow;

/// What an answer to `submit_sm` means for the message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// The centre has it.
    Accepted,
    /// The centre did not take it, and is too busy: it may take it later.
    Throttled,
    /// The centre did not take it because of a fault of its own. It says so; but a centre in
    /// trouble is believed twice and no more.
    Suspicious,
    /// The centre did not take it and will not.
    Refused,
}

/// Accepted.
pub const ROK: u32 = 0x00;
/// A length that does not fit.
pub const RINVCMDLEN: u32 = 0x02;
/// A command that is not known.
pub const RINVCMDID: u32 = 0x03;
/// Bound already.
pub const RALYBND: u32 = 0x05;
/// The centre's own fault.
pub const RSYSERR: u32 = 0x08;
/// The bind failed.
pub const RBINDFAIL: u32 = 0x0d;
/// Wrong password.
pub const RINVPASWD: u32 = 0x0e;
/// Wrong system id.
pub const RINVSYSID: u32 = 0x0f;
/// The centre's queue is full.
pub const RMSGQFUL: u32 = 0x14;
/// Wrong system type.
pub const RINVSYSTYP: u32 = 0x53;
/// Faster than allowed.
pub const RTHROTTLED: u32 = 0x58;
/// A fault of the receiving side that passes.
pub const RX_T_APPN: u32 = 0x64;

/// Says what a status means for the message that was submitted.
#[must_use]
pub const fn verdict(status: u32) -> Verdict {
    match status {
        ROK => Verdict::Accepted,
        RTHROTTLED | RMSGQFUL => Verdict::Throttled,
        RSYSERR | RX_T_APPN => Verdict::Suspicious,
        _ => Verdict::Refused,
    }
}

/// Returns a status as the specifications name it; the number where they do not.
#[must_use]
pub fn name(status: u32) -> Cow<'static, str> {
    if let Ok(at) = NAMES.binary_search_by_key(&status, |(number, _)| *number)
        && let Some((_, name)) = NAMES.get(at)
    {
        return Cow::Borrowed(name);
    }
    Cow::Owned(match status {
        // Reserved for the centre's vendor (SMPP 3.4, 5.1.3).
        0x400..=0x4ff => format!("vendor {status:#05x}"),
        _ => format!("status {status:#010x}"),
    })
}

/// SMPP 3.4, table 5-2, and what 5.0 adds, by number.
const NAMES: [(u32, &str); 67] = [
    (0x00, "ESME_ROK"),
    (0x01, "ESME_RINVMSGLEN"),
    (0x02, "ESME_RINVCMDLEN"),
    (0x03, "ESME_RINVCMDID"),
    (0x04, "ESME_RINVBNDSTS"),
    (0x05, "ESME_RALYBND"),
    (0x06, "ESME_RINVPRTFLG"),
    (0x07, "ESME_RINVREGDLVFLG"),
    (0x08, "ESME_RSYSERR"),
    (0x0a, "ESME_RINVSRCADR"),
    (0x0b, "ESME_RINVDSTADR"),
    (0x0c, "ESME_RINVMSGID"),
    (0x0d, "ESME_RBINDFAIL"),
    (0x0e, "ESME_RINVPASWD"),
    (0x0f, "ESME_RINVSYSID"),
    (0x11, "ESME_RCANCELFAIL"),
    (0x13, "ESME_RREPLACEFAIL"),
    (0x14, "ESME_RMSGQFUL"),
    (0x15, "ESME_RINVSERTYP"),
    (0x33, "ESME_RINVNUMDESTS"),
    (0x34, "ESME_RINVDLNAME"),
    (0x40, "ESME_RINVDESTFLAG"),
    (0x42, "ESME_RINVSUBREP"),
    (0x43, "ESME_RINVESMCLASS"),
    (0x44, "ESME_RCNTSUBDL"),
    (0x45, "ESME_RSUBMITFAIL"),
    (0x48, "ESME_RINVSRCTON"),
    (0x49, "ESME_RINVSRCNPI"),
    (0x50, "ESME_RINVDSTTON"),
    (0x51, "ESME_RINVDSTNPI"),
    (0x53, "ESME_RINVSYSTYP"),
    (0x54, "ESME_RINVREPFLAG"),
    (0x55, "ESME_RINVNUMMSGS"),
    (0x58, "ESME_RTHROTTLED"),
    (0x61, "ESME_RINVSCHED"),
    (0x62, "ESME_RINVEXPIRY"),
    (0x63, "ESME_RINVDFTMSGID"),
    (0x64, "ESME_RX_T_APPN"),
    (0x65, "ESME_RX_P_APPN"),
    (0x66, "ESME_RX_R_APPN"),
    (0x67, "ESME_RQUERYFAIL"),
    (0xc0, "ESME_RINVOPTPARSTREAM"),
    (0xc1, "ESME_ROPTPARNOTALLWD"),
    (0xc2, "ESME_RINVPARLEN"),
    (0xc3, "ESME_RMISSINGOPTPARAM"),
    (0xc4, "ESME_RINVOPTPARAMVAL"),
    (0xfe, "ESME_RDELIVERYFAILURE"),
    (0xff, "ESME_RUNKNOWNERR"),
    (0x100, "ESME_RSERTYPUNAUTH"),
    (0x101, "ESME_RPROHIBITED"),
    (0x102, "ESME_RSERTYPUNAVAIL"),
    (0x103, "ESME_RSERTYPDENIED"),
    (0x104, "ESME_RINVDCS"),
    (0x105, "ESME_RINVSRCADDRSUBUNIT"),
    (0x106, "ESME_RINVDSTADDRSUBUNIT"),
    (0x107, "ESME_RINVBCASTFREQINT"),
    (0x108, "ESME_RINVBCASTALIAS_NAME"),
    (0x109, "ESME_RINVBCASTAREAFMT"),
    (0x10a, "ESME_RINVNUMBCAST_AREAS"),
    (0x10b, "ESME_RINVBCASTCNTTYPE"),
    (0x10c, "ESME_RINVBCASTMSGCLASS"),
    (0x10d, "ESME_RBCASTFAIL"),
    (0x10e, "ESME_RBCASTQUERYFAIL"),
    (0x10f, "ESME_RBCASTCANCELFAIL"),
    (0x110, "ESME_RINVBCAST_REP"),
    (0x111, "ESME_RINVBCASTSRVGRP"),
    (0x112, "ESME_RINVBCASTCHANIND"),
];

#[cfg(test)]
mod tests {
    use super::{NAMES, Verdict, name, verdict};

    #[test]
    fn names_are_found_and_numbers_told_where_there_is_none() {
        assert!(NAMES.is_sorted_by_key(|(number, _)| *number));
        for (number, named) in NAMES {
            assert_eq!(name(number), named);
        }
        assert_eq!(name(0x0412), "vendor 0x412");
        assert_eq!(name(0xffff_fffe), "status 0xfffffffe");
    }

    #[test]
    fn only_definite_refusals_that_pass_may_be_tried_again() {
        let again: Vec<u32> = (0..0x1000)
            .filter(|status| matches!(verdict(*status), Verdict::Throttled | Verdict::Suspicious))
            .collect();
        assert_eq!(again, [0x08, 0x14, 0x58, 0x64]);
        assert_eq!(verdict(0), Verdict::Accepted);
    }
}
