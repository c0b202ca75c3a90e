import { app } from 'electron';
import path from 'node:path';
import type { WorkspacePlaces } from '../workspace/workspace.ts';
import { cacheDirectory, homeDirectory } from '../util/paths.ts';

export interface AppPlaces {
  readonly preload: string;
  readonly engine: string;
  /** Folder of the window's page. */
  readonly renderer: string;
  readonly logs: string;
  readonly workspace: WorkspacePlaces;
}

/** The bundle of the main process is out/main/main.cjs. */
const out = path.join(__dirname, '..');
const resources = app.isPackaged ? process.resourcesPath : path.join(out, '..', 'resources');

/** Where everything is. Call after `app` has its name: `state` depends on it and on --user-data-dir. */
export function appPlaces(): AppPlaces {
  const state = app.getPath('userData');
  return {
    preload: path.join(out, 'preload', 'preload.cjs'),
    engine: path.join(out, 'engine', 'engine.cjs'),
    renderer: path.join(out, 'renderer'),
    logs: path.join(state, 'logs'),
    workspace: {
      state,
      home: homeDirectory(),
      samples: {
        resources: path.join(resources, 'samples'),
        smollm2: path.join(cacheDirectory(), 'models', 'SmolLM2-135M-Instruct'),
      },
    },
  };
}
