/**
 * First-fit bin packing: each item goes into the first row that still has room for it, in the order given.
 * A tree over the rooms left finds that row in O(log rows).
 * @param lengths length of each item; one longer than `capacity` gets a row of its own
 * @returns the indexes of the items in each row
 */
export function packFirstFit(lengths: readonly number[], capacity: number): number[][] {
  const rows: number[][] = [];
  const room = new RoomTree(lengths.length, capacity);
  for (const [item, length] of lengths.entries()) {
    const row = room.firstWith(Math.min(length, capacity));
    room.take(row, Math.min(length, capacity));
    const held = rows[row];
    if (held === undefined) rows[row] = [item];
    else held.push(item);
  }
  return rows;
}

/** Complete binary tree whose leaves are the rooms of the rows and whose nodes hold the largest room below them. */
class RoomTree {
  readonly #leaves: number;
  readonly #largest: Float64Array;

  constructor(rows: number, capacity: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, rows)));
    this.#largest = new Float64Array(2 * this.#leaves).fill(capacity);
  }

  /** First row with at least this much room. There is one for every item, since there are as many rows as items. */
  firstWith(length: number): number {
    let node = 1;
    while (node < this.#leaves) node = (this.#largest[2 * node] ?? 0) >= length ? 2 * node : 2 * node + 1;
    return node - this.#leaves;
  }

  take(row: number, length: number): void {
    let node = row + this.#leaves;
    this.#largest[node] = (this.#largest[node] ?? 0) - length;
    while (node > 1) {
      node >>= 1;
      this.#largest[node] = Math.max(this.#largest[2 * node] ?? 0, this.#largest[2 * node + 1] ?? 0);
    }
  }
}
