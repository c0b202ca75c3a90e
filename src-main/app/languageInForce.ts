import { app } from 'electron';
import { languageOf, type Language } from '../contract/language.ts';
import type { Settings } from '../contract/settings.schema.ts';

/** The language that menus and notifications speak: that of the window. */
export function languageInForce({ language }: Settings): Language {
  return languageOf(language, app.getLocale());
}
