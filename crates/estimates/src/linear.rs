//! Small dense matrices, row by row.

/// A matrix of `columns` columns; rows follow one another.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    pub(crate) columns: usize,
    pub(crate) cells: Vec<f64>,
}

impl Matrix {
    pub(crate) fn new(columns: usize) -> Self {
        Self {
            columns,
            cells: Vec::new(),
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.cells.chunks_exact(self.columns.max(1))
    }

    pub(crate) fn push(&mut self, row: &[f64]) {
        self.cells.extend_from_slice(row);
    }
}

/// Overwrites the lower triangle of a symmetric positive definite `n × n` matrix with its Cholesky
/// factor; false where it is singular to working precision.
pub(crate) fn cholesky(a: &mut [f64], n: usize) -> bool {
    for column in 0..n {
        let before = a[column * n + column];
        let mut pivot = before;
        for k in 0..column {
            pivot -= a[column * n + k] * a[column * n + k];
        }
        // Also false for what is not a number.
        if !(pivot > before * 1e-13 && pivot.is_finite()) {
            return false;
        }
        let root = libm::sqrt(pivot);
        a[column * n + column] = root;
        for row in column + 1..n {
            let mut sum = a[row * n + column];
            for k in 0..column {
                sum -= a[row * n + k] * a[column * n + k];
            }
            a[row * n + column] = sum / root;
        }
    }
    true
}

/// Solves `L Lᵀ x = b` in place.
pub(crate) fn solve(factor: &[f64], n: usize, b: &mut [f64]) {
    for row in 0..n {
        let mut sum = b[row];
        for k in 0..row {
            sum -= factor[row * n + k] * b[k];
        }
        b[row] = sum / factor[row * n + row];
    }
    for row in (0..n).rev() {
        let mut sum = b[row];
        for k in row + 1..n {
            sum -= factor[k * n + row] * b[k];
        }
        b[row] = sum / factor[row * n + row];
    }
}

/// Returns a basis of what a matrix maps to nothing, one vector a row (Gauss–Jordan elimination
/// with column scaling; entries of our matrices are small whole numbers or of that size).
pub(crate) fn null_space(matrix: &Matrix) -> Matrix {
    let n = matrix.columns;
    let mut rows: Vec<Vec<f64>> = matrix.rows().map(<[f64]>::to_vec).collect();
    let largest = matrix
        .cells
        .iter()
        .fold(1.0_f64, |most, x| most.max(x.abs()));
    let mut pivots: Vec<usize> = Vec::new();
    for column in 0..n {
        let from = pivots.len();
        let best = (from..rows.len()).max_by(|&a, &b| {
            let size = |row: usize| rows[row][column].abs();
            size(a).total_cmp(&size(b)).then(b.cmp(&a))
        });
        let Some(best) = best.filter(|&row| rows[row][column].abs() > 1e-9 * largest) else {
            continue;
        };
        rows.swap(from, best);
        let pivot = rows[from][column];
        for x in &mut rows[from] {
            *x /= pivot;
        }
        let pivot_row = rows[from].clone();
        for (at, row) in rows.iter_mut().enumerate() {
            let by = row[column];
            if at != from && by != 0.0 {
                for (x, p) in row.iter_mut().zip(&pivot_row) {
                    *x -= by * p;
                }
            }
        }
        pivots.push(column);
    }
    let mut basis = Matrix::new(n);
    for free in (0..n).filter(|column| !pivots.contains(column)) {
        let mut vector = vec![0.0; n];
        vector[free] = 1.0;
        for (row, &pivot) in pivots.iter().enumerate() {
            vector[pivot] = -rows[row][free];
        }
        basis.push(&vector);
    }
    basis
}
