/** The app's own small files: settings, project, queue, recent models, window, targets, kept conversations. */
import path from 'node:path';
import { Comparisons } from '../../../src-main/workspace/comparisons.ts';
import { Workspace } from '../../../src-main/workspace/workspace.ts';
import { refusable, type Files, type Format } from '../format.ts';
import { hostileString, pick } from '../hostile.ts';
import { mutateBytes } from '../mutateBytes.ts';
import { mutateTree, textOf, treeOf, type Tree } from '../mutateJson.ts';

const config = { model: '/m', data: { path: '/d.jsonl' }, method: { name: 'sara', threshold: 0.1 }, steps: 3 };
const files: Readonly<Record<string, Tree>> = {
  'settings.json': treeOf({ version: 1, theme: 'dark', language: 'zh', threads: 2, showAllSettings: true }),
  'project.json': treeOf({
    version: 1,
    name: 'p',
    step: 'train',
    model: '/m',
    data: { path: '/d' },
    config,
    seen: ['model'],
    run: '/r',
  }),
  'recent-models.json': treeOf({ version: 1, models: [{ path: '/m', name: 'm', openedAt: '2026-01-01T00:00:00Z' }] }),
  'window.json': treeOf({ version: 1, bounds: { x: 1, y: 2, width: 800, height: 600 }, maximized: false }),
  'queue.json': treeOf({
    version: 1,
    waiting: [{ id: 'a', addedAt: 'x', request: { kind: 'train.run', input: { config } } }],
  }),
};
const comparison = treeOf({ version: 1, name: 'c', savedAt: '2026-01-01T00:00:00Z', columns: [], turns: [] });

export function settingsFormat(): Format {
  return {
    name: 'settings',
    sound: {},
    make(rng) {
      const made: Record<string, Files[string]> = {};
      for (let left = 1 + rng.integer(3); left > 0; left--) {
        const name = pick(rng, Object.keys(files));
        const text = textOf(mutateTree(rng, files[name] ?? comparison));
        made[name] = rng.next() < 0.8 ? text : mutateBytes(rng, Buffer.from(text));
      }
      if (rng.next() < 0.3)
        made[path.join('comparisons', `${fileName(hostileString(rng))}.json`)] = textOf(mutateTree(rng, comparison));
      return made;
    },
    async use(folder) {
      const places = {
        state: folder,
        home: folder,
        samples: path.join(folder, 'samples'),
        fetchedModels: path.join(folder, 'models'),
      };
      const workspace = await Workspace.open(places, () => undefined);
      workspace.grantedPaths();
      await refusable(() => workspace.updateSettings({ threads: 1 }));
      await refusable(() => workspace.rememberModel('/m2', 'm2', new Date(0)));
      await workspace.settled();
      const comparisons = new Comparisons(path.join(folder, 'comparisons'));
      for (const { id } of await comparisons.list()) await refusable(() => comparisons.open(id));
    },
  };
}

/** What can be the name of a file. */
function fileName(text: string): string {
  const name = text.replace(/[/\0]/g, '_').slice(0, 60);
  return name === '' || name === '.' || name === '..' ? 'x' : name;
}
