import { createHash } from 'node:crypto';
import { macrotask } from '../util/macrotask.ts';
import { referencesOf, questionOf, type Example } from './example.ts';
import { bareText, looseText } from './sameText.ts';

/** `exact`: letter for letter; `loose`: white space and case aside; `bare`: punctuation aside too. */
export type Likeness = 'exact' | 'loose' | 'bare';

const rowsBetweenPauses = 2000;

export interface Repeat {
  readonly example: Example;
  /** The row that it repeats: an earlier one, or a held-out one. */
  readonly of: Example;
}

/** Rows that repeat an earlier one, prompt and answer. */
export async function repeatsOf(
  examples: readonly Example[],
  likeness: Likeness,
  signal: AbortSignal,
): Promise<Repeat[]> {
  const first = new Map<string, Example>();
  const repeats: Repeat[] = [];
  for (const [done, example] of examples.entries()) {
    if (done % rowsBetweenPauses === 0) await macrotask(signal);
    const key = keyOf(contentOf(example), likeness);
    const before = first.get(key);
    if (before === undefined) first.set(key, example);
    else repeats.push({ example, of: before });
  }
  return repeats;
}

/** Training rows whose prompt (of plain text, whose text) is also among the held-out rows. */
export async function leaksOf(
  train: readonly Example[],
  heldOut: readonly Example[],
  likeness: Likeness,
  signal: AbortSignal,
): Promise<Repeat[]> {
  const held = new Map<string, Example>();
  for (const [done, example] of heldOut.entries()) {
    if (done % rowsBetweenPauses === 0) await macrotask(signal);
    const key = keyOf(sharedPart(example), likeness);
    // Rows without a prompt have nothing in common by it.
    if (key !== '' && !held.has(key)) held.set(key, example);
  }
  const leaks: Repeat[] = [];
  for (const [done, example] of train.entries()) {
    if (done % rowsBetweenPauses === 0) await macrotask(signal);
    const of = held.get(keyOf(sharedPart(example), likeness));
    if (of !== undefined) leaks.push({ example, of });
  }
  return leaks;
}

function sharedPart(example: Example): string {
  return questionOf(example) ?? contentOf(example);
}

function contentOf(example: Example): string {
  if (example.kind === 'text') return example.text;
  return `${questionOf(example) ?? ''}\u0000${referencesOf(example).join('\u0000')}`;
}

/** The text as it is compared; long ones by their digest, so that a million rows fit into memory. */
function keyOf(text: string, likeness: Likeness): string {
  const compared = likeness === 'exact' ? text : likeness === 'loose' ? looseText(text) : bareText(text);
  return compared.length <= 32 ? compared : createHash('sha256').update(compared).digest('base64');
}
