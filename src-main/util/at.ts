/** The element at an index that is known to exist. Throws RangeError otherwise. */
export function at<T>(array: readonly T[], index: number): T {
  if (index < 0 || index >= array.length) {
    throw new RangeError(`Index ${String(index)} is outside an array of ${String(array.length)}.`);
  }
  return array[index] as T;
}
