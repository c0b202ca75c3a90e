/**
 * Newer versions of the app, by electron-updater: it reads the feed, downloads, compares the file's SHA-512 (on Windows and
 * macOS the signature, too) and installs. Nothing is asked before the person says so, here or in the settings.
 */
import { app } from 'electron';
import type { AppUpdater, CancellationToken } from 'electron-updater';
import type { UpdateFault, UpdateState } from '../contract/updates.ts';
import type { LogLevel } from '../host/protocol.ts';
import type { UpdateService } from '../ipc/services.ts';
import { AppError } from '../util/appError.ts';
import { whyNoUpdates } from './updateSource.ts';

export interface UpdatesOptions {
  readonly onChange: (state: UpdateState) => void;
  readonly log: (level: LogLevel, message: string) => void;
}

export class Updates implements UpdateService {
  readonly #options: UpdatesOptions;
  #state: UpdateState;
  #updater: AppUpdater | undefined;
  #download: CancellationToken | undefined;
  /** The newer version, as the feed describes it. */
  #found: { readonly version: string; readonly bytes?: number } | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const reason = whyNoUpdates({
      platform: process.platform,
      packaged: app.isPackaged,
      resources: process.resourcesPath,
      program: process.execPath,
      environment: process.env,
    });
    this.#state = reason === undefined ? { state: 'idle' } : { state: 'off', reason };
  }

  get state(): UpdateState {
    return this.#state;
  }

  /** Asks whether there is a newer version. @throws AppError SETTINGS_INVALID where this copy cannot bring one */
  async check(): Promise<UpdateState> {
    if (this.#state.state === 'off') {
      throw new AppError('SETTINGS_INVALID', 'This copy of the app does not bring newer versions by itself.');
    }
    if (['checking', 'downloading', 'ready'].includes(this.#state.state)) return this.#state;
    this.#set({ state: 'checking' });
    try {
      const result = await (await this.#load()).checkForUpdates();
      if (result?.isUpdateAvailable !== true) return this.#set({ state: 'newest' });
      const { version, files } = result.updateInfo;
      const bytes = files.length === 1 ? files[0]?.size : undefined;
      this.#found = { version, ...(bytes === undefined ? {} : { bytes }) };
      return this.#set({ state: 'available', ...this.#found });
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Downloads the version that was found; it is installed when the app ends, and no run is then at work any more. */
  download(): UpdateState {
    const found = this.#found;
    if (found === undefined || ['checking', 'downloading', 'ready'].includes(this.#state.state)) return this.#state;
    const state = this.#set({ state: 'downloading', version: found.version, fraction: 0 });
    void this.#fetch(found.version);
    return state;
  }

  /** Ends a download. */
  cancel(): UpdateState {
    this.#download?.cancel();
    return this.#state;
  }

  async #fetch(version: string): Promise<void> {
    try {
      const updater = await this.#load();
      const { CancellationToken: Token } = await import('electron-updater');
      this.#download = new Token();
      await updater.downloadUpdate(this.#download);
      this.#set({ state: 'ready', version });
    } catch (error) {
      if (this.#download?.cancelled === true) this.#set({ state: 'available', ...(this.#found ?? { version }) });
      else this.#fail(error);
    } finally {
      this.#download = undefined;
    }
  }

  /** The library is read when it is first needed. */
  async #load(): Promise<AppUpdater> {
    if (this.#updater !== undefined) return this.#updater;
    const { autoUpdater: updater } = await import('electron-updater');
    updater.autoDownload = false;
    updater.autoInstallOnAppQuit = true;
    updater.autoRunAppAfterInstall = false;
    updater.allowDowngrade = false;
    updater.disableWebInstaller = true;
    const { log } = this.#options;
    const told = (level: LogLevel) => (message: unknown) => log(level, `Update: ${String(message)}`);
    updater.logger = { info: told('info'), warn: told('warn'), error: told('error') };
    updater.on('download-progress', ({ percent }) => {
      if (this.#state.state !== 'downloading') return;
      const fraction = Math.floor(percent) / 100;
      if (fraction !== this.#state.fraction) this.#set({ ...this.#state, fraction });
    });
    this.#updater = updater;
    return updater;
  }

  #fail(error: unknown): UpdateState {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return this.#set({ state: 'failed', fault: faultOf(error, message), message: message.slice(0, 300) });
  }

  #set(state: UpdateState): UpdateState {
    this.#state = state;
    this.#options.onChange(state);
    return state;
  }
}

function faultOf(error: unknown, message: string): UpdateFault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_CHECKSUM_MISMATCH' || code === 'ERR_UPDATER_INVALID_SIGNATURE') return 'not-genuine';
  return /net::ERR_|ECONN|ENOTFOUND|ETIMEDOUT|HttpError|status(?:Code)? \d/.test(message) ? 'unreachable' : 'other';
}
