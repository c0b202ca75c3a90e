/** What the heads of pages announce, checked before the library makes room for it. */
import type { AsyncBuffer, FileMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { getSchemaPath } from 'hyparquet/src/schema.js';
import { compressors } from 'hyparquet-compressors';
import { checkRuns, dataPageOf } from './parquetRuns.ts';

type Column = FileMetaData['row_groups'][number]['columns'][number];

/** Most values of one column of a row group: rows, or items of lists. A few bytes can stand for any number of them. */
const maxColumnValues = 2 ** 23;
/** Heads of pages have some hundred bytes; statistics of long texts make them longer. */
const maxHeadBytes = 2 ** 20;

/**
 * Walks over the pages of a column.
 * @param rows of its row group; a column that is no list has as many values
 * @param maxBytes most bytes of one page, unpacked
 * @throws RangeError when a page does not lie in its column or announces more than can be meant
 */
export async function checkPages(
  file: AsyncBuffer,
  { schema }: FileMetaData,
  { meta_data: column }: Column,
  rows: number,
  maxBytes: number,
): Promise<void> {
  if (column === undefined) throw new RangeError('a column is not described');
  const begin = Number(column.dictionary_page_offset ?? 0n) || Number(column.data_page_offset);
  const end = begin + Number(column.total_compressed_size);
  if (!(begin >= 0 && end >= begin && end <= file.byteLength)) {
    throw new RangeError('a column lies beyond the end of the file');
  }
  const path = getSchemaPath(schema, column.path_in_schema);
  const isList = column.path_in_schema.length > 1;
  const most = Math.min(isList ? maxColumnValues : rows, Number(column.num_values));
  let values = 0;
  for (let at = begin; at < end - 1;) {
    const bytes = await file.slice(at, Math.min(end, at + maxHeadBytes));
    const reader = { view: new DataView(bytes), offset: 0 };
    const head = parquetHeader(reader);
    const packed = head.compressed_page_size;
    const unpacked = head.uncompressed_page_size;
    values += valuesOf(head);
    const words = head.dictionary_page_header?.num_values ?? 0;
    if (!(packed >= 0 && at + reader.offset + packed <= end)) throw new RangeError('a page is larger than its column');
    if (!(unpacked >= 0 && unpacked <= maxBytes)) throw new RangeError(`a page would have ${unpacked} bytes`);
    if (!(values >= 0 && values <= most)) throw new RangeError(`a column would have ${values} values`);
    // The shortest values are single bits.
    if (!(words >= 0 && words <= 8 * unpacked)) throw new RangeError(`a page would have ${words} values`);
    const body = at + reader.offset;
    if (isDataPage(head))
      checkRuns(new Uint8Array(await file.slice(body, body + packed)), head, column, path, compressors);
    at = body + packed;
  }
}

function isDataPage({ type }: PageHeader): boolean {
  return type === 'DATA_PAGE' || type === 'DATA_PAGE_V2';
}

/** The types promise a number; a damaged head lacks it, and NaN fails every comparison. */
function valuesOf(head: PageHeader): number {
  if (!isDataPage(head)) return 0;
  const { first, second } = dataPageOf(head);
  return (first ?? second)?.num_values ?? NaN;
}
