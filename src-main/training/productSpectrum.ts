/**
 * Singular values of a low-rank product from its factors, without ever forming it. In float64: squaring into Gram
 * matrices halves the digits, and 8 of 16 are plenty for values that come from float32.
 */

/**
 * Singular values, descending, of L R.
 * @param left L, row-major [rows, k]
 * @param right R, row-major [k, columns]
 */
export function productSingularValues(left: Float32Array, right: Float32Array, k: number): Float64Array {
  const C = cholesky(gramOfColumns(left, k), k);
  // σ²(LR) are the eigenvalues of (LᵀL)(RRᵀ) = C Cᵀ G, that is of Cᵀ G C.
  const eigenvalues = symmetricEigenvalues(congruence(C, gramOfRows(right, k), k), k);
  return eigenvalues
    .map((value) => Math.sqrt(Math.max(0, value)))
    .sort()
    .reverse();
}

/**
 * exp of the entropy of the normalised singular values (Roy & Vetterli 2007): 1 when one direction holds everything,
 * n when n directions share equally; 0 for a zero matrix.
 */
export function effectiveRank(singularValues: Float64Array): number {
  const total = singularValues.reduce((sum, s) => sum + s, 0);
  if (!(total > 0)) return 0;
  let entropy = 0;
  for (const s of singularValues) if (s > 0) entropy -= (s / total) * Math.log(s / total);
  return Math.exp(entropy);
}

/** LᵀL [k, k] of L [rows, k]. */
function gramOfColumns(left: Float32Array, k: number): Float64Array {
  const gram = new Float64Array(k * k);
  for (let row = 0; row < left.length; row += k) {
    for (let i = 0; i < k; i++) {
      const value = left[row + i] ?? 0;
      for (let j = 0; j <= i; j++) gram[i * k + j] = (gram[i * k + j] ?? 0) + value * (left[row + j] ?? 0);
    }
  }
  return mirrored(gram, k);
}

/** R Rᵀ [k, k] of R [k, columns]. */
function gramOfRows(right: Float32Array, k: number): Float64Array {
  const columns = right.length / k;
  const gram = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += (right[i * columns + c] ?? 0) * (right[j * columns + c] ?? 0);
      gram[i * k + j] = sum;
    }
  }
  return mirrored(gram, k);
}

function mirrored(lower: Float64Array, k: number): Float64Array {
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) lower[j * k + i] = lower[i * k + j] ?? 0;
  return lower;
}

/** Lower C with C Cᵀ = G. A pivot that is zero but for rounding gives a zero column, as G is positive semidefinite. */
function cholesky(G: Float64Array, k: number): Float64Array {
  const C = new Float64Array(k * k);
  let largest = 0;
  for (let i = 0; i < k; i++) largest = Math.max(largest, G[i * k + i] ?? 0);
  for (let j = 0; j < k; j++) {
    let pivot = G[j * k + j] ?? 0;
    for (let c = 0; c < j; c++) pivot -= (C[j * k + c] ?? 0) ** 2;
    if (pivot <= 1e-14 * largest) continue;
    const root = Math.sqrt(pivot);
    C[j * k + j] = root;
    for (let i = j + 1; i < k; i++) {
      let value = G[i * k + j] ?? 0;
      for (let c = 0; c < j; c++) value -= (C[i * k + c] ?? 0) * (C[j * k + c] ?? 0);
      C[i * k + j] = value / root;
    }
  }
  return C;
}

/** Cᵀ G C for lower triangular C. */
function congruence(C: Float64Array, G: Float64Array, k: number): Float64Array {
  const GC = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let c = 0; c < k; c++) {
      const g = G[i * k + c] ?? 0;
      for (let j = 0; j <= c; j++) GC[i * k + j] = (GC[i * k + j] ?? 0) + g * (C[c * k + j] ?? 0);
    }
  }
  const result = new Float64Array(k * k);
  for (let c = 0; c < k; c++) {
    for (let i = 0; i <= c; i++) {
      const value = C[c * k + i] ?? 0;
      for (let j = 0; j < k; j++) result[i * k + j] = (result[i * k + j] ?? 0) + value * (GC[c * k + j] ?? 0);
    }
  }
  return result;
}

/**
 * Eigenvalues of a symmetric matrix: Householder reduction to tridiagonal form, then QL with implicit shifts
 * (Golub & Van Loan, Matrix Computations, 8.3). Overwrites its argument.
 */
function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  const at = (i: number, j: number): number => a[i * n + j] ?? 0;
  const diagonal = new Float64Array(n);
  const off = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    for (let j = 0; j < i; j++) scale += Math.abs(at(i, j));
    if (i === 1 || scale === 0) {
      off[i] = at(i, i - 1);
      continue;
    }
    let h = 0;
    for (let j = 0; j < i; j++) {
      a[i * n + j] = at(i, j) / scale;
      h += at(i, j) ** 2;
    }
    const f = at(i, i - 1);
    const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
    off[i] = scale * g;
    h -= f * g;
    a[i * n + i - 1] = f - g;
    // p = A u / h, K = uᵀp / 2h, q = p − K u, A ← A − q uᵀ − u qᵀ
    const q = new Float64Array(i);
    let K = 0;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let c = 0; c < i; c++) sum += (c <= j ? at(j, c) : at(c, j)) * at(i, c);
      q[j] = sum / h;
      K += (q[j] ?? 0) * at(i, j);
    }
    K /= 2 * h;
    for (let j = 0; j < i; j++) {
      q[j] = (q[j] ?? 0) - K * at(i, j);
      for (let c = 0; c <= j; c++) {
        a[j * n + c] = at(j, c) - (at(i, j) * (q[c] ?? 0) + (q[j] ?? 0) * at(i, c));
      }
    }
  }
  for (let i = 0; i < n; i++) diagonal[i] = at(i, i);
  tridiagonalEigenvalues(diagonal, off);
  return diagonal;
}

/** Replaces `diagonal` by the eigenvalues; `off[i]` couples i − 1 and i. */
function tridiagonalEigenvalues(diagonal: Float64Array, off: Float64Array): void {
  const n = diagonal.length;
  const d = (i: number): number => diagonal[i] ?? 0;
  const e = (i: number): number => off[i] ?? 0;
  off.copyWithin(0, 1);
  off[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; iteration < 60; iteration++) {
      let m = l;
      while (m < n - 1 && Math.abs(e(m)) > Number.EPSILON * (Math.abs(d(m)) + Math.abs(d(m + 1)))) m++;
      if (m === l) break;
      let g = (d(l + 1) - d(l)) / (2 * e(l));
      let r = Math.hypot(g, 1);
      g = d(m) - d(l) + e(l) / (g + (g >= 0 ? r : -r));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e(i);
        const b = c * e(i);
        r = Math.hypot(f, g);
        off[i + 1] = r;
        if (r === 0) {
          diagonal[i + 1] = d(i + 1) - p;
          off[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d(i + 1) - p;
        r = (d(i) - g) * s + 2 * c * b;
        p = s * r;
        diagonal[i + 1] = g + p;
        g = c * r - b;
      }
      if (i >= l) continue;
      diagonal[l] = d(l) - p;
      off[l] = g;
      off[m] = 0;
    }
  }
}
