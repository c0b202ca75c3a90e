/** Number of values of a tensor; a shape without dimensions has one. */
export function valueCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
