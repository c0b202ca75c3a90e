import type { GateStatistics } from '../contract/gates.ts';
import type { AdapterSet } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';

interface Sums {
  tokens: number;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

/** Mean and spread of the gates over all tokens of some forward passes. Tokens of all passes count alike. */
export class GateMeter {
  readonly #sums = new Map<string, Sums>();

  /**
   * Runs `work` and takes in the gates of all its forward passes.
   * @param adapters those that the passes run with; nothing is measured where they have no gates
   */
  async during<T>(kernels: Kernels, adapters: AdapterSet, work: () => Promise<T>): Promise<T> {
    const { gates } = adapters;
    if (gates === undefined) return work();
    gates.watch((name, values) => this.add(name, kernels.download(values), gates.sets));
    try {
      return await work();
    } finally {
      gates.watch(undefined);
    }
  }

  /** @param gates row-major [tokens, sets] */
  add(name: string, gates: Float32Array, sets: number): void {
    const sums = this.#sums.get(name) ?? { tokens: 0, sum: new Float64Array(sets), squares: new Float64Array(sets) };
    this.#sums.set(name, sums);
    sums.tokens += gates.length / sets;
    for (let i = 0; i < gates.length; i++) {
      const gate = gates[i] ?? 0;
      const set = i % sets;
      sums.sum[set] = (sums.sum[set] ?? 0) + gate;
      sums.squares[set] = (sums.squares[set] ?? 0) + gate * gate;
    }
  }

  /** Tokens seen of each matrix. */
  get tokens(): number {
    return Math.max(0, ...[...this.#sums.values()].map(({ tokens }) => tokens));
  }

  /** Of every matrix that was seen, in the order they first were. */
  statistics(): GateStatistics[] {
    return [...this.#sums].map(([name, { tokens, sum, squares }]) => {
      const mean = [...sum].map((total) => total / tokens);
      const deviation = mean.map((m, set) => Math.sqrt(Math.max(0, (squares[set] ?? 0) / tokens - m * m)));
      return { name, mean, deviation };
    });
  }
}
