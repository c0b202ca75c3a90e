import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheDirectory } from '../util/paths.ts';

/** What is kept of one matrix. */
export interface CachedSpectrum {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly singularValues: Float32Array;
  readonly warning?: string;
  readonly parts?: readonly { readonly name: string; readonly singularValues: Float32Array }[];
}

/** Part of the file's name; a new one makes every model be analysed again. */
const version = 'v1';

/**
 * Spectra of one model on disk: a line of JSON for each matrix, with a checksum. Lines are only ever added, so an
 * analysis that is cut off keeps what it has; a line that was cut off itself fails its checksum and is passed over.
 */
export class SpectrumCache {
  readonly #file: string;

  /** @param modelHash {@link WeightSource.hash} */
  constructor(modelHash: string, folder: string = path.join(cacheDirectory(), 'spectra')) {
    this.#file = path.join(folder, `${modelHash}.${version}.jsonl`);
  }

  /** Every sound entry, by name. Empty where there is no file or it cannot be read. */
  async read(): Promise<Map<string, CachedSpectrum>> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch {
      return new Map();
    }
    const spectra = text.split('\n').flatMap((line) => readLine(line) ?? []);
    return new Map(spectra.map((spectrum) => [spectrum.name, spectrum]));
  }

  /** Adds entries. A cache that cannot be written costs time the next time, nothing else. */
  async add(spectra: readonly CachedSpectrum[]): Promise<void> {
    // The newline in front keeps a line that was cut off earlier from spoiling the first of these.
    const lines = spectra.map((spectrum) => `\n${writeLine(spectrum)}`).join('');
    try {
      await mkdir(path.dirname(this.#file), { recursive: true });
      await appendFile(this.#file, `${lines}\n`);
    } catch {
      // See above.
    }
  }
}

function writeLine({ name, shape, singularValues, warning, parts }: CachedSpectrum): string {
  const content = JSON.stringify({
    name,
    shape,
    values: encode(singularValues),
    warning,
    parts: parts?.map((part) => ({ name: part.name, values: encode(part.singularValues) })),
  });
  return `${checksum(content)} ${content}`;
}

/** The entry of a line whose checksum is right; everything in it was then written by {@link writeLine}. */
function readLine(line: string): CachedSpectrum | undefined {
  const space = line.indexOf(' ');
  const content = line.slice(space + 1);
  if (space < 0 || line.slice(0, space) !== checksum(content)) return undefined;
  const entry = JSON.parse(content) as StoredSpectrum;
  return {
    name: entry.name,
    shape: entry.shape,
    singularValues: decode(entry.values),
    ...(entry.warning === undefined ? {} : { warning: entry.warning }),
    ...(entry.parts === undefined
      ? {}
      : { parts: entry.parts.map((part) => ({ name: part.name, singularValues: decode(part.values) })) }),
  };
}

interface StoredSpectrum {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly values: string;
  readonly warning?: string;
  readonly parts?: readonly { readonly name: string; readonly values: string }[];
}

function checksum(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** Float32, little-endian as on every platform supported, in base64. */
function encode(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function decode(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  // Copied, since a Float32Array must begin at a multiple of four bytes.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
