//! Whether a table tells a model's parameters at all.

use crate::linear::{Matrix, null_space};
use crate::model::Design;

/// Why a model gives no number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Flag {
    /// The likelihood rises without end: no maximum exists (S. E. Fienberg and A. Rinaldo,
    /// Ann. Statist. 40 (2012) 996–1023). Software that prints a number here prints where it
    /// stopped looking.
    NoMaximum,
    /// Different parameters fit the table equally well: it says nothing about those not listed.
    NotIdentifiable,
    /// The fit did not settle.
    NotConverged,
}

impl Flag {
    /// Returns what it means, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoMaximum => "no maximum likelihood estimate exists",
            Self::NotIdentifiable => "the lists do not identify the number",
            Self::NotConverged => "the fit did not settle",
        }
    }
}

/// Checks a design against a table.
///
/// The estimate exists unless some direction `d` leaves every history that was seen as it is
/// (`Xd = 0` there) and moves some of those that were not, all to one side (`Xd ≤ 0`, not all 0):
/// then the likelihood has no end that way. Signs alone decide, so counts of any size are exact.
/// This is the dual of Fienberg and Rinaldo's linear program.
pub(crate) fn check(design: &Design, table: &[f64]) -> Result<(), Flag> {
    let columns = design.x.columns;
    let (mut seen, mut unseen) = (Matrix::new(columns), Matrix::new(columns));
    for (row, &cell) in design.x.rows().zip(&design.cells) {
        let side = if table[cell] > 0.0 {
            &mut seen
        } else {
            &mut unseen
        };
        side.push(row);
    }
    let basis = null_space(&seen);
    if basis.cells.is_empty() {
        return Ok(());
    }
    let directions: Vec<&[f64]> = basis.rows().collect();
    let mut moved = Matrix::new(directions.len());
    for row in unseen.rows() {
        for direction in &directions {
            let by: f64 = row.iter().zip(*direction).map(|(x, d)| x * d).sum();
            moved.cells.push(by);
        }
    }
    if !null_space(&moved).cells.is_empty() {
        return Err(Flag::NotIdentifiable);
    }
    if one_sided(&moved) {
        return Err(Flag::NoMaximum);
    }
    Ok(())
}

/// Tells whether some `y` has `Wy ≥ 0`, not all 0: maximises `1ᵀWy` under `0 ≤ Wy ≤ 1`, `y` free,
/// by the simplex method with Bland's rule (which cannot cycle). `y = 0` is where it begins.
fn one_sided(w: &Matrix) -> bool {
    let (q, rows) = (w.columns, w.cells.len() / w.columns.max(1));
    let constraints = 2 * rows;
    // Columns: y⁺, y⁻, slacks, right-hand side.
    let width = 2 * q + constraints + 1;
    let mut t = vec![vec![0.0; width]; constraints + 1];
    for (at, row) in w.rows().enumerate() {
        for (column, &x) in row.iter().enumerate() {
            for (line, sign) in [(at, 1.0), (rows + at, -1.0)] {
                t[line][column] = sign * x;
                t[line][q + column] = -sign * x;
            }
            t[constraints][column] -= x;
            t[constraints][q + column] += x;
        }
        t[at][2 * q + at] = 1.0;
        t[at][width - 1] = 1.0;
        t[rows + at][2 * q + rows + at] = 1.0;
    }
    let mut base: Vec<usize> = (2 * q..2 * q + constraints).collect();
    const EPSILON: f64 = 1e-9;
    for _ in 0..10_000 {
        if t[constraints][width - 1] > 1e-6 {
            return true;
        }
        let Some(enter) = (0..width - 1).find(|&column| t[constraints][column] < -EPSILON) else {
            break;
        };
        let leave = (0..constraints)
            .filter(|&line| t[line][enter] > EPSILON)
            .min_by(|&a, &b| {
                let ratio = |line: usize| t[line][width - 1] / t[line][enter];
                ratio(a).total_cmp(&ratio(b)).then(base[a].cmp(&base[b]))
            });
        let Some(leave) = leave else { break };
        let pivot = t[leave][enter];
        for x in &mut t[leave] {
            *x /= pivot;
        }
        let pivot_row = t[leave].clone();
        for (line, row) in t.iter_mut().enumerate() {
            let by = row[enter];
            if line != leave && by != 0.0 {
                for (x, p) in row.iter_mut().zip(&pivot_row) {
                    *x -= by * p;
                }
            }
        }
        base[leave] = enter;
    }
    t[constraints][width - 1] > 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(columns: usize, cells: &[f64]) -> Matrix {
        Matrix {
            columns,
            cells: cells.to_vec(),
        }
    }

    #[test]
    fn finds_a_direction_where_there_is_one() {
        assert!(one_sided(&matrix(1, &[-1.0, -2.0])));
        assert!(!one_sided(&matrix(1, &[-1.0, 2.0])));
        assert!(one_sided(&matrix(2, &[1.0, -1.0, 0.0, 1.0])));
        // Wy = (a, b, −a−b): one side only at 0.
        assert!(!one_sided(&matrix(2, &[1.0, 0.0, 0.0, 1.0, -1.0, -1.0])));
        // Wy = (a, −a, b): only along b.
        assert!(one_sided(&matrix(2, &[1.0, 0.0, -1.0, 0.0, 0.0, 1.0])));
    }
}
