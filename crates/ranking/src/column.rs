//! One fact of all subjects, in as few bytes as most of its values take.

/// Values of one fact. Small ones lie in a narrow lane; the few that do not fit lie beside it, in
/// the order of their rows, and the lane holds its greatest value as a mark.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Byte {
        lane: Vec<u8>,
        over: Vec<(u32, u64)>,
    },
    Half {
        lane: Vec<u16>,
        over: Vec<(u32, u64)>,
    },
}

fn beside(over: &[(u32, u64)], row: usize) -> u64 {
    over.binary_search_by_key(&row, |&(at, _)| at as usize)
        .map_or(0, |at| over[at].1)
}

impl Column {
    /// Makes an empty column; a wide one for values that are seldom below 255. There is room for `rows`.
    pub(crate) fn new(wide: bool, rows: usize) -> Self {
        if wide {
            Self::Half {
                lane: Vec::with_capacity(rows),
                over: Vec::new(),
            }
        } else {
            Self::Byte {
                lane: Vec::with_capacity(rows),
                over: Vec::new(),
            }
        }
    }

    pub(crate) fn push(&mut self, row: u32, value: u64) {
        match self {
            Self::Byte { lane, over } => match u8::try_from(value) {
                Ok(low) if low < u8::MAX => lane.push(low),
                _ => {
                    lane.push(u8::MAX);
                    over.push((row, value));
                }
            },
            Self::Half { lane, over } => match u16::try_from(value) {
                Ok(low) if low < u16::MAX => lane.push(low),
                _ => {
                    lane.push(u16::MAX);
                    over.push((row, value));
                }
            },
        }
    }

    /// Returns the value of a row; 0 where there is no such row.
    /// Takes another column's values after the `rows` of this one; both are of one width.
    pub(crate) fn append(&mut self, rows: u32, other: Self) {
        let moved =
            |over: Vec<(u32, u64)>| over.into_iter().map(move |(at, value)| (at + rows, value));
        match (self, other) {
            (
                Self::Byte { lane, over },
                Self::Byte {
                    lane: more,
                    over: beside,
                },
            ) => {
                lane.extend_from_slice(&more);
                over.extend(moved(beside));
            }
            (
                Self::Half { lane, over },
                Self::Half {
                    lane: more,
                    over: beside,
                },
            ) => {
                lane.extend_from_slice(&more);
                over.extend(moved(beside));
            }
            (this, other) => {
                let count = match &other {
                    Self::Byte { lane, .. } => lane.len(),
                    Self::Half { lane, .. } => lane.len(),
                };
                for row in 0..count {
                    this.push(rows + row as u32, other.get(row));
                }
            }
        }
    }

    pub(crate) fn get(&self, row: usize) -> u64 {
        match self {
            Self::Byte { lane, over } => match lane.get(row) {
                Some(&u8::MAX) => beside(over, row),
                Some(&low) => low.into(),
                None => 0,
            },
            Self::Half { lane, over } => match lane.get(row) {
                Some(&u16::MAX) => beside(over, row),
                Some(&low) => low.into(),
                None => 0,
            },
        }
    }

    /// Adds each row's points, `points` being asked once a small value and not once a row.
    pub(crate) fn add(&self, points: impl Fn(u64) -> i64, into: &mut [i64]) {
        let over = match self {
            Self::Byte { lane, over } => {
                let table: Vec<i64> = (0..u64::from(u8::MAX)).map(&points).chain([0]).collect();
                for (sum, &low) in into.iter_mut().zip(lane) {
                    *sum += table[usize::from(low)];
                }
                over
            }
            Self::Half { lane, over } => {
                let table: Vec<i64> = (0..u64::from(u16::MAX)).map(&points).chain([0]).collect();
                for (sum, &low) in into.iter_mut().zip(lane) {
                    *sum += table[usize::from(low)];
                }
                over
            }
        };
        for &(row, value) in over {
            into[row as usize] += points(value);
        }
    }

    /// Clears the mark of every row whose value is less than `least`.
    pub(crate) fn keep_at_least(&self, least: u64, marks: &mut [bool]) {
        match self {
            // A value that does not fit the lane is greater than anything that does.
            Self::Byte { lane, .. } if least < u8::MAX.into() => {
                for (mark, &low) in marks.iter_mut().zip(lane) {
                    *mark &= u64::from(low) >= least;
                }
            }
            Self::Half { lane, .. } if least < u16::MAX.into() => {
                for (mark, &low) in marks.iter_mut().zip(lane) {
                    *mark &= u64::from(low) >= least;
                }
            }
            Self::Byte { .. } | Self::Half { .. } => {
                for (row, mark) in marks.iter_mut().enumerate().filter(|(_, mark)| **mark) {
                    *mark = self.get(row) >= least;
                }
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let each = size_of::<(u32, u64)>();
        match self {
            Self::Byte { lane, over } => lane.capacity() + over.capacity() * each,
            Self::Half { lane, over } => lane.capacity() * 2 + over.capacity() * each,
        }
    }
}
