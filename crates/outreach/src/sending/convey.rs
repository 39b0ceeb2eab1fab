//! Between ledger and sender: a claimed row becomes a message, answers and receipts become the ledger's.

use unspoof_model::UtcMicros;
use unspoof_numbers::PhoneNumber;
use unspoof_store::ledger::{Answered, Claimed, ReceiptIn, Recipient, Said};

use crate::OutreachError;
use crate::approval::Use;
use crate::package::Opened;
use crate::sender::{Answer, Message, Receipt, ReceiptState};

/// The first wait after a deferral, in microseconds; it doubles up to [`LONGEST_WAIT_US`].
const FIRST_WAIT_US: i64 = 1_000_000;
const LONGEST_WAIT_US: i64 = 30_000_000;
/// How often a message with a suspicious refusal is planned again.
const SUSPICIOUS_AGAIN: u32 = 2;
/// Of a message under way: how often it was deferred, and how often suspiciously.
#[derive(Clone, Copy)]
pub(super) struct UnderWay {
    pub(super) deferred: u32,
    pub(super) suspicious: u32,
}

/// Makes the message of a claimed row, or says why it does not leave now.
pub(super) fn message(
    opened: &Opened,
    row: &Claimed,
    now_us: UtcMicros,
) -> Result<Result<Message, Answered>, OutreachError> {
    let plan = opened.plan();
    let (Some(recipient), Some(hash), Some(text)) = (
        opened.recipient(row.key),
        opened.hash(row.key),
        opened.text(row.key),
    ) else {
        return Err(OutreachError::OtherPlan { key: row.key });
    };
    if hash.0 != row.recipient.0 || u32::from(recipient.text) != row.text {
        return Err(OutreachError::OtherPlan { key: row.key });
    }
    let is_rehearsal = opened.approved().opened_for() == Use::Rehearsal;
    let expires_us = if is_rehearsal {
        plan.window.until_utc
    } else if plan.is_open(recipient.clock, now_us) {
        let open_until = plan.open_until(recipient.clock, now_us);
        open_until.unwrap_or(plan.window.until_utc)
    } else {
        // It is night where this number is.
        return Ok(Err(match plan.next_open(recipient.clock, now_us) {
            Some(not_before_us) => Answered::Deferred {
                code: "night".to_owned(),
                suspicious: false,
                not_before_us,
            },
            None => Answered::Refused {
                code: "window-over".to_owned(),
            },
        }));
    };
    Ok(Ok(Message {
        key: row.key,
        to: recipient.digits(),
        text,
        reference: row.reference.clone(),
        expires_us,
    }))
}

/// Says to the ledger what a sender answered. What is suspicious comes back a few times and no more.
pub(super) fn answered(answer: Answer, under_way: Option<UnderWay>, now_us: UtcMicros) -> Answered {
    match answer {
        Answer::Accepted { message_id } => Answered::Accepted { message_id },
        Answer::Refused { code } => Answered::Refused { code },
        Answer::Unknown { why } => Answered::Unknown { why },
        Answer::Unsent => Answered::Unsent,
        Answer::Deferred { code, suspicious } => {
            let before = under_way.map_or((0, 0), |of| (of.deferred, of.suspicious));
            if suspicious && before.1 >= SUSPICIOUS_AGAIN {
                return Answered::Refused { code };
            }
            let wait_us = FIRST_WAIT_US
                .checked_shl(before.0.min(10))
                .unwrap_or(LONGEST_WAIT_US);
            Answered::Deferred {
                code,
                suspicious,
                not_before_us: now_us + wait_us.min(LONGEST_WAIT_US),
            }
        }
    }
}

/// Says to the ledger what a receipt says; one that changes nothing says nothing.
pub(super) fn receipt(opened: &Opened, receipt: Receipt) -> Option<ReceiptIn> {
    let said = match receipt.state {
        ReceiptState::Underway => return None,
        ReceiptState::Delivered => Said::Delivered,
        ReceiptState::Undelivered => Said::Undelivered,
        ReceiptState::Expired => Said::Expired,
    };
    let number = receipt.to.as_ref().and_then(|digits| {
        let key = digits.trim_start_matches('+').parse().ok()?;
        PhoneNumber::from_key(key).ok()
    });
    let recipients = opened.recipients();
    Some(ReceiptIn {
        key: receipt.key,
        recipient: number.map(|number| Recipient(recipients.key.hash(number).0)),
        message_ids: receipt.message_ids,
        said,
        code: receipt.code,
    })
}
