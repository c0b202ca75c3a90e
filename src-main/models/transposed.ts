import { linearsOf } from './families/family.ts';
import type { ArchSpec } from './types.ts';

/** Module paths whose weight is stored [d_in, d_out] (GPT-2's Conv1D). Square ones cannot be told by their shape. */
export function transposedMatrices(arch: ArchSpec | undefined): ReadonlySet<string> {
  const linears = arch?.layers.flatMap((layer) => linearsOf(layer)) ?? [];
  return new Set(linears.filter((linear) => linear.transposed).map((linear) => linear.name));
}
