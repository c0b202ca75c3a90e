import type { TrainConfig } from '../contract/requests.schema.ts';
import type { RunRecord } from '../contract/training.ts';
import { assembleBatch } from '../data/batches.ts';
import type { Example } from '../data/example.ts';
import { readRunRows } from '../data/runRows.ts';
import { promptMessages } from '../data/render.ts';
import { drawRows, rowSeedOf } from '../data/split.ts';
import { exampleTokeniser, type TokenisedRow } from '../data/tokenise.ts';
import type { Probe } from '../export/exportPlan.ts';
import { promptIds } from '../generation/prompt.ts';
import type { OpenedModel } from '../models/types.ts';
import { AppError } from '../util/appError.ts';

/** Rows compared, and logits kept of them: 64 MB as float32. */
const probeRows = 16;
const probeLogits = 16e6;
/** Prompts that are answered. */
const probePrompts = 4;
/** Longest prompt, so that checking stays short. */
const longestPrompt = 512;

/** Stands in where there is no data, or no longer; any text shows whether two models are the same. */
const neutralText =
  'The river rises in the hills to the north and reaches the sea after forty miles. In spring its water is cold and ' +
  'clear; by late summer only a narrow channel is left between the stones.';

/** Texts that tokenizers disagree on: spaces, digits, other scripts, symbols. */
const trickyTexts = [
  neutralText,
  '  two  spaces\n\n\tand a tab ',
  'In 2024, 1234567 × 3.14 ≈ 3,879,999.5!?',
  "I'm sure they'll say it's DON'T.",
  'naïve café – Größe – Ελληνικά – русский – 日本語 – 한국어 – हिन्दी',
  'emoji 👩‍🔬🙂 and code: for (let i = 0; i < 10; i++) { x[i] += "a\\n"; }',
] as const;

/**
 * What an export is compared on: a few held-out rows of a run as one batch, prompts from them, and texts.
 * @param record undefined for a model as it is
 * @throws AppError TOKENIZER_INVALID, CANCELLED
 */
export async function probeOf(model: OpenedModel, record: RunRecord | undefined, signal: AbortSignal): Promise<Probe> {
  const tokenizer = await model.tokenizer();
  const { vocabularySize, contextLength } = model.summary;
  const config = record?.config;
  const tokenise = exampleTokeniser(tokenizer, {
    template: config?.data.template ?? 'plain',
    systemPrompt: config?.data.systemPrompt,
    completionOnly: config?.data.completionOnly ?? true,
    sequenceLength: Math.min(
      config?.sequenceLength ?? contextLength,
      contextLength,
      Math.max(1, Math.floor(probeLogits / vocabularySize)),
    ),
    vocabularySize,
  });
  const held = config === undefined ? [] : await heldOutExamples(config, signal);
  const examples = held.length > 0 ? held : [{ kind: 'text' as const, row: 1, text: neutralText }];
  const rows: TokenisedRow[] = [];
  let tokens = 0;
  for (const example of examples.slice(0, probeRows)) {
    const row = tokenise(example);
    tokens += row.ids.length;
    if (rows.length > 0 && tokens * vocabularySize > probeLogits) break;
    rows.push(row);
  }
  const trained = record && {
    template: record.config.data.template,
    systemPrompt: record.config.data.systemPrompt,
    layout: record.layout,
  };
  const prompts = examples.slice(0, probePrompts).map((example) => {
    const messages = promptMessages(example, config?.data.systemPrompt);
    // Of a text its beginning is the prompt.
    return messages.length > 0
      ? promptIds(messages, tokenizer, trained)
      : tokenizer.encode(example.kind === 'text' ? example.text : '', true).slice(0, 16);
  });
  const longest = Math.min(longestPrompt, contextLength - 1);
  return {
    batch: assembleBatch(
      rows,
      rows.map((_, index) => index),
    ),
    prompts: prompts.filter((prompt) => prompt.length > 0 && prompt.length <= longest),
    texts: [...trickyTexts, ...rows.map((row) => row.rendered)],
  };
}

/** The validation rows of a run, else its training rows; none where its data cannot be read any more. */
async function heldOutExamples(config: TrainConfig, signal: AbortSignal): Promise<readonly Example[]> {
  const { data } = config;
  const seed = rowSeedOf(config);
  try {
    const { train, validation } = await readRunRows({ ...data, skipBadRows: true }, seed, signal);
    return drawRows(validation.length > 0 ? validation : train, probeRows, seed, 'validation rows');
  } catch (error) {
    if (error instanceof AppError && error.code !== 'CANCELLED') return [];
    throw error;
  }
}
