import type { JobSummary } from '../../src-main/contract/jobs.ts';
import { jobTitle } from '../../src-main/contract/jobTitle.ts';
import { languageTags, type Language } from '../../src-main/contract/language.ts';
import { en } from './en.ts';
import { provideErrorTexts } from './errorText.ts';
import { provideLocale } from './locale.ts';
import type { Entry, PluralForms } from './translation.ts';
import { zh } from './zh.ts';
import { chineseErrors } from './zh/errors.ts';

export type TextKey = keyof typeof en;
/** A complete translation: every key, with the same placeholders. */
export type Catalogue = { readonly [K in TextKey]: Entry };

type Names<S> = S extends `${string}{${infer P}}${infer Rest}` ? P | Names<Rest> : never;
type NamesOf<E> = E extends string
  ? Names<E>
  : E extends PluralForms
    ? Names<E['one']> | Names<E['other']> | 'count'
    : never;
type Values<K extends TextKey> = { readonly [P in NamesOf<(typeof en)[K]>]: string | number };
/** Keys whose text has no placeholder. */
export type PlainKey = { [K in TextKey]: [NamesOf<(typeof en)[K]>] extends [never] ? K : never }[TextKey];

/** A language being translated: keys that are missing are shown in English. */
type Translation = Partial<Catalogue>;

interface Spoken {
  readonly language: Language;
  readonly tag: string;
  readonly catalogue: Translation;
  readonly plurals: Intl.PluralRules;
  readonly numbers: Intl.NumberFormat;
}

function spoken(language: Language, catalogue: Translation): Spoken {
  const tag = languageTags[language];
  return { language, tag, catalogue, plurals: new Intl.PluralRules(tag), numbers: new Intl.NumberFormat(tag) };
}

const catalogues: Readonly<Record<Language, Spoken>> = { en: spoken('en', en), zh: spoken('zh', zh) };

let current = $state.raw<Spoken>(catalogues.en);
provideLocale(() => current.tag);
provideErrorTexts(() => (current === catalogues.zh ? chineseErrors : undefined));

/** Takes the texts and formats of a language; all that is shown follows at once. */
export function setLanguage(language: Language): void {
  current = catalogues[language];
}

/** Tag of the language that is spoken, for `lang` and `Intl`. */
export function language(): string {
  return current.tag;
}

/** What a job is called in the language of the window. */
export function nameOfJob(job: Pick<JobSummary, 'kind' | 'about'>): string {
  return jobTitle(job, current.language);
}

/** The text of a key in the language of the window. Numbers are grouped as the language does it. */
export function t<K extends TextKey>(
  key: K,
  ...values: [NamesOf<(typeof en)[K]>] extends [never] ? [] : [Values<K>]
): string {
  return fill(current, key, values[0]);
}

function fill(
  { catalogue, plurals, numbers }: Spoken,
  key: TextKey,
  values: Readonly<Record<string, string | number>> | undefined,
) {
  const entry: Entry = catalogue[key] ?? en[key];
  const pattern =
    typeof entry === 'string'
      ? entry
      : plurals.select(Number(values?.['count'] ?? 0)) === 'one'
        ? entry.one
        : entry.other;
  if (values === undefined) return pattern;
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}
