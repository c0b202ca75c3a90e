import { languageOf } from '../../src-main/contract/language.ts';
import type { AppInfo } from '../../src-main/contract/routes.ts';
import type { Settings, SettingsPatch } from '../../src-main/contract/settings.schema.ts';
import type { Client } from '../bridge/client.ts';
import { setLanguage } from '../text/text.svelte.ts';

const defaults: Settings = {
  version: 1,
  theme: 'system',
  language: 'system',
  threads: 0,
  showAllSettings: false,
  lookForUpdates: false,
  contrast: 'system',
  tourSeen: true,
};

/** What is known of the app, its settings, and the theme in force. */
export class AppState {
  info = $state.raw<AppInfo>();
  settings = $state.raw<Settings>(defaults);
  #systemDark = $state(typeof matchMedia === 'function' && matchMedia('(prefers-color-scheme: dark)').matches);
  /** The system asks for high contrast: by its setting, by `prefers-contrast`, or with colours of its own. */
  #systemContrast = $state(false);
  #moreContrast = $state(false);
  #forcedColours = $state(false);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  get theme(): 'light' | 'dark' {
    if (this.settings.theme === 'light' || this.settings.theme === 'dark') return this.settings.theme;
    return this.#systemDark ? 'dark' : 'light';
  }

  get contrast(): 'normal' | 'high' {
    const asked = this.#systemContrast || this.#moreContrast || this.#forcedColours;
    return asked || this.settings.contrast === 'high' ? 'high' : 'normal';
  }

  /** Reads app and settings and follows the system's theme; gives back what ends the following. */
  async start(): Promise<() => void> {
    const stops = [
      this.#client.on('theme.changed', ({ dark, highContrast }) => {
        this.#systemDark = dark;
        this.#systemContrast = highContrast;
      }),
      this.#followMedia('(prefers-color-scheme: dark)', (matches) => (this.#systemDark = matches)),
      this.#followMedia('(prefers-contrast: more)', (matches) => (this.#moreContrast = matches)),
      this.#followMedia('(forced-colors: active)', (matches) => (this.#forcedColours = matches)),
    ];
    const [info, settings] = await Promise.all([
      this.#client.call('app.info', {}),
      this.#client.call('settings.get', {}),
    ]);
    this.info = info;
    this.#systemDark = info.dark;
    this.#systemContrast = info.highContrast;
    this.#take(settings);
    return () => stops.forEach((stop) => stop());
  }

  /** Changes settings; the window follows at once and goes back if they cannot be saved. */
  async update(patch: SettingsPatch): Promise<void> {
    const before = this.settings;
    const wanted = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    this.#take({ ...before, ...wanted });
    try {
      this.#take(await this.#client.call('settings.update', patch));
    } catch (error) {
      this.#take(before);
      throw error;
    }
  }

  #take(settings: Settings): void {
    this.settings = settings;
    setLanguage(languageOf(settings.language, navigator.language));
  }

  #followMedia(query: string, take: (matches: boolean) => void): () => void {
    if (typeof matchMedia !== 'function') return () => undefined;
    const list = matchMedia(query);
    const listen = () => take(list.matches);
    listen();
    list.addEventListener('change', listen);
    return () => list.removeEventListener('change', listen);
  }
}
