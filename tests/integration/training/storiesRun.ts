import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ControlAction } from '../../../src-main/contract/engine.ts';
import {
  trainConfigSchema,
  type TrainConfig,
  type TrainConfigInput,
} from '../../../src-main/contract/requests.schema.ts';
import type { RunRecord, TrainEvent } from '../../../src-main/contract/training.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { singularValues } from '../../../src-main/svd/singularValues.ts';
import { rowNorms } from '../../../src-main/models/rowNorms.ts';
import { truncatedSvd } from '../../../src-main/svd/truncatedSvd.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { resumeTraining, startTraining } from '../../../src-main/training/train.ts';
import type { TrainEnvironment } from '../../../src-main/training/trainEnvironment.ts';
import { systemClock } from '../../../src-main/util/clock.ts';

const storiesModel = path.join(import.meta.dirname, '../../../resources/samples/stories260K');

const people = ['Tom', 'Lily', 'Sue', 'Ben', 'Mia'];
const things = ['a red ball', 'the big box', 'her cat', 'a small boat', 'the old tree', 'a blue bird', 'his mom'];

/** A folder with a small data set of prompts and answers of different lengths. */
export async function makeDataFolder(): Promise<{
  readonly folder: string;
  readonly data: string;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sara-training-'));
  const data = path.join(folder, 'data.jsonl');
  const rows = people.flatMap((who, i) =>
    things.map((what, j) => ({
      prompt: `${who} saw ${what}${j % 3 === 0 ? ' in the park near the house' : ''}.`,
      completion: `${who} was happy${'. They played together'.repeat((i + j) % 3)}.`,
    })),
  );
  await writeFile(data, rows.map((row) => JSON.stringify(row)).join('\n'));
  return { folder, data, remove: () => rm(folder, { recursive: true, force: true }) };
}

export function storiesConfig(data: string, changes: Partial<TrainConfigInput> = {}): TrainConfig {
  return trainConfigSchema.parse({
    model: storiesModel,
    data: { path: data, template: 'plain', validationShare: 0.2 },
    method: { name: 'sara', threshold: 0.1 },
    steps: 12,
    batchSize: 4,
    learningRate: 5e-3,
    seed: 7,
    ...changes,
  });
}

export interface Watched {
  readonly events: TrainEvent[];
  /** Called with every event; may abort or ask for control actions. */
  readonly onEvent?: (event: TrainEvent, abort: () => void, ask: (action: ControlAction) => void) => void;
}

export async function environment(device?: Kernels): Promise<TrainEnvironment> {
  const kernels = device ?? (await openBackend()).kernels;
  return {
    kernels,
    clock: systemClock,
    appVersion: '0.0.0',
    async spectra(model, matrices) {
      const spectra = new Map<string, (typeof matrices)[number] & { singularValues: Float32Array }>();
      for (const matrix of matrices) {
        const weight = kernels.upload(await model.source.readRows(`${matrix.name}.weight`, 0, matrix.shape[0]), [
          ...matrix.shape,
        ]);
        spectra.set(matrix.name, { ...matrix, singularValues: singularValues(kernels, weight, matrix.shape) });
        kernels.free(weight);
      }
      return spectra;
    },
    rowNorms: (model, matrix, signal) => rowNorms(model.source, matrix, false, signal),
    async singularVectors(model, matrix, rank) {
      const values = await model.source.readRows(`${matrix.name}.weight`, 0, matrix.shape[0]);
      const weight = kernels.upload(values, [...matrix.shape]);
      try {
        return truncatedSvd(kernels, weight, matrix.shape, rank);
      } finally {
        kernels.free(weight);
      }
    },
  };
}

function contextOf({ events, onEvent }: Watched) {
  const controller = new AbortController();
  const controls: ControlAction[] = [];
  return {
    signal: controller.signal,
    emit(event: TrainEvent): void {
      events.push(event);
      onEvent?.(
        event,
        () => controller.abort(),
        (action) => controls.push(action),
      );
    },
    takeControls: () => controls.splice(0),
  };
}

/** @param device computes; left out, the processor */
export async function start(config: TrainConfig, run: string, watched: Watched, device?: Kernels): Promise<RunRecord> {
  const model = await openModel(storiesModel, new AbortController().signal);
  try {
    return await startTraining(model, config, run, await environment(device), contextOf(watched));
  } finally {
    await model.close();
  }
}

/** @param device as for {@link start} */
export async function resume(run: string, watched: Watched, device?: Kernels): Promise<RunRecord> {
  return resumeTraining(run, openModel, await environment(device), contextOf(watched));
}

/** Step → loss of the events given. */
export function stepLosses(events: readonly TrainEvent[]): Map<number, number> {
  return new Map(events.flatMap((event) => (event.event === 'step' ? [[event.step, event.loss] as const] : [])));
}

export function evalLosses(events: readonly TrainEvent[]): [number, number][] {
  return events.flatMap((event) => (event.event === 'eval' ? [[event.step, event.loss] as [number, number]] : []));
}

/** Bytes of a checkpoint's file. */
export function checkpointFile(run: string, step: number, name: string): Promise<Buffer> {
  return readFile(path.join(run, 'checkpoints', `step-${String(step).padStart(6, '0')}`, name));
}
