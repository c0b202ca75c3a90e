/** Walks through every view and main state of the app, as a person would come by them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { LaunchedApp, Places } from './launch.ts';
import { answerOpenDialogs } from './dialogs.ts';
import { trashInto } from './trash.ts';
import { analyse, exportInto, fact, goToStep, setNumber, startTraining, trainingEnds } from './wizard.ts';

export interface TourOptions {
  /** Name of the sample on its card, and of its model. */
  readonly sample: string;
  readonly model: string;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly question: string;
  readonly longestAnswer: number;
  readonly analysisMilliseconds: number;
  /** How long a training and its evaluations may take. */
  readonly trainingMilliseconds: number;
}

export const storiesTour: TourOptions = {
  sample: 'Tiny stories',
  model: 'stories260K',
  steps: 60,
  evaluateEvery: 10,
  question: 'name[The Punter], eatType[pub], priceRange[cheap]',
  longestAnswer: 24,
  analysisMilliseconds: 60_000,
  trainingMilliseconds: 60_000,
};

/** Called at each state, when the window has settled. */
export type Look = (name: string) => Promise<void>;

type Walk = (app: LaunchedApp, places: Places, look: Look, options: TourOptions) => Promise<void>;

const visitBrokenModel: Walk = async ({ window, electron }, places, look) => {
  const file = join(places.home, 'broken.gguf');
  writeFileSync(file, 'GGUF and nothing more');
  await answerOpenDialogs(electron, file);
  await window.getByRole('button', { name: 'Open GGUF file…' }).click();
  await expect(window.getByRole('alert')).toContainText('What to do');
  await look('model-refused');
  await window.getByRole('button', { name: 'Home', exact: true }).click();
};

const visitModelAndData: Walk = async ({ window, electron }, places, look, { sample, model }) => {
  await window.getByRole('button', { name: `Open ${sample}` }).click();
  await expect(window.getByRole('heading', { name: model })).toBeVisible();
  await expect(window.getByText(/^Fits:|free memory/)).toBeVisible();
  await look('model');
  await goToStep(window, 'Data');
  await expect(window.locator('.tokens .trained').first()).toBeVisible();
  await expect(window.getByRole('img', { name: /Histogram of row lengths/ })).toBeVisible();
  await look('data');
  await window.getByRole('tab', { name: 'As the model reads it' }).click();
  await look('data-rendered');
  const file = join(places.home, 'answers.csv');
  const rows = Array.from({ length: 30 }, (_, i) => `What is ${i} plus ${i}?,${i} plus ${i} is ${2 * i}.`);
  writeFileSync(file, ['question,answer', ...rows, 'too,many,cells', '"",', ...rows].join('\n'));
  await answerOpenDialogs(electron, file);
  await window.getByRole('button', { name: 'Open another file…' }).click();
  await window.getByRole('button', { name: 'Show them' }).click();
  await expect(window.getByRole('row', { name: /^32 / })).toBeVisible();
  await look('data-problems');
  await window.getByRole('button', { name: 'Home', exact: true }).click();
  await window.getByRole('button', { name: `Open ${sample}` }).click();
  await expect(window.getByRole('heading', { name: model })).toBeVisible();
  await goToStep(window, 'Data');
};

const visitRanks: Walk = async ({ window }, _places, look, { analysisMilliseconds }) => {
  await goToStep(window, 'Ranks');
  const analyseButton = window.getByRole('button', { name: /^Analyse \d+ matrices$/ });
  await expect(analyseButton).toBeVisible();
  await look('ranks-before');
  await analyse(window, analysisMilliseconds);
  await expect(fact(window, 'Memory to train')).toHaveText(/\d/);
  const grid = window.getByRole('grid', { name: /^Rank map/ });
  await grid.focus();
  await grid.press('ArrowDown');
  await look('ranks');
  await grid.press('Enter');
  await expect(window.getByRole('slider', { name: /^Cut:/ })).toBeFocused();
  await look('ranks-spectrum');
  await window.keyboard.press('Escape');
  await window.getByRole('button', { name: 'Show as table' }).click();
  await look('ranks-table');
  await window.getByRole('button', { name: 'Show as chart' }).click();
};

const visitTraining: Walk = async ({ window, electron }, _places, look, options) => {
  await goToStep(window, 'Train');
  await window.getByRole('button', { name: 'Take one from the data' }).click();
  await expect(window.getByRole('textbox', { name: 'Prompts, one a line' })).not.toHaveValue('');
  await setNumber(window, 'Steps', options.steps);
  await setNumber(window, 'Evaluate every', options.evaluateEvery);
  await expect(window.getByRole('heading', { name: /^Memory/ })).toBeVisible();
  await expect(window.getByRole('radiogroup', { name: 'Method' })).not.toContainText('…', { timeout: 60_000 });
  await look('train-settings');
  await window.getByRole('radio', { name: 'All settings' }).click();
  await look('train-all-settings');
  await window.getByRole('radio', { name: 'Simple' }).click();
  await startTraining(window, options.trainingMilliseconds);
  // The map of what was learnt has an image after the evaluation before training and another one after the first.
  const evaluated = window.getByText(/^Step [1-9]\d*: held-out loss/);
  await expect(evaluated.first()).toBeVisible({ timeout: options.trainingMilliseconds });
  await window.getByRole('button', { name: 'Pause' }).click();
  await expect(window.getByRole('button', { name: 'Go on' })).toBeVisible({ timeout: options.trainingMilliseconds });
  await look('train-paused');
  await window.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(window.getByRole('dialog', { name: 'Cancel the training?' })).toBeVisible();
  await look('train-cancel');
  await window.getByRole('button', { name: 'Keep training' }).click();
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await expect(window.getByRole('dialog', { name: 'A task is still running' })).toBeVisible();
  await look('close-question');
  await window.getByRole('button', { name: 'Keep running' }).click();
  await window.getByRole('button', { name: 'Go on' }).click();
  await trainingEnds(window, options.trainingMilliseconds);
  await look('train-done');
  await window.getByRole('tab', { name: 'What it learnt' }).click();
  await expect(window.getByText(/^After step \d+$/).last()).toBeVisible();
  await look('train-learnt');
  await window.getByRole('tab', { name: /^Answers/ }).click();
  await look('train-answers');
};

const visitMerge: Walk = async ({ window, electron }, places, look, { trainingMilliseconds }) => {
  await goToStep(window, 'Merge & export');
  await look('merge');
  const folder = join(places.home, 'merged');
  mkdirSync(folder);
  await exportInto(window, electron, folder, trainingMilliseconds);
  await look('merge-done');
};

const visitChat: Walk = async ({ window }, _places, look, { question, longestAnswer }) => {
  await window.getByRole('button', { name: 'Compare in chat' }).click();
  await expect(window.getByRole('heading', { name: 'Ask something' })).toBeVisible();
  await look('chat-empty');
  await setNumber(window, 'Longest answer', longestAnswer);
  await window.getByRole('textbox', { name: 'Question' }).fill(question);
  await window.keyboard.press('Enter');
  for (const side of ['Base', 'Tuned']) {
    await expect(window.getByRole('article', { name: side })).toContainText('tokens/s', { timeout: 300_000 });
  }
  await look('chat');
};

const visitTheRest: Walk = async ({ window, electron }, places, look) => {
  await window.getByRole('button', { name: 'Runs', exact: true }).click();
  await expect(window.getByRole('gridcell', { name: 'Done' })).toBeVisible();
  await look('runs');
  await window
    .getByRole('button', { name: /^Open / })
    .first()
    .click();
  await expect(window.getByRole('button', { name: 'All runs' })).toBeVisible();
  await look('run');
  await window.getByRole('button', { name: 'Delete' }).click();
  await expect(window.getByRole('dialog', { name: 'Move this run to the trash?' })).toBeVisible();
  await look('run-delete');
  await window.getByRole('button', { name: 'Keep', exact: true }).click();
  await window.getByRole('button', { name: 'Settings', exact: true }).click();
  await expect(window.getByText('Computes on')).toBeVisible();
  await look('settings');
  await window.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await expect(window.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await look('shortcuts');
  await window.keyboard.press('Escape');
  await window.getByRole('button', { name: 'Home', exact: true }).click();
  await expect(window.getByRole('heading', { name: 'Recent runs' })).toBeVisible();
  await look('home-later');
  // The run is still open.
  await window.getByRole('button', { name: 'Runs', exact: true }).click();
  await window.getByRole('button', { name: 'Delete' }).click();
  const trash = join(places.home, 'trash');
  mkdirSync(trash);
  await trashInto(electron, trash);
  await window.getByRole('dialog').getByRole('button', { name: 'Move to trash' }).click();
  await expect(window.getByText('No runs yet')).toBeVisible();
  await look('runs-empty');
};

async function chooseAndTrain(
  window: Page,
  method: string,
  { steps, trainingMilliseconds }: TourOptions,
): Promise<void> {
  await goToStep(window, 'Train');
  const change = window.getByRole('button', { name: 'Change settings' });
  if (await change.isVisible()) await change.click();
  await window.getByRole('radio', { name: method, exact: true }).click();
  await setNumber(window, 'Steps', Math.min(steps, 12));
  await setNumber(window, 'Evaluate every', 3);
  await startTraining(window, trainingMilliseconds);
  await trainingEnds(window, trainingMilliseconds);
}

/** What AdaLoRA and Mo-SARA show besides, and what can be done with a run after training. */
const visitOtherMethods: Walk = async ({ window }, _places, look, options) => {
  await window.getByRole('button', { name: 'Project', exact: true }).click();
  await chooseAndTrain(window, 'AdaLoRA', options);
  await window.getByRole('tab', { name: 'Ranks', exact: true }).click();
  const slider = window.getByRole('slider', { name: /^Time: / });
  await slider.focus();
  for (let back = 0; back < 4; back++) await slider.press('ArrowLeft');
  await look('ranks-over-time');
  await window.getByRole('tab', { name: 'Compress' }).click();
  await window.getByRole('button', { name: 'Measure what a cut costs' }).click();
  const energy = window.getByRole('slider', { name: 'Share of energy that is kept' });
  await expect(energy).toBeVisible({ timeout: options.trainingMilliseconds });
  await energy.focus();
  for (let back = 0; back < 5; back++) await energy.press('ArrowLeft');
  await look('compress');
  await chooseAndTrain(window, 'Mo-SARA', options);
  await window.getByRole('tab', { name: 'Gates' }).click();
  await look('gates');
  await window.getByRole('radio', { name: 'Of a text' }).click();
  await window.getByRole('textbox', { name: 'Text' }).fill(options.question);
  await window.getByRole('button', { name: 'Read the gates' }).click();
  await expect(window.getByRole('application', { name: /^Gates of / })).toBeVisible({
    timeout: options.analysisMilliseconds,
  });
  await look('gates-of-a-text');
  await window.getByRole('button', { name: 'Continue to merge' }).click();
  await window.getByRole('button', { name: 'Measure the cost' }).click();
  await expect(window.getByText(/nats a token$/)).toBeVisible({ timeout: options.trainingMilliseconds });
  await look('frozen-gates');
};

const visitStudies: Walk = async ({ window }, _places, look, options) => {
  await window.getByRole('button', { name: 'Studies', exact: true }).click();
  await expect(window.getByRole('heading', { name: 'Results' })).toBeVisible();
  await look('studies');
  for (const study of ['Overview', 'Heads', 'Threshold']) {
    await window.getByRole('button', { name: `Set up ${study}` }).click();
    if (study === 'Threshold') {
      await window.getByRole('switch', { name: 'Train probes' }).click();
      await expect(window.getByText(/^\d+ points/)).toBeVisible();
      await look('study-form');
      await window.getByRole('switch', { name: 'Train probes' }).click();
    }
    await window.getByTestId('run-study').click();
    await expect(window.getByRole('button', { name: 'Change settings' })).toBeVisible({
      timeout: options.analysisMilliseconds,
    });
    await look(`study-${study.toLowerCase()}`);
    await window.getByRole('button', { name: 'All studies' }).click();
  }
  await look('studies-kept');
};

/** The whole walk; begins on the first Home of a fresh app. */
export async function tour(app: LaunchedApp, places: Places, look: Look, options: TourOptions): Promise<void> {
  await expect(app.window.getByRole('heading', { name: 'Samples' })).toBeVisible();
  await look('home');
  const walks = [
    visitBrokenModel,
    visitModelAndData,
    visitRanks,
    visitTraining,
    visitMerge,
    visitChat,
    visitTheRest,
    visitOtherMethods,
    visitStudies,
  ];
  for (const walk of walks) await walk(app, places, look, options);
}
