import type { DataConfig, TrainConfig } from '../../src-main/contract/requests.schema.ts';
import type { SettingsFile } from '../../src-main/contract/settingsFile.schema.ts';
import {
  settingsFileEnding,
  settingsFileName,
  settingsFileOf,
  settingsFileText,
  type LeftOut,
} from '../../src-main/contract/settingsFile.ts';
import type { Client } from '../bridge/client.ts';
import { fileName } from '../text/format.ts';
import { t } from '../text/text.svelte.ts';
import { saveFile } from '../ui/saveFile.ts';
import type { Navigation } from './navigation.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import type { TrainingState } from './run.svelte.ts';
import { settingsOf } from './trainDefaults.ts';

interface Parts {
  readonly client: Client;
  readonly project: ProjectState;
  readonly training: TrainingState;
  readonly navigation: Navigation;
  readonly notices: Notices;
}

/** Settings of a run as files: exported from the project or a run, imported into the project. */
export class SettingsFiles {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether the project has all that a file needs. */
  readonly ready = $derived.by(() => this.#config() !== undefined);

  /** Saves the project's settings; nothing while model, data or method is missing. */
  exportProject(): void {
    const config = this.#config();
    if (config !== undefined) this.exportRun(config, this.#parts.project.name);
  }

  /** Saves the settings of a run. */
  exportRun(config: TrainConfig, name: string): void {
    const text = settingsFileText(settingsFileOf(config, name));
    saveFile(new Blob([text], { type: 'application/json' }), settingsFileName(name));
  }

  /** Asks for a file and takes its settings over. @throws AppFailure saying why it cannot be taken */
  async choose(): Promise<void> {
    const chosen = await this.#parts.client.call('dialog.openSettings', {});
    if (chosen) await this.import(chosen.path);
  }

  /** Takes the settings of a file over and shows them. @throws AppFailure saying why it cannot be taken */
  async import(path: string): Promise<void> {
    const { client, project, training, navigation, notices } = this.#parts;
    const file = await client.call('settingsFile.read', { path });
    const { leftOut, undo } = project.takeSettings(file);
    training.close();
    project.goTo(stepFor(project));
    navigation.go('project');
    notices.push({
      tone: 'success',
      title: t('settingsFile.taken', { name: file.name === '' ? fileName(path) : file.name }),
      body: [madeFor(file, project), ...leftOut.map((what) => leftOutText(what, file.data))].join(' '),
      action: { label: t('settingsFile.undo'), run: undo },
    });
  }

  #config(): TrainConfig | undefined {
    const { model, data, config } = this.#parts.project;
    if (model === undefined || data === undefined || config?.method === undefined) return undefined;
    return { ...settingsOf(config), model, data };
  }
}

/** Whether a dropped file is one of settings, by its name. */
export function namesSettings(name: string): boolean {
  return name.toLowerCase().endsWith(settingsFileEnding);
}

/** Where the settings are seen, or what is missing first. */
function stepFor({ model, data }: { readonly model: string | undefined; readonly data: DataConfig | undefined }) {
  if (model === undefined) return 'model';
  return data === undefined ? 'data' : 'train';
}

/** What the settings were made for, where this project has something else or nothing yet. */
function madeFor(file: SettingsFile, { model, data }: ProjectState): string {
  const of = { model: file.model, data: file.data.file };
  if (model === undefined || data === undefined) return t('settingsFile.choose', of);
  const same = fileName(model) === of.model && fileName(data.path) === of.data;
  return same ? t('settingsFile.same') : t('settingsFile.other', of);
}

function leftOutText(what: LeftOut, { validationFile = '' }: SettingsFile['data']): string {
  if (what === 'mapping') return t('settingsFile.left.mapping');
  if (what === 'dropRows') return t('settingsFile.left.dropRows');
  return t('settingsFile.left.validation', { file: validationFile });
}
