/**
 * Seeded random numbers: xoshiro128** 1.1 (Blackman & Vigna 2018), seeded through splitmix32. The state can be saved
 * and restored, so that a resumed run draws exactly what an uninterrupted one would have drawn. Not for secrets.
 */
export class Rng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed any finite number; its integer part is used, all 53 bits of it. */
  constructor(seed: number) {
    const whole = Math.trunc(seed);
    const low = whole | 0;
    const high = Math.floor(whole / 2 ** 32) | 0;
    const fromLow = splitmix32(low);
    // Xoring with the high word keeps (low, high) ↦ state one to one.
    const fromBoth = splitmix32(mix32(low) ^ high);
    this.#a = fromLow();
    this.#b = fromBoth();
    this.#c = fromLow();
    this.#d = fromBoth();
  }

  /** A generator that goes on where {@link state} was taken. Throws RangeError when it is not four 32-bit numbers. */
  static fromState(state: readonly number[]): Rng {
    const [a, b, c, d] = state;
    const valid = state.length === 4 && state.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32);
    if (!valid || a === undefined || b === undefined || c === undefined || d === undefined || (a | b | c | d) === 0) {
      throw new RangeError('The state of a random number generator is four 32-bit numbers, not all zero.');
    }
    const rng = new Rng(0);
    rng.#a = a | 0;
    rng.#b = b | 0;
    rng.#c = c | 0;
    rng.#d = d | 0;
    return rng;
  }

  /** Four unsigned 32-bit numbers; plain JSON. */
  state(): readonly number[] {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  /** Uniform in [0, 2³²). */
  #word(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotateLeft(this.#d, 11);
    return result >>> 0;
  }

  /** Uniform in [0, 1), with 53 random bits. */
  next(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Standard normal (Box–Muller; nothing is kept between calls, so the state stays four words). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Uniform in 0 … n − 1, without bias. @param n 1 … 2³² */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`integer(n) needs 1 ≤ n ≤ 2³², not ${n}.`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.#word();
    while (word >= limit) word = this.#word();
    return word % n;
  }

  /** Shuffles in place (Fisher–Yates) and returns the array. */
  shuffle<T>(array: T[]): T[] {
    for (let i = array.length - 1; i > 0; i -= 1) {
      const j = this.integer(i + 1);
      const moved = array[i] as T;
      array[i] = array[j] as T;
      array[j] = moved;
    }
    return array;
  }

  /**
   * An independent generator that depends on this one's present state and on the label, without advancing this one:
   * one seed can serve several purposes, and adding a purpose changes no other's numbers.
   */
  fork(label: string): Rng {
    let hash = 0x811c9dc5;
    for (let i = 0; i < label.length; i += 1) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
    const fork = new Rng(0);
    const splitmix = splitmix32(hash);
    fork.#a = mix32(this.#a ^ splitmix());
    fork.#b = mix32(this.#b ^ splitmix());
    fork.#c = mix32(this.#c ^ splitmix());
    fork.#d = mix32(this.#d ^ splitmix());
    if ((fork.#a | fork.#b | fork.#c | fork.#d) === 0) fork.#a = 1;
    return fork;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** Finaliser of MurmurHash3 (Appleby): a bijection of 32-bit words that spreads every bit. */
function mix32(x: number): number {
  let z = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix32(state);
  };
}
