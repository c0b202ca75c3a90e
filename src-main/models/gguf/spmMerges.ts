/** Merge rules for a SentencePiece BPE vocabulary, which states scores instead. */
import { tokenTypes } from './vocabulary.ts';

/**
 * SentencePiece joins the neighbours whose joint token has the highest score. As BPE rules: every way to cut a token
 * into two tokens, in descending order of the token's score. Within a token the order is that of the ids of the two
 * parts, as transformers' own converter has it.
 */
export function mergesFromScores(
  tokens: readonly string[],
  scores: readonly number[],
  types: readonly number[],
): [string, string][] {
  const idOf = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (!idOf.has(token)) idOf.set(token, id);
  const joinable = tokens.flatMap((token, id) => {
    const type = types[id];
    const plain = type === tokenTypes.normal || type === tokenTypes.userDefined || type === tokenTypes.unused;
    return plain && token !== '' ? [{ token, id, score: scores[id] ?? 0 }] : [];
  });
  joinable.sort((a, b) => b.score - a.score || a.id - b.id);
  return joinable.flatMap(({ token }) => cuts(token, idOf));
}

function cuts(token: string, idOf: ReadonlyMap<string, number>): [string, string][] {
  const found: { left: string; right: string; leftId: number; rightId: number }[] = [];
  // Lone surrogates are never tokens, so cutting between UTF-16 units finds only cuts between characters.
  for (let at = 1; at < token.length; at++) {
    const left = token.slice(0, at);
    const right = token.slice(at);
    const leftId = idOf.get(left);
    const rightId = idOf.get(right);
    if (leftId !== undefined && rightId !== undefined) found.push({ left, right, leftId, rightId });
  }
  found.sort((a, b) => a.leftId - b.leftId || a.rightId - b.rightId);
  return found.map(({ left, right }) => [left, right]);
}
