import type { DataConfig } from '../../contract/requests.schema.ts';
import { lengthStatistics } from '../../data/lengths.ts';
import { previewDataset } from '../../data/preview.ts';
import { inspectDataset, readDataset } from '../../data/read.ts';
import type { TokeniseOptions } from '../../data/tokenise.ts';
import { openModel } from '../../models/open.ts';
import type { OpenedModel } from '../../models/types.ts';
import type { Operation } from './operation.ts';

/** Format, columns, layout and bad rows of a data file. */
export const dataInspect: Operation<'data.inspect'> = async ({ path, mapping }, { signal }) =>
  inspectDataset(path, mapping, signal);

/** Rows as they are, as rendered and as tokens with loss flags. */
export const dataPreview: Operation<'data.preview'> = async (request, { signal }) =>
  withModel(request.model, signal, async (model) =>
    previewDataset(
      { path: request.data.path, mapping: request.data.mapping, from: request.from, count: request.count },
      await model.tokenizer(),
      tokeniseOptions(model, request.data, request.sequenceLength),
      signal,
    ),
  );

/** How long the rows are in tokens. */
export const dataLengths: Operation<'data.lengths'> = async (request, { signal }) =>
  withModel(request.model, signal, async (model) => {
    const { examples } = await readDataset(request.data.path, request.data.mapping, signal);
    const options = tokeniseOptions(model, request.data, request.sequenceLength);
    return lengthStatistics(examples, await model.tokenizer(), options, signal);
  });

function tokeniseOptions(model: OpenedModel, data: DataConfig, sequenceLength: number): TokeniseOptions {
  return {
    template: data.template,
    systemPrompt: data.systemPrompt,
    completionOnly: data.completionOnly,
    sequenceLength,
    vocabularySize: model.summary.vocabularySize,
  };
}

async function withModel<T>(path: string, signal: AbortSignal, use: (model: OpenedModel) => Promise<T>): Promise<T> {
  const model = await openModel(path, signal);
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}
