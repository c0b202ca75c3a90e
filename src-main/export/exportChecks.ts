/** What is checked of written files. */
import { formatMeasure } from '../contract/format.ts';
import type { ExportCheck, ExportedFile } from '../contract/results.ts';
import type { OpenedModel, StoredType, Tokenizer } from '../models/types.ts';
import { valueCount } from '../util/valueCount.ts';
import { AppError } from '../util/appError.ts';
import type { Ending } from './answers.ts';
import type { PlannedTensor } from './exportPlan.ts';
import { weightBound } from './exportBounds.ts';
import type { WeightRows } from './mergedWeights.ts';
import type { ListedTensor } from './tensorList.ts';

/** Names, shapes and types of the written tensors against what was to be written. */
export function tensorCheck(planned: readonly PlannedTensor[], found: ReadonlyMap<string, ListedTensor>): ExportCheck {
  const wrong = planned.find((tensor) => {
    const info = found.get(tensor.name);
    return info?.type !== tensor.type || info.shape.join() !== tensor.shape.join();
  });
  return {
    name: 'Tensors, shapes and types',
    passed: wrong === undefined && found.size === planned.length,
    value: wrong === undefined ? `${found.size} of ${planned.length}` : `${wrong.name} differs`,
    bound: 'as planned',
  };
}

/** Files as they are read back against what was handed to the disk, bit for bit. @param digests sha256 by name */
export function contentCheck(digests: ReadonlyMap<string, string>, files: readonly ExportedFile[]): ExportCheck {
  const found = new Map(files.map(({ name, sha256 }) => [name, sha256]));
  const wrong = [...digests].find(([name, digest]) => found.get(name) !== digest);
  return {
    name: 'Files as written',
    passed: wrong === undefined,
    value: wrong === undefined ? `${digests.size} with the same sha256` : `${wrong[0]} differs`,
    bound: 'bit for bit',
  };
}

/** Rows of each tensor that are read again: at the beginning, in the middle and at the end. */
const sampledRows = 8;

/**
 * Weights as they are read back against the merged ones, by the relative error of sampled rows. Unlike logits this is
 * independent of how sensitive the model is: each type has a known error.
 */
export async function weightCheck(weights: readonly WeightRows[], written: OpenedModel): Promise<ExportCheck> {
  let worst = { name: '', error: 0, share: 0, bound: 0 };
  for (const weight of weights) {
    const info = written.source.tensors.get(weight.name);
    if (info === undefined) {
      return { name: weightCheckName, passed: false, value: `${weight.name} is missing`, bound: 'all there' };
    }
    const bound = weightBound(info.type);
    const error = await relativeError(weight, written);
    // NaN must not slip through a comparison.
    const share = Number.isNaN(error) ? Infinity : error / bound;
    if (share >= worst.share) worst = { name: weight.name, error, share, bound };
  }
  return {
    name: weightCheckName,
    passed: worst.share <= 1,
    value: worst.error === 0 ? 'no error' : `${formatMeasure(worst.error)} (${worst.name})`,
    bound: `at most ${worst.bound}`,
  };
}

const weightCheckName = 'Relative error of the weights';

/** ‖read − merged‖ / ‖merged‖ over the sampled rows. */
async function relativeError(weight: WeightRows, written: OpenedModel): Promise<number> {
  const rows = weight.shape[0] ?? 1;
  const count = valueCount(weight.shape.slice(1)) === 1 ? rows : Math.min(sampledRows, rows);
  const starts = new Set([0, Math.floor((rows - count) / 2), rows - count]);
  let difference = 0;
  let norm = 0;
  for (const start of starts) {
    const expected = await weight.readRows(start, count);
    const found = await written.source.readRows(weight.name, start, count);
    for (let i = 0; i < expected.length; i++) {
      const value = expected[i] ?? 0;
      difference += ((found[i] ?? NaN) - value) ** 2;
      norm += value ** 2;
    }
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

/** The written files’ own tokenizer against the base’s. */
export function tokenizerCheck(base: Tokenizer, written: Tokenizer, texts: readonly string[]): ExportCheck {
  const different = texts.find((text) => ids(base, text) !== ids(written, text));
  return {
    name: 'Same tokens',
    passed: different === undefined,
    value:
      different === undefined ? `${texts.length} texts` : `other tokens for ${JSON.stringify(different.slice(0, 60))}`,
    bound: 'all texts',
  };
}

function ids(tokenizer: Tokenizer, text: string): string {
  try {
    return tokenizer.encode(text, true).join();
  } catch (error) {
    // A text that has no tokens in one must have none in the other.
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** The tokens that end an answer must be the same everywhere, the one learnt first. */
export function endTokenCheck(base: Tokenizer, written: Tokenizer): ExportCheck {
  return {
    name: 'End tokens',
    passed: base.eosIds.join() === written.eosIds.join() && base.bosId === written.bosId,
    value: written.eosIds.join(', ') || 'none',
    bound: base.eosIds.join(', ') || 'none',
  };
}

/** Answers end by the end token where those of the model in memory do: half as many are enough, since rounding may turn one. */
export function stopCheck(reference: readonly Ending[], written: readonly Ending[]): ExportCheck {
  const stops = (answers: readonly Ending[]): number => answers.filter(({ stopped }) => stopped === 'end-token').length;
  const expected = stops(reference);
  const found = stops(written);
  return {
    name: 'Answers end by themselves',
    passed: found >= Math.ceil(expected / 2),
    value: `${found} of ${written.length}`,
    bound:
      expected === 0
        ? 'any number, since none end in memory'
        : `at least ${Math.ceil(expected / 2)}, since ${expected} end in memory`,
  };
}

/** Whether a type loses more than rounding. */
export function isQuantised(type: StoredType): boolean {
  return !['F64', 'F32', 'F16', 'BF16'].includes(type);
}
