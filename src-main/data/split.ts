import type { TrainConfig } from '../contract/requests.schema.ts';
import { Rng } from '../util/rng.ts';
import { promptKey, type Example } from './example.ts';

export interface Split {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
}

/** The seed that decides which rows a run holds out and draws. */
export function rowSeedOf({ data, seed }: Pick<TrainConfig, 'data' | 'seed'>): number {
  return data.rowSeed ?? seed;
}

/**
 * Holds out a share of the rows, drawn by the seed. Rows with the same prompt stay together, since a prompt seen in
 * training would make the held-out loss too good. Both sides keep the order of the file.
 * @param share 0 … 1; more than 0 holds out at least one row where there are two prompts
 */
export function splitExamples(examples: readonly Example[], share: number, seed: number): Split {
  if (share <= 0 || examples.length < 2) return { train: examples, validation: [] };
  const groups = new Map<string, number[]>();
  for (const [i, example] of examples.entries()) {
    const key = promptKey(example) ?? `row ${i}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  }
  // A file with one prompt for all rows can only be split by rows.
  const units = groups.size > 1 ? [...groups.values()] : examples.map((_, i) => [i]);
  const wanted = Math.max(1, Math.round(share * examples.length));
  const held = new Set<number>();
  let unitsHeld = 0;
  for (const unit of new Rng(seed).fork('validation split').shuffle(units)) {
    if (held.size >= wanted || unitsHeld === units.length - 1) break;
    // A unit that overshoots by more than it lacks is left to the training side, unless nothing is held out yet.
    if (held.size > 0 && held.size + unit.length - wanted > wanted - held.size) continue;
    for (const i of unit) held.add(i);
    unitsHeld += 1;
  }
  return {
    train: examples.filter((_, i) => !held.has(i)),
    validation: examples.filter((_, i) => held.has(i)),
  };
}

/** At most `count` rows, drawn by the seed, in the order of the file. `purpose` keeps two draws of a seed apart. */
export function drawRows<Row>(
  examples: readonly Row[],
  count: number | undefined,
  seed: number,
  purpose: 'training rows' | 'validation rows',
): readonly Row[] {
  if (count === undefined || count >= examples.length) return examples;
  const order = new Rng(seed).fork(purpose).shuffle(examples.map((_, i) => i));
  const chosen = new Set(order.slice(0, count));
  return examples.filter((_, i) => chosen.has(i));
}
