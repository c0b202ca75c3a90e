import { nativeTheme } from 'electron';
import type { Settings } from '../contract/settings.schema.ts';
import type { PageLook } from './pageServer.ts';

/** `--bg-0` of src-renderer/styles/tokens.css. */
const ground = { light: '#f6f7f9', dark: '#111316' };

export interface ThemeState {
  readonly dark: boolean;
  readonly highContrast: boolean;
}

/** What the system or the person's choice asks for now. */
export function themeState(): ThemeState {
  return { dark: nativeTheme.shouldUseDarkColors, highContrast: nativeTheme.shouldUseHighContrastColors };
}

/** `prefers-color-scheme` of the page follows. */
export function applyTheme(theme: Settings['theme']): void {
  nativeTheme.themeSource = theme;
}

export function onThemeChange(listener: (state: ThemeState) => void): void {
  nativeTheme.on('updated', () => listener(themeState()));
}

/** The page's own ground, so that a new window does not flash. */
export function backgroundColour(): string {
  return themeState().dark ? ground.dark : ground.light;
}

/** The look of a page that is loaded now. */
export function pageLook({ contrast }: Settings): PageLook {
  const { dark, highContrast } = themeState();
  return { theme: dark ? 'dark' : 'light', contrast: highContrast || contrast === 'high' ? 'high' : 'normal' };
}
