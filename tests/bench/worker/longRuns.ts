import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operations } from '../../../src-main/contract/engine.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import type { EngineServices } from '../../../src-main/engine/services.ts';
import type { JobOf } from '../jobs.ts';
import { contextOf } from './operationContext.ts';
import { doneWith, type Work } from './work.ts';

/** Saves of a training as the loop makes them; a round is a run of its own. */
export function openCheckpoint(
  { config, folder }: JobOf<'checkpoint'>,
  operations: Operations,
  signal: AbortSignal,
): Work {
  return {
    facts: { values: {} },
    async run(round) {
      const run = join(folder, `checkpoint-${String(round)}`);
      const saves: number[] = [];
      const steps: number[] = [];
      let savingSince = NaN;
      let stepSince = NaN;
      const emit = (event: TrainEvent): void => {
        const now = performance.now();
        if (event.event === 'phase' && event.phase === 'saving') savingSince = now;
        if (event.event === 'checkpoint' && event.step > 0) saves.push((now - savingSince) / 1000);
        if (event.event === 'step') steps.push((now - stepSince) / 1000);
        if (event.event === 'step' || (event.event === 'phase' && event.phase === 'training')) stepSince = now;
      };
      try {
        await operations['train.run']({ config, out: run }, contextOf(signal, emit));
      } finally {
        await rm(run, { recursive: true, force: true });
      }
      return { seconds: mean(saves), values: {}, extra: { step: mean(steps) } };
    },
    close: () => Promise.resolve(),
  };
}

/** Resident memory and tensors alive over a long training. */
export async function runLong(
  { config, run, every }: JobOf<'long'>,
  operations: Operations,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const { kernels } = await services.backend();
  const lists = { steps: [] as number[], resident: [] as number[], tensors: [] as number[] };
  const emit = (event: TrainEvent): void => {
    if (event.event !== 'step' || event.step % every !== 0) return;
    lists.steps.push(event.step);
    lists.resident.push(process.memoryUsage.rss());
    lists.tensors.push(kernels.live);
  };
  const begun = performance.now();
  await rm(run, { recursive: true, force: true });
  try {
    await operations['train.run']({ config, out: run }, contextOf(signal, emit));
  } finally {
    await rm(run, { recursive: true, force: true });
  }
  return doneWith({ values: {}, extra: { seconds: (performance.now() - begun) / 1000 }, lists });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
