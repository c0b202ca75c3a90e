/**
 * Runs of equal or packed values in a page (https://parquet.apache.org/docs/file-format/data-pages/encodings/, RLE), checked
 * before the library writes them out: it does as many as the file says, whatever the page holds.
 */
import type { ColumnMetaData, Compressors, PageHeader, SchemaTree } from 'hyparquet';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js';

/** Writers may fill up the last run. */
const filledUp = 512;

/**
 * @param bytes of the page as it is stored, without its head
 * @throws RangeError when a run is longer than the page has values
 */
export function checkRuns(
  bytes: Uint8Array,
  head: PageHeader,
  { codec, type }: ColumnMetaData,
  path: SchemaTree[],
  compressors: Compressors,
): void {
  const levels = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)].filter((level) => level > 0).map(widthOf);
  const { first, second } = dataPageOf(head);
  if (first !== undefined) {
    const page = decompressPage(bytes, head.uncompressed_page_size, codec, compressors);
    const runs = new Runs(page, first.num_values);
    for (const width of levels) runs.skip(width, runs.length());
    if (first.encoding === 'RLE' && type === 'BOOLEAN') runs.skip(1, runs.length());
    else if (isByDictionary(first.encoding)) runs.skip(runs.byte(), undefined);
  } else if (second !== undefined) {
    const { repetition_levels_byte_length: repeated, definition_levels_byte_length: defined } = second;
    // The types promise numbers; a damaged head lacks them.
    if (!(repeated >= 0 && defined >= 0 && repeated + defined <= bytes.length)) {
      throw new RangeError('the levels of a page are larger than the page');
    }
    const inLevels = new Runs(bytes, second.num_values);
    const lengths = levels.length === 2 ? [repeated, defined] : [defined];
    levels.forEach((width, i) => inLevels.skip(width, lengths[i]));
    if (second.encoding !== 'RLE' && !isByDictionary(second.encoding)) return;
    const stored = bytes.subarray(repeated + defined);
    const unpacked = head.uncompressed_page_size - repeated - defined;
    const page = second.is_compressed === false ? stored : decompressPage(stored, unpacked, codec, compressors);
    const values = new Runs(page, second.num_values);
    if (second.encoding === 'RLE') values.skip(1, values.length());
    else values.skip(values.byte(), undefined);
  }
}

/** What a head says of the data page that it is of, as the library takes it: a damaged one may describe either kind. */
export function dataPageOf({ type, data_page_header, data_page_header_v2 }: PageHeader): {
  readonly first: PageHeader['data_page_header'];
  readonly second: PageHeader['data_page_header_v2'];
} {
  return {
    first: type === 'DATA_PAGE' ? data_page_header : undefined,
    second: type === 'DATA_PAGE_V2' ? data_page_header_v2 : undefined,
  };
}

function isByDictionary(encoding: string): boolean {
  return encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';
}

function widthOf(level: number): number {
  return 32 - Math.clz32(level);
}

class Runs {
  readonly #view: DataView;
  readonly #count: number;
  #at = 0;

  /** @param count values of the page */
  constructor(page: Uint8Array, count: number) {
    this.#view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    this.#count = count;
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  /** The length of what follows. */
  length(): number {
    const length = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return length;
  }

  /**
   * Passes over the runs of all values; the next thing begins after `length` bytes. As the library does it reads on behind
   * these while values are wanting.
   */
  skip(width: number, length: number | undefined): void {
    const begin = this.#at;
    // Where values are missing there are fewer in the page.
    for (let seen = 0; seen < this.#count && this.#at < this.#view.byteLength;) {
      const head = this.#number();
      const packed = (head & 1) === 1;
      const values = packed ? (head >>> 1) * 8 : head >>> 1;
      if (values > this.#count - seen + filledUp) throw new RangeError(`a run would have ${values} values`);
      this.#at += packed ? (head >>> 1) * width : (width + 7) >> 3;
      seen += values;
    }
    if (length !== undefined) this.#at = begin + length;
  }

  #number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new RangeError('a number in a page does not end');
  }
}
