import type { MatrixFacts, PlannedMatrix } from './types.ts';

/** Facts of the right sizes and no meaning, for adapters whose values are about to be replaced by saved ones. */
export function blankFacts(matrices: readonly PlannedMatrix[]): MatrixFacts {
  const planned = new Map(matrices.map((matrix) => [matrix.name, matrix]));
  return {
    spectrum(name) {
      const matrix = planned.get(name);
      return matrix && { ...matrix, singularValues: new Float32Array(matrix.rank).fill(1) };
    },
    modelWeights: async () => Promise.resolve([]),
    rowNorms: async ({ shape: [out] }) => Promise.resolve(new Float32Array(out).fill(1)),
    singularVectors: async ({ shape: [out, into] }, k) => ({
      U: new Float32Array(out * k),
      S: new Float32Array(k),
      Vt: new Float32Array(k * into),
    }),
  };
}
