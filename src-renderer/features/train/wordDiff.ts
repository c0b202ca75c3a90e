/** The difference of two texts, word by word. Pure. */

export interface DiffPiece {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Words compared at most; longer texts are taken as changed altogether, to bound the time. */
const longest = 1500;

/** Words with the space before them: a space alone is no common ground between two sentences. */
function words(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** What must be removed from `before` and added to get `after`, by the longest common subsequence of words. */
export function wordDiff(before: string, after: string): DiffPiece[] {
  const a = words(before);
  const b = words(after);
  if (a.length > longest || b.length > longest) {
    return [
      { kind: 'removed', text: before },
      { kind: 'added', text: after },
    ];
  }
  const columns = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * columns);
  const at = (i: number, j: number): number => lengths[i * columns + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * columns + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: { kind: DiffPiece['kind']; text: string }[] = [];
  const put = (kind: DiffPiece['kind'], text: string | undefined): void => {
    const last = pieces[pieces.length - 1];
    if (last?.kind === kind) last.text += text ?? '';
    else pieces.push({ kind, text: text ?? '' });
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      put('same', a[i]);
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) put('removed', a[i++]);
    else put('added', b[j++]);
  }
  return pieces;
}
