import { comparison, rates } from '../comparison.ts';
import { inTurn } from '../inTurn.ts';
import { sampleModel } from '../materials.ts';
import type { Row } from './row.ts';

const thresholds = [0.01, 0.035, 0.05, 0.1, 0.25, 0.5];
const matrices = 210;

export const spectra: Row = {
  id: 'spectra',
  title: 'Singular values',
  about: `All singular values of the ${matrices} projections of SmolLM2-135M. Ours is the app's analysis with an empty cache, reading the weights from the file included; the peer is torch.linalg.svdvals in float32, weights already in memory. Ranks are compared at m = ${thresholds.join(', ')}. The second line gives the peer one thread, with which it may be faster than with two.`,
  async run(bench) {
    const job = { kind: 'spectra', model: await sampleModel(bench), thresholds, folder: bench.folder } as const;
    const comparisons = [];
    for (const { name, peerEnvironment, rounds } of peers) {
      bench.say(`  ${name}`);
      const turns = await inTurn(bench, job, {
        warmup: 0,
        rounds: bench.quick ? 1 : rounds,
        tolerance: 1e-4,
        peerEnvironment,
      });
      comparisons.push(
        comparison({
          name,
          unit: 'matrices/s',
          kind: 'rate',
          ours: rates(turns.ours, matrices),
          peer: rates(turns.peer, matrices),
          goal: { of: 'ratio', limit: 2.5 },
          checked: turns.checked,
        }),
      );
    }
    return { comparisons };
  },
};

/** With two threads PyTorch takes minutes for tall matrices on some machines, so that line has fewer rounds. */
const peers = [
  { name: `${matrices} matrices`, peerEnvironment: {}, rounds: 2 },
  { name: 'peer with one thread', peerEnvironment: { BENCH_THREADS: '1', OMP_NUM_THREADS: '1' }, rounds: 3 },
];

export const vectors: Row = {
  id: 'vectors',
  title: 'Singular vectors',
  about: `U_k, S_k and V_k of the ${matrices} projections of SmolLM2-135M at m = 0.1, the ranks being known. Ours is what an SVD start asks the engine for, reading the weights from the file included; the peer is torch.linalg.svd of each matrix, then cut. Compared are projections of fixed vectors, weighted with S².`,
  async run(bench) {
    const job = { kind: 'vectors', model: await sampleModel(bench), threshold: 0.1 } as const;
    const turns = await inTurn(bench, job, { warmup: 0, rounds: bench.quick ? 1 : 3, tolerance: 1e-2 });
    return {
      comparisons: [
        comparison({
          name: 'm = 0.1',
          unit: 'matrices/s',
          kind: 'rate',
          ours: rates(turns.ours, matrices),
          peer: rates(turns.peer, matrices),
          goal: { of: 'ratio', limit: 5 },
          checked: turns.checked,
        }),
      ],
    };
  },
};
