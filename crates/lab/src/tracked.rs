//! Calls that the truth names one by one, with the place of the row that counts.

use crate::clock::UtcS;
use crate::dirt::Place;
use crate::record::Exhibit;

/// A call that the truth names.
#[derive(Clone, Copy)]
pub(crate) struct TrackedCall {
    /// The victim that it makes sure of; in hard mode, the episode that it belongs to.
    pub(crate) subject: u32,
    /// Whether it is the one in which the money went, if any did.
    pub(crate) deciding: bool,
    pub(crate) leg_id: u64,
    /// Index of the account.
    pub(crate) account: u32,
    pub(crate) at: UtcS,
    /// Id in the pool.
    pub(crate) called: u32,
    pub(crate) shown: Option<u16>,
    pub(crate) posed: u8,
    pub(crate) talk_s: u64,
    pub(crate) place: Place,
}

impl TrackedCall {
    /// Moves a chunk's place to where the chunk begins in its exhibit.
    pub(crate) fn moved(self, bases: &[u64; Exhibit::COUNT]) -> Self {
        let (exhibit, at, len) = self.place;
        Self {
            place: (exhibit, at + bases[exhibit as usize], len),
            ..self
        }
    }
}
