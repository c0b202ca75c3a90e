import { readFile, writeFile } from 'node:fs/promises';
import { prepareData } from '../../../src-main/training/prepareData.ts';
import type { TokenisedExample } from '../../../src-main/data/tokenise.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import type { ExamplesFile, JobOf } from '../jobs.ts';
import { doneWith, type Work } from './work.ts';

/** Rows as the engine's own training would see them, written for both sides. */
export async function writeExamples(
  { config, blockLength, most, out }: JobOf<'examples'>,
  signal: AbortSignal,
): Promise<Work> {
  const model = await openModel(config.model, signal);
  try {
    const data = await prepareData(config, await model.tokenizer(), requireArch(model), signal);
    const rows = data.train.map(({ ids, loss }) => ({ ids: [...ids], loss: Array.from(loss, flag) }));
    const examples =
      blockLength === undefined
        ? rows
        : blocksOf(
            rows.flatMap(({ ids }) => ids),
            blockLength,
          ).slice(0, most);
    await writeFile(out, JSON.stringify({ examples } satisfies ExamplesFile));
    return doneWith({
      values: {
        examples: examples.length,
        tokens: examples.reduce((sum, { ids }) => sum + ids.length, 0),
      },
    });
  } finally {
    await model.close();
  }
}

/** @param file as {@link writeExamples} wrote it */
export async function readExamples(file: string): Promise<TokenisedExample[]> {
  const { examples } = JSON.parse(await readFile(file, 'utf8')) as ExamplesFile;
  return examples.map(({ ids, loss }, row) => ({
    row,
    ids: Int32Array.from(ids),
    loss: Uint8Array.from(loss),
    truncated: 0,
  }));
}

function blocksOf(tokens: readonly number[], length: number): ExamplesFile['examples'] {
  return Array.from({ length: Math.floor(tokens.length / length) }, (_, i) => ({
    ids: tokens.slice(i * length, (i + 1) * length),
    loss: Array.from({ length }, () => 1 as const),
  }));
}

function flag(value: number): 0 | 1 {
  return value === 0 ? 0 : 1;
}
