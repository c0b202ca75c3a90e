import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AdapterTensor } from '../../../src-main/methods/types.ts';
import { SafetensorsFile } from '../../../src-main/models/safetensors/reader.ts';
import type { LabelledBatch } from '../../../src-main/decoder/batch.ts';
import { ignoredLabel } from '../../../src-main/decoder/batch.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures');

export function fixturePath(name: string): string {
  return path.join(fixtures, name);
}

export function readJson(name: string): unknown {
  return JSON.parse(readFileSync(fixturePath(name), 'utf8'));
}

/** All tensors of a file whose names `rename` maps to the app's; those it maps to undefined are left out. */
export async function readTensors(
  name: string,
  rename: (name: string) => string | undefined,
): Promise<Map<string, AdapterTensor>> {
  const file = await SafetensorsFile.open(fixturePath(name));
  try {
    const tensors = new Map<string, AdapterTensor>();
    for (const entry of file.entries.values()) {
      const renamed = rename(entry.name);
      if (renamed === undefined || entry.dtype !== 'F32') continue;
      const count = entry.shape.reduce((product, size) => product * size, 1);
      tensors.set(renamed, { shape: entry.shape, data: await file.readValues(entry.name, 0, count) });
    }
    return tensors;
  } finally {
    await file.close();
  }
}

/**
 * The batches of a file with input_ids, attention_mask and labels [(batches,) rows, width] as Hugging Face lays them
 * out (a label is the token at its own place), as batches without padding and with labels already shifted.
 */
export async function readBatches(name: string): Promise<LabelledBatch[]> {
  const file = await SafetensorsFile.open(fixturePath(name));
  try {
    const ids = await file.readIntegers('input_ids');
    const mask = await file.readIntegers('attention_mask');
    const labels = await file.readIntegers('labels');
    const shape = file.entry('input_ids').shape;
    const width = shape.at(-1) ?? 0;
    const rows = shape.at(-2) ?? 0;
    const count = ids.length / (rows * width);
    return Array.from({ length: count }, (_, batch) => {
      const sequences = Array.from({ length: rows }, (_row, row) => {
        const from = (batch * rows + row) * width;
        const real = Array.from({ length: width }, (_at, i) => from + i).filter((i) => mask[i] === 1);
        return real.map((i, position) => ({
          token: ids[i] ?? 0,
          position,
          label: position + 1 < real.length ? (labels[i + 1] ?? ignoredLabel) : ignoredLabel,
        }));
      });
      const all = sequences.flat();
      return {
        tokens: Int32Array.from(all, ({ token }) => token),
        positions: Int32Array.from(all, ({ position }) => position),
        labels: Int32Array.from(all, ({ label }) => label),
        lengths: sequences.map((sequence) => sequence.length),
      };
    });
  } finally {
    await file.close();
  }
}
