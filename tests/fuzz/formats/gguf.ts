import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspectFile } from '../../../src-main/models/inspectFile.ts';
import type { Rng } from '../../../src-main/util/rng.ts';
import { refusable, type Format } from '../format.ts';
import { hostileString, pick, wholeNumbers } from '../hostile.ts';
import { mutateBytes } from '../mutateBytes.ts';
import { useModel } from './useModel.ts';

const name = 'model.gguf';

/** A number or text of the head: where it stands, and how wide it is. */
interface Field {
  readonly at: number;
  readonly width: number;
  readonly kind: 'number' | 'type' | 'text';
}

/** An entry of metadata or tensor list, which can be taken out or doubled as a whole. */
interface Entry {
  readonly at: number;
  readonly end: number;
}

const widths: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** Where everything stands in the head of a sound file (docs/gguf.md of ggml). */
function outline(bytes: Buffer): { readonly fields: readonly Field[]; readonly entries: readonly Entry[] } {
  const fields: Field[] = [];
  const entries: Entry[] = [];
  let at = 0;
  const number = (width: number, kind: Field['kind'] = 'number'): number => {
    fields.push({ at, width, kind });
    const value = width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, width);
    at += width;
    return value;
  };
  const text = (): void => {
    const length = number(8);
    fields.push({ at, width: length, kind: 'text' });
    at += length;
  };
  const value = (type: number): void => {
    if (type === 8) text();
    else if (type === 9) {
      const item = number(4, 'type');
      for (let left = number(8); left > 0; left--) value(item);
    } else number(widths[type] ?? 1);
  };
  number(4);
  number(4);
  const [tensors, metadata] = [number(8), number(8)];
  const entry = (read: () => void): void => {
    const begin = at;
    read();
    entries.push({ at: begin, end: at });
  };
  for (let i = 0; i < metadata; i++)
    entry(() => {
      text();
      value(number(4, 'type'));
    });
  for (let i = 0; i < tensors; i++)
    entry(() => {
      text();
      for (let left = number(4); left > 0; left--) number(8);
      number(4, 'type');
      number(8);
    });
  return { fields, entries };
}

/** @param files sound ones */
export function ggufFormat(files: readonly string[]): Format {
  const sound = files.map((file) => {
    const bytes = readFileSync(file);
    return { bytes, ...outline(bytes) };
  });
  return {
    name: 'gguf',
    sound: {},
    make(rng) {
      // The first ones are small; a large one is written and read ten times as long.
      const [small = pick(rng, sound)] = sound;
      const { bytes, fields, entries } = rng.next() < 0.85 ? small : pick(rng, sound);
      if (rng.next() < 0.25) return { [name]: mutateBytes(rng, bytes) };
      let changed: Buffer = Buffer.from(bytes);
      // Places are those of the sound file, so the changes of length come last and from the end.
      for (let left = rng.integer(4); left > 0; left--) overwrite(rng, changed, pick(rng, fields));
      if (rng.next() < 0.5) changed = splice(rng, changed, pick(rng, fields), pick(rng, entries));
      if (rng.next() < 0.1) changed = changed.subarray(0, rng.integer(changed.length));
      return { [name]: changed };
    },
    async use(folder) {
      const file = path.join(folder, name);
      await refusable(() => inspectFile(file));
      await useModel(file);
    },
  };
}

function overwrite(rng: Rng, bytes: Buffer, { at, width, kind }: Field): void {
  if (kind === 'text') {
    const text = rng.next() < 0.5 ? Buffer.from([0xff, 0xfe, 0x00]) : Buffer.from(hostileString(rng));
    text.copy(bytes, at, 0, width);
    return;
  }
  let value = kind === 'type' ? BigInt(rng.integer(40)) : pick(rng, wholeNumbers);
  for (let i = 0; i < width; i++, value >>= 8n) bytes[at + i] = Number(value & 255n);
}

function splice(rng: Rng, bytes: Buffer, field: Field, entry: Entry): Buffer {
  const cut = (from: number, to: number, by: Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
  switch (rng.integer(3)) {
    case 0:
      return cut(entry.at, entry.end, Buffer.alloc(0));
    case 1:
      return cut(entry.at, entry.at, bytes.subarray(entry.at, entry.end));
    default:
      return cut(field.at, field.at + field.width, Buffer.from(hostileString(rng)));
  }
}
