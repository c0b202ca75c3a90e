/** Models and rows that the jobs read. Made once, or, where it takes no time, for every run. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import { trainConfig, type BenchContext } from './context.ts';
import { once } from './inTurn.ts';

/** SmolLM2-135M-Instruct as a Hugging Face folder in float32, made from the sample model's GGUF file. */
export async function sampleModel(bench: BenchContext): Promise<string> {
  const out = path.join(bench.folder, 'smollm2-135m-instruct-f32');
  if (!existsSync(out)) {
    bench.say('  making SmolLM2-135M-Instruct in float32');
    await once(bench, { kind: 'convert', out });
  }
  return out;
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

/** Blocks of 256 tokens of real text, loss on all of them. */
export async function fixedBlocks(bench: BenchContext, model: string): Promise<string> {
  const out = path.join(bench.folder, 'blocks-256.json');
  const config = trainConfig(dataConfig(bench, model, 'gsm8k', 100));
  await once(bench, { kind: 'examples', config, blockLength: 256, out });
  return out;
}
