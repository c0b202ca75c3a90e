import { app } from 'electron';
import path from 'node:path';
import type { WorkspacePlaces } from '../workspace/workspace.ts';
import { modelCacheFolder } from '../samples/sampleModels.ts';
import { homeDirectory } from '../util/paths.ts';

export interface AppPlaces {
  readonly preload: string;
  readonly engine: string;
  /** What ships beside the program: samples and licences. */
  readonly resources: string;
  /** Folder of the window's page. */
  readonly renderer: string;
  readonly logs: string;
  /** Licences of the app and of what is inside. */
  readonly licences: string;
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
    resources,
    renderer: path.join(out, 'renderer'),
    logs: path.join(state, 'logs'),
    licences: app.isPackaged ? path.join(resources, 'licences') : path.join(out, '..'),
    workspace: {
      state,
      home: homeDirectory(),
      samples: path.join(resources, 'samples'),
      fetchedModels: path.dirname(modelCacheFolder('smollm2-135m-instruct')),
    },
  };
}
