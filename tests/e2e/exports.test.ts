/** Exports in the real window: cards, proofs, publishing, files that are dropped, models of other programs. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { hubToken, startUploadHub } from '../support/uploadHub.ts';
import { goldenPath } from '../support/goldenPath.ts';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test, type LaunchedApp } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';
import { setSystemTheme, themes } from './support/theme.ts';
import { analyse, goToStep, openStories, setNumber, startTraining, trainingEnds } from './support/wizard.ts';

const proofs = 60_000;

async function trainedRun(window: Page): Promise<void> {
  await openStories(window);
  await window.getByRole('button', { name: 'Continue to data' }).click();
  await window.getByRole('button', { name: 'Continue to ranks' }).click();
  await analyse(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 8);
  await startTraining(window);
  await trainingEnds(window);
  await goToStep(window, 'Merge & export');
  await expect(window.getByRole('radio', { name: 'GGUF file' })).toBeVisible();
}

/** Pictures in both themes and two widths; axe in both themes. */
async function look(app: LaunchedApp, name: string, findings: string[]): Promise<void> {
  for (const theme of themes) {
    await setSystemTheme(app, theme);
    findings.push(...(await seriousFindings(app.window)).map((finding) => `${name}, ${theme}: ${finding}`));
    await app.screenshot(`${name}-${theme}`);
  }
  const sizes = { wide: [1280, 800], narrow: [900, 720] } as const;
  for (const [size, [width, height]] of Object.entries(sizes)) {
    await app.electron.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h), [
      width,
      height,
    ] as const);
    await app.window.waitForTimeout(200);
    await app.screenshot(`${name}-${size}`);
  }
}

/** Whether a text stands in any file below a folder. */
function occursBelow(folder: string, text: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text),
  );
}

test('formats are exported one after the other, proven, checked again, and published', async ({ launch, places }) => {
  test.setTimeout(240_000);
  const hub = await startUploadHub();
  process.env['HF_ENDPOINT'] = hub.url;
  const app = await launch();
  const { window } = app;
  const findings: string[] = [];
  try {
    await trainedRun(window);
    await test.step('cards say what each format costs and who reads it', async () => {
      await window.getByText('GGUF file', { exact: true }).click();
      const card = window.locator('label', { has: window.getByRole('radio', { name: 'GGUF file' }) });
      await expect(card).toContainText('Read by llama.cpp');
      await expect(card).toContainText(/\d+\.\d kB/);
      await look(app, 'export-cards', findings);
    });
    await test.step('two exports in a row, the second while the first is written', async () => {
      await window.getByTestId('export').click();
      await window.getByRole('button', { name: 'Another export' }).click();
      await window.getByText('PEFT adapter', { exact: true }).click();
      await window.getByTestId('export').click();
      await expect(window.getByRole('heading', { name: 'Proven' })).toBeVisible({ timeout: proofs });
      const list = window.getByRole('region', { name: 'Exports of this run' }).getByRole('listitem');
      await expect(list).toHaveCount(2);
      await list.filter({ hasText: 'GGUF file' }).getByRole('button').click();
      await expect(window.getByText(/^llama-cli -m /)).toBeVisible();
      await expect(window.getByText('Answers end by themselves')).toBeVisible();
      await window.getByText(/\d+ tensors, as planned/).click();
      await expect(window.getByRole('option', { name: /token_embd\.weight/ })).toBeVisible();
      await look(app, 'export-proof', findings);
    });
    const folder = join(places.home, 'exports', 'stories260K-sara-GGUF');
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['README.md', 'export_report.json', 'stories260K-sara-Q8_0.gguf']),
    );
    await test.step('publishing: nothing is sent before it is asked for; then every file is there', async () => {
      expect(hub.requests).toEqual([]);
      await window.getByRole('textbox', { name: 'Access token' }).fill(hubToken);
      await window.getByRole('button', { name: 'Keep token' }).click();
      await expect(window.getByText(/^Your token is/)).toBeVisible();
      expect(hub.requests).toEqual([]);
      await look(app, 'publish', findings);
      hub.fail(/PUT /, 'cut', 2);
      await window.getByTestId('publish').click();
      await expect(window.getByText('Published privately as mara/stories260K-sara-GGUF.')).toBeVisible({
        timeout: 30_000,
      });
      const repository = hub.repositories.get('mara/stories260K-sara-GGUF');
      expect(repository?.private).toBe(true);
      for (const name of readdirSync(folder)) {
        expect(repository?.files.get(name)?.equals(readFileSync(join(folder, name))), name).toBe(true);
      }
      await app.screenshot('publish-done');
      expect(await window.content()).not.toContain(hubToken);
      expect(occursBelow(places.state, hubToken)).toBe(false);
      expect(occursBelow(places.home, hubToken)).toBe(false);
    });
    await test.step('a file that changes on the disk is told as a failure with its likely cause', async () => {
      const file = join(folder, 'stories260K-sara-Q8_0.gguf');
      const content = readFileSync(file);
      content.fill(0x11, content.length - 4_000);
      writeFileSync(file, content);
      await window.getByRole('button', { name: 'Check again' }).click();
      await expect(window.getByRole('alert')).toContainText('These files do not answer like the run', {
        timeout: proofs,
      });
      await expect(window.getByRole('alert')).toContainText('Likely cause: the files are not those that were written');
      await look(app, 'export-failed', findings);
    });
  } finally {
    delete process.env['HF_ENDPOINT'];
    await hub.close();
  }
  expect(findings).toEqual([]);
  await app.close();
  expect(existsSync(join(places.state, 'hub-token.bin'))).toBe(false);

  await test.step('earlier exports are listed after a restart', async () => {
    const second = await launch();
    await second.window.getByRole('button', { name: 'Continue', exact: true }).click();
    await goToStep(second.window, 'Merge & export');
    const list = second.window.getByRole('region', { name: 'Exports of this run' }).getByRole('listitem');
    await expect(list).toHaveCount(2);
    await list.filter({ hasText: 'PEFT adapter' }).getByRole('button').click();
    await expect(second.window.getByRole('heading', { name: 'Proven' })).toBeVisible();
    await expect(second.window.getByRole('cell', { name: 'adapter_model.safetensors' })).toBeVisible();
  });
});

/** Drops a file of the disk on the window, as the system does. */
async function drop(page: Page, path: string): Promise<void> {
  const input = await page.evaluateHandle(() => {
    const field = document.createElement('input');
    field.type = 'file';
    document.body.append(field);
    return field;
  });
  await input.asElement()?.setInputFiles(path);
  await input.evaluate((field) => {
    const file = field.files?.[0];
    if (file === undefined) return;
    const data = new DataTransfer();
    data.items.add(file);
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
    field.remove();
  });
}

test('a file of weights that is dropped shows its tensors and opens as the model', async ({ app, places }) => {
  const { window } = app;
  const findings: string[] = [];
  const file = join(places.home, 'tiny.gguf');
  cpSync(goldenPath('llama', 'base-f32.gguf'), file);
  await drop(window, file);
  await expect(window.getByRole('heading', { name: 'tiny.gguf' })).toBeVisible();
  const rows = window.getByRole('listbox', { name: 'Tensors' }).getByRole('option');
  await expect(rows.first()).toContainText('F32');
  await window.getByRole('textbox', { name: 'Search' }).fill('ffn_down');
  await expect(window.getByText('2 of 20 tensors')).toBeVisible();
  await expect(rows.first()).toContainText('64 × 176');
  await expect(window.getByText('general.architecture')).toBeVisible();
  await window.getByRole('textbox', { name: 'Search' }).fill('');
  await look(app, 'inspect', findings);
  expect(findings).toEqual([]);
  await window.getByRole('button', { name: 'Use this model' }).click();
  await expect(window.getByRole('button', { name: 'Continue to data' })).toBeEnabled();
  await expect(window.getByRole('heading', { name: 'tiny' })).toBeVisible();
});

test('the menu inspects a safetensors file; its folder is used as the model', async ({ app, places }) => {
  const { window, electron } = app;
  const folder = join(places.home, 'qwen');
  cpSync(goldenPath('qwen2', 'model'), folder, { recursive: true });
  // Commands of the menu reach a window that listens.
  await expect(window.getByRole('heading', { name: 'Samples' })).toBeVisible();
  await answerOpenDialogs(electron, join(folder, 'model.safetensors'));
  await electron.evaluate(({ Menu }) => {
    const file = Menu.getApplicationMenu()?.items.find(({ label }) => label === 'File');
    file?.submenu?.items.find(({ label }) => label === 'Inspect File…')?.click();
  });
  await expect(window.getByRole('heading', { name: 'model.safetensors' })).toBeVisible();
  await expect(window.getByText('model.embed_tokens.weight')).toBeVisible();
  await window.getByRole('button', { name: 'Use this model' }).click();
  await expect(window.getByRole('heading', { name: 'qwen', exact: true })).toBeVisible();
});

test('a model of Ollama is found under its name and opens', async ({ launch, places }) => {
  const ollama = join(places.home, 'ollama');
  const content = readFileSync(goldenPath('llama', 'base-f32.gguf'));
  const digest = createHash('sha256').update(content).digest('hex');
  mkdirSync(join(ollama, 'blobs'), { recursive: true });
  writeFileSync(join(ollama, 'blobs', `sha256-${digest}`), content);
  const manifests = join(ollama, 'manifests', 'registry.ollama.ai', 'library', 'tiny');
  mkdirSync(manifests, { recursive: true });
  const layer = { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` };
  writeFileSync(join(manifests, '1b'), JSON.stringify({ layers: [layer] }));
  process.env['OLLAMA_MODELS'] = ollama;
  try {
    const app = await launch();
    const { window } = app;
    const findings: string[] = [];
    await expect(window.getByRole('heading', { name: 'Samples' })).toBeVisible();
    await window.keyboard.press('Control+1');
    const found = window.getByRole('button', { name: /^tiny:1b/ });
    await expect(found).toContainText('llama');
    await look(app, 'found-models', findings);
    expect(findings).toEqual([]);
    await found.click();
    await expect(window.getByRole('heading', { name: 'tiny:1b' })).toBeVisible();
    await expect(window.getByText('Can be trained and merged')).toBeVisible();
  } finally {
    delete process.env['OLLAMA_MODELS'];
  }
});
