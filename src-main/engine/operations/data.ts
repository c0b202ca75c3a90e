import type { DataConfig } from '../../contract/requests.schema.ts';
import { checkDataset } from '../../data/checkDataset.ts';
import { heldOutRows } from '../../data/heldOutRows.ts';
import { lengthStatistics } from '../../data/lengths.ts';
import { previewDataset } from '../../data/preview.ts';
import { withTemplateOf } from '../../data/ownTemplate.ts';
import { readRunRows } from '../../data/runRows.ts';
import { searchRows } from '../../data/search.ts';
import { rowSeedOf } from '../../data/split.ts';
import type { TokeniseOptions } from '../../data/tokenise.ts';
import { readRun } from '../../runs/runFolder.ts';
import type { LightModel } from '../lightModels.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Format, columns, layout and bad rows of a data file. */
export function dataInspect({ datasets }: EngineServices): Operation<'data.inspect'> {
  return async ({ path, mapping }, { signal }) => (await datasets.open(path, mapping, signal)).summary;
}

/** Rows as they are, as rendered and as tokens with loss flags. */
export function dataPreview({ datasets, lightModels }: EngineServices): Operation<'data.preview'> {
  return async (request, { signal }) => {
    const model = await lightModels.open(request.model, signal);
    const dataset = await datasets.open(request.data.path, request.data.mapping, signal);
    const options = tokeniseOptions(model, request.data, request.sequenceLength);
    return previewDataset(dataset, request, withTemplateOf(model.tokenizer, request.data), options, signal);
  };
}

/** How long the rows that a run would use are in tokens. */
export function dataLengths({ lightModels }: EngineServices): Operation<'data.lengths'> {
  return async (request, { signal }) => {
    const model = await lightModels.open(request.model, signal);
    const { data, sequenceLength } = request;
    const rows = await readRunRows({ ...data, skipBadRows: true }, rowSeedOf(request), signal);
    return lengthStatistics(
      rows,
      withTemplateOf(model.tokenizer, data),
      tokeniseOptions(model, data, sequenceLength),
      signal,
    );
  };
}

/** Usable rows that hold a text. */
export function dataSearch({ datasets }: EngineServices): Operation<'data.search'> {
  return async ({ path, mapping, text, most }, { signal }) =>
    searchRows(await datasets.open(path, mapping, signal), text, most, signal);
}

/** Where a row is among the usable ones. */
export function dataPlace({ datasets }: EngineServices): Operation<'data.place'> {
  return async ({ path, mapping, row }, { signal }) => {
    const dataset = await datasets.open(path, mapping, signal);
    return { index: (await dataset.placeOf(row, signal)) ?? null };
  };
}

/** What is wrong with rows that can be used. */
export function dataCheck({ lightModels }: EngineServices): Operation<'data.check'> {
  return async (request, { signal, emit }) => {
    const { data, sequenceLength, seed } = request;
    const model = request.model === undefined ? undefined : await lightModels.open(request.model, signal);
    const tokens = model && {
      tokenizer: withTemplateOf(model.tokenizer, data),
      options: tokeniseOptions(model, data, sequenceLength),
    };
    return checkDataset(data, rowSeedOf({ data, seed }), tokens, signal, emit);
  };
}

/** Rows that a run was evaluated on. */
export const dataHeldOut: Operation<'data.heldOut'> = async ({ run, count }, { signal }) => {
  const { config } = await readRun(run);
  return heldOutRows(config.data, rowSeedOf(config), count, signal);
};

function tokeniseOptions({ summary }: LightModel, data: DataConfig, sequenceLength: number): TokeniseOptions {
  return {
    template: data.template,
    systemPrompt: data.systemPrompt,
    completionOnly: data.completionOnly,
    sequenceLength,
    vocabularySize: summary.vocabularySize,
    longRows: data.drop?.includes('too-long') === true ? 'leave-out' : 'cut',
  };
}
