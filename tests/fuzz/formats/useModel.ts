import { openModel } from '../../../src-main/models/open.ts';
import { refusable } from '../format.ts';
import { useTokenizer } from './useTokenizer.ts';

const { signal } = new AbortController();
const matricesRead = 6;

/** Opens a model as the app does, reads some rows of its matrices, its tokenizer and the files an export carries. */
export async function useModel(place: string): Promise<void> {
  const model = await openModel(place, signal);
  try {
    for (const [name, { shape }] of [...model.source.tensors].slice(0, matricesRead)) {
      const [rows = 1] = shape;
      await refusable(() => model.source.readRows(name, 0, Math.min(rows, 2)));
    }
    await refusable(async () => useTokenizer(await model.tokenizer()));
    for (const { read } of model.carriedFiles) await refusable(read);
  } finally {
    await model.close();
  }
}
