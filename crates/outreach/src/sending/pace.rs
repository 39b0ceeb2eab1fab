//! How many texts may leave in a second.

use crate::approval::Use;
use crate::package::Opened;

/// A token bucket of a second's texts.
pub(super) struct Tokens {
    rate_per_s: Option<u64>,
    thousandths: u64,
    at_ms: u64,
}

impl Tokens {
    /// The plan's rate. Only rehearsals and made-up records may do without.
    pub(super) fn of(opened: &Opened, is_unthrottled: bool, now_ms: u64) -> Self {
        let plan = opened.plan();
        let is_free =
            is_unthrottled && (plan.made_up || opened.approved().opened_for() == Use::Rehearsal);
        Self {
            rate_per_s: (!is_free).then_some(u64::from(plan.rate_per_s)),
            thousandths: 0,
            at_ms: now_ms,
        }
    }

    /// How many texts may leave now.
    pub(super) fn left(&mut self, now_ms: u64) -> usize {
        let Some(rate) = self.rate_per_s else {
            return usize::MAX;
        };
        let since_ms = now_ms.saturating_sub(self.at_ms);
        self.at_ms = now_ms;
        self.thousandths = (self.thousandths + since_ms * rate).min(rate * 1000);
        usize::try_from(self.thousandths / 1000).unwrap_or(usize::MAX)
    }

    /// So many leave.
    pub(super) fn take(&mut self, texts: usize) {
        self.thousandths = self.thousandths.saturating_sub(texts as u64 * 1000);
    }
}
