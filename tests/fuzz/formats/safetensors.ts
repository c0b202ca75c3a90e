import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspectFile } from '../../../src-main/models/inspectFile.ts';
import { isFloatType, SafetensorsFile } from '../../../src-main/models/safetensors/reader.ts';
import type { Rng } from '../../../src-main/util/rng.ts';
import { refusable, type Format } from '../format.ts';
import { pick, wholeNumbers } from '../hostile.ts';
import { mutateBytes } from '../mutateBytes.ts';
import { mutateTree, textOf, treeOf } from '../mutateJson.ts';

const name = 'model.safetensors';

/** Values read of each tensor, and tensors read. */
const [valuesRead, tensorsRead] = [256, 50];

/** @param file a sound one */
export function safetensorsFormat(file: string): Format {
  const sound = readFileSync(file);
  const headerBytes = Number(sound.readBigUInt64LE(0));
  const header = treeOf(JSON.parse(sound.toString('utf8', 8, 8 + headerBytes)));
  const data = sound.subarray(8 + headerBytes);
  return {
    name: 'safetensors',
    sound: {},
    make: (rng) => ({ [name]: rng.next() < 0.3 ? mutateBytes(rng, sound) : mutated(rng) }),
    use,
  };

  function mutated(rng: Rng): Buffer {
    const text = Buffer.from(textOf(mutateTree(rng, header)));
    const prefix = Buffer.alloc(8);
    const announced = rng.next() < 0.85 ? BigInt(text.length) : pick(rng, wholeNumbers);
    prefix.writeBigUInt64LE(announced);
    const kept = rng.next() < 0.8 ? data : data.subarray(0, rng.integer(data.length));
    return Buffer.concat([prefix, text, kept]);
  }
}

async function use(folder: string): Promise<void> {
  const file = path.join(folder, name);
  await refusable(() => inspectFile(file));
  const opened = await SafetensorsFile.open(file);
  try {
    const floats = [...opened.entries.values()].filter(({ dtype }) => isFloatType(dtype)).slice(0, tensorsRead);
    for (const entry of floats) {
      const values = entry.shape.reduce((product, size) => product * size, 1);
      await refusable(() => opened.readValues(entry.name, 0, Math.min(values, valuesRead)));
    }
  } finally {
    await opened.close();
  }
}
