/** The languages of the app. Free of zod and of the window, since native menus and dialogs speak them too. */

/** Languages with a catalogue of texts; English is the source. */
export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** BCP 47 tag of a language: for the `lang` attribute and the `Intl` formats. */
export const languageTags: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

/**
 * The language to speak.
 *
 * @param setting the person's choice
 * @param system tag of the system's language, e.g. `zh-CN`; English is spoken for languages without a catalogue
 */
export function languageOf(setting: Language | 'system', system: string): Language {
  if (setting !== 'system') return setting;
  return languages.find((language) => system === language || system.startsWith(`${language}-`)) ?? 'en';
}
