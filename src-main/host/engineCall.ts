import type { ControlAction } from '../contract/engine.ts';

/** A running operation. `result` settles exactly once. */
export interface EngineCall<Output> {
  readonly result: Promise<Output>;
  /** Passes a control action on; without effect once the operation has ended. */
  control(action: ControlAction): void;
  /**
   * Asks the operation to end and ends its process when it does not answer in time. `result` rejects with CANCELLED,
   * unless the operation finished first.
   */
  cancel(): void;
}

/** A request on its way: kept from `run` until its answer, whether it has been sent yet or not. */
export interface OpenCall {
  readonly id: number;
  readonly operation: string;
  readonly input: unknown;
  /** Actions asked for before the request could be sent. */
  readonly earlyControls: ControlAction[];
  sent: boolean;
  cancelled: boolean;
  onEvent(event: unknown): void;
  resolve(output: unknown): void;
  reject(error: Error): void;
}
