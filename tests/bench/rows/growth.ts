import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { methodSchema } from '../../../src-main/contract/methods.schema.ts';
import { agreementOfRounds, describeAgreement } from '../agreement.ts';
import { comparison, rates } from '../comparison.ts';
import type { BenchContext } from '../context.ts';
import type { JobOf } from '../jobs.ts';
import { randomModel, randomRows, type ModelSize } from '../materials.ts';
import { trainAlone } from '../peakMemory.ts';
import type { Chart, Comparison } from '../results.ts';
import type { Row } from './row.ts';

interface Point {
  readonly model: ModelSize;
  readonly rank: number;
  readonly batch: number;
  readonly length: number;
}

const base: Point = {
  model: { layers: 4, hidden: 576, intermediate: 1536, heads: 9, kvHeads: 3, vocabulary: 8192, type: 'float32' },
  rank: 8,
  batch: 4,
  length: 256,
};

/** A block of layers that differs from the others has its graph after eight steps. */
const warmup = 9;

/** Losses of random weights lie near ln V; only the order of the sums differs. */
const tolerance = 1e-3;

interface Growth {
  readonly id: string;
  readonly of: string;
  readonly values: readonly number[];
  readonly batch: number;
  at(value: number): Point;
  /** Further numbers from the measured points. */
  conclude?(points: readonly Measured[]): Comparison[];
}

interface Measured {
  readonly value: number;
  readonly speed: Comparison;
  readonly memory: Comparison;
}

function growth({ id, of, values, batch, at, conclude = () => [] }: Growth): Row {
  return {
    id: `growth-${id}`,
    title: `Cost against ${of}`,
    about: `Training steps of a LLaMA with random weights (hidden size ${base.model.hidden}, ${base.model.layers} layers, vocabulary ${base.model.vocabulary}, LoRA of rank ${base.rank}, ${batch} × ${base.length} tokens, float32) while the ${of} grows. Every point is a process of its own on each side: its steps after the ninth, when what is made once has been made, and its largest resident memory.`,
    async run(bench) {
      // The ends say most about how a cost grows.
      const chosen = bench.quick ? values.slice(-2) : values;
      const points: Measured[] = [];
      for (const value of chosen) {
        bench.say(`  ${of} ${value}`);
        points.push({ value, ...(await measure(bench, `${of} ${value}`, at(value))) });
      }
      return {
        comparisons: [...points.flatMap(({ speed, memory }) => [speed, memory]), ...conclude(points)],
        charts: [
          chart(`growth-${id}-speed.svg`, 'Speed', of, points, ({ speed }) => speed),
          chart(`growth-${id}-memory.svg`, 'Peak memory', of, points, ({ memory }) => memory),
        ],
      };
    },
  };
}

function chart(
  file: string,
  what: string,
  of: string,
  points: readonly Measured[],
  pick: (point: Measured) => Comparison,
): Chart {
  const line = (side: 'ours' | 'peer') => points.map((point) => [point.value, pick(point)[side]?.median ?? 0] as const);
  return {
    file,
    title: `${what} against ${of}`,
    x: of,
    y: points[0] === undefined ? '' : pick(points[0]).unit,
    series: [
      { name: 'SARA Studio', points: line('ours') },
      { name: 'PyTorch', points: line('peer') },
    ],
  };
}

async function measure(
  bench: BenchContext,
  name: string,
  { model, rank, batch, length }: Point,
): Promise<Omit<Measured, 'value'>> {
  const examples = path.join(bench.folder, 'random-tokens.json');
  writeFileSync(examples, JSON.stringify({ examples: randomRows(batch, length, model.vocabulary) }));
  const job: JobOf<'training'> = {
    kind: 'training',
    model: await randomModel(bench, model),
    method: methodSchema.parse({ name: 'lora', rank, alpha: 16 }),
    start: path.join(bench.folder, 'start-random.safetensors'),
    examples,
    batchSize: batch,
    learningRate: 1e-4,
    recompute: false,
  };
  const steps = warmup + (bench.quick ? 2 : 4);
  const ours = await trainAlone(bench, 'ours', job, steps);
  const peer = await trainAlone(bench, 'peer', job, steps);
  const checked = describeAgreement(agreementOfRounds(ours.outcomes, peer.outcomes, tolerance), tolerance);
  return {
    speed: comparison({
      name,
      unit: 'tokens/s',
      kind: 'rate',
      ours: rates(ours.outcomes.slice(warmup), batch * length),
      peer: rates(peer.outcomes.slice(warmup), batch * length),
      checked,
    }),
    memory: comparison({
      name: `${name}, peak memory`,
      unit: 'MB',
      kind: 'cost',
      ours: [ours.peakBytes / 1e6],
      peer: [peer.peakBytes / 1e6],
    }),
  };
}

/**
 * Memory that a doubling of the length adds, over what the doubling before it added: 2 where memory is linear in the
 * length, 4 where it grows with its square.
 */
function growthOfGrowth(points: readonly Measured[]): Comparison[] {
  const [first, second, third] = points.slice(-3);
  if (first === undefined || second === undefined || third === undefined) return [];
  const of = (side: 'ours' | 'peer'): number[] => {
    const [a = NaN, b = NaN, c = NaN] = [first, second, third].map(({ memory }) => memory[side]?.median);
    return [(c - b) / (b - a)];
  };
  return [
    comparison({
      name: 'memory added by the last doubling over that by the one before',
      unit: '×',
      kind: 'cost',
      ours: of('ours'),
      peer: of('peer'),
      goal: { of: 'value', limit: 2.3 },
    }),
  ];
}

const sized = (more: Partial<ModelSize>): Point => ({ ...base, model: { ...base.model, ...more } });

export const growthRows: readonly Row[] = [
  growth({
    id: 'length',
    of: 'sequence length',
    values: [64, 128, 256, 512, 1024, 2048],
    batch: 1,
    at: (length) => ({ ...base, batch: 1, length }),
    conclude: growthOfGrowth,
  }),
  growth({ id: 'layers', of: 'layers', values: [2, 4, 8, 16], batch: base.batch, at: (layers) => sized({ layers }) }),
  growth({ id: 'rank', of: 'rank', values: [2, 8, 32, 128], batch: base.batch, at: (rank) => ({ ...base, rank }) }),
  growth({
    id: 'vocabulary',
    of: 'vocabulary size',
    values: [4096, 16_384, 65_536, 131_072],
    batch: base.batch,
    at: (vocabulary) => sized({ vocabulary }),
  }),
];
