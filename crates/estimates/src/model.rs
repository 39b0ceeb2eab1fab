//! Log-linear models: which pairs of lists depend, and how people differ.

use std::fmt;

use crate::error::EstimateError;
use crate::linear::Matrix;

/// How people's chances to be listed differ, as one column of the design that depends on the
/// number of lists alone (L.-P. Rivest and S. Baillargeon, Biometrics 63 (2007) 999–1006).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Heterogeneity {
    /// `2^k − 1` for k lists.
    Poisson2,
    /// `k²/2` (J. N. Darroch et al., JASA 88 (1993) 1137–1148).
    Darroch,
    /// `−log(3.5 + k) + log 3.5`.
    Gamma35,
}

impl Heterogeneity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Poisson2, Self::Darroch, Self::Gamma35];

    fn at(self, lists: u32) -> f64 {
        let k = f64::from(lists);
        match self {
            Self::Poisson2 => libm::exp2(k) - 1.0,
            Self::Darroch => k * k / 2.0,
            Self::Gamma35 => libm::log(3.5) - libm::log(3.5 + k),
        }
    }

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poisson2 => "Poisson2",
            Self::Darroch => "Darroch",
            Self::Gamma35 => "Gamma3.5",
        }
    }
}

/// A hierarchical log-linear model with interactions of two lists at most: main effects always,
/// some pairs, and perhaps heterogeneity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Model {
    lists: u8,
    /// Bit `pair_index(i, j)` is set where lists i < j depend.
    pairs: u32,
    heterogeneity: Option<Heterogeneity>,
}

fn pair_index(i: usize, j: usize) -> usize {
    j * (j - 1) / 2 + i
}

impl Model {
    /// Returns the model of independent lists (M_t).
    ///
    /// # Errors
    /// Fewer than 2 or more than 6 lists.
    pub fn independence(lists: usize) -> Result<Self, EstimateError> {
        if !(2..=6).contains(&lists) {
            return Err(EstimateError::Lists { found: lists });
        }
        Ok(Self {
            lists: lists as u8,
            pairs: 0,
            heterogeneity: None,
        })
    }

    /// Returns the model in which each pair of lists depends.
    ///
    /// # Errors
    /// Fewer than 2 or more than 6 lists.
    pub fn all_pairs(lists: usize) -> Result<Self, EstimateError> {
        let mut all = Self::independence(lists)?;
        all.pairs = (1 << (lists * (lists - 1) / 2)) - 1;
        Ok(all)
    }

    /// Lets two lists depend; they count from 0 in the order of labels.
    ///
    /// # Errors
    /// They are one, or there is no such list.
    pub fn with(self, a: usize, b: usize) -> Result<Self, EstimateError> {
        let (i, j) = (a.min(b), a.max(b));
        if i == j || j >= self.lists() {
            return Err(EstimateError::Pair);
        }
        Ok(self.join(pair_index(i, j)))
    }

    /// Lets two lists be independent again.
    ///
    /// # Errors
    /// As [`Self::with`].
    pub fn without(self, a: usize, b: usize) -> Result<Self, EstimateError> {
        let (i, j) = (a.min(b), a.max(b));
        if i == j || j >= self.lists() {
            return Err(EstimateError::Pair);
        }
        Ok(Self {
            pairs: self.pairs & !(1 << pair_index(i, j)),
            ..self
        })
    }

    /// Lets people differ.
    #[must_use]
    pub const fn varying(self, heterogeneity: Heterogeneity) -> Self {
        Self {
            heterogeneity: Some(heterogeneity),
            ..self
        }
    }

    /// Returns every model of `lists` lists with two-list interactions, independence first.
    pub(crate) fn every(lists: usize) -> Vec<Self> {
        let pairs = lists * (lists - 1) / 2;
        (0..1_u32 << pairs)
            .map(|pairs| Self {
                lists: lists as u8,
                pairs,
                heterogeneity: None,
            })
            .collect()
    }

    pub(crate) fn join(self, pair: usize) -> Self {
        Self {
            pairs: self.pairs | 1 << pair,
            ..self
        }
    }

    pub(crate) fn has(self, pair: usize) -> bool {
        self.pairs >> pair & 1 == 1
    }

    pub(crate) fn lists(self) -> usize {
        self.lists.into()
    }

    /// Returns the pairs that depend, as lists counted from 0.
    #[must_use]
    pub fn pairs(self) -> Vec<(usize, usize)> {
        every_pair(self.lists())
            .enumerate()
            .filter(|&(at, _)| self.has(at))
            .map(|(_, pair)| pair)
            .collect()
    }

    /// Returns how people differ.
    #[must_use]
    pub const fn heterogeneity(self) -> Option<Heterogeneity> {
        self.heterogeneity
    }

    /// Counts the parameters, those at minus infinity included.
    #[must_use]
    pub fn parameters(self) -> usize {
        1 + self.lists()
            + self.pairs.count_ones() as usize
            + usize::from(self.heterogeneity.is_some())
    }

    /// Returns the design over those histories that the data leave to estimate.
    ///
    /// Where two lists of an interaction share nobody, its parameter is minus infinity and every
    /// history on both has mean 0: both leave the design (L. Chan, B. W. Silverman, K. Vincent,
    /// arXiv:1902.05156, section 2).
    pub(crate) fn design(self, table: &[f64]) -> Design {
        let lists = self.lists();
        let mut masks: Vec<usize> = Vec::with_capacity(4);
        let mut empty: Vec<usize> = Vec::new();
        for (i, j) in self.pairs() {
            let both = 1 << i | 1 << j;
            let shared = (1..table.len()).any(|mask| mask & both == both && table[mask] > 0.0);
            if shared { &mut masks } else { &mut empty }.push(both);
        }
        let columns = 1 + lists + masks.len() + usize::from(self.heterogeneity.is_some());
        let mut x = Matrix::new(columns);
        let mut cells = Vec::with_capacity(table.len());
        for mask in 1..table.len() {
            if empty.iter().any(|both| mask & both == *both) {
                continue;
            }
            cells.push(mask);
            x.cells.push(1.0);
            x.cells
                .extend((0..lists).map(|list| if mask >> list & 1 == 1 { 1.0 } else { 0.0 }));
            x.cells.extend(
                masks
                    .iter()
                    .map(|both| if mask & both == *both { 1.0 } else { 0.0 }),
            );
            if let Some(heterogeneity) = self.heterogeneity {
                x.cells.push(heterogeneity.at(mask.count_ones()));
            }
        }
        Design { x, cells }
    }
}

/// Returns every pair of lists in the order of their bits.
pub(crate) fn every_pair(lists: usize) -> impl Iterator<Item = (usize, usize)> {
    (1..lists).flat_map(|j| (0..j).map(move |i| (i, j)))
}

/// Rows are histories, columns parameters; the first column is the intercept, whose exponential is
/// the mean number of those on no list.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    pub(crate) x: Matrix,
    pub(crate) cells: Vec<usize>,
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.pairs();
        if pairs.is_empty() {
            f.write_str("independent lists")?;
        } else {
            f.write_str("lists depend:")?;
            for (at, (i, j)) in pairs.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                write!(f, "{comma} {} with {}", i + 1, j + 1)?;
            }
        }
        if let Some(heterogeneity) = self.heterogeneity {
            write!(f, "; people differ ({})", heterogeneity.as_str())?;
        }
        Ok(())
    }
}
