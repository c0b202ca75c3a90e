/** What each method becomes in each format: possible and right, or refused with a reason, and as large as was said. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportFormats, type ExportFormat } from '../../../src-main/contract/exportFormats.ts';
import type { TrainConfigInput } from '../../../src-main/contract/requests.schema.ts';
import type { ExportChoice } from '../../../src-main/contract/results.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { exportChoices, exportRun, liveTensors, trainRun } from '../../support/exportRuns.ts';
import { storiesFolder } from '../../support/goldenPath.ts';

const methods: readonly [string, TrainConfigInput['method'], readonly ExportFormat[]][] = [
  // Bug: sizes from the rank alone, where PiSSA's factors have twice the columns.
  ['PiSSA', { name: 'pissa', rank: 3 }, []],
  // Bug: sizes from the ranks it began with.
  ['AdaLoRA', { name: 'adalora', initialRank: 6, targetRank: 2, tinit: 1, tfinal: 2 }, []],
  ['full fine-tuning', { name: 'full' }, ['peft', 'peft-compact', 'lora-gguf']],
  ['DoRA', { name: 'dora', rank: 3 }, ['lora-gguf']],
];

/** Largest size of names and shapes in the header of a file, for each tensor. */
const headerBytes = 160;

describe.each(methods)('%s', (name, method, refused) => {
  let folder = '';
  let run = '';
  let choices: readonly ExportChoice[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sara-methods-'));
    run = await trainRun(storiesFolder, path.join(folder, 'trained'), { method });
    choices = await exportChoices(run);
  });
  afterAll(async () => rm(folder, { recursive: true }));

  test('is refused where a format cannot hold it, with the same reason before and at the attempt', async () => {
    expect(choices.filter(({ refusal }) => refusal !== undefined).map(({ format }) => format)).toEqual(refused);
    for (const { format, refusal } of choices.filter((choice) => choice.refusal !== undefined)) {
      const error = await appErrorOf(exportRun(run, format, path.join(folder, `no-${format}`)));
      expect(error).toMatchObject({ code: 'NOT_MERGEABLE', message: refusal });
    }
  });

  test('is written in every other format, read again and found right, and as large as was said', async () => {
    const alive = await liveTensors();
    for (const { format, bytes } of choices.filter(({ refusal }) => refusal === undefined)) {
      const result = await exportRun(run, format, path.join(folder, format), {});
      expect({ format, failed: result.checks.filter(({ passed }) => !passed) }).toEqual({ format, failed: [] });
      if (exportFormats[format].holds !== 'adapter') continue;
      const weights = result.files.find((file) => /\.(safetensors|gguf)$/.test(file.name));
      const said = bytes['f32'] ?? NaN;
      const written = weights?.bytes ?? NaN;
      expect(written, `${name} as ${format}`).toBeGreaterThanOrEqual(said);
      expect(written, `${name} as ${format}`).toBeLessThan(said + headerBytes * 35 * 4 + 4096);
    }
    expect(await liveTensors(), 'tensors alive after the exports').toBe(alive);
  });
});
