import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { methodSchema } from '../../../src-main/contract/methods.schema.ts';
import { agreementOfRounds, describeAgreement } from '../agreement.ts';
import type { BenchContext } from '../context.ts';
import type { JobOf } from '../jobs.ts';
import { randomModel, randomRows, type ModelSize } from '../materials.ts';
import { trainAlone, type Measured } from '../peakMemory.ts';
import type { Chart } from '../results.ts';
import { summarise } from '../statistics.ts';
import { short } from '../text.ts';
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

/** Losses of random weights lie near ln V; only the order of the sums differs. */
const tolerance = 1e-3;

interface Growth {
  readonly id: string;
  readonly of: string;
  readonly values: readonly number[];
  at(value: number): Point;
}

function growth({ id, of, values, at }: Growth): Row {
  return {
    id: `growth-${id}`,
    title: `Cost against ${of}`,
    about: `Training steps of a LLaMA with random weights (hidden size 576, ${base.model.layers} layers, vocabulary ${base.model.vocabulary}, LoRA of rank ${base.rank}, ${id === 'length' ? 'one sequence' : `${base.batch} × ${base.length} tokens`}, float32) while the ${of} grows. Every point is a process of its own on each side: the median of its steps, and its largest resident memory.`,
    async run(bench) {
      const chosen = bench.quick ? values.filter((_, i) => i % 2 === 0).slice(0, 2) : values;
      const rows: string[][] = [];
      const speed = { ours: [] as [number, number][], peer: [] as [number, number][] };
      const memory = { ours: [] as [number, number][], peer: [] as [number, number][] };
      const differences: string[] = [];
      for (const value of chosen) {
        bench.say(`  ${of} ${value}`);
        const { ours, peer, checked } = await measure(bench, at(value));
        differences.push(`${value}: ${checked}`);
        for (const [name, side] of [['ours', ours] as const, ['peer', peer] as const]) {
          speed[name].push([value, side.tokensPerSecond]);
          memory[name].push([value, side.megabytes]);
        }
        rows.push([
          String(value),
          short(ours.tokensPerSecond),
          short(peer.tokensPerSecond),
          `${(ours.tokensPerSecond / peer.tokensPerSecond).toFixed(2)}×`,
          short(ours.megabytes),
          short(peer.megabytes),
          `${(ours.megabytes / peer.megabytes).toFixed(2)}×`,
        ]);
      }
      const chart = (kind: 'speed' | 'memory', y: string, sides: typeof speed): Chart => ({
        file: `growth-${id}-${kind}.svg`,
        title: `${kind === 'speed' ? 'Speed' : 'Peak memory'} against ${of}`,
        x: of,
        y,
        series: [
          { name: 'SARA Studio', points: sides.ours },
          { name: 'PyTorch', points: sides.peer },
        ],
      });
      return {
        comparisons: [],
        charts: [chart('speed', 'tokens/s', speed), chart('memory', 'MB', memory)],
        tables: [
          {
            title: `Training against ${of}`,
            header: [of, 'tokens/s', 'PyTorch', 'ratio', 'peak MB', 'PyTorch', 'ratio'],
            rows,
          },
        ],
        notes: [`Both sides agree: ${differences.join('; ')}.`],
      };
    },
  };
}

interface Cost {
  readonly tokensPerSecond: number;
  readonly megabytes: number;
}

async function measure(
  bench: BenchContext,
  { model, rank, batch, length }: Point,
): Promise<{ readonly ours: Cost; readonly peer: Cost; readonly checked: string }> {
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
  const steps = bench.quick ? 2 : 4;
  const ours = await trainAlone(bench, 'ours', job, steps);
  const peer = await trainAlone(bench, 'peer', job, steps);
  const checked = describeAgreement(agreementOfRounds(ours.outcomes, peer.outcomes, tolerance), tolerance);
  return { ours: costOf(ours, batch * length), peer: costOf(peer, batch * length), checked };
}

/** The first step is a warm-up. */
function costOf({ outcomes, peakBytes }: Measured, tokens: number): Cost {
  const { median } = summarise(outcomes.slice(1).map(({ seconds }) => tokens / seconds));
  return { tokensPerSecond: median, megabytes: peakBytes / 1e6 };
}

const sized = (more: Partial<ModelSize>): Point => ({ ...base, model: { ...base.model, ...more } });

export const growthRows: readonly Row[] = [
  growth({
    id: 'length',
    of: 'sequence length',
    values: [64, 128, 256, 512, 1024, 2048],
    at: (length) => ({ ...base, batch: 1, length }),
  }),
  growth({ id: 'layers', of: 'layers', values: [2, 4, 8, 16], at: (layers) => sized({ layers }) }),
  growth({ id: 'rank', of: 'rank', values: [2, 8, 32, 128], at: (rank) => ({ ...base, rank }) }),
  growth({
    id: 'vocabulary',
    of: 'vocabulary size',
    values: [4096, 16_384, 65_536, 131_072],
    at: (vocabulary) => sized({ vocabulary }),
  }),
];
