//! What a pair shares and what it could have shared, written as codes that are weighed later.

use crate::evidence::Kind;
use crate::index::{Entry, Index, NOBODY, OWN_MOST_ACCOUNTS};
use crate::work::in_chunks;
use crate::written::{names_alike, one_slip};

/// How two accounts' uses of one value lie in time, or how alike two addresses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Overlap {
    /// Both were seen with it within an hour.
    SameHour,
    /// Within a day.
    SameDay,
    /// The spans of time overlap.
    Spans,
    /// One had stopped before the other began, as with a thing that was sold on.
    Apart,
    /// No times are known.
    Unknown,
    /// E-mail only: the domain is the same too.
    SameDomain,
    /// E-mail only: at another domain.
    OtherDomain,
}

impl Overlap {
    pub(crate) const ALL: [Self; 7] = [
        Self::SameHour,
        Self::SameDay,
        Self::Spans,
        Self::Apart,
        Self::Unknown,
        Self::SameDomain,
        Self::OtherDomain,
    ];
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// Returns a few words for a reader.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SameHour => "within one hour",
            Self::SameDay => "within one day",
            Self::Spans => "in one span of time",
            Self::Apart => "one after the other",
            Self::Unknown => "times unknown",
            Self::SameDomain => "same domain",
            Self::OtherDomain => "other domain",
        }
    }
}

/// What one piece of evidence says of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// A value is shared.
    Shared { value: u32, overlap: Overlap },
    /// Both have values of a kind.
    Both {
        kind: Kind,
        /// 0..4: the smaller number of own values, 1, 2, 3–4, more.
        chances: u8,
        /// One that few accounts have is shared.
        shared: bool,
        /// None is shared, but they are alike but for a slip.
        alike: bool,
    },
}

/// [`Said`] in 32 bits.
#[derive(Clone, Copy)]
pub(crate) struct Code(u32);

const BOTH: u32 = 1 << 31;
const SHARED: u32 = 1 << 4;
const ALIKE: u32 = 1 << 5;

impl Code {
    fn new(said: Said) -> Self {
        match said {
            Said::Shared { value, overlap } => Self(value << 3 | overlap as u32),
            Said::Both {
                kind,
                chances,
                shared,
                alike,
            } => Self(
                BOTH | (kind as u32) << 8
                    | u32::from(chances)
                    | if shared { SHARED } else { 0 }
                    | if alike { ALIKE } else { 0 },
            ),
        }
    }

    pub(crate) fn said(self) -> Said {
        if self.0 & BOTH == 0 {
            Said::Shared {
                value: self.0 >> 3,
                overlap: Overlap::ALL[(self.0 & 7) as usize % Overlap::COUNT],
            }
        } else {
            Said::Both {
                kind: Kind::ALL[(self.0 >> 8 & 0xFF) as usize % Kind::COUNT],
                chances: (self.0 & 3) as u8,
                shared: self.0 & SHARED != 0,
                alike: self.0 & ALIKE != 0,
            }
        }
    }
}

/// Pairs with what is said of each.
pub(crate) struct Compared {
    pub(crate) pairs: Vec<(u32, u32)>,
    codes_from: Vec<usize>,
    codes: Vec<Code>,
}

/// Pairs are worked on in pieces of this many.
pub(crate) const PAIRS_A_PIECE: usize = 8192;

impl Compared {
    pub(crate) fn new(index: &Index, pairs: Vec<(u32, u32)>, threads: usize) -> Self {
        let pieces = pairs.len().div_ceil(PAIRS_A_PIECE);
        let done = in_chunks(threads, pieces, |piece| {
            let from = piece * PAIRS_A_PIECE;
            let to = pairs.len().min(from + PAIRS_A_PIECE);
            let mut codes = Vec::with_capacity(12 * (to - from));
            let lengths: Vec<usize> = pairs[from..to]
                .iter()
                .map(|&(a, b)| {
                    let before = codes.len();
                    compare(index, a, b, &mut codes);
                    codes.len() - before
                })
                .collect();
            (lengths, codes)
        });
        let mut codes_from = Vec::with_capacity(pairs.len() + 1);
        let mut codes = Vec::with_capacity(done.iter().map(|(_, codes)| codes.len()).sum());
        codes_from.push(0);
        for (lengths, more) in done {
            let mut at = codes.len();
            codes_from.extend(lengths.into_iter().map(|length| {
                at += length;
                at
            }));
            codes.extend(more);
        }
        Self {
            pairs,
            codes_from,
            codes,
        }
    }

    pub(crate) fn codes(&self, pair: usize) -> &[Code] {
        &self.codes[self.codes_from[pair]..self.codes_from[pair + 1]]
    }
}

/// Writes down what is said of one pair.
pub(crate) fn compare(index: &Index, a: u32, b: u32, codes: &mut Vec<Code>) {
    let bond = Bond::of(index, a, b);
    let mut own_shared = [false; Kind::COUNT];
    let mut any_shared = [false; Kind::COUNT];
    let (mut left, mut right) = (index.entries(a).iter(), index.entries(b).iter());
    let (mut one, mut other) = (left.next(), right.next());
    while let (Some(x), Some(y)) = (one, other) {
        if x.value < y.value {
            one = left.next();
        } else if x.value > y.value {
            other = right.next();
        } else {
            let kind = index.values[x.value as usize].kind;
            any_shared[kind.at()] = true;
            own_shared[kind.at()] |= index.degree(x.value) <= OWN_MOST_ACCOUNTS;
            if !bond.explains(index, kind, x.value) {
                let overlap = if kind == Kind::Email {
                    domains(index, a, b)
                } else {
                    overlap(index, x, y)
                };
                codes.push(Code::new(Said::Shared {
                    value: x.value,
                    overlap,
                }));
            }
            one = left.next();
            other = right.next();
        }
    }
    let (own_a, own_b) = (index.own(a), index.own(b));
    for kind in Kind::ALL {
        let at = kind.at();
        let Some(chances) = chances(own_a[at].min(own_b[at])) else {
            continue;
        };
        codes.push(Code::new(Said::Both {
            kind,
            chances,
            shared: own_shared[at],
            alike: !any_shared[at] && alike(index, kind, a, b),
        }));
    }
}

/// Returns the class of a number of own values: 1, 2, 3 and 4, more.
pub(crate) fn chances(own: u8) -> Option<u8> {
    match own {
        0 => None,
        1 => Some(0),
        2 => Some(1),
        3 | 4 => Some(2),
        _ => Some(3),
    }
}

/// Whether what both wrote differs by a slip.
pub(crate) fn alike(index: &Index, kind: Kind, a: u32, b: u32) -> bool {
    let (a, b) = (&index.written[a as usize], &index.written[b as usize]);
    match kind {
        Kind::Name => !a.name.is_empty() && !b.name.is_empty() && names_alike(a, b),
        Kind::Phone => matches!((&a.phone, &b.phone), (Some(a), Some(b)) if one_slip(a, b)),
        Kind::Email => matches!((&a.email, &b.email), (Some((_, a)), Some((_, b)))
            if a.len().min(b.len()) >= 6 && one_slip(a, b)),
        Kind::Ip
        | Kind::Device
        | Kind::PaymentSource
        | Kind::PayoutAddress
        | Kind::ReferralCode
        | Kind::Other
        | Kind::Username
        | Kind::Handle => false,
    }
}

/// Who made whom: what such accounts share because of it says nothing of who they are.
enum Bond {
    None,
    /// One made the other: payments and codes pass between them in the way of business.
    Made,
    /// One account made both: what they share with it, it brought along.
    Siblings(u32),
}

impl Bond {
    fn of(index: &Index, a: u32, b: u32) -> Self {
        let (of_a, of_b) = (index.parent[a as usize], index.parent[b as usize]);
        if of_a == b || of_b == a {
            Self::Made
        } else if of_a != NOBODY && of_a == of_b {
            Self::Siblings(of_a)
        } else {
            Self::None
        }
    }

    fn explains(&self, index: &Index, kind: Kind, value: u32) -> bool {
        let money = matches!(
            kind,
            Kind::PaymentSource | Kind::PayoutAddress | Kind::ReferralCode
        );
        match self {
            Self::None => false,
            Self::Made => money,
            Self::Siblings(parent) => money || index.has(*parent, value),
        }
    }
}

const HOUR_US: u64 = 3_600_000_000;

fn overlap(index: &Index, one: &Entry, other: &Entry) -> Overlap {
    let (one, other) = (index.times(one), index.times(other));
    let (Some(one_from), Some(one_to), Some(other_from), Some(other_to)) =
        (one.first(), one.last(), other.first(), other.last())
    else {
        return Overlap::Unknown;
    };
    let gap_us = closest(one, other);
    if gap_us <= HOUR_US {
        Overlap::SameHour
    } else if gap_us <= 24 * HOUR_US {
        Overlap::SameDay
    } else if one_from <= other_to && other_from <= one_to {
        Overlap::Spans
    } else {
        Overlap::Apart
    }
}

/// Returns the least distance between times of two sorted lists.
fn closest(one: &[i64], other: &[i64]) -> u64 {
    let (mut i, mut j, mut least) = (0, 0, u64::MAX);
    while let (Some(&x), Some(&y)) = (one.get(i), other.get(j)) {
        least = least.min(x.abs_diff(y));
        if x < y {
            i += 1;
        } else {
            j += 1;
        }
    }
    least
}

fn domains(index: &Index, a: u32, b: u32) -> Overlap {
    match (
        &index.written[a as usize].email,
        &index.written[b as usize].email,
    ) {
        (Some((a, _)), Some((b, _))) if a == b => Overlap::SameDomain,
        (Some(_), Some(_)) => Overlap::OtherDomain,
        (None, _) | (_, None) => Overlap::Unknown,
    }
}
