import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workspace } from '../../../src-main/workspace/workspace.ts';

let root: string;
beforeEach(() => void (root = mkdtempSync(path.join(tmpdir(), 'sara-workspace-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function open(warnings: string[] = []): Promise<Workspace> {
  const places = {
    state: path.join(root, 'state'),
    home: path.join(root, 'home'),
    samples: path.join(root, 'samples'),
    fetchedModels: path.join(root, 'fetched'),
  };
  return Workspace.open(places, (message) => void warnings.push(message));
}
const stateFile = (name: string): string => path.join(root, 'state', name);

describe('Workspace', () => {
  it('starts with defaults and writes nothing before something changes', async () => {
    const workspace = await open();
    expect(workspace.settings).toMatchObject({ theme: 'system', threads: 0 });
    expect(workspace.project).toMatchObject({ step: 'model' });
    expect(existsSync(path.join(root, 'state'))).toBe(false);
  });

  it('brings settings, project and recent models back after a restart', async () => {
    const first = await open();
    await first.updateSettings({ theme: 'dark' });
    await first.saveProject({ version: 1, name: 'Mine', step: 'ranks', model: '/models/llama' });
    await first.rememberModel('/models/llama', 'llama', new Date(0));
    const second = await open();
    expect(second.settings.theme).toBe('dark');
    expect(second.project).toMatchObject({ name: 'Mine', step: 'ranks', model: '/models/llama' });
    expect(second.recentModels).toEqual([
      { path: '/models/llama', name: 'llama', openedAt: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  it('keeps the data files that were opened, the newest first, and lets the window name them again', async () => {
    const first = await open();
    const told: (string | undefined)[] = [];
    first.onRecent = (file) => void told.push(file);
    await first.rememberData('/d/a.csv', new Date(0));
    await first.rememberData('/d/b.jsonl', new Date(1));
    await first.rememberData('/d/a.csv', new Date(2));
    await first.rememberData(path.join(root, 'samples', 'e2e', 'train.jsonl'), new Date(3));
    const second = await open();
    expect(second.recentData.map(({ name }) => name)).toEqual(['a.csv', 'b.jsonl']);
    expect(second.grantedPaths()).toContain('/d/b.jsonl');
    expect(told).toEqual(['/d/a.csv', '/d/b.jsonl', '/d/a.csv']);
    await second.forgetRecent();
    expect((await open()).recentData).toEqual([]);
  });

  it('changes only the settings that are given', async () => {
    const workspace = await open();
    await workspace.updateSettings({ threads: 3 });
    await workspace.updateSettings({ theme: 'light', threads: undefined });
    expect(workspace.settings).toMatchObject({ theme: 'light', threads: 3 });
  });

  it.each([
    ['cut off in the middle', '{"version":1,"theme":'],
    ['of a wrong shape', '{"version":1,"theme":"purple"}'],
    ['of a newer version', '{"version":2,"theme":"dark"}'],
    ['empty', ''],
  ])('falls back to the defaults for a settings file that is %s, and keeps the file', async (_name, content) => {
    mkdirSync(path.join(root, 'state'));
    writeFileSync(stateFile('settings.json'), content);
    const warnings: string[] = [];
    const workspace = await open(warnings);
    expect(workspace.settings.theme).toBe('system');
    expect(warnings).toEqual([expect.stringContaining('settings.damaged.json')]);
    await workspace.updateSettings({ theme: 'dark' });
    expect(readFileSync(stateFile('settings.damaged.json'), 'utf8')).toBe(content);
    expect((await open()).settings.theme).toBe('dark');
  });

  it('ends with the last of many quick changes on disk', async () => {
    const workspace = await open();
    for (let threads = 0; threads <= 50; threads++) void workspace.updateSettings({ threads });
    await workspace.settled();
    expect((await open()).settings.threads).toBe(50);
  });

  it('keeps each recent model once, the latest first, and at most twelve', async () => {
    const workspace = await open();
    for (let i = 0; i < 15; i++) await workspace.rememberModel(`/m${i}`, `m${i}`, new Date(i));
    await workspace.rememberModel('/m10', 'm10', new Date(99));
    const paths = workspace.recentModels.map((model) => model.path);
    expect(paths).toHaveLength(12);
    expect(paths.slice(0, 2)).toEqual(['/m10', '/m14']);
    await workspace.forgetModel('/m14');
    expect((await open()).recentModels.map((model) => model.path)).not.toContain('/m14');
  });

  it('lets the window name again what earlier sessions were given', async () => {
    const first = await open();
    await first.rememberModel('/models/llama', 'llama', new Date(0));
    await first.saveProject({ version: 1, name: '', step: 'export', run: '/elsewhere/run', exportedTo: '/out' });
    const granted = (await open()).grantedPaths();
    expect(granted).toEqual(
      expect.arrayContaining([
        '/models/llama',
        '/elsewhere/run',
        '/out',
        path.join(root, 'home'),
        path.join(root, 'samples'),
      ]),
    );
  });
});
