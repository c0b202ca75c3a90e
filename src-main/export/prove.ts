import type { ExportCheck } from '../contract/results.ts';
import { requireArch } from '../models/openedModel.ts';
import type { StoredType } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import { answersOf, type Answers } from './answers.ts';
import { compareLogits, type LogitComparison } from './compareLogits.ts';
import { logitChecks } from './exportBounds.ts';
import { endTokenCheck, stopCheck, tokenizerCheck, weightCheck } from './exportChecks.ts';
import type { ExportSource, Probe } from './exportPlan.ts';
import { mergedWeights } from './mergedWeights.ts';
import { openExport, type ExportPlace } from './openExport.ts';

export interface Proof {
  readonly comparison: LogitComparison;
  readonly checks: readonly ExportCheck[];
}

/**
 * Reads an export from its files alone and compares it with what it was made from.
 * @param reference answers of the model in memory to the same probe
 * @param type what the weights were written in, for the bounds
 * @throws AppError as opening the files does
 */
export async function prove(
  source: ExportSource,
  place: ExportPlace,
  type: StoredType,
  reference: Answers,
  probe: Probe,
  signal: AbortSignal,
): Promise<Proof> {
  const { model: base, kernels } = source;
  const written = await openExport(place, base, kernels, signal);
  try {
    const checks: ExportCheck[] = [];
    if (written.model !== base) {
      const [ownTokens, writtenTokens] = [await base.tokenizer(), await written.model.tokenizer()];
      checks.push(
        await weightCheck(mergedWeights(base, source.adapters, kernels), written.model),
        tokenizerCheck(ownTokens, writtenTokens, probe.texts),
        endTokenCheck(ownTokens, writtenTokens),
      );
    }
    const answers = await answersOf(kernels, written.model, written.adapters, probe, signal, reference.from);
    const { vocabularySize } = requireArch(written.model);
    if (answers.logits.length !== reference.logits.length) {
      throw new AppError(
        'VERIFICATION_FAILED',
        `${place.path} has a vocabulary of ${vocabularySize} tokens, its base ${requireArch(base).vocabularySize}; it was not made from this model.`,
      );
    }
    const comparison = compareLogits(reference.logits, answers.logits, vocabularySize);
    checks.push(...logitChecks(comparison, type), stopCheck(reference.endings, answers.endings));
    return { comparison, checks };
  } finally {
    await written.close();
  }
}
