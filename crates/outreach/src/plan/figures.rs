//! What a plan comes to.

use serde::{Deserialize, Serialize};

/// What a plan comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Messages, one a recipient.
    pub messages: u64,
    /// Parts that they take; what operators count.
    pub parts: u64,
    /// Whole seconds that sending takes at the plan's rate, pauses left out.
    pub sending_s: u64,
    /// Seconds of pauses between stages that have recipients.
    pub pauses_s: u64,
    /// What it costs at the price that was given.
    pub cost: Option<Cost>,
}

/// Money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// In whole minor units such as pence, rounded half to even.
    pub minor: i64,
    /// The currency, such as `GBP`.
    pub currency: String,
    /// The price of a part, as it was given.
    pub price_per_part: String,
}

impl Figures {
    /// Returns the minutes that sending takes with its pauses, begun ones counted whole.
    #[must_use]
    pub fn minutes(&self) -> u64 {
        (self.sending_s + self.pauses_s).div_ceil(60)
    }
}
