import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { analyse } from '../../../src-main/analysis/analyse.ts';
import { cumulativeSums, rankFor } from '../../../src-main/contract/rank.ts';
import { trainEnvironment } from '../../../src-main/engine/trainEnvironment.ts';
import type { EngineServices } from '../../../src-main/engine/services.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { cacheDirectory } from '../../../src-main/util/paths.ts';
import type { JobOf } from '../jobs.ts';
import { timed, type Work } from './work.ts';

/** The analysis of a model, every round with an empty cache of spectra. */
export async function openSpectra(
  { model: modelPath, thresholds, folder }: JobOf<'spectra'>,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const { kernels } = await services.backend();
  const model = await openModel(modelPath, signal);
  await model.source.hash(signal);
  const usual = cacheDirectory();
  return {
    facts: { values: {} },
    async run() {
      const cache = await mkdtemp(join(folder, 'spectra-'));
      try {
        // The hash of the weights stays known, as it is when a model is opened again.
        await symlink(join(usual, 'hashes'), join(cache, 'hashes'));
        process.env['SARA_CACHE'] = cache;
        const options = { model, targets: model.summary.targets, kernels: () => Promise.resolve(kernels) };
        const { seconds, result } = await timed(() => analyse(options, signal));
        const sums = result.matrices.map(({ singularValues }) => cumulativeSums(singularValues).sum);
        return {
          seconds,
          values: {
            'sums of singular values': sums.map((sum) => sum.at(-1) ?? NaN),
            ranks: thresholds.flatMap((threshold) => sums.map((sum) => rankFor(sum, threshold))),
          },
        };
      } finally {
        process.env['SARA_CACHE'] = usual;
        await rm(cache, { recursive: true, force: true });
      }
    },
    close: () => model.close(),
  };
}

/** U_k, S_k and V_kᵀ of every matrix, as an SVD start asks for them. */
export async function openVectors(
  { model: modelPath, threshold }: JobOf<'vectors'>,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const model = await openModel(modelPath, signal);
  const environment = await trainEnvironment(services);
  const { targets } = model.summary;
  const spectra = await environment.spectra(model, targets, signal, () => undefined);
  const ranks = targets.map(({ name }) =>
    rankFor(cumulativeSums(spectra.get(name)?.singularValues ?? []).sum, threshold),
  );
  return {
    facts: { values: {} },
    async run() {
      const { seconds, result } = await timed(async () => {
        const all = [];
        for (const [i, target] of targets.entries()) {
          all.push(await environment.singularVectors(model, target, ranks[i] ?? 1, signal));
        }
        return all;
      });
      return {
        seconds,
        values: {
          ranks,
          // ‖U_kᵀ a‖² weighted with S², for a fixed a: independent of signs, and of a turn among equal values.
          left: result.map(({ U, S }, i) => weighted(U, S, targets[i]?.shape[0] ?? 0, (row, j) => row * S.length + j)),
          right: result.map(({ Vt, S }, i) =>
            weighted(Vt, S, targets[i]?.shape[1] ?? 0, (row, j) => j * (targets[i]?.shape[1] ?? 0) + row),
          ),
        },
      };
    },
    close: () => model.close(),
  };
}

/** Σ_j S_j² (Σ_i cos(i) M_ij)² */
function weighted(M: Float32Array, S: Float32Array, rows: number, at: (row: number, column: number) => number): number {
  let total = 0;
  for (const [j, s] of S.entries()) {
    let product = 0;
    for (let i = 0; i < rows; i += 1) product += Math.cos(i) * (M[at(i, j)] ?? NaN);
    total += (s * product) ** 2;
  }
  return total;
}
