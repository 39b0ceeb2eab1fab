//! The states of a row and the steps between them.

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// Not sent, or back in the queue after a definite refusal.
    Planned,
    /// Claimed: it may be on its way.
    Intent,
    /// The other side has it.
    Accepted,
    /// The other side said no for good.
    Refused,
    /// Nobody knows. Never sent again by the machine.
    Unknown,
    /// A receipt says that it reached the handset.
    Delivered,
    /// A receipt says that it did not and will not.
    Undelivered,
    /// A receipt says that its time ran out.
    Expired,
    /// A person said what became of it.
    Settled,
    /// Taken from the plan by a signed removal list before it was ever claimed.
    Removed,
}

impl State {
    /// All states, by number.
    pub const ALL: [Self; 10] = [
        Self::Planned,
        Self::Intent,
        Self::Accepted,
        Self::Refused,
        Self::Unknown,
        Self::Delivered,
        Self::Undelivered,
        Self::Expired,
        Self::Settled,
        Self::Removed,
    ];

    /// Returns its name in listings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Intent => "intent",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Expired => "expired",
            Self::Settled => "settled",
            Self::Removed => "removed",
        }
    }

    /// Returns its number in the database.
    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What a receipt says, once and for all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Said {
    /// It reached the handset.
    Delivered,
    /// It did not and will not.
    Undelivered,
    /// Its time ran out.
    Expired,
}

impl Said {
    pub(crate) fn state(self) -> State {
        match self {
            Self::Delivered => State::Delivered,
            Self::Undelivered => State::Undelivered,
            Self::Expired => State::Expired,
        }
    }

    pub(crate) fn from_state(state: State) -> Option<Self> {
        [Self::Delivered, Self::Undelivered, Self::Expired]
            .into_iter()
            .find(|said| said.state() == state)
    }
}

/// What a person found out about a message that nobody knew of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// It arrived.
    Arrived,
    /// It did not arrive. Another campaign may tell this recipient.
    NotArrived,
    /// It cannot be found out. Counts as told.
    Open,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Arrived, Self::NotArrived, Self::Open];

    /// Returns its name in listings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::NotArrived => "not-arrived",
            Self::Open => "open",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}
