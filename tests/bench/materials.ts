/** Models and rows that the jobs read. Made once, or, where it takes no time, for every run. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import { trainConfig, type BenchContext } from './context.ts';
import { once } from './inTurn.ts';
import type { ExamplesFile, JobOf } from './jobs.ts';

/** SmolLM2-135M-Instruct as a Hugging Face folder in float32, made from the sample model's GGUF file. */
export async function sampleModel(bench: BenchContext): Promise<string> {
  const out = path.join(bench.folder, 'smollm2-135m-instruct-f32');
  if (!existsSync(out)) {
    bench.say('  making SmolLM2-135M-Instruct in float32');
    await once(bench, { kind: 'convert', out });
  }
  return out;
}

/** The sample model's GGUF file. */
export async function sampleGguf(bench: BenchContext): Promise<string> {
  const { texts } = await once(bench, { kind: 'sample' });
  return texts?.['path'] ?? '';
}

export type ModelSize = Omit<JobOf<'random-model'>, 'kind' | 'out'>;

/** A LLaMA of any size with random weights, the same every time. */
export async function randomModel(bench: BenchContext, size: ModelSize): Promise<string> {
  const out = path.join(bench.folder, `random-${Object.values(size).join('-')}`);
  if (!existsSync(out)) {
    bench.say('    making a model with random weights');
    const made = await bench.peer({ kind: 'random-model', out, ...size });
    await made.end();
  }
  return out;
}

/** Tokens without pattern, the same every time, with loss on all of them. */
export function randomRows(count: number, length: number, vocabulary: number): ExamplesFile['examples'] {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * vocabulary);
  };
  return Array.from({ length: count }, () => ({
    ids: Array.from({ length }, next),
    loss: Array.from({ length }, () => 1 as const),
  }));
}

export function readRows(file: string): ExamplesFile['examples'] {
  return (JSON.parse(readFileSync(file, 'utf8')) as ExamplesFile).examples;
}

export function tokensIn(file: string): number {
  return readRows(file).reduce((sum, { ids }) => sum + ids.length, 0);
}

export type DataSet = 'e2e' | 'gsm8k';

/** How people train on a data set: chat template, loss on answers alone, rows as long as they are. */
export function dataConfig(bench: BenchContext, model: string, data: DataSet, rows: number): TrainConfigInput {
  return {
    model,
    data: {
      path: path.join(bench.root, 'resources', 'samples', data, 'train.jsonl'),
      validationShare: 0,
      maxRows: rows,
    },
    method: { name: 'lora', rank: 8, alpha: 16 },
    batchSize: 8,
    sequenceLength: 512,
    learningRate: 1e-4,
  };
}

/** The rows of a data set as tokens, in the order the engine draws them. */
export async function dataExamples(bench: BenchContext, config: TrainConfigInput, name: string): Promise<string> {
  const out = path.join(bench.folder, `${name}.json`);
  await once(bench, { kind: 'examples', config: trainConfig(config), out });
  return out;
}

/** Blocks of 256 tokens of real text, loss on all of them. @param most all there are when absent */
export async function fixedBlocks(bench: BenchContext, model: string, most?: number): Promise<string> {
  const out = path.join(bench.folder, `blocks-256-${most ?? 'all'}.json`);
  const config = trainConfig(dataConfig(bench, model, 'gsm8k', 100));
  await once(bench, { kind: 'examples', config, blockLength: 256, ...(most === undefined ? {} : { most }), out });
  return out;
}
