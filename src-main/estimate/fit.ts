import type { Fit, FitChange, SmallerSettings } from '../contract/fit.ts';
import type { MethodConfig } from '../contract/methods.schema.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { Estimate } from '../contract/training.ts';
import { openModel } from '../models/open.ts';
import { freeSpace } from '../util/diskSpace.ts';
import { homeDirectory } from '../util/paths.ts';
import { estimateOf, factsOf, type RunFacts } from './estimate.ts';
import { estimateRanks } from './ranks.ts';

/** Of the memory that is free, what a proposal uses: estimates are not exact, and other programs live too. */
const usedShare = 0.95;
/** A row is cut to this share at a time, and never below so many tokens. */
const lengthShare = 0.75;
const shortestRow = 32;

/** Settings that are tried, with their estimate. */
interface Trial {
  readonly config: TrainConfig;
  readonly facts: RunFacts;
  readonly estimate: Estimate;
}

/**
 * Settings with which a training fits into memory and onto the disk. What costs the person least is changed first: rows
 * at a time against accumulation, which comes to the same; weights as stored, which is exact; recomputation, which takes
 * time; the length of rows; the largest rank; and for the disk the number of checkpoints.
 * @param budget bytes of memory to stay under, where less than what is free
 * @throws AppError as estimateRun
 */
export async function fitRun(config: TrainConfig, budget: number | undefined, signal: AbortSignal): Promise<Fit> {
  const model = await openModel(config.model, signal);
  try {
    const facts = await factsOf(model, config, signal);
    const free = await freeSpace(homeDirectory());
    const limit = Math.min(usedShare * facts.available, budget ?? Infinity);
    const attempt = async (changed: TrainConfig): Promise<Trial> => {
      const ranked = changed.method === config.method ? facts : await estimateRanks(model, changed, signal);
      const changedFacts = { ...facts, ...ranked, lengths: cutLengths(facts, changed.sequenceLength) };
      return { config: changed, facts: changedFacts, estimate: estimateOf(changed, changedFacts, free) };
    };
    const fits = ({ estimate }: Trial): boolean => estimate.memory.total <= limit;
    const first = await attempt(config);
    let best = first;
    for (const smaller of [halfBatch, storedWeights, recompute, shorterRows, lowerRanks]) {
      for (let next = smaller(best); !fits(best) && next !== undefined; next = smaller(best)) {
        const trial = await attempt(next);
        // A change that saves nothing is not worth its price.
        if (trial.estimate.memory.total >= best.estimate.memory.total && smaller !== halfBatch) break;
        best = trial;
      }
    }
    // A later change may have made room for more rows at a time again.
    while (fits(best) && best.config.batchSize < config.batchSize) {
      const larger = await attempt(
        withBatch(config, best.config, Math.min(config.batchSize, 2 * best.config.batchSize)),
      );
      if (!fits(larger)) break;
      best = larger;
    }
    if (!best.estimate.fitsDisk && config.keepCheckpoints > 1) {
      best = await attempt({ ...best.config, keepCheckpoints: 1 });
    }
    const changes = changesBetween(first, best);
    return {
      changes,
      settings: settingsOf(config, best.config),
      before: first.estimate,
      after: best.estimate,
      fits: fits(best) && best.estimate.fitsDisk,
    };
  } finally {
    await model.close();
  }
}

function halfBatch({ config }: Trial): TrainConfig | undefined {
  return config.batchSize > 1 ? withBatch(config, config, Math.ceil(config.batchSize / 2)) : undefined;
}

/** So many rows at a time, with as many in an optimizer step as in `like`, or a few more. */
function withBatch(like: TrainConfig, config: TrainConfig, batchSize: number): TrainConfig {
  return { ...config, batchSize, accumulation: Math.ceil((like.batchSize * like.accumulation) / batchSize) };
}

function storedWeights({ config }: Trial): TrainConfig | undefined {
  const { weights } = config;
  return weights === 'auto' || weights === 'float32' ? { ...config, weights: 'stored' } : undefined;
}

function recompute({ config }: Trial): TrainConfig | undefined {
  return config.activationCheckpointing ? undefined : { ...config, activationCheckpointing: true };
}

function shorterRows({ config, facts }: Trial): TrainConfig | undefined {
  const longest = Math.min(config.sequenceLength, longestRow(facts));
  // Packed rows longer than any example can be shorter without cutting one.
  if (config.packing && config.sequenceLength > Math.max(longest, shortestRow)) {
    return { ...config, sequenceLength: Math.max(longest, shortestRow) };
  }
  const next = Math.floor((lengthShare * longest) / 8) * 8;
  return next < shortestRow ? undefined : { ...config, sequenceLength: next };
}

function lowerRanks({ config, facts }: Trial): TrainConfig | undefined {
  const most = largestRank(facts);
  if (most <= 1) return undefined;
  const method = withLargestRank(config.method, Math.max(1, Math.floor(most / 2)));
  return method === undefined ? undefined : { ...config, method };
}

/** The same method with no rank above this one; undefined where it has none. */
function withLargestRank(method: MethodConfig, rank: number): MethodConfig | undefined {
  switch (method.name) {
    case 'sara':
    case 'mosara':
      return { ...method, cap: rank, ...(method.floor === undefined ? {} : { floor: Math.min(method.floor, rank) }) };
    case 'adalora':
      return { ...method, initialRank: rank, targetRank: Math.min(method.targetRank, rank) };
    case 'lora': {
      const { budget: _budget, ...plain } = method;
      return { ...plain, rank, alpha: scaledAlpha(method, rank) };
    }
    case 'dora':
      return { ...method, rank, alpha: scaledAlpha(method, rank) };
    case 'pissa':
      return { ...method, rank };
    case 'full':
      return undefined;
  }
}

/** Alpha with which the scaling alpha / rank stays what it was. */
function scaledAlpha({ alpha, rank }: { readonly alpha: number; readonly rank: number }, next: number): number {
  return (alpha / rank) * next;
}

function cutLengths({ lengths }: RunFacts, longest: number): RunFacts['lengths'] {
  const cut = (rows: RunFacts['lengths']['train']): RunFacts['lengths']['train'] =>
    rows.map(({ tokens, lossTokens, shared }) => {
      const kept = Math.min(tokens, longest);
      return { tokens: kept, lossTokens: Math.max(1, lossTokens - (tokens - kept)), shared: Math.min(shared, kept) };
    });
  return { train: cut(lengths.train), held: cut(lengths.held) };
}

function longestRow({ lengths }: RunFacts): number {
  return lengths.train.reduce((most, { tokens }) => Math.max(most, tokens), 1);
}

function largestRank({ ranks }: RunFacts): number {
  return ranks.reduce((most, { rank }) => Math.max(most, rank), 1);
}

function changesBetween(before: Trial, after: Trial): FitChange[] {
  const [from, to] = [before.config, after.config];
  const changes: FitChange[] = [];
  if (to.batchSize !== from.batchSize) {
    const accumulation = [from.accumulation, to.accumulation] as const;
    changes.push({ kind: 'batch', rows: [from.batchSize, to.batchSize], accumulation });
  }
  if (to.weights !== from.weights) changes.push({ kind: 'weights' });
  if (to.activationCheckpointing !== from.activationCheckpointing) changes.push({ kind: 'recompute' });
  if (to.sequenceLength !== from.sequenceLength) {
    const rows = before.facts.lengths.train;
    const longer = rows.filter(({ tokens }) => tokens > to.sequenceLength).length;
    const tokens = [from.sequenceLength, to.sequenceLength] as const;
    changes.push({ kind: 'length', tokens, cut: longer / Math.max(1, rows.length) });
  }
  if (to.method !== from.method) {
    changes.push({ kind: 'rank', ranks: [largestRank(before.facts), largestRank(after.facts)] });
  }
  if (to.keepCheckpoints !== from.keepCheckpoints) {
    changes.push({ kind: 'checkpoints', kept: [from.keepCheckpoints, to.keepCheckpoints] });
  }
  return changes;
}

function settingsOf(from: TrainConfig, to: TrainConfig): SmallerSettings {
  const { batchSize, accumulation, activationCheckpointing, sequenceLength, weights, method, keepCheckpoints } = to;
  const all = { batchSize, accumulation, activationCheckpointing, sequenceLength, weights, method, keepCheckpoints };
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => from[key as keyof typeof all] !== value));
}
