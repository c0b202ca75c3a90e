/** Keys and values of several sequences that are being continued. */
export declare class DecoderCache {
  /** Tokens of each sequence so far. */
  readonly lengths: readonly number[];
  /** Keeps these sequences, in this order (an index may occur several times); the others are dropped. */
  select(sequences: readonly number[]): void;
  dispose(): void;
}
