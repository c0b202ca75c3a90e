import type { TrainConfig } from '../contract/requests.schema.ts';
import { assembleBatch } from '../data/batches.ts';
import type { Example } from '../data/example.ts';
import { readDataset, usableExamples } from '../data/read.ts';
import { drawRows, splitExamples } from '../data/split.ts';
import { exampleTokeniser, type TokenisedExample } from '../data/tokenise.ts';
import type { TokenBatch } from '../decoder/batch.ts';
import type { OpenedModel } from '../models/types.ts';
import { AppError } from '../util/appError.ts';

/** Rows compared, and logits kept of them: 64 MB as float32. */
const probeRows = 16;
const probeLogits = 16e6;

/** Stands in where the data of a run is no longer there; any text shows whether two models are the same. */
const neutralText =
  'The river rises in the hills to the north and reaches the sea after forty miles. In spring its water is cold and ' +
  'clear; by late summer only a narrow channel is left between the stones.';

/**
 * A few held-out rows of a run as one batch, to compare an export with the adapter it was made from.
 * @throws AppError TOKENIZER_INVALID, CANCELLED
 */
export async function probeBatch(model: OpenedModel, config: TrainConfig, signal: AbortSignal): Promise<TokenBatch> {
  const tokenizer = await model.tokenizer();
  const { vocabularySize } = model.summary;
  const tokenise = exampleTokeniser(tokenizer, {
    template: config.data.template,
    systemPrompt: config.data.systemPrompt,
    completionOnly: config.data.completionOnly,
    sequenceLength: Math.min(config.sequenceLength, Math.max(1, Math.floor(probeLogits / vocabularySize))),
    vocabularySize,
  });
  const held = await heldOutExamples(config, signal);
  const examples = held.length > 0 ? held : [{ kind: 'text' as const, row: 1, text: neutralText }];
  const chosen: TokenisedExample[] = [];
  let tokens = 0;
  for (const example of examples.slice(0, probeRows)) {
    const tokenised = tokenise(example);
    tokens += tokenised.ids.length;
    if (chosen.length > 0 && tokens * vocabularySize > probeLogits) break;
    chosen.push(tokenised);
  }
  return assembleBatch(
    chosen,
    chosen.map((_, index) => index),
  );
}

/** The validation rows of a run, else its training rows; none where its data cannot be read any more. */
async function heldOutExamples(config: TrainConfig, signal: AbortSignal): Promise<readonly Example[]> {
  const { data, seed } = config;
  try {
    const file = data.validationPath ?? data.path;
    const rows = usableExamples(await readDataset(file, data.mapping, signal), true);
    if (data.validationPath !== undefined) return drawRows(rows, probeRows, seed, 'validation rows');
    const { train, validation } = splitExamples(rows, data.validationShare, seed);
    return drawRows(validation.length > 0 ? validation : train, probeRows, seed, 'validation rows');
  } catch (error) {
    if (error instanceof AppError && error.code !== 'CANCELLED') return [];
    throw error;
  }
}
