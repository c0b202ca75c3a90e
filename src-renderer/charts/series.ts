/** A growing pair of columns, kept outside reactivity: a chart reads it when told that it has changed. */
export class Series {
  #x = new Float64Array(256);
  #y = new Float64Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Views of the values so far; valid until the next `push`. */
  get x(): Float64Array {
    return this.#x.subarray(0, this.#length);
  }

  get y(): Float64Array {
    return this.#y.subarray(0, this.#length);
  }

  get lastY(): number | undefined {
    return this.#length === 0 ? undefined : this.#y[this.#length - 1];
  }

  /**
   * Adds a point. A resumed run repeats steps: points at or after `x` are replaced, so that x stays ascending.
   */
  push(x: number, y: number): void {
    while (this.#length > 0 && (this.#x[this.#length - 1] ?? -Infinity) >= x) this.#length--;
    if (this.#length === this.#x.length) {
      this.#x = grown(this.#x);
      this.#y = grown(this.#y);
    }
    this.#x[this.#length] = x;
    this.#y[this.#length] = y;
    this.#length++;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Index of the point nearest to `x`; -1 when empty. */
  nearest(x: number): number {
    if (this.#length === 0) return -1;
    let low = 0;
    let high = this.#length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#x[middle] ?? 0) < x) low = middle + 1;
      else high = middle;
    }
    const before = this.#x[low - 1];
    return before !== undefined && x - before < (this.#x[low] ?? 0) - x ? low - 1 : low;
  }
}

function grown(old: Float64Array): Float64Array<ArrayBuffer> {
  const next = new Float64Array(old.length * 2);
  next.set(old);
  return next;
}
