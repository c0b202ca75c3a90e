import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createOperations } from '../../../src-main/engine/createOperations.ts';
import { createServices } from '../../../src-main/engine/services.ts';
import { studySchema, type Study } from '../../../src-main/contract/studies.schema.ts';
import type { StudyEvent, StudyResult } from '../../../src-main/contract/studies.ts';
import type { z } from 'zod';
import { makeDataFolder } from '../training/storiesRun.ts';

export const storiesModel = path.join(import.meta.dirname, '../../../resources/samples/stories260K');

export const operations = createOperations(createServices(path.join(storiesModel, '..', '..')));

export interface Place {
  readonly data: string;
  readonly store: string;
  readonly folder: string;
  remove(): Promise<void>;
}

/** A small data set, an empty store and a cache of its own. */
export async function makePlace(): Promise<Place> {
  const { data, folder, remove } = await makeDataFolder();
  const cache = await mkdtemp(path.join(os.tmpdir(), 'sara-cache-'));
  process.env['SARA_CACHE'] = cache;
  return {
    data,
    folder,
    store: path.join(folder, 'studies'),
    remove: async () => {
      await remove();
      await rm(cache, { recursive: true });
    },
  };
}

/** Probes of a few steps. */
export function shortProbe(data: string) {
  return { data: { path: data, template: 'plain' as const, validationShare: 0.2 }, steps: 5, batchSize: 4 };
}

export interface Ran {
  readonly result: StudyResult;
  readonly events: readonly StudyEvent[];
}

/** Runs a study through the engine's operation. @param onEvent may abort */
export async function runStudy(
  store: string,
  study: z.input<typeof studySchema>,
  {
    maxNewPoints,
    onEvent = () => undefined,
  }: { readonly maxNewPoints?: number; readonly onEvent?: (event: StudyEvent, abort: () => void) => void } = {},
): Promise<Ran> {
  const controller = new AbortController();
  const events: StudyEvent[] = [];
  const parsed: Study = studySchema.parse(study);
  const result = await operations['study.run'](
    { study: parsed, store, maxNewPoints, keepResult: true },
    {
      signal: controller.signal,
      emit: (event) => {
        events.push(event);
        onEvent(event, () => controller.abort());
      },
      takeControls: () => [],
    },
  );
  return { result, events };
}

/** How many probes a study computed itself. */
export function computedProbes(events: readonly StudyEvent[]): number {
  return events.filter((event) => event.event === 'points' && event.probe !== undefined).length;
}
