/** Changes of JSON that keep its form, with what `JSON.parse` cannot give: doubled keys, own `__proto__`, odd numbers. */
import { at } from '../../src-main/util/at.ts';
import type { Rng } from '../../src-main/util/rng.ts';
import { hostileJson, hostileString, numbers, pick, strings } from './hostile.ts';

export type Tree =
  | { readonly kind: 'object'; entries: [string, Tree][] }
  | { readonly kind: 'array'; items: Tree[] }
  /** Text as it is written. */
  | { readonly kind: 'text'; text: string };

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return { kind: 'text', text: JSON.stringify(value) ?? 'null' };
  return { kind: 'object', entries: Object.entries(value).map(([key, entry]) => [key, treeOf(entry)]) };
}

export function textOf(tree: Tree): string {
  switch (tree.kind) {
    case 'text':
      return tree.text;
    case 'array':
      return `[${tree.items.map(textOf).join(',')}]`;
    case 'object':
      return `{${tree.entries.map(([key, entry]) => `${JSON.stringify(key)}:${textOf(entry)}`).join(',')}}`;
  }
}

/** The value of a key of an object, to be changed alone. */
export function childOf(tree: Tree, key: string): Tree | undefined {
  return tree.kind === 'object' ? tree.entries.find(([name]) => name === key)?.[1] : undefined;
}

interface Place {
  readonly tree: Tree;
  readonly replace: (by: Tree) => void;
  readonly parent: Extract<Tree, { kind: 'object' | 'array' }> | undefined;
  readonly index: number;
}

/** Places that are looked at; of a long list the first ones are as good as all. */
const mostPlaces = 4_000;

function placesIn(root: { tree: Tree }): Place[] {
  const places: Place[] = [{ tree: root.tree, replace: (by) => (root.tree = by), parent: undefined, index: 0 }];
  for (let next = 0; next < places.length && places.length < mostPlaces; next++) {
    const { tree } = at(places, next);
    if (tree.kind === 'array') {
      tree.items.forEach((item, index) =>
        places.push({ tree: item, replace: (by) => (tree.items[index] = by), parent: tree, index }),
      );
    } else if (tree.kind === 'object') {
      tree.entries.forEach((entry, index) =>
        places.push({ tree: entry[1], replace: (by) => (entry[1] = by), parent: tree, index }),
      );
    }
  }
  return places;
}

/** A changed copy: one to `most` changes. */
export function mutateTree(rng: Rng, sound: Tree, most = 4): Tree {
  const root = { tree: structuredClone(sound) };
  for (let left = 1 + rng.integer(most); left > 0; left--) {
    const places = placesIn(root);
    // The first places are the upper ones; small files have few, and large vocabularies would hide them.
    const among = rng.next() < 0.5 ? Math.min(places.length, 60) : places.length;
    change(rng, at(places, rng.integer(among)), places);
  }
  return root.tree;
}

function change(rng: Rng, { tree, replace, parent, index }: Place, places: readonly Place[]): void {
  switch (rng.integer(9)) {
    case 0:
    case 1:
      replace({ kind: 'text', text: hostileJson(rng) });
      return;
    case 2:
      if (tree.kind === 'text' && /^-?\d/.test(tree.text)) replace({ kind: 'text', text: nearNumber(rng, tree.text) });
      else replace({ kind: 'text', text: String(pick(rng, numbers)) });
      return;
    case 3:
      if (parent?.kind === 'object') parent.entries.splice(index, 1);
      else if (parent?.kind === 'array') parent.items.splice(index, 1);
      return;
    case 4: {
      const other = at(places, rng.integer(places.length)).tree;
      replace(structuredClone(other));
      return;
    }
    case 5:
      if (parent?.kind === 'object') {
        const entry = parent.entries[index];
        if (entry !== undefined) entry[0] = rng.next() < 0.5 ? pick(rng, strings) : `${entry[0]}${hostileString(rng)}`;
      }
      return;
    case 6:
      // The same key twice, with the same or another value.
      if (parent?.kind === 'object') {
        const [key] = parent.entries[index] ?? [''];
        const again: Tree = rng.next() < 0.5 ? structuredClone(tree) : { kind: 'text', text: hostileJson(rng) };
        parent.entries.push([key, again]);
      } else if (parent?.kind === 'array') {
        const copies = Array.from({ length: 1 + rng.integer(200) }, () => structuredClone(tree));
        if (tree.kind === 'text') parent.items.splice(index, 0, ...copies);
      }
      return;
    case 7:
      if (tree.kind === 'object') tree.entries.push([pick(rng, strings), { kind: 'text', text: hostileJson(rng) }]);
      else if (tree.kind === 'array') tree.items.push({ kind: 'text', text: hostileJson(rng) });
      return;
    default:
      if (tree.kind === 'text' && tree.text.startsWith('"')) {
        const sound = String(JSON.parse(tree.text));
        replace({ kind: 'text', text: JSON.stringify(changedString(rng, sound)) });
      } else replace({ kind: 'text', text: JSON.stringify(hostileString(rng)) });
  }
}

function nearNumber(rng: Rng, text: string): string {
  const value = Number(text);
  return String(pick(rng, [value + 1, value - 1, -value, value * 2, value / 2, value * 1e9, value + 0.5, 0]));
}

function changedString(rng: Rng, text: string): string {
  const place = rng.integer(text.length + 1);
  return rng.next() < 0.5
    ? text.slice(0, place) + hostileString(rng) + text.slice(place)
    : text.slice(0, place) + text.slice(place + 1 + rng.integer(4));
}
