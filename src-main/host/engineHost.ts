/** The engine as the main process uses it: operations by name, each run in the lane the contract gives it. */
import {
  operationLanes,
  type Lane,
  type OperationEvent,
  type OperationInput,
  type OperationName,
  type OperationOutput,
} from '../contract/engine.ts';
import type { EngineCall } from './engineCall.ts';
import type { EngineState } from '../contract/routes.ts';
import { EngineLane } from './engineLane.ts';
import type { EngineBudgets } from './engineProcess.ts';
import type { SpawnEngine } from './engineTransport.ts';
import type { LogLevel } from './protocol.ts';

export interface EngineHostOptions {
  readonly spawn: SpawnEngine;
  readonly budgets?: Partial<EngineBudgets>;
  readonly log: (level: LogLevel, message: string) => void;
  readonly onState?: (state: EngineState) => void;
  /** An operation is asked for. */
  readonly onRequest?: () => void;
}

/**
 * One call into TensorFlow can hold the engine for minutes (the SVD of a large matrix), so silence is long. A cancel that
 * is not answered ends the process soon enough that it is gone within a second.
 */
const budgets: EngineBudgets = { start: 30_000, cancel: 700, stop: 1_000, silence: 20 * 60_000, hang: 60_000 };
const idle = 5 * 60_000;

export class EngineHost {
  readonly #lanes: Readonly<Record<Lane, EngineLane>>;
  readonly #onRequest: () => void;

  constructor(options: EngineHostOptions) {
    this.#onRequest = options.onRequest ?? (() => undefined);
    const lane = (name: Lane): EngineLane =>
      new EngineLane({
        lane: name,
        spawn: options.spawn,
        budgets: { ...budgets, ...options.budgets },
        idle,
        log: options.log,
        onState: () => options.onState?.(this.state),
      });
    this.#lanes = { light: lane('light'), compute: lane('compute') };
  }

  /** Starts an operation; events come in order, and none after `result` has settled. */
  run<N extends OperationName>(
    operation: N,
    input: OperationInput<N>,
    onEvent: (event: OperationEvent<N>) => void = () => undefined,
  ): EngineCall<OperationOutput<N>> {
    this.#onRequest();
    // Outputs and events come from the same build's engine; the operation's name fixes their types.
    const call = this.#lanes[operationLanes[operation]].run(operation, input, onEvent as (event: unknown) => void);
    return call as EngineCall<OperationOutput<N>>;
  }

  get state(): EngineState {
    return { light: this.#lanes.light.state, compute: this.#lanes.compute.state };
  }

  /** Whether no operation is under way. */
  get idle(): boolean {
    return Object.values(this.#lanes).every((lane) => lane.idle);
  }

  /** Lets both lanes start processes again after repeated failures. */
  reset(): void {
    for (const lane of Object.values(this.#lanes)) lane.reset();
  }

  /** Ends the compute process when nothing is open, so that its memory returns. */
  retireCompute(): void {
    this.#lanes.compute.retire();
  }

  /** Ends both processes. When it resolves, none is left. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.close()));
  }
}
