import type { BenchContext } from '../context.ts';
import { inTurn } from '../inTurn.ts';
import type { Facts } from '../jobs.ts';
import { comparison } from '../comparison.ts';
import type { Table } from '../results.ts';
import { percent, short, startsText } from '../text.ts';
import { fixedBatchJob, lora } from './training.ts';
import type { Row } from './row.ts';

const size = 2048;
const times = 4;
/** Kernels below this share of a step are left out. */
const smallestShare = 0.005;

export const profile: Row = {
  id: 'profile',
  title: 'Where the time of a training step goes',
  about:
    'One step of the fixed batch (LoRA of rank 8) with the time of every kernel taken, and the largest rate at which this machine multiplies matrices of 2048 × 2048 on each side. What is left when kernels are added up is the program around them.',
  async run(bench) {
    const turns = await inTurn(
      bench,
      { kind: 'matmul', size, times },
      { warmup: 1, rounds: bench.quick ? 2 : 5, tolerance: 0 },
    );
    const gigaflop = (2 * size ** 3 * times) / 1e9;
    const peak = comparison({
      name: 'largest rate of products',
      unit: 'GFLOP/s',
      kind: 'rate',
      ours: turns.ours.map(({ seconds }) => gigaflop / seconds),
      peer: turns.peer.map(({ seconds }) => gigaflop / seconds),
    });
    const training = await fixedBatchJob(bench, lora.config);
    const tables: Table[] = [];
    const notes: string[] = [];
    for (const [side, name, best] of [
      ['ours', 'SARA Studio', peak.ours.maximum],
      ['peer', 'PyTorch', peak.peer?.maximum ?? NaN],
    ] as const) {
      const facts = await profileOf(bench, side, training);
      tables.push(table(name, facts, best));
      // Op by op, since no kernel within a graph could be timed.
      if (side === 'ours') notes.push(`As profiled: ${startsText(facts.extra)}`);
    }
    return { comparisons: [peak], tables, notes };
  },
};

async function profileOf(
  bench: BenchContext,
  side: 'ours' | 'peer',
  training: Awaited<ReturnType<typeof fixedBatchJob>>,
): Promise<Facts> {
  const opened = await bench[side]({ kind: 'profile', training });
  await opened.end();
  return opened.facts;
}

function table(name: string, { extra = {} }: Facts, best: number): Table {
  const total = extra['seconds'] ?? NaN;
  const kernels = Object.keys(extra)
    .filter((key) => key.endsWith('|seconds'))
    .map((key) => {
      const kernel = key.slice(0, -'|seconds'.length);
      const seconds = extra[key] ?? 0;
      const flop = extra[`${kernel}|flop`] ?? 0;
      return { kernel, seconds, flop, calls: extra[`${kernel}|calls`] ?? 0 };
    })
    .sort((a, b) => b.seconds - a.seconds);
  const inside = kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  const calls = kernels.reduce((sum, kernel) => sum + kernel.calls, 0);
  const row = (kernel: string, count: string, seconds: number, flop: number): string[] => [
    kernel,
    count,
    seconds.toFixed(3),
    `${((100 * seconds) / total).toFixed(1)} %`,
    flop > 0 ? short(flop / seconds / 1e9) : '',
    flop > 0 ? percent(flop / seconds / 1e9 / best) : '',
  ];
  return {
    title: `${name}: a step of ${total.toFixed(2)} s, ${calls} calls`,
    header: ['kernel', 'calls', 's', 'share', 'GFLOP/s', 'of the largest rate'],
    rows: [
      ...kernels
        .filter(({ seconds }) => seconds >= smallestShare * total)
        .map(({ kernel, calls: count, seconds, flop }) => row(kernel, String(count), seconds, flop)),
      row('outside of kernels', '', total - inside, 0),
    ],
  };
}
