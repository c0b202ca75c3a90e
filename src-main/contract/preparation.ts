/** A GPU is prepared before it first computes: its kernels are compiled, one op after the other. */
export interface PreparingEvent {
  readonly event: 'phase';
  readonly phase: 'preparing';
  /** 0 … 1 */
  readonly fraction: number;
  /** The op that is at work, 1 … total. */
  readonly op: number;
  readonly total: number;
}
