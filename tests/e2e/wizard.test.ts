/** The whole path in the real window, with the real engine: from opening a model to a merged folder that answers. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Analysis } from '../../src-main/contract/analysis.ts';
import { cumulativeSums, equalBudgetLoraRank, ranksFor, saraParameters } from '../../src-main/contract/rank.ts';
import type { GenerateResult } from '../../src-main/contract/results.ts';
import { openModel } from '../../src-main/models/open.ts';
import type { OpenedModel, StoredType } from '../../src-main/models/types.ts';
import { compactCount } from '../../src-renderer/text/format.ts';
import { goldenPath, storiesFolder } from '../support/goldenPath.ts';
import { expect, test } from './support/app.ts';
import { callRoute, resultOf } from './support/routes.ts';
import {
  analyse,
  exportInto,
  fact,
  goToStep,
  openStories,
  pictureOf,
  setNumber,
  startTraining,
  tableOf,
  trainingEnds,
} from './support/wizard.ts';

interface ReferenceRanks {
  readonly thresholds: readonly number[];
  readonly sara_parameters: { readonly k_sum: Readonly<Record<string, number>> };
  readonly matrices: Readonly<Record<string, { readonly k_sum: readonly number[] }>>;
}

const reference = JSON.parse(
  readFileSync(goldenPath('more', 'real', 'ranks-stories260K.json'), 'utf8'),
) as ReferenceRanks;
const steps = 90;
const signal = new AbortController().signal;

async function lookAtModel(window: Page): Promise<void> {
  await expect(fact(window, 'Architecture')).toHaveText('llama');
  await expect(fact(window, 'Layers')).toHaveText('5');
  await expect(fact(window, 'Hidden size')).toHaveText('64');
  await expect(fact(window, 'Attention heads')).toHaveText('8, sharing 4 key/value heads');
  await expect(fact(window, 'Vocabulary')).toHaveText('512 tokens, output tied to input');
  await expect(fact(window, 'Stored as')).toHaveText('F32');
  await expect(window.getByText('Can be trained and merged')).toBeVisible();
}

async function lookAtData(window: Page): Promise<void> {
  await expect(window.getByText(/^400 rows · JSONL/)).toBeVisible();
  const file = readFileSync(join(storiesFolder, '..', 'e2e', 'train.jsonl'), 'utf8');
  const first = JSON.parse(file.slice(0, file.indexOf('\n'))) as { ref: string };
  const trained = window.locator('.tokens .trained');
  await expect(trained.first()).toBeVisible();
  expect((await trained.allTextContents()).join('')).toContain(first.ref);
  await expect(
    window.getByRole('img', { name: /Histogram of row lengths: median \d+, longest \d+ tokens/ }),
  ).toBeVisible();
  await expect(fact(window, 'Trained tokens')).toHaveText(/^\d.* · \d+ %$/);
}

/** The counts on the map against the reference, and after a move of the slider against the rule itself. */
async function lookAtRanks(window: Page): Promise<void> {
  await analyse(window);
  const threshold = 0.25;
  const column = reference.thresholds.indexOf(threshold);
  const shown = await tableOf(window, 'Rank map');
  expect(Object.fromEntries(shown.map((row) => [row['name'], Number(row['k'])]))).toEqual(
    Object.fromEntries(Object.entries(reference.matrices).map(([name, { k_sum }]) => [name, k_sum[column]])),
  );
  const trainable = fact(window, 'Trainable');
  await expect(trainable).toHaveText(compactCount(reference.sara_parameters.k_sum[threshold] ?? NaN));

  const map = window.getByRole('grid', { name: /^Rank map/ }).locator('canvas');
  const before = await pictureOf(map);
  const slider = window.getByRole('slider', { name: 'Share m' });
  await slider.focus();
  for (let i = 0; i < 60; i++) await window.keyboard.press('ArrowRight');
  await expect.poll(async () => pictureOf(map)).not.toBe(before);
  // The share shown is the share used: the slider moves in tidy steps.
  const m = Number.parseFloat((await slider.getAttribute('aria-valuetext')) ?? '') / 100;
  expect(m).toBeGreaterThan(threshold);
  const { matrices } = await resultOf<Analysis>(window, 'analysis.run');
  const ranked = matrices.map(({ layer, shape, singularValues }) => ({
    layer,
    shape,
    cumulative: cumulativeSums(singularValues),
  }));
  const ranks = ranksFor(ranked, { threshold: m, measure: 'sum', granularity: 'matrix' });
  const parameters = matrices.map(({ shape }, i) => saraParameters(shape, ranks[i] ?? NaN));
  const total = parameters.reduce((sum, count) => sum + count, 0);
  await expect(trainable).toHaveText(compactCount(total));
  await expect(fact(window, 'Equal LoRA r')).toHaveText(
    String(
      equalBudgetLoraRank(
        matrices.map(({ shape }) => shape),
        total,
      ),
    ),
  );
  const moved = await tableOf(window, 'Rank map');
  expect(moved.map((row) => Number(row['parameters'])).reduce((sum, count) => sum + count, 0)).toBe(total);
}

/** Opens a spectrum with the keyboard, moves its cut, and closes it. */
async function lookAtSpectrum(window: Page): Promise<void> {
  const grid = window.getByRole('grid', { name: /^Rank map/ });
  await grid.focus();
  await window.keyboard.press('ArrowDown');
  await expect(window.getByRole('gridcell')).toContainText('model.layers.1.self_attn.q_proj, 64 by 64: k ');
  await window.keyboard.press('Enter');
  const cut = window.getByRole('slider', { name: /^Cut:/ });
  await expect(cut).toBeFocused();
  const k = Number(await cut.getAttribute('aria-valuenow'));
  await window.keyboard.press('ArrowLeft');
  await expect(cut).toHaveAttribute('aria-valuenow', String(k - 1));
  await expect(window.getByRole('gridcell')).toContainText(`: k ${k - 1},`);
  await window.keyboard.press('Escape');
  await expect(cut).toBeHidden();
}

/** Trains a few steps with a pause in between; the curve must hold every step. */
async function train(window: Page): Promise<void> {
  await setNumber(window, 'Steps', steps);
  await window.getByRole('button', { name: 'Take one from the data' }).click();
  await expect(window.getByRole('textbox', { name: 'Prompts, one a line' })).not.toHaveValue('');
  await startTraining(window);
  await window.getByRole('button', { name: 'Pause' }).click();
  await expect(window.getByRole('button', { name: 'Go on' })).toBeVisible({ timeout: 30_000 });
  const standing = fact(window, 'Step');
  const paused = await standing.innerText();
  await window.waitForTimeout(700);
  await expect(standing).toHaveText(paused);
  await window.getByRole('button', { name: 'Go on' }).click();
  await trainingEnds(window);
  await expect(standing).toHaveText(`${steps} of ${steps}`);
  const curve = await tableOf(window, 'Loss');
  const trained = curve.filter((row) => row['training'] !== '');
  expect(trained.map((row) => Number(row['step']))).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
  const heldOut = curve.filter((row) => row['held-out'] !== '').map((row) => Number(row['held-out']));
  expect(heldOut.length).toBeGreaterThan(3);
  expect(heldOut.at(-1)).toBeLessThan((heldOut[0] ?? NaN) - 0.3);
  await window.getByRole('tab', { name: 'What it learnt' }).click();
  const learnt = await tableOf(window, 'What each matrix has learnt');
  expect(learnt).toHaveLength(Object.keys(reference.matrices).length);
  for (const row of learnt) {
    expect(Number(row['relative change'])).toBeGreaterThan(0);
    expect(Number(row['effective rank'])).toBeLessThanOrEqual(Number(row['k']) + 1e-3);
  }
  await window.getByRole('tab', { name: /^Answers/ }).click();
  await expect(window.getByText('before training', { exact: true })).toBeVisible();
  await expect(window.getByText(`step ${steps}`, { exact: true })).toBeVisible();
  await window.getByRole('tab', { name: 'Curves' }).click();
}

async function expectAllGreen(window: Page): Promise<void> {
  const checks = window.getByRole('region', { name: 'Proven' }).getByRole('listitem');
  expect(await checks.count()).toBeGreaterThanOrEqual(3);
  for (const check of await checks.all()) await expect(check).toContainText('passed:');
  await expect(checks.filter({ hasText: 'not passed' })).toHaveCount(0);
}

/** Names, shapes and types as in the base model; adapted weights changed and finite; the rest bit for bit the same. */
async function expectMerged(folder: string, type: StoredType): Promise<void> {
  const models: OpenedModel[] = [await openModel(storiesFolder, signal), await openModel(folder, signal)];
  try {
    const [base, merged] = models.map(({ source }) => source);
    if (base === undefined || merged === undefined) throw new Error('A model is missing.');
    expect([...merged.tensors.keys()].sort()).toEqual([...base.tensors.keys()].sort());
    for (const [name, { shape }] of base.tensors) {
      expect(merged.tensors.get(name)).toMatchObject({ shape, type });
      const rows = shape[0] ?? 0;
      const before = await base.readRows(name, 0, rows);
      const after = await merged.readRows(name, 0, rows);
      expect(after.every(Number.isFinite)).toBe(true);
      const same = after.every((value, i) => value === before[i]);
      if (type === 'F32' || name.includes('_proj')) expect([name, same]).toEqual([name, !name.includes('_proj')]);
    }
  } finally {
    for (const model of models) await model.close();
  }
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(storiesFolder, name)))).toBe(true);
  }
}

/** Both sides answer; the tuned side says what the exported folder says to the same prompt. */
async function chat(window: Page, folder: string): Promise<void> {
  await window.getByRole('button', { name: 'Compare in chat' }).click();
  const prompt = 'name: The Punter, eatType: pub, priceRange: cheap';
  await window.getByRole('spinbutton', { name: 'Longest answer', exact: true }).fill('24');
  await window.getByRole('textbox', { name: 'Question' }).fill(prompt);
  await window.keyboard.press('Enter');
  const answers = window.getByRole('log').getByRole('article');
  await expect(answers).toHaveCount(2);
  for (const answer of await answers.all()) {
    await expect(answer).toHaveAttribute('aria-busy', 'false', { timeout: 60_000 });
    await expect(answer.locator('.text')).not.toHaveText('');
  }
  const [base, tuned] = await answers.locator('.text').allInnerTexts();
  expect(tuned).not.toBe(base);
  // The folder knows nothing of how the rows of the run were laid out: prompt, line break, answer.
  const input = { model: folder, prompt: `${prompt}\n`, temperature: 0, maxNewTokens: 24 };
  const { jobId } = await callRoute(window, 'jobs.start', { kind: 'generate.run', input });
  await expect.poll(async () => (await callRoute(window, 'jobs.snapshot', { jobId })).job.state).toBe('done');
  const { text } = await resultOf<GenerateResult>(window, 'generate.run');
  expect(text.trim()).toBe(tuned?.trim());
}

test('from the sample to a merged folder that answers, and all of it is there after a restart', async ({
  launch,
  places,
}) => {
  const app = await launch();
  const { window, electron } = app;
  const exact = join(places.home, 'merged');
  const half = join(places.home, 'merged-half');
  for (const folder of [exact, half]) mkdirSync(folder);

  await test.step('Model', async () => {
    await openStories(window);
    await lookAtModel(window);
    await app.screenshot('wizard-model');
  });
  await test.step('Data', async () => {
    await window.getByRole('button', { name: 'Continue to data' }).click();
    await lookAtData(window);
    await app.screenshot('wizard-data');
  });
  await test.step('Ranks', async () => {
    await window.getByRole('button', { name: 'Continue to ranks' }).click();
    await lookAtRanks(window);
    await lookAtSpectrum(window);
    await app.screenshot('wizard-ranks');
  });
  await test.step('Train', async () => {
    await window.getByRole('button', { name: 'Continue to training' }).click();
    await train(window);
    await app.screenshot('wizard-train');
  });
  await test.step('Merge and export', async () => {
    await window.getByRole('button', { name: 'Continue to merge' }).click();
    await exportInto(window, electron, exact);
    await expectAllGreen(window);
    await expect(window.getByRole('cell', { name: 'model.safetensors' })).toBeVisible();
    await app.screenshot('wizard-export');
    await expectMerged(exact, 'F32');
    await window.getByRole('button', { name: 'Another export' }).click();
    await window.getByRole('radio', { name: 'BF16' }).click();
    await exportInto(window, electron, half);
    await expectAllGreen(window);
    await expectMerged(half, 'BF16');
  });
  await test.step('Chat', async () => {
    await chat(window, exact);
    await app.screenshot('wizard-chat');
  });
  await app.close();

  await test.step('After a restart', async () => {
    const second = await launch();
    await second.window.getByRole('button', { name: 'Continue', exact: true }).click();
    for (const step of ['Model', 'Data', 'Ranks', 'Train', 'Merge & export'] as const) {
      await expect(second.window.getByRole('button', { name: new RegExp(`^${step} `) })).toContainText(
        /done|you are here/,
      );
    }
    await goToStep(second.window, 'Ranks');
    await expect(second.window.getByText('Spectra taken from the cache.')).toBeVisible({ timeout: 30_000 });
    await goToStep(second.window, 'Train');
    await expect(fact(second.window, 'Step')).toHaveText(`${steps} of ${steps}`);
    expect(await tableOf(second.window, 'Loss')).toHaveLength(steps + 1);
  });
});
