import { valueCount } from '../util/valueCount.ts';
import type { TensorInfo } from './types.ts';

/**
 * Which values rows `from … from+count-1` are. A vector has one value per row.
 * @throws RangeError when they do not exist
 */
export function rowsOf(info: TensorInfo, from: number, count: number): { start: number; length: number } {
  const rows = info.shape[0] ?? 1;
  if (!Number.isInteger(from) || !Number.isInteger(count) || from < 0 || count < 0 || from + count > rows) {
    throw new RangeError(`"${info.name}" has ${rows} rows; rows ${from} to ${from + count} were asked for.`);
  }
  const width = valueCount(info.shape.slice(1));
  return { start: from * width, length: count * width };
}
