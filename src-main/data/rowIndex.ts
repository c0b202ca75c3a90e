import type { RowPosition } from './sourceRow.ts';

/** Positions kept; with more rows they lie further apart. */
const maxPositions = 4096;

/** Where rows lie in a file: some of them, evenly spaced, so that any row is found after few others. */
export class RowIndex {
  #positions: RowPosition[] = [];
  #every = 1;
  #rows = 0;

  /** Adds the next row. `position` is asked only for rows that are kept. */
  add(position: () => RowPosition): void {
    if (this.#rows % this.#every === 0) {
      if (this.#positions.length === maxPositions) {
        this.#positions = this.#positions.filter((_, i) => i % 2 === 0);
        this.#every *= 2;
      }
      if (this.#rows % this.#every === 0) this.#positions.push(position());
    }
    this.#rows += 1;
  }

  /** A row to begin with, and how many to pass over until the wanted one (counted from 0); undefined beyond the end. */
  near(row: number): { readonly position: RowPosition; readonly skip: number } | undefined {
    if (row >= this.#rows) return undefined;
    const place = Math.floor(row / this.#every);
    const position = this.#positions[place];
    return position && { position, skip: row - place * this.#every };
  }

  /** The last kept row that is not behind the row of a number, and its place counted from 0. */
  before(row: number): { readonly position: RowPosition; readonly index: number } | undefined {
    const later = this.#positions.findIndex((position) => position.row > row);
    const place = (later < 0 ? this.#positions.length : later) - 1;
    const position = this.#positions[place];
    return position && { position, index: place * this.#every };
  }
}
