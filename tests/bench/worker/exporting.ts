import { rm } from 'node:fs/promises';
import type { Operations } from '../../../src-main/contract/engine.ts';
import { exportRequestSchema } from '../../../src-main/contract/requests.schema.ts';
import type { ProgressEvent } from '../../../src-main/contract/results.ts';
import type { JobOf } from '../jobs.ts';
import { contextOf } from './operationContext.ts';
import { doneWith, timed, type Work } from './work.ts';

/** A run with an adapter, and that adapter for PEFT. */
export async function makeAdapter(
  { config, run, peft }: JobOf<'adapter'>,
  operations: Operations,
  signal: AbortSignal,
): Promise<Work> {
  for (const folder of [run, peft]) await rm(folder, { recursive: true, force: true });
  await operations['train.run']({ config, out: run }, contextOf(signal));
  const request = exportRequestSchema.parse({ run, format: 'peft', out: peft, dtype: 'f32' });
  await operations['export.run'](request, contextOf(signal));
  return doneWith({ values: {} });
}

/** The export of a merged model, with the proof that belongs to it. */
export async function openMerge(
  { run, out }: JobOf<'merge'>,
  operations: Operations,
  signal: AbortSignal,
): Promise<Work> {
  const request = exportRequestSchema.parse({ run, format: 'hf', out, dtype: 'f32' });
  return {
    facts: { values: {} },
    async run() {
      await rm(out, { recursive: true, force: true });
      let written = NaN;
      const begun = performance.now();
      const emit = ({ phase, done }: ProgressEvent): void => {
        if (phase === 'Checking the written files' && done === 0) written = (performance.now() - begun) / 1000;
      };
      const { seconds } = await timed(() => operations['export.run'](request, contextOf(signal, emit)));
      return { seconds, values: {}, extra: { written } };
    },
    close: () => Promise.resolve(),
  };
}
