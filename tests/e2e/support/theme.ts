import { expect } from '@playwright/test';
import type { LaunchedApp } from './app.ts';

export const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Makes the system light or dark; the window follows, as long as its settings say so. */
export async function setSystemTheme({ electron, window }: LaunchedApp, theme: Theme): Promise<void> {
  await electron.evaluate(({ nativeTheme }, source) => {
    nativeTheme.themeSource = source;
  }, theme);
  await expect(window.locator('html')).toHaveAttribute('data-theme', theme);
}
