import type { OperationContext } from '../../../src-main/contract/engine.ts';
import { sweepSchema, type SweepInput } from '../../../src-main/contract/sweeps.schema.ts';
import type { SweepEvent, SweepResult } from '../../../src-main/contract/sweeps.ts';
import { operations, storiesModel } from '../studies/studyRuns.ts';

/** A sweep of short trainings of the sample model. */
export function shortSweep(data: string, changes: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'short',
    config: {
      model: storiesModel,
      data: { path: data, template: 'plain', validationShare: 0.2 },
      method: { name: 'sara', threshold: 0.2 },
      steps: 4,
      batchSize: 4,
    },
    space: { learningRate: { values: [1e-3, 1e-2] } },
    ...changes,
  };
}

export interface RanSweep {
  readonly result: SweepResult;
  readonly events: readonly SweepEvent[];
}

/** Runs a sweep through the engine's operation. @param onEvent may abort */
export async function runSweep(
  folder: string,
  sweep: SweepInput,
  onEvent: (event: SweepEvent, abort: () => void) => void = () => undefined,
): Promise<RanSweep> {
  const controller = new AbortController();
  const events: SweepEvent[] = [];
  const context: OperationContext<SweepEvent> = {
    signal: controller.signal,
    emit(event) {
      events.push(event);
      onEvent(event, () => controller.abort());
    },
    takeControls: () => [],
  };
  const result = await operations['sweep.run']({ sweep: sweepSchema.parse(sweep), folder }, context);
  return { result, events };
}

/** The trials that were trained, by the steps told of them. */
export function trainedTrials(events: readonly SweepEvent[]): number[] {
  const numbers = events.flatMap((event) =>
    event.event === 'trials'
      ? event.changed.filter(({ state }) => state === 'running').map(({ number }) => number)
      : [],
  );
  return [...new Set(numbers)];
}
