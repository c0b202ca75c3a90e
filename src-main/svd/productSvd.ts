import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { batchMatMul64, qr64, svd64, toFloat32, toFloat64 } from './float64.ts';

/** SVD of a product L R of small inner dimension, row-major; p = min(d_out, k, d_in). */
export interface ProductSvd {
  /** [d_out, p] */
  readonly U: Float32Array;
  /** [p], descending; 0 where a value is no more than what rounding the factors to float32 leaves. */
  readonly S: Float32Array;
  /** [p, d_in] */
  readonly Vt: Float32Array;
}

/** Four units in the last place of the largest value: entries of the factors are each off by up to half of one. */
const roundingShare = 2 ** -21;

/**
 * From the QR decompositions L = Q₁ R₁ and Rᵀ = Q₂ R₂ and the SVD of the core R₁ R₂ᵀ [k, k], in float64: L R itself,
 * [d_out, d_in], is never formed.
 * @param left L [d_out, k], float32, borrowed; `right` R [k, d_in]
 */
export function productSvd(k: Kernels, left: TensorId, right: TensorId): ProductSvd {
  return k.scope(() => {
    const wide = toFloat64(k, left);
    const first = qr64(k, k.take(wide));
    const turned = k.transpose(right, [1, 0]);
    const wideTurned = toFloat64(k, k.take(turned));
    const second = qr64(k, k.take(wideTurned));
    const core = batchMatMul64(k, k.take(first.R), k.take(second.R), false, true);
    const { S, U, V } = svd64(k, k.take(core));
    const outer = batchMatMul64(k, k.take(first.Q), k.take(U), false, false);
    const inner = batchMatMul64(k, k.take(V), k.take(second.Q), true, true);
    const values = download(k, S);
    const least = roundingShare * (values[0] ?? 0);
    return { U: download(k, outer), S: values.map((s) => (s > least ? s : 0)), Vt: download(k, inner) };
  });
}

/** @param tensor float64, consumed */
function download(k: Kernels, tensor: TensorId): Float32Array {
  const narrow = toFloat32(k, k.take(tensor));
  const data = k.download(narrow);
  k.free(narrow);
  return data;
}
