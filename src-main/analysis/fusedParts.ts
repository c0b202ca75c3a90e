import type { ArchSpec, LinearSpec } from '../models/types.ts';

/** A part of a fused matrix: output rows `from … from + count − 1`. */
export interface FusedPart {
  readonly name: string;
  readonly from: number;
  readonly count: number;
}

export interface FusedMatrix {
  readonly parts: readonly FusedPart[];
  /** Outputs are the columns of the stored tensor (GPT-2's Conv1D). */
  readonly transposed: boolean;
}

/** The fused matrices of an architecture by module path, with the parts they are made of, in order. */
export function fusedMatrices(arch: ArchSpec): ReadonlyMap<string, FusedMatrix> {
  const fused = new Map<string, FusedMatrix>();
  for (const { attention, mlp } of arch.layers) {
    if (attention.projections.kind === 'fused') {
      const q = arch.heads * arch.headDim;
      const kv = arch.kvHeads * arch.headDim;
      add(fused, attention.projections.qkv, { q, k: kv, v: kv });
    }
    if (mlp.kind === 'gated-fused') {
      add(fused, mlp.gateUp, { gate: mlp.gateUp.out / 2, up: mlp.gateUp.out / 2 });
    }
  }
  return fused;
}

function add(
  fused: Map<string, FusedMatrix>,
  { name, transposed }: LinearSpec,
  sizes: Readonly<Record<string, number>>,
): void {
  let from = 0;
  const parts = Object.entries(sizes).map(([part, count]) => {
    from += count;
    return { name: part, from: from - count, count };
  });
  fused.set(name, { parts, transposed });
}
