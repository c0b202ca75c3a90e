/** The views and states that {@link tour} does not come by, on the sample that ships with the app. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { LaunchedApp, Places } from './app.ts';
import { answerOpenDialogs } from './dialogs.ts';
import { clickMenu } from './menu.ts';
import type { Look } from './tour.ts';
import { analyse, goToStep, openStories, setNumber, setUpTooMuch, startTraining, trainingEnds } from './wizard.ts';

type Visit = (app: LaunchedApp, places: Places, look: Look) => Promise<void>;

const trained = 180_000;

async function goTo(window: Page, view: string): Promise<void> {
  await window
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('button', { name: view, exact: true })
    .click();
}

/** The first start, and the tour it offers. */
const visitTour: Visit = async ({ window }, _places, look) => {
  await look('home-first');
  await window.getByRole('button', { name: 'Take the tour' }).click();
  const panel = window.getByRole('region', { name: 'Tour' });
  await expect(panel.getByRole('heading')).toContainText('Open a sample');
  await look('tour');
  await panel.getByRole('button', { name: 'Leave the tour' }).click();
  await expect(panel).toBeHidden();
};

/** What each view says before there is anything to show. */
const visitEmptyViews: Visit = async ({ window }, _places, look) => {
  await goTo(window, 'Project');
  for (const [step, name] of [
    ['Model', 'model-empty'],
    ['Data', 'data-empty'],
    ['Ranks', 'ranks-empty'],
    ['Train', 'train-empty'],
    ['Merge & export', 'merge-empty'],
  ] as const) {
    await goToStep(window, step);
    await look(name);
  }
  for (const [view, name] of [
    ['Sweeps', 'sweeps-empty'],
    ['Chat', 'chat-nothing'],
  ] as const) {
    await goTo(window, view);
    await look(name);
  }
  await goTo(window, 'Home');
};

const row = (prompt: string, completion: string): string => `${JSON.stringify({ prompt, completion })}\n`;

const visitData: Visit = async ({ window, electron }, places, look) => {
  await openStories(window);
  await goToStep(window, 'Data');
  const open = async (file: string, content: string): Promise<void> => {
    writeFileSync(join(places.home, file), content);
    await answerOpenDialogs(electron, join(places.home, file));
    await window.getByRole('button', { name: 'Open another file…' }).click();
  };
  const cells = Array.from({ length: 12 }, (_, i) => `${i},How much is ${i}?,A sum of ${i}.,It is ${i}.`);
  await open('columns.csv', ['id,ask,hint,reply', ...cells].join('\n'));
  await expect(window.getByRole('list', { name: 'Columns of the data' })).toBeVisible();
  await look('data-columns');

  const stories = Array.from({ length: 40 }, (_, i) =>
    row(`Tell a story about number ${i}.`, `Once upon a time there was a ${i}. The end.`),
  );
  const held = join(places.home, 'held.jsonl');
  writeFileSync(held, row('Tell a story about number 2!', 'A story.') + row('Who is there?', 'Nobody.'));
  await open('findings.jsonl', [...stories, stories[3], row('', 'No question here at all, sorry.')].join(''));
  await expect(window.getByText(/^\d+ rows to learn from/)).toBeVisible();
  await answerOpenDialogs(electron, held);
  await window.getByRole('radio', { name: 'A file' }).click();
  await window.getByRole('tab', { name: /^Checks/ }).click();
  await expect(window.getByRole('heading', { name: '1 row repeats an earlier one' })).toBeVisible();
  await look('data-checks');
  await window.getByRole('tab', { name: /^Rows/ }).click();
  await window.getByRole('textbox', { name: 'Search the rows' }).fill('number 3');
  await expect(window.getByText(/^\d+ of 4\d rows$/)).toBeVisible();
  await look('data-search');
  await window.getByRole('textbox', { name: 'Search the rows' }).fill('');

  const template = window.getByRole('combobox', { name: /^Template/ });
  await template.click();
  await window.getByRole('option', { name: /^Your own/ }).click();
  const source = window.getByRole('textbox', { name: 'Template (Jinja)' });
  await source.fill("{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }} {% endfor %}");
  await source.blur();
  await window.getByRole('tab', { name: 'As the model reads it' }).click();
  await expect(window.getByRole('tabpanel').last()).toContainText('[user]');
  await look('data-template');
};

/** Settings that no computer has the memory for, and smaller ones that the app proposes. */
const visitFit: Visit = async ({ window, electron }, places, look) => {
  await goTo(window, 'Home');
  const needs = await setUpTooMuch(window, electron, places.home);
  await look('train-does-not-fit');
  await needs.getByRole('button', { name: 'Make it fit…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Make it fit' });
  await expect(dialog.getByText('Comes to the same training.')).toBeVisible({ timeout: trained });
  await look('make-it-fit');
  await dialog.getByRole('button', { name: 'Keep mine' }).click();
};

/** The settings of the Train step, from wherever it stands. */
async function setUp(window: Page, steps: number, evaluateEvery: number): Promise<void> {
  await goToStep(window, 'Train');
  const change = window.getByRole('button', { name: 'Change settings' });
  const field = window.getByRole('spinbutton', { name: 'Steps', exact: true });
  await expect(change.or(field).first()).toBeVisible();
  if (await change.isVisible()) await change.click();
  await setNumber(window, 'Steps', steps);
  await setNumber(window, 'Evaluate every', evaluateEvery);
}

const visitRuns: Visit = async ({ window }, _places, look) => {
  await goTo(window, 'Home');
  await openStories(window);
  await goToStep(window, 'Ranks');
  await analyse(window);
  for (const steps of [20, 12]) {
    await setUp(window, steps, 4);
    await startTraining(window);
    await trainingEnds(window, trained);
  }
  await window.getByRole('tab', { name: 'Held-out rows' }).click();
  await expect(window.locator('.tokens .judged').first()).toBeVisible();
  await look('train-held-out');
  await window.getByRole('tab', { name: 'Tasks' }).click();
  await window.getByRole('combobox', { name: /^Task: / }).click();
  await window.getByRole('option', { name: /^ARC-e/ }).click();
  await setNumber(window, 'Questions', 4);
  await window.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(window.getByRole('table', { name: 'Results' })).toBeVisible({ timeout: trained });
  await look('train-tasks');

  await goTo(window, 'Runs');
  const boxes = window.getByRole('gridcell').getByRole('checkbox');
  await expect(boxes).toHaveCount(2);
  for (const box of await boxes.all()) await box.click();
  await window.getByRole('button', { name: 'Compare 2 runs' }).click();
  await expect(window.getByRole('region', { name: 'Training loss', exact: true })).toBeVisible();
  await look('runs-compare');
  await window.getByRole('tab', { name: 'Results' }).click();
  await look('runs-results');
  await window.getByRole('tab', { name: 'Settings that differ' }).click();
  await look('runs-difference');
  await window.getByRole('button', { name: 'All runs' }).click();
};

const visitQueue: Visit = async ({ window }, _places, look) => {
  await goTo(window, 'Project');
  await setUp(window, 100_000, 500);
  await startTraining(window);
  await look('train-running');
  await window.getByRole('button', { name: 'Set up the next' }).click();
  for (const steps of [30, 60]) {
    await setNumber(window, 'Steps', steps);
    await window.getByRole('button', { name: 'Add to queue' }).click();
  }
  await look('train-queued');
  await goTo(window, 'Runs');
  const queue = window.getByRole('region', { name: 'Queue' });
  await expect(queue).toContainText('60 steps');
  await look('runs-queue');
  for (const remove of [30, 60]) {
    await queue.getByRole('button', { name: new RegExp(`^Remove: .*${remove} steps$`) }).click();
  }
  await goTo(window, 'Project');
  await window.getByRole('button', { name: 'Stop and keep' }).click();
  await trainingEnds(window, trained);
};

const visitSweeps: Visit = async ({ window }, _places, look) => {
  await setUp(window, 6, 3);
  await goTo(window, 'Sweeps');
  await window.getByRole('button', { name: 'New sweep' }).click();
  for (const [label, values] of [
    ['Learning rates', '0.001, 0.003'],
    ['Shares m', '0.05, 0.2'],
    ['Seeds', '0'],
  ] as const) {
    const field = window.getByRole('textbox', { name: label });
    await field.fill(values);
    await field.blur();
  }
  await look('sweep-form');
  await window.getByRole('button', { name: 'Train 4 trials' }).click();
  await expect(window.getByText('All trials are done')).toBeVisible({ timeout: trained });
  await look('sweep');
  await window.getByRole('radio', { name: 'Heat table' }).click();
  await look('sweep-heat');
  await window.getByRole('button', { name: 'Back to the sweeps' }).click();
  await expect(window.getByRole('table', { name: 'Kept sweeps' })).toBeVisible();
  await look('sweeps');
};

const visitChat: Visit = async ({ window }, _places, look) => {
  await goTo(window, 'Chat');
  await setNumber(window, 'Longest answer', 12);
  await window.getByRole('button', { name: 'Add a column' }).click();
  await window.getByRole('textbox', { name: 'Question' }).fill('name: The Punter, eatType: pub');
  await window.keyboard.press('Enter');
  const answers = window.getByRole('log').getByRole('article');
  await expect(answers).toHaveCount(3, { timeout: trained });
  await expect(answers.last()).toContainText('tokens/s', { timeout: trained });
  await answers.last().getByRole('button', { name: 'Good answer' }).click();
  await answers.first().getByRole('button', { name: 'Note on this answer' }).click();
  await answers.first().getByRole('textbox').fill('Says little of the place.');
  await answers.first().getByRole('textbox').blur();
  await look('chat-rated');
  await window.getByRole('radio', { name: 'Evaluate on a task' }).click();
  await look('chat-task');
};

const visitInspection: Visit = async ({ window, electron }, _places, look) => {
  const file = join(import.meta.dirname, '..', '..', '..', 'resources', 'samples', 'stories260K', 'model.safetensors');
  await answerOpenDialogs(electron, file);
  await clickMenu(electron, 'File', 'Inspect File…');
  await expect(window.getByRole('heading', { name: 'model.safetensors' })).toBeVisible();
  await look('inspect');
  await clickMenu(electron, 'Help', 'About SARA Studio');
  await expect(window.getByRole('dialog', { name: 'About SARA Studio' })).toBeVisible();
  await look('about');
  await window.keyboard.press('Escape');
  await clickMenu(electron, 'Help', 'Save Diagnostics…');
  await expect(window.getByRole('textbox', { name: 'The diagnostics file' })).toHaveValue(/Backend/);
  await look('diagnostics');
  await window.keyboard.press('Escape');
  await window.emulateMedia({ contrast: 'more' });
  await look('inspect-high-contrast');
  await window.emulateMedia({ contrast: null });
};

/** A training whose engine is killed, as a lack of memory would. */
const visitFailure: Visit = async ({ window, electron }, _places, look) => {
  await goTo(window, 'Project');
  await setUp(window, 100_000, 500);
  await startTraining(window);
  await electron.evaluate(({ app }) => {
    const engine = app.getAppMetrics().find(({ name }) => name?.includes('compute'));
    if (engine !== undefined) process.kill(engine.pid, 'SIGKILL');
  });
  await expect(window.getByRole('alert')).toContainText('ENGINE_STOPPED');
  await look('train-failed');
};

/** The whole walk; begins on the first Home of a fresh app and leaves a run, a sweep and a conversation behind. */
export async function tourOfTheRest(app: LaunchedApp, places: Places, look: Look): Promise<void> {
  await expect(app.window.getByRole('heading', { name: 'Samples' })).toBeVisible();
  mkdirSync(places.home, { recursive: true });
  const visits = [
    visitTour,
    visitEmptyViews,
    visitData,
    visitFit,
    visitRuns,
    visitQueue,
    visitSweeps,
    visitChat,
    visitInspection,
    visitFailure,
  ];
  for (const visit of visits) await visit(app, places, look);
}
