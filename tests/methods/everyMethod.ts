/**
 * Every method trains SmolLM2 on E2E: chosen in the window as a person does, then again from the command line with the
 * settings the window's run has kept. Both must end with the same held-out loss. The table goes into EXPERIMENTS.md.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { formatCount } from '../../src-main/contract/format.ts';
import type { RunRecord } from '../../src-main/contract/training.ts';
import { expect, test } from '../e2e/support/app.ts';
import { resultOf } from '../e2e/support/routes.ts';
import { analyse, goToStep, setNumber, startTraining, trainingEnds } from '../e2e/support/wizard.ts';
import { replaceTable } from '../torture/page.ts';

const root = path.join(import.meta.dirname, '..', '..');
const steps = 6;
const minutes = 60_000;

interface Finding {
  readonly method: string;
  readonly record: RunRecord;
  readonly fromCommandLine: number;
}

/** The record that the command line leaves of a training with these settings. */
async function trainFromCommandLine(config: RunRecord['config'], place: string): Promise<RunRecord> {
  const file = `${place}.json`;
  writeFileSync(file, JSON.stringify(config));
  const program = path.join(root, 'out', 'cli', 'cli.cjs');
  const line = [program, 'train', config.model, '--config', file, '--out', place, '--json'];
  await promisify(execFile)(process.execPath, line, { maxBuffer: 1 << 26 });
  return JSON.parse(readFileSync(path.join(place, 'run.json'), 'utf8')) as RunRecord;
}

test('every method trains SmolLM2 on E2E, in the window and from the command line', async ({ app, places }) => {
  const { window } = app;
  await window.getByRole('button', { name: 'Open Restaurant descriptions' }).click();
  await expect(window.getByRole('heading', { name: 'SmolLM2-135M-Instruct' })).toBeVisible({ timeout: minutes });
  await goToStep(window, 'Ranks');
  await analyse(window, 5 * minutes);
  await goToStep(window, 'Train');
  const radios = window.getByRole('radiogroup', { name: 'Method' }).getByRole('radio');
  const names = await radios.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  const findings: Finding[] = [];
  for (const method of names) {
    await test.step(method, async () => {
      await window.getByRole('radio', { name: method, exact: true }).click();
      await setNumber(window, 'Steps', steps);
      await startTraining(window, 10 * minutes);
      await trainingEnds(window, 20 * minutes);
      const record = await resultOf<RunRecord>(window, 'train.run');
      const again = await trainFromCommandLine(
        record.config,
        path.join(places.home, `again ${String(findings.length)}`),
      );
      findings.push({ method, record, fromCommandLine: again.best?.loss ?? NaN });
      process.stdout.write(
        `${method}: ${String(record.baseLoss)} → ${String(record.best?.loss)}, ${String(again.best?.loss)}\n`,
      );
      expect(again.best, method).toEqual(record.best);
      expect(record.best?.loss, method).toBeLessThan(record.baseLoss ?? NaN);
      await window.getByRole('button', { name: 'Change settings' }).click();
    });
  }
  const page = path.join(root, 'EXPERIMENTS.md');
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), 'every method', tableOf(findings)));
});

function tableOf(findings: readonly Finding[]): string {
  const rows = findings.map(({ method, record, fromCommandLine }) => {
    const { trainable, baseLoss, best, config } = record;
    const losses = [baseLoss ?? NaN, best?.loss ?? NaN, fromCommandLine].map((loss) => loss.toFixed(4));
    return `| ${method} | ${formatCount(trainable)} | ${String(config.learningRate)} | ${losses.join(' | ')} |`;
  });
  return [
    '| method | trainable | learning rate | base model | after the window’s run | after the command line’s |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}
